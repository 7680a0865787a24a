"""What can go wrong between a person and a page, as exceptions with an HTTP status and a message key. No stack trace leaves the house."""

from __future__ import annotations

from typing import ClassVar

from rasoat.errors import RasoatError


class PageError(RasoatError):
    """Base: `status` and `key` choose the page (`ui.error_<key>_title`, `ui.error_<key>_text`)."""

    status: ClassVar[int] = 400
    key: ClassVar[str] = "bad"


class LogInFirst(PageError):
    """The route needs a person."""

    status = 401
    key = "login"


class RoleMissing(PageError):
    """The person lacks the role, or may not see this case."""

    status = 403
    key = "role"


class MachineOnly(PageError):
    """The route is for a machine with the token, or on this machine."""

    status = 403
    key = "machine"


class FormExpired(PageError):
    """The form's token is missing or belongs to another session."""

    status = 403
    key = "form"


class NotThere(PageError):
    """No such case, code or pack; also what a person may not even know of."""

    status = 404
    key = "missing"


class TooMany(PageError):
    """Too many failed log-ins. `retry_after` in seconds."""

    status = 429
    key = "many"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many failed log-ins: try again in {retry_after} s")


class BadInput(PageError):
    """A field of an act or of a query is wrong. `problem` is a message key of the `ui` room."""

    status = 422
    key = "input"

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)
