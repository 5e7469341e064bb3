"""The composition root: opens what the rooms stand on, runs them, and closes all in reverse."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from typing import Any

import structlog

from bot.configuration import space
from bot.configuration.settings import Settings
from bot.errors import ConfigError, EaselError, StoreBusy
from bot.house.building import App, build
from bot.house.foundation import Foundation
from bot.house.openings import open_providers, open_shops, open_surfaces
from bot.http import listener, server
from bot.http.guard import names_of
from bot.moderation.open import open_panel
from bot.pictures.assets import Assets
from bot.pictures.backends import open_backend
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.pictures.links import LinkKey, Ring
from bot.process.telemetry import Metrics
from bot.store import Store, open_store
from bot.tools import Tools
from bot.words.words import Words

log = structlog.get_logger()

WORKER = "worker"


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
        tools = tools_of(app)
        app.surfaces.update(open_surfaces(surfaces, tools, stack, roles=roles))
        app.purchases.shops.update(open_shops(tools, stack))
        await app.pace.warm_up([m.id for m in app.catalog.models])
        with contextlib.suppress(StoreBusy):  # then it is learned anew
            await app.routing.refresh()
        try:
            yield app
        finally:
            await wind_down(app)


def tools_of(app: App) -> Tools:
    """What surfaces and shops of this house are given."""
    return Tools(
        talk=app.talk,
        browsing=app.browsing,
        studio=app.studio,
        residence=app.residence,
        office=app.office,
        gallery=app.assets,
        purchases=app.purchases,
        words=app.words,
        settings=app.settings,
        metrics=app.metrics,
        upkeep=app.upkeep,
        mounts=app.mounts,
    )


async def _open_foundation(
    settings: Settings, stack: contextlib.AsyncExitStack, public_url: str, *, create: bool
) -> Foundation:
    try:
        store = await open_store(
            settings.store.url.get_secret_value(), pool_size=settings.store.pool_size, create=create
        )
    except ConfigError as error:
        # SQLite can't open a file on a full disk, and calls that an I/O error.
        if full := await asyncio.to_thread(space.full, settings):
            raise EaselError(full) from error
        raise
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


_GRACE_IN_TROUBLE_S = 1.0
RING_S = 30.0  # how long links of a key that was ended elsewhere may still be read


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
    section = settings.http
    places = listener.places_of(listener.raise_file_limit(), jobs=settings.worker.in_flight)
    try:
        door = listener.bind(section.host, section.port)
    except OSError as error:
        where = f"{section.host}:{section.port}"
        raise ConfigError(f"[http] port: {where} can't be used: {error.strerror}") from error
    async with contextlib.AsyncExitStack() as stack:
        http = server.application(
            assets=app.assets,
            metrics=app.metrics,
            ready=_ready_of(app),
            names=names_of(section.host, (section.public_url, settings.assets.public_url)),
            mounts=app.mounts,
        )
        await stack.enter_async_context(
            listener.serving(http, door, places=places, trusted_proxies=section.trusted_proxies)
        )
        host, port = door.getsockname()[:2]
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
        running = [
            group.create_task(app.upkeep.keep_all(heard), name="surfaces"),
            group.create_task(_run_loudly(lambda: _keep_ring(app), "link keys"), name="link keys"),
            group.create_task(_run_loudly(app.lag.run, "lag"), name="lag"),
        ]
        if app.worker is not None:
            running.append(group.create_task(_run_loudly(app.worker.run, "worker"), name="worker"))
            running.append(group.create_task(_run_loudly(app.chores.run, "chores"), name="chores"))
            running.append(group.create_task(_run_loudly(app.herald.run, "herald"), name="herald"))
            running.append(group.create_task(_run_loudly(app.messenger.run, "messenger"), name="messenger"))
            running += [
                group.create_task(_run_loudly(shop.run, name), name=f"shop {name}")
                for name, shop in app.purchases.shops.items()
            ]
        await stop.wait()
        log.info("stopping")
        app.studio.close()
        for task in running:
            task.cancel()


async def _run_loudly(work: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
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


async def _ring(store: Store) -> Ring:
    keys = await store.shared.link_keys(now=store.now())
    return Ring([LinkKey(name, secret) for name, secret in reversed(keys.items())])


async def _keep_ring(app: App) -> None:
    """Keys that were changed or ended by another process are changed here, too."""
    while True:
        await asyncio.sleep(RING_S)
        with contextlib.suppress(StoreBusy):
            app.assets.turn(await _ring(app.store))


async def _open_assets(settings: Settings, store: Store, darkroom: Darkroom, public_url: str) -> Assets:
    section = settings.assets
    options = dict(section.options)
    backend = await asyncio.to_thread(
        open_backend, section.url.get_secret_value(), endpoint=options.pop("endpoint", ""), options=options
    )
    return Assets(
        backend,
        darkroom=darkroom,
        ring=await _ring(store),
        public_url=section.public_url or settings.http.public_url or public_url,
        clock=store.now,
    )
