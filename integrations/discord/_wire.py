"""Calls to Discord's REST API: bounded, within its rate limits, every failure a DiscordFault.

Nothing here needs the gateway: any process with the token can show a card. Every call takes its turn, and
none leads to more than a few. A 401 of the bot's own token is final, and above a number of invalid calls
everything stops for a while: ten thousand in ten minutes ban an address.
"""

import asyncio
import contextlib
import io
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import aiohttp
import structlog
from yarl import URL

from bot.errors import ShowFailure, SurfaceError
from bot.process import unreached
from bot.ways import Fault
from integrations.discord._limits import INVALID_MOST, Credential, left_in, rate_limits, rest_of
from integrations.discord.failures import BAD_FORM, BROKEN_FROM, TOO_MANY, UNAUTHORIZED, Remedy, remedy_of
from integrations.discord.settings import DiscordSettings

log = structlog.get_logger()

TIMEOUT_S = 12.0
UPLOAD_TIMEOUT_S = 40.0
UPLOAD_MOST_BYTES, FORM_ROOM_BYTES = 24 * 1024 * 1024, 4_096  # of 25 MiB a request
PATIENCE_S = 5.0  # longest rest for a rate limit; delivery comes again later
_REFUSED_FROM = 400
_REVOKED_AGAIN_S = 60.0
_INVALID = frozenset({401, 403, 429})  # as Discord counts them
_GONE = frozenset({403, 404, 410})  # as the servers of files say it
_LOOK_S = 3.0
_TRY_LEAST_S, _WAY_S = 0.05, 0.3  # what is sent later than that before its time doesn't arrive in it
_BACK_OFF_S = (0.3, 1.0)
_REFUSALS_MOST = 3  # of one call: whoever wants it may come again later
_AT_ONCE = 300
_AGENT = "DiscordBot (https://github.com/easel-bot/easel, 1)"
_SECRET = re.compile(r"(?<=/webhooks/)(\d+)/[^/ ]+|(?<=/interactions/)(\d+)/[^/ ]+")
_REACTIONS = "reactions/"


