"""A process that can die at any step: every port is wrapped, each call has a moment before and one after.

Death is sudden: from that moment nothing of the process goes on, no handler, no clean-up that the world
would see. What it had sent before may still arrive.
"""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from obstore.store import MemoryStore

from bot.configuration import config
from bot.configuration.settings import Settings
from bot.house.app import wind_down
from bot.house.building import App, build
from bot.house.foundation import Foundation
from bot.job import Job
from bot.model import Source, Where
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.pictures.assets import Assets
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.pictures.images import Verified
from bot.pictures.links import LinkKey, Ring
from bot.ports import Address, Ask, Place, Requester
from bot.process.telemetry import Metrics
from bot.provider import Finder, Provider
from bot.store import Store, open_store, sqlite, store_on
from bot.store.database import Database, sql
from bot.words.words import Words
from tests.chaos.far_side import FILES, Chat, ChatSurface, Files, Painter
from tests.chaos.virtual_time import VirtualLoop, marked, now, real_work
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.there import there

WHO = Requester(surface="chat", community="c1", user="u1", name="Ann")
HOME = Place(address=Address(surface="chat", data={"channel": "general"}), channel="general")
LONGEST_S = 3000.0


@dataclass
class Life:
    """Counts the steps of one process, and ends it at one of them."""

    kill_at: int | None = None
    steps: int = 0
    dead: bool = False
    where: str = ""
    names: list[str] = field(default_factory=list)
    killed: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(
        self, name: str, act: Callable[[], Awaitable[Any]], *, real: bool = False, reads: bool = False
    ) -> Any:
        """To die before a read is to die after whatever came before it: it counts once."""
        if not reads or self.dead:
            await self._moment(f"before {name}")
        try:
            if real:
                with real_work():
                    result = await act()
            else:
                result = await act()
        except Exception:
            await self._moment(f"after {name}")
            raise
        await self._moment(f"after {name}")
        return result

    def die(self, where: str = "") -> None:
        self.dead, self.where = True, where
        self.killed.set()

    async def _moment(self, name: str) -> None:
        if not self.dead:
            self.steps += 1
            self.names.append(name)
            if self.steps == self.kill_at:
                self.die(name)
        if self.dead:
            await asyncio.get_running_loop().create_future()  # nothing goes on


class MortalDatabase:
    ahead_s = 0.0  # somebody has set the machine's clock

    def __init__(self, inner: Database, life: Life) -> None:
        self._inner, self._life = inner, life
        self.url = inner.url

    def now(self) -> float:
        return now() + self.ahead_s

    async def write(self, steps, /, *args, **kwargs):
        return await self._life.call(
            f"write {steps.__qualname__}", lambda: self._inner.write(steps, *args, **kwargs)
        )

    async def read(self, steps, /, *args, **kwargs):
        return await self._life.call(
            f"read {steps.__qualname__}",
            lambda: self._inner.read(steps, *args, **kwargs),
            reads=True,
        )

    async def scrub(self) -> None:
        await self._inner.scrub()

    async def aclose(self) -> None:
        """The test closes it."""


class Mortal:
    """Any port, each of its calls a step."""

    def __init__(self, inner: Any, life: Life, *calls: str, real: bool = False) -> None:
        self._inner, self._life, self._calls, self._real = inner, life, calls, real

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._calls:
            return found

        async def call(*args, **kwargs):
            return await self._life.call(name, lambda: found(*args, **kwargs), real=self._real)

        return call


class MortalFinder(Mortal):
    """A service besides that can be asked what became of a submit."""

    async def find(self, order: Any, **facts: Any) -> Any:
        return await self._life.call("find", lambda: self._inner.find(order, **facts))


class _Deadly:
    """A darkroom with pictures that no process survives."""

    def __init__(self, life: Life) -> None:
        self._life = life

    async def verify(self, data: bytes) -> Verified:
        self._life.die("a picture")
        await asyncio.get_running_loop().create_future()
        raise AssertionError(f"nothing comes of {len(data)} bytes")


@cache
def _panel() -> Panel:
    words = LexiconCheck(load())
    return Panel([words, OwnWords()], image_checks=[], words=words, timeout_s=10)


@cache
def _words() -> Words:
    return Words("en")


def settings_of(
    uncertain: str = "fail", *, model: str = "slow-brush", public_url: str = "", **worker: Any
) -> Settings:
    return config.load(
        None,
        environ={},
        bot={"default_models": [model]},
        communities={"may_loosen": "any"},
        http={"public_url": public_url},
        moderation={"inputs": "any"},
        worker={"uncertain": uncertain, **worker},
    )


def _mortal(painter: Painter, life: Life) -> Any:
    made = MortalFinder if isinstance(painter, Finder) else Mortal
    return made(painter, life, "submit", "poll")


