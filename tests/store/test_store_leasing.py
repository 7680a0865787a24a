"""Leases: two never get the same item, a dead worker's batch is taken over, and what was assessed twice is counted once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from rasoat.clock import FixedClock
from rasoat.harms import Harm, Severity
from rasoat.items import Item
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store
from rasoat.store.admitting import Flagged
from rasoat.store.leasing import LEASE, Settled
from tests.store.makers import make_assessment, make_item


def fill(store: Store, many: int) -> list[Item]:
    items = [make_item(store, str(n), f"một lời bình luận thứ {n}", minutes=n) for n in range(many)]
    for item in items:
        store.inbox.put(item, run_id="r")
    return items


def verdicts(store: Store, worker: str, items: list[Item]) -> Settled:
    """Every second item is flagged."""
    flagged = [Flagged(item, make_assessment(Harm.FRD), None, (), Severity.S2, False) for item in items if len(item.text) % 2]
    return store.leases.settle(worker, [(item, make_assessment(), False) for item in items if not len(item.text) % 2], flagged)


@pytest.fixture
def workers(store: Store) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(store.leases.worker()) for _ in range(2)]


def test_two_workers_get_different_items_oldest_first(store: Store, workers: list[str]) -> None:
    items = fill(store, 5)
    assert store.leases.take(workers[0], 2) == items[:2]
    assert store.leases.take(workers[1], 2) == items[2:4]
    assert store.leases.take(workers[0], 5) == items[4:]
    assert store.leases.take(workers[1], 5) == []
    assert store.inbox.count_pending() == 5


def test_many_threads_at_once_assess_every_item_once(store: Store) -> None:
    items = fill(store, 40)
    done: list[frozenset[str]] = []

    def work() -> None:
        with store.leases.worker() as worker:
            while batch := store.leases.take(worker, 3):
                done.append(verdicts(store, worker, batch).done)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(item_id for batch in done for item_id in batch) == Counter(item.id for item in items)
    counts = store.counts()
    assert (counts["assessed"], counts["pending"], counts["flagged"] + counts["dropped"]) == (40, 0, 40)
    assert store.check() == []


def test_a_lease_that_ran_out_is_taken_over_and_late_verdicts_count_for_nothing(
    store: Store, workers: list[str], clock: FixedClock
) -> None:
    slow, quick = workers
    items = fill(store, 4)
    batch = store.leases.take(slow, 4)
    clock.advance(seconds=LEASE.total_seconds())
    again = store.leases.take(quick, 4)
    assert again == batch
    assert verdicts(store, quick, again).done == {item.id for item in items}
    before = store.counts()
    late = verdicts(store, slow, batch)
    assert (late.done, late.admissions) == (frozenset(), ())
    assert store.counts() == before
    assert store.check() == []


def test_a_renewed_lease_holds(store: Store, workers: list[str], clock: FixedClock) -> None:
    fill(store, 1)
    store.leases.take(workers[0], 1)
    clock.advance(seconds=100)
    assert store.leases.renew(workers[0]) == 1
    clock.advance(seconds=100)
    assert store.leases.take(workers[1], 1) == []
    assert store.leases.reconcile() == 0


def test_a_clock_that_was_set_back_does_not_lock_items_away(store: Store, workers: list[str], clock: FixedClock) -> None:
    (item,) = fill(store, 1)
    store.leases.take(workers[0], 1)
    clock.at -= timedelta(hours=1)
    assert store.leases.take(workers[1], 1) == [item]


def test_what_changes_while_it_is_assessed_waits_again_at_once(store: Store, workers: list[str]) -> None:
    fill(store, 1)
    batch = store.leases.take(workers[0], 1)
    newer = make_item(store, "0", "lời khác hẳn", seen=2)
    store.inbox.put(newer, run_id="r")
    assert verdicts(store, workers[0], batch).done == frozenset()
    (found,) = store.leases.take(workers[1], 1)
    assert found.text == "lời khác hẳn"
    assert len(verdicts(store, workers[1], [found]).done) == 1
    assert store.counts()["assessed"] == 1


def test_a_worker_that_ends_gives_back_what_it_did_not_finish(store: Store, workers: list[str]) -> None:
    items = fill(store, 3)
    with store.leases.worker() as short:
        assert len(store.leases.take(short, 3)) == 3
    assert store.leases.take(workers[0], 5) == items


@pytest.mark.sqlite_only
def test_a_killed_worker_s_batch_is_free_at_once_and_nothing_of_it_stays(store: Store, settings: Settings, workers: list[str]) -> None:
    items = fill(store, 3)
    script = (
        "import sys, time; from pathlib import Path; from rasoat.settings import Settings; from rasoat.store import open_store\n"
        "with open_store(Settings(home=Path(sys.argv[1]))) as store, store.leases.worker() as worker:\n"
        "    print(len(store.leases.take(worker, 2)), flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(settings.home)], stdout=subprocess.PIPE, text=True, cwd=ROOT) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "2\n"
        with open_store(settings) as other:
            assert other.leases.reconcile() == 0, "it lives"
        victim.kill()
        victim.wait()
    with open_store(settings) as other:
        assert other.leases.reconcile() == 2
        assert other.leases.take(workers[0], 5) == items
    assert len(list(settings.home.glob("worker-*.lock"))) == len(workers)


@pytest.mark.postgresql_only
def test_a_worker_whose_connection_is_cut_counts_as_dead_and_its_verdicts_as_nothing(store: Store, settings: Settings) -> None:
    from tests.services import administrator

    fill(store, 2)
    with open_store(settings) as other, other.leases.worker() as lost, store.leases.worker() as quick:
        batch = other.leases.take(lost, 2)
        with administrator(settings.database_url.partition("?")[0].rpartition("/")[2]) as server:
            server.execute(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"
            )
            server.execute("SELECT pg_sleep(0.2)")
        assert store.leases.reconcile() == 2
        again = store.leases.take(quick, 2)
        assert verdicts(store, quick, again).done == {item.id for item in batch}
        assert verdicts(other, lost, batch).done == frozenset()
    assert store.counts()["assessed"] == 2
