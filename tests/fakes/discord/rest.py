"""The REST side: finds the route, checks token and budget, applies the faults, and answers as Discord does."""

import dataclasses
import inspect
import json
import re
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.there import there

from . import ratelimit, uploads
from .errors import ApiError
from .faults import Fault
from .state import Request
from .uploads import Form

if TYPE_CHECKING:
    from .server import DiscordServer

BASE = "/api/v10"
MAJOR = ("channel", "guild", "application", "token", "interaction")
IDS = {"channel", "message", "guild", "user", "command", "role"}
# What a careful client never gets, whatever happens in the world.
MISUSE = {
    0: "unauthorised",
    50006: "invalid body",
    50035: "invalid body",
    50109: "invalid body",
    10014: "invalid body",
}


@dataclasses.dataclass(eq=False)
class Call:
    """One request on its way through a handler."""

    server: "DiscordServer"
    request: Request
    args: dict[str, Any]
    form: Form

    @property
    def body(self) -> Any:
        return self.form.body if self.form.body is not None else {}

    def flag(self, name: str) -> bool:
        return self.request.query.get(name, "").lower() in {"1", "true"}


Handler = Callable[[Call], Awaitable[Any]]


@dataclasses.dataclass(frozen=True)
class Route:
    method: str
    template: str
    handler: Handler
    keyless: bool
    pattern: re.Pattern[str]


