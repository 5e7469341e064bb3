"""OpenAI keeps the provider's laws and its own; its stand-in takes what the official SDK sends."""

import base64
import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.cli import check_services
from bot.errors import Reached, Trouble
from bot.job import State
from bot.model import Order
from bot.provider import Failed, Finished, InlineImage, Input
from integrations.providers.openai import OpenAISettings, open_openai
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.hostile import picture
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import drawing
from tests.fakes.services import openai as service
from tests.fakes.services.drawing import KEY

PIXEL = "iVBORw0KGgo="
PICTURES = {"created": 1, "data": [{"b64_json": PIXEL}]}
MODEL = "gpt-image-2.6-flare"
BLOCKED = {"code": "moderation_blocked", "type": "image_generation_user_error", "message": "no"}
OUTPUT = {**BLOCKED, "moderation_details": {"moderation_stage": "output", "categories": ["violence"]}}


def order(**more: Any) -> Order:
    known: dict[str, Any] = {
        "provider": "openai",
        "model": MODEL,
        "prompt": PROMPT,
        "credits_each": 13,
        "way": "sync",
    }
    return Order(**(known | {"parameters": {"size": "1024x1024", "quality": "medium"}} | more))


def given(count: int = 1) -> tuple[Input, ...]:
    made = [picture(color=color) for color in ("red", "green", "blue")[:count]]
    return tuple(
        Input(data=one, media_type="image/png", sha256=hashlib.sha256(one).hexdigest(), width=64, height=48)
        for one in made
    )


def open_within(url: str, within_s: float):
    return open_openai(
        OpenAISettings(base_url=url, api_key=SecretStr(SECRET), timeout_s=within_s, poll_timeout_s=within_s)
    )


def usage(details: dict | None = None, *, came: int = 100, went: int = 439) -> dict:
    told = {"input_tokens_details": details} if details is not None else {}
    return {"input_tokens": came, "output_tokens": went, "total_tokens": came + went, **told}


SUBJECT = Subject(
    open=open_within,
    order=order(),
    submitted=Reply(body=PICTURES),
    submit_refusals=(
        Reply(status=400, body={"error": BLOCKED}),
        Reply(status=400, body={"error": OUTPUT}),
        Reply(status=400, body={"error": {"code": "content_policy_violation", "message": "no"}}),
        Reply(body={"created": 1, "data": []}),
    ),
    unreadable=(
        Reply(body={}),
        Reply(body={"data": "?"}),
        Reply(body={"data": [{}]}),
        Reply(body={"data": [{"b64_json": 5}]}),
        Reply(body={"error": {"message": "oh"}}),
    ),
    given=given(2),
    order_of_given=order(inputs=2),
    costs=(
        (
            Reply(body={**PICTURES, "usage": usage({"text_tokens": 20, "image_tokens": 80})}),
            20 * 5 + 80 * 8 + 439 * 30,
        ),
        (Reply(body={**PICTURES, "usage": usage()}), 100 * 5 + 439 * 30),
        (Reply(status=400, body={"error": BLOCKED}), 0),
    ),
)


class TestOpenAI(ProviderContract):
    parameters = frozenset({"background", "complexity", "quality", "size"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def provider(server):
    provider = open_within(server.url + "/v1/", 5.0)
    yield provider
    await provider.aclose()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_exactly_what_was_ordered(server, provider):
    server.answer(Reply(body={"data": [{"b64_json": PIXEL}] * 2}))
    answer = await provider.submit(order(images=2), key="k")
    assert answer == Finished(images=(InlineImage(PIXEL),) * 2)
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v1/images/generations")
    assert seen.json == {"model": MODEL, "prompt": PROMPT, "n": 2, "size": "1024x1024", "quality": "medium"}


@pytest.mark.parametrize(
    ("parameters", "within"), [({"size": "3840x2160"}, "0.4"), ({"quality": "max"}, "0.4"), ({}, "0.2")]
)
async def test_what_takes_minutes_has_twice_the_time(server, parameters, within):
    provider = open_within(server.url, 0.2)
    server.answer(Reply(hang=True))
    error = await error_of(provider.submit(order(parameters=parameters), key="k"))
    await provider.aclose()
    assert f"no answer within {within} s" in error.detail


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "error", "headers", "reached", "trouble"),
    [
        (429, {"code": "rate_limit_exceeded"}, {}, Reached.NO, Trouble.BUSY),
        (429, {"code": "insufficient_quota"}, {}, Reached.YES, Trouble.BALANCE),
        (429, {"code": None, "type": "insufficient_quota"}, {}, Reached.YES, Trouble.BALANCE),
        (429, {"code": "slow_down"}, {"x-should-retry": "false"}, Reached.YES, Trouble.BALANCE),
        (400, {"code": "billing_hard_limit_reached"}, {}, Reached.YES, Trouble.BALANCE),
        (404, {"code": "model_not_found"}, {}, Reached.YES, Trouble.MODEL_CLOSED),
        (
            400,
            {"message": "Your organization must be verified to use it."},
            {},
            Reached.YES,
            Trouble.MODEL_CLOSED,
        ),
        (
            404,
            {"message": "Your organization must be verified to use it."},
            {},
            Reached.YES,
            Trouble.MODEL_CLOSED,
        ),
        (401, {"code": "invalid_api_key"}, {}, Reached.YES, Trouble.KEY),
        (503, {"message": "overloaded"}, {"x-should-retry": "true"}, Reached.NO, Trouble.BUSY),
    ],
)
async def test_an_error_is_told_by_its_code_where_the_status_says_too_little(
    server, provider, status, error, headers, reached, trouble
):
    server.answer(Reply(status=status, body={"error": error}, headers=headers))
    caught = await error_of(provider.submit(order(), key="k"))
    assert (caught.reached, caught.trouble) == (reached, trouble)


