"""Found by `bench.faults` (pg-crash@imported): a server that crashed took back items of an import that had said it was done."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from rasoat.settings import Settings
from rasoat.store import open_store
from rasoat.store.dialect_sqlite import Sqlite
from tests.store.makers import make_item


@pytest.mark.sqlite_only
def test_the_end_of_a_run_waits_for_the_disk_and_so_for_all_that_the_run_wrote(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[bool] = []
    real = Sqlite.before_writing

    def before_writing(self: Sqlite, conn: Connection, durable: bool) -> None:
        waited.append(durable)
        real(self, conn, durable)

    monkeypatch.setattr(Sqlite, "before_writing", before_writing)
    with open_store(settings) as store:
        run_id = store.runs.start("import", "posts.jsonl")
        store.inbox.put(make_item(store), run_id=run_id)
        assert not any(waited[-2:]), "items do not wait one by one"
        store.runs.finish(run_id, "finished", {})
        assert waited[-1]
