"""What every provider shares on the wire: one bounded exchange, its errors in our words, cleaned details."""

import asyncio
import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.errors import ProviderError, Reached, Trouble

CONNECT_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 4.0  # under the 5 s of common servers: a POST on a dying connection would be uncertain
ERROR_BODY_BYTES = 64 * 1024  # enough of an error to read its sentence
ERROR_BODY_S = 5.0
SUBMIT_BODY_BYTES = 100 * 1024 * 1024  # four 4K pictures in base64
POLL_BODY_BYTES = 1024 * 1024
RETRY_AFTER_MAX_S = 3600.0
DETAIL_CHARS = 300
INLINE_JSON_BYTES = 256 * 1024  # json.loads of more than this would be felt by the event loop

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


# ── One exchange ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer within its bound; of an error, as much as came. `hidden` must not get into a log."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def good(self) -> bool:
        """Whether the service says that it did what was asked."""
        return _OK <= self.status < _REDIRECT


def open_client(*, connections: int = 200) -> httpx.AsyncClient:
    """A client on aiohttp's transport: at 100 requests at once five times httpx's own (performance, 2)."""
    transport = AiohttpTransport(trust_env=False)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=connections, ssl=transport.ssl_context, keepalive_timeout=KEEP_ALIVE_S
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    transport.client = session
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)


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
    ) -> Answer:
        """Asks for what is there."""
        request = self._client.build_request(
            "GET", url, headers=headers, params=params, timeout=_timeout(within_s)
        )
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
    ) -> Answer:
        """Sends JSON; the same body makes the same bytes (design, ruling 1)."""
        request = self._client.build_request(
            "POST",
            url,
            # ASCII with escapes: a lone surrogate in a prompt can't break the encoding.
            content=json.dumps(body, separators=(",", ":")).encode("ascii"),
            headers={"Content-Type": "application/json", **(headers or {})},
            timeout=_timeout(within_s),
        )
        return await self._exchange(request, within_s, limit_bytes, tuple(hidden))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _exchange(
        self, request: httpx.Request, within_s: float, limit_bytes: int, hidden: tuple[str, ...]
    ) -> Answer:
        request.headers.setdefault("Accept", "application/json")
        request.headers["Accept-Encoding"] = "identity"  # so that the bound counts what is unpacked
        async with self._slots:
            try:
                async with asyncio.timeout(within_s):
                    return await self._send(request, limit_bytes, hidden)
            except TimeoutError as error:
                raise ProviderError(f"no answer within {within_s:g} s", reached=Reached.UNKNOWN) from error
            except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
                raise _lost(error, hidden) from error

    async def _send(self, request: httpx.Request, limit_bytes: int, hidden: tuple[str, ...]) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            good = _OK <= response.status_code < _REDIRECT
            body = await (_whole(response, limit_bytes) if good else _beginning(response))
        finally:
            await response.aclose()
        return Answer(status=response.status_code, headers=response.headers, body=body, hidden=hidden)


def _timeout(within_s: float) -> httpx.Timeout:
    return httpx.Timeout(within_s, connect=min(CONNECT_TIMEOUT_S, within_s), pool=None)


