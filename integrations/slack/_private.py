"""Sentences for one person alone: by the response_url, by an ephemeral message, or by direct message."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog

from bot.cards.jobs import cut
from bot.process.recent import Recent
from bot.ways import Step, Way, by_any
from integrations.slack._text import Blocks, escaped
from integrations.slack._wire import Api, SlackFault

log = structlog.get_logger()

_TEXT_LIMIT = 3_000
_URL_LIFE_S = 29 * 60.0
_USES, _REMEMBERED = 5, 2_000  # a response_url takes five answers


class Private:
    """Tells one person something, by whatever way is open."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._used = Recent[str, int](_REMEMBERED)  # response_url -> how often

    async def tell(self, where: Mapping[str, str], text: str, blocks: Blocks | None = None) -> None:
        """`where` is an address: url, channel, user, thread. Never raises: there is nobody else to tell."""
        try:
            await self.reach(where, text, blocks)
        except SlackFault as fault:
            log.warning("a person could not be told", problem=str(fault))

    async def reach(self, where: Mapping[str, str], text: str, blocks: Blocks | None = None) -> None:
        """The same by whatever way is open. Raises SlackFault where none is."""
        if await self.tell_by_url(where, text, blocks):
            return
        message, channel = _message(text, blocks), where.get("channel", "")
        here = {"channel": channel, "thread_ts": where.get("thread") or None, **message}
        ways: list[Way[Any]] = [Way(partial(self._send_directly, where, message))]
        if channel.startswith("D"):
            ways.insert(0, Way(partial(self._api.patiently, "chat.postMessage", **here)))
        elif channel:
            whisper = partial(self._api.patiently, "chat.postEphemeral", user=where.get("user"), **here)
            ways.insert(0, Way(whisper))
        await by_any(ways, lambda _: Step.NEXT)

    async def tell_by_url(self, where: Mapping[str, str], text: str, blocks: Blocks | None = None) -> bool:
        """Answers by the response_url, which works where we are no member. False: it didn't."""
        url = where.get("url", "")
        too_old = time.time() - float(where.get("asked") or time.time()) > _URL_LIFE_S
        if not url or too_old or self._used.count(url) > _USES:
            return False
        try:
            await self._api.respond(
                url, response_type="ephemeral", replace_original=False, **_message(text, blocks)
            )
        except SlackFault as fault:
            log.info("a response_url did not take the answer", problem=str(fault))
            return False
        return True

    async def open(self, user: str) -> str:
        """The direct message with a person. Raises SlackFault."""
        answer = await self._api.patiently("conversations.open", users=user)
        return str(answer["channel"]["id"])

    async def _send_directly(self, where: Mapping[str, str], message: dict[str, Any]) -> None:
        channel = await self.open(where.get("user", ""))
        await self._api.patiently("chat.postMessage", channel=channel, **message)


def _message(text: str, blocks: Blocks | None) -> dict[str, Any]:
    said = {"text": escaped(cut(text, _TEXT_LIMIT))}
    return said | ({"blocks": blocks} if blocks else {})
