"""The composition root: the only place that knows all rooms. Opens them in order, closes them in reverse."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.routing import BaseRoute

from bot import plugins, server
from bot.assets import Assets, LinkKey, Ring, open_backend
from bot.cards import Hints, card_of
from bot.catalog import Catalog
from bot.chores import Chores
from bot.config import Settings
from bot.desk import Desk
from bot.errors import ConfigError, Refusal, StoreBusy
from bot.fetch import Fetch
from bot.images import Darkroom
from bot.jobs.delivery import Delivery
from bot.jobs.finish import Finisher
from bot.jobs.model import Job, Message
from bot.jobs.pace import Pace
from bot.jobs.stages import Stages
from bot.jobs.worker import Worker
from bot.moderation.open import open_panel
from bot.ports import Card, Model, Provider, Surface
from bot.rulebook import Rulebook
from bot.store import Store, open_store
from bot.studio import Studio
from bot.telemetry import Metrics
from bot.tools import Tools
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
    delivery: Delivery
    worker: Worker | None
    chores: Chores
    catalog: Catalog
    providers: dict[str, Provider]
    surfaces: dict[str, Surface]
    assets: Assets
    metrics: Metrics
    words: Words
    mounts: list[BaseRoute]


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    roles: Collection[str] = (WORKER,),
    surfaces: Collection[str] = (),
    claims: bool = True,
    public_url: str = "",
) -> AsyncIterator[App]:
    """Builds the house. `surfaces` are those that this process can show on; `claims` False takes no others' jobs."""
    async with contextlib.AsyncExitStack() as stack:
        metrics, words = Metrics(), Words(settings.bot.language, name=settings.bot.name)
        store = await open_store(settings.store.url, pool_size=settings.store.pool_size)
        stack.push_async_callback(store.aclose)
        darkroom = Darkroom()
        stack.push_async_callback(darkroom.aclose)
        fetch = Fetch(allow_hosts=settings.fetch.allow_hosts)
        stack.push_async_callback(fetch.aclose)
        assets = await _open_assets(settings, store, darkroom, public_url)
        providers = _open_providers(settings, stack)
        catalog = _catalog(settings, providers)
        panel = open_panel(settings.moderation, stack)
        rulebook = Rulebook(settings, store)
        pace = Pace(store.shared, providers=providers, models=lambda m: _found(catalog, m))
        rng = random.Random()  # noqa: S311 - jitter
        shown: dict[str, Surface] = {}
        delivery = Delivery(
            store=store, surfaces=shown, card_of=_Cards(words, pace), metrics=metrics, rng=rng
        )
        stages = Stages(
            providers=providers,
            openness=catalog.openness,
            panel=panel,
            finisher=Finisher(
                assets=assets,
                darkroom=darkroom,
                fetch=fetch,
                panel=panel,
                limit_bytes=settings.fetch.limit_mb * 1024 * 1024,
                fetch_timeout_s=settings.fetch.timeout_s,
            ),
            conduct=rulebook.conduct,
            uncertain=settings.worker.uncertain,
            metrics=metrics,
            rng=rng,
        )
        worker = None
        if WORKER in roles:
            worker = Worker(
                store=store,
                stages=stages,
                delivery=delivery,
                pace=pace,
                settings=settings.worker,
                metrics=metrics,
                claims=claims,
            )
        studio = Studio(
            settings=settings,
            store=store,
            catalog=catalog,
            providers=providers,
            panel=panel,
            delivery=delivery,
            worker=worker,
            pace=pace,
            assets=assets,
            rulebook=rulebook,
            words=words,
            metrics=metrics,
        )
        desk = Desk(studio)
        tools = Tools(studio=studio, desk=desk, words=words, settings=settings, metrics=metrics)
        for name in surfaces:
            surface: Surface = plugins.load(plugins.SURFACES, name)(settings.section(name), tools)
            stack.push_async_callback(surface.aclose)
            shown[name] = surface
        chores = Chores(
            settings=settings,
            store=store,
            assets=assets,
            catalog=catalog,
            providers=providers,
            metrics=metrics,
        )
        await pace.warm_up([m.id for m in catalog.models])
        app = App(
            settings=settings,
            store=store,
            studio=studio,
            desk=desk,
            delivery=delivery,
            worker=worker,
            chores=chores,
            catalog=catalog,
            providers=providers,
            surfaces=shown,
            assets=assets,
            metrics=metrics,
            words=words,
            mounts=tools.mounts,
        )
        try:
            yield app
        finally:
            await _wind_down(app)


async def _wind_down(app: App) -> None:
    """Takes no more orders, lets running stages finish, tells what can be told; the rest is resumable."""
    app.studio.closing = True
    if app.worker is not None:
        await app.worker.stop()
    await app.delivery.aclose(min(10.0, app.settings.worker.grace_s))


async def serve(
    app: App, *, roles: Collection[str], stop: asyncio.Event, announce: Callable[[str], None] | None = None
) -> None:
    """Runs surfaces, worker, chores and the listener until `stop`; a surface that dies ends the program.

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
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(surface.run(), name=f"surface-{name}")
                for name, surface in app.surfaces.items()
                if name in roles
            ]
            if app.worker is not None:
                running.append(group.create_task(app.worker.run(), name="worker"))
                running.append(group.create_task(_begin_chores(app), name="chores"))
            await stop.wait()
            log.info("stopping")
            app.studio.closing = True
            for task in running:
                task.cancel()
        await _wind_down(app)


async def _begin_chores(app: App) -> None:
    await app.chores.look_at_standing()
    await app.chores.run()


def _ready_of(app: App) -> server.Ready:
    async def ready() -> dict[str, bool]:
        try:
            async with asyncio.timeout(3):
                await app.store.shared.alive()
        except (StoreBusy, TimeoutError):
            return {"store": False, "accepting": not app.studio.closing}
        return {"store": True, "accepting": not app.studio.closing}

    return ready


@dataclass(frozen=True, slots=True)
class _Cards:
    """card_of with what this process knows of the moment."""

    words: Words
    pace: Pace

    def __call__(self, job: Job, message: Message) -> Card:
        return card_of(job, message, self.words, Hints(usual_s=self.pace.usual_s(job.order.model)))


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


def _open_providers(settings: Settings, stack: contextlib.AsyncExitStack) -> dict[str, Provider]:
    wanted: dict[str, Any] = {"gateway": settings.section("gateway"), **settings.providers}
    providers: dict[str, Provider] = {}
    for name, section in wanted.items():
        provider: Provider = plugins.load(plugins.PROVIDERS, name)(section)
        stack.push_async_callback(provider.aclose)
        providers[name] = provider
    return providers


def _catalog(settings: Settings, providers: dict[str, Provider]) -> Catalog:
    catalog = Catalog(
        [model for provider in providers.values() for model in provider.models],
        default_models=settings.bot.default_models,
        styles={name: style.template for name, style in settings.styles.items()},
        config={name: model.model_dump(exclude_none=True) for name, model in settings.models.items()},
    )
    if catalog.unknown_defaults:
        raise ConfigError(f"[bot] default_models: there is no {', '.join(catalog.unknown_defaults)}")
    return catalog


def _found(catalog: Catalog, name: str) -> Model | None:
    try:
        return catalog.find(name)
    except Refusal:
        return None
