"""The newcomer's guide: one demo case walked through the real site, over HTTP, as the demo people.

Everything goes through the site's own JSON routes, with log-in, form token and the rules of `rasoat.cases.workflow`;
nothing is done behind its back. What a person would think at each step is said aloud.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from classifiers.personal_data import mask
from flows.demo import PASSWORD, add_people, import_posts
from flows.runtime import Runtime
from flows.site import serving
from rasoat.errors import RasoatError, UsageError
from rasoat.harms import Harm
from rasoat.items import Platform

Say = Callable[[str], None]
WISHED: Final = (Harm.IMP, Harm.HAR, Harm.FRD, Harm.GAM, Harm.CFM)
"""Codes the tour likes, those with a blind second reading first; none of them is fix-first, which would take 14 days."""
NO_ADDRESS: Final = frozenset({Platform.SMS, Platform.FILE})
"""Items without an address, which no platform could find again: a dossier needs one (NOTICES §12)."""


@dataclass
class Person:
    """A demo person with a browser of their own."""

    login: str
    name: str
    web: httpx.Client
    token: str = field(default="", repr=False)

    def get(self, path: str) -> Any:
        """The JSON of a page."""
        return _json(self.web.get(path))

    def command(self, case_id: str, **command: object) -> Any:
        """One command on a case, as the page's own form would send it."""
        return _json(self.web.post(f"/cases/{case_id}/commands", json=command, headers={"X-CSRF-Token": self.token}))

    def seal(self, case_id: str) -> Any:
        """Press 'build and seal'."""
        return _json(self.web.post(f"/cases/{case_id}/seal", headers={"X-CSRF-Token": self.token}))


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise UsageError(
            f"the site answered {answer.status_code} to {answer.request.method} {answer.request.url.path}: {answer.text[:300]}"
        )
    return answer.json()


@contextmanager
def _people(url: str) -> Iterator[Callable[[str, str], Person]]:
    with ExitStack() as stack:

        def enter(login: str, name: str) -> Person:
            web = stack.enter_context(httpx.Client(base_url=url, timeout=30, headers={"Accept": "application/json"}))
            # a first look gives the visitor's cookie and form token; the log-in gives new ones
            token = _json(web.get("/login.json"))["csrf"]
            session = _json(web.post("/login", json={"login": login, "password": PASSWORD}, headers={"X-CSRF-Token": token}))
            return Person(login, name, web, session["csrf"])

        yield enter


def walk(rt: Runtime, out: Path, *, say: Say) -> Path:
    """Claim, decide, read again blind, approve, tell the publisher, seal. Returns the pack's path below `out`.

    Raises:
        UsageError: no open demo case is left to walk.
    """
    out.mkdir(parents=True, exist_ok=True)  # before the walk, so that a folder that cannot be written is told at once
    if rt.store.counts()["cases"] == 0:
        say("This home is empty: taking in the bundled posts first (fictional, all of them).\n")
        import_posts(rt)
    add_people(rt)
    with serving(rt) as url, _people(url) as enter:
        say(f"The review site is up on {url} (for this tour only).\n")
        return _Tour(rt, enter, say).walk(out)


