"""Made-up items, and what the shipped classifier says of each: read once, so that every process of every plan knows the truth.

Nothing here names a real person, bank or address.
"""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from classifiers.classifier import Classifier, load_classifier
from classifiers.rules import RuleSet
from rasoat.assessments import Assessment
from rasoat.items import Platform
from rasoat.policy import Policy
from rasoat.settings import Settings

_SCAM: Final = "Tài khoản ngân hàng số {n} của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại trong {h} giờ."
_PLAIN: Final = "Hôm nay trời đẹp, cả nhà mình đi dạo quanh hồ số {n} rồi ăn kem."
_WHO: Final = ("chị bán bún", "chú lái đò", "cô giữ xe", "anh thợ mộc", "bà hàng nước", "bác làm vườn", "em học trò", "ông đưa thư")
_DOES: Final = ("kể chuyện", "hỏi thăm", "đứng chờ", "ghé qua", "mang bánh", "sửa quạt", "tưới cây", "gói quà", "chụp ảnh", "xếp ghế")
_WHERE: Final = ("đầu ngõ", "ngoài chợ", "bên giếng", "trên gác", "dưới bến", "sau vườn", "gần ga", "cạnh trường", "trong bếp", "ven đê")
_SHARE: Final = 0.25
_TWIN: Final = 0.15
"""So many of the harmful say what another said, with one number changed: they join its case."""


_MANY: Final = 1000
_CRAWLED: Final = 4
_PAGES: Final = 1000
"""Every fourth text is a page, up to so many: a crawl costs more than an import."""


@dataclass(frozen=True, slots=True)
class Material:
    """Texts in order, what is to be flagged among them, and the file that is imported."""

    path: Path
    verdicts: dict[str, Assessment]
    known: frozenset[str]
    """Texts that must be flagged; all others must be gone in the end."""
    rules: RuleSet | None = None
    policy: Policy | None = None
    """Read once for the review sites of all plans."""
    pages: tuple[str, ...] = ()
    rest: Path = Path()
    """Where a plan crawls, these texts are pages at `web`, and the file `rest` holds the others."""
    web: str = ""


class Remembered:
    """What the shipped classifier answered, by text: the assess stage asks this, so that a forked process loads no model."""

    def __init__(self, material: Material) -> None:
        self._verdicts, self.rules = material.verdicts, material.rules

    def assess(self, text: str, *, title: str = "", platform: Platform | None = None) -> Assessment:
        """Of one text."""
        del title, platform
        return self._verdicts[text]

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """Of many."""
        return [self._verdicts[text] for text in texts]


def make(folder: Path, items: int, seed: int) -> Material:
    """Write the file and ask the shipped classifier about each text.

    Raises:
        ValueError: the classifier finds so little that nothing would be tested.
    """
    rng = random.Random(seed)
    texts = _texts(items, rng)
    settings = Settings(home=folder)
    assessments = _asked(settings, texts)
    known = frozenset(text for text, found in zip(texts, assessments, strict=True) if found.flagged)
    if not items * _SHARE / 2 < len(known) < items * 0.9:
        raise ValueError(f"the classifier flags {len(known)} of {items} made-up texts: the templates need another look")
    pages = tuple(texts[::_CRAWLED][:_PAGES])
    on_the_web = set(pages)
    return Material(
        path=_file(folder / "posts.jsonl", texts),
        verdicts=dict(zip(texts, assessments, strict=True)),
        known=known,
        rules=_classifier(settings.data, settings.models).rules,
        policy=Policy.load(settings.data),
        pages=pages,
        rest=_file(folder / "rest.jsonl", [text for text in texts if text not in on_the_web]),
    )


@lru_cache(maxsize=1)
def _classifier(data: Path, models: Path) -> Classifier:
    return load_classifier(data, models)


def _asked(settings: Settings, texts: Sequence[str]) -> list[Assessment]:
    """What the shipped classifier says of each; of many, several processes at once, each with a classifier of its own."""
    ask = partial(_ask, settings)
    if len(texts) <= _MANY:
        return ask(texts)
    with multiprocessing.get_context("fork").Pool() as pool:
        parts = pool.map(ask, [texts[at : at + _MANY] for at in range(0, len(texts), _MANY)])
    return [one for part in parts for one in part]


def _ask(settings: Settings, texts: Sequence[str]) -> list[Assessment]:
    return _classifier(settings.data, settings.models).assess_many(texts)


def _file(path: Path, texts: Sequence[str]) -> Path:
    path.write_text("".join(json.dumps({"id": str(n), "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(texts)), "utf-8")
    return path


def _texts(items: int, rng: random.Random) -> list[str]:
    texts: dict[str, None] = {}
    harmful: list[str] = []
    while len(texts) < items:
        if rng.random() >= _SHARE:
            text = f"{_PLAIN.format(n=rng.randrange(10**6))} {_chatter(rng)}"
        elif harmful and rng.random() < _TWIN:
            text = f"{rng.choice(harmful)} Mã tin {rng.randrange(10**6)}."
        else:
            text = f"{_SCAM.format(n=rng.randrange(10**9), h=rng.randrange(2, 72))} {_chatter(rng)}"
            harmful.append(text)
        texts[text] = None
    return list(texts)


def _chatter(rng: random.Random) -> str:
    said = (f"{rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHERE)}".capitalize() + "." for _ in range(rng.randrange(4, 8)))
    return " ".join(said)
