"""The simulated gateway keeps the gateway's protocol, as strictly as the real one."""

import base64
import io

import httpx
import pytest
from PIL import Image

from integrations.simulator.app import simulator
from integrations.simulator.catalogue import catalogue
from tests.fakes.simulator import QUICK, client_of, sim, simulator_process

__all__ = ["sim"]

GEMINI, SDXL, GPT = "gemini-2.5-flash-image", "stability-ai/sdxl", "gpt-image-1.5"
SUBMIT = "/images/generate/"


@pytest.fixture
async def client(sim):
    async with client_of(sim) as client:
        yield client


async def submit(client, model, prompt="a red fox in the snow", **more):
    return await client.post(SUBMIT, json={"model": model, "prompt": prompt, **more})


async def poll(client, operation_id, model):
    return await client.get(f"{SUBMIT}{operation_id}/", params={"model": model})


def opened(data):
    return Image.open(io.BytesIO(data))


async def test_a_synchronous_model_answers_with_the_pictures_and_usage(client):
    answer = (await submit(client, GEMINI, number_of_images=2)).json()
    assert set(answer) == {"id", "created", "model", "data", "usage"}
    assert answer["id"].startswith("img-")
    assert len(answer["id"]) == 20
    head, _, text = answer["data"][1]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert opened(base64.b64decode(text)).format == "PNG"
    assert answer["data"][0] != answer["data"][1]


async def test_an_asynchronous_model_answers_with_an_operation_then_with_links(client):
    begun = (await submit(client, SDXL, number_of_images=2)).json()
    assert begun["status"] == "processing"
    ended = (await poll(client, begun["operation_id"], SDXL)).json()
    assert ended["status"] == "completed"
    for entry in ended["data"]:
        async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
            assert opened((await anybody.get(entry["url"])).content).format == "PNG"


async def test_an_operation_is_under_way_until_its_time_has_come():
    async with simulator(speed=1.0, tiny_images=True) as slow, client_of(slow) as client:
        begun = (await submit(client, SDXL)).json()
        assert (await poll(client, begun["operation_id"], SDXL)).json() == begun


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"}])
async def test_without_the_right_key_nothing_is_answered(sim, header):
    async with httpx.AsyncClient(
        base_url=sim.base_url, trust_env=False, verify=False, headers=header
    ) as client:
        for answer in [await client.get("/models/"), await submit(client, GEMINI)]:
            assert answer.status_code == 401
            assert answer.json()["detail"]["code"] == 401


async def test_the_key_may_come_as_x_api_key(sim):
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        answer = await client.get(f"{sim.base_url}/credits/", headers={"x-api-key": sim.api_key})
    assert answer.json()["total"]["remaining"] == 10_000_000


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"model": "no-such-model", "prompt": "a fox"}),
        (400, {"model": SDXL, "prompt": "a fox", "aspect_ratio": "1:1"}),
        (400, {"model": GEMINI, "prompt": "a fox", "quality": "high"}),
        (422, {"model": GEMINI, "prompt": "a fox", "aspect_ratio": "7:5"}),
        (422, {"model": GPT, "prompt": "a fox", "size": "512x512"}),
        (422, {"model": GEMINI, "prompt": "a fox", "number_of_images": 5}),
        (422, {"model": GEMINI, "prompt": "a fox", "number_of_images": 0}),
        (422, {"model": GEMINI, "prompt": "a fox", "number_of_images": "2"}),
        (422, {"model": GEMINI, "prompt": " "}),
        (422, {"model": GEMINI}),
        (422, {"prompt": "a fox"}),
        (422, {"model": GEMINI, "prompt": "a fox", "input_images": ["ftp://x/y"]}),
        (422, [1]),
    ],
)
async def test_a_request_that_is_wrong_is_refused_and_never_billed(sim, client, status, body):
    answer = await client.post(SUBMIT, json=body)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], list if status == 422 else dict)
    assert sim.bill.generations == 0


async def test_only_json_is_read(client):
    for content, kind in [(b"{", "application/json"), (b"{}", "text/plain")]:
        answer = await client.post(SUBMIT, content=content, headers={"content-type": kind})
        assert answer.status_code == 422


async def test_every_path_ends_in_a_slash(client):
    for path in ["/images/generate", "/models", "/credits"]:
        assert (await client.get(path)).status_code == 404


