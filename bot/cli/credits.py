"""`easel credits`: what people have, and giving and taking it."""

import secrets
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, JsonOption, KeyOption, operator
from bot.cli.whom import CommunityOption, SurfaceOption, UserOption, inside, person_of, whole
from bot.house.building import App
from bot.money import Purse
from bot.ports import Requester
from bot.process.out import say, show_json
from bot.staff.desk import Granted
from bot.talk import reports
from bot.words.words import Words

app = typer.Typer(help="People's credits.", add_completion=False, rich_markup_mode=None, no_args_is_help=True)

DAY_S = 86_400.0
AmountOption = Annotated[int, typer.Option("--amount", min=1, max=10**9, help="Whole credits.")]
MemoOption = Annotated[str, typer.Option("--memo", help="Why; people see it in their movements.")]


@app.command()
def show(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    user: UserOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """What a person has, what is held, when it renews, and the last movements."""

    async def work(house: App) -> tuple[Requester, Purse]:
        who = await person_of(house, surface, community, user)
        return who, await house.desk.books(who, movements=20)

    who, purse = inside(config, work)
    _tell(who, purse, as_json=json)


@app.command()
def grant(  # noqa: PLR0913, PLR0917 - one parameter an option
    amount: AmountOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    user: UserOption = "",
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, max=3660, help="How long they can be spent; for good without."),
    ] = None,
    memo: MemoOption = "",
    key: KeyOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Give credits, for good or for some days."""

    async def work(house: App) -> tuple[Requester, Granted]:
        who = await person_of(house, surface, community, user)
        return who, await house.desk.grant(
            operator(), who, amount, memo=memo, key=_key(key), lasts_s=days * DAY_S if days else None
        )

    who, given = inside(config, work)
    if json:
        show_json({**_who(who), "granted": given.amount, "available": given.available})
    else:
        say(f"{given.amount} credits granted to {whole(who)}; now {given.available} available.")


@app.command()
def take(
    amount: AmountOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    user: UserOption = "",
    memo: MemoOption = "",
    key: KeyOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Take back granted credits, at most what is available."""

    async def work(house: App) -> tuple[Requester, Granted]:
        who = await person_of(house, surface, community, user)
        return who, await house.desk.take(operator(), who, amount, memo=memo, key=_key(key))

    who, taken = inside(config, work)
    if json:
        show_json({**_who(who), "taken": taken.amount, "available": taken.available})
    else:
        say(f"{taken.amount} credits taken from {whole(who)}; now {taken.available} available.")


@app.command()
def refund(
    job: Annotated[str, typer.Argument(help="The job whose credits are given back.")],
    memo: MemoOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Give back what a picture cost, once."""

    async def work(house: App) -> tuple[Requester, int]:
        found = await house.desk.job(operator(), job)
        return found.requester, await house.desk.refund(operator(), job, memo=memo)

    who, given = inside(config, work)
    if json:
        show_json({"job": job, **_who(who), "refunded": given})
    elif given:
        say(f"{given} credits refunded to {whole(who)}.")
    else:
        say("Nothing to refund: it cost nothing, or was refunded before.")


def _key(key: str) -> str:
    return key or f"cli-{secrets.token_hex(8)}"


def _who(who: Requester) -> dict[str, str]:
    return {"surface": who.surface, "community": who.community, "user": who.user}


def _tell(who: Requester, purse: Purse, *, as_json: bool) -> None:
    balance = purse.balance
    if as_json:
        show_json(
            {
                **_who(who),
                "posted": balance.posted,
                "held": balance.held,
                "available": balance.available,
                "allowance": balance.allowance,
                "granted": balance.granted,
                "renews_at": purse.renews_at,
                "movements": [
                    {
                        "kind": m.kind,
                        "amount": m.amount,
                        "at": m.at,
                        "memo": m.memo,
                        "actor": m.actor,
                        "job": m.job,
                    }
                    for m in purse.movements
                ],
            }
        )
        return
    say(whole(who))
    for line in reports.credits_lines(purse, Words()):
        say(line)
