"""The gateway keeps the provider's laws, and its own."""

import asyncio

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Order
from bot.provider import Failed, Finished, InlineImage, Input, Pending, RemoteImage, Standing
from integrations.providers.gateway import load_models, open_gateway
from integrations.providers.gateway_settings import GatewaySettings
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.there import there

PIXEL = "iVBORw0KGgo="
INLINE = {"data": [{"url": f"data:image/png;base64,{PIXEL}"}]}
REMOTE = {"data": [{"url": "https://cdn.example/1.png"}]}
OPERATION = "fal-abc123def456"

REFUSALS = (
    Reply(status=400, body={"error": {"code": "moderation_blocked", "type": "image_generation_user_error"}}),
    Reply(status=400, body={"detail": {"code": 400, "message": "content_policy_violation - no"}}),
    Reply(status=403, body={"name": "content_moderation", "errors": ["flagged"]}),
    Reply(status=422, body={"detail": [{"loc": ["body"], "msg": "no", "type": "content_policy_violation"}]}),
    Reply(status=403, body={"detail": "Request Moderated"}),
    Reply(body={"status": "failed", "error": "NSFW content detected"}),
    Reply(body={"promptFeedback": {"blockReason": "SAFETY"}, "error": {"blockReason": "SAFETY"}}),
)
POLL_REFUSALS = (
    Reply(body={"status": "failed", "error": "The input was flagged as sensitive (E005)"}),
    Reply(body={"status": "Error", "detail": {"message": "Content Moderated"}}),
    Reply(body={"status": "completed", "data": []}),
    Reply(body={"status": "completed", **REMOTE, "has_nsfw_concepts": [True]}),
    Reply(body={"status": "completed", "data": [{**REMOTE["data"][0], "finish_reason": "CONTENT_FILTERED"}]}),
    Reply(status=422, body={"detail": [{"msg": "no", "type": "content_policy_violation"}]}),
)


def order(way="async", **more) -> Order:
    model = "gemini-2.5-flash-image" if way == "sync" else "black-forest-labs/flux-2-pro"
    known = {"provider": "gateway", "model": model, "prompt": PROMPT, "credits_each": 1, "way": way}
    return Order(**(known | more))


def settings(url: str, **more) -> GatewaySettings:
    return GatewaySettings(base_url=url, api_key=SecretStr(SECRET), **more)


def open_within(url: str, within_s: float):
    limits = dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)
    return open_gateway(settings(url, **limits))


GIVEN = (
    Input(
        data=b"a picture",
        media_type="image/png",
        sha256="ab" * 32,
        width=8,
        height=8,
        url="https://us.example/a/1",
    ),
)
SYNC = Subject(
    open=open_within,
    order=order("sync"),
    given=GIVEN,
    order_of_given=order("sync", inputs=1),
    submitted=Reply(body={"id": "img-0123456789abcdef", "created": 1, "model": "m", **INLINE}),
    submit_refusals=(*REFUSALS, Reply(body={"data": []}), Reply(body={"id": "img-1", "usage": {}})),
    unreadable=(Reply(body={"data": "?"}), Reply(body={"data": [{"url": 5}]}), Reply(body={"data": [None]})),
)
ASYNC = Subject(
    open=open_within,
    order=order(),
    submitted=Reply(body={"operation_id": OPERATION, "status": "processing"}),
    operation=OPERATION,
    under_way=Reply(body={"status": "processing"}),
    finished=Reply(body={"status": "completed", **REMOTE}),
    failed=Reply(body={"status": "failed", "error": {"message": "out of memory"}}),
    submit_refusals=REFUSALS,
    poll_refusals=POLL_REFUSALS,
    unreadable=(
        Reply(body={}),
        Reply(body={"operation_id": ""}),
        Reply(body={"operation_id": None, "status": "processing"}),
        Reply(body={"operation_id": ".."}),
        Reply(body={"operation_id": "x" * 5000}),
    ),
)


class TestGateway(ProviderContract):
    parameters = frozenset({"aspect_ratio", "background", "image_size", "quality", "resolution", "size"})

    @pytest.fixture(params=[SYNC, ASYNC], ids=["sync", "async"])
    def subject(self, request) -> Subject:
        return request.param


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def gateway(server):
    gateway = open_gateway(settings(server.url + "/v1/gateway/"))
    yield gateway
    await gateway.aclose()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_exactly_what_was_ordered(server, gateway):
    server.answer(ASYNC.submitted)
    await gateway.submit(order(parameters={"aspect_ratio": "16:9"}, typed="x --ar 16:9"), key="job-7.1")
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v1/gateway/images/generate/")
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.headers["idempotency-key"] == "job-7.1"
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {
        "model": "black-forest-labs/flux-2-pro",
        "prompt": PROMPT,
        "aspect_ratio": "16:9",
    }


async def test_the_number_of_images_is_sent_when_it_is_not_one(server, gateway):
    server.answer(SYNC.submitted)
    await gateway.submit(order("sync", images=4), key="k")
    assert server.seen[0].json["number_of_images"] == 4


