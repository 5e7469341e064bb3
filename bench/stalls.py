"""What holds the loop up: the program at fifty commands a second, or in a burst, with a watcher of its loop.

    python -m bench.stalls [steady] [burst]

Prints how often the loop was late by more than 50 ms, by how much, and where the program stood then. On a busy machine
some of it is waiting for a processor; that is told beside, from the system's own figures.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from bench.lateness import quantile
from bench.program import BURST, BURST_WITHIN_S, RATE_PER_S, Club, club
from bench.watched import LATE_S, LOOK_S, TOLD_IN
from bot.process.telemetry import set_up_logs
from tests.fakes.discord_process import Easel

STEADY_S = 15.0
LISTED = 12


async def steady(one: Club) -> None:
    """Fifty commands a second."""
    await one.ask(round(RATE_PER_S * STEADY_S), RATE_PER_S)
    await one.pictured()


async def burst(one: Club) -> None:
    """A thousand within less than a second."""
    await one.ask(BURST, BURST / BURST_WITHIN_S)
    await one.placed()


KINDS: dict[str, Callable[[Club], Awaitable[None]]] = {"steady": steady, "burst": burst}


async def watched(kind: str) -> str:
    """Runs the program so, and answers what its watcher has told."""
    with tempfile.TemporaryDirectory() as folder:
        told_in = Path(folder) / "stalls.json"
        os.environ[TOLD_IN] = str(told_in)
        async with club(latency=kind == "burst") as one:
            await one.draw(20, 4)  # what is made at first use is no stall of the work
            before = Seen.read(told_in)
            await KINDS[kind](one)
            await asyncio.sleep(2)  # for the watcher's last word
            return report(kind, Seen.read(told_in).since(before))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the watcher has seen so far."""

    lates_s: list[float]
    waited_s: list[float]
    periods: Counter[str]
    looks: Counter[str]

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls(**{name: of(json.loads(file.read_text("utf-8"))[name]) for name, of in _FIELDS.items()})

    def since(self, before: Self) -> Self:
        """Without what was seen until then."""
        first = len(before.lates_s)
        return replace(
            self,
            lates_s=self.lates_s[first:],
            waited_s=self.waited_s[first:],
            periods=self.periods - before.periods,
            looks=self.looks - before.looks,
        )


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "lates_s": list,
    "waited_s": list,
    "periods": Counter,
    "looks": Counter,
}


def report(kind: str, seen: Seen) -> str:
    """In lines."""
    lates_s, waited_s = seen.lates_s, seen.waited_s
    if not lates_s:
        return f"{kind}: never late by more than {1000 * LATE_S:.0f} ms"
    ordered = sorted(lates_s)
    head = (
        f"{kind}: {len(lates_s)} times late by more than {1000 * LATE_S:.0f} ms, {1000 * statistics.median(ordered):.0f} ms"
        f" in the median, {1000 * quantile(ordered, 0.99):.0f} ms at the 99th percentile, {sum(lates_s):.1f} s in all, of"
        f" which {sum(waited_s):.1f} s without a processor"
    )
    lines = [
        f"  {looks:6} looks ({1000 * LOOK_S:.0f} ms apart) in {seen.periods[place]:4} of them: {place}"
        for place, looks in seen.looks.most_common(LISTED)
    ]
    return "\n".join([head, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)}: all without a word")
    kinds = parser.parse_args().kinds or list(KINDS)
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    set_up_logs(level="error", form="text")
    logging.disable(logging.CRITICAL)  # of the stand-ins: a program that is ended cuts what they say
    Easel.module = "bench.watched"
    for kind in kinds:
        print(asyncio.run(watched(kind)), flush=True)


if __name__ == "__main__":
    main()
