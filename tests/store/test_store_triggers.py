"""The database repeats the state machine: what the rules forbid, raw SQL cannot do either."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from rasoat.canonical import GENESIS
from rasoat.cases import commands as c
from rasoat.cases.states import TRANSITIONS, CaseState, EventKind
from rasoat.store import Store
from tests.store.makers import hire, open_case

EVENT = (
    "INSERT INTO events (case_id, seq, at, actor, role, kind, from_state, to_state, payload, prev_hash, hash)"
    " VALUES (?, ?, 0, 'x', 'system', ?, ?, ?, '{}', ?, ?)"
)
HASH = "f" * 64


@pytest.fixture
def case_id(store: Store) -> str:
    return open_case(store)


def head(raw: sqlite3.Connection, case_id: str) -> str:
    return str(raw.execute("SELECT hash FROM events WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case_id,)).fetchone()[0])


def test_the_table_of_arrows_is_the_program_s(raw: sqlite3.Connection) -> None:
    stored = set(raw.execute("SELECT kind, from_state, to_state FROM transitions"))
    assert stored == {(kind.value, "" if before is None else before.value, after.value) for kind, before, after in TRANSITIONS}


def test_a_good_event_by_raw_sql_moves_the_case(raw: sqlite3.Connection, case_id: str) -> None:
    raw.execute(EVENT, (case_id, 2, "claimed", "triage", "review_1", head(raw, case_id), HASH))
    assert raw.execute("SELECT state FROM cases").fetchall() == [("review_1",)]


def test_no_arrow_that_the_program_does_not_have(raw: sqlite3.Connection, case_id: str) -> None:
    for kind in EventKind:
        for after in CaseState:
            if (kind, CaseState.TRIAGE, after) not in TRANSITIONS:
                with pytest.raises(sqlite3.IntegrityError, match="no such arrow"):
                    raw.execute(EVENT, (case_id, 2, kind.value, "triage", after.value, head(raw, case_id), HASH))


@pytest.mark.parametrize(
    ("seq", "before", "after", "prev", "message"),
    [
        (2, "review_1", "review_1", None, "another state"),
        (3, "triage", "review_1", None, "does not follow"),
        (1, "triage", "review_1", None, "does not follow|UNIQUE"),
        (2, "triage", "review_1", GENESIS, "chain is broken"),
        (2, "triage", "review_1", "a" * 64, "chain is broken"),
    ],
)
def test_an_event_must_continue_the_case(
    raw: sqlite3.Connection, case_id: str, seq: int, before: str, after: str, prev: str | None, message: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=message):
        raw.execute(EVENT, (case_id, seq, "claimed", before, after, prev or head(raw, case_id), HASH))


def test_an_event_hash_has_64_digits(raw: sqlite3.Connection, case_id: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="hash"):
        raw.execute(EVENT, (case_id, 2, "claimed", "triage", "review_1", head(raw, case_id), "f"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'y'",
        "UPDATE events SET payload = '{\"a\":1}'",
        "DELETE FROM events",
        pytest.param("INSERT OR REPLACE INTO events SELECT * FROM events", marks=pytest.mark.sqlite_only),
        pytest.param("TRUNCATE events", marks=pytest.mark.postgresql_only),
        pytest.param("TRUNCATE cases CASCADE", marks=pytest.mark.postgresql_only),
        pytest.param("TRUNCATE audit_log", marks=pytest.mark.postgresql_only),
        "UPDATE audit_log SET entry = '{}'",
        "UPDATE audit_log SET entry = NULL",
        "DELETE FROM audit_log",
        "UPDATE cases SET state = 'approval'",
        "UPDATE cases SET state = NULL",
        "UPDATE cases SET id = 'other'",
        "DELETE FROM cases",
        "INSERT INTO transitions VALUES ('claimed', 'triage', 'sent')",
        "UPDATE transitions SET to_state = 'sent'",
        "DELETE FROM transitions",
    ],
)
def test_history_cannot_be_rewritten(store: Store, raw: sqlite3.Connection, case_id: str, statement: str) -> None:
    store.audit.log("test", "x", "case", case_id)
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    assert store.check() == []


def test_a_case_cannot_be_born_in_a_state(raw: sqlite3.Connection, case_id: str) -> None:
    columns = [column[0] for column in raw.execute("SELECT * FROM cases").description if column[0] != "id"]
    names = ",".join(columns)
    with pytest.raises(sqlite3.IntegrityError, match="opened by its first event"):
        raw.execute(f"INSERT INTO cases (id, {names}) SELECT 'two', {names} FROM cases")


def test_one_changed_byte_is_found(store: Store, raw: sqlite3.Connection, case_id: str) -> None:
    people = hire(store)
    store.cases.apply(case_id, c.Claim(), people["an"])
    assert store.cases.verify_chain(case_id) == []
    for trigger in ("events_no_update",):
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.execute("UPDATE events SET payload = replace(payload, 'r1', 'r2') WHERE seq = 1")
    assert any("changed after it was written" in problem for problem in store.cases.verify_chain(case_id))
    assert any(case_id in problem for problem in store.check())


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE events SET at = at + 1 WHERE seq = 2",
        "UPDATE events SET actor = 'p-other' WHERE seq = 1",
        "UPDATE events SET role = 'admin' WHERE seq = 2",
        "UPDATE events SET kind = 'nonsense' WHERE seq = 2",
        "UPDATE events SET payload = '{' WHERE seq = 2",
        "UPDATE events SET hash = 'a' || substr(hash, 2) WHERE seq = 1",
        "UPDATE events SET prev_hash = 'zz' || substr(prev_hash, 3) WHERE seq = 2",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
    ],
)
def test_every_kind_of_tampering_with_events_is_found(store: Store, raw: sqlite3.Connection, case_id: str, tampering: str) -> None:
    store.cases.apply(case_id, c.Claim(), hire(store)["an"])
    raw.execute("DROP TRIGGER events_no_update")
    raw.execute("DROP TRIGGER events_no_delete")
    changed = raw.execute(tampering).rowcount
    assert changed == 1
    assert store.cases.verify_chain(case_id)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_log SET entry = replace(entry, 'p-1', 'p-2') WHERE seq = 2",
        "UPDATE audit_log SET at = at + 1 WHERE seq = 1",
        "UPDATE audit_log SET action = 'other' WHERE seq = 3",
        "UPDATE audit_log SET entry = 'no json' WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 2",
    ],
)
def test_tampering_with_the_audit_log_is_found(store: Store, raw: sqlite3.Connection, tampering: str) -> None:
    for n in range(3):
        store.audit.log("login.failed", "p-1", "account", str(n), tries=n)
    assert store.audit.verify() == []
    raw.execute("DROP TRIGGER audit_no_update")
    raw.execute("DROP TRIGGER audit_no_delete")
    raw.execute(tampering)
    assert store.audit.verify()


def test_the_head_of_the_audit_log_moves_with_every_entry(store: Store) -> None:
    assert store.audit.head() == GENESIS
    first = store.audit.log("config.changed", "p-1", "policy", "x")
    assert store.audit.head() == first


def test_no_words_of_people_or_items_are_in_events_or_log(store: Store, raw: sqlite3.Connection, case_id: str, tmp_path: Path) -> None:
    people = hire(store)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Release(), people["an"])
    store.cases.apply(case_id, c.Escalate(reason="nghi ngờ trẻ em"), people["an"])
    everything = str(raw.execute("SELECT * FROM events").fetchall()) + str(raw.execute("SELECT * FROM audit_log").fetchall())
    for word in ("OTP", "Tặng", "trẻ em", "vi-du.example", "An"):
        assert word not in everything
