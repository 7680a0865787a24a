"""Dossiers: what two people agreed on, as one pack that platform, publisher and auditor can each check.

Builds files and verifies them. Knows neither the web nor the network, and sends nothing.
"""

from rasoat.dossier.drafting import Words
from rasoat.dossier.letter import Letter, compose_letter
from rasoat.dossier.notice import Notice
from rasoat.dossier.pack import make_pack
from rasoat.dossier.public import public_copy
from rasoat.dossier.refusals import Refusal, refusals
from rasoat.dossier.request import Channel, Request
from rasoat.dossier.signing import PublicKey, Signer
from rasoat.dossier.verify import Problem, Status, Verdict, verify_bytes, verify_pack

__all__ = [
    "Channel",
    "Letter",
    "Notice",
    "Problem",
    "PublicKey",
    "Refusal",
    "Request",
    "Signer",
    "Status",
    "Verdict",
    "Words",
    "compose_letter",
    "make_pack",
    "public_copy",
    "refusals",
    "verify_bytes",
    "verify_pack",
]
