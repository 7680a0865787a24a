"""What makes a text look real, and so must not stand in the demo: phone numbers, domains, names of outlets, banks and brands."""

from __future__ import annotations

import re
import unicodedata

REAL_NAMES = (
    # outlets
    "vnexpress", "tuoi tre", "thanh nien online", "bao thanh nien", "dan tri", "vietnamnet", "zing", "znews", "kenh14",
    "lao dong", "tien phong", "nhan dan", "vtv", "vov", "vtc", "plo", "nguoi lao dong", "bao moi", "soha", "cafef", "bbc",
    "rfa", "voa", "luat khoa", "the vietnamese",
    # places
    "saigon", "sai gon", "ha noi", "hanoi", "da nang", "nghe an",
    # banks, wallets, telecoms
    "vietcombank", "vietinbank", "bidv", "agribank", "techcombank", "sacombank", "vpbank", "mbbank", "mb bank", "acb",
    "tpbank", "hdbank", "momo", "vnpay", "zalopay", "viettel", "mobifone", "vinaphone", "vietnamobile", "evn",
    # shops, brands, delivery, games
    "shopee", "lazada", "tiki", "sendo", "grab", "vingroup", "vinfast", "vinamilk", "thegioididong", "the gioi di dong",
    "fpt", "nike", "adidas", "gucci", "apple", "samsung", "honda", "bitis", "trung nguyen", "vnpost", "ghtk",
    "giao hang nhanh", "garena",
    # betting sites seen in the wild
    "w88", "fun88", "m88", "bong88", "sunwin", "go88", "kubet", "188bet", "fb88", "8xbet", "b52",
)  # fmt: skip
"""Folded. TikTok, Facebook, YouTube and the messenger Zalo are named as places where something was said, never as its maker."""
PLATFORM_HOSTS = ("www.tiktok.com", "www.facebook.com", "www.youtube.com", "www.googleapis.com")
_MARKUP_HOSTS = ("schema.org", "www.sitemaps.org")
_PHONE = re.compile(r"(?<![\d#])(?:\+84|84|0)[ .]?9\d{1,2}(?:[ .]?\d){6,8}(?!\d)")
_FICTIONAL_PHONE = re.compile(r"^09\d{2}000\d{3}$")
_HOST = re.compile(r"(?:https?://|@)([a-z0-9.-]+\.[a-z]{2,})", re.IGNORECASE)


def fold(text: str) -> str:
    """Lower case without accents."""
    bare = "".join(mark for mark in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(mark))
    return bare.replace("đ", "d")


def problems(text: str) -> list[str]:
    """Everything in the text that looks real; empty when all is fiction."""
    folded = fold(text)
    found = [name for name in REAL_NAMES if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)]
    for number in _PHONE.findall(text):
        national = re.sub(r"^(?:\+84|84)", "0", re.sub(r"[ .]", "", number))
        if not _FICTIONAL_PHONE.match(national):
            found.append(f"phone {number}")
    for host in _HOST.findall(text):
        if not host.lower().endswith(".example") and host.lower() not in (*PLATFORM_HOSTS, *_MARKUP_HOSTS):
            found.append(f"host {host}")
    return found