async def _whole(response: httpx.Response, limit_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit_bytes:
            raise ProviderError(f"an answer of more than {limit_bytes} bytes", reached=Reached.UNKNOWN)
    return bytes(body)


async def _beginning(response: httpx.Response) -> bytes:
    """As much of an error's body as comes: its status is known, so a cut body changes nothing."""
    body = bytearray()
    try:
        async with asyncio.timeout(ERROR_BODY_S):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= ERROR_BODY_BYTES:
                    break
    except (httpx.HTTPError, aiohttp.ClientError, OSError):
        pass
    return bytes(body[:ERROR_BODY_BYTES])


def _lost(error: Exception, hidden: Sequence[str]) -> ProviderError:
    reached = Reached.NO if never_sent(error) else Reached.UNKNOWN
    return ProviderError(clean(f"{type(error).__name__}: {error}", hidden), reached=reached)


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


# ── What a status means (design, ruling 1) ───────────────────────────────────────────────────────────


def reached_of(status: int) -> Reached:
    """Whether a request that was answered with this status may have been billed."""
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


def error_of(answer: Answer) -> ProviderError:
    """The error that a bad answer is."""
    detail = f"{answer.status} {detail_of(answer)}".strip()
    return ProviderError(
        detail,
        reached=reached_of(answer.status),
        trouble=trouble_of(answer.status),
        retry_after_s=retry_after_s(answer.headers),
    )


def unreadable(answer: Answer, what: str) -> ProviderError:
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


# ── Reading JSON ─────────────────────────────────────────────────────────────────────────────────────


async def json_of(answer: Answer) -> dict[str, object]:
    """The JSON object of a good answer; anything else is unreadable. Big ones are read in a thread."""
    small = len(answer.body) <= INLINE_JSON_BYTES
    value = loads(answer.body) if small else await asyncio.to_thread(loads, answer.body)
    if not isinstance(value, dict):
        raise unreadable(answer, "is no JSON object")
    return value


def loads(body: bytes) -> object:
    """The JSON value, or None: foreign bytes may be anything, nested a million deep too."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


# ── Reading errors ───────────────────────────────────────────────────────────────────────────────────

# Only fields that services write themselves: `input`, `ctx` and `prompt` quote what people typed.
_OWN_WORDS = (
    "code", "type", "name", "title", "status", "reason", "message", "msg", "error", "errors", "detail",
    "block_reason", "blockReason", "finish_reason", "finishReason", "promptFeedback", "description",
)  # fmt: skip
_LABELLED = frozenset({"block_reason", "blockReason", "finish_reason", "finishReason"})
_DEPTH_MAX = 6
_WORDS_MAX = 40

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_DATA_URI = re.compile(r"data:[\w/+.-]{0,80};base64,[A-Za-z0-9+/=_-]*", re.IGNORECASE)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{64,}")
_BEARER = re.compile(r"\b(bearer|key)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def detail_of(answer: Answer) -> str:
    """The sentence of an error in whatever envelope, cut and cleaned, for the operator's log."""
    value = loads(answer.body)
    if value is not None:
        return clean(words_of(value), answer.hidden)
    text = answer.body.decode("utf-8", "replace")
    return clean(_TAGS.sub(" ", text), answer.hidden)


def words_of(value: object) -> str:
    """What a service says in its own words in a JSON value, most telling first."""
    words: list[str] = []
    for word in _words(value, 0):
        if word not in words:
            words.append(word)
        if len(words) >= _WORDS_MAX:
            break
    return ": ".join(words)


def _words(value: object, depth: int) -> Iterator[str]:
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for item in value[:_WORDS_MAX]:
            yield from _words(item, depth + 1)
    elif isinstance(value, dict):
        for name in _OWN_WORDS:
            label = f"{name} " if name in _LABELLED and value.get(name) else ""
            yield from (f"{label}{word}" for word in _words(value.get(name), depth + 1))


def clean(text: str, hidden: Iterable[str] = ()) -> str:
    """One short printable line without keys, prompts and base64."""
    text = text[: DETAIL_CHARS * 20]
    for secret in hidden:
        text = _without(text, secret)
    text = _DATA_URI.sub("[data]", text)
    text = _BEARER.sub(r"\1 [hidden]", text)
    text = _LONG_RUN.sub("[data]", text)
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= DETAIL_CHARS else text[: DETAIL_CHARS - 1] + "…"


_ECHO_CHARS = (256, 128, 64, 32, 16)


def _without(text: str, secret: str) -> str:
    """Also without the beginnings of a longer secret: services cut what they quote."""
    for quoted in (secret, *(secret[:n] for n in _ECHO_CHARS if n < len(secret))):
        if len(quoted.strip()) > 2:  # noqa: PLR2004 - a shorter one would take letters out of words
            text = text.replace(quoted, "[hidden]").replace(json.dumps(quoted)[1:-1], "[hidden]")
    return text


# ── Content refusals (workflow, last table) ──────────────────────────────────────────────────────────

Refused = Literal["prompt", "picture"]

_PICTURE = re.compile(
    r"image safety|image prohibited content|image recitation|content moderated|content filtered"
    r"|(output|generated|result\w*)\b.{0,40}\b(nsfw|sensitive|flagged)"
)
_PROMPT = re.compile(
    r"moderation blocked|content polic(y|ies)|content moderation|request moderated|safety (system|filter)s?"
    r"|block ?reason \w|finish ?reason (safety|prohibited content|blocklist|spii)"
    r"|prohibited content|\be005\b|\bnsfw\b|flagged as (sensitive|inappropriate|unsafe)"
    r"|(blocked|rejected) by (our |the )?(moderation|safety)"
)
_JOINTS = re.compile(r"[_\-\s:]+")
_NEVER_REFUSALS = frozenset({_UNAUTHORIZED, _PAYMENT, _REQUEST_TIMEOUT, _TOO_MANY})


def refusal_in(text: str) -> Refused | None:
    """What of the content a service refused by these words of its own, if anything."""
    plain = _JOINTS.sub(" ", text.lower())
    if _PICTURE.search(plain):
        return "picture"
    return "prompt" if _PROMPT.search(plain) else None


def refusal_of(answer: Answer) -> Refused | None:
    """What of the content an error of 4xx refused; a 403 may be a closed model or a refusal."""
    if not _CLIENT_ERROR <= answer.status < _SERVER_ERROR or answer.status in _NEVER_REFUSALS:
        return None
    return refusal_in(detail_of(answer))