class DiscordFault(Fault):
    """Discord did not do it."""

    def __init__(
        self,
        status: int,
        code: int = 0,
        detail: str = "",
        *,
        doubtful: bool = False,
        retry_after_s: float | None = None,
        sent: bool = True,
    ) -> None:
        self.status = status
        self.code = code
        said = f"{status}/{code}" if status else "not reached:"
        super().__init__(said, detail=detail[:300], doubtful=doubtful, sent=sent, retry_after_s=retry_after_s)

    @property
    def remedy(self) -> Remedy:
        return remedy_of(self.status, self.code, doubtful=self.doubtful)

    @property
    def kind(self) -> ShowFailure:
        match self.remedy:
            case Remedy.LATER:
                return ShowFailure.LATER
            case Remedy.GONE:
                return ShowFailure.GONE
            case Remedy.AGAIN | Remedy.OTHER | Remedy.PLAIN | Remedy.OPEN | Remedy.SMALLER | Remedy.UNTIED:
                return ShowFailure.FORBIDDEN

    def trouble(self, kind: ShowFailure | None = None) -> SurfaceError:
        told = super().trouble(kind)
        if self.status == UNAUTHORIZED:
            told.retry_after_s = _REVOKED_AGAIN_S
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to upload."""

    name: str
    data: bytes
    media_type: str
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class _Call:
    """One call as it is sent, perhaps several times."""

    method: str
    path: str
    body: Any = None
    files: Sequence[File] = ()

    @cached_property
    def credential(self) -> Credential:
        return _credential_of(self.path)

    @cached_property
    def route(self) -> str:
        return route_of(self.method, self.path)


def _nobody_hears(_: object) -> None:
    """Where nobody asked to be told."""


class Rest:
    """Discord's REST API. Made inside a running event loop. `on_trouble` hears when all calls stop, and go on ("")."""

    def __init__(
        self,
        settings: DiscordSettings,
        *,
        on_trouble: Callable[[str], None] = _nobody_hears,
        on_invalid: Callable[[int], None] = _nobody_hears,
    ) -> None:
        self._token = settings.token.get_secret_value()
        self._base_url = settings.api_base_url
        self._limits = rate_limits()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._on_trouble = on_trouble
        self._on_invalid = on_invalid
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_AT_ONCE),
            timeout=aiohttp.ClientTimeout(),  # each call has its own
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self.revoked = asyncio.Event()

    async def until_revoked(self) -> None:
        """Waits until Discord doesn't know our token any more; nothing is sent from then on."""
        await self.revoked.wait()

    async def aclose(self) -> None:
        await self._session.close()

    async def call(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), repeats: bool = True
    ) -> Any:
        """A call in the bot's own name, or by the interaction's token that stands in the path. Raises DiscordFault."""
        call = _Call(method=method, path=path, body=body, files=files)
        return await self._patiently(call, repeats=repeats)

    async def once(
        self, path: str, body: Any, *, files: Sequence[File] = (), within_s: float
    ) -> dict[str, Any]:
        """The first response to an interaction: one try, in time or not at all. Raises DiscordFault."""
        call = _Call(method="POST", path=path, body=body, files=files)
        answer = await self._in_turn(call, time.monotonic() + max(_TRY_LEAST_S, within_s), timeout_s=None)
        return answer if isinstance(answer, dict) else {}

    async def stands(self, link: str) -> bool:
        """Whether Discord still serves a file. Only its own word that it doesn't counts; in doubt the fetch will tell."""
        try:
            async with asyncio.timeout(_LOOK_S), self._session.head(_as_written(link)) as answer:
                return answer.status not in _GONE
        except (aiohttp.ClientError, TimeoutError, OSError):
            return True

    # ── Turns and patience ───────────────────────────────────────────────────────────────────────────

    def rests_s(self, credential: Credential) -> float:
        """How long calls by it rest now."""
        return self._limits.rests_s(credential)

    async def _patiently(self, call: _Call, *, repeats: bool) -> Any:
        until = time.monotonic() + PATIENCE_S
        pauses = list(_BACK_OFF_S) if repeats else []
        refusals = 0
        while True:
            try:
                return await self._in_turn(
                    call, until, timeout_s=UPLOAD_TIMEOUT_S if call.files else TIMEOUT_S
                )
            except DiscordFault as fault:
                if fault.status == TOO_MANY:
                    refusals += 1
                    if not fault.sent or fault.code or refusals == _REFUSALS_MOST:
                        raise
                    continue
                if not fault.doubtful or not pauses:
                    raise
            await asyncio.sleep(pauses.pop(0))

    async def _in_turn(self, call: _Call, until: float, *, timeout_s: float | None) -> Any:
        """One request, sent the moment it has its turn. Without a time of its own it is over by `until`. Raises DiscordFault."""
        while True:
            async with self._place(None if timeout_s else until):
                if call.credential is Credential.BOT and self.revoked.is_set():
                    raise DiscordFault(UNAUTHORIZED, detail="the bot's token was revoked", sent=False)
                wait_s = self._limits.take_turn(call.route, call.credential)
                if wait_s <= 0:
                    left_s = max(_TRY_LEAST_S, until - time.monotonic())
                    return await self._send(call, timeout_s=timeout_s or left_s)
            if time.monotonic() + wait_s > until:
                raise DiscordFault(TOO_MANY, detail="rate limited", retry_after_s=wait_s, sent=False)
            await asyncio.sleep(wait_s)

    @contextlib.asynccontextmanager
    async def _place(self, until: float | None) -> AsyncIterator[None]:
        """One of the places, for the block. Raises DiscordFault where it comes too late."""
        wait_s = None if until is None else max(0.0, until - _WAY_S - time.monotonic())
        try:
            async with asyncio.timeout(wait_s):
                await self._places.acquire()
        except TimeoutError:
            raise DiscordFault(0, detail="too many calls are under way", sent=False) from None
        try:
            yield
        finally:
            self._places.release()

    # ── One request ──────────────────────────────────────────────────────────────────────────────────

    async def _send(self, call: _Call, *, timeout_s: float) -> Any:
        headers = {"User-Agent": _AGENT}
        if call.credential is Credential.BOT:
            headers["Authorization"] = f"Bot {self._token}"
        landed = False
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    call.method,
                    self._base_url + call.path,
                    headers=headers,
                    **_payload(call.body, call.files),
                ) as answer,
            ):
                body = await _body_of(answer)
                landed = True
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DiscordFault(0, detail=unreached.why(error), doubtful=True) from error
        finally:
            if not landed:
                self._limits.lost(call.route, call.credential)
        return self._said(call, answer, _parsed(body))

    def _said(self, call: _Call, answer: aiohttp.ClientResponse, said: Any) -> Any:
        """What an answer says. Raises DiscordFault."""
        told = said if isinstance(said, dict) else {}
        if answer.status in _INVALID:
            self._note_invalid(answer.status)
        if answer.status == TOO_MANY:
            raise self._limited(call, answer.headers, told)
        self._limits.answered(call.route, call.credential, left_in(answer.headers))
        if answer.status < _REFUSED_FROM:
            return said
        raise self._fault(call, answer.status, told)

    def _fault(self, call: _Call, status: int, told: Mapping[str, Any]) -> DiscordFault:
        code, detail = int(told.get("code") or 0), str(told.get("message") or "")
        if status == UNAUTHORIZED and call.credential is Credential.BOT and not code:
            self.revoked.set()
            log.error(
                "Discord doesn't know our token any more: nothing more is sent", route=_logged(call.route)
            )
        if code == BAD_FORM:
            errors = json.dumps(told.get("errors"))[:500]
            log.error("Discord refused a form", route=_logged(call.route), errors=errors)
        return DiscordFault(status, code, detail, doubtful=status >= BROKEN_FROM)

    def _limited(self, call: _Call, headers: Mapping[str, str], told: Mapping[str, Any]) -> DiscordFault:
        after_s, reach = rest_of(headers, told)
        self._limits.refused(call.route, call.credential, after_s, reach)
        log.warning("Discord asks for a rest", route=_logged(call.route), wait_s=after_s, reach=str(reach))
        return DiscordFault(TOO_MANY, int(told.get("code") or 0), "rate limited", retry_after_s=after_s)

    # ── Too much that is invalid ─────────────────────────────────────────────────────────────────────

    def _note_invalid(self, status: int) -> None:
        self._on_invalid(status)
        if not self._limits.note_invalid():
            return
        stop_s = self._limits.stopped_s
        trouble = f"{INVALID_MOST} calls in ten minutes were refused: nothing is sent for {stop_s:.0f} s, or Discord bans us"
        log.error("too many calls were refused by Discord: nothing is sent for a while", wait_s=round(stop_s))
        self._on_trouble(trouble)
        asyncio.get_running_loop().call_later(stop_s, self._on_trouble, "")

    # ── Calls that discord.py makes by itself ────────────────────────────────────────────────────────

    def watch(self) -> aiohttp.TraceConfig:
        """For another session's calls to Discord: they rest when ours do, and we hear of their refusals."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._theirs_starts)
        trace.on_request_end.append(self._theirs_ended)
        return trace

    async def _theirs_starts(self, _: Any, __: Any, params: aiohttp.TraceRequestStartParams) -> None:
        url = str(params.url)
        if url.startswith(self._base_url) and self._limits.rests_s(_credential_of(url)) > 0:
            raise aiohttp.ClientConnectionError("Discord has asked for a rest")

    async def _theirs_ended(self, _: Any, __: Any, params: aiohttp.TraceRequestEndParams) -> None:
        url, answer = str(params.url), params.response
        if not url.startswith(self._base_url) or answer.status not in _INVALID:
            return
        self._note_invalid(answer.status)
        if answer.status == TOO_MANY:
            # Its body is discord.py's to read: what its headers don't tell is taken for the worst.
            after_s, reach = rest_of(answer.headers, {})
            self._limits.refused(route_of(params.method, url), _credential_of(url), after_s, reach)


def _as_written(link: str) -> URL:
    """A signature covers how it was written."""
    return URL(link, encoded=True)


def _payload(body: Any, files: Sequence[File]) -> dict[str, Any]:
    if not files:
        return {} if body is None else {"json": body}
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    for number, file in enumerate(files):
        # From a file it is sent in pieces: a large one must not hold the event loop.
        form.add_field(
            f"files[{number}]", io.BytesIO(file.data), filename=file.name, content_type=file.media_type
        )
    return {"data": form}


def _logged(route: str) -> str:
    """A route without the interaction's token, which stands in its path."""
    return _SECRET.sub(lambda match: f"{match[1] or match[2]}/…", route)


def route_of(method: str, path: str) -> str:
    """What has a budget of its own: the place counts, the message in it doesn't."""
    path = path.partition("?")[0]
    place, messages, minor = path.partition("/messages/")
    if not messages:
        return f"{method} {path}"
    _, slash, below = minor.partition("/")
    if below.startswith(_REACTIONS):
        below = f"{_REACTIONS}*"
    return f"{method} {place}{messages}*{slash}{below}"


def by_bot(url: str) -> bool:
    """Whether a call is made in the bot's own name, and not by an interaction's token."""
    return "/interactions/" not in url and "/webhooks/" not in url


def _credential_of(url: str) -> Credential:
    return Credential.BOT if by_bot(url) else Credential.TOKEN


async def _body_of(answer: aiohttp.ClientResponse) -> bytes:
    """The body; that of a refusal may be cut, its headers say enough."""
    try:
        return await answer.read()
    except (aiohttp.ClientError, OSError):
        if answer.status != TOO_MANY:
            raise
        return b""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
