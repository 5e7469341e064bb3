"""What every provider shares on the wire: one bounded exchange, and what its status means for us."""

import asyncio
import functools
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot import __version__
from bot.errors import ProviderError, Reached, Trouble
from bot.process import trust, unreached
from integrations.providers import _json, _words
from integrations.providers._forms import Multipart

CONNECT_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 4.0  # under the 5 s of common servers: a POST on a dying connection would be uncertain
ERROR_BODY_BYTES = 64 * 1024  # enough of an error to read its sentence
ERROR_BODY_S = 5.0
SUBMIT_BODY_BYTES = 100 * 1024 * 1024  # four 4K pictures in base64
POLL_BODY_BYTES = 1024 * 1024
RETRY_AFTER_MAX_S = 3600.0

_OK = 200
_REDIRECT = 300
_CLIENT_ERROR = 400
_UNAUTHORIZED = 401
_PAYMENT = 402
_FORBIDDEN = 403
_NOT_FOUND = 404
_REQUEST_TIMEOUT = 408
_TOO_MANY = 429
_SERVER_ERROR = 500
_UNAVAILABLE = 503

Learn = Callable[[httpx.Headers], None]

# ── One exchange ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer within its bound; of an error, as much as came. `hidden` must not get into a log."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes | bytearray = field(repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def good(self) -> bool:
        """Whether the service says that it did what was asked."""
        return _OK <= self.status < _REDIRECT


def open_client(*, connections: int = 200) -> httpx.AsyncClient:
    """A client on aiohttp's transport: at 100 requests at once five times httpx's own (performance, 2)."""
    transport = AiohttpTransport(verify=trust.authorities(), trust_env=False)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=connections, ssl=transport.ssl_context, keepalive_timeout=KEEP_ALIVE_S
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    transport.client = session
    return _PlainClient(transport)


class _PlainClient(httpx.AsyncClient):
    """httpx without what no image service is asked by: cookies, redirects, a key in the address. It costs a third."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        super().__init__(transport=transport, trust_env=False, follow_redirects=False)
        self._below = transport

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """The answer as it begins: whoever asked reads and closes it."""
        return await self._below.handle_async_request(request)


class Wire:
    """Sends requests through one client: never more at once than its pool holds, each within a deadline."""

    def __init__(self, client: httpx.AsyncClient, *, connections: int = 200) -> None:
        self._client = client
        self._slots = asyncio.Semaphore(connections)  # instead of httpx's pool timeout, which drops bursts

    async def get(
        self,
        url: str,
        *,
        within_s: float,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        limit_bytes: int = POLL_BODY_BYTES,
        hidden: Sequence[str] = (),
    ) -> Reply:
        """Asks for what is there."""
        request = _request("GET", url, within_s, headers=headers, params=params)
        return await self._exchange(request, within_s, limit_bytes, tuple(hidden))

    async def post(
        self,
        url: str,
        *,
        body: Mapping[str, object],
        within_s: float,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = SUBMIT_BODY_BYTES,
        hidden: Sequence[str] = (),
        learn: Learn | None = None,
    ) -> Reply:
        """Sends JSON; the same body makes the same bytes (ruling 1). `learn` gets the answer's headers, before its body."""
        content = await _json.write(body)
        typed = {"Content-Type": "application/json", **(headers or {})}
        request = _request("POST", url, within_s, content=content, headers=typed)
        return await self._exchange(request, within_s, limit_bytes, tuple(hidden), learn)

    async def post_form(
        self,
        url: str,
        *,
        form: Multipart,
        within_s: float,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = SUBMIT_BODY_BYTES,
        hidden: Sequence[str] = (),
    ) -> Reply:
        """Sends a multipart form."""
        typed = {"Content-Type": form.media_type, **(headers or {})}
        return await self.send(
            "POST", url, form.body, within_s=within_s, headers=typed, limit_bytes=limit_bytes, hidden=hidden
        )

    async def send(
        self,
        method: str,
        url: str,
        content: bytes = b"",
        *,
        within_s: float,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = POLL_BODY_BYTES,
        hidden: Sequence[str] = (),
    ) -> Reply:
        """Any other exchange: a PUT, a DELETE, bytes of a picture."""
        request = _request(method, url, within_s, content=content, headers=headers)
        return await self._exchange(request, within_s, limit_bytes, tuple(hidden))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _exchange(
        self,
        request: httpx.Request,
        within_s: float,
        limit_bytes: int,
        hidden: tuple[str, ...],
        learn: Learn | None = None,
    ) -> Reply:
        async with self._slots:
            try:
                async with asyncio.timeout(within_s):
                    return await self._send(request, limit_bytes, hidden, learn)
            except TimeoutError as error:
                raise ProviderError(f"no answer within {within_s:g} s", reached=Reached.UNKNOWN) from error
            except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
                raise _lost(error) from error

    async def _send(
        self, request: httpx.Request, limit_bytes: int, hidden: tuple[str, ...], learn: Learn | None
    ) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            if learn is not None:
                learn(response.headers)
            good = _OK <= response.status_code < _REDIRECT
            body = await (_whole(response, limit_bytes) if good else _beginning(response))
        finally:
            await response.aclose()
        return Reply(status=response.status_code, headers=response.headers, body=body, hidden=hidden)


