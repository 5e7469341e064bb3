"""OpenRouter keeps the provider's laws and its own: what was really paid is booked, also of answers that were lost."""

import base64
import hashlib
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli import check_services
from bot.errors import Reached, Trouble
from bot.job import State
from bot.model import Order
from bot.provider import Failed, Finished, Input
from integrations.providers.openrouter import OpenRouterSettings, open_openrouter
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.hostile import picture
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import drawing
from tests.fakes.services import openrouter as service
from tests.fakes.services.drawing import KEY

PIXEL = "iVBORw0KGgo="
DRAWN = {"created": 1, "data": [{"b64_json": PIXEL, "media_type": "image/png"}]}
MODEL, WIRE = "black-forest-labs/flux-2-pro", "black-forest-labs/flux.2-pro"
FLAGGED = {"reasons": ["violence"], "flagged_input": "a very...", "provider_name": "x", "model_slug": WIRE}


def order(**more: Any) -> Order:
    known: dict[str, Any] = {
        "provider": "openrouter",
        "model": MODEL,
        "wire": WIRE,
        "prompt": PROMPT,
        "credits_each": 30,
        "usd_micros_each": 30_000,
        "way": "sync",
        "parameters": {"resolution": "1K", "aspect_ratio": "16:9"},
    }
    return Order(**(known | more))


def given(count: int = 1) -> tuple[Input, ...]:
    made = [picture(color=color) for color in ("red", "green", "blue")[:count]]
    return tuple(
        Input(data=one, media_type="image/png", sha256=hashlib.sha256(one).hexdigest(), width=64, height=48)
        for one in made
    )


def open_within(url: str, within_s: float):
    return open_openrouter(
        OpenRouterSettings(
            base_url=url, api_key=SecretStr(SECRET), timeout_s=within_s, poll_timeout_s=within_s
        )
    )


def said(status: int, message: str = "no", **metadata: Any) -> Reply:
    return Reply(status=status, body={"error": {"code": status, "message": message, "metadata": metadata}})


def within(code: object, message: str = "no", **metadata: Any) -> Reply:
    """An error in an answer that began well."""
    return Reply(body={"error": {"code": code, "message": message, "metadata": metadata}})


SUBJECT = Subject(
    open=open_within,
    order=order(),
    submitted=Reply(body=DRAWN),
    submit_refusals=(
        said(400, "Generated image rejected by content moderation"),
        said(400, "Provider returned error", raw=json.dumps({"error": {"code": "moderation_blocked"}})),
        said(400, "Provider returned error", raw='{"code": "InputTextSensitiveContentDetected"}'),
        said(403, "Input flagged", **FLAGGED),
        said(403, "no", error_type="content_policy_violation"),
        said(403, "no", error_type="refusal"),
        within(403, "Input flagged", **FLAGGED),
        within(400, "Generated image rejected by content moderation"),
        Reply(body={"created": 1, "data": []}),
    ),
    unreadable=(
        Reply(body={}),
        Reply(body={"data": "?"}),
        Reply(body={"data": [{}]}),
        Reply(body={"data": [{"b64_json": 5}]}),
        within("odd"),
        within(502, "Provider returned error", raw="content moderation"),
    ),
    given=given(2),
    order_of_given=order(inputs=2),
    costs=(
        (Reply(body={**DRAWN, "usage": {"cost": 0.0312}}), 31_200),
        (Reply(body={**DRAWN, "usage": {"cost": 0}}), 0),
        (
            Reply(
                body={
                    **DRAWN,
                    "usage": {
                        "cost": 0.001,
                        "is_byok": True,
                        "cost_details": {"upstream_inference_cost": 0.03},
                    },
                }
            ),
            31_000,
        ),
        (said(403, "Input flagged", **FLAGGED), 0),
        (Reply(body={"data": [], "usage": {"cost": 0.05}}), 50_000),
    ),
    found=((Reply(status=404), type(None)), (Reply(body={"data": {"total_cost": 1}}), type(None))),
)