@dataclass
class _Tour:
    rt: Runtime
    enter: Callable[[str, str], Person]
    say: Say
    steps: int = 0

    def step(self, title: str, why: str) -> None:
        self.steps += 1
        self.say(f"[bold]{self.steps}. {title}[/bold]")
        self.say(textwrap.indent(textwrap.fill(why, 96), "   "))

    def walk(self, out: Path) -> Path:
        lan, minh = self.enter("lan", "Lan"), self.enter("minh", "Minh")
        case_id, harm = self.choose(lan)
        self.first_reading(lan, case_id, harm)
        if self.state(case_id) == "review_2":
            self.second_reading(minh, case_id, harm)
        ha = self.enter("ha", "Hà")
        self.approval(lan, ha, case_id)
        self.notice(ha, case_id)
        return self.sealing(ha, case_id, out)

    def choose(self, person: Person) -> tuple[str, Harm]:
        rows = person.get("/queue.json?state=triage")["rows"]
        for wished in WISHED:
            for row in rows:
                if wished in row["flagged"] and row["platform"] not in NO_ADDRESS:
                    self.step(
                        f"{person.name} opens the queue",
                        f"{len(rows)} cases wait on this page, ordered by severity × confidence × reach × age. She takes one that the "
                        f"machine suggests as {wished} (p = {row['probability']:.2f}). Only people assign codes.",
                    )
                    return row["case_id"], wished
        raise UsageError("no open case is left that the tour can walk; start from an empty home: RASOAT_HOME=$(mktemp -d) rasoat tour")

    def state(self, case_id: str) -> str:
        return self.rt.store.cases.view(case_id).facts.state.value

    def first_reading(self, lan: Person, case_id: str, harm: Harm) -> None:
        lan.command(case_id, kind="claim")
        self.step("Lan claims the case", "Nobody else can take it until she decides or hands it over; the claim runs out by itself.")
        page = lan.get(f"/cases/{case_id}")
        text = mask(self.rt.store.cases.view(case_id).items[0].item.text)
        self.say(textwrap.indent(textwrap.fill(f"“{text[:220]}{'…' if len(text) > 220 else ''}”", 92), "     "))
        lan.command(
            case_id,
            kind="code",
            decision=self.decision(case_id, harm, "Nội dung mời người đọc làm theo để trục lợi, có lời hứa sai sự thật."),
        )
        self.step(
            f"Lan codes it as {harm}",
            "She quotes the words she relies on, goes through the seven boxes of context (news, quotation, counterspeech, satire, "
            "education, reclaimed, health), writes down the most innocent reading, and asks for the least restrictive measure. "
            f"The page marked the words of each of the machine's reasons ({len(page.get('reasons', []))}).",
        )

    def decision(self, case_id: str, harm: Harm, reason: str) -> dict[str, object]:
        lead = self.rt.store.cases.view(case_id).items[0]
        span = next((r.span for r in lead.assessment.reasons if r.harm is harm and r.span), None)
        start, end = (span.start, span.end) if span else (0, min(40, len(lead.item.text)))
        grounds = [ground.id for ground in self.rt.policy.grounds.values() if harm in ground.codes][:1]
        sections = [section.id for section in self.rt.policy.sections(lead.item.platform, harm)][:1]
        return {
            "outcome": harm,
            "quote": {"item_id": lead.item.id, "start": start, "end": end},
            "context": ["none"],
            "innocent_reading": "Có thể người viết chỉ kể lại một tin nhắn mà mình nhận được.",
            "reason": reason,
            "measure": "remove_item",
            "policy_ground": sections[0] if sections else None,
            "legal_grounds": grounds,
            "expression_risk": "low",
        }

    def second_reading(self, minh: Person, case_id: str, harm: Harm) -> None:
        minh.command(case_id, kind="claim")
        seen = minh.get(f"/cases/{case_id}")
        if "Lan" in str(seen) or seen.get("decisions"):
            raise RasoatError("the second reader saw something of the first verdict: this must never happen")
        minh.command(
            case_id, kind="second_read", decision=self.decision(case_id, harm, "Đọc độc lập: lời mời có dấu hiệu lừa người đọc rõ ràng.")
        )
        self.step(
            "Minh reads it again, blind",
            "This case needs a second reading: by its code, or by the 15% lot. His page shows neither Lan's verdict nor that it "
            "was Lan. He comes to the same code; had he not, the policy lead would decide.",
        )

    def approval(self, lan: Person, ha: Person, case_id: str) -> None:
        try:
            lan.command(case_id, kind="claim")
        except UsageError:
            self.step(
                "Lan tries to approve it herself",
                "The site refuses: who has read a case cannot approve it. The rule is in code, not in a manual.",
            )
        else:
            raise RasoatError("a reader could claim her own case for approval: this must never happen")
        ha.command(case_id, kind="claim")
        ha.command(
            case_id, kind="approve", bona_fide=True, capture_verified=True, reason="Đã đọc lại bản chụp, mã băm khớp, yêu cầu tương xứng."
        )
        self.step(
            "Hà approves", "She read neither before. The capture's hash was checked; she signs that the request is accurate and complete."
        )

    def notice(self, ha: Person, case_id: str) -> None:
        ha.command(
            case_id,
            kind="give_notice",
            choice="not_sent",
            no_contact="bulk_commercial",
            reason="Nội dung thương mại lừa dối hàng loạt, tài khoản không có cách liên hệ.",
        )
        self.step(
            "Hà writes down how the publisher was told",
            "Or, as here, why not: deceptive bulk content from an account without contact. Without this line nothing can be sealed.",
        )

    def sealing(self, ha: Person, case_id: str, out: Path) -> Path:
        sealed = ha.seal(case_id)
        pack = out / str(sealed["path"])
        pack.write_bytes(self.rt.store.packs.get(pack.name, str(sealed["sha256"])))
        self.step(
            "The dossier is built, verified and sealed",
            "Notice as PDF/A-3 with its JSON inside, letter to the publisher, capture, text, custody log, a manifest of SHA-256 "
            "hashes and an Ed25519 signature. The program sends nothing: a person does, by hand, and logs it.",
        )
        return pack
