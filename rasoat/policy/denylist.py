"""What can never be a legal ground here, in code and not in data: NOTICES §13 and the charter.

Matched by instrument and article, and by wording, on folded text, in any field of a ground. Knows nothing of files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

ALL: Final = None
"""Every article of the instrument is denied."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True, slots=True)
class DeniedInstrument:
    """An instrument whose named articles (or all of them) are no ground. `names` are folded, without spaces or marks."""

    id: str
    names: tuple[str, ...]
    articles: frozenset[int] | None
    reason: str
    clauses_allowed: frozenset[int] = frozenset()  # of the one denied article, these clauses are fine when nothing else is named


@dataclass(frozen=True, slots=True)
class DeniedWording:
    """Words that no ground may hold, however spelled. `phrases` are folded, without spaces or marks."""

    id: str
    phrases: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a ground was refused: the entry, the words that matched, the reason."""

    entry: str
    matched: str
    reason: str


STATE: Final = "provisions 'against the State' or on 'abusing democratic freedoms' are outside the charter"
PRESS: Final = "licensing of the press and bans on kinds of reporting are outside the charter"
HONOUR: Final = "criticism, mockery or insult of officials, leaders and institutions is outside the charter"
NEWS: Final = "'fake' or 'untrue' news as such is outside the charter: name the concrete deception of a reader instead"
ORDER: Final = "'public order' and 'national security' by information are outside the charter"

INSTRUMENTS: Final = (
    # Chapter XIII (108-122) holds 109, 116, 117 and 118; 318, 331 and 351 are similar; 155 and 156 protect honour. [M] for the numbers.
    DeniedInstrument(
        "penal-code",
        _words("boluathinhsu luathinhsu blhs penalcode criminalcode codepenal 100/2015 vnpc vnpenal"),
        frozenset({*range(108, 123), 155, 156, 318, 331, 351}),
        STATE,
    ),
    DeniedInstrument("penal-code-old", _words("15/1999"), frozenset({*range(78, 93), 121, 122, 245, 258, 276}), STATE),
    # Article numbers moved between the law of 2018 and its successor, so all of them are denied.
    DeniedInstrument(
        "cybersecurity-law",
        _words(
            """
        luatanninhmang anninhmang luatanm cybersecuritylaw lawoncybersecurity
        lawoncyberinformationsecurityandcybersecurity cybersecurityact 24/2018/qh14 24/2018 116/2025/qh15
        """
        ),
        ALL,
        ORDER,
    ),
    DeniedInstrument("decree-15-2020", _words("15/2020"), frozenset({99, 101}), NEWS),
    # The successors' article numbers are not confirmed, so no article of it can be told from them.
    DeniedInstrument("decree-174-2026", _words("174/2026"), ALL, NEWS),
    # Art. 8: only the clauses on a person's image, on false claims and on "best" without proof. [S]; clause numbers [M].
    DeniedInstrument(
        "advertising-law-8",
        _words("luatquangcao lawonadvertising advertisinglaw advertisementlaw lawonadvertisement 16/2012 vnad"),
        frozenset({8}),
        "Art. 8 on state secrets, flags and leaders is outside the charter: name one of its consumer clauses 8, 9, 11",
        clauses_allowed=frozenset({8, 9, 11}),
    ),
    DeniedInstrument(
        "press-law",
        _words("luatbaochi presslaw lawonpress lawonthepress lawonjournalism 103/2016 126/2025/qh15"),
        ALL,
        PRESS,
    ),
    DeniedInstrument("decree-147-2024", _words("147/2024 72/2013 27/2018"), ALL, PRESS),
    DeniedInstrument("decision-1418", _words("1418/qd decision1418 quyetdinh1418 qd1418"), ALL, PRESS),
    DeniedInstrument("decree-119-2020", _words("119/2020"), ALL, PRESS),
)

WORDINGS: Final = (
    DeniedWording(
        "against-the-state",
        _words(
            """
        chongnhanuoc chongphanhanuoc chongpha chongchinhquyen chongdang latdochinhquyen latdonhanuoc phandong
        tuyentruyenchong againstthestate againststate antistate antigovernment subversion overthrow
        againstthegovernment propaganda reactionaryforces thelucthudich hostileforces contreletat propagande
        """
        ),
        STATE,
    ),
    DeniedWording(
        "democratic-freedoms",
        _words(
            """
        loidungquyentudo loidungcacquyentudo quyentudodanchu tudodanchu democraticfreedom democraticliberties
        democraticrights libertesdemocratiques
        """
        ),
        STATE,
    ),
    DeniedWording(
        "interests-of-the-state",
        _words(
            """
        loiichcuanhanuoc loiichnhanuoc interestsofthestate stateinterests chinhsachdoanket khoidaidoanket
        doanketdantoc solidaritypolicy unitypolicy policyofunity nationalunity policyofsolidarity solidaritypolicies
        """
        ),
        STATE,
    ),
    DeniedWording(
        "security",
        _words(
            """
        anninhquocgia phaaninh phaoianninh phaoian roianninh nationalsecurity disruptionofsecurity disruptingsecurity
        disturbingsecurity statesecurity securitequationale chuquyenquocgia chuquyenlanhtho nationalsovereignty
        """
        ),
        ORDER,
    ),
    DeniedWording(
        "public-order",
        _words(
            """
        trattucongcong trattuantoanxahoi trattuxahoi antoanxahoi publicorder socialorder publicdisorder
        disturbingpublic ordrepublic
        """
        ),
        ORDER,
    ),
    DeniedWording(
        "leaders-and-heroes",
        _words(
            """
        lanhtu anhhungdantoc lanhdaodang lanhdaonhanuoc lanhdaocapcao nationalhero insultingleader
        insultleader nationalleader partyleader stateleader leadersofthe greatmen nguyenthuquocgia
        """
        ),
        HONOUR,
    ),
    DeniedWording(
        "flags-and-secrets",
        _words(
            """
        quocky quochuy quocca dangkycongsan nationalflag nationalemblem nationalanthem bimatnhanuoc statesecret
        statessecret secretsofthestate
        """
        ),
        "state secrets, flags and emblems are outside the charter",
    ),
    DeniedWording(
        "honour-of-officials",
        _words(
            """
        boinho vukhong phibang xucpham lamnhuc haouytin hathapuytin matuytin thoama defam slander libel insult vilif
        smear disparag lesemajeste diffamation
        """
        ),
        HONOUR,
    ),
    DeniedWording(
        "fake-news",
        _words(
            """
        tingia tinsaisuthat tinsailech thongtinsaisuthat thongtingiamao thongtinxautoc thongtinxaudoc xuyentac
        gayhoangmang hoangmangtrongnhandan tinchuakiemchung thongtinchuakiemchung fakenews falsenews untrueinformation
        untruenews unverifiedinformation misinformation disinformation distort causingconfusionamong publicpanic
        fabricatedinformation
        """
        ),
        NEWS,
    ),
    DeniedWording(
        "press-licence",
        _words(
            """
        giayphepbaochi giayphephoatdongbaochi giayphepthietlap hoatdongbaochi thebaochi thenhabao tonchimucdich tonchi
        baochikhongphep khongcogiayphep khongphep presslicen presscard unlicensedpress unlicensedreport unlicensednews
        unlicensedjournal withoutalicen withoutpresslicen presscredential licenceforpress licensetooperatethepress
        """
        ),
        PRESS,
    ),
    DeniedWording(
        "kinds-of-reporting",
        _words(
            """
        phongsu dieutraphongsu phongvan investigationreportage reportage interviewformat newslikename tengiongbaochi
        trangtongtinhop trangtonghop trangthongtindientutonghop tutapsanxuattin tusanxuattinbai selfproducednews
        """
        ),
        PRESS,
    ),
)

_LEET: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LOOKALIKE: Final = str.maketrans("аеорсухіјѕвнкмтԁɡαερουνκτιıłđðøß", "aeopcyxijsbhkmtdgaepouvktiilddos")
_ARTICLE: Final = re.compile(
    r"(?:\b(?:cac\s+)?dieu|\bdd?\.|\bd(?=\s?\d)|\bart(?:icle)?s?\b\.?|§+)\s*(?:so\s*)?((?:\d+[a-z]?(?:\s*(?:,|;|–|—|-|\.\.\.?|&|/|to|den|va|and|and)\s*)*)+)"
)
_CLAUSE: Final = re.compile(r"(?:khoan|clauses?|paragraphs?|para\.?|k\.)\s*((?:\d+\s*(?:,|;|&|va|and)?\s*)+)|\((\d+)\)")
_RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|—|\.\.\.?|to|den)\s*(\d+)")
_SPACED_DIGITS: Final = re.compile(r"(?<![\w])(?:\d[\s._·-]){2,}\d(?!\w)")
SEPARATORS: Final = " .-_·•,"
MAX_RANGE: Final = 200


def fold(text: str) -> str:
    """Lower case, compatibility forms undone, no marks, no invisible characters, look-alike letters as Latin, đ as d."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
    return visible.translate(_LOOKALIKE)


