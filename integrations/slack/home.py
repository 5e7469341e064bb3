"""The App Home: balance, renewal, recent pictures and models; published anew when they change, not too often."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.background import end
from bot.counter import Offer
from bot.errors import EaselError
from bot.job import Job
from bot.money import Purse
from bot.order.fitting import tail
from bot.talk import reports
from bot.talk.deeds import Topic
from bot.tools import Tools
from integrations.slack._text import Say, button, context, cut, escaped, header, section, sections, verbatim
from integrations.slack._uploads import Uploads
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import SHOWABLE
from integrations.slack.people import Caller, People

log = structlog.get_logger()

PICTURES = 8
MODELS = 12
_EVERY_S = 5.0  # views.publish is tier 4; a person needs no more
_REMEMBERED = 2_000
_TASKS_MAX = 200


class Home:
    """Publishes the homes of people who have opened theirs since the start; others get it when they open it."""

    def __init__(self, api: Api, *, people: People, uploads: Uploads, tools: Tools) -> None:
        self._api = api
        self._people = people
        self._uploads = uploads
        self._tools = tools
        self._callers: OrderedDict[str, Caller] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def opened(self, user: str, team: str) -> None:
        """A person looks at the home: publish it now, and keep it true from now on."""
        caller = await self._people.caller(user, team=team)
        self._callers[user] = caller
        self._callers.move_to_end(user)
        while len(self._callers) > _REMEMBERED:
            self._callers.popitem(last=False)
        await self._publish(user)

    def changed(self, user: str) -> None:
        """Something that the home tells has changed."""
        if user not in self._callers:
            return
        if user in self._tasks:
            self._again.add(user)
            return
        if len(self._tasks) >= _TASKS_MAX:
            return
        self._tasks[user] = asyncio.create_task(self._soon(user), name=f"home-{user}")

    async def aclose(self) -> None:
        await end(self._tasks.values())

    async def _soon(self, user: str) -> None:
        try:
            while True:
                self._again.discard(user)
                await self._publish(user)
                await asyncio.sleep(_EVERY_S)
                if user not in self._again:
                    return
        finally:
            self._tasks.pop(user, None)
            self._again.discard(user)

    async def _publish(self, user: str) -> None:
        try:
            view = await self._view(self._callers[user])
            try:
                await self._api.patiently("views.publish", user_id=user, view=view)
            except SlackFault as fault:
                if fault.error != "invalid_arguments":
                    raise
                # A thumbnail that somebody has deleted in Slack must not cost the whole page.
                await self._api.patiently("views.publish", user_id=user, view=_without_pictures(view))
        except (SlackFault, EaselError) as error:
            log.warning("a home could not be published", user=user, problem=str(error))

    async def _view(self, caller: Caller) -> dict[str, Any]:
        studio, who = self._tools.studio, caller.who
        purse = await studio.credits(who)
        jobs = await studio.history(who, limit=PICTURES)
        offers = await studio.models(who)
        defaults = await studio.defaults(who)
        thumbnails = {job.id: self._thumbnail(job) for job in jobs}
        say = Say(self._tools.words, who)
        return view_of(say, purse, jobs, offers, thumbnails=thumbnails, defaults=defaults)

    def _thumbnail(self, job: Job) -> dict[str, Any]:
        """By its link, or by the file that its message shows; private ones only by the file."""
        shown = job.sheet or next(iter(job.images), None)
        if shown is None or job.spoiler or job.order.spoiler:
            return {}
        link = None if job.order.private else self._tools.gallery.link(shown.key)
        if link and shown.media_type in SHOWABLE:
            return {"image_url": link}
        file = self._uploads.known(shown.key)
        return {"slack_file": {"id": file}} if file else {}


def view_of(
    say: Say,
    purse: Purse,
    jobs: Sequence[Job],
    offers: Sequence[Offer],
    *,
    thumbnails: Mapping[str, dict[str, Any]],
    defaults: Mapping[str, Any],
) -> dict[str, Any]:
    """The home's payload, pure: at most 100 blocks."""
    words, language = say.words, say.language
    credits_told = reports.credits_answer(purse, words, language)
    create = button(say("button-create"), str(Topic.CREATE), style="primary")
    own = [row.text for row in reports.defaults_rows(defaults, words, language)]
    pictures = [_job(say, job, thumbnails.get(job.id, {})) for job in jobs]
    blocks = [
        header(credits_told.title),
        *sections(credits_told.plain),
        context(escaped(say("slack-home-hint"))),
        {"type": "actions", "elements": [create]},
        {"type": "divider"},
        header(say("history-title")),
        *(pictures or [section(escaped(say("history-empty")))]),
        {"type": "divider"},
        header(say("models-title")),
        *sections(_offers(say, offers)),
        {"type": "divider"},
        header(say("defaults-title")),
        *sections([*(own or [say("defaults-none")]), say("defaults-how")]),
    ]
    return {"type": "home", "blocks": blocks[:100]}


def _job(say: Say, job: Job, thumbnail: dict[str, Any]) -> dict[str, Any]:
    facts = f"{tail(job.order.model)} · {say('credits-value', credits=job.captured_credits or 0)}"
    words = f"{cut(job.order.subject, 200)}\n{facts}"
    if not thumbnail:
        return verbatim(words)
    alt = cut(say("alt-text", prompt=job.order.subject), 1_000)
    return verbatim(words, accessory={"type": "image", **thumbnail, "alt_text": alt})


def _without_pictures(view: dict[str, Any]) -> dict[str, Any]:
    blocks = [{k: v for k, v in block.items() if k != "accessory"} for block in view["blocks"]]
    return {**view, "blocks": blocks}


def _offers(say: Say, offers: Sequence[Offer]) -> list[str]:
    lines = [
        f"{o.name} · {say('credits-value', credits=o.credits)}{' ★' if o.is_default else ''}"
        for o in offers[:MODELS]
    ]
    return [*lines, "…"] if len(offers) > MODELS else lines
