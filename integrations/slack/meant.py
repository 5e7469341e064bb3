"""Which picture people mean who name none: the newest of ours in their thread, else those above it."""

import asyncio
import time

import structlog

from bot.job import Message
from bot.ports import Requester
from bot.talk.talk import Talk
from integrations.slack._wire import Api, SlackFault
from integrations.slack.lending import SlackFiles, files_of, may_be_picture
from integrations.slack.messages import channel_and_ts, key_of

log = structlog.get_logger()

_BEFORE_S = 3_600.0  # a picture may have waited so long for the message under which its thread hangs
_LOOK_S = 1.0


class Meant:
    """Looks for pictures among our messages, on every replica alike, and in the message above a thread."""

    def __init__(self, api: Api, talk: Talk) -> None:
        self._api = api
        self._talk = talk

    async def in_thread(self, who: Requester, channel: str, thread: str) -> Message | None:
        """The newest picture in a thread; the one above it, where none has followed."""
        begun_at = float(thread) if thread.replace(".", "", 1).isdecimal() else time.time()
        shown = await self._talk.pictures(who, keys=key_of(channel, ""), since=begun_at - _BEFORE_S)
        return max((message for message in shown if _is_in(message, thread)), key=_ts, default=None)

    async def above(self, channel: str, thread: str) -> SlackFiles:
        """The pictures of the message under which a thread hangs; none where Slack doesn't let us look in time."""
        try:
            async with asyncio.timeout(_LOOK_S):
                answer = await self._api.once(
                    "conversations.replies", within_s=_LOOK_S, channel=channel, ts=thread, limit=1
                )
        except (SlackFault, TimeoutError) as error:
            log.info(
                "a thread can't be looked at", channel=channel, problem=str(error) or "no answer in time"
            )
            return []
        root = next(iter(answer.get("messages") or ()), None)
        return [file for file in files_of(root) if may_be_picture(file)]


def _is_in(message: Message, thread: str) -> bool:
    inside = message.handle is not None and message.handle.data.get("thread") == thread
    return inside or _ts(message) == thread


def _ts(message: Message) -> str:
    return channel_and_ts(message.handle.key)[1] if message.handle else ""
