"""The contract of the frontier, on both kinds: a file for one process, and PostgreSQL for many. Against a model, and over crashes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from crawlers.frontier_seam import AnyFrontier, frontier_of, is_crawled, unfinished_run
from crawlers.targets import Claimed, Kind, Result, State, Target
from rasoat.settings import Settings

START = Target("http://tin.example/")
DONE = Result(State.DONE, "new", 100, has_text=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Where frontiers live."""
    if request.param == "sqlite":
        return Settings(home=tmp_path)
    return Settings(home=tmp_path, database_url=request.getfixturevalue("frontier_database"))


@pytest.fixture
def opened(home: Settings) -> Callable[[], AnyFrontier]:
    """The frontier of the source `tin`."""
    return lambda: frontier_of(home, "tin")


def claimed(frontier: AnyFrontier) -> Claimed:
    got = frontier.claim()
    assert got is not None
    return got


def test_a_run_resumes_with_what_was_in_flight(home: Settings) -> None:
    with frontier_of(home, "tin") as frontier:
        assert frontier.open_run("a", [START]) is False
        frontier.finish(claimed(frontier).id, DONE, [Target(f"http://tin.example/{n}", depth=1) for n in range(4)])
        flying = [claimed(frontier) for _ in range(2)]
        assert frontier.started_pages() == 3
        assert is_crawled(home, "tin")
        assert not is_crawled(home, "khac")
    assert not is_crawled(home, "tin")
    assert unfinished_run(home, "tin") == "a"
    with frontier_of(home, "tin") as frontier:
        assert frontier.open_run("b", [START]) is True
        assert (frontier.waiting(), frontier.started_pages(), frontier.unsettled()) == (4, 1, 4)
        again = [claimed(frontier) for _ in range(4)]
        assert [one.target for one in again[:2]] == [one.target for one in flying]
        assert again[0].tries == 2
        assert frontier.claim() is None
        assert frontier.started_pages() == 5
    assert unfinished_run(home, "tin") == "b"


def test_a_start_that_is_new_at_a_resume_is_taken_up(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [START])
    with opened() as frontier:
        assert frontier.open_run("b", [START, Target("http://tin.example/moi")]) is True
        assert frontier.waiting() == 2


def test_a_finished_run_is_followed_by_a_new_one(home: Settings) -> None:
    for number in range(6):
        with frontier_of(home, "tin") as frontier:
            assert frontier.open_run(str(number), [START]) is False
            frontier.finish(claimed(frontier).id, DONE)
            assert not frontier.has_waiting()
            assert frontier.close_run() is True
            assert frontier.pages_done() == 1
    assert unfinished_run(home, "tin") is None
    assert unfinished_run(home, "unknown") is None


def test_a_run_that_is_left_with_something_open_is_no_finished_run(home: Settings) -> None:
    with frontier_of(home, "tin") as frontier:
        frontier.open_run("a", [START])
        assert frontier.close_run() is True
    assert unfinished_run(home, "tin") == "a"


