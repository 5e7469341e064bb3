"""Compares an app manifest with what a run used, and with Slack's limits for manifests."""

from typing import Any

from .records import Used

__all__ = ["declared", "manifest_problems", "undeclared"]

_EVENT_SCOPES = {
    "app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
    "message.im": "im:history", "message.mpim": "mpim:history", "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}  # fmt: skip


def _at(manifest: dict[str, Any], *path: str, default: Any) -> Any:
    found: Any = manifest
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return default if found is None else found


def declared(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest's scopes, events, commands and shortcuts, as sets."""
    shortcuts = _at(manifest, "features", "shortcuts", default=[])
    return {
        "scopes": set(_at(manifest, "oauth_config", "scopes", "bot", default=[])),
        "events": set(_at(manifest, "settings", "event_subscriptions", "bot_events", default=[])),
        "commands": {c["command"] for c in _at(manifest, "features", "slash_commands", default=[])},
        "shortcuts": {(s["type"], s["callback_id"]) for s in shortcuts},
    }


def undeclared(manifest: dict[str, Any], used: Used) -> list[str]:
    """A sentence for everything that the run used and the manifest does not declare."""
    has = declared(manifest)
    wrong = [f"scope {s} is not declared" for s in sorted(used.scopes - has["scopes"])]
    wrong += [f"event {e} is not declared" for e in sorted(used.events - has["events"])]
    wrong += [f"command {c} is not declared" for c in sorted(used.commands - has["commands"])]
    wrong += [f"{k} shortcut {c} is not declared" for k, c in sorted(used.shortcuts - has["shortcuts"])]
    switches = [
        (used.interactivity, ("settings", "interactivity", "is_enabled"), "interactivity is off"),
        (used.socket_mode, ("settings", "socket_mode_enabled"), "Socket Mode is off"),
        (used.home_tab, ("features", "app_home", "home_tab_enabled"), "the home tab is off"),
        (used.messages_tab, ("features", "app_home", "messages_tab_enabled"), "the messages tab is off"),
    ]
    return wrong + [words for on, path, words in switches if on and not _at(manifest, *path, default=False)]


def manifest_problems(manifest: dict[str, Any]) -> list[str]:
    """What Slack would refuse in the manifest itself: https://docs.slack.dev/reference/app-manifest."""
    has, wrong = declared(manifest), []
    about = _at(manifest, "display_information", default={})
    for name, most in (("name", 35), ("description", 140), ("long_description", 4000)):
        if len(about.get(name, "")) > most:
            wrong.append(f"display_information.{name} is longer than {most}")
    if not about.get("name"):
        wrong.append("display_information.name is missing")
    if has["commands"] and "commands" not in has["scopes"]:
        wrong.append("slash commands need the scope commands")
    wrong += [
        f"event {e} needs the scope {_EVENT_SCOPES[e]}"
        for e in sorted(has["events"] & set(_EVENT_SCOPES))
        if _EVENT_SCOPES[e] not in has["scopes"]
    ]
    return wrong + _feature_problems(manifest)


def _feature_problems(manifest: dict[str, Any]) -> list[str]:
    wrong = []
    commands = _at(manifest, "features", "slash_commands", default=[])
    shortcuts = _at(manifest, "features", "shortcuts", default=[])
    if len(commands) > 50 or len(shortcuts) > 10:
        wrong.append("more than 50 slash commands or 10 shortcuts")
    for command in commands:
        name = command.get("command", "")
        if not name.startswith("/") or not 1 < len(name) <= 32 or not command.get("description"):
            wrong.append(f"slash command {name} needs a slash, at most 32 characters and a description")
    for shortcut in shortcuts:
        fits = len(shortcut.get("name", "")) <= 24 and len(shortcut.get("description", "")) <= 150
        if (
            not fits
            or shortcut.get("type") not in ("message", "global")
            or len(shortcut["callback_id"]) > 255
        ):
            wrong.append(
                f"shortcut {shortcut.get('callback_id')}: name 24, description 150, type message or global"
            )
    if commands and not _at(manifest, "features", "bot_user", "display_name", default=""):
        wrong.append("features.bot_user.display_name is missing")
    return wrong
