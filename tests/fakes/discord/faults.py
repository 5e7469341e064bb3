"""Faults on request: errors, 429s, lost answers, cut connections and delays on named routes."""

import asyncio
import dataclasses
import re
from typing import Any


@dataclasses.dataclass(eq=False)
class Fault:
    """Strikes the next `times` calls whose `METHOD /path` matches; `seen` counts the strikes."""

    pattern: str
    kind: str
    times: int
    status: int = 500
    seconds: float = 0.0
    scope: str = "user"
    code: int | None = None
    skip: int = 0
    seen: int = 0
    _regex: re.Pattern[str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        method, path = self.pattern.split(" ", 1)
        escaped = re.escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^/]+")
        self._regex = re.compile(("[A-Z]+" if method == "*" else method) + " " + escaped)

    def strikes(self, method: str, path: str) -> bool:
        if self.seen >= self.times or not self._regex.fullmatch(f"{method} {path}"):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.seen += 1
        return True

    async def wait(self) -> None:
        if self.kind == "delay":
            await asyncio.sleep(self.seconds)


class Faults:
    """Patterns are `METHOD /path` (without /api/v10): `*` is one segment or any method, `**` any rest."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def _add(self, pattern: str, kind: str, times: int, **facts: Any) -> Fault:
        fault = Fault(pattern, kind, times, **facts)
        self.active.append(fault)
        return fault

    def fail(self, pattern: str, status: int = 500, *, times: int = 1, skip: int = 0) -> Fault:
        """Answers this status (5xx: a page that is not JSON) instead of doing the work."""
        return self._add(pattern, "status", times, status=status, skip=skip)

    def refuse(self, pattern: str, code: int, *, times: int = 1, skip: int = 0) -> Fault:
        """Answers one of Discord's error codes (errors.CODES) instead of doing the work."""
        return self._add(pattern, "code", times, code=code, skip=skip)

    def limit(
        self, pattern: str, retry_after_s: float = 0.3, *, times: int = 1, scope: str = "user"
    ) -> Fault:
        """Answers 429; scope is user, shared or global."""
        return self._add(pattern, "429", times, seconds=retry_after_s, scope=scope)

    def limit_barely(
        self, pattern: str, retry_after_s: float = 0.3, *, times: int = 1, scope: str = "user"
    ) -> Fault:
        """The same, with what a proxy on the way leaves of it: the body alone."""
        return self._add(pattern, "bare429", times, seconds=retry_after_s, scope=scope)

    def wall(self, pattern: str, retry_after_s: float = 30, *, times: int = 1) -> Fault:
        """Cloudflare's 429: a page, no Via, Retry-After; it stands before everything."""
        return self._add(pattern, "wall", times, seconds=retry_after_s)

    def cut_before(self, pattern: str, *, times: int = 1, skip: int = 0) -> Fault:
        """Cuts the connection; nothing was done."""
        return self._add(pattern, "cut_before", times, skip=skip)

    def cut_after(self, pattern: str, *, times: int = 1, skip: int = 0) -> Fault:
        """Does the work, then cuts the connection: done, but the answer is lost."""
        return self._add(pattern, "cut_after", times, skip=skip)

    def fail_after(self, pattern: str, status: int = 502, *, times: int = 1) -> Fault:
        """Does the work, then answers this status."""
        return self._add(pattern, "status_after", times, status=status)

    def delay(self, pattern: str, seconds: float, *, times: int = 1) -> Fault:
        """Waits before doing the work."""
        return self._add(pattern, "delay", times, seconds=seconds)

    def clear(self) -> None:
        self.active.clear()

    def striking(self, method: str, path: str) -> list[Fault]:
        return [one for one in self.active if one.strikes(method, path)]
