"""Codes that personal numbers are made of: provinces, carriers, area codes, plates, banks. Facts with their source; no pattern."""

from __future__ import annotations

from typing import Final

_NO_PROVINCE: Final = frozenset(
    {0, 3, 5, 7, 9, 13, 16, 18, 21, 23, 28, 29, 32, 39, 41, 43, 47, 50, 53, 55, 57, 59, 61, 63, 65, 69, 71, 73, 76, 78, 81, 85, 88, 90}
)
PROVINCES: Final = frozenset(f"{code:03}" for code in range(97) if code not in _NO_PROVINCE)
"""First three digits of a citizen number: Thông tư 59/2021/TT-BCA, annex (63 provinces; numbers of before the mergers of 2025 stay)."""

MOBILE: Final = frozenset(
    [f"03{n}" for n in range(2, 10)]  # Viettel
    + ["052", "055", "056", "058", "059"]  # Vietnamobile, Wintel, Gmobile
    + ["070", "076", "077", "078", "079"]  # MobiFone
    + [f"08{n}" for n in range(1, 10)]  # VinaPhone, Viettel, iTel, MobiFone
    + [f"09{n}" for n in (0, 1, 2, 3, 4, 6, 7, 8, 9)]
)
"""Mobile prefixes in use: Quy hoạch kho số viễn thông, Thông tư 22/2014/TT-BTTTT, after the change to ten digits in 2018."""

AREAS: Final = frozenset(
    ["24", "28"]
    + [str(n) for n in (*range(203, 217), 218, 219, 220, 221, 222, *range(225, 230), *range(232, 240))]
    + [str(n) for n in (251, 252, *range(254, 264), 269, *range(270, 278), *range(290, 295), 296, 297, 299)]
)
"""Area codes of landlines, without the 0: Quyết định 2036/QĐ-BTTTT, 2016."""

PLATES: Final = frozenset(f"{n}" for n in range(11, 100) if n not in (13, 42, 44, 45, 46, 87, 91, 96))
"""First two digits of a licence plate: Thông tư 24/2023/TT-BCA, annex 02."""

SERIES: Final = "abcdefghklmnpstuvxyz"
"""Letters of a plate's series: no I, J, O, Q, R, W."""

BANKS: Final = (
    r"(?:ngan hang|[a-z]{2,12}bank|vcb|bidv|ctg|tcb|acb|mbb?|vpb|tpb|vib|shb|ocb|msb|scb|hdb|stb|lpb|eib|nab|ncb|bab|agri|vietin|"
    r"techcom|momo|zalopay)"
)
"""How bank names are written in folded text: short names of the members of the national switch, and anything that ends in `bank`."""

TAX_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)
"""Tax code: the tenth digit is 10 - (weighted sum mod 11). Thông tư 105/2020/TT-BTC, form 28."""
