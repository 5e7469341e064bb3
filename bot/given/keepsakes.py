"""What people keep for themselves: pictures under names. Each one's own, and never more than they may see."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.errors import NotAllowed, NotThere
from bot.given.giving import favourite_called
from bot.ports import Requester
from bot.rights import may_see, may_use
from bot.store import Store
from bot.store.favourites import FAVOURITES_MOST, NAME_MOST, Favourite


class Keepsakes:
    """The verbs of favourites, and of what was refused and may be tried again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def turn(self, who: Requester, job: str, index: int) -> tuple[Favourite, bool]:
        """Keeps a picture (0: all of the job), or no longer where it was kept; answers which. Raises a Refusal."""
        known = _of_picture(await self._store.favourites.of(who), job, index)
        if known is not None:
            await self._store.favourites.drop(who, job, index)
            return known, False
        found = await self._store.jobs.get(job)
        wanted = index or (found.images[0].index if found and found.images else 1)
        if found is None or not may_use(found, wanted, who):
            raise NotThere
        if not await self._store.favourites.keep(who, job, index, now=self._store.now()):
            raise NotAllowed("favourites-full", limit=FAVOURITES_MOST)
        kept = _of_picture(await self._store.favourites.of(who), job, index)
        if kept is None:  # Deleted in this very moment.
            raise NotThere
        return kept, True

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

    async def keep_draft(self, draft: str, who: Requester, content: Mapping[str, Any]) -> None:
        """Keeps what somebody had typed when it was refused."""
        await self._store.drafts.keep(draft, who, content, now=self._store.now())

    async def draft(self, draft: str, who: Requester) -> Mapping[str, Any] | None:
        """What this person had typed; another's is none."""
        return await self._store.drafts.get(draft, who)


def _of_picture(kept: list[Favourite], job: str, index: int) -> Favourite | None:
    return next((one for one in kept if (one.job.id, one.index) == (job, index)), None)
