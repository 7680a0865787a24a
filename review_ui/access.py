"""Who may reach which route: one table, closed by default. A route that is not in it answers 403 to everybody.

Separation of duties within a case is not decided here: `rasoat.cases.workflow` does that. This is the outer door.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from rasoat.cases.states import Role

R = Role


class Gate(Enum):
    """Doors that need no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    MACHINE = "the token of RASOAT_METRICS_TOKEN_FILE, or this machine where none is set"


READERS: Final = frozenset({R.REVIEWER, R.APPROVER, R.SENDER, R.POLICY_LEAD, R.COMPLAINT_PANEL, R.AUDITOR})
"""Roles that may see cases at large. The safety officer sees single cases only; admin and operator see no text (WORKFLOW §3)."""
LOOKERS: Final = READERS | {R.DATA_PROTECTION}
"""Who may search. The data-protection officer answers who asks what is kept of them: texts, and nobody's verdict (WORKFLOW §3, §7)."""
CASE: Final = LOOKERS | {R.SAFETY_OFFICER}
NOTICE: Final = frozenset({R.APPROVER, R.SENDER, R.POLICY_LEAD})
TAKERS: Final = frozenset({R.REVIEWER, R.POLICY_LEAD, R.APPROVER})
NEXT: Final = TAKERS | {R.COMPLAINT_PANEL}
"""For whom something may be waiting; complaints are claimed by nobody."""
WRITERS: Final = CASE - {R.AUDITOR, R.DATA_PROTECTION}
RUNNERS: Final = frozenset({R.OPERATOR, R.ADMIN})
"""Who sees how the machines are doing: numbers and names of sources, no text."""
PACK: Final = frozenset({R.APPROVER, R.SENDER, R.POLICY_LEAD, R.COMPLAINT_PANEL, R.AUDITOR})

Access = Gate | frozenset[Role]

PAGES: Final[dict[str, Access]] = {
    "/": Gate.SIGNED_IN,
    "/queue": READERS,
    "/cases/{case_id}": CASE,
    "/cases/{case_id}/history": CASE,
    "/cases/{case_id}/captures": CASE,
    "/cases/{case_id}/claim": CASE,
    "/search": LOOKERS,
    "/policy": Gate.SIGNED_IN,
    "/policy/{code}": Gate.SIGNED_IN,
    "/account": Gate.SIGNED_IN,
    "/status": RUNNERS,
    "/about": Gate.PUBLIC,
    "/login": Gate.PUBLIC,
    "/session": Gate.SIGNED_IN,
}
"""GET pages; those with a `.json` twin share the rule."""

FILES: Final[dict[str, Access]] = {
    "/healthz": Gate.PUBLIC,
    "/metrics": Gate.MACHINE,
    "/openapi.json": Gate.SIGNED_IN,
    "/dossiers/{dossier_id}": PACK,
}

ACTS: Final[dict[str, Access]] = {
    "/login": Gate.PUBLIC,
    "/logout": Gate.SIGNED_IN,
    "/account": Gate.SIGNED_IN,
    "/look": Gate.PUBLIC,
    "/sources/{name}/run": frozenset({R.OPERATOR}),
    "/queue/next": NEXT,
    "/cases/{case_id}/claim": TAKERS,
    "/cases/{case_id}/release": TAKERS,
    "/cases/{case_id}/decide": frozenset({R.REVIEWER}),
    "/cases/{case_id}/adjudicate": frozenset({R.POLICY_LEAD}),
    "/cases/{case_id}/approve": frozenset({R.APPROVER}),
    "/cases/{case_id}/reject": frozenset({R.APPROVER}),
    "/cases/{case_id}/notice": NOTICE,
    "/cases/{case_id}/fixed": NOTICE,
    "/cases/{case_id}/seal": NOTICE,
    "/cases/{case_id}/sent": frozenset({R.SENDER}),
    "/cases/{case_id}/answer": frozenset({R.SENDER}),
    "/cases/{case_id}/close": NOTICE | {R.REVIEWER},
    "/cases/{case_id}/complain": frozenset({R.COMPLAINT_PANEL}),
    "/cases/{case_id}/resolve": frozenset({R.COMPLAINT_PANEL}),
    "/cases/{case_id}/escalate": frozenset({R.REVIEWER, R.APPROVER, R.POLICY_LEAD, R.SAFETY_OFFICER}),
    "/cases/{case_id}/commands": WRITERS,
}
"""POST routes. Each needs the form token besides."""


def access_of(method: str, path: str) -> Access | None:
    """The rule for a route's path template; None where nobody wrote one, which means no."""
    if method in ("GET", "HEAD"):
        return PAGES.get(path.removesuffix(".json")) or FILES.get(path)
    return ACTS.get(path)


def may(access: Access | None, roles: frozenset[Role] | None) -> bool:
    """`roles` is None for somebody who has not logged in. What is for machines asks for no role, see `review_ui.visit`."""
    if access is None or access is Gate.MACHINE:
        return False
    if access is Gate.PUBLIC:
        return True
    if roles is None:
        return False
    return access is Gate.SIGNED_IN or bool(roles & access if isinstance(access, frozenset) else False)
