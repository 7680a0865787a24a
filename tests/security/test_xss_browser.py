"""In a real browser, under the page's own policy: nothing that a crawled page says comes alive, or asks anywhere.

A report of the policy would mean that markup got through and only the second wall held; so reports count as failures here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect, sync_playwright

from rasoat.cases.workflow import Actor
from rasoat.health import SourceHealth, SourcePlan, health_of
from rasoat.store.measuring import SourceRuns
from rasoat.store.records import DossierRecord
from review_ui.app import create_app
from review_ui.site import SealFunction
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PASSWORD, Rooms
from tests.review_ui.serving import serving
from tests.security.hostile import HOSTILE, PAYLOADS, HostileRooms, handled

pytestmark = pytest.mark.serial
WATCH = """
window.__alive = null; window.__stopped = [];
document.addEventListener('securitypolicyviolation', (e) => window.__stopped.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = () => { window.__alive = name; };
"""
TOUCH = """() => {
    for (const element of document.querySelectorAll('body *'))
        for (const kind of ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'toggle', 'animationstart', 'load', 'error'])
            element.dispatchEvent(new Event(kind, {bubbles: false}));
}"""
LIVING = """() => [...document.querySelectorAll('body *')].flatMap((element) => {
    const wrong = [];
    const tag = element.localName;
    const never = ['svg', 'math', 'iframe', 'object', 'embed', 'video', 'audio', 'style', 'base', 'meta', 'link', 'img', 'script'];
    if (never.includes(tag)) wrong.push(tag);
    for (const {name, value} of element.attributes) {
        if (/^(on|hx-on|style$|srcdoc$|hx-vals$)/.test(name)) wrong.push(`${tag} ${name}`);
        const address = ['href', 'src', 'action', 'formaction', 'hx-get', 'hx-post', 'xlink:href'].includes(name);
        if (address && new URL(value, document.baseURI).origin !== location.origin) wrong.push(`${tag} ${name}=${value}`);
    }
    return wrong;
})"""


@dataclass
class Watched:
    """A browser that notes every script, message and request that is not the site's own."""

    chromium: Chromium
    url: str
    stack: ExitStack
    strayed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def page(self, login: str = "", lands: str = "**/queue*") -> Page:
        context = self.chromium.new_context(base_url=self.url)
        self.stack.callback(context.close)
        context.add_init_script(WATCH)
        context.route("**/*", self._own_only)
        page = context.new_page()
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.strayed.append(f"dialog {dialog.message}"))
        if login:
            page.goto("/login")
            page.fill("#login", login)
            page.fill("#password", PASSWORD)
            page.click("button.main")
            page.wait_for_url(lands)
        return page

    def _own_only(self, route: Route) -> None:
        if route.request.url.startswith((self.url, "data:image/")):
            route.continue_()
            return
        self.strayed.append(route.request.url)
        route.abort()


@pytest.fixture
def hostile(rooms: Rooms) -> HostileRooms:
    return HostileRooms(rooms.settings, rooms.store, rooms.policy, rooms.classifier, rooms.clock)


@pytest.fixture
def watched() -> Iterator[Callable[[Rooms], Watched]]:
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        stack.callback(chromium.close)

        def watch(rooms: Rooms) -> Watched:
            return Watched(chromium, stack.enter_context(serving(rooms.app(_no_seal))), stack)

        yield watch


def _no_seal(case_id: str, actor: Actor) -> DossierRecord:
    raise AssertionError("nothing is sealed here")


def visit(watch: Watched, page: Page, path: str) -> None:
    page.goto(path)
    page.evaluate(TOUCH)
    page.keyboard.press("Tab")
    assert page.evaluate("window.__alive") is None, path
    assert page.evaluate("window.__stopped") == [], path
    assert page.evaluate(LIVING) == [], path
    assert page.url.startswith(watch.url), path
    assert watch.strayed == [], path


def test_no_page_lets_a_hostile_page_live(hostile: HostileRooms, enter: Enter, watched: Callable[[Rooms], Watched]) -> None:
    case_id = hostile.hostile_case()
    watch = watched(hostile)
    lan = watch.page("lan")
    texts = [f"/cases/{case_id}?text={tab}&full=true" for tab in ("clean", "verbatim", "original")]
    for path in ("/queue", "/queue?tab=all", "/search?q=alive", "/search", *texts, f"/cases/{case_id}/captures"):
        visit(watch, lan, path)
    lan.goto(texts[0])
    expect(lan.locator("#text")).to_contain_text(
        "<svg><script>window.__alive='svg-script'</script>"
    )  # it is shown, as the words that it is
    lan.goto(texts[2])
    expect(lan.locator("#text")).to_contain_text("<svg><script>window.__alive='svg-script'</script>")

    handled(hostile, enter, case_id)
    auditor = watch.page("kien")
    for path in ("/queue?tab=all", "/search?q=alive", f"/cases/{case_id}", f"/cases/{case_id}/history", f"/cases/{case_id}/captures"):
        visit(watch, auditor, path)
    auditor.goto(f"/cases/{case_id}")
    expect(auditor.locator("a[download]").first).to_be_visible()  # the page with the sealed dossier and all verdicts
    assert [line for line in watch.said if "favicon" not in line] == []


