"""A house in which pictures can be given: a service that remembers what it was sent, and a chat that lends its files."""

import asyncio
import contextlib
import io
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from obstore.store import MemoryStore
from PIL import Image

from bot.abilities import Loan
from bot.configuration import config
from bot.errors import NotThere, SurfaceError
from bot.house.app import wind_down
from bot.house.building import App, build
from bot.house.foundation import Foundation
from bot.job import Job
from bot.model import Model, Order, Source, Use, Where
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.pictures.assets import Assets
from bot.pictures.fetch import Fetch
from bot.pictures.links import LinkKey, Ring
from bot.ports import Address, Ask, Card, Handle, ImageCheck, Place, Policy, Requester, Verdict
from bot.process.telemetry import Metrics
from bot.provider import Finished, InlineImage, Input, Outcome, Standing
from bot.store import open_store, store_on
from bot.words.words import Words
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.house import Clock, ClockedDatabase, new_sqlite
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

SURFACE = "club"
KEY = "Bearer sesame"
_NUMBERS = itertools.count()  # of requests, of all houses
MODELS = (
    Model(id="brush", provider="painter", credits=10, way="sync", inputs=4, masks=True),
    Model(id="small-brush", provider="painter", credits=10, way="sync", inputs=16, input_pixels=10_000),
    Model(id="light-brush", provider="painter", credits=10, way="sync", inputs=1, input_bytes=20_000),
    Model(id="large-brush", provider="painter", credits=10, way="sync", inputs=16),
    Model(id="blind-brush", provider="painter", credits=10, way="sync"),
    Model(id="far-brush", provider="painter", credits=10, way="sync", inputs=2, inputs_by="link"),
)


def picture(
    width: int = 64, height: int = 48, *, kind: str = "PNG", mode: str = "RGB", seed: int = 1, **options: Any
) -> bytes:
    """Noise, so that no two are alike and none is small for its size."""
    noise = Image.effect_noise((width, height), 60 + seed % 100)
    bands = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    image = (
        noise
        if mode == "L"
        else Image.merge(mode, [noise.rotate(90 * n) if width == height else noise for n in range(bands)])
    )
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


@dataclass
class Painter:
    """Draws at once, and remembers byte for byte what it was sent."""

    name: str = "painter"
    models: tuple[Model, ...] = MODELS
    honours_keys: bool = True
    polls_per_s: float = 100.0
    sent: list[tuple[str, tuple[Input, ...]]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)  # in place of the next answers
    seed: int | None = None
    forgets: bool = False  # what it was sent

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        assert len([one for one in inputs if one.use is not Use.MASK]) == order.inputs
        self.sent.append((key, () if self.forgets else tuple(inputs)))
        if self.troubles:
            raise self.troubles.pop(0)
        drawn = (picture(mode="L", seed=len(self.sent) + n) for n in range(order.images))
        return Finished(images=tuple(map(InlineImage, drawn)), seed=self.seed)

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        raise AssertionError("it draws at once")

    async def cancel(self, operation: str, *, order: Order) -> None:
        """There is nothing to stop."""

    async def standing(self) -> Standing:
        return Standing()

    async def aclose(self) -> None:
        """Nothing is open."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What came with the last submit."""
        return self.sent[-1][1]


