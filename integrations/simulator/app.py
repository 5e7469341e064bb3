"""The simulated gateway as a whole: `simulator()` serves it on this machine for as long as its block runs."""

import asyncio
import contextlib
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.simulator.catalogue import Problem
from integrations.simulator.control import Control
from integrations.simulator.fault_effects import Answer, envelope
from integrations.simulator.faults import Switchboard, parse_armed
from integrations.simulator.gateway import PREFIX, GatewayApi, Terms
from integrations.simulator.operations import Bill, Clocks, Operations
from integrations.simulator.pictures import Pictures

QUOTA_CREDITS = 10_000_000
START_S = 10.0
CLOSE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a simulation shall be."""

    speed: float = 1.0  # ten is ten times faster
    latency: bool = True  # without, every picture is ready at once
    api_key: str = "sim-key"
    honour_keys: bool = False  # whether a repeated Idempotency-Key finds its operation again
    faults: Sequence[str] = ()  # NAME[@MODEL][=PROBABILITY][:TIMES]
    seed: int = 0
    quota_credits: int = QUOTA_CREDITS
    url_life_s: float = 3600.0
    slow_s: float = 10.0  # how late `cdn_slow` is
    tiny_images: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A simulated gateway that is being served."""

    host: str
    port: int
    api_key: str
    bill: Bill
    switchboard: Switchboard

    @property
    def origin(self) -> str:
        return f"http://{self.address}"

    @property
    def address(self) -> str:
        """host:port, as `[fetch] allow_hosts` wants it."""
        return f"{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}{PREFIX}"

    def arm(self, spelled: str) -> None:
        """Arms one fault: NAME[@MODEL][=PROBABILITY][:TIMES]."""
        self.switchboard.armed.append(parse_armed(spelled))


@contextlib.asynccontextmanager
async def simulator(*, host: str = "127.0.0.1", port: int = 0, **settings: Any) -> AsyncIterator[Simulation]:
    """Serves a simulated gateway inside this event loop; takes no signals; `settings` are those of Settings."""
    wanted = Settings(**settings)
    clocks = Clocks(
        now_s=time.monotonic,
        wall_s=time.time,
        new_id=lambda: secrets.token_hex(8),
        rng=random.Random(wanted.seed),  # noqa: S311 - latencies, not secrets
    )
    bill, switchboard = Bill(quota_credits=wanted.quota_credits), Switchboard(rng=clocks.rng)
    switchboard.armed.extend(parse_armed(one) for one in wanted.faults)
    operations = Operations(
        clocks=clocks,
        bill=bill,
        seed=wanted.seed,
        latency_scale=1 / wanted.speed if wanted.latency else 0.0,
        honour_keys=wanted.honour_keys,
    )
    gateway = GatewayApi(
        terms=Terms(api_key=wanted.api_key, url_life_s=wanted.url_life_s, slow_s=wanted.slow_s),
        clocks=clocks,
        operations=operations,
        bill=bill,
        switchboard=switchboard,
        gallery=Pictures(tiny_images=wanted.tiny_images),
    )
    app = Starlette(
        routes=gateway.routes() + Control(switchboard=switchboard, bill=bill, operations=operations).routes(),
        exception_handlers={Problem: _tell_problem, HTTPException: _tell_http},
    )
    app.router.redirect_slashes = False  # Every path ends in a slash; the real service does not help.
    with _listening(host, port) as listener:
        async with _serving(app, listener, gateway.closing):
            yield Simulation(
                host=host,
                port=listener.getsockname()[1],
                api_key=wanted.api_key,
                bill=bill,
                switchboard=switchboard,
            )


# ── Serving inside somebody else's loop ──────────────────────────────────────────────────────────────


class _OpenProtocol(H11Protocol):
    """Shows each request its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """uvicorn without its grip on the process's signals; it says when it has begun."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()
        self.leaving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    async def main_loop(self) -> None:
        """Waits to be told, in place of looking ten times a second."""
        await self.leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off (40 ms an answer) only where the protocol is named.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
        listener.setblocking(False)
        yield listener


@contextlib.asynccontextmanager
async def _serving(app: Starlette, listener: socket.socket, closing: asyncio.Event) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        http=_OpenProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,  # It would need that look every second.
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.wait_for(server.begun.wait(), START_S)
        yield
    finally:
        closing.set()
        server.should_exit = True
        server.leaving.set()
        await asyncio.wait_for(task, CLOSE_S)


async def _tell_problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return Answer(problem.body, problem.status)


async def _tell_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return envelope(error.status_code, f"invalid_request_error - {error.detail}")
