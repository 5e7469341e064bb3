"""Messages that were posted and whose answer was lost: found by their metadata, many with one look."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.ports import Address, Card
from bot.recent import Recent
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import EVENT_TYPE, name_of

_NO_LOOK = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type"})
_BLIND_S = 60.0  # where we may not look, we don't try each time
_GATHER_S = 0.1  # whoever asks meanwhile shares the look
_PAGES, _PAGE = 3, 100
_BEFORE_S = 10  # clocks differ
_REMEMBERED = 5_000

Spot = tuple[str, str]  # channel and thread


@dataclass(slots=True, kw_only=True)
class _Look:
    """What was found in a place, or why nothing could be: good for whoever asked before `until`."""

    until: float = 0.0
    found: Mapping[str, str] = field(default_factory=dict)  # a card's name -> ts
    fault: SlackFault | None = None
    since: float = math.inf  # of the oldest that is looked for next
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Orphans:
    """Remembers which posts certainly made no message, and looks for the others."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._posts = Recent[str, bool](_REMEMBERED)  # whether the answer to the last try was lost
        self._looks = Recent[Spot, _Look](_REMEMBERED)

    def sending(self, card: Card) -> None:
        """A post is on its way: until its answer is here, it may have been done."""
        self._posts[name_of(card)] = True

    def not_posted(self, card: Card) -> None:
        """Slack said no, or too much: no message was made."""
        self._posts[name_of(card)] = False

    def posted(self, card: Card) -> None:
        self._posts.pop(name_of(card), None)

    def may_be(self, card: Card, *, known_before: bool) -> bool:
        """Whether a message may stand there that we don't know of."""
        lost = self._posts.get(name_of(card))
        return lost if lost is not None else not (known_before or card.first)

    async def find(self, card: Card, address: Address, channel: str, thread: str) -> str:
        """The ts of a message about this job, or nothing. Raises SlackFault."""
        spot, asked_at = (channel, thread), time.monotonic()
        look = self._looks[spot] = self._looks.get(spot) or _Look()
        look.since = min(look.since, float(address.data.get("asked") or 0) - _BEFORE_S)
        async with look.lock:
            if look.until < asked_at:
                await asyncio.sleep(_GATHER_S)
                await self._look(look, spot)
            if look.fault is not None:
                raise look.fault
            return look.found.get(name_of(card), "")

    async def _look(self, look: _Look, spot: Spot) -> None:
        began_at, since, look.since = time.monotonic(), look.since, math.inf
        try:
            look.found, look.fault, look.until = await self._read(spot, since), None, began_at
        except SlackFault as fault:
            blind = fault.error in _NO_LOOK
            look.found, look.fault = {}, None if blind else fault
            look.until = began_at + (_BLIND_S if blind else 0.0)
        except asyncio.CancelledError:
            look.since = min(look.since, since)  # whoever else waits still needs a look
            raise

    async def _read(self, spot: Spot, since: float) -> Mapping[str, str]:
        channel, thread = spot
        where: dict[str, Any] = {
            "channel": channel, "limit": _PAGE, "include_all_metadata": True, "oldest": str(max(0, int(since))),
        }  # fmt: skip
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            where["ts"] = thread
        found: dict[str, str] = {}
        for _ in range(_PAGES):
            answer = await self._api.patiently(method, **where)
            for message in answer.get("messages") or []:
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE:
                    about = metadata.get("event_payload") or {}
                    found[f"{about.get('job')}:{about.get('role')}"] = str(message["ts"])
            where["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not where["cursor"]:
                break
        return found
