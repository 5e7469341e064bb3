"""Who asks and where, out of an interaction or a reaction."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord

from bot.ports import Place, Requester
from integrations.discord.address import SURFACE, Where

PERSONAL = "personal"  # direct messages and user installs are one community


def where_of(
    interaction: discord.Interaction[Any], *, replayed: bool = False, clock: Callable[[], float] = time.time
) -> Where:
    """Where an interaction is answered. One that a RESUME brought counts from when it was made: its 3 s may be over.

    Others count from now, for our clock may differ from Discord's.
    """
    now = clock()
    asked = min(now, interaction.created_at.timestamp()) if replayed else now
    direct = bool(interaction.context.dm_channel) and not interaction.guild_id
    return Where(
        app=str(interaction.application_id),
        interaction=str(interaction.id),
        token=interaction.token,
        asked=f"{asked:.3f}",
        guild=str(interaction.guild_id or ""),
        channel=str(interaction.channel_id or ""),
        user=str(interaction.user.id),
        limit=str(interaction.filesize_limit),
        bot="1" if direct or interaction.is_guild_integration() else "",
        direct="1" if direct else "",
    )


def requester_of(interaction: discord.Interaction[Any]) -> Requester:
    """Who did it. Somebody who brought the app along is a person of `personal`, whatever the server's rights."""
    home = interaction.is_guild_integration()
    return _person(
        interaction.user,
        str(interaction.guild_id) if home else PERSONAL,
        belongs=home,
        moderator=interaction.permissions.manage_guild,
        language=str(interaction.locale.value),
    )


def person_of(user: discord.User | discord.Member, community: str) -> Requester:
    """Somebody whom a moderator named."""
    return _person(user, community)


def reactor_of(payload: discord.RawReactionActionEvent) -> Requester:
    """Who reacted: the event of a server brings the member along, that of direct messages names nobody."""
    community = str(payload.guild_id or PERSONAL)
    if payload.member is not None:
        return _person(payload.member, community)
    return Requester(surface=SURFACE, community=community, user=str(payload.user_id))


def _person(
    user: discord.User | discord.Member,
    community: str,
    *,
    belongs: bool = True,
    moderator: bool | None = None,
    language: str = "",
) -> Requester:
    """With the facts of a member only where the community is the member's; `moderator` where that is known."""
    who = Requester(
        surface=SURFACE,
        community=community,
        user=str(user.id),
        name=user.display_name,
        language=language,
    )
    if not belongs or not isinstance(user, discord.Member):
        return who
    return replace(
        who,
        # The ids alone, for `roles` needs a filled cache; the server's own id stands for everyone.
        roles=frozenset(str(role) for role in user._roles) | {str(user.guild.id)},  # noqa: SLF001
        moderator=user.guild_permissions.manage_guild if moderator is None else moderator,
        joined_at=user.joined_at.timestamp() if user.joined_at else None,
    )


def place_of(where: Where, channel: Any) -> Place:
    """Where something was done, with the age restriction of the channel or of the thread's parent."""
    return Place(address=where.address, channel=where.channel, age_restricted=is_age_restricted(channel))


def is_age_restricted(channel: Any) -> bool:
    """Whether Discord lets only adults in. A thread is what its parent is."""
    parent = getattr(channel, "parent", None)
    return bool(getattr(parent or channel, "nsfw", False))