class Router:
    """Handlers by method and template; `keyless` routes carry their own token in the path."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(self, method: str, template: str, *, keyless: bool = False) -> Callable[[Handler], Handler]:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, template, handler, keyless, pattern))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        # A literal segment wins over a placeholder, so `@me` is never taken for an id.
        for route in sorted(self.routes, key=lambda one: one.template.count("{")):
            match = route.pattern.fullmatch(path)
            if match and route.method == method:
                return route, match.groupdict()
        return None, {}


class Rest:
    def __init__(self, server: "DiscordServer", router: Router) -> None:
        self._server = server
        self._router = router

    async def handle(self, http: web.Request) -> web.StreamResponse:
        records = self._server.records
        path = http.path.removeprefix(BASE)
        request = Request(
            http.method,
            path,
            query=dict(http.query),
            headers=dict(http.headers),
            at=self._server.clock.now(),
            fair_at=self._server.clock.fair(),
        )
        records.requests.append(request)
        route, args = self._router.find(http.method, path)
        request.template = route.template if route else ""
        form, flaw = await self._read(http)
        request.body, request.files = form.body, [one.filename for one in form.files.values()]
        await self._server.tell_hooks("before", request)
        faults = self._server.faults.striking(http.method, path)
        response = await self._before(faults, request) or await self._work(route, args, form, flaw, request)
        cut = any(fault.kind in {"cut_before", "cut_after"} for fault in faults)
        for fault in faults:
            if fault.kind == "status_after":
                response = web.Response(
                    status=fault.status, text="<html>lost</html>", content_type="text/html"
                )
        request.ended = time.monotonic()
        request.status = 0 if cut else response.status
        records.watch_retries(request)
        records.changed()
        await self._server.tell_hooks("after", request)
        return self._cut(http) if cut else response

    async def _read(self, http: web.Request) -> tuple[Form, ApiError | None]:
        try:
            return await uploads.read(http, self._server.request_limit_bytes), None
        except ApiError as error:
            return Form(), error

    @staticmethod
    def _cut(http: web.Request) -> web.Response:
        if http.transport is not None:
            http.transport.abort()
        return web.Response(status=500)

    async def _before(self, faults: list[Fault], request: Request) -> web.Response | None:
        """The answer of a fault that comes instead of the work."""
        for fault in faults:
            request.fault = fault.kind
            await fault.wait()
            if fault.kind == "cut_before":
                return web.Response(status=500)
            if fault.kind == "429":
                body, headers = ratelimit.refusal(fault.seconds, fault.scope)
                return self._json(request, 429, body, headers)
            if fault.kind == "bare429":
                body, _ = ratelimit.refusal(fault.seconds, fault.scope)
                request.response = body
                return web.json_response(body, status=429)
            if fault.kind == "wall":
                page = "<html>error code: 1015</html>"
                headers = {"Retry-After": f"{fault.seconds:g}"}
                return web.Response(status=429, text=page, content_type="text/html", headers=headers)
            if fault.kind == "code":
                error = ApiError(there(fault.code))
                request.error_code = error.code
                limited = {"retry_after": 0.1, "global": False} if error.status == 429 else {}
                return self._json(request, error.status, error.body() | limited, {})
            if fault.kind == "status":
                return web.Response(
                    status=fault.status, text="<html>upstream error</html>", content_type="text/html"
                )
        return None

    async def _work(
        self, route: Route | None, args: dict[str, Any], form: Form, flaw: ApiError | None, request: Request
    ) -> web.Response:
        if route is None:
            self._server.records.violate("unknown route", f"{request.method} {request.path}")
            return self._json(request, 404, {"message": "404: Not Found", "code": 0}, {})
        key = f"{request.method} {route.template}"
        major = "/".join(args[name] for name in MAJOR if name in args)
        window, scope = self._server.limits.take(key, major, interaction=route.keyless)
        headers = ratelimit.RateLimits.headers(window, key)
        if scope:
            self._server.records.rate_limited.append(request)
            body, more = ratelimit.refusal(window.left_s, scope)
            return self._json(request, 429, body, headers | more)
        try:
            self._authorise(route, request, flaw)
            result = await route.handler(Call(self._server, request, _typed(args), form))
        except ApiError as error:
            self._note(error, request)
            return self._json(request, error.status, error.body(), headers)
        except Exception:
            # A body so odd that the checks trip over it: shown to the test instead of hidden in a log.
            self._server.records.violate("broke the server", f"{request}: {traceback.format_exc()}")
            return self._json(request, 500, {"message": "500: Internal Server Error", "code": 0}, headers)
        status, body = result if isinstance(result, tuple) else (200 if result is not None else 204, result)
        return self._json(request, status, body, headers)

    def _authorise(self, route: Route, request: Request, flaw: ApiError | None) -> None:
        said = request.headers.get("Authorization")
        if not route.keyless and said != f"Bot {self._server.token}":
            raise ApiError(0)
        agent = request.headers.get("User-Agent", "")
        if not route.keyless and not agent.startswith("DiscordBot ("):
            self._server.records.violate("user agent", f"{agent!r} on {request.path}")
        if flaw:
            raise flaw

    def _note(self, error: ApiError, request: Request) -> None:
        request.error_code = error.code
        if error.code in MISUSE and not error.excused:
            detail = json.dumps(error.errors) if error.errors else error.message
            self._server.records.violate(MISUSE[error.code], f"{request.method} {request.path}: {detail}")

    @staticmethod
    def _json(request: Request, status: int, body: Any, headers: dict[str, str]) -> web.Response:
        request.response = body
        headers = {"Via": "1.1 google", **headers}
        if status == 204:
            return web.Response(status=204, headers=headers)
        # Bytes and no charset: discord.py compares the content type literally.
        return web.Response(
            status=status, body=json.dumps(body).encode(), content_type="application/json", headers=headers
        )


def _typed(args: dict[str, str]) -> dict[str, Any]:
    """Ids as numbers; a word where an id belongs is an invalid form, as in the real API."""
    typed: dict[str, Any] = dict(args)
    for name in IDS & args.keys():
        if args[name] in {"@me", "@original"}:
            continue
        if not args[name].isdigit():
            tree = {
                f"{name}_id": {
                    "_errors": [
                        {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{args[name]}" is not snowflake.'}
                    ]
                }
            }
            raise ApiError(50035, errors=tree)
        typed[name] = int(args[name])
    return typed


async def call_hook(hook: Callable[..., Any], phase: str, request: Request) -> None:
    result = hook(phase, request)
    if inspect.isawaitable(result):
        await result
