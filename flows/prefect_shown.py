"""What a run shows on Prefect's page: a table of counts and, where cases were opened, links to them on the review site.

Prefect is no place for what we keep: counts, states and ids of cases go there, never a title, a text, an address or a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.runtime import Runtime
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import SYSTEM, seal_problems
from rasoat.settings import Settings
from rasoat.store.records import QueueQuery

LINKS: Final = 50
"""Cases that one run links to; who wants more looks at the queue, which is linked below them."""
LOOKED_THROUGH: Final = 1000


def counts(key: str, numbers: Mapping[str, Any]) -> None:
    """One table; the key is the stage's, so that the page shows its history."""
    get_run_logger().info("%s: %s", key, dict(numbers))
    create_table_artifact(key=key, table=[{"what": name, "how many": number} for name, number in numbers.items()])


def site_address(settings: Settings) -> str:
    """Where people reach the review site, without a slash at the end."""
    return (settings.site_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def links(settings: Settings, case_ids: list[str], more: int) -> str:
    """The markdown of a list of cases."""
    site = site_address(settings)
    lines = [f"- [{case_id}]({site}/cases/{case_id})" for case_id in case_ids]
    return "\n".join([*lines, "", f"{more} more in [the queue]({site}/queue)" if more else f"[The queue]({site}/queue)"])


def opened_cases(rt: Runtime, since: datetime, opened: int) -> None:
    """Links to the cases that were opened since then, those that matter most first."""
    if not opened:
        return
    query = QueueQuery(states=(CaseState.TRIAGE,), readable_only=False, limit=LOOKED_THROUGH)
    new = [row.case_id for row in rt.store.cases.queue(query, SYSTEM).rows if row.opened_at >= since]
    shown = new[:LINKS]
    create_markdown_artifact(key="cases", markdown=links(rt.settings, shown, max(0, opened - len(shown))))


def sealable(rt: Runtime) -> list[str]:
    """Cases that a person could seal now, those that matter most first."""
    query = QueueQuery(states=(CaseState.PUBLISHER_NOTICE,), readable_only=False, limit=LOOKED_THROUGH)
    now, staffing = rt.clock.now(), rt.store.staffing()
    waiting = [row.case_id for row in rt.store.cases.queue(query, SYSTEM).rows]
    return [case_id for case_id in waiting if not seal_problems(rt.store.cases.facts(case_id), now, staffing)]


def cases_to_seal(rt: Runtime) -> None:
    """Links to the cases whose pack is built and waits for a person."""
    found = sealable(rt)
    if found:
        create_markdown_artifact(key="to-seal", markdown=links(rt.settings, found[:LINKS], max(0, len(found) - LINKS)))
