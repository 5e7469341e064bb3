"""A listener with bounds: so many connections at once, and none that keeps us waiting for ever.

uvicorn has a time-out for a connection that rests between two requests, and none for a head or a body that
never ends, nor for an answer that nobody reads; its limit on concurrency counts what has sent a whole head
already. So each connection has a clock here, and where the room is full the one goes that has kept us waiting
longest: who answers at once always gets in, and work under way never lacks a descriptor.
"""

import asyncio
import contextlib
import functools
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from email.utils import formatdate
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0  # from the connection, or the last answer, to the end of a request's head
BODY_S = 30.0  # from there to the end of its body
STALL_S = 30.0  # in which a reader must take some of what waits for it
STALL_BYTES = 64 * 1024
SLICE_BYTES = 16 * 1024  # of what came, between two looks
CRUMB_BYTES = 64  # a body in smaller chunks than that costs more to take apart than to send
PLACES_MAX = 1000
PLACES_MIN = 32
BACKLOG = 128  # what asyncio may accept in one go, before it closes anything
FILES_WANTED = 65_536
FILES_A_JOB = 2  # a call of its service, and a fetch
FILES_OF_OURS = 2 * BACKLOG  # databases, pipes, chats, and what was accepted and not yet turned away
START_S = 10.0
CLOSE_S = 5.0


def raise_file_limit() -> int:
    """Asks for all the descriptors that this process may have; answers how many it may hold now."""
    try:
        import resource  # noqa: PLC0415 - Windows has none, and no such limit either
    except ImportError:
        return FILES_WANTED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return min(soft, FILES_WANTED) if soft != resource.RLIM_INFINITY else FILES_WANTED
    with contextlib.suppress(OSError, ValueError):  # macOS has a lower one of its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def places_of(files: int, *, jobs: int, most: int = PLACES_MAX) -> int:
    """How many connections a listener may hold beside so many jobs; there are at most two in a process."""
    kept = min(FILES_OF_OURS + FILES_A_JOB * jobs, files * 3 // 4)
    return max(PLACES_MIN, min(most, (files - kept) // 2))


class Crowd:
    """The connections of one listener."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._here: set[Connection] = set()
        self._waited_for: dict[Connection, None] = {}  # who has kept us waiting longest stands first

    def enter(self, connection: "Connection") -> None:
        """Where it is too full, somebody leaves: perhaps the one who comes."""
        self._here.add(connection)
        self.wait_for(connection)
        if len(self._here) > self._places:
            next(iter(self._waited_for)).drop()

    def wait_for(self, connection: "Connection") -> None:
        """It is the client's turn."""
        self._waited_for.pop(connection, None)
        self._waited_for[connection] = None

    def work_for(self, connection: "Connection") -> None:
        """It is our turn."""
        self._waited_for.pop(connection, None)

    def leave(self, connection: "Connection") -> None:
        self._here.discard(connection)
        self._waited_for.pop(connection, None)


class Connection(H11Protocol):
    """uvicorn's connection, with a clock that runs while it is the client's turn."""

    def __init__(self, *args: Any, room: Crowd, **more: Any) -> None:
        super().__init__(*args, **more)
        self._room = room
        self._turn: tuple[str, object] | None = None  # whose turn it is, and of which request
        self._clock: asyncio.TimerHandle | None = None
        self._unread_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._look()
        self._room.enter(self)

    def data_received(self, data: bytes) -> None:
        """Slice by slice: what came at once may be a body in a hundred thousand chunks."""
        for start in range(0, len(data), SLICE_BYTES):
            piece = data[start : start + SLICE_BYTES]
            if self.transport.is_closing():
                return
            if self._is_crumbs(piece):
                self.drop()
                return
            super().data_received(piece)
        self._look()

    def _is_crumbs(self, piece: bytes) -> bool:
        """Whether these bytes go on with a body that comes in tiny chunks: each costs as much as a large one."""
        if self.conn.their_state is not h11.SEND_BODY or len(piece) < CRUMB_BYTES**2:
            return False
        chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        return chunked and piece.count(b"\r\n") * CRUMB_BYTES > 2 * len(piece)

    def send_400_response(self, msg: str) -> None:
        """What can't be read is told, where nothing was said yet; whoever works on the request learns that it is over."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._set_clock(None)
        self._room.leave(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._set_clock(STALL_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._turn = None
        self._look()

    def drop(self) -> None:
        """Lets the connection go, whatever is under way."""
        self._set_clock(None)
        self._room.leave(self)
        self.transport.abort()

    def _look(self) -> None:
        """Sets the clock anew where the turn has changed; a trickle of bytes changes nothing."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            turn, seconds = ("head", cycle), HEAD_S
        elif cycle.more_body:
            turn, seconds = ("body", cycle), BODY_S
        else:
            turn, seconds = ("answer", cycle), None
        if turn == self._turn:
            return
        self._turn = turn
        self._set_clock(seconds)
        if seconds is None:
            self._room.work_for(self)
        else:
            self._room.wait_for(self)

    def _set_clock(self, seconds: float | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = None if seconds is None else self.loop.call_later(seconds, self._run_out)
        self._unread_bytes = 0

    def _run_out(self) -> None:
        """Goes, unless a large answer is still being read."""
        unread, before = self.transport.get_write_buffer_size(), self._unread_bytes
        if not unread or (before and unread > before - STALL_BYTES):
            self.drop()
            return
        self._set_clock(STALL_S)
        self._unread_bytes = unread


def bind(host: str, port: int) -> socket.socket:
    """Takes the address before anything else starts. Raises OSError when it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio switches Nagle off on accepted connections.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its grip on the process's signals; it says when it has begun, and waits to be told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()
        self.leaving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    async def main_loop(self) -> None:
        """Keeps the date, where it is told at all, in place of looking ten times a second."""
        while self.config.date_header and not self.leaving.is_set():
            self.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.leaving.wait(), 1.0)
        await self.leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp,
    listener: socket.socket,
    *,
    places: int,
    trusted_proxies: Sequence[str] = (),
    connection: type[Connection] = Connection,
    dated: bool = True,
) -> AsyncIterator[None]:
    """Serves on the listener until the block ends; open streams get a moment to close."""
    config = uvicorn.Config(
        app,
        http=functools.partial(connection, room=Crowd(places)),  # type: ignore[arg-type]  # class or not, it calls it
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # a warning for each broken request would let strangers fill the disk
        access_log=False,
        date_header=dated,
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    begun = asyncio.create_task(server.begun.wait())
    try:
        await asyncio.wait({task, begun}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task  # It could not start, and says why.
        yield
    finally:
        begun.cancel()
        server.should_exit = True
        server.leaving.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, CLOSE_S)
        listener.close()
