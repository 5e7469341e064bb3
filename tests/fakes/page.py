"""The page for tests: a whole house with its listener inside the test's own loop, drawn by the simulator."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from bot.configuration import config
from bot.house.app import WORKER, open_app, serve
from bot.house.building import App
from integrations.simulator.app import Simulation, simulator
from tests.fakes.patience import PATIENCE_S


class Visited(Protocol):
    """A page that somebody can come to."""

    def client(self, person: str = ..., **more: Any) -> httpx.AsyncClient: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A page that is being served."""

    url: str
    house: App
    simulation: Simulation

    def client(self, person: str = "robin", **more: Any) -> httpx.AsyncClient:
        """What the page's own scripts would send."""
        headers = {"X-Easel-Page": "1", "X-Easel-Person": person}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, trust_env=False, verify=False, **more
        )


@contextlib.asynccontextmanager
async def served(
    folder: Path, *, port: int = 0, drawing: dict[str, Any] | None = None, **sections: Any
) -> AsyncIterator[Served]:
    """Serves a page on a free port; `drawing` are the simulator's settings, `sections` the configuration's."""
    async with (
        simulator(**(drawing or {"latency": False, "tiny_images": True})) as simulation,
        running(folder, simulation, port=port, **sections) as page,
    ):
        yield page


@contextlib.asynccontextmanager
async def running(
    folder: Path, simulation: Simulation, *, port: int = 0, **sections: Any
) -> AsyncIterator[Served]:
    """The house alone, so that a test can stop it and start it again beside the same simulator."""
    settings = config.load(
        None,
        environ={},
        **{
            "http": {"port": port},
            "web": {"enabled": True},
            "store": {"url": f"sqlite:///{folder / 'easel.db'}"},
            "assets": {"url": str(folder / "pictures")},
            "gateway": {"base_url": simulation.base_url, "api_key": simulation.api_key},
            "fetch": {"allow_hosts": [simulation.address]},
            "communities": {"may_loosen": "any"},
            **sections,
        },
    )
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    roles = {WORKER, "web"}
    async with open_app(settings, roles=roles, surfaces=["web"]) as house:
        task = asyncio.create_task(serve(house, roles=roles, stop=stop, announce=address.set_result))
        await asyncio.wait({task, address}, return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Served(url=await address, house=house, simulation=simulation)
        finally:
            stop.set()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@dataclass(kw_only=True)
class Events:
    """One page's stream, read event by event; `messages` is what the page would show."""

    lines: AsyncIterator[str]
    last: str = ""
    messages: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was said to this person alone

    async def next(self) -> dict[str, Any]:
        """The next change. Raises EOFError."""
        name = data = ""
        async for line in self.lines:
            if line.startswith("id: "):
                self.last = line[4:]
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and name == "note":
                self.notes.append(json.loads(data)["text"])
            elif not line and name == "change":
                change: dict[str, Any] = json.loads(data)
                if change["whole"]:
                    self.messages = {}
                for gone in change["gone"]:
                    self.messages.pop(gone, None)
                self.messages |= {view["id"]: view for view in change["messages"]}
                return change
        raise EOFError

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while not holds(self.messages):
                await self.next()
        return self.messages


@contextlib.asynccontextmanager
async def events(page: Visited, person: str = "robin", last: str = "") -> AsyncIterator[Events]:
    """Opens the stream of a page."""
    async with (
        page.client(person) as client,
        client.stream("GET", f"/page/events?as={person}&last={last}") as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Events(lines=answer.aiter_lines())
