"""Discord's rate limits: what its answers tell of them. https://discord.com/developers/docs/topics/rate-limits"""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from bot.limits.budgets import Budgets, Left, Reach

GLOBAL_PER_S = 45  # of 50: other processes may use the same token
GLOBAL_WINDOW_S = 1.0  # from the answer: a call takes a while to arrive, and counts when it does
INVALID_MOST = 1_000  # in ten minutes; at 10,000 the address is banned, for every process behind it
INVALID_WINDOW_S = 600.0
_REST_UNTOLD_S, _REST_LEAST_S, _REST_MOST_S = 5.0, 0.05, 86_400.0


class Credential(StrEnum):
    """By what a call is allowed: each has a global limit of its own."""

    BOT = "bot"
    TOKEN = "token"  # noqa: S105 - an interaction's, in the path


def rate_limits(clock: Callable[[], float] = time.monotonic) -> Budgets:
    """Those of one process."""
    return Budgets(
        {Credential.BOT: GLOBAL_PER_S, Credential.TOKEN: 0},
        window_s=GLOBAL_WINDOW_S,
        invalid_most=INVALID_MOST,
        invalid_window_s=INVALID_WINDOW_S,
        clock=clock,
    )


def left_in(headers: Mapping[str, str]) -> Left | None:
    """What an answer tells of its route's budget."""
    left, after = headers.get("X-RateLimit-Remaining"), headers.get("X-RateLimit-Reset-After")
    if left is None or after is None:
        return None
    return Left(calls=int(left), after_s=float(after), limit=int(headers.get("X-RateLimit-Limit") or 0))


def rest_of(headers: Mapping[str, str], told: Mapping[str, Any]) -> tuple[float, Reach]:
    """How long a 429 asks to rest, and what. Of body and header the longer rest counts."""
    said = [_seconds(one) for one in (told.get("retry_after"), headers.get("Retry-After")) if one is not None]
    after_s = min(_REST_MOST_S, max(_REST_LEAST_S, *said)) if said else _REST_UNTOLD_S
    scope = headers.get("X-RateLimit-Scope")
    if told.get("global") or headers.get("X-RateLimit-Global") or scope == "global":
        return after_s, Reach.KIND
    # The API says what it is about; what answers without that stands in front of it.
    by_api = "global" in told or scope is not None or "X-RateLimit-Bucket" in headers
    return after_s, Reach.ROUTE if by_api else Reach.EVERYTHING


def _seconds(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return _REST_UNTOLD_S
