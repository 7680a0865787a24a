"""Addresses: the canonical form that names a page, and the domain that publishes it.

Pure functions. Knows nothing of fetching.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna
import tldextract

TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "matomo_", "hsa_", "vero_", "_hs")
TRACKING_NAMES = frozenset(
    {
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "igshid", "igsh", "ttclid", "twclid", "li_fat_id",
        "zarsrc", "gidzl", "zanpid", "_ga", "_gl", "ref_src", "fb_action_ids", "fb_action_types", "fb_source", "spm", "srsltid",
        "phpsessid", "jsessionid", "aspsessionid", "cfid", "cftoken",
    }
)  # fmt: skip
"""Parameters that say who sent the reader, or which visit it is, never which page it is (zarsrc, gidzl: Zalo)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/?#;]*", re.IGNORECASE)
_SAFE_IN_PATH = "%/:@!$&'()*+,;=-._~"
_SAFE_IN_QUERY = "%/:@!$'()*+,;?-._~[]"
MAX_URL = 2048  # longer ones are traps or pasted data; Scrapy's own default is 2083


class BadUrl(ValueError):
    """Not an address of a page on the web."""


def split(url: str) -> SplitResult:
    """Parts of an absolute http(s) address.

    Raises:
        BadUrl: another scheme, no host, a port out of range, or longer than `MAX_URL`.
    """
    if len(url) > MAX_URL:
        raise BadUrl(f"longer than {MAX_URL} characters")
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError as error:
        raise BadUrl(f"not an address: {error}") from error
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        raise BadUrl("not an http or https address with a host")
    return parts


def canonical(url: str) -> str:
    """The one form of a page's address: the locator of its item.

    Scheme and host in lower case, host in its IDNA form, default port and user part dropped, dot segments resolved, escapes in one
    form, tracking and session parameters dropped, the rest of the query sorted, fragment dropped. Idempotent.

    Raises:
        BadUrl: see `split`.
    """
    parts = split(fetchable(url))
    scheme = parts.scheme.lower()
    host = ascii_host(parts.hostname or "")
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _DEFAULT_PORTS[scheme]:
        netloc += f":{parts.port}"
    path = _escape(_remove_dots(_SESSION_IN_PATH.sub("", parts.path)), _SAFE_IN_PATH) or "/"
    return urlunsplit((scheme, netloc, path, _canonical_query(parts.query), ""))


def _canonical_query(query: str) -> str:
    kept = [_escape(pair, _SAFE_IN_QUERY + "=") for pair in query.split("&") if pair and not _is_tracking(pair.partition("=")[0])]
    return "&".join(sorted(kept))


def _is_tracking(name: str) -> bool:
    lower = name.lower()
    return lower in TRACKING_NAMES or lower.startswith(TRACKING_PREFIXES)


def _escape(text: str, safe: str) -> str:
    decoded = _ESCAPE.sub(_normal_escape, text)
    lone = re.sub(r"%(?![0-9A-F]{2})", "%25", decoded)
    return quote(lone, safe=safe, errors="replace")


def _normal_escape(match: re.Match[str]) -> str:
    byte = int(match.group(1), 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _remove_dots(path: str) -> str:
    if "/." not in _ESCAPE.sub(_normal_escape, path):
        return path
    out: list[str] = []
    for segment in _ESCAPE.sub(_normal_escape, path).split("/")[1:]:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    trailing = path.endswith(("/.", "/.."))
    return "/" + "/".join(out) + ("/" if trailing and out and out[-1] else "")


def ascii_host(host: str) -> str:
    """The host as the resolver asks for it: lower case, IDNA (UTS 46), no trailing dot.

    Raises:
        BadUrl: a host that cannot exist.
    """
    lower = host.rstrip(".").lower()
    if not lower:
        raise BadUrl("no host")
    try:
        return str(ipaddress.ip_address(lower))
    except ValueError:
        pass
    if re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?", lower) and ".." not in lower:
        return lower
    try:
        return idna.encode(lower, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadUrl(f"not a host name: {host!r}") from error


def host_port(url: str) -> tuple[str, int]:
    """Host in its resolver's form, and the port in use."""
    parts = split(url)
    return ascii_host(parts.hostname or ""), parts.port or _DEFAULT_PORTS[parts.scheme.lower()]


def fetchable(url: str) -> str:
    """The address as it is asked for: no fragment, no user part, escaped, host in IDNA; the query stays in its order.

    Raises:
        BadUrl: see `split`.
    """
    parts = split(url)
    host = ascii_host(parts.hostname or "")
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        netloc += f":{parts.port}"
    path, query = _escape(parts.path, _SAFE_IN_PATH) or "/", _escape(parts.query, _SAFE_IN_QUERY + "=&")
    asked = urlunsplit((parts.scheme.lower(), netloc, path, query, ""))
    if len(asked) > MAX_URL:  # escaping makes Vietnamese words up to nine times as long
        raise BadUrl(f"longer than {MAX_URL} characters")
    return asked


def join(base: str, reference: str) -> str | None:
    """The absolute http(s) address that a link means, without fragment; None for what is no page (mailto:, javascript:, rubbish)."""
    reference = reference.strip()
    head = reference[:12].lower()
    if not reference or head.startswith(("#", "javascript:", "mailto:", "tel:", "data:", "blob:")):
        return None
    if reference.startswith("/") or "://" in head:
        base = "/".join(base.split("/", 3)[:3])  # the same for every page of the site, so that menus are worked out once
    return _joined(base, reference)


@lru_cache(maxsize=20_000)
def _joined(base: str, reference: str) -> str | None:
    try:
        return fetchable(urljoin(base, reference))
    except ValueError:  # BadUrl too
        return None


def fingerprint(canonical_url: str) -> bytes:
    """16 bytes that stand for a canonical address in the frontier."""
    return blake2b(canonical_url.encode(), digest_size=16).digest()


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    # The bundled list, nothing fetched, nothing cached on disk; `.example` is ours for everything fictional (RFC 2606).
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=("example",), include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """Who publishes: the registrable domain of a host (`tin.vi-du.example` gives `vi-du.example`), or the host where there is none."""
    return _extractor()(host).top_domain_under_public_suffix or host
