"""How late a loop is."""

import asyncio
import math
import time
from collections.abc import Sequence

TICK_S = 0.02


def quantile(values: Sequence[float], share: float) -> float:
    """Of sorted values."""
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else math.nan


async def late(found: list[float], tick_s: float = TICK_S) -> None:
    """Notes how late the loop is, again and again, until it is cancelled."""
    while True:
        due = time.perf_counter() + tick_s
        await asyncio.sleep(tick_s)
        found.append(time.perf_counter() - due)
