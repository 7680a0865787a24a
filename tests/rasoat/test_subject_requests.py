"""Which answer a request may have: every combination there is, and none that leaves an honest office without an answer."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from rasoat.cases.states import CLOSED_STATES, CaseState
from rasoat.cases.subject_requests import GROUNDS, Kept, RefusalGround, RequestKind, RequestOutcome, check_answer, day_of, due_on
from rasoat.errors import IllegalTransition, NotPermitted, UsageError, WorkflowError

ERASED = {CaseState.PURGED, CaseState.ESCALATED_CSE}
SITUATIONS = [
    Kept(state, words, held)
    for state, words, held in itertools.product([None, *CaseState], (True, False), (True, False))
    if not (words and (state is None or state in ERASED))
]


def allowed(kind: RequestKind, outcome: RequestOutcome, ground: RefusalGround | None, kept: Kept, *, waived: bool = False) -> bool:
    try:
        check_answer(kind, outcome, ground, kept, waived=waived)
    except (UsageError, WorkflowError):
        return False
    return True


@pytest.mark.parametrize("kept", SITUATIONS)
def test_an_erasure_is_granted_for_closed_cases_alone_never_under_a_hold_and_not_unasked_while_complaints_come(kept: Kept) -> None:
    granted = allowed(RequestKind.ERASURE, RequestOutcome.GRANTED, None, kept, waived=True)
    assert granted == (kept.words and kept.state in CLOSED_STATES and not kept.held)
    unasked = allowed(RequestKind.ERASURE, RequestOutcome.GRANTED, None, kept)
    assert unasked == (granted and kept.state not in (CaseState.CLOSED, CaseState.CLOSED_FIXED))


@pytest.mark.parametrize("kept", SITUATIONS)
def test_a_refusal_names_a_ground_that_is_of_its_kind_and_true(kept: Kept) -> None:
    for kind, ground in itertools.product(RequestKind, [None, *RefusalGround]):
        if not allowed(kind, RequestOutcome.REFUSED, ground, kept):
            continue
        assert ground in GROUNDS[kind]
        assert (ground is RefusalGround.NOTHING_KEPT) <= (not kept.words)
        assert (ground is RefusalGround.LEGAL_HOLD) <= kept.held
        assert (ground is RefusalGround.OPEN_CASE) <= (kept.words and kept.state not in CLOSED_STATES)
        assert (ground is RefusalGround.COMPLAINT_WINDOW) <= (kept.state in (CaseState.CLOSED, CaseState.CLOSED_FIXED))


@pytest.mark.parametrize("kept", SITUATIONS)
def test_whoever_has_shown_that_it_is_theirs_gets_some_answer_in_every_situation(kept: Kept) -> None:
    answers = [(RequestOutcome.GRANTED, None), *((RequestOutcome.REFUSED, one) for one in RefusalGround if one != RefusalGround.NOT_THEIRS)]
    for kind in RequestKind:
        assert any(allowed(kind, outcome, ground, kept) for outcome, ground in answers), kind


def test_the_words_say_what_to_do() -> None:
    open_, held = Kept(CaseState.APPROVAL, True, False), Kept(CaseState.CLOSED_NONE, True, True)
    with pytest.raises(IllegalTransition, match="people decide and close it first"):
        check_answer(RequestKind.ERASURE, RequestOutcome.GRANTED, None, open_)
    with pytest.raises(NotPermitted, match="legal hold"):
        check_answer(RequestKind.ERASURE, RequestOutcome.GRANTED, None, held)
    with pytest.raises(NotPermitted, match="complain"):
        check_answer(RequestKind.ERASURE, RequestOutcome.GRANTED, None, Kept(CaseState.CLOSED, True, False))
    with pytest.raises(UsageError, match="nothing_kept"):
        check_answer(RequestKind.ACCESS, RequestOutcome.GRANTED, None, Kept(None, False, False))
    with pytest.raises(UsageError, match=r"does not hold: .*'approval'"):
        check_answer(RequestKind.ERASURE, RequestOutcome.REFUSED, RefusalGround.LEGAL_HOLD, open_)
    with pytest.raises(UsageError, match="a ground is for a refusal"):
        check_answer(RequestKind.ACCESS, RequestOutcome.GRANTED, RefusalGround.NOT_THEIRS, open_)


def test_days_are_days_in_viet_nam() -> None:
    assert due_on(date(2026, 1, 1)) == date(2026, 1, 31)
    midnight = datetime(2026, 1, 31, 17, 0, tzinfo=UTC)
    assert [day_of(midnight - timedelta(seconds=1)), day_of(midnight)] == [date(2026, 1, 31), date(2026, 2, 1)]
