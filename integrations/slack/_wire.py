"""Calls to Slack: one session, bounded, in their turns; every failure a SlackFault with Slack's own word for it.

Only calls that may be done twice are repeated here: a repeated chat.postMessage whose answer was lost would
be a second message. Nothing is sent before a Retry-After is over, on any path.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ShowFailure
from bot.limits.lanes import SHORT_S, Resting
from bot.process import unreached
from bot.ways import Fault, Step
from integrations.slack import failures
from integrations.slack._throttle import Throttle
from integrations.slack.failures import NO_ANSWER, RATE_LIMITED, UNREADABLE, Obstacle
from integrations.slack.settings import SlackSettings

_POSTS = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"})
_TIMEOUT_S = 15.0
_UPLOAD_TIMEOUT_S = 30.0
_PATIENCE_S = 10.0  # how long a call that may be repeated waits for its turn
_PAUSES_S = (0.2, 0.8)  # before it is repeated
_SERVER_ERROR = 500
_TOO_MANY = 429
_OK = 200


class SlackFault(Fault):
    """Slack did not do it; `error` is its own word for why."""

    def __init__(
        self, error: str, *, doubtful: bool = False, retry_after_s: float | None = None, detail: str = ""
    ) -> None:
        self.error = error
        super().__init__(error, detail=detail, doubtful=doubtful, retry_after_s=retry_after_s)

    @property
    def passing(self) -> bool:
        """Whether the same may go well soon."""
        return self.doubtful or failures.of(self.error) is Obstacle.PASSING

    @property
    def kind(self) -> ShowFailure:
        return ShowFailure.LATER if self.passing else ShowFailure.FORBIDDEN

    @property
    def step(self) -> Step:
        return Step.STOP if self.passing else failures.RULES[failures.of(self.error)].step


class Api:
    """The Web API, response_urls and uploads. Made inside a running event loop."""

    def __init__(self, settings: SlackSettings, throttle: Throttle | None = None) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100), trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        self.throttle = throttle or Throttle()
        self._scopes = ""  # of our token, as Slack told last
        self._base_url = settings.api_base_url
        self._client = self.client(settings.bot_token.get_secret_value())

    def client(self, token: str | None) -> AsyncWebClient:
        """A client on our session that repeats nothing by itself."""
        made = AsyncWebClient(token, base_url=self._base_url, session=self.session, retry_handlers=[])
        made.proxy = None  # the SDK takes one from the environment, even for loopback addresses
        return made

    def is_quiet(self) -> bool:
        """Whether an edit that only tells progress may be made now."""
        return self.throttle.quiet()

    def may(self, scope: str) -> bool:
        """Whether our token has a right; True while Slack has not told."""
        return not self._scopes or scope in self._scopes.replace(",", " ").split()

    async def once(
        self, method: str, *, who: str = "", within_s: float = SHORT_S, **arguments: Any
    ) -> dict[str, Any]:
        """A call that is never repeated by itself. `who` keeps its place in the line. Raises SlackFault."""
        place = str(arguments.get("channel") or "")
        async with self._turn(method, place, who=who, within_s=within_s):
            return await self._call(method, arguments)

    async def patiently(
        self, method: str, *, within_s: float = _PATIENCE_S, **arguments: Any
    ) -> dict[str, Any]:
        """A call that may be repeated after a cut line, a 5xx or a rate limit. Raises SlackFault."""
        ends_at = time.monotonic() + within_s
        for pause_s in _PAUSES_S:
            left_s = max(0.0, ends_at - time.monotonic())
            try:
                return await self.once(method, within_s=left_s, **arguments)
            except SlackFault as fault:
                lost = fault.doubtful and method in _POSTS
                if lost or not fault.passing or (fault.retry_after_s or 0.0) > left_s:
                    raise
            await asyncio.sleep(pause_s)
        return await self.once(method, within_s=max(0.0, ends_at - time.monotonic()), **arguments)

    async def respond(self, url: str, **message: Any) -> None:
        """Answers by a response_url: five uses in thirty minutes. Raises SlackFault."""
        await self._post(url, "response_url", _TIMEOUT_S, json=message)

    async def put(self, url: str, data: bytes) -> None:
        """Sends a file's bytes to the address that Slack gave for it. Raises SlackFault."""
        headers = {"Content-Type": "application/octet-stream"}
        await self._post(url, "upload_failed", _UPLOAD_TIMEOUT_S, data=data, headers=headers)

    @contextlib.asynccontextmanager
    async def _turn(
        self, method: str, place: str = "", *, who: str = "", within_s: float = SHORT_S
    ) -> AsyncIterator[None]:
        """The one way out: a call's turn, in which a 429 is remembered."""
        try:
            async with self.throttle.turn(method, place, who=who, within_s=within_s):
                try:
                    yield
                except SlackFault as fault:
                    if fault.error == RATE_LIMITED:
                        self.throttle.refused(method, place, fault.retry_after_s or 1.0, who=who)
                    raise
        except Resting as rest:
            raise SlackFault(RATE_LIMITED, retry_after_s=rest.wait_s) from None

    async def _post(self, url: str, failure: str, timeout_s: float, **content: Any) -> None:
        async with self._turn(failure):
            try:
                async with asyncio.timeout(timeout_s), self.session.post(url, **content) as answer:
                    status, headers = answer.status, answer.headers
                    text = (await answer.text(errors="replace"))[:200]
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise SlackFault(NO_ANSWER, doubtful=True, detail=unreached.why(error)) from error
            if status == _TOO_MANY:
                raise SlackFault(RATE_LIMITED, retry_after_s=_seconds(headers), detail=failure)
            if status >= _SERVER_ERROR:
                raise SlackFault(UNREADABLE, doubtful=True, detail=f"{failure}: status {status}")
            if status != _OK:
                raise SlackFault(failure, detail=f"status {status}: {text}")

    async def aclose(self) -> None:
        await self.session.close()

    async def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # The SDK's own method knows which calls take JSON and which only a form.
        act = getattr(self._client, method.replace(".", "_"))
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                response = await act(**given)
        except SlackApiError as error:
            raise _fault(error.response) from None
        except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as error:
            raise SlackFault(NO_ANSWER, doubtful=True, detail=unreached.why(error)) from error
        except (AttributeError, ValueError) as error:
            # The SDK stumbles over a 200 whose body is text.
            raise SlackFault(UNREADABLE, doubtful=True, detail=type(error).__name__) from error
        if not isinstance(response.data, dict):
            raise SlackFault(UNREADABLE, doubtful=True)
        if "app_token" not in given:
            self._scopes = scopes_of(response.headers) or self._scopes
        return {**response.data, "headers": response.headers}


def scopes_of(headers: Any) -> str:
    """The rights of the token with which a call was made, with commas."""
    return next((str(value) for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")


def _fault(response: Any) -> SlackFault:
    """Slack's own word; on a 5xx `response.data` may be a string, or the response aiohttp's own."""
    data = getattr(response, "data", None)
    said = data if isinstance(data, dict) else {}
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    headers = getattr(response, "headers", None) or {}
    if status == _TOO_MANY or said.get("error") in (RATE_LIMITED, "rate_limited"):
        return SlackFault(RATE_LIMITED, retry_after_s=_seconds(headers))
    if not said.get("error") or status >= _SERVER_ERROR:
        return SlackFault(UNREADABLE, doubtful=True, detail=f"status {status}")
    return SlackFault(str(said["error"]), detail=_detail(said))


def _detail(said: dict[str, Any]) -> str:
    more = said.get("errors") or said.get("needed") or (said.get("response_metadata") or {}).get("messages")
    return str(more or "")[:500]


def _seconds(headers: Any) -> float:
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return max(0.1, float(found))
    except ValueError:
        return 1.0
