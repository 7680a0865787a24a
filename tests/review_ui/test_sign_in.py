"""Log-in: sessions, tokens of forms, the brake on guessing, headers and cookies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient

from review_ui.visit import SESSION_COOKIE
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PASSWORD, Rooms


def test_a_visitor_is_sent_to_log_in_and_then_where_they_wanted(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    visitor = enter()
    sent = visitor.get(f"/cases/{case_id}?text=verbatim")
    assert sent.status_code == 303
    page = visitor.get(sent.headers["location"])
    assert f"/cases/{case_id}?text=verbatim" in page.text
    token = visitor.json("/login")["csrf"]
    fields = {"login": "lan", "password": PASSWORD, "csrf": token, "then": f"/cases/{case_id}?text=verbatim"}
    answer = visitor.web.post("/login", data=fields, follow_redirects=False)
    assert answer.headers["location"] == f"/cases/{case_id}?text=verbatim"


def test_nobody_is_sent_to_another_site_after_log_in(enter: Enter) -> None:
    for then in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        visitor = enter()
        fields = {"login": "lan", "password": PASSWORD, "csrf": visitor.json("/login")["csrf"], "then": then}
        assert visitor.web.post("/login", data=fields, follow_redirects=False).headers["location"] == "/"


def test_wrong_password_and_unknown_login_get_the_same_answer(enter: Enter) -> None:
    visitor = enter()
    answers = [visitor.log_in(login, "khong-phai-mat-khau") for login in ("lan", "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text.replace('value="lan"', "") == answers[1].text.replace('value="nobody"', "")


def test_guessing_is_stopped_with_a_clear_page_and_the_right_password_too(rooms: Rooms, enter: Enter) -> None:
    visitor = enter()
    for _ in range(8):
        visitor.log_in("lan", "khong-phai-mat-khau")
    stopped = visitor.log_in("lan")
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["retry-after"]) <= 15 * 60
    assert "phút" in stopped.text
    assert visitor.log_in("minh").status_code == 303
    rooms.clock.advance(minutes=16)
    assert enter().log_in("lan").status_code == 303


def test_many_guesses_at_once_gain_nothing(enter: Enter) -> None:
    visitor = enter()
    token = visitor.json("/login")["csrf"]

    def guess(n: int) -> int:
        fields = {"login": "lan", "password": f"khong-phai-mat-khau-{n}", "csrf": token}
        return visitor.web.post("/login", data=fields, follow_redirects=False).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(30)))
    assert set(answers) == {401, 429}
    assert answers.count(401) <= 9  # the brake holds after eight; two turns run side by side


def test_guessing_many_logins_from_one_address_is_stopped(enter: Enter) -> None:
    visitor = enter()
    answers = [visitor.log_in(f"login{n}", "khong-phai-mat-khau").status_code for n in range(42)]
    assert answers[:40] == [401] * 40
    assert answers[-1] == 429


def test_the_session_is_new_at_every_log_in_and_dead_after_log_out(enter: Enter) -> None:
    browser = enter("lan")
    first = browser.web.cookies[SESSION_COOKIE]
    token = browser.csrf
    fields = {"login": "lan", "password": PASSWORD, "csrf": token}
    assert browser.web.post("/login", data=fields, follow_redirects=False).status_code == 303
    second = browser.web.cookies[SESSION_COOKIE]
    assert first != second
    thief = enter()
    thief.web.cookies[SESSION_COOKIE] = first
    assert thief.get("/queue").status_code == 303
    browser.csrf = browser.json("/session")["csrf"]
    assert browser.csrf != token
    assert browser.post("/logout").status_code == 303
    thief.web.cookies[SESSION_COOKIE] = second
    assert thief.get("/queue").status_code == 303


def test_a_fixed_session_id_is_not_taken_over(enter: Enter) -> None:
    victim = enter()
    victim.web.cookies[SESSION_COOKIE] = "chosen-by-somebody-else"
    assert victim.log_in("lan").status_code == 303
    stranger = enter()
    stranger.web.cookies[SESSION_COOKIE] = "chosen-by-somebody-else"
    assert stranger.get("/queue").status_code == 303


def test_a_form_needs_the_token_of_its_own_session(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan, minh = enter("lan"), enter("minh")
    for token in ("", "x" * 64, minh.csrf, enter().json("/login")["csrf"]):
        answer = lan.web.post(f"/cases/{case_id}/claim", data={"csrf": token}, follow_redirects=False)
        assert answer.status_code == 403
    assert rooms.store.cases.view(case_id).facts.claimed_by is None
    assert lan.web.post(f"/cases/{case_id}/commands", json={"kind": "claim"}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert lan.web.post(f"/cases/{case_id}/claim", data={"csrf": lan.csrf}, headers=cross).status_code == 403
    assert lan.post(f"/cases/{case_id}/claim").status_code == 303
    assert lan.post(f"/cases/{case_id}/claim").status_code == 303


def test_a_script_logs_in_with_json(enter: Enter) -> None:
    visitor = enter()
    token = visitor.json("/login.json")["csrf"]
    headers = {"X-CSRF-Token": token, "Accept": "application/json"}
    wrong = visitor.web.post("/login", json={"login": "lan", "password": "nein"}, headers=headers)
    assert (wrong.status_code, wrong.json()) == (401, {"error": "login_wrong"})
    right = visitor.web.post("/login", json={"login": "lan", "password": PASSWORD}, headers=headers)
    assert right.json()["roles"] == ["reviewer"]
    assert right.json()["csrf"] == visitor.json("/session.json")["csrf"]


def test_headers_on_every_answer(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    for path in ("/queue", f"/cases/{case_id}", "/queue.json", "/nope", "/static/app.css", "/static/none.css", "/healthz"):
        headers = lan.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        if path not in ("/static/app.css", "/static/none.css"):
            assert headers["cache-control"] == "no-store"


def test_cookies_behind_tls(rooms: Rooms) -> None:
    rooms.settings = rooms.settings.model_copy(update={"secure_cookies": True})
    with TestClient(rooms.app(), base_url="https://127.0.0.1") as web:
        answer = web.get("/login")
    assert "max-age" in answer.headers["strict-transport-security"]
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "secure" in cookie
    assert "samesite=lax" in cookie


def test_language_and_look_are_kept(enter: Enter) -> None:
    lan = enter("lan")
    assert lan.post("/account", locale="en", theme="dark", size="l").status_code == 303
    page = lan.get("/queue").text
    assert '<html lang="en" data-theme="dark" data-size="l">' in page
    assert "Read next" in page
    lan.post("/account", locale="xx", theme="<script>", size="")
    assert '<html lang="en" data-theme="dark" data-size="l">' in lan.get("/queue").text


def test_a_form_above_the_limit_is_refused(enter: Enter) -> None:
    lan = enter("lan")
    assert lan.post("/account", locale="x" * 300_000).status_code == 413


def test_failures_show_an_incident_and_no_trace(rooms: Rooms, enter: Enter) -> None:
    lan = enter("lan")

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail of the machine room")

    rooms.store.cases.queue = broken  # type: ignore[method-assign,assignment]
    for path in ("/queue", "/queue.json"):
        answer = lan.get(path)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text
        assert "content-security-policy" in answer.headers
    assert len(answer.json()["incident"]) == 8
