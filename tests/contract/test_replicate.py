"""Replicate keeps the provider's laws, and its own."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import Reached, Trouble
from bot.model import Order
from bot.provider import Call, Failed, Finished, InlineImage, Input, Pending, RemoteImage, Standing
from integrations.providers.replicate import Replicate, ReplicateSettings, load, open_replicate
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.there import there

ID = "rrr4z55ocneqzikepnug6xezpe"
NOW = 1_800_000_000.0
URL = "https://replicate.delivery/xezq/1.webp"
SIGNING = "whsec_" + base64.b64encode(b"a secret of the service's").decode()
GIVEN = (Input(data=b"a picture", media_type="image/png", sha256="ab" * 32, width=8, height=8),)


def order(**more) -> Order:
    known: dict[str, Any] = {
        "provider": "replicate",
        "model": "black-forest-labs/flux-2-pro",
        "prompt": PROMPT,
        "credits_each": 30,
        "usd_micros_each": 30_000,
    }
    return Order(**(known | more))


def told(status="starting", **more) -> dict[str, Any]:
    return {
        "id": ID,
        "model": "black-forest-labs/flux-2-pro",
        "status": status,
        "logs": "",
        "output": None,
    } | more


def prediction(status="starting", **more) -> Reply:
    return Reply(body=told(status, **more))


def signed(body, *, at=NOW, secret=b"a secret of the service's") -> Call:
    body = json.dumps(body).encode()
    mac = hmac.digest(secret, f"msg_1.{int(at)}.".encode() + body, hashlib.sha256)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
    return Call(headers=headers, query={}, body=body, at=at)


def settings(url: str, **more) -> ReplicateSettings:
    return ReplicateSettings(
        base_url=url, api_key=SecretStr(SECRET), webhook_secret=SecretStr(SIGNING), **more
    )


def open_within(url: str, within_s: float) -> Replicate:
    limits: dict[str, Any] = dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)
    return open_replicate(settings(url, **limits))


SUBJECT = Subject(
    open=open_within,
    order=order(),
    given=GIVEN,
    order_of_given=order(inputs=1),
    submitted=Reply(status=201, body=told()),
    operation=ID,
    under_way=prediction("processing"),
    finished=prediction("succeeded", output=URL),
    failed=prediction("failed", error="CUDA error"),
    submit_refusals=(Reply(status=201, body=told("failed", error="flagged as sensitive (E005)")),),
    poll_refusals=(
        prediction("failed", error="The input or output was flagged as sensitive. Please try again. (E005)"),
        prediction("failed", error="NSFW content detected. Try running it again, or try a different prompt."),
        prediction("failed", error="Prediction violates the content policy"),
        prediction("succeeded", output=[]),
        prediction("succeeded", output=None),
    ),
    unreadable=(
        Reply(body={}),
        Reply(body={"id": ID}),
        Reply(body={"status": "starting"}),
        Reply(body={"id": "../x", "status": "starting"}),
        Reply(body={"id": 5, "status": "starting"}),
        Reply(body={"id": "x" * 5000, "status": "starting"}),
    ),
    poll_limit_bytes=64 * 1024 * 1024,
    meanings={503: (Reached.UNKNOWN, Trouble.BUSY), 403: (Reached.YES, Trouble.KEY)},
    costs=(
        (prediction("aborted"), 0),
        (prediction("canceled"), 30_000),
        (prediction("succeeded", output=None, data_removed=True), 30_000),
    ),
    found=(
        (Reply(body={"results": [], "next": None}), type(None)),
        (Reply(body={"results": [told(input={"prompt": "another"})]}), type(None)),
    ),
    call=lambda at: signed(told("succeeded", output=URL), at=at),
    calls_about=ID,
)


class TestReplicate(ProviderContract):
    parameters = frozenset({"aspect_ratio", "negative_prompt", "resolution", "seed", "size"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def replicate(server):
    replicate = open_replicate(settings(f"{server.url}/v1"))
    yield replicate
    await replicate.aclose()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_what_was_ordered(server, replicate):
    server.answer(SUBJECT.submitted)
    await replicate.submit(
        order(parameters={"aspect_ratio": "16:9", "resolution": "2MP", "seed": 5}),
        key="k",
        webhook="https://us.example/webhooks/replicate?job=x",
    )
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v1/models/black-forest-labs/flux-2-pro/predictions")
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.headers["cancel-after"] == "600s"
    assert seen.json == {
        "input": {"prompt": PROMPT, "aspect_ratio": "16:9", "resolution": "2 MP", "seed": 5},
        "webhook": "https://us.example/webhooks/replicate?job=x",
        "webhook_events_filter": ["completed"],
    }


@pytest.mark.parametrize(
    ("webhook", "sent"),
    [("http://us.example/w", False), ("http://127.0.0.1:8420/w", True), ("http://localhost/w", True), ("https://us/w", True)],
)  # fmt: skip
async def test_a_webhook_that_would_spoil_the_whole_prediction_is_left_out(server, replicate, webhook, sent):
    server.answer(SUBJECT.submitted)
    await replicate.submit(order(), key="k", webhook=webhook)
    assert ("webhook" in server.seen[0].json) is sent


async def test_a_community_model_is_asked_by_its_version(server, replicate):
    server.answer(SUBJECT.submitted)
    await replicate.submit(order(model="stability-ai/sdxl", wire="stability-ai/sdxl:7762fd"), key="k")
    (seen,) = server.seen
    assert (seen.path, seen.json["version"]) == ("/v1/predictions", "7762fd")


async def test_several_images_and_pictures_are_named_as_the_model_names_them(server, replicate):
    uri = "data:image/png;base64," + base64.b64encode(GIVEN[0].data).decode()
    cases: list[tuple[str, int, tuple[Input, ...], dict[str, Any]]] = [
        ("flux-schnell", 3, (), {"num_outputs": 3}),
        ("black-forest-labs/flux-2-pro", 1, GIVEN * 2, {"input_images": [uri, uri]}),
        ("flux-1.1-pro-ultra", 1, GIVEN, {"image_prompt": uri}),
        ("bytedance/seedream-4", 1, GIVEN, {"image_input": [uri]}),
    ]
    for model, images, given, sent in cases:
        server.answer(SUBJECT.submitted)
        await replicate.submit(
            order(model=model, images=images, inputs=len(given), parameters={"seed": 1}),
            key="k",
            inputs=given,
        )
        defaults = {"resolution": "1 MP"} if "flux-2" in model else {}
        assert server.seen[-1].json["input"] == {"prompt": PROMPT, "seed": 1} | defaults | sent


async def test_a_stopped_prediction_is_asked_for_by_its_id_alone(server, replicate):
    server.answer(prediction("canceled"), Reply(status=404))
    await replicate.cancel("a/../b", order=order())
    await replicate.cancel(ID, order=order())
    assert [seen.path for seen in server.seen] == [
        "/v1/predictions/a%2F..%2Fb/cancel", f"/v1/predictions/{ID}/cancel"
    ]  # fmt: skip


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("output", "images"),
    [
        (URL, (RemoteImage(URL),)),
        ([URL, URL], (RemoteImage(URL),) * 2),
        ("data:image/webp;base64,UklGRg==", (InlineImage("UklGRg=="),)),
        ([URL, "some words", None, 5, "data:text/html;base64,eA=="], (RemoteImage(URL),)),
    ],
)
async def test_an_output_is_one_address_or_a_list(server, replicate, output, images):
    server.answer(prediction("succeeded", output=output))
    assert await replicate.poll(ID, order=order()) == Finished(images=images)


async def test_what_is_missing_of_what_was_asked_was_withheld(server, replicate):
    server.answer(prediction("succeeded", output=[URL]))
    done = await replicate.poll(ID, order=order(model="flux-schnell", images=4))
    assert done == Finished(images=(RemoteImage(URL),), withheld=3)
    server.answer(prediction("succeeded", output=[]))
    failed = await replicate.poll(ID, order=order(model="flux-schnell", images=4))
    assert isinstance(failed, Failed)
    assert (failed.withheld, failed.again) == (True, False)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        ("Something went wrong (E1000)", True),
        ("Out of memory (E1001), HTTP 500", False),
        ("CUDA out of memory", False),
        ("Prediction timed out", True),
        ("<html><h1>502 Bad Gateway</h1></html>", True),
        ("width: must be less than 1500", False),
        (None, False),
        ({"odd": 1}, False),
    ],
)
async def test_a_failure_that_may_pass_is_worth_one_more(server, replicate, error, again):
    server.answer(prediction("failed", error=error))
    failed = await replicate.poll(ID, order=order())
    assert isinstance(failed, Failed)
    assert (failed.again, failed.refused, failed.withheld) == (again, False, False)
    assert failed.detail


async def test_seconds_are_told_where_seconds_are_paid(server, replicate):
    sdxl = next(model for model in replicate.models if model.id == "stability-ai/sdxl")
    of = order(model=sdxl.id, wire=sdxl.wire_name)
    for metrics, cost in [({"predict_time": 4.0}, 3_900), ({"predict_time": "4"}, None), (None, None)]:
        server.answer(prediction("succeeded", output=[URL], metrics=metrics))
        assert await replicate.poll(ID, order=of) == Finished(
            images=(RemoteImage(URL),), cost_usd_micros=cost
        )
    server.answer(prediction("succeeded", output=[URL], metrics={"predict_time": 4.0}))
    assert await replicate.poll(ID, order=order()) == Finished(images=(RemoteImage(URL),))


@pytest.mark.parametrize("status", ["canceled", "aborted"])
async def test_what_was_stopped_at_the_service_is_over(server, replicate, status):
    """The official client would look for ever at one that was aborted."""
    server.answer(prediction(status))
    assert isinstance(await replicate.poll(ID, order=order()), Failed)


async def test_steps_are_read_from_the_logs(server, replicate):
    logs = (
        "Using seed: 3\n  0%|          | 0/28 [00:00<?, ?it/s]\n 39%|###9      | 11/28 [00:01<00:01, 9it/s]\n"
    )
    server.answer(prediction("processing", logs=logs), prediction("processing", logs=None))
    assert await replicate.poll(ID, order=order()) == Pending(operation=ID, step=11, steps=28)
    assert await replicate.poll(ID, order=order()) == Pending(operation=ID)


async def test_the_seconds_of_a_limit_stand_in_its_sentence(server, replicate):
    server.answer(
        Reply(status=429, body={"detail": "Your rate limit is 6 requests a minute, resets in ~30s."})
    )
    error = await error_of(replicate.submit(order(), key="k"))
    assert (error.reached, error.retry_after_s) == (Reached.NO, 30.0)


async def test_a_model_that_is_gone_is_told_from_a_prediction_that_is(server, replicate):
    server.answer(Reply(status=404, body={"detail": "x"}), Reply(status=404, body={"detail": "x"}))
    assert (await error_of(replicate.submit(order(), key="k"))).trouble is Trouble.MODEL_CLOSED
    assert (await error_of(replicate.poll(ID, order=order()))).trouble is Trouble.BROKEN


# ── Lost answers ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_submit_is_known_by_its_input(server, replicate):
    server.answer(SUBJECT.submitted)
    await replicate.submit(order(), key="job-1")
    sent = server.seen[0].json["input"]
    mine = told(id="mine", input=sent | {"input_images": ["data:..."]}, created_at="2027-01-15T08:00:01.5Z")
    others = [
        told(id="other", input=sent | {"seed": 1}),
        told(id="early", input=sent, created_at="2027-01-15T07:00:00Z"),
        told(id="alien", input=sent, model="someone/else"),
        told(id="../x", input=sent),
        5,
    ]
    server.answer(Reply(body={"results": [*others, mine], "next": None}))
    assert await replicate.find(order(), key="job-1", since=NOW) == Pending(operation="mine")
    assert server.seen[-1].query == {"created_after": "2027-01-15T07:59:50Z"}
    server.answer(Reply(body={"results": [mine, mine | {"id": "twin"}], "next": None}))
    assert await replicate.find(order(), key="job-1", since=NOW) is None, "none or two is uncertain"


async def test_where_the_list_leaves_out_the_input_the_prediction_itself_is_asked(server, replicate):
    server.answer(SUBJECT.submitted)
    await replicate.submit(order(), key="job-1")
    sent = server.seen[0].json["input"]
    pages = [
        Reply(body={"results": [told(id="one", input={})], "next": f"{server.url}/v1/predictions?cursor=c"}),
        Reply(body=told(id="one", input={"prompt": "another"})),
        Reply(
            body={"results": [told(id="two")], "next": "https://elsewhere.example/v1/predictions?cursor=d"}
        ),
        Reply(body=told(id="two", input=sent)),
    ]
    server.answer(*pages)
    assert await replicate.find(order(), key="job-1", since=NOW) == Pending(operation="two")
    assert [seen.path for seen in server.seen[1:]] == [
        "/v1/predictions", "/v1/predictions/one", "/v1/predictions", "/v1/predictions/two"
    ]  # fmt: skip
    assert server.seen[3].query == {"cursor": "c"}


# ── Webhooks, account, settings ──────────────────────────────────────────────────────────────────────


async def test_only_a_final_state_is_heard(replicate):
    for status in ("succeeded", "failed", "canceled", "aborted"):
        assert there(await replicate.hear(signed(told(status)))).operation == ID
    odd: list[Any] = [
        told("starting"),
        told("processing"),
        {"status": "failed"},
        told("failed", id="../x"),
        [],
    ]
    for body in odd:
        assert await replicate.hear(signed(body)) is None


def test_without_a_secret_nobody_is_told_to_call():
    key = SecretStr("r8_x")
    assert open_replicate(ReplicateSettings(webhook_secret=SecretStr(SIGNING))).listens
    assert not open_replicate(ReplicateSettings(api_key=key)).listens
    assert not open_replicate(ReplicateSettings(webhook=False, webhook_secret=SecretStr(SIGNING))).listens


async def test_the_account_is_asked_for_free(server, replicate):
    server.answer(Reply(body={"type": "user", "username": "u"}), Reply(status=401), Reply(status=403))
    assert await replicate.standing() == Standing()
    assert server.seen[0].path == "/v1/account"
    for _ in range(2):
        assert (await error_of(replicate.standing())).trouble is Trouble.KEY


def test_the_defaults_are_the_documented_ones():
    plain = ReplicateSettings()
    assert (plain.base_url, plain.webhook, plain.ready) == ("https://api.replicate.com/v1", True, False)
    assert all(field.description for field in ReplicateSettings.model_fields.values())
    assert all(model.maker and model.good_for for model in load().models), "each is told of in models.toml"