def squeeze(text: str) -> str:
    """Folded letters and digits only (and the slash of instrument numbers): spacing, dots and dashes cannot hide a phrase."""
    return "".join(c for c in fold(text) if c.isalnum() or c == "/")


def denied_wording(*texts: str) -> Denial | None:
    """The first denied wording in any of the texts, or in their letters read with leet digits undone."""
    for text in texts:
        plain = squeeze(text).replace("/", "")
        leet = "".join(c for c in fold(text).translate(_LEET) if c.isalnum())
        for entry in WORDINGS:
            for phrase in entry.phrases:
                if phrase in plain or phrase in leet:
                    return Denial(entry.id, phrase, entry.reason)
    return None


def denied_instrument(article: str, *texts: str) -> Denial | None:
    """The first denied instrument and article named anywhere in the fields of a ground.

    `article` is the field that holds the article: every number in it counts. In `texts` (id, instrument, titles, address,
    notes) a number counts after a word for "article", and any denied number counts where the instrument stands in the same text.
    """
    everything = " | ".join((article, *texts))
    squeezed = squeeze(everything)
    for entry in INSTRUMENTS:
        name = next((name for name in entry.names if _named(name, squeezed, everything)), None)
        if name is None:
            continue
        if entry.articles is ALL:
            return Denial(entry.id, name, entry.reason)
        found = _numbers_of(entry, article, texts) & entry.articles
        if found and not _clauses_fine(entry, article, texts):
            return Denial(entry.id, f"{name} {min(found)}", entry.reason)
    return None


