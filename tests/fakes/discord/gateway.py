"""The websocket side: identify, resume with replay, heartbeats, intents, shards, and forced disconnects."""

import asyncio
import collections
import dataclasses
import json
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.fakes.there import there

from . import permissions

if TYPE_CHECKING:
    from .server import DiscordServer
    from .world import Guild

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS = 1 << 9, 1 << 10
DM_MESSAGES, DM_REACTIONS, CONTENT = 1 << 12, 1 << 13, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
KNOWN = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
RESUMABLE_S = 180.0


class Close(Exception):
    """Ends the connection with one of the gateway's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclasses.dataclass(eq=False)
class Session:
    """What survives a disconnect: the numbered dispatches, waiting for a RESUME."""

    id: str
    shard: tuple[int, int]
    intents: int
    sequence: int = 0
    sent: collections.deque[dict[str, Any]] = dataclasses.field(
        default_factory=lambda: collections.deque(maxlen=10_000)
    )
    connection: "Connection | None" = None
    left_at: float | None = None
    resumes: int = 0


class Connection:
    """One websocket; frames go out in order, compressed as the client asked."""

    def __init__(self, socket: web.WebSocketResponse, compress: str | None) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.received = 0
        self.window_started = time.monotonic()
        self.last_heartbeat = time.monotonic()
        self._lock = asyncio.Lock()
        self._deflate = zlib.compressobj() if compress == "zlib-stream" else None
        self._zstd = _zstd() if compress == "zstd-stream" else None

    async def send(self, payload: dict[str, Any]) -> None:
        text = json.dumps(payload)
        async with self._lock:
            if self.socket.closed:
                return
            try:
                if self._deflate is not None:
                    data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(data)
                elif self._zstd is not None:
                    await self.socket.send_bytes(self._zstd(text.encode()))
                else:
                    await self.socket.send_str(text)
            except ConnectionError:
                # The client has gone; the session keeps what it missed.
                return


def _zstd() -> Any:
    try:
        import zstandard
    except ImportError:
        return None
    stream = zstandard.ZstdCompressor().compressobj()
    return lambda data: stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


class Gateway:
    """Sessions of one bot. `identifies` and `closes` are what tests count."""

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server
        self.sessions: dict[str, Session] = {}
        self.heartbeat_interval_s = 41.25
        self.privileged = 0
        # Discord's own is 5 s per shard key; 0 lets tests restart a program at once.
        self.identify_spacing_s = 0.0
        self._identified_at = float("-inf")
        self.identifies: list[dict[str, Any]] = []
        self.closes: list[tuple[int, str]] = []
        self._connections: set[Connection] = set()
        self._soon: collections.deque[Callable[[], Awaitable[bool]]] = collections.deque()
        self._telling: asyncio.Task[None] | None = None

    @property
    def live(self) -> list[Session]:
        return [one for one in self.sessions.values() if one.connection and not one.connection.socket.closed]

    # --- what tests do to it

    async def drop(self, *, abrupt: bool = True) -> None:
        """Loses every connection without a word (`abrupt`), or with close code 1006's polite kin 4000."""
        for session in self.live:
            await self._end(there(session.connection), None if abrupt else 4000)

    async def reconnect(self) -> None:
        """Asks every client to reconnect and resume (op 7)."""
        for session in self.live:
            await there(session.connection).send({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Says INVALID_SESSION (op 9); unless resumable, the sessions are forgotten."""
        for session in self.live:
            if not resumable:
                self.sessions.pop(session.id, None)
            await there(session.connection).send({"op": 9, "d": resumable})

    async def close_all(self, code: int = 1001) -> None:
        self._soon.clear()
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        for connection in list(self._connections):
            await self._end(connection, code)

    async def _end(self, connection: Connection, code: int | None) -> None:
        self._left(connection)
        transport = connection.socket._req.transport if connection.socket._req else None
        if code is not None:
            await connection.socket.close(code=code)
        elif transport is not None:
            transport.abort()
        self.server.records.changed()

    # --- events

    async def emit(
        self,
        event: str,
        data: dict[str, Any],
        *,
        guild: "Guild | None" = None,
        intent: int = 0,
        private: dict[str, Any] | None = None,
    ) -> bool:
        """Dispatches to the sessions that cover the guild and asked for the intent; says whether one is connected.

        `private` replaces the data for sessions without the message content intent.
        """
        reached = False
        for session in list(self.sessions.values()):
            index, count = session.shard
            if (0 if guild is None else (guild.id >> 22) % count) != index:
                continue
            if intent and not session.intents & intent:
                continue
            shown = private if private is not None and not session.intents & CONTENT else data
            reached |= await self._dispatch(session, event, shown)
        self.server.records.changed()
        return reached

    def emit_soon(self, event: str, data: dict[str, Any], **facts: Any) -> None:
        """The same in the background, in order: no answer of the REST API waits for a client that reads slowly."""
        self._soon.append(partial(self.emit, event, data, **facts))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        while self._soon:
            await self._soon.popleft()()

    def hear(self, intent: int) -> set[bool]:
        """Whether somebody hears what wants this intent: with the words of others (True), or without."""
        return {bool(one.intents & CONTENT) for one in self.sessions.values() if one.intents & intent}

    async def _dispatch(self, session: Session, event: str, data: dict[str, Any]) -> bool:
        if session.left_at is not None and time.monotonic() - session.left_at > RESUMABLE_S:
            self.sessions.pop(session.id, None)
            return False
        session.sequence += 1
        payload = {"op": 0, "t": event, "s": session.sequence, "d": data}
        session.sent.append(payload)
        connection = session.connection
        if connection is None or connection.socket.closed:
            return False
        await connection.send(payload)
        return True

    # --- the conversation

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request.query.get("compress"))
        self._connections.add(connection)
        pulse = asyncio.create_task(self._watch_heartbeat(connection))
        try:
            self._check_query(request)
            await connection.send(
                {"op": 10, "d": {"heartbeat_interval": int(self.heartbeat_interval_s * 1000), "_trace": []}}
            )
            await self._listen(connection)
        except Close as close:
            self.closes.append((close.code, close.reason))
            self.server.records.violate("gateway close", f"{close.code} {close.reason}")
            self._left(connection)
            await socket.close(code=close.code, message=close.reason.encode())
        finally:
            pulse.cancel()
            self._left(connection)
            self._connections.discard(connection)
            if not socket.closed:
                await socket.close()
        return socket

    @staticmethod
    def _check_query(request: web.Request) -> None:
        if request.query.get("v") != "10":
            raise Close(4012, "Invalid API version")
        if request.query.get("encoding") != "json":
            raise Close(4002, "Decode error: only encoding=json is spoken here")

    def _left(self, connection: Connection) -> None:
        session = connection.session
        if session and session.connection is connection:
            session.connection, session.left_at = None, time.monotonic()
            # A client that says goodbye with 1000 or 1001 gives its session up.
            if connection.socket.close_code in {1000, WSCloseCode.GOING_AWAY} and not self.server.stopping:
                self.sessions.pop(session.id, None)
        self.server.records.changed()

    async def _watch_heartbeat(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_interval_s / 2)
            if time.monotonic() - connection.last_heartbeat > self.heartbeat_interval_s * 1.5:
                self.closes.append((4009, "heartbeat missed"))
                await self._end(connection, 4009)
                return

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if frame.type is not WSMsgType.TEXT:
                raise Close(4002, "Decode error: not a text frame")
            try:
                payload = json.loads(frame.data)
                op, data = payload["op"], payload["d"]
            except (ValueError, KeyError, TypeError):
                raise Close(4002, "Decode error") from None
            self._count(connection)
            await self._answer(connection, op, data)

    def _count(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - connection.window_started > 60:
            connection.window_started, connection.received = now, 0
        connection.received += 1
        if connection.received > 120:
            raise Close(4008, "Rate limited: more than 120 frames in 60 s")

    async def _answer(self, connection: Connection, op: int, data: Any) -> None:
        if op == 1:
            connection.last_heartbeat = time.monotonic()
            await connection.send({"op": 11, "d": None})
        elif op == 2:
            await self._identify(connection, data)
        elif op == 6:
            await self._resume(connection, data)
        elif connection.session is None:
            raise Close(4003, "Not authenticated")
        elif op == 8:
            await self._members(connection.session, data)
        elif op not in {3, 4, 31, 43}:
            raise Close(4001, f"Unknown opcode {op}")

    async def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        if connection.session is not None:
            raise Close(4005, "Already authenticated")
        if time.monotonic() - self._identified_at < self.identify_spacing_s:
            self.server.records.violate("identify too soon", f"within {self.identify_spacing_s} s")
            await connection.send({"op": 9, "d": False})
            return
        self._identified_at = time.monotonic()
        self.identifies.append(data)
        index, count = self._checked(data)
        session = Session(secrets.token_hex(16), (index, count), data["intents"], connection=connection)
        # A second identify of a shard ends the first session, as after a crash.
        for old in [one for one in self.sessions.values() if one.shard == session.shard]:
            self.sessions.pop(old.id)
        connection.session = session
        world = self.server.world
        mine = [
            one
            for one in world.guilds.values()
            if one.bot_in and not one.untold and (one.id >> 22) % count == index
        ]
        greeting = [("READY", self._ready(session, mine))]
        if session.intents & GUILDS:
            greeting += [
                ("GUILD_CREATE", guild.gateway_json(world.bot.id)) for guild in mine if not guild.out
            ]
        for event, body in greeting:
            session.sequence += 1
            session.sent.append({"op": 0, "t": event, "s": session.sequence, "d": body})
            await connection.send(session.sent[-1])
        # Only now, so that no other event overtakes the greeting.
        self.sessions[session.id] = session
        self.server.records.changed()

    def _ready(self, session: Session, guilds: list["Guild"]) -> dict[str, Any]:
        world = self.server.world
        return {
            "v": 10, "user": world.bot.json() | {"verified": True, "mfa_enabled": True, "flags": 0, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id, "session_type": "normal", "resume_gateway_url": self.server.gateway_url,
            "shard": list(session.shard), "application": {"id": str(world.application_id), "flags": 1 << 23},
            "private_channels": [], "relationships": [], "presences": [], "guild_join_requests": [],
        }  # fmt: skip

    def _checked(self, data: dict[str, Any]) -> tuple[int, int]:
        if data.get("token") != self.server.token:
            raise Close(4004, "Authentication failed")
        index, count = data.get("shard") or (0, 1)
        if not 0 <= index < count:
            raise Close(4010, "Invalid shard")
        if count == 1 and len(self.server.world.guilds) > 2500:
            raise Close(4011, "Sharding required")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            raise Close(4013, "Invalid intent(s)")
        if intents & PRIVILEGED & ~self.privileged:
            raise Close(4014, "Disallowed intent(s)")
        return index, count

    async def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        if data.get("token") != self.server.token:
            raise Close(4004, "Authentication failed")
        session = self.sessions.get(data.get("session_id", ""))
        if session is None:
            await connection.send({"op": 9, "d": False})
            return
        if not isinstance(data.get("seq"), int) or data["seq"] > session.sequence:
            raise Close(4007, "Invalid seq")
        connection.session = session
        seen = data["seq"]
        while missed := [one for one in session.sent if one["s"] > seen]:
            for payload in missed:
                await connection.send(payload)
                seen = payload["s"]
        # Caught up; from here on events go straight through, in order.
        session.connection, session.left_at = connection, None
        session.resumes += 1
        await self._dispatch(session, "RESUMED", {"_trace": []})
        self.server.records.changed()

    async def _members(self, session: Session, data: dict[str, Any]) -> None:
        guild = self.server.world.guilds.get(int(data["guild_id"]))
        if guild is None or (
            data.get("query") == "" and data.get("limit") == 0 and not session.intents & MEMBERS
        ):
            raise Close(4014, "The member list needs the members intent")
        wanted = {int(one) for one in data.get("user_ids") or guild.members}
        query = data.get("query") or ""
        found = [
            one for key, one in guild.members.items() if key in wanted and one.user.name.startswith(query)
        ]
        chunk = {
            "guild_id": str(guild.id),
            "members": [one.json() for one in found],
            "chunk_index": 0,
            "chunk_count": 1,
        }
        await self._dispatch(
            session, "GUILD_MEMBERS_CHUNK", chunk | {"not_found": [], "nonce": data.get("nonce")}
        )


def sees(channel: Any, bot_id: int) -> bool:
    """Whether events of this channel reach the bot at all."""
    if channel.guild is None:
        return any(user.id == bot_id for user in channel.recipients)
    return channel.guild.bot_in and permissions.allowed(channel, bot_id, "view_channel")
