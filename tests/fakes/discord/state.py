"""What the server remembers for tests: every request, every misuse, and who would have been pinged."""

import asyncio
import dataclasses
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.patience import PATIENCE_S

from .clock import Clock

RETRY_PAUSE_S = 3.0


@dataclasses.dataclass(eq=False)
class Request:
    """One REST call, in order of arrival; `status` 0 means that the connection was cut."""

    method: str
    path: str
    template: str = ""
    query: dict[str, str] = dataclasses.field(default_factory=dict)
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: Any = None
    files: list[str] = dataclasses.field(default_factory=list)
    at: float = 0.0
    fair_at: float = 0.0  # the same on the fair clock
    started: float = dataclasses.field(default_factory=time.monotonic)
    ended: float | None = None
    status: int | None = None
    response: Any = None
    error_code: int | None = None
    fault: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status} {self.error_code or ''}".rstrip()


@dataclasses.dataclass(frozen=True)
class Violation:
    """A misuse of the API: what a careful client never does."""

    kind: str
    detail: str
    at: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclasses.dataclass(frozen=True)
class Ping:
    """A message that would have notified someone: a user id, a role id, or `everyone`."""

    message: Any
    target: int | str


class Records:
    """The lists that tests read, and a way to wait until one of them says what is expected."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.requests: list[Request] = []
        self.violations: list[Violation] = []
        self.pings: list[Ping] = []
        self.rate_limited: list[Request] = []
        self._changed = asyncio.Event()
        self._refused: dict[tuple[str, str, str], tuple[int, float]] = {}

    def violate(self, kind: str, detail: str) -> None:
        self.violations.append(Violation(kind, detail, self.clock.now()))
        self.changed()

    def forgive(self, kind: str | None = None) -> list[Violation]:
        """Takes the violations of this kind (of every kind: None) off the list and returns them."""
        taken = [one for one in self.violations if kind in (None, one.kind)]
        self.violations[:] = [one for one in self.violations if one not in taken]
        return taken

    def changed(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, holds: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
        """Waits until `holds()` is true and returns its value; looks again after every change."""
        end = time.monotonic() + timeout
        while not (value := holds()):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(
                    f"still false after {timeout} s; last requests: {[str(one) for one in self.requests[-8:]]}"
                )
            try:
                # The short ceiling also sees what only the passing of time changes.
                await asyncio.wait_for(self._changed.wait(), min(left, 0.25))
            except TimeoutError:
                continue
        return value

    def calls(self, method: str, template: str) -> list[Request]:
        """The requests of one route, by its template such as `/channels/{channel}/messages`."""
        return [one for one in self.requests if (one.method, one.template) == (method, template)]

    def watch_retries(self, request: Request) -> None:
        """The same call right after a 401, 403 or 404 is what gets bots banned (10,000 in 10 min).

        Once more after some seconds is how a passing failure is told from a lasting one.
        """
        key = (request.method, request.path, repr(request.body))
        before = self._refused.pop(key, None)
        if request.status not in {401, 403, 404} or request.fault:
            return
        self._refused[key] = (request.status, request.started)
        if before and request.started - before[1] < RETRY_PAUSE_S:
            self.violate("retried", f"{request} right after a {before[0]}")
