"""The days of a time zone, cut where its clocks were changed, and what was used on each of them. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.community import quotas
from bot.store.usage import DayUse

_STEP_S = 86_400.0 / 4  # no zone changes its clocks twice in so short a time


def spans_of(time_zone: str, since: float, now: float) -> Iterator[tuple[float, float, float]]:
    """The time from `since` on, cut where the zone's clocks were changed: beginning, end and offset."""
    begins = at = since
    while at <= now:
        offset_s = quotas.offset_s(time_zone, at)
        following = at + _STEP_S
        if quotas.offset_s(time_zone, following) != offset_s:
            change = _change(time_zone, at, following)
            yield begins, change, offset_s
            begins = change
        at = following
    yield begins, at, quotas.offset_s(time_zone, at)


def _change(time_zone: str, before: float, after: float) -> float:
    """The second at which the clocks were changed."""
    offset_s = quotas.offset_s(time_zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if quotas.offset_s(time_zone, middle) == offset_s:
            before = middle
        else:
            after = middle
    return after


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
