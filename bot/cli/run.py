"""`easel run`: the bot."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import Annotated

import structlog
import typer

from bot import plugins, sections
from bot.cli.common import ConfigOption, settings_of
from bot.cli.common import run as run_loop
from bot.community.spending import who_may_spend
from bot.configuration.settings import Settings
from bot.errors import BrokenPackage, ConfigError
from bot.house.app import WORKER, open_app, serve
from bot.moderation.checks import LexiconCheck, build_ahead
from bot.moderation.lexicon import lexicon
from bot.process import collector

log = structlog.get_logger()


def run(
    config: ConfigOption = None,
    roles: Annotated[str, typer.Option("--roles", help="discord,slack,web,worker; all that is set up.")] = "",
) -> None:
    """Run the bot: every surface that is set up, and the worker."""
    with collector.put_off():
        settings = settings_of(config, quiet=False)
        ready = ready_surfaces(settings)
    wanted = chosen_roles(roles, ready, suffices=settings.suffices)
    if not settings.open_providers():
        raise ConfigError(f"nobody would draw: {sections.what_draws()}")
    run_loop(_run(settings, [*ready, *sorted(wanted - {WORKER, *ready})], wanted))


def ready_surfaces(settings: Settings) -> list[str]:
    """The installed surfaces that the configuration sets up; one whose package is broken is left out, loudly."""
    ready = []
    for name in plugins.names(plugins.SURFACES):
        try:
            ready += [name] if settings.is_set_up(name) else []
        except BrokenPackage as error:
            log.error("a surface is left out", surface=name, problem=str(error))  # noqa: TRY400 - it says all
    return ready


def chosen_roles(
    text: str, ready: list[str], *, suffices: Callable[[str], bool] = lambda _: False
) -> set[str]:
    """The roles of this process. Raises ConfigError for one that can't be.

    `suffices` says whether a surface that is named needs no more settings than it has.
    """
    if not text:
        return {*ready, WORKER}
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    for role in wanted - {WORKER, *ready}:
        known = role in plugins.names(plugins.SURFACES)
        if known and suffices(role):
            continue
        why = f"[{role}] is not set up" if known else f"there is no role {role!r}"
        raise ConfigError(f"--roles: {why}; possible: {', '.join([*ready, WORKER])}")
    return wanted


async def _run(settings: Settings, surfaces: list[str], roles: set[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # A worker delivers for every surface; a front end needs only its own.
    shown = surfaces if WORKER in roles else [name for name in surfaces if name in roles]
    async with contextlib.AsyncExitStack() as stack:
        with collector.put_off():
            house = await stack.enter_async_context(open_app(settings, roles=roles, surfaces=shown))
        collector.collect_rarely()
        build_ahead(LexiconCheck(lexicon.load()))
        log.info("started", roles=sorted(roles))
        for sentence in who_may_spend(settings.quotas):
            log.info("who may spend", rule=sentence)
        with contextlib.suppress(asyncio.CancelledError):
            await serve(house, roles=roles, stop=stop)
    log.info("stopped")
