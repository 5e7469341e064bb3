"""Every named fault of the simulated gateway strikes where it says, as often as it says."""

import asyncio
import io
import random
import warnings

import httpx
import pytest
from PIL import Image

from integrations.simulator.app import simulator
from integrations.simulator.fault_effects import HUGE_BYTES, Point, Scene, bomb
from integrations.simulator.fault_list import FAULTS
from integrations.simulator.faults import FaultSpot, Switchboard, describe, parse_armed, without_magic
from integrations.simulator.operations import Plan
from tests.fakes.simulator import QUICK, arm, client_of, disarm, sim

__all__ = ["sim"]

GEMINI, SDXL = "gemini-2.5-flash-image", "stability-ai/sdxl"
SUBMIT = "/images/generate/"


@pytest.fixture
async def client(sim):
    async with client_of(sim) as client:
        yield client


async def submit(client, prompt, model=SDXL, **more):
    return await client.post(SUBMIT, json={"model": model, "prompt": prompt, **more})


async def begun(client, prompt, **more):
    return (await submit(client, prompt, **more)).json()["operation_id"]


async def poll(client, operation_id, model=SDXL):
    return await client.get(f"{SUBMIT}{operation_id}/", params={"model": model})


async def fetched(client, prompt):
    url = (await poll(client, await begun(client, prompt))).json()["data"][0]["url"]
    return await client.get(url)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("unauthorized", 401),
        ("balance_exhausted", 402),
        ("model_not_enabled", 403),
        ("model_gone", 404),
        ("invalid_422", 422),
        ("rate_limited", 429),
        ("upstream_500", 500),
        ("bad_gateway_html", 502),
        ("unavailable_503", 503),
    ],
)
async def test_what_is_refused_before_work_is_never_billed(sim, client, fault, status):
    answer = await submit(client, f"a fox [sim:{fault}]")
    assert answer.status_code == status
    assert sim.bill.generations == 0


async def test_a_rate_limit_may_say_when_to_come_back(client):
    assert (await submit(client, "a fox [sim:rate-limited]")).headers["retry-after"] == "1"
    assert "retry-after" not in (await submit(client, "a fox [sim:rate-limited-silently]")).headers


async def test_a_content_refusal_comes_in_several_spellings(client):
    texts = {(await submit(client, "a fox [sim:refused_400]")).text for _ in range(6)}
    assert len(texts) == 6


@pytest.mark.parametrize(
    ("fault", "billed"), [("accepted_answer_lost", 1), ("cut_before_accept", 0), ("cut_mid_body", 1)]
)
@pytest.mark.parametrize("model", [SDXL, GEMINI])
async def test_a_cut_connection_is_billed_exactly_when_it_was_accepted(sim, client, fault, billed, model):
    with pytest.raises(httpx.TransportError):
        await submit(client, f"a fox [sim:{fault}]", model)
    assert sim.bill.generations == billed


@pytest.mark.parametrize(
    "fault", ["accepted_500", "accepted_bad_gateway", "garbage_json", "html_200", "wrong_shape"]
)
async def test_an_unreadable_answer_after_accept_is_billed(sim, client, fault):
    await submit(client, f"a fox [sim:{fault}]")
    assert sim.bill.generations == 1


async def test_where_keys_are_honoured_a_lost_answer_is_found_again():
    async with simulator(**QUICK, honour_keys=True) as sim, client_of(sim) as client:
        body, headers = (
            {"model": SDXL, "prompt": "a fox [sim:accepted_answer_lost:1]"},
            {"idempotency-key": "k"},
        )
        with pytest.raises(httpx.TransportError):
            await client.post(SUBMIT, json=body, headers=headers)
        assert (await client.post(SUBMIT, json=body, headers=headers)).status_code == 200
        assert sim.bill.generations == 1


async def test_a_failed_operation_says_so_and_is_not_billed(sim, client):
    for fault, kind in [
        ("operation_fails", str),
        ("operation_fails_object", dict),
        ("operation_refused", str),
    ]:
        state = (await poll(client, await begun(client, f"a fox [sim:{fault}]"))).json()
        assert state["status"] == "failed"
        assert isinstance(state["error"], kind)
    assert (await submit(client, "a fox [sim:operation_fails]", GEMINI)).status_code == 500
    assert sim.bill.generations == 0


async def test_an_operation_that_never_completes_stays_under_way(client):
    operation = await begun(client, "a fox [sim:never-completes]")
    assert (await poll(client, operation)).json()["status"] == "processing"


async def test_fewer_and_more_images_than_asked_are_billed_as_delivered_at_most_as_asked(sim, client):
    fewer = (await submit(client, "a fox [sim:fewer-images]", GEMINI, number_of_images=3)).json()
    more = (await submit(client, "a fox [sim:more-images]", GEMINI, number_of_images=1)).json()
    assert [len(fewer["data"]), len(more["data"])] == [2, 3]
    assert [line.images for line in sim.bill.lines] == [2, 1]


async def test_answers_without_what_they_should_carry(client):
    assert (await submit(client, "a [sim:sync_empty_data]", GEMINI)).json()["data"] == []
    assert "operation_id" not in (await submit(client, "a [sim:no_operation_id]")).json()


async def test_a_fault_of_one_poll_strikes_each_operation_once(client):
    operation = await begun(client, "a fox [sim:poll_404_once] [sim:poll_500_once]")
    assert [(await poll(client, operation)).status_code for _ in range(4)] == [404, 500, 200, 200]


