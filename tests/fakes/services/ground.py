"""A whole house with its listener on a port that services can call, drawn by a local service."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.configuration import config
from bot.house.app import WORKER, open_app, serve
from bot.house.building import App
from bot.job import Job
from bot.ports import Ask, Place, Requester
from tests.fakes.command import command
from tests.fakes.free_ports import free_port
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there


@dataclass
class Studio:
    """The running program, and somebody who orders."""

    house: App
    url: str
    _numbers: Any = field(default_factory=itertools.count)

    async def imagine(self, text: str) -> Job:
        number = next(self._numbers)
        ask = Ask(
            requester=Requester(surface="web", community="local", user="robin", name="Robin"),
            place=Place(address=None),
            text=text,
            request_key=f"request-{number}",
        )
        return (await self.house.studio.imagine(ask)).job

    async def credits(self) -> int:
        """What they can spend now."""
        who = Requester(surface="web", community="local", user="robin", name="Robin")
        return (await self.house.studio.credits(who)).balance.available

    async def until(self, job: Job, meets: Callable[[Job], bool]) -> Job:
        """The job as soon as it is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not meets(found := there(await self.house.store.jobs.get(job.id))):
                await asyncio.sleep(0.02)
        return found

    async def over(self, job: Job) -> Job:
        return await self.until(job, lambda one: one.state.ended)


@contextlib.asynccontextmanager
async def running(
    folder: Path, *, providers: dict[str, Any], listens: bool = True, **sections: Any
) -> AsyncIterator[Studio]:
    """What `easel run` runs, with these providers and nobody else; `listens`: services can reach it."""
    port = free_port()
    hosts = [one["base_url"].split("/")[2] for one in providers.values()]
    settings = config.load(
        None,
        environ={},
        **{
            "http": {"port": port, "public_url": f"http://127.0.0.1:{port}" if listens else ""},
            "web": {"enabled": True},
            "store": {"url": f"sqlite:///{folder / 'easel.db'}"},
            "assets": {"url": str(folder / "pictures")},
            "fetch": {"allow_hosts": hosts},
            "providers": providers,
            **sections,
        },
    )
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    roles = {WORKER, "web"}
    async with open_app(settings, roles=roles, surfaces=["web"]) as house:
        task = asyncio.create_task(serve(house, roles=roles, stop=stop, announce=address.set_result))
        await asyncio.wait({task, address}, return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Studio(house, await address)
        finally:
            stop.set()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    assert task.done()


@dataclass
class Program:
    """The commands of the terminal, in this process."""

    folder: Path
    providers: dict[str, Any]

    def json(self, *words: str, code: int = 0) -> Any:
        """What a command tells; not where a loop is running."""
        config_file = self.folder / "easel.toml"
        hosts = [one["base_url"].split("/")[2] for one in self.providers.values()]
        lines = [
            f"[store]\nurl = 'sqlite:///{self.folder / 'easel.db'}'",
            f"[assets]\nurl = '{self.folder / 'pictures'}'",
            f"[fetch]\nallow_hosts = {json.dumps(hosts)}",
        ]
        for name, values in self.providers.items():
            lines += [f"[providers.{name}]", *(f"{key} = {json.dumps(v)}" for key, v in values.items())]
        config_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with contextlib.chdir(self.folder):
            done = command(*words, "--json", "--config", config_file)
        assert done.code == code, done
        return done.json()
