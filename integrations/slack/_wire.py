"""Calls to Slack: one session, bounded, every failure a SlackFault with Slack's own word for it.

Only calls that may be done twice are repeated by the SDK's handlers: a repeated chat.postMessage whose
answer was lost would be a second message.
"""

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.settings import SlackSettings

_TIMEOUT_S = 15.0
_UPLOAD_TIMEOUT_S = 30.0
_SERVER_ERROR = 500
_TOO_MANY = 429
_OK = 200


class SlackFault(Exception):
    """Slack did not do it. `doubtful`: it may have, and only the answer was lost."""

    def __init__(
        self, error: str, *, doubtful: bool = False, retry_after_s: float | None = None, detail: str = ""
    ) -> None:
        self.error = error
        self.doubtful = doubtful
        self.retry_after_s = retry_after_s
        self.detail = detail
        super().__init__(f"{error} {detail}".strip())


class Api:
    """The Web API, response_urls and uploads. Made inside a running event loop."""

    def __init__(self, settings: SlackSettings) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100), trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        token = settings.bot_token.get_secret_value()
        self._base_url = settings.api_base_url
        self._careful = self.client(token)
        self._patient = self.client(token)
        self._patient.retry_handlers = [
            AsyncConnectionErrorRetryHandler(),
            AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        ]

    def client(self, token: str | None) -> AsyncWebClient:
        """A client on our session that repeats nothing by itself."""
        made = AsyncWebClient(token, base_url=self._base_url, session=self.session, retry_handlers=[])
        made.proxy = None  # the SDK takes one from the environment, even for loopback addresses
        return made

    async def once(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call that is never repeated by itself. Raises SlackFault."""
        return await self._call(self._careful, method, arguments)

    async def patiently(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call that may be repeated after a cut line or a rate limit. Raises SlackFault."""
        return await self._call(self._patient, method, arguments)

    async def respond(self, url: str, **message: Any) -> None:
        """Answers by a response_url: five uses in thirty minutes. Raises SlackFault."""
        await self._post(url, "response_url", _TIMEOUT_S, json=message)

    async def put(self, url: str, data: bytes) -> None:
        """Sends a file's bytes to the address that Slack gave for it. Raises SlackFault."""
        headers = {"Content-Type": "application/octet-stream"}
        await self._post(url, "upload_failed", _UPLOAD_TIMEOUT_S, data=data, headers=headers)

    async def _post(self, url: str, failure: str, timeout_s: float, **content: Any) -> None:
        try:
            async with asyncio.timeout(timeout_s), self.session.post(url, **content) as answer:
                if answer.status != _OK:
                    detail = f"{answer.status} {(await answer.text())[:200]}"
                    raise SlackFault(failure, doubtful=True, detail=detail)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackFault("no_answer", doubtful=True, detail=type(error).__name__) from error

    async def aclose(self) -> None:
        await self.session.close()

    async def _call(self, client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # The SDK's own method knows which calls take JSON and which only a form.
        act = getattr(client, method.replace(".", "_"))
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                response = await act(**given)
        except SlackApiError as error:
            raise _fault(error.response) from None
        except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as error:
            raise SlackFault("no_answer", doubtful=True, detail=type(error).__name__) from error
        except (AttributeError, ValueError) as error:
            # The SDK stumbles over a 200 whose body is text.
            raise SlackFault("unreadable", doubtful=True, detail=type(error).__name__) from error
        if not isinstance(response.data, dict):
            raise SlackFault("unreadable", doubtful=True)
        return {**response.data, "headers": response.headers}


def _fault(response: Any) -> SlackFault:
    """Slack's own word; on a 5xx `response.data` may be a string, or the response aiohttp's own."""
    data = getattr(response, "data", None)
    said = data if isinstance(data, dict) else {}
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    headers = getattr(response, "headers", None) or {}
    if status == _TOO_MANY or said.get("error") == "ratelimited":
        return SlackFault("ratelimited", retry_after_s=_seconds(headers))
    if not said.get("error") or status >= _SERVER_ERROR:
        return SlackFault("unreadable", doubtful=True, detail=f"status {status}")
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
