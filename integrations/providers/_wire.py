"""What every provider shares on the wire: one bounded exchange, and what its status means for us."""

import asyncio
import functools
import io
import math
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import aiohttp
import httpx
import yarl

from bot import __version__, unreached
from bot.errors import ProviderError, Reached, Trouble
from integrations.providers import _json, _words
from integrations.providers._forms import Form

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


Headers = Mapping[str, str]  # of an answer: names in any letter case
Learn = Callable[[Headers], None]

# The bound counts what is unpacked, so nobody is asked to pack.
_ALWAYS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": f"easel/{__version__}"}
_PLAIN = re.compile(r"[\x21-\x7e]*")  # an address that can go out as it is written
_SMALL_BYTES = 64 * 1024  # more goes out in parts, and the loop turns between them


# ── One exchange ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer within its bound; of an error, as much as came. `hidden` must not get into a log."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes | bytearray = field(repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def good(self) -> bool:
        """Whether the service says that it did what was asked."""
        return _OK <= self.status < _REDIRECT


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The usual authorities: read once, it takes 40 ms, for all providers."""
    return httpx.create_ssl_context(trust_env=False)


class Wire:
    """Sends requests to one service: never more at once than it has connections, each within a deadline.

    aiohttp's session as it is: a face before it costs as much again as the request, and a thousand operations are
    looked at fifty times a second.
    """

    def __init__(self, *, connections: int = 200) -> None:
        self._connections = connections
        self._slots = asyncio.Semaphore(connections)  # waits within nobody's deadline for a connection
        self._session: aiohttp.ClientSession | None = None

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
        sent = _Sent("GET", url, b"", headers or {}, params)
        return await self._exchange(sent, within_s, limit_bytes, tuple(hidden))

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
        sent = _Sent("POST", url, content, {"Content-Type": "application/json", **(headers or {})})
        return await self._exchange(sent, within_s, limit_bytes, tuple(hidden), learn)

    async def post_form(
        self,
        url: str,
        *,
        form: Form,
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
        sent = _Sent(method, url, content, headers or {})
        return await self._exchange(sent, within_s, limit_bytes, tuple(hidden))

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session, made by the first who asks: it belongs to the loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections, ssl=_trusted(), keepalive_timeout=KEEP_ALIVE_S
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_ALWAYS,
                skip_auto_headers=("Content-Type",),
            )
        return self._session

    async def _exchange(
        self,
        sent: "_Sent",
        within_s: float,
        limit_bytes: int,
        hidden: tuple[str, ...],
        learn: Learn | None = None,
    ) -> Reply:
        async with self._slots:
            try:
                async with asyncio.timeout(within_s):
                    return await self._send(sent, within_s, limit_bytes, hidden, learn)
            except aiohttp.ClientError as error:  # some of these are time-outs, too
                raise _lost(error) from error
            except TimeoutError as error:
                raise ProviderError(f"no answer within {within_s:g} s", reached=Reached.UNKNOWN) from error
            except OSError as error:
                raise _lost(error) from error

    async def _send(
        self, sent: "_Sent", within_s: float, limit_bytes: int, hidden: tuple[str, ...], learn: Learn | None
    ) -> Reply:
        async with self._open().request(
            sent.method,
            sent.address(),
            headers=sent.headers,
            data=sent.payload(),
            timeout=_timeout(within_s),
            allow_redirects=False,
        ) as response:
            if learn is not None:
                learn(response.headers)
            good = _OK <= response.status < _REDIRECT
            body = await (_whole(response, limit_bytes) if good else _beginning(response))
        return Reply(status=response.status, headers=response.headers, body=body, hidden=hidden)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request as it goes out."""

    method: str
    url: str
    content: bytes
    headers: Mapping[str, str]
    params: Mapping[str, str] | None = None

    def address(self) -> yarl.URL:
        """Byte for byte as it is written: a service may have signed it."""
        try:
            url = yarl.URL(self.url, encoded=_PLAIN.fullmatch(self.url) is not None)
        except ValueError as error:
            raise aiohttp.InvalidURL(self.url) from error
        return url.update_query(self.params) if self.params else url

    def payload(self) -> bytes | io.BytesIO | None:
        return io.BytesIO(self.content) if len(self.content) > _SMALL_BYTES else self.content or None


@functools.lru_cache(maxsize=64)
def _timeout(within_s: float) -> aiohttp.ClientTimeout:
    # Connecting ends well before the whole: a time-out before sending must be told from one after it.
    return aiohttp.ClientTimeout(total=None, connect=min(CONNECT_TIMEOUT_S, within_s / 2))


async def _whole(response: aiohttp.ClientResponse, limit_bytes: int) -> bytearray:
    """The body, as it was gathered: a copy of 100 MB would be felt."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit_bytes:
            raise ProviderError(f"an answer of more than {limit_bytes} bytes", reached=Reached.UNKNOWN)
    return body


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """As much of an error's body as comes: its status is known, so a cut body changes nothing."""
    body = bytearray()
    try:
        async with asyncio.timeout(ERROR_BODY_S):
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) >= ERROR_BODY_BYTES:
                    break
    except (aiohttp.ClientError, OSError):
        pass
    return bytes(body[:ERROR_BODY_BYTES])


def _lost(error: Exception) -> ProviderError:
    reached = Reached.NO if never_sent(error) else Reached.UNKNOWN
    return ProviderError(unreached.why(error), reached=reached)


def never_sent(error: Exception) -> bool:
    """Whether a failed exchange is known not to have begun."""
    return isinstance(error, _NEVER_SENT)


_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
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


def retry_after_s(headers: Headers) -> float | None:
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