async def test_pictures_are_given_as_addresses(server, gateway):
    server.answer(SYNC.submitted)
    await gateway.submit(order("sync", inputs=1), key="k", inputs=GIVEN)
    assert server.seen[0].json["input_images"] == ["https://us.example/a/1"]


async def test_any_prompt_gets_there_as_it_was_typed(server, gateway):
    for prompt in ("한국어 🦊 \u202e\u0000", "a lone \ud800 surrogate", '"\\ \n'):
        server.answer(ASYNC.submitted)
        await gateway.submit(order(prompt=prompt), key="k")
        assert server.seen[-1].json["prompt"] == prompt


async def test_a_poll_names_the_model_of_the_submit(server, gateway):
    server.answer(ASYNC.under_way)
    await gateway.poll("op/1?#", order=order(model="fal-ai/bytedance/seedream/v4.5"))
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/v1/gateway/images/generate/op%2F1%3F%23/")
    assert seen.query == {"model": "fal-ai/bytedance/seedream/v4.5"}


async def test_a_burst_waits_for_its_turn_and_loses_nothing(server):
    """httpx alone loses a burst to its pool's time-out (performance, 2)."""
    gateway = open_gateway(settings(server.url, connections=4))
    server.always = ASYNC.under_way
    outcomes = await asyncio.gather(*(gateway.poll(f"op-{n}", order=order()) for n in range(200)))
    await gateway.aclose()
    assert outcomes == [Pending(operation=f"op-{n}") for n in range(200)]
    assert server.connections <= 4


async def test_a_client_of_httpx_alone_does_too(server):
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        gateway = open_gateway(settings(server.url), client=client)
        server.answer(ASYNC.submitted, Reply(cut_before=True))
        assert await gateway.submit(order(), key="k") == Pending(operation=OPERATION)
        assert (await error_of(gateway.submit(order(), key="k"))).reached is Reached.UNKNOWN
        await server.stop()
        assert (await error_of(gateway.submit(order(), key="k"))).reached is Reached.NO


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


async def test_inline_pictures_are_passed_on_undecoded(server, gateway):
    many = {"data": INLINE["data"] * 2 + [{"b64_json": PIXEL}]}
    server.answer(Reply(body=many))
    outcome = await gateway.submit(order("sync", images=3), key="k")
    assert outcome == Finished(images=(InlineImage(PIXEL),) * 3)


async def test_a_big_answer_is_read_whole(server, gateway):
    big = "QUJD" * (3 * 1024 * 1024)
    server.answer(
        Reply(body={"data": [{"url": f"data:image/png;base64,{big}"}], "usage": {"total_tokens": 3}})
    )
    outcome = await gateway.submit(order("sync"), key="k")
    assert outcome.images[0].data == big


@pytest.mark.parametrize("status", ["completed", "COMPLETED", "Succeeded"])
async def test_good_ends_in_any_letter_case(server, gateway, status):
    server.answer(Reply(body={"status": status, **REMOTE, "more": 1}))
    outcome = await gateway.poll(OPERATION, order=order())
    assert outcome == Finished(images=(RemoteImage("https://cdn.example/1.png"),))


@pytest.mark.parametrize("status", ["failed", "ERROR", "Canceled", "cancelled", "expired"])
@pytest.mark.parametrize("shape", [{}, {"error": "oh"}, {"error": {"message": "oh"}}, {"detail": "oh"}])
async def test_bad_ends_in_any_letter_case_and_shape(server, gateway, status, shape):
    server.answer(Reply(body={"status": status, **shape}))
    outcome = await gateway.poll(OPERATION, order=order())
    assert isinstance(outcome, Failed)
    assert not outcome.refused
    assert ("oh" in outcome.detail) == bool(shape)


@pytest.mark.parametrize("status", ["processing", "queued", "IN_PROGRESS", "starting", "warming up"])
async def test_every_other_status_is_under_way(server, gateway, status):
    server.answer(Reply(body={"status": status, "data": []}, headers={"Retry-After": "3"}))
    outcome = await gateway.poll(OPERATION, order=order())
    assert outcome == Pending(operation=OPERATION, retry_after_s=3.0)


async def test_an_operation_of_a_sync_model_is_followed_all_the_same(server, gateway):
    server.answer(ASYNC.submitted)
    assert await gateway.submit(order("sync"), key="k") == Pending(operation=OPERATION)


async def test_flagged_pictures_of_several_are_counted_and_not_shown(server, gateway):
    urls = [{"url": f"https://cdn.example/{n}.png"} for n in range(3)]
    server.answer(
        Reply(body={"status": "completed", "data": urls, "has_nsfw_concepts": [False, True, False]})
    )
    outcome = await gateway.poll(OPERATION, order=order())
    shown = tuple(RemoteImage(f"https://cdn.example/{n}.png") for n in (0, 2))
    assert outcome == Finished(images=shown, withheld=1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "data:text/html,<b>", "", "//x/y"])
