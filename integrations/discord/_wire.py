"""Calls to Discord's REST API: bounded, within its rate limits, every failure a DiscordFault.

Nothing here needs the gateway: any process with the token can show a card. A 401 of the bot's own
token is final: no call is made after it, for ten thousand invalid ones ban an address.
"""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from integrations.discord._limits import RateLimits
from integrations.discord.settings import DiscordSettings

log = structlog.get_logger()

TIMEOUT_S = 12.0
UPLOAD_TIMEOUT_S = 40.0
UPLOAD_MOST_BYTES, FORM_ROOM_BYTES = 24 * 1024 * 1024, 4_096  # of 25 MiB a request
PATIENCE_S = 5.0  # longest rest for a rate limit; delivery comes again later
UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10008, 10003, 10015, 10062
TOO_LARGE, ANSWERED, NO_ACCESS, CLOSED_DMS, NO_PERMISSION = 40005, 40060, 50001, 50007, 50013
DEAD_TOKEN, BAD_FORM, ARCHIVED = 50027, 50035, 50083
_TOO_MANY, _UNAUTHORIZED, _REFUSED_FROM, _BROKEN_FROM = 429, 401, 400, 500
_BACK_OFF_S = (0.3, 1.0)
_AGENT = "DiscordBot (https://github.com/easel-bot/easel, 1)"
_SECRET = re.compile(r"(?<=/webhooks/)(\d+)/[^/ ]+|(?<=/interactions/)(\d+)/[^/ ]+")
_MINOR = re.compile(r"(?<=/messages/)[^/]+|(?<=/reactions/).*")


class DiscordFault(Exception):
    """Discord did not do it. `doubtful`: it may have, and only the answer was lost."""

    def __init__(
        self,
        status: int,
        code: int = 0,
        detail: str = "",
        *,
        doubtful: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail[:300]
        self.doubtful = doubtful
        self.retry_after_s = retry_after_s
        super().__init__(f"{status}/{code} {self.detail}".strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to upload."""

    name: str
    data: bytes
    media_type: str
    alt: str = ""


class Rest:
    """Discord's REST API. Made inside a running event loop."""

    def __init__(self, settings: DiscordSettings) -> None:
        self._token = settings.token.get_secret_value()
        self._base_url = settings.api_base_url
        self._limits = RateLimits()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=300), trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        self.revoked = asyncio.Event()

    async def aclose(self) -> None:
        await self._session.close()

    async def bot(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), repeats: bool = True
    ) -> Any:
        """A call in the bot's own name. Raises DiscordFault."""
        if self.revoked.is_set():
            raise DiscordFault(_UNAUTHORIZED, detail="the bot's token was revoked")
        return await self._patiently(method, path, body, files, as_bot=True, repeats=repeats)

    async def by_token(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), repeats: bool = True
    ) -> Any:
        """A call by an interaction's token: it stands in the path. Raises DiscordFault."""
        return await self._patiently(method, path, body, files, as_bot=False, repeats=repeats)

    async def once(
        self, path: str, body: Any, *, files: Sequence[File] = (), within_s: float
    ) -> dict[str, Any]:
        """The first response to an interaction: one try, in time or not at all. Raises DiscordFault."""
        answer = await self._call("POST", path, body, files, as_bot=False, timeout_s=max(0.05, within_s))
        return answer if isinstance(answer, dict) else {}

    async def direct(self, user: str) -> str:
        """The direct messages with a person. Raises DiscordFault."""
        return str((await self.bot("POST", "/users/@me/channels", {"recipient_id": user}))["id"])

    # ── Patience ─────────────────────────────────────────────────────────────────────────────────────

    async def _patiently(
        self, method: str, path: str, body: Any, files: Sequence[File], *, as_bot: bool, repeats: bool
    ) -> Any:
        route = f"{method} {_MINOR.sub('*', path.partition('?')[0])}"
        until = time.monotonic() + PATIENCE_S
        pauses = list(_BACK_OFF_S) if repeats else []
        while True:
            await self._turn(route, until, as_bot=as_bot)
            try:
                timeout_s = UPLOAD_TIMEOUT_S if files else TIMEOUT_S
                return await self._call(method, path, body, files, as_bot=as_bot, timeout_s=timeout_s)
            except DiscordFault as fault:
                if fault.status == _TOO_MANY:
                    continue
                if not fault.doubtful or not pauses:
                    raise
            await asyncio.sleep(pauses.pop(0))

    async def _turn(self, route: str, until: float, *, as_bot: bool) -> None:
        while (wait_s := self._limits.take_turn(route, as_bot=as_bot)) > 0:
            if time.monotonic() + wait_s > until:
                raise DiscordFault(_TOO_MANY, detail="rate limited", retry_after_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _call(
        self, method: str, path: str, body: Any, files: Sequence[File], *, as_bot: bool, timeout_s: float
    ) -> Any:
        headers = {"User-Agent": _AGENT}
        if as_bot:
            headers["Authorization"] = f"Bot {self._token}"
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    method, self._base_url + path, headers=headers, **_payload(body, files)
                ) as answer,
            ):
                text = await answer.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DiscordFault(0, detail=type(error).__name__, doubtful=True) from error
        route = f"{method} {_MINOR.sub('*', path.partition('?')[0])}"
        self._limits.answered(route, answer.headers)
        said = _read(text)
        if answer.status < _REFUSED_FROM:
            return said
        raise self._fault(answer, said, route, as_bot=as_bot)

    def _fault(self, answer: aiohttp.ClientResponse, said: Any, route: str, *, as_bot: bool) -> DiscordFault:
        told = said if isinstance(said, dict) else {}
        code, detail = int(told.get("code") or 0), str(told.get("message") or "")
        if answer.status == _TOO_MANY:
            return self._limited(answer, told, route)
        if answer.status == _UNAUTHORIZED and as_bot:
            self.revoked.set()
            log.error("Discord doesn't know our token any more: nothing more is sent", route=_logged(route))
        if answer.status >= _BROKEN_FROM:
            return DiscordFault(answer.status, code, detail, doubtful=True)
        if code == BAD_FORM:
            log.error(
                "Discord refused a form", route=_logged(route), errors=json.dumps(told.get("errors"))[:500]
            )
        return DiscordFault(answer.status, code, detail)

    def _limited(self, answer: aiohttp.ClientResponse, told: Mapping[str, Any], route: str) -> DiscordFault:
        after_s = _seconds(told.get("retry_after") or answer.headers.get("Retry-After"))
        # Without Via it is not the API that answers but the wall in front of it: everything must rest.
        walled = "Via" not in answer.headers or not told
        everything = walled or bool(told.get("global"))
        self._limits.refused(route, after_s, everything=everything)
        log.warning("Discord asks for a rest", route=_logged(route), wait_s=after_s, everything=everything)
        return DiscordFault(_TOO_MANY, detail="rate limited", retry_after_s=after_s)


def _payload(body: Any, files: Sequence[File]) -> dict[str, Any]:
    if not files:
        return {} if body is None else {"json": body}
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    for number, file in enumerate(files):
        form.add_field(f"files[{number}]", file.data, filename=file.name, content_type=file.media_type)
    return {"data": form}


def _logged(route: str) -> str:
    """A route without the interaction's token, which stands in its path."""
    return _SECRET.sub(lambda match: f"{match[1] or match[2]}/…", route)


def _read(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _seconds(value: Any) -> float:
    try:
        return min(600.0, max(0.05, float(value)))
    except (TypeError, ValueError):
        return 1.0
