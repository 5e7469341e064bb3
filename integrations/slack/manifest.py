"""The app's manifest, one file for Slack and for us (manifest.json); and `easel slack-manifest`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.process.out import json_text, say_all

FILE = Path(__file__).with_name("manifest.json")
PATH = "/slack/events"
# What the dispatch knows by name.
IMAGINE, EASEL = "/imagine", "/easel"
CREATE, REROLL, REMIX, EDIT = "create", "reroll", "remix", "edit"
# Scopes that can be left out: to hear words in a picture's thread and to find a placeholder by its metadata, to
# hear that a channel was unarchived, and to find one that a rule names.
OPTIONAL = frozenset(
    {"channels:history", "channels:read", "groups:history", "groups:read", "usergroups:read"}
)


def manifest(*, name: str = "Easel", request_url: str = "") -> dict[str, Any]:
    """The manifest: Socket Mode, or HTTP when the app has a public address."""
    made: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    features, settings = made["features"], made["settings"]
    made["display_information"]["name"] = features["bot_user"]["display_name"] = name
    if request_url:
        settings["socket_mode_enabled"] = False
        settings["event_subscriptions"]["request_url"] = request_url
        settings["interactivity"]["request_url"] = request_url
        for command in features["slash_commands"]:
            command["url"] = request_url
    return made


def scopes() -> frozenset[str]:
    """What the bot may do where all of the manifest is granted."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def slack_manifest(
    *,
    url: Annotated[str, typer.Option(help="Where Slack reaches Easel, for mode http.")] = "",
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Easel",
    config: Annotated[Path | None, typer.Option(help="Takes name and address from a configuration.")] = None,
    json_alone: Annotated[bool, typer.Option("--json", hidden=True)] = True,  # noqa: ARG001 - it always is; scripts say it
) -> None:
    """Print the manifest of the Slack app (JSON), to paste when the app is created."""
    if config is not None:
        name, url = _from_config(config, name, url)
    if url and not url.endswith(PATH):
        url = url.rstrip("/") + PATH
    say_all(json_text(manifest(name=name, request_url=url), indent=2))


def _from_config(file: Path, name: str, url: str) -> tuple[str, str]:
    from bot.configuration import config  # noqa: PLC0415 - without --config nothing is read

    settings = config.load(file)
    if settings.section("slack").mode == "http":
        url = url or settings.http.public_url
    return settings.bot.name or name, url
