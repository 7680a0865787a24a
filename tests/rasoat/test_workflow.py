"""The state machine: what nobody may do, whatever the order of commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, ExpressionRisk, Measure, NoContactReason, NoticeChoice, Quote
from rasoat.cases.states import TRANSITIONS, CaseState, EventKind, Role
from rasoat.cases.workflow import SYSTEM, Actor, CaseFacts, Staffing, seal_problems, step
from rasoat.errors import Conflict, IllegalTransition, NotPermitted, WorkflowError
from rasoat.harms import FIX_FIRST, NO_DOSSIER, Harm, Outcome

S = CaseState
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}
PEOPLE = [Actor(name, EVERY_ROLE) for name in ("p1", "p2", "p3", "p4", "p5")]
STAFF = Staffing(people=5, complaint_desk=frozenset({"p1", "p2", "p3", "p4", "p5"}))


def decision(outcome: Harm | Outcome = Harm.FRD, **changes: object) -> Decision:
    full: dict[str, object] = {
        "outcome": outcome,
        "context": {ContextBox.NO_BOX},
        "reason": "Tin nhắn đòi mã OTP qua liên kết giả.",
    }
    if isinstance(outcome, Harm):
        full |= {
            "quote": Quote(item_id="i", start=0, end=5),
            "innocent_reading": "Có thể là tin nhắn thật của ngân hàng.",
            "measure": Measure.LETTER if outcome is Harm.AGG else Measure.REMOVE_ITEM,
            "legal_grounds": ("VN-FRAUD",),
        }
    return Decision.model_validate(full | changes)


def fresh(**changes: object) -> CaseFacts:
    return replace(CaseFacts(id="c1", state=S.TRIAGE, suggested=Harm.FRD, sampled=False, since=NOW), **changes)  # type: ignore[arg-type]


def run(facts: CaseFacts, *moves: tuple[int, c.Command], now: datetime = NOW) -> CaseFacts:
    for person, command in moves:
        facts = step(facts, command, PEOPLE[person], now, staffing=STAFF).after
    return facts


def approved(outcome: Harm = Harm.FRD) -> CaseFacts:
    facts = run(fresh(), (0, c.Claim()), (0, c.Code(decision=decision(outcome))))
    if facts.state is S.REVIEW_2:
        facts = run(facts, (1, c.Claim()), (1, c.SecondRead(decision=decision(outcome))))
    if facts.state is S.ADJUDICATION:
        facts = run(facts, (3, c.Claim()), (3, c.Adjudicate(decision=decision(outcome), reason="Hai người cùng đọc như nhau.")))
    return run(facts, (2, c.Claim()), (2, c.Approve(bona_fide=True, capture_verified=True, reason="Đã đọc lại bản chụp.")))


TOLD = c.GiveNotice(choice=NoticeChoice.SENT, channel="e-mail", reason="Gửi tới địa chỉ ghi ở chân trang.")
SEAL = c.Seal(dossier_id="d", pack_sha256="0" * 64)


def test_a_plain_case_reaches_a_sealed_dossier_with_two_people() -> None:
    done = run(approved(), (2, TOLD), (2, SEAL))
    assert done.state is S.DOSSIER_READY
    assert done.first_reader == "p1"
    assert done.approver == "p3"


@pytest.mark.parametrize("harm", sorted(Harm))
def test_blind_codes_get_a_second_reader_who_is_another_person(harm: Harm) -> None:
    if harm is Harm.CSE:
        with pytest.raises(NotPermitted, match="escalated"):
            run(fresh(), (0, c.Claim()), (0, c.Code(decision=decision(harm))))
        return
    facts = run(fresh(), (0, c.Claim()), (0, c.Code(decision=decision(harm))))
    if harm in {Harm.HAT, Harm.HAR, Harm.SEX, Harm.AGG, Harm.IMP}:
        assert facts.state is S.REVIEW_2
        with pytest.raises(NotPermitted, match="another person"):
            run(facts, (0, c.Claim()))
    else:
        assert facts.state is S.APPROVAL


def test_who_read_the_case_cannot_approve_it() -> None:
    facts = run(fresh(), (0, c.Claim()), (0, c.Code(decision=decision())))
    with pytest.raises(NotPermitted, match="cannot also"):
        run(facts, (0, c.Claim()))


def test_a_claim_is_exclusive_until_it_runs_out() -> None:
    facts = run(fresh(), (0, c.Claim()))
    with pytest.raises(Conflict):
        run(facts, (1, c.Claim()))
    later = NOW + timedelta(minutes=31)
    with pytest.raises(Conflict, match="run out"):
        run(facts, (0, c.Code(decision=decision())), now=later)
    assert run(facts, (1, c.Claim()), now=later).claimed_by == "p2"


def test_disagreement_goes_to_the_policy_lead() -> None:
    facts = run(
        fresh(),
        (0, c.Claim()),
        (0, c.Code(decision=decision(Harm.HAT))),
        (1, c.Claim()),
        (1, c.SecondRead(decision=decision(Outcome.NONE))),
    )
    assert facts.state is S.ADJUDICATION
    closed = run(facts, (3, c.Claim()), (3, c.Adjudicate(decision=decision(Outcome.NONE), reason="Đọc theo nghĩa được bảo vệ.")))
    assert closed.state is S.CLOSED_NONE


@pytest.mark.parametrize("change", [{"expression_risk": ExpressionRisk.HIGH}, {"overrules_scope_warning": True}])
def test_high_risk_and_overruled_scope_need_second_reader_and_policy_lead(change: dict[str, object]) -> None:
    facts = run(fresh(), (0, c.Claim()), (0, c.Code(decision=decision(**change))))
    assert facts.state is S.REVIEW_2
    facts = run(facts, (1, c.Claim()), (1, c.SecondRead(decision=decision())))
    assert facts.state is S.ADJUDICATION


@pytest.mark.parametrize("harm", sorted(FIX_FIRST - NO_DOSSIER))
def test_fix_first_codes_wait_fourteen_days(harm: Harm) -> None:
    facts = run(approved(harm), (2, TOLD))
    with pytest.raises(NotPermitted, match="mend"):
        run(facts, (2, SEAL), now=NOW + timedelta(days=13))
    assert run(facts, (2, SEAL), now=NOW + timedelta(days=14)).state is S.DOSSIER_READY
    assert run(facts, (2, c.Fixed(reason="Đã gắn nhãn quảng cáo."))).state is S.CLOSED_FIXED


def test_an_aggregator_gets_a_letter_and_nothing_else() -> None:
    facts = run(approved(Harm.AGG), (2, TOLD))
    with pytest.raises(NotPermitted, match="never a takedown"):
        run(facts, (2, SEAL), now=NOW + timedelta(days=60))
    assert run(facts, (2, c.Close(reason="Đã gửi thư."))).state is S.CLOSED


def test_only_the_policy_lead_withdraws_an_approved_case() -> None:
    approver = Actor("p3", frozenset({Role.APPROVER, Role.SENDER}))
    lead = Actor("p4", frozenset({Role.POLICY_LEAD}))
    withdraw = c.Close(reason="Không có địa chỉ công khai để nêu.")
    with pytest.raises(IllegalTransition, match="letter"):
        step(approved(), withdraw, approver, NOW, staffing=STAFF)
    assert step(approved(), withdraw, lead, NOW, staffing=STAFF).after.state is S.CLOSED


def test_nothing_is_sealed_without_staff_or_a_free_complaint_desk() -> None:
    facts = run(approved(), (2, TOLD))
    assert seal_problems(facts, NOW, Staffing(2, frozenset({"p5"})))
    assert seal_problems(facts, NOW, Staffing(5, frozenset({"p1", "p3"})))
    assert not seal_problems(facts, NOW, STAFF)


def test_a_complaint_is_decided_by_others() -> None:
    facts = run(approved(), (2, TOLD), (2, SEAL), (2, c.MarkSent(channel="biểu mẫu web")))
    facts = run(facts, (4, c.Complain(grounds="Bài của tôi là bài cảnh báo.")))
    for involved in (0, 2):
        with pytest.raises(NotPermitted, match="no part"):
            run(facts, (involved, c.ResolveComplaint(reversed=True, reason="Đúng là bài cảnh báo.")))
    assert run(facts, (4, c.ResolveComplaint(reversed=True, reason="Đúng là bài cảnh báo."))).state is S.REVERSED


def test_the_system_can_decide_nothing() -> None:
    for command in (c.Claim(), c.Code(decision=decision()), c.Approve(bona_fide=True, capture_verified=True, reason="x" * 10)):
        for state in S:
            with pytest.raises(WorkflowError):
                step(fresh(state=state, first=decision(), ruling=decision()), command, SYSTEM, NOW, staffing=STAFF)


def test_a_deferral_is_short_and_has_a_closed_list_of_reasons() -> None:
    late = c.GiveNotice.model_validate(
        {
            "choice": "deferred",
            "deferral": "active_fraud",
            "deferred_until": NOW + timedelta(days=31),
            "reason": "Đang thu chứng cứ.",
        }
    )
    with pytest.raises(NotPermitted, match="30 days"):
        run(approved(), (2, late))
    with pytest.raises(ValueError, match="deferral"):
        c.GiveNotice.model_validate({"choice": "deferred", "deferral": "because", "reason": "x" * 20})


_outcomes = st.sampled_from([*(h for h in Harm), *Outcome])
_decisions = st.builds(
    lambda outcome, risk, overrule: decision(outcome, expression_risk=risk, overrules_scope_warning=overrule),
    _outcomes,
    st.sampled_from(list(ExpressionRisk)),
    st.booleans(),
)
_commands = st.one_of(
    st.just(c.Claim()),
    st.just(c.Release()),
    st.builds(lambda d: c.Code(decision=d), _decisions),
    st.builds(lambda d: c.SecondRead(decision=d), _decisions),
    st.builds(lambda d: c.Adjudicate(decision=d, reason="cân nhắc kỹ"), st.none() | _decisions),
    st.just(c.Approve(bona_fide=True, capture_verified=True, reason="đã đọc lại")),
    st.builds(lambda again: c.Reject(again=again, reason="chưa thuyết phục"), st.booleans()),
    st.just(TOLD),
    st.just(c.GiveNotice(choice=NoticeChoice.NOT_SENT, no_contact=NoContactReason.NO_CONTACT_FOUND, reason="Không có liên hệ.")),
    st.just(SEAL),
    st.just(c.Fixed(reason="đã sửa xong rồi")),
    st.just(c.MarkSent(channel="thư điện tử")),
    st.just(c.Complain(grounds="tôi không đồng ý")),
    st.builds(lambda r: c.ResolveComplaint(reversed=r, reason="đã xem xét lại"), st.booleans()),
    st.just(c.Escalate(reason="trẻ em")),
    st.just(c.Close(reason="xong")),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), _commands, st.integers(0, 20 * 24 * 60)), max_size=40), st.booleans())
def test_no_path_leads_to_a_dossier_without_two_people_and_a_notice(moves: list[tuple[int, c.Command, int]], sampled: bool) -> None:
    facts, now = fresh(sampled=sampled), NOW
    path: list[tuple[EventKind, S | None, S]] = []
    for person, command, minutes in moves:
        now += timedelta(minutes=minutes % (60 if minutes % 3 else 30_000))
        try:
            moved = step(facts, command, PEOPLE[person], now, staffing=STAFF)
        except WorkflowError:
            continue
        assert (moved.event, facts.state, moved.after.state) in TRANSITIONS
        path.append((moved.event, facts.state, moved.after.state))
        if moved.event is EventKind.SEALED:
            assert facts.ruling is not None
            assert facts.ruling.harm not in NO_DOSSIER
            assert facts.approver not in facts.readers
            assert facts.notice is not None
            assert EventKind.APPROVED in {kind for kind, _, _ in path}
        if moved.event is EventKind.SECOND_READ:
            assert moved.after.second_reader != moved.after.first_reader
        if moved.event in (EventKind.UPHELD, EventKind.REVERSED):
            assert PEOPLE[person].pseudonym not in facts.readers | {facts.approver}
        facts = moved.after


def test_escalated_and_purged_are_ends() -> None:
    ends = {S.ESCALATED_CSE: {S.PURGED}, S.PURGED: set()}
    for end, allowed in ends.items():
        assert {to for _, came, to in TRANSITIONS if came is end} == allowed


def test_no_arrow_skips_approval_on_the_way_to_a_dossier() -> None:
    sources = {came for _, came, to in TRANSITIONS if to is S.DOSSIER_READY and came is not S.DOSSIER_READY}
    assert sources == {S.PUBLISHER_NOTICE}
    assert {came for kind, came, to in TRANSITIONS if to is S.PUBLISHER_NOTICE and came is not to} == {S.APPROVAL}


def test_illegal_moves_name_the_state() -> None:
    with pytest.raises(IllegalTransition, match="triage"):
        run(fresh(), (0, SEAL))