async def test_polls_can_speak_strangely(client):
    for fault, status in [("uppercase_status", "COMPLETED"), ("succeeded_status", "succeeded")]:
        assert (await poll(client, await begun(client, f"a [sim:{fault}]"))).json()["status"] == status
    odd = await begun(client, "a [sim:unknown_status] [sim:never_completes]")
    assert (await poll(client, odd)).json()["status"] == "warming_up"
    with pytest.raises(ValueError):
        (await poll(client, await begun(client, "a [sim:poll_garbage]"))).json()


@pytest.mark.parametrize(
    ("fault", "status", "place"),
    [
        ("expired_url", 403, None),
        ("redirect_to_inside", 302, "http://127.0.0.1:1/"),
        ("redirect_to_metadata", 302, "http://169.254.169.254/latest/meta-data/"),
        ("cdn_500", 500, None),
        ("cdn_404", 404, None),
    ],
)
async def test_the_cdn_can_fail_or_point_inside(client, fault, status, place):
    answer = await fetched(client, f"a fox [sim:{fault}]")
    assert (answer.status_code, answer.headers.get("location")) == (status, place)


async def test_a_redirect_loop_never_ends(sim):
    async with client_of(sim, follow_redirects=True) as client:
        with pytest.raises(httpx.TooManyRedirects):
            await fetched(client, "a fox [sim:redirect_loop]")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("gif_image", "GIF"), ("jpeg_image", "JPEG"), ("webp_image", "WEBP"), ("black_image", "PNG")],
)
async def test_a_picture_may_be_of_another_kind(client, fault, kind):
    answer = await fetched(client, f"a fox [sim:{fault}]")
    assert Image.open(io.BytesIO(answer.content)).format == kind


async def test_pictures_may_be_broken_or_no_pictures(client):
    for fault in ["not_an_image", "svg_image", "empty_image"]:
        with pytest.raises(OSError):
            Image.open(io.BytesIO((await fetched(client, f"a [sim:{fault}]")).content))
    with pytest.raises(OSError):
        Image.open(io.BytesIO((await fetched(client, "a [sim:truncated_image]")).content)).load()
    assert (
        (await fetched(client, "a [sim:wrong_media_type]")).headers["content-type"].startswith("text/plain")
    )


def test_the_bomb_is_small_and_claims_to_be_huge():
    assert len(bomb()) < 1_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Image.DecompressionBombError):
            Image.open(io.BytesIO(bomb()))


async def test_a_huge_body_does_not_say_its_size_and_goes_on_and_on(client):
    url = (await poll(client, await begun(client, "a [sim:huge_body]"))).json()["data"][0]["url"]
    seen = 0
    async with client.stream("GET", url) as answer:
        assert "content-length" not in answer.headers
        async for piece in answer.aiter_raw():
            seen += len(piece)
            if seen > 5_000_000:
                break
    assert HUGE_BYTES == 200 * 1024 * 1024


async def test_faults_are_armed_counted_and_taken_away_while_it_runs(sim, client):
    await arm(sim.origin, "upstream-500", times=1, model=SDXL)
    assert (await submit(client, "a", GEMINI)).status_code == 200
    assert [(await submit(client, "a")).status_code for _ in range(2)] == [500, 200]
    await arm(sim.origin, "upstream_500")
    await disarm(sim.origin)
    assert (await submit(client, "a")).status_code == 200


async def test_a_model_that_is_gone_is_not_listed(sim, client):
    sim.arm(f"model_gone@{SDXL}")
    assert SDXL not in (await client.get("/models/")).text
    assert (await client.get(f"/models/{SDXL}/")).status_code == 404
    assert (await submit(client, "a")).status_code == 404


async def test_the_account_can_be_unreadable(sim, client):
    sim.arm("credits_error")
    sim.arm("models_error")
    assert (await client.get("/credits/")).status_code == 500
    assert (await client.get("/models/")).status_code == 500


async def test_a_magic_word_that_names_no_fault_is_refused_with_the_nearest(sim, client):
    answer = await submit(client, "a [sim:rate_limit]")
    assert answer.status_code == 400
    assert "rate_limited" in answer.text


@pytest.mark.parametrize("fault", ["hang", "accepted_answer_hangs"])
async def test_closing_does_not_wait_for_what_hangs(fault):
    async with simulator(**QUICK) as sim, client_of(sim) as client:
        waiting = asyncio.create_task(submit(client, f"a [sim:{fault}]"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    with pytest.raises(httpx.TransportError):
        await waiting


def test_a_fault_is_spelled_with_its_model_probability_and_times():
    armed = parse_armed("poll-404@fal-ai/bytedance/seedream/v4.5=0.25:3")
    assert armed.as_json() == {
        "name": "poll_404",
        "probability": 0.25,
        "times": 3,
        "model": "fal-ai/bytedance/seedream/v4.5",
    }
    for wrong in ["no-such-fault", "hang=lots", "hang=7", "=1"]:
        with pytest.raises(ValueError):
            parse_armed(wrong)


async def test_probability_is_kept_over_many_strikes():
    switchboard = Switchboard(rng=random.Random(7))
    switchboard.armed.append(parse_armed("slow=0.3"))
    plans = [Plan(images=1) for _ in range(1000)]
    for turn, plan in enumerate(plans):
        scene = Scene(cut=lambda: None, pause=asyncio.sleep, slow_s=0.0, turn=turn, plan=plan)
        await switchboard.strike(FaultSpot(point=Point.ACCEPT), scene)
    assert 250 < sum(plan.slowness > 1 for plan in plans) < 350


def test_every_fault_has_a_sentence_and_somewhere_to_strike():
    assert len(FAULTS) > 60
    assert all(fault.effects and describe()[name] for name, fault in FAULTS.items())


def test_the_painter_never_reads_magic_words():
    assert without_magic("a fox [sim:hang:2] in snow").split() == ["a", "fox", "in", "snow"]
