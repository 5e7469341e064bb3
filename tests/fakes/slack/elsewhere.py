"""Another host: where files lie that Slack only points to, and where no token of Slack's may ever arrive."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Elsewhere"]


class Elsewhere:
    """`put(name, data)` answers an address; `asked` are the names that somebody came for."""

    def __init__(self, slack: "SlackServer") -> None:
        self.asked: list[str] = []
        self._slack = slack
        self._files: dict[str, bytes] = {}
        self._base = ""
        self._runner: web.AppRunner | None = None

    def put(self, name: str, data: bytes) -> str:
        self._files[name] = data
        return f"{self._base}/{name}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{name:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        said = f"{request.headers} {request.path_qs}"
        if self._slack.tokens.bot in said or self._slack.tokens.app in said:
            self._slack.violate("token_elsewhere", f"a token was sent to {request.url}", "elsewhere")
        if name not in self._files:
            return web.Response(status=404)
        return web.Response(body=self._files[name])
