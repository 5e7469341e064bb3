"""Messages that were posted and whose answer was lost: found by their metadata, many with one look."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bot.background import end
from bot.ports import Address, Card
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import EVENT_TYPE

_NO_LOOK = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type"})
_BLIND_S = 60.0  # where we may not look, we don't try each time
_GATHER_S = 0.1  # whoever asks meanwhile shares the look
_PAGES, _PAGE = 3, 100
_BEFORE_S = 10  # clocks differ
_REMEMBERED = 5_000

Spot = tuple[str, str]  # channel and thread
Found = Mapping[tuple[str, str], str]  # job and role -> ts


class Orphans:
    """Remembers which posts certainly made no message, and looks for the others."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._posts: OrderedDict[str, bool] = OrderedDict()  # whether the answer to the last try was lost
        self._gathering: dict[Spot, asyncio.Task[Found]] = {}
        self._since: dict[Spot, float] = {}
        self._locks: dict[Spot, asyncio.Lock] = {}
        self._blind_until: dict[Spot, float] = {}
        self._tasks: set[asyncio.Task[Found]] = set()

    def sending(self, card: Card) -> None:
        """A post is on its way: until its answer is here, it may have been done."""
        self._posts[_key(card)] = True
        self._posts.move_to_end(_key(card))
        while len(self._posts) > _REMEMBERED:
            self._posts.popitem(last=False)

    def not_posted(self, card: Card) -> None:
        """Slack said no, or too much: no message was made."""
        self._posts[_key(card)] = False

    def posted(self, card: Card) -> None:
        self._posts.pop(_key(card), None)

    def may_be(self, card: Card, *, known_before: bool) -> bool:
        """Whether a message may stand there that we don't know of."""
        lost = self._posts.get(_key(card))
        return lost if lost is not None else not (known_before or card.first)

    async def find(self, card: Card, address: Address, channel: str, thread: str) -> str:
        """The ts of a message about this job, or nothing. Raises SlackFault."""
        spot = (channel, thread)
        if self._blind_until.get(spot, 0.0) > time.monotonic():
            return ""
        since = float(address.data.get("asked") or 0) - _BEFORE_S
        task = self._gathering.get(spot)
        self._since[spot] = min(since, self._since.get(spot, since)) if task else since
        if task is None:
            task = self._gathering[spot] = asyncio.create_task(self._look(spot), name="slack-orphans")
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return (await asyncio.shield(task)).get((card.job, str(card.role)), "")

    async def aclose(self) -> None:
        await end(self._tasks)

    def _ended(self, task: asyncio.Task[Found]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever still waits has it; nobody needs to

    async def _look(self, spot: Spot) -> Found:
        lock = self._locks.setdefault(spot, asyncio.Lock())
        try:
            await asyncio.sleep(_GATHER_S)
            async with lock:
                del self._gathering[spot]  # who comes from now on needs a later look
                return await self._read(spot, self._since.pop(spot))
        finally:
            if spot not in self._gathering and not lock.locked():
                self._locks.pop(spot, None)

    async def _read(self, spot: Spot, since: float) -> Found:
        channel, thread = spot
        where: dict[str, Any] = {
            "channel": channel, "limit": _PAGE, "include_all_metadata": True, "oldest": str(max(0, int(since))),
        }  # fmt: skip
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            where["ts"] = thread
        found: dict[tuple[str, str], str] = {}
        for _ in range(_PAGES):
            try:
                answer = await self._api.patiently(method, **where)
            except SlackFault as fault:
                if fault.error not in _NO_LOOK:
                    raise
                self._blind_until[spot] = time.monotonic() + _BLIND_S
                return {}
            for message in answer.get("messages") or []:
                about = _about(message.get("metadata") or {})
                if about is not None:
                    found[about] = str(message["ts"])
            where["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not where["cursor"]:
                break
        return found


def _key(card: Card) -> str:
    return f"{card.job}:{card.role}"


def _about(metadata: Mapping[str, Any]) -> tuple[str, str] | None:
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str(payload.get("job")), str(payload.get("role"))
