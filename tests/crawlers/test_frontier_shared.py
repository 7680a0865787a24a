"""Several crawlers at one source: what each gets, what becomes of the dead, whose turn it is at a host, who ends the run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from crawlers import frontier_postgresql
from crawlers.frontier_postgresql import PostgresFrontier
from crawlers.frontier_schema import Connection, connect
from crawlers.targets import Claimed, Result, State, Target
from rasoat.errors import ConfigError, RetryLater
from tests.services import administrator, database_url, made_database

DONE = Result(State.DONE, "new", 100)


class Crawlers:
    """Any number of crawlers of the source `tin`, and the database without any of our code between."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url, self.stack = url, stack
        self.raw: Connection = stack.enter_context(connect(url, ""))

    def come(self, *starts: str, run_id: str = "a") -> PostgresFrontier:
        frontier = self.stack.enter_context(PostgresFrontier(self.url, "", "tin"))
        frontier.open_run(run_id, [Target(url) for url in starts])
        return frontier


@pytest.fixture
def crawlers(frontier_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crawlers]:
    monkeypatch.setattr(frontier_postgresql, "LOOK_AFTER_THE_DEAD", 0.0)
    with ExitStack() as stack:
        yield Crawlers(frontier_database, stack)


def pages(count: int, host: str = "tin.example") -> list[str]:
    return [f"http://{host}/{n}" for n in range(count)]


def claimed(frontier: PostgresFrontier, per_host: int = 1000) -> Claimed:
    got = frontier.claim(per_host=per_host)
    assert got is not None
    return got


def test_each_request_goes_to_one_crawler(crawlers: Crawlers) -> None:
    one, two = crawlers.come(*pages(4)), crawlers.come()
    assert len({claimed(each).target.url for each in (one, two, two, one)}) == 4
    assert one.claim() is None
    assert two.started_pages() == 4


def test_what_is_under_way_at_a_host_is_bounded_over_all_crawlers(crawlers: Crawlers) -> None:
    one, two = crawlers.come(*pages(4), *pages(4, "khac.example")), crawlers.come()
    got = [claimed(each, per_host=2) for each in (one, two, one, two)]
    assert Counter(each.target.url.split("/")[2] for each in got) == {"tin.example": 2, "khac.example": 2}
    assert one.claim(per_host=2) is None
    assert two.claim(per_host=2) is None
    one.finish(got[0].id, DONE)
    assert claimed(two, per_host=2).target.url.split("/")[2] == got[0].target.url.split("/")[2]


def test_a_host_gives_one_turn_at_a_time(crawlers: Crawlers) -> None:
    one, two = crawlers.come(), crawlers.come()
    assert one.turn("tin.example", 3600) == 0
    assert 3500 < two.turn("tin.example", 1) <= 3600
    assert two.turn("khac.example", 1) == 0
    crawlers.raw.execute("UPDATE frontier.hosts SET next_at = clock_timestamp()")
    assert two.turn("tin.example", 0) == 0
    assert one.turn("tin.example", 0) == 0


def test_a_pause_that_the_host_asks_for_holds_for_all(crawlers: Crawlers) -> None:
    one, two = crawlers.come(), crawlers.come()
    one.slow_down("tin.example", 60)
    assert two.turn("tin.example", 0) == 0
    assert 50 < one.turn("tin.example", 0) <= 60
    one.slow_down("tin.example", 0)
    crawlers.raw.execute("UPDATE frontier.hosts SET next_at = clock_timestamp()")
    assert [one.turn("tin.example", 0), two.turn("tin.example", 0)] == [0, 0]


def test_robots_txt_is_read_by_one_for_all_and_again_after_a_day(crawlers: Crawlers) -> None:
    one, two = crawlers.come(), crawlers.come()
    assert one.robots("http://tin.example") is None
    one.keep_robots("http://tin.example", "Disallow: /ẩn\0")
    assert two.robots("http://tin.example") == "Disallow: /ẩn\0"
    assert two.robots("https://tin.example") is None
    crawlers.raw.execute("UPDATE frontier.robots SET read_at = read_at - interval '1 day'")
    assert two.robots("http://tin.example") is None
    two.keep_robots("http://tin.example", "")
    assert one.robots("http://tin.example") == ""


def test_a_clock_that_is_set_back_keeps_nobody_waiting(crawlers: Crawlers) -> None:
    one = crawlers.come()
    assert one.turn("tin.example", 5) == 0
    crawlers.raw.execute("UPDATE frontier.hosts SET next_at = next_at + interval '1 hour'")
    assert one.turn("tin.example", 5) == 0
    assert 0 < one.turn("tin.example", 5) <= 5


def test_what_a_dead_crawler_held_is_taken_at_once(crawlers: Crawlers) -> None:
    dead, other = crawlers.come(*pages(2)), crawlers.come()
    held = claimed(dead)
    dead._db.close()  # without a word, as after kill -9
    assert claimed(other).target.url != held.target.url
    assert other.claim() is None  # looks after the dead
    again = claimed(other)
    assert (again.target, again.tries) == (held.target, 2)
    assert other.started_pages() == 2
    with pytest.raises(RetryLater, match="shared frontier"):
        dead.finish(held.id, DONE)


