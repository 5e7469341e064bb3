"""What a server's rules name: its roles and channels, as the gateway has told them."""

import re

import discord

from bot.errors import ShowFailure, SurfaceError
from bot.ports import Named

# A mention as Discord writes it, or the id alone.
_ID = re.compile(r"(?:<(?:@&|#))?(\d{15,20})>?")


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


def _plain(name: str) -> str:
    return name.strip().lstrip("@#").casefold()
