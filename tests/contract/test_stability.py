"""Stability's models keep the provider's laws, and their own: what was filtered looks like a success."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.cli.check_services import provider_row as row_of
from bot.errors import ProviderError, Reached, Trouble
from bot.job import State
from bot.model import Order, Use
from bot.provider import Failed, Finished, InlineImage, Input, Standing
from integrations.providers.stability import BUSY_S, SEED_MAX, StabilitySettings, open_stability
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import ground
from tests.fakes.services import stability as local
from tests.fakes.services.pictures import grey, png

PIXEL = "iVBORw0KGgo="
GOOD = Reply(body={"image": PIXEL, "finish_reason": "SUCCESS", "seed": 7})
FILTERED = Reply(body={"image": PIXEL, "finish_reason": "CONTENT_FILTERED", "seed": 7})
MODERATED = Reply(status=403, body={"id": "e", "name": "content_moderation", "errors": ["flagged"]})


def order(**more) -> Order:
    known: dict[str, Any] = {
        "provider": "stability",
        "model": "stable-image-ultra",
        "prompt": PROMPT,
        "credits_each": 80,
        "usd_micros_each": 80_000,
        "way": "sync",
    }
    return Order(**(known | more))


def settings(url: str, **more) -> StabilitySettings:
    return StabilitySettings(base_url=url, api_key=SecretStr(SECRET), **more)


def open_within(url: str, within_s: float):
    limits = dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)
    return open_stability(settings(url, **limits))


def given(data: bytes = b"a picture") -> Input:
    return Input(data=data, media_type="image/png", sha256="ab" * 32, width=64, height=64)


SUBJECT = Subject(
    open=open_within,
    order=order(),
    given=(given(),),
    order_of_given=order(inputs=1),
    submitted=GOOD,
    submit_refusals=(
        FILTERED,
        MODERATED,
        Reply(body={"image": PIXEL}, headers={"finish-reason": "CONTENT_FILTERED"}),
        Reply(body={"name": "content_moderation", "errors": ["flagged"]}),
        Reply(body={"image": PIXEL, "finish_reason": "SOMETHING_NEW"}),
    ),
    unreadable=(Reply(body={}), Reply(body={"image": 5}), Reply(body={"finish_reason": "SUCCESS"})),
    meanings={403: (Reached.YES, Trouble.KEY)},
    busy_s=BUSY_S,
    costs=((MODERATED, 0),),
)


class TestStability(ProviderContract):
    parameters = frozenset({"aspect_ratio", "negative_prompt", "seed", "style_preset"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def stability(server):
    stability = open_stability(settings(server.url + "/"))
    yield stability
    await stability.aclose()


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_filtered_picture_is_withheld_and_thrown_away(server, stability):
    server.answer(FILTERED)
    outcome = await stability.submit(order(), key="k")
    assert outcome == Failed(detail="finish_reason CONTENT_FILTERED", refused=True, withheld=True)


async def test_a_200_with_errors_is_a_failure(server, stability):
    server.answer(Reply(body={"id": "e", "name": "bad", "errors": ["it went wrong"], "image": PIXEL}))
    outcome = await stability.submit(order(), key="k")
    assert isinstance(outcome, Failed)
    assert not outcome.refused
    assert "it went wrong" in outcome.detail


async def test_several_pictures_are_as_many_calls_and_each_may_end_otherwise(server, stability):
    server.answer(GOOD, FILTERED, Reply(status=429), Reply(cut_before=True))
    outcome = await stability.submit(order(images=4), key="k")
    # One drew, and of the cut one nobody knows; whether the filtered one was billed is not told.
    assert outcome == Finished(images=(InlineImage(PIXEL),), withheld=1, cost_usd_micros=160_000, seed=7)


async def test_the_account_is_told_in_dollars(server, stability):
    server.answer(Reply(body={"credits": 123.5}), Reply(status=401, body={"errors": ["no"]}))
    assert await stability.standing() == Standing(credits_left=123.5, usd_left=1.235)
    assert (await error_of(stability.standing())).trouble is Trouble.KEY


async def test_a_model_of_which_no_path_is_known_is_never_asked_for(server, stability):
    error = await error_of(stability.submit(order(model="stable-image-next"), key="k"))
    assert (error.reached, error.trouble) == (Reached.NO, Trouble.MODEL_CLOSED)
    assert server.seen == []


# ── Against a strict local service ───────────────────────────────────────────────────────────────────


@pytest.fixture
async def service():
    async with local.stable() as service:
        yield service


@pytest.fixture
async def here(service):
    stability = open_stability(StabilitySettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    yield stability
    await stability.aclose()


async def test_a_form_is_exactly_what_was_ordered(service, here):
    asked = {"aspect_ratio": "16:9", "negative_prompt": "rain", "seed": 7, "style_preset": "anime"}
    await here.submit(order(prompt="한국어 🦊", parameters=asked, images=2), key="k")
    first, second = sorted(service.calls, key=lambda call: call["seed"])
    assert first == {
        "kind": "ultra", "prompt": "한국어 🦊", "aspect_ratio": "16:9", "negative_prompt": "rain", "seed": "7",
        "style_preset": "anime",
    }  # fmt: skip
    assert second == {**first, "seed": "8"}, "the same seed would draw the same picture"


async def test_an_edit_is_a_file_and_has_the_shape_of_its_picture(service, here):
    picture = png(side=64)
    for model in ("sd3.5-large", "stable-image-ultra"):
        asked = order(model=model, parameters={"aspect_ratio": "16:9"}, inputs=1)
        await here.submit(asked, key="k", inputs=(given(picture),))
    sd3, ultra = service.calls
    assert sd3 == {
        "kind": "sd3", "prompt": PROMPT, "model": "sd3.5-large", "mode": "image-to-image", "strength": "0.6",
        "image": picture,
    }  # fmt: skip
    assert (ultra["image"], ultra["strength"]) == (picture, "0.6")


async def test_every_value_of_the_catalogue_is_taken(service, here):
    mask = replace(given(grey(side=64)), use=Use.MASK)
    for model in here.models:
        needed = [given(png(side=64))] * model.inputs_min + [mask] * model.needs_mask
        for name, values in model.parameters.items():
            for value in values or ("7",):
                number = int(value) if name == "seed" else value
                asked = order(model=model.id, parameters={name: number}, inputs=model.inputs_min)
                drawn = await here.submit(asked, key="k", inputs=needed)
                assert isinstance(drawn, Finished), (model.id, name, value)
        if model.inputs:
            edit = order(model=model.id, inputs=1)
            one = needed or [given(png(side=64))]
            assert isinstance(await here.submit(edit, key="k", inputs=one), Finished)


@pytest.mark.parametrize("seed", [0, SEED_MAX, SEED_MAX + 1])
async def test_every_seed_that_people_may_type_is_one_of_the_service(here, seed):
    assert isinstance(await here.submit(order(parameters={"seed": seed}, images=2), key="k"), Finished)


async def test_the_local_service_refuses_what_the_real_one_refuses(service, here):
    for asked in ({"aspect_ratio": "4:3"}, {"style_preset": "mine"}, {"shape": "round"}):
        with pytest.raises(ProviderError) as caught:
            await here.submit(order(parameters=asked), key="k")
        assert caught.value.trouble is Trouble.ORDER


async def test_another_client_gets_on_with_the_local_service(service):
    """As httpx itself writes forms, and asking for the bytes instead."""
    async with httpx.AsyncClient(
        base_url=service.url, headers={"Authorization": f"Bearer {local.KEY}"}
    ) as client:
        path = "/v2beta/stable-image/generate/core"
        good = await client.post(path, files={"prompt": (None, "a fox")}, headers={"Accept": "image/*"})
        plain = await client.post(path, data={"prompt": "a fox"}, headers={"Accept": "image/*"})
    assert (good.status_code, good.content, good.headers["finish-reason"]) == (
        200,
        png(side=64),
        "SUCCESS",
    )
    assert plain.status_code == 400


async def test_with_this_key_alone_the_house_draws(service, tmp_path, monkeypatch):
    section = {"base_url": service.url, "api_key": local.KEY}
    service.endings = ["SUCCESS", "CONTENT_FILTERED"]
    async with ground.running(tmp_path, providers={"stability": section}) as studio:
        asked = "a red fox --ar 16:9 --n 2 --model stable-image-core"
        job = await studio.over(await studio.imagine(asked))
        assert (job.state, job.order.provider, len(job.images)) == (State.FINISHED, "stability", 1)
        assert (job.captured_credits, job.cost_usd_micros) == (30, 60_000), (
            "one is paid for; the books count both"
        )
        row = await row_of(studio.house, studio.house.providers["stability"])
        assert row["ok"]
        assert "$1.24 left" in row["detail"]
        monkeypatch.setattr(local, "KEY", "another")
        row = await row_of(studio.house, studio.house.providers["stability"])
        assert (row["name"], row["ok"]) == ("stability", False)
        assert "key" in row["fix"]
