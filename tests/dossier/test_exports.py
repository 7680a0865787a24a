"""Forms of single destinations: what each needs is there, what each forbids is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rasoat.dossier import Notice, Words
from rasoat.dossier.drafting import draft
from rasoat.dossier.exports import dsa_notice, export_files, lumen_notice, xarf_report
from rasoat.errors import DossierRefused
from rasoat.harms import Harm
from tests.dossier.made import DOSSIER_ID, Desk, decision, item, view


def notice(desk: Desk, **changes: Any) -> Notice:
    lead = item(desk.evidence)
    request = desk.request(view(lead, ruling=decision(lead).model_copy(update=changes)))
    return draft(request, Words.load(request))


def test_dsa_has_the_four_elements_of_article_16(desk: Desk) -> None:
    form = json.loads(dsa_notice(notice(desk), desk.policy).to_bytes())
    assert form["explanation"].startswith("Sự việc.")
    assert form["locations"][0]["url"].startswith("https://dau-tu-vang.example/")
    assert (form["notifier_name"], form["notifier_email"]) == ("Tổ chức Ví Dụ", "lien-he@rasoat.example")
    assert form["bona_fide_statement"].startswith("I believe in good faith")
    assert form["category"] == "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    assert form["automated_detection"] == "Yes"
    assert form["requester_capacity"] == "The requester is a non-governmental organisation."


@pytest.mark.parametrize("harm", list(Harm))
def test_no_export_names_a_category_about_opinion(desk: Desk, harm: Harm) -> None:
    form = dsa_notice(notice(desk, outcome=harm), desk.policy)
    assert "CIVIC_DISCOURSE" not in form.category
    assert not {"KEYWORD_DEFAMATION", "KEYWORD_TERRORIST_CONTENT", "KEYWORD_MISINFORMATION_DISINFORMATION"} & set(
        form.category_specification
    )


def test_xarf_for_a_host(desk: Desk) -> None:
    form = json.loads(xarf_report(notice(desk)).to_bytes())
    assert (form["category"], form["type"], form["fraud_type"]) == ("content", "fraud", "other")
    assert (form["report_id"], form["source_identifier"]) == (DOSSIER_ID, "dau-tu-vang.example")
    assert form["reporter"] == {"org": "Tổ chức Ví Dụ", "contact": "lien-he@rasoat.example", "domain": "rasoat.example"}
    assert "_internal" not in form
    assert "evidence" not in form
    phishing = json.loads(xarf_report(notice(desk, policy_ground="hosting-phishing")).to_bytes())
    assert phishing["type"] == "phishing"
    assert "fraud_type" not in phishing


@pytest.mark.parametrize("ground", [None, "google-ads", "hosting-child-safety"])
def test_xarf_is_not_made_for_anything_else(desk: Desk, ground: str | None) -> None:
    made = notice(desk, policy_ground=ground)
    with pytest.raises(DossierRefused):
        xarf_report(made)
    assert list(export_files(made, desk.policy)) == ["exports/dsa-article-16.json"]


def test_lumen_names_organisations_only(desk: Desk) -> None:
    form = json.loads(lumen_notice(notice(desk), date(2026, 3, 6)).to_bytes())
    assert form["type"] == "LocalLaw"
    assert form["date_sent"] == "2026-03-06"
    assert [entity["name"] for entity in form["entity_notice_roles_attributes"]] == ["sender", "recipient"]
    assert "@" not in json.dumps(form)


@pytest.mark.parametrize("harm", [Harm.SHM, Harm.PII, Harm.HAR, Harm.SEX, Harm.CSE, Harm.AGG])
def test_lumen_never_gets_what_would_harm_again(desk: Desk, harm: Harm) -> None:
    with pytest.raises(DossierRefused):
        lumen_notice(notice(desk, outcome=harm), date(2026, 3, 6))


def test_lumen_calls_an_authority_an_authority(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(update={"requester_capacity": "PUBLIC_AUTHORITY"})
    form = lumen_notice(notice(desk), date(2026, 3, 6))
    assert (form.type, form.request_type) == ("GovernmentRequest", "Agency")