@dataclass
class HostileDesk:
    """A source whose file was written against the operator."""

    plan = SourcePlan(PAYLOADS[2], HOSTILE, "0 3 * * *", 9, 0.8, 0.3)

    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        return (health_of(self.plan, runs.get(self.plan.name), now, now),)

    def start(self, name: str) -> bool:
        return False

    def under_way(self) -> frozenset[str]:
        return frozenset()


class WithSources(HostileRooms):
    """The same house with that source."""

    def app(self, seal: SealFunction | None = None) -> FastAPI:
        return create_app(self.settings, self.store, self.policy, self.classifier, seal=seal, clock=self.clock, desk=HostileDesk())


def test_the_operator_s_page_shows_what_sources_and_errors_say_as_words(rooms: Rooms, watched: Callable[[Rooms], Watched]) -> None:
    """A source's title and address, kinds of errors and what a run says of itself may repeat what a server said."""
    house = WithSources(rooms.settings, rooms.store, rooms.policy, rooms.classifier, rooms.clock)
    house.hostile_case()
    name = HostileDesk.plan.name
    run = house.store.runs.start("crawl", name)
    house.store.runs.finish(run, "failed", {"pages": 1, f"error:{PAYLOADS[1]}": 3, f"error:{PAYLOADS[4]}": 1}, HOSTILE)
    watch = watched(house)
    operator = watch.page("van", "**/status")
    for path in ("/status", f"/status?started={quote(name, safe='')}", f"/status?busy={quote(PAYLOADS[0], safe='')}"):
        visit(watch, operator, path)
    operator.goto("/status")
    operator.locator("details summary").first.click()
    expect(operator.locator("#status")).to_contain_text("<svg><script>window.__alive='svg-script'</script>")
    operator.goto("/status.json")
    assert operator.evaluate("[document.contentType, window.__alive]") == ["application/json", None]
    assert watch.strayed == []
    assert [line for line in watch.said if "favicon" not in line] == []


def test_addresses_errors_and_json_stay_dead_too(hostile: HostileRooms, watched: Callable[[Rooms], Watched]) -> None:
    case_id = hostile.hostile_case()
    watch = watched(hostile)
    visitor, lan = watch.page(), watch.page("lan")
    for payload in (HOSTILE[:480], *PAYLOADS[:3]):
        words = quote(payload, safe="")
        visit(watch, visitor, f"/login?then={words}")
        visit(watch, lan, f"/search?q={words[:380]}&source={words}&since={words[:15]}")
        visit(watch, lan, f"/queue?source={words[:190]}&tab=all")
        visit(watch, lan, f"/cases/{words}")
    for path in (f"/cases/{case_id}.json?full=true", "/queue.json?tab=all", "/search.json?q=alive"):
        lan.goto(path)
        assert lan.evaluate("[document.contentType, window.__alive]") == ["application/json", None]
        assert lan.evaluate("document.querySelectorAll('script, img, svg, iframe, style').length") == 0
    assert watch.strayed == []


class Unescaped(HostileRooms):
    """As if somebody had broken the templates: what is crawled goes into the page as it is."""

    def app(self, seal: SealFunction | None = None) -> FastAPI:
        app = super().app(seal)
        app.state.site.templates.autoescape = False
        return app


def test_the_policy_alone_holds_when_escaping_is_broken(rooms: Rooms, watched: Callable[[Rooms], Watched]) -> None:
    broken = Unescaped(
        rooms.settings,
        rooms.store,
        rooms.policy,
        rooms.classifier,
        rooms.clock,
        words="\n".join(p for p in PAYLOADS if "<svg" not in p[:5]),
    )
    case_id = broken.hostile_case()
    watch = watched(broken)
    lan = watch.page("lan")
    stopped: list[str] = []
    for path in ("/queue?tab=all", f"/cases/{case_id}", f"/cases/{case_id}?text=verbatim&full=true", f"/cases/{case_id}/captures"):
        lan.goto(path)
        lan.evaluate(TOUCH)
        assert lan.evaluate("window.__alive") is None, path
        stopped += lan.evaluate("window.__stopped")
    assert any("script" in line for line in stopped), "the markup was there"
    assert watch.strayed == []
