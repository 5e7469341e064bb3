"""What time does: asks providers how we stand, expires pictures, prunes logs. Each chore alone can fail."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, time
from typing import Protocol

import structlog

from bot.community.rulebook import person_scope
from bot.configuration.settings import Settings
from bot.credits.purchases import Purchases
from bot.errors import EaselError, ProviderError, StoreBusy
from bot.events import EventKind
from bot.given.uploads import Uploads
from bot.jobs.routing import Routing
from bot.model import Model
from bot.order.catalog import Catalog
from bot.order.openness import Openness
from bot.pictures.assets import Assets
from bot.ports import Requester
from bot.process.steady import Steady, quiet_s, slept_s
from bot.process.telemetry import Metrics
from bot.provider import Provider, Standing
from bot.store import Store
from bot.store.ledger import EXPIRED_AT_ONCE

log = structlog.get_logger()

HOUR_S = 3600.0
LAPSES_S = 60.0
HEALTH_S = 5.0  # how long another replica may not know that a provider fails
DAY_S = 86_400.0
SEEN_DAYS = 7  # how long platforms' event ids are remembered (ruling 8)
EVENTS_DAYS = 90  # how long what moderators were told of is kept
FOREIGN_DAYS = 180  # how long it is remembered that a payment went back that is none of ours
_USED_DAYS = 30  # whose orders went to a model so lately is told that it ends
ORPHAN_AFTER_S = 2 * DAY_S  # a file that no job knows of by then is a crash's
DRAFTS_KEPT_S = DAY_S
_STANDING_TIMEOUT_S = 10.0
_TOLD_WITHIN_S = 300.0  # for a hundred messages at a platform's pace
_TOLD_LOOK_S = 0.5
_LOW_CREDITS = 1000
_LOW_USD = 2.0
_RIGHTS_S = HOUR_S  # how long a right to answer in a chat lasts at most


class Sweep(Protocol):
    """Takes something off some jobs that ended between; answers where to go on, or None."""

    async def __call__(self, *, after: float, before: float) -> float | None: ...


def _is_low(standing: Standing) -> bool:
    """Whether little is left: in dollars where these are known, else in the service's own unit."""
    if standing.usd_left is not None:
        return standing.usd_left < _LOW_USD
    return standing.credits_left is not None and standing.credits_left < _LOW_CREDITS


