"""kill -9 at every step and pair of steps, by enumeration: books, messages and the bill come out right.

A schedule counts only when its kill fired. Virtual time: a job's ten minutes take milliseconds.
"""

import itertools
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.job import State
from tests.chaos.far_side import DRAWS_S, Chat, Painter
from tests.chaos.lives import Lived, World, fresh_world, job_of, live, make_template, settings_of
from tests.chaos.virtual_time import run
from tests.fakes.there import there

SHM = Path("/dev/shm")
TAKEN_UP_S = 12.0  # after a restart (docs/architecture.md, section 10)
PAIRS = 10  # of each case; -m long has all


@dataclass(frozen=True)
class Case:
    name: str
    model: str
    honours_keys: bool
    uncertain: str = "fail"
    nonces: bool = True
    images: int = 1
    given: int = 0

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("async", "slow-brush", honours_keys=False),
    Case("async, keys", "slow-brush", honours_keys=True, nonces=False),
    Case("sync", "quick-brush", honours_keys=False, images=2),
    Case("sync, keys", "quick-brush", honours_keys=True, images=2),
    Case("sync, retry", "quick-brush", honours_keys=False, uncertain="retry"),
    Case("given", "slow-brush", honours_keys=False, given=2),
    Case("given, keys", "quick-brush", honours_keys=True, given=2),
]


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


def schedule(template: Path, case: Case, kills: tuple[int, ...]) -> list[Lived]:
    """Lives with these kills, then one that is left alone; answers them all after checking the world."""

    async def story() -> list[Lived]:
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=case.honours_keys),
            chat=Chat(nonces=case.nonces),
            settings=settings_of(case.uncertain),
            request=f"a red fox --model {case.model} --n {case.images}",
            given=case.given,
        ) as world:
            lives = []
            for kill_at in (*kills, None):
                lives.append(await live(world, kill_at))
                if not lives[-1].killed:
                    break
            try:
                await check(world, case, lives)
            except AssertionError as error:
                error.add_note(f"{case}: killed {[life.life.where for life in lives if life.killed]}")
                raise
            return lives

    return run(story())


async def check(world: World, case: Case, lives: list[Lived]) -> None:
    store = await world.open_store()
    try:
        job = await job_of(store)
        assert job is not None, "the job is lost"
        assert job.state.ended
        assert await store.ledger.problems() == []
        assert job.captured_credits == 10 * len(job.images)
        if convicted(lives) and job.state is State.FAILED:
            assert job.reason in ("failed-images", "input-not-a-picture")
            assert job.captured_credits == 0
        else:
            check_bill(world, case, job, kills=sum(life.killed for life in lives))
        await check_files(world, case, job)
        messages = await store.messages.of(job.id)
        assert [m.shown for m in messages] == [job.version]
        check_chat(world, job, there(messages[0].handle).key, kills=sum(life.killed for life in lives))
        if job.state is State.FINISHED and not convicted(lives):
            # Without keys, what was kept before the kill is all that there is: paid for, and no more.
            assert len(job.images) == case.images or (job.reason == "partial" and not case.honours_keys)
        assert there(job.ended_at) - lives[-1].began_at <= TAKEN_UP_S + DRAWS_S + 3 * case.honours_keys + 1
    finally:
        await store.aclose()


async def check_files(world: World, case: Case, job) -> None:
    """What no row names is the collector's: it takes what is under a job that is over."""
    listed = {meta["path"] for page in world.bucket.list() for meta in page}
    known = {asset.key for asset in job.assets}
    assert known <= listed, "a row without a file"
    assert all(key.startswith(f"pictures/{job.id}/") for key in listed)
    if job.state is State.FINISHED:
        assert [asset.index for asset in job.given] == list(range(1, case.given + 1))
    assert {bill.inputs for bill in world.painter.bills} <= {tuple(a.sha256 for a in job.given)}


def convicted(lives: list[Lived]) -> bool:
    """Whether a second process ended while a picture was in its hands: nobody tries that a third time."""
    return any(life.killed and life.in_hand for life in lives)


def check_bill(world: World, case: Case, job, *, kills: int) -> None:
    billed = len(world.painter.bills)
    if case.honours_keys:
        assert job.state is State.FINISHED
        assert billed == 1
    elif case.uncertain == "retry":
        assert job.state is State.FINISHED
        assert 1 <= billed <= 1 + kills
        assert billed == 1 or job.doubtful
    else:
        assert billed <= 1, "billed twice without being asked to retry"
        if job.state is State.FINISHED:
            assert billed == 1
        else:
            assert (job.state, job.reason, job.doubtful) == (State.FAILED, "failed-uncertain", True)


def check_chat(world: World, job, known: str, *, kills: int) -> None:
    said = world.chat.messages[known].card
    assert said.phase == ("finished" if job.state is State.FINISHED else "over")
    assert said.state == job.state
    orphans = len(world.chat.messages) - 1
    assert orphans == 0 if world.chat.nonces else orphans <= kills


def enumerate_kills(template: Path, case: Case) -> tuple[int, list[Lived]]:
    fired, missed, lives = 0, 0, []
    for step in itertools.count(1):
        lives = schedule(template, case, (step,))
        fired += lives[0].killed
        missed = 0 if lives[0].killed else missed + 1
        if missed == 3:
            return fired, lives
    raise AssertionError


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_kill_at_every_step_leaves_nothing_behind(template, case):
    # One life in twenty has a look and a claim more, by a hair: the shortest is what all have.
    steps = min(schedule(template, case, ())[0].life.steps for _ in range(3))
    fired, _ = enumerate_kills(template, case)
    print(f"{case}: {fired} schedules, {steps} steps undisturbed")
    assert fired >= steps * 9 // 10  # a life with a kill in it may have some looks and claims less
    assert fired > 30


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sampled_pairs_of_kills_leave_nothing_behind(template, case, seed):
    rng = random.Random(seed)
    # On a busy machine one life in a hundred looks twice as often; kills in steps that others lack would not fire.
    steps = min(schedule(template, case, ())[0].life.steps for _ in range(3))
    fired = 0
    for _ in range(PAIRS):
        pair = (rng.randint(1, steps), rng.randint(1, steps))
        try:
            fired += sum(life.killed for life in schedule(template, case, pair)) == 2
        except AssertionError as error:
            error.add_note(f"pair {pair}")
            raise
    print(f"{case}: {fired} of {PAIRS} pairs fired")
    assert fired > PAIRS // 4


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_pair_of_kills_leaves_nothing_behind(template, case):
    steps = schedule(template, case, ())[0].life.steps
    fired = 0
    for pair in itertools.product(range(1, steps + 1), repeat=2):
        fired += sum(life.killed for life in schedule(template, case, pair)) == 2
    print(f"{case}: {fired} pairs fired")
