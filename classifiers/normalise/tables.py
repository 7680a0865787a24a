"""Small tables of the normaliser. Source of every row: own observation of public writing habits; nothing was copied from a data set.

Values are standard Vietnamese with its accents, because rules are written so and check accents.
"""

from __future__ import annotations

from typing import Final

LOOKALIKES: Final[dict[str, str]] = dict(
    [
        *zip("авеікмнорстухѕјԁԛѡһցո", "abeikmhopctyxsjdqwhgn", strict=True),  # Cyrillic, Armenian
        *zip("αβεηικνορτυχγω", "abenikvoptuxyw", strict=True),  # Greek
        *zip("ıɑɡɩʟʀʏɴɢʜɪ∂¢£€¥", "iagilrynghidcley", strict=True),  # small capitals and signs
    ]
)
"""What stands for a Latin letter; keys are lower case. Full-width, circled and mathematical letters need no row: NFKC knows them."""

LEET: Final[dict[str, str]] = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "l"}
"""Only read between two letters of one word, so that prices, dates and numbers stay what they are."""

TEENCODE: Final[dict[str, str]] = {
    **dict.fromkeys(["ko", "k", "kg", "hok", "hk", "kh", "khog", "hem", "kô", "hông", "hong"], "không"),
    **dict.fromkeys(["dc", "đc", "dx", "đx"], "được"),
    **dict.fromkeys(["j", "gj"], "gì"),
    **dict.fromkeys(["r", "rùi"], "rồi"),
    **dict.fromkeys(["vz", "z", "zậy", "zay"], "vậy"),
    **dict.fromkeys(["bik", "bit", "bt", "bjt", "bít"], "biết"),
    **dict.fromkeys(["mn", "mng", "mni"], "mọi người"),
    **dict.fromkeys(["cj", "chj"], "chị"),
    **dict.fromkeys(["trc", "trk"], "trước"),
    **dict.fromkeys(["nhìu", "nhiu", "nhju"], "nhiều"),
    **dict.fromkeys(["iu", "iêu"], "yêu"),
    **dict.fromkeys(["thik", "thít"], "thích"),
    **dict.fromkeys(["ib", "ibx", "inb"], "inbox"),
    **dict.fromkeys(["lh", "lhe", "lhệ"], "liên hệ"),
    **dict.fromkeys(["sdt", "sđt"], "số điện thoại"),
    **dict.fromkeys(["đt", "dt"], "điện thoại"),
    **dict.fromkeys(["đky", "dky", "đki", "dki", "đkí", "đký", "đk"], "đăng ký"),
    **dict.fromkeys(["thg", "thag", "thằg"], "thằng"),
    **dict.fromkeys(["cug", "cx", "cũg"], "cũng"),
    **dict.fromkeys(["đag", "dag"], "đang"),
    **dict.fromkeys(["mik", "mih", "mìh"], "mình"),
    **dict.fromkeys(["zô", "zo", "dzô"], "vô"),
    **dict.fromkeys(["s3x", "xes", "sech", "séc"], "sex"),
    "vs": "với",
    "ng": "người",
    "ngta": "người ta",
    "nta": "người ta",
    "ae": "anh em",
    "ace": "anh chị em",
    "ny": "người yêu",
    "vk": "vợ",
    "wa": "quá",
    "lun": "luôn",
    "kb": "kết bạn",
    "tk": "tài khoản",
    "stk": "số tài khoản",
    "fb": "facebook",
    "tele": "telegram",
    "cty": "công ty",
    "nv": "nhân viên",
    "nhg": "ngân hàng",
    "cv": "công việc",
    "sp": "sản phẩm",
    "kq": "kết quả",
    "ntn": "như thế nào",
    "hnay": "hôm nay",
    "kím": "kiếm",
    "xiền": "tiền",
    "tjền": "tiền",
    "lm": "làm",
    "chuyễn": "chuyển",
}
"""Whole words only. Words that mean several common things (`ck`, `m`, `t`, `nh`, `tr`, `s`) are left alone on purpose."""

SPOKEN_DOMAIN: Final = r"(?:com|net|vn|org|info|xyz|top|vip|club|me|cc|bet|win|live|online|site|shop|pro|fun|app|link|example)"
"""Endings that people spell out: `abc chấm com`, `abc(.)com`."""