def _request(
    method: str,
    url: str,
    within_s: float,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> httpx.Request:
    return httpx.Request(
        method,
        _address(url, tuple((params or {}).items())),
        content=content,
        headers={**_ALWAYS, **(headers or {})},
        extensions={"timeout": _timeout(within_s)},
    )


_ALWAYS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # so that the bound counts what is unpacked
    "User-Agent": f"easel/{__version__}",
}


@functools.lru_cache(maxsize=64)
def _address(url: str, params: tuple[tuple[str, str], ...]) -> httpx.URL:
    """Where everybody goes is read once; those of thousands of operations would take a KiB each, to save 20 us a look."""
    return httpx.URL(url, params=params) if params else httpx.URL(url)


@functools.lru_cache(maxsize=64)
def _timeout(within_s: float) -> dict[str, float | None]:
    # Connecting ends well before the whole, which has its own: a time-out before sending must be told from one after it.
    return httpx.Timeout(None, connect=min(CONNECT_TIMEOUT_S, within_s / 2)).as_dict()


async def _whole(response: httpx.Response, limit_bytes: int) -> bytearray:
    """The body, as it was gathered: a copy of 100 MB would be felt."""
    body = bytearray()
    async for chunk in _chunks(response):
        body += chunk
        if len(body) > limit_bytes:
            raise ProviderError(f"an answer of more than {limit_bytes} bytes", reached=Reached.UNKNOWN)
    return body


def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes; what is packed all the same is unpacked, and bounded then."""
    return response.aiter_bytes() if "content-encoding" in response.headers else response.aiter_raw()


async def _beginning(response: httpx.Response) -> bytes:
    """As much of an error's body as comes: its status is known, so a cut body changes nothing."""
    body = bytearray()
    try:
        async with asyncio.timeout(ERROR_BODY_S):
            async for chunk in _chunks(response):
                body += chunk
                if len(body) >= ERROR_BODY_BYTES:
                    break
    except (httpx.HTTPError, aiohttp.ClientError, OSError):
        pass
    return bytes(body[:ERROR_BODY_BYTES])


def _lost(error: Exception) -> ProviderError:
    return ProviderError(unreached.why(error), reached=Reached.NO if never_sent(error) else Reached.UNKNOWN)


def never_sent(error: Exception) -> bool:
    """Whether a failed exchange is known not to have begun.

    httpx-aiohttp calls every lost connection a ConnectTimeout, also one cut after sending; so the
    cause is asked, where aiohttp is the cause.
    """
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientError):
        return isinstance(
            cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL
        )
    return isinstance(
        error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol
    )


# ── What a status means (ruling 1) ───────────────────────────────────────────────────────────


