"""The door for what other services send here: so many raw bytes, then whose they are, and only then what they say.

Nothing is parsed before its sender has proved itself: what a stranger can cost us is reading a few bytes.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.http.bodies import assert_small, read_whole
from bot.http.guard import Proven, Unwelcome

Headers = Mapping[str, str]
IsGenuine = Callable[[Headers, bytes], bool]
TakeDelivery = Callable[[Headers, bytes], Awaitable[Response]]


def webhook(path: str, *, signed_by: Collection[str], is_genuine: IsGenuine, take: TakeDelivery) -> Proven:
    """A route for signed POSTs. `signed_by` names the headers without which not even the body is read.

    `take` gets what is genuine, and answers; it raises HTTPException (400 and so on) for what it can't read.
    """
    assert signed_by, "a webhook that nobody signs"

    async def receive(request: Request) -> Response:
        stranger = HTTPException(401, "This is not signed by who may send it.")
        with as_http():
            assert_small(request.scope)
            if not all(request.headers.get(name) for name in signed_by):
                raise stranger
            body = await read_whole(request)
        if not is_genuine(request.headers, body):
            raise stranger
        return await take(request.headers, body)

    return Proven(path, receive, methods=["POST"])


@contextlib.contextmanager
def as_http() -> Iterator[None]:
    """What is unwelcome is told to other services by its status and sentence alone."""
    try:
        yield
    except Unwelcome as unwelcome:
        raise HTTPException(unwelcome.status, unwelcome.sentence) from None


def json_object(text: str | bytes) -> dict[str, Any]:
    """A JSON object. Raises HTTPException for everything else: lists, what is no JSON, what is nested too deep."""
    try:
        value = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise HTTPException(400, "This is not readable as JSON.") from None
    if _has_halves(text, value):
        raise HTTPException(400, "This holds half a letter.")
    if not isinstance(value, dict):
        raise HTTPException(400, "This is not a JSON object.")
    return value


def _has_halves(text: str | bytes, value: Any) -> bool:
    """Whether JSON's escapes leave half a letter somewhere: no database keeps it, and nothing can be sent with it."""
    escapes = rb"\ud" if isinstance(text, bytes) else r"\ud"
    if escapes not in text.lower():  # type: ignore[operator]  # both are of one kind
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def form_fields(body: bytes, *, most: int) -> dict[str, str]:
    """The fields of a form, at most so many. Raises HTTPException for what is no form."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=most
        )
    except ValueError:
        raise HTTPException(400, "This is not readable as a form.") from None
    return dict(pairs)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")
