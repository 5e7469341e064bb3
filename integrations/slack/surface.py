"""The surface `slack`: listens over Socket Mode or HTTP, acknowledges what is durable, and shows cards."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.background import Background, end
from bot.errors import ConfigError, ShowFailure, SurfaceError
from bot.ports import Address, Card, Handle
from bot.talk.forms import PROMPT
from bot.talk.suggestions import MODEL
from bot.tools import Tools
from integrations.slack import forms, manifest
from integrations.slack._private import Private
from integrations.slack._receipt import Receipt
from integrations.slack._socket import listen
from integrations.slack._uploads import Uploads
from integrations.slack._wire import Api, SlackFault
from integrations.slack.answers import Answers
from integrations.slack.failures import WRONG_TOKEN
from integrations.slack.hearing import Hearing, home_of
from integrations.slack.home import Home
from integrations.slack.messages import Messages
from integrations.slack.people import SURFACE, People, Workspace
from integrations.slack.settings import SlackSettings

log = structlog.get_logger()

Hear = Callable[[dict[str, Any], Receipt], Coroutine[Any, Any, None]]
Listener = Callable[[Any, dict[str, Any]], Awaitable[None]]
Before = Callable[[dict[str, Any], dict[str, Any], Callable[[], Awaitable[None]]], Awaitable[None]]

_BODY_LIMIT_BYTES = 1024 * 1024
_ANY = re.compile(".*")
_REFUSED = "easel_refused"
_AGAIN_MAX_S = 30.0
_REQUESTS_MOST, _AT_ONCE = 1_000, 24
_ACK_WAIT_S = 2.2  # Slack waits 3 s, also for the way back


def open_surface(settings: SlackSettings, tools: Tools) -> "Slack":
    """Makes the surface; called inside the running event loop."""
    return Slack(settings, tools)


class Slack:
    """One workspace."""

    name = SURFACE

    def __init__(self, settings: SlackSettings, tools: Tools) -> None:
        self._settings = settings
        self._words = tools.words
        self._upkeep = tools.upkeep
        self._api = api = Api(settings)
        self._workspace: asyncio.Task[Workspace] | None = None
        self._people = People(api, here=self._here, admins=settings.admins)
        self._private = private = Private(api)
        uploads = Uploads(api, tools.gallery)
        self._messages = Messages(
            api, uploads=uploads, private=private, gallery=tools.gallery, words=tools.words
        )
        self._home = Home(api, people=self._people, uploads=uploads, tools=tools)
        answers = Answers(
            api, talk=tools.talk, private=private, messages=self._messages, uploads=uploads, words=tools.words
        )
        self._hearing = Hearing(
            talk=tools.talk, people=self._people, answers=answers, changed=self._home.changed
        )
        self._work = Background("a request from Slack", most=_REQUESTS_MOST)
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._app = self._bolt()
        if settings.mode == "http":
            tools.mounts.append(Route(manifest.PATH, self._receive, methods=["POST"]))

    # ── The port ─────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Listens until cancelled. Raises ConfigError for a token that Slack doesn't know."""
        here = await self._greet()
        self._tell_trouble("")
        log.info("slack knows us", team=here.team, mode=self._settings.mode)
        if self._settings.mode == "http":
            await asyncio.Event().wait()
        await listen(self._app, self._settings.app_token.get_secret_value(), self._tell_trouble)

    def _tell_trouble(self, trouble: str) -> None:
        """Whether people can be heard, for whoever keeps the surfaces."""
        self._upkeep.tell(self.name, trouble)

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says."""
        shown = await self._messages.show(card, address, handle)
        self._home.changed(address.data.get("user", ""))
        return shown

    async def tell(self, address: Address, text: str) -> None:
        """Says a sentence to one person alone. Raises SurfaceError."""
        try:
            await self._private.reach(address.data, text)
        except SlackFault as fault:
            kind = ShowFailure.LATER if fault.passing else ShowFailure.FORBIDDEN
            raise SurfaceError(str(fault), kind=kind, retry_after_s=fault.retry_after_s) from fault

    async def aclose(self) -> None:
        await self._work.aclose()
        await self._home.aclose()
        await self._people.aclose()
        await self._messages.aclose()
        if self._workspace is not None:
            await end([self._workspace])
        await self._api.aclose()

    # ── Who we are ───────────────────────────────────────────────────────────────────────────────────

    async def _here(self) -> Workspace:
        """The workspace of our token; all who ask at once share one call. Raises SlackFault."""
        task = self._workspace
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._workspace = asyncio.create_task(self._ask_who(), name="slack-auth")
        return await asyncio.shield(task)

    async def _ask_who(self) -> Workspace:
        answer = await self._api.patiently("auth.test")
        bot_id = str(answer.get("bot_id") or "")
        return Workspace(team=str(answer["team_id"]), bot_user=str(answer["user_id"]), bot_id=bot_id)

    async def _greet(self) -> Workspace:
        wait_s = 0.5
        while True:
            try:
                return await self._here()
            except SlackFault as fault:
                if fault.error in WRONG_TOKEN:
                    raise ConfigError(f"[slack] bot_token: Slack says {fault.error}") from fault
                log.warning("Slack can't be reached; trying again", problem=str(fault), wait_s=wait_s)
                self._tell_trouble(str(fault))
            await asyncio.sleep(wait_s)
            wait_s = min(_AGAIN_MAX_S, wait_s * 2)

    # ── Listening ────────────────────────────────────────────────────────────────────────────────────

    async def _receive(self, request: Request) -> Response:
        """One delivery over HTTP; bolt checks signature and timestamp."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY_LIMIT_BYTES:
                return PlainTextResponse("too large", status_code=413)
        try:
            asked = to_async_bolt_request(request, body)
        except ValueError:
            return PlainTextResponse("not readable", status_code=400)
        return to_starlette_response(await self._app.async_dispatch(asked))

    # ── Bolt ─────────────────────────────────────────────────────────────────────────────────────────

    def _bolt(self) -> AsyncApp:
        logger = logging.getLogger("slack_bolt")
        logger.setLevel(logging.WARNING)

        async def authorize(team_id: str | None) -> AuthorizeResult | None:
            # Bolt's seam for several workspaces, by team; here always the one of the configuration.
            # It takes no methods: it asks for `self` by name.
            del team_id
            try:
                here = await self._here()
            except SlackFault as fault:
                log.warning("Slack can't be asked who we are", problem=str(fault))
                return None
            token = self._settings.bot_token.get_secret_value()
            return AuthorizeResult(
                enterprise_id=None,
                team_id=here.team,
                bot_id=here.bot_id,
                bot_user_id=here.bot_user,
                bot_token=token,
            )

        app = AsyncApp(
            name="easel",
            logger=logger,
            client=self._api.client(None),
            signing_secret=self._settings.signing_secret.get_secret_value(),
            authorize=authorize,  # type: ignore[arg-type]  # None is foreseen: bolt then tells the person
        )
        hear = self._hearing
        app.command(manifest.IMAGINE, middleware=[self._before(hear.imagine)])(_acknowledge)
        app.command(manifest.EASEL, middleware=[self._before(hear.easel)])(_acknowledge)
        for kind, callback, *_ in manifest.SHORTCUTS:
            if kind == "global":
                app.global_shortcut(callback, middleware=[self._before(hear.shortcut)])(_acknowledge)
            else:
                app.message_shortcut(callback, middleware=[self._before(hear.message_shortcut)])(_acknowledge)
        app.view(forms.CALLBACK, middleware=[self._before(hear.submitted)])(_answer_form)
        app.block_action(MODEL, middleware=[self._before(hear.model_chosen)])(_acknowledge)
        app.action(_ANY, middleware=[self._before(hear.pressed)])(_acknowledge)
        for event in manifest.EVENTS:
            app.event(event.partition(".")[0], middleware=[self._before(self._hear)])(_acknowledged)
        return app

    def _before(self, hear: Hear) -> Before:
        """Does what a request asks for; lets bolt acknowledge it when it is durable, or nearly too late."""

        async def before(
            body: dict[str, Any], context: dict[str, Any], next_: Callable[[], Awaitable[None]]
        ) -> None:
            receipt = Receipt()
            if self._work.start(self._answer(hear, body, receipt)):
                context[_REFUSED] = await receipt.within(_ACK_WAIT_S)
            else:
                context[_REFUSED] = self._words.say("busy")
            await next_()

        return before

    async def _answer(self, hear: Hear, body: dict[str, Any], receipt: Receipt) -> None:
        """So many at once, until their acknowledgement: posting a message doesn't hold a place."""
        # What isn't a command with words may open a form, and its trigger is good for 3 s.
        waits = bool(str(body.get("text") or "").strip()) or "event" in body
        try:
            if waits:
                await self._gate.acquire()
                receipt.when_over(self._gate.release)
            await hear(body, receipt)
        finally:
            receipt.accept()

    async def _hear(self, body: dict[str, Any], receipt: Receipt) -> None:
        event = body["event"]
        match event.get("type"):
            case "app_mention" if _by_a_person(event):
                await self._hearing.mention(event, body, receipt)
            case "message" if event.get("channel_type") == "im" and _by_a_person(event):
                await self._hearing.direct(event, body, receipt)
            case "reaction_added" if await self._concerns_us(event):
                await self._hearing.reacted(event, body, receipt)
            case "app_home_opened" if event.get("tab") == "home":
                await self._home.opened(str(event["user"]), home_of(event, body))
            case "app_uninstalled" | "tokens_revoked":
                log.error(
                    "Slack says that the app was removed or its tokens revoked", team=body.get("team_id")
                )
            case other:
                log.debug("an event of no concern", type=other)

    async def _concerns_us(self, event: dict[str, Any]) -> bool:
        """A reaction of somebody else on a message of ours."""
        us = (await self._here()).bot_user
        return event.get("user") != us and event.get("item_user") in (us, None)


async def _acknowledge(ack: Any, context: dict[str, Any]) -> None:
    refused = context[_REFUSED]
    await (ack(refused) if refused else ack())


async def _answer_form(ack: Any, context: dict[str, Any]) -> None:
    """The acknowledgement is the only way to say what is wrong inside the form."""
    if refused := context[_REFUSED]:
        await ack(response_action="errors", errors={PROMPT: refused})
    else:
        await ack()


async def _acknowledged() -> None:
    """Bolt acknowledges events by itself."""


def _by_a_person(event: dict[str, Any]) -> bool:
    return (
        bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in (None, "file_share")
    )
