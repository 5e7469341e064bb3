"""What is said to Easel: direct messages, mentions, and replies to us. Anything else is nobody's business.

Without the privileged intent Discord tells the words and files of just these, and of a reply only where it has
the ping on and answers an ordinary message of ours.
https://docs.discord.com/developers/gateway/you-might-not-need-a-privileged-intent
"""

import re
from collections.abc import Mapping
from typing import Any

import discord

_SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
_MENTION = re.compile(r"<(@!?|@&|#)(\d{15,20})>")
_EMOJI = re.compile(r"<a?:(\w+):\d+>")


def is_said_to(message: discord.Message, me: int) -> bool:
    """Whether a person speaks to us."""
    if message.author.bot or message.webhook_id is not None or message.type not in _SPOKEN:
        return False
    return message.guild is None or is_mentioned(message, me) or is_role_mentioned(message)


def is_mentioned(message: discord.Message, me: int) -> bool:
    """By name, or by a reply with the ping on."""
    return any(one.id == me for one in message.mentions)


def is_named(message: discord.Message, me: int) -> bool:
    """By name in the words themselves; a reply has its ping by itself, also where people talk about a picture."""
    return f"<@{me}>" in message.content or f"<@!{me}>" in message.content


def is_role_mentioned(message: discord.Message) -> bool:
    """Whether our role was taken for us: Discord offers both, and tells us nothing of what is said to a role."""
    role = message.guild.self_role if message.guild else None
    return role is not None and any(one.id == role.id for one in message.role_mentions)


def words_of(message: discord.Message, me: int) -> str:
    """What was said, without our name; everything else that Discord writes as an id reads as people see it."""
    people = {one.id: one.display_name for one in message.mentions}
    guild = message.guild

    def named(match: re.Match[str]) -> str:
        kind, key = match[1], int(match[2])
        if kind == "#":
            channel = guild.get_channel_or_thread(key) if guild else None
            return channel.name if channel else ""
        if kind == "@&":
            role = guild.get_role(key) if guild else None
            return role.name if role else ""
        return "" if key == me else people.get(key, "")

    return " ".join(_EMOJI.sub(r":\1:", _MENTION.sub(named, message.content)).split())


def answered(message: discord.Message) -> discord.Message | None:
    """The message that it replies to, as far as we may see it; nothing where it was deleted, or is only forwarded."""
    reference = message.reference
    if reference is None or message.type is not discord.MessageType.reply:
        return None
    return reference.resolved if isinstance(reference.resolved, discord.Message) else None


def is_hidden(message: discord.Message, me: int) -> bool:
    """Whether Discord keeps from us what somebody else's message says and shows."""
    shown = message.content or message.attachments or message.embeds or message.message_snapshots
    return message.guild is not None and message.author.id != me and not shown


def told(message: discord.Message | discord.MessageSnapshot) -> Mapping[str, Any]:
    """What a message shows, as Discord tells of it in interactions."""
    shown: dict[str, Any] = {
        "attachments": [one.to_dict() for one in message.attachments],
        "embeds": [one.to_dict() for one in message.embeds],
    }
    if isinstance(message, discord.MessageSnapshot):
        return shown
    snapshots = [{"message": told(one)} for one in message.message_snapshots]
    return shown | {
        "id": str(message.id), "channel_id": str(message.channel.id), "message_snapshots": snapshots,
    }  # fmt: skip
