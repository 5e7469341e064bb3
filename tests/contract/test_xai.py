"""xAI keeps the provider's laws and its own: what it kept back is never shown, and what it billed is booked."""

import hashlib
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli import check_services
from bot.errors import Reached, Trouble
from bot.job import State
from bot.model import Order
from bot.provider import Finished, InlineImage, Input
from integrations.providers.xai import XAISettings, open_xai
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.hostile import picture
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import drawing
from tests.fakes.services import xai as service
from tests.fakes.services.drawing import KEY

PIXEL = "iVBORw0KGgo="
MODERATED = "Generated image rejected by content moderation."
KEPT_BACK = {"b64_json": "", "url": "", "respect_moderation": False}
BILLED = {"cost_in_usd_ticks": 500_000_000}


def order(**more: Any) -> Order:
    model = {"provider": "xai", "model": "grok-imagine-image-2.0", "way": "sync", "credits_each": 40}
    known: dict[str, Any] = {**model, "prompt": PROMPT, "parameters": {"quality": "low", "resolution": "1k"}}
    return Order(**(known | more))


def given(count: int) -> tuple[Input, ...]:
    made = [picture(color=color) for color in ("red", "green", "blue")[:count]]
    return tuple(
        Input(data=one, media_type="image/png", sha256=hashlib.sha256(one).hexdigest(), width=64, height=48)
        for one in made
    )


def open_within(url: str, within_s: float):
    return open_xai(
        XAISettings(base_url=url, api_key=SecretStr(SECRET), timeout_s=within_s, poll_timeout_s=within_s)
    )


def good(*slots: dict, **more: Any) -> Reply:
    return Reply(body={"data": list(slots), **more})


SUBJECT = Subject(
    open=open_within,
    order=order(),
    submitted=good({"b64_json": PIXEL}),
    submit_refusals=(
        Reply(status=400, body={"code": "imagine:content-moderated", "error": MODERATED, "usage": BILLED}),
        Reply(status=400, body={"code": "Client specified an invalid argument", "error": MODERATED}),
        good(KEPT_BACK),
        good({**KEPT_BACK, "b64_json": PIXEL}),
        good(),
        Reply(body={"block_reason": "the prompt"}),
    ),
    unreadable=(Reply(body={}), Reply(body={"data": "?"}), good({}), Reply(body={"usage": BILLED})),
    given=given(2),
    order_of_given=order(inputs=2),
    costs=(
        (good({"b64_json": PIXEL}, usage=BILLED), 50_000),
        (good(KEPT_BACK, usage=BILLED), 50_000),
        (Reply(status=400, body={"code": "x", "error": MODERATED, "usage": BILLED}), 50_000),
    ),
)


class TestXAI(ProviderContract):
    parameters = frozenset({"aspect_ratio", "quality", "resolution"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def provider(server):
    provider = open_within(server.url, 5.0)
    yield provider
    await provider.aclose()


async def test_what_was_kept_back_of_several_is_counted_and_not_shown(server, provider):
    head = {"b64_json": f"data:image/jpeg;base64,{PIXEL}"}
    server.answer(good(head, {**KEPT_BACK, "b64_json": "AAAA"}))
    answer = await provider.submit(order(images=3), key="k")
    assert answer == Finished(images=(InlineImage(PIXEL),), withheld=2)


@pytest.mark.parametrize(
    ("status", "words", "reached", "trouble"),
    [
        (400, "Incorrect API key provided: xa***x", Reached.YES, Trouble.KEY),
        (400, "no such thing", Reached.YES, Trouble.ORDER),
        (403, "Your team has used all available credits", Reached.YES, Trouble.BALANCE),
        (429, "Your team has used all available credits", Reached.YES, Trouble.BALANCE),
        (429, "Too many requests", Reached.NO, Trouble.BUSY),
    ],
)
@pytest.mark.parametrize("shape", ["flat", "object"])
async def test_an_error_is_told_by_its_words_in_both_envelopes(
    server, provider, status, words, reached, trouble, shape
):
    code = "Client specified an invalid argument"
    flat, nested = {"code": code, "error": words}, {"error": {"code": code, "message": words}}
    server.answer(Reply(status=status, body=flat if shape == "flat" else nested))
    error = await error_of(provider.submit(order(), key="k"))
    assert (error.reached, error.trouble) == (reached, trouble)


@pytest.mark.parametrize("flag", ["api_key_blocked", "api_key_disabled", "team_blocked"])
async def test_a_blocked_key_is_a_wrong_one(server, provider, flag):
    server.by_path = {"/api-key": Reply(body={flag: True}), "/image-generation-models": Reply(body={})}
    error = await error_of(provider.standing())
    assert (error.trouble, error.detail) == (Trouble.KEY, flag)


@pytest.fixture
async def there():
    async with service.running() as running:
        yield running


async def test_the_service_takes_every_value_that_a_model_offers_and_its_pictures(there):
    provider = open_xai(XAISettings(base_url=there.url, api_key=SecretStr(KEY)))
    for model in provider.models:
        for name, values in model.parameters.items():
            for value in values:
                parameters = {**model.defaults, name: value}
                asked = order(model=model.id, wire=model.wire, parameters=parameters)
                drawn = await provider.submit(asked, key="k")
                assert isinstance(drawn, Finished)
                assert drawn.cost_usd_micros == model.price(parameters).usd_micros
    for count in (1, 3):
        pictures = given(count)
        assert isinstance(await provider.submit(order(inputs=count), key="k", inputs=pictures), Finished)
        assert there.asked[-1]["given"] == [one.data for one in pictures]
    standing = await provider.standing()
    assert {model.wire_name for model in provider.models} < (standing.open_models or set())
    await provider.aclose()


async def test_the_program_draws_with_this_key_alone_and_books_a_refusal(there, tmp_path):
    async with drawing.drawing_house(tmp_path, xai={"base_url": there.url, "api_key": KEY}) as house:
        job = await drawing.end_of(house, "a red fox --model grok-2 --ar 16:9 --n 2")
        assert (job.state, job.captured_credits, job.cost_usd_micros) == (State.FINISHED, 80, 80_000)
        there.trouble.append(service.error(400, "imagine:content-moderated", MODERATED, usage=BILLED))
        refused = await drawing.end_of(house, "a red fox")
        assert (refused.state, refused.captured_credits) == (State.WITHHELD, 0)
        assert refused.cost_usd_micros == 50_000
        [row] = [row async for row in check_services.providers(house)]
        assert (row["name"], row["ok"]) == ("xai", True)


async def test_a_wrong_key_is_named_by_the_check(there, tmp_path):
    async with drawing.drawing_house(tmp_path, xai={"base_url": there.url, "api_key": "xai-wrong"}) as house:
        [row] = [row async for row in check_services.providers(house)]
    assert (row["name"], row["ok"], "key" in row["fix"]) == ("xai", False, True)
    assert isinstance(row["detail"], str)
