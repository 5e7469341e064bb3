"""Who asks and where, out of an interaction, a reaction or a message; and what the rules of a server name."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.abilities import Named, only_one
from bot.errors import ShowFailure, SurfaceError
from bot.ports import Place, Requester
from integrations.discord.address import SURFACE, DiscordAddress
from integrations.discord.replies import Caller

Session = discord.Interaction[Any]

PERSONAL = "personal"  # direct messages and user installs are one community
# A mention as Discord writes it, or the id alone.
_ID = re.compile(r"(?:<(?:@[&!]?|#))?(\d{15,20})>?")


def data_of(session: Session) -> Mapping[str, Any]:
    """What an interaction carries, as Discord sends it."""
    return dict(session.data or {})


def caller_of(session: Session, *, replayed: bool) -> Caller:
    """Who used a command, a menu, a button, a list or a form. `replayed`: it may be an old one."""
    where, source = _where_of(session, replayed=replayed, now=time.time()), session.message
    return Caller(
        who=_requester_of(session),
        where=where,
        place=_place_of(where, session.channel, language=_server_language(session)),
        pressed=str(source.id) if source is not None else "",
        on_private=source is not None and source.flags.ephemeral,
    )


def reactor(payload: discord.RawReactionActionEvent, client: discord.Client, *, silent: bool) -> Caller:
    """Who put a reaction on a message: a server tells who that is, direct messages name nobody."""
    there, member = payload.guild_id, payload.member
    guild = (client.get_guild(there) or discord.Object(there)) if there else None
    community = str(there) if there else PERSONAL
    who = person_of(member, community) if member else None
    where = _where_heard(guild, payload.channel_id, payload.message_id, payload.user_id)
    return Caller(
        who=who or Requester(surface=SURFACE, community=community, user=str(payload.user_id)),
        where=where,
        place=_place_of(where, client.get_channel(payload.channel_id)),
        hears_nothing=silent,
    )


def speaker(message: discord.Message) -> Caller:
    """Who said something to us."""
    guild, author = message.guild, message.author
    where = _where_heard(guild, message.channel.id, message.id, author.id)
    who = person_of(author, str(guild.id) if guild else PERSONAL)
    return Caller(who=who, where=where, place=_place_of(where, message.channel), spoke=True)


def _where_of(interaction: Session, *, replayed: bool, now: float) -> DiscordAddress:
    """Where an interaction is answered. One that a RESUME brought counts from when it was made: its 3 s may be over.

    Others count from now, for our clock may differ from Discord's.
    """
    asked = min(now, interaction.created_at.timestamp()) if replayed else now
    direct = bool(interaction.context.dm_channel) and not interaction.guild_id
    return DiscordAddress(
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


def _where_heard(
    guild: discord.Guild | discord.Object | None, channel: int, message: int, user: int
) -> DiscordAddress:
    """Where a reaction, or what was said, is answered: by a reply to that message."""
    return DiscordAddress(
        asked=f"{time.time():.3f}",
        guild=str(guild.id) if guild else "",
        channel=str(channel),
        user=str(user),
        limit=str(guild.filesize_limit) if isinstance(guild, discord.Guild) else "",
        bot="1",
        direct="" if guild else "1",
        reply=str(message),
    )


def _place_of(where: DiscordAddress, channel: Any, *, language: str = "") -> Place:
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


def _server_language(interaction: Session) -> str:
    """Also of a server that the gateway has not told of."""
    return str(interaction.guild_locale.value) if interaction.guild_locale else ""


def _language_of(channel: Any) -> str:
    """That of the server, as it has told Discord; direct messages have none."""
    guild = getattr(channel, "guild", None)
    locale = getattr(guild, "preferred_locale", None)
    return str(getattr(locale, "value", "") or "")


def _requester_of(interaction: Session) -> Requester:
    """Who did it. Somebody who brought the app along is a person of `personal`, whatever the server's rights."""
    home = interaction.is_guild_integration()
    return person_of(
        interaction.user,
        str(interaction.guild_id) if home else PERSONAL,
        rights=interaction.permissions,
        language=str(interaction.locale.value),
    )


def person_of(
    user: discord.User | discord.Member,
    community: str,
    *,
    rights: discord.Permissions | None = None,
    language: str = "",
) -> Requester:
    """Somebody in a community; `rights` as an interaction tells them."""
    who = Requester(
        surface=SURFACE, community=community, user=str(user.id), name=user.display_name, language=language
    )
    if community == PERSONAL or not isinstance(user, discord.Member):
        return who
    rights = user.guild_permissions if rights is None else rights
    return replace(
        who,
        # The ids alone; the server's own id stands for everyone.
        roles=frozenset(map(str, [*user._roles, user.guild.id])),  # noqa: SLF001 - `roles` needs a filled cache
        moderator=rights.manage_guild,
        tidies=rights.manage_messages,
        joined_at=user.joined_at.timestamp() if user.joined_at else None,
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
    return only_one(found)


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
