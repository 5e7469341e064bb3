"""The routes of channels, messages, reactions, users and guilds."""

import re
from typing import Any

from . import gateway, permissions
from .errors import ApiError, Problems
from .rest import Call, Router
from .world import DM, EPHEMERAL, Channel, Guild, Message, emoji_json

router = Router()
CHANNEL, MESSAGE = "/channels/{channel}", "/channels/{channel}/messages/{message}"
REACTION = MESSAGE + "/reactions/{emoji}"


def channel_of(call: Call) -> Channel:
    channel = call.server.world.channels.get(call.args["channel"])
    if channel is None or channel.deleted:
        raise ApiError(10003)
    return channel


def message_of(call: Call) -> Message:
    """A message that the channel shows; a private answer is not among them."""
    channel = channel_of(call)
    call.server.messages.need(channel, "view_channel")
    message = call.server.world.find(channel.id, call.args["message"])
    if message is None or message.ephemeral:
        raise ApiError(10008)
    return message


def guild_of(call: Call) -> Guild:
    guild = call.server.world.guilds.get(call.args["guild"])
    if guild is None:
        raise ApiError(10004)
    if not guild.bot_in:
        raise ApiError(50001)
    return guild


def limit_of(channel: Channel) -> int:
    return channel.guild.limit_bytes if channel.guild else 10 * 1024 * 1024


def open_thread(channel: Channel) -> None:
    if channel.archived:
        raise ApiError(50083)


# --- messages


@router.on("POST", CHANNEL + "/messages")
async def create_message(call: Call) -> Any:
    channel, body, server = channel_of(call), call.body, call.server
    needed = ["view_channel", "send_messages"]
    needed += ["embed_links"] if body.get("embeds") else []
    needed += ["attach_files"] if call.form.files else []
    server.messages.need(channel, *needed)
    if channel.type == DM and not server.may_dm(channel.recipients[0]):
        raise ApiError(50007)
    if (
        channel.archived
        and channel.locked
        and not permissions.allowed(channel, server.world.bot.id, "manage_threads")
    ):
        raise ApiError(50083)
    if (body.get("flags") or 0) & EPHEMERAL:
        server.records.violate("ephemeral", "only answers to interactions can be private")
        body["flags"] &= ~EPHEMERAL
    if body.get("enforce_nonce") and (same := _same_nonce(call, channel)):
        return server.world.message_json(same)
    facts = _reply(call, channel)
    # Speaking in an archived thread that is not locked opens it again.
    channel.archived = False
    message = await server.messages.create(
        channel, server.world.bot, call.form, body, limit_bytes=limit_of(channel), **facts
    )
    return server.world.message_json(message)


def _same_nonce(call: Call, channel: Channel) -> Message | None:
    """Within some minutes, the same nonce of the same author is the same message."""
    nonce, now = str(call.body.get("nonce")), call.server.clock.now()
    for message in channel.messages.values():
        if (
            message.nonce == nonce
            and message.author is call.server.world.bot
            and now - message.created_at < 300
        ):
            return message
    return None


