"""Small tables of the normaliser. Source of every row: own observation of public writing habits; nothing was copied from a data set.

Values are standard Vietnamese with its accents, because rules are written so and check accents.
"""

from __future__ import annotations

from typing import Final

_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_FLIPS: Final = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"

LOOKALIKES: Final[dict[str, str]] = dict(
    [
        *zip("авеікмнорстухѕјԁԛѡһցոү", "abeikmhopctyxsjdqwhgny", strict=True),  # Cyrillic, Armenian
        *zip("αβεηικνορτυχγωζμ", "abenikvoptuxywzm", strict=True),  # Greek
        *zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrtuvwyz", strict=True),  # small capitals
        *zip("ⱥƀȼɇɨħłøᵽŧƶɵɍɏʉ", "abceihloptzoryu", strict=True),  # strokes; đ is a letter of its own
        *zip("ıɑɡɩ∂¢£€¥ſ", "iagidcleys", strict=True),
        *zip(map(chr, range(0x1F150, 0x1F16A)), _LATIN, strict=True),  # white on a black circle
        *zip(map(chr, range(0x1F170, 0x1F18A)), _LATIN, strict=True),  # white on a black square
        *zip(map(chr, range(0x1F1E6, 0x1F200)), _LATIN, strict=True),  # regional indicators, which show as flags
        *zip(map(chr, range(0x24EB, 0x24F5)), "0123456789", strict=False),
        ("⓿", "0"), ("。", "."), ("．", "."), ("｡", "."), ("․", "."), ("‚", ","), ("ǃ", "!"), ("ᶦ", "i"), ("ᶫ", "l"), ("ᶰ", "n"),
    ]
)  # fmt: skip
"""What stands for a Latin letter; keys are lower case. Full-width, circled and mathematical letters need no row: NFKC knows them."""

CAPITALS: Final[dict[str, str]] = {"Ν": "n", "Η": "h", "Μ": "m"}
"""Greek capitals that look like another letter than their small forms do."""

INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0") | frozenset(
    map(chr, range(0xE0000, 0xE0080))
)
"""Letters and marks that show nothing, beside the format characters (category Cf), which every pass drops."""

VIETNAMESE_MARKS: Final = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
"""Grave, acute, circumflex, tilde, breve, hook, horn, dot below. Others are decoration."""

PLAIN: Final = frozenset(map(chr, range(32, 127))) | frozenset(
    "\n\t\r“”‘’…–—•àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
)
"""What ordinary text is written with."""

FLIPPED: Final[dict[str, str]] = dict([*zip(_FLIPS, _LATIN, strict=True), *zip("˙¿¡)(',", ".?!(),'", strict=True)])
"""Letters on their heads, as the tools for it write them."""

LEET: Final[dict[str, str]] = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "l"}
"""Only read between two letters of one word, so that prices, dates and numbers stay what they are."""

LEET_MORE: Final[dict[str, str]] = {
    **{"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g", "2": "z"},
    **{"@": "a", "$": "s", "!": "il", "|": "li", "€": "e", "+": "t", "(": "c", "#": "h"},
}
"""Every letter that a digit or sign is written for; only believed where a known word comes out."""

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

SPOKEN_DOMAIN: Final = (
    r"(?:com|net|vn|org|info|xyz|top|vip|club|me|cc|bet|win|live|online|site|shop|pro|fun|app|link|store|click|icu|cfd|sbs|buzz|cyou|lol|"
    r"mobi|website|asia|monster|bond|biz|io|tv|tech|space|example)"
)
"""Endings that people spell out: `abc chấm com`, `abc(.)com`."""