class Chores:
    """Runs beside the worker."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        settings: Settings,
        store: Store,
        assets: Assets,
        uploads: Uploads,
        catalog: Catalog,
        openness: Openness,
        routing: Routing,
        providers: Mapping[str, Provider],
        purchases: Purchases,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._store = store
        self._assets = assets
        self._uploads = uploads
        self._catalog = catalog
        self._openness = openness
        self._routing = routing
        self._providers = providers
        self._purchases = purchases
        self._metrics = metrics
        self._words_until = self._rights_until = 0.0  # what this process has gone through

    async def run(self) -> None:
        """Until cancelled. How we stand is asked at once."""
        awake_s = asyncio.get_running_loop().time
        quiet = await self._quiet_s()
        clock = Steady(self._store.now, lambda: awake_s() + slept_s(), quiet_s=quiet)
        await self._do_safely(self.look_at_standing)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._do_every(HOUR_S, self.look_at_standing))
            group.create_task(self._do_every(HEALTH_S, self._routing.refresh))
            group.create_task(self._do_every(HOUR_S, self._purchases.place_waiting))
            for forgetting in (
                self.prune,
                self.forget_the_left,
                self.expire_pictures,
                self.expire_what_was_given,
            ):
                group.create_task(self._do_every(HOUR_S, forgetting, by=clock))
            group.create_task(self._do_every(LAPSES_S, self.expire_credits, by=clock))
            group.create_task(self._do_every(DAY_S, self.collect_orphans, by=clock))

    async def _quiet_s(self) -> float:
        """How long nothing has happened before this start; for ever, where the store can't tell."""
        try:
            now = self._store.now()
            return quiet_s(now, *await self._store.shared.moments(now=now))
        except StoreBusy as error:
            log.warning("the store does not say when something happened last", problem=str(error))
            return math.inf

    async def _do_every(
        self, seconds: float, act: Callable[[], Awaitable[None]], *, by: Steady | None = None
    ) -> None:
        """What is forgotten `by` a clock waits until that is steady."""
        while True:
            await asyncio.sleep(seconds)
            if by is None or by.look():
                await self._do_safely(act)

    async def _do_safely(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except EaselError as error:
            log.warning("a chore failed", chore=act.__name__, problem=str(error))
        except Exception:
            # One chore's bug must not end the others.
            log.exception("a chore broke", chore=act.__name__)

    async def expire_credits(self) -> None:
        """Credits that were given until a day are over when it is: nobody spends them after, and now the books say so."""
        while await self._store.ledger.expire(now=self._store.now()) == EXPIRED_AT_ONCE:
            pass

    async def look_at_standing(self) -> None:
        """Which models are open to our keys, and what is left on the accounts."""
        await asyncio.gather(*(self._look_at(p) for p in self._providers.values()))
        await self._warn_of_ends()
        chosen, fell_back = self._catalog.default(self._store.now())
        if fell_back:
            log.warning("the first default model isn't open: another is used", model=chosen.id)

    async def _warn_of_ends(self) -> None:
        """Says which models end within a month, or have ended, and who takes their place."""
        now, openness = self._store.now(), self._openness
        for model in self._catalog.all_routes():
            ends = openness.ends_of(model)
            if ends is None:
                continue
            day = datetime.combine(ends, time(), UTC)
            self._metrics.model_ends.labels(model.provider, model.id).set(day.timestamp())
            if openness.ends_soon(model, now):
                heir = next((heir.id for heir in self._catalog.heirs(model, now)), "")
                instead, how = heir or model.successor, _how_it_ends(openness, model, now)
                await self._store.events.note_trouble(
                    model.provider,
                    model.id,
                    EventKind.MODEL_ENDS,
                    thing=f"model-ends:{model.provider}:{model.id}:{ends.isoformat()}",
                    now=now,
                    since=now - _USED_DAYS * DAY_S,
                    facts={"ends": ends.isoformat(), "instead": instead, "how": how},
                )
                log.warning(
                    _SAID_OF_AN_END[how],
                    model=model.id,
                    provider=model.provider,
                    ends=ends.isoformat(),
                    instead=instead or "the next default model",
                )

    async def _look_at(self, provider: Provider) -> None:
        try:
            async with asyncio.timeout(_STANDING_TIMEOUT_S):
                standing = await provider.standing()
        except (ProviderError, TimeoutError) as error:
            log.warning("the provider does not say how we stand", provider=provider.name, problem=str(error))
            return
        self._openness.set_open(provider.name, standing.open_models)
        self._openness.set_ends(provider.name, standing.ends)
        if standing.credits_left is not None:
            self._metrics.provider_credits.labels(provider.name).set(standing.credits_left)
        if standing.usd_left is not None:
            self._metrics.provider_usd.labels(provider.name).set(standing.usd_left)
        if _is_low(standing):
            log.warning(
                "the account is nearly empty",
                provider=provider.name,
                credits=standing.credits_left,
                usd=standing.usd_left,
            )

    async def forget_the_left(self) -> None:
        """Erases people's data of communities that removed Easel, after the grace time; the books stay."""
        before = self._store.now() - self._settings.bot.forget_after_days * DAY_S
        for surface, community in await self._store.communities.removed_before(before):
            for person in await self._store.jobs.people(surface, community):
                jobs, keys = await self._store.jobs.forget(person, now=self._store.now())
                await self._assets.delete(keys)
                log.info("a left community's person was forgotten", surface=surface, jobs=len(jobs))
            left = Requester(surface=surface, community=community, user="")
            await self._store.communities.erase(surface, community, people=person_scope(left))

    async def expire_pictures(self) -> None:
        """Removes pictures older than `[assets] keep_days`; their messages say so before the files go."""
        if not self._settings.assets.keep_days:
            return
        before = self._store.now() - self._settings.assets.keep_days * DAY_S
        while jobs := await self._store.jobs.ended_before(before, limit=100):
            files = {job: await self._store.jobs.expire(job, now=self._store.now()) for job in jobs}
            await self._delete_when_told(files)

    async def expire_what_was_given(self) -> None:
        """Removes what people handed to us and nobody gave with an order, and what orders without a picture were given."""
        await self._uploads.expire()
        await self._store.drafts.prune(before=self._store.now() - DRAFTS_KEPT_S)
        before = self._store.now() - ORPHAN_AFTER_S
        while keys := await self._store.jobs.drop_inputs(before=before):
            await self._assets.delete(keys)

    async def _delete_when_told(self, files: dict[str, list[str]]) -> None:
        """A message must not show what is gone. What can't be told soon is the collector's, later."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TOLD_WITHIN_S):
                while files:
                    for job in files.keys() - await self._store.leases.open_ones(files):
                        await self._assets.delete(files.pop(job))
                    await asyncio.sleep(_TOLD_LOOK_S)

    async def collect_orphans(self) -> None:
        """Removes files that no job knows: left by a crash between keeping and the move."""
        before = self._store.now() - ORPHAN_AFTER_S
        async for listed in self._assets.list("pictures"):
            if listed.modified_at < before and not await self._is_needed(listed.key):
                await self._assets.delete([listed.key])

    async def _is_needed(self, key: str) -> bool:
        """Whether a row names this file, or its job is open: at work, or its message still to be told."""
        if await self._store.jobs.asset(key) is not None:
            return True
        job = key.split("/")[1] if key.count("/") > 1 else ""
        return bool(await self._store.leases.open_ones([job]))

    async def prune(self) -> None:
        """Forgets what was to be kept for a time only."""
        now = self._store.now()
        await self._store.shared.prune_seen(before=now - SEEN_DAYS * DAY_S)
        await self._store.communities.prune_blocks(now=now)
        await self._store.events.prune(before=now - EVENTS_DAYS * DAY_S)
        await self._store.health.prune_heard(before=now - SEEN_DAYS * DAY_S)
        await self._store.notices.prune(before=now - SEEN_DAYS * DAY_S)
        await self._store.purchases.prune(before=now - FOREIGN_DAYS * DAY_S)
        await self._store.codes.prune_tries(now=now)
        jobs_days = self._settings.privacy.keep_prompts_days
        audit_days = self._settings.moderation.keep_prompts_days
        keep_s = (jobs_days if audit_days is None else audit_days) * DAY_S
        await self._store.audit.forget_prompts(before=now - keep_s)
        forgetting = self._store.forgetting
        # An hour at least: the last card is to be shown, and the rights to answer last no longer.
        before = now - max(jobs_days * DAY_S, _RIGHTS_S)
        self._words_until = await self._walk(forgetting.erase_words, self._words_until, before)
        self._rights_until = await self._walk(
            forgetting.erase_passing_rights, self._rights_until, now - _RIGHTS_S
        )
        await self._store.scrub()

    async def _walk(self, take: Sweep, after: float, before: float) -> float:
        """All pages between, one after the other; answers where the next time begins."""
        while (last := await take(after=after, before=before)) is not None:
            after = last
            await asyncio.sleep(0)
        return after


def _how_it_ends(openness: Openness, model: Model, now: float) -> str:
    """A word for the texts: it has ended, its maker has ended it alone, or it ends soon."""
    if openness.has_ended(model, now):
        return "ended"
    return "by-maker" if openness.was_ended_by_its_maker(model, now) else "soon"


_SAID_OF_AN_END = {
    "ended": "a model has ended",
    "by-maker": "a model's maker has ended it, and the service may at any time",
    "soon": "a model ends soon",
}
