"""Finds integrations by their entry points, imports only what is asked for, and names the package that fails."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import Any

from bot.errors import BrokenPackage, ConfigError, EaselError, how_to_add
from bot.ports import ImageCheck, PromptCheck, Surface
from bot.provider import Provider
from bot.shops import Shop

SURFACES = "easel.surfaces"
PROVIDERS = "easel.providers"
SHOPS = "easel.shops"
PROMPT_CHECKS = "easel.prompt_checks"
IMAGE_CHECKS = "easel.image_checks"
DEFAULT_CHECKS = "easel.default_checks"
SETTINGS = "easel.settings"
TEXTS = "easel.texts"
COMMANDS = "easel.commands"
SIMULATORS = "easel.simulators"
CHECKS = "easel.checks"
_OURS = "easel-bot"  # as pyproject.toml names this distribution; no index has it

GROUPS = (
    SURFACES, PROVIDERS, SHOPS, PROMPT_CHECKS, IMAGE_CHECKS, DEFAULT_CHECKS, SETTINGS, TEXTS, COMMANDS, SIMULATORS, CHECKS,
)  # fmt: skip

# What an entry of a group answers when it is called; the other groups are looked at by who reads them.
_PORTS: dict[str, Any] = {
    SURFACES: Surface,
    PROVIDERS: Provider,
    SHOPS: Shop,
    PROMPT_CHECKS: PromptCheck,
    IMAGE_CHECKS: ImageCheck,
    DEFAULT_CHECKS: bool,
}


@cache
def _points() -> dict[str, dict[str, EntryPoint]]:
    """By group. Looking through all that is installed takes some milliseconds: it is done once, for every group."""
    found = entry_points()
    return {group: {point.name: point for point in found.select(group=group)} for group in GROUPS}


def names(group: str) -> list[str]:
    """What is installed in a group, sorted."""
    return sorted(_points()[group])


def load(group: str, name: str) -> Any:
    """Imports one integration. Raises ConfigError when it is not installed, BrokenPackage when it fails."""
    point = _points()[group].get(name)
    if point is None:
        raise ConfigError(f"{name!r} is not installed; there is: {', '.join(names(group)) or 'nothing'}")
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise BrokenPackage(f"{name!r} needs the module {error.name!r}: {_remedy(point)}") from error
    except Exception as error:
        # A package's own code may raise anything; whoever wrote easel.toml must hear whose it was.
        raise broken(group, name, f"can't be loaded ({_said(error)})") from error


def make(group: str, name: str, *arguments: Any) -> Any:
    """Imports one integration and opens it with its arguments. Raises BrokenPackage unless it is what it shall be."""
    opener = load(group, name)
    try:
        made = opener(*arguments)
    except EaselError:
        raise
    except Exception as error:
        # The same: somebody else's code.
        raise broken(group, name, f"can't be opened ({_said(error)})") from error
    assert_port(group, name, made)
    return made


def assert_port(group: str, name: str, made: object) -> None:
    """Raises BrokenPackage when what an entry made is not what its group promises."""
    port = _PORTS[group]
    if not isinstance(made, port):
        raise broken(
            group,
            name,
            f"made a {type(made).__name__}, which is no {port.__name__} of {port.__module__.replace('.', '/')}.py",
        )


def texts(name: str) -> Traversable:
    """The folder with a package's texts: the module that its entry names, or what the entry's callable answers."""
    found = load(TEXTS, name)
    try:
        folder: Traversable = files(found) if isinstance(found, ModuleType) else found()
        there = folder.is_dir()
    except Exception as error:
        # The same: somebody else's code.
        raise broken(TEXTS, name, f"gives no folder ({_said(error)})") from error
    if not there:
        raise broken(TEXTS, name, "gives no folder")
    return folder


def broken(group: str, name: str, problem: str) -> BrokenPackage:
    """The one line for whoever installed the package."""
    point = _points()[group][name]
    package = point.dist.name if point.dist else point.value
    return BrokenPackage(
        f"the package {package}: {name!r} of {group} {problem}; update the package or uninstall it"
    )


def _remedy(point: EntryPoint) -> str:
    """An extra of the package that is called like the integration brings what it needs."""
    extras = point.dist.metadata.get_all("Provides-Extra") if point.dist else None
    if point.dist and point.name in (extras or ()):
        ours = point.dist.name == _OURS
        return how_to_add(point.name) if ours else f"the extra {point.name!r} of {point.dist.name} brings it"
    # A module's name is not its package's: whoever holds that name on an index may be anybody.
    package = point.dist.name if point.dist else point.value
    return f"see what {package} asks for and install that, or uninstall {package}"


def _said(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
