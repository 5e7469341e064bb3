"""`easel purchases`: what was bought for money, for the owner's own accounts."""

import csv
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, JsonOption, fail
from bot.cli.tables import number, show_table, when
from bot.cli.whom import inside
from bot.credits.purchases import months_of
from bot.house.building import App
from bot.process.out import say, show_json
from bot.shops import Month, Purchase

app = typer.Typer(
    help="What was bought for money.", add_completion=False, rich_markup_mode=None, no_args_is_help=True
)

_SHOWN = 30
# Currencies without a smaller unit; all others have a hundred.
_WHOLE = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)

MonthOption = Annotated[str, typer.Option("--month", help="Only this one (UTC): 2027-03.")]
OneCommunityOption = Annotated[str, typer.Option("--community", help="Only of this community.")]


@app.command("list")
def list_purchases(
    month: MonthOption = "",
    community: OneCommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Totals by month, shop and currency, and the newest purchases; tests stand in no total."""
    found = _found(month, community, config)
    months = months_of(found)
    if json:
        show_json(
            {"months": [_of_month(one) for one in months], "purchases": [_of_purchase(one) for one in found]}
        )
        return
    if not found:
        say("Nothing was bought yet. docs/credits.md says how credits are sold.")
        return
    show_table(
        ("Month", "Shop", "Purchases", "Credits", "Went back", "Taken", "Paid", "Returned", ""),
        [
            (
                one.month,
                one.shop,
                number(one.purchases),
                number(one.credits),
                number(one.reversed),
                number(one.taken),
                money(one.paid, one.currency),
                money(one.returned, one.currency),
                one.currency.upper(),
            )
            for one in months
        ],
    )
    show_table(
        ("When", "Purchase", "Product", "Who", "Credits", "Went back", "Paid", ""),
        [
            (
                when(one.at),
                one.id,
                one.product,
                f"{one.buyer.surface} {one.buyer.community or '(waits)'} {one.buyer.user}",
                number(one.credits),
                number(one.reversed),
                money(one.paid, one.currency),
                "test" if one.test else one.currency.upper(),
            )
            for one in found[:_SHOWN]
        ],
    )


@app.command("csv")
def as_csv(
    month: MonthOption = "",
    community: OneCommunityOption = "",
    config: ConfigOption = None,
) -> None:
    """Every purchase as CSV, the oldest first; money in the currency's own unit."""
    rows = [_of_purchase(one) for one in reversed(_found(month, community, config))]
    writer = csv.DictWriter(sys.stdout, fieldnames=list(_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


@app.command()
def receipt(
    purchase: Annotated[str, typer.Argument(help="As `easel purchases list` names it.")],
    config: ConfigOption = None,
) -> None:
    """A plain receipt of one purchase, to copy. It is no invoice for taxes: the shop makes those."""

    async def work(house: App) -> Purchase | None:
        return await house.store.purchases.get(purchase)

    one = inside(config, work)
    if one is None:
        fail(f"there is no purchase {purchase!r}; easel purchases list names them")
    for line in _receipt(one):
        say(line)


def _receipt(one: Purchase) -> list[str]:
    paid = (
        "not told by the shop"
        if one.paid is None
        else f"{money(one.paid, one.currency)} {one.currency.upper()}"
    )
    lines = [
        f"Receipt for {one.id}",
        f"Date: {datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M} UTC",
        f"For: {one.buyer.user} ({one.buyer.surface}, {one.buyer.community or 'not claimed yet'})",
        f"Product: {one.product}, {number(one.credits)} credits",
        f"Paid: {paid}{' (a test: no money was moved)' if one.test else ''}, by {one.shop}",
    ]
    if one.reversed:
        lines.append(
            f"Went back: {number(one.reversed)} of the credits, of which {number(one.taken)} were left"
        )
    return lines


def _found(month: str, community: str, config: ConfigOption) -> list[Purchase]:
    since, until = _span(month) if month else (0.0, None)

    async def work(house: App) -> list[Purchase]:
        return await house.store.purchases.list(community=community, since=since, until=until)

    found: list[Purchase] = inside(config, work)
    return found


def _span(month: str) -> tuple[float, float]:
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("that is no month; write one like 2027-03", param_hint="--month") from None
    later = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start.timestamp(), later.timestamp()


def money(amount: int | None, currency: str) -> str:
    """An amount in the currency's own unit; empty where the shop doesn't tell."""
    if amount is None:
        return ""
    return str(amount) if currency in _WHOLE else f"{amount // 100}.{amount % 100:02d}"


_COLUMNS = (
    "at", "id", "shop", "product", "surface", "community", "user", "credits", "went_back", "taken", "paid",
    "currency", "test", "placed",
)  # fmt: skip


def _of_purchase(one: Purchase) -> dict[str, object]:
    return {
        "at": datetime.fromtimestamp(one.at, UTC).isoformat(timespec="seconds"),
        "id": one.id,
        "shop": one.shop,
        "product": one.product,
        "surface": one.buyer.surface,
        "community": one.buyer.community,
        "user": one.buyer.user,
        "credits": one.credits,
        "went_back": one.reversed,
        "taken": one.taken,
        "paid": money(one.paid, one.currency),
        "currency": one.currency,
        "test": one.test,
        "placed": one.placed,
    }


def _of_month(one: Month) -> dict[str, object]:
    return {
        "month": one.month,
        "shop": one.shop,
        "currency": one.currency,
        "purchases": one.purchases,
        "credits": one.credits,
        "went_back": one.reversed,
        "taken": one.taken,
        "paid": money(one.paid, one.currency),
        "returned": money(one.returned, one.currency),
    }
