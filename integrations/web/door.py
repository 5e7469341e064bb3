"""The page's door, where a token guards it: sessions made of the token, how often one may try, and who comes in."""

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.errors import StoreBusy
from bot.guard import Unwelcome, problem
from bot.studio import Studio

SESSION_S = 12 * 3600
REMEMBERED_S = 30 * 86_400  # a browser that was in before is counted apart from strangers for so long
COOKIE = "easel_session"
LOGIN = "/page/login"
FILES = "/page/file/"
TRIES_EACH = 10  # within the window, from one address
TRIES_ALL = 100
TRIES_WINDOW_S = 60.0
PAUSE_S = 1.0  # before each try beyond those
PAUSING_EACH = 8
PAUSING_ALL = 64
_TRIES_KEPT = 10_000


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
        """A new session's cookie."""
        named = f"{int(now) + SESSION_S}.{secrets.token_hex(8)}"
        return f"{named}.{_digest(self.token, named).hex()}"

    def ends_at(self, session: str) -> float:
        """When a session of ours ends; 0 for any other cookie."""
        named, _, mark = session.rpartition(".")
        genuine = hmac.compare_digest(mark.encode(), _digest(self.token, named).hex().encode())
        return float(named.partition(".")[0]) if genuine else 0.0


def _digest(token: str, text: str) -> bytes:
    return hmac.digest(token.encode(), b"easel page 2\0" + text.encode(), hashlib.sha256)


class Sessions:
    """Who is in. A session that was signed out is over in every process."""

    def __init__(self, door: Door, studio: Studio) -> None:
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

    async def end(self, request: Request) -> None:
        await self._studio.mark_seen(_over(request.cookies.get(COOKIE, "")))

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
    """How often the token may be tried: some times at once, after that one by one, each after a pause.

    A try is counted before anything is awaited, so that many at once are no more than many in a row. Whoever
    was in before, and an address that is new, is not held up by what strangers try elsewhere.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tried: deque[tuple[float, str]] = deque(maxlen=_TRIES_KEPT)
        self._pausing: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[bool]:
        """Lets one try be judged; answers whether it came in time. Raises Unwelcome where too many wait."""
        if self._count(caller):
            yield True
            return
        if self._pausing[caller] >= PAUSING_EACH or self._pausing.total() >= PAUSING_ALL:
            raise too_many_logins()
        self._pausing[caller] += 1
        try:
            await asyncio.sleep(PAUSE_S)
            yield False
        finally:
            self._pausing[caller] -= 1
            self._pausing += Counter()  # forgets who has none

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


def too_many_logins() -> Unwelcome:
    """Whether the token was the right one, nobody has looked, or nobody says."""
    return Unwelcome(429, "too-many-logins", "Too many wrong tokens. Please wait a minute.")


class Threshold:
    """Lets in who is in, and leads everybody else to the door."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._app
        # The scope's own path: an address put together from the headers would say what the client likes.
        if scope["path"] != LOGIN and not scope["path"].startswith(FILES):
            try:
                if not await self._sessions.goes_on(Request(scope)):
                    answer = _to_the_door(scope["path"])
            except StoreBusy:
                answer = problem(503, "busy", "Please try again in a moment.")
        await answer(scope, receive, send)


def _to_the_door(path: str) -> Response:
    if path == "/":
        return RedirectResponse(LOGIN, status_code=303)
    return problem(401, "token-missing", "Please sign in with the page's token.")
