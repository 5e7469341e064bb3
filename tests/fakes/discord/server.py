"""One local Discord: REST, gateway and CDN on one loopback port, with the world and its records."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.patience import PATIENCE_S

from . import routes_application, routes_files, routes_market  # noqa: F401 - their routes register themselves
from .actions import People
from .builder import Builder
from .cdn import Cdn
from .clock import Clock
from .commands import Registry
from .faults import Faults
from .gateway import Gateway
from .interactions import Interactions, Invocation
from .market import Market
from .members import MIB
from .messages import Messages
from .ratelimit import RateLimits
from .rest import BASE, Rest, call_hook
from .routes import router
from .state import Ping, Records, Request, Violation
from .uploads import REQUEST_LIMIT_BYTES
from .world import World


class DiscordServer(Builder, People, Market):
    """See the package's docstring for the tour."""

    def __init__(
        self,
        *,
        token: str = "fake-bot-token",
        application_id: int | None = None,
        privileged: int = 0,
        recommended_shards: int = 1,
        bot_public: bool = True,
    ) -> None:
        self.token = token
        self.clock = Clock()
        self.records = Records(self.clock)
        self.world = World(self.clock, application_id)
        self.application_owner = self.world.user("the developer")
        self.commands = Registry(self.world)
        self.messages = Messages(self)
        self.cdn = Cdn(self)
        self.interactions = Interactions(self)
        self.gateway = Gateway(self)
        self.gateway.privileged = privileged
        self.limits = RateLimits()
        self.faults = Faults()
        self.recommended_shards = recommended_shards
        self.bot_public = bot_public
        self.request_limit_bytes = REQUEST_LIMIT_BYTES
        self.stopping = False
        self.skus, self.entitlements = {}, {}
        self.url = ""
        self._hooks: list[Callable[..., Any]] = []
        self._runner: web.AppRunner | None = None

    # --- life

    async def __aenter__(self) -> Self:
        rest = Rest(self, router)
        app = web.Application(client_max_size=128 * MIB)
        app.router.add_get("/gateway", self.gateway.handle)
        self.cdn.add_to(app)
        app.router.add_route("*", BASE + "/{rest:.*}", rest.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = self.world.links.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping = True
        await self.gateway.close_all()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_base_url(self) -> str:
        return self.url + BASE

    @property
    def gateway_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/gateway"

    # --- what tests read

    @property
    def bot(self) -> Any:
        return self.world.bot

    @property
    def requests(self) -> list[Request]:
        return self.records.requests

    @property
    def violations(self) -> list[Violation]:
        """Every misuse so far, unanswered interactions included; tests assert that it is empty."""
        silent = [
            Violation("unanswered", f"interaction {one.id} of {one.user.name}: {one.data}")
            for one in self.interactions.unanswered
            if one.delivered
        ]
        late = [one.detail.split()[1] for one in self.records.violations if one.kind == "late"]
        return self.records.violations + [one for one in silent if one.detail.split()[1] not in late]

    @property
    def pings(self) -> list[Ping]:
        return self.records.pings

    def forgive(self, kind: str | None = None) -> list[Violation]:
        """Takes expected violations off the list; unanswered interactions are forgotten by kind `unanswered`."""
        taken = self.records.forgive(kind)
        for one in self.interactions.unanswered if kind in (None, "unanswered") else []:
            one.delivered = False
        return taken

    @property
    def downloads(self) -> list[Request]:
        """What was asked of the CDN."""
        return self.cdn.downloads

    @property
    def ready(self) -> bool:
        """Whether a client is connected and identified."""
        return bool(self.gateway.live)

    @property
    def invocations(self) -> list[Invocation]:
        return list(self.interactions.all.values())

    def calls(self, method: str, template: str) -> list[Request]:
        """The requests of one route, by its template such as `/channels/{channel}/messages`."""
        return self.records.calls(method, template)

    async def until(self, holds: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
        """Waits until `holds()` is true and returns what it gave."""
        return await self.records.until(holds, timeout)

    # --- what tests do to the server

    def on_request(self, hook: Callable[..., Any]) -> None:
        """`hook(phase, request)` is called (and awaited) before and after the work of each request."""
        self._hooks.append(hook)

    async def tell_hooks(self, phase: str, request: Request) -> None:
        for hook in self._hooks:
            await call_hook(hook, phase, request)

    async def drop(self, *, abrupt: bool = True) -> None:
        """Cuts every gateway connection; sessions stay and can be resumed."""
        await self.gateway.drop(abrupt=abrupt)

    async def reconnect(self) -> None:
        """Asks clients to reconnect (op 7)."""
        await self.gateway.reconnect()

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Ends the sessions (op 9)."""
        await self.gateway.invalidate(resumable=resumable)
