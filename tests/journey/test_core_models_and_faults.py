"""Every model with every documented parameter, and every named fault, through one house over sockets."""

import asyncio

import pytest

from bot.configuration import config
from bot.house.app import open_app
from bot.job import State
from bot.ports import Ask, Place, Requester
from integrations.providers.gateway import load_models
from integrations.simulator.app import simulator
from integrations.simulator.fault_list import FAULTS
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

SYNC, ASYNC = "gemini-2.5-flash-image", "black-forest-labs/flux-2-pro"
MODELS = load_models()
# A flood of 200 MB each is a matter of the fetch's own tests; here one of each kind.
GOOD = {
    "slow", "more_images", "poll_404_once", "poll_500_once", "uppercase_status", "succeeded_status", "unknown_status",
    "jpeg_image", "webp_image", "wrong_media_type", "black_image", "credits_error", "credits_garbage", "models_error",
    "models_garbage",
}  # fmt: skip


# Short, since faults wait for them; a busy machine needs more for a picture without one.
SHORT = {"timeout_s": 3, "submit_timeout_s": 3, "poll_timeout_s": 1}, {"timeout_s": 2}, 12
PATIENT = {"timeout_s": 60, "submit_timeout_s": 60, "poll_timeout_s": 60}, {"timeout_s": 60}, PATIENCE_S


def settings_of(folder, simulation, limits):
    gateway, fetch, deadline_s = limits
    return config.load(
        None,
        environ={},
        store={"url": f"sqlite:///{folder}/easel.db"},
        assets={"url": str(folder / "assets")},
        gateway={"base_url": simulation.base_url, "api_key": simulation.api_key, **gateway},
        fetch={"allow_hosts": [simulation.address], "limit_mb": 4, **fetch},
        quotas={"daily_allowance": 1_000_000},
        limits={"per_requester": 1000, "per_community": 1000},
        worker={"grace_s": 1, "deadline_s": deadline_s},
        log={"level": "error"},
    )


async def end_of(house, text):
    """Orders as a terminal without a message would, and waits for the end."""
    ask = Ask(
        requester=Requester(surface="cli", community="local", user=text),
        place=Place(address=None),
        text=text,
        request_key=text,
    )
    job = (await house.studio.imagine(ask)).job
    while not job.state.ended:
        await asyncio.sleep(0.05)
        job = await house.store.jobs.get(job.id)
    return job


@pytest.fixture
async def house(tmp_path, request):
    limits = getattr(request, "param", PATIENT)
    async with (
        simulator(latency=False, tiny_images=True, slow_s=3) as simulation,
        open_app(settings_of(tmp_path, simulation, limits)) as opened,
    ):
        working = asyncio.create_task(there(opened.worker).run())
        try:
            yield opened, simulation
        finally:
            await there(opened.worker).stop()
            await working


def orders_of(model):
    """The plain order, every value of every parameter, and several images."""
    yield f"a fox --model {model.id}"
    for name, values in model.parameters.items():
        if name in ("number_of_images", "n"):
            continue
        for value in values or (("blurry",) if name == "negative_prompt" else ("7",)):
            yield f"a fox --model {model.id} --{_flag(name)} {value}"
    yield f"a fox --model {model.id} --n {model.images_max}"


def _flag(name):
    return {"aspect_ratio": "ar", "negative_prompt": "no", "image_size": "size", "resolution": "size"}.get(
        name, name.replace("_", "-")
    )


@pytest.mark.parametrize("model", MODELS, ids=[m.id.rpartition("/")[2] for m in MODELS])
async def test_every_model_draws_with_every_documented_parameter(house, model):
    opened, simulation = house
    texts = list(orders_of(model))
    jobs = await asyncio.gather(*(end_of(opened, text) for text in texts))
    odd = {job.order.typed: (job.state, job.detail) for job in jobs if job.state is not State.FINISHED}
    assert not odd
    assert [len(job.images) for job in jobs] == [job.order.images for job in jobs]
    for text, job in zip(texts, jobs, strict=True):
        assert job.captured_credits == job.order.credits, text
    assert simulation.bill.credits == sum(job.captured_credits for job in jobs)
    assert await opened.store.ledger.problems() == []


@pytest.mark.parametrize(
    ("house", "good"),
    [(PATIENT, True), (SHORT, False)],
    indirect=["house"],
    ids=["a picture comes", "it may fail"],
)
async def test_every_named_fault_ends_every_job_with_the_books_in_order(house, good):
    """Those after which a picture must come have the time that a busy machine needs for it."""
    opened, simulation = house
    faults = [fault for fault in FAULTS if (fault in GOOD) is good]
    texts = {
        (fault, model): f"a fox [sim:{fault}] --model {model}" for fault in faults for model in (SYNC, ASYNC)
    }
    for name in ("credits_error", "models_error"):
        simulation.arm(name)
    await opened.chores.look_at_standing()
    async with asyncio.timeout(PATIENCE_S):
        jobs = dict(
            zip(texts, await asyncio.gather(*(end_of(opened, t) for t in texts.values())), strict=True)
        )
    for (fault, model), job in jobs.items():
        where = f"{fault} at {model}: {job.state} {job.reason} {job.detail}"
        assert (job.captured_credits > 0) is (job.state is State.FINISHED), where
        assert job.captured_credits == job.order.credits_each * len(job.images), where
        if good:
            assert job.state is State.FINISHED, where
        if job.state is not State.FINISHED:
            assert opened.words.knows(job.reason), where
    assert not [key for key, times in simulation.bill.by_key.items() if times > 1], "a double submit"
    assert await opened.store.ledger.problems() == []
    async with asyncio.timeout(PATIENCE_S):
        while opened.worker.line.in_flight:  # what has just ended may still be tidied up
            await asyncio.sleep(0.01)
    ends = {state: sum(job.state is state for job in jobs.values()) for state in State if state.ended}
    print(f"{len(jobs)} jobs under {len(faults)} faults: {ends}")
