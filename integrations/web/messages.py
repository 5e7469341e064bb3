"""The page's messages: what stands on it, read from the store, and told to every open page as it changes.

`show` only marks. Whatever process moved a job, this one sees (job, version) in the store at its next
look, so that two processes behind one address serve the same page (ruling 10). A page that
comes back names the state that it has (Last-Event-ID): it is sent what differs, or everything.
"""

import asyncio
import contextlib
import hashlib
import json
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from bot.cards import card_of
from bot.errors import ShowFailure, StoreBusy, SurfaceError
from bot.guard import Unwelcome
from bot.job import Job, Message
from bot.ports import Gallery, Requester
from bot.rights import may_see
from bot.studio import Studio
from bot.words import Words
from integrations.web.cards import View, view_of
from integrations.web.people import COMMUNITY, SURFACE

log = structlog.get_logger()

SHOWN_MAX = 60  # jobs on the page; the history has the rest
LOOK_EVERY_S = 0.4
PLACES_EVERY_S = 10.0
BEAT_S = 15.0  # a sign of life on a quiet stream, so that a dead connection is noticed
WATCHERS_MAX = 64
_NOTES_MAX = 20
_REMEMBERED = 256  # states that a page may come back with
_LINKS_NEW_S = 1800  # private links live an hour: halfway they are sent anew

