"""The Socket Mode line: opened, watched, and opened again with a fresh address whenever it is lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.dispatch import OK, Ack
from integrations.slack.hearing import Payload

log = structlog.get_logger()

_WATCH_S = 0.25
_PING_S = 3.0
_CONNECT_S = 8.0
_PAUSE_MAX_S = 10.0
_CLOSE_S = 2.0


async def listen(
    take: Callable[[Payload], Awaitable[Ack]],
    *,
    token: str,
    web_client: AsyncWebClient,
    tell: Callable[[str], None],
) -> None:
    """Has what Slack tells taken until cancelled; never gives up. `tell` learns of trouble, and its end."""

    async def answer(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        told = await take(request.payload)
        if told.status == OK:
            await client.send_socket_mode_response(
                SocketModeResponse(request.envelope_id, payload=told.body or None)
            )

    client = SocketModeClient(token, web_client=web_client, ping_interval=_PING_S)
    client.proxy = None  # the SDK takes one from the environment, even for loopback addresses
    client.socket_mode_request_listeners.append(answer)
    pause_s, said = _WATCH_S, ""
    try:
        while True:
            trouble = "" if await client.is_connected() else await _connect(client)
            if trouble != said:
                tell(trouble)
                said = trouble
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
