"""Every text of the pages is in both catalogues, nothing is in a template, and every word of the domain has its translation."""

from __future__ import annotations

import ast
import re
import string
from enum import StrEnum
from pathlib import Path

import pytest

from rasoat.assessments import Origin
from rasoat.cases.decisions import DeferralReason, ExpressionRisk, NoContactReason, NoticeChoice, PlatformAnswer
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.items import CaptureMethod, ItemKind, Platform
from rasoat.messages import Messages
from rasoat.settings import ROOT
from review_ui.keys import ACTS
from review_ui.views.problems import problem_key
from review_ui.views.queue import TABS

TEMPLATES = sorted((ROOT / "review_ui" / "templates").glob("*.html"))
LETTER = re.compile(r"[^\W\d_]")


def texts(locale: str) -> dict[str, str]:
    return {key.removeprefix("ui."): text for key, text in Messages.load(ROOT / "data", locale).texts.items() if key.startswith("ui.")}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    vi, en = texts("vi"), texts("en")
    assert set(vi) == set(en)
    assert {key: slots(vi[key]) for key in vi} == {key: slots(en[key]) for key in en}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    outside = re.sub(r"<[^>]*>| [\w-]+=\"[^\"]*\"", " ", source).replace("HTTP", "").replace("doctype", "")
    assert not LETTER.search(re.sub(r"&\w+;", "", outside)), outside.strip()[:200]
    for name, value in re.findall(r'\b(title|aria-label|placeholder|alt)="([^"]*)"', source):
        assert not LETTER.search(value), f"{name}={value}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_that_a_template_asks_for_exists(path: Path) -> None:
    known = texts("vi")
    for key in re.findall(r"\bt\('([a-z0-9_]+)'(?! ?~)", path.read_text("utf-8")):
        assert key in known, key


def test_every_word_of_the_domain_has_its_text() -> None:
    known = texts("vi")
    kinds: dict[str, type[StrEnum]] = {
        "state": CaseState,
        "event": EventKind,
        "role": Role,
        "platform": Platform,
        "kind": ItemKind,
        "origin": Origin,
        "reason": Origin,
        "method": CaptureMethod,
        "risk": ExpressionRisk,
        "notice": NoticeChoice,
        "notice_is": NoticeChoice,
        "deferral": DeferralReason,
        "no_contact": NoContactReason,
        "answer": PlatformAnswer,
    }
    wanted = {f"{prefix}_{member.value}" for prefix, kind in kinds.items() for member in kind}
    wanted |= {f"key_{act}{end}" for act in ACTS for end in ("", "_what")} | {f"tab_{tab.name}" for tab in TABS}
    wanted |= {f"severity_{level}" for level in range(1, 5)} | {f"factor_severity_s{level}" for level in range(1, 5)}
    wanted |= {f"factor_{name}_{level}" for name in ("confidence", "reach", "age") for level in ("low", "middle", "high")}
    assert wanted <= set(known), wanted - set(known)


def test_keys_of_one_language_do_not_clash() -> None:
    for locale in ("vi", "en"):
        known = texts(locale)
        keys = [known[f"key_{act}"] for act in ACTS]
        assert len(set(keys)) == len(keys)
        firsts = {key.split()[0] for key in keys if " " in key}
        assert not firsts & {key for key in keys if " " not in key}


def _sayings(path: Path) -> list[str]:
    """Every sentence that the workflow raises or lists, with its slots filled by a digit."""

    def text(node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.JoinedStr):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        return text(node.left) + "x" if isinstance(node, ast.BinOp) else ""

    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        call = node.exc if isinstance(node, ast.Raise) else node
        if isinstance(call, ast.Call) and call.args and getattr(call.func, "id", getattr(call.func, "attr", "")) in (
            "NotPermitted", "IllegalTransition", "Conflict", "append",
        ):  # fmt: skip
            found.append(text(call.args[0]))
    return [saying for saying in found if saying]


def test_every_refusal_of_the_workflow_is_told_in_the_readers_language() -> None:
    sayings = _sayings(ROOT / "rasoat" / "cases" / "workflow.py")
    assert len(sayings) > 20
    known = texts("vi")
    for saying in sayings:
        key, values = problem_key(saying)
        assert key != "refused_other", saying
        assert slots(known[key]) <= set(values)
