"""When to look again: bounds that always hold, and what learning is worth."""

import bisect
import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.pacing import LONG_S, TOGETHER_S, LeakyBucket, Memory, Pacing, _tabulated

PACING = Pacing()
MEMORIES = st.builds(
    Memory,
    mean=st.floats(-3, 8),
    jobs=st.floats(0.1, 60),
    shape=st.floats(0.1, 60),
    scale=st.floats(1e-9, 1e3),
)


def looks(pacing, memory, until_s, budget=None):
    at = [0.0]
    while at[-1] < until_s:
        at.append(at[-1] + pacing.next_poll(at[-1], memory, budget))
    return at[1:]


def watched(pacing, memory, duration_s):
    """Lag, polls, and the memory after one job."""
    at = before = 0.0
    polls = 0
    while at < duration_s:
        before, at, polls = at, at + pacing.next_poll(at, memory), polls + 1
    return at - duration_s, polls, pacing.learn(memory, at, unfinished_at_s=before)


@given(MEMORIES, st.floats(-5, 10_000), st.none() | st.floats(0, 500))
def test_no_wait_is_too_short_or_too_long(memory, elapsed_s, budget):
    wait_s = PACING.next_poll(elapsed_s, memory, budget)
    assert 0.1 <= wait_s <= 10.0
    assert max(0.0, elapsed_s) + wait_s >= 0.2


@given(MEMORIES, st.floats(0, 1_000), st.floats(0, 1_000))
def test_a_later_look_is_followed_by_a_later_look(memory, first_s, second_s):
    early, late = sorted((first_s, second_s))
    assert early + PACING.next_poll(early, memory) <= late + PACING.next_poll(late, memory) + 1e-6


@given(MEMORIES, st.floats(0, 2_000), st.none() | st.floats(-10, 3_000))
def test_learning_keeps_the_memory_sound(memory, duration_s, unfinished_at_s):
    learned = PACING.learn(memory, duration_s, unfinished_at_s=unfinished_at_s)
    assert all(map(math.isfinite, learned))
    assert min(learned.jobs, learned.shape) > 0
    assert learned.scale >= 0
    assert learned.jobs <= 60.0 + 1e-6


def test_before_the_first_job_the_guess_is_the_models():
    assert PACING.usual_s(Memory.fresh()) == pytest.approx(12.0)
    assert PACING.usual_s(Memory.fresh(30.0)) == pytest.approx(30.0)
    assert Memory.fresh().spread == pytest.approx(0.9)
    assert Memory.fresh(-1.0) == Memory.fresh()


@pytest.mark.parametrize(
    "kept", [None, (), (1.0, 2.0), (math.nan, 1, 1, 1), (1, -1, 1, 1), (99, 1, 1, 1), (1, 1, 1, 0)]
)
def test_a_memory_that_makes_no_sense_is_forgotten(kept):
    assert Memory.of(kept, 7.0) == Memory.fresh(7.0)


def test_a_memory_survives_the_store():
    memory = PACING.learn(Memory.fresh(), 8.0)
    assert Memory.of(list(memory)) == memory


def test_a_memory_with_more_in_it_is_read_by_the_numbers_that_we_know():
    memory = PACING.learn(Memory.fresh(), 8.0)
    assert Memory.of([*memory, {"tomorrow": 5}, "x"]) == memory
    assert Memory.of([*memory[:3], "x", 1.0], 7.0) == Memory.fresh(7.0)


def test_the_budget_is_about_what_a_job_costs():
    rng = random.Random(1)
    memory = Memory(math.log(12.0), 60, 30, 30 * 0.4**2)
    for budget in (5.0, 10.0, 20.0):
        at = looks(PACING, memory, 200.0, budget)
        durations = [rng.lognormvariate(math.log(12.0), 0.4) for _ in range(2_000)]
        polls = sum(bisect.bisect_left(at, d) + 1 for d in durations)
        assert polls / len(durations) == pytest.approx(budget, rel=0.15)


def test_learning_finds_the_models_duration_although_it_is_seen_late():
    rng = random.Random(2)
    memory, pacing = Memory.fresh(), Pacing(polls=5.0)
    for _ in range(300):
        memory = watched(pacing, memory, rng.lognormvariate(math.log(25.0), 0.3))[2]
    assert pacing.usual_s(memory) == pytest.approx(25.0, rel=0.12)
    assert memory.spread == pytest.approx(0.3, rel=0.3)


