"""Property: whatever `workflow.step` allows is stored, whatever it refuses leaves no trace, and code and triggers never disagree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasoat.cases import commands as c
from rasoat.cases.decisions import DeferralReason, ExpressionRisk, NoticeChoice, PlatformAnswer
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import SYSTEM, Actor, step
from rasoat.clock import FixedClock, Ids
from rasoat.errors import WorkflowError
from rasoat.harms import Harm, Outcome
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from tests.store.makers import decide, hire, no_contact, open_case

WHY = "lý do đủ dài để hợp lệ"
OUTCOMES = (Harm.FRD, Harm.HAT, Harm.ADV, Harm.AGG, Outcome.NONE, Outcome.OOS, Outcome.CTX, Outcome.DUP)
_moves = st.tuples(
    st.sampled_from(range(22)), st.sampled_from(range(6)), st.sampled_from(OUTCOMES), st.sampled_from((0, 0, 0, 20, 60, 24 * 60 * 15))
)


def command(number: int, outcome: Harm | Outcome, store: Store, case_id: str, clock: FixedClock) -> c.Command:
    """The n-th kind of command on this case. The early ones are drawn more often: they are what a case needs to get anywhere."""
    erased = not store.cases.view(case_id).items
    decision = decide(store, case_id, Outcome.NONE if erased else outcome)
    risky = decision.model_copy(update={"expression_risk": ExpressionRisk.HIGH})
    until = clock.now().replace(year=2027) if number == 9 else clock.now()
    made: list[c.Command] = [
        c.Claim(),
        c.Code(decision=decision),
        c.Claim(),
        c.SecondRead(decision=decision),
        c.Approve(bona_fide=True, capture_verified=True, reason=WHY),
        no_contact(),
        c.Release(),
        c.Code(decision=risky),
        c.Adjudicate(decision=decision, reason=WHY),
        c.GiveNotice(choice=NoticeChoice.DEFERRED, deferral=DeferralReason.ACTIVE_FRAUD, deferred_until=until, reason=WHY),
        c.Adjudicate(decision=None, reason=WHY),
        c.Reject(again=number % 2 == 0, reason=WHY),
        c.GiveNotice(choice=NoticeChoice.SENT, channel="thư", reason=WHY),
        c.Fixed(reason=WHY),
        c.Seal(dossier_id="hs", pack_sha256="0" * 64),
        c.MarkSent(channel="biểu mẫu", reference="A-1"),
        c.RecordAnswer(answer=PlatformAnswer.PARTIAL),
        c.Complain(grounds=WHY),
        c.ResolveComplaint(reversed=outcome is Outcome.NONE, reason=WHY),
        c.Escalate(reason="nghi ngờ"),
        c.Close(reason="xong rồi"),
        c.Purge(rule="thử"),
    ]
    return made[number]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(_moves, min_size=5, max_size=40))
def test_store_and_rules_agree_on_every_sequence(moves: list[tuple[int, int, Harm | Outcome, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = FixedClock()
        with open_store(Settings(home=Path(folder) / "home"), clock=clock, ids=Ids(1)) as store:
            people = [*hire(store).values(), SYSTEM]
            people[4] = Actor(people[4].pseudonym, frozenset({*people[4].roles, Role.APPROVER, Role.SENDER}))
            case_id = open_case(store)
            for number, who, outcome, minutes in moves:
                clock.advance(minutes=minutes)
                _play(store, case_id, command(number, outcome, store, case_id, clock), people[who], clock)
            assert store.cases.verify_chain(case_id) == []
            assert store.check() == []


def _play(store: Store, case_id: str, asked: c.Command, actor: Actor, clock: FixedClock) -> None:
    before = store.cases.view(case_id)
    try:
        expected = step(before.facts, asked, actor, clock.now(), staffing=store.staffing()).after
    except WorkflowError as refusal:
        try:
            store.cases.apply(case_id, asked, actor)
        except type(refusal):
            assert store.cases.view(case_id) == before
            return
        raise AssertionError(f"the store did what the rules refuse: {refusal}") from refusal
    after = store.cases.apply(case_id, asked, actor)
    assert after == expected
    view = store.cases.view(case_id)
    assert len(view.events) == len(before.events) + 1
    if after.state in (CaseState.ESCALATED_CSE, CaseState.PURGED):
        assert view.items == ()
        assert (view.facts.first, view.facts.second, view.facts.ruling) == (None, None, None)
    else:
        assert view.facts == expected
