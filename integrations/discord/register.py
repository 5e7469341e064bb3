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


def scopes_of(application: str, guilds: Sequence[str]) -> list[str]:
    """Where the commands stand: everywhere, and in some servers besides."""
    ours = f"/applications/{application}"
    return [f"{ours}/commands", *(f"{ours}/guilds/{guild}/commands" for guild in guilds)]


async def register(rest: Rest, application: str, wanted: list[dict[str, Any]], guilds: Sequence[str]) -> None:
    """Everywhere, and in some servers besides. A server that doesn't let us is only worth a warning."""
    everywhere, *somewhere = scopes_of(application, guilds)
    await _bring_up_to_date(rest, everywhere, wanted)
    for scope in somewhere:
        try:
            await _bring_up_to_date(rest, scope, wanted)
        except DiscordFault as fault:
            log.warning("the commands could not be registered in a server", scope=scope, problem=str(fault))


async def _bring_up_to_date(rest: Rest, path: str, wanted: list[dict[str, Any]]) -> None:
    # Without its localisations every start would look like a change.
    have = await rest.call("GET", f"{path}?with_localizations=true")
    if _comparable(have or []) == _comparable(wanted):
        return
    await rest.call("PUT", path, wanted)
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
