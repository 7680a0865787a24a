"""From the domain's English sentences to message keys, so that a refusal is read in the reader's language.

A test walks the workflow's source and fails when it says something that is not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rasoat.errors import DossierRefused
from rasoat.messages import Messages

_SAYINGS: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"somebody else holds this case", "refused_held"),
        (r"the claim on this case has run out: claim it again", "refused_claim_over"),
        (r"nobody holds this case", "refused_not_held"),
        (r"child safety is escalated at once, never coded.*", "refused_cse"),
        (r"the second reading is for another person than the first", "refused_second"),
        (r"who has read this case cannot also adjudicate or approve it", "refused_reader"),
        (r"this needs the role .*", "refused_role"),
        (r"a case in state '(?P<state>\w+)' does not allow this.*", "refused_state"),
        (r"a case in state '(?P<state>\w+)' cannot be .*", "refused_state"),
        (r"there is no first reading", "refused_no_first"),
        (r"send the case back instead of leaving it open", "refused_leave_open"),
        (r"there is no harm to approve", "refused_no_harm"),
        (r"the case rests on no harm", "refused_no_harm"),
        (r"high risk to expression, or a scope warning overruled: .*", "refused_lead"),
        (r"this code is fix-first: .*", "refused_fix_first"),
        (r"a deferral lasts (?P<days>\d+) days at most", "refused_deferral"),
        (r"the case is not approved", "seal_not_approved"),
        (r"this code allows a letter, never a takedown request", "seal_letter_only"),
        (r"it is not written down yet whether the publisher was told", "seal_no_notice"),
        (r"the publisher has until (?P<day>[\d-]+) to mend it", "seal_fix_until"),
        (r"fewer than (?P<least>\d+) people work here: advice only", "seal_staff"),
        (r"nobody on the complaint desk is free of this case.*", "seal_no_desk"),
        (r"a complaint is decided by people who had no part in the case", "refused_panel"),
        (r"waiting for information lasts (?P<days>\d+) days", "refused_wait"),
        (r"only a case whose letter was sent and that allows nothing more can be closed here", "refused_close"),
    )
)


def problem_key(sentence: str) -> tuple[str, dict[str, str]]:
    """`(key, slots)`. An unknown sentence is shown as it is, under `refused_other`."""
    for pattern, key in _SAYINGS:
        if match := pattern.fullmatch(sentence):
            return key, {name: _day(value) if name == "day" else value for name, value in match.groupdict().items()}
    return "refused_other", {"text": sentence}


def _day(iso: str) -> str:
    """As it is written here: 2026-03-16 is 16/03/2026."""
    return "/".join(reversed(iso.split("-")))


def told(sentences: Iterable[str], words: Messages) -> tuple[str, ...]:
    """Sentences of the domain in the reader's language."""
    return tuple(words.t(f"ui.{key}", **slots) for key, slots in map(problem_key, sentences))


def why_refused(error: DossierRefused, words: Messages) -> tuple[str, ...]:
    """Every reason why there is no pack, in the reader's language."""
    if not error.messages:
        return told(error.reasons, words)
    return tuple(words.t(key, **_readable(slots, words)) for key, slots in error.messages)


def _readable(slots: Mapping[str, str], words: Messages) -> dict[str, str]:
    """A state, a required field and a rule of the workflow in words; ids and codes stay."""
    out = dict(slots)
    for slot, room in (("state", "state_"), ("field", "dossier_field_"), ("risk", "risk_")):
        if slot in out and words.has(key := f"ui.{room}{out[slot].replace('.', '_')}"):
            out[slot] = words.t(key)
    if "problem" in out and "field" not in out:
        out["problem"] = told([out["problem"]], words)[0]
    return out
