"""A delivery, by Socket Mode or HTTP -> who hears it; it is acknowledged when it is durable, or nearly too late."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import structlog

from bot.background import Background
from bot.talk import suggestions
from bot.talk.changes import begins_edit
from bot.talk.forms import PROMPT
from bot.talk.receipt import Receipt
from bot.words import Words
from integrations.slack import forms, manifest
from integrations.slack._text import at, names_people, typed
from integrations.slack._wire import SlackFault
from integrations.slack.hearing import Hearing, Payload, home_of
from integrations.slack.home import Home

log = structlog.get_logger()

Hear = Callable[[Payload, Receipt], Awaitable[None]]

OK, _UNKNOWN, _NOT_NOW = 200, 400, 503
_REQUESTS_MOST, _AT_ONCE = 1_000, 24
_ACK_WAIT_S = 2.2  # Slack waits 3 s, also for the way back
_SAID = (None, "file_share")  # the subtypes of what people write
_IN_THREADS = (*_SAID, "thread_broadcast")  # the last was sent to the channel as well


class Ack(NamedTuple):
    """What a delivery is answered with. One that isn't OK is no acknowledgement: Slack shows that, or tells it again."""

    status: int = OK
    body: dict[str, Any] | str = ""


class Dispatch:
    """Takes what Slack tells, so many at once; `others` hear of events that are no person's, by type."""

    def __init__(self, words: Words, *, hearing: Hearing, home: Home, others: Mapping[str, Hear]) -> None:
        self._words = words
        self._hearing = hearing
        self._home = home
        self._others = others
        self._work = Background("a request from Slack", most=_REQUESTS_MOST)
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def take(self, payload: Payload) -> Ack:
        """Has it heard; what is of no concern is acknowledged, and what Slack does not send to this app is not."""
        if (hear := self._heard_by(payload)) is not None:
            return await self._hear(hear, payload)
        match payload:
            case {"type": "url_verification", "challenge": str(challenge)}:
                return Ack(body={"challenge": challenge})
            case {"type": "event_callback", "event": {"type": str(kind)}}:
                log.debug("an event of no concern", type=kind)
                return Ack()
            case _:
                kind = (at(payload, "type") or at(payload, "command"))[:100]
                log.info("a delivery of nothing known", type=kind)
                return Ack(_UNKNOWN, f"This app hears nothing of this kind: {kind}")

    async def _hear(self, hear: Hear, payload: Payload) -> Ack:
        """Waits until it can't be lost any more. What can't be taken on is said where Slack shows it."""
        receipt = Receipt()
        if self._work.start(self._do(hear, payload, receipt)):
            refused = await receipt.within(_ACK_WAIT_S)
        else:
            refused = self._words.say("busy")
        match payload:
            case _ if not refused:
                return Ack()
            case {"command": _}:
                return Ack(body={"text": refused})
            case {"type": "view_submission"}:  # the only way to say what is wrong inside the form
                return Ack(body={"response_action": "errors", "errors": {PROMPT: refused}})
            case _:
                return Ack(_NOT_NOW, "Not now: please tell it again.")

    async def aclose(self) -> None:
        await self._work.aclose()

    def _heard_by(self, payload: Payload) -> Hear | None:  # noqa: C901, PLR0911 - one arm a kind
        """Who hears what the manifest declares, if it has the shape that it has at Slack."""
        match payload:
            case {"command": manifest.IMAGINE, "user_id": str()}:
                return self._hearing.imagine
            case {"command": manifest.EASEL, "user_id": str()}:
                return self._hearing.easel
            case {"type": "shortcut", "user": {"id": str()}, "callback_id": manifest.CREATE}:
                return self._hearing.shortcut
            case {
                "type": "message_action",
                "user": {"id": str()},
                "callback_id": manifest.REROLL | manifest.REMIX | manifest.EDIT,
            }:
                return self._hearing.message_shortcut
            case {
                "type": "view_submission",
                "user": {"id": str()},
                "view": {"id": str(), "type": "modal", "callback_id": forms.CALLBACK},
            }:
                return self._hearing.submitted
            case {
                "type": "block_actions",
                "user": {"id": str()},
                "view": {"id": str()},
                "actions": [{"action_id": suggestions.MODEL}, *_],
            }:
                return self._hearing.model_chosen
            case {"type": "block_actions", "user": {"id": str()}, "actions": [{"action_id": str()}, *_]}:
                return self._hearing.pressed
            case {"type": "event_callback", "event": {"type": str()} as event}:
                return self._event_heard_by(event)
            case _:
                return None

    def _event_heard_by(self, event: Payload) -> Hear | None:
        match event:
            case {"type": "app_mention"} if _is_said(event, _SAID):
                return self._hearing.mention
            case {"type": "message", "channel_type": "im"} if _is_said(event, _SAID):
                return self._hearing.direct
            case {"type": "message"} if _is_said(event, _IN_THREADS) and _goes_on(event):
                return self._hearing.in_thread
            case {"type": "reaction_added", "user": str(), "item": {"channel": str(), "ts": str()}}:
                return self._hearing.reacted
            case {"type": "app_home_opened", "tab": "home", "user": str()}:
                return self._opened
            case _:
                return self._others.get(event["type"])

    async def _opened(self, payload: Payload, _: Receipt) -> None:
        await self._home.opened(payload["event"]["user"], home_of(payload))

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


def _is_said(event: Payload, subtypes: tuple[str | None, ...]) -> bool:
    """Whether a person wrote it."""
    match event:
        case {"user": str(), "channel": str(), "ts": str()}:
            return not event.get("bot_id") and event.get("subtype") in subtypes
        case _:
            return False


def _goes_on(event: Payload) -> bool:
    """Whether words in a channel's thread may go on from a picture there: few do, and nothing else is looked at.

    What is said to somebody by name is for them; what is said to us so is heard as a mention.
    """
    thread, text = at(event, "thread_ts"), at(event, "text")
    inside = thread not in ("", at(event, "ts")) and not names_people(text)
    return inside and begins_edit(typed(text), called=False)
