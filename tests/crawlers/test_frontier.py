"""The durable frontier: against a model, over crashes, and against a second process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crawlers.frontier import Frontier, unfinished_run
from crawlers.targets import Kind, Result, State, Target
from rasoat.errors import RetryLater, UsageError
from rasoat.settings import ROOT

START = Target("http://tin.example/")
DONE = Result(State.DONE, "new", 100, has_text=True)


def test_a_run_resumes_with_what_was_in_flight(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        assert frontier.open_run("a", [START], now=0) is False
        first = frontier.claim(now=0)
        assert first is not None
        frontier.finish(first.id, DONE, [Target(f"http://tin.example/{n}", depth=1) for n in range(4)])
        flying = [frontier.claim(now=0) for _ in range(2)]
        assert frontier.started_pages() == 3
    assert unfinished_run(tmp_path, "tin") == "a"
    with Frontier(tmp_path, "tin") as frontier:
        assert frontier.open_run("b", [START], now=1) is True
        assert frontier.waiting() == 4
        again = [frontier.claim(now=1) for _ in range(5)]
        assert [claimed.target.url for claimed in again[:2] if claimed] == [claimed.target.url for claimed in flying if claimed]
        assert again[4] is None
        assert again[0] is not None
        assert again[0].tries == 2
    assert unfinished_run(tmp_path, "tin") == "b"


def test_a_start_that_is_new_at_a_resume_is_taken_up(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("a", [START], now=0)
    with Frontier(tmp_path, "tin") as frontier:
        assert frontier.open_run("b", [START, Target("http://tin.example/moi")], now=0) is True
        assert frontier.waiting() == 2


def test_a_finished_run_is_followed_by_a_new_one(tmp_path: Path) -> None:
    for number in range(6):
        with Frontier(tmp_path, "tin") as frontier:
            assert frontier.open_run(str(number), [START], now=number) is False
            claimed = frontier.claim(now=number)
            assert claimed is not None
            frontier.finish(claimed.id, DONE)
            frontier.close_run(now=number)
    assert unfinished_run(tmp_path, "tin") is None
    assert unfinished_run(tmp_path, "unknown") is None


def test_sitemaps_first_then_breadth(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        targets = [
            Target("http://t.example/sau", depth=3),
            START,
            Target("http://t.example/f", Kind.FEED),
            Target("http://t.example/s", Kind.SITEMAP),
        ]
        frontier.open_run("a", targets, now=0)
        order = [claimed.target.kind for _ in targets if (claimed := frontier.claim(now=0))]
        assert order == [Kind.SITEMAP, Kind.FEED, Kind.PAGE, Kind.PAGE]


def test_one_page_is_one_request_however_it_is_written(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("a", [START], now=0)
        same = ["http://tin.example/?b=1&a=2", "http://TIN.example:80/?a=2&b=1&utm_source=z#x"]
        assert frontier.add(map(Target, same)) == 1


def test_query_variants_are_bounded_per_path(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("a", [START], now=0)
        for path in ("lich", "khac"):
            assert frontier.add([Target(f"http://tin.example/{path}?ngay={n}") for n in range(50)], max_variants=7) == 7
        assert frontier.add([Target("http://tin.example/lich?ngay=1")], max_variants=7) == 0
        assert frontier.refused() == {"limit": 86}


def test_a_retry_waits(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("a", [START], now=0)
        claimed = frontier.claim(now=0)
        assert claimed is not None
        frontier.retry(claimed.id, not_before=10)
        assert frontier.claim(now=9) is None
        assert frontier.has_waiting()
        again = frontier.claim(now=10)
        assert again is not None
        assert (again.id, again.tries) == (claimed.id, 2)


def test_a_page_that_kills_every_time_is_given_up(tmp_path: Path) -> None:
    for number in range(20):
        with Frontier(tmp_path, "tin") as frontier:
            frontier.open_run(str(number), [START], now=0)
            assert frontier.claim(now=0) is not None
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("last", [START], now=0)
        assert frontier.claim(now=0) is None
        assert [(tally.state, tally.outcome) for tally in frontier.tallies()] == [(State.FAILED, "crash")]


def test_two_processes_on_one_source(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from crawlers.frontier import Frontier\n"
        f"with Frontier(Path({str(tmp_path)!r}), 'tin'): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout
        assert other.stdout.readline() == "in\n"
        with pytest.raises(UsageError, match=f"'tin' is being crawled by another process .pid {other.pid}"), Frontier(tmp_path, "tin"):
            pass
        with Frontier(tmp_path, "khac"):
            pass
        other.kill()
    with Frontier(tmp_path, "tin") as frontier:
        assert frontier.open_run("a", [], now=0) is False


def test_a_frontier_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tin.sqlite3").write_bytes(b"this is no database, it only has its name" * 100)
    with pytest.raises(RetryLater, match="delete the file to start afresh"), Frontier(tmp_path, "tin"):
        pass
    (tmp_path / "tin.sqlite3").unlink()
    with Frontier(tmp_path, "tin"):
        pass


class Model(RuleBasedStateMachine):
    """The frontier does what a set and a list would do, over any number of crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.known: set[str] = set()
        self.queued: set[str] = set()
        self.flying: dict[int, str] = {}
        self.closed: set[str] = set()
        self.frontier = Frontier(Path(self.folder.name), "tin").__enter__()

    @initialize()
    def begin(self) -> None:
        self.frontier.open_run("a", [START], now=0)
        self.known, self.queued = {START.url}, {START.url}

    def url(self, number: int) -> str:
        return f"http://tin.example/{number}"

    @rule()
    def claim(self) -> None:
        claimed = self.frontier.claim(now=0)
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
        self.frontier.retry(row, not_before=0)
        self.queued.add(url)

    @rule()
    def crash(self) -> None:
        self.frontier.__exit__(None, None, None)
        self.frontier = Frontier(Path(self.folder.name), "tin").__enter__()
        assert self.frontier.open_run("b", [START], now=0) is True
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

    def teardown(self) -> None:
        self.frontier.__exit__(None, None, None)
        self.folder.cleanup()


TestModel = Model.TestCase
TestModel.settings = hypothesis_settings(max_examples=25, stateful_step_count=15, deadline=None)


def test_the_lock_file_names_its_holder(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin"):
        assert (tmp_path / "tin.lock").read_text() == f"pid {os.getpid()}"
