"""The measurements of the search index run on a small scale, find what they look for and say when something is wrong."""

from __future__ import annotations

import pytest

from bench import outbox, rebuild, search
from bench.search_corpus import documents, questions, vocabulary, worst
from bench.search_homes import fill
from rasoat.cases import commands as c
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.errors import RetryLater
from rasoat.ports import SearchPage, SearchQuery
from rasoat.settings import Settings
from rasoat.store import open_store
from rasoat.store.search_words import words


def test_the_corpus_is_the_same_every_time_and_its_times_are_in_no_order() -> None:
    vocabulary_ = vocabulary()
    some = list(documents(50, vocabulary_))
    assert some == list(documents(50, vocabulary_))
    times = [doc.captured_at for doc in some]
    assert times != sorted(times)
    assert all(8 <= len(words(doc.text)) <= 90 for doc in some)
    assert len(questions(vocabulary_, 2)) == 5
    assert not questions(vocabulary_, 1).keys() & worst(vocabulary_, 2).keys()


def test_search_is_measured_on_the_embedded_index(capsys: pytest.CaptureFixture[str]) -> None:
    assert search.main(["--items", "300", "--on", "sqlite"]) == 0
    printed = capsys.readouterr().out
    assert all(kind in printed for kind in questions(vocabulary(), 1))
    assert "slowest kind: p99" in printed


@pytest.mark.serial
@pytest.mark.timeout(180)
def test_rebuild_and_outbox_end_with_their_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert rebuild.main(["--items", "60", "--readers", "1", "--on", "sqlite"]) == 0
    assert capsys.readouterr().out.endswith("failed reads: 0\n")
    assert outbox.main(["--rate", "200", "--seconds", "1", "--cases", "2", "--on", "sqlite"]) == 0
    assert capsys.readouterr().out.endswith("wrong in the index: 0\n")


def test_an_answer_that_fails_or_lacks_an_item_is_a_failed_read() -> None:
    def away(_: SearchQuery) -> SearchPage:
        raise RetryLater("away")

    felt = rebuild.Felt()
    felt.look(lambda _: SearchPage((), 9), SearchQuery(), 10)
    felt.look(lambda _: SearchPage((), 10), SearchQuery(), 10)
    felt.look(away, SearchQuery())
    assert (felt.failed, len(felt.milliseconds)) == (["9 of 10 items", "RetryLater: away"], 3)


def test_what_the_index_shows_in_another_state_is_counted(settings: Settings) -> None:
    with open_store(settings) as store:
        cases = fill(store, settings, 100, 2)
        assert outbox.wrong(store, cases) == 100
        store.rebuild_index()
        assert outbox.wrong(store, cases) == 0
        store.cases.apply(cases[0], c.Claim(), Actor("p-bench", frozenset({Role.REVIEWER})))
        assert outbox.wrong(store, cases) == 100  # fifty too many in one state, fifty too few in the other
