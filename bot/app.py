"""The composition root: the only place that knows all rooms. Opens them in order, closes them in reverse."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.routing import BaseRoute

from bot import plugins, server, space
from bot.cards import Hints, card_of
from bot.chores import Chores
from bot.community.rulebook import Rulebook
from bot.config import Settings
from bot.counter import Counter
from bot.desk import Desk
from bot.errors import ConfigError, EaselError, Refusal, StoreBusy
from bot.job import Job, Message, State
from bot.jobs.delivery import Delivery
from bot.jobs.finish import Finisher
from bot.jobs.line import Line
from bot.jobs.pace import Pace
from bot.jobs.stages import Stages
from bot.jobs.worker import Worker
from bot.model import Model
from bot.moderation.open import open_panel
from bot.moderation.panel import Panel
from bot.openings import open_providers, open_surfaces
from bot.order.catalog import Catalog
from bot.pictures.assets import Assets, LinkKey, Ring, open_backend
from bot.pictures.fetch import Fetch
from bot.pictures.images import Darkroom
from bot.ports import Card, Provider, Surface
from bot.saving import Saving
from bot.store import Store, open_store
from bot.studio import Studio
from bot.talk.talk import Talk
from bot.telemetry import Metrics
from bot.tools import Tools
from bot.upkeep import Upkeep
from bot.words import Words

log = structlog.get_logger()

WORKER = "worker"


@dataclass(slots=True, kw_only=True)
class App:
    """Everything that runs in one process."""

    settings: Settings
    store: Store
    studio: Studio
    desk: Desk
    talk: Talk
    delivery: Delivery
    worker: Worker | None
    pace: Pace
    chores: Chores
    catalog: Catalog
    providers: dict[str, Provider]
    surfaces: dict[str, Surface]
    assets: Assets
    metrics: Metrics
    words: Words
    upkeep: Upkeep
    mounts: list[BaseRoute]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What a house stands on: all that holds files, connections and threads."""

    settings: Settings
    store: Store
    darkroom: Darkroom
    fetch: Fetch
    assets: Assets
    providers: dict[str, Provider]
    panel: Panel
    metrics: Metrics
    words: Words


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    roles: Collection[str] = (WORKER,),
    surfaces: Collection[str] = (),
    claims: bool = True,
    public_url: str = "",
    create: bool = True,
) -> AsyncIterator[App]:
    """Builds the house. `surfaces` are those that this process can show on; `claims` False takes no others' jobs.

    Raises ConfigError without `create` where there is no database yet.
    """
    async with contextlib.AsyncExitStack() as stack:
        ground = await _open_foundation(settings, stack, public_url, create=create)
        app = build(ground, works=WORKER in roles, claims=claims)
        tools = Tools(
            talk=app.talk,
            studio=app.studio,
            gallery=app.assets,
            words=app.words,
            settings=settings,
            metrics=app.metrics,
            upkeep=app.upkeep,
            mounts=app.mounts,
        )
        app.surfaces.update(open_surfaces(surfaces, tools, stack, roles=roles))
        await app.pace.warm_up([m.id for m in app.catalog.models])
        try:
            yield app
        finally:
            await wind_down(app)


async def _open_foundation(
    settings: Settings, stack: contextlib.AsyncExitStack, public_url: str, *, create: bool
) -> Foundation:
    store = await open_store(settings.store.url, pool_size=settings.store.pool_size, create=create)
    stack.push_async_callback(store.aclose)
    darkroom = Darkroom()
    stack.push_async_callback(darkroom.aclose)
    fetch = Fetch(allow_hosts=settings.fetch.allow_hosts)
    stack.push_async_callback(fetch.aclose)
    return Foundation(
        settings=settings,
        store=store,
        darkroom=darkroom,
        fetch=fetch,
        assets=await _open_assets(settings, store, darkroom, public_url),
        providers=open_providers(settings, stack),
        panel=open_panel(settings.moderation, stack),
        metrics=Metrics(),
        words=Words(settings.bot.language, name=settings.bot.name),
    )


