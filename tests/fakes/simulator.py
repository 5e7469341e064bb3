"""The simulated gateway for tests: inside the test's own loop, or as a process of its own."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.simulator.app import Simulation, simulator
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

ROOT = Path(__file__).parents[2]
QUICK: dict[str, Any] = {"latency": False, "tiny_images": True}
RUN = "import typer; from integrations.simulator.commands import simulate; typer.run(simulate)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorProcess:
    """A simulator that runs beside the test."""

    base_url: str
    api_key: str
    process: asyncio.subprocess.Process

    @property
    def origin(self) -> str:
        return self.base_url.removesuffix("/v1/gateway")

    @property
    def address(self) -> str:
        return self.origin.removeprefix("http://")

    async def billing(self) -> dict[str, Any]:
        return await billing(self.origin)

    async def arm(self, name: str, **more: Any) -> None:
        await arm(self.origin, name, **more)

    async def disarm(self) -> None:
        await disarm(self.origin)


@pytest.fixture
async def sim() -> AsyncIterator[Simulation]:
    """A simulator without delays and with tiny pictures, in this loop."""
    async with simulator(**QUICK) as simulation:
        yield simulation


def client_of(simulation: Simulation | SimulatorProcess, **more: Any) -> httpx.AsyncClient:
    """A plain client with the right key; paths such as `/models/` are under the base URL."""
    headers = {"authorization": f"Bearer {simulation.api_key}"}
    return httpx.AsyncClient(
        base_url=simulation.base_url,
        headers=headers,
        timeout=PATIENCE_S,
        trust_env=False,
        verify=False,
        **more,
    )


@contextlib.asynccontextmanager
async def simulator_process(*options: str) -> AsyncIterator[SimulatorProcess]:
    """Starts `easel simulate` on a free port; stops it by SIGTERM and expects exit code 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, "--port", "0", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        line = (await asyncio.wait_for(there(process.stdout).readline(), PATIENCE_S)).decode().split()
        yield SimulatorProcess(base_url=line[3], api_key=line[-1], process=process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0


async def billing(origin: str) -> dict[str, Any]:
    """What the gateway at this origin really billed."""
    return (await _call(origin, "GET", "/_sim/billing")).json()


async def arm(origin: str, name: str, **more: Any) -> None:
    """Arms a fault: `probability`, `times`, `model`."""
    await _call(origin, "POST", "/_sim/faults", {"name": name, **more})


async def disarm(origin: str) -> None:
    """Takes every armed fault away."""
    await _call(origin, "DELETE", "/_sim/faults")


async def _call(origin: str, method: str, path: str, body: object = None) -> httpx.Response:
    async with httpx.AsyncClient(
        base_url=origin, timeout=PATIENCE_S, trust_env=False, verify=False
    ) as client:
        response = await client.request(method, path, json=body)
    response.raise_for_status()
    return response
