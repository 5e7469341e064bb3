"""What each trouble of a provider becomes: the mapping tables of the stages."""

import itertools
import random

import pytest

from bot.community.conduct import Conduct
from bot.errors import FetchRefused, ProviderError, Reached, Trouble
from bot.job import Job, Move, State, assert_legal
from bot.jobs.finish import Finisher
from bot.jobs.stages import (
    ATTEMPTS_MAX,
    MISSES_MAX,
    SUBMIT_TRIES_MAX,
    Stages,
    Wait,
    Watch,
)
from bot.model import Order
from bot.moderation.panel import Panel
from bot.order.catalog import Openness
from bot.ports import Failed, Finished, InlineImage, Pending, Policy, Requester
from bot.telemetry import Metrics

DEFINITE = {Trouble.KEY, Trouble.BALANCE, Trouble.MODEL_CLOSED, Trouble.ORDER}


class Service:
    """The far side, with an answer or an error in store."""

    name = "p"
    models = ()
    polls_per_s = 10.0

    def __init__(self, answer, *, honours_keys=False):
        self.answer, self.honours_keys, self.keys = answer, honours_keys, []

    async def submit(self, order, *, key):
        self.keys.append(key)
        return self._answered()

    async def poll(self, operation, *, model):
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


async def lenient(_job):
    return Conduct(Policy())


def stages_of(service, *, uncertain="fail", kept=None, conduct=lenient):

    return Stages(
        providers={"p": service} if service else {},
        openness=Openness(),
        panel=Panel([], names_youth=lambda _: False),
        finisher=kept or Kept(),
        conduct=conduct,
        uncertain=uncertain,
        metrics=Metrics(),
        rng=random.Random(1),
    )


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
    assert await stages.screen(job_of(State.ACCEPTED)) == Move(to=State.CLEARED)


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
    stages = stages_of(Service(None))
    for trouble in (Trouble.MODEL_CLOSED, Trouble.BALANCE):
        move = await stages_of(Service(error_of(trouble, Reached.YES))).submit(job_of(State.SUBMITTING))
        stages.remember(job_of(State.SUBMITTING), move, now=100.0)