Stamps = Mapping[str, str]  # message -> what it says, as far as a page can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message with its job as they stand."""

    message: Message
    job: Job
    place: int = 0  # in line

    @property
    def at(self) -> float:
        """When it was posted; the command's or the press's moment."""
        return float(self.message.address.data.get("at", self.job.created_at))

    def stamp(self, now: float) -> str:
        """Changes with everything that a page would draw otherwise."""
        links = int(now // _LINKS_NEW_S) if self.job.order.private else 0
        return f"{self.job.version}.{int(self.message.tell)}.{links}.{self.place}"


@dataclass(slots=True, eq=False, kw_only=True)
class Page:
    """One person's open page, with what is to be said there to this person alone."""

    who: Requester
    holder: str  # whose places are counted together
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_MAX))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False  # somebody else has its place

    async def wait(self) -> None:
        """Until there may be something new, at most one beat."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.news.wait(), BEAT_S)


class Board:
    """Looks at the store while pages are open, and wakes them."""

    def __init__(self, studio: Studio, gallery: Gallery, words: Words) -> None:
        self._studio = studio
        self._gallery = gallery
        self._words = words
        self._posted: dict[str, Posted] = {}
        self._known: OrderedDict[str, Stamps] = OrderedDict()
        self._marked = asyncio.Event()
        self._looked = asyncio.Event()
        self._placed_at = 0.0
        self._pages: list[Page] = []
        self._looking: asyncio.Task[None] | None = None
        self.closing = False

    def mark(self) -> None:
        """Something has changed here: look at once."""
        self._marked.set()

    def open_page(self, who: Requester, address: str) -> Page:
        """A place for one more page. Where all are taken, who has fewer takes one of who has the most.

        Raises Unwelcome where that would only change who waits.
        """
        holder = f"{who.user} {address}"
        if len(self._pages) >= WATCHERS_MAX or self.closing:
            taken = Counter(page.holder for page in self._pages)
            greediest = max(taken, key=lambda one: taken[one], default=holder)
            if self.closing or taken[holder] + 1 >= taken[greediest]:
                raise Unwelcome(503, "too-many-pages", "Too many pages are open just now.")
            self.close_page(next(page for page in self._pages if page.holder == greediest))
        page = Page(who=who, holder=holder)
        self._pages.append(page)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on(), name="web-board")
        return page

    def close_page(self, page: Page) -> None:
        """Gives a place back. The store is looked at only while a page is open."""
        page.over = True
        page.news.set()
        if page in self._pages:
            self._pages.remove(page)
        if not self._pages and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._looked.clear()

    async def events(
        self, page: Page, last: str, goes_on: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """One page's stream of server-sent events, from the state that it has, while its session goes on."""
        await self._looked.wait()
        has, rested = self._known.get(last), False
        yield "retry: 1000\n\n"
        while not (self.closing or page.over) and await goes_on():
            page.news.clear()
            now = self._studio.now()
            sees = self._seen_by(page.who, now)
            if page.notes:
                yield _note_event(page.notes.popleft())
            elif has is None or sees != has:
                yield self._event(sees, has, now)
                has = sees
            elif rested:
                yield "event: beat\ndata: {}\n\n"
                rested = False
            else:
                await page.wait()
                rested = True

    async def tell(self, user: str, text: str) -> None:
        """A note on a person's open pages. Raises SurfaceError where there is none."""
        pages = [page for page in self._pages if page.who.user == user]
        if not pages or self.closing:
            raise SurfaceError("no page of that person is open here", kind=ShowFailure.FORBIDDEN)
        for page in pages:
            page.notes.append(text)
            page.news.set()

    async def aclose(self) -> None:
        """Ends every stream; the pages come back when somebody answers again."""
        self.closing = True
        self._looked.set()
        self._wake()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _wake(self) -> None:
        for page in self._pages:
            page.news.set()

    # ── What one page sees ───────────────────────────────────────────────────────────────────────────

    def _seen_by(self, who: Requester, now: float) -> Stamps:
        return {name: p.stamp(now) for name, p in self._posted.items() if may_see(p.job, who)}

    def _event(self, sees: Stamps, has: Stamps | None, now: float) -> str:
        old = has or {}
        new = sorted((n for n in sees if sees[n] != old.get(n)), key=lambda n: (self._posted[n].at, n))
        data = {
            "now": now,
            "whole": has is None,
            "gone": [name for name in old if name not in sees],
            "messages": [self.view(self._posted[name]) for name in new],
        }
        return f"id: {self._remember(sees)}\nevent: change\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

    def view(self, posted: Posted) -> View:
        """One message as the page draws it."""
        job, message = posted.job, posted.message
        hints = replace(self._studio.hints(job), place=posted.place)
        return view_of(
            card_of(job, message, self._words, hints),
            message=message.id,
            author=job.requester.user,
            posted_at=posted.at,
            typed=job.order.typed,
            link=self._link,
        )

    def _link(self, key: str, private: bool) -> str:  # noqa: FBT001 - the signature of cards.Link
        return self._gallery.path(key, private=private)

    def _remember(self, sees: Stamps) -> str:
        """The state's name: derived, so that any process that has had the same state knows it."""
        name = hashlib.sha256(json.dumps(sees, sort_keys=True).encode()).hexdigest()[:20]
        self._known[name] = sees
        self._known.move_to_end(name)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return name

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def _look_on(self) -> None:
        while True:
            self._marked.clear()
            try:
                if await self._look():
                    self._wake()
                self._looked.set()
            except StoreBusy as error:
                log.warning("the page can't look at the store now", problem=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._marked.wait(), LOOK_EVERY_S)

    async def _look(self) -> bool:
        """Reads what stands on the page, and the jobs that have changed. Answers whether any has."""
        rows = await self._studio.board(SURFACE, COMMUNITY, limit=SHOWN_MAX)
        jobs = await self._jobs({message.job: version for message, version in rows})
        before, now = self._posted, self._studio.now()
        due = now - self._placed_at >= PLACES_EVERY_S
        self._placed_at = now if due else self._placed_at
        self._posted = {
            m.id: Posted(
                message=m, job=jobs[m.job], place=self._place(jobs[m.job], before.get(m.id), due=due)
            )
            for m, _ in rows
            if m.job in jobs
        }
        return before.keys() != self._posted.keys() or any(
            before[name].stamp(now) != posted.stamp(now) for name, posted in self._posted.items()
        )

    def _place(self, job: Job, before: Posted | None, *, due: bool) -> int:
        """The place in line. While it waits, people see it move now and then, as in the chats."""
        if before is not None and before.place and before.job.version == job.version and not due:
            return before.place
        return self._studio.hints(job).place

    async def _jobs(self, versions: Mapping[str, int]) -> dict[str, Job]:
        jobs = {p.job.id: p.job for p in self._posted.values()}
        for name, version in versions.items():
            if name in jobs and jobs[name].version == version:
                continue
            found = await self._studio.look(name)
            if found is not None:
                jobs[name] = found
        return jobs


def _note_event(text: str) -> str:
    return f"event: note\ndata: {json.dumps({'text': text}, ensure_ascii=False)}\n\n"
