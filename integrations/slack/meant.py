"""Which picture people mean who name none: the newest one of their thread."""

import time

from bot.job import Message
from bot.ports import Requester
from bot.talk.talk import Talk
from integrations.slack.messages import channel_and_ts, key_of

_BEFORE_S = 3_600.0  # a picture may have waited so long for the message under which its thread hangs


class Meant:
    """Looks for pictures among our messages, on every replica alike."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    async def in_thread(self, who: Requester, channel: str, thread: str) -> Message | None:
        """The newest picture in a thread; the one above it, where none has followed."""
        begun_at = float(thread) if thread.replace(".", "", 1).isdecimal() else time.time()
        shown = await self._talk.pictures(who, keys=key_of(channel, ""), since=begun_at - _BEFORE_S)
        return max((message for message in shown if _is_in(message, thread)), key=_ts, default=None)


def _is_in(message: Message, thread: str) -> bool:
    inside = message.handle is not None and message.handle.data.get("thread") == thread
    return inside or _ts(message) == thread


def _ts(message: Message) -> str:
    return channel_and_ts(message.handle.key)[1] if message.handle else ""
