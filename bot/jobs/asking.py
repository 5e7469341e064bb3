"""Asks the providers: with the pictures that are given, where they may call us, and what became of a lost answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from bot.errors import ProviderError
from bot.job import Job
from bot.jobs.loans import Lacking
from bot.provider import Absent, Finder, Input, Listener, Outcome, Pending, Provider
from bot.store.health import Healths

log = structlog.get_logger()

_LOOKS_AFTER_S = (0.0, 2.0, 5.0)  # a service's own list may lag behind what it has accepted
_HEARD_EVERY_S = 2.0
_HEARD_WITHIN_S = 60.0  # how long a call is waited for that may tell what a submit has made


class Asking:
    """The providers, and what they need besides the order."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        healths: Healths,
        inputs: Callable[[Job], AbstractAsyncContextManager[Sequence[Input]]],
        webhook: Callable[[Job], str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._providers = providers
        self._healths = healths
        self._inputs = inputs
        self._webhook = webhook
        self._sleep = sleep

    def provider(self, name: str) -> Provider | None:
        """An open provider."""
        return self._providers.get(name)

    def webhook(self, job: Job) -> str:
        """Where the job's service may call us; empty where it can't, or we can't be reached."""
        provider = self.provider(job.order.provider)
        # Asked at every look, and most don't listen: a protocol's isinstance costs as much as a request's headers.
        if not getattr(provider, "listens", False):
            return ""
        if not isinstance(provider, Listener):
            return ""
        silent = any(model.id == job.order.model and not model.calls for model in provider.models)
        return "" if silent else self._webhook(job)

    async def submit(self, job: Job, provider: Provider) -> Outcome:
        """Asks for the pictures. Raises ProviderError, or Lacking where what was given is gone."""
        async with self._inputs(job) as inputs:
            return await provider.submit(job.order, key=job.key(), inputs=inputs, webhook=self.webhook(job))

    async def find(self, job: Job, provider: Provider) -> Outcome | Absent | None:
        """What a submit has made whose answer was lost; None where nobody can tell."""
        hears = bool(self.webhook(job))
        if isinstance(provider, Finder):
            try:
                async with self._inputs(job) as inputs:
                    found = await self._found(job, provider, inputs, hears=hears)
            except Lacking:
                log.warning("a lost answer can't be looked for: what was given is gone", job=job.id)
            else:
                if found is not None:
                    return found
        return await self._heard(job) if hears else None

    async def _found(
        self, job: Job, provider: Finder, inputs: Sequence[Input], *, hears: bool
    ) -> Outcome | Absent | None:
        """What the service itself has on its list, or calls to tell meanwhile."""
        for wait_s in _LOOKS_AFTER_S:
            await self._sleep(wait_s)
            if hears and (operation := await self._healths.heard(job.key())) is not None:
                return Pending(operation=operation)
            try:
                found = await provider.find(
                    job.order, key=job.key(), inputs=inputs, since=job.submitted_at or job.created_at
                )
            except ProviderError as error:
                log.info("a lost answer was not found yet", job=job.id, detail=error.detail)
                continue
            if found is not None:
                return found
        return None

    async def _heard(self, job: Job) -> Pending | None:
        """What the service itself calls to tell, waited for a while."""
        waited_s = 0.0
        while (operation := await self._healths.heard(job.key())) is None:
            if waited_s >= _HEARD_WITHIN_S:
                return None
            await self._sleep(_HEARD_EVERY_S)
            waited_s += _HEARD_EVERY_S
        return Pending(operation=operation)


async def stop_drawing(providers: Mapping[str, Provider], job: Job) -> None:
    """Asks the job's service to stop, where it can; the books don't depend on it."""
    provider = providers.get(job.order.provider)
    if provider is None or job.operation is None:
        return
    try:
        await provider.cancel(job.operation, order=job.order)
    except ProviderError as error:
        log.info("the provider did not cancel", job=job.id, detail=error.detail)
