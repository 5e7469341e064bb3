"""response_url: five uses in thirty minutes, where the bot need not be a member."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .args import Args
from .content import judge_message
from .errors import ApiError
from .pipeline import Answer
from .records import Message, ResponseUse

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["ResponseUrl", "ResponseUrls"]

MAX_USES, LIFE_S = 5, 30 * 60


@dataclass(kw_only=True)
class ResponseUrl:
    """One absolute URL and the message, if any, that it may replace."""

    url: str
    kind: str
    """commands or actions."""
    user: str
    channel: str
    made_at: float
    source: Message | None = None
    uses: list[ResponseUse] = field(default_factory=list)


class ResponseUrls:
    """Every response_url handed out."""

    def __init__(self, slack: "SlackServer") -> None:
        self._slack = slack
        self._made: dict[str, ResponseUrl] = {}

    def make(self, kind: str, user: str, channel: str, source: Message | None = None) -> ResponseUrl:
        path = f"/{kind}/{self._slack.world.team_id}/{secrets.token_hex(6)}/{secrets.token_urlsafe(18)}"
        made = ResponseUrl(
            url=self._slack.base + path,
            kind=kind,
            user=user,
            channel=channel,
            made_at=self._slack.clock.now(),
            source=source,
        )
        self._made[path] = made
        return made

    async def use(self, path: str, body: dict[str, Any]) -> Answer:
        found = self._made.get(path)
        if found is None:
            return _refused("invalid_url", 404)
        if self._slack.clock.now() - found.made_at > LIFE_S:
            self._slack.violate("response_url", "used after 30 minutes", "response_url")
            return _refused("expired_url", 404)
        if sum(u.status == 200 for u in found.uses) >= MAX_USES:
            self._slack.violate("response_url", "used more than five times", "response_url")
            return _refused("used_url", 404)
        use = ResponseUse(at=self._slack.clock.now(), body=body, status=200)
        found.uses.append(use)
        try:
            use.message = await self._act(found, body)
        except ApiError as refusal:
            use.status = 400
            self._slack.violate(refusal.error, str(refusal.extra), "response_url")
            return _refused(refusal.error, 400)
        return Answer(body="ok")

    async def _act(self, found: ResponseUrl, body: dict[str, Any]) -> Message | None:
        source, args = found.source, Args(body)
        if args.flag("delete_original"):
            if source is not None:
                self._slack.delete_message(source)
            return None
        told = len(self._slack.pings)
        content = await judge_message(self._slack, args, where="response_url")
        # On a slash command's URL there is nothing to replace, and by public reports Slack posts anew.
        public = args.text("response_type", "ephemeral") == "in_channel"
        if not public and (source is None or source.ephemeral_for is not None):
            # Somebody who is named in what one person alone sees isn't told of it.
            named = [one for one in self._slack.pings[told:] if one.text == "rich_text"]
            self._slack.pings[told:] = [one for one in self._slack.pings[told:] if one not in named]
        if args.flag("replace_original") and source is not None:
            changes: dict[str, Any] = {"text": content.text or "", "blocks": content.blocks or []}
            self._slack.world.edit(source, **changes)
            return source
        channel = self._slack.world.channels[found.channel]
        thread_ts = args.text("thread_ts") or (source.thread_ts if source is not None else None)
        return self._slack.bot_message(
            channel,
            content,
            thread_ts=thread_ts,
            ephemeral_for=None if public else found.user,
            via="response_url",
        )


def _refused(error: str, status: int) -> Answer:
    return Answer(body={"ok": False, "error": error}, status=status)
