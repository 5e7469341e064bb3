"""`easel codes`: codes that people turn into credits, made in batches."""

import csv
import sys
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from bot import plugins
from bot.cli.common import ConfigOption, JsonOption, operator
from bot.cli.tables import number, show_table, when
from bot.cli.whom import inside
from bot.credits.vouchers import CODES_MOST
from bot.house.building import App
from bot.process.out import say, show_json
from bot.store.codes import Batch, Count

app = typer.Typer(
    help="Codes for credits.", add_completion=False, rich_markup_mode=None, no_args_is_help=True
)

_DAY_S = 86_400


@app.command()
def make(  # noqa: PLR0913, PLR0917 - one parameter an option
    batch: Annotated[str, typer.Argument(help="The batch's name, such as summer-2027; people read it.")],
    credits_: Annotated[int, typer.Option("--credits", min=1, max=10**9, help="What each is worth.")],
    count: Annotated[int, typer.Option("--count", min=1, max=CODES_MOST, help="How many.")] = 1,
    per_person: Annotated[
        int, typer.Option("--per-person", min=1, max=1000, help="How many of them one person may redeem.")
    ] = 1,
    expires: Annotated[
        str, typer.Option("--expires", help="The last day on which they can be redeemed (UTC): 2027-08-31.")
    ] = "",
    lasts: Annotated[
        int | None, typer.Option("--days", min=1, max=3660, help="How long their credits can be spent.")
    ] = None,
    surface: Annotated[str, typer.Option("--surface", help="Only there.")] = "",
    community: Annotated[str, typer.Option("--community", help="Only in this community.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Make codes and print them as CSV, this once: only their digests are kept."""
    if surface and surface not in plugins.names(plugins.SURFACES):
        raise typer.BadParameter("there is no such surface", param_hint="--surface")
    wanted = Batch(
        name=batch,
        credits=credits_,
        per_person=per_person,
        surface=surface,
        community=community,
        until=_end_of(expires) if expires else None,
        lasts_s=lasts * _DAY_S if lasts else None,
    )

    async def work(house: App) -> list[str]:
        return list(await house.vouchers.make(wanted, count, actor=operator()))

    codes = inside(config, work)
    if json:
        show_json({"batch": batch, "credits": credits_, "codes": codes})
        return
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("code", "credits", "batch", "expires"))
    rows.writerows((code, credits_, batch, expires) for code in codes)


@app.command("list")
def list_batches(config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """All batches, and how they stand."""

    async def work(house: App) -> list[Count]:
        return await house.store.codes.counts()

    found = inside(config, work)
    if json:
        show_json([_as_dict(one) for one in found])
    elif not found:
        say("No codes yet: easel codes make NAME --credits 500 --count 10")
    else:
        show_table(
            ("Batch", "Credits", "Codes", "Redeemed", "Void", "Redeemable until"),
            [
                (
                    one.batch.name,
                    number(one.batch.credits),
                    number(one.codes),
                    number(one.used),
                    number(one.void),
                    when(one.batch.until),
                )
                for one in found
            ],
        )


@app.command()
def void(
    batch: Annotated[str, typer.Argument(help="The batch's name.")],
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Nobody redeems what is left of a batch; what was redeemed stays."""

    async def work(house: App) -> int:
        return await house.store.codes.void(batch, actor=operator(), now=house.store.now())

    gone = inside(config, work)
    if json:
        show_json({"batch": batch, "void": gone})
    elif not gone:
        say(f"No code of {batch} is left that could be redeemed; easel codes list names the batches.")
    else:
        say(f"{number(gone)} codes of {batch} can't be redeemed any more.")


def _end_of(day: str) -> float:
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC).timestamp()
    except ValueError:
        raise typer.BadParameter(
            "that is no day; write one like 2027-08-31", param_hint="--expires"
        ) from None


def _as_dict(one: Count) -> dict[str, object]:
    return {
        "batch": one.batch.name,
        "credits": one.batch.credits,
        "codes": one.codes,
        "used": one.used,
        "void": one.void,
        "until": one.batch.until,
        "surface": one.batch.surface or None,
        "community": one.batch.community or None,
    }
