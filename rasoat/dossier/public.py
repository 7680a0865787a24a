"""The public copy of a request that was sent: read out of its sealed pack, so that it says what the request said and nothing newer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rasoat.dossier import manifest as m
from rasoat.dossier.archive import read_archive
from rasoat.dossier.exports import lumen_notice
from rasoat.dossier.notice import Notice
from rasoat.dossier.verify import Status, verify_bytes
from rasoat.errors import UsageError


def public_copy(pack: Path, sent_on: date) -> bytes:
    """Lumen's form as JSON, for a person to upload.

    Raises:
        UsageError: the pack does not verify.
        DossierRefused: publishing it would do the harm again.
    """
    data = pack.read_bytes()
    verdict = verify_bytes(data)
    if verdict.status is not Status.OK:
        raise UsageError(f"{pack} does not verify: {verdict.status.value}; see `rasoat verify`")
    files, _ = read_archive(data)
    return lumen_notice(Notice.from_bytes(files[m.NOTICE_JSON]), sent_on).to_bytes()
