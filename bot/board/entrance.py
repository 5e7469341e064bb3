"""The entrance to a page that a token guards: sessions made of the token, how often one may try, and who comes in."""

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.errors import StoreBusy
from bot.http.bodies import read_json
from bot.http.guard import Unwelcome, problem
from bot.studio.studio import Studio

SESSION_S = 12 * 3600
REMEMBERED_S = 30 * 86_400  # a browser that was in before is counted apart from strangers for so long
COOKIE = "easel_session"
BODY_LIMIT_BYTES = 4 * 1024
TRIES_EACH = 10  # within the window, from one address
TRIES_ALL = 100
TRIES_WINDOW_S = 60.0
PAUSE_S = 1.0  # before each try beyond those
PAUSING_EACH = 8
PAUSING_ALL = 64
WAITING_S = 20.0  # for a place among those; who comes first has the next
WAITING_ALL = 400
_TRIES_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDoor:
    """The token and the sessions made of it. Sessions are signed, so every process knows them."""

    token: str = field(repr=False)

    @property
    def locked(self) -> bool:
        return bool(self.token)

    def fits(self, key: str) -> bool:
        """Whether this is the token; takes as long for a wrong one."""
        return hmac.compare_digest(_digest(self.token, key), _digest(self.token, self.token))

    def session(self, now: float) -> str:
        """A new session's cookie."""
        named = f"{int(now) + SESSION_S}.{secrets.token_hex(8)}"
        return f"{named}.{_digest(self.token, named).hex()}"

    def mark(self, session: str) -> str:
        """What only who is in with this session can know besides us."""
        return _digest(self.token, f"form {session}").hex()

    def ends_at(self, session: str) -> float:
        """When a session of ours ends; 0 for any other cookie."""
        named, _, mark = session.rpartition(".")
        genuine = hmac.compare_digest(mark.encode(), _digest(self.token, named).hex().encode())
        return float(named.partition(".")[0]) if genuine else 0.0


def _digest(token: str, text: str) -> bytes:
    return hmac.digest(token.encode(), b"easel page 2\0" + text.encode(), hashlib.sha256)


class Sessions:
    """Who is in. A session that was signed out is over in every process."""

    def __init__(self, door: TokenDoor, studio: Studio) -> None:
        self._door = door
        self._studio = studio

    async def goes_on(self, request: Request) -> bool:
        """Whether the request may use the page."""
        if not self._door.locked:
            return True
        session = request.cookies.get(COOKIE, "")
        if self._studio.now() >= self._door.ends_at(session):
            return False
        return not await self._studio.has_seen(_over(session))

    def form_mark(self, request: Request) -> str:
        """What a form of this session carries, so that no other site can fill it."""
        return self._door.mark(request.cookies.get(COOKIE, ""))

    def assert_ours(self, request: Request, mark: str) -> None:
        """Raises Unwelcome for a form that this session was not given."""
        if not hmac.compare_digest(mark.encode(), self.form_mark(request).encode()):
            raise Unwelcome(
                403, "other-site", "This form is too old, or another site's. Open the page again."
            )

    def begin(self, request: Request, response: Response) -> None:
        """Gives the cookie of a new session to who has shown the token."""
        response.set_cookie(
            COOKIE,
            self._door.session(self._studio.now()),
            max_age=REMEMBERED_S,
            httponly=True,
            samesite="strict",
            # A browser says itself how it came, also where the proxy before us isn't trusted.
            secure=request.scope["scheme"] == "https"
            or request.headers.get("origin", "").startswith("https:"),
        )

    async def end(self, request: Request, response: Response) -> None:
        """Ends a session for every copy of its cookie."""
        await self._studio.mark_seen(_over(request.cookies.get(COOKIE, "")))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    def caller(self, request: Request) -> str:
        """Whose tries are counted together: a browser that was in before, else an address."""
        session = request.cookies.get(COOKIE, "")
        if self._door.ends_at(session):
            return session
        host = request.client.host if request.client else ""
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host)
            # One household, or one attacker, has a whole /64 of the newer addresses.
            return str(ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False))  # noqa: PLR2004 - IPv6
        return host


def _over(session: str) -> str:
    return f"page-signed-out:{session.rpartition('.')[0]}"


