"""The program under few descriptors: who holds connections open stops nobody's picture."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import sys
from pathlib import Path

import httpx

from tests.fakes.patience import PATIENCE_S
from tests.fakes.raw import connection

ROOT = Path(__file__).parents[2]
FILES = 1024  # what most machines give a process
HELD = 1100


@contextlib.asynccontextmanager
async def playing(folder):
    """`easel play` with so many descriptors; answers its address."""
    command = [sys.executable, "-m", "bot", "play", "--no-browser", "--port", "0", "--speed", "50"]
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", f'ulimit -n {FILES}; exec "$@"', "sh", *command, "--data", str(folder),
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("EASEL")},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, line
        yield address[0]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def finished(client):
    """Waits until the newest picture can be read; answers it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            note = (await said(client, "/easel history")).json()["note"]
            if note["tiles"]:
                return await client.get(note["tiles"][0]["originals"][0]["url"])
            await asyncio.sleep(0.1)


async def said(client, text):
    return await client.post("/page/say", json={"text": text, "key": secrets.token_hex(8)})


async def test_connections_that_never_finish_their_heads_stop_nothing(tmp_path):
    headers = {"X-Easel-Page": "1", "X-Easel-Person": "robin"}
    async with playing(tmp_path) as url, contextlib.AsyncExitStack() as stack:
        for _ in range(HELD):
            _, writer = await stack.enter_async_context(connection(url))
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: ")
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=PATIENCE_S, trust_env=False, verify=False
        ) as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await said(client, "/imagine a red fox --model sdxl")).status_code == 200
            picture = await finished(client)
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
