"""The operator's page in a real browser: it reads in both themes and on a phone, and the button answers at once."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect, sync_playwright

from rasoat.settings import ROOT
from review_ui.app import create_app
from tests.review_ui.house import PASSWORD, Rooms
from tests.review_ui.serving import serving
from tests.review_ui.test_status_page import Desk, diary

pytestmark = pytest.mark.serial
ARTEFACTS = ROOT / "tests" / "artefacts"


def test_the_operator_sees_every_source_and_starts_one(rooms: Rooms) -> None:
    diary(rooms)
    rooms.open_case()
    desk, said = Desk(), []
    app = create_app(rooms.settings, rooms.store, rooms.policy, rooms.classifier, clock=rooms.clock, desk=desk)
    ARTEFACTS.mkdir(exist_ok=True)
    with serving(app) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = chromium.new_context(base_url=url, viewport={"width": 1280, "height": 800}).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/login")
        page.fill("#login", "van")
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.wait_for_url("**/status")
        expect(page.locator("#source-bao-hong")).to_contain_text("không đạt")
        page.screenshot(path=ARTEFACTS / "status.png", full_page=True)
        began = time.monotonic()
        page.click("#run-bao-moi")
        page.wait_for_url("**/status?started=bao-moi*")
        assert time.monotonic() - began < 20
        expect(page.locator("#source-bao-moi")).to_contain_text("Đang chạy")
        expect(page.locator("#run-bao-moi")).to_have_count(0)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=ARTEFACTS / "status-dark.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=ARTEFACTS / "status-phone.png", full_page=True)
        assert wide <= 0
        chromium.close()
    assert desk.started == ["bao-moi"]
    assert said == []