class Tries:
    """How often the token may be tried: some times at once, after that few at a time, each after a pause.

    A try is counted before anything is awaited, so that many at once are no more than many in a row. Whoever
    was in before, and an address that is new, is not held up by what strangers try elsewhere; who tries beside
    strangers waits for a turn, and has it.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tried: deque[tuple[float, str]] = deque(maxlen=_TRIES_KEPT)
        self._waiting: Counter[str] = Counter()
        self._lanes: dict[str, asyncio.Semaphore] = {}
        self._together = asyncio.Semaphore(PAUSING_ALL)

    @contextlib.asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[bool]:
        """Lets one try be judged; answers whether it came in time. Raises Unwelcome where it waits too long."""
        if self._count(caller):
            yield True
            return
        if self._waiting.total() >= WAITING_ALL:
            raise too_many_logins()
        self._waiting[caller] += 1
        lane = self._lanes.setdefault(caller, asyncio.Semaphore(PAUSING_EACH))
        try:
            async with contextlib.AsyncExitStack() as places:
                await self._take(places, lane)
                await asyncio.sleep(PAUSE_S)
                yield False
        finally:
            self._waiting[caller] -= 1
            if not self._waiting[caller]:
                del self._waiting[caller], self._lanes[caller]

    async def _take(self, places: contextlib.AsyncExitStack, lane: asyncio.Semaphore) -> None:
        """Waits for a place of the caller's, and for one of all."""
        try:
            async with asyncio.timeout(WAITING_S):
                await places.enter_async_context(lane)
                await places.enter_async_context(self._together)
        except TimeoutError:
            raise too_many_logins() from None

    def forget(self, caller: str) -> None:
        """It was the right one."""
        self._tried = deque((one for one in self._tried if one[1] != caller), maxlen=_TRIES_KEPT)

    def _count(self, caller: str) -> bool:
        while self._tried and self._now() - self._tried[0][0] >= TRIES_WINDOW_S:
            self._tried.popleft()
        mine = sum(who == caller for _, who in self._tried)
        if mine >= TRIES_EACH or (mine and len(self._tried) >= TRIES_ALL):
            return False
        self._tried.append((self._now(), caller))
        return True


def wrong_token() -> Unwelcome:
    """It was judged, and isn't the right one."""
    return Unwelcome(401, "token-wrong", "That is not the page's token.")


def too_many_logins() -> Unwelcome:
    """Whether the token was the right one, nobody has looked, or nobody says."""
    return Unwelcome(429, "too-many-logins", "Too many wrong tokens. Please wait a minute.")


class Token(BaseModel):
    """The token, as it was typed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    token: str = Field(max_length=1_000)


class Entrance:
    """The two doors: the way in with the token, and the way out."""

    def __init__(self, door: TokenDoor, studio: Studio) -> None:
        self._door = door
        self._tries = Tries(studio.now)
        self.sessions = Sessions(door, studio)

    async def login(self, request: Request) -> Response:
        """Token -> cookie; wrong ones are counted, so that nobody tries them all. Raises Unwelcome."""
        caller = self.sessions.caller(request)
        async with self._tries.turn(caller) as in_time:
            body = await read_json(request, Token, limit_bytes=BODY_LIMIT_BYTES)
            if not (self._door.locked and self._door.fits(body.token)):
                raise wrong_token() if in_time else too_many_logins()
        self._tries.forget(caller)
        response = JSONResponse({"ok": True})
        self.sessions.begin(request, response)
        return response

    async def logout(self, request: Request) -> Response:
        response = JSONResponse({"ok": True})
        await self.lead_out(request, response)
        return response

    async def lead_out(self, request: Request, response: Response) -> None:
        """Ends the session; the response takes its cookie away."""
        await self.sessions.end(request, response)

    async def goes_on(self, request: Request) -> bool:
        """Whether who asks is in."""
        return await self.sessions.goes_on(request)

    def assert_ours(self, request: Request, mark: str) -> None:
        """Raises Unwelcome for a form that isn't of this session."""
        self.sessions.assert_ours(request, mark)


class Threshold:
    """Lets in who is in, and leads everybody else to the door."""

    def __init__(
        self, app: ASGIApp, *, sessions: Sessions, login: str, files: str = "", documents: str = "/"
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._login = login
        self._files = files  # a folder that is open to everybody; empty: none is
        self._documents = documents  # a page, or a folder of pages that one comes back to: /admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._app
        # The scope's own path: an address put together from the headers would say what the client likes.
        open_to_all = bool(self._files) and scope["path"].startswith(self._files)
        if scope["path"] != self._login and not open_to_all:
            try:
                if not await self._sessions.goes_on(Request(scope)):
                    answer = self._elsewhere(scope)
            except StoreBusy:
                answer = problem(503, "busy", "Please try again in a moment.")
        await answer(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> Response:
        path = scope["path"]
        if path == "/" == self._documents:
            return RedirectResponse(self._login, status_code=303)
        if self._documents != "/" and path.startswith(self._documents):
            query = scope["query_string"].decode("ascii", "replace")
            wanted = f"{path}?{query}" if query else path
            # What was filled in is not sent again by itself.
            back = quote(wanted if scope["method"] == "GET" else self._documents, safe="")
            return RedirectResponse(f"{self._login}?next={back}", status_code=303)
        return problem(401, "token-missing", "Please sign in with the page's token.")
