"""Discord's permission bits, and what they come to for a member in a channel."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import Channel, Guild

BITS = {
    "kick_members": 1 << 1,
    "ban_members": 1 << 2,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "send_messages_in_threads": 1 << 38,
    "moderate_members": 1 << 40,
    "use_external_apps": 1 << 50,
}
ALL = (1 << 53) - 1
PLAIN = [
    "add_reactions",
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "use_external_emojis",
    "use_application_commands",
    "send_messages_in_threads",
    "use_external_apps",
]
THREADS = {10, 11, 12}


def bits(*names: str) -> int:
    """The number that these permission names make; an unknown name is a mistake of the test."""
    total = 0
    for name in names:
        total |= BITS[name]
    return total


def in_guild(guild: "Guild", user_id: int) -> int:
    member = guild.members[user_id]
    total = guild.roles[guild.id].permissions
    for role_id in member.roles:
        total |= guild.roles[role_id].permissions
    return ALL if user_id == guild.owner_id or total & BITS["administrator"] else total


def in_channel(channel: "Channel", user_id: int) -> int:
    """Overwrites apply in order: everyone, then roles together, then the member."""
    guild = channel.guild
    if guild is None:
        return ALL & ~BITS["manage_messages"]
    if user_id not in guild.members:
        return 0
    total = in_guild(guild, user_id)
    if total == ALL:
        return ALL
    overwrites = (channel.parent or channel).overwrites
    allow, deny = overwrites.get(guild.id, (0, 0))
    total = total & ~deny | allow
    both = [overwrites[role] for role in guild.members[user_id].roles if role in overwrites]
    for _, deny in both:
        total &= ~deny
    for allow, _ in both:
        total |= allow
    allow, deny = overwrites.get(user_id, (0, 0))
    total = total & ~deny | allow
    return total if total & BITS["view_channel"] else 0


def allowed(channel: "Channel", user_id: int, *names: str) -> bool:
    """Whether the user holds all of these in the channel; in threads, sending is its own permission."""
    held = in_channel(channel, user_id)
    for name in names:
        wanted = "send_messages_in_threads" if name == "send_messages" and channel.type in THREADS else name
        if not held & BITS[wanted]:
            return False
    return True
