"""fal from the order to the picture: the running program, a strict local fal, real sockets."""

import asyncio
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.job import State
from tests.fakes.beside import beside
from tests.fakes.services import fal as fake
from tests.fakes.services import ground
from tests.fakes.services.posting import post

QUICK = "a red fox --model flux-schnell"


@pytest.fixture
async def fal():
    async with fake.fal() as service:
        yield service


@pytest.fixture
def far():
    """The same, for commands in this very process."""
    with beside(fake.fal()) as service:
        yield service


def section(fal, **more):
    return {
        "fal": {
            "base_url": fal.url,
            "api_key": fake.KEY,
            "jwks_url": f"{fal.url}/.well-known/jwks.json",
            **more,
        }
    }


async def asked(studio, fal, job):
    """The job when it is known to the service, with its operation written down."""
    job = await studio.until(job, lambda one: one.state is State.RENDERING or one.state.ended)
    return job, fal.last


async def test_a_call_ends_the_job_without_a_look_before_it_and_a_repeated_one_does_nothing(tmp_path, fal):
    # Looks are so rare that only a call can end the job while the test waits.
    async with ground.running(tmp_path, providers=section(fal, polls_per_s=0.001)) as studio:
        job, request = await asked(studio, fal, await studio.imagine("a red fox"))
        assert request.endpoint == "fal-ai/flux-pro/v1.1-ultra", "the default where fal is alone"
        looks = request.looks
        await fal.finish(request)
        job = await studio.over(job)
        assert (job.state, len(job.images), request.looks) == (State.FINISHED, 1, looks + 1)
        ((address, body, headers, status),) = fal.called
        assert status == 204
        assert await post(address, body, headers) == 204, "known already"
        assert await studio.house.store.jobs.get(job.id) == job
        assert (job.cost_usd_micros, fal.usd_micros) == (60_000, 60_000)


async def test_what_is_forged_or_late_or_of_another_job_wakes_nobody(tmp_path, fal):
    async with ground.running(tmp_path, providers=section(fal)) as studio:
        _, request = await asked(studio, fal, await studio.imagine("a red fox"))
        request.status = "IN_PROGRESS"
        body, headers = fal.signed(request)
        late = fal.signed(request, at=time.time() - 301)
        early = fal.signed(request, at=time.time() + 330)
        forged = fal.signed(request, signer=Ed25519PrivateKey.generate())
        changed = (body + b" ", headers)
        bare_body: tuple[bytes, dict[str, str]] = (body, {})
        for one in (late, early, forged, changed, bare_body):
            assert await post(request.webhook, *one) == 401
        bare = request.webhook.partition("?")[0]
        for address in (
            bare,
            f"{bare}?job=x",
            request.webhook[:-2],
            request.webhook.replace("/fal?", "/gateway?"),
        ):
            assert await post(address, body, headers) == 404
        assert request.looks <= 1


@pytest.mark.parametrize("loses", [False, True], ids=["answered", "answer lost"])
async def test_a_call_before_the_submits_answer_is_kept_for_it(tmp_path, fal, loses):
    fal.at_once, fal.cuts, fal.lists = True, int(loses), not loses
    async with ground.running(tmp_path, providers=section(fal, polls_per_s=0.001)) as studio:
        job = await studio.over(await studio.imagine("a red fox"))
        assert (job.state, fal.last.looks, len(fal.requests)) == (State.FINISHED, 1, 1)


async def test_a_call_that_is_lost_is_made_up_for_by_a_slow_look(tmp_path, fal):
    fal.calls = False
    async with ground.running(tmp_path, providers=section(fal)) as studio:
        job, request = await asked(studio, fal, await studio.imagine(QUICK))
        assert request.webhook
        await fal.finish(request)
        job = await studio.over(job)
        assert (job.state, request.looks) == (State.FINISHED, 1)


async def test_a_lost_answer_is_found_among_past_requests(tmp_path, fal):
    """Two orders of the same words: each knows its own, and nothing is paid twice."""
    fal.at_once, fal.cuts = True, 2
    async with ground.running(tmp_path, providers=section(fal), listens=False) as studio:
        jobs = await asyncio.gather(*[studio.imagine("a red fox") for _ in range(2)])
        jobs = [await studio.over(job) for job in jobs]
        assert [job.state for job in jobs] == [State.FINISHED] * 2
        assert {job.operation for job in jobs} == set(fal.requests)
        assert sum(job.cost_usd_micros for job in jobs) == fal.usd_micros == 120_000


@pytest.mark.parametrize(
    ("error", "nsfw", "state"),
    [((422, "content_policy_violation"), False, State.REFUSED), (None, True, State.WITHHELD)],
)
async def test_a_refusal_costs_nobody_here_anything(tmp_path, fal, error, nsfw, state):
    fal.at_once, fal.error, fal.nsfw = True, error, nsfw
    async with ground.running(tmp_path, providers=section(fal)) as studio:
        before = await studio.credits()
        job = await studio.over(await studio.imagine("a red fox"))
        assert (job.state, await studio.credits()) == (state, before)
        assert job.cost_usd_micros == fal.usd_micros, "a black picture is billed, a refused prompt is not"


def test_with_its_key_alone_the_terminal_draws_and_check_tells_the_money(tmp_path, far):
    far.at_once = True
    program = ground.Program(tmp_path, section(far))
    drawn = program.json("imagine", "a red fox --ar 21:9", "-o", str(tmp_path))
    assert (drawn["state"], drawn["model"]) == ("finished", "flux-1.1-pro-ultra")
    assert far.last.input["aspect_ratio"] == "21:9"
    (row,) = [row for row in program.json("check")["checks"] if row["name"] == "fal"]
    assert row["ok"], row
    assert "$12.50 left" in row["detail"]


def test_check_says_that_the_key_is_wrong(tmp_path, far):
    found = ground.Program(tmp_path, section(far, api_key="wrong")).json("check", code=1)
    (row,) = [row for row in found["checks"] if row["name"] == "fal"]
    assert not row["ok"]
    assert "api_key" in row["fix"]
