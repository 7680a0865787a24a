"""`rasoat users`: somebody comes, changes duty, forgets a password, leaves."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from rasoat.cases.states import Role
from rasoat.errors import UsageError
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import environment

OLD, NEW = "mat-khau-thu-nghiem", "mot-mat-khau-khac-han"
Users = Callable[..., Result]


@pytest.fixture
def users(settings: Settings) -> Users:
    """`users("roles", "lan", …)`; `typed` is what the person answers."""
    names = environment(settings.home)

    def run(*arguments: str, typed: str = "") -> Result:
        answers = f"{typed}\n{typed}\n" if typed else None
        return CliRunner().invoke(app, ["users", *arguments], input=answers, env=names)

    return run


def test_a_person_comes_changes_duty_and_leaves(users: Users, settings: Settings) -> None:
    assert "added lan" in users("add", "lan", "--role", "reviewer", "--name", "Lan", typed=OLD).output
    with open_store(settings) as store:
        token = store.accounts.sessions.create("lan")
    assert users("roles", "lan", "--role", "approver", "--role", "sender").exit_code == 0
    with open_store(settings) as store:
        account = store.accounts.check("lan", OLD)
        assert account is not None
        assert account.roles == {Role.APPROVER, Role.SENDER}
        assert store.accounts.sessions.get(token) is None
        pseudonym = account.pseudonym
    done = users("password", "lan", typed=NEW)
    assert done.exit_code == 0
    assert NEW not in done.output
    users("disable", "lan")
    [told] = json.loads(users("list", "--json").stdout)
    assert told == {"login": "lan", "name": "Lan", "roles": ["approver", "sender"], "pseudonym": pseudonym, "disabled": True}
    with open_store(settings) as store:
        assert store.accounts.check("lan", NEW) is None
    users("disable", "lan", "--enable")
    with open_store(settings) as store:
        assert store.accounts.check("lan", OLD) is None
        assert store.accounts.check("lan", NEW) is not None
        assert store.audit.verify() == []


@pytest.mark.parametrize("role", ["system", "chief"])
def test_a_role_that_is_nobody_s_is_refused_in_words(users: Users, settings: Settings, role: str) -> None:
    users("add", "lan", "--role", "reviewer", typed=OLD)
    for arguments in (("add", "minh"), ("roles", "lan")):
        refused = users(*arguments, "--role", role, typed=OLD).exception
        assert isinstance(refused, UsageError)
        assert role in str(refused)
    with open_store(settings) as store:
        assert [(one.login, one.roles) for one in store.accounts.all()] == [("lan", frozenset({Role.REVIEWER}))]


def test_nobody_by_that_name(users: Users) -> None:
    for arguments in (("password", "khong-co"), ("roles", "khong-co", "--role", "auditor"), ("disable", "khong-co")):
        assert isinstance(users(*arguments, typed=NEW).exception, UsageError)
