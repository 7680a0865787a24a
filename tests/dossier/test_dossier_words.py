"""The dossier's words: the same keys and slots in both languages, every key used, no key missing."""

from __future__ import annotations

import re
from pathlib import Path

from rasoat.messages import Messages
from rasoat.settings import ROOT

CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "rasoat" / "dossier").glob("*.py"))
COMPOSED = (
    "label_",
    "section_",
    "kind_",
    "omitted_",
    "withheld_",
    "source_",
    "risk_",
    "notice_",
    "deferral_",
    "no_contact_",
    "method_",
    "platform_",
    "language_",
    "territory_",
)
MORE = ("proof_", "refused_", "verify_", "letter_fix_", "detection_")


def words(locale: str) -> dict[str, str]:
    texts = Messages.load(ROOT / "data", locale).texts
    return {key.removeprefix("dossier."): text for key, text in texts.items() if key.startswith("dossier.")}


def test_both_languages_say_the_same_things() -> None:
    vi, en = words("vi"), words("en")
    assert set(vi) == set(en)
    for key in vi:
        assert sorted(re.findall(r"\{(\w+)\}", vi[key])) == sorted(re.findall(r"\{(\w+)\}", en[key])), key


def test_every_message_is_used() -> None:
    idle = [key for key in words("vi") if not key.startswith((*COMPOSED, *MORE)) and not re.search(rf'["._]{key}"', CODE)]
    assert idle == []


def test_every_label_and_section_is_used() -> None:
    for prefix, pattern in (("label_", r'\.row\(\s*"(\w+)"'), ("section_", r'\.section\(\s*"(\w+)"')):
        used = set(re.findall(pattern, CODE)) | ({"review_1", "review_2", "adjudication", "approval"} if prefix == "label_" else set())
        assert used == {key.removeprefix(prefix) for key in words("vi") if key.startswith(prefix)}


def test_every_refusal_and_problem_has_its_words() -> None:
    problems = set(re.findall(r'(?:Problem|ArchiveError)\(\s*"(\w+)"', CODE)) | {"zip_damaged"}
    refusals = set(re.findall(r'Refusal\(\s*"(\w+)"', CODE))
    for prefix, used in (("verify_", problems), ("refused_", refusals)):
        assert used == {key.removeprefix(prefix) for key in words("vi") if key.startswith(prefix)}


def test_catalogues_hold_no_english_in_the_vietnamese() -> None:
    text = Path(ROOT / "data" / "messages" / "vi" / "dossier.yml").read_text("utf-8")
    assert not re.search(r"\b(the|is|not|of)\b", "\n".join(text.splitlines()[1:]))