def denied(article: str, texts: Iterable[str]) -> Denial | None:
    """Why a ground with these fields can never be loaded, or None."""
    written = (article, *texts)
    read = tuple(_respaced(text) for text in written)
    return denied_instrument(*written) or denied_instrument(*read) or denied_wording(*written)


def _respaced(text: str) -> str:
    """Folded; where nearly every letter stands alone, the letters put together again."""
    folded = fold(text)
    for separator in SEPARATORS:
        parts = folded.split(separator)
        if len(parts) > 4 and sum(len(part) <= 1 for part in parts) >= 0.8 * len(parts):
            return re.sub(r"\s+", " ", "".join(part or " " for part in parts))
    return folded


def _named(name: str, squeezed: str, text: str) -> bool:
    if not name[0].isdigit():
        return name in squeezed
    number, year = name.split("/")[:2]  # 15/2020 must not be found inside 115/2020; "15-2020" and "15 of 2020" count
    pattern = rf"(?<!\d)0*{number}\s*(?:/|-|_|\.|\s|of|nam)+\s*{re.escape(year)}(?!\d)"
    return re.search(pattern, fold(text)) is not None


def _numbers_of(entry: DeniedInstrument, article: str, texts: tuple[str, ...]) -> set[int]:
    numbers = set(_numbers(_without_clauses(_joined(article))))
    for text in texts:
        folded = _joined(text)
        for match in _ARTICLE.finditer(folded):
            numbers |= set(_numbers(match[1]))
        if len(entry.articles or ()) > 1 and any(_named(name, squeeze(text), text) for name in entry.names):
            numbers |= set(_numbers(_without_instrument(folded)))
    return numbers | _id_numbers(texts)


def _id_numbers(texts: tuple[str, ...]) -> set[int]:
    """Numbers that end an id such as VN-BLHS-331."""
    return {int(match[1]) for text in texts if (match := re.fullmatch(r"[A-Za-z][\w-]*?-(\d{1,3})[a-z]?", text.strip()))}


def _without_instrument(folded: str) -> str:
    return re.sub(r"\d+\s*/\s*(?:19|20)\d\d(?:/[\w-]+)?", " ", folded)


def _joined(text: str) -> str:
    """Folded, with digits that were spaced out put together: `3 3 1` is 331."""
    return _SPACED_DIGITS.sub(lambda match: re.sub(r"\D", "", match[0]), fold(text))


def _without_clauses(folded: str) -> str:
    return _CLAUSE.sub(" ", _without_instrument(folded))


def _numbers(text: str) -> Iterator[int]:
    for low, high in _RANGE.findall(text):
        if 0 < int(high) - int(low) <= MAX_RANGE:
            yield from range(int(low), int(high) + 1)
    yield from (int(number) for number in re.findall(r"\d{1,4}", text))


def _clauses_fine(entry: DeniedInstrument, article: str, texts: tuple[str, ...]) -> bool:
    named: set[int] = set()
    for text in (article, *texts):
        for match in _CLAUSE.finditer(fold(text)):
            named |= set(_numbers(match[1] or match[2]))
    return bool(named) and named <= entry.clauses_allowed
