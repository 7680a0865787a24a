"""What the database refused is named without what was to be written: the words of an item stay out of logs and traces."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import insert

from rasoat.cases.states import Role
from rasoat.errors import Conflict, UsageError
from rasoat.store import Store
from rasoat.store.tables import AccountRow

WORDS = "Lời riêng của một người, không ai được đọc trong nhật ký."


def test_an_error_of_the_database_holds_no_value(store: Store) -> None:
    store.accounts.add("an", "mat-khau-thu-nghiem", "An", [Role.REVIEWER])
    with pytest.raises(UsageError, match="taken") as raised:
        store.accounts.add("an", "mat-khau-thu-nghiem", WORDS, [Role.REVIEWER])
    with pytest.raises(Conflict) as broken, store.cases._db.writing() as conn:
        conn.execute(insert(AccountRow), {"login": "binh", "display_name": WORDS})
    for error in (raised.value, broken.value):
        whole = "".join(traceback.format_exception(error))
        assert "INSERT INTO accounts" in whole  # the statement is told, for whoever mends it
        assert "SQL parameters hidden" in whole
        assert "[parameters: " not in whole
        assert "Failing row" not in whole
    # the line of this test that holds the words stands in its own trace
    assert WORDS not in "".join(line for line in whole.splitlines() if "conn.execute" not in line)


@pytest.mark.parametrize("roles", [[Role.SYSTEM], [Role.REVIEWER, Role.SYSTEM]])
def test_the_program_s_own_role_is_nobody_s(store: Store, roles: list[Role]) -> None:
    store.accounts.add("an", "mat-khau-thu-nghiem", "An", [Role.REVIEWER])
    with pytest.raises(UsageError, match="nobody's"):
        store.accounts.add("binh", "mat-khau-thu-nghiem", "Bình", roles)
    with pytest.raises(UsageError, match="nobody's"):
        store.accounts.set_roles("an", roles)
    assert [(one.login, one.roles) for one in store.accounts.all()] == [("an", frozenset({Role.REVIEWER}))]
