"""Sentences for one person alone: by the response_url, by an ephemeral message, or by direct message."""

import time
from collections.abc import Mapping
from typing import Any

import structlog

from bot.cards import cut
from bot.recent import Recent
from integrations.slack._text import escaped
from integrations.slack._wire import Api, SlackFault

log = structlog.get_logger()

Blocks = list[dict[str, Any]] | None
_TEXT_LIMIT = 3_000
_URL_LIFE_S = 29 * 60.0
_USES, _REMEMBERED = 5, 2_000  # a response_url takes five answers


class Private:
    """Tells one person something, by whatever way is open."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._used = Recent[str, int](_REMEMBERED)  # response_url -> how often

    async def tell(self, where: Mapping[str, str], text: str, blocks: Blocks = None) -> None:
        """`where` is an address: url, channel, user, thread. Never raises: there is nobody else to tell."""
        try:
            await self.reach(where, text, blocks)
        except SlackFault as fault:
            log.warning("a person could not be told", problem=str(fault))

    async def reach(self, where: Mapping[str, str], text: str, blocks: Blocks = None) -> None:
        """The same by whatever way is open. Raises SlackFault where none is."""
        if await self.by_url(where, text, blocks):
            return
        message = _message(text, blocks)
        channel, thread = where.get("channel", ""), where.get("thread") or None
        try:
            if channel.startswith("D"):
                await self._api.patiently("chat.postMessage", channel=channel, thread_ts=thread, **message)
            elif channel:
                await self._api.patiently(
                    "chat.postEphemeral", channel=channel, user=where.get("user"), thread_ts=thread, **message
                )
            else:
                await self._directly(where, message)
        except SlackFault as fault:
            log.info("a private sentence goes by direct message", problem=str(fault))
            await self._directly(where, message)

    async def by_url(self, where: Mapping[str, str], text: str, blocks: Blocks = None) -> bool:
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

    async def direct(self, user: str) -> str:
        """The direct message with a person. Raises SlackFault."""
        answer = await self._api.patiently("conversations.open", users=user)
        return str(answer["channel"]["id"])

    async def _directly(self, where: Mapping[str, str], message: dict[str, Any]) -> None:
        channel = await self.direct(where.get("user", ""))
        await self._api.patiently("chat.postMessage", channel=channel, **message)


def _message(text: str, blocks: Blocks) -> dict[str, Any]:
    said = {"text": escaped(cut(text, _TEXT_LIMIT))}
    return said | ({"blocks": blocks} if blocks else {})