@dataclass
class World:
    """The far side, the database file and the bucket: what outlives every process."""

    folder: Path
    url: str
    painter: Painter
    chat: Chat
    settings: Settings
    bucket: Any = field(default_factory=MemoryStore)
    request: str = "a red fox --model slow-brush"
    others: tuple[Painter, ...] = ()  # services besides, in the order in which they are asked
    given: int = 0  # how many pictures of the chat come with it
    deadly: bool = False  # every picture takes the whole process along that decodes it

    async def open_store(self) -> Store:
        """The file was migrated once for all worlds: looking again would cost more than a whole life."""
        with real_work():
            file = Path(sqlite.path_of(self.url))
            connections = [marked(await sqlite._connect(file, 5.0)) for _ in range(2)]
        return store_on(sqlite.SqliteDatabase(self.url, *connections))

    def begun(self) -> int:
        """Pictures that are noted as tried (bot/jobs/wary.py)."""
        with contextlib.closing(sqlite3.connect(sqlite.path_of(self.url))) as file:
            return file.execute("SELECT count(*) FROM seen WHERE key LIKE 'trying:%'").fetchone()[0]

    def build(self, store: Store, life: Life, darkroom: Darkroom, *, works: bool = True) -> App:
        surface = Mortal(ChatSurface(self.chat), life, "show", "lend")
        assets = Assets(
            self.bucket, darkroom=darkroom, ring=Ring([LinkKey("1", b"k" * 32)]), public_url="", clock=now
        )
        mortal = cast(Assets, Mortal(assets, life, "keep", "find", "read", "delete", real=True))
        app = build(
            Foundation(
                settings=self.settings,
                store=store_on(MortalDatabase(store.database, life)),
                # What wraps a room call by call is no subclass of it.
                darkroom=cast(Darkroom, _Deadly(life)) if self.deadly else darkroom,
                fetch=self.fetch(life),
                assets=mortal,
                providers=self.providers(life),
                panel=_panel(),
                metrics=Metrics(),
                words=_words(),
            ),
            works=works,
        )
        app.surfaces["chat"] = surface
        return app

    def providers(self, life: Life) -> dict[str, Provider]:
        """Who draws, as one process has opened them."""
        return {one.name: _mortal(one, life) for one in (self.painter, *self.others)}

    def fetch(self, life: Life) -> Fetch:  # worlds whose services send links have a door to them
        """The door to foreign addresses; these services send their pictures inline."""
        return cast("Any", Mortal(Files(), life, "get"))

    async def accompany(self, app: App, life: Life) -> None:
        """What the world does beside a process, for as long as that lives."""

    async def close(self) -> None:
        """Lets go of what the last process had opened."""

    def ask(self) -> Ask:
        sources = tuple(
            Source(where=Where.ATTACHED, ref=ref, surface="chat") for ref in list(FILES)[: self.given]
        )
        return Ask(requester=WHO, place=HOME, text=self.request, sources=sources, request_key="interaction-1")


@dataclass
class Lived:
    """What came of one life."""

    life: Life
    killed: bool
    began_at: float
    in_hand: int  # pictures that a second process had begun and not done when this one ended


async def live(world: World, kill_at: int | None = None) -> Lived:
    """One process from its start until its job is closed, or until it is killed."""
    life, began_at = Life(kill_at), now()
    store = await world.open_store()
    before = asyncio.all_tasks()
    app = world.build(store, life, shared_darkroom())
    beside = asyncio.create_task(world.accompany(app, life))
    try:
        await _until_closed_or_killed(world, app, store, life)
        if life.dead:
            await bury(asyncio.all_tasks() - before)
        else:
            life.kill_at = None
            await wind_down(app)
            beside.cancel()
            await bury(asyncio.all_tasks() - before)
    finally:
        if beside.done() and not beside.cancelled():
            beside.result()  # raises what went wrong there
        with real_work():
            await world.close()
        await store.aclose()
    return Lived(life, life.dead, began_at, world.begun())


async def _until_closed_or_killed(world: World, app: App, store: Store, life: Life) -> None:
    running = asyncio.create_task(there(app.worker).run())
    # A person whose request was lost asks again; one whose order was accepted does not.
    asking = None
    if await job_of(store) is None:
        asking = asyncio.create_task(app.studio.imagine(world.ask()))
    until = now() + LONGEST_S
    while not life.dead and not await _is_closed(store):
        assert now() < until, f"the job hangs: {await job_of(store)}"
        assert not running.done(), "the worker ended"
        assert asking is None or not asking.done() or asking.exception() is None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(life.killed.wait(), 0.5)


async def bury(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancels what a dead process was doing; none of its handlers reaches the world any more."""
    tasks.discard(asyncio.current_task())
    while pending := {t for t in tasks if not t.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=0.001)
    for task in tasks:
        if not task.cancelled():
            task.exception()


async def job_of(store: Store) -> Job | None:
    jobs = await store.jobs.recent()
    assert len(jobs) <= 1, "one request made two jobs"
    return await store.jobs.get(jobs[0].id) if jobs else None


async def _is_closed(store: Store) -> bool:
    def steps():
        rows = yield sql("SELECT open FROM jobs")
        return bool(rows) and not any(row["open"] for row in rows)

    return await store.database.read(steps)


@contextlib.asynccontextmanager
async def fresh_database(folder: Path, template: Path) -> AsyncIterator[str]:
    """An empty database, for the time of one world."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "easel.db"
    shutil.copy(template, file)
    assert isinstance(asyncio.get_running_loop(), VirtualLoop)
    yield f"sqlite:///{file}"
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def fresh_world(folder: Path, template: Path, **parts: Any) -> AsyncIterator[World]:
    """A world with an empty database of its own."""
    async with fresh_database(folder, template) as url:
        yield World(folder=folder, url=url, **parts)


async def make_template(file: Path) -> None:
    """An empty database, migrated once for all worlds."""
    with real_work():
        store = await open_store(f"sqlite:///{file}")
        await store.aclose()