@pytest.mark.parametrize(
    ("headers", "after_s"),
    [
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 2.0),
        ({"x-ratelimit-reset-requests": "8.64s", "x-ratelimit-reset-tokens": "1m30s"}, 90.0),
        ({"x-ratelimit-reset-requests": "99999h"}, 3600.0),
        ({"x-ratelimit-reset-requests": "soon", "retry-after-ms": "-"}, None),
    ],
)
async def test_when_to_come_again_is_read_from_its_own_headers(server, provider, headers, after_s):
    server.answer(Reply(status=429, headers=headers))
    assert (await error_of(provider.submit(order(), key="k"))).retry_after_s == after_s


async def test_a_refused_picture_is_told_from_a_refused_prompt(server, provider):
    server.answer(Reply(status=400, body={"error": BLOCKED}), Reply(status=400, body={"error": OUTPUT}))
    prompt, drawn = [await provider.submit(order(), key="k") for _ in range(2)]
    assert isinstance(prompt, Failed)
    assert (prompt.withheld, drawn.withheld) == (False, True)


# ── Against the stand-in ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def there():
    async with service.running() as running:
        yield running


@pytest.fixture
def sdk():
    """Imported by who asks it: it takes seconds."""
    import openai

    return openai


@pytest.fixture
async def client(there, sdk):
    async with sdk.AsyncOpenAI(api_key=KEY, base_url=there.url, max_retries=0) as client:
        yield client


async def test_the_official_sdk_takes_the_stand_in_for_the_service(there, client):
    drawn = await client.images.generate(model=MODEL, prompt="a fox", n=2, size="1536x1024", quality="low")
    assert drawn.data is not None
    assert drawn.usage is not None
    assert base64.b64decode(str(drawn.data[1].b64_json)).startswith(b"\x89PNG")
    assert (len(drawn.data), drawn.usage.output_tokens) == (2, 2 * service.TOKENS["low"])
    one, two = (("a.png", given.data, "image/png") for given in given(2))
    await client.images.edit(model=MODEL, prompt="a fox", image=one, quality="low")
    await client.images.edit(model=MODEL, prompt="a fox", image=[one, two], quality="low")
    assert [len(asked.get("images", ())) for asked in there.asked] == [0, 1, 2]
    listed = {model.id: model.shutdown_date async for model in client.models.list()}
    assert (listed["gpt-image-1.5"], listed[MODEL]) == ("2026-12-01", None)


async def test_the_official_sdk_understands_the_errors_of_the_stand_in(there, client, sdk):
    with pytest.raises(sdk.NotFoundError, match="gpt-image-1"):
        await client.images.generate(model="gpt-image-1", prompt="a fox")
    with pytest.raises(sdk.BadRequestError) as caught:
        await client.images.generate(model=MODEL, prompt="a fox", extra_body={"seed": 7})
    assert (caught.value.code, caught.value.param) == ("unknown_parameter", "seed")
    there.trouble.append(service.error(400, "moderation_blocked", type="image_generation_user_error"))
    with pytest.raises(sdk.BadRequestError) as caught:
        await client.images.generate(model=MODEL, prompt="a fox")
    assert caught.value.code == "moderation_blocked"
    async with sdk.AsyncOpenAI(api_key="wrong", base_url=there.url, max_retries=0) as stranger:
        with pytest.raises(sdk.AuthenticationError):
            await stranger.models.list()


async def test_what_we_send_is_what_the_sdk_sends(there, client):
    """Both ways, with and without pictures: the service can't tell who asked."""
    provider = open_openai(OpenAISettings(base_url=there.url, api_key=SecretStr(KEY)))
    pictures = given(2)
    await provider.submit(order(), key="k")
    await provider.submit(order(inputs=2), key="k", inputs=pictures)
    await provider.submit(order(inputs=1), key="k", inputs=pictures[:1])
    await provider.aclose()
    same: dict[str, Any] = {
        "model": MODEL,
        "prompt": PROMPT,
        "n": 1,
        "size": "1024x1024",
        "quality": "medium",
    }
    files = [(f"{n}.png", one.data, "image/png") for n, one in enumerate(pictures)]
    await client.images.generate(**same)
    await client.images.edit(**same, image=files)
    await client.images.edit(**same, image=files[0])
    assert there.asked[:3] == there.asked[3:]


