"""From what a provider gave to pictures of ours: fetched, verified, kept, checked, counted."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from bot.errors import BadImage, FetchRefused, NotThere
from bot.job import Asset, Job, Move, State
from bot.jobs.patience import patiently
from bot.jobs.wary import Wary
from bot.moderation.panel import Judgement, Panel
from bot.order.prompts import SEED_LIMIT
from bot.pictures.assets import Assets, Kept
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.pictures.images import Verified
from bot.pictures.inline import decode_base64
from bot.ports import Policy, Severity, Verdict
from bot.provider import Finished, InlineImage, RemoteImage

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Held:
    """One picture that we hold, before it was judged."""

    index: int
    asset: Asset
    verified: Verified


class Finisher:
    """Turns answers into assets. Keeps before it judges, so that a crash loses no paid picture."""

    def __init__(
        self,
        *,
        wary: Wary,
        assets: Assets,
        darkroom: Darkroom,
        fetch: Fetch,
        panel: Panel,
        limit_bytes: int,
        fetch_timeout_s: float,
        at_once: int = 8,
    ) -> None:
        self._wary = wary
        self._assets = assets
        self._darkroom = darkroom
        self._fetch = fetch
        self._panel = panel
        self._limit_bytes = limit_bytes
        self._fetch_timeout_s = fetch_timeout_s
        self._turnstile = asyncio.Semaphore(at_once)

    async def finish(
        self, job: Job, answer: Finished, policy: Policy, *, quarantine: bool, found: bool = False
    ) -> Move:
        """The move that ends a job with these pictures. `found`: half-way, left by another process.

        Raises FetchRefused(again=True) when a link could not be read but may be later.
        """
        async with self._turnstile:
            sources = answer.images[: job.order.images]
            held = await _all(
                [self._hold(job, n, source, found=found) for n, source in enumerate(sources, 1)]
            )
            pictures = [p for p in held if p is not None]
            missing = min(answer.withheld, job.order.images - len(pictures))
            cost = _cost_usd_micros(job, answer)
            move = await self._close(
                job, pictures, policy, quarantine=quarantine, withheld=missing, cost=cost
            )
            return replace(move, seed=_seed(answer))

    async def recover(self, job: Job, policy: Policy, *, quarantine: bool, whole: bool) -> Move | None:
        """The move for pictures that were kept before a crash; None when there are none (ruling 2).

        `whole`: the provider can be asked for the rest without another bill, so a part is not enough.
        """
        async with self._turnstile:
            found = await _all([self._found(job, n) for n in range(1, job.order.images + 1)])
            pictures = [p for p in found if p is not None]
            if not pictures or (whole and len(pictures) < job.order.images):
                return None
            return await self._close(job, pictures, policy, quarantine=quarantine, withheld=0, cost=None)

    async def _hold(
        self, job: Job, index: int, source: InlineImage | RemoteImage, *, found: bool
    ) -> _Held | None:
        try:
            data = await self._bytes(source)
            verified = await self._warily(job, index, data) if found else await self._verify(job, data)
            return await self._keep(job, index, verified, first=not found)
        except BadImage as error:
            log.warning("unusable picture", job=job.id, index=index, problem=str(error))
            return None
        except FetchRefused as error:
            if error.again:
                raise
            log.warning("picture not fetched", job=job.id, index=index, problem=str(error))
            return None

    async def _bytes(self, source: InlineImage | RemoteImage) -> bytes:
        match source:
            case RemoteImage(url):
                return await self._fetch.get(
                    url, limit_bytes=self._limit_bytes, timeout_s=self._fetch_timeout_s
                )
            case InlineImage(bytes() as data):
                return data
            case InlineImage(text):
                assert isinstance(text, str)
                return await decode_base64(text, limit_bytes=self._limit_bytes)

    async def _verify(self, job: Job, data: bytes) -> Verified:
        """Patiently: that no process can be started is not the picture's fault."""
        return await patiently(lambda: self._darkroom.verify(data), job=job.id)

    async def _warily(self, job: Job, index: int, data: bytes) -> Verified:
        """Verifies what may have ended the process that had the job before."""
        async with self._wary.trying(name_of(job, index), job=job.id):
            return await self._verify(job, data)

    async def _keep(self, job: Job, index: int, verified: Verified, *, first: bool) -> _Held:
        kept = await self._put(job, name_of(job, index), verified, first=first)
        return _Held(index, _asset(kept, verified, index), verified)

    async def _found(self, job: Job, index: int) -> _Held | None:
        kept = await self._assets.find(name_of(job, index))
        if kept is None:
            return None
        try:
            data = await self._assets.read(kept.key)
            verified = await self._verify(job, data)
        except (BadImage, NotThere):
            return None
        return _Held(index, _asset(kept, verified, index), verified)

    async def _close(
        self,
        job: Job,
        pictures: list[_Held],
        policy: Policy,
        *,
        quarantine: bool,
        withheld: int,
        cost: int | None,
    ) -> Move:
        judgements = await _all(
            [
                self._panel.judge_image(p.verified.data, job.order.subject, policy, young=job.order.young)
                for p in pictures
            ]
        )
        judged = list(zip(pictures, judgements, strict=True))
        shown = [p for p, j in judged if not j.verdict.severity.stops]
        hidden = [p for p, j in judged if j.verdict.severity.stops]
        verdicts = _verdicts(judgements)
        kept = await self._put_away(hidden, quarantine=quarantine)
        if not shown:
            return _nothing_to_show(hidden=len(hidden) + withheld, kept=kept, verdicts=verdicts, cost=cost)
        assets = tuple(p.asset for p in shown)
        if len(shown) > 1:
            assets += await self._sheet(job, shown)
        return Move(
            to=State.FINISHED,
            capture=job.order.credits_each * len(shown),
            assets=assets + kept,
            spoiler=any(j.verdict.severity is Severity.SPOILER for j in judgements),
            verdicts=verdicts,
            cost_usd_micros=cost,
            reason="partial" if len(shown) < job.order.images else "",
        )

    async def _sheet(self, job: Job, shown: list[_Held]) -> tuple[Asset, ...]:
        """The sheet; none where it can't be made, since the pictures themselves are good."""
        cells = [p.verified for p in shown]
        try:
            data = await patiently(lambda: self._darkroom.sheet(cells), job=job.id)
            verified = await self._verify(job, data)
        except BadImage as error:
            log.warning("no contact sheet", job=job.id, problem=str(error))
            return ()
        kept = await self._put(job, f"{folder_of(job)}/sheet", verified)
        return (_asset(kept, verified, 0, role="sheet"),)

    async def _put(self, job: Job, name: str, verified: Verified, *, first: bool = False) -> Kept:
        return await patiently(
            lambda: self._assets.keep(name, verified.data, verified.media_type, first=first), job=job.id
        )

    async def _put_away(self, hidden: list[_Held], *, quarantine: bool) -> tuple[Asset, ...]:
        """Withheld pictures are not kept, unless the community's moderators want to see them."""
        if not quarantine:
            await self._assets.delete([p.asset.key for p in hidden])
            return ()
        return tuple(replace(p.asset, role="quarantine") for p in hidden)


