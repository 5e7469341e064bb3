"""Our messages that an earlier try posted and could not tell of, found by what they tell of themselves."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from bot.ports import Card, Handle
from integrations.discord import failures
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import named_in
from integrations.discord.direct import Direct
from integrations.discord.failures import Remedy
from integrations.discord.handles import handle_of
from integrations.discord.promises import Promise, promised_in

_PAGES, _PAGE = 3, 100
_CLOCKS_DIFFER_S = 5
_EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
_NOT_FOUND = 404

ToldMessage = Mapping[str, Any]


class Lookback:
    """Looks, where something may stand that no handle tells of."""

    def __init__(self, rest: Rest, direct: Direct, *, clock: Callable[[], float] = time.time) -> None:
        self._rest = rest
        self._direct = direct
        self._clock = clock

    async def answer(self, where: DiscordAddress) -> ToldMessage | None:
        """The first response as it stands, while its token lives. Raises DiscordFault."""
        if not where.token_lives(self._clock()):
            return None
        try:
            found: ToldMessage = await self._rest.call("GET", f"{where.webhook}/messages/@original")
        except DiscordFault as fault:
            if fault.status in (_NOT_FOUND, failures.UNAUTHORIZED):
                return None
            raise
        return found

    async def first(self, card: Card, where: DiscordAddress, channel: str, *, via: str) -> Handle | None:
        """A message about this card, posted since it was asked for: they stand close together. Raises DiscordFault."""
        async for message in self._read(channel, after=_before_asked(where)):
            if named_in(message) == card.name:
                return handle_of(where, message, via=via)
        return None

    async def anew(self, card: Card, where: DiscordAddress, instead_of: str) -> Handle | None:
        """The one in place of a message that can't be edited: newer than that, by an unknown time. Raises DiscordFault."""
        async for message in self._read(where.channel, before=None):
            if int(message["id"]) <= int(instead_of):
                return None
            if named_in(message) == card.name:
                return handle_of(where, message, via="channel")
        return None

    async def anywhere(self, card: Card, where: DiscordAddress) -> Handle | None:
        """The first message of a card, wherever it may stand, if only as a promise. Raises DiscordFault."""
        found = await self.answer(where)
        if found and (named_in(found) == card.name or promised_in(found) is not Promise.NONE):
            return handle_of(where, found, via="token")
        if where.home and (where.dm or not card.private):
            with _closed():
                if (stands := await self.first(card, where, where.channel, via="channel")) is not None:
                    return stands
        if where.user and not (where.home and where.dm):
            with _closed():
                direct = await self._direct.open(where.user)
                return await self.first(card, where, direct, via="direct")
        return None

    async def _read(self, channel: str, **since: int | None) -> AsyncIterator[ToldMessage]:
        """A few pages: from the oldest after one message, or from the newest back. Nothing where we may not read."""
        (way,) = since
        mark, pick = since[way], max if way == "after" else min
        for _ in range(_PAGES):
            beginning = "" if mark is None else f"&{way}={mark}"
            try:
                page = await self._rest.call("GET", f"/channels/{channel}/messages?limit={_PAGE}{beginning}")
            except DiscordFault as fault:
                if fault.remedy in (Remedy.LATER, Remedy.GONE):
                    raise
                return
            for message in page:
                yield message
            if len(page) < _PAGE:
                return
            mark = pick(int(message["id"]) for message in page)


def _before_asked(where: DiscordAddress) -> int:
    """A moment before it was asked, as an id: by Discord's clock where it began with an interaction, for ours may be wrong."""
    if where.interaction:
        return max(0, int(where.interaction) - (_CLOCKS_DIFFER_S * 1000 << 22))
    return max(0, int((where.asked_at - _CLOCKS_DIFFER_S) * 1000) - _EPOCH_MS) << 22


@contextlib.contextmanager
def _closed() -> Iterator[None]:
    """A place that is no more, or closed to us, has nothing of ours that could be reached. Raises DiscordFault."""
    try:
        yield
    except DiscordFault as fault:
        if fault.remedy is Remedy.LATER:
            raise
