"""`easel community` and `easel usage`: rules, blocks and reports of any community, for operators."""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.app import App, open_app
from bot.cli.common import (
    CommunityOption,
    ConfigOption,
    JsonOption,
    SurfaceOption,
    UserOption,
    operator,
    person,
    run,
    settings_of,
)
from bot.community import rules_text
from bot.desk import Report
from bot.out import plain, say, show_json
from bot.ports import Requester
from bot.talk import reports
from bot.talk.admin_text import span_of
from bot.talk.verbs import USAGE_DAYS, USAGE_DAYS_MAX
from bot.words import Words

T = TypeVar("T")

app = typer.Typer(
    help="Rules and blocks of a community.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


def _inside(config: Any, act: Callable[[App], Awaitable[T]]) -> T:
    settings = settings_of(config)

    async def work() -> T:
        async with open_app(settings, roles=()) as house:
            return await act(house)

    return run(work())


def _actor(surface: str, community: str) -> Requester:
    """The operator, acting in somebody's community."""
    return Requester(surface=surface, community=community, user=operator().user, moderator=True)


@app.command()
def show(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """The rules that hold; * marks what the community has set itself."""
    rules, own = _inside(config, lambda house: house.desk.settings(_actor(surface, community)))
    if json:
        show_json({"rules": rules.model_dump(mode="json"), "own": own})
        return
    for name in rules_text.NAMES:
        say(f"{'*' if name in own else ' '} {name:28} {rules_text.show(getattr(rules, name))}")


@app.command("set")
def set_rule(
    name: Annotated[str, typer.Argument(help="The setting.")],
    value: Annotated[str, typer.Argument(help="Its value; default unsets it.")],
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Change one rule; it applies at once."""
    found, told = _inside(config, lambda house: house.desk.set_text(_actor(surface, community), name, value))
    if json:
        show_json({"name": found, "value": told})
    else:
        say(f"{found} is now {told}")


@app.command()
def history(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Earlier versions of the rules, newest first."""
    found = _inside(config, lambda house: house.desk.history(_actor(surface, community)))
    if json:
        show_json(found)
        return
    for version in found:
        say(f"{version['version']:4}  {version['actor']:16}  {version['settings']}")


@app.command()
def block(
    user: UserOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    reason: Annotated[str, typer.Option("--reason", help="Why; the person reads it.")] = "",
    span: Annotated[str, typer.Option("--for", help="30m, 2h, 7d, 2w; without: until unblocked.")] = "",
    config: ConfigOption = None,
) -> None:
    """Somebody can't make pictures."""
    seconds, rest = span_of([span] if span else [])
    if rest:
        raise typer.BadParameter("write 30m, 2h, 7d or 2w", param_hint="--for")
    who = person(surface, community, user)
    _inside(
        config,
        lambda house: house.desk.block(_actor(surface, community), who, reason=reason, seconds=seconds),
    )
    say(f"{user} can't make pictures now")


@app.command()
def unblock(
    user: UserOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
) -> None:
    """Somebody can make pictures again."""
    who = person(surface, community, user)
    was = _inside(config, lambda house: house.desk.unblock(_actor(surface, community), who))
    say(f"{user} can make pictures again" if was else f"{user} wasn't blocked")


@app.command()
def blocked(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Who can't make pictures now."""
    found = _inside(config, lambda house: house.desk.blocked(_actor(surface, community)))
    if json:
        show_json([asdict(one) for one in found])
        return
    for one in found:
        say(f"{one.user:24} {one.reason}")


@app.command()
def held(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Save the pictures into this folder.")
    ] = None,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Withheld pictures that the community keeps for its moderators."""

    async def work(house: App) -> list[dict[str, Any]]:
        found = []
        for job in await house.desk.held(_actor(surface, community)):
            files = [await _saved(house, asset.key, out) for asset in job.assets] if out else []
            found.append(
                {"job": job.id, "user": job.requester.user, "prompt": job.order.subject, "files": files}
            )
        return found

    found = _inside(config, work)
    if json:
        show_json(found)
        return
    for one in found:
        say(f"{one['job']}  {one['user']:16}  {one['prompt'][:60]}")


async def _saved(house: App, key: str, out: Path) -> str:
    path = (out / key.replace("/", "-")).resolve()
    data = await house.assets.read(key)
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(path.write_bytes, data)
    return str(path)


@app.command()
def release(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
) -> None:
    """Deliver a withheld picture after all, free of charge."""
    _inside(config, lambda house: house.desk.release(_actor(surface, community), job))
    say("released: a running worker delivers it, free of charge")


@app.command()
def discard(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    surface: SurfaceOption = "cli",
    community: CommunityOption = "local",
    config: ConfigOption = None,
) -> None:
    """Throw a withheld picture away."""
    _inside(config, lambda house: house.desk.discard(_actor(surface, community), job))
    say("thrown away")


def usage(
    surface: Annotated[str, typer.Option("--surface", help="Only this surface's community.")] = "",
    community: Annotated[str, typer.Option("--community", help="Only this community.")] = "",
    days: Annotated[
        int, typer.Option("--days", min=1, max=USAGE_DAYS_MAX, help="How far back.")
    ] = USAGE_DAYS,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on stdout.")] = False,  # noqa: FBT002 - a flag
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Credits and money by day and model; of one community, or of all."""
    everywhere = not (surface and community)
    report = _inside(
        config,
        lambda house: house.desk.usage(
            _actor(surface or "cli", community or "local"), days=days, everywhere=everywhere
        ),
    )
    lines = _lines(report)
    if json:
        show_json(
            {
                "days": report.days,
                "lines": lines,
                "top": [asdict(t) for t in report.top],
                "refused_prompts": report.refused_prompts,
                "undelivered": {"pictures": report.undelivered[0], "credits": report.undelivered[1]},
                "budget": asdict(report.budget) if report.budget and not everywhere else None,
            }
        )
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, fieldnames=list(_COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: plain(value) for name, value in line.items()} for line in lines)
    else:
        told = reports.usage_lines(
            report.lines,
            report.top,
            Words(),
            refused_prompts=report.refused_prompts,
            undelivered=report.undelivered,
        )
        for text in told:
            say(text)


_COLUMNS = ("day", "model", "jobs", "pictures", "credits", "usd_micros", "refused", "failed")


def _lines(report: Report) -> list[dict[str, Any]]:
    return [{**asdict(line), "day": reports.day_name(line.day)} for line in report.lines]
