"""`easel community role` and `channel`: rules by role and by channel, in the words that moderators type."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, JsonOption
from bot.cli.whom import CommunityOption, SurfaceOption, inside, moderating
from bot.community.rulebook import HeldRules
from bot.house.building import App
from bot.ports import Requester
from bot.process.out import say, show_json
from bot.rules.rules import ChannelRule, RoleRule
from bot.staff.rulemaking import NamingRule
from bot.talk.admin_rules import CHANNEL_PARTS, ROLE_PARTS, parted, read, shown

_Words = Annotated[
    list[str] | None,
    typer.Argument(help="Its id, and then part:value as often as you like, or: off. Without: all of them."),
]


def role(
    words: _Words = None,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """What one role or user group gets: `ID allowance:1000 priority:fast`."""
    _part("roles", ROLE_PARTS, words or [], (surface, community), config, json=json)


def channel(
    words: _Words = None,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """What holds in one channel or category: `ID models:flux-2-pro level:strict closed`."""
    _part("channel_rules", CHANNEL_PARTS, words or [], (surface, community), config, json=json)


def _part(
    rule: NamingRule,
    parts: Mapping[str, str],
    words: list[str],
    where: tuple[str, str],
    config: Path | None,
    *,
    json: bool,
) -> None:
    async def work(house: App) -> tuple[Requester, str, HeldRules]:
        actor = await moderating(house, *where)
        if not words:
            return actor, "", await house.rulemaking.held(actor)
        typed, given = parted(words, parts)
        if not typed:
            raise typer.BadParameter(f"name it by its id first, then {', '.join(parts)}")
        values = None if given is None else {part: read(part, text) for part, text in given.items()}
        one, _ = await house.rulemaking.set_part(actor, rule, typed, values)
        return actor, one, await house.rulemaking.held(actor)

    actor, one, holding = inside(config, work)
    rules = holding.rules
    if rule in holding.held_back:
        say("easel: the configuration lets them have less than was set; this is what holds", err=True)
    held: Mapping[str, RoleRule | ChannelRule] = rules.roles if rule == "roles" else rules.channel_rules
    told = {name: found for name, found in held.items() if one in ("", name)}
    if json:
        show_json({name: found.model_dump(mode="json", exclude_none=True) for name, found in told.items()})
        return
    place = f"{actor.surface} / {actor.community}"
    for name, found in told.items():
        say(f"{name} in {place}: {shown(found)}")
    if not told:
        say(f"{one} in {place}: as for all" if one else f"none has rules of its own in {place}")
