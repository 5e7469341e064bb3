"""A simulator that is killed goes on with what it was asked for, where it has a folder of its own."""

import asyncio
import base64
import json
import math
import os
import re
import signal
import sqlite3
import sys
import time
from contextlib import closing

import httpx
import pytest

from integrations.simulator import kept
from integrations.simulator.app import simulator
from integrations.simulator.kept import LIFE_S
from tests.fakes.patience import PATIENCE_S
from tests.fakes.services.pictures import png
from tests.fakes.simulator import ROOT, client_of
from tests.fakes.there import there

GEMINI, SDXL, FLUX = "gemini-2.5-flash-image", "stability-ai/sdxl", "black-forest-labs/flux-2-pro"
SUBMIT = "/images/generate/"


def opened(folder, **more):
    """As killed: what it has at its end is not written down."""
    return simulator(tiny_images=True, honour_keys=True, folder=folder, **more)


def age(*files, by_s):
    """So long nobody was there."""
    for file in files:
        written = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps(written | {"created_s": written["created_s"] - by_s}), "utf-8")


async def submit(client, model, prompt="a red fox", *, key="k1", **more):
    answer = await client.post(
        SUBMIT, json={"model": model, "prompt": prompt, **more}, headers={"Idempotency-Key": key}
    )
    return answer.json()


async def poll(client, operation, model=SDXL):
    return await client.get(f"{SUBMIT}{operation}/", params={"model": model})


async def picture_at(url):
    async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
        return (await anybody.get(url)).content


async def test_an_operation_is_found_by_the_next_simulator_and_becomes_the_same_picture(tmp_path):
    async with opened(tmp_path, latency=False) as first, client_of(first) as client:
        operation = (await submit(client, SDXL, number_of_images=2))["operation_id"]
        before = [await picture_at(one["url"]) for one in (await poll(client, operation)).json()["data"]]
    async with opened(tmp_path, latency=False) as second, client_of(second) as client:
        ended = (await poll(client, operation)).json()
        assert [await picture_at(one["url"]) for one in ended["data"]] == before
        again = (await submit(client, SDXL, key="k2"))["operation_id"]
        url = (await poll(client, again)).json()["data"][0]["url"]
        assert await picture_at(url) not in before, "asked once more, it is another"
    async with simulator(latency=False) as forgetful, client_of(forgetful) as client:
        assert (await poll(client, operation)).status_code == 404


async def test_its_time_goes_on_while_nobody_is_there(tmp_path):
    async with opened(tmp_path) as first, client_of(first) as client:
        operation = (await submit(client, SDXL))["operation_id"]
    async with opened(tmp_path) as second, client_of(second) as client:
        assert (await poll(client, operation)).json()["status"] == "processing"
    age(*tmp_path.iterdir(), by_s=600)
    async with opened(tmp_path) as third, client_of(third) as client:
        assert (await poll(client, operation)).json()["status"] == "completed"


@pytest.mark.parametrize("model", [GEMINI, SDXL])
async def test_a_submit_whose_answer_was_lost_finds_its_operation_by_the_key(tmp_path, model):
    async with opened(tmp_path, latency=False) as first, client_of(first) as client:
        before = await submit(client, model)
    async with opened(tmp_path, latency=False) as second, client_of(second) as client:
        assert await submit(client, model) == before
        assert second.bill.generations == 0
        assert await submit(client, model, key="k2") != before


async def test_a_refusal_and_what_was_given_are_kept(tmp_path):
    given = "data:image/png;base64," + base64.b64encode(png()).decode()
    blue = {"prompt": "make it blue", "key": "k2", "input_images": [given]}
    async with opened(tmp_path, latency=False) as first, client_of(first) as client:
        refused = (await submit(client, FLUX, "forbidden things"))["operation_id"]
        edited = await submit(client, GEMINI, **blue)
    async with opened(tmp_path, latency=False) as second, client_of(second) as client:
        assert await submit(client, GEMINI, **blue) == edited
        assert (await poll(client, refused, FLUX)).json()["status"] == "failed"


async def test_what_is_too_old_too_much_or_half_written_goes(tmp_path):
    (tmp_path / "half.half").write_text('{"id": "sd', "utf-8")
    (tmp_path / "other.json").write_text('{"id": "of another version"}', "utf-8")
    async with opened(tmp_path, latency=False) as first, client_of(first) as client:
        assert list(tmp_path.iterdir()) == []
        old = (await submit(client, SDXL))["operation_id"]
        new = (await submit(client, SDXL, key="k2"))["operation_id"]
    age(tmp_path / f"{old}.json", by_s=LIFE_S + 60)
    async with opened(tmp_path, latency=False) as second, client_of(second) as client:
        assert [one.stem for one in tmp_path.iterdir()] == [new]


async def test_no_more_than_so_many_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    async with opened(tmp_path, latency=False) as first, client_of(first) as client:
        names = [(await submit(client, SDXL, key=f"k{n}"))["operation_id"] for n in range(5)]
        assert {one.stem for one in tmp_path.iterdir()} == set(names[2:])


def states(folder):
    with closing(sqlite3.connect(f"file:{folder / 'easel.db'}?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("SELECT state FROM jobs ORDER BY created_at")]


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.05)


async def test_a_kill_is_no_event_for_the_pictures_of_easel_play(tmp_path):
    """Of a model that answers with an operation, and of one that keeps its client waiting: both are drawn after it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}

    async def start(speed):
        command = ["play", "--no-browser", "--port", "0", "--speed", speed, "--data", str(tmp_path)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        line = (await asyncio.wait_for(there(process.stdout).readline(), PATIENCE_S)).decode()
        return process, there(re.search(r"http://127\.0\.0\.1:\d+", line))[0]

    process, url = await start("0.1")  # a minute and more for a picture
    try:
        headers = {"X-Easel-Page": "1", "X-Easel-Person": "sam"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, verify=False) as page:
            for number, model in enumerate(("sdxl", "gemini-2.5-flash-image")):
                said = {
                    "key": f"request-{number}",
                    "text": f"/imagine a red fox --model {model}",
                    "pictures": [],
                }
                assert (await page.post("/page/say", json=said)).status_code == 200
        await until(lambda: states(tmp_path) == ["rendering", "submitting"])
        await until(lambda: len(list((tmp_path / "simulator").iterdir())) == 2)
        process.kill()
        await process.wait()
        age(*(tmp_path / "simulator").iterdir(), by_s=1_800)
        process, url = await start("0.1")
        await until(lambda: states(tmp_path) == ["finished", "finished"])
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("ahead_s", [1e8, math.nan, math.inf, 10**400])
async def test_what_a_clock_of_years_ahead_has_begun_is_not_kept_for_years(tmp_path, ahead_s):
    async with opened(tmp_path) as first, client_of(first) as client:
        operation = (await submit(client, SDXL))["operation_id"]
    (file,) = tmp_path.iterdir()
    created_s = time.time() + ahead_s if ahead_s == 1e8 else ahead_s
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"created_s": created_s}), "utf-8")
    async with opened(tmp_path) as second, client_of(second) as client:
        assert (await poll(client, operation)).status_code == 404
    assert list(tmp_path.iterdir()) == []


async def test_what_is_none_of_its_own_stays_and_hinders_nothing(tmp_path):
    (tmp_path / "a.json").mkdir()
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    async with opened(tmp_path) as first, client_of(first) as client:
        assert (await submit(client, SDXL))["operation_id"]
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"