def test_sitemaps_first_then_breadth(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        kinds = [("f", Kind.FEED, 0), ("s", Kind.SITEMAP, 0), ("hai", Kind.PAGE, 0), ("mot", Kind.PAGE, 0)]
        targets = [Target("http://tin.example/sau", depth=3), START, *(Target(f"http://tin.example/{n}", k, d) for n, k, d in kinds)]
        frontier.open_run("a", targets)
        order = [claimed(frontier).target.url.rpartition("/")[2] for _ in targets]
        assert order == ["s", "f", "", "hai", "mot", "sau"]  # in the order in which they were found, where nothing else decides


def test_one_page_is_one_request_however_it_is_written(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [START])
        same = ["http://tin.example/?b=1&a=2", "http://TIN.example:80/?a=2&b=1&utm_source=z#x"]
        assert frontier.add(map(Target, same)) == 1
        assert frontier.add(map(Target, same)) == 0


def test_query_variants_are_bounded_per_path(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [START])
        for path in ("lich", "khac"):
            assert frontier.add([Target(f"http://tin.example/{path}?ngay={n}") for n in range(50)], max_variants=7) == 7
        assert frontier.add([Target("http://tin.example/lich?ngay=1")], max_variants=7) == 0
        assert frontier.refused() == {"limit": 86}


def test_what_a_page_led_to_is_counted_with_it(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [START])
        outside = ["http://xa.example/", "http://xa.example/b"]
        found = [Target("http://tin.example/a"), Target("http://[bad/")]
        assert frontier.finish(claimed(frontier).id, DONE, found, refused={"limit": 2}, outside=outside) == 1
        assert frontier.refused() == {"scope": 2, "limit": 2, "address": 1}
        assert [(row.state, row.outcome, row.n, row.bytes) for row in frontier.tallies()] == [
            (State.DONE, "new", 1, 100),
            (State.QUEUED, "", 1, 0),
        ]


def test_a_retry_waits(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [START])
        first = claimed(frontier)
        frontier.retry(first.id, wait=3600)
        assert frontier.claim() is None
        assert frontier.has_waiting()
        assert frontier.started_pages() == 0
    with opened() as frontier:
        frontier.open_run("b", [])  # a resume waits for nothing
        again = claimed(frontier)
        assert (again.target, again.tries) == (first.target, 2)
        frontier.retry(again.id, wait=0)
        assert claimed(frontier).tries == 3


def test_a_run_stops_at_its_pages(opened: Callable[[], AnyFrontier]) -> None:
    with opened() as frontier:
        frontier.open_run("a", [Target(f"http://tin.example/{n}") for n in range(6)])
        first, second = (frontier.claim(max_pages=2) for _ in range(2))
        assert first
        assert second
        frontier.finish(first.id, Result(State.DONE, "redirect"), [Target("http://tin.example/dich")])  # the way to a page is none
        third = frontier.claim(max_pages=2)
        assert third
        frontier.finish(third.id, Result(State.SKIPPED, "robots"))
        assert frontier.started_pages() == 1
        assert frontier.add([Target("http://tin.example/s", Kind.SITEMAP)]) == 1
        rest = [frontier.claim(max_pages=2) for _ in range(3)]
        assert [one.target.kind if one else None for one in rest] == [Kind.SITEMAP, Kind.PAGE, None]
        assert not [row for row in frontier.tallies() if row.state is State.QUEUED]
        assert sum(row.n for row in frontier.tallies() if row.outcome == "limit") == 3
        assert frontier.started_pages() == 2


def test_seconds_add_up(opened: Callable[[], AnyFrontier]) -> None:
    for total in (1.5, 3.0):
        with opened() as frontier:
            frontier.open_run("a", [START])
            assert frontier.add_seconds(1.5) == total


class Model(RuleBasedStateMachine):
    """The frontier does what a set and a list would do, over any number of crashes."""

    home: Settings

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.known: set[str] = set()
        self.queued: set[str] = set()
        self.flying: dict[int, str] = {}
        self.closed: set[str] = set()
        source = Path(self.folder.name).name.lower()
        self.frontier = frontier_of(self.home, source).__enter__()

    @initialize()
    def begin(self) -> None:
        self.frontier.open_run("a", [START])
        self.known, self.queued = {START.url}, {START.url}

    def url(self, number: int) -> str:
        return f"http://tin.example/{number}"

    @rule()
    def claim(self) -> None:
        claimed = self.frontier.claim()
        assert (claimed is None) == (not self.queued)
        if claimed:
            self.queued.remove(claimed.target.url)
            self.flying[claimed.id] = claimed.target.url

    @precondition(lambda self: self.flying)
    @rule(numbers=st.lists(st.integers(0, 30), max_size=5), fail=st.booleans())
    def finish(self, numbers: list[int], fail: bool) -> None:
        row, url = self.flying.popitem()
        new = {self.url(number) for number in numbers} - self.known
        assert self.frontier.finish(row, Result(State.FAILED, "x") if fail else DONE, [Target(self.url(n)) for n in numbers]) == len(new)
        self.closed.add(url)
        self.known |= new
        self.queued |= new

    @precondition(lambda self: self.flying)
    @rule()
    def retry(self) -> None:
        row, url = self.flying.popitem()
        self.frontier.retry(row, wait=0)
        self.queued.add(url)

    @rule()
    def crash(self) -> None:
        source = self.frontier.source
        getattr(self.frontier, "_db").close()  # noqa: B009  (without a word, as a killed process would)
        if (lock := getattr(self.frontier, "_lock", None)) is not None:
            lock.give()
        self.frontier = frontier_of(self.home, source).__enter__()
        assert self.frontier.open_run("b", [START]) is True
        self.queued |= set(self.flying.values())
        self.flying.clear()

    @invariant()
    def counts_agree(self) -> None:
        counts = {state: 0 for state in State}
        for tally in self.frontier.tallies():
            counts[tally.state] += tally.n
        assert counts[State.QUEUED] == len(self.queued) == self.frontier.waiting()
        assert counts[State.IN_FLIGHT] == len(self.flying)
        assert counts[State.DONE] + counts[State.FAILED] == len(self.closed)
        assert self.frontier.started_pages() == len(self.flying) + len(self.closed)
        assert self.frontier.unsettled() == len(self.flying) + len(self.queued)

    def teardown(self) -> None:
        self.frontier.__exit__(None, None, None)
        self.folder.cleanup()


def test_it_does_what_a_set_and_a_list_would(home: Settings) -> None:
    machine = type("Model", (Model,), {"home": home})
    run_state_machine_as_test(machine, settings=hypothesis_settings(max_examples=25, stateful_step_count=15, deadline=None))
