"""Signed calls to the operator's own address, by the scheme of https://www.standardwebhooks.com.

Whoever receives one checks `webhook-signature`: v1 and the HMAC-SHA256 of id, timestamp and body under the secret.
`webhook-id` is the event's: the same in every repeat, so that what comes twice counts once.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from bot.cards.events import Matter
from bot.errors import FetchRefused
from bot.events import Event

log = structlog.get_logger()

TIMEOUT_S = 10.0
_SECRET = "whsec_"  # noqa: S105 - how a secret of this scheme begins


class Post(Protocol):
    """Sends bytes to an outside address. Raises FetchRefused for everything but a 2xx."""

    async def __call__(self, url: str, body: bytes, *, headers: dict[str, str], timeout_s: float) -> None: ...


class Hook:
    """One address, and the secret that signs."""

    def __init__(self, url: str, secret: str, *, post: Post) -> None:
        self._url = url
        self._key = key_of(secret)
        self._post = post

    async def send(self, name: str, document: dict[str, Any], *, now: float) -> bool:
        """Answers whether it was taken. Never raises for what the other side does."""
        body = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
        stamp = str(int(now))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._key, name, stamp, body),
        }
        try:
            await self._post(self._url, body, headers=headers, timeout_s=TIMEOUT_S)
        except FetchRefused as refused:
            log.warning("[events] url did not take an event", problem=str(refused))
            return False
        return True


def signature(key: bytes, name: str, stamp: str, body: bytes) -> str:
    """What proves that it is ours."""
    signed = f"{name}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret: `whsec_` and base64, or any text."""
    if secret.startswith(_SECRET):
        try:
            return base64.b64decode(secret.removeprefix(_SECRET), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def document_of(event: Event, matter: Matter) -> dict[str, Any]:
    """What is told: ids, and the words as far as they are not their owner's alone."""
    return {
        "type": str(event.kind),
        "timestamp": datetime.fromtimestamp(event.at, UTC).isoformat(),
        "data": {
            "id": event.id,
            "surface": event.surface,
            "community": event.community,
            "person": event.user,
            "actor": event.actor,
            "job": event.job,
            "prompt": matter.prompt,
            "link": matter.link,
            **event.facts,
        },
    }
