"""A delivery, by Socket Mode or HTTP -> who hears it; it is acknowledged when it is durable, or nearly too late."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreBusy
from bot.process.background import Background
from bot.process.door import Door
from bot.talk import suggestions
from bot.talk.changes import begins_edit
from bot.talk.forms import PROMPT
from bot.talk.receipt import Receipt
from bot.words.words import Words
from integrations.slack import forms, manifest
from integrations.slack._text import at, names_people, typed
from integrations.slack._wire import SlackFault
from integrations.slack.hearing import Hearing, Payload, home_of
from integrations.slack.home import Home

log = structlog.get_logger()

Hear = Callable[[Payload, Receipt], Awaitable[None]]
BoltListener = Callable[[AsyncAck, dict[str, Any]], Awaitable[BoltResponse | None]]

_REQUESTS_MOST, _AT_ONCE = 1_000, 24
_EACH_MOST = 400  # of one person, who must not take all the places
_ACK_WAIT_S = 2.2  # Slack waits 3 s, also for the way back
_SAID = (None, "file_share")  # the subtypes of what people write
_IN_THREADS = (*_SAID, "thread_broadcast")  # the last was sent to the channel as well
_ANY = re.compile("")


class Dispatch:
    """Takes what Slack tells, so many at once, everybody's in turns."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._work = Background("a request from Slack", most=_REQUESTS_MOST, each=_EACH_MOST)
        self._door = Door[str](lambda: _AT_ONCE)

    def to(self, hear: Hear) -> BoltListener:
        """A listener of bolt's: what can't be taken on is not acknowledged, and Slack shows that, or tells it again."""

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> BoltResponse | None:
            receipt = Receipt()
            if self._work.start(self._do(hear, body, receipt), whose=_whose(body)):
                refused = await receipt.within(_ACK_WAIT_S)
            else:
                refused = self._words.say("busy")
            if not refused:
                return await ack()
            match body:
                case {"command": _}:
                    return await ack({"text": refused})
                case {"type": "view_submission"}:  # the only way to say what is wrong inside the form
                    return await ack(response_action="errors", errors={PROMPT: refused})
                case _:  # Slack tells events again
                    return BoltResponse(status=503, body="Not now: please tell it again.")

        return listen

    async def aclose(self) -> None:
        await self._work.aclose()

    async def _do(self, hear: Hear, payload: Payload, receipt: Receipt) -> None:
        """So many at once, until their acknowledgement: posting a message doesn't hold a place."""
        # What isn't a command with words may open a form, and its trigger is good for 3 s.
        waits = bool(str(payload.get("text") or "").strip()) or "event" in payload
        try:
            if waits:
                whose = _whose(payload)
                await self._door.enter(whose)
                receipt.when_over(partial(self._door.leave, whose))
            await hear(payload, receipt)
        except SlackFault as fault:
            log.warning("who somebody is can't be told", problem=str(fault))
            receipt.refuse(self._words.say("trouble"))
        except StoreBusy as error:  # before the talk had it: what is told again finds the store at leisure
            log.warning("a request must wait for the store", problem=str(error))
            receipt.refuse(self._words.say("busy"))
        finally:
            receipt.accept()


