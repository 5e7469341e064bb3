"""Knobs by which a test spoils calls: refusals, rate limits, broken answers, cut lines, slowness."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .records import Call

__all__ = ["Fault", "Faults"]

_HTML = "<html><body><h1>Service Unavailable</h1></body></html>"


@dataclass(kw_only=True)
class Fault:
    """What happens to the next `times` calls of `method` that `when` accepts."""

    method: str
    times: int
    kind: str
    after: bool = False
    """The work is done first: only the answer is lost."""
    error: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    status: int = 503
    body: str = ""
    location: str = ""
    content_type: str = "text/html"
    retry_after_s: int = 1
    delay_s: float = 0.0
    gate: asyncio.Event | None = None
    when: Callable[[Call], bool] = lambda _: True
    hits: int = 0

    def matches(self, call: Call) -> bool:
        return self.times > 0 and self.method in (call.method, "*") and self.when(call)


class Faults:
    """Each verb plans a fault; `method` is a Web API method, `upload`, `download`, `response_url` or `*`.

    Every verb takes `times` and `when` (a test of the Call) and returns the Fault, whose `hits` counts.
    """

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def fail(self, method: str, error: str, times: int = 1, **more: Any) -> Fault:
        """Answers `{"ok": false, "error": error}` and does nothing; `extra=` adds to the body."""
        return self._plan(kind="fail", method=method, error=error, times=times, **more)

    def rate_limit(self, method: str, times: int = 1, retry_after_s: int = 1, **more: Any) -> Fault:
        """Answers 429 with Retry-After and does nothing."""
        return self._plan(kind="rate_limit", method=method, times=times, retry_after_s=retry_after_s, **more)

    def break_answer(
        self, method: str, times: int = 1, *, status: int = 503, after: bool = False, **more: Any
    ) -> Fault:
        """A 5xx whose body is no JSON; `content_type="text/plain"` makes slack_sdk's data a string."""
        more = {"body": _HTML, **more}
        return self._plan(kind="break", method=method, times=times, status=status, after=after, **more)

    def cut(self, method: str, times: int = 1, *, after: bool = False, **more: Any) -> Fault:
        """Cuts the connection, before the work or (`after=True`) when the work was done."""
        return self._plan(kind="cut", method=method, times=times, after=after, **more)

    def redirect(self, method: str, location: str, times: int = 1, **more: Any) -> Fault:
        """Sends the program elsewhere (302): whether it goes, and what it takes along, is its choice."""
        return self._plan(kind="redirect", method=method, location=location, times=times, **more)

    def slow(self, method: str, delay_s: float, times: int = 1, *, after: bool = False, **more: Any) -> Fault:
        return self._plan(kind="slow", method=method, delay_s=delay_s, times=times, after=after, **more)

    def hold(self, method: str, times: int = 1, *, after: bool = False, **more: Any) -> Fault:
        """Keeps the call waiting until the test does `fault.gate.set()`."""
        return self._plan(kind="slow", method=method, times=times, after=after, gate=asyncio.Event(), **more)

    def clear(self) -> None:
        for fault in self._planned:
            if fault.gate is not None:
                fault.gate.set()
        self._planned.clear()

    def take(self, call: Call, *, after: bool) -> Fault | None:
        """The fault that spoils this call now, counted."""
        for fault in self._planned:
            if fault.after == after and fault.matches(call):
                fault.times -= 1
                fault.hits += 1
                return fault
        return None

    def _plan(self, **fields: Any) -> Fault:
        fault = Fault(**fields)
        self._planned.append(fault)
        return fault
