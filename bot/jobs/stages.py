"""One function an arrow: each looks at a job and returns the Move that it should make. They write nothing."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

import structlog

from bot.community.conduct import Conduct
from bot.errors import FetchRefused, ProviderError, Trouble
from bot.job import REFUSED_INPUT, Job, Move, State
from bot.jobs.asking import Asking
from bot.jobs.finish import Finisher
from bot.jobs.inputs import Inputs, copies_of
from bot.jobs.loans import Lacking, NotYet
from bot.jobs.patience import patiently
from bot.jobs.routing import Routing
from bot.jobs.watch import Wait, Watch
from bot.moderation.panel import Judgement, Panel
from bot.ports import Policy, Severity, Verdict
from bot.process.telemetry import Metrics
from bot.provider import Absent, Failed, Finder, Finished, Outcome, Pending, Provider

log = structlog.get_logger()

SUBMIT_TRIES_MAX = 8  # submits known not to have reached the provider
BUSY_TRIES = 2  # how often a busy provider is asked before another, where there is another
ATTEMPTS_MAX = 3  # new submits after a definite failure that is worth one
MISSES_MAX = 6  # looks in a row that failed for good reason, before an operation is given up
# A clear answer of the service: asking again would bring the same.
DEFINITE = frozenset({Trouble.KEY, Trouble.BALANCE, Trouble.MODEL_CLOSED, Trouble.ORDER})
GIVEN_TRIES = 3  # and so long at least is tried what may pass with a picture that is given
GIVEN_WITHIN_S = 180.0
_BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Stages:
    """The arrows of docs/architecture.md, section 4."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        calm: Callable[[], Awaitable[None]],
        routing: Routing,
        asking: Asking,
        panel: Panel,
        finisher: Finisher,
        inputs: Inputs,
        conduct: Callable[[Job], Awaitable[Conduct]],
        uncertain: Literal["fail", "retry"],
        metrics: Metrics,
        rng: random.Random,
    ) -> None:
        self._calm = calm  # first answers go before drawings
        self._routing = routing
        self._asking = asking
        self._panel = panel
        self._finisher = finisher
        self._inputs = inputs
        self._conduct = conduct
        self._uncertain = uncertain
        self._metrics = metrics
        self._rng = rng

    # ── accepted -> cleared | refused ────────────────────────────────────────────────────────────────

    async def screen(self, job: Job, watch: Watch) -> Move | Wait:
        """The outside layers' word on the prompt, and then what is given with it; the local layers spoke before."""
        await self._calm()
        conduct = await self._conduct(job) if self._panel.screens or job.order.sources else None
        judgement = watch.screened or Judgement(verdict=Verdict())
        if conduct is not None and watch.screened is None and self._panel.screens:
            judgement = watch.screened = await self._panel.screen(
                job.order.subject, conduct.policy, negative=job.order.negative
            )
        verdict = judgement.verdict
        if conduct is not None and verdict.severity.stops:
            return Move(
                to=State.REFUSED,
                capture=0,
                reason=f"refused-{verdict.category}",
                verdicts=judgement.notes,
                pausing=conduct.pausing,
            )
        cleared = Move(
            to=State.CLEARED, spoiler=verdict.severity is Severity.SPOILER, verdicts=judgement.notes
        )
        if conduct is None or not job.order.sources:
            return cleared
        return await self._take_in(job, cleared, conduct, watch)

    async def _take_in(self, job: Job, cleared: Move, conduct: Conduct, watch: Watch) -> Move | Wait:
        """The pictures that are given, as facts of the move; what can't be had, or may not be used, ends the order."""
        try:
            given = await self._inputs.take_in(job, found=watch.taken_over)
        except Lacking as lacking:
            return _lacks(lacking)
        except NotYet as trouble:
            late = watch.wait_again() > GIVEN_WITHIN_S and watch.waits >= GIVEN_TRIES
            if late or (trouble.soon and watch.waits > 1):
                return _lacks(trouble.lasting)
            log.info("a picture that is given is not there yet", job=job.id, problem=trouble.lasting.reason)
            return Wait(self._back_off(watch.waits, trouble.retry_after_s))
        judgements = await self._inputs.judge(job, given, conduct)
        worst = next((n for n, j in judgements if j.verdict.severity.stops), 0)
        notes = cleared.verdicts + tuple(note for _, j in judgements for note in j.notes)
        if worst:
            verdict = dict(judgements)[worst].verdict
            return Move(
                to=State.REFUSED,
                capture=0,
                reason=f"{REFUSED_INPUT}{verdict.category}",
                of_input=worst,
                discards=copies_of(given),
                verdicts=notes,
                pausing=conduct.pausing,
            )
        spoiler = any(j.verdict.severity is Severity.SPOILER for _, j in judgements)
        return replace(
            cleared,
            spoiler=cleared.spoiler or spoiler,
            verdicts=notes,
            assets=tuple(asset for asset in given if asset.role == "input"),
        )

    # ── cleared -> submitting ────────────────────────────────────────────────────────────────────────

    async def start(self, job: Job) -> Move:
        """Says who is about to be asked: from here on a crash is uncertain."""
        await self._calm()
        order = await self._routing.route(job)
        if order is not None:
            return Move(to=State.SUBMITTING, order=None if order is job.order else order)
        if self._asking.provider(job.order.provider) is None:
            return _failed("failed-key", _not_configured(job))
        return _failed("failed-provider", "nobody is left who could draw it")

    # ── submitting -> rendering | finished | cleared | refused | failed ─────────────────────────────────

    async def submit(self, job: Job, *, found: bool = False) -> Move | Wait:
        """Asks the provider. `found`: the job was found half-way."""
        provider = self._asking.provider(job.order.provider)
        if provider is None:
            return _failed("failed-key", _not_configured(job))
        try:
            answer = await self._asking.submit(job, provider)
        except Lacking as lacking:
            # A repeat of what may have been billed can't be asked for: nobody will know any more.
            return replace(_lacks(lacking), doubtful=found or job.tries >= job.attempt)
        except ProviderError as error:
            return await self._not_submitted(job, provider, error)
        return await self._answered(job, answer, found=found)

    async def recover(self, job: Job) -> Move | Wait:
        """A job found in `submitting` after a crash: the provider may or may not have been asked."""
        conduct = await self._conduct_of_pictures(job)
        provider = self._asking.provider(job.order.provider)
        safe = provider is not None and provider.honours_keys and job.tries < SUBMIT_TRIES_MAX
        kept = await self._finisher.recover(job, conduct.policy, quarantine=conduct.quarantine, whole=safe)
        if kept is not None:
            return kept
        if provider is None:
            return _failed("failed-key", _not_configured(job), doubtful=True)
        return await self._lost(job, provider, "the process stopped while it asked the provider")

    # ── rendering -> finished | refused | withheld | failed ─────────────────────────────────────────────

    async def watch(self, job: Job, watch: Watch) -> Move | Wait:
        """Looks at the operation once."""
        provider = self._asking.provider(job.order.provider)
        if provider is None or job.operation is None:
            return _failed("failed-provider", "nobody here can look at this operation", spent=True)
        watch.looks += 1
        self._metrics.polls.labels(provider.name).inc()
        try:
            answer = await provider.poll(job.operation, order=job.order)
        except ProviderError as error:
            watch.note(str(error.trouble))
            return self._note_miss(job, provider, watch, error)
        watch.misses = 0
        watch.note(type(answer).__name__.lower())
        match answer:
            case Pending(retry_after_s=retry_after_s):
                return Wait(retry_after_s or 0.0, answer)
            case Finished() | Failed():
                return await self._answered(job, answer, found=watch.found)

    # ── What the arrows share ────────────────────────────────────────────────────────────────────────

    async def _answered(self, job: Job, answer: Outcome, *, found: bool) -> Move | Wait:
        match answer:
            case Pending(operation=operation, retry_after_s=retry_after_s):
                return Move(to=State.RENDERING, operation=operation, due_in_s=retry_after_s or 0.0)
            case Finished():
                return await self._finish(job, answer, found=found)
            case Failed():
                return self._over(job, answer)

    async def _finish(self, job: Job, answer: Finished, *, found: bool) -> Move | Wait:
        conduct = await patiently(lambda: self._conduct_of_pictures(job), job=job.id)
        try:
            move = await self._finisher.finish(
                job, answer, conduct.policy, quarantine=conduct.quarantine, found=found
            )
            return replace(move, worked=True)
        except FetchRefused as error:
            # Polling again gives fresh links; the job's deadline bounds it.
            log.warning("picture not fetched yet", job=job.id, problem=str(error))
            if job.operation is None:
                return _failed("failed-images", str(error), spent=True)
            return Wait(self._back_off(1, None))

    async def _conduct_of_pictures(self, job: Job) -> Conduct:
        """How they are judged, by the rules of this moment; where nobody judges them, nothing is looked up."""
        return await self._conduct(job) if self._panel.looks else Conduct(Policy(), quarantine=False)

    def _over(self, job: Job, answer: Failed) -> Move:
        detail, cost = answer.detail, answer.cost_usd_micros
        if answer.refused or answer.withheld:
            verdict = Verdict(
                severity=Severity.WITHHOLD if answer.withheld else Severity.REFUSE,
                category="provider",
                layer=job.order.provider,
                strike=False,
            )
            to, reason = (
                (State.WITHHELD, "withheld") if answer.withheld else (State.REFUSED, "refused-provider")
            )
            # A picture that was drawn and kept back may have been billed; a prompt that was refused was not,
            # unless the service tells.
            return Move(
                to=to,
                capture=0,
                reason=reason,
                detail=detail,
                verdicts=(verdict,),
                spent=answer.withheld if cost is None else cost > 0,
                cost_usd_micros=cost,
                worked=True,
            )
        if answer.again and job.attempt < ATTEMPTS_MAX:
            return Move(
                to=State.CLEARED,
                next_attempt=True,
                again=True,
                due_in_s=1.0,
                detail=detail,
                trouble=Trouble.BROKEN,
                cost_usd_micros=cost,
            )
        return replace(
            _failed("failed-provider", detail, trouble=Trouble.BROKEN, spent=bool(cost)), cost_usd_micros=cost
        )

    async def _not_submitted(self, job: Job, provider: Provider, error: ProviderError) -> Move | Wait:
        self._note(job, provider, error)
        if error.trouble is Trouble.BUSY and error.reached.doubtful and isinstance(provider, Finder):
            # It says that it can't serve, and can be asked: where nothing is found it is taken at its word.
            match await self._asking.find(job, provider):
                case Finished() | Pending() | Failed() as answer:
                    return await self._answered(job, answer, found=True)
                case Absent() | None:
                    error = error.at_its_word()
        if error.trouble not in DEFINITE and error.reached.doubtful:
            return await self._lost(job, provider, error.detail)
        if _is_known_no(job, error) and (order := await self._routing.after(job, error.trouble)) is not None:
            log.info("another provider is asked", job=job.id, provider=order.provider, model=order.model)
            return Move(
                to=State.CLEARED,
                order=order,
                passed=job.route,
                next_attempt=True,
                trouble=error.trouble,
                detail=error.detail,
            )
        if error.trouble in DEFINITE:
            return _failed(f"failed-{error.trouble}", error.detail, trouble=error.trouble)
        if error.reached.never and job.tries < SUBMIT_TRIES_MAX:
            wait_s = self._back_off(job.tries, error.retry_after_s)
            return _once_more(wait_s, error.detail)
        return _failed("failed-provider", error.detail, trouble=Trouble.BROKEN)

    async def _lost(self, job: Job, provider: Provider, detail: str) -> Move | Wait:
        """An answer was lost: it is looked for before there is any doubt."""
        match await self._asking.find(job, provider):
            case Absent() if job.tries < SUBMIT_TRIES_MAX:
                return _once_more(self._back_off(job.tries, None), detail)
            case Absent():
                return _failed("failed-provider", detail, trouble=Trouble.BROKEN)
            case None:
                return self._doubt(job, provider, detail)
            case Finished() | Pending() | Failed() as answer:
                log.info("a lost answer was found", job=job.id, provider=provider.name)
                return await self._answered(job, answer, found=True)

    def _doubt(self, job: Job, provider: Provider, detail: str) -> Move:
        """The provider may have billed. Asked again only where that is safe or the operator wants it."""
        if (provider.honours_keys or self._uncertain == "retry") and job.tries < SUBMIT_TRIES_MAX:
            # Back to submitting with the same key and body: an honouring provider answers as before.
            wait_s = self._back_off(job.tries, None)
            return Move(
                to=State.SUBMITTING,
                again=True,
                due_in_s=wait_s,
                doubtful=not provider.honours_keys,
                detail=detail,
            )
        self._metrics.doubtful.inc()
        log.warning("doubtful billing", job=job.id, provider=provider.name, detail=detail)
        return _failed("failed-uncertain", detail, doubtful=True, trouble=Trouble.BROKEN)

    def _note_miss(self, job: Job, provider: Provider, watch: Watch, error: ProviderError) -> Move | Wait:
        self._note(job, provider, error)
        if error.trouble is Trouble.KEY:
            return _failed("failed-key", error.detail, spent=True, trouble=error.trouble)
        passing = error.trouble is Trouble.BUSY or error.reached.never or error.reached.doubtful
        if not passing:
            watch.misses += 1
        if watch.misses >= MISSES_MAX:
            return _failed("failed-provider", error.detail, spent=True, trouble=Trouble.BROKEN)
        return Wait(self._back_off(watch.looks % len(_BACK_OFF_S), error.retry_after_s))

    def _note(self, job: Job, provider: Provider, error: ProviderError) -> None:
        """Tells the operator, and remembers what other jobs should know."""
        self._metrics.provider_errors.labels(provider.name, str(error.trouble)).inc()
        fields = {"job": job.id, "provider": provider.name, "model": job.order.model, "detail": error.detail}
        match error.trouble:
            case Trouble.KEY:
                log.error("the provider refuses our key: check the configuration", **fields)
            case Trouble.BALANCE:
                log.error("the provider's account is empty: top it up", **fields)
            case Trouble.MODEL_CLOSED:
                log.error("the model isn't open to our key: ask the provider's administrator", **fields)
            case Trouble.BUSY | Trouble.BROKEN | Trouble.ORDER:
                log.warning(
                    "the provider failed", trouble=str(error.trouble), reached=str(error.reached), **fields
                )

    def listens(self, job: Job) -> bool:
        """Whether the job's service calls us when it is done, so that it is looked at less often."""
        return job.operation is not None and bool(self._asking.webhook(job))

    async def remember(self, job: Job, move: Move) -> None:
        """What a move of this job means for the orders to come, and for what was kept for it in vain."""
        if move.discards:
            await self._inputs.discard(move)
        await self._routing.learn(job, move)

    def _back_off(self, tries: int, retry_after_s: float | None) -> float:
        """Seconds to wait, with jitter; what the service asks for comes first."""
        base = _BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]
        if retry_after_s is not None:
            return retry_after_s + self._rng.uniform(0, 0.2)
        return base * self._rng.uniform(0.75, 1.25)


