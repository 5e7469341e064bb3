"""Deliveries over HTTP: whether Slack has signed the bytes, and the payload in them, as Socket Mode brings it."""

import hashlib
import hmac
import time
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.webhooks import Headers, json_object, webhook
from integrations.slack import manifest
from integrations.slack.dispatch import Dispatch, Unknown

SIGNED_BY = TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_GOOD_FOR_S = 300
_DIGITS_MOST = 12  # of a timestamp
_FIELDS_MOST = 100  # of a form; a slash command has about fifteen


def route(dispatch: Dispatch, secret: str) -> Route:
    """The request URL of the manifest."""

    async def take(headers: Headers, body: bytes) -> Response:
        payload = payload_of(headers, body)
        match payload:
            case {"type": "url_verification", "challenge": str(challenge)}:
                return PlainTextResponse(challenge)
            case {"ssl_check": "1"}:
                return Response()
            case _:
                return await _answer(dispatch, payload)

    return webhook(manifest.PATH, signed_by=SIGNED_BY, is_genuine=partial(is_genuine, secret), take=take)


async def _answer(dispatch: Dispatch, payload: dict[str, Any]) -> Response:
    try:
        answer = await dispatch.take(payload)
    except Unknown as unknown:
        raise HTTPException(400, f"This app hears nothing of this kind: {unknown}") from None
    if answer is None:
        raise HTTPException(503, "Not now: please tell it again.")
    return JSONResponse(answer) if answer else Response()


def is_genuine(secret: str, headers: Headers, body: bytes) -> bool:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack, on the bytes as they came."""
    at = headers[TIMESTAMP]
    if not (at.isascii() and at.isdecimal() and len(at) <= _DIGITS_MOST):
        return False
    if abs(time.time() - int(at)) > _GOOD_FOR_S:
        return False
    ours = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={ours}".encode(), headers[SIGNATURE].encode(errors="replace"))


def payload_of(headers: Headers, body: bytes) -> dict[str, Any]:
    """What the bytes say. Raises HTTPException."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "application/json":
            return json_object(body)
        case "application/x-www-form-urlencoded":
            fields = _fields(body)
            return json_object(fields["payload"]) if "payload" in fields else fields
        case _:
            raise HTTPException(415, "Slack sends JSON and forms.")


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FIELDS_MOST,
        )
    except ValueError:
        raise HTTPException(400, "This is not readable as a form.") from None
    return dict(pairs)
