"""Who asks and where, out of an interaction or a reaction."""

import time
from collections.abc import Callable
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
    user = interaction.user
    home = interaction.is_guild_integration()
    member = user if isinstance(user, discord.Member) and home else None
    return Requester(
        surface=SURFACE,
        community=str(interaction.guild_id) if home else PERSONAL,
        user=str(user.id),
        name=user.display_name,
        roles=roles_of(member),
        moderator=member is not None and interaction.permissions.manage_guild,
        joined_at=_joined_at(member),
        language=str(interaction.locale.value),
    )


def place_of(interaction: discord.Interaction[Any], where: Where) -> Place:
    """Where it was done, with the age restriction of the channel or of the thread's parent."""
    return place_at(where, age_restricted=is_age_restricted(interaction.channel))


def place_at(where: Where, *, age_restricted: bool) -> Place:
    """Where something was done, without an interaction."""
    return Place(address=where.address, channel=where.channel, age_restricted=age_restricted)


def person_of(user: discord.User | discord.Member, community: str) -> Requester:
    """Somebody whom a moderator named."""
    member = user if isinstance(user, discord.Member) else None
    return Requester(
        surface=SURFACE,
        community=community,
        user=str(user.id),
        name=user.display_name,
        roles=roles_of(member),
        moderator=member is not None and _manages(member),
        joined_at=_joined_at(member),
    )


def reactor_of(payload: discord.RawReactionActionEvent) -> Requester:
    """Who reacted: the event of a server brings the member along, that of direct messages names nobody."""
    member = payload.member
    return Requester(
        surface=SURFACE,
        community=str(payload.guild_id) if payload.guild_id else PERSONAL,
        user=str(payload.user_id),
        name=member.display_name if member else "",
        roles=roles_of(member),
        moderator=member is not None and _manages(member),
        joined_at=_joined_at(member),
    )


def is_age_restricted(channel: Any) -> bool:
    """Whether Discord lets only adults in. A thread is what its parent is."""
    parent = getattr(channel, "parent", None)
    return bool(getattr(parent or channel, "nsfw", False))


def roles_of(member: discord.Member | None) -> frozenset[str]:
    """The ids of a member's roles; the server's own id stands for everyone."""
    if member is None:
        return frozenset()
    return frozenset(str(role) for role in member._roles) | {str(member.guild.id)}  # noqa: SLF001 - the ids alone; `roles` needs a filled cache


def _manages(member: discord.Member) -> bool:
    return member.guild_permissions.manage_guild


def _joined_at(member: discord.Member | None) -> float | None:
    return member.joined_at.timestamp() if member is not None and member.joined_at is not None else None
