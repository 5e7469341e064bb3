"""`easel discord-invite`: the link that installs the app, with exactly the rights that the code uses."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from bot.process.out import say, show_json
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.settings import DiscordSettings

SCOPES = ("bot", "applications.commands")
# https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
PERMISSIONS = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,  # what can't be an answer any more, and replies to reactions
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,  # the pictures
    "Read Message History": 1 << 16,  # replies, and finding a message again after a crash
    "Send Messages in Threads": 1 << 38,
}
_PAGE = "https://discord.com/oauth2/authorize"


def link_of(application: str) -> str:
    """The address to open in a browser."""
    permissions = sum(PERMISSIONS.values())
    return f"{_PAGE}?client_id={application}&permissions={permissions}&scope={'+'.join(SCOPES)}"


def discord_invite(
    *,
    config: Annotated[Path | None, typer.Option(help="The configuration with [discord] token.")] = None,
    application: Annotated[str, typer.Option(help="The application's id, instead of asking Discord.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Print the link that installs the app in a server."""
    application = application or _ask_for_application(config)
    made = {"url": link_of(application), "scopes": list(SCOPES), "permissions": list(PERMISSIONS)}
    if as_json:
        show_json(made)
    else:
        say(made["url"])


def _ask_for_application(config: Path | None) -> str:
    from bot.cli.common import found_file, settings_of  # noqa: PLC0415 - not needed with --application

    settings: DiscordSettings = settings_of(found_file(config)).section("discord")
    if not settings.ready:
        say("[discord] token is not set: take it from the page Bot, or give --application ID", err=True)
        raise typer.Exit(2)
    try:
        return asyncio.run(_ask_discord(settings))
    except DiscordFault as fault:
        say(f"Discord can't be asked: {fault}", err=True)
        raise typer.Exit(1) from None


async def _ask_discord(settings: DiscordSettings) -> str:
    async with aclosing(Rest(settings)) as rest:
        return str((await rest.call("GET", "/applications/@me"))["id"])
