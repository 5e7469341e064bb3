"""A board streamed to whoever reads it, as server-sent events: a fair place for each reader, and their changes."""

import asyncio
import contextlib
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.board.board import Board, Posted, Stamps
from bot.errors import ShowFailure, StoreBusy, SurfaceError
from bot.http.guard import Unwelcome
from bot.ports import Requester
from bot.rights import Rights
from bot.studio.studio import Studio

BEAT_S = 15.0  # a sign of life on a quiet stream, so that a dead connection is noticed
READERS_MAX = 64
_NOTES_MAX = 20

View = dict[str, Any]  # a message as it is drawn; `at` and `id` say where it stands
ViewOf = Callable[[Posted, Rights], View]  # for who reads it


@dataclass(slots=True, eq=False, kw_only=True)
class OpenStream:
    """Somebody's open stream, with what is to be said there to this person alone."""

    who: Requester
    holder: str  # whose places are counted together
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_MAX))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False  # somebody else has its place

    async def wait(self) -> None:
        """Until there may be something new, at most one beat."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.news.wait(), BEAT_S)


class OpenStreams:
    """Everybody who reads a community's messages here. `draw` makes a view of a message for one of them."""

    def __init__(self, studio: Studio, *, surface: str, community: str, draw: ViewOf) -> None:
        self._studio = studio
        self._draw = draw
        self._here: list[OpenStream] = []
        self.board = Board(studio, surface=surface, community=community, news=self._wake)
        self.closing = False

    def admit(self, who: Requester, address: str) -> OpenStream:
        """A place for one more. Where all are taken, who has fewer takes one of who has the most.

        Raises Unwelcome where that would only change who waits.
        """
        holder = f"{who.user} {address}"
        if len(self._here) >= READERS_MAX or self.closing:
            taken = Counter(reader.holder for reader in self._here)
            greediest = max(taken, key=lambda one: taken[one], default=holder)
            if self.closing or taken[holder] + 1 >= taken[greediest]:
                raise Unwelcome(503, "too-many-pages", "Too many pages are open just now.")
            self.leave(next(reader for reader in self._here if reader.holder == greediest))
        reader = OpenStream(who=who, holder=holder)
        self._here.append(reader)
        self.board.open()
        return reader

    def mark(self) -> None:
        """There is something new to see; what it is, the store says."""
        self.board.mark()

    def leave(self, reader: OpenStream) -> None:
        """Gives a place back."""
        reader.over = True
        reader.news.set()
        if reader in self._here:
            self._here.remove(reader)
        if not self._here:
            self.board.close()

    async def events(
        self, reader: OpenStream, last: str, goes_on: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """A stream from the state that its reader has, while the session goes on."""
        await self.board.ready()
        has, rested = self.board.known(last), False
        yield "retry: 1000\n\n"
        while not (self.closing or reader.over) and await goes_on():
            reader.news.clear()
            sees = self.board.seen_by(reader.who)
            if reader.notes:
                yield _event("note", {"text": reader.notes.popleft()})
            elif has is None or sees != has:
                try:
                    change = await self._change(sees, has, reader.who)
                except StoreBusy:
                    return  # its reader comes back with the state that it has
                yield f"id: {self.board.remember(sees)}\n{_event('change', change)}"
                has = sees
            elif rested:
                yield _event("beat", {})
                rested = False
            else:
                await reader.wait()
                rested = True

    async def tell(self, user: str, text: str) -> None:
        """A note to a person who reads here. Raises SurfaceError where that person doesn't."""
        readers = [reader for reader in self._here if reader.who.user == user]
        if not readers or self.closing:
            raise SurfaceError("no page of that person is open here", kind=ShowFailure.FORBIDDEN)
        for reader in readers:
            reader.notes.append(text)
            reader.news.set()

    async def aclose(self) -> None:
        """Ends every stream; readers come back when somebody answers again."""
        self.closing = True
        self._wake()
        await self.board.aclose()

    def _wake(self) -> None:
        for reader in self._here:
            reader.news.set()

    async def _change(self, sees: Stamps, has: Stamps | None, who: Requester) -> dict[str, Any]:
        old, posted = has or {}, self.board.posted
        rights = Rights(who=who, rules=await self._studio.rules(who))
        views = [self._draw(posted[name], rights) for name in sees if sees[name] != old.get(name)]
        return {
            "now": self._studio.now(),
            "whole": has is None,
            "gone": [name for name in old if name not in sees],
            "messages": sorted(views, key=lambda view: (view["at"], view["id"])),
        }


class EventStream(StreamingResponse):
    """One reader's stream; the place is given back however it ends."""

    def __init__(self, readers: OpenStreams, reader: OpenStream, events: AsyncIterator[str]) -> None:
        headers: Mapping[str, str] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._readers = readers
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._readers.leave(self._reader)


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
