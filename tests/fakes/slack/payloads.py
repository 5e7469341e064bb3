"""The envelopes' insides: commands, events and interactions in Slack's words."""

import html
from typing import TYPE_CHECKING, Any

from .faces import message_face, view_face
from .records import Message, View
from .workspace import Channel

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["command", "escape", "event", "interaction", "message_container", "view_part"]

_TOKEN = "deprecated-verification-token"


def escape(text: str) -> str:
    """Slack hands over what people type with `& < >` escaped, in commands and messages alike."""
    return html.escape(text, quote=False)


def command(
    slack: "SlackServer",
    *,
    user: str,
    channel: Channel,
    name: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> dict[str, Any]:
    world = slack.world
    return {
        "token": _TOKEN,
        "team_id": world.people[user].team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": channel.name
        if channel.kind == "channel"
        else {"im": "directmessage"}.get(channel.kind, "privategroup"),
        "user_id": user,
        "user_name": world.people[user].name,
        "command": name,
        "text": escape(text),
        "api_app_id": world.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event(slack: "SlackServer", inner: dict[str, Any], *, shared: bool = False) -> dict[str, Any]:
    world = slack.world
    ident = world.number("Ev")
    return {
        "token": _TOKEN,
        "team_id": world.team_id,
        "api_app_id": world.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": ident,
        "event_time": int(slack.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": world.team_id,
                "user_id": world.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{ident}",
    }


def interaction(slack: "SlackServer", kind: str, user: str, **more: Any) -> dict[str, Any]:
    world = slack.world
    person = world.people[user]
    return {
        "type": kind,
        "team": {"id": world.team_id, "domain": world.domain},
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": world.app_id,
        "token": _TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
        **more,
    }


def message_container(slack: "SlackServer", message: Message) -> dict[str, Any]:
    """Where a press happened; an ephemeral message comes without its contents."""
    channel = slack.world.channels[message.channel]
    ephemeral = message.ephemeral_for is not None
    part: dict[str, Any] = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        },
        "channel": {"id": channel.id, "name": channel.name if channel.kind == "channel" else "directmessage"},
    }
    if message.thread_ts:
        part["container"]["thread_ts"] = message.thread_ts
    if not ephemeral:
        part["message"] = message_face(message, slack)
    return part


def view_part(slack: "SlackServer", view: View) -> dict[str, Any]:
    return {"container": {"type": "view", "view_id": view.id}, "view": view_face(view, slack.world)}
