"""Invented numbers, addresses and sums for slots that every grammar may use (`MADE` lists them).

Nothing made here belongs to anybody: mobile numbers 0900 000 xxx, landlines 024 and 028 0000 xxxx, short numbers 1900 00 00 xx, hosts
that end in `.example`. Hosts, phone numbers, codes and accounts for training and for testing differ.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

_TRAIN_WORDS: Final = (
    "uudai", "nhanqua", "trian", "vidu", "dangky", "hotro", "thongbao", "khachhang", "giaodich", "vayvon", "quatang", "dichvu", "tructuyen",
    "kiemtra", "xacminh", "taikhoan", "giaohang", "buucuc", "congviec", "tuyendung", "dautu", "lamgiau", "nhom", "kenh", "choi", "thuong",
    "tintuc", "suckhoe", "thuoctot", "shop", "muasam", "khuyenmai", "lienket", "trang", "cong", "mau", "cap-nhat", "tra-cuu", "hoso",
    "bienlai",
)  # fmt: skip
_TEST_WORDS: Final = (
    "tangqua", "phanthuong", "dangnhap", "trogiup", "tinmoi", "hoivien", "chuyentien", "giaingan", "voucher", "tienich", "onlai",
    "doichieu", "chungthuc", "vitien", "vanchuyen", "kienhang", "vieclam", "nhansu", "sinhloi", "taichinh", "hoinhom", "phong", "sanchoi",
    "giaithuong", "docbao", "lamdep",
)  # fmt: skip
_ENDINGS: Final = (
    "", "", "",
    "-vn", "24h", "365", "-online", "vip", "-hotro", "247", "s", "1", "88", "-top", ".cc", ".top", ".vip", ".club", ".com", ".net", ".shop",
)  # fmt: skip
_PATHS: Final = ("", "", "", "", "/vn", "/dk", "/?id={n}", "/a{n}", "/xacminh", "/app", "/nhan-qua", "/m/{n}", "/km", "/tin/{n}")
_MAX_TRAIN: Final = 749


_PHONES: Final = (
    *["0900000{t}"] * 3,
    *("0900 000 {t}", "0900.000.{t}", "0900-000-{t}", "+84 900 000 {t}", "84900000{t}", "O9OO.OOO.{t}", "09 0000 0{t}"),
)
_HUNDREDS: Final = (50, 80, 100, 150, 200, 250, 300, 350, 400, 500, 650, 700, 800, 900)
_MILLIONS: Final = (1, 2, 3, 5, 6, 7, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 50, 60, 80, 100, 120, 150, 200, 300, 500)
_SUMS: Final = (
    *("{n}k", "{n}.000đ", "{n}.000 đồng", "{n} nghìn", "{n} ngàn", "{n}.{odd}00 đồng", "{n},000 VND", "{n}.000 vnđ"),
    *("{m} triệu", "{m} triệu", "{m}tr", "{m},{odd} triệu", "{m}.{odd}00.000 đồng", "{m}tr{odd}", "{m} củ", "{m}.000.000 VND", "{m} trieu"),
)
_DATES: Final = ("{d}/{m}", "{d:02d}/{m:02d}", "ngày {d}/{m}", "{d:02d}/{m:02d}/2026", "{d}-{m}", "ngày {d} tháng {m}")
_CLOCKS: Final = ("{h}h{m:02d}", "{h}:{m:02d}", "{h} giờ {m:02d}", "{h}g{m:02d}")


def _tail(rng: random.Random, *, test: bool, digits: int = 3) -> str:
    """The last digits of a number: below 750 for training, from 750 for testing (by its last three)."""
    last = rng.randint(_MAX_TRAIN + 1, 999) if test else rng.randint(0, _MAX_TRAIN)
    return f"{last:03d}"[-digits:] if digits <= 3 else f"{rng.randrange(10 ** (digits - 3)):0{digits - 3}d}{last:03d}"


def phone(rng: random.Random, *, test: bool) -> str:
    """A mobile number of a range that is obviously nobody's, as people write numbers."""
    return rng.choice(_PHONES).format(t=_tail(rng, test=test))


