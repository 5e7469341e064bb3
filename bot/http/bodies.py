"""How much a listener of ours reads, and how long it waits for that: one place for every body that comes in."""

import asyncio
import contextlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.guard import Unwelcome, host_of

BODY_LIMIT_BYTES = 256 * 1024
READ_WITHIN_S = 5.0
_NO_LIMITS: Mapping[str, int] = MappingProxyType({})


class Bounded:
    """The outermost door of a listener: headers that can't be read, and bodies too large, go no further."""

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int = BODY_LIMIT_BYTES, limits: Mapping[str, int] = _NO_LIMITS
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._limits = limits  # of paths that take more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = self._app
        limit_bytes = self._limits.get(scope["path"], self._limit_bytes)
        try:
            host_of(scope)
            assert_one_length(scope)
            assert_small(scope, limit_bytes)
        except Unwelcome as unwelcome:
            answer = unwelcome.response()
        with contextlib.suppress(ClientDisconnect):  # nobody is there to be answered
            await answer(scope, _counting(receive, limit_bytes), send)


def _counting(receive: Receive, limit_bytes: int) -> Receive:
    read_bytes = 0

    async def counted() -> Message:
        nonlocal read_bytes
        message = await receive()
        read_bytes += len(message.get("body", b""))
        if read_bytes > limit_bytes:
            raise HTTPException(413)
        return message

    return counted


def assert_one_length(scope: Scope) -> None:
    """Raises Unwelcome for a body of two lengths: a proxy may have taken the other, and the rest for a request."""
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers and "content-length" in headers:
        raise Unwelcome(400, "two-lengths", "A body has a length or comes in chunks.", closes=True)


def assert_small(scope: Scope, limit_bytes: int = BODY_LIMIT_BYTES) -> None:
    """Raises Unwelcome for a body that says itself that it is too large."""
    said = Headers(scope=scope).get("content-length", "0")
    if not said.isdecimal() or int(said[:20]) > limit_bytes:
        raise _too_large(limit_bytes)


async def read_whole(
    request: Request, *, limit_bytes: int = BODY_LIMIT_BYTES, within_s: float = READ_WITHIN_S
) -> bytes:
    """The raw body; what is too large or too slow is not read on. Raises Unwelcome."""
    assert_small(request.scope, limit_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                if len(body) + len(chunk) > limit_bytes:
                    raise _too_large(limit_bytes)
                body += chunk
    except TimeoutError:
        raise Unwelcome(408, "too-slow", "The body took too long.") from None
    except ClientDisconnect:
        raise Unwelcome(400, "cut", "The body is not whole.") from None
    return bytes(body)


def _too_large(limit_bytes: int) -> Unwelcome:
    """A body that nobody reads to its end."""
    return Unwelcome(413, "too-large", f"At most {limit_bytes // 1024} KiB are read.")


Body = TypeVar("Body", bound=BaseModel)


async def read_json(request: Request, model: type[Body], *, limit_bytes: int) -> Body:
    """The request's JSON as a value with the right types. Raises Unwelcome."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unwelcome(415, "not-json", "Send JSON, with Content-Type: application/json.")
    data = await read_whole(request, limit_bytes=limit_bytes)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Unwelcome(422, "bad-input", f"{where}: {first['msg']}") from None
