"""What can never be a legal ground here, in code and not in data (docs/charter.md).

Matched by instrument and article, and by wording, on folded text, in any field of a ground. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rasoat.policy.articles import clauses, named, numbers, respaced
from rasoat.policy.wording import Phrase, find, phrases, squeeze

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
    """Words that no ground may hold, however spelled."""

    id: str
    phrases: tuple[Phrase, ...]
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
        _words("boluathinhsu luathinhsu blhs boluaths penalcode criminalcode codepenal 100/2015 vnpc vnpenal"),
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
        phrases(
            """
            chống Nhà nước | chống phá | chống chính quyền | chống Đảng | lật đổ | phản động | tuyên truyền chống
            | thế lực thù địch | against the state | against state | anti state | anti government | subversion | subversive | overthrow*
            | against the government | propaganda | propagande | reactionary forces | hostile forces | contre l'etat
            """
        ),
        STATE,
    ),
    DeniedWording(
        "democratic-freedoms",
        phrases(
            """
            quyền tự do dân chủ | tự do dân chủ | lợi dụng quyền tự do | lợi dụng các quyền tự do | democratic freedom* | democratic libert*
            | democratic right* | libertés démocratiques
            """
        ),
        STATE,
    ),
    DeniedWording(
        "interests-of-the-state",
        phrases(
            """
            lợi ích của Nhà nước | lợi ích Nhà nước | interests of the state | state interests | chính sách đoàn kết | khối đại đoàn kết
            | đoàn kết dân tộc | solidarity polic* | unity polic* | policy of unity | national unity | policy of solidarity
            """
        ),
        STATE,
    ),
    DeniedWording(
        "security",
        phrases(
            """
            an ninh quốc gia | phá rối an ninh | national security | disruption of security | disrupting security | disturbing security
            | state security | sécurité nationale | chủ quyền quốc gia | chủ quyền lãnh thổ | national sovereignty
            """
        ),
        ORDER,
    ),
    DeniedWording(
        "public-order",
        phrases(
            """
            trật tự công cộng | trật tự an toàn xã hội | trật tự xã hội | an toàn xã hội | public order | social order | public disorder
            | disturbing public | ordre public
            """
        ),
        ORDER,
    ),
    DeniedWording(
        "leaders-and-heroes",
        phrases(
            """
            lãnh tụ | anh hùng dân tộc | vĩ nhân | danh nhân | lãnh đạo Đảng | lãnh đạo Nhà nước | lãnh đạo cấp cao | nguyên thủ quốc gia
            | national hero* | national leader* | party leader* | state leader* | leaders of the | great men
            """
        ),
        HONOUR,
    ),
    DeniedWording(
        "flags-and-secrets",
        phrases(
            """
            quốc kỳ | quốc huy | quốc ca | national flag* | national emblem* | national anthem* | bí mật nhà nước | state secret*
            | secrets of the state
            """
        ),
        "state secrets, flags and emblems are outside the charter",
    ),
    DeniedWording(
        "honour-of-officials",
        phrases(
            """
            bôi nhọ | vu khống | phỉ báng | xúc phạm | làm nhục | hạ uy tín | hạ thấp uy tín | thóa mạ | defam* | diffamation | slander*
            | libel* | insult* | vilif* | smear* | disparag* | lèse majesté
            """
        ),
        HONOUR,
    ),
    DeniedWording(
        "fake-news",
        phrases(
            """
            tin giả | tin sai sự thật | tin sai lệch | thông tin giả mạo | thông tin xấu độc | xuyên tạc | gây hoang mang
            | hoang mang trong nhân dân | tin chưa kiểm chứng | thông tin chưa kiểm chứng | fake news | false news | untrue information
            | untrue news | unverified information | misinformation | disinformation | distort* | causing confusion among
            | public panic | fabricated information
            """
        ),
        NEWS,
    ),
    DeniedWording(
        "press-licence",
        phrases(
            """
            giấy phép báo chí | giấy phép thiết lập | hoạt động báo chí | thẻ báo chí | thẻ nhà báo | tôn chỉ | báo chí không phép
            | không có giấy phép | không phép | press licen* | press card* | press credential* | unlicensed press | unlicensed report*
            | unlicensed news* | unlicensed journal* | without a licen* | licence for press
            """
        ),
        PRESS,
    ),
    DeniedWording(
        "kinds-of-reporting",
        phrases(
            """
            phóng sự | phỏng vấn | reportage* | interview format* | news like name* | tên giống báo chí
            | trang thông tin điện tử tổng hợp | tự sản xuất tin | self produced news
            """
        ),
        PRESS,
    ),
)

SECTION_WORDINGS: Final = (
    DeniedWording(
        "political-section",
        phrases("election* | civic* | bầu cử | politic* | chính trị | state affiliated | conspirac* | protest* | journalis*"),
        "sections about political speech are outside the charter",
    ),
)
"""Sections of platform rules that no harm of ours rests on (docs/charter.md)."""


def denied_wording(*texts: str, wordings: tuple[DeniedWording, ...] = WORDINGS) -> Denial | None:
    """The first denied wording in any of the texts."""
    wanted = {phrase: entry for entry in wordings for phrase in entry.phrases}
    for text in texts:
        if phrase := find(wanted, text):
            return Denial(wanted[phrase].id, phrase.written, wanted[phrase].reason)
    return None


def denied_instrument(article: str, *texts: str) -> Denial | None:
    """The first denied instrument and article named anywhere in the fields of a ground.

    `article` is the field that holds the article: every number in it counts. In `texts` (id, instrument, titles, address,
    notes) a number counts after a word for "article", and any denied number counts where the instrument stands in the same text.
    """
    everything = " | ".join((article, *texts))
    squeezed = squeeze(everything)
    for entry in INSTRUMENTS:
        name = next((name for name in entry.names if named(name, squeezed, everything)), None)
        if name is None:
            continue
        if entry.articles is ALL:
            return Denial(entry.id, name, entry.reason)
        found = numbers(article, texts, entry.names, anywhere=len(entry.articles) > 1) & entry.articles
        stated = clauses((article, *texts))
        if found and not (stated and stated <= entry.clauses_allowed):
            return Denial(entry.id, f"{name} {min(found)}", entry.reason)
    return None


def denied(article: str, texts: Iterable[str]) -> Denial | None:
    """Why a ground with these fields can never be loaded, or None."""
    written = (article, *texts)
    read = tuple(respaced(text) for text in written)
    return denied_instrument(*written) or denied_instrument(*read) or denied_wording(*written)
