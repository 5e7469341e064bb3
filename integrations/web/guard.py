"""What every request must pass before the page reads it, and the headers that every answer carries.

Without a token the page is for this machine alone, so only a loopback name is answered: a foreign
name that resolves to 127.0.0.1 (DNS rebinding) is turned away. With a token, the cookie decides.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES = 64 * 1024
SESSION_S = 12 * 3600
COOKIE = "easel_session"
OURS = "x-easel-page"  # a header that another site's page can't send without being asked first
LOGIN = "/page/login"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Unwelcome(Exception):
    """A request that is not answered; the sentence says why."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        self.status = status
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)

    def response(self) -> Response:
        """The error as the page and other clients read it."""
        return problem(self.status, self.code, self.sentence)


def problem(status: int, code: str, sentence: str) -> Response:
    """One shape for every error."""
    return JSONResponse(
        {"error": {"code": code, "message": sentence}},
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own, without asking a name server."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The token and the sessions made of it. Sessions are signed, so every process knows them."""

    token: str = field(repr=False)

    @property
    def locked(self) -> bool:
        return bool(self.token)

    def fits(self, key: str) -> bool:
        """Whether this is the token; takes as long for a wrong one."""
        return hmac.compare_digest(_digest(self.token, key), _digest(self.token, self.token))

    def session(self, now: float) -> str:
        """A session's cookie."""
        until = str(int(now) + SESSION_S)
        return f"{until}.{_digest(self.token, until).hex()}"

    def knows(self, session: str, now: float) -> bool:
        """Whether a cookie is a session of ours that goes on."""
        until, _, mark = session.partition(".")
        genuine = hmac.compare_digest(mark.encode(), _digest(self.token, until).hex().encode())
        return genuine and until.isdecimal() and now < int(until)


def _digest(token: str, text: str) -> bytes:
    return hmac.digest(token.encode(), b"easel page 1\0" + text.encode(), hashlib.sha256)


class Guard:
    """Lets in what may come in, and puts the headers on what goes out."""

    def __init__(self, app: ASGIApp, door: Door, *, now: Callable[[], float]) -> None:
        self._app = app
        self._door = door
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        answer: ASGIApp
        try:
            assert_at_home(request, self._door)
            assert_not_forged(request)
            answer = self._app if self._may(request) else _to_the_door(request)
        except Unwelcome as unwelcome:
            answer = unwelcome.response()
        await answer(scope, receive, _with_headers(send))

    def _may(self, request: Request) -> bool:
        if not self._door.locked or request.url.path.startswith((LOGIN, "/page/file/")):
            return True
        return self._door.knows(request.cookies.get(COOKIE, ""), self._now())


def assert_at_home(request: Request, door: Door) -> None:
    """Raises Unwelcome for a name that is not this machine's, where no token guards the page."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not door.locked and not is_loopback(host):
        raise Unwelcome(
            421, "wrong-host", "This page answers at 127.0.0.1 only; set [web] admin_token for other names."
        )


def assert_not_forged(request: Request) -> None:
    """Raises Unwelcome for what another site's page has sent."""
    headers = request.headers
    site = headers.get("sec-fetch-site", "same-origin")
    if request.method in ("GET", "HEAD"):
        if site == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            raise Unwelcome(403, "other-site", "Another site's page can't read this.")
        return
    origin = headers.get("origin")
    if site != "same-origin" or OURS not in headers:
        raise Unwelcome(403, "other-site", f"Send the header {OURS} from this page itself.")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise Unwelcome(403, "other-site", "Another site's page can't send this.")


def _to_the_door(request: Request) -> Response:
    if request.url.path == "/":
        return RedirectResponse(LOGIN, status_code=303)
    return problem(401, "token-missing", "Please sign in with the page's token.")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


# ── Bodies ───────────────────────────────────────────────────────────────────────────────────────────

Body = TypeVar("Body", bound=BaseModel)


async def read(request: Request, model: type[Body]) -> Body:
    """The request's JSON as a value with the right types. Raises Unwelcome."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unwelcome(415, "not-json", "Send JSON, with Content-Type: application/json.")
    data = await _bounded(request)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Unwelcome(422, "bad-input", f"{where}: {first['msg']}") from None


async def _bounded(request: Request) -> bytes:
    said = request.headers.get("content-length", "0")
    too_large = Unwelcome(413, "too-large", f"At most {BODY_LIMIT_BYTES // 1024} KiB are read.")
    if said.isdecimal() and int(said) > BODY_LIMIT_BYTES:
        raise too_large
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > BODY_LIMIT_BYTES:
            raise too_large
    return bytes(data)
