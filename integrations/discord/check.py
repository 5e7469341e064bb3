"""`easel check` for Discord: the token, who may add it, the intents and the commands; nothing is connected."""

from contextlib import aclosing
from typing import Any

from bot.checks import Checked, checked
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.commands import ADMIN, EASEL, IMAGINE, scopes_of
from integrations.discord.settings import DiscordSettings

_UNAUTHORIZED = 401
# https://discord.com/developers/docs/resources/application#application-object-application-flags
_CONTENT = 1 << 18 | 1 << 19
_REVOKED = "set the right token, from the page Bot of the developer portal"
CLOSE_IT = "switch Public Bot off, on the page Bot of the developer portal"
_NOT_REACHED = "is api_base_url right, and Discord reachable from here?"


async def check(settings: DiscordSettings) -> list[Checked]:
    """Tries what the section [discord] names."""
    try:
        async with aclosing(Rest(settings)) as rest:
            me = await rest.call("GET", "/applications/@me")
            return [
                checked("discord", detail=f"application {me.get('name') or me['id']}"),
                _public(me),
                _intents(me),
                await _check_gateway(rest, settings),
                *[await _check_commands(rest, path) for path in scopes_of(me["id"], settings.guild_ids)],
            ]
    except DiscordFault as fault:
        fix = _REVOKED if fault.status == _UNAUTHORIZED else _NOT_REACHED
        return [checked("discord", ok=False, detail=str(fault), fix=fix)]


def _public(me: dict[str, Any]) -> Checked:
    """Whom the developer portal lets add it; what strangers may spend then is for the core to say."""
    if not me.get("bot_public"):
        return checked("discord_public", detail="only its owner can add it to a server")
    return checked("discord_public", detail="anybody can add it to a server") | {"open": CLOSE_IT}


def _intents(me: dict[str, Any]) -> Checked:
    """Those that Easel uses need no switch; the one that reads messages is better left off."""
    advice = "Message Content is on: Easel doesn't need it" if int(me.get("flags") or 0) & _CONTENT else ""
    return checked(
        "discord_intents", detail="servers, reactions, words to us: no switch is needed", fix=advice
    )


async def _check_gateway(rest: Rest, settings: DiscordSettings) -> Checked:
    said = await rest.call("GET", "/gateway/bot")
    wanted, have = int(said.get("shards") or 1), settings.shard_count
    left = (said.get("session_start_limit") or {}).get("remaining")
    detail = f"{have or wanted} shards, {left} more starts today"
    if left == 0:
        return checked("discord_gateway", ok=False, detail=detail, fix="wait until the starts are renewed")
    fix = f"Discord advises {wanted} shards" if have is not None and have < wanted else ""
    return checked("discord_gateway", detail=detail, fix=fix)


async def _check_commands(rest: Rest, path: str) -> Checked:
    """Whether our commands are there; `easel run` brings them up to date."""
    where = "everywhere" if "/guilds/" not in path else f"in server {path.split('/')[4]}"
    try:
        have = {str(one["name"]) for one in await rest.call("GET", path) or []}
    except DiscordFault as fault:
        fix = "is the bot in that server? take its id out of guild_ids, or invite it"
        return checked("discord_commands", ok=False, detail=f"{where}: {fault}", fix=fix)
    missing = sorted({IMAGINE, EASEL, ADMIN} - have)
    if missing:
        fix = f"easel run registers them: {', '.join(missing)}"
        return checked("discord_commands", detail=f"{where}: not yet registered", fix=fix)
    return checked("discord_commands", detail=f"{where}: {len(have)} registered")