def _cost_usd_micros(job: Job, answer: Finished) -> int | None:
    """What the provider says, else the list price of all that it drew, shown or not."""
    if answer.cost_usd_micros is not None:
        return answer.cost_usd_micros
    drawn = min(job.order.images, len(answer.images) + answer.withheld)
    return job.order.usd_micros_each * drawn or None


def _seed(answer: Finished) -> int | None:
    """What can be asked for again; anything else would be told for nothing."""
    return answer.seed if answer.seed is not None and 0 <= answer.seed <= SEED_LIMIT else None


def folder_of(job: Job) -> str:
    """Where a job's pictures are kept."""
    return f"pictures/{job.id}"


def name_of(job: Job, index: int) -> str:
    """A picture's name, derived from job and index: recovery finds it without a row."""
    return f"{folder_of(job)}/{index}"


def _nothing_to_show(
    *, hidden: int, kept: tuple[Asset, ...], verdicts: tuple[Verdict, ...], cost: int | None
) -> Move:
    if hidden:
        reason = "withheld-quarantine" if kept else "withheld"
        return Move(
            to=State.WITHHELD,
            capture=0,
            reason=reason,
            assets=kept,
            verdicts=verdicts,
            spent=True,
            cost_usd_micros=cost,
        )
    return Move(to=State.FAILED, capture=0, reason="failed-images", spent=True, cost_usd_micros=cost)


def _asset(kept: Kept, verified: Verified, index: int, *, role: str = "image") -> Asset:
    return Asset(
        key=kept.key,
        role=role,
        index=index,
        media_type=kept.media_type,
        width=verified.width,
        height=verified.height,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
    )


def _verdicts(judgements: list[Judgement]) -> tuple[Verdict, ...]:
    return tuple(note for judgement in judgements for note in judgement.notes)


async def _all(awaitables: Sequence[Awaitable[T]]) -> list[T]:
    """All at once; one alone, which most are, needs no task of its own."""
    if len(awaitables) == 1:
        return [await awaitables[0]]
    return list(await asyncio.gather(*awaitables))
