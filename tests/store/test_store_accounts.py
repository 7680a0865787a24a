"""People: passwords that cannot be read, sessions that end, and a brake on guessing."""

from __future__ import annotations

import sqlite3

import pytest

from rasoat.cases.states import Role
from rasoat.clock import FixedClock
from rasoat.errors import UsageError
from rasoat.store import Store
from rasoat.store.accounts import MAX_PER_IP, MAX_PER_LOGIN
from rasoat.store.records import DossierRecord
from tests.store.makers import START, hire, open_case

PASSWORD = "một mật khẩu đủ dài"


def test_a_password_opens_its_account_and_no_other(store: Store, raw: sqlite3.Connection) -> None:
    account = store.accounts.add(" An ", PASSWORD, "Nguyễn Văn Ví Dụ", [Role.REVIEWER])
    assert store.accounts.check("AN", PASSWORD) == account == store.accounts.get("an")
    assert store.accounts.check("an", PASSWORD + "x") is None
    assert store.accounts.check("nobody", PASSWORD) is None
    assert account.pseudonym.startswith("p-")
    assert "an" not in account.pseudonym.split("-")
    assert PASSWORD not in str(raw.execute("SELECT * FROM accounts").fetchall())


def test_wrong_accounts_are_refused(store: Store) -> None:
    store.accounts.add("an", PASSWORD, "An", [Role.REVIEWER])
    for login, password, message in (("an", PASSWORD, "taken"), ("", PASSWORD, "characters"), ("b", "ngan", "at least")):
        with pytest.raises(UsageError, match=message):
            store.accounts.add(login, password, "X", [])
    with pytest.raises(UsageError, match="no account"):
        store.accounts.set_preferences("nobody", locale="en")


def test_a_disabled_account_is_out_at_once(store: Store) -> None:
    store.accounts.add("an", PASSWORD, "An", [Role.REVIEWER])
    token = store.accounts.sessions.create("an")
    store.accounts.disable("an")
    assert store.accounts.check("an", PASSWORD) is None
    assert store.accounts.sessions.get(token) is None
    store.accounts.disable("an", False)
    assert store.accounts.check("an", PASSWORD) is not None


def test_preferences_password_and_roles_change(store: Store) -> None:
    store.accounts.add("an", PASSWORD, "An", [Role.REVIEWER])
    store.accounts.set_preferences("an", locale="en")
    store.accounts.set_preferences("an")
    token = store.accounts.sessions.create("an")
    store.accounts.set_password("an", "mật khẩu khác hẳn")
    assert store.accounts.sessions.get(token) is None
    store.accounts.set_roles("an", [Role.AUDITOR])
    account = store.accounts.check("an", "mật khẩu khác hẳn")
    assert account is not None
    assert (account.locale, account.roles) == ("en", frozenset({Role.AUDITOR}))
    assert store.accounts.all() == (account,)


def test_sessions_end_when_idle_and_after_a_day_s_work(store: Store, clock: FixedClock, raw: sqlite3.Connection) -> None:
    store.accounts.add("an", PASSWORD, "An", [Role.REVIEWER])
    sessions = store.accounts.sessions
    token = sessions.create("an")
    assert token not in str(raw.execute("SELECT * FROM sessions").fetchall())
    for _ in range(7):
        clock.advance(minutes=100)
        found = sessions.get(token)
        assert found is not None
        assert found.account.login == "an"
    clock.advance(minutes=100)
    assert sessions.get(token) is None  # twelve hours are over
    idle, alive = sessions.create("an"), sessions.create("an")
    clock.advance(minutes=90)
    assert sessions.get(alive) is not None
    clock.advance(minutes=31)
    assert sessions.get(idle) is None
    assert sessions.expire() == 2
    sessions.delete(alive)
    assert sessions.get(alive) is None
    assert sessions.get("made up") is None


def test_guessing_is_braked_by_login_and_by_address(store: Store, clock: FixedClock, raw: sqlite3.Connection) -> None:
    accounts = store.accounts
    for _ in range(MAX_PER_LOGIN):
        assert accounts.blocked("an", "192.0.2.1") == 0
        accounts.note_failure("an", "192.0.2.1")
        clock.advance(seconds=10)
    assert 0 < accounts.blocked("An ", "192.0.2.9") <= 15 * 60
    assert accounts.blocked("binh", "192.0.2.1") == 0
    for n in range(MAX_PER_IP):
        accounts.note_failure(f"nobody-{n}", "192.0.2.1")
    assert accounts.blocked("binh", "192.0.2.1")
    assert "192.0.2.1" not in str(raw.execute("SELECT * FROM login_failures").fetchall())
    accounts.clear_failures("an")
    assert accounts.blocked("an", "192.0.2.9") == 0
    clock.advance(minutes=16)
    assert accounts.blocked("binh", "192.0.2.1") == 0


def test_staffing_counts_people_who_may_touch_cases(store: Store) -> None:
    people = hire(store)
    store.accounts.add("may", PASSWORD, "Máy", [Role.ADMIN, Role.AUDITOR])
    assert store.staffing().people == 5
    assert store.staffing().complaint_desk == {people["em"].pseudonym}
    store.accounts.disable("em")
    assert (store.staffing().people, store.staffing().complaint_desk) == (4, frozenset())


def test_runs_are_a_diary(store: Store, clock: FixedClock) -> None:
    assert store.runs.last("crawl", "bao-vi-du") is None
    first = store.runs.start("crawl", "bao-vi-du")
    clock.advance(minutes=1)
    second = store.runs.start("crawl", "bao-vi-du")
    store.runs.finish(first, "ok", {"pages": 3})
    store.runs.finish(second, "failed", {}, "nguồn cho quá ít bài")
    last = store.runs.last("crawl", "bao-vi-du")
    assert last is not None
    assert (last.id, last.state, last.problem, last.finished_at) == (second, "failed", "nguồn cho quá ít bài", clock.now())
    assert last.counts == {}
    with pytest.raises(UsageError):
        store.runs.finish("nothing", "ok", {})


def test_dossiers_are_listed_by_case(store: Store) -> None:
    case_id = open_case(store)
    record = DossierRecord("hs-1", case_id, 1, "hs-1.zip", "a" * 64, START)
    store.dossiers.add(record)
    store.dossiers.add(record)
    assert store.dossiers.of(case_id) == (record,)
    assert store.dossiers.of("other") == ()
    assert store.counts()["sealed"] == 0  # a pack was built; only a person seals
