"""The way of every request: record, hooks, planned faults, the work, hooks, the answer."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .clock import Clock
from .faults import Fault, Faults
from .records import Call

__all__ = ["Answer", "Hook", "Pipeline"]

Hook = Callable[[str, Call], Any]
"""Called with a phase and the call: `before` (nothing done), `done` (the work is done, the answer
is not sent), `answered` (the program has it). May be async."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back: JSON when `body` is a dict, else text."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/plain"

    def response(self) -> web.Response:
        if isinstance(self.body, dict):
            text, kind = json.dumps(self.body), "application/json"
        elif isinstance(self.body, bytes):
            return web.Response(
                body=self.body, status=self.status, headers=self.headers, content_type=self.content_type
            )
        else:
            text, kind = str(self.body), self.content_type
        return web.Response(text=text, status=self.status, headers=self.headers, content_type=kind)


class Pipeline:
    """Every request in order, with whatever a test planned for it."""

    def __init__(self, clock: Clock, faults: Faults, on_bug: Callable[[str, str], None]) -> None:
        self.on_bug = on_bug
        self.calls: list[Call] = []
        self.hooks: list[Hook] = []
        self._clock = clock
        self._faults = faults

    def new_call(self, method: str, args: dict[str, Any], token: str | None = None) -> Call:
        call = Call(seq=len(self.calls) + 1, at=self._clock.now(), method=method, args=args, token=token)
        self.calls.append(call)
        return call

    async def serve(
        self, request: web.Request, call: Call, work: Callable[[], Awaitable[Answer]]
    ) -> web.StreamResponse:
        await self._tell("before", call)
        spoilt = await self._spoil(request, call, after=False)
        if spoilt is not None:
            return await self._send(request, spoilt, call)
        try:
            answer = await work()
        except Exception as error:
            self.on_bug(f"{type(error).__name__}: {error}", call.method)
            raise
        call.status, call.answer = answer.status, answer.body
        call.done = answer.status < 400 and (
            not isinstance(answer.body, dict) or bool(answer.body.get("ok", True))
        )
        await self._tell("done", call)
        spoilt = await self._spoil(request, call, after=True)
        return await self._send(request, spoilt or answer, call)

    async def _send(self, request: web.Request, answer: Answer, call: Call) -> web.StreamResponse:
        response = answer.response()
        call.status = answer.status
        call.retry_after_s = float(answer.headers.get("Retry-After", 0))
        if call.answer is None:
            call.answer = answer.body
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            return response
        await self._tell("answered", call)
        return response

    async def _tell(self, phase: str, call: Call) -> None:
        for hook in list(self.hooks):
            answer = hook(phase, call)
            if inspect.isawaitable(answer):
                await answer

    async def _spoil(self, request: web.Request, call: Call, *, after: bool) -> Answer | None:
        while (fault := self._faults.take(call, after=after)) is not None:
            if fault.kind == "slow":
                await (fault.gate.wait() if fault.gate is not None else asyncio.sleep(fault.delay_s))
                continue
            call.forced = True
            return self._spoilt(request, fault)
        return None

    def _spoilt(self, request: web.Request, fault: Fault) -> Answer:
        if fault.kind == "cut":
            if request.transport is not None:
                request.transport.abort()
            return Answer(body="")
        if fault.kind == "rate_limit":
            headers = {"Retry-After": str(fault.retry_after_s)}
            return Answer(body={"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault.kind == "redirect":
            return Answer(body="", status=302, headers={"Location": fault.location})
        if fault.kind == "break":
            return Answer(body=fault.body, status=fault.status, content_type=fault.content_type)
        return Answer(body={"ok": False, "error": fault.error, **fault.extra})
