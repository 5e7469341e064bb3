"""The page's messages: what stands on it, read from the store, and told to every open page as it changes.

`show` only marks. Whatever process moved a job, this one sees (job, version) in the store at its next
look, so that two processes behind one address serve the same page (ruling 10). A page that
comes back names the state that it has (Last-Event-ID): it is sent what differs, or everything.
"""

import asyncio
import contextlib
import hashlib
import json
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

import structlog

from bot.cards import Hints, card_of
from bot.errors import ShowFailure, StoreBusy, SurfaceError
from bot.job import Job, Message
from bot.ports import Gallery, Requester
from bot.studio import Studio, may_see
from bot.words import Words
from integrations.web.cards import View, view_of
from integrations.web.people import COMMUNITY, SURFACE

log = structlog.get_logger()

SHOWN_MAX = 60  # jobs on the page; the history has the rest
LOOK_EVERY_S = 0.4
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

    @property
    def at(self) -> float:
        """When it was posted; the command's or the press's moment."""
        return float(self.message.address.data.get("at", self.job.created_at))

    def stamp(self, now: float) -> str:
        """Changes with everything that a page would draw otherwise."""
        links = int(now // _LINKS_NEW_S) if self.job.order.private else 0
        return f"{self.job.version}.{int(self.message.tell)}.{links}"


@dataclass(slots=True, eq=False)
class _Page:
    """One person's open page, with what is to be said there to this person alone."""

    who: Requester
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_MAX))


class Board:
    """Looks at the store while pages are open, and wakes them."""

    def __init__(self, studio: Studio, gallery: Gallery, words: Words) -> None:
        self._studio = studio
        self._gallery = gallery
        self._words = words
        self._posted: dict[str, Posted] = {}
        self._known: OrderedDict[str, Stamps] = OrderedDict()
        self._news = asyncio.Condition()
        self._marked = asyncio.Event()
        self._looked = asyncio.Event()
        self._watchers = 0
        self._pages: list[_Page] = []
        self._looking: asyncio.Task[None] | None = None
        self.closing = False

    @property
    def full(self) -> bool:
        """Whether so many pages are open that no more are served."""
        return self._watchers >= WATCHERS_MAX

    def mark(self) -> None:
        """Something has changed here: look at once."""
        self._marked.set()

    async def events(self, who: Requester, last: str) -> AsyncIterator[str]:
        """One page's stream of server-sent events, from the state that it has."""
        with self._watching():
            await self._looked.wait()
            has = self._known.get(last)
            yield "retry: 1000\n\n"
            with self._open_page(who) as page:
                while not self.closing:
                    now = self._studio.now()
                    sees = self._seen_by(who, now)
                    if page.notes:
                        yield _note_event(page.notes.popleft())
                    elif has is None or sees != has:
                        yield self._event(sees, has, now)
                        has = sees
                    elif not await self._changed(sees, page):
                        yield "event: beat\ndata: {}\n\n"

    async def tell(self, user: str, text: str) -> None:
        """A note on a person's open pages. Raises SurfaceError where there is none."""
        pages = [page for page in self._pages if page.who.user == user]
        if not pages or self.closing:
            raise SurfaceError("no page of that person is open here", kind=ShowFailure.FORBIDDEN)
        for page in pages:
            page.notes.append(text)
        async with self._news:
            self._news.notify_all()

    async def aclose(self) -> None:
        """Ends every stream; the pages come back when somebody answers again."""
        self.closing = True
        self._looked.set()
        async with self._news:
            self._news.notify_all()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    # ── What one page sees ───────────────────────────────────────────────────────────────────────────

    def _seen_by(self, who: Requester, now: float) -> Stamps:
        return {name: p.stamp(now) for name, p in self._posted.items() if may_see(p.job, who)}

    @contextlib.contextmanager
    def _open_page(self, who: Requester) -> Iterator["_Page"]:
        page = _Page(who)
        self._pages.append(page)
        try:
            yield page
        finally:
            self._pages.remove(page)

    async def _changed(self, sees: Stamps, page: "_Page") -> bool:
        """Waits for another state or a note, at most one beat. Answers whether there is one."""

        def other() -> bool:
            return self.closing or bool(page.notes) or self._seen_by(page.who, self._studio.now()) != sees

        async with self._news:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait_for(other), BEAT_S)
        return other()

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
        hints = Hints(usual_s=self._studio.usual_s(job.order.model))
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

    @contextlib.contextmanager
    def _watching(self) -> Iterator[None]:
        """The store is looked at only while a page is open."""
        self._watchers += 1
        if self._looking is None and not self.closing:
            self._looking = asyncio.create_task(self._look_on(), name="web-board")
        try:
            yield
        finally:
            self._watchers -= 1
            if self._watchers == 0 and self._looking is not None:
                self._looking.cancel()
                self._looking = None
                self._looked.clear()

    async def _look_on(self) -> None:
        while True:
            self._marked.clear()
            try:
                if await self._look():
                    async with self._news:
                        self._news.notify_all()
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
        self._posted = {m.id: Posted(message=m, job=jobs[m.job]) for m, _ in rows if m.job in jobs}
        return before.keys() != self._posted.keys() or any(
            before[name].stamp(now) != posted.stamp(now) for name, posted in self._posted.items()
        )

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
