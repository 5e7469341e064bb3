"""`easel prices`: what pictures cost by the price tables, beside what was really paid for them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.cli.common import ConfigOption, JsonOption
from bot.cli.whom import inside
from bot.community import quotas
from bot.house.building import App
from bot.model import USD_MICROS
from bot.process.out import say, show_json
from bot.store.usage import RouteUse
from bot.talk.reports import money
from bot.talk.verbs import USAGE_DAYS, USAGE_DAYS_MAX

_COSTS = ("jobs", "pictures", "credits", "usd_micros", "listed_usd_micros")


def prices(
    days: Annotated[
        int, typer.Option("--days", min=1, max=USAGE_DAYS_MAX, help="How far back.")
    ] = USAGE_DAYS,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Compare what models cost by the price tables with what their providers told; where they differ, mend the table."""
    found = inside(config, lambda house: _compared(house, days))
    if json:
        show_json({"days": days, "lines": found})
        return
    if not found:
        say("no pictures in that time")
    for line in found:
        say(
            f"{line['provider']:12} {line['model']:32} {line['pictures']:5} pictures"
            f"  table {_dollars(line['listed_usd_micros']):>11}  paid {_dollars(line['usd_micros']):>11}"
            f"  {line['difference_percent']:+.1f} %"
        )


def _dollars(usd_micros: int) -> str:
    """Pictures cost cents and less: two places would hide what differs."""
    return f"${usd_micros / USD_MICROS:,.4f}"


async def _compared(house: App, days: int) -> list[dict[str, Any]]:
    since = quotas.day_start("UTC", house.store.now(), days_ago=days - 1)
    used = await house.store.usage.by_route(since=since)
    sums = summed(used, "provider", "model")
    return [{**line, "difference_percent": _percent(line)} for line in sums]


async def margins(house: App, days: int, surface: str, community: str) -> list[dict[str, Any]]:
    """What each community's pictures brought and cost, by provider and model; empty names mean all communities."""
    since = quotas.day_start("UTC", house.store.now(), days_ago=days - 1)
    used = await house.store.usage.by_route(since=since, surface=surface, community=community)
    a_credit = house.settings.quotas.usd_a_credit * USD_MICROS
    lines = summed(used, "surface", "community", "provider", "model")
    return [
        {**line, "margin_usd_micros": round(line["credits"] * a_credit) - line["usd_micros"]}
        for line in lines
    ]


def margin_line(line: dict[str, Any]) -> str:
    """One line of them, for people."""
    return (
        f"{line['surface']}/{line['community']} · {line['provider']} · {line['model']}"
        f" · {line['credits']} credits · cost {money(line['usd_micros'])}"
        f" · margin {money(line['margin_usd_micros'])}"
    )


def summed(used: Iterable[RouteUse], *names: str) -> list[dict[str, Any]]:
    """The sums of each combination of some of the names: surface, community, provider, model."""
    sums: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COSTS, 0))
    for one in used:
        values = asdict(one)
        total = sums[tuple(str(values[name]) for name in names)]
        for cost in _COSTS:
            total[cost] += int(values[cost])
    lines = [{**dict(zip(names, key, strict=True)), **total} for key, total in sums.items()]
    return sorted(lines, key=lambda line: (-int(line["usd_micros"]), *(line[name] for name in names)))


def _percent(line: dict[str, Any]) -> float:
    listed = line["listed_usd_micros"]
    return round(100 * (line["usd_micros"] - listed) / listed, 1) if listed else 0.0
