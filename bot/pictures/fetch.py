"""The only door to foreign URLs: no inside address, and bounds on size, time and redirects.

The connection goes to the very address that was checked: our resolver is the one that aiohttp connects
by, so a name that changes its mind between check and use (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.errors import ConfigError, FetchRefused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]  # host, port -> addresses
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

REDIRECTS = 3
AT_ONCE = 32
_URL_CHARACTERS = 8192
_PORT_MAX = 65535
_CHUNK = 64 * 1024
_NOTHING: Mapping[str, str] = MappingProxyType({})
_MOVED = frozenset({301, 302, 303, 307, 308})
# An expired link answers 403, 404 or 410: polling again gives a fresh one. 408, 425, 429: later.
_AGAIN = frozenset({403, 404, 408, 410, 425, 429})
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Easel"}

# Every IPv4 block of IANA's special-purpose registry, multicast, and Azure's metadata server, which
# lives on a public address.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
# For IPv6 the other way round: global unicast only, less the tunnels and the documentation. So the forms
# that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) and site-local ones are closed without a list.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)


def is_open(address: IpAddress) -> bool:
    """Whether an address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Asks the operating system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Fetch:
    """Fetches small files from foreign URLs. Made inside a running event loop; closed by `aclose`.

    `allow_hosts` are host:port pairs (`[fetch] allow_hosts`) that may be private and plain http.
    """

    def __init__(
        self,
        *,
        allow_hosts: Iterable[str] = (),
        resolve: Resolve = system_resolve,
        ssl_context: ssl.SSLContext | None = None,
        at_once: int = AT_ONCE,
        redirects: int = REDIRECTS,
    ) -> None:
        self._allowed = frozenset(_pair(text) for text in allow_hosts)
        self._redirects = redirects
        connector = aiohttp.TCPConnector(
            resolver=_Gate(self._allowed, resolve),
            use_dns_cache=False,
            limit=at_once,
            ssl=ssl_context or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # a proxy would resolve names by itself, behind our back
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `get` has one for everything
        )

    async def get(
        self, url: str, *, limit_bytes: int, timeout_s: float, headers: Mapping[str, str] = _NOTHING
    ) -> bytes:
        """The body of the URL. Raises FetchRefused; `again` says whether a fresh try may help.

        `headers` may open a door of this host: they are for nobody else, wherever it leads.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(self._checked(_parsed(url)), limit_bytes, headers)
        except TimeoutError as error:
            raise FetchRefused(f"not there within {timeout_s:g} s", again=True) from error
        except (aiohttp.InvalidURL, aiohttp.ClientSSLError) as error:
            raise FetchRefused(f"no sound address or certificate: {type(error).__name__}") from error
        except aiohttp.ClientError as error:
            # The error's own text may hold the URL, and the URL a signature.
            raise FetchRefused(f"connection failed: {type(error).__name__}", again=True) from error

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_s: float) -> None:
        """Sends bytes to the operator's own address, by the same door. Raises FetchRefused for all but a 2xx."""
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.post(
                    self._checked(_parsed(url)), data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                status = response.status
        except TimeoutError as error:
            raise FetchRefused(f"not there within {timeout_s:g} s", again=True) from error
        except (aiohttp.ClientError, aiohttp.InvalidURL) as error:
            raise FetchRefused(f"connection failed: {type(error).__name__}", again=True) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise FetchRefused(f"answered {status}", again=True, status=status)

    async def aclose(self) -> None:
        await self._session.close()

    async def _follow(self, url: URL, limit_bytes: int, headers: Mapping[str, str]) -> bytes:
        for _ in range(self._redirects + 1):
            async with self._session.get(url, allow_redirects=False, headers=headers) as response:
                if response.status not in _MOVED:
                    return await _body(response, limit_bytes)
                before, url = url, self._checked(_next(url, response.headers.get("Location", "")))
                if url.origin() != before.origin():
                    headers = _NOTHING  # for good: who sends us back to the first host chose the path there
        raise FetchRefused(f"more than {self._redirects} redirects")

    def _checked(self, url: URL) -> URL:
        """The same URL, when its form is allowed; names are checked later, as they are resolved."""
        host, port = url.raw_host, url.port
        if not host or port is None or url.scheme not in {"http", "https"}:
            raise FetchRefused("no web address")
        if url.raw_user is not None or url.raw_password is not None:
            raise FetchRefused("a name or password in the address")
        if (_plain(host), port) in self._allowed:
            return url
        if url.scheme != "https":
            raise FetchRefused("plain http")
        _check_host(_plain(host))
        return url


class _Gate(AbstractResolver):
    """Resolves for aiohttp, and lets only open addresses through, or any for an allowed host:port."""

    def __init__(self, allowed: frozenset[tuple[str, int]], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        texts = await self._resolve(host, port)
        addresses = [ipaddress.ip_address(text) for text in texts]
        if (_plain(host), port) not in self._allowed:
            addresses = [address for address in addresses if is_open(address)]
        if not addresses:
            raise FetchRefused("leads to no public address")
        return [_result(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Holds nothing."""


def _result(host: str, port: int, address: IpAddress) -> ResolveResult:
    return {
        "hostname": host,
        "host": str(address),
        "port": port,
        "family": socket.AF_INET if isinstance(address, ipaddress.IPv4Address) else socket.AF_INET6,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }


def _plain(host: str) -> str:
    """One spelling of a host: lower case, no brackets, no root dot, an address in its short form."""
    host = host.lower().strip("[]").rstrip(".")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def _check_host(host: str) -> None:
    """Judges literal addresses (aiohttp asks no resolver for them) and names that are always inside."""
    last = host.rpartition(".")[2]
    if ":" in host or _NUMERIC_LABEL.match(last):
        try:
            address = ipaddress.ip_address(host)
        except ValueError as error:  # 127.1, 0x7f000001, 2130706433: spellings that only hide an address
            raise FetchRefused("an address in an unusual form") from error
        if not is_open(address):
            raise FetchRefused("leads to no public address")
    if last == "localhost":
        raise FetchRefused("leads to no public address")


def _pair(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= _PORT_MAX:
        raise ConfigError(f"fetch.allow_hosts: {text!r} is no host:port pair, such as 127.0.0.1:9000")
    return _plain(host), int(port)


def _parsed(text: str) -> URL:
    if len(text) > _URL_CHARACTERS or not text.isprintable() or " " in text or "\\" in text:
        raise FetchRefused("no web address")
    try:
        # Plain ASCII goes out byte for byte: a link's signature covers how it was written.
        url = URL(text, encoded=text.isascii())
        _ = url.raw_host, url.port  # read lazily, and only then found wrong
    except ValueError as error:
        raise FetchRefused("no web address") from error
    return url


def _next(url: URL, location: str) -> URL:
    if not location:
        raise FetchRefused("a redirect without a target", again=True)
    try:
        return url.join(_parsed(location))
    except ValueError as error:
        raise FetchRefused("a redirect to no web address") from error


async def _body(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    status = response.status
    if status != HTTPStatus.OK:
        again = status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise FetchRefused(f"answered {status}", again=again, status=status)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchRefused("an encoded body, though none was asked for")  # it could be a bomb
    if (response.content_length or 0) > limit_bytes:
        raise FetchRefused(f"more than {limit_bytes} bytes", large=True)
    chunks: list[bytes] = []
    size_bytes = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:  # a Content-Length is a promise, not a bound
            raise FetchRefused(f"more than {limit_bytes} bytes", large=True)
        chunks.append(chunk)
    return b"".join(chunks)
