"""A first response that only says that one will come: for who would have to wait too long for a placeholder.

Discord shows it to everybody as a message of ours; the placeholder becomes an edit of it. It can't become private
afterwards, so for whatever others must not see it makes room. What a process has promised and could not keep is found
again by the message itself, which still says that it is loading.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import structlog

from integrations.discord._wire import DiscordFault, File, Rest
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import EPHEMERAL
from integrations.discord.failures import ANSWERED, REMOVED, UNKNOWN_WEBHOOK
from integrations.discord.first import say_first

log = structlog.get_logger()

_DEFER, _NOT_FOUND = 5, 404
_LOADING = 1 << 7  # a message's flag: nothing but the promise was said yet
_NOTHING_THERE = REMOVED | {UNKNOWN_WEBHOOK}  # nobody has answered yet, or it is gone

SendFollowUp = Callable[[dict[str, Any], Sequence[File]], Awaitable[Any]]


class Promise(Enum):
    """What stands there of ours, before the placeholder."""

    NONE = auto()
    OPEN = auto()  # for everybody to see
    PRIVATE = auto()
    DOUBTFUL = auto()  # its answer was lost: Discord is to be asked
    KEPT = auto()  # the placeholder has taken its place, and stays


@dataclass(slots=True)
class _Asked:
    """One interaction that is being answered here."""

    promise: Promise = Promise.NONE
    taken: bool = False  # its first response is a promise, or is being made by who shows
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Promises:
    """Those of one process; an interaction has one first response, and it is made by whoever comes first."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._asked: dict[str, _Asked] = {}

    @contextlib.contextmanager
    def possible(self, where: DiscordAddress) -> Iterator[None]:
        """While an interaction is answered here, a promise may be made for it."""
        if not where.token or where.interaction in self._asked:  # told twice: the first one's is enough
            yield
            return
        self._asked[where.interaction] = _Asked()
        try:
            yield
        finally:
            del self._asked[where.interaction]

    async def make(self, where: DiscordAddress, *, private: bool) -> bool:
        """Says so, where nothing has been said yet; whether something may stand there now."""
        asked = self._asked.get(where.interaction)
        if asked is None or asked.taken:
            return False
        asked.taken, asked.promise = True, Promise.DOUBTFUL
        alone = private and not where.dm
        made = Promise.PRIVATE if alone else Promise.OPEN
        response = {"type": _DEFER, "data": {"flags": EPHEMERAL if alone else 0}}
        try:
            await say_first(self._rest, where, where.callback, response)
            asked.promise = made
        except DiscordFault as fault:
            log.info("a promise was not taken", problem=str(fault))
            if not fault.doubtful:
                asked.promise = Promise.NONE
            elif fault.code == ANSWERED:  # by the try before, whose answer was lost
                asked.promise = made
        finally:
            asked.settled.set()
        return asked.promise is not Promise.NONE

    async def of(self, where: DiscordAddress) -> Promise:
        """What stands there; from now on none is made."""
        asked = self._asked.get(where.interaction)
        if asked is None:
            return Promise.NONE
        if asked.taken:
            await asked.settled.wait()
        asked.taken = True
        asked.settled.set()
        return asked.promise

    async def make_room(self, where: DiscordAddress) -> Promise:
        """What stands there, before one person alone is told something: that would take a promise's place.

        One that everybody sees is removed first, whoever made it. Raises DiscordFault: then nothing may be said there.
        """
        if await self.of(where) is Promise.KEPT:
            return Promise.KEPT
        stands = await self._look(where)
        if stands is Promise.OPEN:
            await self._remove(where)
        return stands

    async def keep(self, where: DiscordAddress, promise: Promise, *, alone: bool) -> SendFollowUp:
        """How a message comes to stand in its place; room is made for one that others must not see, or may."""
        in_place = alone == (promise is Promise.PRIVATE)

        async def send(body: dict[str, Any], files: Sequence[File]) -> Any:
            if in_place:
                made = await self._rest.call("PATCH", _original(where), body, files=files)
            else:
                # Nobody finds a private one again, and one too many is seen by one person; a public one is found.
                told = {**body, "flags": EPHEMERAL if alone else 0}
                made = await self._rest.call("POST", where.webhook, told, files=files, repeats=alone)
            if (asked := self._asked.get(where.interaction)) is not None:
                asked.promise = Promise.KEPT
            return made

        if not in_place:
            await self._remove(where)
        return send

    async def _look(self, where: DiscordAddress) -> Promise:
        """What Discord says that stands there."""
        try:
            return promised_in(await self._rest.call("GET", _original(where)))
        except DiscordFault as fault:
            if fault.status != _NOT_FOUND:
                raise
            return Promise.NONE

    async def _remove(self, where: DiscordAddress) -> None:
        try:
            await self._rest.call("DELETE", _original(where))
        except DiscordFault as fault:
            if fault.code not in _NOTHING_THERE:
                raise


def _original(where: DiscordAddress) -> str:
    return f"{where.webhook}/messages/@original"


def promised_in(message: Mapping[str, Any]) -> Promise:
    """What a message is that somebody finds as the first response."""
    flags = int(message.get("flags") or 0)
    if not flags & _LOADING:
        return Promise.NONE
    return Promise.PRIVATE if flags & EPHEMERAL else Promise.OPEN
