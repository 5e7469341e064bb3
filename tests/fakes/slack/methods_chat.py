"""chat.*: post, update, delete, and messages that one person sees."""

from typing import TYPE_CHECKING, Any

from .args import Args
from .content import UPDATE_TEXT, judge_message
from .errors import ApiError
from .faces import message_face
from .records import Message
from .workspace import Channel

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["delete", "permalink", "post_ephemeral", "post_message", "target", "thread_of", "update"]


def target(slack: "SlackServer", ident: str) -> Channel:
    """The channel to write to; a person's id means the direct message with them."""
    world = slack.world
    channel = world.direct(ident) if ident in world.people else world.channel(ident)
    if channel.kind == "group" and world.bot_user not in channel.members:
        raise ApiError("channel_not_found")
    return channel


def _may_post(slack: "SlackServer", channel: Channel) -> None:
    if slack.world.bot_user not in channel.members:
        if "chat:write.public" not in slack.tokens.scopes:
            raise ApiError("not_in_channel")
        slack.tokens.need("chat:write.public")
    if channel.archived:
        raise ApiError("is_archived")
    if channel.restricted:
        raise ApiError("restricted_action")


def thread_of(slack: "SlackServer", channel: Channel, thread_ts: str, where: str) -> str | None:
    if not thread_ts:
        return None
    parent = slack.world.messages.get((channel.id, thread_ts))
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.thread_ts not in (None, parent.ts):
        slack.violate("thread_ts_of_reply", f"{thread_ts} is a reply: use its parent's ts", where)
        return parent.thread_ts
    return thread_ts


async def post_message(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = target(slack, args.need("channel"))
    _may_post(slack, channel)
    content = await judge_message(slack, args, where="chat.postMessage")
    message = slack.bot_message(
        channel,
        content,
        thread_ts=thread_of(slack, channel, args.text("thread_ts"), "chat.postMessage"),
        broadcast=args.flag("reply_broadcast"),
        via="chat.postMessage",
    )
    face = message_face(message, slack, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": face}


def _own(slack: "SlackServer", args: Args, error: str) -> Message:
    channel = slack.world.channels.get(args.need("channel"))
    # Unlike chat.postMessage: an id only, "a DM ID (D...) instead of a User ID".
    if channel is None:
        raise ApiError("channel_not_found")
    message = slack.world.message(channel.id, args.need("ts"))
    if message.bot_id != slack.world.bot_id:
        raise ApiError(error)
    return message


async def update(slack: "SlackServer", args: Args) -> dict[str, Any]:
    message = _own(slack, args, "cant_update_message")
    channel = slack.world.channels[message.channel]
    if channel.archived:
        raise ApiError("is_inactive")
    if message.edit_window_closed:
        raise ApiError("edit_window_closed")
    content = await judge_message(slack, args, where="chat.update", most=UPDATE_TEXT)
    changes: dict[str, Any] = {}
    # Blocks are kept only when no text is given; attachments and metadata when they are not given.
    if content.text is not None or content.blocks is not None:
        changes |= {"text": content.text or "", "blocks": content.blocks or []}  # [] also empties them.
    if content.attachments is not None:
        changes["attachments"] = content.attachments
    if content.metadata is not None:
        changes["metadata"] = content.metadata or None
    if args.has("file_ids"):
        changes["files"] = _files(slack, args)
    slack.world.edit(message, **changes)
    slack.tell_message_changed(message)
    face = message_face(message, slack)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": face}


def _files(slack: "SlackServer", args: Args) -> list[str]:
    raw = args.raw["file_ids"]
    ids = args.json("file_ids", error="invalid_arguments") if str(raw).startswith("[") else raw
    ids = ids.split(",") if isinstance(ids, str) else list(ids or [])
    for ident in ids:
        file = slack.files.stored.get(ident)
        if file is None or file.deleted or file.completed_at is None:
            raise ApiError("file_not_found")
    return ids


async def delete(slack: "SlackServer", args: Args) -> dict[str, Any]:
    message = _own(slack, args, "cant_delete_message")
    slack.delete_message(message)
    return {"channel": message.channel, "ts": message.ts}


async def permalink(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = slack.world.channel(args.need("channel"))
    message = slack.world.message(channel.id, args.need("message_ts"))
    address = f"https://{slack.world.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


async def post_ephemeral(slack: "SlackServer", args: Args) -> dict[str, Any]:
    channel = target(slack, args.need("channel"))
    user = args.need("user")
    if slack.world.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    if channel.archived:
        raise ApiError("is_archived")
    content = await judge_message(slack, args, where="chat.postEphemeral")
    thread_ts = thread_of(slack, channel, args.text("thread_ts"), "chat.postEphemeral")
    message = slack.bot_message(
        channel, content, thread_ts=thread_ts, ephemeral_for=user, via="chat.postEphemeral"
    )
    return {"message_ts": message.ts}
