"""A delivery, by Socket Mode or HTTP -> who hears it; it is acknowledged when it is durable, or nearly too late."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.background import Background
from bot.talk import suggestions
from bot.talk.forms import PROMPT
from bot.words import Words
from integrations.slack import forms, manifest
from integrations.slack._receipt import Receipt
from integrations.slack._wire import SlackFault
from integrations.slack.hearing import Hearing, Payload, home_of
from integrations.slack.home import Home

log = structlog.get_logger()

Hear = Callable[[Payload, Receipt], Awaitable[None]]

_REQUESTS_MOST, _AT_ONCE = 1_000, 24
_ACK_WAIT_S = 2.2  # Slack waits 3 s, also for the way back


class Unknown(Exception):
    """A delivery of a kind that Slack does not send to this app."""


class Dispatch:
    """Takes what Slack tells; `others` hear of events that are no person's, by type."""

    def __init__(self, *, hearing: Hearing, home: Home, others: Mapping[str, Hear], words: Words) -> None:
        self._hearing = hearing
        self._home = home
        self._others = others
        self._words = words
        self._work = Background("a request from Slack", most=_REQUESTS_MOST)
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def take(self, payload: Payload) -> dict[str, Any] | None:
        """What to acknowledge it with; None: not at all, and Slack shows that, or tells an event again.

        Raises Unknown.
        """
        receipt = Receipt()
        if not self._work.start(self._do(self._hear_of(payload), payload, receipt)):
            return _acknowledgement(payload, self._words.say("busy"))
        return _acknowledgement(payload, await receipt.within(_ACK_WAIT_S))

    async def aclose(self) -> None:
        await self._work.aclose()

    async def _do(self, hear: Hear, payload: Payload, receipt: Receipt) -> None:
        """So many at once, until their acknowledgement: posting a message doesn't hold a place."""
        # What isn't a command with words may open a form, and its trigger is good for 3 s.
        waits = bool(str(payload.get("text") or "").strip()) or "event" in payload
        try:
            if waits:
                await self._gate.acquire()
                receipt.when_over(self._gate.release)
            await hear(payload, receipt)
        except SlackFault as fault:
            log.warning("who somebody is can't be told", problem=str(fault))
            receipt.refuse(self._words.say("trouble"))
        finally:
            receipt.accept()

    # ── Who hears it ─────────────────────────────────────────────────────────────────────────────────

    def _hear_of(self, payload: Payload) -> Hear:
        match payload:
            case {"command": manifest.IMAGINE, "user_id": str()}:
                return self._hearing.imagine
            case {"command": manifest.EASEL, "user_id": str()}:
                return self._hearing.easel
            case {"type": "event_callback", "event": {"type": str()} as event}:
                return self._hear_of_event(event)
            case {"type": str(), "user": {"id": str()}}:
                return self._hear_of_interaction(payload)
            case _:
                raise Unknown(str(payload.get("type") or payload.get("command"))[:100])

    def _hear_of_interaction(self, payload: Payload) -> Hear:
        match payload:
            case {
                "type": "block_actions",
                "actions": [{"action_id": suggestions.MODEL}, *_],
                "view": {"id": str()},
            }:
                return self._hearing.model_chosen
            case {"type": "block_actions", "actions": [{"action_id": str()}, *_]}:
                return self._hearing.pressed
            case {"type": "view_submission", "view": {"callback_id": forms.CALLBACK, "id": str()}}:
                return self._hearing.submitted
            case {"type": "shortcut", "callback_id": manifest.CREATE}:
                return self._hearing.shortcut
            case {"type": "message_action", "callback_id": manifest.REROLL | manifest.REMIX}:
                return self._hearing.message_shortcut
            case _:
                raise Unknown(str(payload["type"])[:100])

    def _hear_of_event(self, event: Payload) -> Hear:
        """Every event is acknowledged, also one of no concern."""
        match event:
            case {"type": "app_mention", "channel": str(), "ts": str()} if _by_a_person(event):
                return self._hearing.mention
            case {"type": "message", "channel_type": "im", "channel": str(), "ts": str()} if _by_a_person(
                event
            ):
                return self._hearing.direct
            case {"type": "reaction_added", "user": str(), "item": {"channel": str(), "ts": str()}}:
                return self._hearing.reacted
            case {"type": "app_home_opened", "user": str(), "tab": "home"}:
                return self._opened
            case _:
                return self._others.get(event["type"], _nothing)

    async def _opened(self, body: Payload, _: Receipt) -> None:
        await self._home.opened(body["event"]["user"], home_of(body))


async def _nothing(body: Payload, _: Receipt) -> None:
    log.debug("an event of no concern", type=body["event"]["type"])


def _by_a_person(event: Payload) -> bool:
    by_somebody = isinstance(event.get("user"), str) and not event.get("bot_id")
    return by_somebody and event.get("subtype") in (None, "file_share")


def _acknowledgement(payload: Payload, refused: str) -> dict[str, Any] | None:
    match payload:
        case _ if not refused:
            return {}
        case {"command": _}:
            return {"text": refused}
        case {"type": "view_submission"}:  # the only way to say what is wrong inside the form
            return {"response_action": "errors", "errors": {PROMPT: refused}}
        case _:
            return None
