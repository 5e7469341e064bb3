"""A deed counts once: an event that is told again, or a double click, is known by its mark, on all replicas."""

import contextlib
import hashlib
import math
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.errors import StoreBusy
from bot.job import Placed, Showing
from bot.ports import Do
from bot.process.recent import Recent
from bot.store.clicks import Click, Clicks
from bot.studio.studio import Studio
from bot.talk.answers import Answer
from bot.talk.deeds import Asked, Deed, Filled, Held, Pressed, Reacted, Sign, Spoken, Typed

EVENT_S, DOUBLE_CLICK_S, REACTION_S = 7 * 86_400.0, 3.0, 60.0  # ruling 8
AGAIN_S = 60.0  # so soon whoever had no answer does it again; the store may take a part of it to say that it is busy
_REMEMBERED = 5_000


class Once:
    """Marks deeds."""

    def __init__(self, studio: Studio, clicks: Clicks) -> None:
        self._studio = studio
        self._clicks = clicks
        self._under_way = dict[str, str]()  # clicks for a picture that are being answered here: by which deed
        self._undone = Recent[str, tuple[str, float]](
            _REMEMBERED
        )  # marks of what the store kept from being done: its key, and when

    @contextlib.asynccontextmanager
    async def doing(self, deed: Deed) -> AsyncIterator[Deed | None]:
        """Marks a deed, for the block: it is to be done by this one's key; None: it is an event told again, or a double click.

        Who clicks for a picture again after a click that nobody answered goes on by that one's key: its order may have been
        kept before the store was too busy to say so, or this process's forerunner was killed, and is found by the key.
        Raises StoreBusy; what it has kept from being done is new when it comes again.
        """
        click = _click_for_a_picture(deed)
        if click is None:
            counts = deed if deed.retold else await self._mark(deed)
            try:
                yield counts
            except StoreBusy:
                for event, _ in _marks(deed)[-1:]:
                    self._undone[event] = (counts or deed).key, self._studio.now()
                raise
        elif (first := self._under_way.get(click.mark)) and not deed.retold:
            with contextlib.suppress(StoreBusy):
                await self._clicks.join(click, first, now=self._studio.now())
            yield None
        else:
            self._under_way[click.mark] = deed.key
            try:
                now = self._studio.now()
                key = await self._clicks.mark(click, now=now, again_s=AGAIN_S, retold=deed.retold)
                self._under_way[click.mark] = key or deed.key
                yield None if key is None else replace(deed, key=key)
            finally:
                self._under_way.pop(click.mark, None)

    async def note_answer(self, deed: Deed, answer: Answer) -> None:
        """What was answered is no longer gone on with once it can be seen; the record of a new message says so itself."""
        known = isinstance(answer, Placed) and answer.fresh and answer.shown is Showing.POSTED
        if _click_for_a_picture(deed) and not known:
            with contextlib.suppress(StoreBusy):  # the next click finds this order, and no other
                await self._clicks.mark_answered(deed.key)

    async def _mark(self, deed: Deed) -> Deed | None:
        """The deed where it is new; one that could not be done a moment ago is gone on with, by its key."""
        fresh, event = True, ""
        for event, again_after_s in _marks(deed):
            fresh = await self._studio.mark_seen(event, again_after_s=again_after_s) and fresh
        key, at = self._undone.get(event, ("", -math.inf))
        goes_on = key and not (fresh and self._studio.now() - at >= AGAIN_S)
        if goes_on and not fresh:  # what counts as its double click begins now
            await self._studio.mark_seen(event, again_after_s=0.0)
        self._undone.pop(event, None)
        if goes_on:
            return replace(deed, key=key)
        return deed if fresh else None


def click_of(deed: Filled | Pressed | Reacted) -> Click:
    """The mark is the same for the same click made again."""
    who = deed.who
    match deed:
        case Filled():
            # The same words again in the same place, from another click; another text is another order.
            where = (who.community, deed.place.channel)
            filled = (where, deed.text, sorted(deed.options.items()), deed.begun, deed.pictures)
            words = hashlib.sha256(repr(filled).encode()).hexdigest()
            return Click(f"fill:{who.surface}:{who.user}:{words}", deed.key, DOUBLE_CLICK_S)
        case Pressed():
            control = f"{deed.message}:{deed.do}:{deed.job}:{deed.role}:{deed.index}"
            return Click(f"press:{who.surface}:{control}:{who.user}", deed.key, DOUBLE_CLICK_S)
        case Reacted():
            # Put, taken back and put once more counts once a minute.
            event = f"reaction:{who.surface}:{deed.message}:{who.user}:{deed.emoji or deed.sign}"
            return Click(event, deed.key, REACTION_S)


def _marks(deed: Deed) -> tuple[tuple[str, float], ...]:
    """What is marked, each for how many seconds; the last is the same for the same deed done again."""
    match deed:
        case Typed() | Spoken():
            return ()  # The books know an order by its key.
        case Asked() | Held():
            return ((deed.key, EVENT_S),)
        case Filled() | Reacted():
            click = click_of(deed)
            return ((click.mark, click.double_s),)
        case Pressed():
            click = click_of(deed)
            return (f"{deed.key}:press", EVENT_S), (click.mark, click.double_s)


def _click_for_a_picture(deed: Deed) -> Click | None:
    """A click that orders: its deed's key is the order's, so that no event of it need be marked besides."""
    match deed:
        case Filled():
            return click_of(deed)
        case Pressed(do=do):
            return click_of(deed) if _orders(do) else None
        case Reacted(sign=sign):
            return click_of(deed) if sign is Sign.AGAIN else None
        case Typed() | Spoken() | Asked() | Held():
            return None


def _orders(do: Do) -> bool:
    match do:
        case Do.REROLL | Do.RETRY | Do.VARY | Do.UPSCALE:
            return True
        case Do.REMIX | Do.EDIT | Do.REWORD | Do.PICK | Do.ORIGINAL | Do.SHOW | Do.SEND | Do.FAVOURITE:
            return False
        case Do.CANCEL | Do.TELL | Do.DELETE | Do.REPORT | Do.APPEAL | Do.OPEN:
            return False
        case Do.HIDE | Do.RELEASE | Do.DISCARD | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
            return False
