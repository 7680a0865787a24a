"""Addresses as they are shown: to be read and compared, never to be clicked. One spelling for pages, letters and packs."""

from __future__ import annotations


def defang(address: str) -> str:
    """An address that no program turns into a link: `hxxps://nhacai[.]example/a`. What follows the host stays as it is."""
    scheme, found, rest = address.partition("://")
    if not found:
        scheme, rest = "", address
    host, slash, path = rest.partition("/")
    safe = host.replace(".", "[.]") + slash + path
    return f"{scheme.lower().replace('http', 'hxxp').replace('ftp', 'fxp')}://{safe}" if found else safe
