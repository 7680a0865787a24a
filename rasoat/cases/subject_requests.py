"""Requests of the people whose posts are kept: what they may ask for, how it may be answered, and which ground is true of which case.

Pure: no store, no clock. Who asks, and what they write, is known to the office's own file and to nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from rasoat.cases.states import CLOSED_STATES, TRANSITIONS, CaseState, EventKind
from rasoat.errors import IllegalTransition, NotPermitted, UsageError

ANSWER_DAYS: Final = 30
"""WORKFLOW §7: counted from the day after the letter came, so that the thirtieth day is the last one."""
_VIETNAM: Final = timezone(timedelta(hours=7))


class RequestKind(StrEnum):
    """What somebody asks for."""

    ACCESS = "access"  # what is kept of my post
    ERASURE = "erasure"  # remove it
    RECTIFICATION = "rectification"  # what is kept is wrong


class RequestOutcome(StrEnum):
    """How it was answered."""

    GRANTED = "granted"
    REFUSED = "refused"


class RefusalGround(StrEnum):
    """Why a request is refused: a closed list."""

    LEGAL_HOLD = "legal_hold"  # a written order keeps the case
    COMPLAINT_WINDOW = "complaint_window"  # it may still be complained about, and the panel would have nothing to read
    OPEN_CASE = "open_case"  # people are still deciding it
    NOTHING_KEPT = "nothing_kept"
    NOT_THEIRS = "not_theirs"  # whoever asks has not shown that the post is theirs
    AS_PUBLISHED = "as_published"  # what is kept is what was public: evidence is never rewritten


_G, _K = RefusalGround, RequestKind
GROUNDS: Final = {
    _K.ACCESS: frozenset({_G.NOTHING_KEPT, _G.NOT_THEIRS}),
    _K.ERASURE: frozenset({_G.LEGAL_HOLD, _G.COMPLAINT_WINDOW, _G.OPEN_CASE, _G.NOTHING_KEPT, _G.NOT_THEIRS}),
    _K.RECTIFICATION: frozenset({_G.AS_PUBLISHED, _G.NOTHING_KEPT, _G.NOT_THEIRS}),
}
"""Which grounds a kind of request may be refused on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of the case that a request is about. `state` is None where no case was found."""

    state: CaseState | None
    words: bool  # whether anything of the post is left
    held: bool  # by a legal hold

    @property
    def closed(self) -> bool:
        """Whether people have ended the case."""
        return self.state in CLOSED_STATES

    @property
    def contestable(self) -> bool:
        """Whether somebody may still complain about how it ended."""
        return self.closed and (EventKind.COMPLAINED, self.state, CaseState.COMPLAINT) in TRANSITIONS


def day_of(moment: datetime) -> date:
    """The day in Viet Nam, by which letters are dated."""
    return moment.astimezone(_VIETNAM).date()


def due_on(received_on: date) -> date:
    """The last day for the answer."""
    return received_on + timedelta(days=ANSWER_DAYS)


def is_true(ground: RefusalGround, kept: Kept) -> bool:
    """Whether the store bears the ground out. What only the office can know is taken as said."""
    match ground:
        case RefusalGround.LEGAL_HOLD:
            return kept.held and kept.words
        case RefusalGround.COMPLAINT_WINDOW:
            return kept.contestable and kept.words
        case RefusalGround.OPEN_CASE:
            return kept.words and not kept.closed
        case RefusalGround.NOTHING_KEPT:
            return not kept.words
        case RefusalGround.AS_PUBLISHED:
            return kept.words
        case _:
            return True


def check_answer(kind: RequestKind, outcome: RequestOutcome, ground: RefusalGround | None, kept: Kept, *, waived: bool = False) -> None:
    """Whether a request may be answered so. `waived`: whoever asks for erasure knows that nobody can complain afterwards.

    Raises:
        UsageError: a refusal without a ground, or on one that is not of its kind or not true; a grant with a ground, or of nothing.
        IllegalTransition: an erasure while people are still deciding.
        NotPermitted: an erasure under a legal hold, or while somebody may complain and that was not waived.
    """
    if outcome is RequestOutcome.REFUSED:
        _check_refusal(kind, ground, kept)
        return
    if ground is not None:
        raise UsageError("a ground is for a refusal")
    if not kept.words:
        raise UsageError(f"nothing is kept: the answer is 'refused' on the ground '{_G.NOTHING_KEPT}'")
    if kind is RequestKind.ERASURE:
        _check_erasure(kept, waived)


def _check_refusal(kind: RequestKind, ground: RefusalGround | None, kept: Kept) -> None:
    if ground not in GROUNDS[kind]:
        raise UsageError(f"a request for {kind} is refused on one of these grounds: {', '.join(sorted(GROUNDS[kind]))}")
    if not is_true(ground, kept):
        state = "there is no case" if kept.state is None else f"the case is in state '{kept.state}', {_spelled(kept)}"
        raise UsageError(f"the ground '{ground}' does not hold: {state}")


def _spelled(kept: Kept) -> str:
    return f"{'under' if kept.held else 'not under'} a legal hold, and {'words' if kept.words else 'no words'} of it are kept"


def _check_erasure(kept: Kept, waived: bool) -> None:
    if kept.held:
        raise NotPermitted("the case is under a legal hold: nothing of it is erased before that ends")
    if not kept.closed:
        raise IllegalTransition(f"the case is open (state '{kept.state}'): people decide and close it first, then it can be erased")
    if kept.contestable and not waived:
        raise NotPermitted("somebody may still complain about this case, and then nothing would be left to read: refuse, or have it waived")
