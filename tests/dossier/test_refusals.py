"""Everything that keeps a dossier inside the house (NOTICES §12), one by one, and all of it at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rasoat.cases.decisions import ContextBox, Decision, ExpressionRisk, Measure, Quote
from rasoat.cases.states import CaseState, EventKind
from rasoat.cases.workflow import Staffing
from rasoat.dossier import Channel, refusals
from rasoat.errors import DossierRefused
from rasoat.harms import Harm, Outcome
from rasoat.messages import Messages
from rasoat.missing import Missing
from rasoat.settings import ROOT
from rasoat.store.records import CaseView, DecisionRecord
from tests.dossier.made import CASE_ID, T0, TEXT, Desk, capture, decision, item, view


def codes(desk: Desk, case: CaseView, **changes: Any) -> set[str]:
    found = refusals(desk.request(case, **changes), desk.evidence)
    for locale in ("vi", "en"):  # every refusal has its words in both languages
        messages = Messages.load(ROOT / "data", locale)
        assert all(refusal.text(messages) for refusal in found)
    return {refusal.code for refusal in found}


def loose(ruling: Decision, **changes: Any) -> Decision:
    """A decision that the form would not have let through: the export checks again."""
    return ruling.model_copy(update=changes)


def bent(desk: Desk, **changes: Any) -> CaseView:
    lead = item(desk.evidence)
    return view(lead, ruling=loose(decision(lead), **changes))


def test_a_whole_case_is_refused_nothing(desk: Desk) -> None:
    assert codes(desk, desk.case()) == set()


@pytest.mark.parametrize("stage", [EventKind.CODED, EventKind.APPROVED, EventKind.NOTICE_GIVEN])
def test_a_missing_verdict(desk: Desk, stage: EventKind) -> None:
    case = desk.case()
    assert "missing" in codes(desk, replace(case, decisions=tuple(d for d in case.decisions if d.stage is not stage)))


def test_a_missing_organisation_and_address(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"requester_org": " ", "requester_email": "nowhere"})
    found = refusals(desk.request(desk.case(), settings=settings), desk.evidence)
    assert {r.slots.get("field") for r in found} == {"notifier.org", "notifier.email"}


def test_a_missing_measure(desk: Desk) -> None:
    assert codes(desk, bent(desk, measure=None)) == {"missing"}


def test_a_missing_quote(desk: Desk) -> None:
    assert "missing" in codes(desk, bent(desk, quote=None))


def test_an_item_without_address(desk: Desk) -> None:
    assert "no_url" in codes(desk, view(item(desk.evidence, url=Missing)))


def test_an_address_that_is_no_web_address(desk: Desk) -> None:
    assert "no_url" in codes(desk, view(item(desk.evidence, url="javascript:alert(1)")))


def test_no_locator(desk: Desk) -> None:
    assert codes(desk, view(item(desk.evidence, locator=" "))) == {"no_locator"}


def test_the_first_reader_approved(desk: Desk) -> None:
    case = desk.case(approver="an-01")
    decisions = tuple(replace(d, actor="an-01") if d.stage is EventKind.APPROVED else d for d in case.decisions)
    assert "self_approved" in codes(desk, replace(case, decisions=decisions))


def test_an_earlier_reader_approved(desk: Desk) -> None:
    assert "self_approved" in codes(desk, desk.case(readers=frozenset({"an-01", "cuc-03"})))


def test_a_capture_that_changed(desk: Desk) -> None:
    lead = item(desk.evidence)
    desk.evidence.blobs[lead.captures[0].blob.sha256] += b"!"
    assert codes(desk, view(lead)) == {"capture_mismatch"}


def test_a_capture_that_is_gone(desk: Desk) -> None:
    lead = item(desk.evidence)
    desk.evidence.blobs.clear()
    assert codes(desk, view(lead)) == {"capture_mismatch"}


def test_two_captures_of_one_id_that_differ(desk: Desk) -> None:
    lead, same = item(desk.evidence), item(desk.evidence, name="ban-sao")
    other = replace(capture(desk.evidence, 7, TEXT), id=lead.captures[0].id)
    assert codes(desk, view(lead, replace(same, captures=(other,)))) == {"capture_mismatch"}


def test_no_capture_at_all(desk: Desk) -> None:
    assert codes(desk, view(item(desk.evidence, captures=0))) == {"no_capture"}


def test_an_empty_context(desk: Desk) -> None:
    assert codes(desk, bent(desk, context=frozenset())) == {"no_context"}


def test_high_risk_without_the_policy_lead(desk: Desk) -> None:
    assert codes(desk, bent(desk, expression_risk=ExpressionRisk.HIGH)) == {"high_risk_unsigned"}


def test_high_risk_with_the_policy_lead(desk: Desk) -> None:
    lead = item(desk.evidence)
    ruling = decision(lead, expression_risk=ExpressionRisk.HIGH)
    case = view(lead, ruling=ruling, adjudicator="binh-02", readers=frozenset({"an-01", "binh-02"}))
    signed = DecisionRecord("d9", CASE_ID, EventKind.ADJUDICATED, "binh-02", T0 + timedelta(hours=4), ruling, "Đã cân nhắc nguy cơ.")
    assert codes(desk, replace(case, decisions=(*case.decisions, signed))) == set()


@pytest.mark.parametrize("ground", ["VN-PC-331", "VN-CYBER-16", "VN-D15-101", "EU-ANY"])
def test_a_ground_that_is_not_on_the_allow_list(desk: Desk, ground: str) -> None:
    assert "ground_not_allowed" in codes(desk, bent(desk, legal_grounds=(ground,)))


def test_a_ground_for_another_harm(desk: Desk) -> None:
    assert codes(desk, bent(desk, legal_grounds=("VN-GAMBLE",))) == {"ground_other_code"}


def test_an_unknown_platform_section(desk: Desk) -> None:
    assert codes(desk, bent(desk, policy_ground="nowhere-rule")) == {"section_unknown"}


def test_a_section_of_another_platform(desk: Desk) -> None:
    assert codes(desk, bent(desk, policy_ground="youtube-spam-scams")) == {"section_other_platform"}


def test_no_ground(desk: Desk) -> None:
    assert codes(desk, bent(desk, policy_ground=None, legal_grounds=())) == {"no_ground"}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_verdict_that_is_no_harm(desk: Desk, outcome: Outcome) -> None:
    assert "out_of_scope" in codes(desk, bent(desk, outcome=outcome))


@pytest.mark.parametrize("harm", [Harm.CSE, Harm.AGG])
def test_codes_that_never_become_a_request(desk: Desk, harm: Harm) -> None:
    assert "no_dossier_code" in codes(desk, bent(desk, outcome=harm, measure=Measure.LETTER))


def test_child_safety_as_a_secondary_code(desk: Desk) -> None:
    assert codes(desk, bent(desk, secondary=(Harm.CSE,))) == {"no_dossier_code"}


def test_a_public_authority_behind_an_in_product_flag(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"requester_capacity": "PUBLIC_AUTHORITY"})
    assert codes(desk, desk.case(), settings=settings, channel=Channel.IN_PRODUCT_FLAG) == {"flag_by_authority"}
    assert codes(desk, desk.case(), settings=settings) == set()


def test_an_unknown_capacity(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"requester_capacity": "ANONYMOUS"})
    assert codes(desk, desk.case(), settings=settings) == {"capacity_unknown"}


def test_a_capacity_that_may_not_name_this_harm(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"requester_capacity": "RIGHT_HOLDER"})
    assert codes(desk, desk.case(), settings=settings) == {"capacity_code"}


def test_a_quote_of_1001_characters(desk: Desk) -> None:
    lead = item(desk.evidence, text="lừa " * 300)
    assert codes(desk, view(lead, ruling=decision(lead, quote=lead.text[:1001]))) == {"quote_too_long"}
    assert codes(desk, view(lead, ruling=decision(lead, quote=lead.text[:1000]))) == set()


@pytest.mark.parametrize("quote", [Quote(item_id="another", start=0, end=5), "beyond"])
def test_a_quote_from_elsewhere(desk: Desk, quote: Quote | str) -> None:
    lead = item(desk.evidence)
    bad = quote if isinstance(quote, Quote) else Quote(item_id=lead.id, start=len(TEXT) - 5, end=len(TEXT) + 5)
    assert "quote_outside" in codes(desk, view(lead, ruling=loose(decision(lead), quote=bad)))


def test_the_same_address_was_reversed_on_complaint(desk: Desk) -> None:
    lead = item(desk.evidence)
    assert codes(desk, view(lead), reversed_urls=frozenset({lead.url_hash})) == {"reversed_before"}


def test_an_explanation_without_facts(desk: Desk) -> None:
    assert codes(desk, bent(desk, reason="lừaađảoaaaa")) == {"no_explanation"}


def test_an_explanation_copied_from_the_policy(desk: Desk) -> None:
    assert codes(desk, bent(desk, reason=desk.policy.harm(Harm.FRD).definition.vi)) == {"template_explanation"}


@pytest.mark.parametrize("state", [CaseState.TRIAGE, CaseState.APPROVAL, CaseState.COMPLAINT, CaseState.REVERSED, CaseState.PURGED])
def test_a_case_that_is_not_approved(desk: Desk, state: CaseState) -> None:
    assert "not_approved" in codes(desk, desk.case(state=state))


def test_nobody_was_told(desk: Desk) -> None:
    assert {"workflow", "missing"} <= codes(desk, desk.case(notice=None))


def test_too_few_people(desk: Desk) -> None:
    assert codes(desk, desk.case(), staffing=Staffing(2, frozenset({"dao-04"}))) == {"workflow"}


def test_nobody_is_free_to_hear_a_complaint(desk: Desk) -> None:
    assert codes(desk, desk.case(), staffing=Staffing(5, frozenset({"an-01"}))) == {"workflow"}


def test_a_log_that_was_changed(desk: Desk) -> None:
    case = desk.case()
    events = list(case.events)
    events[2] = replace(events[2], actor="somebody-else")
    found = refusals(desk.request(replace(case, events=tuple(events))), desk.evidence)
    assert [r.code for r in found] == ["custody_broken"]
    assert "event 3" in found[0].slots["problem"]


def test_all_reasons_are_named_at_once_and_nothing_is_written(desk: Desk) -> None:
    case = bent(desk, context=frozenset(), legal_grounds=("VN-PC-331",), expression_risk=ExpressionRisk.HIGH)
    with pytest.raises(DossierRefused) as refused:
        desk.build(case)
    assert len(refused.value.reasons) == 3
    assert "'VN-PC-331' is not on the allow-list" in str(refused.value)
    assert not desk.settings.dossier_dir.exists()


def test_a_context_box_is_no_reason_to_refuse(desk: Desk) -> None:
    assert codes(desk, bent(desk, context=frozenset({ContextBox.EDUCATION}))) == set()
