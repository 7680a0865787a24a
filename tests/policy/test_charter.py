"""The charter: the 14 harms and nothing else, no forbidden DSA value, and no trace of a detector of opinions anywhere.

The word list is here and not in the product (SITE_AUDIT §6): the product has no list of opinions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from rasoat.errors import CharterError
from rasoat.harms import Harm, Outcome
from rasoat.policy import Policy, check
from rasoat.policy.checks import ALLOWED_NAMES
from rasoat.policy.denylist import denied_wording
from rasoat.policy.dsa import FORBIDDEN_CATEGORIES, FORBIDDEN_KEYWORDS, forbidden
from rasoat.policy.wording import fold
from rasoat.settings import ROOT

FOURTEEN = {"FRD", "GAM", "SPM", "CFM", "ADV", "HAT", "HAR", "SEX", "CSE", "PII", "SHM", "CPR", "IMP", "AGG"}
FORBIDDEN = {
    "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    *("MISINFORMATION_DISINFORMATION", "VIOLATION_EU_LAW", "VIOLATION_NATIONAL_LAW"),
    *("DEFAMATION", "TERRORIST_CONTENT", "ILLEGAL_ORGANIZATIONS", "FEMALE_GENDERED_DISINFORMATION"),
    *("LANGUAGE_REQUIREMENTS", "GEOGRAPHICAL_REQUIREMENTS"),
}

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NAMES = (
    r"politic|opinion|dissid|oppositi|protest|petition|demonstrat|propagand|subver|reaction|regime|sovereign|election|ballot"
    r"|anti_?stat|anti_?gov|fake_?news|misinfo|disinfo|rumou?r|blasphem|heres|unlicen[sc]|licen[cs]e_?less|press_?card|defam|libel"
    r"|insult_?(leader|official|state)|public_?order|national_?security|xuyen_?tac|phan_?dong|chong_?(pha|doi|nha_?nuoc)"
)
"""Parts of names that no code, rule id, source, label, capacity or message key may have."""

SUBJECTS = r"official_subject|public_subject|scope|out_of_scope|oos|safeguard|political_advertising"
"""Names of safeguards, which take evidence away and may name what they protect."""

NOTIONS = {
    "N1 own reporting": ("tự sản xuất tin", "self-produced news", "tỷ lệ tin tự viết"),
    "N2 sending reporters": ("cử phóng viên", "cử người tác nghiệp", "ban phóng viên", "văn phòng đại diện của báo"),
    "N3 negative leaning": ("đăng tin tiêu cực", "theo ý đồ riêng", "negative leaning", "giật gân"),
    "N4 kinds of reporting": ("phóng sự điều tra trái phép", "cấm phóng sự", "investigative format"),
    "N5 generic names": ("tên có chữ báo", "tên trang có chữ news", "news-like name"),
    "N6 sections": ("chuyên mục chính trị", "section layout"),
    "N7 comments": ("cho phép bình luận", "comments are enabled"),
    "N8 delay": ("chậm một giờ", "one-hour delay", "dẫn dưới ba nguồn"),
    "N9 licence": ("không có giấy phép", "chưa được cấp phép báo", "unlicensed outlet", "without a licence", "giấy phép hết hạn"),
    "N10 press card": ("thẻ nhà báo", "press card", "chứng chỉ lý luận chính trị"),
    "N11 purpose": ("tôn chỉ mục đích", "tư nhân hóa báo chí"),
    "N12 opinions": (
        *(
            "tin giả",
            "thông tin sai sự thật",
            "chưa kiểm chứng",
            "gây hoang mang",
            "chống phá",
            "phản động",
            "xuyên tạc",
            "thế lực thù địch",
        ),
        *("nói xấu lãnh đạo", "bôi nhọ lãnh đạo", "lật đổ", "đường lưỡi bò", "cờ vàng", "việt tân", "dân chủ cuội", "fake news"),
        *("biểu tình", "đa đảng", "nhân quyền", "chế độ cộng sản", "bầu cử", "tự do ngôn luận", "anti-state", "tuyên truyền"),
    ),
    "N13 not deleting": ("không gỡ khi báo gốc gỡ", "original was deleted"),
    "N14 surveillance": ("máy chủ đặt tại việt nam", "xác thực danh tính người dùng", "real-name"),
    "N15 links": ("chia sẻ link báo", "sharing a link to the press"),
    "N16 profiling": ("chủ biên là ai", "tài trợ nước ngoài", "foreign donor", "gia đình chủ trang"),
}
"""SITE_AUDIT §6. In a rule that ADDS evidence none of these may stand; a safeguard may name what it protects."""


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"id", "code", "name", "label", "kind", "category"} and isinstance(inner, str):
                yield inner
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def _yaml(pattern: str) -> list[tuple[str, object]]:
    paths = sorted((ROOT / "data").glob(pattern))
    return [(path.relative_to(ROOT).as_posix(), yaml.load(path.read_text("utf-8"), Loader=LOADER)) for path in paths]


def test_the_list_of_harms_is_closed() -> None:
    """Fourteen harms, four outcomes. Whoever adds one changes the charter, and this test, on purpose."""
    assert {harm.value for harm in Harm} == FOURTEEN
    assert {outcome.value for outcome in Outcome} == {"NONE", "OOS", "CTX", "DUP"}


@pytest.mark.parametrize("code", ["POL", "DIS", "FAKE", "REL", "OTHER", "frd", "", "OOS", "NONE", "MISINFORMATION"])
def test_a_harm_outside_the_list_cannot_be_loaded(edit: Callable[[str, str, str], Path], code: str) -> None:
    data = edit("harms.yml", "code: GAM", f'code: "{code}"')
    problems = check(data)
    assert any(isinstance(p, CharterError) and "not one of the 14" in p.message for p in problems)
    with pytest.raises(CharterError):
        Policy.load(data)


def test_a_fifteenth_harm_cannot_be_loaded(copy: Path) -> None:
    path = copy / "policy" / "harms.yml"
    text = path.read_text("utf-8")
    entry = text[text.index("  - code: SPM") : text.index("  - code: CFM")]
    path.write_text(text.rstrip() + "\n" + entry.replace("SPM", "POL", 1), "utf-8")
    with pytest.raises(CharterError, match="POL"):
        Policy.load(copy)


@pytest.mark.parametrize("harm", list(Harm))
def test_no_harm_may_be_absent(copy: Path, harm: Harm) -> None:
    path = copy / "policy" / "harms.yml"
    head, *entries = re.split(r"(?m)^  - code: ", path.read_text("utf-8"))
    path.write_text(head + "".join(f"  - code: {entry}" for entry in entries if not entry.startswith(harm.value)), "utf-8")
    with pytest.raises(CharterError, match=f"missing: {harm.value}"):
        Policy.load(copy)


def test_the_forbidden_dsa_values_are_the_ones_of_the_notices() -> None:
    assert FORBIDDEN_CATEGORIES | FORBIDDEN_KEYWORDS == FORBIDDEN


@pytest.mark.parametrize("value", sorted(FORBIDDEN))
@pytest.mark.parametrize("form", [str, str.lower, "KEYWORD_{}".format, lambda v: v.replace("_", "-"), lambda v: f" {v.title()} "])
def test_a_forbidden_dsa_value_cannot_be_loaded(edit: Callable[[str, str, str], Path], value: str, form: Callable[[str], str]) -> None:
    """Each one, in several spellings, in the list of values."""
    assert forbidden(form(value))
    problems = check(
        edit("dsa.yml", "keywords: [DISCRIMINATION, HATE_SPEECH]", f'keywords: [HATE_SPEECH, DISCRIMINATION, "{form(value)}"]')
    )
    assert any(isinstance(problem, CharterError) and "forbidden" in problem.message for problem in problems)


@pytest.mark.parametrize("value", sorted(FORBIDDEN))
def test_a_harm_cannot_point_at_a_forbidden_dsa_value(edit: Callable[[str, str, str], Path], value: str) -> None:
    problems = check(edit("harms.yml", "dsa_keywords: [COPYRIGHT_INFRINGEMENT]", f"dsa_keywords: [{value}]"))
    assert any(isinstance(problem, CharterError) for problem in problems)
    problems = check(edit("harms.yml", "dsa_category: STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", f"dsa_category: {value}"))
    assert any(isinstance(problem, CharterError) for problem in problems)


@pytest.mark.parametrize(
    "name", ["Election integrity", "Civic integrity", "Misinformation", "Chính sách bầu cử", "Political content", "Fake news"]
)
def test_a_section_on_political_speech_cannot_be_loaded(edit: Callable[[str, str, str], Path], name: str) -> None:
    problems = check(edit("platforms.yml", "name: Fake engagement", f"name: {name}"))
    assert any(isinstance(problem, CharterError) for problem in problems)


def test_agg_can_have_no_legal_ground(add_ground: Callable[..., Path]) -> None:
    problems = check(add_ground(codes=["AGG"]))
    assert any(isinstance(problem, CharterError) and "AGG" in problem.message for problem in problems)


def test_no_name_in_any_data_file_stands_for_opinions() -> None:
    """Rule ids, source ids, labels, message keys, policy ids: none names what the charter leaves out."""
    files = [*_yaml("rules/**/*.yml"), *_yaml("lexicons/**/*.yml"), *_yaml("sources/**/*.yml"), *_yaml("messages/**/*.yml")]
    files += [*_yaml("policy/*.yml"), *_yaml("dossier/**/*.yml")]
    assert files
    found = [
        f"{name}: {word}"
        for name, value in files
        for word in {*_keys(value), *_ids(value)}
        if len(word) < 80 and word not in ALLOWED_NAMES and re.search(NAMES, fold(word)) and not re.search(SUBJECTS, fold(word))
    ]
    assert not found


def test_no_name_in_the_code_stands_for_opinions() -> None:
    """Members of enumerations, functions and classes of the rooms that look for harm."""
    found = []
    for room in ("classifiers", "crawlers"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and _suspicious(node.name):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not found


def _suspicious(name: str) -> bool:
    return bool(re.search(NAMES, name.lower())) and not re.search(SUBJECTS, name.lower())


@pytest.fixture(scope="module")
def adding_rules() -> list[tuple[str, str]]:
    """The folded text of every rule file whose rules add evidence: all but the safeguards."""
    return [(name, fold(text)) for name, text in _adding_rules()]


def _adding_rules() -> Iterator[tuple[str, str]]:
    for name, value in _yaml("rules/**/*.yml"):
        if "safeguard" not in name:
            yield name, yaml.safe_dump(_without_examples(value), allow_unicode=True, width=10**9)
    for path in sorted((ROOT / "data" / "lexicons").rglob("*.txt")):
        if not re.search("safeguard|scope|official|subject", path.name):
            yield path.relative_to(ROOT).as_posix(), "\n".join(line.split("#")[0] for line in path.read_text("utf-8").splitlines())


def _without_examples(value: object) -> object:
    """Rules carry examples of what they must NOT match; those may name anything. So may safeguards and exceptions."""
    if isinstance(value, dict):
        skip = (
            "example",
            "counter",
            "exclude",
            "not",
            "unless",
            "except",
            "safeguard",
            "silent",
            "harmless",
            "ok",
            "clean",
            "note",
            "why",
            "description",
        )
        return {key: _without_examples(inner) for key, inner in value.items() if not str(key).startswith(skip)}
    if isinstance(value, list):
        return [_without_examples(inner) for inner in value]
    return value


@pytest.mark.parametrize("notion", NOTIONS)
def test_no_rule_looks_for_a_notion_of_the_do_not_implement_list(notion: str, adding_rules: list[tuple[str, str]]) -> None:
    """SITE_AUDIT §6, N1 to N16: no pattern that adds evidence holds these words."""
    found = []
    for name, folded in adding_rules:
        found += [f"{name}: {words}" for words in NOTIONS[notion] if re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", folded)]
    assert not found


def test_no_ground_and_no_section_speaks_of_opinions(data_dir: Path) -> None:
    policy = Policy.load(data_dir)
    for ground in policy.grounds.values():
        assert denied_wording(ground.title.vi, ground.title.en, ground.instrument.vi, ground.instrument.en) is None


def test_no_message_offers_to_judge_opinions() -> None:
    """The pages may say that politics is out of scope; they offer no verdict on it."""
    verdicts = r"(phản động|chống phá|xuyên tạc|tin giả|thông tin xấu độc|fake news|anti-state)"
    for name, value in _yaml("messages/**/*.yml"):
        for key, text in (value or {}).items() if isinstance(value, dict) else []:
            assert not re.search(verdicts, str(text).lower()), f"{name}: {key}"
