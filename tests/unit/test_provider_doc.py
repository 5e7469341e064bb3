"""The provider of docs/add-a-provider.md, as somebody would write it in a package of their own: it runs as it stands."""

import re
import types
from pathlib import Path

import pytest

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Order
from bot.order.catalog import Catalog
from bot.order.prompts import parse
from bot.provider import Failed, Finished, Pending, Provider, RemoteImage, Standing
from tests.fakes.scripted import Reply, scripted

PAGE = (Path(__file__).parents[2] / "docs/add-a-provider.md").read_text("utf-8")


@pytest.fixture(scope="module")
def crayons():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = types.ModuleType("crayons")
    exec(compile(code, "docs/add-a-provider.md", "exec"), module.__dict__)
    return module


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def provider(crayons, server):
    provider = crayons.open_crayons(crayons.Settings(base_url=server.url, api_key="secret"))
    yield provider
    await provider.aclose()


@pytest.fixture
def order(crayons) -> Order:
    return Catalog(crayons.MODELS).order(parse("a fox --quality low --ar 16:9", {}), now=0.0)


def test_it_is_a_provider_with_a_price_table(crayons, order):
    provider = crayons.open_crayons(crayons.Settings(api_key="secret"))
    assert isinstance(provider, Provider)
    assert (crayons.Settings(api_key="k").ready, crayons.Settings().ready) == (True, False)
    assert (order.provider, order.model, order.wire_name) == ("crayons", "wax-2", "wax-v2-large")
    assert (order.credits_each, order.usd_micros_each) == (10, 10_000)
    assert Catalog(crayons.MODELS).order(parse("a fox", {}), now=0.0).credits_each == 40


async def test_it_draws_and_says_what_went_wrong(provider, server, order):
    server.answer(
        Reply(body={"status": "busy", "id": "7"}),
        Reply(body={"status": "done", "urls": ["https://cdn.example/1.png"]}),
        Reply(body={"status": "refused", "why": "no"}),
        Reply(body={"status": "failed", "why": "oops"}),
        Reply(body={"usd": 4.5}),
    )
    assert await provider.submit(order, key="k") == Pending(operation="7")
    assert server.seen[0].json == {
        "model": "wax-v2-large", "prompt": "a fox", "n": 1, "quality": "low", "aspect_ratio": "16:9"
    }  # fmt: skip
    assert await provider.poll("7", order=order) == Finished(
        images=(RemoteImage("https://cdn.example/1.png"),)
    )
    assert await provider.poll("7", order=order) == Failed(detail="no", refused=True)
    assert await provider.poll("7", order=order) == Failed(detail="oops", again=True)
    assert await provider.standing() == Standing(usd_left=4.5)


@pytest.mark.parametrize(
    ("status", "reached", "trouble"),
    [
        (401, Reached.YES, Trouble.KEY), (402, Reached.YES, Trouble.BALANCE), (404, Reached.YES, Trouble.MODEL_CLOSED),
        (429, Reached.NO, Trouble.BUSY), (500, Reached.UNKNOWN, Trouble.BROKEN),
    ],
)  # fmt: skip
async def test_each_status_says_whether_it_may_have_billed(provider, server, order, status, reached, trouble):
    server.answer(Reply(status=status))
    with pytest.raises(ProviderError) as caught:
        await provider.submit(order, key="k")
    assert (caught.value.reached, caught.value.trouble) == (reached, trouble)


async def test_a_cut_connection_is_in_doubt(provider, server, order):
    server.answer(Reply(cut_before=True))
    with pytest.raises(ProviderError) as caught:
        await provider.submit(order, key="k")
    assert caught.value.reached is Reached.UNKNOWN
