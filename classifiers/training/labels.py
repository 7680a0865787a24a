"""What a published label may mean here. "Hate" and "offensive" there include insults at officials and plain swearing, which are no harm of
ours: a label alone never makes a positive. What makes one is a person's reading of the row (`data/training/judgements.tsv`).

An offensive row that names a protected group and was read without a verdict is left out (weight 0): we would rather miss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from classifiers.linear.gate import Gate
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm
from rasoat.text import fold

FILE: Final = "judgements.tsv"
Judgements = Mapping[str, Harm | None]
"""By `key_of` the text: the harm that its reader saw, or None for none of ours."""
UNREAD: Final[Judgements] = MappingProxyType({})

_STATE: Final = re.compile(
    r"\b(cong an|csgt|canh sat|chinh quyen|chinh phu|nha nuoc|dang vien|dang cong san|cong san|cs|dang|bo truong|thu tuong|chu tich|"
    r"bi thu|quan chuc|can bo|lanh dao|quoc hoi|dai bieu|toa an|tham phan|uy ban|bo y te|bo giao duc|quan doi|bo doi|nha bao|bao chi|"
    r"vtv|dbqh|che do|cach mang|ba que|3 que|3que|phan dong|bo do|viet cong|vnch|tu ban|dan chu|doc tai|lich su|chien tranh|54|75|"
    r"giai phong|mat nuoc|quan linh)\b"
)
_ADVERT: Final = re.compile(r"\b(inbox|ib|zalo|giam gia|khuyen mai|freeship|ban si|sll|lien he|sub cheo|<lien ket>|<so>)\b|<so>|<lien ket>")
_DEATH: Final = re.compile(r"\b(chet di|chet me di|tu tu|tu sat|nhay lau|nhay cau|rach tay|cat tay)\b")
_SOLD: Final = (Harm.SPM, Harm.FRD, Harm.GAM, Harm.ADV, Harm.CFM, Harm.SEX, Harm.PII)
"""What a row that looks like an advert may be: its set does not say, so it teaches nothing about these."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Harms and weights for one row."""

    harms: frozenset[Harm]
    weights: dict[Harm, float]


def key_of(text: str) -> str:
    """Eight hexadecimal digits that name a row's text."""
    return sha256(text.encode()).hexdigest()[:8]


def read_judgements(path: Path) -> Judgements:
    """Read `judgements.tsv`: set, row, key of the text, harm or NONE.

    Raises:
        ConfigError: it is missing, or a line has another form; with the line.
    """
    made: dict[str, Harm | None] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error}", place=Place(str(path)), hint="check the file out again") from error
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or fields[3] not in {"NONE", *(harm.value for harm in Harm)}:
            hint = "set, row, key of the text, harm or NONE; tabs between"
            raise ConfigError("not a judgement", place=Place(str(path), number), hint=hint)
        made[fields[2]] = None if fields[3] == "NONE" else Harm(fields[3])
    return made


def meaning(text: str, *, offensive: bool, hateful: bool, gate: Gate, judged: Judgements = UNREAD) -> Meaning:
    """The label mapping. `offensive`: any bad label or marked span; `hateful`: the set's own hate label."""
    key = fold(text)
    weights: dict[Harm, float] = dict.fromkeys(_SOLD, 0.0) if _ADVERT.search(key) else {}
    verdict = key_of(text)
    if verdict in judged:
        harm = judged[verdict]
        if harm is Harm.HAT:
            weights[Harm.HAR] = 0.3
        elif harm is Harm.HAR:
            weights[Harm.HAT] = 0.3
        return Meaning(frozenset({harm} if harm else ()), weights)
    if not offensive:
        return Meaning(frozenset(), weights)
    weights[Harm.SEX] = 0.0  # lewd talk is no offer, but it is no lesson either
    if _DEATH.search(key):
        weights[Harm.SHM] = 0.0
    if not _STATE.search(key):
        if gate.shows("group", text):
            weights[Harm.HAT] = 0.0
        elif hateful:
            weights[Harm.HAT] = 0.5  # hate at somebody, but the words name no group
        if hateful:
            weights[Harm.HAR] = 0.3
    return Meaning(frozenset(), weights)
