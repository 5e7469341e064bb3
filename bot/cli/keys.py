"""`easel keys`: the keys that sign the links to pictures. They are never shown, only named."""

from typing import Annotated

import typer

from bot.cli.common import ConfigOption, JsonOption, operator
from bot.cli.whom import inside
from bot.house.app import RING_S
from bot.house.building import App
from bot.process.out import say, show_json

DAY_S = 86_400.0

app = typer.Typer(
    help="The keys that sign links.", add_completion=False, rich_markup_mode=None, no_args_is_help=True
)


@app.command("list")
def list_keys(config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Name the keys whose links are good, oldest first; the last one signs."""

    async def work(house: App) -> list[str]:
        return list(await house.store.shared.link_keys(now=house.store.now()))

    found = inside(config, work)
    if json:
        show_json([{"key": key, "signs": key == found[-1]} for key in found])
        return
    for key in found:
        say(f"{key:16}  {'signs' if key == found[-1] else 'is read'}")


@app.command()
def rotate(
    grace_days: Annotated[
        float, typer.Option("--grace-days", min=0, max=3650, help="How long older links stay good.")
    ] = 0,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Sign with a new key; all links of older keys end at once, or after the grace."""

    async def work(house: App) -> tuple[str, int]:
        now = house.store.now()
        made = await house.store.shared.rotate_link_keys(now=now, grace_s=grace_days * DAY_S)
        who = operator()
        await house.store.audit.act(
            who, "keys", now=now, actor=who.user, memo=f"{grace_days:g} days of grace"
        )
        return made

    key, older = inside(config, work)
    if json:
        show_json({"key": key, "older": older, "grace_days": grace_days})
        return
    when = f"in {grace_days:g} days" if grace_days else "now"
    say(f"Links are signed with key {key}. Those of {older} older keys end {when}: also the ones in messages")
    say(f"that stand in a chat. A running Easel knows within {RING_S:g} s.")