async def test_a_picture_elsewhere_than_on_the_web_is_none(server, gateway, url):
    server.answer(Reply(body={"status": "completed", "data": [{"url": url}]}))
    assert (await error_of(gateway.poll(OPERATION, order=order()))).trouble is Trouble.BROKEN


async def test_an_unknown_operation_is_told_from_every_other_error(server, gateway):
    server.answer(Reply(status=404, body={"detail": {"code": 404, "message": "no such operation"}}))
    error = await error_of(gateway.poll(OPERATION, order=order()))
    assert (error.reached, error.trouble) == (Reached.YES, Trouble.BROKEN)
    assert error.detail.startswith("operation unknown")


# ── The account ──────────────────────────────────────────────────────────────────────────────────────

LIST = {"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}, {"no": "id"}, 5]}


def answers(server, models: Reply, credits_: Reply) -> None:
    """Both are asked at once, so each has its path."""
    server.by_path = {"/v1/gateway/models/": models, "/v1/gateway/credits/": credits_}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"remaining": 12.5}, 12.5),
        ({"credits": 7}, 7.0),
        ({"data": {"balance": "1,234"}}, 1234.0),
        ({"total": 9, "used": 2, "remaining_credits": 7}, 7.0),
        (42, 42.0),
        ({"balance": True}, None),
        ({"balance": "plenty"}, None),
        ({"monthly_allocated": {"remaining": 1}, "total": {"quota": 9, "used": 5, "remaining": 4}}, 4.0),
        ({"total": 9, "used": 5}, None),
        ({"data": {"data": {"data": {"data": {"balance": 1}}}}}, None),
        ([], None),
    ],
)
async def test_the_balance_is_read_leniently(server, gateway, body, expected):
    answers(server, Reply(body=LIST), Reply(body=body))
    assert await gateway.standing() == Standing(open_models=frozenset({"a", "b"}), credits_left=expected)


@pytest.mark.parametrize("body", [{"models": ["a", {"id": "b"}]}, ["a", "b"]])
async def test_other_lists_of_models_are_read_too(server, gateway, body):
    answers(server, Reply(body=body), Reply(status=404))
    assert await gateway.standing() == Standing(open_models=frozenset({"a", "b"}))


async def test_one_half_of_the_account_is_told_without_the_other(server, gateway):
    answers(server, Reply(status=500), Reply(body={"remaining": 3}))
    assert await gateway.standing() == Standing(credits_left=3.0)


async def test_a_wrong_key_is_told_whatever_the_other_half_says(server, gateway):
    answers(server, Reply(body=LIST), Reply(status=401))
    with pytest.raises(ProviderError) as caught:
        await gateway.standing()
    assert caught.value.trouble is Trouble.KEY


# ── Settings and catalogue ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("base_url", ["gateway", "ftp://x", "https://", "https://x/?a=1", "http://[::x"])
def test_an_address_that_is_none_is_refused(base_url):
    with pytest.raises(ValidationError):
        GatewaySettings(base_url=base_url)


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "two words"])
def test_a_key_that_fits_no_header_is_refused_without_being_told(key):
    with pytest.raises(ValidationError) as caught:
        GatewaySettings(api_key=key)
    assert key not in str(caught.value)


def test_the_defaults_are_the_documented_ones():
    plain = GatewaySettings()
    assert plain.base_url == "https://factchat-cloud.mindlogic.ai/v1/gateway"
    assert (plain.timeout_s, plain.polls_per_s, plain.honours_keys) == (180, 50, False)
    assert all(field.description for field in GatewaySettings.model_fields.values())


CATALOGUE = {
    "gemini-2.5-flash-image": (39, "sync", {"aspect_ratio"}),
    "gemini-3-pro-image-preview": (145, "sync", {"aspect_ratio", "image_size"}),
    "gpt-image-1.5": (38, "sync", {"size", "quality", "background"}),
    "gpt-image-1": (42, "sync", {"size", "quality", "background"}),
    "gpt-image-1-mini": (8, "sync", {"size", "quality", "background"}),
    "black-forest-labs/flux-2-pro": (30, "async", {"aspect_ratio", "resolution"}),
    "black-forest-labs/flux-1.1-pro": (40, "async", {"aspect_ratio"}),
    "xai/grok-imagine-image": (20, "async", {"aspect_ratio"}),
    "fal-ai/bytedance/seedream/v4.5": (40, "async", {"image_size"}),
    "bytedance/seedream-4": (30, "async", {"aspect_ratio", "size"}),
    "runwayml/gen4-image": (80, "async", {"aspect_ratio", "resolution"}),
    "stability-ai/sdxl": (5, "async", set()),
}


def test_the_catalogue_is_the_documented_one():
    models = {model.id: (model.credits, model.way, set(model.parameters)) for model in load_models()}
    assert models == CATALOGUE
    assert all(model.usd_micros == there(model.credits) * 1000 for model in load_models())
