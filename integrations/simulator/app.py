"""The simulated gateway as a whole: `simulator()` serves it on this machine for as long as its block runs."""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.http import listener
from bot.http.bodies import Bounded
from bot.http.guard import Guard, names_of
from integrations.simulator.catalogue import Problem
from integrations.simulator.control import SimulatorControl
from integrations.simulator.fault_effects import envelope
from integrations.simulator.faults import Switchboard, parse_armed
from integrations.simulator.gateway import BODY_BYTES_MAX, PREFIX, GatewayApi, Terms
from integrations.simulator.given import Reception
from integrations.simulator.kept import KeptOperations
from integrations.simulator.operations import Bill, Clocks, Operations
from integrations.simulator.pictures import OperationPictures

QUOTA_CREDITS = 10_000_000
PLACES_MAX = 20_000  # as many as a bench may want at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
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
    folder: Path | None = None  # which is there, and where operations are kept through a kill; none: nowhere


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
        self.switchboard.arm(parse_armed(spelled))


@contextlib.asynccontextmanager
async def simulator(*, host: str = "127.0.0.1", port: int = 0, **settings: Any) -> AsyncIterator[Simulation]:
    """Serves a simulated gateway inside this event loop; takes no signals; `settings` are SimulatorSettings."""
    wanted = SimulatorSettings(**settings)
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
    kept = KeptOperations(wanted.folder, clocks) if wanted.folder is not None else None
    if kept is not None:
        for operation, key in await kept.take_up():
            operations.resume(operation, key=key)
    reception = Reception()
    gateway = GatewayApi(
        terms=Terms(api_key=wanted.api_key, url_life_s=wanted.url_life_s, slow_s=wanted.slow_s),
        clocks=clocks,
        operations=operations,
        bill=bill,
        switchboard=switchboard,
        reception=reception,
        gallery=OperationPictures(tiny_images=wanted.tiny_images),
        kept=kept,
    )
    app = Starlette(
        routes=gateway.routes()
        + SimulatorControl(switchboard=switchboard, bill=bill, operations=operations).routes(),
        exception_handlers={Problem: _tell_problem, HTTPException: _tell_http},
    )
    app.router.redirect_slashes = False  # Every path ends in a slash; the real service does not help.
    guarded = Bounded(Guard(app, names_of(host)), limit_bytes=BODY_BYTES_MAX)
    door = listener.bind(host, port)
    places = listener.places_of(listener.raise_file_limit(), jobs=0, most=PLACES_MAX)
    async with listener.serving(guarded, door, places=places, connection=_OpenConnection, dated=False):
        try:
            yield Simulation(
                host=host,
                port=door.getsockname()[1],
                api_key=wanted.api_key,
                bill=bill,
                switchboard=switchboard,
            )
        finally:
            gateway.closing.set()
            await reception.aclose()


class _OpenConnection(listener.Connection):
    """Shows each request its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


async def _tell_problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return JSONResponse(problem.body, problem.status)


async def _tell_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return envelope(error.status_code, f"invalid_request_error - {error.detail}")
