"""The simulated gateway takes pictures as the real one does: by address, as many as a model takes, or not at all."""

import asyncio
import base64
import hashlib
import io
import random
from dataclasses import replace

import httpx
import pytest
from aiohttp import web
from PIL import Image

from integrations.simulator import operations as room
from integrations.simulator.app import simulator
from integrations.simulator.catalogue import Given, catalogue, read_wish
from integrations.simulator.operations import Bill, Clocks, Operations, Plan
from tests.fakes.giving import picture
from tests.fakes.services.serving import serving
from tests.fakes.simulator import QUICK, client_of, sim

__all__ = ["sim"]

GEMINI, SEEDREAM, GPT, SDXL = (
    "gemini-2.5-flash-image", "bytedance/seedream-4", "gpt-image-1.5", "stability-ai/sdxl",
)  # fmt: skip
SUBMIT = "/images/generate/"
PNG, JPEG = picture(), picture(200, 100, kind="JPEG", seed=2)


def wide() -> bytes:
    """More pixels than anybody takes, in few bytes."""
    with io.BytesIO() as file:
        Image.new("L", (8000, 6000)).save(file, "PNG")
        return file.getvalue()


class Pantry:
    """A house that lends pictures by path, and remembers who asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path:
            case "/png":
                return web.Response(body=PNG)
            case "/jpeg":
                return web.Response(body=JPEG)
            case "/text":
                return web.Response(body=b"no picture", content_type="image/png")
            case "/cut":
                return web.Response(body=PNG[: len(PNG) // 2])
            case "/large":
                return web.Response(body=bytes(20 * 1024 * 1024 + 1))
            case "/bomb":
                return web.Response(body=wide())
            case "/moved":
                return web.Response(status=302, headers={"Location": f"{self.url}/png"})
            case _:
                return web.Response(status=404)


@pytest.fixture
async def pantry():
    house = Pantry()
    async with serving([web.get("/{tail:.*}", house.answer)], limit_bytes=1024) as url:
        house.url = url
        yield house


@pytest.fixture
async def client(sim):
    async with client_of(sim) as client:
        yield client


async def submit(client, model, *addresses, prompt="make it night", **more):
    body = {"model": model, "prompt": prompt, "input_images": list(addresses), **more}
    return await client.post(SUBMIT, json=body)


def inline(answer):
    return base64.b64decode(answer.json()["data"][0]["url"].partition(",")[2])


async def test_what_came_is_on_the_bill_byte_for_byte_and_in_its_order(sim, client, pantry):
    answer = await submit(client, GEMINI, f"{pantry.url}/jpeg", f"{pantry.url}/png")
    assert answer.status_code == 200
    async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
        (line,) = (await anybody.get(f"{sim.origin}/_sim/billing")).json()["list"]
    assert line["inputs"] == [hashlib.sha256(data).hexdigest() for data in (JPEG, PNG)]


async def test_an_operation_is_painted_from_what_was_given_whenever_it_is_fetched(client, pantry):
    links = []
    for address in ("png", "jpeg"):
        begun = (await submit(client, SEEDREAM, f"{pantry.url}/{address}")).json()["operation_id"]
        polled = await client.get(f"{SUBMIT}{begun}/", params={"model": SEEDREAM})
        links.append(polled.json()["data"][0]["url"])
    async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
        one, other = [(await anybody.get(link)).content for link in links]
    assert one != other
    assert len(pantry.asked) == 2, "each address is fetched once, at submit"


async def test_what_the_simulator_made_can_be_given_to_it_again(client):
    begun = (await submit(client, SEEDREAM)).json()["operation_id"]
    made = (await client.get(f"{SUBMIT}{begun}/", params={"model": SEEDREAM})).json()["data"][0]["url"]
    assert (await submit(client, GEMINI, made)).status_code == 200


async def test_a_data_address_is_a_picture_too(sim, client):
    address = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert (await submit(client, GEMINI, address)).status_code == 200
    assert sim.bill.lines[-1].inputs == (hashlib.sha256(PNG).hexdigest(),)


@pytest.mark.parametrize("path", ["/nowhere", "/text", "/cut", "/large", "/bomb", "/moved"])
async def test_what_can_t_be_had_or_is_no_picture_is_refused_and_never_billed(sim, client, pantry, path):
    answer = await submit(client, GEMINI, f"{pantry.url}/png", f"{pantry.url}{path}")
    assert answer.status_code == 400
    assert "input_images[1]" in answer.json()["detail"]["message"]
    assert sim.bill.generations == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.png",
        "https://198.51.100.7/a.png",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:1/closed",
        "http://127.0.0.1:0/a.png",
        "http://[::1/a.png",
        "http://user:word@127.0.0.1:9/a.png",
        "data:image/png,plain",
        "data:image/png;base64,***",
    ],
)
async def test_nothing_is_fetched_but_from_this_machine(sim, client, address):
    assert (await submit(client, GEMINI, address)).status_code == 400
    assert sim.bill.generations == 0


@pytest.mark.parametrize("model", [one for one in catalogue().values() if one.inputs], ids=lambda one: one.id)
async def test_each_model_takes_as_many_as_its_maker_says(client, pantry, model):
    assert (await submit(client, model.id, *[f"{pantry.url}/png"] * (model.inputs + 1))).status_code == 400
    assert pantry.asked == [], "and looks at none where there are too many"
    assert (await submit(client, model.id, f"{pantry.url}/png")).status_code == 200


async def test_a_model_without_inputs_says_so(sim, client, pantry):
    answer = await submit(client, SDXL, f"{pantry.url}/png")
    assert "does not take input_images" in answer.json()["detail"]["message"]
    assert (await submit(client, SDXL)).status_code == 200, "none are none"
    assert sim.bill.lines[-1].inputs == ()


@pytest.mark.parametrize(
    ("model", "more", "shape"),
    [(GEMINI, {}, 2.0), (SEEDREAM, {}, 2.0), (GPT, {}, 1.5), (GEMINI, {"aspect_ratio": "1:1"}, 1.0)],
)
async def test_a_change_keeps_the_pictures_shape_where_nothing_else_is_asked(pantry, model, more, shape):
    async with simulator(latency=False) as full, client_of(full) as client:
        answer = await submit(client, model, f"{pantry.url}/jpeg", **more)
        if "data" in answer.json():
            data = inline(answer)
        else:
            polled = await client.get(f"{SUBMIT}{answer.json()['operation_id']}/", params={"model": model})
            async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
                data = (await anybody.get(polled.json()["data"][0]["url"])).content
    width, height = Image.open(io.BytesIO(data)).size
    assert width / height == pytest.approx(shape, rel=0.02)


async def test_a_repeat_with_its_key_fetches_nothing_anew(pantry):
    async with simulator(**QUICK, honour_keys=True) as sim, client_of(sim) as client:
        body = {"model": SEEDREAM, "prompt": "make it night", "input_images": [f"{pantry.url}/png"]}
        headers = {"idempotency-key": "k1"}
        first = (await client.post(SUBMIT, json=body, headers=headers)).json()
        assert (await client.post(SUBMIT, json=body, headers=headers)).json() == first
    assert pantry.asked == ["/png"]


async def test_others_are_answered_while_pictures_are_fetched(sim, client):
    """A house that answers late keeps nobody else waiting."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        asked.set()
        await go.wait()
        return web.Response(body=PNG)

    async with serving([web.get("/late", late)], limit_bytes=1024) as url:
        waiting = asyncio.create_task(submit(client, GEMINI, f"{url}/late"))
        await asked.wait()
        assert (await submit(client, GEMINI)).status_code == 200
        go.set()
        assert (await waiting).status_code == 200


def test_what_is_kept_of_pictures_is_bounded_and_the_oldest_goes(monkeypatch):
    monkeypatch.setattr(room, "GIVEN_BYTES_MAX", 25)
    numbers = iter(range(100))
    clocks = Clocks(
        now_s=lambda: 0.0,
        wall_s=lambda: 0.0,
        new_id=lambda: f"{next(numbers):012x}0000",
        rng=random.Random(0),
    )
    kept = Operations(
        clocks=clocks, bill=Bill(quota_credits=1000), seed=0, latency_scale=0, honour_keys=False
    )
    given = Given(sha256="", size_bytes=10, width=1, height=1, data=bytes(10))
    wish = replace(read_wish({"model": SEEDREAM, "prompt": "a fox"}), given=(given,))
    made = [kept.accept(wish, Plan(images=1), key=None).id for _ in range(3)]
    assert [kept.find(one) is not None for one in made] == [False, True, True]
