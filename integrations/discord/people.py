"""Who asks and where, out of an interaction or a reaction; and what the rules of a server name."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.abilities import Named
from bot.errors import ShowFailure, SurfaceError
from bot.ports import Place, Requester
from integrations.discord.address import SURFACE, Where

Session = discord.Interaction[Any]

PERSONAL = "personal"  # direct messages and user installs are one community
# A mention as Discord writes it, or the id alone.
_ID = re.compile(r"(?:<(?:@[&!]?|#))?(\d{15,20})>?")


def data_of(session: Session) -> Mapping[str, Any]:
    """What an interaction carries, as Discord sends it."""
    return dict(session.data or {})


def where_of(
    interaction: Session, *, replayed: bool = False, clock: Callable[[], float] = time.time
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


def where_reacted(payload: discord.RawReactionActionEvent, client: discord.Client, *, now: float) -> Where:
    """Where a reaction is answered: by a reply to the picture."""
    guild = client.get_guild(payload.guild_id) if payload.guild_id else None
    return Where(
        asked=f"{now:.3f}",
        guild=str(payload.guild_id or ""),
        channel=str(payload.channel_id),
        user=str(payload.user_id),
        limit=str(guild.filesize_limit) if guild else "",
        bot="1",
        direct="" if payload.guild_id else "1",
        reply=str(payload.message_id),
    )


def where_said(message: discord.Message, *, now: float) -> Where:
    """Where what was said is answered: by a reply to it."""
    guild = message.guild
    return Where(
        asked=f"{now:.3f}",
        guild=str(guild.id) if guild else "",
        channel=str(message.channel.id),
        user=str(message.author.id),
        limit=str(guild.filesize_limit) if guild else "",
        bot="1",
        direct="" if guild else "1",
        reply=str(message.id),
    )


def place_of(where: Where, channel: Any, *, language: str = "") -> Place:
    """Where it was done; `language` is the server's, as an interaction tells it. A thread is as age-restricted as its parent, and counts as a part of it."""
    parent = getattr(channel, "parent", None)
    restricted = bool(getattr(parent or channel, "nsfw", False))
    above = (getattr(channel, "parent_id", None), getattr(parent or channel, "category_id", None))
    return Place(
        address=where.address,
        channel=where.channel,
        within=tuple(str(one) for one in above if one),
        age_restricted=restricted,
        language=language or _language_of(channel),
    )


def server_language(interaction: Session) -> str:
    """Also of a server that the gateway has not told of."""
    return str(interaction.guild_locale.value) if interaction.guild_locale else ""


def _language_of(channel: Any) -> str:
    """That of the server, as it has told Discord; direct messages have none."""
    guild = getattr(channel, "guild", None)
    locale = getattr(guild, "preferred_locale", None)
    return str(getattr(locale, "value", "") or "")


def requester_of(interaction: Session) -> Requester:
    """Who did it. Somebody who brought the app along is a person of `personal`, whatever the server's rights."""
    user, home = interaction.user, interaction.is_guild_integration()
    member = user if isinstance(user, discord.Member) and home else None
    return _requester(
        user.id,
        member,
        community=str(interaction.guild_id) if home else PERSONAL,
        name=user.display_name,
        manages=interaction.permissions.manage_guild,
        tidies=interaction.permissions.manage_messages,
        language=str(interaction.locale.value),
    )


def person_of(user: discord.User | discord.Member, community: str) -> Requester:
    """Somebody whom a moderator named."""
    member = user if isinstance(user, discord.Member) else None
    return _requester(user.id, member, community=community, name=user.display_name)


def reactor_of(payload: discord.RawReactionActionEvent) -> Requester:
    """Who reacted: the event of a server brings the member along, that of direct messages names nobody."""
    member = payload.member
    community = str(payload.guild_id) if payload.guild_id else PERSONAL
    name = member.display_name if member else ""
    return _requester(payload.user_id, member, community=community, name=name)


def speaker_of(message: discord.Message) -> Requester:
    """Who said it."""
    user, guild = message.author, message.guild
    member = user if isinstance(user, discord.Member) else None
    return _requester(user.id, member, community=str(guild.id) if guild else PERSONAL, name=user.display_name)


def _requester(
    user: int,
    member: discord.Member | None,
    *,
    community: str,
    name: str,
    manages: bool | None = None,
    tidies: bool | None = None,
    language: str = "",
) -> Requester:
    who = Requester(surface=SURFACE, community=community, user=str(user), name=name, language=language)
    if member is None:
        return who
    # The ids alone; the server's own id stands for everyone.
    roles = frozenset(str(role) for role in member._roles) | {str(member.guild.id)}  # noqa: SLF001 - `roles` needs a filled cache
    return replace(
        who,
        roles=roles,
        moderator=member.guild_permissions.manage_guild if manages is None else manages,
        tidies=member.guild_permissions.manage_messages if tidies is None else tidies,
        joined_at=member.joined_at.timestamp() if member.joined_at else None,
    )


def named(guild: discord.Guild | None, kind: Named, typed: str) -> str | None:
    """The id behind an id, a mention or a name; None where nothing has that name, or several things have it.

    Raises SurfaceError where the gateway has not told of the server.
    """
    # An id is Discord's own word, also for what the gateway tells nobody, such as an archived thread.
    if by_id := _ID.fullmatch(typed.strip()):
        return by_id[1]
    if guild is None or guild.unavailable:
        raise SurfaceError("the gateway has not told of this server", kind=ShowFailure.LATER)
    wanted = _plain(typed)
    found = [str(one.id) for one in _all(guild, kind) if _plain(one.name) == wanted]
    return found[0] if len(found) == 1 else None


def _all(guild: discord.Guild, kind: Named) -> list[discord.Role | discord.abc.GuildChannel | discord.Thread]:
    match kind:
        case Named.ROLE:
            return list(guild.roles)
        case Named.CHANNEL:
            return [*guild.channels, *guild.threads]
        case Named.PERSON:
            return []  # the gateway tells of nobody: people are named by mention


def _plain(name: str) -> str:
    return name.strip().lstrip("@#").casefold()
