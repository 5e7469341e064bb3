"""Finds integrations by their entry points and imports only what is asked for."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from bot.errors import ConfigError

SURFACES = "easel.surfaces"
PROVIDERS = "easel.providers"
PROMPT_CHECKS = "easel.prompt_checks"
IMAGE_CHECKS = "easel.image_checks"
SETTINGS = "easel.settings"
COMMANDS = "easel.commands"
SIMULATORS = "easel.simulators"
CHECKS = "easel.checks"
GROUPS = (SURFACES, PROVIDERS, PROMPT_CHECKS, IMAGE_CHECKS, SETTINGS, COMMANDS, SIMULATORS, CHECKS)


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def names(group: str) -> list[str]:
    """What is installed in a group, sorted."""
    return sorted(_points(group))


def load(group: str, name: str) -> Any:
    """Imports one integration. Raises ConfigError when it, or what it needs, is not installed."""
    point = _points(group).get(name)
    if point is None:
        raise ConfigError(f"{name!r} is not installed; there is: {', '.join(names(group)) or 'nothing'}")
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{name!r} needs the package {error.name!r}: pip install 'easel-bot[{name}]'"
        ) from error
