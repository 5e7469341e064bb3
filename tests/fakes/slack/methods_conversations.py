"""conversations.*, reactions.*, users.info, team.info and bots.info."""

import base64
from typing import TYPE_CHECKING, Any

from .args import Args
from .errors import ApiError, invalid_arguments
from .faces import channel_face, message_face, person_face
from .records import Message
from .workspace import Channel

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = [
    "bots_info", "history", "info", "listing", "members", "open_direct", "react", "reactions_get", "replies", "team_info",
    "unreact", "users_info",
]  # fmt: skip

_PREFIX = {"channel": "channels", "group": "groups", "im": "im"}


def _readable(slack: "SlackServer", args: Args, right: str) -> Channel:
    """A channel that the bot may read: the scope follows the channel's kind."""
    channel = slack.world.channels.get(args.need("channel"))
    if channel is None:
        raise ApiError("channel_not_found")
    slack.tokens.need(f"{_PREFIX[channel.kind]}:{right}")
    inside = slack.world.bot_user in channel.members
    if channel.kind == "group" and not inside:
        raise ApiError("channel_not_found")
    if right == "history" and not inside:
        raise ApiError("not_in_channel")
    return channel


async def open_direct(slack: "SlackServer", args: Args) -> dict[str, Any]:
    users = [u for u in args.text("users").split(",") if u]
    if args.has("channel"):
        return {"channel": {"id": slack.world.channel(args.text("channel")).id}}
    if len(users) != 1:
        raise (
            ApiError("users_list_not_supplied")
            if not users
            else ApiError("missing_scope", needed="mpim:write")
        )
    slack.tokens.need("im:write")
    if users[0] == slack.world.bot_user:
        raise ApiError("cannot_dm_bot")
    person = slack.world.people.get(users[0])
    if person is not None and person.deleted:
        raise ApiError("user_disabled")
    before = len(slack.world.channels)
    channel = slack.world.direct(users[0])
    existed = len(slack.world.channels) == before
    return {"already_open": existed, "no_op": existed, "channel": {"id": channel.id}}


def _page(slack: "SlackServer", args: Args, found: list[Message]) -> dict[str, Any]:
    latest, oldest = args.text("latest"), args.text("oldest")
    inclusive = args.flag("inclusive")
    found = [m for m in found if _between(float(m.ts), oldest, latest, inclusive=inclusive)]
    limit = args.integer("limit", 100)
    if not 1 <= limit <= 999:
        raise ApiError("invalid_limit")
    start = _cursor(args.text("cursor"))
    faces = [
        message_face(m, slack, metadata=args.flag("include_all_metadata"))
        for m in found[start : start + limit]
    ]
    more = start + limit < len(found)
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return {"messages": faces, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def _between(ts: float, oldest: str, latest: str, *, inclusive: bool) -> bool:
    low, high = float(oldest or 0), float(latest or "inf")
    return low <= ts <= high if inclusive else low < ts < high


def _cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except ValueError:
        raise ApiError("invalid_cursor") from None


async def history(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = _readable(slack, args, "history")
    found = [m for m in slack.world.timeline(channel.id) if m.thread_ts in (None, m.ts) or m.broadcast]
    return _page(slack, args, found[::-1])


async def replies(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = _readable(slack, args, "history")
    ts = args.need("ts")
    found = slack.world.thread(channel.id, ts)
    if not found:
        raise ApiError("thread_not_found")
    return _page(slack, args, found)


async def info(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = _readable(slack, args, "read")
    face = channel_face(channel, slack.world.bot_user)
    return {"channel": face | ({"locale": slack.world.locale} if args.flag("include_locale") else {})}


async def listing(slack: "SlackServer", args: Args) -> dict[str, Any]:
    """Public channels, and the private ones that the bot is in; each kind asked for wants its scope."""
    kinds = {"public_channel": "channel", "private_channel": "group"}
    asked = [kinds[one] for one in args.text("types", "public_channel").split(",")]
    for kind in asked:
        slack.tokens.need("channels:read" if kind == "channel" else "groups:read")
    found = [c for c in slack.world.channels.values() if c.kind in asked and not c.archived]
    seen = [c for c in found if c.kind == "channel" or slack.world.bot_user in c.members]
    most = args.integer("limit", 100)
    if not 1 <= most <= 999:
        raise ApiError("invalid_limit")
    cursor = "more" if len(seen) > most else ""
    faces = [channel_face(c, slack.world.bot_user) for c in seen[:most]]
    return {"channels": faces, "response_metadata": {"next_cursor": cursor}}


async def members(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = _readable(slack, args, "read")
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def _reacted(slack: "SlackServer", args: Args) -> Message:
    channel = slack.world.channel(args.need("channel"))
    return slack.world.message(channel.id, args.need("timestamp"))


def _reaction(args: Args) -> str:
    name = args.need("name")
    if not name.replace("_", "").replace("-", "").replace("+", "").replace(":", "").isalnum():
        raise ApiError("invalid_name")
    return name


async def react(slack: "SlackServer", args: Args) -> dict[str, Any]:
    message, name = _reacted(slack, args), _reaction(args)
    if slack.world.bot_user not in slack.world.channels[message.channel].members:
        raise ApiError("not_in_channel")
    if slack.world.bot_user in message.reactions.get(name, []):
        raise ApiError("already_reacted")
    message.reactions.setdefault(name, []).append(slack.world.bot_user)
    slack.tell_reaction("reaction_added", slack.world.bot_user, message, name)
    return {}


async def unreact(slack: "SlackServer", args: Args) -> dict[str, Any]:
    message, name = _reacted(slack, args), _reaction(args)
    if slack.world.bot_user not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(slack.world.bot_user)
    slack.tell_reaction("reaction_removed", slack.world.bot_user, message, name)
    return {}


async def reactions_get(slack: "SlackServer", args: Args) -> dict[str, Any]:
    message = _reacted(slack, args)
    return {"type": "message", "channel": message.channel, "message": message_face(message, slack)}


async def users_info(slack: "SlackServer", args: Args) -> dict[str, Any]:
    person = slack.world.people.get(args.need("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": person_face(person)}


async def usergroups(slack: "SlackServer", args: Args) -> dict[str, Any]:
    told = args.flag("include_users")
    return {
        "usergroups": [
            {
                "id": group,
                "team_id": slack.world.team_id,
                "is_usergroup": True,
                "name": handle.title(),
                "handle": handle,
            }
            | ({"users": [p.id for p in people]} if told else {})
            for group, (handle, people) in slack.world.groups.items()
        ]
    }


async def team_info(slack: "SlackServer", args: Args) -> dict[str, Any]:
    world = slack.world
    return {
        "team": {"id": world.team_id, "name": world.team_name, "domain": world.domain, "email_domain": ""}
    }


async def bots_info(slack: "SlackServer", args: Args) -> dict[str, Any]:
    world = slack.world
    if args.text("bot", world.bot_id) != world.bot_id:
        raise ApiError("bot_not_found")
    if args.has("team_id") and args.text("team_id") != world.team_id:
        raise invalid_arguments("unknown team_id")
    bot = {"id": world.bot_id, "app_id": world.app_id, "user_id": world.bot_user, "name": world.bot_name}
    return {"bot": {**bot, "deleted": False, "updated": 0}}
