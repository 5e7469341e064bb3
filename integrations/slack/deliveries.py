"""Deliveries over HTTP: whether Slack has signed the bytes, and the payload in them, as Socket Mode brings it."""

from functools import partial
from typing import Any

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.http.webhooks import Headers, form_fields, json_object, webhook
from integrations.slack import manifest

SIGNED_BY = TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_FIELDS_MOST = 100  # of a form; a slash command has about fifteen


def route(app: AsyncApp, secret: str) -> Route:
    """The request URL of the manifest."""

    async def take(headers: Headers, body: bytes) -> Response:
        asked = _asked(payload_of(headers, body))
        return to_starlette_response(await app.async_dispatch(asked))

    return webhook(manifest.PATH, signed_by=SIGNED_BY, is_genuine=partial(is_genuine, secret), take=take)


def is_genuine(secret: str, headers: Headers, body: bytes) -> bool:
    """On the bytes as they came; whatever is no number, no UTF-8 or no ASCII where it has to be, isn't Slack's."""
    try:
        return SignatureVerifier(secret).is_valid(body, headers[TIMESTAMP], headers[SIGNATURE])
    except (ValueError, TypeError, OverflowError):
        return False


def payload_of(headers: Headers, body: bytes) -> dict[str, Any]:
    """What the bytes say; bolt would guess. Raises HTTPException."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "application/json":
            return json_object(body)
        case "application/x-www-form-urlencoded":
            fields = form_fields(body, most=_FIELDS_MOST)
            return json_object(fields["payload"]) if "payload" in fields else fields
        case _:  # any other type that a header names
            raise HTTPException(415, "Slack sends JSON and forms.")


def _asked(payload: dict[str, Any]) -> AsyncBoltRequest:
    try:
        return AsyncBoltRequest(body=payload, mode="socket_mode")  # what is read is the same both ways
    except (
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):  # bolt looks for teams and people at once
        raise HTTPException(400, "This is not built as Slack builds it.") from None
