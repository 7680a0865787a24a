"""Every route for every role, against a table of our own: a mistake in the site's table is a difference here, not agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Seal
from rasoat.cases.states import CaseState, Role
from rasoat.harms import Harm
from rasoat.store.records import DossierRecord
from tests.review_ui.conftest import Enter
from tests.review_ui.house import SCAM, Browser, Rooms
from tests.security.conftest import served

Alone = Callable[[str], Browser]

EVERYBODY: Final = "everybody"
MACHINES: Final = "machines"  # this one, or one with the token: never a person with a browser
PEOPLE: Final = {role.value for role in Role if role is not Role.SYSTEM}
READERS: Final = {"reviewer", "approver", "sender", "policy_lead", "complaint_panel", "auditor"}
LOOKING: Final = READERS | {"data_protection"}
CASE: Final = LOOKING | {"safety_officer"}
SENDING: Final = {"approver", "sender", "policy_lead"}
TAKING: Final = {"reviewer", "policy_lead", "approver"}

MAY: Final[dict[tuple[str, str], set[str] | str]] = {
    ("GET", "/"): PEOPLE,
    ("GET", "/about"): EVERYBODY,
    ("GET", "/account"): PEOPLE,
    ("GET", "/cases/{case_id}"): CASE,
    ("GET", "/cases/{case_id}/captures"): CASE,
    ("GET", "/cases/{case_id}/claim"): CASE,
    ("GET", "/cases/{case_id}/history"): CASE,
    ("GET", "/dossiers/{dossier_id}"): SENDING | {"complaint_panel", "auditor"},
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/login"): EVERYBODY,
    ("GET", "/metrics"): MACHINES,
    ("GET", "/openapi.json"): PEOPLE,
    ("GET", "/policy"): PEOPLE,
    ("GET", "/policy/{code}"): PEOPLE,
    ("GET", "/queue"): READERS,
    ("GET", "/search"): LOOKING,
    ("GET", "/session"): PEOPLE,
    ("GET", "/status"): {"operator", "admin"},
    ("MOUNT", "/static"): EVERYBODY,
    ("POST", "/account"): PEOPLE,
    ("POST", "/cases/{case_id}/adjudicate"): {"policy_lead"},
    ("POST", "/cases/{case_id}/answer"): {"sender"},
    ("POST", "/cases/{case_id}/approve"): {"approver"},
    ("POST", "/cases/{case_id}/claim"): TAKING,
    ("POST", "/cases/{case_id}/close"): SENDING | {"reviewer"},
    ("POST", "/cases/{case_id}/commands"): CASE - {"auditor", "data_protection"},
    ("POST", "/cases/{case_id}/complain"): {"complaint_panel"},
    ("POST", "/cases/{case_id}/decide"): {"reviewer"},
    ("POST", "/cases/{case_id}/escalate"): TAKING | {"safety_officer"},
    ("POST", "/cases/{case_id}/fixed"): SENDING,
    ("POST", "/cases/{case_id}/notice"): SENDING,
    ("POST", "/cases/{case_id}/reject"): {"approver"},
    ("POST", "/cases/{case_id}/release"): TAKING,
    ("POST", "/cases/{case_id}/resolve"): {"complaint_panel"},
    ("POST", "/cases/{case_id}/seal"): SENDING,
    ("POST", "/cases/{case_id}/sent"): {"sender"},
    ("POST", "/login"): EVERYBODY,
    ("POST", "/logout"): PEOPLE,
    ("POST", "/look"): EVERYBODY,
    ("POST", "/queue/next"): TAKING | {"complaint_panel"},
    ("POST", "/sources/{name}/run"): {"operator"},
}
"""Who may knock at which door (WORKFLOW §3). A page's `.json` twin has the page's rule. Duties within a case are the workflow's."""
NEVER: Final = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


def doors(rooms: Rooms) -> list[tuple[str, str, set[str] | str]]:
    """Every served route with its line; one without has failed by itself already."""
    found = ((method, path, MAY.get((method, path)) or MAY.get((method, path.removesuffix(".json")))) for method, path in served(rooms))
    return sorted((method, path, line) for method, path, line in found if line is not None and method != "MOUNT")


