"""`easel credits`: what people have, and giving and taking it."""

import secrets
from typing import Annotated, Any

import typer

from bot.app import open_app
from bot.cli.common import (
    CommunityOption,
    ConfigOption,
    JsonOption,
    KeyOption,
    SurfaceOption,
    UserOption,
    operator,
    person,
    run,
    settings_of,
)
from bot.money import Purse
from bot.out import say, show_json
from bot.ports import Requester
from bot.talk import reports
from bot.words import Words

app = typer.Typer(help="People's credits.", add_completion=False, rich_markup_mode=None, no_args_is_help=True)

AmountOption = Annotated[int, typer.Option("--amount", min=1, max=10**9, help="Whole credits.")]
MemoOption = Annotated[str, typer.Option("--memo", help="Why; people see it in their movements.")]


def _own_user() -> str:
    return operator().user


@app.command()
def show(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    user: UserOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """What a person has, what is held, when it renews, and the last movements."""
    settings = settings_of(config)
    who = person(surface, community, user or _own_user())

    async def work() -> Purse:
        async with open_app(settings, roles=()) as house:
            return await house.desk.books(who, movements=20)

    _tell(who, run(work()), as_json=json)


@app.command()
def grant(
    amount: AmountOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    user: UserOption = "",
    memo: MemoOption = "",
    key: KeyOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Give credits that don't lapse."""
    settings = settings_of(config)
    who = person(surface, community, user or _own_user())

    async def work() -> dict[str, Any]:
        async with open_app(settings, roles=()) as house:
            given = await house.desk.grant(
                operator(), who, amount, memo=memo, key=key or f"cli-{secrets.token_hex(8)}"
            )
            return {"granted": given.amount, "available": given.available}

    result = run(work())
    if json:
        show_json({**_who(who), **result})
    else:
        say(f"{result['granted']} credits granted to {who.user}; now {result['available']} available.")


@app.command()
def take(
    amount: AmountOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    user: UserOption = "",
    memo: MemoOption = "",
    key: KeyOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Take back granted credits, at most what is available."""
    settings = settings_of(config)
    who = person(surface, community, user or _own_user())

    async def work() -> dict[str, Any]:
        async with open_app(settings, roles=()) as house:
            taken = await house.desk.take(
                operator(), who, amount, memo=memo, key=key or f"cli-{secrets.token_hex(8)}"
            )
            return {"taken": taken.amount, "available": taken.available}

    result = run(work())
    if json:
        show_json({**_who(who), **result})
    else:
        say(f"{result['taken']} credits taken from {who.user}; now {result['available']} available.")


@app.command()
def refund(
    job: Annotated[str, typer.Argument(help="The job whose credits are given back.")],
    memo: MemoOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Give back what a picture cost, once."""
    settings = settings_of(config)

    async def work() -> int:
        async with open_app(settings, roles=()) as house:
            return await house.desk.refund(operator(), job, memo=memo)

    given = run(work())
    if json:
        show_json({"job": job, "refunded": given})
    else:
        say(
            f"{given} credits refunded."
            if given
            else "Nothing to refund: it cost nothing, or was refunded before."
        )


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
    for line in reports.credits_lines(purse, Words()):
        say(line)
