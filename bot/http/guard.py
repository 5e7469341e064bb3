"""What stands before every listener of ours: whom it answers, and how every error of it is told.

A listener on this machine is reached by every page that a browser here has open. So it answers to names of its
own alone (a foreign name that resolves to 127.0.0.1 is turned away), and to no other site's page. What it decides,
it decides by the request's own path and headers, never by an address put together from them.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import StoreBusy

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_ORIGIN = re.compile(rf"[a-z][a-z0-9+.-]*://(?P<place>{_HOST.pattern})")
_READING = ("GET", "HEAD", "OPTIONS")


class Unwelcome(Exception):
    """A request that is not answered; the sentence says why."""

    def __init__(self, status: int, code: str, sentence: str, *, closes: bool = False) -> None:
        self.status = status
        self.code = code
        self.sentence = sentence
        self.closes = closes  # whether nothing more is read from who asks
        super().__init__(sentence)

    def response(self) -> Response:
        """The error as the page and other clients read it."""
        answer = problem(self.status, self.code, self.sentence)
        if self.closes:
            answer.headers["Connection"] = "close"
        return answer


def problem(status: int, code: str, sentence: str, **more: object) -> Response:
    """One shape for every error; `more` is what a surface adds for its own scripts."""
    return JSONResponse(
        {"error": {"code": code, "message": sentence, **more}},
        status_code=status,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
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
class HostNames:
    """The names that a listener answers to: this machine's own, and those that the operator has written down."""

    every: bool = False  # it listens for others, whose names for it nobody knows
    places: frozenset[str] = frozenset()  # NAME or NAME:PORT, as a browser writes them

    def know(self, name: str) -> bool:
        """Whether a request for this name is meant for us."""
        return self.every or is_loopback(name) or name.lower() in {_name(place) for place in self.places}


LOCAL = HostNames()


def names_of(host: str, urls: Iterable[str] = ()) -> HostNames:
    """For a listener at this address, which the world reaches at these."""
    places = frozenset(place.lower() for url in urls if (place := urlsplit(url).netloc))
    return HostNames(every=not is_loopback(host), places=places)


class Proven(Route):
    """A route that asks for a proof of its own, such as a signature or a secret path: any name may lead to it.

    `limit_bytes` is how large its bodies may be, where that is more than usual; else 0.
    """

    def __init__(self, path: str, endpoint: Any, *, limit_bytes: int = 0, **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self.limit_bytes = limit_bytes


# ── Who may come in ──────────────────────────────────────────────────────────────────────────────────


class Guard:
    """Lets in what is meant for us, and comes from no other site's page.

    `ours` is a header that another site's page can't send without being asked first: wanted of all that does more
    than look.
    """

    def __init__(self, app: ASGIApp, names: HostNames, ours: str = "") -> None:
        self._app = app
        self._names = names
        self._ours = ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._app
        try:
            assert_at_home(scope, self._names)
            assert_not_foreign(scope, self._names)
            if self._ours and scope["method"] not in _READING and self._ours not in Headers(scope=scope):
                raise Unwelcome(403, "other-site", f"Send the header {self._ours} from this page itself.")  # noqa: TRY301 - told like the others
        except Unwelcome as unwelcome:
            answer = unwelcome.response()
        await answer(scope, receive, send)


def assert_at_home(scope: Scope, names: HostNames) -> None:
    """Raises Unwelcome for a name that isn't ours, or that is none."""
    if not names.know(_name(host_of(scope))):
        raise Unwelcome(421, "wrong-host", "This listener answers to its own names only, such as 127.0.0.1.")


def assert_not_foreign(scope: Scope, names: HostNames) -> None:
    """Raises Unwelcome for what another site's page has sent; following a link from there is no harm."""
    headers = Headers(scope=scope)
    follows_link = scope["method"] in _READING and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not follows_link:
        raise Unwelcome(403, "other-site", "Another site's page can't use this.")
    origin = headers.get("origin")
    if origin is None:
        return
    place = _ORIGIN.fullmatch(origin.lower())
    if place is None or place["place"] not in {host_of(scope).lower(), *names.places}:
        raise Unwelcome(403, "other-site", "Another site's page can't use this.")


def origin_of(scope: Scope) -> str:
    """How the one who asks has called us: for links that lead back here."""
    return f"{scope['scheme']}://{host_of(scope)}"


def host_of(scope: Scope) -> str:
    """NAME or NAME:PORT, as the request says it; empty where it says none. Raises Unwelcome."""
    said = Headers(scope=scope).get("host", "").strip()
    if said and not _HOST.fullmatch(said):
        raise Unwelcome(400, "bad-host", "The header Host names no host.")
    return said


def _name(place: str) -> str:
    found = _HOST.fullmatch(place)
    return found["name"] if found else ""


def told(endpoint: Endpoint, *, busy: str, trouble: str) -> Endpoint:
    """Tells every error as one clear answer; what nobody foresaw is logged and told kindly."""

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Unwelcome as unwelcome:
            return unwelcome.response()
        except (HTTPException, ClientDisconnect):
            raise
        except StoreBusy as error:
            log.warning("a request must wait", problem=str(error))
            return problem(503, "busy", busy)
        except Exception:  # a bug of ours: the person gets a sentence, the log the rest
            log.exception("a request failed", path=request.scope["path"])
            return problem(500, "trouble", trouble)

    return answering


async def no_such_route(_: Request, error: Exception) -> Response:
    """The framework's own refusals, in our shape."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "no-such-route", error.detail)


class WithHeaders:
    """Puts headers on every answer that doesn't say otherwise itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)
