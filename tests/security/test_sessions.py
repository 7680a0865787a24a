"""Sessions, form tokens and the brake, from the attacker's side: another site, a planted cookie, a guesser who changes clothes."""

from __future__ import annotations

import pytest

from review_ui.visit import GUEST_COOKIE, SESSION_COOKIE
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PASSWORD, Browser, Rooms
from tests.security.conftest import served
from tests.security.test_authorisation import filled

WRONG = "khong-phai-mat-khau"


def writes(rooms: Rooms) -> list[str]:
    return sorted({path for method, path in served(rooms) if method == "POST"})


def test_no_write_takes_a_token_that_is_not_its_session_s(rooms: Rooms, enter: Enter) -> None:
    """CSRF on every write there is: a stranger's token, a guest's, one in the address, or the right one sent by another site."""
    case_id = rooms.open_case()
    everybody = [role for one in rooms.store.accounts.all() for role in one.roles]
    rooms.store.accounts.add("moi-vai", PASSWORD, "Mọi vai", everybody)
    victim, thief, guest = enter("moi-vai"), enter("minh"), enter()
    before = rooms.store.cases.view(case_id).facts
    own, stranger, early = victim.csrf, thief.csrf, guest.json("/login")["csrf"]
    fields = {"reason": "lý do đủ dài để đi qua", "locale": "en", "login": "moi-vai", "password": PASSWORD, "kind": "claim"}
    for path in writes(rooms):
        address = filled(path, case_id)
        tries = [
            victim.web.post(address, data=fields | {"csrf": token}, follow_redirects=False)
            for token in (stranger, early, "", own[:-1], own.upper() + "x", "đ")
        ]
        tries.append(victim.web.post(f"{address}?csrf={own}", data=fields, follow_redirects=False))
        tries.append(
            victim.web.post(address, content=f'{{"csrf": "{own}"}}', headers={"Content-Type": "text/plain"}, follow_redirects=False)
        )
        tries += [
            victim.web.post(address, data=fields | {"csrf": own}, headers={"Sec-Fetch-Site": site}, follow_redirects=False)
            for site in ("cross-site", "same-site")
        ]
        assert [answer.status_code for answer in tries] == [403] * len(tries), path
        assert all(SESSION_COOKIE not in answer.headers.get("set-cookie", "") for answer in tries), path
    assert rooms.store.cases.view(case_id).facts == before
    assert rooms.store.accounts.get("moi-vai").locale == "vi"  # type: ignore[union-attr]
    assert victim.get("/queue").status_code == 200  # nobody logged them out


def test_reading_changes_nothing(rooms: Rooms, enter: Enter) -> None:
    """A picture or a link on another site is a GET with the reviewer's cookies: no GET may act, whatever its address says."""
    case_id = rooms.open_case()
    lan = enter("lan")
    before, people = rooms.store.cases.view(case_id).facts, rooms.store.accounts.all()
    act = {"csrf": lan.csrf, "outcome": "FRD", "reason": "lý do đủ dài", "_method": "POST", "locale": "en", "kind": "claim"}
    for method, path in served(rooms):
        if method == "GET":
            lan.get(filled(path, case_id), params=act)
    assert rooms.store.cases.view(case_id).facts == before
    assert rooms.store.accounts.all() == people
    assert lan.get("/queue").status_code == 200


def test_what_was_planted_before_log_in_is_worth_nothing_after(enter: Enter) -> None:
    """Fixation, of the session and of the guest's token: the attacker knows both, the victim logs in, the attacker gains nothing."""
    victim, attacker = enter(), enter()
    for jar in (victim.web.cookies, attacker.web.cookies):
        jar.set(SESSION_COOKIE, "x" * 43)
        jar.set(GUEST_COOKIE, "y" * 32)
    known = attacker.json("/login")["csrf"]
    assert victim.log_in("lan").status_code == 303
    assert attacker.get("/queue").status_code == 303
    assert victim.csrf != known
    assert victim.web.post("/account", data={"csrf": known, "locale": "en"}, follow_redirects=False).status_code == 403


def test_a_session_lives_in_its_cookie_alone(enter: Enter) -> None:
    lan = enter("lan")
    token = lan.web.cookies[SESSION_COOKIE]
    assert len(token) >= 43  # 256 bits
    visitor = enter()
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-Session": token}, {"X-CSRF-Token": lan.csrf}):
        assert visitor.get(f"/queue?{SESSION_COOKIE}={token}", headers=headers).status_code == 303
    for path in ("/queue", "/account", "/session", "/session.json", "/queue.json"):
        assert token not in lan.get(path).text


def test_the_cookie_of_a_session_is_out_of_a_script_s_reach(enter: Enter) -> None:
    browser = enter()
    given = browser.log_in("lan").headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=lax" in given
    assert "domain=" not in given
    assert "path=/" in given


def test_a_guesser_in_other_clothes_is_the_same_guesser(enter: Enter) -> None:
    """The same login in other letters, as JSON, from other claimed addresses, from new browsers: one count."""
    browsers = [enter(), enter()]
    statuses = []
    for number in range(9):
        browser = browsers[number % 2]
        login = ("lan", "LAN", " lan ", "Lan")[number % 4]
        headers = {
            "X-Forwarded-For": f"203.0.113.{number}",
            "Forwarded": f"for=203.0.113.{number}",
            "X-CSRF-Token": browser.json("/login")["csrf"],
        }
        body = {"login": login, "password": WRONG}
        sent = {"json": body} if number % 3 == 0 else {"data": body}
        statuses.append(browser.web.post("/login", headers=headers, follow_redirects=False, **sent).status_code)  # type: ignore[arg-type]
    assert statuses == [401] * 8 + [429]


def test_a_log_in_of_one_s_own_clears_nobody_else_s_count(enter: Enter) -> None:
    guesser = enter()
    for _ in range(7):
        assert guesser.log_in("lan", WRONG).status_code == 401
    assert enter().log_in("minh").status_code == 303
    assert guesser.log_in("lan", WRONG).status_code == 401
    assert guesser.log_in("lan").status_code == 429


@pytest.mark.parametrize("login", ["lan", "khong-co-ai", "", "x" * 500, "lan\u0000", "' OR 1=1 --"])
def test_every_guess_costs_one_hash_and_tells_nothing(enter: Enter, monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    """An unknown login answers as late as a known one, because it costs the same work."""
    from rasoat.store import accounts

    hashed: list[str] = []
    verify = accounts._verify

    def counting(stored: str, password: str) -> bool:
        hashed.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(accounts, "_verify", counting)
    visitor: Browser = enter()
    answer = visitor.log_in(login, WRONG)
    assert answer.status_code == 401
    assert len(hashed) == 1
    assert hashed[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
