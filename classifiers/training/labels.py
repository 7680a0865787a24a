"""What a published label may mean here. "Hate" and "offensive" there include insults at officials and plain swearing, which are no harm of
ours; so a label only counts as weak evidence, for HAT, and only where the words name a protected group and are hostile.

In doubt a row is left out (weight 0) or stays a negative: we would rather miss.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from classifiers.linear.gate import Gate
from rasoat.harms import Harm
from rasoat.text import fold

WEAK: Final = 0.6
"""Weight of a weak positive: an assumption, on the low side."""

_HEAD = r"(?:bon|lu|thang|con|do|loai|quan|toc|giong|may thang|may con|dam)"
_BAD = (
    r"(?:ngu|suc vat|suc sinh|cho|khi|benh hoan|bien thai|tom lom|tom|ghe tom|ban thiu|ban|o do|do|man ro|vo hoc|vo van hoa|mat day|"
    r"gia tao|te nan|cut|chet|tuyet chung|lua dao|trom cap|can ba|quai vat|hen|rac ruoi|rac|ky sinh|lech lac|dot nat|dit me)"
)
_HOSTILE: Final = re.compile(rf"\b{_HEAD}\b|\b{_BAD}\b")
_STATE: Final = re.compile(
    r"\b(cong an|csgt|canh sat|chinh quyen|chinh phu|nha nuoc|dang vien|dang cong san|cong san|cs|dang|bo truong|thu tuong|chu tich|"
    r"bi thu|quan chuc|can bo|lanh dao|quoc hoi|dai bieu|toa an|tham phan|uy ban|bo y te|bo giao duc|quan doi|bo doi|nha bao|bao chi|"
    r"vtv|dbqh|che do|cach mang|ba que|3 que|3que|phan dong|bo do|viet cong|vnch|tu ban|dan chu|doc tai|lich su|chien tranh|54|75|"
    r"giai phong|mat nuoc|quan linh)\b"
)
_DENIED: Final = re.compile(r"\b(ki thi|ky thi|phan biet|dung goi|ton trong|binh dang)\b")
_ADVERT: Final = re.compile(r"\b(inbox|ib|zalo|giam gia|khuyen mai|freeship|ban si|sll|lien he|sub cheo|<lien ket>|<so>)\b|<so>|<lien ket>")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Harms and weights for one row."""

    harms: frozenset[Harm]
    weights: dict[Harm, float]


def meaning(text: str, *, offensive: bool, hateful: bool, gate: Gate) -> Meaning:
    """The label mapping. `offensive`: any bad label or marked span; `hateful`: the set's own hate label.

    No row is a positive for HAR: none of the sets marks a threat to a private person, and insults between strangers are none.
    """
    key = fold(text)
    harms: set[Harm] = set()
    weights = {Harm.SPM: 0.0 if _ADVERT.search(key) else 1.0}
    state, grouped = bool(_STATE.search(key)), gate.shows("group", text)
    if offensive and grouped and not state:
        if hateful and _HOSTILE.search(key) and not _DENIED.search(key):
            harms.add(Harm.HAT)
            weights[Harm.HAT] = WEAK
        else:
            weights[Harm.HAT] = 0.0  # a group and a bad label, no words that say which: not ours to guess
    elif hateful and not state:
        weights[Harm.HAT] = 0.5  # hate at somebody, but the words name no group
    if hateful and not state:
        weights[Harm.HAR] = 0.3
    return Meaning(frozenset(harms), weights)
