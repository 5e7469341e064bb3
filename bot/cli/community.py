"""`easel community` and `easel usage`: rules, blocks and reports of any community, for operators."""

import asyncio
import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import community_parts
from bot.cli.common import ConfigOption, JsonOption, operator
from bot.cli.prices import margin_line, margins
from bot.cli.tables import show_table, when
from bot.cli.whom import (
    CommunityOption,
    SurfaceOption,
    UserOption,
    assert_surface,
    inside,
    moderating,
    person_of,
    whole,
)
from bot.community import rules_text
from bot.house.building import App
from bot.ports import Requester
from bot.process.out import plain, say, show_json
from bot.rules.rules import Rules
from bot.staff.desk import Report
from bot.store.communities import Block
from bot.talk import reports
from bot.talk.admin_line import span_of
from bot.talk.verbs import USAGE_DAYS, USAGE_DAYS_MAX
from bot.words.words import Words

app = typer.Typer(
    help="Rules and blocks of a community.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


app.command()(community_parts.role)
app.command()(community_parts.channel)


@app.command()
def show(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """The rules that hold; * marks what the community has set itself."""

    async def work(house: App) -> tuple[Requester, Rules, dict[str, Any]]:
        actor = await moderating(house, surface, community)
        return actor, *await house.rulemaking.settings(actor)

    actor, rules, own = inside(config, work)
    if json:
        show_json({"rules": rules.model_dump(mode="json"), "own": own})
        return
    say(f"{actor.surface} / {actor.community}")
    for name in rules_text.NAMES:
        say(f"{'*' if name in own else ' '} {name:28} {rules_text.shown(rules, name)}")


@app.command("set")
def set_rule(
    name: Annotated[str, typer.Argument(help="The setting.")],
    value: Annotated[str, typer.Argument(help="Its value; default unsets it.")],
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Change one rule; it applies at once."""

    async def work(house: App) -> tuple[Requester, str, str]:
        actor = await moderating(house, surface, community)
        return actor, *await house.rulemaking.set_text(actor, name, value)

    actor, found, told = inside(config, work)
    if found in ("roles", "channels", "channel_rules"):
        say(
            f"easel: nobody here can ask {actor.surface} for its {found}: their ids hold, their names don't",
            err=True,
        )
    if json:
        show_json({"surface": actor.surface, "community": actor.community, "name": found, "value": told})
    else:
        say(f"{found} is now {told} in {actor.surface} / {actor.community}")


@app.command()
def room(
    channel: Annotated[str, typer.Argument(help="The channel's id, or: off. Without: which one it is.")] = "",
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
) -> None:
    """Where the community's moderators are told of reports, withheld pictures and troubles."""

    async def work(house: App) -> tuple[Requester, str]:
        actor = await moderating(house, surface, community)
        if not channel:
            rules, _ = await house.rulemaking.settings(actor)
            return actor, rules.room
        off = channel.casefold() in rules_text.OFF
        return actor, await house.rulemaking.set_room(actor, None if off else channel)

    actor, named = inside(config, work)
    say(f"the moderators of {actor.surface} / {actor.community} are told in {named or 'no room'}")


@app.command()
def history(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Earlier versions of the rules, newest first."""

    async def work(house: App) -> list[dict[str, Any]]:
        return await house.rulemaking.history(await moderating(house, surface, community))

    found = inside(config, work)
    if json:
        show_json(found)
        return
    if not found:
        say("nothing was ever set")
    for version in found:
        own = version["settings"]
        said = "; ".join(f"{name} {rules_text.show(value)}" for name, value in own.items()) or "nothing set"
        say(f"{version['version']:4}  {when(version['changed_at'])}  {version['actor']:16}  {said}")


@app.command()
def block(
    user: UserOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; the person reads it.")] = "",
    span: Annotated[str, typer.Option("--for", help="30m, 2h, 7d, 2w; without: until unblocked.")] = "",
    config: ConfigOption = None,
) -> None:
    """Somebody can't make pictures; what you block, moderators can't unblock."""
    seconds, rest = span_of([span] if span else [])
    if rest:
        raise typer.BadParameter("write 30m, 2h, 7d or 2w", param_hint="--for")

    async def work(house: App) -> Requester:
        who = await person_of(house, surface, community, user)
        await house.desk.block(operator(), who, reason=reason, seconds=seconds)
        return who

    say(f"{whole(inside(config, work))} can't make pictures now")


@app.command()
def unblock(
    user: UserOption,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
) -> None:
    """Somebody can make pictures again."""

    async def work(house: App) -> tuple[Requester, bool]:
        who = await person_of(house, surface, community, user)
        return who, await house.desk.unblock(operator(), who)

    who, was = inside(config, work)
    say(f"{whole(who)} can make pictures again" if was else f"{whole(who)} wasn't blocked")


@app.command()
def blocked(
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Who can't make pictures now."""

    async def work(house: App) -> list[Block]:
        return await house.desk.blocked(await moderating(house, surface, community))

    found = inside(config, work)
    if json:
        show_json([asdict(one) for one in found])
        return
    if not found:
        say("nobody is blocked")
        return
    show_table(
        ("person", "until", "why"),
        [(one.user, when(one.until), "paused by refusals" if one.paused else one.reason) for one in found],
    )


@app.command()
def held(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Save the pictures into this folder.")
    ] = None,
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Withheld pictures that the community keeps for its moderators."""

    async def work(house: App) -> list[dict[str, Any]]:
        found = []
        for job in await house.desk.held(await moderating(house, surface, community)):
            files = [await _saved(house, asset.key, out) for asset in job.assets] if out else []
            found.append(
                {"job": job.id, "user": job.requester.user, "prompt": job.order.subject, "files": files}
            )
        return found

    found = inside(config, work)
    if json:
        show_json(found)
        return
    if not found:
        say("no picture is withheld")
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
    community: CommunityOption = "",
    config: ConfigOption = None,
) -> None:
    """Deliver a withheld picture after all, free of charge."""

    async def work(house: App) -> None:
        await house.desk.release(await moderating(house, surface, community), job)

    inside(config, work)
    say("released: a running worker delivers it, free of charge")


@app.command()
def discard(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    surface: SurfaceOption = "cli",
    community: CommunityOption = "",
    config: ConfigOption = None,
) -> None:
    """Throw a withheld picture away."""

    async def work(house: App) -> None:
        await house.desk.discard(await moderating(house, surface, community), job)

    inside(config, work)
    say("thrown away")


def usage(
    surface: Annotated[str, typer.Option("--surface", help="Only this surface's community.")] = "",
    community: Annotated[str, typer.Option("--community", help="Only this community.")] = "",
    days: Annotated[
        int, typer.Option("--days", min=1, max=USAGE_DAYS_MAX, help="How far back.")
    ] = USAGE_DAYS,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on stdout.")] = False,  # noqa: FBT002 - a flag
    by_person: Annotated[bool, typer.Option("--people", help="CSV by person and model.")] = False,  # noqa: FBT002 - a flag
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Credits and money by day and model, and who spent them; of one community, or of all."""
    everywhere = not (surface and community)
    if surface:
        assert_surface(surface)

    async def work(house: App) -> tuple[Report, list[dict[str, Any]]]:
        actor = await moderating(house, *(("cli", "") if everywhere else (surface, community)))
        report = await house.desk.usage(actor, days=days, everywhere=everywhere)
        return report, await margins(house, days, *(("", "") if everywhere else (surface, community)))

    report, earned = inside(config, work)
    if json:
        show_json(_usage_document(report, earned, everywhere=everywhere))
    elif as_csv:
        _write_usage(report, by_person=by_person)
    else:
        _say_usage(report, earned)


def _usage_document(report: Report, earned: list[dict[str, Any]], *, everywhere: bool) -> dict[str, object]:
    return {
        "days": report.days,
        "lines": _lines(report),
        "margins": earned,
        "top": [asdict(t) for t in report.top],
        "spent": [asdict(one) for one in report.spent],
        "refused_prompts": report.refused_prompts,
        "undelivered": {"pictures": report.undelivered[0], "credits": report.undelivered[1]},
        "budget": asdict(report.budget) if report.budget and not everywhere else None,
    }


def _write_usage(report: Report, *, by_person: bool) -> None:
    rows = [asdict(one) for one in report.spent] if by_person else _lines(report)
    columns = _COLUMNS_OF_PEOPLE if by_person else _COLUMNS
    writer = csv.DictWriter(sys.stdout, fieldnames=list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)


def _say_usage(report: Report, earned: list[dict[str, Any]]) -> None:
    told = reports.usage_lines(
        report.lines,
        report.top,
        Words(),
        refused_prompts=report.refused_prompts,
        undelivered=report.undelivered,
        spent=report.spent,
    )
    for text in [*told, *map(margin_line, earned)]:
        say(text)


_COLUMNS_OF_PEOPLE = ("user", "name", "model", "jobs", "pictures", "credits")
_COLUMNS = ("day", "model", "jobs", "pictures", "credits", "usd_micros", "refused", "failed")


def _lines(report: Report) -> list[dict[str, Any]]:
    return [{**asdict(line), "day": reports.day_name(line.day)} for line in report.lines]
