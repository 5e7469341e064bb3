"""HTTP delivery: signed POSTs to the program's own URL, as Slack sends them."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from tests.fakes.patience import PATIENCE_S

from .records import Attempt, Delivery

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["HttpDelivery", "signature"]

_REASONS = {
    "timeout": "http_timeout",
    "connection_closed": "connection_failed",
    "no_connection": "connection_failed",
}


def signature(secret: str, timestamp: int, body: str) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


class HttpDelivery:
    """The program's request URL, the secret, and one client for all POSTs."""

    def __init__(self, slack: "SlackServer", secret: str) -> None:
        self.url = ""
        self.secret = secret
        self._slack = slack
        self._session: aiohttp.ClientSession | None = None

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        body, kind = _body(delivery)
        headers = {}
        if delivery.kind == "events_api" and attempt.number > 1:
            last = delivery.attempts[-2].failure if len(delivery.attempts) > 1 else "timeout"
            headers = {
                "X-Slack-Retry-Num": str(attempt.number - 1),
                "X-Slack-Retry-Reason": _REASONS.get(last or "timeout", "http_error"),
            }
        clock = self._slack.clock
        started = clock.turns.now()
        posting = asyncio.create_task(self.post(body, kind, headers=headers))
        try:
            status, answer, answer_headers = await clock.within(posting, self._slack.ack_deadline_s)
        except TimeoutError:
            attempt.failure = "timeout"
            return
        except aiohttp.ClientError:
            attempt.failure = "connection_closed"
            return
        finally:
            posting.cancel()
        attempt.status, attempt.body = status, answer
        if 200 <= status < 300:
            attempt.ack_s = clock.turns.now() - started
            return
        attempt.failure = "http_error"
        if answer_headers.get("X-Slack-No-Retry") == "1":
            delivery.finished = True

    async def post(
        self,
        body: str,
        kind: str,
        *,
        headers: dict[str, str] | None = None,
        timestamp: int | None = None,
        forged: bool = False,
    ) -> tuple[int, Any, Any]:
        """One POST; `forged` signs with another secret, `timestamp` may be old. (status, body, headers)"""
        at = int(time.time()) if timestamp is None else timestamp
        signed = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(at),
            "X-Slack-Signature": signature("not the secret" if forged else self.secret, at, body),
            **(headers or {}),
        }
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with self._client().post(
            self.url, data=body.encode(), headers=signed, timeout=timeout, allow_redirects=False
        ) as response:
            text = await response.text()
            return response.status, _parsed(response.content_type, text), response.headers

    async def verify_url(self) -> bool:
        """The handshake when a request URL is typed into the app's settings."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        body = json.dumps({"token": "deprecated", "challenge": challenge, "type": "url_verification"})
        status, answer, _ = await self.post(body, "application/json")
        said = answer.get("challenge", answer.get("text")) if isinstance(answer, dict) else answer
        return status == 200 and said == challenge

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Burst tests need as many connections as Slack would open.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)


def _body(delivery: Delivery) -> tuple[str, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(delivery.payload)}), "application/x-www-form-urlencoded"


def _parsed(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return {"text": text}
