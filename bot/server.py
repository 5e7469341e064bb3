"""The one HTTP listener: health, metrics, our pictures, and what integrations mount."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import ConfigError, EaselError, NotThere, StoreBusy
from bot.pictures.assets import Assets, media_type_of
from bot.telemetry import Metrics

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What must work for this process to take requests, and how its surfaces are: nothing, or what is wrong.

    A surface in trouble takes nothing from the others: a load balancer goes on sending them requests.
    """

    parts: Mapping[str, bool]
    surfaces: Mapping[str, str]


Ready = Callable[[], Awaitable[Readiness]]


def application(
    *, assets: Assets, metrics: Metrics, ready: Ready, mounts: Sequence[BaseRoute] = ()
) -> Starlette:
    """The routes. `ready` names what must work, and whether it does."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        now = await ready()
        works = all(now.parts.values())
        surfaces = {name: trouble or "ok" for name, trouble in now.surfaces.items()}
        body = {"ready": works, **now.parts, "surfaces": surfaces}
        return JSONResponse(body, status_code=200 if works else 503)

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")

    async def picture(request: Request) -> Response:
        """A capability URL: whoever has it may see it, nobody can guess one."""
        key = assets.resolve(request.path_params["token"])
        if key is None:
            return PlainTextResponse("There is no such picture.", status_code=404, headers=_SAFE)
        try:
            data = await assets.read(key)
        except NotThere:
            return PlainTextResponse("This picture isn't there any more.", status_code=410, headers=_SAFE)
        except StoreBusy:
            return PlainTextResponse("Please try again in a moment.", status_code=503, headers=_SAFE)
        headers = {**_SAFE, "Cache-Control": "private, max-age=86400, immutable"}
        return Response(data, media_type=media_type_of(key), headers=headers)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", exposition),
            Route("/a/{token:path}", picture),
            *mounts,
        ],
        exception_handlers={EaselError: _unexpected},
    )


async def _unexpected(_: Request, _error: Exception) -> Response:
    return PlainTextResponse("Please try again in a moment.", status_code=503, headers=_SAFE)


class _Quiet(uvicorn.Server):
    """uvicorn without its signal handlers: the program has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """Takes the address before anything else starts. Raises ConfigError when it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio switches Nagle off on accepted connections.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigError(f"[http] port: {host}:{port} can't be used: {error.strerror}") from error
    listener.setblocking(False)
    return listener


@contextlib.asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serves on the listener until the block ends; open streams get a moment to close."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2, ws="none"
    )
    server = _Quiet(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        if task.done():
            await task  # It could not start, and says why.
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, 5)
        listener.close()
