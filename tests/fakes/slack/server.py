"""The local Slack: one workspace, one app, one port, from `async with` to the end."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.patience import PATIENCE_S

from .clock import Clock
from .content import Content
from .deliveries import Deliveries
from .elsewhere import Elsewhere
from .faults import Faults
from .files import FileStore
from .http_delivery import HttpDelivery
from .limits import RateLimits
from .manifest import declared, undeclared
from .pipeline import Hook, Pipeline
from .pressing import Pressing
from .records import Call, Message, Ping, Used, Violation
from .response_urls import ResponseUrls
from .sockets import Sockets
from .talking import Talking
from .tokens import BOT_SCOPES, Tokens
from .triggers import Triggers
from .web_api import WebApi
from .workspace import Channel, Workspace

__all__ = ["EVENTS", "SlackServer"]

EVENTS = (
    "app_mention", "message.im", "reaction_added", "reaction_removed", "app_home_opened", "app_uninstalled",
    "tokens_revoked", "channel_unarchive", "group_unarchive",
)  # fmt: skip


class SlackServer(Talking, Pressing):
    """See the package's docstring for how to use it.

    `manifest` sets scopes, events, commands and shortcuts by an app manifest; `events_url` switches
    from Socket Mode to HTTP delivery (also later: `server.http.url = ...`).
    """

    def __init__(
        self,
        *,
        manifest: dict[str, Any] | None = None,
        scopes: Iterable[str] = BOT_SCOPES,
        events: Iterable[str] = EVENTS,
        events_url: str = "",
        signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5",
        ack_deadline_s: float = 3.0,
    ) -> None:
        has: dict[str, Any] = (
            declared(manifest) if manifest is not None else {"scopes": scopes, "events": events}
        )
        self.clock, self.faults, self.used = Clock(), Faults(), Used()
        self.world = Workspace(self.clock)
        self.tokens = Tokens(self.used, tuple(has["scopes"]))
        self.files, self.limits, self.triggers = (
            FileStore(self.clock),
            RateLimits(self.clock),
            Triggers(self.clock),
        )
        self.pipeline = Pipeline(
            self.clock, self.faults, lambda detail, method: self.violate("bug_in_the_fake", detail, method)
        )
        self.pipeline.hooks.append(self._watch_limits)
        self.response_urls, self.sockets, self.deliveries = (
            ResponseUrls(self),
            Sockets(self),
            Deliveries(self),
        )
        self.http, self.elsewhere = HttpDelivery(self, signing_secret), Elsewhere(self)
        self.http.url = events_url
        self.subscriptions: set[str] = set(has["events"])
        self.commands: set[str] | None = has.get("commands")
        self.shortcuts: set[tuple[str, str]] | None = has.get("shortcuts")
        self.ack_deadline_s = ack_deadline_s
        self.fetch_images = False
        """Download each image_url when posted, as Slack does; `invalid_blocks` when it is no picture."""
        self.violations: list[Violation] = []
        self.pings: list[Ping] = []
        self.possible_pings: list[Ping] = []
        self.base = ""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self.alice, self.bob = self.world.add_person("alice", is_admin=True), self.world.add_person("bob")
        self.general = self.world.add_channel("general")

    # Life

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([*WebApi(self).routes(), web.get("/link/", self.sockets.handle)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        await self.elsewhere.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.clear()
        await self.sockets.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.http.stop()
        await self.elsewhere.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_base_url(self) -> str:
        return f"{self.base}/api/"

    @property
    def address(self) -> str:
        """host:port, as `[fetch] allow_hosts` names it: files are fetched from here."""
        return self.base.removeprefix("http://")

    # Looking

    @property
    def calls(self) -> list[Call]:
        """Every request in order."""
        return self.pipeline.calls

    def called(self, method: str) -> list[Call]:
        return [c for c in self.calls if c.method == method]

    @property
    def messages(self) -> list[Message]:
        """The bot's messages that still stand, the oldest first; ephemeral ones are in world.ephemerals."""
        return [m for m in self.world.timeline() if m.by_bot]

    @property
    def ack_times_s(self) -> list[float]:
        return sorted(d.ack_s for d in self.deliveries.all if d.ack_s is not None)

    @property
    def ack_p99_s(self) -> float:
        times = self.ack_times_s
        return times[max(0, math.ceil(len(times) * 0.99) - 1)]

    def undeclared(self, manifest: dict[str, Any]) -> list[str]:
        """Everything this run used that the manifest does not declare."""
        return undeclared(manifest, self.used)

    def on_request(self, hook: Hook) -> None:
        """`hook(phase, call)` runs before each request, when its work is done, and when it was answered."""
        self.pipeline.hooks.append(hook)

    def _watch_limits(self, phase: str, call: Call) -> None:
        channel = str(call.args.get("channel") or "")
        if phase == "before":
            self.limits.heard(call.method, channel)
        elif phase == "answered" and call.retry_after_s:
            self.limits.told(call.method, channel, call.retry_after_s)

    async def until(
        self, true: Callable[[], bool], timeout_s: float = PATIENCE_S, what: str = "that"
    ) -> None:
        """Waits for something to become true."""
        end = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come within {timeout_s:.1f} s")
            await asyncio.sleep(0.01)

    # What the modules of this package share

    def violate(self, kind: str, detail: str, method: str) -> None:
        self.violations.append(Violation(kind=kind, detail=detail, method=method))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def bot_message(
        self,
        channel: Channel,
        content: Content,
        *,
        via: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
        ephemeral_for: str | None = None,
    ) -> Message:
        message = self.world.put(
            Message(
                channel=channel.id,
                ts=self.world.ts(),
                user=self.world.bot_user,
                bot_id=self.world.bot_id,
                app_id=self.world.app_id,
                text=content.text or "",
                blocks=content.blocks or [],
                attachments=content.attachments or [],
                metadata=content.metadata or None,
                thread_ts=thread_ts,
                broadcast=broadcast,
                ephemeral_for=ephemeral_for,
                via=via,
            )
        )
        if ephemeral_for is None:
            self.tell_message(message)
        return message

    def share_files(self, channel: Channel, files: list[str], comment: str, thread_ts: str | None) -> Message:
        content = Content(text=comment, blocks=None, attachments=None, metadata=None)
        message = self.bot_message(channel, content, via="files.completeUploadExternal", thread_ts=thread_ts)
        message.files = files
        return message

    def delete_message(self, message: Message) -> None:
        """Gone for everybody; the record stays."""
        if not message.deleted and message.ephemeral_for is None:
            self.tell_message_deleted(message)
        message.deleted = True
