"""Fetching what a stranger's address names, without ever reaching into our own network.

A host is resolved once, every address it has must be public, and the connection goes to the very
address that was checked: a name that resolves differently the second time gains nothing. Each
redirect is checked as the first address was.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from core.errors import DomainError

LONGEST_URL: Final = 2000
_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_MOST_REDIRECTS: Final = 3
_CHUNK: Final = 64 * 1024
_HOST: Final = re.compile(r"[A-Za-z0-9._:%-]+")
# Networks that carry another address inside, which may be a private one.
_CARRIERS: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressRule = Callable[[Address], bool]


class NotPublic(DomainError):
    """The address is none of the public web: another scheme, a private network, this machine."""

    code = "address_not_public"
    status = 400
    title = "Only public web addresses are fetched."


class NotFetched(DomainError):
    """The server did not answer with the file, or not in time, or with too much."""

    code = "not_fetched"
    title = "The file could not be fetched."


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _CARRIERS) or address.teredo:
            return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True)
class Limits:
    """What a fetch may cost, and where it may go; tests let it reach their own server."""

    max_bytes: int
    seconds: float = 20
    is_allowed: AddressRule = is_public
    ports: frozenset[int] = frozenset(_PORTS.values())


def check_address(url: str) -> SplitResult:
    """Return the parts of a web address; raise NotPublic for what needs no look-up to refuse."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise NotPublic("This is not a web address.")
    try:
        parts = urlsplit(url)
        host, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise NotPublic("This is not a web address.") from error
    if parts.scheme not in _PORTS or parts.username is not None or not _HOST.fullmatch(host):
        raise NotPublic("An address begins with http:// or https:// and names a host.")
    address = _literal(host)
    if host.lower().endswith("localhost") or (address is not None and not is_public(address)):
        raise NotPublic(f"{host} is not on the public web.")
    return parts


def _literal(host: str) -> Address | None:
    """Return the address that ``host`` writes out: also as ``0x7f000001`` or ``2130706433``."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def fetch_public(url: str, *, limits: Limits) -> bytes:
    """Return what is at a public web address. Raises NotPublic, NotFetched.

    ``limits.seconds`` bounds the whole, redirects included.
    """
    deadline = time.monotonic() + limits.seconds
    for _hop in range(_MOST_REDIRECTS + 1):
        answer = _ask(url, limits, deadline)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise NotFetched("It is redirected too often.")


def _ask(url: str, limits: Limits, deadline: float) -> bytes | str:
    """Return the content, or where the server sends us."""
    parts = urlsplit(url) if limits.is_allowed is not is_public else check_address(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    if port not in limits.ports:
        raise NotPublic(f"Port {port} is not one of the web.")
    address = _resolve(parts.hostname or "", port, limits.is_allowed)
    connection = _PinnedConnection(parts, address, max(deadline - time.monotonic(), 0.1))
    try:
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("GET", target, headers={"User-Agent": "Tradepost", "Accept": "image/*"})
        return _read(connection.getresponse(), limits.max_bytes, deadline)
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        raise NotFetched(f"{parts.hostname} did not answer as a web server does.") from error
    finally:
        connection.close()


def _resolve(host: str, port: int, is_allowed: AddressRule) -> str:
    """Return one address of ``host``, all of which have to be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched(f"{host} has no address.") from error
    addresses = [str(info[4][0]) for info in found]
    if not all(
        is_allowed(ipaddress.ip_address(address.partition("%")[0])) for address in addresses
    ):
        raise NotPublic(f"{host} is not on the public web.")
    return addresses[0]


def _read(response: http.client.HTTPResponse, max_bytes: int, deadline: float) -> bytes | str:
    if response.status in _REDIRECTS and (location := response.getheader("Location")):
        return location
    if response.status != http.client.OK:
        raise NotFetched(f"The server answered {response.status}.")
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise NotFetched(f"It is larger than {max_bytes} bytes.")
        if time.monotonic() > deadline:
            raise NotFetched("It takes too long.")
    return bytes(content)


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to the address that was checked, and speaks to it by the host's name."""

    def __init__(self, parts: SplitResult, address: str, timeout: float) -> None:
        port = parts.port or _PORTS[parts.scheme]
        super().__init__(parts.hostname or "", port, timeout=timeout)
        self._address = address
        self._is_secure = parts.scheme == "https"

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
