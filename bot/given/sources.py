"""Whose a picture is that is given with an order: what may be given is decided here, before anything is fetched.

A private picture is nobody else's source, and moderators are somebody else.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.community.quotas import HOUSE_SURFACE
from bot.errors import BadInputs, NotAllowed
from bot.given.uploads import Uploads
from bot.job import Asset, Job
from bot.model import Order, Source, Use, Where
from bot.ports import Requester
from bot.rights import everyone_may_press, may_press, may_see, may_use
from bot.rules.rules import Rules
from bot.store import Store
from bot.store.uploads import Upload


class Sources:
    """Finds what people give."""

    def __init__(self, *, store: Store, uploads: Uploads, judged: bool) -> None:
        self._store = store
        self._uploads = uploads
        self._judged = judged  # whether any check looks at pictures

    async def assert_may(
        self, sources: Sequence[Source], who: Requester, rules: Rules, *, parent: str | None
    ) -> None:
        """This person may give each of them here. Raises BadInputs or NotAllowed: nothing was held then."""
        before = await self._store.jobs.get(parent) if parent and sources else None
        for source in sources:
            self._assert_taken(source, who, rules)
            if await self.kept(before, source, who):
                continue
            if not await self._may(source, who):
                raise BadInputs("input-not-there")
            await self._assert_theirs(source, who, rules)

    async def _assert_theirs(self, source: Source, who: Requester, rules: Rules) -> None:
        """Where only who asked for a picture may press its buttons, nobody else goes on from it by its name either."""
        job, _ = source.picture
        found = await self._store.jobs.get(job) if job and not everyone_may_press(rules) else None
        if found is not None and not may_press(found, who, rules):
            raise NotAllowed("not-yours")

    async def any_private(self, sources: Sequence[Source]) -> bool:
        """Whether one of them is a private picture of ours: what comes of it would show it."""
        for source in sources:
            job, _ = source.picture
            found = await self._store.jobs.get(job) if job else None
            if found is not None and found.order.private:
                return True
        return False

    async def kept(self, parent: Job | None, source: Source, who: Requester) -> Asset | None:
        """The same picture as the order before was given it, which its job keeps; whatever became of the original."""
        if parent is None or not may_see(parent, who):
            return None
        alike = [n for n, s in enumerate(parent.order.sources, 1) if _is_same(s, source)]
        return next((asset for asset in parent.given if asset.index in alike), None)

    async def ours(self, source: Source, who: Requester) -> Asset | None:
        """One of our own pictures, where this person may see it."""
        job, index = source.picture  # of any other source nothing
        found = await self._store.jobs.get(job) if job else None
        if found is None or not may_use(found, index, who):
            return None
        return next((asset for asset in found.images if asset.index == index), None)

    async def held(self, job: Job, number: int) -> Asset | None:
        """What stands for one of the pictures that a job was given, from 1: its own copy, or one of ours."""
        kept = next((asset for asset in job.given if asset.index == number), None)
        return kept or await self.ours(job.order.sources[number - 1], job.requester)

    async def behind(self, sources: Sequence[Source]) -> list[Order]:
        """The orders of our own pictures among these, and of all that those came from."""
        jobs = sorted({source.picture[0] for source in sources} - {""})
        return await self._store.lineage.behind(jobs) if jobs else []

    async def upload(self, source: Source, who: Requester) -> Upload | None:
        """What this person handed to us."""
        return await self._uploads.find(source, who)

    async def _may(self, source: Source, who: Requester) -> bool:
        match source.where:
            case Where.OURS:
                return await self.ours(source, who) is not None
            case Where.UPLOAD:
                return await self.upload(source, who) is not None
            case Where.ATTACHED:
                # What is there, its surface says when it is fetched; another's can't be named here.
                return source.surface == who.surface

    def _assert_taken(self, source: Source, who: Requester, rules: Rules) -> None:
        """Pictures that aren't Easel's own are taken as the community and the operator want it."""
        if not is_foreign(source, who):
            return
        match rules.inputs:
            case "any":
                return
            case "checked" if self._judged:
                return
            case "checked" | "own":
                raise BadInputs("inputs-own-only")


def _is_same(one: Source, other: Source) -> bool:
    """The same picture, whatever it is for: only a mask is something else."""
    masks = (one.use is Use.MASK, other.use is Use.MASK)
    return masks[0] == masks[1] and replace(one, use=other.use) == other


def is_foreign(source: Source, who: Requester) -> bool:
    """Whether it may show anybody: it isn't one of Easel's own. What the operator gives is nobody's to restrict."""
    return not (source.where is Where.OURS or source.use is Use.MASK or who.surface == HOUSE_SURFACE)
