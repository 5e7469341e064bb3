"""Tells events: to each community's room one message that is edited as they are handled, to the operator a signed call.

Every process with a worker looks for what is due, takes it for a while, and tells it: whoever is killed between
leaves it to the next, and the surface finds what was posted already, as it does for pictures.
"""

import asyncio
import contextlib
import random
from collections.abc import Collection, Mapping

import structlog

from bot.abilities import Rooms
from bot.cards.events import card_of_event
from bot.cards.matters import Matters
from bot.community.rulebook import Rulebook
from bot.errors import EaselError, ShowFailure, StoreBusy, SurfaceError
from bot.events import Event, Telling, TellingWay
from bot.jobs.hooks import Hook, document_of
from bot.jobs.sayings import remembering, surface_error_of
from bot.ports import Address, Requester, Surface
from bot.store import Store
from bot.words.words import Words

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
LEASE_S = 90.0  # longer than one telling may take
AT_ONCE = 20
_SHOW_TIMEOUT_S, _OWNER_TIMEOUT_S = 45.0, 20.0
_ELSEWHERE_S = 30.0  # when another process has the surface
# How long to wait after so many tries; afterwards nobody is told.
BACK_OFF_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0, 21_600.0, 43_200.0)
ONCE_S = 10 * 366 * 86_400.0