def test_a_machine_that_slept_writes_nothing_over_what_others_took(crawlers: Crawlers) -> None:
    asleep, other = crawlers.come(*pages(1)), crawlers.come()
    held = claimed(asleep)
    crawlers.raw.execute("UPDATE frontier.crawlers SET alive_until = clock_timestamp() WHERE id = %s", (asleep._me,))
    assert other.claim() is None
    again = claimed(other)
    assert asleep.finish(held.id, DONE, [Target("http://tin.example/la")]) == 0
    asleep.retry(held.id, wait=0)
    assert [(row.state, row.n) for row in other.tallies()] == [(State.IN_FLIGHT, 1)]
    assert other.started_pages() == 1
    asleep.beat()  # and lives again
    assert other.finish(again.id, DONE, [Target("http://tin.example/la")]) == 1
    assert claimed(asleep).target.url == "http://tin.example/la"
    assert other.claim() is None
    assert other.unsettled() == 1


def test_a_page_that_kills_every_time_is_given_up(crawlers: Crawlers) -> None:
    for number in range(20):
        dead = crawlers.come(*pages(1), run_id=str(number))
        claimed(dead)
        dead._db.close()
    last = crawlers.come(run_id="last")
    assert last.claim() is None
    assert [(row.state, row.outcome) for row in last.tallies()] == [(State.FAILED, "crash")]
    assert last.started_pages() == 1


def test_who_leaves_gives_back_what_was_not_finished(crawlers: Crawlers) -> None:
    other = crawlers.come(*pages(1))
    with PostgresFrontier(crawlers.url, "", "tin") as leaving:
        leaving.open_run("a", [])
        claimed(leaving)
        assert other.has_waiting()  # it may come back, and so it does
        assert other.claim() is None
    assert claimed(other).tries == 2


def test_one_run_is_ended_once(crawlers: Crawlers) -> None:
    one, two = crawlers.come(*pages(2)), crawlers.come()
    for each in (one, two):
        each.finish(claimed(each).id, DONE)
        assert each.has_waiting() == (each is one)
    three = crawlers.come()
    assert [each.close_run() for each in (two, one, three)] == [True, False, False]
    late = PostgresFrontier(crawlers.url, "", "tin")
    with late:  # told of this run just before it ended: nothing is fetched a second time, and how it went can still be written down
        assert late.open_run("a", [Target(url) for url in pages(2)]) is True
        assert (late.claim(), late.has_waiting(), late.pages_done(), late.close_run()) == (None, False, 2, True)
    with PostgresFrontier(crawlers.url, "", "tin") as later:
        assert later.open_run("b", [Target(url) for url in pages(2)]) is False
        assert later.waiting() == 2


def test_who_leaves_while_others_work_does_not_end_the_run(crawlers: Crawlers) -> None:
    one, two = crawlers.come(*pages(1)), crawlers.come()
    held = claimed(one)
    assert two.close_run() is False
    one.finish(held.id, DONE)
    assert one.close_run() is True


def test_pages_and_outside_addresses_count_once_over_all_crawlers(crawlers: Crawlers) -> None:
    one, two = crawlers.come(*pages(5)), crawlers.come()
    for each in (one, two):
        got = each.claim(max_pages=2)
        assert got
        each.finish(got.id, DONE, outside=["http://xa.example/", "http://xa.example"])
    assert [each.claim(max_pages=2) for each in (two, one)] == [None, None]
    assert one.started_pages() == 2
    assert one.refused() == {"scope": 1}
    assert sum(row.n for row in one.tallies() if row.outcome == "limit") == 3


def test_many_at_once_do_each_page_once(crawlers: Crawlers) -> None:
    crowd = [crawlers.come("http://tin.example/0") for _ in range(4)]
    done: Counter[str] = Counter()
    faults: list[BaseException] = []

    def work(frontier: PostgresFrontier) -> None:
        try:
            while frontier.has_waiting():
                if (got := frontier.claim(per_host=3)) is None:
                    continue
                number = int(got.target.url.rpartition("/")[2])
                found = [
                    Target(f"http://{host}.example/{n}") for n in range(3 * number, 3 * number + 9) if n < 60 for host in ("tin", "xa")
                ]
                frontier.turn("tin.example", 0.001)
                frontier.finish(got.id, DONE, found[::-1] if number % 2 else found, refused={"scope": 1, "limit": 1}, max_variants=5)
                done[got.target.url] += 1
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=work, args=(frontier,)) for frontier in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert set(done.values()) == {1}
    assert len(done) == 120
    assert crowd[0].refused() == {"scope": 120, "limit": 120}
    assert crowd[0].started_pages() == crowd[0].pages_done() == 120
    assert sorted(each.close_run() for each in crowd) == [False, False, False, True]


def test_the_first_crawlers_come_at_once(frontier_store: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        crowd = list(pool.map(lambda _: connect(frontier_store, ""), range(8)))
    for each in crowd:
        assert each.execute("SELECT count(*) FROM frontier.runs").fetchone() == (0,)
        each.close()


def test_a_database_without_room_for_the_frontier_says_what_to_do() -> None:
    with made_database() as name:
        with administrator(name) as conn:
            conn.execute("DROP SCHEMA frontier CASCADE")
        with pytest.raises(ConfigError, match=r"roles\.sql"):
            connect(database_url(name), "")
