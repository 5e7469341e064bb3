"""Every service as it is, over real sockets to its strict server: killed at each step, and wrong in each known way.

A sample of each; `python -m tests.chaos.services` goes through all of them.
"""

import random
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.job import State
from tests.chaos.far_services import KINDS, SAID_NO, TAKEN, UNHEARD, Coast
from tests.chaos.lives import make_template
from tests.chaos.service_lives import Left, Story, told
from tests.chaos.services import PAIRS, SHM, stormy
from tests.chaos.virtual_time import run

KILLS, STORMS = 4, 1
EVERY = [*KINDS.values()]
CALLING = [kind for kind in EVERY if kind.calls]


@pytest.fixture(scope="module")
def coast():
    coast = Coast()
    yield coast
    coast.close()


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


@pytest.fixture
def tell(coast, template):
    """Lives a story, in which every promise is kept."""

    def told_well(story: Story) -> Left:
        left = told(coast, template, story)
        killed = [life.life.where for life in left.lives if life.killed]
        assert left.problems == [], f"{story}, killed {killed}"
        return left

    return told_well


def where(steps: list[str], *parts: str) -> list[int]:
    """The numbers of the steps that are about one of these."""
    return [n for n, step in enumerate(steps, 1) if step.split()[-1] in parts]


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_kills_around_the_service_and_elsewhere_lose_and_double_nothing(tell, kind, seed):
    undisturbed = tell(Story(kinds=(kind,)))
    assert (undisturbed.job.state, undisturbed.job.cost_usd_micros) == (
        State.FINISHED,
        kind.micros[kind.model],
    )
    around = where(undisturbed.steps, "submit", "fetch")
    steps = {*around, *random.Random(seed).sample(range(1, len(undisturbed.steps)), KILLS)}
    fired = sum(tell(Story(kinds=(kind,), kills=(step,))).lives[0].killed for step in steps)
    assert fired >= len(around)


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_an_order_whose_answer_is_lost_is_billed_once_at_most(tell, kind):
    for fault in (UNHEARD[0], UNHEARD[1], *TAKEN[:3]):
        left = tell(Story(kinds=(kind,), orders=(fault,)))
        assert left.job.state is State.FINISHED or left.job.doubtful
        assert left.bills == {kind.name: int(fault in TAKEN or left.job.state is State.FINISHED)}
        if fault in TAKEN and kind.tells:
            assert left.job.state is State.FINISHED, "what can be told is in no doubt"


@pytest.mark.parametrize("kind", CALLING, ids=str)
@pytest.mark.parametrize("fault", [None, "cut-taken", "hang-taken"])
def test_a_call_that_comes_twice_and_before_the_answer_ends_one_picture(tell, kind, fault):
    left = tell(Story(kinds=(kind,), calls=True, orders=(fault,)))
    assert (left.job.state, left.job.doubtful, left.bills) == (State.FINISHED, False, {kind.name: 1})


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_looks_and_pictures_that_fail_for_a_while_cost_nothing_more(tell, kind):
    tell(Story(kinds=(kind,), looks=("500", "cut", "hang", "429", "503")))
    tell(Story(kinds=(kind,), files=("503", "404", "cut")))


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_a_storm_breaks_no_promise(tell, kind, seed):
    rng = random.Random(seed)
    for _ in range(STORMS):
        tell(stormy((kind,), rng))


# ── Two routes ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("first", "second", "model"), PAIRS)
def test_after_a_known_no_the_next_draws_and_in_doubt_nobody_does(tell, first, second, model):
    story = Story(kinds=(KINDS[first], KINDS[second]), model=model)
    for fault in (*SAID_NO[:4], "cut-taken"):
        left = tell(replace(story, orders=(fault,) * 3))
        if fault in SAID_NO:
            assert left.bills == {first: 0, second: 1}, fault
            assert (left.job.state, left.job.order.provider) == (State.FINISHED, second)
        else:
            assert left.bills[second] == 0, "the first may have drawn"


@pytest.mark.parametrize(("first", "second", "model"), PAIRS)
def test_a_kill_between_two_routes_pays_nothing_twice(tell, first, second, model):
    story = Story(kinds=(KINDS[first], KINDS[second]), model=model, orders=("402",) * 3)
    for step in where(tell(story).steps, "submit"):
        tell(replace(story, kills=(step,)))


# ── The judge ────────────────────────────────────────────────────────────────────────────────────────


def test_a_bill_that_the_books_do_not_know_is_found(coast, template):
    kind = KINDS["xai"]
    dearer = replace(kind, micros={kind.model: kind.micros[kind.model] + 1})
    assert [
        problem for problem in told(coast, template, Story(kinds=(dearer,))).problems if "booked" in problem
    ]
