"""The Socket Mode line: opened, watched, and opened again with a fresh address whenever it is lost."""

import asyncio
import contextlib

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError

log = structlog.get_logger()

_WATCH_S = 0.25
_PING_S = 3.0
_CONNECT_S = 8.0
_PAUSE_MAX_S = 10.0
_CLOSE_S = 2.0


async def listen(app: AsyncApp, token: str) -> None:
    """Hands what Slack tells to the app until cancelled; never gives up."""
    handler = AsyncSocketModeHandler(app, token, ping_interval=_PING_S)
    client = handler.client
    client.proxy = None  # the SDK takes one from the environment, even for loopback addresses
    pause_s = _WATCH_S
    try:
        while True:
            if await client.is_connected() or await _connected(handler):
                pause_s = _WATCH_S
            else:
                pause_s = min(_PAUSE_MAX_S, pause_s * 2)
            await asyncio.sleep(pause_s)
    finally:
        with contextlib.suppress(Exception):  # its closing may stumble over what is closed already
            async with asyncio.timeout(_CLOSE_S):
                await client.close()  # type: ignore[no-untyped-call]  # the SDK lacks the annotation


async def _connected(handler: AsyncSocketModeHandler) -> bool:
    """One attempt. The SDK alone would try one address for ever, though each is good for a single use."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            await handler.client.connect_to_new_endpoint()
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        log.warning("no socket to Slack; trying again", problem=f"{type(error).__name__}: {error}"[:300])
        return False
    return await handler.client.is_connected()
