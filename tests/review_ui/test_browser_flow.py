"""Five people in real browsers, from log-in to a sealed dossier: keys, quoting by selection, blindness, and not one script of the text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from classifiers.personal_data import mask
from rasoat.cases.commands import Seal
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import Actor
from rasoat.dossier import Request, Signer
from rasoat.harms import Harm
from rasoat.settings import ROOT
from rasoat.store.records import DossierRecord
from tests.dossier.made import written
from tests.review_ui.house import PASSWORD, Rooms
from tests.review_ui.serving import serving

pytestmark = pytest.mark.serial
ARTEFACTS = ROOT / "tests" / "artefacts"
TEXT = (
    "Bọn người vùng Ví Dụ là lũ ký sinh 😀, đuổi hết chúng đi. Gọi 0912 345 678. "
    "<script>window.pwned = 1; console.error('pwned')</script><img src=x onerror='window.pwned=2'> https://xau.example/a"
)
INNOCENT = "Có thể đây là lời trích lại để phản đối."


@dataclass
class Office:
    """Browsers of several people, and everything that their consoles said."""

    chromium: Chromium
    url: str
    stack: ExitStack
    said: list[str] = field(default_factory=list)

    def enter(self, login: str, *, scheme: str = "light", width: int = 1280, script: bool = True) -> Page:
        context = self.chromium.new_context(
            base_url=self.url,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
        )
        self.stack.callback(context.close)
        page = context.new_page()
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", lambda request: self._only_ours(request.url))
        page.goto("/login")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.wait_for_url("**/queue*")
        return page

    def _only_ours(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.said.append(f"error: a page asked for {url}")


@pytest.fixture
def office(rooms: Rooms) -> Iterator[Office]:
    def seal(case_id: str, actor: Actor) -> DossierRecord:
        view, now = rooms.store.cases.view(case_id), rooms.clock.now()
        request = Request(view, rooms.policy, rooms.settings, rooms.store.staffing(), now, rooms.ids.new(), mask)
        pack = written(request, rooms.store.evidence, Signer.load(rooms.settings), rooms.settings.dossier_dir)
        rooms.store.cases.apply(case_id, Seal(dossier_id=pack.dossier_id, pack_sha256=pack.sha256), actor)
        record = DossierRecord(pack.dossier_id, case_id, 1, pack.path.name, pack.sha256, now)
        rooms.store.dossiers.add(record)
        return record

    ARTEFACTS.mkdir(exist_ok=True)
    with serving(rooms.app(seal)) as url, sync_playwright() as playwright, ExitStack() as stack:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        stack.callback(chromium.close)
        yield Office(chromium, url, stack)


def shot(page: Page, name: str) -> None:
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def select_words(page: Page, first: str, last: str) -> None:
    """Select in the reading pane from the start of `first` to the end of `last`, across pieces."""
    page.evaluate(
        """([first, last]) => {
            const nodes = [];
            const walk = document.createTreeWalker(document.querySelector('#text'), NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) nodes.push(walk.currentNode);
            const from = nodes.find((n) => n.data.includes(first));
            const to = nodes.find((n) => n.data.includes(last));
            getSelection().setBaseAndExtent(from, from.data.indexOf(first), to, to.data.indexOf(last) + last.length);
        }""",
        [first, last],
    )


def fill_decision(page: Page) -> None:
    page.check("input[name=context][value=none]")
    page.fill("#f-innocent_reading", INNOCENT)
    page.fill("#f-reason", "Kêu gọi xua đuổi một nhóm người vì quê quán, không có ngữ cảnh phản đối.")
    page.check("input[name=measure][value=remove_item]")
    grounds = page.locator("input[name=legal_grounds]:not([hidden])")
    sections = page.locator("#f-policy_ground option:not([hidden])")
    if sections.count() > 1:
        page.select_option(
            "#f-policy_ground",
            index=page.evaluate("[...document.querySelectorAll('#f-policy_ground option')].findIndex((o, i) => i && !o.hidden)"),
        )
    else:
        grounds.first.check()


def test_from_log_in_to_a_sealed_dossier(rooms: Rooms, office: Office) -> None:
    case_id = rooms.open_case(
        TEXT, Harm.HAT, title="<b>Tiêu đề</b> xấu", words=("lũ ký sinh", "ký sinh 😀, đuổi hết"), url="https://xau.example/a"
    )
    rooms.open_case("Chuyển khoản trước 200 nghìn để nhận quà.", Harm.FRD, probability=0.55)

    lan = office.enter("lan")
    shot(lan, "1-queue")
    lan.keyboard.press("j")
    lan.keyboard.press("j")
    expect(lan.locator("[data-row]").nth(1)).to_be_focused()
    lan.keyboard.press("k")
    expect(lan.locator("[data-row]").nth(0)).to_be_focused()
    lan.goto(f"/cases/{case_id}")
    expect(lan.locator("#text")).to_contain_text("<script>window.pwned")
    expect(lan.locator("#text")).to_contain_text("hxxps://xau[.]example/a")
    expect(lan.locator("#text")).not_to_contain_text("345 678")
    lan.locator(".masked").first.click()
    expect(lan.locator("#text")).to_contain_text("0912 345 678")
    lan.keyboard.press("c")
    expect(lan.locator("#decide")).to_be_visible()
    lan.keyboard.press("1")
    expect(lan.locator("input[name=outcome][value=HAT]")).to_be_checked()
    expect(lan.locator("#policy-body")).to_contain_text("HAT")
    select_words(lan, "lũ", " đuổi hết")
    lan.keyboard.press("q")
    item, start, end = lan.locator("#f-quote").input_value().rsplit(":", 2)
    assert TEXT[int(start) : int(end)] == "lũ ký sinh 😀, đuổi hết"
    lan.locator("body").click(position={"x": 5, "y": 5})
    lan.keyboard.press("s")  # too early: told what is missing
    expect(lan.locator(".note.bad")).to_be_visible()
    expect(lan.locator("#wrong-reason")).to_be_visible()
    assert lan.locator("#f-quote").input_value() == f"{item}:{start}:{end}"
    fill_decision(lan)
    shot(lan, "2-decide")
    lan.locator("h1").click()
    lan.keyboard.press("s")
    lan.wait_for_url("**done=decide")
    assert rooms.store.cases.view(case_id).facts.state is CaseState.REVIEW_2

    minh = office.enter("minh", scheme="dark")
    minh.goto("/queue?tab=second")
    expect(minh.locator("[data-row]")).to_have_count(1)
    minh.goto(f"/cases/{case_id}")
    for secret in (INNOCENT, "Kêu gọi xua đuổi", rooms.store.accounts.get("lan").pseudonym):  # type: ignore[union-attr]
        assert secret not in minh.content()
    minh.keyboard.press("c")
    expect(minh.locator("#decide")).to_be_visible()
    expect(minh.locator("input[name=outcome]:checked")).to_have_count(0)
    shot(minh, "3-second-reading-dark")
    minh.keyboard.press("1")
    minh.select_option("#f-quote", index=1)
    fill_decision(minh)
    minh.locator("h1").click()
    minh.keyboard.press("s")
    minh.wait_for_url("**done=decide")

    ha = office.enter("ha")
    ha.goto(f"/cases/{case_id}")
    expect(ha.locator(".verdict")).to_have_count(2)
    ha.keyboard.press("c")
    expect(ha.locator("#act-approve")).to_be_visible()
    expect(ha.locator("#act-approve input:checked")).to_have_count(0)
    ha.click("a.button[href$='captures']")
    expect(ha.locator("#checked .good").first).to_be_visible()
    shot(ha, "4-approval")
    ha.check("input[name=capture_verified]")
    ha.check("input[name=bona_fide]")
    ha.fill("#act-approve textarea", "Đã đọc lại bản chụp, biện pháp tương xứng.")
    ha.click("#act-approve button.main")
    ha.wait_for_url("**done=approve")
    ha.check("#act-notice input[value=sent]")
    ha.fill("#act-notice [name=channel]", "thư điện tử ở cuối trang")
    ha.fill("#act-notice textarea", "Đã gửi thư theo mẫu cho bên đăng.")
    ha.click("#act-notice button.main")
    ha.wait_for_url("**done=notice")
    shot(ha, "5-notice")
    ha.click("form[action$=seal] button")
    ha.wait_for_url("**done=seal")
    shot(ha, "6-sealed")
    with ha.expect_download() as download:
        ha.click("a[download]")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    assert rooms.store.cases.view(case_id).facts.state is CaseState.DOSSIER_READY
    assert rooms.store.cases.verify_chain(case_id) == []
    assert [page.evaluate("window.pwned") for page in (lan, minh, ha)] == [None, None, None]
    # the refused form of the early submit is the only complaint of any console
    assert [line for line in office.said if "422" not in line] == []


def test_keys_are_silent_while_typing_and_while_composing(rooms: Rooms, office: Office) -> None:
    case_id = rooms.open_case()
    lan = office.enter("lan")
    lan.goto(f"/cases/{case_id}")
    compose = "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', bubbles: true, ...init}))"
    for init in ({"isComposing": True}, {"keyCode": 229}, {"ctrlKey": True}):
        lan.evaluate(compose, init)
    lan.focus("#quick")
    lan.keyboard.type("ccc nnn ?")
    assert lan.input_value("#quick") == "ccc nnn ?"
    assert lan.url.endswith(case_id)
    assert rooms.store.cases.view(case_id).facts.claimed_by is None
    lan.keyboard.press("Escape")
    lan.keyboard.press("?")
    expect(lan.locator("#help")).to_be_visible()
    shot(lan, "7-keys")
    lan.keyboard.press("c")
    lan.keyboard.press("Escape")
    expect(lan.locator("#help")).to_be_hidden()
    assert rooms.store.cases.view(case_id).facts.claimed_by is None
    lan.keyboard.press("/")
    expect(lan.locator("#quick")).to_be_focused()
    lan.keyboard.press("Escape")
    lan.keyboard.press("g")
    lan.keyboard.press("p")
    lan.wait_for_url("**/policy")
    lan.goto("/queue")
    lan.keyboard.press("n")
    lan.wait_for_url(f"**/cases/{case_id}")
    expect(lan.locator("#decide")).to_be_visible()  # it is taken, without another key
    assert rooms.store.cases.view(case_id).facts.claimed_by == rooms.store.accounts.get("lan").pseudonym  # type: ignore[union-attr]
    assert office.said == []


def test_a_narrow_screen_without_script_still_decides(rooms: Rooms, office: Office) -> None:
    case_id = rooms.open_case()
    lan = office.enter("lan", width=390, script=False)
    shot(lan, "8-queue-narrow")
    lan.click("text=Đọc tiếp")
    lan.wait_for_url(f"**/cases/{case_id}")
    lan.locator(".code", has=lan.locator("input[value=FRD]")).click()
    lan.select_option("#f-quote", index=1)
    lan.check("input[name=context][value=none]")
    lan.fill("#f-innocent_reading", INNOCENT)
    lan.fill("#f-reason", "Đòi chuyển khoản trước và xin mã OTP.")
    lan.check("input[name=measure][value=remove_item]")
    lan.check("input[name=legal_grounds][value=VN-FRAUD]")
    shot(lan, "9-decide-narrow")
    lan.click("#decide button.main")
    lan.wait_for_url("**done=decide")
    assert rooms.store.cases.view(case_id).facts.first is not None
