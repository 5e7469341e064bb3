"""The strict local image services, each behind a door that spoils its answers; they live in a thread of their own.

The world of a battery leaps through time, and a service doesn't: so it stands on another loop, which no kill reaches,
and an exchange with it takes no time in the world. What it accepted is billed, whether we heard of it or not.
"""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot.provider import Provider
from integrations.providers.bfl import BflSettings, open_bfl
from integrations.providers.comfyui import ComfyUISettings, open_comfyui
from integrations.providers.fal import FalSettings, open_fal
from integrations.providers.gateway import open_gateway
from integrations.providers.gateway_settings import GatewaySettings
from integrations.providers.google import GoogleSettings, open_google
from integrations.providers.openai import OpenAISettings, open_openai
from integrations.providers.openrouter import OpenRouterSettings, open_openrouter
from integrations.providers.replicate import ReplicateSettings, open_replicate
from integrations.providers.stability import StabilitySettings, open_stability
from integrations.providers.xai import XAISettings, open_xai
from integrations.simulator.app import simulator
from tests.fakes.patience import PATIENCE_S
from tests.fakes.services import (
    bfl,
    comfyui,
    drawing,
    fal,
    google,
    openai,
    openrouter,
    replicate,
    stability,
    xai,
)

T = TypeVar("T")

BFL_SECRET = "the-callers-secret"
LIMIT_BYTES = 64 * 1024 * 1024
# What comes instead of an answer. After `taken` the service has the order; of the others it never heard.
UNHEARD = ("cut", "hang", "500", "502", "504")
TAKEN = ("cut-taken", "hang-taken", "500-taken", "502-taken", "504-taken")
SAID_NO = ("401", "402", "403", "404", "429", "503")
_HOP = {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "content-encoding"}


@contextlib.asynccontextmanager
async def _serving(app: web.Application) -> AsyncIterator[str]:
    """On a free port; who has gone is waited for no longer, so that a request that is kept costs nothing."""
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Far:
    """A loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="far", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits for it, also from another loop: nothing of the world moves meanwhile."""
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(PATIENCE_S)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@dataclass(frozen=True, slots=True)
class Mail:
    """A call of a service to our webhook, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Door:
    """Stands before a service. `orders` and `looks` say what the calls to come meet; None is nothing."""

    orders: deque[str | None] = field(default_factory=deque)
    looks: deque[str | None] = field(default_factory=deque)
    files: deque[str | None] = field(default_factory=deque)
    met: list[str] = field(default_factory=list)
    origin: str = ""
    inner: str = ""
    waiting: list[Callable[[], None]] = field(default_factory=list)  # called when a request is kept
    is_order: Callable[[str, str], bool] = lambda method, path: method == "POST"
    _client: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        spoilt = self._next(request.method, request.path)
        if spoilt is None:
            return await self._pass_on(request, body)
        what, _, taken = spoilt.partition("-")
        if taken:
            await self._pass_on(request, body)
        if what == "cut":
            assert request.transport is not None
            request.transport.abort()
        if what == "hang":
            for tell in list(self.waiting):
                tell()
            await asyncio.sleep(PATIENCE_S)
        return web.json_response({"detail": "no"}, status=int(what) if what.isdecimal() else 500)

    def _next(self, method: str, path: str) -> str | None:
        is_file = any(part in path for part in ("/files/", "/delivery/", "/view", "/images/"))
        place = self.files if is_file and method == "GET" else self.looks
        place = self.orders if self.is_order(method, path) else place
        spoilt = place.popleft() if place else None
        if spoilt is not None:
            self.met.append(spoilt)
        return spoilt

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        client = self._client
        assert client is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        try:
            async with client.request(
                request.method,
                self.inner + request.raw_path,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as answer:
                data = await answer.read()
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
                return web.Response(status=answer.status, body=data, headers=kept)
        except aiohttp.ClientError:  # the service has cut the line by itself
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)

    @contextlib.asynccontextmanager
    async def standing(self) -> Any:
        app = web.Application(client_max_size=LIMIT_BYTES)
        app.router.add_route("*", "/{path:.*}", self.handle)
        async with aiohttp.ClientSession(auto_decompress=False) as self._client, _serving(app) as self.origin:
            yield self


@dataclass
class Mailbox:
    """Where services call: it keeps what comes, until somebody of the world takes it."""

    mails: "queue.SimpleQueue[Mail]" = field(default_factory=queue.SimpleQueue)
    url: str = ""

    def first(self) -> Mail | None:
        """The next call, taken out."""
        try:
            return self.mails.get_nowait()
        except queue.Empty:
            return None

    def empty(self) -> None:
        """What nobody took belongs to a story that is over."""
        while self.first() is not None:
            pass

    async def take(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        self.mails.put(Mail(request.raw_path, headers, await request.read()))
        return web.Response(status=204)

    @contextlib.asynccontextmanager
    async def standing(self) -> Any:
        app = web.Application(client_max_size=LIMIT_BYTES)
        app.router.add_post("/{path:.*}", self.take)
        async with _serving(app) as self.url:
            yield self


# ── The services ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One service: how it is served and asked, and what it bills."""

    name: str
    serve: Callable[[], AbstractAsyncContextManager[Any]]
    open: Callable[[str], Provider]  # (its base address, as our settings want it)
    orders: Callable[[Any], int]  # generations that it has accepted, and bills
    micros: dict[
        str, int
    ]  # model -> what it bills for a picture, in millionths of a dollar; the first is ours
    is_order: Callable[[str, str], bool] = lambda method, path: method == "POST"
    tells: bool = False  # whether it can be asked what became of a lost answer
    calls: bool = False  # whether it calls us
    base_of: Callable[[Any], str] = lambda service: service.url
    moves: Callable[[Any, str], None] = lambda service, url: setattr(service, "url", url)

    @property
    def model(self) -> str:
        return next(iter(self.micros))

    def __str__(self) -> str:
        return self.name


