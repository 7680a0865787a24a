"""Which addresses a crawl may connect to: names are resolved once, checked, and pinned; connections use the pin and nothing else.

A page cannot make us read the operator's own network (SSRF), neither by a link, nor by a redirect, nor by a name that changes its
address between check and connection (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

from twisted.internet.address import IPv4Address as TxIPv4
from twisted.internet.address import IPv6Address as TxIPv6
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
DNS_SECONDS = 20.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214 §6.1: an IPv4 address follows these 32 bits
_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure answers its own machines here, at an address that is public by its number
        "192.0.0.0/24",  # RFC 6890: protocol assignments; Oracle's cloud answers its own machines at 192.0.0.192
        "192.88.99.0/24",  # RFC 7526: relays from IPv6 into IPv4
        "64:ff9b:1::/48",  # RFC 8215: translation into whatever the local network chose
        "3fff::/20",  # RFC 9637: documentation
        "5f00::/16",  # RFC 9602: segment routing
    )
)
"""Networks that no page of the open internet lives in and that Python's tables (which differ by version) may call global."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: no private, loopback, link-local, shared, reserved or multicast one.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64, ISATAP) is as public as what it carries.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if carried := _carried(address):
            return is_public(carried)
        if address.is_site_local:
            return False
    if any(address in network for network in _CLOSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return last if address in _NAT64 or int(address) >> 32 & 0xFFFFFFFF in _ISATAP else None


class NoAddress(OSError):
    """The name does not resolve."""


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to cancel: the answer is there."""


@implementer(IHostnameResolver)
class PinnedResolver:
    """The reactor's only resolver. It knows the names that `addresses` resolved before, and answers with those addresses until
    the crawl ends.

    One resolver serves all sources of a process. Each source checks the pinned addresses against its own rule before it connects, so a
    name that one source may reach is still refused to another.
    """

    def __init__(self) -> None:
        self._pins: dict[str, tuple[Address, ...]] = {}

    def forget(self) -> None:
        """Drop all pins: a new crawl asks anew."""
        self._pins.clear()

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """The addresses of a host, resolved at the first call.

        Raises:
            NoAddress: it has none.
        """
        if host not in self._pins:
            found = await self._look_up(host)
            self._pins.setdefault(host, found)
        return self._pins[host]

    async def _look_up(self, host: str) -> tuple[Address, ...]:
        try:
            return (ipaddress.ip_address(host),)
        except ValueError:
            pass
        loop = asyncio.get_running_loop()
        try:
            rows = await asyncio.wait_for(loop.getaddrinfo(host, None, type=socket.SOCK_STREAM), DNS_SECONDS)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise NoAddress(f"the name {host} does not resolve: {error}") from error
        return tuple(dict.fromkeys(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows))

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Twisted asks for every connection. A name that was never checked has no address."""
        # zope interfaces declare methods without self, which mypy reads as wrong calls
        receiver: Any = resolutionReceiver
        resolution: Any = _Resolution(hostName)
        receiver.resolutionBegan(resolution)
        for address in self._pins.get(hostName, ()):
            make = TxIPv6 if address.version == 6 else TxIPv4
            receiver.addressResolved(make("TCP", str(address), portNumber))
        receiver.resolutionComplete()
        answer: IHostResolution = resolution
        return answer
