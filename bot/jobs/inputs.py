"""The pictures that are given with an order: the first stage takes them in, and from then on they are read by key.

What is taken in is verified, upright, stripped, as large as the model takes, and kept under the job by a name that is
derived from it: whoever goes on after a crash finds it, and a repeat sends the same bytes.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.abilities import Loan
from bot.community.conduct import Conduct
from bot.errors import BadImage, NotThere, StoreBusy
from bot.given.sources import Sources, is_foreign
from bot.given.uploads import FLAWED
from bot.job import Asset, Job, Move
from bot.jobs.bytes_out import BytesOut
from bot.jobs.finish import folder_of
from bot.jobs.loans import Lacking, Loans
from bot.jobs.patience import patiently
from bot.jobs.wary import Wary
from bot.model import Model, Source, Use, Where
from bot.moderation.panel import Judgement, Panel
from bot.order.catalog import Catalog
from bot.pictures.anatomy import size_of
from bot.pictures.assets import Assets
from bot.pictures.darkroom import Darkroom
from bot.pictures.images import Cleaned, Fitting
from bot.ports import Policy
from bot.provider import Input
from bot.store import Store

T = TypeVar("T")

AT_ONCE = 6  # pictures in hand in this process, 20 MB each at most
OUT_BYTES = 128 * 1024 * 1024  # of pictures on their way to services at once
_AT_ONCE_BYTES = 256 * 1024  # are hashed sooner than a thread is asked
LINK_S = 3600  # how long a service may fetch a picture from us


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A picture's bytes; `clean` where they went through our hands before."""

    data: bytes
    clean: bool


