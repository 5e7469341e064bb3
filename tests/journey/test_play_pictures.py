"""Pictures as input without an account and without a key: through the program as it is run, and through its end."""

import asyncio
import contextlib
import hashlib
import io
import os
import re
import signal
import sys
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from integrations.simulator.app import simulator
from tests.fakes.command import command
from tests.fakes.free_ports import free_port
from tests.fakes.giving import picture
from tests.fakes.page import events
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there
from tests.journey.program import Home

SYNC, ASYNC = "gemini-2.5-flash-image", "black-forest-labs/flux-2-pro"


@dataclass(frozen=True)
class Page:
    """The page of a program that runs beside the test."""

    url: str

    def client(self, person: str = "robin", **more: Any) -> httpx.AsyncClient:
        headers = {"X-Easel-Page": "1", "X-Easel-Person": person}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, trust_env=False, verify=False, **more
        )

    async def send(self, path, **body) -> Any:
        async with self.client() as client:
            answer = await client.post(path, json={"key": uuid4().hex, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hand_over(self, data):
        """Sends a picture up; answers its mark, and what was kept of it."""
        async with self.client() as client:
            handed = (await client.post("/page/upload", content=data)).json()
            return handed["ref"], (await client.get(handed["url"])).content

    async def drawn(self, words):
        """The message for these words, when its picture is there; with the picture."""
        async with events(self) as stream:
            shown = await stream.until(lambda views: _of(views, words) is not None)
        view = there(_of(shown, words))
        async with self.client() as client:
            return view, (await client.get(view["originals"][0]["url"])).content


def _of(views, words):
    return next((v for v in views.values() if words in v["typed"] and v["phase"] == "finished"), None)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


async def ready(page, process):
    """Until the program answers."""
    async with asyncio.timeout(PATIENCE_S), page.client() as client:
        while True:
            assert process.returncode is None, "it ended at its start"
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/healthz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def kill(process):
    process.kill()
    await asyncio.wait_for(process.communicate(), PATIENCE_S)


async def stop(process):
    """Answers what it said of itself, where somebody listens."""
    process.send_signal(signal.SIGTERM)
    _, told = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0
    return told


async def test_an_edit_of_an_edit_of_an_edit_reaches_the_service_byte_for_byte_through_a_kill(tmp_path):
    """What the simulator received is what stands in the page, picture after picture."""
    port = free_port()
    page = Page(f"http://127.0.0.1:{port}")
    async with simulator(speed=6.0, tiny_images=True) as far:
        home = Home(
            tmp_path, far.base_url, far.address,
            worker={"deadline_s": 120},
            more={
                "http": {"port": port, "public_url": page.url},
                "web": {"enabled": True},
                "moderation": {"inputs": "any"},
            },
        )  # fmt: skip
        program = await home.start("run")
        await ready(page, program)
        ref, upload = await page.hand_over(picture(96, 64, seed=7))
        await page.send("/page/say", text=f"/imagine make it night --model {SYNC}", pictures=[{"ref": ref}])
        night, first = await page.drawn("make it night")
        await page.send("/page/press", message=night["id"], do="edit", text=f"add a moon --model {ASYNC}")
        await home.until(lambda rows: any(row["state"] == "rendering" for row in rows))
        await kill(program)

        program = await home.start("run")
        await ready(page, program)
        moon, second = await page.drawn("add a moon")
        await page.send("/page/press", message=moon["id"], do="edit", text=f"유화로 바꿔줘 --model {SYNC}")
        _, third = await page.drawn("유화로")
        await stop(program)
        received = [line.inputs for line in far.bill.lines]
    assert received == [(sha256(upload),), (sha256(first),), (sha256(second),)]
    assert len({first, second, third}) == 3


def test_the_terminal_gives_what_it_was_given_back_and_again(tmp_path, monkeypatch):
    """No configuration, no account, no key: each result is what the next one begins with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
    given = tmp_path / "given.jpg"
    given.write_bytes(picture(320, 160, kind="JPEG"))
    last, sizes = given, []
    for words in ("make it night", "달을 추가해줘", "as pixel art"):
        done = command("imagine", words, "--image", last, "--json")
        assert done.code == 0, done.err
        told = done.json()
        assert told["state"] == "finished", told
        (kept,) = tmp_path.glob(f"home/pictures/pictures/{told['job']}/input-1.*")
        assert told["inputs"] == [sha256(kept.read_bytes())]
        if kept.suffix == last.suffix == ".png":  # a JPEG is written anew
            assert _pixels(kept) == _pixels(last), "what is stripped of its marks is the same picture"
        (name,) = told["files"]
        last = tmp_path / name
        sizes.append(Image.open(io.BytesIO(last.read_bytes())).size)
    assert len({width / height for width, height in sizes}) == 1
    assert round(sizes[0][0] / sizes[0][1], 1) == 2.0, "a change keeps the picture's shape"


async def test_play_takes_pictures_out_of_the_box_and_goes_on_after_a_kill(tmp_path):
    """On another port after the kill, since addresses of ours have it in them."""
    program, page = await _play(tmp_path)
    ref, _ = await page.hand_over(picture(96, 64))
    await page.send("/page/say", text="/imagine make it night", pictures=[{"ref": ref}])
    night, first = await page.drawn("make it night")
    await kill(program)
    program, page = await _play(tmp_path)
    await page.send("/page/press", message=night["id"], do="edit", text="add a boat")
    _, second = await page.drawn("add a boat")
    assert b"some seconds to be finished" in await stop(program)
    assert first != second
    assert [Image.open(io.BytesIO(data)).width > 96 for data in (first, second)] == [True, True]


def _pixels(file):
    return Image.open(io.BytesIO(file.read_bytes())).convert("RGB").tobytes()


async def _play(folder):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "play", "--no-browser", "--port", "0", "--speed", "50",
        "--data", str(folder / "data"),
        cwd=folder, env={**os.environ, "PYTHONPATH": ""},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    line = await asyncio.wait_for(there(process.stdout).readline(), PATIENCE_S)
    url = there(re.search(r"http://[0-9.:]+", line.decode())).group()
    return process, Page(url)