def build(ground: Foundation, *, works: bool, claims: bool = True) -> App:
    """The rooms on their foundation; opens nothing. Surfaces may be added to `surfaces` later."""
    settings, store, metrics = ground.settings, ground.store, ground.metrics
    catalog = _catalog(settings, ground.providers)
    rulebook = Rulebook(settings, store)
    pace = Pace(store.shared, providers=ground.providers, models=lambda m: _found(catalog, m))
    cards = _Cards(ground.words, pace)
    surfaces: dict[str, Surface] = {}
    owner = f"w-{secrets.token_hex(6)}" if works else ""
    delivery = Delivery(
        store=store,
        surfaces=surfaces,
        card_of=cards,
        words=ground.words,
        metrics=metrics,
        rng=random.Random(),  # noqa: S311 - jitter
        owner=owner,
        installed=plugins.names(plugins.SURFACES),
    )
    worker = None
    if works:
        worker = Worker(
            store=store,
            stages=_stages(ground, catalog, rulebook),
            delivery=delivery,
            pace=pace,
            settings=settings.worker,
            metrics=metrics,
            claims=claims,
            owner=owner,
        )
        cards.line = worker.line
    counter = Counter(settings=settings, store=store, catalog=catalog, panel=ground.panel, rulebook=rulebook)
    studio = Studio(
        store=store,
        catalog=catalog,
        providers=ground.providers,
        counter=counter,
        delivery=delivery,
        worker=worker,
        pace=pace,
        assets=ground.assets,
        rulebook=rulebook,
        metrics=metrics,
    )
    desk = Desk(
        studio=studio,
        store=store,
        rulebook=rulebook,
        gallery=ground.assets,
        saving=Saving(catalog=catalog, languages=ground.words.languages, surfaces=surfaces),
        quota=settings.quotas,
    )
    chores = Chores(
        settings=settings,
        store=store,
        assets=ground.assets,
        catalog=catalog,
        providers=ground.providers,
        metrics=metrics,
    )
    return App(
        settings=settings,
        store=store,
        studio=studio,
        desk=desk,
        talk=Talk(studio=studio, desk=desk, gallery=ground.assets, words=ground.words),
        delivery=delivery,
        worker=worker,
        pace=pace,
        chores=chores,
        catalog=catalog,
        providers=ground.providers,
        surfaces=surfaces,
        assets=ground.assets,
        metrics=metrics,
        words=ground.words,
        upkeep=Upkeep(metrics),
        mounts=[],
    )


def _stages(ground: Foundation, catalog: Catalog, rulebook: Rulebook) -> Stages:
    fetching = ground.settings.fetch
    finisher = Finisher(
        assets=ground.assets,
        darkroom=ground.darkroom,
        fetch=ground.fetch,
        panel=ground.panel,
        limit_bytes=fetching.limit_mb * 1024 * 1024,
        fetch_timeout_s=fetching.timeout_s,
    )
    return Stages(
        providers=ground.providers,
        openness=catalog.openness,
        panel=ground.panel,
        finisher=finisher,
        conduct=rulebook.conduct,
        uncertain=ground.settings.worker.uncertain,
        metrics=ground.metrics,
        rng=random.Random(),  # noqa: S311 - jitter
    )


_GRACE_IN_TROUBLE_S = 1.0


async def wind_down(app: App) -> None:
    """Takes no more orders, lets running stages finish, tells what can be told; the rest is resumable."""
    app.studio.close()
    # What can't be written isn't waited for: the next start mends what is left.
    grace_s = _GRACE_IN_TROUBLE_S if await trouble_of(app) else app.settings.worker.grace_s
    if app.worker is not None:
        await app.worker.stop(grace_s)
    await app.delivery.aclose(min(10.0, grace_s))


async def trouble_of(app: App) -> str:
    """Why nothing goes on, in words: a disk is full, or the database can't be written. Mostly nothing."""
    busy = f"the database can't be written: {app.worker.trouble}" if app.worker and app.worker.trouble else ""
    return await asyncio.to_thread(space.full, app.settings) or busy


