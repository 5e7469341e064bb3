"""The App Home: what one asks about oneself, on one page; published anew when it changes, not too often."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.cards.jobs import cut
from bot.errors import EaselError, StoreBusy
from bot.job import Job
from bot.order.fitting import tail
from bot.process.background import Refreshing
from bot.process.recent import Recent
from bot.talk.answers import Lines
from bot.talk.deeds import Asked, Topic
from bot.tools import Tools
from bot.words.words import Say
from integrations.slack._pictures import PictureUploads
from integrations.slack._text import Blocks, button, context, escaped, header, sections, verbatim
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import SHOWABLE
from integrations.slack.people import Caller, Members

log = structlog.get_logger()

PICTURES = 8
TOPICS = (Topic.CREDITS, Topic.HISTORY, Topic.MODELS, Topic.DEFAULTS)
_BLOCKS_MOST = 100
_EVERY_S = 5.0  # views.publish is tier 4; a person needs no more
_REMEMBERED = 2_000
_AT_ONCE = 200


class Home:
    """Publishes the homes of people who have opened theirs since the start; others get it when they open it."""

    def __init__(self, api: Api, tools: Tools, *, people: Members, uploads: PictureUploads) -> None:
        self._api = api
        self._talk = tools.talk
        self._people = people
        self._uploads = uploads
        self._gallery = tools.gallery
        self._words = tools.words
        self._callers = Recent[str, Caller](_REMEMBERED)
        self._published = Refreshing("a home", self._publish, every_s=_EVERY_S, most=_AT_ONCE)

    async def opened(self, user: str, team: str) -> None:
        """A person looks at the home: publish it now, and keep it true from now on."""
        self._callers[user] = await self._people.caller(user, team=team)
        await self._publish(user)

    def changed(self, user: str) -> None:
        """Something that the home tells has changed."""
        if user in self._callers:
            self._published.changed(user)

    async def aclose(self) -> None:
        await self._published.aclose()

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
        except StoreBusy as error:
            log.warning("a home is published later", user=user, problem=str(error))
            self.changed(user)
        except (SlackFault, EaselError) as error:
            log.warning("a home could not be published", user=user, problem=str(error))

    async def _view(self, caller: Caller) -> dict[str, Any]:
        asked = [Asked(**caller.by("slack:home"), topic=topic, retold=True) for topic in TOPICS]
        answers = [answer for deed in asked if isinstance(answer := await self._talk.do(deed), Lines)]
        jobs = [job for answer in answers for job in answer.pictures]
        thumbnails = {job.id: self._thumbnail(job) for job in jobs[:PICTURES]}
        return view_of(answers, Say(self._words, caller.who.language), thumbnails=thumbnails)

    def _thumbnail(self, job: Job) -> dict[str, Any]:
        """By its link, or by the file that its message shows; private ones only by the file."""
        shown = job.sheet or next(iter(job.images), None)
        if shown is None or job.spoiler or job.order.spoiler:
            return {}
        link = None if job.order.private else self._gallery.link(shown.key)
        if link and shown.media_type in SHOWABLE:
            return {"image_url": link}
        file = self._uploads.known(shown.key)
        return {"slack_file": {"id": file}} if file else {}


def view_of(
    answers: Sequence[Lines], say: Say, *, thumbnails: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """The home's payload, pure: each answer under its headline."""
    create = button(say("button-create"), str(Topic.CREATE), style="primary")
    blocks: Blocks = [
        context(escaped(say("slack-home-hint"))),
        {"type": "actions", "elements": [create]},
    ]
    for answer in answers:
        shown = [_job(say, job, thumbnails[job.id]) for job in answer.pictures if job.id in thumbnails]
        how = [answer.how] if answer.how else []
        blocks += [header(answer.title), *(shown or sections([*answer.plain, *how])), {"type": "divider"}]
    return {"type": "home", "blocks": blocks[:_BLOCKS_MOST]}


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
