"""What a person did and everything that the program did about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.patience import PATIENCE_S

from .records import Delivery, Message, ResponseUse, View
from .response_urls import ResponseUrl

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Invocation"]


@dataclass(kw_only=True, eq=False)
class Invocation:
    """One act. Properties are read live: await `message()` or `slack.until(...)`, then look.

    `messages`, `ephemerals` and `direct_messages` are what the bot wrote since the act, in its channel, to
    its person, and in the direct message with them: several acts in one channel at once share them.
    """

    slack: "SlackServer"
    user: str
    channel: str | None
    started_ts: float
    delivery: Delivery | None
    """None when Slack would not tell the program: not subscribed, no scope, bot not in the channel."""
    trigger_id: str | None = None
    response_url: ResponseUrl | None = None
    view: View | None = None
    said: Message | None = None
    """The message by which the person spoke."""

    @property
    def acked(self) -> bool:
        return self.delivery is not None and self.delivery.acked

    @property
    def ack_s(self) -> float | None:
        return self.delivery.ack_s if self.delivery else None

    @property
    def ack_body(self) -> Any:
        return self.delivery.ack_body if self.delivery else None

    @property
    def failed(self) -> str | None:
        """What the person sees instead of an answer: dispatch_failed, operation_timeout, http_error."""
        if self.delivery is None or self.delivery.acked:
            return None
        words = {"timeout": "operation_timeout", "http_error": "http_error"}
        return words.get(self.delivery.failure or "", "dispatch_failed")

    @property
    def messages(self) -> list[Message]:
        return self._by_bot(self.channel)

    @property
    def ephemerals(self) -> list[Message]:
        mine = [m for m in self.slack.world.ephemerals if m.ephemeral_for == self.user and not m.deleted]
        return [m for m in mine if float(m.ts) > self.started_ts]

    @property
    def direct_messages(self) -> list[Message]:
        return self._by_bot(self.slack.world.direct(self.user).id)

    @property
    def response_uses(self) -> list[ResponseUse]:
        return self.response_url.uses if self.response_url else []

    @property
    def views(self) -> list[View]:
        """Modals opened or pushed with this act's trigger, or pushed by the ack of its submission."""
        return [
            v for v in self.slack.world.views.values() if v.trigger_id and v.trigger_id == self.trigger_id
        ]

    async def message(
        self, where: Callable[[Message], bool] = lambda _: True, *, timeout_s: float = PATIENCE_S
    ) -> Message:
        """The first message by the bot since the act that `where` accepts, waited for."""
        return await self._first(lambda: [m for m in self.messages if where(m)], timeout_s, "a message")

    async def ephemeral(self, *, timeout_s: float = PATIENCE_S) -> Message:
        return await self._first(lambda: self.ephemerals, timeout_s, "an ephemeral message")

    async def direct_message(self, *, timeout_s: float = PATIENCE_S) -> Message:
        return await self._first(lambda: self.direct_messages, timeout_s, "a direct message")

    async def modal(self, *, timeout_s: float = PATIENCE_S) -> View:
        return await self._first(lambda: self.views, timeout_s, "a modal")

    async def _first(self, find: Callable[[], list[Any]], timeout_s: float, what: str) -> Any:
        await self.slack.until(lambda: bool(find()), timeout_s, what)
        return find()[0]

    def _by_bot(self, channel: str | None) -> list[Message]:
        found = self.slack.world.timeline(channel) if channel else []
        return [m for m in found if m.by_bot and float(m.ts) > self.started_ts]
