"""Which channels there are and what is spoken in them: asked of Slack once in a while, and never waited for long."""

import structlog

from bot.abilities import only_one
from bot.process.recent import Lookups
from integrations.slack._text import channel_in
from integrations.slack._wire import Api, SlackFault

log = structlog.get_logger()

RIGHT = "channels:read"
_FIND_WITHIN_S = 1.0
_LISTED = 999  # what Slack hands over at once
_KINDS = "public_channel,private_channel"
_MOST = 2_000
_WAIT_S = 0.5  # an order waits no longer for a language
_KNOWN_S, _UNKNOWN_S, _GOOD_FOR_S = 6 * 3600.0, 600.0, 86_400.0
_ASK_S = 5.0


class Channels:
    """Finds channels by what a moderator wrote, and knows what language is spoken in them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._languages = Lookups[str, str](
            self._ask_language,
            most=_MOST,
            wait_s=_WAIT_S,
            again_s=_KNOWN_S,
            unknown_s=_UNKNOWN_S,
            good_for_s=_GOOD_FOR_S,
        )

    async def language(self, channel: str) -> str:
        """The locale of a channel of several people, as Slack tells it; empty where it doesn't, or not in time."""
        if not channel or channel.startswith("D") or not self._api.may(RIGHT):
            return ""
        return await self._languages.of(channel) or ""

    async def _ask_language(self, channel: str) -> str | None:
        try:
            answer = await self._api.patiently(
                "conversations.info", within_s=_ASK_S, channel=channel, include_locale=True
            )
        except SlackFault as fault:
            log.info("a channel's language could not be asked", channel=channel, problem=str(fault))
            return None
        return str(answer["channel"].get("locale") or "")

    async def aclose(self) -> None:
        await self._languages.aclose()

    async def channel(self, typed: str) -> str | None:
        """The id of a channel, None where there is none. Raises SlackFault where that can't be told now."""
        named = channel_in(typed)
        return await self._known(named) if named else await self._listed(typed.strip().lstrip("#").casefold())

    async def _known(self, channel: str) -> str | None:
        try:
            answer = await self._api.once("conversations.info", within_s=_FIND_WITHIN_S, channel=channel)
        except SlackFault as fault:
            if fault.error != "channel_not_found":
                raise
            return None
        return str(answer["channel"]["id"])

    async def _listed(self, name: str) -> str | None:
        answer = await self._api.once(
            "conversations.list", within_s=_FIND_WITHIN_S, types=_KINDS, limit=_LISTED, exclude_archived=True
        )
        found = [str(one["id"]) for one in answer["channels"] if one.get("name") == name]
        if not found and (answer.get("response_metadata") or {}).get("next_cursor"):
            raise SlackFault(
                "too_many_channels", detail="write the channel with its #, so that Slack links it"
            )
        return only_one(found)
