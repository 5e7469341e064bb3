"""A tiny strict HTTP server that answers from a script, the rude answers of real life included."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.there import there


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it came."""

    method: str
    target: str  # as on the wire, still quoted
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `body` may be JSON, text or bytes; the other fields are what can go wrong."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_before: bool = False  # hangs up after the request, before any byte
    cut_after_bytes: int | None = None  # hangs up in the middle of the body
    raw: bytes | None = None  # instead of everything: what comes is no HTTP
    hang: bool = False  # never answers
    drip_s: float | None = None  # one byte of the body every so often
    endless: bool = False  # repeats the body, chunked, until the client has enough
    then: "Reply | None" = None  # for the request after this one, where one look takes two

    @property
    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class Scripted:
    """Answers each request with the next reply, or with what `always` says; never with anything else."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.hung_up = asyncio.Event()  # a client left before it had its whole answer
        self.arrived = asyncio.Event()
        self.always: Reply | None = None
        self.by_path: dict[str, Reply] = {}  # for requests made at once, whose order nobody knows
        self.sent_bytes = 0
        self.connections = 0  # ever accepted
        self.unscripted = 0
        self._script: deque[Reply] = deque()
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def answer(self, *replies: Reply) -> None:
        self._script.extend(replies)

    @property
    def left(self) -> int:
        return len(self._script)

    @property
    def url(self) -> str:
        host, port = there(self._server).sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        server = there(self._server)
        server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                self.seen.append(request)
                self.arrived.set()
                if not await self._reply(reader, writer, self._next(request.path)):
                    break
        except ConnectionError:
            self.hung_up.set()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _next(self, path: str) -> Reply:
        if path in self.by_path:
            return self.by_path[path]
        if self._script:
            reply = self._script.popleft()
            if reply.then is not None:
                self._script.appendleft(reply.then)
            return reply
        if self.always is not None:
            return self.always
        self.unscripted += 1
        return Reply(status=500, body="nothing is scripted")

    async def _reply(self, reader, writer, reply: Reply) -> bool:
        """Answers; says whether the connection stays open."""
        if reply.hang:
            await self._until_client_leaves(reader)
            return False
        if reply.cut_before:
            return False
        if reply.raw is not None:
            writer.write(reply.raw)
            await writer.drain()
            return False
        payload = reply.payload
        length = "Transfer-Encoding: chunked" if reply.endless else f"Content-Length: {len(payload)}"
        writer.write(_head(reply, length))
        if reply.endless:
            while True:
                writer.write(b"%x\r\n%b\r\n" % (len(payload), payload))
                self.sent_bytes += len(payload)
                await writer.drain()
        if reply.drip_s is not None:
            for i in range(len(payload)):
                writer.write(payload[i : i + 1])
                await writer.drain()
                await asyncio.sleep(reply.drip_s)
            return True
        writer.write(payload[: reply.cut_after_bytes])
        await writer.drain()
        return reply.cut_after_bytes is None

    async def _until_client_leaves(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self.hung_up.set()


def _head(reply: Reply, length: str) -> bytes:
    known = reply.status in set(HTTPStatus)  # 524 and 529 are Cloudflare's and others'
    phrase = HTTPStatus(reply.status).phrase if known else "Other"
    content_type = "text/html" if isinstance(reply.body, str) else "application/json"
    headers = {"Content-Type": content_type, **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {phrase}", length, *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read(reader: asyncio.StreamReader) -> Seen | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines if line)
    headers = {name.lower(): value for name, value in pairs}
    assert "transfer-encoding" not in headers, "a service may not take a chunked request"
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method=method, target=target, headers=headers, body=body)


@contextlib.asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    """A server for the time of one test; it must have said all that its script holds."""
    server = Scripted()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
    assert not server.unscripted, f"{server.unscripted} requests beyond the script: {server.seen[-1]}"
    assert not server.left, f"{server.left} scripted replies were never asked for"
