"""Socket Mode: up to ten connections, envelopes and their acks, disconnect messages, dropped lines."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from tests.fakes.patience import PATIENCE_S

from .records import Attempt, Delivery

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Connection", "Sockets"]

MAX_CONNECTIONS = 10
TICKET_LIFE_S = 30.0


@dataclass(kw_only=True, eq=False)
class Connection:
    """One open websocket; a draining one gets no new envelopes."""

    id: int
    ws: web.WebSocketResponse
    request: web.Request
    draining: bool = False
    sent: int = 0


@dataclass(kw_only=True, eq=False)
class _Waiting:
    attempt: Attempt
    connection: Connection
    delivery: Delivery
    since: float
    answered: asyncio.Future[bool]


class Sockets:
    """Every connection of the program, and the envelopes that wait for an ack."""

    def __init__(self, slack: "SlackServer") -> None:
        self.open: list[Connection] = []
        self.opened = 0
        """How many connections there ever were."""
        self._slack = slack
        self._tickets: dict[str, float] = {}
        self._waiting: dict[str, list[_Waiting]] = {}
        self._next = 0

    # What tests use

    @property
    def count(self) -> int:
        return len(self.open)

    async def wait(self, count: int = 1, timeout_s: float = PATIENCE_S) -> None:
        """Waits until that many connections can be given envelopes."""
        await self._slack.until(lambda: len(self._ready()) >= count, timeout_s, "sockets")

    async def drop(self, count: int | None = None) -> int:
        """Cuts connections without a word, as a broken network does; answers how many."""
        chosen = list(self.open)[:count]
        for connection in chosen:
            self._lost(connection)
            if connection.request.transport is not None:
                connection.request.transport.abort()
        return len(chosen)

    async def refresh(self, reason: str = "refresh_requested", close_after_s: float = 0.2) -> None:
        """Tells each connection to come again: `warning`, `refresh_requested` or `link_disabled`."""
        for connection in list(self.open):
            connection.draining = reason != "warning"
            await connection.ws.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-test"}}
            )
        if reason != "warning":
            self._slack.spawn(self._close_later(list(self.open), close_after_s))

    # What the server uses

    def ticket(self) -> str:
        ident = secrets.token_urlsafe(12)
        self._tickets[ident] = self._slack.clock.now()
        ws_base = self._slack.base.replace("http://", "ws://")
        return f"{ws_base}/link/?ticket={ident}&app_id={self._slack.world.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        made_at = self._tickets.pop(request.query.get("ticket", ""), None)
        if made_at is None or self._slack.clock.now() - made_at > TICKET_LIFE_S:
            return web.Response(status=403, text="unknown or used ticket")
        ws = web.WebSocketResponse(heartbeat=None)
        await ws.prepare(request)
        if len(self.open) >= MAX_CONNECTIONS:
            self._slack.violate("too_many_websockets", f"more than {MAX_CONNECTIONS} connections", "socket")
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        await self._serve(ws, request)
        return ws

    async def _serve(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.opened += 1
        connection = Connection(id=self.opened, ws=ws, request=request)
        await ws.send_json(self._hello())
        self.open.append(connection)
        try:
            async for message in ws:
                if message.type == aiohttp.WSMsgType.TEXT:
                    self._receive(connection, message.data)
        finally:
            self._lost(connection)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.open) + 1,
            "debug_info": {"host": "applink-test", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._slack.world.app_id},
        }

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Sends one envelope over the next connection and waits for its ack, 3 s at most."""
        ready = self._ready()
        if not ready:
            attempt.failure = "no_connection"
            return
        connection = ready[self._next % len(ready)]
        self._next += 1
        answered = asyncio.get_running_loop().create_future()
        waiting = _Waiting(
            attempt=attempt,
            connection=connection,
            delivery=delivery,
            since=self._slack.clock.turns.now(),
            answered=answered,
        )
        self._waiting.setdefault(delivery.envelope_id, []).append(waiting)
        try:
            await connection.ws.send_json(_envelope(delivery, attempt))
            connection.sent += 1
            await self._slack.clock.within(answered, self._slack.ack_deadline_s)
        except TimeoutError:
            attempt.failure = "timeout"
        except ConnectionError:
            self._lost(connection)
            attempt.failure = "connection_closed"
        if answered.done() and not answered.result():
            attempt.failure = "connection_closed"

    def _ready(self) -> list[Connection]:
        return [c for c in self.open if not c.draining and not c.ws.closed]

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            ack = json.loads(text)
            envelope_id = ack["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self._slack.violate("bad_ack", text[:200], "socket")
            return
        waits = self._waiting.get(envelope_id)
        if not waits:
            self._slack.violate("unknown_envelope", envelope_id, "socket")
            return
        self._acked(connection, waits, ack.get("payload"))

    def _acked(self, connection: Connection, waits: list[_Waiting], body: Any) -> None:
        """The oldest unanswered sending over this line; slack_sdk may also answer over its newer line."""
        unanswered = [w for w in waits if w.attempt.ack_s is None]
        here = [w for w in unanswered if w.connection is connection]
        if not unanswered:
            return
        waiting = (here or unanswered)[0]
        waiting.attempt.ack_s = self._slack.clock.turns.now() - waiting.since
        waiting.attempt.body = body
        if body and not waiting.delivery.accepts_body:
            self._slack.violate("payload_not_accepted", str(body)[:200], "socket")
        if not waiting.answered.done():
            waiting.answered.set_result(True)

    def _lost(self, connection: Connection) -> None:
        if connection in self.open:
            self.open.remove(connection)
        for waits in self._waiting.values():
            for waiting in waits:
                if waiting.connection is connection and not waiting.answered.done():
                    waiting.answered.set_result(False)

    async def _close_later(self, connections: list[Connection], after_s: float) -> None:
        await asyncio.sleep(after_s)
        for connection in connections:
            if not connection.ws.closed:
                await connection.ws.close()

    async def stop(self) -> None:
        for connection in list(self.open):
            await connection.ws.close(code=1001)


def _envelope(delivery: Delivery, attempt: Attempt) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": delivery.envelope_id,
        "type": delivery.kind,
        "accepts_response_payload": delivery.accepts_body,
        "payload": delivery.payload,
    }
    if delivery.kind == "events_api":
        retry = attempt.number - 1
        envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
    return envelope