def _is_known_no(job: Job, error: ProviderError) -> bool:
    """Whether nothing was made for certain, and another provider may do better."""
    match error.trouble:
        case Trouble.KEY | Trouble.BALANCE | Trouble.MODEL_CLOSED:
            return True
        case Trouble.BROKEN:
            return error.reached.never
        case Trouble.BUSY:
            return error.reached.never and job.tries >= BUSY_TRIES
        case Trouble.ORDER:
            return False


def _lacks(lacking: Lacking) -> Move:
    failed = _failed(lacking.reason, lacking.detail)
    return replace(failed, of_input=lacking.number, discards=copies_of(lacking.kept))


def _not_configured(job: Job) -> str:
    return f"the provider {job.order.provider!r} is not configured"


def _once_more(wait_s: float, detail: str) -> Move:
    """It is known that nothing was made: asked again, by a new key."""
    return Move(to=State.CLEARED, next_attempt=True, again=True, due_in_s=wait_s, detail=detail)


def _failed(
    reason: str, detail: str, *, spent: bool = False, doubtful: bool = False, trouble: Trouble | None = None
) -> Move:
    return Move(
        to=State.FAILED,
        capture=0,
        reason=reason,
        detail=detail,
        spent=spent,
        doubtful=doubtful,
        trouble=trouble,
    )
