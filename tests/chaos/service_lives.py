"""One order through the services as they are: killed, answered wrongly or not at all, called twice; and its books.

A `Story` says what happens, `told` lives it, and answers what it leaves; every broken promise is a sentence.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
from starlette.applications import Starlette

from bot.house.building import App
from bot.job import Job, State
from bot.pictures.fetch import Fetch
from bot.provider import Absent, Call, Finder, Heard, Input, Listener, Outcome, Provider, Standing
from tests.chaos.far_services import Coast, Door, Kind, Mail, Mailbox, Served
from tests.chaos.far_side import Chat, Painter
from tests.chaos.lives import Life, Lived, World, fresh_database, job_of, live, settings_of
from tests.chaos.virtual_time import EPOCH_S, real_work, run
from tests.fakes.there import there

T = TypeVar("T")
_NUMBERS = itertools.count(1)


# ── Providers on real wires, in a world that leaps ───────────────────────────────────────────────────


@dataclass
class FarProvider:
    """A provider whose service is on another loop: an exchange takes no time, unless the service keeps it waiting."""

    inner: Provider
    life: Life
    door: Door

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def models(self) -> Any:
        return self.inner.models

    @property
    def honours_keys(self) -> bool:
        return self.inner.honours_keys

    @property
    def polls_per_s(self) -> float:
        return self.inner.polls_per_s

    async def submit(
        self, order: Any, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        return await self._step(
            "submit", lambda: self.inner.submit(order, key=key, inputs=inputs, webhook=webhook)
        )

    async def poll(self, operation: str, *, order: Any) -> Outcome:
        return await self._step("poll", lambda: self.inner.poll(operation, order=order))

    async def cancel(self, operation: str, *, order: Any) -> None:
        await self._step("cancel", lambda: self.inner.cancel(operation, order=order))

    async def standing(self) -> Standing:
        return await self._step("standing", self.inner.standing)

    async def aclose(self) -> None:
        await self.inner.aclose()

    async def _step(self, name: str, act: Callable[[], Awaitable[T]]) -> T:
        return cast("T", await self.life.call(name, lambda: self._over_there(act)))

    async def _over_there(self, act: Callable[[], Awaitable[T]]) -> T:
        held, loop = asyncio.Event(), asyncio.get_running_loop()

        def keep() -> None:
            loop.call_soon_threadsafe(held.set)

        self.door.waiting.append(keep)
        answer, keeps = asyncio.ensure_future(act()), asyncio.ensure_future(held.wait())
        try:
            with real_work():
                await asyncio.wait({answer, keeps}, return_when=asyncio.FIRST_COMPLETED)
            return await answer  # what is kept waiting costs the world its time
        finally:
            self.door.waiting.remove(keep)
            keeps.cancel()
            answer.cancel()


class FarFinder(FarProvider):
    async def find(
        self, order: Any, *, key: str, inputs: Sequence[Input] = (), since: float
    ) -> Outcome | Absent | None:
        finder = cast("Finder", self.inner)
        return await self._step("find", lambda: finder.find(order, key=key, inputs=inputs, since=since))


class FarListener(FarProvider):
    @property
    def listens(self) -> bool:
        return cast("Listener", self.inner).listens

    async def hear(self, call: Call) -> Heard | None:
        return await self._over_there(lambda: cast("Listener", self.inner).hear(call))


class FarBoth(FarFinder, FarListener):
    pass


def _far(inner: Provider, life: Life, door: Door) -> Provider:
    kinds = {(True, True): FarBoth, (True, False): FarFinder, (False, True): FarListener}
    made = kinds.get((isinstance(inner, Finder), isinstance(inner, Listener)), FarProvider)
    return made(inner, life, door)


class _FarFetch:
    """The door to foreign addresses; each picture is a step."""

    def __init__(self, hosts: Sequence[str], life: Life) -> None:
        self._fetch, self._life = Fetch(allow_hosts=hosts), life

    async def get(self, url: str, **bounds: Any) -> bytes:
        return cast(
            "bytes", await self._life.call("fetch", lambda: self._fetch.get(url, **bounds), real=True)
        )

    async def aclose(self) -> None:
        await self._fetch.aclose()


@dataclass
class FarWorld(World):
    """A world whose services stand far away, on real sockets."""

    served: Sequence[Served] = ()
    mailbox: Mailbox = field(default_factory=Mailbox)
    _opened: list[Any] = field(default_factory=list)

    def providers(self, life: Life) -> dict[str, Provider]:
        opened = [one.kind.open(one.base) for one in self.served]
        self._opened += opened
        return {
            inner.name: _far(inner, life, one.door) for one, inner in zip(self.served, opened, strict=True)
        }

    def fetch(self, life: Life) -> Fetch:
        hosts = {
            origin.removeprefix("http://")
            for one in self.served
            for origin in (one.door.origin, one.door.inner)
        }
        door = _FarFetch(sorted(hosts), life)
        self._opened.append(door)
        return cast("Fetch", door)

    async def accompany(self, app: App, life: Life) -> None:
        """Brings what services call to tell, each call twice: as they do when an answer was late."""
        transport = httpx.ASGITransport(Starlette(routes=app.mounts))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            while not life.dead:
                while (mail := self.mailbox.first()) is not None:
                    answered = False
                    try:
                        answered = await self._bring(client, mail)
                    finally:
                        if not answered:  # then the service calls again, perhaps in another life
                            self.mailbox.mails.put(mail)
                    if not answered:
                        break
                await asyncio.sleep(0.2)

    @staticmethod
    async def _bring(client: httpx.AsyncClient, mail: Mail) -> bool:
        """Whether the call was taken, which it is as often as it comes."""
        answers = [
            (await client.post(mail.path, content=mail.body, headers=mail.headers)).status_code
            for _ in range(2)
        ]
        assert {*answers} <= {204, 503}, answers
        return answers[0] == 204

    async def close(self) -> None:
        for one in self._opened:
            await one.aclose()
        self._opened.clear()


# ── A story ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens to one order. Faults are those of the door, each for one call, in order."""

    kinds: tuple[Kind, ...]  # in the order in which they are asked
    model: str = ""
    kills: tuple[int, ...] = ()  # a step of each life; the last life is left alone
    orders: tuple[str | None, ...] = ()  # what the first service's door does to the orders
    looks: tuple[str | None, ...] = ()
    files: tuple[str | None, ...] = ()
    calls: bool = False  # whether the services call us, before they answer the submit

    @property
    def wanted(self) -> str:
        return self.model or self.kinds[0].model

    def __str__(self) -> str:
        parts = {
            "kills": self.kills, "orders": self.orders, "looks": self.looks, "files": self.files,
            "calls": self.calls,
        }  # fmt: skip
        names = "+".join(one.name for one in self.kinds)
        return f"{names} {self.wanted}: { ({name: value for name, value in parts.items() if value}) }"


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a story leaves."""

    job: Job
    lives: list[Lived]
    bills: dict[str, int]  # provider -> orders that it has accepted
    billed: int  # by all of them, in millionths of a dollar
    by_table: bool  # booked at the table's price, since the answer that told another died with its process
    problems: list[str]

    @property
    def steps(self) -> list[str]:
        return self.lives[-1].life.names


def told(coast: Coast, template: Path, story: Story) -> Left:
    """Lives it, and judges what it leaves."""
    served = [coast.served(kind) for kind in story.kinds]
    for one in served:
        _wind_up(one, calls=story.calls)
        one.door.orders, one.door.looks, one.door.files = deque(), deque(), deque()
    door = served[0].door
    door.orders, door.looks, door.files = deque(story.orders), deque(story.looks), deque(story.files)
    coast.mailbox.empty()
    return run(_lived(template, story, served, coast.mailbox))


def _wind_up(one: Served, *, calls: bool) -> None:
    """Services that draw for a while are done at the second look."""
    if one.kind.name in ("fal", "replicate"):
        one.service.done_after, one.service.at_once = 1, calls
    if one.kind.name in ("fal", "replicate", "bfl"):
        one.service.calls = calls
    if one.kind.name == "bfl":
        one.service.cost = one.kind.micros[one.kind.model] / 10_000  # it bills in cents


async def _lived(template: Path, story: Story, served: Sequence[Served], mailbox: Mailbox) -> Left:
    public_url = mailbox.url if story.calls else ""
    loop = asyncio.get_running_loop()
    for one in served:
        if one.kind.name in ("fal", "replicate"):
            one.service.clock = lambda: EPOCH_S + loop.time()  # calls are signed at this world's time
    folder, before = template.parent / "world", {one.kind.name: one.bills() for one in served}
    async with fresh_database(folder, template) as url:
        world = FarWorld(
            folder=folder,
            url=url,
            painter=Painter(honours_keys=False),
            chat=Chat(nonces=True),
            settings=settings_of(model=story.wanted, public_url=public_url),
            # Services remember: each story is told of another fox.
            request=f"a red fox, number {next(_NUMBERS)} --model {story.wanted}",
            served=served,
            mailbox=mailbox,
        )
        lives = []
        for kill_at in (*story.kills, None):
            lives.append(await live(world, kill_at))
            if not lives[-1].killed:
                break
        store = await world.open_store()
        try:
            job = there(await job_of(store))
            books = await store.ledger.problems()
            shown = [message.shown for message in await store.messages.of(job.id)]
        finally:
            await store.aclose()
    bills = {one.kind.name: one.bills() - before[one.kind.name] for one in served}
    billed = sum(bills[kind.name] * kind.micros[story.wanted] for kind in story.kinds)
    by_table = _is_by_table(job, lives, billed)
    problems = [
        *books,
        *_of_job(job, shown),
        *_of_bills(story, bills, job.cost_usd_micros if by_table else billed, job),
    ]
    return Left(job=job, lives=lives, bills=bills, billed=billed, by_table=by_table, problems=problems)


def _is_by_table(job: Job, lives: list[Lived], billed: int) -> bool:
    """A picture that came with its answer and was kept before a kill is found again; what the answer told is not."""
    found = any(life.killed for life in lives) and job.state is State.FINISHED and job.operation is None
    return found and job.cost_usd_micros == job.order.usd_micros_each != billed


def _of_job(job: Job, shown: list[int]) -> list[str]:
    problems = []
    if not job.state.ended:
        problems.append(f"it has not ended: {job.state}")
    if shown != [job.version]:
        problems.append(f"its message says {shown} of {job.version}")
    if job.captured_credits != job.order.credits_each * len(job.images):
        problems.append(f"captured {job.captured_credits} for {len(job.images)} pictures")
    if bool(job.images) != (job.state is State.FINISHED):
        problems.append(f"{job.state} with {len(job.images)} pictures")
    return problems


def _of_bills(story: Story, bills: Mapping[str, int], billed: int, job: Job) -> list[str]:
    """The books say what the services bill, to the millionth; nothing is billed twice, no doubt that need not be."""
    accepted = sum(bills.values())
    problems = []
    if accepted > 1:
        problems.append(f"billed {accepted} times")
    if job.state is State.FINISHED and accepted != 1:
        problems.append(f"a picture that {accepted} orders made")
    if job.doubtful:
        # A doubt counts at its price, billed or not (ruling 4).
        if (booked := job.cost_usd_micros) != (price := job.order.usd_micros_each):
            problems.append(f"a doubt of {price} is booked as {booked}")
        [asked] = [kind for kind in story.kinds if kind.name == job.order.provider]
        tells = asked.tells or (story.calls and asked.calls)
        if accepted and tells and not any(story.looks):
            problems.append("in doubt, although the service can tell")
    elif job.cost_usd_micros != billed:
        problems.append(f"booked {job.cost_usd_micros}, billed {billed} ({job.state}, {job.reason})")
    return problems
