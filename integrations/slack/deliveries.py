"""Deliveries over HTTP: whether Slack has signed the bytes, and the payload in them, as Socket Mode brings it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_sdk.signature import SignatureVerifier
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.http.webhooks import Headers, form_fields, json_object, webhook
from integrations.slack import manifest
from integrations.slack.dispatch import Ack
from integrations.slack.hearing import Payload

SIGNED_BY = TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_FIELDS_MOST = 100  # of a form; a slash command has about fifteen


def route(take: Callable[[Payload], Awaitable[Ack]], secret: str) -> Route:
    """The request URL of the manifest."""

    async def answer(headers: Headers, body: bytes) -> Response:
        told = await take(payload_of(headers, body))
        kind = JSONResponse if isinstance(told.body, dict) else PlainTextResponse
        return kind(told.body, told.status)

    return webhook(manifest.PATH, signed_by=SIGNED_BY, is_genuine=partial(is_genuine, secret), take=answer)


def is_genuine(secret: str, headers: Headers, body: bytes) -> bool:
    """On the bytes as they came; whatever is no number, no UTF-8 or no ASCII where it has to be, isn't Slack's."""
    try:
        return SignatureVerifier(secret).is_valid(body, headers[TIMESTAMP], headers[SIGNATURE])
    except (ValueError, TypeError, OverflowError):
        return False


def payload_of(headers: Headers, body: bytes) -> dict[str, Any]:
    """What the bytes say. Raises HTTPException."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "application/json":
            return json_object(body)
        case "application/x-www-form-urlencoded":
            fields = form_fields(body, most=_FIELDS_MOST)
            return json_object(fields["payload"]) if "payload" in fields else fields
        case _:
            raise HTTPException(415, "Slack sends JSON and forms.")
