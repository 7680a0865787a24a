"""The deny-list: each entry is tried, under several spellings, in several fields. None can be loaded."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasoat.errors import CharterError
from rasoat.policy import Policy, check
from rasoat.policy.denylist import INSTRUMENTS, WORDINGS, denied, denied_wording
from rasoat.policy.wording import Phrase

DENIED_ARTICLES = [
    *((law, f"Điều {n}") for law in ("Bộ luật Hình sự 2015", "Penal Code", "BLHS") for n in (109, 116, 117, 118, 331)),
    ("Luật An ninh mạng 2018", "Điều 16"),
    ("Law on Cybersecurity 24/2018/QH14", "Art. 8"),
    ("Luật số 24/2018/QH14", "Điều 8"),
    ("Luật An ninh mạng 2025", "Điều 7"),
    ("Nghị định 15/2020/NĐ-CP", "Điều 99 khoản 3"),
    ("Decree 15/2020/ND-CP", "Article 101"),
    ("NĐ 15/2020", "Đ. 101"),
    ("Nghị định 174/2026/NĐ-CP", "Điều 12"),
    ("Decree 174/2026", "Article 40"),
    ("Luật Quảng cáo 2012", "Điều 8"),
    ("Law on Advertising", "Art. 8(2)"),
    ("Luật Quảng cáo 16/2012/QH13", "Điều 8 khoản 5"),
    ("Luật Báo chí 2016", "Điều 9"),
    ("Press Law 103/2016/QH13", "Article 17"),
    ("Nghị định 147/2024/NĐ-CP", "Điều 24"),
    ("Decree No. 147/2024", "Art. 23"),
    ("Nghị định 72/2013/NĐ-CP", "Điều 20"),
    ("Quyết định 1418/QĐ-BTTTT", "Phụ lục"),
]
DENIED_WORDS = [
    "Tuyên truyền chống Nhà nước Cộng hòa xã hội chủ nghĩa Việt Nam",
    "Hoạt động nhằm lật đổ chính quyền nhân dân",
    "Phá hoại chính sách đoàn kết",
    "Làm, tàng trữ, phát tán thông tin nhằm chống Nhà nước",
    "Phá rối an ninh",
    "Lợi dụng các quyền tự do dân chủ xâm phạm lợi ích của Nhà nước",
    "propaganda against the State",
    "abusing democratic freedoms",
    "Xúc phạm lãnh tụ, anh hùng dân tộc",
    "insulting leaders and national heroes",
    "Gây rối trật tự công cộng",
    "disturbing public order",
    "Đưa tin giả, thông tin sai sự thật",
    "fake news and untrue information",
    "Xuyên tạc lịch sử",
    "Gây hoang mang trong nhân dân",
    "Quảng cáo làm lộ bí mật nhà nước",
    "advertising that discloses state secrets",
    "Phương hại đến sự tôn nghiêm của Quốc kỳ, Quốc huy",
    "disrespect of the national flag or leaders of the Party",
    "Hoạt động báo chí khi chưa có giấy phép báo chí",
    "operating without a press licence",
    "unlicensed reporting",
    "Tài khoản cá nhân đăng phóng sự, điều tra, phỏng vấn",
    "news-like names of personal accounts",
    "Vu khống, bôi nhọ cán bộ",
    "Làm nhục người thi hành công vụ",
    "defamation of public officials",
    "insult of a civil servant",
    "Xâm phạm an ninh quốc gia",
    "Hoạt động không đúng tôn chỉ, mục đích",
]


def _unaccented(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "capitals": str.upper,
    "combining marks": lambda text: unicodedata.normalize("NFD", text),
    "no marks": _unaccented,
    "dotted": ".".join,
    "spaced out": " ".join,
    "zero width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in _unaccented(text)),
    "underscores": lambda text: text.replace(" ", "_"),
    "cyrillic look-alikes": lambda text: _unaccented(text).lower().translate(str.maketrans("aeopcyi", "аеорсуі")),
}
LEET = str.maketrans({"o": "0", "i": "1", "e": "3", "a": "4", "s": "5"})


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("instrument", "article"), DENIED_ARTICLES)
def test_instrument_and_article(instrument: str, article: str, spelling: str) -> None:
    """Whatever the spelling, an article on the list is recognised."""
    spell = SPELLINGS[spelling]
    assert denied(spell(article), ["VN-X-1", spell(instrument), "một tên vô hại"])


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("words", DENIED_WORDS)
def test_wording(words: str, spelling: str) -> None:
    """Whatever the spelling, the words are recognised."""
    assert denied_wording(SPELLINGS[spelling](words))


@pytest.mark.parametrize("words", DENIED_WORDS)
def test_wording_in_leet(words: str) -> None:
    """Digits for letters do not help."""
    assert denied_wording(_unaccented(words).lower().translate(LEET))


@pytest.mark.parametrize("phrase", [phrase for entry in WORDINGS for phrase in entry.phrases], ids=lambda phrase: phrase.letters)
def test_every_phrase_is_reachable(phrase: Phrase) -> None:
    """Each phrase alone, between other words, without marks, in capitals and run together."""
    words = phrase.written.removesuffix("*")
    for text in (words, f"về việc {words} nói trên", _unaccented(words), words.upper(), words.replace(" ", "")):
        assert denied_wording(text), text


@pytest.mark.parametrize(
    "text",
    [
        "dịch vụ không đúng chất lượng",
        "miễn phí bằng điểm thưởng",
        "thường xuyên tác động đến người mua",
        "thông tin gian dối về giá",
        "cung cấp thông tin giá cả",
        "biện pháp chống phát tán thư rác",
        "thỏa mãn nhu cầu",
        "hàng Trung Quốc cấm nhập",
        "bởi nhóm người bán",
        "tủ lạnh tự xả đá",
        "đơn vị nhận quảng cáo",
        "gắn nhãn, đánh nhãn hàng",
        "phòng vận chuyển",
        "selection of products",
        "consulting the consumer",
    ],
)
def test_words_that_only_sound_alike_are_fine(text: str) -> None:
    """Short phrases count as whole words with no foreign marks: the list must not deny the consumer law."""
    assert denied_wording(text) is None


@pytest.mark.parametrize(("name", "entry"), [(name, entry) for entry in INSTRUMENTS for name in entry.names])
def test_every_instrument_is_reachable(name: str, entry: object) -> None:
    """Each name of each instrument denies its first article."""
    articles = getattr(entry, "articles", None)
    article = f"Điều {min(articles)}" if articles else "Điều 1"
    assert denied(article, [name])


@given(st.sampled_from(DENIED_WORDS), st.data())
def test_no_padding_hides_words(words: str, data: st.DataObject) -> None:
    """Random separators between any letters, random case, text before and after."""
    padded = "".join(
        data.draw(st.sampled_from([c, c.upper(), c.lower()])) + data.draw(st.sampled_from(["", "", " ", "-", "\u200d", "·"])) for c in words
    )
    assert denied_wording(f"quyền lợi {padded} người mua")


@pytest.mark.parametrize(
    ("article", "texts"),
    [
        ("", ["VN-BLHS-331", "Bộ luật Hình sự", "Bảo vệ người dùng"]),
        ("Điều 174", ["VN-X", "Penal Code", "see also Article 331"]),
        ("Điều 174, 331", ["VN-X", "Bộ luật Hình sự 2015"]),
        ("Điều 115–117", ["VN-X", "Bộ luật Hình sự 2015"]),
        ("Articles 100 to 120", ["VN-X", "Criminal Code"]),
        ("khoản 1", ["VN-X", "Bộ luật Hình sự (đ.331)"]),
        ("Điều 174", ["VN-X", "Bộ luật Hình sự", "https://luat.example/bo-luat-hinh-su-dieu-331"]),
        ("Điều 3 3 1", ["VN-X", "B.L.H.S"]),
    ],
)
def test_smuggled_elsewhere(article: str, texts: list[str]) -> None:
    """Under another id, in a list, in a range, in a note, in an address."""
    assert denied(article, texts)


@pytest.mark.parametrize(
    ("article", "texts"),
    [
        ("Điều 174, Điều 290", ["VN-FRAUD", "Bộ luật Hình sự 2015"]),
        ("Điều 321", ["VN-GAMBLE", "Penal Code 2015"]),
        ("Điều 8, khoản 8, 9, 11", ["VN-AD-8", "Luật Quảng cáo 16/2012/QH13"]),
        ("Điều 94", ["VN-X", "Nghị định 15/2020/NĐ-CP", "tin nhắn rác"]),
        ("Điều 99", ["VN-X", "Nghị định 115/2020/NĐ-CP"]),
        ("Điều 10", ["VN-CPL-10", "Luật Bảo vệ quyền lợi người tiêu dùng 19/2023/QH15", "Đơn vị nhận quảng cáo phải gắn nhãn"]),
    ],
)
def test_what_is_allowed_stays_allowed(article: str, texts: list[str]) -> None:
    """The list denies no neighbour."""
    assert denied(article, texts) is None


@pytest.mark.parametrize(("instrument", "article"), DENIED_ARTICLES)
def test_a_denied_article_cannot_be_loaded(add_ground: Callable[..., Path], instrument: str, article: str) -> None:
    """The whole way: written into the allow-list under a harmless id, it stops the load and names its line."""
    data = add_ground(instrument={"vi": instrument, "en": "A law"}, article=article)
    with pytest.raises(CharterError) as caught:
        Policy.load(data)
    assert caught.value.place is not None
    assert caught.value.place.file.endswith("legal_grounds.yml")
    assert caught.value.place.line > 100


@pytest.mark.parametrize(("field", "words"), [(("title", "note", "instrument")[n % 3], words) for n, words in enumerate(DENIED_WORDS)])
def test_denied_words_cannot_be_loaded(add_ground: Callable[..., Path], field: str, words: str) -> None:
    """In any free text field, in either language."""
    problems = check(add_ground(**{field: {"vi": words, "en": "Harmless"}}))
    assert any(isinstance(problem, CharterError) for problem in problems)


def test_another_script_cannot_be_loaded(add_ground: Callable[..., Path]) -> None:
    """Grounds are written in Vietnamese and English, so that everybody can read what is on the list."""
    problems = check(add_ground(title={"vi": "Пропаганда", "en": "Harmless"}))
    assert any(isinstance(problem, CharterError) and "Latin" in problem.message for problem in problems)


def test_the_shipped_grounds_pass(data_dir: Path) -> None:
    """And there are grounds at all."""
    assert not check(data_dir)
    assert len(Policy.load(data_dir).grounds) >= 10
