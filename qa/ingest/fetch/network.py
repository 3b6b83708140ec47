"""Connections to the network: a name is resolved once, its addresses are checked, and only those are connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import anyio
import httpcore
from httpcore import SOCKET_OPTION

from qa.errors import ReadError

Resolve = Callable[..., Iterable[tuple[Any, ...]]]
"""A function like `socket.getaddrinfo`."""

_NAT64 = IPv6Network("64:ff9b::/96")
_CONNECT_SECONDS = 5.0  # for one address, so that a second one gets its turn


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only. TLS comes after, and verifies the name that was asked for.

    That the name is looked up here, and not again by what connects, is what keeps a name server from giving a public
    address to be checked and a private one to be connected to ("DNS rebinding").
    """

    def __init__(self, allow_private: bool, resolve: Resolve, network: httpcore.AsyncNetworkBackend | None) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host that answers. Raises ReadError."""
        addresses = await self._look_up(host, port)
        if not self._allow_private:
            _check(addresses)
        failure: Exception = OSError()
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, _CONNECT_SECONDS, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise unreadable(host, failure)

    async def _look_up(self, host: str, port: int) -> list[str]:
        """The addresses of a host, best first; resolved in a thread, so that a silent name server can be abandoned."""
        ask = partial(self._resolve, host, port, type=socket.SOCK_STREAM)
        try:
            found = await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
        except (OSError, UnicodeError):
            raise ReadError(f"there is no host '{host}', or no network; check the address and the connection") from None
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _check(addresses: Iterable[str]) -> None:
    """Raises ReadError if any address is not public: a name with both kinds cannot be trusted."""
    for address in addresses:
        if place := place_of(address):
            raise ReadError(f"the address leads to {place} ({address}); --allow-private reads it all the same")


def place_of(address: str) -> str:
    """What a non-public IP address leads to, in words for the user; empty for a public one."""
    ip = _embedded(ip_address(address.partition("%")[0]))
    if ip.is_loopback or ip.is_unspecified:
        return "this computer"
    if ip.is_multicast:
        return "a group of computers"
    if ip.is_private or ip.is_link_local:
        return "a private network"
    if ip.is_reserved or not ip.is_global or (isinstance(ip, IPv6Address) and ip.is_site_local):
        return "a reserved network"
    return ""


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def unreadable(host: str, error: Exception) -> ReadError:
    """The error for a failed connection to a host."""
    return ReadError(f"the server '{host}' cannot be read ({_cause(error)}); check the address or try again later")


def _cause(error: BaseException) -> str:
    chain = [error]
    while before := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(before)
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {link.verify_message.rstrip('.')}"
        if isinstance(link, ssl.SSLError):
            return "it does not speak TLS"
        if isinstance(link, ConnectionRefusedError):
            return "connection refused"
        if isinstance(link, TimeoutError):
            return "no response"
    return "the connection broke off"