def _reply(call: Call, channel: Channel) -> dict[str, Any]:
    reference = call.body.get("message_reference")
    if not reference:
        return {}
    referenced = call.server.world.find(
        int(reference.get("channel_id") or channel.id), int(reference["message_id"])
    )
    if referenced is None or referenced.ephemeral or referenced.channel is not channel:
        if reference.get("fail_if_not_exists") is False:
            return {}
        problems = Problems()
        problems.add("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        # A message may vanish while one writes: a refusal, no misuse.
        error = ApiError(50035, errors=problems.tree)
        error.excused = True
        raise error
    if not permissions.allowed(channel, call.server.world.bot.id, "read_message_history") and channel.guild:
        raise ApiError(160002)
    stored = {"type": 0, "channel_id": str(channel.id), "message_id": str(referenced.id)}
    stored |= {"guild_id": str(channel.guild.id)} if channel.guild else {}
    return {"type": 19, "referenced": referenced, "reference": stored}


@router.on("GET", CHANNEL + "/messages")
async def history(call: Call) -> Any:
    channel, query, server = channel_of(call), call.request.query, call.server
    server.messages.need(channel, "view_channel")
    limit = int(query.get("limit", 50))
    problems = Problems()
    problems.whole("limit", limit, 1, 100)
    problems.check()
    if not permissions.allowed(channel, server.world.bot.id, "read_message_history"):
        return []
    found = channel.visible
    if "after" in query:
        found = [one for one in found if one.id > int(query["after"])][:limit]
    if "before" in query:
        found = [one for one in found if one.id < int(query["before"])]
    if "around" in query:
        middle = int(query["around"])
        found = sorted(sorted(found, key=lambda one: abs(one.id - middle))[:limit], key=lambda one: one.id)
    return [_shown(call, one) for one in reversed(found[-limit:])]


def _shown(call: Call, message: Message) -> dict[str, Any]:
    """Other people's words are empty without the message content intent, over REST too."""
    server = call.server
    return server.world.message_json(message, content=bool(server.gateway.privileged & gateway.CONTENT))


@router.on("GET", MESSAGE)
async def get_message(call: Call) -> Any:
    message = message_of(call)
    call.server.messages.need(message.channel, "read_message_history")
    return _shown(call, message)


@router.on("PATCH", MESSAGE)
async def edit_message(call: Call) -> Any:
    message, server = message_of(call), call.server
    if message.author is not server.world.bot:
        raise ApiError(50005)
    open_thread(message.channel)
    if call.form.files:
        server.messages.need(message.channel, "attach_files")
    await server.messages.edit(message, call.form, call.body, limit_bytes=limit_of(message.channel))
    return server.world.message_json(message)


@router.on("DELETE", MESSAGE)
async def delete_message(call: Call) -> None:
    message, server = message_of(call), call.server
    open_thread(message.channel)
    if message.author is not server.world.bot:
        server.messages.need(message.channel, "manage_messages")
        if "X-Audit-Log-Reason" not in call.request.headers:
            server.records.violate(
                "missing audit", f"another's message deleted without a reason: {call.request.path}"
            )
    await server.messages.delete(message)


# --- reactions


@router.on("PUT", REACTION + "/@me")
async def add_reaction(call: Call) -> None:
    message, emoji = message_of(call), _emoji(call)
    needed = ["read_message_history"] + ([] if message.reactions.get(emoji) else ["add_reactions"])
    call.server.messages.need(message.channel, *needed)
    open_thread(message.channel)
    await call.server.change_reaction(call.server.world.bot, message, emoji, add=True)


@router.on("DELETE", REACTION + "/{user}")
async def remove_reaction(call: Call) -> None:
    message, emoji, world = message_of(call), _emoji(call), call.server.world
    user = world.bot if call.args["user"] == "@me" else world.users.get(call.args["user"])
    if user is None:
        raise ApiError(10013)
    if user is not world.bot:
        call.server.messages.need(message.channel, "manage_messages")
    if user.id not in message.reactions.get(emoji, []):
        raise ApiError(10014)
    await call.server.change_reaction(user, message, emoji, add=False)


@router.on("GET", REACTION)
async def reaction_users(call: Call) -> Any:
    message, emoji = message_of(call), _emoji(call)
    limit = int(call.request.query.get("limit", 25))
    return [call.server.world.users[one].json() for one in message.reactions.get(emoji, [])[:limit]]


@router.on("DELETE", REACTION)
async def clear_reaction(call: Call) -> None:
    message, emoji = message_of(call), _emoji(call)
    call.server.messages.need(message.channel, "manage_messages")
    users = message.reactions.pop(emoji, [])
    if users:
        data = {
            "channel_id": str(message.channel.id),
            "message_id": str(message.id),
            "emoji": emoji_json(emoji),
        }
        await call.server.emit_about(message.channel, "MESSAGE_REACTION_REMOVE_EMOJI", data, reaction=True)


@router.on("DELETE", MESSAGE + "/reactions")
async def clear_reactions(call: Call) -> None:
    message = message_of(call)
    call.server.messages.need(message.channel, "manage_messages")
    message.reactions.clear()
    data = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    await call.server.emit_about(message.channel, "MESSAGE_REACTION_REMOVE_ALL", data, reaction=True)


def _emoji(call: Call) -> str:
    emoji = call.args["emoji"]
    if not re.fullmatch(r"\w{2,32}:\d+", emoji) and emoji.isascii():
        raise ApiError(10014)
    return emoji


# --- channels, users, guilds


@router.on("GET", CHANNEL)
async def get_channel(call: Call) -> Any:
    channel = channel_of(call)
    call.server.messages.need(channel, "view_channel")
    return channel.json()


@router.on("PATCH", CHANNEL)
async def edit_thread(call: Call) -> Any:
    channel = channel_of(call)
    if channel.type not in permissions.THREADS:
        call.server.messages.need(channel, "manage_channels")
    elif channel.locked or "locked" in call.body:
        call.server.messages.need(channel, "manage_threads")
    channel.archived = call.body.get("archived", channel.archived)
    channel.locked = call.body.get("locked", channel.locked)
    channel.name = call.body.get("name", channel.name)
    event = "THREAD_UPDATE" if channel.type in permissions.THREADS else "CHANNEL_UPDATE"
    await call.server.gateway.emit(event, channel.json(), guild=channel.guild, intent=gateway.GUILDS)
    return channel.json()


@router.on("POST", CHANNEL + "/typing")
async def typing(call: Call) -> None:
    call.server.messages.need(channel_of(call), "send_messages")


@router.on("POST", "/users/@me/channels")
async def open_dm(call: Call) -> Any:
    world = call.server.world
    user = world.users.get(int(call.body.get("recipient_id") or 0))
    if user is None:
        raise ApiError(
            50035,
            errors={"recipient_id": {"_errors": [{"code": "INVALID_RECIPIENT", "message": "Unknown user"}]}},
        )
    if user.bot:
        raise ApiError(50007)
    return world.dm(user).json()


@router.on("GET", "/users/@me")
async def me(call: Call) -> Any:
    return call.server.world.bot.json() | {
        "verified": True,
        "mfa_enabled": True,
        "locale": "en-US",
        "flags": 0,
    }


@router.on("GET", "/users/@me/guilds")
async def my_guilds(call: Call) -> Any:
    mine = [one for one in call.server.world.guilds.values() if one.bot_in]
    held = {one.id: permissions.in_guild(one, call.server.world.bot.id) for one in mine}
    return [{"id": str(one.id), "name": one.name, "icon": None, "owner": False, "permissions": str(held[one.id]),
             "features": [], "approximate_member_count": len(one.members)} for one in mine]  # fmt: skip


@router.on("GET", "/users/{user}")
async def get_user(call: Call) -> Any:
    user = call.server.world.users.get(call.args["user"])
    if user is None:
        raise ApiError(10013)
    return user.json()


@router.on("GET", "/guilds/{guild}")
async def get_guild(call: Call) -> Any:
    return guild_of(call).json()


@router.on("GET", "/guilds/{guild}/channels")
async def guild_channels(call: Call) -> Any:
    every = guild_of(call).channels.values()
    return [one.json() for one in every if one.type not in permissions.THREADS and not one.deleted]


@router.on("GET", "/guilds/{guild}/roles")
async def guild_roles(call: Call) -> Any:
    return [one.json() for one in guild_of(call).roles.values()]


@router.on("GET", "/guilds/{guild}/members/{user}")
async def guild_member(call: Call) -> Any:
    guild = guild_of(call)
    if call.args["user"] not in guild.members:
        raise ApiError(10007 if call.args["user"] in call.server.world.users else 10013)
    return guild.members[call.args["user"]].json()