class Inputs:
    """Takes in what is given, judges it, and hands it to those who ask the providers."""

    def __init__(
        self,
        *,
        store: Store,
        sources: Sources,
        loans: Loans,
        assets: Assets,
        darkroom: Darkroom,
        catalog: Catalog,
        panel: Panel,
        wary: Wary,
    ) -> None:
        self._store = store
        self._sources = sources
        self._loans = loans
        self._assets = assets
        self._darkroom = darkroom
        self._catalog = catalog
        self._panel = panel
        self._wary = wary
        self._turnstile = asyncio.Semaphore(AT_ONCE)
        self._out = BytesOut(OUT_BYTES)

    # ── Taking in ────────────────────────────────────────────────────────────────────────────────────

    async def take_in(self, job: Job, *, found: bool) -> tuple[Asset, ...]:
        """All of them, in their order: those that the job keeps itself have the role `input`.

        `found`: another process has had the job. Raises Lacking, NotYet, StoreBusy.
        """
        parent = await self._store.jobs.get(job.parent) if job.parent else None
        fitting = _fitting(self._catalog.routes(job.order.model))
        held: dict[int, Asset] = {}

        async def take(number: int, source: Source, fitting: Fitting) -> None:
            held[number] = await self._take(job, number, source, fitting, parent, found=found)

        pictures, masks = _apart(job.order.sources)
        try:
            if found:  # one after the other, so that the one is found that ends a process
                for number, source in pictures:
                    await take(number, source, fitting)
            else:
                await _all([take(number, source, fitting) for number, source in pictures])
            for number, source in masks:
                first = held[pictures[0][0]]
                await take(number, source, Fitting(width=first.width, height=first.height))
        except Lacking as lacking:
            lacking.kept = tuple(held.values())
            raise
        return tuple(held[number] for number in sorted(held))

    async def judge(self, job: Job, given: Sequence[Asset], conduct: Conduct) -> list[tuple[int, Judgement]]:
        """What the checks say of each by its place, and of what the words ask of it; of masks nothing."""
        if not self._panel.looks:
            return []
        return await _all(
            [
                self._judge(job, number, given[number - 1], _policy(job, source, conduct))
                for number, source in _apart(job.order.sources)[0]
            ]
        )

    async def discard(self, move: Move) -> None:
        """Removes what was kept for an order that goes no further, now that it does: before, it may be another's.

        What can't be removed now is the collector's.
        """
        with suppress(StoreBusy):
            await self._assets.delete(move.discards)

    async def _judge(self, job: Job, number: int, asset: Asset, policy: Policy) -> tuple[int, Judgement]:
        async with self._turnstile:
            data = await self._assets.read(asset.key)
            order = job.order
            return number, await self._panel.judge_image(data, order.subject, policy, young=order.young)

    async def _take(
        self, job: Job, number: int, source: Source, fitting: Fitting, parent: Job | None, *, found: bool
    ) -> Asset:
        name = f"{folder_of(job)}/input-{number}"
        try:
            known = await self._assets.find(name)
            if known is not None:  # a process that had the job has kept it
                return _asset(known.key, await self._assets.read(known.key), known.sha256, number)
            ours = await self._ours(source, job, parent)
            if ours is not None and ours.role == "image" and _takes(fitting, ours):
                return ours
            attached = ours is None and source.where is Where.ATTACHED
            loan = await self._loans.lend(source, number) if attached else None
            async with self._turnstile:
                bytes_ = await self._bytes(job, source, number, ours, loan)
                async with self._wary.trying(name, job=job.id) if found else nullcontext():
                    cleaned = await self._cleaned(bytes_, fitting)
                kept = await self._assets.keep(name, cleaned.data, cleaned.media_type)
                return _asset(kept.key, cleaned.data, kept.sha256, number)
        except BadImage as error:
            raise Lacking(FLAWED[error.flaw], number, str(error)) from error
        except NotThere as error:
            raise Lacking("input-gone", number) from error

    async def _ours(self, source: Source, job: Job, parent: Job | None) -> Asset | None:
        """What we hold already: the copy of the order before, or a picture of ours. Raises NotThere."""
        kept = await self._sources.kept(parent, source, job.requester)
        if kept is not None or source.where is not Where.OURS:
            return kept
        found = await self._sources.ours(source, job.requester)
        if found is None:
            raise NotThere
        return found

    async def _bytes(
        self, job: Job, source: Source, number: int, ours: Asset | None, loan: Loan | None
    ) -> _Found:
        if ours is not None:
            return _Found(data=await self._assets.read(ours.key), clean=True)
        if loan is not None:
            return _Found(data=await self._loans.fetch(loan, number), clean=False)
        upload = await self._sources.upload(source, job.requester)
        if upload is None:
            raise NotThere
        return _Found(data=await self._assets.read(upload.key), clean=True)

    async def _cleaned(self, found: _Found, fitting: Fitting) -> Cleaned:
        """What was cleaned before is not written again without need: each time costs a JPEG something."""
        if found.clean:
            size = size_of(found.data)
            if fitting.takes(width=size.width, height=size.height, size_bytes=len(found.data)):
                return Cleaned(
                    data=found.data, media_type=size.media_type, width=size.width, height=size.height
                )
        return await self._darkroom.clean(found.data, fitting)

    # ── Handing out ──────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def given(self, job: Job) -> AsyncIterator[Sequence[Input]]:
        """The pictures as the job's provider takes them, the same bytes each time. Raises Lacking.

        Patiently: a busy disk must not look as if the provider had been asked. Held in memory inside the block
        alone, and of all jobs together so many bytes.
        """
        if not job.order.sources:
            yield ()
            return
        route = self._catalog.route(job.order.provider, job.order.model)
        pictures, masks = _apart(job.order.sources)
        chosen = pictures + (masks if route is not None and route.masks else [])
        assets = [await self._asset(job, number) for number, _ in chosen]
        fitting = _fitting([route] if route is not None else [])
        async with self._out.taken(sum(asset.size_bytes for asset in assets)):
            inputs: list[Input] = []
            for (number, source), asset in zip(chosen, assets, strict=True):
                if source.use is Use.MASK:
                    fitting = Fitting(width=inputs[0].width, height=inputs[0].height)
                data = await self._data(job, asset, number)
                url = self._url(job, asset) if route is not None and route.inputs_by == "link" else ""
                inputs.append(await self._input(job, asset, data, source.use, fitting, url))
            yield inputs

    async def _asset(self, job: Job, number: int) -> Asset:
        asset = await patiently(lambda: self._sources.held(job, number), job=job.id)
        if asset is None:
            raise Lacking("input-gone", number)
        return asset

    async def _data(self, job: Job, asset: Asset, number: int) -> bytes:
        try:
            data = await patiently(lambda: self._assets.read(asset.key), job=job.id)
        except NotThere as error:
            raise Lacking("input-gone", number) from error
        if await _digest(data) != asset.sha256:
            raise Lacking("input-gone", number, "its bytes are not those that were taken in")
        return data

    async def _input(
        self, job: Job, asset: Asset, data: bytes, use: Use, fitting: Fitting, url: str
    ) -> Input:
        """As it was kept, unless another model draws than the one for which it was made to fit."""
        if _takes(fitting, asset):
            return Input(
                data=data,
                media_type=asset.media_type,
                sha256=asset.sha256,
                width=asset.width,
                height=asset.height,
                use=use,
                url=url,
            )
        cleaned = await patiently(lambda: self._darkroom.clean(data, fitting), job=job.id)
        return Input(
            data=cleaned.data,
            media_type=cleaned.media_type,
            sha256=await _digest(cleaned.data),
            width=cleaned.width,
            height=cleaned.height,
            use=use,
            url=url,
        )

    def _url(self, job: Job, asset: Asset) -> str:
        """Ours, for an hour; a repeat has the same, since a service may know an order again by its body."""
        until = max(job.created_at + LINK_S, job.deadline_at)
        return self._assets.link_until(asset.key, until) or ""


