"""Flagged items and questions for the measurements of the search index: made here, with word frequencies after Zipf's law.

Items arrive in the order of their ids, as a rebuild reads them from SQL, and their times have nothing to do with that order.
"""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from rasoat.cases.states import CaseState
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.ports import SearchDoc, SearchQuery, Sort
from rasoat.text import fold

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 400
_COMMON = "lừa đảo tiền nhà cái thuốc khỏi bệnh hàng giả đường phố người dân ngân mã thưởng nạp rút quà chợ gạo xe trời nước"
_RARER = "nghĩa khuya trống miếng quãng thượng xuống giường ruộng tưởng chuyến đẹp mới xa gần"
_TAPE = 500_000


@cache
def vocabulary(size: int = 12_000) -> Sequence[str]:
    """Made-up syllables with Vietnamese letters; the first are the commonest."""
    heads = ["b", "c", "ch", "đ", "gi", "h", "kh", "l", "m", "ng", "nh", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x"]
    middles = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "ươ", "uyê", "oa", "iê"]
    tails = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t", "i", "o", "u", "y", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    parts = itertools.product(heads, middles, tails, marks)
    made = [unicodedata.normalize("NFC", head + middle + mark + tail) for head, middle, tail, mark in parts]
    random.Random(3).shuffle(made)
    return (f"{_COMMON} {_RARER}".split() + made)[:size]


def documents(count: int, words: Sequence[str]) -> Iterator[SearchDoc]:
    """Comments and posts of 8 to 90 words, cut from one long tape of words, so that making them costs little."""
    rng = random.Random(5)
    tape = rng.choices(words, cum_weights=list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words)))), k=_TAPE)
    states, harms, platforms = list(CaseState), [harm.value for harm in Harm], [one.value for one in Platform]
    often = list(itertools.accumulate(1 / (n + 1) for n in range(len(states))))  # most cases wait or are closed; few stand in between
    for i in range(count):
        first, source = rng.randrange(_TAPE - 90), rng.randrange(12)
        text = " ".join(tape[first : first + rng.randint(8, 90)])
        yield SearchDoc(
            id=f"{i:064x}",
            case_id=f"case-{i}",
            state=rng.choices(states, cum_weights=often)[0].value,
            codes=tuple(sorted({rng.choice(harms), rng.choice(("FRD", "SPM"))})),
            source=f"source-{source}",
            platform=platforms[source % len(platforms)],
            title=text[:40],
            text=text,
            url=f"https://bench.example/{i}",
            published_at=None,
            captured_at=START + timedelta(seconds=rng.randrange(DAYS * 86_400)),
        )


def questions(words: Sequence[str], each: int = 300) -> dict[str, list[SearchQuery]]:
    """Five kinds, each as the search page of the review site asks: one page of hits with highlights, total, and all four facets."""
    rng = random.Random(9)

    def two(low: int, high: int) -> str:
        return " ".join(rng.sample(words[low:high], 2))

    def filtered() -> SearchQuery:
        since = START + timedelta(days=rng.randrange(DAYS - 60))
        codes, states = (rng.choice(("FRD", "SPM", "GAM", "HAT")),), (rng.choice(("triage", "approval")),)
        text = rng.choice(("", rng.choice(words[5:60])))
        order = Sort.NEWEST if rng.random() < 0.5 else Sort.RELEVANCE
        return SearchQuery(text, codes=codes, states=states, since=since, until=since + timedelta(days=60), sort=order)

    def free() -> str:
        return fold(f"{rng.choice(words[5:200])} {rng.choice(words[60:2000])} {rng.choice(words[5:200])}")

    return {
        "a rare word": [SearchQuery(rng.choice(words[1000:9000])) for _ in range(each)],
        "two common words": [SearchQuery(two(5, 60)) for _ in range(each)],
        "a phrase": [SearchQuery(f'"{two(0, 60)}"') for _ in range(each)],
        "filters and facets": [filtered() for _ in range(each)],
        "three words, no accents": [SearchQuery(free()) for _ in range(each)],
    }


def worst(words: Sequence[str], each: int = 20) -> dict[str, list[SearchQuery]]:
    """What nobody should ask, and somebody will: words that stand in most items."""
    rng = random.Random(11)
    return {
        "the commonest word alone": [SearchQuery(words[0]), SearchQuery(words[0], sort=Sort.NEWEST)] * (each // 2),
        "two of the commonest words": [SearchQuery(" ".join(rng.sample(words[:4], 2))) for _ in range(each)],
        "a phrase of two of them": [SearchQuery(f'"{" ".join(rng.sample(words[:4], 2))}"') for _ in range(each)],
        "everything, newest first": [SearchQuery(offset=20 * rng.randrange(25)) for _ in range(each)],
    }
