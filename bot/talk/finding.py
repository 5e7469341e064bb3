"""Finding a picture again: the history page by page, by words, and one by its number."""

import base64
import binascii
import re
from dataclasses import dataclass, replace

from bot.cards.jobs import card_of
from bot.errors import NotThere
from bot.job import Job, Message
from bot.order.mentions import job_in
from bot.ports import MAIN, Address, Card, Requester
from bot.studio.studio import Studio
from bot.talk import reports
from bot.talk.answers import Lines, Turn
from bot.talk.deeds import Topic
from bot.words.words import Say, Words

PAGE = 12
PAGES_MOST = 500
_TOKEN_MOST = 70  # characters: a platform's button holds no more
_PAGE = re.compile(r"p(?P<page>[1-9]\d{0,2})(?:q(?P<words>[a-z2-7]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPlace:
    """Where in a history somebody is."""

    words: tuple[str, ...] = ()
    page: int = 1

    @classmethod
    def of(cls, text: str) -> "HistoryPlace":
        """What was typed, or what a button says."""
        found = _PAGE.fullmatch(text.strip())
        words = _decoded(found["words"] or "") if found else None
        if found is None or words is None:
            return cls(words=tuple(text.split()))
        return cls(words=tuple(words.split()), page=min(int(found["page"]), PAGES_MOST))

    @property
    def token(self) -> str:
        """What a button says to come here; of small letters and digits alone, and empty where it would be too long."""
        letters = base64.b32encode(" ".join(self.words).encode()).decode().rstrip("=").lower()
        token = f"p{self.page}q{letters}" if letters else f"p{self.page}"
        return token if len(token) <= _TOKEN_MOST else ""


def _decoded(letters: str) -> str | None:
    try:
        return base64.b32decode(letters.upper() + "=" * (-len(letters) % 8)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


class HistorySearch:
    """Answers what is looked for."""

    def __init__(self, studio: Studio, words: Words) -> None:
        self._studio = studio
        self._words = words

    async def history(self, who: Requester, text: str) -> Lines:
        """One's own pictures, a page of them; with words, those that have all of these."""
        place, say = HistoryPlace.of(text), Say(self._words, who.language)
        jobs = await self._studio.history(
            who, limit=PAGE + 1, words=place.words, offset=(place.page - 1) * PAGE
        )
        shown, more = jobs[:PAGE], len(jobs) > PAGE and place.page < PAGES_MOST
        typed = " ".join(place.words)
        title = say("history-found", words=typed) if typed else say("history-title")
        if place.page > 1:
            title = say("history-page", title=title, page=place.page)
        empty = say("history-none", words=typed) if typed and place.page == 1 else ""
        lines = reports.history_lines(shown, self._words, who.language)
        return Lines(
            topic=Topic.HISTORY,
            title=title,
            lines=(empty,) if empty and not shown else tuple(lines),
            pictures=tuple(job for job in shown if job.images),
            turns=_turns(place, say, more=more),
        )

    async def card(self, who: Requester, job: Job) -> Card:
        """The card of a picture as it is now, in the language of whoever looks."""
        mine = replace(job, requester=replace(job.requester, language=who.language or job.requester.language))
        message = Message(job=job.id, role=MAIN, address=Address(surface=who.surface), author="", due_at=0)
        return card_of(mine, message, self._words, self._studio.hints(job))

    async def named(self, who: Requester, text: str) -> tuple[Job, int]:
        """The job that was typed, as cards tell it, and which of its pictures; 0: all. Raises NotThere."""
        found = job_in(text.strip().strip("`<>"))
        if found is None:
            raise NotThere("show-unknown")
        try:
            job = await self._studio.job(found[0], who)
        except NotThere:
            raise NotThere("show-unknown") from None
        if job.deleted or (found[1] and all(image.index != found[1] for image in job.images)):
            raise NotThere("show-unknown")
        return job, found[1]


def _turns(place: HistoryPlace, say: Say, *, more: bool) -> tuple[Turn, ...]:
    pages = [("history-newer", place.page - 1)] if place.page > 1 else []
    pages += [("history-older", place.page + 1)] if more else []
    turns = [
        Turn(topic=Topic.HISTORY, label=say(label), text=replace(place, page=page).token)
        for label, page in pages
    ]
    return tuple(turn for turn in turns if turn.text)
