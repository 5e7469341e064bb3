"""Replicate from the order to the picture: the running program, a strict local Replicate, real sockets."""

import asyncio
import time

import pytest

from bot.job import State
from tests.fakes.beside import beside
from tests.fakes.services import ground
from tests.fakes.services import replicate as fake
from tests.fakes.services.posting import post

QUICK = "a red fox --model flux-schnell"


@pytest.fixture
async def replicate():
    async with fake.replicate() as service:
        yield service


def section(replicate, **more):
    base = {"base_url": f"{replicate.url}/v1", "api_key": fake.KEY, "webhook_secret": fake.SECRET}
    return {"replicate": base | more}


async def asked(studio, replicate, job):
    """The job when it is known to the service, with its operation written down."""
    job = await studio.until(job, lambda one: one.state is State.RENDERING or one.state.ended)
    return job, replicate.last


async def test_a_call_ends_the_job_and_a_repeated_or_forged_one_does_nothing(tmp_path, replicate):
    # Looks are so rare that only a call can end the job while the test waits.
    async with ground.running(tmp_path, providers=section(replicate, polls_per_s=0.001)) as studio:
        job, one = await asked(studio, replicate, await studio.imagine("a red fox --model flux-2-pro"))
        assert (one["model"], one["input"]["resolution"]) == ("black-forest-labs/flux-2-pro", "1 MP")
        hook = replicate.hooks[one["id"]]
        done = one | {"status": "succeeded"}
        body, headers = replicate.signed(done)
        forged: list[tuple[bytes, dict[str, str]]] = [
            replicate.signed(done, at=time.time() - 301),
            replicate.signed(done, secret=b"another"),
            (body + b" ", headers),
            (body, {}),
        ]
        assert [await post(hook, *call) for call in forged] == [401] * 4
        looks = replicate.looks[one["id"]]
        await replicate.finish(one)
        job = await studio.over(job)
        assert (job.state, len(job.images)) == (State.FINISHED, 1)
        assert replicate.looks[one["id"]] == looks + 1
        ((_, body, headers, status),) = replicate.called
        assert (status, await post(hook, body, headers)) == (204, 204)
        assert await studio.house.store.jobs.get(job.id) == job
        assert job.cost_usd_micros == 30_000, "by the table: it tells no cost"


@pytest.mark.parametrize("loses", [False, True], ids=["answered", "answer lost"])
async def test_a_call_before_the_submits_answer_is_kept_for_it(tmp_path, replicate, loses):
    replicate.at_once, replicate.cuts = True, int(loses)
    async with ground.running(tmp_path, providers=section(replicate, polls_per_s=0.001)) as studio:
        job = await studio.over(await studio.imagine("a red fox"))
        assert (job.state, len(replicate.predictions)) == (State.FINISHED, 1)


async def test_a_call_that_is_lost_is_made_up_for_by_a_slow_look(tmp_path, replicate):
    replicate.calls = False
    async with ground.running(tmp_path, providers=section(replicate)) as studio:
        job, one = await asked(studio, replicate, await studio.imagine(QUICK))
        assert replicate.hooks[one["id"]]
        await replicate.finish(one)
        assert (await studio.over(job)).state is State.FINISHED


@pytest.mark.parametrize("listed", [False, True], ids=["inputs left out", "inputs listed"])
async def test_a_lost_answer_is_found_in_the_list(tmp_path, replicate, listed):
    """Two orders of the same words: each knows its own, and nothing is paid twice."""
    replicate.at_once, replicate.cuts, replicate.inputs_listed = True, 2, listed
    async with ground.running(tmp_path, providers=section(replicate), listens=False) as studio:
        jobs = await asyncio.gather(*[studio.imagine("a red fox") for _ in range(2)])
        jobs = [await studio.over(job) for job in jobs]
        assert [job.state for job in jobs] == [State.FINISHED] * 2
        assert {job.operation for job in jobs} == set(replicate.predictions)


@pytest.mark.parametrize(
    ("more", "state", "images"),
    [
        ({"error": "The input was flagged as sensitive (E005)"}, State.REFUSED, 0),
        ({"keeps_back": 2}, State.WITHHELD, 0),
        ({"keeps_back": 1}, State.FINISHED, 1),
    ],
)
async def test_what_is_kept_back_nobody_pays(tmp_path, replicate, more, state, images):
    replicate.at_once = True
    for name, value in more.items():
        setattr(replicate, name, value)
    async with ground.running(tmp_path, providers=section(replicate)) as studio:
        before = await studio.credits()
        job = await studio.over(await studio.imagine(f"{QUICK} --n 2"))
        assert (job.state, len(job.images)) == (state, images)
        assert before - await studio.credits() == images * job.order.credits_each


def test_with_its_key_alone_the_terminal_draws_and_check_tells_a_wrong_key(tmp_path):
    with beside(fake.replicate()) as replicate:
        replicate.at_once = True
        drawn = ground.Program(tmp_path, section(replicate)).json("imagine", "a red fox", "-o", str(tmp_path))
        found = ground.Program(tmp_path, section(replicate, api_key="wrong")).json("check", code=1)
    assert (drawn["state"], drawn["model"]) == ("finished", "flux-1.1-pro-ultra")
    (row,) = [row for row in found["checks"] if row["name"] == "replicate"]
    assert not row["ok"]
    assert "api_key" in row["fix"]
