"""The Socket Mode line: opened, watched, and opened again with a fresh address whenever it is lost."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

log = structlog.get_logger()

_WATCH_S = 0.25
_PING_S = 3.0
_CONNECT_S = 8.0
_PAUSE_MAX_S = 10.0
_CLOSE_S = 2.0


async def listen(app: AsyncApp, *, token: str, tell: Callable[[str], None]) -> None:
    """Hands what Slack tells to the app until cancelled; never gives up. `tell` learns of trouble, and its end."""
    client = AsyncSocketModeHandler(app, token, ping_interval=_PING_S).client
    client.proxy = None  # the SDK takes one from the environment, even for loopback addresses
    pause_s, told = _WATCH_S, ""
    try:
        while True:
            trouble = "" if await client.is_connected() else await _connect(client)
            if trouble != told:
                tell(trouble)
                told = trouble
            pause_s = min(_PAUSE_MAX_S, pause_s * 2) if trouble else _WATCH_S
            await asyncio.sleep(pause_s)
    finally:
        with contextlib.suppress(Exception):  # its closing may stumble over what is closed already
            async with asyncio.timeout(_CLOSE_S):
                await client.close()  # type: ignore[no-untyped-call]  # the SDK lacks the annotation


async def _connect(client: SocketModeClient) -> str:
    """One attempt; answers what is wrong. The SDK alone would try one address for ever, good for a single use."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            await client.connect_to_new_endpoint()
        return "" if await client.is_connected() else "no socket to Slack"
    except Exception as error:  # noqa: BLE001 - whatever the SDK stumbles over ends neither this surface nor another
        problem = f"{type(error).__name__}: {error}"[:300]
        log.warning("no socket to Slack; trying again", problem=problem)
        return f"no socket to Slack: {problem}"[:200]
