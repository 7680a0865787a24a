"""Every error that Rà Soát raises on purpose.

RasoatError
 ├─ UsageError            the caller asked for something that cannot be (exit 64)
 ├─ ConfigError           a settings, source, rule or policy file is wrong: place, message, hint (exit 65)
 │   ├─ CharterError      ... and what it asks for lies outside the charter
 │   └─ InputError        a file given for import cannot be read: nothing in it, or nothing that we understand
 ├─ WorkflowError         a case cannot do that now
 │   ├─ IllegalTransition   the state machine has no such arrow
 │   ├─ NotPermitted        this person may not, or may not in this case
 │   └─ Conflict            somebody else was faster (claim taken, row changed)
 ├─ DossierRefused        an export check failed: lists every reason
 ├─ EvidenceError         bytes are missing or differ from their hash
 ├─ RetryLater            a pipeline step may succeed when run again
 └─ Quarantine            a pipeline step never can: the item is set aside with the reason
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What an `OSError` says when space, quota or the limit of the process (`ulimit -f`) is used up: worth trying again after some was made."""


class RasoatError(Exception):
    """Base of all. `str()` of it is fit for a reviewer: one sentence, no stack trace."""

    exit_code = 70


class UsageError(RasoatError):
    """The caller asked for something that cannot be."""

    exit_code = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something is wrong. `line` and `column` count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


class ConfigError(RasoatError):
    """A file that people write is wrong. Says where, what, and how to mend it."""

    exit_code = 65

    def __init__(self, message: str, *, place: Place | None = None, hint: str = "") -> None:
        self.message, self.place, self.hint = message, place, hint
        where = f"{place}: " if place else ""
        super().__init__(f"{where}{message}" + (f" (hint: {hint})" if hint else ""))


class CharterError(ConfigError):
    """A file asks for what the charter forbids: a denied legal ground, a forbidden category, a harm outside the list."""


class InputError(ConfigError):
    """A file given for import cannot be read. `place.column` counts bytes where a byte is to blame."""


class WorkflowError(RasoatError):
    """A case cannot do that now."""


class IllegalTransition(WorkflowError):
    """The state machine has no such arrow."""


class NotPermitted(WorkflowError):
    """This person may not do that, or not in this case."""


class Conflict(WorkflowError):
    """Somebody else was faster: the claim is taken or the case has moved on."""


class DossierRefused(RasoatError):
    """The export checks failed. `reasons` holds every one of them, not only the first.

    `messages` holds the same as catalogue key and slots, for whoever shows them in another language; empty where there are none.
    """

    def __init__(self, reasons: list[str], messages: Sequence[tuple[str, Mapping[str, str]]] = ()) -> None:
        self.reasons = reasons
        self.messages = tuple(messages)
        super().__init__("the dossier cannot be built: " + "; ".join(reasons))


class EvidenceError(RasoatError):
    """Evidence bytes are missing or differ from their hash."""


class RetryLater(RasoatError):
    """A pipeline step may succeed when it is run again."""

    exit_code = 75


class Quarantine(RasoatError):
    """A pipeline step can never succeed for this input: it is set aside with the reason, and the run goes on."""
