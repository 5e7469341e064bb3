"""Opens what packages bring, as the configuration asks for it: providers and surfaces."""

import contextlib
from collections.abc import Collection

import structlog

from bot import plugins
from bot.configuration.settings import Settings
from bot.errors import BrokenPackage
from bot.ports import Surface
from bot.provider import Provider
from bot.shops import Shop
from bot.tools import Tools

log = structlog.get_logger()


def open_providers(settings: Settings, stack: contextlib.AsyncExitStack) -> dict[str, Provider]:
    """Every provider that is set up; the stack closes them. Raises ConfigError for one that can't be opened."""
    providers: dict[str, Provider] = {}
    for name in settings.open_providers():
        provider: Provider = plugins.make(plugins.PROVIDERS, name, settings.section(name))
        stack.push_async_callback(provider.aclose)
        providers[name] = provider
    return providers


def open_surfaces(
    names: Collection[str], tools: Tools, stack: contextlib.AsyncExitStack, *, roles: Collection[str]
) -> dict[str, Surface]:
    """Each surface; one whose package is broken is left out, unless none is left then. The stack closes them."""
    surfaces: dict[str, Surface] = {}
    left_out: list[BrokenPackage] = []
    for name in names:
        mounted = len(tools.mounts)
        try:
            surface: Surface = plugins.make(plugins.SURFACES, name, tools.settings.section(name), tools)
        except BrokenPackage as error:
            del tools.mounts[mounted:]
            log.error("a surface is left out", surface=name, problem=str(error))  # noqa: TRY400 - it says whose and why
            tools.upkeep.tell(name, f"left out: {error}")
            left_out.append(error)
            continue
        stack.push_async_callback(surface.aclose)
        if name not in roles:
            del tools.mounts[mounted:]  # it is here to show; its own processes hear people
        surfaces[name] = surface
    if left_out and not surfaces:
        raise left_out[0]
    return surfaces


def open_shops(tools: Tools, stack: contextlib.AsyncExitStack) -> dict[str, Shop]:
    """Every shop that is set up; the stack closes them. Raises ConfigError for one that can't be opened."""
    shops: dict[str, Shop] = {}
    for name in plugins.names(plugins.SHOPS):
        if tools.settings.is_set_up(name):
            shop: Shop = plugins.make(plugins.SHOPS, name, tools.settings.section(name), tools)
            stack.push_async_callback(shop.aclose)
            shops[name] = shop
    return shops