def filled(path: str, case_id: str) -> str:
    return path.replace("{case_id}", case_id).replace("{code}", "FRD").replace("{dossier_id}", "none").replace("{name}", "none")


def test_every_route_has_its_line_and_every_line_its_route(rooms: Rooms) -> None:
    """A new route fails here until somebody has said whom it is for."""
    found = {(method, path if (method, path) in MAY else path.removesuffix(".json")) for method, path in served(rooms)}
    assert found == set(MAY)


@pytest.mark.parametrize("who", ["", *sorted(PEOPLE)])
def test_every_route_for_one_role(rooms: Rooms, alone: Alone, who: str) -> None:
    case_id = rooms.open_case(harm=Harm.HAR)  # of the codes that the safety officer may see
    before = rooms.store.cases.view(case_id).facts
    browser = alone(who)
    form = {"csrf": browser.csrf, "reason": "lý do đủ dài để đi qua", "kind": "escalate"}
    for method, path, allowed in doors(rooms):
        ask = browser.web.get if method == "GET" else browser.web.post
        answer = ask(filled(path, case_id), headers={"Accept": "application/json"}, follow_redirects=False)
        seen = (method, path, who, answer.status_code)
        if allowed == MACHINES:
            assert answer.status_code == 403, seen
        elif allowed != EVERYBODY and not who:
            assert (answer.status_code, answer.json()["key"]) == (401, "login"), seen
        elif allowed != EVERYBODY and who not in allowed:
            assert (answer.status_code, answer.json()["key"]) == (403, "role"), seen
            if method == "POST":  # the right token opens no other role's door
                assert browser.web.post(filled(path, case_id), data=form, follow_redirects=False).status_code == 403, seen
        elif method == "POST":  # allowed in, and stopped: the form token is missing
            assert (answer.status_code, answer.json()["key"]) == (403, "form"), seen
        else:
            assert answer.status_code in ((404, 422) if path.startswith("/dossiers") else (200, 302, 303)), seen
    assert rooms.store.cases.view(case_id).facts == before


def test_no_route_answers_to_another_method(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    before = rooms.store.cases.view(case_id).facts
    browser = enter("lan")
    for path in sorted({path for method, path in served(rooms) if method != "MOUNT"}):
        for method in NEVER:
            answer = browser.web.request(method, filled(path, case_id), headers={"X-CSRF-Token": browser.csrf}, follow_redirects=False)
            assert answer.status_code in (404, 405), (method, path)
    overridden = {"X-HTTP-Method-Override": "POST", "X-CSRF-Token": browser.csrf}
    assert browser.web.get(f"/cases/{case_id}/claim", headers=overridden).status_code == 200
    assert rooms.store.cases.view(case_id).facts == before


@pytest.mark.parametrize(
    "path", ["/queue/", "//queue", "/./queue", "/%71ueue", "/queue%2ejson", "/QUEUE", "/static/../queue", "/queue;.json"]
)
def test_no_other_spelling_of_a_path_goes_round_the_door(rooms: Rooms, enter: Enter, path: str) -> None:
    rooms.open_case()
    answer = enter().web.get(path, headers={"Accept": "application/json"}, follow_redirects=False)
    assert answer.status_code in (307, 401, 404)
    assert "OTP" not in answer.text


def test_static_files_give_nothing_from_outside_their_folder(enter: Enter) -> None:
    visitor = enter()
    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "..\\app.py", "/etc/hostname", "%2fetc%2fhostname", "vendor/../../app.py"):
        assert visitor.web.get(f"/static/{path}").status_code == 404, path


def test_a_case_gives_nothing_of_another_case(rooms: Rooms, enter: Enter) -> None:
    """An id of one case is worth nothing in the address of another."""
    mine, other = rooms.open_case(harm=Harm.HAR), rooms.open_case("Bí mật của vụ việc khác, chuyển khoản ngay.", Harm.FRD)
    item = rooms.store.cases.view(other).items[0].item.id
    rooms.store.packs.put("khac.zip", b"PK")
    record = DossierRecord("00000000-0000-4000-8000-00000000000a", other, 1, "khac.zip", sha256_hex(b"PK"), rooms.clock.now())
    rooms.store.dossiers.add(record)
    officer, approver = enter("an"), enter("ha")
    for answer in (officer.get(f"/cases/{mine}?item={item}"), officer.get(f"/cases/{mine}.json?item={item}&full=true")):
        assert "vụ việc khác" not in answer.text
    assert officer.get(f"/cases/{other}").status_code == 403
    dossier = "/dossiers/00000000-0000-4000-8000-00000000000a"
    assert approver.get(f"{dossier}?case={other}").content == b"PK"
    assert approver.get(f"{dossier}?case={mine}").status_code == 404
    assert approver.get(dossier).status_code == 422
    assert enter("lan").get(f"{dossier}?case={other}").status_code == 403


