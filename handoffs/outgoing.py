"""Requests to addresses that others chose: only to public machines, at the very address that was looked at, in a limited time, following nobody."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from urllib.parse import urlsplit

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# An IPv4 address dressed as an IPv6 one, in its oldest way.
COMPATIBLE = ipaddress.IPv6Network("::/96")
# RFC 6890: addresses of protocols, no machine of others; RFC 4291: all that is handed out to machines of the open network.
ASSIGNED, UNICAST = ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv6Network("2000::/3")
PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """Nothing was sent. The words are for whoever set the address up."""


def check(url: str, allowed: Sequence[Network] = ()) -> None:
    """Raises Refused for an address that can be none of a webhook's, without asking anybody. Without networks that are allowed, it must be https."""
    parts = urlsplit(url)
    schemes = ("https", "http") if allowed else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise Refused(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if "@" in parts.netloc or any(sign.isspace() or not sign.isprintable() or sign in "\\#" for sign in url):
        raise Refused("must hold no user, password, space or #")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise Refused("has a port that does not exist")
    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        raise Refused("cannot be read") from None
    _keep_out(_numbered(parts.hostname), allowed)


async def post(url: str, body: bytes, headers: dict[str, str], *, timeout: float, allowed: Sequence[Network] = ()) -> int:
    """The status of the answer; of its body nothing is read. Times and errors as in `asked`."""
    async with asked("POST", url, headers, body=body, timeout=timeout, allowed=allowed) as answer:
        return answer.status_code


@asynccontextmanager
async def asked(
    method: str, url: str, headers: dict[str, str], *, timeout: float, body: bytes = b"", allowed: Sequence[Network] = (),
) -> AsyncIterator[httpx.Response]:
    """The answer, its body not read yet. `timeout` is for all of it, reading too, in seconds.

    Raises Refused, TimeoutError, OSError and httpx.HTTPError.
    """
    check(url, allowed)
    target = httpx.URL(url)
    async with asyncio.timeout(timeout), _client(timeout) as client:
        # The name is asked once: what was looked at is what is connected to, whatever it is called a moment later.
        *first, last = await _looked_up(target, allowed)
        for address in first:
            try:
                answer = await _sent(client, method, target, address, body, headers)
                break
            except httpx.ConnectError:
                continue
        else:
            answer = await _sent(client, method, target, last, body, headers)
        try:
            yield answer
        finally:
            await answer.aclose()


async def _sent(client: httpx.AsyncClient, method: str, target: httpx.URL, address: Address, body: bytes, headers: dict[str, str]) -> httpx.Response:
    shown = {"Host": target.netloc.decode(), "User-Agent": "Baton", "Accept-Encoding": "identity", **headers}
    # The certificate must be the name's, not the number's.
    named = {"sni_hostname": target.raw_host.decode()} if target.scheme == "https" else {}
    request = client.build_request(method, target.copy_with(host=str(address)), content=body, headers=shown, extensions=named)
    return await client.send(request, stream=True)


async def _looked_up(target: httpx.URL, allowed: Sequence[Network]) -> list[Address]:
    """Every address of the host. Raises Refused when one of them may not be asked."""
    port = target.port or PORTS[target.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.raw_host.decode(), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Refused("has a host that nobody knows") from None
    addresses = _addresses(found)
    _keep_out(addresses, allowed)
    if target.scheme != "https" and any(map(is_public, addresses)):
        raise Refused("must begin with https://")
    return list(dict.fromkeys(addresses))


def _numbered(host: str) -> list[Address]:
    """The address a host is a number of, however that is written; a name is none, and nobody is asked for it."""
    try:
        return _addresses(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except (socket.gaierror, UnicodeError):
        return []


def _addresses(found: Iterable[Any]) -> list[Address]:
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def _keep_out(addresses: Iterable[Address], allowed: Sequence[Network]) -> None:
    if any(not is_public(address) and not _is_allowed(address, allowed) for address in addresses):
        raise Refused("leads into a private network")


def is_public(address: Address) -> bool:
    """Whether it is a machine of the open network, whatever it is dressed as."""
    if isinstance(address, IPv6Address) and (inner := _within(address)):
        return is_public(inner)
    if address in ASSIGNED or (isinstance(address, IPv6Address) and address not in UNICAST):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address an IPv6 one stands for."""
    if address in NAT64 or address in COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    inner = (isinstance(address, IPv6Address) and _within(address)) or address
    return any(each in network for each in (address, inner) for network in allowed)


def _client(timeout: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False, timeout=timeout)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates this machine trusts; SSL_CERT_FILE adds a firm's own."""
    return ssl.create_default_context()


@cache
def networks(given: tuple[str, ...]) -> tuple[Network, ...]:
    """Raises ValueError for what is no network, as 10.1.0.0/16."""
    return tuple(ipaddress.ip_network(each) for each in given)
