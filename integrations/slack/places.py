"""Which channels there are, for a community's rules that name one."""

from integrations.slack._text import channel_in
from integrations.slack._wire import Api, SlackFault

_WITHIN_S = 1.0
_LISTED = 999  # what Slack hands over at once
_KINDS = "public_channel,private_channel"


class Places:
    """Finds channels by what a moderator wrote."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def channel(self, typed: str) -> str | None:
        """The id of a channel, None where there is none. Raises SlackFault where that can't be told now."""
        named = channel_in(typed)
        return await self._known(named) if named else await self._listed(typed.strip().lstrip("#").casefold())

    async def _known(self, channel: str) -> str | None:
        try:
            answer = await self._api.once("conversations.info", within_s=_WITHIN_S, channel=channel)
        except SlackFault as fault:
            if fault.error != "channel_not_found":
                raise
            return None
        return str(answer["channel"]["id"])

    async def _listed(self, name: str) -> str | None:
        answer = await self._api.once(
            "conversations.list", within_s=_WITHIN_S, types=_KINDS, limit=_LISTED, exclude_archived=True
        )
        found = [str(one["id"]) for one in answer["channels"] if one.get("name") == name]
        if not found and (answer.get("response_metadata") or {}).get("next_cursor"):
            raise SlackFault(
                "too_many_channels", detail="write the channel with its #, so that Slack links it"
            )
        return found[0] if len(found) == 1 else None
