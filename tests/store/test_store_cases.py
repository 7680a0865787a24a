"""Cases: opened once, joined by near-duplicates, queued by priority, claimed by one, moved only as the rules allow."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from rasoat.cases import commands as c
from rasoat.cases.priority import priority
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.cases.workflow import Actor, readable_by
from rasoat.clock import FixedClock
from rasoat.errors import Conflict, IllegalTransition, NotPermitted, RetryLater, UsageError
from rasoat.harms import Harm, Outcome, Severity
from rasoat.missing import Missing
from rasoat.store import Store
from rasoat.store.records import QueueQuery
from tests.store.makers import (
    REASON,
    TEXT,
    approve,
    bands_of,
    changed,
    decide,
    hire,
    make_assessment,
    make_item,
    open_case,
    send,
    signature_of,
)


def test_a_flagged_item_opens_one_case_however_often_it_is_admitted(store: Store) -> None:
    item = make_item(store)
    first = open_case(store, item=item)
    assert open_case(store, item=item) == first
    view = store.cases.view(first)
    assert [one.item for one in view.items] == [item]
    assert view.items[0].assessment == make_assessment(Harm.FRD)
    assert view.facts.state is CaseState.TRIAGE
    assert [event.kind for event in view.events] == [EventKind.OPENED]
    assert store.counts()["pending"] == 0


def test_an_unflagged_item_opens_nothing(store: Store) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    with pytest.raises(UsageError, match="not flagged"):
        store.cases.admit(item, make_assessment(), signature=None, band_keys=(), severity=Severity.S3, sampled=False)


def test_near_duplicates_join_the_most_similar_case(store: Store) -> None:
    first = open_case(store, "1", seed=1)
    close = open_case(store, "2", "gần như vậy", seed=1, differ=10)
    assert close == first
    view = store.cases.view(first)
    assert [round(one.similarity, 3) for one in view.items] == [1.0, round(118 / 128, 3)]
    assert [event.kind for event in view.events] == [EventKind.OPENED, EventKind.JOINED]
    apart = open_case(store, "3", "khác nhiều", seed=1, differ=40)
    assert apart != first
    assert [one.case_id for one in store.cases.similar(apart)] == [first]
    assert open_case(store, "4", "không chữ ký") not in (first, apart)


def test_a_join_reopens_nothing(store: Store, clock: FixedClock) -> None:
    people = hire(store)
    case_id = open_case(store, seed=1)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.NONE)), people["an"])
    since = store.cases.facts(case_id).since
    clock.advance(days=3)
    assert open_case(store, "2", "lại nữa", seed=1) == case_id
    facts = store.cases.facts(case_id)
    assert (facts.state, facts.since) == (CaseState.CLOSED_NONE, since)
    assert len(store.cases.view(case_id).items) == 2


def test_new_words_in_an_open_case_change_nothing_under_the_reader(store: Store) -> None:
    item = make_item(store)
    case_id = open_case(store, item=item)
    newer = changed(item, "lời mới cũng bị đánh dấu")
    store.inbox.put(newer, run_id="r")
    for _ in range(2):
        again = store.cases.admit(newer, make_assessment(Harm.GAM), signature=None, band_keys=(), severity=Severity.S2, sampled=False)
        assert (again.case_id, again.opened) == (case_id, False)
    assert [one.item.text for one in store.cases.view(case_id).items] == [TEXT]
    assert [event.kind for event in store.cases.view(case_id).events] == [EventKind.OPENED, EventKind.JOINED]


def test_new_words_after_the_case_was_closed_open_a_new_one(store: Store) -> None:
    people = hire(store)
    item = make_item(store)
    case_id = open_case(store, item=item)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.NONE)), people["an"])
    second = open_case(store, item=changed(item, "lần này thì khác"))
    assert second != case_id
    assert store.cases.view(case_id).items[0].item.text == TEXT
    assert store.cases.view(second).items[0].item.text == "lần này thì khác"


def test_an_item_that_changed_while_it_was_assessed_is_assessed_again(store: Store) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.put(changed(item, "lời khác"), run_id="r")
    with pytest.raises(RetryLater, match="changed"):
        store.cases.admit(item, make_assessment(Harm.FRD), signature=None, band_keys=(), severity=Severity.S2, sampled=False)
    assert store.inbox.count_pending() == 1


def test_the_whole_way_is_kept_and_the_chain_holds(store: Store) -> None:
    people = hire(store)
    case_id = open_case(store)
    approve(store, case_id, people)
    send(store, case_id, people)
    view = store.cases.view(case_id)
    assert view.facts.state is CaseState.CLOSED
    assert view.facts == store.cases.facts(case_id)
    assert view.facts.ruling == decide(store, case_id)
    assert view.facts.readers == {people["an"].pseudonym}
    assert store.cases.verify_chain(case_id) == []
    assert [record.stage for record in view.decisions][:2] == [EventKind.CODED, EventKind.APPROVED]
    sent = next(record for record in view.decisions if record.stage is EventKind.SENT)
    assert sent.channel == "biểu mẫu của nền tảng"
    roles = {event.kind: event.role for event in view.events}
    assert roles[EventKind.CODED] is Role.REVIEWER
    assert roles[EventKind.APPROVED] is Role.APPROVER
    assert roles[EventKind.SENT] is Role.SENDER
    assert REASON not in str([event.payload for event in view.events])


def test_a_refused_command_leaves_no_trace(store: Store) -> None:
    people = hire(store)
    case_id = open_case(store)
    before = store.cases.view(case_id)
    with pytest.raises(NotPermitted):
        store.cases.apply(case_id, c.Claim(), people["em"])
    with pytest.raises(IllegalTransition):
        store.cases.apply(case_id, c.Fixed(reason="đã sửa bài rồi"), people["chi"])
    assert store.cases.view(case_id) == before


def test_one_claim_at_a_time(store: Store, clock: FixedClock) -> None:
    people = hire(store)
    case_id = open_case(store)
    store.cases.apply(case_id, c.Claim(), people["an"])
    with pytest.raises(Conflict, match="somebody else"):
        store.cases.apply(case_id, c.Claim(), people["binh"])
    assert store.cases.next_for(people["an"]) == case_id
    assert store.cases.next_for(people["binh"]) is None
    clock.advance(minutes=31)
    assert store.cases.next_for(people["binh"]) == case_id
    store.cases.apply(case_id, c.Claim(), people["binh"])


@pytest.mark.parametrize(("start", "end", "message"), [(0, 500, "outside its item"), (71, 73, "outside its item"), (4, 5, "no words")])
def test_a_quote_lies_inside_its_item(store: Store, start: int, end: int, message: str) -> None:
    people = hire(store)
    case_id = open_case(store, text="Tặng " + TEXT[5:])
    store.cases.apply(case_id, c.Claim(), people["an"])
    good = decide(store, case_id)
    assert good.quote is not None
    bad = good.model_copy(update={"quote": good.quote.model_copy(update={"start": start, "end": end})})
    with pytest.raises(UsageError, match=message):
        store.cases.apply(case_id, c.Code(decision=bad), people["an"])
    alien = good.model_copy(update={"quote": good.quote.model_copy(update={"item_id": "nobody"})})
    with pytest.raises(UsageError, match="not part of this case"):
        store.cases.apply(case_id, c.Code(decision=alien), people["an"])
    store.cases.apply(case_id, c.Code(decision=good), people["an"])


def test_the_queue_is_in_the_order_of_the_priority_and_its_bound_hides_nothing(store: Store, clock: FixedClock) -> None:
    rng = random.Random(4)
    expected = {}
    reader = Actor("p-x", frozenset({Role.REVIEWER}))
    for n in range(120):
        clock.advance(hours=rng.uniform(0, 4))
        severity, probability = rng.choice(list(Severity)), rng.uniform(0.05, 1)
        case_id = open_case(store, str(n), f"{TEXT} {n}", severity=severity, probability=probability)
        expected[case_id] = (severity, probability, clock.now())
    now = clock.now()
    order = sorted(expected, key=lambda one: -priority(expected[one][0], expected[one][1], 7, 1, expected[one][2], now).value)
    shown: list[str] = []
    for offset in range(0, 120, 7):
        page = store.cases.queue(QueueQuery(limit=7, offset=offset), reader)
        assert page.total == 120
        shown += [row.case_id for row in page.rows]
    assert shown == order
    assert store.cases.next_for(reader) == order[0]
    top = store.cases.queue(QueueQuery(limit=1), reader).rows[0]
    assert top.priority == priority(*expected[order[0]][:2], 7, 1, expected[order[0]][2], now)
    assert top.snippet.startswith("Tặng quà")


def test_queue_filters(store: Store) -> None:
    reader = Actor("p-x", frozenset({Role.REVIEWER}))
    one = open_case(store, "1", harm=Harm.FRD, source="a")
    two = open_case(store, "2", "khác", harm=Harm.GAM, source="b")

    def ids(**filters: object) -> list[str]:
        return [row.case_id for row in store.cases.queue(QueueQuery(**filters), reader).rows]  # type: ignore[arg-type]

    assert sorted(ids()) == sorted([one, two])
    assert ids(harms=(Harm.GAM,)) == [two]
    assert ids(sources=("a",)) == [one]
    assert ids(platforms=("tiktok",)) == []
    assert ids(states=(CaseState.REVIEW_2,)) == []
    assert ids(limit=0) == []
    assert ids(offset=5) == []


def test_the_queue_shows_what_the_rules_would_let_one_take(store: Store) -> None:
    people = hire(store)
    cases = [
        open_case(store, str(n), f"{TEXT} {n}", harm=harm) for n, harm in enumerate((Harm.FRD, Harm.HAT, Harm.HAT, Harm.FRD, Harm.GAM))
    ]
    for case_id, harm in zip(cases[1:4], (Harm.HAT, Harm.HAT, Harm.FRD), strict=True):
        store.cases.apply(case_id, c.Claim(), people["an"])
        store.cases.apply(case_id, c.Code(decision=decide(store, case_id, harm)), people["an"])
    store.cases.apply(cases[2], c.Claim(), people["binh"])
    store.cases.apply(cases[2], c.SecondRead(decision=decide(store, cases[2], Outcome.NONE)), people["binh"])
    both = Actor(people["an"].pseudonym, frozenset({Role.REVIEWER, Role.APPROVER, Role.POLICY_LEAD}))
    for actor in (*people.values(), both, Actor("p-new", both.roles)):
        shown = {row.case_id for row in store.cases.queue(QueueQuery(), actor).rows}
        assert shown == {case_id for case_id in cases if readable_by(store.cases.facts(case_id), actor)}
        assert store.cases.queue(QueueQuery(), actor).total == len(shown)
        everything = {row.case_id for row in store.cases.queue(QueueQuery(readable_only=False), actor).rows}
        assert everything == set(cases)


def test_cases_are_found_by_the_beginning_of_their_number(store: Store) -> None:
    case_id = open_case(store)
    assert store.cases.find(case_id[:8].upper()) == case_id
    for wrong in ("", "zzz", "%"):
        with pytest.raises(UsageError, match="no case"):
            store.cases.find(wrong)
    with pytest.raises(UsageError, match="no case"):
        store.cases.view("nothing")


def test_reach_and_items_raise_the_weight(store: Store) -> None:
    reader = Actor("p-x", frozenset({Role.REVIEWER}))
    small = open_case(store, item=replace(make_item(store, "1"), reach=Missing), seed=1)
    big = open_case(store, item=replace(make_item(store, "2", "x y z"), reach=1_000_000), seed=2)
    assert [row.case_id for row in store.cases.queue(QueueQuery(), reader).rows] == [big, small]
    for n in range(3, 60):
        item = make_item(store, str(n), f"nữa {n}")
        store.inbox.put(item, run_id="r")
        signature = signature_of(1)
        store.cases.admit(
            replace(item, reach=Missing),
            make_assessment(Harm.FRD),
            signature=signature,
            band_keys=bands_of(signature),
            severity=Severity.S2,
            sampled=False,
        )
    rows = store.cases.queue(QueueQuery(), reader).rows
    assert [(row.case_id, row.items) for row in rows] == [(small, 58), (big, 1)]