@pytest.mark.parametrize("offered", open_within("http://127.0.0.1:9", 1.0).models, ids=lambda model: model.id)
async def test_the_service_takes_every_value_that_a_model_offers(there, offered):
    if offered.id not in service.ALL:
        pytest.skip("it has ended")
    provider = open_openai(OpenAISettings(base_url=there.url, api_key=SecretStr(KEY)))
    for name, values in offered.parameters.items():
        for value in values:
            asked = order(model=offered.id, parameters={**offered.defaults, name: value})
            assert isinstance(await provider.submit(asked, key="k"), Finished), (name, value)
    await provider.aclose()


async def test_a_price_by_the_table_is_near_what_the_tokens_cost(there):
    provider = open_openai(OpenAISettings(base_url=there.url, api_key=SecretStr(KEY)))
    model = next(model for model in provider.models if model.id == "gpt-image-2.5-flare")
    for quality in model.parameters["quality"]:
        parameters = {**model.defaults, "quality": quality}
        drawn = await provider.submit(order(model=model.id, parameters=parameters), key="k")
        assert isinstance(drawn, Finished)
        assert drawn.cost_usd_micros == pytest.approx(model.price(parameters).usd_micros, rel=0.03)
    await provider.aclose()


# ── The account ──────────────────────────────────────────────────────────────────────────────────────


async def test_standing_tells_what_is_open_and_what_ends(there):
    provider = open_openai(OpenAISettings(base_url=there.url, api_key=SecretStr(KEY)))
    standing = await provider.standing()
    assert set(service.ALL) < (standing.open_models or set())
    assert standing.ends == {name: date(2026, 12, 1) for name in service.ENDS}
    there.may_list = False
    limited = await provider.standing()
    await provider.aclose()
    assert (limited.open_models, "list models" in limited.advice) == (None, True)


async def test_an_end_that_is_no_date_is_none(server, provider):
    data = [{"id": "a", "shutdown_date": "soon"}, {"id": "b", "shutdown_date": 5}, {"id": 7}, None]
    server.answer(Reply(body={"data": data}))
    standing = await provider.standing()
    assert (standing.open_models, standing.ends) == (frozenset({"a", "b"}), {})


# ── Through the whole program ────────────────────────────────────────────────────────────────────────


async def test_the_program_draws_with_this_key_alone(there, tmp_path):
    section = {"base_url": there.url, "api_key": KEY}
    async with drawing.drawing_house(tmp_path, openai=section) as house:
        job = await drawing.end_of(house, f"a red fox --model {MODEL} --quality low --ar 3:2 --n 2")
        assert (job.state, job.captured_credits, there.billed) == (State.FINISHED, 12, 2)
        assert job.cost_usd_micros == 12 * 5 + 2 * 196 * 30
        assert there.asked[0]["size"] == "1536x1024"
        there.trouble.append(service.error(400, "moderation_blocked"))
        refused = await drawing.end_of(house, "a red fox --model gpt-2")
        assert (refused.state, refused.captured_credits, refused.cost_usd_micros) == (State.REFUSED, 0, 0)
        [row] = [row async for row in check_services.providers(house)]
        assert (row["name"], row["ok"]) == ("openai", True)


async def test_a_model_that_ends_soon_is_warned_of_in_the_check_the_log_and_a_metric(there, tmp_path):
    """By the service's own list, whatever the catalogue says; within 30 days, and not before."""
    soon, later = (datetime.now(UTC).date() + timedelta(days=days) for days in (20, 60))
    there.ends = {"gpt-image-2": soon.isoformat(), "gpt-image-2.5-flare": later.isoformat()}
    async with drawing.drawing_house(tmp_path, openai={"base_url": there.url, "api_key": KEY}) as house:
        with capture_logs() as logs:
            await house.chores.look_at_standing()
        [row] = [row async for row in check_services.providers(house)]
        told = house.metrics.model_ends.labels("openai", "gpt-image-2")
        assert told._value.get() == datetime.combine(soon, time(), UTC).timestamp()
    warned = {(line["event"], line["model"]) for line in logs if "instead" in line}
    assert ("a model ends soon", "gpt-image-2") in warned
    assert "gpt-image-2.5-flare" not in {model for _, model in warned}
    assert f"gpt-image-2 ends {soon.isoformat()}" in row["fix"]
    assert "gpt-image-2.5-flare" not in row["fix"]


async def test_a_wrong_key_is_named_by_the_check(there, tmp_path):
    async with drawing.drawing_house(
        tmp_path, openai={"base_url": there.url, "api_key": "sk-wrong"}
    ) as house:
        [row] = [row async for row in check_services.providers(house)]
    assert (row["name"], row["ok"]) == ("openai", False)
    assert "401" in row["detail"]
    assert "key" in row["fix"]
