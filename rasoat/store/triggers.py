"""The state machine once more, as triggers: what `rasoat.cases.workflow` forbids, raw SQL cannot do either.

Each guard is one condition, written once in words that SQLite and PostgreSQL share, and one sentence that it answers with.
"""

# ruff: noqa: S608  (names and numbers of ours; nothing from outside comes near)

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rasoat.canonical import GENESIS
from rasoat.cases.states import TRANSITIONS

PRUNE_AFTER_MICROS: Final = 730 * 24 * 3600 * 1_000_000
"""Audit entries younger than 24 months cannot be pruned (docs/retention.md)."""

_LAST_EVENT: Final = "(SELECT {column} FROM events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1)"
_LAST_AUDIT: Final = "(SELECT {column} FROM audit_log ORDER BY seq DESC LIMIT 1)"
_ALWAYS: Final = "1 = 1"


@dataclass(frozen=True, slots=True)
class Guard:
    """Before `verb` on `table` (an UPDATE of `columns` only, where given): refused with `message` when `condition` holds."""

    name: str
    verb: str
    table: str
    condition: str
    message: str
    columns: str = ""


_PRUNED: Final = (
    "NEW.entry IS NULL AND NEW.seq IS NOT DISTINCT FROM OLD.seq AND NEW.at IS NOT DISTINCT FROM OLD.at"
    " AND NEW.action IS NOT DISTINCT FROM OLD.action AND NEW.prev_hash IS NOT DISTINCT FROM OLD.prev_hash"
    " AND NEW.hash IS NOT DISTINCT FROM OLD.hash"
    " AND EXISTS (SELECT 1 FROM audit_log WHERE action = 'log.pruned' AND at >= OLD.at + " + str(PRUNE_AFTER_MICROS) + ")"
)
_EVENTS: Final = (
    Guard(
        "events_transition",
        "INSERT",
        "events",
        "NOT EXISTS (SELECT 1 FROM transitions WHERE kind = NEW.kind AND from_state = coalesce(NEW.from_state, '')"
        " AND to_state = NEW.to_state)",
        "events: the state machine has no such arrow",
    ),
    Guard(
        "events_from_state",
        "INSERT",
        "events",
        "NEW.from_state IS DISTINCT FROM (SELECT state FROM cases WHERE id = NEW.case_id)",
        "events: the case is in another state",
    ),
    Guard(
        "events_seq",
        "INSERT",
        "events",
        f"NEW.seq IS DISTINCT FROM coalesce({_LAST_EVENT.format(column='seq')}, 0) + 1",
        "events: the number does not follow",
    ),
    Guard(
        "events_prev_hash",
        "INSERT",
        "events",
        f"NEW.prev_hash IS DISTINCT FROM coalesce({_LAST_EVENT.format(column='hash')}, '{GENESIS}')",
        "events: the chain is broken",
    ),
    Guard("events_no_update", "UPDATE", "events", _ALWAYS, "events are append-only"),
    Guard("events_no_delete", "DELETE", "events", _ALWAYS, "events are append-only"),
)
_CASES: Final = (
    Guard("cases_insert", "INSERT", "cases", "NEW.state IS NOT NULL", "cases: a case is opened by its first event"),
    Guard(
        "cases_state",
        "UPDATE",
        "cases",
        "NEW.id IS DISTINCT FROM OLD.id"
        " OR NEW.state IS DISTINCT FROM (SELECT to_state FROM events WHERE case_id = NEW.id ORDER BY seq DESC LIMIT 1)",
        "cases: only an event moves a case",
        columns="id, state",
    ),
    Guard("cases_no_delete", "DELETE", "cases", _ALWAYS, "cases: the skeleton of a case stays"),
)
_AUDIT: Final = (
    Guard(
        "audit_seq",
        "INSERT",
        "audit_log",
        f"NEW.seq IS DISTINCT FROM coalesce({_LAST_AUDIT.format(column='seq')}, 0) + 1 OR NEW.entry IS NULL",
        "audit_log: the number does not follow",
    ),
    Guard(
        "audit_prev_hash",
        "INSERT",
        "audit_log",
        f"NEW.prev_hash IS DISTINCT FROM coalesce({_LAST_AUDIT.format(column='hash')}, '{GENESIS}')",
        "audit_log: the chain is broken",
    ),
    # Pruning is the one change allowed: the words go, number, time and hashes stay, and a later entry of the log itself must say so.
    Guard("audit_no_update", "UPDATE", "audit_log", f"NOT ({_PRUNED})", "audit_log is append-only"),
    Guard("audit_no_delete", "DELETE", "audit_log", _ALWAYS, "audit_log is append-only"),
)
_TRANSITIONS: Final = tuple(
    Guard(f"transitions_no_{verb.lower()}", verb, "transitions", _ALWAYS, "transitions are changed by a migration only")
    for verb in ("INSERT", "UPDATE", "DELETE")
)
_MOVE: Final = "UPDATE cases SET state = NEW.to_state WHERE id = NEW.case_id"


def transition_rows() -> list[dict[str, str]]:
    """The arrows as rows of the `transitions` table."""
    return sorted(
        ({"kind": kind, "from_state": before or "", "to_state": after} for kind, before, after in TRANSITIONS),
        key=lambda row: tuple(row.values()),
    )


def create_statements(dialect: str) -> tuple[str, ...]:
    """DDL of all triggers; the transitions are written before and locked by the last of them."""
    write, move = (_sqlite, _SQLITE_MOVE) if dialect == "sqlite" else (_postgresql, _POSTGRESQL_MOVE)
    guards = [statement for guard in (*_EVENTS, *_CASES, *_AUDIT, *_TRANSITIONS) for statement in write(guard)]
    return (*guards, *move)


_SQLITE_MOVE: Final = (f"CREATE TRIGGER events_move AFTER INSERT ON events FOR EACH ROW BEGIN {_MOVE}; END",)
_POSTGRESQL_MOVE: Final = (
    f"CREATE FUNCTION rasoat_events_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_MOVE}; RETURN NULL; END $$",
    "CREATE TRIGGER events_move AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION rasoat_events_move()",
)


def _sqlite(guard: Guard) -> tuple[str, ...]:
    of = f" OF {guard.columns}" if guard.columns else ""
    # SQLite before 3.39 has no IS DISTINCT FROM; its IS means the same
    when = guard.condition.replace("IS NOT DISTINCT FROM", "IS").replace("IS DISTINCT FROM", "IS NOT")
    refuse = f"SELECT RAISE(ABORT, '{guard.message}')"
    return (f"CREATE TRIGGER {guard.name} BEFORE {guard.verb}{of} ON {guard.table} FOR EACH ROW WHEN {when} BEGIN {refuse}; END",)


def _postgresql(guard: Guard) -> tuple[str, ...]:
    """A trigger's WHEN may not look into tables there: the condition stands in the function."""
    of = f" OF {guard.columns}" if guard.columns else ""
    row = "OLD" if guard.verb == "DELETE" else "NEW"
    body = f"IF {guard.condition} THEN RAISE EXCEPTION '{guard.message}'; END IF; RETURN {row};"
    name = f"rasoat_{guard.name}"
    statements = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.verb}{of} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    if guard.verb == "DELETE":  # TRUNCATE fires no row trigger
        truncate = f"CREATE FUNCTION {name}_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{guard.message}'; END $$"
        fire = f"CREATE TRIGGER {guard.name}_all BEFORE TRUNCATE ON {guard.table} FOR EACH STATEMENT EXECUTE FUNCTION {name}_all()"
        statements += [truncate, fire]
    return tuple(statements)
