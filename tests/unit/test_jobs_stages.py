"""What each trouble of a provider becomes: the mapping tables of the stages."""

import contextlib
import itertools
import random
from dataclasses import replace
from datetime import date

import pytest

from bot.community.conduct import Conduct
from bot.errors import FetchRefused, ProviderError, Reached, Trouble
from bot.health import Health
from bot.job import Job, Move, State, assert_legal
from bot.jobs.asking import Asking
from bot.jobs.finish import Finisher
from bot.jobs.inputs import Inputs
from bot.jobs.routing import MODEL_CLOSED_S, Routing
from bot.jobs.stages import (
    ATTEMPTS_MAX,
    BUSY_TRIES,
    MISSES_MAX,
    SUBMIT_TRIES_MAX,
    Stages,
)
from bot.jobs.watch import Wait, Watch
from bot.model import Model, Order
from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.order.catalog import Catalog
from bot.ports import Policy, Requester
from bot.process.telemetry import Metrics
from bot.provider import Absent, Failed, Finished, InlineImage, Pending
from bot.store.health import Healths
from bot.store.outbox import Events
from bot.studio.admission import Admission

DEFINITE = {Trouble.KEY, Trouble.BALANCE, Trouble.MODEL_CLOSED, Trouble.ORDER}


class Service:
    """The far side, with an answer or an error in store."""

    name = "p"
    models = ()
    polls_per_s = 10.0

    def __init__(self, answer, *, honours_keys=False):
        self.answer, self.honours_keys, self.keys = answer, honours_keys, []

    async def submit(self, order, *, key, inputs=(), webhook=""):
        self.keys.append(key)
        return self._answered()

    async def poll(self, operation, *, order):
        return self._answered()

    def _answered(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Kept(Finisher):
    """Pictures that were kept before, or the trouble of keeping them."""

    def __init__(self, found=None, trouble=None):
        self.found, self.trouble = found, trouble

    async def finish(self, job, answer, policy, *, quarantine, found=False):
        if self.trouble:
            raise self.trouble
        return Move(to=State.FINISHED, capture=job.order.credits)

    async def recover(self, job, policy, *, quarantine, whole):
        return self.found


class Nothing(Inputs):
    """No picture is given with any order."""

    def __init__(self):
        pass


def nothing_given(_job):
    return contextlib.nullcontext(())


async def lenient(_job):
    return Conduct(Policy())


async def anything(_job):
    return lambda _model: True


class Outbox(Events):
    """The store's outbox, in memory."""

    def __init__(self):
        self.things = []

    async def note_trouble(self, provider, model, trouble, *, thing, now, since, facts=None):
        self.things.append(thing)


class Lessons(Healths):
    """The store's table of how routes fare, in memory."""

    def __init__(self):
        self.health, self.calls = {}, {}

    async def note(self, route, *, worked, now):
        before = self.health.get(route, Health())
        self.health[route] = before.after(worked=worked, now=now)
        return before, self.health[route]

    async def probe(self, route, *, now):
        found = self.health.get(route, Health())
        if not found.opens or found.bars(now):
            return None
        self.health[route] = found.probed(now)
        return self.health[route]

    async def all(self):
        return dict(self.health)

    async def heard(self, key):
        return self.calls.get(key)


class Tried(Stages):
    """The stages, with what they learn at hand."""

    lessons: Lessons
    catalog: Catalog


async def at_once(_seconds):
    """Nobody waits."""


def stages_of(
    service,
    *,
    uncertain="fail",
    kept=None,
    conduct=lenient,
    models=(),
    others=(),
    webhook=lambda _: "",
    clock=lambda: 0.0,
):
    providers = {one.name: one for one in (service, *others) if one}
    lessons = Lessons()
    metrics = Metrics()
    catalog = Catalog(models, providers=providers)
    stages = Tried(
        routing=Routing(
            catalog=catalog,
            openness=catalog.openness,
            providers=providers,
            healths=lessons,
            events=Outbox(),
            permits=anything,
            metrics=metrics,
            clock=clock,
        ),
        asking=Asking(providers, healths=lessons, inputs=nothing_given, webhook=webhook, sleep=at_once),
        calm=Admission().wait_for_calm,
        panel=Panel([], words=LexiconCheck(load())),
        finisher=kept or Kept(),
        inputs=Nothing(),
        conduct=conduct,
        uncertain=uncertain,
        metrics=metrics,
        rng=random.Random(1),
    )
    stages.lessons, stages.catalog = lessons, catalog
    return stages


def job_of(state, **more):
    facts = {
        "id": "job", "version": 3, "state": state, "created_at": 0.0, "deadline_at": 600.0, "due_at": 0.0,
        "requester": Requester(surface="chat", community="c", user="u"),
        "order": Order(provider="p", model="m", prompt="fox", credits_each=5, images=2),
    }  # fmt: skip
    return Job(**(facts | more))


def error_of(trouble, reached, retry_after_s=None):
    return ProviderError("detail", reached=reached, trouble=trouble, retry_after_s=retry_after_s)


@pytest.mark.parametrize(("trouble", "reached"), list(itertools.product(Trouble, Reached)), ids=str)
async def test_a_failed_submit_is_final_put_off_or_uncertain(trouble, reached):
    job = job_of(State.SUBMITTING)
    service = Service(error_of(trouble, reached))
    move = await stages_of(service).submit(job)
    assert_legal(job, move)
    if trouble in DEFINITE:
        expected = (State.FAILED, f"failed-{trouble}", False, False)
    elif reached is Reached.NO:
        expected = (State.CLEARED, "", True, False)
    elif reached is Reached.YES:
        expected = (State.FAILED, "failed-provider", False, False)
    else:
        expected = (State.FAILED, "failed-uncertain", False, True)
    assert (move.to, move.reason, move.next_attempt, move.doubtful) == expected
    assert move.capture == (0 if move.to.ended else None)
    assert not (move.to is State.CLEARED and move.due_in_s <= 0), "no hot loop"


@pytest.mark.parametrize("trouble", [Trouble.BUSY, Trouble.BROKEN], ids=str)
async def test_where_keys_are_honoured_or_the_operator_wants_it_the_same_key_is_asked_again(trouble):
    error = error_of(trouble, Reached.UNKNOWN)
    for service, uncertain in ((Service(error, honours_keys=True), "fail"), (Service(error), "retry")):
        job = job_of(State.SUBMITTING, attempt=2)
        move = await stages_of(service, uncertain=uncertain).submit(job)
        assert (move.to, move.next_attempt, move.again) == (State.SUBMITTING, False, True)
        assert move.doubtful is not service.honours_keys
        assert move.due_in_s > 0
        assert service.keys == ["job-2"]


async def test_where_nothing_screens_a_job_is_cleared_without_a_look_at_the_rules():
    """Such a job is born cleared; one that was accepted when a layer was configured goes on all the same."""

    async def conduct(_job):
        raise AssertionError("nobody asked for rules")

    stages = stages_of(Service(None), conduct=conduct)
    assert await stages.screen(job_of(State.ACCEPTED), Watch()) == Move(to=State.CLEARED)


async def test_tries_are_bounded_whatever_the_service_does():
    job = job_of(State.SUBMITTING, tries=SUBMIT_TRIES_MAX)
    busy = await stages_of(Service(error_of(Trouble.BUSY, Reached.NO))).submit(job)
    lost = await stages_of(Service(error_of(Trouble.BROKEN, Reached.UNKNOWN), honours_keys=True)).submit(job)
    assert (busy.to, busy.reason) == (State.FAILED, "failed-provider")
    assert (lost.to, lost.reason, lost.doubtful) == (State.FAILED, "failed-uncertain", True)


async def test_what_the_service_asks_for_comes_before_our_own_back_off():
    move = await stages_of(Service(error_of(Trouble.BUSY, Reached.NO, 7.0))).submit(job_of(State.SUBMITTING))
    assert 7.0 <= move.due_in_s <= 7.2


@pytest.mark.parametrize(
    ("answer", "to", "reason"),
    [
        (Pending(operation="op"), State.RENDERING, ""),
        (Finished(images=(InlineImage(b"x"),)), State.FINISHED, ""),
        (Failed(detail="d", refused=True), State.REFUSED, "refused-provider"),
        (Failed(detail="d", withheld=True), State.WITHHELD, "withheld"),
        (Failed(detail="d", again=True), State.CLEARED, ""),
        (Failed(detail="d"), State.FAILED, "failed-provider"),
    ],
    ids=["pending", "finished", "refused", "withheld", "again", "failed"],
)
async def test_every_answer_has_its_arrow_from_submit_and_from_a_look(answer, to, reason):
    stages = stages_of(Service(answer))
    job = job_of(State.SUBMITTING)
    move = await stages.submit(job)
    assert_legal(job, move)
    assert (move.to, move.reason) == (to, reason)
    looked = await stages.watch(job_of(State.RENDERING, operation="op"), Watch())
    if isinstance(answer, Pending):
        assert isinstance(looked, Wait)
    else:
        assert (looked.to, looked.reason) == (to, reason)


async def test_a_definite_failure_is_worth_only_so_many_new_attempts():
    job = job_of(State.SUBMITTING, attempt=ATTEMPTS_MAX)
    move = await stages_of(Service(Failed(detail="d", again=True))).submit(job)
    assert (move.to, move.reason) == (State.FAILED, "failed-provider")


@pytest.mark.parametrize(("trouble", "reached"), list(itertools.product(Trouble, Reached)), ids=str)
async def test_a_failed_look_waits_and_only_good_reasons_in_a_row_give_up(trouble, reached):
    stages, watch = stages_of(Service(error_of(trouble, reached))), Watch()
    job = job_of(State.RENDERING, operation="op")
    steps = [await stages.watch(job, watch) for _ in range(MISSES_MAX)]
    if trouble is Trouble.KEY:
        assert (steps[0].to, steps[0].reason, steps[0].spent) == (State.FAILED, "failed-key", True)
        return
    assert all(isinstance(step, Wait) and step.seconds > 0 for step in steps[:-1])
    passing = trouble is Trouble.BUSY or reached is not Reached.YES
    if passing:
        assert isinstance(steps[-1], Wait)
    else:
        assert (steps[-1].to, steps[-1].reason, steps[-1].spent) == (State.FAILED, "failed-provider", True)


async def test_one_good_look_forgives_the_misses_before_it():
    service, watch = Service(error_of(Trouble.MODEL_CLOSED, Reached.YES)), Watch()
    stages, job = stages_of(service), job_of(State.RENDERING, operation="op")
    for _ in range(MISSES_MAX - 1):
        assert isinstance(await stages.watch(job, watch), Wait)
    service.answer, error = Pending(operation="op"), service.answer
    await stages.watch(job, watch)
    service.answer = error
    assert isinstance(await stages.watch(job, watch), Wait)


@pytest.mark.parametrize(
    ("honours_keys", "uncertain", "to"),
    [(False, "fail", State.FAILED), (False, "retry", State.SUBMITTING), (True, "fail", State.SUBMITTING)],
)
async def test_a_job_found_submitting_is_uncertain(honours_keys, uncertain, to):
    service = Service(Pending(operation="op"), honours_keys=honours_keys)
    move = await stages_of(service, uncertain=uncertain).recover(job_of(State.SUBMITTING))
    assert (move.to, move.doubtful) == (to, not honours_keys)
    assert service.keys == [], "recovery itself asks nobody"


async def test_pictures_that_were_kept_come_before_any_doubt():
    kept = Move(to=State.FINISHED, capture=10)
    assert await stages_of(Service(None), kept=Kept(kept)).recover(job_of(State.SUBMITTING)) is kept


async def test_links_that_cannot_be_read_are_asked_for_again_but_an_answer_without_operation_is_not():
    answer = Finished(images=(InlineImage(b"x"),))
    stages = stages_of(Service(answer), kept=Kept(trouble=FetchRefused("late", again=True)))
    assert (await stages.watch(job_of(State.RENDERING, operation="op"), Watch())).seconds > 0
    move = await stages.submit(job_of(State.SUBMITTING))
    assert (move.to, move.reason, move.spent) == (State.FAILED, "failed-images", True)


async def test_a_provider_that_is_not_configured_ends_the_job_everywhere():
    stages = stages_of(None)
    for step in (
        await stages.start(job_of(State.CLEARED)),
        await stages.recover(job_of(State.SUBMITTING)),
        await stages.watch(job_of(State.RENDERING, operation="op"), Watch()),
    ):
        assert step.to is State.FAILED


async def test_a_closed_model_and_an_empty_account_are_left_alone_for_a_while():
    model = Model(id="m", provider="p", credits=5)
    for trouble in (Trouble.MODEL_CLOSED, Trouble.BALANCE):
        stages = stages_of(Service(error_of(trouble, Reached.YES)), models=[model], clock=lambda: 100.0)
        job = job_of(State.SUBMITTING)
        assert stages.catalog.is_open(model, 100.0)
        await stages.remember(job, await stages.submit(job))
        assert not stages.catalog.is_open(model, 101.0)
        assert stages.catalog.is_open(model, 101.0 + MODEL_CLOSED_S)


# ── Several routes ───────────────────────────────────────────────────────────────────────────────────

OURS = Model(id="m", provider="p", credits=5)
THEIRS = Model(id="m", provider="q", wire="their-m", credits=7, usd_micros=6_000)
NOBODY = Service(Pending(operation="op"))
NOBODY.name = "q"


def two_routes(error, **more):
    return stages_of(Service(error), models=[OURS, THEIRS], others=[NOBODY], **more)


@pytest.mark.parametrize(("trouble", "reached"), list(itertools.product(Trouble, Reached)), ids=str)
async def test_another_route_is_asked_after_a_known_no_and_never_in_doubt(trouble, reached):
    job = job_of(State.SUBMITTING, tries=BUSY_TRIES)
    move = await two_routes(error_of(trouble, reached)).submit(job)
    assert_legal(job, move)
    known = trouble in {Trouble.KEY, Trouble.BALANCE, Trouble.MODEL_CLOSED} or (
        reached is Reached.NO and trouble is not Trouble.ORDER
    )
    if not known:
        assert move.order is None
        assert move.to is State.FAILED
        return
    assert (move.to, move.next_attempt, move.passed) == (State.CLEARED, True, ("p", "m"))
    assert (move.order.provider, move.order.wire_name, move.order.credits_each) == ("q", "their-m", 5)
    assert (move.order.usd_micros_each, move.trouble, move.doubtful) == (6_000, trouble, False)


async def test_a_busy_provider_is_asked_again_before_another():
    move = await two_routes(error_of(Trouble.BUSY, Reached.NO)).submit(job_of(State.SUBMITTING))
    assert (move.to, move.order, move.again) == (State.CLEARED, None, True)


async def test_a_route_that_said_no_to_the_job_is_not_asked_by_it_again():
    job = job_of(State.SUBMITTING, passed=frozenset({("q", "m")}))
    move = await two_routes(error_of(Trouble.MODEL_CLOSED, Reached.YES)).submit(job)
    assert (move.to, move.reason) == (State.FAILED, "failed-model-closed")


async def test_three_failures_open_the_breaker_and_who_starts_then_is_drawn_by_the_next():
    clock = [0.0]
    stages = two_routes(error_of(Trouble.BROKEN, Reached.UNKNOWN), clock=lambda: clock[0])
    for _ in range(3):
        assert (await stages.start(job_of(State.CLEARED))).order is None
        job = job_of(State.SUBMITTING)
        move = await stages.submit(job)
        assert (move.reason, move.doubtful) == ("failed-uncertain", True)
        await stages.remember(job, move)
    started = await stages.start(job_of(State.CLEARED))
    assert (started.to, started.order.provider) == (State.SUBMITTING, "q")
    clock[0] = 31.0
    probe, next_one = await stages.start(job_of(State.CLEARED)), await stages.start(job_of(State.CLEARED))
    assert (probe.order, next_one.order.provider) == (None, "q"), "one goes, the others do not"
    await stages.remember(job_of(State.SUBMITTING), Move(to=State.RENDERING, operation="op", worked=True))
    assert (await stages.start(job_of(State.CLEARED))).order is None, "it works again"


async def test_where_everybody_fails_a_job_that_was_taken_is_asked_for_all_the_same():
    stages = stages_of(Service(error_of(Trouble.BROKEN, Reached.UNKNOWN)), models=[OURS])
    for _ in range(3):
        await stages.remember(job_of(State.SUBMITTING), Move(to=State.CLEARED, trouble=Trouble.BROKEN))
    assert not stages.catalog.is_open(OURS, 0.0), "a new order is refused meanwhile"
    move = await stages.start(job_of(State.CLEARED))
    assert (move.to, move.order) == (State.SUBMITTING, None)
    gone = await stages.start(job_of(State.CLEARED, passed=frozenset({("p", "m")})))
    assert (gone.to, gone.capture, gone.spent) == (State.FAILED, 0, False)


async def test_a_model_that_ended_while_its_order_waited_is_not_asked_for():
    ended = replace(OURS, ends=date(1969, 12, 31))
    move = await stages_of(Service(Pending(operation="op")), models=[ended]).start(job_of(State.CLEARED))
    assert (move.to, move.capture) == (State.FAILED, 0)


# ── Lost answers ─────────────────────────────────────────────────────────────────────────────────────


class Searching(Service):
    """A service that can be asked what became of a submit."""

    def __init__(self, answer, *found):
        super().__init__(answer)
        self.found, self.asked = list(found), []

    async def find(self, order, *, key, inputs=(), since):
        self.asked.append((key, since))
        found = self.found.pop(0) if self.found else None
        if isinstance(found, Exception):
            raise found
        return found


@pytest.mark.parametrize(
    ("found", "to", "doubtful"),
    [
        ([Pending(operation="found")], State.RENDERING, False),
        ([None, Finished(images=(InlineImage(b"x"),))], State.FINISHED, False),
        ([Failed(detail="d", refused=True)], State.REFUSED, False),
        ([Absent()], State.CLEARED, False),
        ([error_of(Trouble.BUSY, Reached.NO), Pending(operation="found")], State.RENDERING, False),
        ([None, None, None], State.FAILED, True),
        ([error_of(Trouble.BROKEN, Reached.UNKNOWN)] * 3, State.FAILED, True),
    ],
    ids=["under way", "done", "refused", "never came", "at the second look", "nobody knows", "no answer"],
)
async def test_a_lost_answer_is_looked_for_before_it_is_doubtful(found, to, doubtful):
    for step in ("submit", "recover"):
        service = Searching(error_of(Trouble.BROKEN, Reached.UNKNOWN), *found)
        job = job_of(State.SUBMITTING, submitted_at=12.0)
        move = await getattr(stages_of(service), step)(job)
        assert_legal(job, move)
        assert (move.to, move.doubtful) == (to, doubtful), step
        assert service.asked[0] == ("job-1", 12.0)
        assert move.next_attempt is (to is State.CLEARED)


@pytest.mark.parametrize(
    ("found", "tries", "to"),
    [
        ([None, None, None], 0, State.CLEARED),
        ([None, None, None], SUBMIT_TRIES_MAX, State.FAILED),
        ([Absent()], 0, State.CLEARED),
        ([None, Pending(operation="found")], 0, State.RENDERING),
    ],
)
async def test_who_can_be_asked_and_says_that_it_can_not_serve_is_taken_at_its_word(found, tries, to):
    service = Searching(error_of(Trouble.BUSY, Reached.UNKNOWN), *found)
    job = job_of(State.SUBMITTING, submitted_at=12.0, tries=tries)
    move = await stages_of(service).submit(job)
    assert_legal(job, move)
    assert (move.to, move.doubtful) == (to, False)
    assert move.next_attempt is (to is State.CLEARED)
    assert service.asked


class Listening(Service):
    """A service that calls us."""

    listens = True

    async def hear(self, call):
        return None


async def test_what_a_service_called_to_tell_is_the_operation_of_a_lost_answer():
    service = Listening(error_of(Trouble.BROKEN, Reached.UNKNOWN))
    stages = stages_of(service, webhook=lambda job: f"https://us/webhooks/p?job={job.key()}")
    stages.lessons.calls["job-1"] = "told"
    move = await stages.submit(job_of(State.SUBMITTING))
    assert (move.to, move.operation) == (State.RENDERING, "told")
    stages.lessons.calls.clear()
    assert (await stages.submit(job_of(State.SUBMITTING))).doubtful


async def test_what_a_refusal_cost_is_booked_though_nobody_pays():
    for failed, spent, cost in (
        (Failed(detail="d", refused=True, withheld=True, cost_usd_micros=50_000), True, 50_000),
        (Failed(detail="d", refused=True, withheld=True, cost_usd_micros=0), False, 0),
        (Failed(detail="d", refused=True, withheld=True), True, None),
        (Failed(detail="d", refused=True), False, None),
    ):
        move = await stages_of(Service(failed)).submit(job_of(State.SUBMITTING))
        assert (move.capture, move.spent, move.cost_usd_micros) == (0, spent, cost)