def reached_of(status: int) -> Reached:
    """Whether a request that was answered with this status may have been billed.

    The one rule for 503: whoever says that it can't serve has not served. Only services that can be asked
    afterwards what they made are asked first (fal and Replicate try inside before they say so).
    """
    if status in (_TOO_MANY, _UNAVAILABLE):
        return Reached.NO
    return Reached.YES if _CLIENT_ERROR <= status < _SERVER_ERROR else Reached.UNKNOWN


_TROUBLES: Mapping[int, Trouble] = {
    _UNAUTHORIZED: Trouble.KEY,
    _PAYMENT: Trouble.BALANCE,
    _FORBIDDEN: Trouble.MODEL_CLOSED,
    _NOT_FOUND: Trouble.MODEL_CLOSED,
    _REQUEST_TIMEOUT: Trouble.BROKEN,
    _TOO_MANY: Trouble.BUSY,
    _UNAVAILABLE: Trouble.BUSY,
}


def trouble_of(status: int) -> Trouble:
    """What the operator must know about this status."""
    other = Trouble.ORDER if _CLIENT_ERROR <= status < _SERVER_ERROR else Trouble.BROKEN
    return _TROUBLES.get(status, other)


def error_of(
    answer: Reply,
    *,
    reached: Reached | None = None,
    trouble: Trouble | None = None,
    after_s: float | None = None,
) -> ProviderError:
    """The error that a bad answer is; a provider who knows better what a status means says so.

    `Reached.NO` for a 5xx by which the service tells that nothing was made, `Trouble.BALANCE` for a 429 that
    means an empty account, the seconds of a header of its own.
    """
    told_s = retry_after_s(answer.headers)
    return ProviderError(
        f"{answer.status} {detail_of(answer)}".strip(),
        reached=reached or reached_of(answer.status),
        trouble=trouble or trouble_of(answer.status),
        retry_after_s=after_s if told_s is None else told_s,
    )


def unreadable(answer: Reply, what: str) -> ProviderError:
    """The error that a good answer is when nothing can be made of it: it may have been billed."""
    return ProviderError(f"{answer.status} {what}", reached=Reached.UNKNOWN)


def retry_after_s(headers: httpx.Headers) -> float | None:
    """Seconds of a Retry-After header, written as seconds or as a date; bounded."""
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text) if text else None
    if seconds is None and text:
        seconds = _seconds_until(text, headers.get("date", ""))
    return None if seconds is None else min(max(seconds, 0.0), RETRY_AFTER_MAX_S)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _seconds_until(text: str, date: str) -> float | None:
    """Against the service's own clock where it tells it: ours may differ."""
    at = _unix(text)
    if at is None:
        return None
    now = _unix(date)
    return at - (time.time() if now is None else now)


def _unix(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


async def json_of(answer: Reply) -> dict[str, object]:
    """The JSON object of a good answer; anything else is unreadable."""
    value = await _json.read(answer.body)
    if not isinstance(value, dict):
        raise unreadable(answer, "is no JSON object")
    return value


def detail_of(answer: Reply, *, chars: int = _words.DETAIL_CHARS) -> str:
    """The sentence of an error in whatever envelope, cut and cleaned, for the operator's log."""
    value = _json.loads(answer.body)
    if value is not None:
        return _words.clean(_words.words_of(value), answer.hidden, chars=chars)
    text = answer.body.decode("utf-8", "replace")
    return _words.clean(_words.without_tags(text), answer.hidden, chars=chars)


_NEVER_REFUSALS = frozenset({_UNAUTHORIZED, _PAYMENT, _REQUEST_TIMEOUT, _TOO_MANY})


def refusal_of(answer: Reply) -> _words.Refused | None:
    """What of the content an error of 4xx refused; a 403 may be a closed model or a refusal."""
    if not _CLIENT_ERROR <= answer.status < _SERVER_ERROR or answer.status in _NEVER_REFUSALS:
        return None
    return _words.refusal_in(detail_of(answer, chars=_words.SAID_CHARS))