LIMITS: dict[str, Any] = {"timeout_s": 60, "submit_timeout_s": 30, "poll_timeout_s": 20}


def _secret(key: str) -> SecretStr:
    return SecretStr(key)


def _posts_to(*ends: str) -> Callable[[str, str], bool]:
    return lambda method, path: method == "POST" and path.rstrip("/").endswith(ends)


KINDS = {
    one.name: one
    for one in (
        Kind(
            name="gateway",
            serve=lambda: simulator(latency=False, tiny_images=True),
            open=lambda url: open_gateway(
                GatewaySettings(base_url=url, api_key=_secret("sim-key"), **LIMITS)
            ),
            orders=lambda service: service.bill.generations,
            # Credits: a thousandth of a dollar each.
            micros={
                "black-forest-labs/flux-2-pro": 30_000,
                "gemini-2.5-flash-image": 39_000,
                "xai/grok-imagine-image": 20_000,
                "stability-ai/sdxl": 5_000,
                "gpt-image-1-mini": 8_000,
            },
            base_of=lambda service: service.base_url,
            moves=lambda service, url: None,
        ),
        Kind(
            name="openai",
            serve=openai.running,
            open=lambda url: open_openai(
                OpenAISettings(base_url=url, api_key=_secret(drawing.KEY), **LIMITS)
            ),
            orders=lambda service: service.billed,
            # 12 tokens of text and 439 of a picture, at 5 and 30 dollars a million.
            micros={"gpt-image-2": 12 * 5 + 439 * 30, "gpt-image-1-mini": 12 * 2 + 439 * 8},
        ),
        Kind(
            name="xai",
            serve=xai.running,
            open=lambda url: open_xai(XAISettings(base_url=url, api_key=_secret(drawing.KEY), **LIMITS)),
            orders=lambda service: service.billed,
            micros={"grok-imagine-image-2.0": 40_000, "xai/grok-imagine-image": 20_000},
        ),
        Kind(
            name="google",
            serve=google.gemini,
            open=lambda url: open_google(GoogleSettings(base_url=url, api_key=_secret(google.KEY), **LIMITS)),
            orders=lambda service: len(service.calls),
            # 10 tokens in at 1.5, 1120 of a picture at 30, 205 of words and thoughts at 7.5; the half is dropped.
            micros={"gemini-nano-banana-2.1": 35_152, "gemini-2.5-flash-image": 34_116},
        ),
        Kind(
            name="bfl",
            serve=bfl.flux,
            open=lambda url: open_bfl(
                BflSettings(
                    base_url=url, api_key=_secret(bfl.KEY), webhook_secret=_secret(BFL_SECRET), **LIMITS
                )
            ),
            orders=lambda service: len(service.submits),
            calls=True,
            micros={"flux-1.1-pro-ultra": 60_000},
        ),
        Kind(
            name="stability",
            serve=stability.stable,
            open=lambda url: open_stability(
                StabilitySettings(base_url=url, api_key=_secret(stability.KEY), **LIMITS)
            ),
            orders=lambda service: len(service.calls),
            micros={"stable-image-core": 30_000, "sd3.5-large": 65_000},
        ),
        Kind(
            name="fal",
            serve=fal.fal,
            open=lambda url: open_fal(
                FalSettings(
                    base_url=url, api_key=_secret(fal.KEY), jwks_url=f"{url}/.well-known/jwks.json", **LIMITS
                )
            ),
            orders=lambda service: len(service.requests),
            calls=True,
            micros={"flux-1.1-pro-ultra": 60_000},
            tells=True,
        ),
        Kind(
            name="replicate",
            serve=replicate.replicate,
            open=lambda url: open_replicate(
                ReplicateSettings(
                    base_url=f"{url}/v1",
                    api_key=_secret(replicate.KEY),
                    webhook_secret=_secret(replicate.SECRET),
                    **LIMITS,
                )
            ),
            orders=lambda service: len(service.predictions),
            calls=True,
            micros={"flux-1.1-pro-ultra": 60_000},
            is_order=_posts_to("/predictions"),
        ),
        Kind(
            name="openrouter",
            serve=openrouter.running,
            open=lambda url: open_openrouter(
                OpenRouterSettings(base_url=url, api_key=_secret(drawing.KEY), **LIMITS)
            ),
            orders=lambda service: service.billed,
            micros={"black-forest-labs/flux-2-pro": 30_000},
        ),
        Kind(
            name="comfyui",
            serve=comfyui.comfyui,
            open=lambda url: open_comfyui(
                ComfyUISettings(base_url=url, api_key=_secret(comfyui.KEY), **LIMITS)
            ),
            orders=lambda service: service.submits,
            micros={"stability-ai/sdxl": 0, "sd3.5-large": 0},
            is_order=_posts_to("/prompt"),
            tells=True,
        ),
    )
}


