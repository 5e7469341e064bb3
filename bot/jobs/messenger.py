"""Tells people what they haven't asked for: a gift, what they bought. Alone where the platform can, else in the room.

Every process with a worker looks for what is due and takes it for a while: whoever is killed between leaves it to
the next, so that it is told at least once. After some days of trying it is left: the books say it, too.
"""

import asyncio
import random
from collections.abc import Awaitable, Collection, Mapping

import structlog

from bot.abilities import Reaches, TakesBack
from bot.community.rulebook import Rulebook
from bot.errors import EaselError, StoreBusy, SurfaceError
from bot.jobs.sayings import surface_error_of
from bot.notices import Notice
from bot.ports import Surface
from bot.store import Store
from bot.words.words import Words

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
LEASE_S = 60.0  # longer than one telling may take
AT_ONCE = 10
_SAY_TIMEOUT_S = 20.0
_ELSEWHERE_S = 30.0  # when another process has the surface
BACK_OFF_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0, 43_200.0)


class Messenger:
    """Runs beside the worker."""

    def __init__(
        self,
        *,
        store: Store,
        surfaces: Mapping[str, Surface],
        installed: Collection[str],
        rulebook: Rulebook,
        words: Words,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._surfaces = surfaces
        self._installed = frozenset(installed)
        self._rulebook = rulebook
        self._words = words
        self._rng = rng

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell_what_is_due()
            except EaselError as error:
                log.warning("people can't be told now", problem=str(error))
            except Exception:
                # A bug in one telling must not end the others.
                log.exception("the messenger broke")
            await asyncio.sleep(LOOK_EVERY_S)

    async def tell_what_is_due(self) -> int:
        """Tells all that is due now; answers how many. Raises StoreBusy."""
        due = await self._store.notices.claim(now=self._store.now(), lease_s=LEASE_S, limit=AT_ONCE)
        for outcome in await asyncio.gather(*map(self._tell, due), return_exceptions=True):
            if isinstance(outcome, StoreBusy):
                log.warning("what was told could not be kept: it is told again", problem=str(outcome))
            elif isinstance(outcome, BaseException):
                log.error("somebody could not be told", exc_info=outcome)
        return len(due)

    async def _tell(self, notice: Notice) -> None:
        if not self._words.knows(notice.says):
            # A newer Easel's, which says it: the row is left as it is, and is free when its lease has run out.
            log.info("a notice has no text here", notice=notice.says)
            return
        surface = self._surfaces.get(notice.to.surface)
        if surface is None and notice.to.surface in self._installed:
            await self._store.notices.put_off(notice, now=self._store.now(), wait_s=_ELSEWHERE_S, again=False)
            return
        trouble = await self._reach(notice, surface)
        if trouble is None or trouble.kind.lasting or notice.tries >= len(BACK_OFF_S):
            await self._store.notices.end(notice.id)
            return
        wait_s = BACK_OFF_S[notice.tries] * self._rng.uniform(0.9, 1.1)
        await self._store.notices.put_off(
            notice, now=self._store.now(), wait_s=max(wait_s, trouble.retry_after_s or 0.0)
        )

    async def _reach(self, notice: Notice, surface: Surface | None) -> SurfaceError | None:
        """Answers why not; nothing for a surface that reaches nobody by itself."""
        if not isinstance(surface, Reaches):
            return None
        to = notice.to
        language = to.language or (await self._rulebook.of(to)).language
        text = self._words.say(notice.says, language, **notice.facts)
        if notice.asked:
            return await self._take_back(notice, surface, text)
        trouble = await _said(notice, surface.tell(surface.person(to.community, to.user), text))
        if trouble is not None and trouble.kind.lasting and notice.room is not None:
            return await _said(notice, surface.say_in(notice.room, to.user, text))
        return trouble

    async def _take_back(self, notice: Notice, surface: Surface, text: str) -> SurfaceError | None:
        """Nothing came of what somebody was told to wait for."""
        if notice.room is None or not isinstance(surface, TakesBack):
            return None
        return await _said(notice, surface.take_back(notice.room, text))


async def _said(notice: Notice, saying: Awaitable[None]) -> SurfaceError | None:
    try:
        async with asyncio.timeout(_SAY_TIMEOUT_S):
            await saying
    except Exception as error:  # noqa: BLE001 - each becomes a SurfaceError; what is none is logged whole
        trouble = surface_error_of(error, job=notice.id, surface=notice.to.surface)
        log.info("somebody could not be told", notice=notice.says, problem=str(trouble))
        return trouble
    return None
