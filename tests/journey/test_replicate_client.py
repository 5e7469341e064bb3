"""The local Replicate is one that the official client understands: so our reading of it is not only our own."""

import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import Webhooks

from tests.fakes.services import replicate as fake
from tests.fakes.there import there


@pytest.fixture
async def replicate():
    async with fake.replicate() as service:
        yield service


@pytest.fixture
async def client(replicate):
    client = Client(api_token=fake.KEY, base_url=replicate.url)
    yield client
    await client._async_client.aclose()


async def test_the_official_client_draws_with_it(replicate, client):
    one = await client.models.predictions.async_create(
        model="black-forest-labs/flux-schnell", input={"prompt": "a fox", "num_outputs": 2}
    )
    assert one.status == "starting"
    replicate.last["status"] = "processing"
    replicate.last["logs"] = " 39%|###9      | 11/28 [00:01<00:01, 9it/s]\n"
    await one.async_reload()
    assert (there(one.progress).current, there(one.progress).total) == (11, 28)
    await replicate.finish(replicate.last)
    await one.async_wait()
    assert one.status == "succeeded"
    assert [url.startswith(replicate.url) for url in one.output] == [True, True]
    listed = await client.predictions.async_list()
    assert [row.id for row in listed.results] == [one.id]
    assert (await client.accounts.async_current()).username == "local"


async def test_the_official_client_verifies_its_calls(replicate, client):
    await client.models.predictions.async_create(
        model="black-forest-labs/flux-schnell", input={"prompt": "x"}, webhook="https://us.example/x"
    )
    secret = await client.webhooks.default.async_secret()
    body, headers = replicate.signed(replicate.last)
    Webhooks.validate(headers=headers, body=body.decode(), secret=secret, tolerance=300)
    with pytest.raises(ValueError, match="signature"):
        Webhooks.validate(headers=headers, body=body.decode() + " ", secret=secret, tolerance=300)


async def test_the_official_client_sees_its_errors(replicate, client):
    one = await client.models.predictions.async_create(
        model="black-forest-labs/flux-schnell", input={"prompt": "x"}
    )
    await one.async_cancel()
    assert one.status == "canceled"
    with pytest.raises(ReplicateError) as caught:
        await client.predictions.async_get("nobody")
    assert caught.value.status == 404
    stranger = Client(api_token="wrong", base_url=replicate.url)
    with pytest.raises(ReplicateError) as caught:
        await stranger.accounts.async_current()
    await stranger._async_client.aclose()
    assert caught.value.status == 401
