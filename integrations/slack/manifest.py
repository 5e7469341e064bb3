"""The app's manifest, made from the very lists by which the code listens; and `easel slack-manifest`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.out import say_all, show_json

IMAGINE = "/imagine"
EASEL = "/easel"
CREATE, REROLL, REMIX = "create", "reroll", "remix"
PATH = "/slack/events"

# name, description, usage hint, whether Slack hands over mentions as ids
COMMANDS = (
    (IMAGINE, "Make a picture; alone it opens a form", "a red fox in the snow --ar 16:9", False),
    (EASEL, "Credits, history, models, defaults, help", "credits | history | models | defaults | help", True),
)
# type, callback_id, name (24 characters), description
SHORTCUTS = (
    ("global", CREATE, "Create a picture", "Opens the form; the picture comes by direct message"),
    ("message", REROLL, "Re-roll", "Draws this picture anew"),
    ("message", REMIX, "Remix", "Opens the form with this picture's prompt"),
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_unarchive",
    "group_unarchive",
    "message.im",
    "reaction_added",
    "tokens_revoked",
)
SCOPES = (
    "app_mentions:read",
    "channels:history",  # only to find a placeholder by its metadata; can be left out
    "channels:read",  # only to hear that a channel was unarchived; can be left out
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",  # the same in private channels
    "groups:read",  # the same in private channels
    "im:history",
    "im:write",
    "reactions:read",
    "users:read",
)
OPTIONAL = frozenset({"channels:history", "channels:read", "groups:history", "groups:read"})
_HEAD = "# Made by `easel slack-manifest`. Paste it at https://api.slack.com/apps, Create New App, From a manifest.\n"


def manifest(*, name: str = "Easel", request_url: str = "") -> dict[str, Any]:
    """The manifest: Socket Mode, or HTTP when the app has a public address."""
    address = {"request_url": request_url} if request_url else {}
    where = {"url": request_url} if request_url else {}
    return {
        "display_information": {
            "name": name,
            "description": "/imagine for your workspace: pictures from words, with credits and care.",
            "background_color": "#24292f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [
                {"name": label, "type": kind, "callback_id": callback, "description": text}
                for kind, callback, label, text in SHORTCUTS
            ],
            "slash_commands": [
                {"command": c, **where, "description": text, "usage_hint": hint, "should_escape": escape}
                for c, text, hint, escape in COMMANDS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(value: Any) -> str:
    """A manifest as YAML; strings are quoted as in JSON, which YAML reads too."""
    return _HEAD + "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any, indent: str = "") -> list[str]:
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in _entry(f"{indent}{key}:", item, indent)]
    lines = []
    for item in value:
        inner = (
            _lines(item, indent + "  ")
            if isinstance(item, dict | list)
            else [f"{indent}  {json.dumps(item)}"]
        )
        lines += [f"{indent}- {inner[0].strip()}", *inner[1:]]
    return lines


def _entry(head: str, item: Any, indent: str) -> list[str]:
    if isinstance(item, dict | list) and item:
        return [head, *_lines(item, indent + "  ")]
    return [f"{head} {json.dumps(item, ensure_ascii=False)}"]


def slack_manifest(
    *,
    url: Annotated[str, typer.Option(help="Where Slack reaches Easel, for mode http.")] = "",
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Easel",
    config: Annotated[Path | None, typer.Option(help="Takes name and address from a configuration.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Print the manifest of the Slack app, to paste when the app is created."""
    if config is not None:
        name, url = _from_config(config, name, url)
    if url and not url.endswith(PATH):
        url = url.rstrip("/") + PATH
    made = manifest(name=name, request_url=url)
    if as_json:
        show_json(made)
    else:
        say_all(as_yaml(made).rstrip("\n"))


def _from_config(file: Path, name: str, url: str) -> tuple[str, str]:
    from bot import config  # noqa: PLC0415 - without --config nothing is read

    settings = config.load(file)
    if settings.section("slack").mode == "http":
        url = url or settings.http.public_url
    return settings.bot.name or name, url