async def serve(
    app: App, *, roles: Collection[str], stop: asyncio.Event, announce: Callable[[str], None] | None = None
) -> None:
    """Runs surfaces, worker, chores and the listener until `stop`.

    A surface that breaks is started again and hurts nobody else. Raises EaselError when every surface has
    stopped for good, or the worker broke.

    `announce` is told the listener's address once it answers.
    """
    settings = app.settings
    listener = server.bind(settings.http.host, settings.http.port)
    async with contextlib.AsyncExitStack() as stack:
        http = server.application(
            assets=app.assets, metrics=app.metrics, ready=_ready_of(app), mounts=app.mounts
        )
        await stack.enter_async_context(server.serving(http, listener))
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        log.info("listening", address=address, surfaces=sorted(app.surfaces))
        if announce is not None:
            announce(address)
        try:
            await _running(app, roles=roles, stop=stop)
        except ExceptionGroup as troubles:
            # Each is in the log already; the command says one line.
            first = _first_of(troubles)
            # A configuration that could be read, and was refused by a platform, ends with 1, not 2.
            why = str(first) if isinstance(first, ConfigError) else f"stopped by a trouble: {first!r}"
            raise EaselError(why) from troubles
        await wind_down(app)


async def _running(app: App, *, roles: Collection[str], stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        heard = {name: surface for name, surface in app.surfaces.items() if name in roles}
        with contextlib.suppress(StoreBusy):  # then they are tried when they are due
            for name in heard:
                await app.store.messages.try_again(name, now=app.store.now())
        running = [group.create_task(app.upkeep.keep_all(heard), name="surfaces")]
        if app.worker is not None:
            running.append(group.create_task(_loud(app.worker.run, "worker"), name="worker"))
            running.append(group.create_task(_loud(app.chores.run, "chores"), name="chores"))
        await stop.wait()
        log.info("stopping")
        app.studio.close()
        for task in running:
            task.cancel()


async def _loud(work: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
    try:
        await work()
    except Exception:
        log.exception("it ended the program", part=what)
        raise


def _first_of(troubles: BaseExceptionGroup[BaseException]) -> BaseException:
    first = troubles.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


def _ready_of(app: App) -> server.Ready:
    async def ready() -> server.Readiness:
        store = True
        try:
            async with asyncio.timeout(3):
                await app.store.shared.alive()
        except (StoreBusy, TimeoutError):
            store = False
        parts = {"store": store, "accepting": not app.studio.closing}
        return server.Readiness(parts=parts, surfaces=app.upkeep.troubles)

    return ready


@dataclass(slots=True)
class _Cards:
    """card_of with what this process knows of the moment."""

    words: Words
    pace: Pace
    line: Line | None = None

    def __call__(self, job: Job, message: Message) -> Card:
        place = self._place(job)
        return card_of(
            job, message, self.words, Hints(place=place, usual_s=self.pace.usual_s(job.order.model))
        )

    def _place(self, job: Job) -> int:
        """What is still looked at has no number yet, and will wait behind the others."""
        if self.line is None or job.state not in (State.ACCEPTED, State.CLEARED):
            return 0
        return self.line.position(job.id) or (self.line.expected() if job.state is State.ACCEPTED else 0)


async def _open_assets(settings: Settings, store: Store, darkroom: Darkroom, public_url: str) -> Assets:
    keys = await store.shared.link_keys(now=store.now())
    newest_first = [LinkKey(name, secret) for name, secret in reversed(keys.items())]
    section = settings.assets
    options = dict(section.options)
    backend = await asyncio.to_thread(
        open_backend, section.url, endpoint=options.pop("endpoint", ""), options=options
    )
    return Assets(
        backend,
        darkroom=darkroom,
        ring=Ring(newest_first),
        public_url=section.public_url or settings.http.public_url or public_url,
        clock=store.now,
    )


def _catalog(settings: Settings, providers: dict[str, Provider]) -> Catalog:
    return Catalog(
        [model for provider in providers.values() for model in provider.models],
        providers=providers,
        default_models=settings.bot.default_models,
        styles={name: style.template for name, style in settings.styles.items()},
        config={name: model.model_dump(exclude_none=True) for name, model in settings.models.items()},
    )


def _found(catalog: Catalog, name: str) -> Model | None:
    try:
        return catalog.find(name)
    except Refusal:
        return None
