"""The local fal is one that fal's official client understands: so our reading of it is not only our own."""

import asyncio
import base64
import contextlib

import fal_client
import pytest

from tests.fakes.patience import PATIENCE_S
from tests.fakes.services import fal as fake
from tests.fakes.services.pictures import png
from tests.fakes.there import there


@pytest.fixture
async def fal():
    async with fake.fal() as service:
        yield service


@contextlib.asynccontextmanager
async def client(key=fake.KEY):
    opened = fal_client.AsyncClient(key=key)
    yield opened
    await (await opened._client).aclose()


@pytest.fixture
async def official(fal, monkeypatch):
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{fal.url}/")
    async with client() as opened:
        yield opened


async def test_the_official_client_draws_with_it(fal, official):
    handle = await official.submit(
        "fal-ai/flux-pro/v1.1-ultra", {"prompt": "a fox", "aspect_ratio": "16:9", "seed": 7}
    )
    assert await handle.status() == fal_client.Queued(position=0)
    fal.last.status = "IN_PROGRESS"
    told = await handle.status(with_logs=True)
    assert isinstance(told, fal_client.InProgress)
    assert "14/28" in there(told.logs)[-1]["message"]
    await fal.finish(fal.last)
    done = await handle.status(with_logs=True)
    assert isinstance(done, fal_client.Completed)
    async with asyncio.timeout(PATIENCE_S):
        result = await handle.get()
    assert result["images"][0]["url"].startswith(fal.url)
    by_id = await official.result("fal-ai/flux-pro/v1.1-ultra", handle.request_id)
    assert by_id == result, "a request that is known by its id only stands below owner and app"
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await handle.cancel()
    assert caught.value.status_code == 400


async def test_the_official_client_sees_its_errors_and_gives_pictures_as_data(fal, official):
    uri = fal_client.encode(png(), "image/png")
    assert uri == "data:image/png;base64," + base64.b64encode(png()).decode()
    handle = await official.submit(
        "fal-ai/flux-pro/kontext", {"prompt": "a hat", "image_url": uri}, webhook_url="http://us/x"
    )
    assert fal.last.webhook == "http://us/x"
    await handle.cancel()
    fal.error, fal.calls = (422, "content_policy_violation"), False
    handle = await official.submit("fal-ai/flux/schnell", {"prompt": "x"})
    await fal.finish(fal.last)
    told = await handle.status()
    assert told.error_type == "content_policy_violation"
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await handle.get()
    assert caught.value.status_code == 422
    async with client("wrong") as stranger:
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            await stranger.submit("fal-ai/flux/schnell", {"prompt": "x"})
    assert caught.value.status_code == 401
