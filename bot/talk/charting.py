"""A report of use -> the chart that stands beside its lines."""

import asyncio
from datetime import UTC, datetime

from bot.order.fitting import tail
from bot.staff.desk import Report
from bot.talk.answers import Chart
from bot.talk.reports import models_of
from bot.words.words import Words

NAME = "usage.png"
_Stack = tuple[str, dict[str, int]]  # what stands at it, and credits by model


async def chart_of(report: Report, words: Words, language: str = "") -> Chart | None:
    """Who spent what on which model, by day; drawn in a thread. None where nobody spent anything."""
    if not any(line.credits for line in report.lines):
        return None
    png = await asyncio.to_thread(_drawn, _days(report), _people(report))
    return Chart(name=NAME, png=png, alt=words.say("usage-chart", language, days=report.days))


def _drawn(days: list[_Stack], people: list[_Stack]) -> bytes:
    # What draws holds 3 MiB, and most processes draw no chart.
    from bot.pictures.charts import Bar, usage_chart  # noqa: PLC0415 - see above

    return usage_chart(
        [Bar(label=label, credits=used) for label, used in days],
        [Bar(label=label, credits=used) for label, used in people],
    )


def _days(report: Report) -> list[_Stack]:
    """A column for each day from the first that was used to the last, days without use among them."""
    used: dict[int, dict[str, int]] = {}
    for line in report.lines:
        models = used.setdefault(line.day, {})
        models[tail(line.model)] = models.get(tail(line.model), 0) + line.credits
    return [(_label(day), used.get(day, {})) for day in range(min(used), max(used) + 1)]


def _label(day: int) -> str:
    return f"{datetime.fromtimestamp(day * 86_400, UTC):%m-%d}"


def _people(report: Report) -> list[_Stack]:
    return [(one.name or one.user, dict(models_of(one, report.spent))) for one in report.top if one.credits]
