"""Noticing in real time that a picture is finished: the program beside replicate's and fal's clients and a plain loop.

    python -m bench.polling [--seed N]

Each has its own process and its own local service, and all draw the same eighty jobs (medians 4, 8, 15 and 30 s, spread
0.4) at the same time, so that a busy moment of the machine meets everybody. What a service tells is who looked when.

Who is slow looks less often and is late for longer: so looks are compared at the same lag, those of a client with a
fixed interval by as much more as its lag is greater. How late the services' own loop was is told beside: that much
lag is the machine's.
"""

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass

from bench.lateness import late, quantile
from bench.pollers import POLLERS, jobs_of
from bench.table import Figure
from bench.timed_service import timed_service

WITHIN_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """How one of them did."""

    lag: float  # mean lag / mean duration
    lag_s: float  # the mean
    polls: float  # a job
    cpu_ms: float  # a job

    def looks_at(self, lag: float) -> float:
        """How often it would have to look to be as late as that: half the interval is twice the looks."""
        return self.polls * self.lag / lag


async def watched(name: str, seed: int) -> Noticed:
    """One poller on a service of its own, from start to end."""
    async with timed_service() as service:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.pollers",
            name,
            service.url,
            str(seed),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                out, _ = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
        jobs = service.generations.values()
        lags_s = [one.lag_s for one in jobs if one.lag_s is not None]
        assert len(lags_s) == len(jobs_of(seed)), (
            f"{name}: {len(lags_s)} of {len(jobs_of(seed))} were noticed"
        )
        return Noticed(
            lag=sum(lags_s) / sum(one.duration_s for one in jobs),
            lag_s=statistics.fmean(lags_s),
            polls=statistics.fmean(one.looks for one in jobs),
            cpu_ms=1000 * float(out.split()[-1]) / len(lags_s),
        )


async def all_of_them(seed: int) -> tuple[dict[str, Noticed], list[float]]:
    """How each did, and how late the loop of their services was, the least first."""
    lates_s: list[float] = []
    watching = asyncio.create_task(late(lates_s))
    found = await asyncio.gather(*(watched(name, seed) for name in POLLERS))
    watching.cancel()
    return dict(zip(POLLERS, found, strict=True)), sorted(lates_s)


def figures(seed: int = 7) -> dict[str, Figure]:
    """The rows of the one table."""
    found, lates_s = asyncio.run(all_of_them(seed))
    ours, replicate, fal, loop = (found[name] for name in ("easel", "replicate", "fal", "loop"))
    each = "; ".join(
        f"{name} {100 * one.lag:.2f} % ({one.lag_s:.2f} s) at {one.polls:.1f} polls, {one.cpu_ms:.0f} ms of processor"
        for name, one in found.items()
    )
    return {
        "poll.lag": Figure(
            ours=100 * ours.lag,
            note=f"{each}; the services' own loop was late by {1000 * quantile(lates_s, 0.99):.0f} ms at the 99th percentile",
        ),
        "poll.lag.replicate": Figure(ours=100 * ours.lag, theirs=100 * replicate.lag),
        "poll.looks.replicate": Figure(ours=ours.polls, theirs=replicate.looks_at(ours.lag)),
        "poll.looks.fal": Figure(ours=ours.polls, theirs=fal.looks_at(ours.lag)),
        "poll.lag.loop": Figure(ours=100 * ours.lag, theirs=100 * loop.lag),
        "poll.cpu.replicate": Figure(ours=ours.cpu_ms, theirs=replicate.cpu_ms),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    for name, one in figures(parser.parse_args().seed).items():
        print(f"{name:22} {one.ours:8.2f} {one.theirs or 0:8.2f} {one.note}")
