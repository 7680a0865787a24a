"""A small office for the tests: a real store, real policy, demo people, and cases whose text the test chooses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from classifiers.classifier import Classifier
from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.canonical import sha256_hex
from rasoat.cases.states import Role
from rasoat.clock import FixedClock, Ids
from rasoat.harms import Harm
from rasoat.items import Capture, CaptureMethod, Item, ItemKind, Platform, Publisher, PublisherKind, item_id
from rasoat.missing import Missing
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store
from review_ui.app import create_app
from review_ui.site import SealFunction

PASSWORD = "mat-khau-thu-nghiem"
PEOPLE: dict[str, frozenset[Role]] = {
    "lan": frozenset({Role.REVIEWER}),
    "minh": frozenset({Role.REVIEWER}),
    "ha": frozenset({Role.APPROVER, Role.SENDER}),
    "quang": frozenset({Role.POLICY_LEAD}),
    "thu": frozenset({Role.COMPLAINT_PANEL}),
    "van": frozenset({Role.OPERATOR, Role.ADMIN}),
    "kien": frozenset({Role.AUDITOR}),
    "an": frozenset({Role.SAFETY_OFFICER}),
}
SCAM = "Chuyển khoản trước 200 nghìn để nhận quà, nhắn mã OTP cho em qua 0912 345 678 hoặc vào https://qua-tang.example/nhan?x=1 nhé."
PROTECTED = "ủy ban xã Ví Dụ"
VERSIONS = Versions(model="linear-test", rules="r0", lexicon="l0", policy="p0")


class _Rules:
    """Rules whose only knowledge is that a text with `PROTECTED` in it may be out of scope."""

    loaded = SimpleNamespace(rules=(SimpleNamespace(id="frd.test-0", vi="Đòi tiền trước", en="Asks for money first"),))

    def protected_subject(self, text: str) -> tuple[Span, ...]:
        at = text.find(PROTECTED)
        return (Span(at, at + len(PROTECTED)),) if at >= 0 else ()


def stand_in() -> Classifier:
    """The site asks the classifier for its rules and nothing else."""
    return cast(Classifier, SimpleNamespace(rules=_Rules()))


@dataclass
class Rooms:
    """What the site is built from."""

    settings: Settings
    store: Store
    policy: Policy
    classifier: Classifier
    clock: FixedClock
    ids: Ids = field(default_factory=lambda: Ids(seed=7))

    def app(self, seal: SealFunction | None = None) -> FastAPI:
        return create_app(self.settings, self.store, self.policy, self.classifier, seal=seal, clock=self.clock)

    def add_people(self) -> None:
        for login, roles in PEOPLE.items():
            if self.store.accounts.get(login) is None:
                self.store.accounts.add(login, PASSWORD, login.capitalize(), roles)

    def open_case(
        self,
        text: str = SCAM,
        harm: Harm = Harm.FRD,
        *,
        title: str = "",
        url: str = "https://trang-a.example/bai/1",
        publisher: str = "trang-a.example",
        words: Iterable[str] = (),
        probability: float = 0.91,
        platform: Platform = Platform.WEB,
        sampled: bool = False,
        signature: tuple[int, ...] | None = None,
        band_keys: tuple[bytes, ...] = (),
        key: str = "",
        verbatim: str = "",
    ) -> str:
        """Put one flagged item through the inbox; returns its case."""
        item = replace(self._item(text, title, url, publisher, platform, key), verbatim=verbatim or text)
        self.store.inbox.put(item, run_id="run-1")
        reasons = tuple(_reason(harm, text, word, number) for number, word in enumerate(words or (text.split(maxsplit=1)[0],)))
        chances = dict.fromkeys(Harm, 0.02) | {harm: probability}
        thresholds = {one: self.policy.harm(one).queue_threshold for one in Harm}
        assessment = Assessment(chances, (harm,), reasons, VERSIONS, self.clock.now(), thresholds)
        admitted = self.store.cases.admit(
            item, assessment, signature=signature, band_keys=band_keys, severity=self.policy.harm(harm).severity, sampled=sampled
        )
        while self.store.project():
            pass
        return admitted.case_id

    def _item(self, text: str, title: str, url: str, publisher: str, platform: Platform, key: str) -> Item:
        locator = key or hashlib.sha256(f"{url}{text}{title}".encode()).hexdigest()
        body = f"<html><body>{text}</body></html>".encode()
        capture = Capture(
            id=self.ids.new(),
            method=CaptureMethod.FETCH,
            captured_at=self.clock.now(),
            blob=self.store.evidence.put(body, "application/warc"),
            payload_sha256=sha256_hex(body),
            text_sha256=sha256_hex(text.encode()),
            tool="rasoat/0.1.0 test",
            requested_url=url,
            final_url=url,
            redirects=(),
            http_status=200,
        )
        return Item(
            id=item_id(platform, ItemKind.ARTICLE, locator),
            platform=platform,
            kind=ItemKind.ARTICLE,
            locator=locator,
            source="demo",
            text=text,
            verbatim=text,
            captured_at=self.clock.now(),
            url=url,
            title=title or Missing,
            publisher=Publisher(PublisherKind.DOMAIN, publisher),
            reach=1200,
            captures=(capture,),
        )


def _reason(harm: Harm, text: str, word: str, number: int) -> Reason:
    start = text.find(word)
    span = Span(start, start + len(word)) if start >= 0 else None
    return Reason(harm, Origin.RULE, f"rule:{harm.lower()}.test-{number}", 2.5 - number / 10, span, word)


@dataclass
class Browser:
    """One person's browser: keeps cookies, sends the form token."""

    web: TestClient
    csrf: str = ""

    def log_in(self, login: str, password: str = PASSWORD) -> Response:
        token = self.web.get("/login.json").json()["csrf"]
        answer = self.web.post("/login", data={"login": login, "password": password, "csrf": token}, follow_redirects=False)
        if answer.status_code == 303:
            self.csrf = self.web.get("/session.json").json()["csrf"]
        return answer

    def get(self, path: str, **more: Any) -> Response:
        return self.web.get(path, follow_redirects=False, **more)

    def json(self, path: str) -> Any:
        answer = self.web.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **fields: Any) -> Response:
        return self.web.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=False)

    def command(self, case_id: str, **command: Any) -> Response:
        return self.web.post(f"/cases/{case_id}/commands", json=command, headers={"X-CSRF-Token": self.csrf})


def decision_form(page: dict[str, Any], outcome: str = "FRD", **changes: Any) -> dict[str, Any]:
    """What a careful reader would type into the form of this page."""
    item = page["item"]["id"]
    quote = page["choices"]["quotes"][0]["id"] if page["choices"]["quotes"] else f"{item}:0:5"
    form: dict[str, Any] = {
        "outcome": outcome,
        "quote": quote,
        "context": "none",
        "innocent_reading": "Có thể người viết chỉ đùa với bạn bè.",
        "reason": "Yêu cầu chuyển tiền trước và xin mã OTP của người đọc.",
        "measure": "letter" if outcome == "AGG" else "remove_item",
        "legal_grounds": [g["id"] for g in page["choices"]["grounds"] if outcome in g["codes"]][:1],
        "policy_ground": next((s["id"] for s in page["choices"]["sections"] if outcome in s["codes"]), ""),
        "expression_risk": "low",
    }
    return {**form, **changes}
