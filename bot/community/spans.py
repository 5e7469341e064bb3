"""The time of a zone, cut where its clocks are changed. Pure."""

from collections.abc import Iterator

from bot.community.quotas import offset_s

_STEP_S = 86_400.0 / 4  # no zone changes its clocks twice in so short a time


def spans(time_zone: str, since: float, now: float) -> Iterator[tuple[float, float, float]]:
    """The time from `since` on, cut where the zone's clocks were changed: beginning, end and offset."""
    begins = at = since
    while at <= now:
        offset = offset_s(time_zone, at)
        following = at + _STEP_S
        if offset_s(time_zone, following) != offset:
            change = _change(time_zone, at, following)
            yield begins, change, offset
            begins = change
        at = following
    yield begins, at, offset_s(time_zone, at)


def _change(time_zone: str, before: float, after: float) -> float:
    """The second at which the clocks were changed."""
    offset = offset_s(time_zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_s(time_zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after
