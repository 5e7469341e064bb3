"""Looking around: pictures shelf by shelf, the books as a statement. For a surface that has pages beside its chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.community.powers import Power
from bot.given.keepsakes import Keepsakes
from bot.job import Job
from bot.money import Movement, Purse, Transfer
from bot.ports import Card, Requester
from bot.staff.desk import Desk
from bot.store.communities import Block
from bot.studio.studio import Studio
from bot.talk.finding import HistorySearch
from bot.talk.reports import audit_lines, joined_movements, movement_line
from bot.words.words import Words

PAGE = 24  # pictures
SAMPLED_MOST = 200  # newest pictures of a community among which models' samples are looked for
STATEMENT_ROWS = 60
LOG_ROWS = 50
_DAY_S = 86_400
_DRAWN = (Transfer.HOLD, Transfer.RELEASE, Transfer.REFUND)  # what drawing took, and what came back of it


class Shelf(StrEnum):
    """Whose pictures."""

    OWN = "own"
    EVERYONE = "everyone"
    FAVOURITES = "favourites"


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePage:
    """Pictures as their messages say them, newest first; `older` asks for those before, None: these were all."""

    pictures: tuple[tuple[Job, Card], ...]
    older: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One movement of a person's credits, in words; `amount` is signed as they see it."""

    at: float  # unix seconds
    amount: int
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody has, what moved it, and what drawing took on each day (counted since 1970, UTC) that moved any."""

    purse: Purse
    entries: tuple[StatementLine, ...]
    spent: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """What moderators have before them: withheld pictures, who may not ask, and what was done, a line each."""

    held: tuple[Job, ...]
    blocked: tuple[Block, ...]
    log: tuple[str, ...]


class Browsing:
    """Reads what one person may see."""

    def __init__(self, studio: Studio, desk: Desk, keepsakes: Keepsakes, words: Words) -> None:
        self._studio = studio
        self._desk = desk
        self._keepsakes = keepsakes
        self._words = words
        self._finding = HistorySearch(studio, words)

    async def pictures(
        self, who: Requester, shelf: Shelf, *, words: Sequence[str] = (), before: float | None = None
    ) -> PicturePage:
        """A page of a shelf; with words, those whose prompt has all of them."""
        match shelf:
            case Shelf.FAVOURITES:
                return PicturePage(pictures=await self._shown(who, await self._kept(who, words)))
            case Shelf.OWN | Shelf.EVERYONE:
                return await self._page(who, shelf, words=words, before=before)

    async def _page(
        self,
        who: Requester,
        shelf: Literal[Shelf.OWN, Shelf.EVERYONE],
        *,
        words: Sequence[str],
        before: float | None,
    ) -> PicturePage:
        jobs = await self._studio.history(
            who, limit=PAGE + 1, words=words, before=before, everyone=shelf is Shelf.EVERYONE
        )
        older = jobs[PAGE - 1].created_at if len(jobs) > PAGE else None
        return PicturePage(pictures=await self._shown(who, jobs[:PAGE]), older=older)

    async def samples(self, who: Requester) -> dict[str, Job]:
        """The newest picture of the community by each model that has drawn one lately, by the model's id."""
        newest: dict[str, Job] = {}
        for job in await self._studio.history(who, limit=SAMPLED_MOST, everyone=True):
            if job.images and not job.spoiler:
                newest.setdefault(job.order.model, job)
        return newest

    async def statement(self, who: Requester) -> Statement:
        """The last movements of one's credits."""
        purse = await self._studio.credits(who, movements=STATEMENT_ROWS)
        moved = joined_movements(purse.movements)
        entries = [
            StatementLine(at=one.at, amount=one.amount, line=line)
            for one in moved
            if (line := movement_line(one, self._words, who.language))
        ]
        return Statement(purse=purse, entries=tuple(entries[:STATEMENT_ROWS]), spent=_spent_by_day(moved))

    async def pile(self, who: Requester) -> Pile:
        """What waits for the moderators. Raises NotAllowed for who is none."""
        await self._desk.require(who, Power.JUDGE)
        entries = await self._desk.audit(who, limit=LOG_ROWS)
        return Pile(
            held=tuple(await self._desk.held(who)),
            blocked=tuple(await self._desk.blocked(who)),
            log=tuple(audit_lines(entries, self._words, who.language)),
        )

    async def _kept(self, who: Requester, words: Sequence[str]) -> list[Job]:
        wanted = [word.casefold() for word in words]
        kept = {one.job.id: one.job for one in await self._keepsakes.of(who)}
        return [job for job in kept.values() if all(word in job.order.subject.casefold() for word in wanted)]

    async def _shown(self, who: Requester, jobs: Sequence[Job]) -> tuple[tuple[Job, Card], ...]:
        return tuple([(job, await self._finding.card(who, job)) for job in jobs if job.images])


def _spent_by_day(moved: Sequence[Movement]) -> dict[int, int]:
    spent: dict[int, int] = {}
    for one in moved:
        if one.kind in _DRAWN:
            day = int(one.at // _DAY_S)
            spent[day] = spent.get(day, 0) - one.amount
    return dict(sorted(spent.items()))
