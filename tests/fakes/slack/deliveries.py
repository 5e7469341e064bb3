"""Telling the program something: once, again when it does not answer, again when a test says so."""

import copy
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .records import Attempt, Delivery

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Deliveries"]

# https://docs.slack.dev/apis/events-api#retries: "nearly immediately", after 1 minute, after 5 minutes.
EVENT_RETRIES_S = (0.0, 60.0, 300.0)


class Deliveries:
    """Everything that was told, in order."""

    def __init__(self, slack: "SlackServer") -> None:
        self.all: list[Delivery] = []
        self._slack = slack

    async def send(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        accepts_body: bool = False,
        on_ack: Callable[[Any], Any] | None = None,
    ) -> Delivery:
        """Tells it once and answers when that is over; events that failed come again later."""
        delivery = Delivery(
            kind=kind,
            payload=payload,
            envelope_id=str(uuid.uuid4()),
            accepts_body=accepts_body,
            at=self._slack.clock.now(),
            on_ack=on_ack,
        )
        self.all.append(delivery)
        await self._try(delivery)
        if kind == "events_api":
            if not delivery.acked and not delivery.finished:
                self._slack.spawn(self._retry(delivery))
                return delivery
        else:
            await self._resend_within_deadline(delivery)
        delivery.finished = True
        return delivery

    async def again(self, delivery: Delivery, times: int, *, new_ids: bool = False) -> Delivery:
        """The same thing `times` more; with new ids it is told as if it were another."""
        target = delivery
        if new_ids:
            target = self._twin(delivery)
        for _ in range(times):
            await self._try(target)
            if new_ids:
                target.finished = True
                target = self._twin(delivery)
        if new_ids:
            self.all.remove(target)
        return delivery

    def late(self) -> list[Delivery]:
        """Answered, but after the deadline."""
        return [d for d in self.all if not d.acked and d.ack_s is not None]

    def missed(self) -> list[Delivery]:
        """Never answered."""
        return [d for d in self.all if d.attempts and d.ack_s is None]

    async def _try(self, delivery: Delivery) -> None:
        slack = self._slack
        http = bool(slack.http.url)
        attempt = Attempt(
            number=len(delivery.attempts) + 1,
            sent_at=slack.clock.now(),
            transport="http" if http else "socket",
        )
        delivery.attempts.append(attempt)
        await (slack.http if http else slack.sockets).attempt(delivery, attempt)
        if attempt.ack_s is None or attempt.failure or delivery.handled:
            return
        delivery.handled = True
        if delivery.on_ack is not None:
            answer = delivery.on_ack(attempt.body)
            if hasattr(answer, "__await__"):
                await answer

    async def _resend_within_deadline(self, delivery: Delivery) -> None:
        """A line that broke before the ack: the same envelope over another one, while the person waits."""
        turns = self._slack.clock.turns
        until = turns.now() + self._slack.ack_deadline_s
        while delivery.failure == "connection_closed" and not self._slack.http.url:
            try:
                await self._slack.sockets.wait(1, max(0.0, until - turns.now()))
            except TimeoutError:
                return
            await self._try(delivery)

    async def _retry(self, delivery: Delivery) -> None:
        for pause_s in EVENT_RETRIES_S:
            await self._slack.clock.sleep(pause_s)
            if delivery.finished:
                return
            await self._try(delivery)
            if delivery.acked:
                break
        delivery.finished = True

    def _twin(self, delivery: Delivery) -> Delivery:
        payload = copy.deepcopy(delivery.payload)
        if "event_id" in payload:
            payload["event_id"] = self._slack.world.number("Ev")
        if "trigger_id" in payload:
            payload["trigger_id"] = self._slack.triggers.make(_user(payload))
        twin = Delivery(
            kind=delivery.kind,
            payload=payload,
            envelope_id=str(uuid.uuid4()),
            accepts_body=delivery.accepts_body,
            at=self._slack.clock.now(),
            on_ack=delivery.on_ack,
        )
        self.all.append(twin)
        return twin


def _user(payload: dict[str, Any]) -> str:
    user = payload.get("user")
    return str(user.get("id")) if isinstance(user, dict) else str(payload.get("user_id", ""))