@dataclass
class Served:
    """One service that stands, with its door."""

    kind: Kind
    service: Any
    door: Door
    path: str

    @property
    def base(self) -> str:
        """Its base address, through the door."""
        return self.door.origin + self.path

    def bills(self) -> int:
        return self.kind.orders(self.service)


class Coast:
    """The services that stand, each from the first story on that needs it, and the box for their calls."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._far, self._stack = Far(), AsyncExitStack()
        self._served: dict[str, Served] = {}
        self._far.do(self._stack.enter_async_context(self.mailbox.standing()))

    def served(self, kind: Kind) -> Served:
        """The service of this kind."""
        if kind.name not in self._served:
            self._served[kind.name] = self._far.do(self._come(kind))
        return self._served[kind.name]

    def close(self) -> None:
        self._far.do(self._stack.aclose())
        self._far.close()

    async def _come(self, kind: Kind) -> Served:
        service = await self._stack.enter_async_context(kind.serve())
        whole = urlsplit(kind.base_of(service))
        door = Door(is_order=kind.is_order, inner=f"{whole.scheme}://{whole.netloc}")
        await self._stack.enter_async_context(door.standing())
        kind.moves(
            service, door.origin + whole.path
        )  # the addresses in its answers lead through the door, too
        return Served(kind, service, door, path=whole.path)