def test_drift_is_followed_within_a_memory_of_jobs():
    memory = Memory.fresh()
    for duration_s in [8.0] * 100 + [24.0] * 120:
        memory = PACING.learn(memory, duration_s)
    assert PACING.usual_s(memory) == pytest.approx(24.0, rel=0.2)


def test_twenty_jobs_teach_most_of_it():
    rng = random.Random(3)
    memory, costs = Memory.fresh(), []
    for _ in range(400):
        lag, polls, memory = watched(PACING, memory, rng.lognormvariate(math.log(6.0), 0.4))
        costs.append(lag * polls)
    assert sum(costs[20:200]) <= 1.15 * sum(costs[220:400])


def test_many_jobs_under_a_limit_share_it():
    memory = Memory.fresh(12.0)
    load = PACING.load(memory)
    assert PACING.budget(load, 50.0) == PACING.polls
    assert PACING.budget(1_000 * load, 0.0) == PACING.polls
    assert PACING.budget(0.0, 50.0) == PACING.polls
    assert PACING.budget(2_000 * load, 50.0) < 1.0


def test_the_bucket_spaces_polls_and_keeps_their_order():
    bucket = LeakyBucket(10.0, share=1.0)
    assert [round(bucket.reserve(5.0), 3) for _ in range(4)] == [0.0, 0.1, 0.2, 0.3]
    assert bucket.wait_s(5.05) == pytest.approx(0.35)
    assert bucket.reserve(9.0) == 0.0
    assert bucket.reserve(9.0) == pytest.approx(0.1)


def test_a_second_never_holds_more_polls_than_the_limit():
    bucket, rng, now, went = LeakyBucket(50.0), random.Random(4), 0.0, []
    for _ in range(500):
        now += rng.expovariate(80)
        went.append(now + bucket.reserve(now))
    assert max(sum(t <= u < t + 1 for u in went) for t in went) <= 50


@pytest.mark.parametrize("seed", range(12))
def test_nor_where_crowds_come_and_go(seed):
    """Who waits for long comes in moments, who doesn't by themselves: neither makes a second too full for the other."""
    bucket, rng, now, went = LeakyBucket(50.0), random.Random(seed), 1000.0 * seed, []
    for _ in range(1500):
        crowd = 60 if int(now) % 7 < 3 else 25
        now += rng.expovariate(crowd) if rng.random() < 0.99 else 0.0
        went.append(now + bucket.reserve(now))
    assert went == sorted(went)
    assert max(bisect.bisect_left(went, t + 1) - at for at, t in enumerate(went)) <= 50
    assert len(went) / (went[-1] - went[0]) > 25


@pytest.mark.parametrize("limit", [1, 3, 4, 7, 10])
def test_nor_where_the_limit_is_low(limit):
    """A moment is a good part of the gap then; who waits for long is parked until it (bot/jobs/parking.py)."""
    for seed in range(8):
        bucket, rng, now, went = LeakyBucket(limit), random.Random(seed), 1000.3 * seed, []
        for _ in range(1000):
            now += rng.expovariate(0.2) if rng.random() < 0.05 else 0.0
            now += rng.expovariate(limit * rng.choice((0.5, 1, 2, 5))) if rng.random() < 0.5 else 0.0
            wait_s = bucket.reserve(now)
            place = (now + wait_s) / TOGETHER_S
            went.append(TOGETHER_S * (math.ceil(place - 0.05) if wait_s >= LONG_S else place))
        went.sort()
        assert max(bisect.bisect_left(went, t + 1 - 1e-9) - at for at, t in enumerate(went)) <= limit


def test_who_waits_for_long_comes_with_others_and_none_is_too_early():
    bucket = LeakyBucket(50.0)
    went = [100.0 + bucket.reserve(100.0) for _ in range(1000)]
    late = went[100:]
    assert 9.5 < len(late) / len(set(late)) < 10.5
    even = [100.0 + n / 47.5 for n in range(1000)]
    assert all(-1e-6 < at - place < TOGETHER_S + 1e-6 for at, place in zip(went, even, strict=True))
    assert bucket.reserve(500.0) == 0.0


def test_no_limit_makes_nobody_wait():
    bucket = LeakyBucket(0.0)
    assert [bucket.reserve(1.0) for _ in range(3)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("spread", [0.04, 0.4, 1.5])
def test_the_tables_rise(spread):
    table = _tabulated(spread)
    assert all(a < b for a, b in itertools.pairwise(table.times))
    assert all(a < b for a, b in itertools.pairwise(table.effort))
    assert all(a >= b for a, b in itertools.pairwise(table.unfinished))
