"""What the operator's commands share: the installation that is there, and whom in it they mean.

Nothing is made and nobody is credited by a slip: what doesn't exist is refused with 2, and whoever is
meant is told in full.
"""

import contextlib
import difflib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import plugins
from bot.cli.common import found_file, operator, run, settings_of
from bot.community.quotas import HOUSE_COMMUNITY, HOUSE_SURFACE
from bot.configuration.settings import Settings
from bot.house.app import open_app
from bot.house.building import App
from bot.ports import Requester
from bot.process.out import say

T = TypeVar("T")

SurfaceOption = Annotated[str, typer.Option("--surface", help="discord, slack, web or cli.")]
CommunityOption = Annotated[
    str, typer.Option("--community", help="Server or workspace; without it the only one that is known there.")
]
UserOption = Annotated[
    str, typer.Option("--user", help="The person's id on that surface; of cli, you yourself.")
]


def inside(config: Path | None, act: Callable[[App], Awaitable[T]]) -> T:
    """Acts in the installation of this configuration. Raises ConfigError where there is none yet."""

    async def work() -> T:
        async with drawn_for(config) as settings, open_app(settings, roles=(), create=False) as house:
            return await act(house)

    return run(work())


@contextlib.asynccontextmanager
async def drawn_for(config: Path | None, *, aloud: bool = False) -> AsyncIterator[Settings]:
    """The settings; without a configuration those that `easel imagine` draws by, with an embedded simulator: `aloud` says so.

    What it draws is what can be named in the home of `easel play`. Raises ConfigError.
    """
    settings = settings_of(config)
    if settings.open_providers() or found_file(config) is not None:
        yield settings
        return
    async with plugins.load(plugins.SIMULATORS, "gateway")() as simulation:
        if aloud:
            say("No configuration: the built-in simulator draws.", err=True)
        yield settings_of(None, gateway={"base_url": simulation.base_url, "api_key": simulation.api_key})


async def moderating(house: App, surface: str, community: str) -> Requester:
    """The operator, acting in somebody's community."""
    found = await community_of(house, surface, community)
    return Requester(surface=surface, community=found, user=operator().user, moderator=True)


async def person_of(house: App, surface: str, community: str, user: str) -> Requester:
    """Somebody, as the operator names them. Raises typer.BadParameter."""
    if not user and surface != HOUSE_SURFACE:
        raise typer.BadParameter(f"name the person by their id on {surface}", param_hint="--user")
    assert_id(user, "--user")
    found = await community_of(house, surface, community)
    return person(surface, found, user or operator().user)


def person(surface: str, community: str, user: str) -> Requester:
    """Somebody, as the operator names them."""
    return Requester(surface=surface, community=community, user=user)


async def community_of(house: App, surface: str, community: str) -> str:
    """The community that is meant; one that nothing is known of is told of. Raises typer.BadParameter."""
    assert_surface(surface)
    if surface == HOUSE_SURFACE and community in ("", HOUSE_COMMUNITY):
        return HOUSE_COMMUNITY
    if surface == HOUSE_SURFACE:
        raise typer.BadParameter(
            f"there is {HOUSE_COMMUNITY} alone at the terminal", param_hint="--community"
        )
    assert_id(community, "--community")
    known = await house.store.people.known(surface)
    if community:
        if community not in known:
            near = difflib.get_close_matches(community, known, n=1)
            more = f"; did you mean {near[0]!r}?" if near else ""
            say(f"easel: nobody of {surface} / {community} has been here yet{more}", err=True)
        return community
    if len(known) != 1:
        there_is = f"; there is {', '.join(known[:10])}" if known else "; nobody has asked there yet"
        raise typer.BadParameter(f"name the community of {surface}{there_is}", param_hint="--community")
    return known[0]


def assert_id(text: str, option: str) -> None:
    """Raises typer.BadParameter for what no platform calls anybody: a slip of the clipboard would be kept for good."""
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        raise typer.BadParameter(f"{text!r} is no id", param_hint=option)


def assert_surface(surface: str) -> None:
    """Raises typer.BadParameter for one that is not installed."""
    known = sorted({HOUSE_SURFACE, *plugins.names(plugins.SURFACES)})
    if surface not in known:
        near = difflib.get_close_matches(surface, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known)}"
        raise typer.BadParameter(f"there is no surface {surface!r}{hint}", param_hint="--surface")


def whole(who: Requester) -> str:
    """Whose a purse is, in full."""
    return f"{who.surface} / {who.community} / {who.user}"