class Herald:
    """Runs beside the worker."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        store: Store,
        surfaces: Mapping[str, Surface],
        installed: Collection[str],
        rulebook: Rulebook,
        matters: Matters,
        words: Words,
        hook: Hook | None,
        rng: random.Random,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._store = store
        self._surfaces = surfaces
        self._installed = frozenset(installed)
        self._rulebook = rulebook
        self._matters = matters
        self._words = words
        self._hook = hook
        self._rng = rng
        self._look_every_s = look_every_s
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """There may be something to tell: looks at once."""
        self._nudged.set()

    def has_room(self, surface: str, community: str, channel: str) -> bool:
        """Whether there is a room of these moderators; what another process has is taken at its word."""
        here = self._surfaces.get(surface)
        if here is None:
            return bool(channel)
        return isinstance(here, Rooms) and here.room(community, channel, at=0.0) is not None

    async def say(self, address: Address, text: str) -> None:
        """One sentence to one person. Raises SurfaceError where no way is open here."""
        surface = self._surfaces.get(address.surface)
        if surface is None:
            raise SurfaceError("another process has this surface", kind=ShowFailure.LATER)
        async with asyncio.timeout(_OWNER_TIMEOUT_S):
            await surface.tell(address, text)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._nudged.clear()
            try:
                await self.tell_what_is_due()
            except EaselError as error:
                log.warning("events can't be told now", problem=str(error))
            except Exception:
                # A bug in one telling must not end the others.
                log.exception("the herald broke")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), self._look_every_s)

    async def tell_what_is_due(self) -> int:
        """Tells all that is due now; answers how many. Raises StoreBusy."""
        told = 0
        for way, tell in ((TellingWay.ROOM, self._tell_room), (TellingWay.HOOK, self._tell_hook)):
            due = await self._store.events.claim(way, now=self._store.now(), lease_s=LEASE_S, limit=AT_ONCE)
            outcomes = await asyncio.gather(*map(tell, due), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, StoreBusy):
                    log.warning("what was told could not be kept: it is told again", problem=str(outcome))
                elif isinstance(outcome, BaseException):
                    log.error("an event could not be told", exc_info=outcome)
            told += len(due)
        return told

    # ── The room ─────────────────────────────────────────────────────────────────────────────────────

    async def _tell_room(self, telling: Telling) -> None:
        event = telling.event
        surface = self._surfaces.get(event.surface)
        if surface is None and event.surface in self._installed:
            await self._store.events.put_off(telling, now=self._store.now(), wait_s=_ELSEWHERE_S)
            return
        room = await self._room(telling, surface)
        if surface is None or room is None:
            if surface is not None:
                await self._tell_how(event, surface)
            await self._store.events.leave(telling)
            return
        rules = await self._rulebook.of(_somebody(event))
        matter = await self._matters.of(event)
        asked = matter.job.requester.language if matter.job is not None else ""
        card = card_of_event(event, matter, self._words, rules.language or asked or self._words.language)
        try:
            async with asyncio.timeout(_SHOW_TIMEOUT_S):
                shown = await surface.show(card, room, telling.handle)
        except Exception as error:  # noqa: BLE001 - each becomes a SurfaceError; what is none is logged whole
            await self._not_shown(telling, surface_error_of(error, job=event.id, surface=surface.name))
            return
        handle = remembering(shown, card, telling.handle)
        await self._store.events.told(telling, address=room, handle=handle)

    async def _room(self, telling: Telling, surface: Surface | None) -> Address | None:
        """Where its message stands, or shall stand; None where the community has named no room."""
        if telling.handle is not None:
            return telling.address
        if not isinstance(surface, Rooms):
            return None
        event = telling.event
        rules = await self._rulebook.of(_somebody(event))
        return surface.room(event.community, rules.room, at=event.at)

    async def _not_shown(self, telling: Telling, trouble: SurfaceError) -> None:
        event = telling.event
        log.warning("the moderators' room could not be told", room=event.surface, problem=str(trouble))
        # What people have taken away from the room isn't put there again; another trouble may pass.
        if trouble.kind.lasting and telling.handle is not None:
            await self._store.events.leave(telling)
        else:
            await self._put_off(telling, trouble.retry_after_s)

    async def _put_off(self, telling: Telling, retry_after_s: float | None = None) -> None:
        if telling.tries >= len(BACK_OFF_S):
            log.error(
                "an event was told nobody, after many tries",
                kind=str(telling.event.kind),
                way=str(telling.way),
            )
            await self._store.events.leave(telling)
            return
        wait_s = BACK_OFF_S[telling.tries] * self._rng.uniform(0.9, 1.1)
        await self._store.events.put_off(
            telling, now=self._store.now(), wait_s=max(wait_s, retry_after_s or 0.0)
        )

    async def _tell_how(self, event: Event, surface: Surface) -> None:
        """Nobody has named a room: who runs the community is told once how."""
        if not isinstance(surface, Rooms):
            return
        key = how_key(event.surface, event.community)
        if not await self._store.shared.mark_seen(key, now=self._store.now(), again_after_s=ONCE_S):
            return
        rules = await self._rulebook.of(_somebody(event))
        told = False
        try:
            async with asyncio.timeout(_OWNER_TIMEOUT_S):
                owner = await surface.owner(event.community)
                if owner is not None:
                    await surface.tell(
                        owner,
                        self._words.say("room-how", rules.language, what=self._name(event, rules.language)),
                    )
                    told = True
        except (SurfaceError, TimeoutError) as error:
            log.info("an owner could not be told of the room", problem=str(error))
        if not told:  # the first moderator who asks for anything is
            await self._store.shared.unmark(key)

    def _name(self, event: Event, language: str) -> str:
        return self._words.say(f"event-{event.kind}", language)

    # ── The operator's own address ───────────────────────────────────────────────────────────────────

    async def _tell_hook(self, telling: Telling) -> None:
        if self._hook is None:
            await self._store.events.leave(telling)
            return
        matter = await self._matters.of(telling.event)
        sent = await self._hook.send(
            telling.event.id, document_of(telling.event, matter), now=self._store.now()
        )
        if sent:
            await self._store.events.told(telling, address=None, handle=None)
        else:
            await self._put_off(telling)


def how_key(surface: str, community: str) -> str:
    """Under which it is remembered that somebody was told how a room is named."""
    return f"room-how:{surface}:{community}"


def _somebody(event: Event) -> Requester:
    return Requester(surface=event.surface, community=event.community, user="easel")
