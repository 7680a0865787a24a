"""Canonical addresses: one page, one locator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.urls import BadUrl, canonical, fetchable, fingerprint, host_port, join, registrable_domain


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Tin.Example:80", "http://tin.example/"),
        ("https://tin.example:443/a#muc-2", "https://tin.example/a"),
        ("http://tin.example:8080/", "http://tin.example:8080/"),
        ("http://tin.example./a", "http://tin.example/a"),
        ("http://tin.example/a/./b/../c", "http://tin.example/a/c"),
        ("http://tin.example/../../a", "http://tin.example/a"),
        ("http://tin.example/a//b/", "http://tin.example/a//b/"),
        ("http://tin.example/%7ea%2fb%c3%a1", "http://tin.example/~a%2Fb%C3%A1"),
        ("http://tin.example/tin tức", "http://tin.example/tin%20t%E1%BB%A9c"),
        ("http://tin.example/100%", "http://tin.example/100%25"),
        ("http://tin.example/?b=2&a=1&utm_source=zalo&fbclid=x&zarsrc=1", "http://tin.example/?a=1&b=2"),
        ("http://tin.example/?utm_medium=x", "http://tin.example/"),
        ("http://tin.example/?a=&a=2", "http://tin.example/?a=&a=2"),
        ("http://tin.example/a;jsessionid=12AB?x=1", "http://tin.example/a?x=1"),
        ("http://tin.example/?PHPSESSID=1&q=lừa", "http://tin.example/?q=l%E1%BB%ABa"),
        ("http://người:mật@tin.example/", "http://tin.example/"),
        ("http://Ví-Dụ.example/", "http://xn--v-d-rma6749a.example/"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("http://[2001:DB8::0:1]/", "http://[2001:db8::1]/"),
    ],
)
def test_canonical_form(url: str, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tin.example",
        "ftp://tin.example/",
        "http://",
        "http:///a",
        "http://a:99999/",
        "http://[::1/",
        "http://a..b/",
        "http://" + "a" * 3000,
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadUrl):
        canonical(url)


words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
urls = st.builds(
    lambda host, path, query, fragment: f"http://{host}.example/{path}?{query}#{fragment}",
    st.sampled_from(["tin", "a.b", "Ví-Dụ", "x1"]),
    words,
    words,
    words,
)


@given(urls)
def test_canonical_is_idempotent_and_ascii(url: str) -> None:
    try:
        once = canonical(url)
    except BadUrl:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert canonical(fetchable(url)) == once


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for function in (canonical, fetchable):
        try:
            function(text)
        except BadUrl:
            continue
    found = join("http://tin.example/a/", text)
    assert found is None or canonical(found)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "", "x y"])), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_a_query_does_not_matter(pairs: list[tuple[str, str]], rng: object) -> None:
    shuffled = list(pairs)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]

    def address(given_pairs: list[tuple[str, str]]) -> str:
        return canonical("http://tin.example/?" + "&".join(f"{name}={value}" for name, value in given_pairs))

    assert address(pairs) == address(shuffled)
    assert fingerprint(address(pairs)) == fingerprint(address(shuffled))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b", "http://tin.example/a/b"),
        ("/b?x=1#y", "http://tin.example/b?x=1"),
        ("//khac.example/c", "http://khac.example/c"),
        ("  /b\n", "http://tin.example/b"),
        ("?q=1", "http://tin.example/a/?q=1"),
        ("#dau", None),
        ("mailto:a@b.example", None),
        ("JavaScript:void(0)", None),
        ("data:text/html,x", None),
        ("ftp://tin.example/", None),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_links(reference: str, expected: str | None) -> None:
    assert join("http://tin.example/a/", reference) == expected


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("tin.vi-du.example", "vi-du.example"),
        ("vi-du.example", "vi-du.example"),
        ("www.tin.com.vn", "tin.com.vn"),
        ("a.tin.vn", "tin.vn"),
        ("nguoi-nao-do.blogspot.com", "nguoi-nao-do.blogspot.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_the_domain_that_publishes(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_host_and_port() -> None:
    assert host_port("https://Tin.example/") == ("tin.example", 443)
    assert host_port("http://tin.example:81/") == ("tin.example", 81)