class TestOpenRouter(ProviderContract):
    parameters = frozenset({"aspect_ratio", "background", "quality", "resolution", "seed", "size"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def provider(server):
    provider = open_within(server.url + "/api/v1/", 5.0)
    yield provider
    await provider.aclose()


# ── Requests and errors ──────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_a_call_a_picture_of_exactly_what_was_ordered(server, provider):
    server.always = Reply(body={**DRAWN, "usage": {"cost": 0.03}})
    answer = await provider.submit(order(images=2), key="job-1.1")
    assert isinstance(answer, Finished)
    assert (len(answer.images), answer.cost_usd_micros) == (2, 60_000)
    assert [(seen.method, seen.target) for seen in server.seen] == [("POST", "/api/v1/images")] * 2
    assert server.seen[0].json == {
        "model": WIRE, "prompt": PROMPT, "n": 1, "resolution": "1K", "aspect_ratio": "16:9",
        "provider": {"sort": "price", "allow_fallbacks": False}, "session_id": "job-1.1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "reached", "trouble"),
    [
        (said(402), Reached.YES, Trouble.BALANCE),
        (said(403, "No endpoints match your data policy"), Reached.YES, Trouble.MODEL_CLOSED),
        (said(404, "No endpoints found"), Reached.YES, Trouble.MODEL_CLOSED),
        (said(408), Reached.UNKNOWN, Trouble.BROKEN),
        (said(413), Reached.YES, Trouble.ORDER),
        (said(429, "busy", provider_name="Maker"), Reached.NO, Trouble.BUSY),
        (said(502, "Provider returned error", raw="content moderation"), Reached.UNKNOWN, Trouble.BROKEN),
        (said(503), Reached.NO, Trouble.BUSY),
        (said(524), Reached.UNKNOWN, Trouble.BROKEN),
        (said(529), Reached.NO, Trouble.BUSY),
        (within(402), Reached.YES, Trouble.BALANCE),
        (within(429), Reached.NO, Trouble.BUSY),
        (within(502), Reached.UNKNOWN, Trouble.BROKEN),
        (within(True), Reached.UNKNOWN, Trouble.BROKEN),
        (
            said(400, "Provider returned error", raw=f"bad size for '{PROMPT} nsfw'"),
            Reached.YES,
            Trouble.ORDER,
        ),
    ],
)
async def test_an_error_is_told_by_its_table_also_in_an_answer_that_began_well(
    server, provider, reply, reached, trouble
):
    server.answer(reply)
    asked = order(prompt=f"{PROMPT} nsfw")
    error = await error_of(provider.submit(asked, key="k"))
    assert (error.reached, error.trouble) == (reached, trouble)


# ── Against the stand-in ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def there():
    async with service.running() as running:
        yield running


@pytest.fixture
async def drawer(there):
    drawer = open_openrouter(OpenRouterSettings(base_url=there.url, api_key=SecretStr(KEY)))
    yield drawer
    await drawer.aclose()


async def test_the_official_sdk_of_openai_reads_the_stand_in(there):
    """The answers, the errors and the list have OpenAI's shapes; only the path of a picture is its own."""
    import openai as sdk
    from openai.types.images_response import ImagesResponse

    async with sdk.AsyncOpenAI(api_key=KEY, base_url=there.url, max_retries=0) as client:
        body = {"model": "openai/gpt-image-2", "prompt": "a fox", "n": 2, "quality": "low"}
        drawn = await client.post("/images", cast_to=ImagesResponse, body=body)
        assert drawn.data is not None
        assert base64.b64decode(str(drawn.data[1].b64_json)).startswith(b"\x89PNG")
        with pytest.raises(sdk.NotFoundError):
            await client.images.generate(model="openai/gpt-image-2", prompt="a fox")
        with pytest.raises(sdk.BadRequestError, match="Unknown parameter"):
            await client.post("/images", cast_to=ImagesResponse, body={**body, "mask": "x"})
        with pytest.raises(sdk.BadRequestError, match="one image"):
            await client.post("/images", cast_to=ImagesResponse, body={**body, "model": WIRE})
        listed = await client.models.list(extra_query={"output_modalities": "image"})
        assert WIRE in {model.id for model in listed.data}
    async with sdk.AsyncOpenAI(api_key="wrong", base_url=there.url, max_retries=0) as stranger:
        with pytest.raises(sdk.AuthenticationError):
            await stranger.post("/images", cast_to=ImagesResponse, body=body)


async def test_the_service_takes_every_value_that_a_model_offers_and_its_pictures(there, drawer):
    for model in drawer.models:
        for name, values in model.parameters.items():
            for value in values or (7,):
                parameters = {**model.defaults, name: value}
                asked = order(model=model.id, wire=model.wire, parameters=parameters)
                assert isinstance(await drawer.submit(asked, key="k"), Finished), (model.id, name, value)
        pictures = given(3)
        asked = order(model=model.id, wire=model.wire, parameters=model.defaults, inputs=3)
        await drawer.submit(asked, key="k", inputs=pictures)
        assert there.asked[-1]["given"] == [one.data for one in pictures]
        assert model.inputs == service.MODELS[model.wire]["inputs"]


async def test_what_a_lost_picture_has_cost_is_found_by_its_name(there, drawer):
    there.cuts, there.unknown = 2, 1
    error = await error_of(drawer.submit(order(images=2), key="k"))
    assert error.reached is Reached.UNKNOWN
    assert await drawer.find(order(images=2), key="k", since=0) is None, "its record is not there yet"
    found = await drawer.find(order(images=2), key="k", since=0)
    assert found == Failed(detail="its answer was lost on the way", cost_usd_micros=60_000)
    assert await drawer.find(order(), key="another", since=0) is None


async def test_what_a_refusal_by_the_maker_has_cost_is_asked_for(there, drawer):
    there.trouble.append(service.error(400, "Generated image rejected by content moderation"))
    there.costs["gen-img-1"] = 0.05
    answer = await drawer.submit(order(), key="k")
    assert isinstance(answer, Failed)
    assert (answer.withheld, answer.cost_usd_micros) == (True, 50_000)


async def test_standing_tells_what_is_open_what_ends_what_is_left_and_what_has_become_dearer(there, drawer):
    there.ends[WIRE] = "2026-12-24"
    standing = await drawer.standing()
    assert {model.wire for model in drawer.models} < (standing.open_models or set())
    assert (standing.ends, standing.usd_left, standing.advice) == ({WIRE: date(2026, 12, 24)}, 9.0, "")
    there.account_shown, there.dearer[WIRE] = False, 0.04
    standing = await drawer.standing()
    assert (standing.usd_left, "flux.2-pro now costs $0.04" in standing.advice) == (12.5, True)


# ── Through the whole program ────────────────────────────────────────────────────────────────────────


async def test_the_program_draws_with_this_key_alone_and_books_what_was_paid(there, tmp_path):
    section = {"base_url": there.url, "api_key": KEY}
    async with drawing.drawing_house(tmp_path, openrouter=section) as house:
        job = await drawing.end_of(house, "a red fox --ar 16:9 --n 2")
        assert (job.state, job.order.model, job.captured_credits) == (State.FINISHED, MODEL, 60)
        assert (job.cost_usd_micros, there.billed) == (60_000, 2)
        there.trouble.append(service.error(403, "Input flagged", **FLAGGED))
        refused = await drawing.end_of(house, "a red fox --model grok-2")
        assert (refused.state, refused.captured_credits, refused.cost_usd_micros) == (State.REFUSED, 0, 0)
        there.cuts = 1
        lost = await drawing.end_of(house, "a blue fox --model grok-2 --quality low")
        assert (lost.state, lost.captured_credits, lost.cost_usd_micros) == (State.FAILED, 0, 40_000)
        [row] = [row async for row in check_services.providers(house)]
        assert (row["name"], row["ok"], "9" in row["detail"]) == ("openrouter", True, True)


async def test_another_model_of_its_list_is_added_as_the_page_says(there, tmp_path):
    page = (Path(__file__).parents[2] / "docs/providers.md").read_text("utf-8")
    (added,) = re.findall(r"```toml\n(\[models.\"krea-2-large\"\].*?)```", page, re.DOTALL)
    section = {"base_url": there.url, "api_key": KEY}
    models = tomllib.loads(added)["models"]
    async with drawing.drawing_house(tmp_path, models=models, openrouter=section) as house:
        job = await drawing.end_of(house, "a red fox --model krea-2-large --ar 16:9")
    assert (job.state, job.captured_credits, job.cost_usd_micros) == (State.FINISHED, 60, 40_000)
    assert (there.asked[-1]["model"], there.asked[-1]["aspect_ratio"]) == ("krea/krea-2-large", "16:9")


async def test_a_wrong_key_is_named_by_the_check(there, tmp_path):
    async with drawing.drawing_house(
        tmp_path, openrouter={"base_url": there.url, "api_key": "sk-or-wrong"}
    ) as house:
        [row] = [row async for row in check_services.providers(house)]
    assert (row["name"], row["ok"], "key" in row["fix"]) == ("openrouter", False, True)
