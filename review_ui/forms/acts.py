"""The smaller forms: adjudicate, approve, reject, tell the publisher, log what was sent and answered, object, escalate, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Final

from pydantic import ValidationError
from starlette.datastructures import FormData

from rasoat.cases import commands as c
from review_ui.forms.typed import FieldProblems, problems_of

VIETNAM: Final = timezone(timedelta(hours=7))


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _ticked(form: FormData, name: str) -> bool:
    return _text(form, name) == "yes"


def _day(form: FormData, name: str) -> datetime | None:
    """The end of that day in Viet Nam; None where nothing readable was typed."""
    try:
        day = datetime.strptime(_text(form, name), "%Y-%m-%d").date()
    except ValueError:
        return None
    return datetime.combine(day, time(23, 59), VIETNAM).astimezone(UTC)


def _approve(form: FormData) -> c.Command:
    ticks = {"bona_fide": _ticked(form, "bona_fide"), "capture_verified": _ticked(form, "capture_verified")}
    return c.Approve.model_validate(ticks | {"reason": _text(form, "reason")})


def _notice(form: FormData) -> c.Command:
    choice = _text(form, "choice")
    return c.GiveNotice.model_validate(
        {
            "choice": choice,
            "channel": _text(form, "channel"),
            "deferral": _text(form, "deferral") or None if choice == "deferred" else None,
            "deferred_until": _day(form, "deferred_until") if choice == "deferred" else None,
            "no_contact": _text(form, "no_contact") or None if choice == "not_sent" else None,
            "reason": _text(form, "reason"),
        }
    )


_READERS: Final[dict[str, Callable[[FormData], c.Command]]] = {
    "claim": lambda _form: c.Claim(),
    "release": lambda _form: c.Release(),
    "adjudicate": lambda form: c.Adjudicate(decision=None, reason=_text(form, "reason")),
    "approve": _approve,
    "reject": lambda form: c.Reject(again=_ticked(form, "again"), reason=_text(form, "reason")),
    "notice": _notice,
    "fixed": lambda form: c.Fixed(reason=_text(form, "reason")),
    "sent": lambda form: c.MarkSent(channel=_text(form, "channel"), reference=_text(form, "reference")),
    "answer": lambda form: c.RecordAnswer.model_validate({"answer": _text(form, "answer"), "reason": _text(form, "reason")}),
    "complain": lambda form: c.Complain(grounds=_text(form, "grounds")),
    "resolve": lambda form: c.ResolveComplaint.model_validate({"reversed": _text(form, "reversed"), "reason": _text(form, "reason")}),
    "escalate": lambda form: c.Escalate(reason=_text(form, "reason")),
    "close": lambda form: c.Close(reason=_text(form, "reason")),
}
FORMS: Final = tuple(_READERS)
"""Acts whose form has no decision in it (an adjudication without one sends the case back)."""


def read_act(act: str, form: FormData) -> c.Command:
    """The command that the form asks for.

    Raises:
        FieldProblems: every field that is wrong, at once.
    """
    try:
        return _READERS[act](form)
    except ValidationError as error:
        raise FieldProblems(problems_of(error)) from error
