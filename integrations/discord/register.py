"""Registers the commands when they changed: what Discord has is compared with what we would send."""

from collections.abc import Sequence
from typing import Any

import structlog

from integrations.discord._wire import DiscordFault, Rest

log = structlog.get_logger()

_COMMAND = (
    "type", "name", "name_localizations", "description", "description_localizations", "nsfw",
    "default_member_permissions", "integration_types", "contexts",
)  # fmt: skip
_OPTION = (
    "type", "name", "name_localizations", "description", "description_localizations", "required", "autocomplete",
    "min_value", "max_value", "min_length", "max_length", "channel_types",
)  # fmt: skip


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
    return sorted((_plain(one, _COMMAND) for one in commands), key=str)


def _plain(one: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: _value(one.get(name)) for name in names if one.get(name) not in (None, False, {}, [], "")}
    kept.setdefault("type", 1)
    if options := one.get("options"):
        kept["options"] = [_plain(option, _OPTION) for option in options]
    if choices := one.get("choices"):
        kept["choices"] = [
            {name: choice[name] for name in ("name", "value", "name_localizations") if choice.get(name)}
            for choice in choices
        ]
    return kept


def _value(value: Any) -> Any:
    """Order doesn't matter in lists of numbers, and Discord tells permissions as text."""
    if isinstance(value, list):
        return sorted(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
