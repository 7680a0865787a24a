"""The state machine once more, as SQLite triggers: what `rasoat.cases.workflow` forbids, raw SQL cannot do either.

PostgreSQL needs the same sentences in its own dialect; nothing else in this room is tied to SQLite but the search index.
"""

# ruff: noqa: S608  (names and numbers of ours; nothing from outside comes near)

from __future__ import annotations

from typing import Final

from rasoat.canonical import GENESIS
from rasoat.cases.states import TRANSITIONS

PRUNE_AFTER_MICROS: Final = 730 * 24 * 3600 * 1_000_000
"""Audit entries younger than 24 months cannot be pruned (docs/retention.md)."""

_LAST_EVENT: Final = "(SELECT {column} FROM events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1)"
_LAST_AUDIT: Final = "(SELECT {column} FROM audit_log ORDER BY seq DESC LIMIT 1)"


def _refuse(name: str, moment: str, when: str, message: str) -> str:
    guard = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} {moment} FOR EACH ROW{guard} BEGIN SELECT RAISE(ABORT, '{message}'); END"


_PRUNED: Final = (
    "NEW.entry IS NULL AND NEW.seq IS OLD.seq AND NEW.at IS OLD.at AND NEW.action IS OLD.action"
    " AND NEW.prev_hash IS OLD.prev_hash AND NEW.hash IS OLD.hash"
    " AND EXISTS (SELECT 1 FROM audit_log WHERE action = 'log.pruned' AND at >= OLD.at + " + str(PRUNE_AFTER_MICROS) + ")"
)
_CHAIN: Final = (
    _refuse(
        "events_transition",
        "BEFORE INSERT ON events",
        "NOT EXISTS (SELECT 1 FROM transitions WHERE kind = NEW.kind AND from_state = coalesce(NEW.from_state, '')"
        " AND to_state = NEW.to_state)",
        "events: the state machine has no such arrow",
    ),
    _refuse(
        "events_from_state",
        "BEFORE INSERT ON events",
        "NEW.from_state IS NOT (SELECT state FROM cases WHERE id = NEW.case_id)",
        "events: the case is in another state",
    ),
    _refuse(
        "events_seq",
        "BEFORE INSERT ON events",
        f"NEW.seq IS NOT coalesce({_LAST_EVENT.format(column='seq')}, 0) + 1",
        "events: the number does not follow",
    ),
    _refuse(
        "events_prev_hash",
        "BEFORE INSERT ON events",
        f"NEW.prev_hash IS NOT coalesce({_LAST_EVENT.format(column='hash')}, '{GENESIS}')",
        "events: the chain is broken",
    ),
    "CREATE TRIGGER events_move AFTER INSERT ON events FOR EACH ROW"
    " BEGIN UPDATE cases SET state = NEW.to_state WHERE id = NEW.case_id; END",
    _refuse("events_no_update", "BEFORE UPDATE ON events", "", "events are append-only"),
    _refuse("events_no_delete", "BEFORE DELETE ON events", "", "events are append-only"),
)
_CASES: Final = (
    _refuse("cases_insert", "BEFORE INSERT ON cases", "NEW.state IS NOT NULL", "cases: a case is opened by its first event"),
    _refuse(
        "cases_state",
        "BEFORE UPDATE OF id, state ON cases",
        "NEW.id IS NOT OLD.id OR NEW.state IS NOT (SELECT to_state FROM events WHERE case_id = NEW.id ORDER BY seq DESC LIMIT 1)",
        "cases: only an event moves a case",
    ),
    _refuse("cases_no_delete", "BEFORE DELETE ON cases", "", "cases: the skeleton of a case stays"),
)
_TRANSITIONS: Final = tuple(
    _refuse(f"transitions_no_{verb.lower()}", f"BEFORE {verb} ON transitions", "", "transitions are changed by a migration only")
    for verb in ("INSERT", "UPDATE", "DELETE")
)
_AUDIT: Final = (
    _refuse(
        "audit_seq",
        "BEFORE INSERT ON audit_log",
        f"NEW.seq IS NOT coalesce({_LAST_AUDIT.format(column='seq')}, 0) + 1 OR NEW.entry IS NULL",
        "audit_log: the number does not follow",
    ),
    _refuse(
        "audit_prev_hash",
        "BEFORE INSERT ON audit_log",
        f"NEW.prev_hash IS NOT coalesce({_LAST_AUDIT.format(column='hash')}, '{GENESIS}')",
        "audit_log: the chain is broken",
    ),
    # Pruning is the one change allowed: the words go, number, time and hashes stay, and a later entry of the log itself must say so.
    _refuse("audit_no_update", "BEFORE UPDATE ON audit_log", f"NOT ({_PRUNED})", "audit_log is append-only"),
    _refuse("audit_no_delete", "BEFORE DELETE ON audit_log", "", "audit_log is append-only"),
)


def transition_rows() -> list[dict[str, str]]:
    """The arrows as rows of the `transitions` table."""
    return sorted(
        ({"kind": kind, "from_state": before or "", "to_state": after} for kind, before, after in TRANSITIONS),
        key=lambda row: tuple(row.values()),
    )


def create_statements() -> tuple[str, ...]:
    """DDL of all triggers; the transitions are written before and locked by the last of them."""
    return (*_CHAIN, *_CASES, *_AUDIT, *_TRANSITIONS)
