"""With a single key and no gateway, whichever it is: it draws, and what the operator is told of it is true."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.cli import check_services
from bot.cli.operate import _model
from bot.cli.prices import margins
from bot.job import State
from tests.fakes.services import (
    bfl,
    comfyui,
    drawing,
    fal,
    google,
    ground,
    openai,
    openrouter,
    replicate,
    stability,
    xai,
)
from tests.fakes.there import there

Services = dict[str, tuple[Callable[[], Any], str]]
SERVICES: Services = {
    "openai": (openai.running, drawing.KEY),
    "google": (google.gemini, google.KEY),
    "openrouter": (openrouter.running, drawing.KEY),
    "fal": (fal.fal, fal.KEY),
    "replicate": (replicate.replicate, replicate.KEY),
    "bfl": (bfl.flux, bfl.KEY),
    "stability": (stability.stable, stability.KEY),
    "xai": (xai.running, drawing.KEY),
    "comfyui": (comfyui.comfyui, comfyui.KEY),
}
TELLS_MONEY = {"openrouter", "fal", "bfl", "stability"}  # what is left of it


@contextlib.asynccontextmanager
async def section_of(name: str) -> AsyncIterator[dict[str, Any]]:
    """The service, at work, and the section that leads to it."""
    open_service, key = SERVICES[name]
    async with open_service() as service:
        if name in ("fal", "replicate"):
            service.at_once = True
        url = f"{service.url}/v1" if name == "replicate" else service.url
        yield {"base_url": url, "api_key": key}


@pytest.mark.parametrize("name", SERVICES)
async def test_a_single_key_draws_and_models_check_and_usage_are_true(name, tmp_path):
    async with (
        section_of(name) as section,
        ground.running(tmp_path, providers={name: section}, listens=False) as studio,
    ):
        job = await studio.over(await studio.imagine("a red fox"))
        house = studio.house
        assert (job.state, job.order.provider, len(job.images)) == (State.FINISHED, name, 1)
        told = [_model(house, model) for model in house.catalog.models]
        drawn = next(one for one in told if one["id"] == job.order.model)
        assert (drawn["provider"], drawn["providers"], drawn["open"]) == (name, [name], True)
        assert {route["provider"] for one in told for route in one["routes"]} == {name}
        assert job.captured_credits == drawn["credits"], "what was shown is what was paid"
        for one in told:
            prices = [row["credits"] for row in one["prices"]]
            assert prices == sorted(prices), one["id"]
            assert one["inputs_min"] <= one["inputs"], one["id"]
        [row] = [row async for row in check_services.providers(house)]
        assert (row["name"], row["ok"]) == (name, True), row
        assert ("left" in str(row["detail"])) == (name in TELLS_MONEY), row
        [line] = await margins(house, 1, "", "")
        assert (line["provider"], line["model"]) == (name, job.order.model)
        assert (line["credits"], line["usd_micros"]) == (job.captured_credits, job.cost_usd_micros)
        assert line["margin_usd_micros"] == there(job.captured_credits) * 1000 - job.cost_usd_micros


@pytest.mark.parametrize("name", SERVICES)
async def test_a_wrong_key_alone_is_named_and_draws_nothing(name, tmp_path):
    async with section_of(name) as section:
        wrong = {**section, "api_key": "wrong"}
        async with ground.running(tmp_path, providers={name: wrong}) as studio:
            [row] = [row async for row in check_services.providers(studio.house)]
            assert (row["name"], row["ok"], "key" in str(row["fix"])) == (name, False, True), row
            job = await studio.over(await studio.imagine("a red fox"))
            assert (job.state, job.captured_credits, job.cost_usd_micros) == (State.FAILED, 0, 0)
