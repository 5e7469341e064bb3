"""A bot of discord.py at a local Discord, and calls of its API by hand: for tests of the stand-in itself."""

import asyncio
import contextlib
import io
import json
import warnings
from collections.abc import Mapping

import aiohttp
import yarl

from tests.fakes.discord import DiscordServer
from tests.fakes.patience import PATIENCE_S

with warnings.catch_warnings():
    # discord.py's voice module imports audioop, which Python 3.13 drops.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord


def pointed_at(server, monkeypatch):
    """discord.py's two seams for another server."""
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_base_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))


@contextlib.asynccontextmanager
async def running(server: DiscordServer, client: discord.Client, token: str | None = None):
    """The client, pointed at the server as a program would do it, until the block ends."""
    task = asyncio.create_task(client.start(token or server.token))
    try:
        waiting = asyncio.create_task(server.until(lambda: server.ready))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            waiting.cancel()
            task.result()
        await waiting
        yield client
    finally:
        await client.close()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(task, PATIENCE_S)


class Raw:
    """Calls the REST API by hand: `await raw("POST", path, json=...)` -> (status, body)."""

    def __init__(self, server, session):
        self._server, self._session = server, session
        self.headers: Mapping[str, str] = {}

    async def __call__(self, method, path, **kwargs):
        async with self._session.request(method, self._server.api_base_url + path, **kwargs) as response:
            self.headers = response.headers
            text = await response.text()
            return response.status, json.loads(text) if text.startswith(("{", "[")) else text


@contextlib.asynccontextmanager
async def raw_calls(server):
    headers = {"Authorization": f"Bot {server.token}", "User-Agent": "DiscordBot (test, 1)"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield Raw(server, session)


def form(body, **files):
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", json.dumps(body), content_type="application/json")
    for number, (name, content) in enumerate(files.values()):
        data.add_field(
            f"files[{number}]", io.BytesIO(content), filename=name, content_type="application/octet-stream"
        )
    return data


async def answer(raw, invocation, body, **kwargs):
    return await raw(
        "POST", f"/interactions/{invocation.id}/{invocation.token}/callback", json=body, **kwargs
    )
