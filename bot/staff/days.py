"""What was used, day by day. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.store.usage import DayUse


def added_up(lines: Iterable[DayUse]) -> Iterator[DayUse]:
    """A day that was counted in two spans is one line; newest first."""
    ordered = sorted(lines, key=lambda line: (-line.day, line.model))
    days = [_sum(list(same)) for _, same in groupby(ordered, key=lambda line: (line.day, line.model))]
    return iter(sorted(days, key=lambda line: (-line.day, -line.credits, line.model)))


def _sum(lines: list[DayUse]) -> DayUse:
    return DayUse(
        day=lines[0].day,
        model=lines[0].model,
        jobs=sum(line.jobs for line in lines),
        pictures=sum(line.pictures for line in lines),
        credits=sum(line.credits for line in lines),
        usd_micros=sum(line.usd_micros for line in lines),
        refused=sum(line.refused for line in lines),
        failed=sum(line.failed for line in lines),
    )
