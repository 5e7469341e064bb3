"""Registers the commands when they changed: what Discord has is compared with what we would send."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import structlog

from integrations.discord._wire import DiscordFault, Rest

log = structlog.get_logger()

# Of a command, its options and their choices; Discord adds ids and versions, and may add more.
_COMPARED = frozenset({
    "autocomplete", "channel_types", "choices", "contexts", "default_member_permissions", "description",
    "description_localizations", "integration_types", "max_length", "max_value", "min_length", "min_value", "name",
    "name_localizations", "nsfw", "options", "required", "type", "value",
})  # fmt: skip


async def register(rest: Rest, application: str, wanted: list[dict[str, Any]], guilds: Sequence[str]) -> None:
    """Everywhere, and in some servers besides. A server that doesn't let us is only worth a warning."""
    await _bring_up_to_date(rest, f"/applications/{application}/commands", wanted)
    for guild in guilds:
        try:
            await _bring_up_to_date(rest, f"/applications/{application}/guilds/{guild}/commands", wanted)
        except DiscordFault as fault:
            log.warning("the commands could not be registered in a server", guild=guild, problem=str(fault))


async def is_registered(rest: Rest, path: str, wanted: list[dict[str, Any]]) -> bool:
    """Whether Discord has just these commands. Raises DiscordFault."""
    # discord.py's own call never asks for the localisations: every start would look like a change.
    have = await rest.bot("GET", f"{path}?with_localizations=true")
    return _comparable(have or []) == _comparable(wanted)


async def _bring_up_to_date(rest: Rest, path: str, wanted: list[dict[str, Any]]) -> None:
    if await is_registered(rest, path, wanted):
        return
    await rest.bot("PUT", path, wanted)
    log.info("the commands were registered", commands=len(wanted), scope=path)


def _comparable(commands: list[dict[str, Any]]) -> list[Any]:
    """Without ids and versions, and without what says nothing: Discord leaves defaults out or fills them in."""
    return sorted((_plain({"type": 1, **one}) for one in commands), key=itemgetter("name", "type"))


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    said = {name: _value(value) for name, value in one.items() if name in _COMPARED}
    return {name: value for name, value in said.items() if value not in (None, False, {}, [], "")}


def _value(value: Any) -> Any:
    """Order doesn't matter in lists of numbers, and Discord tells permissions as text."""
    if isinstance(value, list):
        return [_plain(one) for one in value] if value and isinstance(value[0], dict) else sorted(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