@pytest.mark.parametrize("path", ["../rasoat.sqlite3", "/etc/hostname", "a/../../rasoat.sqlite3", "link.zip"])
def test_a_dossier_outside_its_folder_is_not_handed_out(rooms: Rooms, enter: Enter, path: str) -> None:
    """Even when the database names it: a row is no reason to read any file."""
    case_id = rooms.open_case()
    folder = rooms.settings.dossier_dir
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder.parent / "rasoat.sqlite3"
    if not secret.exists():
        secret.write_bytes(b"SQLite format 3")
    (folder / "link.zip").symlink_to(secret)
    record = DossierRecord("00000000-0000-4000-8000-00000000000b", case_id, 1, path, "0" * 64, rooms.clock.now())
    rooms.store.dossiers.add(record)
    answer = enter("ha").get(f"/dossiers/{record.id}?case={case_id}")
    assert answer.status_code == 409
    assert b"SQLite" not in answer.content


def test_an_escalated_case_is_gone_for_everybody_but_the_safety_officer(rooms: Rooms, enter: Enter, alone: Alone) -> None:
    """At once, though the index hears of it later: nothing is projected here."""
    case_id, similar = rooms.open_case("Lời đe doạ rất riêng ở đây.", Harm.HAR), rooms.open_case(SCAM)
    assert enter("lan").post(f"/cases/{case_id}/escalate", reason="dấu hiệu trẻ em trong ảnh").status_code == 303
    assert rooms.store.cases.view(case_id).facts.state is CaseState.ESCALATED_CSE
    for who in sorted(LOOKING):
        browser = alone(who)
        for path in ("", ".json", "/history.json", "/captures.json", "/claim.json"):
            assert browser.get(f"/cases/{case_id}{path}").status_code in (403, 404), (who, path)
        for path in ("/queue?tab=all", "/queue?state=escalated_cse", "/search?q=doạ", "/search?state=escalated_cse", f"/cases/{similar}"):
            assert "rất riêng" not in browser.get(path).text, (who, path)


def test_nobody_seals_by_command(rooms: Rooms, alone: Alone) -> None:
    """A pack is sealed by building it; saying that it was built is refused whoever says so."""
    case_id = rooms.open_case(harm=Harm.HAR)
    for who in sorted(CASE - {"auditor", "data_protection"}):
        browser = alone(who)
        for forged in (Seal(dossier_id="00000000-0000-4000-8000-00000000000c", pack_sha256="0" * 64).model_dump(), {"kind": "purge"}):
            assert browser.command(case_id, **forged).status_code in (403, 422), (who, forged)
    assert not rooms.store.dossiers.of(case_id)


def test_an_account_that_is_locked_out_or_changed_is_out_at_once(rooms: Rooms, enter: Enter) -> None:
    lan, minh, ha = enter("lan"), enter("minh"), enter("ha")
    rooms.store.accounts.disable("lan")
    rooms.store.accounts.set_roles("minh", [Role.ADMIN])
    rooms.store.accounts.set_password("ha", "mot-mat-khau-khac-han")
    assert [browser.get("/queue.json").status_code for browser in (lan, minh, ha)] == [401, 401, 401]
    assert enter("minh").get("/queue.json").status_code == 403


def test_what_a_person_may_set_of_themselves_is_no_role(rooms: Rooms, enter: Enter) -> None:
    lan = enter("lan")
    before = rooms.store.accounts.get("lan")
    assert before is not None
    assert lan.post("/account", locale="en", roles="admin", role="admin", login="ha", pseudonym="p-x", disabled="0").status_code == 303
    assert rooms.store.accounts.get("lan") == replace(before, locale="en")
    assert rooms.store.accounts.get("ha").locale == "vi"  # type: ignore[union-attr]