async def test_a_poll_names_the_model_of_the_submit(client):
    begun = (await submit(client, SDXL)).json()["operation_id"]
    assert (await client.get(f"{SUBMIT}{begun}/")).status_code == 400
    assert (await poll(client, begun, "runwayml/gen4-image")).status_code == 404
    assert (await poll(client, "replicate-000000000000", SDXL)).status_code == 404


async def test_every_model_takes_every_documented_value(sim):
    async with client_of(sim) as client:
        for model in catalogue().values():
            bodies = [{name: value} for name, values in model.parameters.items() for value in values]
            for body in [{}, *bodies]:
                answer = await submit(client, model.id, **body)
                assert answer.status_code == 200, (model.id, body, answer.text)


async def test_the_list_has_all_twelve_models_and_each_can_be_asked_for(client):
    listed = (await client.get("/models/")).json()
    assert listed["object"] == "list"
    assert {one["id"] for one in listed["data"]} == set(catalogue())
    assert len(listed["data"]) == 12
    assert (await client.get(f"/models/{SDXL}/")).json()["id"] == SDXL
    assert (await client.get("/models/no-such/model/")).status_code == 404


async def test_links_expire_and_a_new_poll_gives_fresh_ones():
    async with simulator(**QUICK, url_life_s=-1.0) as sim, client_of(sim) as client:
        begun = (await submit(client, SDXL)).json()["operation_id"]
        url = (await poll(client, begun, SDXL)).json()["data"][0]["url"]
        assert (await client.get(url)).status_code == 403


async def test_a_link_with_another_expiry_is_no_link(client):
    begun = (await submit(client, SDXL)).json()["operation_id"]
    url = (await poll(client, begun, SDXL)).json()["data"][0]["url"]
    assert (await client.get(url.replace("expires=", "expires=9"))).status_code == 403


async def test_the_bill_has_every_generation_with_its_key_and_price(sim, client):
    await client.post(SUBMIT, json={"model": SDXL, "prompt": "a fox"}, headers={"idempotency-key": "k1"})
    await client.post(SUBMIT, json={"model": SDXL, "prompt": "a fox"}, headers={"idempotency-key": "k1"})
    await submit(client, GEMINI, number_of_images=3)
    async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
        bill = (await anybody.get(f"{sim.origin}/_sim/billing")).json()
    assert (bill["generations"], bill["credits"], bill["by_key"]) == (3, 5 + 5 + 3 * 39, {"k1": 2})
    assert [(line["model"], line["images"], line["idempotency_key"]) for line in bill["list"]] == [
        (SDXL, 1, "k1"),
        (SDXL, 1, "k1"),
        (GEMINI, 3, None),
    ]
    assert (await client.get("/credits/")).json()["total"]["used"] == 127.0


async def test_where_keys_are_honoured_a_repeat_finds_its_operation_and_costs_nothing():
    async with simulator(**QUICK, honour_keys=True) as sim, client_of(sim) as client:
        body, headers = {"model": SDXL, "prompt": "a fox"}, {"idempotency-key": "k1"}
        first = (await client.post(SUBMIT, json=body, headers=headers)).json()
        assert (await client.post(SUBMIT, json=body, headers=headers)).json() == first
        other = await client.post(SUBMIT, json={**body, "prompt": "a cat"}, headers=headers)
        assert other.status_code == 409
        assert sim.bill.generations == 1


async def test_who_has_no_credits_left_is_told_402():
    async with simulator(**QUICK, quota_credits=40) as sim, client_of(sim) as client:
        assert (await submit(client, GEMINI)).status_code == 200
        assert (await submit(client, GEMINI)).status_code == 402
        assert sim.bill.generations == 1


async def test_the_forbidden_word_is_refused_in_each_upstreams_way_and_not_billed(sim, client):
    prompt = "a Forbidden fruit"
    assert (await submit(client, GEMINI, prompt)).json()["data"] == []
    assert "moderation_blocked" in (await submit(client, GPT, prompt)).text
    assert "content_policy_violation" in (await submit(client, "xai/grok-imagine-image", prompt)).text
    begun = (await submit(client, SDXL, prompt)).json()["operation_id"]
    assert "(E005)" in (await poll(client, begun, SDXL)).json()["error"]
    assert sim.bill.generations == 0


async def test_the_process_says_where_it_is_and_stops_by_signal_with_code_0():
    async with simulator_process("--no-latency", "--tiny-images") as process, client_of(process) as client:
        assert (await submit(client, GEMINI)).status_code == 200
        assert (await process.billing())["generations"] == 1