@dataclass
class Club:
    """A chat whose files need a key, and the server where they lie."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # what the chat says is not there
    troubles: list[SurfaceError] = field(default_factory=list)  # of the next loans
    answers: list[int] = field(default_factory=list)  # of the server, in place of the next files
    moved: dict[str, str] = field(default_factory=dict)  # file -> where its address leads
    lent: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # file, and the key that came along
    name: str = SURFACE

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        return Handle(key=card.job)

    async def tell(self, address: Address, text: str) -> None:
        """Nobody listens."""

    async def aclose(self) -> None:
        """Nothing is open."""

    async def lend(self, ref: str) -> Loan:
        self.lent.append(ref)
        if self.troubles:
            raise self.troubles.pop(0)
        if ref in self.gone:
            raise NotThere
        return Loan(url=f"{self.url}/{ref}", headers={"Authorization": KEY})

    def recognise(self, url: str) -> str:
        return url.removeprefix(f"{self.url}/") if url.startswith(f"{self.url}/") else ""

    async def serve(self, request: web.Request) -> web.Response:
        name = request.path.lstrip("/")
        self.asked.append((name, request.headers.get("Authorization", "")))
        if self.answers and (status := self.answers.pop(0)) != 200:
            return web.Response(status=status)
        if name in self.moved:
            raise web.HTTPFound(self.moved[name])
        if request.headers.get("Authorization") != KEY:
            return web.Response(text="<!DOCTYPE html><html>Log in</html>", content_type="text/html")
        if name not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[name], content_type="image/png")


@dataclass
class Eye:
    """A check of pictures that says what the test wants, and remembers what it saw."""

    verdicts: list[Verdict | Exception] = field(default_factory=list)
    seen: list[tuple[bytes, str, Policy]] = field(default_factory=list)
    name: str = "eye"

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:
        self.seen.append((image, prompt, policy))
        said = self.verdicts.pop(0) if self.verdicts else Verdict()
        if isinstance(said, Exception):
            raise said
        return said


@dataclass
class Gallery:
    """The running house, and the people in it."""

    app: App
    painter: Painter
    club: Club
    eye: Eye
    clock: Clock
    bucket: Any

    def person(self, user: str = "mina", **facts: Any) -> Requester:
        return Requester(**{"surface": SURFACE, "community": "c1", "user": user, "name": user, **facts})

    def attached(self, name: str, data: bytes, *, use: Use = Use.PICTURE) -> Source:
        self.club.files[name] = data
        return Source(where=Where.ATTACHED, ref=name, surface=SURFACE, use=use)

    async def handed(self, data: bytes, who: Requester | None = None, *, use: Use = Use.PICTURE) -> Source:
        kept = await self.app.studio.keep_upload(who or self.person(), data)
        return Source(where=Where.UPLOAD, ref=kept.ref, use=use)

    def ask(self, text: str, *sources: Source, who: Requester | None = None, key: str = "") -> Ask:
        return Ask(
            requester=who or self.person(),
            place=Place(address=None),
            text=text,
            sources=sources,
            request_key=key or f"request-{next(_NUMBERS)}",
        )

    async def order(self, text: str, *sources: Source, who: Requester | None = None) -> Job:
        return (await self.app.studio.imagine(self.ask(text, *sources, who=who))).job

    async def draw(self, text: str, *sources: Source, who: Requester | None = None) -> Job:
        return await self.over(await self.order(text, *sources, who=who))

    async def over(self, job: Job) -> Job:
        async with asyncio.timeout(PATIENCE_S):
            while not (found := there(await self.app.store.jobs.get(job.id))).state.ended:
                await asyncio.sleep(0.01)
        return found

    async def left(self, who: Requester | None = None) -> int:
        return (await self.app.studio.credits(who or self.person())).balance.available

    async def nothing_kept(self, prefix: str = "") -> None:
        """Until no file is left; what was kept in vain goes when the end is written."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.keys(prefix):
                await asyncio.sleep(0.01)

    async def keys(self, prefix: str = "") -> list[str]:
        return [one.key async for one in self.app.assets.list(f"pictures/{prefix}")]


@contextlib.asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    """Answers with an address on this machine."""
    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def open_gallery(
    folder: Path,
    *,
    url: str = "",
    works: bool = True,
    looks: bool = False,
    public_url: str = "",
    world: "Gallery | None" = None,
    bucket: Any = None,
    allow: Sequence[str] = (),
    **sections: Any,
) -> AsyncIterator[Gallery]:
    """The program with its worker; with `world` another process of the same installation."""
    sections.setdefault("moderation", {"inputs": "any"})
    sections.setdefault("communities", {"may_loosen": "any"})
    settings = config.load(None, environ={}, **sections)
    clock, eye = (world.clock, world.eye) if world else (Clock(1_790_000_000.0), Eye())
    painter, club = (world.painter, world.club) if world else (Painter(), Club())
    bucket = world.bucket if world else bucket or MemoryStore()
    words = LexiconCheck(load())
    checks: list[ImageCheck] = [eye] if looks else []
    async with contextlib.AsyncExitStack() as stack:
        if not world:
            club.url = await stack.enter_async_context(serving(club.serve))
        inner = await open_store(url or (world.app.store.database.url if world else new_sqlite(folder)))
        stack.push_async_callback(inner.aclose)
        hosts = [one.removeprefix("http://") for one in (club.url, *allow)]
        fetch = Fetch(allow_hosts=hosts)
        stack.push_async_callback(fetch.aclose)
        app = build(
            Foundation(
                settings=settings,
                store=store_on(ClockedDatabase(inner.database, clock)),
                darkroom=shared_darkroom(),
                fetch=fetch,
                assets=Assets(
                    bucket,
                    darkroom=shared_darkroom(),
                    ring=Ring([LinkKey("1", b"k" * 32)]),
                    public_url=public_url,
                    clock=clock,
                ),
                providers={"painter": painter},
                panel=Panel([words, OwnWords()], image_checks=checks, words=words, timeout_s=10),
                metrics=Metrics(),
                words=Words("en", clock=clock),
            ),
            works=works,
        )
        app.surfaces[SURFACE] = club
        running = asyncio.create_task(app.worker.run()) if app.worker else None
        try:
            yield Gallery(app, painter, club, eye, clock, bucket)
        finally:
            await wind_down(app)
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
