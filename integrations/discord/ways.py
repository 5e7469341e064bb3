"""Several ways to show one card, each tried until one is open."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.ports import Card, Handle
from integrations.discord._wire import UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, DiscordFault
from integrations.discord.failures import Deed, deed_for

log = structlog.get_logger()

REMOVED = frozenset({UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_GUILD})
_TRY_AGAIN_S = 1.5  # after this an interaction that wasn't known may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to show a card. `direct`: to the person alone, whatever became of the channel."""

    go: Callable[[Card], Awaitable[Handle]]
    direct: bool = False
    by_token: bool = False


async def by_any(card: Card, ways: Sequence[Way], *, painted: bool) -> Handle:
    """By each way in turn until one is open. Raises DiscordFault: the one that tells most."""
    said, last = card, DiscordFault(0, detail="there is no way")
    for way in ways:
        if last.code in REMOVED and painted and not way.direct:
            continue
        try:
            return await by(way, card if way.direct else said, painted=painted)
        except DiscordFault as fault:
            deed = deed_for(fault, painted=painted)
            if deed is Deed.LATER:
                raise
            if deed is Deed.PLAIN:
                said = _plain(card)
            log.info("another way to show it", job=card.job, problem=str(fault))
            last = fault if last.code not in REMOVED else last
    raise last


async def by(way: Way, card: Card, *, painted: bool) -> Handle:
    """By one way, as often as it is worth it. Raises DiscordFault."""
    try:
        return await way.go(card)
    except DiscordFault as fault:
        deed = deed_for(fault, painted=painted)
        plain = deed is Deed.PLAIN and bool(card.prompt)
        if not plain and not (deed is Deed.AGAIN and way.by_token):
            raise
    if plain:
        return await way.go(_plain(card))
    # An interaction may be unknown for a while: https://github.com/discord/discord-api-docs/issues/7220
    await asyncio.sleep(_TRY_AGAIN_S)
    return await way.go(card)


def _plain(card: Card) -> Card:
    """Without what the person typed: AutoMod may object to it."""
    pictures = tuple(replace(one, alt="") for one in card.pictures)
    return replace(card, prompt="", pictures=pictures)
