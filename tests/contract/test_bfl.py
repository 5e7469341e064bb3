"""Black Forest Labs' models keep the provider's laws, and their own: a task is where its submit says."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.check_services import provider_row as row_of
from bot.errors import ProviderError, Reached, Trouble
from bot.job import State
from bot.model import Order, Use
from bot.provider import Call, Failed, Finished, Heard, Input, Pending, RemoteImage, Standing
from integrations.providers.bfl import BflSettings, open_bfl
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import bfl as local
from tests.fakes.services import ground
from tests.fakes.services.pictures import grey, png

PRO = "black-forest-labs/flux-2-pro"
WEBHOOK_SECRET = "a-long-text-of-ours"
AT = "https://api.eu2.bfl.ai/v1/get_result?id=t-1"
SAMPLE = "https://delivery-eu1.bfl.ai/results/1.png?sig=1"
READY = {"id": "t-1", "status": "Ready", "result": {"sample": SAMPLE, "seed": 7}}


def order(**more) -> Order:
    known: dict[str, Any] = {
        "provider": "bfl",
        "model": PRO,
        "wire": "flux-2-pro",
        "prompt": PROMPT,
        "credits_each": 30,
        "usd_micros_each": 30_000,
    }
    return Order(**(known | more))


def settings(url: str, **more) -> BflSettings:
    return BflSettings(
        base_url=url, api_key=SecretStr(SECRET), webhook_secret=SecretStr(WEBHOOK_SECRET), **more
    )


def open_within(url: str, within_s: float):
    limits = dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)
    return open_bfl(settings(url, **limits))


def given(data: bytes = b"a picture") -> Input:
    return Input(data=data, media_type="image/png", sha256="ab" * 32, width=8, height=8)


def call(at: float) -> Call:
    body, headers = local.call_of("t-9", WEBHOOK_SECRET)
    return Call(headers=headers, query={"job": "x"}, body=body, at=at)


class TestBfl(ProviderContract):
    parameters = frozenset({"aspect_ratio", "resolution", "seed", "size"})

    @pytest.fixture
    def subject(self, server) -> Subject:
        """Tasks of this subject are looked at below its own base."""
        operation = f"{server.url}/get_result?id=t-1"
        return Subject(
            open=open_within,
            order=order(),
            given=(given(),),
            order_of_given=order(inputs=1),
            submitted=Reply(body={"id": "t-1", "polling_url": operation, "cost": None}),
            operation=operation,
            under_way=Reply(body={"id": "t-1", "status": "Pending", "result": None}),
            finished=Reply(body=READY),
            failed=Reply(body={"id": "t-1", "status": "Error", "details": {"error": "out of memory"}}),
            poll_refusals=(
                Reply(body={"status": "Request Moderated", "result": None, "details": {"Moderation Reasons": ["x"]}}),
                Reply(body={"status": "Content Moderated", "result": None}),
                Reply(body={"state": "content_moderated", "result": {"sample": SAMPLE}}),
            ),
            unreadable=(Reply(body={}), Reply(body={"id": 5}), Reply(body={"id": ".."}), Reply(body={"id": "a b"})),
            meanings={403: (Reached.YES, Trouble.KEY)},
            costs=(
                (Reply(body=READY | {"cost": 4.5}), 45_000),
                (Reply(body=READY | {"cost": 0}), 0),
                (Reply(body={"status": "Content Moderated", "cost": 3}), 30_000),
                (Reply(body={"status": "Request Moderated", "cost": 0}), 0),
                (Reply(body={"status": "Failed", "cost": 1.5}), 15_000),
            ),
            call=call,
            calls_about=f"{server.url}/get_result?id=t-9",
            replay_seen=False,
        )  # fmt: skip


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def bfl(server):
    bfl = open_bfl(settings(server.url + "/v1/"))
    yield bfl
    await bfl.aclose()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────

BEGUN = Reply(body={"id": "t-1", "polling_url": AT, "cost": 4.5})


async def test_a_submit_is_exactly_what_was_ordered(server, bfl):
    server.answer(BEGUN)
    begun = await bfl.submit(
        order(parameters={"size": "1280x720", "seed": 7}, inputs=2),
        key="k",
        inputs=(given(), given(b"another")),
    )
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v1/flux-2-pro")
    assert seen.headers["x-key"] == SECRET
    assert seen.json == {
        "prompt": PROMPT, "width": 1280, "height": 720, "seed": 7, "disable_pup": True,
        "input_image": base64.b64encode(b"a picture").decode(),
        "input_image_2": base64.b64encode(b"another").decode(),
    }  # fmt: skip
    assert begun == Pending(operation=f"{AT}#4.5")


async def test_a_webhook_goes_along_with_its_secret_but_not_to_flux_3(server, bfl):
    server.answer(BEGUN, BEGUN)
    await bfl.submit(order(), key="k", webhook="https://us.example/webhooks/bfl?job=1")
    flux3 = order(
        model="flux-3-image", wire="", parameters={"resolution": "2k", "aspect_ratio": "16:9"}, inputs=1
    )
    await bfl.submit(flux3, key="k", inputs=(given(),), webhook="https://us.example/webhooks/bfl?job=1")
    pro, three = (seen.json for seen in server.seen)
    assert (pro["webhook_url"], pro["webhook_secret"]) == (
        "https://us.example/webhooks/bfl?job=1",
        WEBHOOK_SECRET,
    )
    assert three == {
        "prompt": PROMPT, "resolution": "2k", "aspect_ratio": "16:9", "grounding": False,
        "images": [base64.b64encode(b"a picture").decode()],
    }  # fmt: skip
    (model,) = [model for model in bfl.models if model.id == "flux-3-image"]
    assert not model.calls, "it is looked at as often as one that never calls"


async def test_the_size_is_said_where_neither_a_size_nor_a_picture_is_given(server, bfl):
    server.answer(BEGUN, BEGUN)
    await bfl.submit(order(), key="k")
    await bfl.submit(order(inputs=1), key="k", inputs=(given(),))
    plain, edit = (seen.json for seen in server.seen)
    assert (plain["width"], plain["height"]) == (1024, 1024)
    assert "width" not in edit, "an edit keeps its picture's shape"


async def test_the_same_seed_is_not_asked_for_twice(server, bfl):
    server.answer(BEGUN, BEGUN, BEGUN)
    await bfl.submit(order(images=3, parameters={"seed": 7}), key="k")
    assert sorted(seen.json["seed"] for seen in server.seen) == [7, 8, 9]


# ── Where a task is looked at ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("told", "looked_at"),
    [
        (AT, AT),
        ("https://gateway.bfl.ai/v1/get_result", "https://gateway.bfl.ai/v1/get_result?id=t-1"),
        (None, None),
        ("https://bfl.ai.evil.example/get_result?id=t-1", None),
        ("https://notbfl.ai/get_result?id=t-1", None),
        ("http://api.bfl.ai/v1/get_result?id=t-1", None),
        ("https://a@api.bfl.ai/get_result?id=t-1", None),
        ("http://[::", None),
        (5, None),
    ],
)
async def test_a_task_is_looked_at_where_the_service_says_and_nowhere_else(server, bfl, told, looked_at):
    """Without an address, or with a stranger's, it is the base's own."""
    server.answer(Reply(body={"id": "t-1", "polling_url": told}))
    begun = await bfl.submit(order(), key="k")
    assert begun == Pending(operation=looked_at or f"{server.url}/v1/get_result?id=t-1")


async def test_the_key_goes_to_the_service_alone(server, bfl):
    async with scripted() as elsewhere:
        elsewhere.answer(Reply(body={"status": "Pending"}))
        await bfl.poll(f"{elsewhere.url}/get_result?id=t-1", order=order())
        assert "x-key" not in elsewhere.seen[0].headers


async def test_an_unknown_task_is_borne_a_few_times(server, bfl):
    where = f"{server.url}/v1/get_result?id=t-1"
    server.answer(
        Reply(body={"status": "Task not found"}), Reply(status=404, body={"status": "Task not found"})
    )
    for _ in range(2):
        error = await error_of(bfl.poll(where, order=order()))
        assert (error.reached, error.trouble) == (Reached.YES, Trouble.BROKEN)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_settled_price_goes_before_that_of_the_submit(server, bfl):
    where = f"{server.url}/v1/get_result?id=t-1#4.5"
    server.answer(Reply(body=READY), Reply(body=READY | {"cost": 3}))
    costs = [(await bfl.poll(where, order=order())).cost_usd_micros for _ in range(2)]
    assert costs == [45_000, 30_000]
    assert all("4.5" not in seen.target for seen in server.seen)


@pytest.mark.parametrize("status", ["Pending", "Queued", "Warming up"])
async def test_every_other_word_is_under_way(server, bfl, status):
    where = f"{server.url}/v1/get_result?id=t-1"
    server.answer(Reply(body={"status": status, "progress": 0.25}))
    assert await bfl.poll(where, order=order()) == Pending(operation=where, step=25, steps=100)


async def test_ready_without_a_picture_is_a_failure(server, bfl):
    for result in (None, {}, {"sample": None}, {"sample": "file:///etc/passwd"}):
        server.answer(Reply(body={"status": "Ready", "result": result}))
        outcome = await bfl.poll(f"{server.url}/v1/get_result?id=t-1", order=order())
        assert outcome == Failed(detail="ready without a picture", again=True)


async def test_several_pictures_are_as_many_tasks_and_each_may_end_otherwise(server, bfl):
    server.always = Reply(status=429)
    where = [f"{server.url}/v1/get_result?id=t-{n}" for n in range(3)]
    paths = [Reply(body={"id": f"t-{n}", "polling_url": where[n]}) for n in range(2)]
    server.answer(*paths, Reply(cut_before=True))
    begun = await bfl.submit(order(images=4), key="k")
    assert isinstance(begun, Pending)
    assert sorted(begun.operation.split()) == sorted([*where[:2], "?"]), "the cut one is not forgotten"

    server.answer(Reply(body=READY), Reply(body={"status": "Pending"}))
    assert await bfl.poll(begun.operation, order=order(images=4)) == Pending(operation=begun.operation)
    server.answer(Reply(body=READY | {"cost": 3}), Reply(body={"status": "Content Moderated", "cost": 3}))
    over = await bfl.poll(begun.operation, order=order(images=4))
    assert over == Finished(images=(RemoteImage(SAMPLE),), withheld=1, cost_usd_micros=90_000, seed=7)


@pytest.mark.parametrize(
    ("replies", "reached"),
    [
        ((Reply(status=429), Reply(status=429)), Reached.NO),
        ((Reply(status=429), Reply(cut_before=True)), Reached.UNKNOWN),
    ],
)
async def test_submits_that_began_nothing_are_as_doubtful_as_the_worst_of_them(server, bfl, replies, reached):
    server.answer(*replies)
    assert (await error_of(bfl.submit(order(images=2), key="k"))).reached is reached


# ── The account, and calls ───────────────────────────────────────────────────────────────────────────


async def test_the_account_is_told_in_dollars(server, bfl):
    server.answer(Reply(body={"credits": 250}), Reply(status=403, body={"detail": "Not authenticated"}))
    assert await bfl.standing() == Standing(credits_left=250.0, usd_left=2.5)
    assert (await error_of(bfl.standing())).trouble is Trouble.KEY


@pytest.mark.parametrize("more", [{"webhook": False}, {"webhook_secret": SecretStr("")}])
async def test_without_a_secret_or_where_it_may_not_nobody_is_heard(server, more):
    known: dict[str, Any] = {"webhook_secret": SecretStr(WEBHOOK_SECRET)} | more
    bfl = open_bfl(BflSettings(base_url=server.url, api_key=SecretStr(SECRET), **known))
    assert not bfl.listens
    assert await bfl.hear(call(0.0)) is None
    await bfl.aclose()


async def test_a_genuine_call_that_names_no_task_is_none(bfl):
    for body in (b"{}", b"[]", b"?", b'{"id": 5}', b'{"id": "../x"}'):
        headers = {"x-bfl-signature": local.signed(body, WEBHOOK_SECRET)}
        assert await bfl.hear(Call(headers=headers, query={}, body=body, at=0.0)) is None


async def test_a_call_is_heard_by_its_task(server, bfl):
    assert await bfl.hear(call(0.0)) == Heard(id="t-9", operation=f"{server.url}/v1/get_result?id=t-9")


# ── Against a strict local service ───────────────────────────────────────────────────────────────────


@pytest.fixture
async def service():
    async with local.flux() as service:
        yield service


async def test_every_value_of_the_catalogue_is_taken(service):
    bfl = open_bfl(BflSettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    inputs = [given(png()) for _ in range(10)]
    mask = replace(given(grey()), use=Use.MASK)
    for model in bfl.models:
        masks = [mask] * model.needs_mask
        needed = inputs[: model.inputs_min] + masks
        for name, values in model.parameters.items():
            for value in values or ("7",):
                asked = order(
                    model=model.id, wire=model.wire, parameters={name: int(value) if value == "7" else value}
                )
                begun = await bfl.submit(asked, key="k", inputs=needed)
                assert isinstance(begun, Pending), (model.id, name, value)
        edit = order(model=model.id, wire=model.wire, inputs=model.inputs)
        begun = await bfl.submit(edit, key="k", inputs=inputs[: model.inputs] + masks)
        assert isinstance(begun, Pending), model.id
    await bfl.aclose()


async def test_the_local_service_refuses_what_the_real_one_refuses(service):
    bfl = open_bfl(BflSettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    for asked in ({"size": "1000x1000"}, {"size": "4096x4096"}, {"shape": "round"}):
        with pytest.raises(ProviderError) as caught:
            await bfl.submit(order(parameters=asked), key="k")
        assert caught.value.trouble is Trouble.ORDER
    await bfl.aclose()


async def test_with_this_key_alone_the_house_draws(service, tmp_path, monkeypatch):
    section = {"base_url": service.url, "api_key": local.KEY}
    service.endings = [{"status": "Ready", "cost": 3.0}, {"status": "Content Moderated", "cost": 3.0}]
    async with ground.running(tmp_path, providers={"bfl": section}) as studio:
        job = await studio.over(await studio.imagine("a red fox --ar 16:9 --n 2 --model flux-2-pro"))
        assert (job.state, job.order.provider, len(job.images)) == (State.FINISHED, "bfl", 1)
        assert job.captured_credits == 30, "of two one was kept back, for which nobody pays"
        assert job.cost_usd_micros == 60_000, "the books count both"
        assert service.delivered_keys == [None]
        row = await row_of(studio.house, studio.house.providers["bfl"])
        assert row["ok"]
        assert "$2.50 left" in row["detail"]
        monkeypatch.setattr(local, "KEY", "another")
        row = await row_of(studio.house, studio.house.providers["bfl"])
        assert (row["name"], row["ok"]) == ("bfl", False)
        assert "key" in row["fix"]


async def test_a_call_ends_the_job_where_looks_are_rare(service, tmp_path):
    """Looks are so rare that only a call can end the job while the test waits."""
    service.pending_looks = 0
    section = {
        "base_url": service.url,
        "api_key": local.KEY,
        "webhook_secret": WEBHOOK_SECRET,
        "polls_per_s": 0.001,
    }
    async with ground.running(tmp_path, providers={"bfl": section}) as studio:
        job = await studio.imagine("a red fox --model flux-2-pro")
        await studio.until(job, lambda one: one.state is State.RENDERING or one.state.ended)
        assert service.looks == {}
        assert await service.call("task-1") == 204
        job = await studio.over(job)
        assert (job.state, len(job.images), job.cost_usd_micros) == (State.FINISHED, 1, 40_000)
        assert service.looks == {"task-1": 1}
        assert await service.call("task-1") == 204, "known already"


async def test_a_lost_answer_is_found_by_its_call(service, tmp_path):
    """The submit was made and billed, and its answer never came: the call tells which task it made."""
    service.pending_looks, service.loses = 0, 1
    section = {"base_url": service.url, "api_key": local.KEY, "webhook_secret": WEBHOOK_SECRET}
    async with ground.running(tmp_path, providers={"bfl": section}) as studio:
        job = await studio.imagine("a red fox --model flux-2-pro")
        await studio.until(job, lambda one: bool(service.ends))
        assert await service.call("task-1") == 204
        job = await studio.over(job)
        assert (job.state, len(job.images), job.cost_usd_micros) == (State.FINISHED, 1, 40_000)
        assert job.operation == f"{service.url}/get_result?id=task-1", (
            "its submit named another place, and was lost"
        )
        assert len(service.submits) == 1, "asked once, billed once"
