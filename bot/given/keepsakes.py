"""What people keep for themselves: pictures under names. Each one's own, and never more than they may see."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.errors import NotThere
from bot.given.giving import favourite_called
from bot.ports import Requester
from bot.rights import may_see, may_use
from bot.store import Store
from bot.store.clicks import Click
from bot.store.favourites import NAME_MOST, Favourite, called


class Keepsakes:
    """The verbs of favourites, and of what was refused and may be tried again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def turn(self, who: Requester, job: str, index: int, click: Click) -> tuple[Favourite, bool]:
        """Keeps a picture (0: all of the job), or no longer where it was kept; answers which. Raises a Refusal.

        A double click turns it once, as a deed that is told again does.
        """
        known, found = await self._kept(who, job, index), await self._store.jobs.get(job)
        wanted = index or (found.images[0].index if found and found.images else 1)
        if found is None or (known is None and not may_use(found, wanted, who)):
            raise NotThere
        is_kept = await self._store.favourites.turn(who, job, index, click=click, now=self._store.now())
        if is_kept and known is None and (known := await self._kept(who, job, index)) is None:
            raise NotThere  # Deleted in this very moment.
        return known or Favourite(name=called(found), job=found, index=index), is_kept

    async def of(self, who: Requester) -> list[Favourite]:
        """What this person keeps and may see, newest first."""
        kept = await self._store.favourites.of(who)
        return [one for one in kept if one.job.images and may_see(one.job, who)]

    async def rename(self, who: Requester, old: str, new: str) -> Favourite:
        """Gives a favourite another name. Raises BadInputs for one that isn't there."""
        kept = favourite_called(old, await self.of(who))
        name = " ".join(new.replace(",", " ").split())[:NAME_MOST].rstrip()
        await self._store.favourites.rename(who, kept.job.id, kept.index, name)
        return replace(kept, name=name)

    async def drop(self, who: Requester, name: str) -> Favourite:
        """Keeps it no longer. Raises BadInputs for one that isn't there."""
        kept = favourite_called(name, await self.of(who))
        await self._store.favourites.drop(who, kept.job.id, kept.index)
        return kept

    async def _kept(self, who: Requester, job: str, index: int) -> Favourite | None:
        kept = await self._store.favourites.of(who)
        return next((one for one in kept if (one.job.id, one.index) == (job, index)), None)

    async def keep_draft(self, draft: str, who: Requester, content: Mapping[str, Any]) -> None:
        """Keeps what somebody had typed when it was refused."""
        await self._store.drafts.keep(draft, who, content, now=self._store.now())

    async def draft(self, draft: str, who: Requester) -> Mapping[str, Any] | None:
        """What this person had typed; another's is none."""
        return await self._store.drafts.get(draft, who)
