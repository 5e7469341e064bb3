"""A whole house on a real database, with a clock that the test turns: for tests of what people and moderators do."""

import asyncio
import contextlib
import itertools
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from obstore.store import MemoryStore

from bot.configuration import config
from bot.house.app import wind_down
from bot.house.building import App, build
from bot.house.foundation import Foundation
from bot.job import Asset, Job, Move, State
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.pictures.assets import Assets
from bot.pictures.fetch import Fetch
from bot.pictures.links import LinkKey, Ring
from bot.ports import Ask, Place, Requester
from bot.process.telemetry import Metrics
from bot.store import open_store, store_on
from bot.store.database import Database, sql
from bot.store.migrate import migrate
from bot.words.words import Words
from integrations.providers.gateway import open_gateway
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.patience import PATIENCE_S

FOX = "a red fox --model flux-2-pro"  # 30 credits
MINI = "a red fox --model gpt-image-1-mini"  # 8 credits
FOX_CREDITS, MINI_CREDITS = 30, 8
_NUMBERS = itertools.count()
ClockT = TypeVar("ClockT", bound=Callable[[], float])


@dataclass
class Clock:
    """Unix seconds, as the test wants them."""

    now_s: float

    def __call__(self) -> float:
        return self.now_s

    def to(self, text: str, zone: str = "UTC") -> None:
        self.now_s = at(text, zone)


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> float:
    """`2026-11-21 14:30` in a zone, as unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


class ClockedDatabase:
    """A real database that is told what time it is."""

    def __init__(self, inner: Database, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self.url = inner.url
        self.write, self.read = inner.write, inner.read
        self.scrub, self.aclose = inner.scrub, inner.aclose

    def now(self) -> float:
        return self._clock()


@cache
def _migrated() -> Path:
    """A SQLite file that is migrated once a process, to be copied."""
    path = Path(tempfile.mkdtemp(prefix="easel-house-")) / "easel.db"
    thread = threading.Thread(target=lambda: asyncio.run(migrate(f"sqlite+aiosqlite:///{path}")))
    thread.start()
    thread.join()
    return path


def new_sqlite(folder: Path) -> str:
    """The URL of a migrated file without rows."""
    path = folder / f"easel-{next(_NUMBERS)}.db"
    shutil.copy(_migrated(), path)
    return f"sqlite:///{path}"


@cache
def panel() -> Panel:
    words = LexiconCheck(load())
    return Panel([words, OwnWords()], image_checks=[], words=words, timeout_s=10)


@contextlib.asynccontextmanager
async def open_house(
    url: str,
    clock: Any,
    *,
    works: bool = False,
    allow_hosts: tuple[str, ...] = (),
    bucket: MemoryStore | None = None,
    **sections: Any,
) -> AsyncIterator[App]:
    """The program without surfaces. `sections` are those of the configuration; `bucket` is what replicas share."""
    settings = config.load(None, environ={}, **sections)
    async with contextlib.AsyncExitStack() as stack:
        inner = await open_store(url, patience_s=PATIENCE_S)  # a busy machine is no busy database
        stack.push_async_callback(inner.aclose)
        darkroom, fetch = shared_darkroom(), Fetch(allow_hosts=allow_hosts)
        stack.push_async_callback(fetch.aclose)
        gateway = open_gateway(settings.section("gateway"))
        stack.push_async_callback(gateway.aclose)
        app = build(
            Foundation(
                settings=settings,
                store=store_on(ClockedDatabase(inner.database, clock)),
                darkroom=darkroom,
                fetch=fetch,
                assets=Assets(
                    bucket or MemoryStore(),
                    darkroom=darkroom,
                    ring=Ring([LinkKey("1", b"k" * 32)]),
                    public_url=settings.http.public_url,
                    clock=clock,
                ),
                providers={"gateway": gateway},
                panel=panel(),
                metrics=Metrics(),
                words=Words("en", clock=clock),
            ),
            works=works,
        )
        try:
            yield app
        finally:
            await wind_down(app)


@dataclass
class Town(Generic[ClockT]):
    """One community's people at the front door; every request is a new one unless its key is named."""

    app: App
    clock: ClockT
    surface: str = "discord"
    community: str = "club"
    wall: Any = None  # a surface that a test has put up
    numbers: itertools.count = field(default_factory=itertools.count)

    @property
    def store(self):
        return self.app.store

    def person(self, user: str = "mina", **facts: Any) -> Requester:
        roles = frozenset(facts.pop("roles", ()))
        place = {"surface": self.surface, "community": self.community} | facts
        return Requester(user=user, name=user.title(), roles=roles, **place)

    @property
    def mod(self) -> Requester:
        return self.person("mod", moderator=True)

    async def rules(self, **values: Any) -> Any:
        return await self.app.rulemaking.change(self.mod, values)

    async def ask(
        self,
        who: Requester | None = None,
        text: str = FOX,
        *,
        key: str = "",
        channel: str = "general",
        within: tuple[str, ...] = (),
        options: Any = None,
    ) -> Job:
        ask = Ask(
            requester=who or self.person(),
            place=Place(address=None, channel=channel, within=within),
            text=text,
            options=options or {},
            request_key=key or f"request-{next(self.numbers)}",
        )
        return (await self.app.studio.imagine(ask)).job

    async def draw(self, who: Requester | None = None, text: str = FOX, *, made: int | None = None) -> Job:
        """An order that becomes pictures: all of them, or so many."""
        return await self.finish(await self.ask(who, text), made=made)

    async def finish(self, job: Job, *, made: int | None = None) -> Job:
        job = await self.go(job, State.CLEARED, State.SUBMITTING)
        made = job.order.images if made is None else made
        assets = tuple(Asset(key=f"pictures/{job.id}/{n}.png", index=n) for n in range(1, made + 1))
        reason = "partial" if made < job.order.images else ""
        return await self.end(
            job, State.FINISHED, capture=job.order.credits_each * made, assets=assets, reason=reason
        )

    async def fail(self, job: Job, reason: str = "failed-provider", **facts: Any) -> Job:
        return await self.end(job, State.FAILED, capture=0, reason=reason, **facts)

    async def go(self, job: Job, *states: State) -> Job:
        for state in states:
            job = await self.store.jobs.move(job, Move(to=state), now=self.clock())
        return job

    async def end(self, job: Job, to: State, **facts: Any) -> Job:
        return await self.store.jobs.move(job, Move(to=to, **facts), now=self.clock())

    async def left(self, who: Requester | None = None) -> int:
        """What a person can spend now."""
        return (await self.app.studio.credits(who or self.person())).balance.available

    async def rows(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        def steps():
            found = yield sql(text, **parameters)
            return [dict(row) for row in found]

        return await self.store.database.write(steps)

    async def audited(self, action: str) -> list[Any]:
        return [e for e in await self.store.audit.entries() if e.action == action]


@contextlib.asynccontextmanager
async def open_town(
    folder: Path, now: str = "2026-11-21 12:00", *, url: str = "", community: str = "club", **sections: Any
) -> AsyncIterator[Town]:
    """A community with a house of its own, whose operator has named it and lets it set what it likes."""
    clock = Clock(at(now))
    sections["quotas"] = {"communities": ["any", community], **sections.get("quotas", {})}
    sections.setdefault("communities", {"may_loosen": "any"})
    async with open_house(url or new_sqlite(folder), clock, **sections) as app:
        town = Town(app, clock, community=community)
        yield town
        assert await town.store.ledger.problems() == []