def hotline(rng: random.Random, *, test: bool) -> str:
    """A short number or a landline."""
    form = rng.choice(("1900 00 00 {a}", "1900 0000 {a}", "1800 0000 {a}", "024 0000 {b}", "028 0000 {b}", "(024) 0000 {b}", "02400000{c}"))
    tail = _tail(rng, test=test)
    return form.format(a=tail[-2:], b=f"0{tail}", c=tail)


def host(rng: random.Random, *, test: bool) -> str:
    """A host that ends in `.example`."""
    words = rng.sample(_TEST_WORDS if test else _TRAIN_WORDS, rng.choice((1, 1, 2)))
    return rng.choice(("", "", "-")).join(words) + rng.choice(_ENDINGS) + ".example"


def link(rng: random.Random, *, test: bool) -> str:
    """A link to such a host."""
    path = rng.choice(_PATHS).format(n=rng.randrange(100, 9999))
    return rng.choice(("", "", "https://", "http://", "www.")) + host(rng, test=test) + path


def money(rng: random.Random, *, test: bool) -> str:
    """A sum between fifty thousand and a few hundred million đồng, as people write it."""
    n, m = rng.choice(_HUNDREDS), rng.choice(_MILLIONS)
    odd = rng.choice((1, 3, 7, 9)) if test else rng.choice((2, 4, 5, 8))
    return rng.choice(_SUMS).format(n=n, m=m, odd=odd)


def code(rng: random.Random, *, test: bool) -> str:
    """An order, parcel or file number."""
    letters = "".join(rng.choice("BCDGHKLMNPQSTVX") for _ in range(rng.choice((2, 2, 3))))
    return f"{letters}{_tail(rng, test=test, digits=rng.choice((4, 5, 6, 8)))}{rng.choice(('', '', 'VN'))}"


def account(rng: random.Random, *, test: bool) -> str:
    """A bank account number with a row of zeros."""
    return rng.choice(("0000", "9000", "1000")) + "00" + _tail(rng, test=test, digits=rng.choice((4, 6, 7)))


def card(rng: random.Random, *, test: bool) -> str:
    """A number like that of an identity card, with the province 000, which there is not."""
    return rng.choice(("000000000{t}", "000 000 000 {t}", "0000 0000 0{t}", "000000{t}")).format(t=_tail(rng, test=test))


def otp(rng: random.Random, *, test: bool) -> str:
    """A one-time code."""
    return _tail(rng, test=test, digits=rng.choice((4, 6, 6, 6)))


def date(rng: random.Random, *, test: bool) -> str:
    """A day."""
    day, month = (rng.randint(1, 28), rng.randint(1, 9)) if not test else (rng.randint(1, 28), rng.randint(10, 12))
    return rng.choice(_DATES).format(d=day, m=month)


def clock(rng: random.Random, *, test: bool) -> str:
    """A time of day."""
    hour, minute = rng.randint(6, 22), (rng.choice((5, 20, 35, 50)) if test else rng.choice((0, 15, 30, 45)))
    return rng.choice(_CLOCKS).format(h=hour, m=minute)


def percent(rng: random.Random, *, test: bool) -> str:
    """A rate."""
    n = rng.choice((3, 7, 12, 18, 25, 35, 45)) if test else rng.choice((1, 2, 5, 8, 10, 15, 20, 30, 40, 50))
    return rng.choice((f"{n}%", f"{n}%", f"{n} %", f"{n} phần trăm"))


def number(rng: random.Random, *, test: bool) -> str:
    """A count of something."""
    return str(
        rng.choice((3, 7, 13, 17, 27, 43, 70, 130, 370, 1700) if test else (2, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100, 200, 500, 1200))
    )


MADE: Final[Mapping[str, Callable[..., str]]] = {
    made.__name__: made for made in (phone, hotline, host, link, money, code, account, card, otp, date, clock, percent, number)
}
"""Slot names that need no list of words."""
