"""The one HTTP listener: health, metrics, our pictures, and what integrations mount."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from bot.errors import EaselError
from bot.http.bodies import Bounded
from bot.http.guard import Guard, HostNames, Proven
from bot.pictures.assets import Assets
from bot.pictures.serving import SAFE, serve
from bot.process.telemetry import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What must work for this process to take requests, and how its surfaces are: nothing, or what is wrong.

    A surface in trouble takes nothing from the others: a load balancer goes on sending them requests.
    """

    parts: Mapping[str, bool]
    surfaces: Mapping[str, str]


Ready = Callable[[], Awaitable[Readiness]]


def application(
    *, assets: Assets, metrics: Metrics, ready: Ready, names: HostNames, mounts: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The routes behind their guard. `ready` names what must work, and whether it does."""

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

    guarded = _routed(
        [
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", exposition),
            *(route for route in mounts if not isinstance(route, Proven)),
        ]
    )
    proven = [_picture(assets), *(route for route in mounts if isinstance(route, Proven))]
    limits = {route.path: route.limit_bytes for route in proven if route.limit_bytes}
    return Bounded(_routed([*proven, Mount("/", Guard(guarded, names))]), limits=limits)


def lending(assets: Assets) -> ASGIApp:
    """Our pictures alone, for a service that fetches what it is given."""
    return Bounded(_routed([_picture(assets)]))


def _picture(assets: Assets) -> Proven:
    async def picture(request: Request) -> Response:
        return await serve(assets, request)

    return Proven("/a/{token:path}", picture)


def _routed(routes: Sequence[BaseRoute]) -> Starlette:
    app = Starlette(routes=list(routes), exception_handlers={EaselError: _unexpected})
    app.router.redirect_slashes = (
        False  # a path is what it is; nothing is put together from the request's headers
    )
    return app


async def _unexpected(_: Request, _error: Exception) -> Response:
    return PlainTextResponse("Please try again in a moment.", status_code=503, headers=SAFE)