def _apart(sources: Sequence[Source]) -> tuple[list[tuple[int, Source]], list[tuple[int, Source]]]:
    """The pictures, and the masks of the first of them; each with its place from 1."""
    numbered = list(enumerate(sources, 1))
    return (
        [(number, source) for number, source in numbered if source.use is not Use.MASK],
        [(number, source) for number, source in numbered if source.use is Use.MASK],
    )


def _fitting(routes: Sequence[Model]) -> Fitting:
    """What fits all of these, so that the next of them is sent the same."""
    return Fitting(
        pixels=min((route.input_pixels for route in routes if route.input_pixels), default=0),
        size_bytes=min((route.input_bytes for route in routes if route.input_bytes), default=0),
    )


def copies_of(given: Sequence[Asset]) -> tuple[str, ...]:
    """The files among them that are the job's own."""
    return tuple(asset.key for asset in given if asset.role == "input")


def _policy(job: Job, source: Source, conduct: Conduct) -> Policy:
    """Where others' pictures are taken because they are checked, one that nobody could check is not taken."""
    strict = conduct.inputs == "checked" and is_foreign(source, job.requester)
    if strict and conduct.policy.when_unavailable is None:
        return replace(conduct.policy, when_unavailable="refuse")
    return conduct.policy


def _takes(fitting: Fitting, asset: Asset) -> bool:
    return fitting.takes(width=asset.width, height=asset.height, size_bytes=asset.size_bytes)


def _asset(key: str, data: bytes, sha256: str, number: int) -> Asset:
    size = size_of(data)
    return Asset(
        key=key,
        role="input",
        index=number,
        media_type=size.media_type,
        width=size.width,
        height=size.height,
        size_bytes=len(data),
        sha256=sha256,
    )


async def _digest(data: bytes) -> str:
    if len(data) <= _AT_ONCE_BYTES:
        return hashlib.sha256(data).hexdigest()
    return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()  # lets go of the GIL


async def _all(awaitables: Sequence[Awaitable[T]]) -> list[T]:
    """The answers of all; each comes to its end, and what ends the order goes before what may pass."""
    answers = await asyncio.gather(*awaitables, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    if errors:
        raise next((error for error in errors if isinstance(error, Lacking)), errors[0])
    return [answer for answer in answers if not isinstance(answer, BaseException)]
