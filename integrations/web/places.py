"""The places beside the chat: the gallery, the models, the credits; as JSON for the scripts."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.errors import NotAllowed
from bot.http.guard import Unwelcome
from bot.job import Job
from bot.order.fitting import tail
from bot.ports import Card, Requester
from bot.rights import Rights
from bot.talk.browsing import Shelf
from bot.tools import Tools
from integrations.web.answers import fresh
from integrations.web.cards import for_reader, out_of_place, view_of_job
from integrations.web.people import person_in

WORDS_MOST = 200  # characters of a search
_DAY_S = 86_400


class Places:
    """The endpoints; each only translates."""

    def __init__(self, tools: Tools) -> None:
        self._browsing = tools.browsing
        self._studio = tools.studio
        self._gallery = tools.gallery
        self._words = tools.words

    async def gallery(self, request: Request) -> Response:
        """A page of a shelf, newest first: `shelf`, `words`, and `before` as the page before said."""
        who = person_in(request, self._words).requester
        asked = request.query_params
        found = await self._browsing.pictures(
            who,
            _shelf(asked.get("shelf", Shelf.OWN)),
            words=asked.get("words", "")[:WORDS_MOST].split(),
            before=_moment(asked.get("before", "")),
        )
        reader = Rights(who=who, rules=await self._studio.rules(who))
        messages = [self._view(job, card, reader) for job, card in found.pictures]
        return fresh({"messages": messages, "older": found.older})

    async def models(self, request: Request) -> Response:
        """What each model has drawn here lately, and which can't be asked just now; the rest the scripts know."""
        who = person_in(request, self._words).requester
        samples = await self._browsing.samples(who)
        resting = self._studio.resting(await self._studio.rules(who))
        return fresh(
            {
                "samples": {model: self._sample(job, who) for model, job in samples.items()},
                "resting": [tail(model.id) for model in resting],
            }
        )

    async def credits(self, request: Request) -> Response:
        """What somebody has, and what moved it."""
        who = person_in(request, self._words).requester
        statement = await self._browsing.statement(who)
        purse = statement.purse
        return fresh(
            {
                "available": purse.balance.available,
                "held": purse.balance.held,
                "allowance": purse.allowance,
                "granted": purse.balance.granted,
                "renews": purse.renews_at if purse.allowance else None,
                "lapses": [{"amount": lapse.amount, "at": lapse.at} for lapse in purse.balance.lapses],
                "entries": [
                    {"at": one.at, "amount": one.amount, "line": one.line} for one in statement.entries
                ],
                "days": [{"day": _day(day), "spent": spent} for day, spent in statement.spent.items()],
            }
        )

    async def moderation(self, request: Request) -> Response:
        """What waits for the moderators, and what was done; for others there is none."""
        who = person_in(request, self._words).requester
        try:
            pile = await self._browsing.pile(who)
        except NotAllowed:
            return fresh({"moderates": False})
        return fresh(
            {
                "moderates": True,
                "held": [self._held(job) for job in pile.held],
                "blocked": [
                    {"user": one.user, "reason": one.reason, "until": one.until, "paused": one.paused}
                    for one in pile.blocked
                ],
                "log": pile.log,
            }
        )

    def _held(self, job: Job) -> dict[str, Any]:
        shown = next((one for one in job.assets if one.role == "quarantine"), None)
        return {
            "job": job.id,
            "at": job.created_at,
            "name": job.requester.name or job.requester.user,
            "prompt": job.order.subject,
            "url": self._gallery.path(shown.key, private=True) if shown else "",
        }

    def _view(self, job: Job, card: Card, reader: Rights) -> dict[str, Any]:
        message = out_of_place(job, reader)
        return view_of_job(for_reader(card, reader, job, message), job, message, self._gallery)

    def _sample(self, job: Job, who: Requester) -> dict[str, Any]:
        image = job.images[0]
        return {
            "url": self._gallery.path(image.key),
            "alt": self._words.say("alt-text", who.language, prompt=job.order.subject),
        }


def _shelf(name: str) -> Shelf:
    try:
        return Shelf(name)
    except ValueError:
        raise Unwelcome(404, "shelf-unknown", "There is no such shelf.") from None


def _moment(typed: str) -> float | None:
    try:
        return float(typed) if typed else None
    except ValueError:
        raise Unwelcome(422, "moment", "That is no moment.") from None


def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * _DAY_S, UTC):%Y-%m-%d}"