def bolt_app(
    dispatch: Dispatch, *, hearing: Hearing, home: Home, others: Mapping[str, Hear], client: AsyncWebClient
) -> AsyncApp:
    """The app, whose listeners hear what the manifest declares; `others` hear of events that are no person's, by type."""

    async def opened(body: Payload, _: Receipt) -> None:
        await home.opened(body["event"]["user"], home_of(body))

    app = AsyncApp(
        name="easel",
        logger=logging.getLogger("slack_bolt"),
        client=client,
        authorize=_authorize,
        before_authorize=_Readable(),
        process_before_response=True,  # an acknowledgement says that it is durable
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,  # done at the door, before anything is parsed
        ignoring_self_events_enabled=False,  # this would ask Slack who we are, before each acknowledgement
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.error(_refuse)
    app.command(manifest.IMAGINE)(dispatch.to(hearing.imagine))
    app.command(manifest.EASEL)(dispatch.to(hearing.easel))
    app.global_shortcut(manifest.CREATE)(dispatch.to(hearing.shortcut))
    for callback in (manifest.REROLL, manifest.REMIX, manifest.EDIT):
        app.message_shortcut(callback)(dispatch.to(hearing.message_shortcut))
    app.view_submission(forms.CALLBACK)(dispatch.to(hearing.submitted))
    app.block_action(suggestions.MODEL, matchers=[_in_a_view])(dispatch.to(hearing.model_chosen))
    app.block_action(_ANY)(dispatch.to(hearing.pressed))
    app.event({"type": "app_mention", "subtype": _SAID}, matchers=[_by_a_person])(
        dispatch.to(hearing.mention)
    )
    app.event({"type": "message", "subtype": _SAID}, matchers=[_by_a_person, _direct])(
        dispatch.to(hearing.direct)
    )
    app.event({"type": "message", "subtype": _IN_THREADS}, matchers=[_by_a_person, _goes_on])(
        dispatch.to(hearing.in_thread)
    )
    app.event("reaction_added", matchers=[_on_a_message])(dispatch.to(hearing.reacted))
    app.event("app_home_opened", matchers=[_of_the_home])(dispatch.to(opened))
    for kind, hear in others.items():
        app.event(kind)(dispatch.to(hear))
    app.event(_ANY)(_acknowledge)
    return app


class _Readable(AsyncMiddleware):
    """A delivery has the shape that its kind has at Slack, or nobody hears it, bolt's own guesses neither."""

    async def async_process(  # type: ignore[override]  # None is what bolt itself takes for "go on"
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - bolt passes it by name
        next: Callable[[], Awaitable[None]],  # noqa: A002 - bolt's name
    ) -> BoltResponse | None:
        match req.body:
            case (
                {"command": str(), "user_id": str()}
                | {"type": "event_callback", "event": {"type": str()}}
                | {"type": "url_verification", "challenge": str()}
                | {"type": "block_actions", "user": {"id": str()}, "actions": [{"action_id": str()}, *_]}
                | {"type": "shortcut" | "message_action", "user": {"id": str()}, "callback_id": str()}
                | {
                    "type": "view_submission",
                    "user": {"id": str()},
                    "view": {"id": str(), "type": str(), "callback_id": str()},
                }
            ):
                await next()
                return None
            case body:
                return _unknown(body)


def _whose(body: Payload) -> str:
    """Who did what a delivery tells; nobody, where it is no person's."""
    return at(body, "user_id") or at(body, "user", "id") or at(body, "event", "user")


def _unknown(body: Payload) -> BoltResponse:
    kind = str(body.get("type") or body.get("command"))[:100]
    log.info("a delivery of nothing known", type=kind)
    return BoltResponse(status=400, body=f"This app hears nothing of this kind: {kind}")


# ── What bolt asks for; it passes arguments by their names ───────────────────────────────────────────


async def _authorize(team_id: str | None) -> AuthorizeResult:
    """Our token is always the one of the configuration; who we are is asked only where somebody needs it."""
    return AuthorizeResult(enterprise_id=None, team_id=team_id)


async def _refuse(error: Exception, body: Payload) -> BoltResponse:
    if not isinstance(error, BoltUnhandledRequestError):
        raise error
    return _unknown(body)


async def _acknowledge(ack: AsyncAck, event: Payload) -> None:
    """Every event is acknowledged, also one of no concern."""
    log.debug("an event of no concern", type=event["type"])
    await ack()


async def _in_a_view(body: Payload) -> bool:
    return bool(at(body, "view", "id"))


async def _by_a_person(event: Payload) -> bool:
    match event:
        case {"user": str(), "channel": str(), "ts": str()}:
            return not event.get("bot_id")
        case _:  # events of other shapes
            return False


async def _direct(event: Payload) -> bool:
    return event.get("channel_type") == "im"


async def _goes_on(event: Payload) -> bool:
    """Whether words in a channel's thread may go on from a picture there: few do, and nothing else is looked at.

    What is said to somebody by name is for them; what is said to us so is heard as a mention.
    """
    thread, text = at(event, "thread_ts"), at(event, "text")
    inside = thread not in ("", at(event, "ts")) and not names_people(text)
    return inside and begins_edit(typed(text), called=False)


async def _on_a_message(event: Payload) -> bool:
    match event:
        case {"user": str(), "item": {"channel": str(), "ts": str()}}:
            return True
        case _:  # events of other shapes
            return False


async def _of_the_home(event: Payload) -> bool:
    return event.get("tab") == "home" and isinstance(event.get("user"), str)
