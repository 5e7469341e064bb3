"""Rate limits: the headers on every answer, and, when enforced, the 429s of the real numbers."""

import hashlib
import time
from typing import Any

# Requests and seconds, per route and major parameter, as seen on the real API.
REAL = {
    "POST /channels/{channel}/messages": (5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": (5, 1.0),
    "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me": (1, 0.25),
    "POST /webhooks/{application}/{token}": (5, 2.0),
    "PATCH /webhooks/{application}/{token}/messages/{message}": (5, 2.0),
    "DELETE /webhooks/{application}/{token}/messages/{message}": (5, 2.0),
    "PUT /applications/{application}/commands": (2, 60.0),
    "PUT /applications/{application}/guilds/{guild}/commands": (2, 60.0),
}
ELSE = (50, 1.0)
GENEROUS = (10_000, 1.0)
GLOBAL = (50, 1.0)


class Window:
    """A fixed window that starts with its first request, as Discord's buckets do."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self.used = 0
        self.resets = 0.0

    def take(self) -> bool:
        now = time.monotonic()
        if now >= self.resets:
            self.used, self.resets = 0, now + self.seconds
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    @property
    def left_s(self) -> float:
        return max(0.001, round(self.resets - time.monotonic(), 3))


class RateLimits:
    """`enforced` turns the real numbers on; otherwise the windows are so wide that no client waits."""

    def __init__(self) -> None:
        self.enforced = False
        self.overrides: dict[str, tuple[int, float]] = {}
        self._windows: dict[tuple[bool, str, str], Window] = {}
        self._global = Window(*GLOBAL)

    def take(self, route: str, major: str, *, interaction: bool) -> tuple[Window, str | None]:
        """The route's window, and the scope of the refusal (None: go ahead). Interactions skip the global one."""
        size = self.overrides.get(route) or (REAL.get(route, ELSE) if self.enforced else GENEROUS)
        key = (self.enforced, route, major)
        window = self._windows.get(key)
        if window is None or (window.limit, window.seconds) != size:
            window = self._windows[key] = Window(*size)
        if self.enforced and not interaction and not self._global.take():
            return self._global, "global"
        return window, None if window.take() else "user"

    @staticmethod
    def headers(window: Window, route: str) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(max(0, window.limit - window.used)),
            "X-RateLimit-Reset": f"{time.time() + window.left_s:.3f}",
            "X-RateLimit-Reset-After": f"{window.left_s:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }


def refusal(retry_after_s: float, scope: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers of a 429. discord.py believes it only with a Via header and a JSON body."""
    body = {
        "message": "You are being rate limited.",
        "retry_after": retry_after_s,
        "global": scope == "global",
    }
    headers = {"Retry-After": str(max(1, round(retry_after_s))), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return body, headers
