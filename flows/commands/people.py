"""`users`: who works here, in which roles. What an operator needs when somebody comes, changes duty, forgets a password or leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands._shared import console, print_json, runtime, table

if TYPE_CHECKING:
    from flows.runtime import Runtime
    from rasoat.cases.states import Role
    from rasoat.store.records import Account

users = typer.Typer(no_args_is_help=True, help="Who works here, and in which roles.")
ROLES = "reviewer, approver, sender, policy_lead, complaint_panel, safety_officer, data_protection, operator, auditor, admin"
Login = Annotated[str, typer.Argument(help="Of the person.")]


@users.command(name="list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False) -> None:
    """List the accounts with their roles; passwords are nowhere."""
    with runtime() as rt:
        found = rt.store.accounts.all()
    if as_json:
        print_json([_facts(account) for account in found])
        return
    rows: list[list[object]] = [
        [one.login, one.display_name, ", ".join(sorted(one.roles)), one.pseudonym, "locked out" if one.disabled else ""] for one in found
    ]
    console.print(table("", ["login", "name", "roles", "in exports", ""], rows))


def _facts(account: Account) -> dict[str, object]:
    roles = sorted(role.value for role in account.roles)
    return {
        "login": account.login,
        "name": account.display_name,
        "roles": roles,
        "pseudonym": account.pseudonym,
        "disabled": account.disabled,
    }


@users.command(name="add")
def add_account(
    login: Annotated[str, typer.Argument()],
    role: Annotated[list[str], typer.Option(help=ROLES)],
    name: Annotated[str, typer.Option(help="Shown in the site only; exports show a pseudonym.")] = "",
    locale: Annotated[str, typer.Option(help="vi or en")] = "vi",
) -> None:
    """Add a person; asks for the password."""
    roles = _roles(role)
    password = _new_password()
    with runtime() as rt:
        account = rt.store.accounts.add(login, password, name or login, roles, locale)
        _note(rt, "account.added", account)
    console.print(f"added {account.login}, in exports: {account.pseudonym}")


@users.command()
def password(login: Login) -> None:
    """Give a person a new password; asks for it. Their sessions end."""
    with runtime() as rt:
        account = _account(rt, login)
        rt.store.accounts.set_password(account.login, _new_password())
        _note(rt, "account.password_set", account)
    console.print(f"{account.login} has a new password; every session has ended")


@users.command()
def roles(login: Login, role: Annotated[list[str], typer.Option(help=f"All roles that the person has from now on: {ROLES}")]) -> None:
    """Give a person other roles in the place of those they have. Their sessions end."""
    wanted = _roles(role)
    with runtime() as rt:
        account = _account(rt, login)
        rt.store.accounts.set_roles(account.login, wanted)
        _note(rt, "account.roles_set", account)
    console.print(f"{account.login}: {', '.join(sorted(wanted))}; every session has ended")


@users.command()
def disable(login: Login, again: Annotated[bool, typer.Option("--enable", help="Let the person in again.")] = False) -> None:
    """Lock a person out at once. Accounts are never deleted: what somebody decided stays theirs."""
    with runtime() as rt:
        account = _account(rt, login)
        rt.store.accounts.disable(account.login, not again)
        _note(rt, "account.enabled" if again else "account.disabled", account)
    console.print(f"{account.login} {'may log in again' if again else 'is locked out'}")


def _roles(names: Iterable[str]) -> frozenset[Role]:
    from rasoat.cases.states import Role
    from rasoat.errors import UsageError

    try:
        return frozenset(Role(name) for name in names)
    except ValueError as error:
        raise UsageError(f"{error}; roles are: {ROLES}") from error


def _account(rt: Runtime, login: str) -> Account:
    from rasoat.errors import UsageError

    account = rt.store.accounts.get(login)
    if account is None:
        raise UsageError(f"there is no account '{login}'")
    return account


def _new_password() -> str:
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _note(rt: Runtime, action: str, account: Account) -> None:
    """Who may do what is part of the history; the person stands there by pseudonym."""
    from rasoat.cases.workflow import SYSTEM

    rt.store.audit.log(action, SYSTEM.pseudonym, "account", account.pseudonym)
