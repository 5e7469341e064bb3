"""What exists: users, guilds, channels, messages, with the JSON that the real API shows of them."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

from PIL import Image

from tests.fakes.there import there

from . import permissions
from .cdn import Attachment, Links
from .clock import Clock, Snowflakes
from .members import MIB, Member, Role, User

# Per-file limits by boost level: none and 1, 2, 3.
FILE_LIMIT_BYTES = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}
TEXT, DM, GROUP_DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 3, 11, 12
EPHEMERAL, LOADING, COMPONENTS_V2 = 64, 128, 1 << 15
NOTHING_SAID: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}


@dataclasses.dataclass(eq=False)
class Guild:
    """A server. `bot_in` is False where only a person has installed the app for oneself.

    `out`: an outage, in which Discord names it as unavailable. `untold`: no READY names it, though the bot is in.
    """

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role]
    members: dict[int, Member] = dataclasses.field(default_factory=dict)
    channels: dict[int, "Channel"] = dataclasses.field(default_factory=dict)
    boost_level: int = 0
    locale: str = "en-US"
    bot_in: bool = True
    file_limit_bytes: int | None = None
    out: bool = False
    untold: bool = False

    @property
    def limit_bytes(self) -> int:
        return FILE_LIMIT_BYTES[self.boost_level] if self.file_limit_bytes is None else self.file_limit_bytes

    def partial(self) -> dict[str, Any]:
        return {"id": str(self.id), "locale": self.locale, "features": []}

    def json(self) -> dict[str, Any]:
        return {
            "id": str(self.id), "name": self.name, "icon": None, "splash": None, "discovery_splash": None,
            "owner_id": str(self.owner_id), "afk_channel_id": None, "afk_timeout": 300,
            "verification_level": 0, "default_message_notifications": 1, "explicit_content_filter": 0,
            "roles": [role.json() for role in self.roles.values()], "emojis": [], "stickers": [],
            "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None,
            "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None,
            "description": None, "banner": None, "premium_tier": self.boost_level,
            "premium_subscription_count": 0, "preferred_locale": self.locale, "nsfw_level": 0,
            "public_updates_channel_id": None, "premium_progress_bar_enabled": False,
            "safety_alerts_channel_id": None, "max_members": 500_000,
        }  # fmt: skip

    def gateway_json(self, bot_id: int) -> dict[str, Any]:
        """GUILD_CREATE: with channels and threads, and of the members only the bot (no members intent)."""
        every = [channel for channel in self.channels.values() if not channel.deleted]
        return self.json() | {
            "joined_at": self.members[bot_id].joined_at, "large": False, "unavailable": False,
            "member_count": len(self.members), "voice_states": [], "presences": [],
            "members": [self.members[bot_id].json()], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "channels": [one.json() for one in every if one.type not in permissions.THREADS],
            "threads": [one.json() for one in every if one.type in permissions.THREADS and not one.archived],
        }  # fmt: skip


@dataclasses.dataclass(eq=False)
class Channel:
    """A text channel, thread, direct message or group."""

    id: int
    type: int
    name: str
    guild: Guild | None = None
    parent: "Channel | None" = None
    nsfw: bool = False
    archived: bool = False
    locked: bool = False
    deleted: bool = False
    created_at: str = "2024-01-01T00:00:00.000000+00:00"
    overwrites: dict[int, tuple[int, int]] = dataclasses.field(default_factory=dict)
    recipients: list[User] = dataclasses.field(default_factory=list)
    messages: dict[int, "Message"] = dataclasses.field(default_factory=dict)

    @property
    def visible(self) -> list["Message"]:
        """The messages that everybody in the channel sees, oldest first."""
        return [one for one in self.messages.values() if not one.deleted and not one.ephemeral]

    def json(self, *, permissions_held: int | None = None) -> dict[str, Any]:
        last = str(max(self.messages)) if self.messages else None
        body: dict[str, Any] = {"id": str(self.id), "type": self.type, "flags": 0, "last_message_id": last}
        if permissions_held is not None:
            body["permissions"] = str(permissions_held)
        if self.guild is None:
            named = {"name": self.name, "icon": None} if self.type == GROUP_DM else {}
            return body | named | {"recipients": [user.json() for user in self.recipients if not user.bot]}
        body |= {"name": self.name, "guild_id": str(self.guild.id), "rate_limit_per_user": 0}
        body["parent_id"] = str(self.parent.id) if self.parent else None
        if self.type in permissions.THREADS:
            meta = {"archived": self.archived, "locked": self.locked, "auto_archive_duration": 1440,
                    "archive_timestamp": self.created_at, "create_timestamp": self.created_at}  # fmt: skip
            return body | {"owner_id": str(self.guild.owner_id), "message_count": len(self.visible),
                           "member_count": 1, "total_message_sent": len(self.messages),
                           "thread_metadata": meta}  # fmt: skip
        overwrites = [
            {
                "id": str(target),
                "type": 0 if target in self.guild.roles else 1,
                "allow": str(allow),
                "deny": str(deny),
            }
            for target, (allow, deny) in self.overwrites.items()
        ]
        return body | {"nsfw": self.nsfw, "topic": None, "position": 0, "permission_overwrites": overwrites}


class Look:
    """What people see of a message."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]

    @property
    def text(self) -> str:
        """Everything a person reads: content, embeds and text displays, joined by new lines."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [
                embed.get("author", {}).get("name", ""),
                embed.get("title", ""),
                embed.get("description", ""),
            ]
            parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [one["content"] for one in walk(self.components) if one.get("type") == 10]
        return "\n".join(filter(None, parts))

    @property
    def images(self) -> list[Image.Image]:
        return [one.image() for one in self.attachments if one.size]

    @property
    def controls(self) -> list[dict[str, Any]]:
        """Buttons and selects, flat, in order."""
        return [one for one in walk(self.components) if one.get("type") in {2, 3, 5, 6, 7, 8}]

    @property
    def labels(self) -> list[str]:
        return [one["label"] for one in self.controls if one.get("label")]

    def control(self, match: str | Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The control whose custom_id, label or emoji is `match`, or for which `match` holds."""
        for one in self.controls:
            known = (one.get("custom_id"), one.get("label"), (one.get("emoji") or {}).get("name"))
            if match(one) if callable(match) else match in known:
                return one
        raise LookupError(f"no control {match!r} among {self.controls}")


@dataclasses.dataclass(eq=False)
class Version(Look):
    """What a message looked like before an edit."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]
    at: float


@dataclasses.dataclass(eq=False)
class Message(Look):
    """A message with its past in `history`; a deleted one stays readable for tests (`deleted`)."""

    id: int
    channel: Channel
    author: User
    created_at: float
    type: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    components: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    attachments: list[Attachment] = dataclasses.field(default_factory=list)
    embedded: set[int] = dataclasses.field(default_factory=set)
    flags: int = 0
    nonce: str | None = None
    reference: dict[str, Any] | None = None
    referenced: "Message | None" = None
    forwarded: "Message | None" = None
    mentioned: list[User] = dataclasses.field(default_factory=list)
    mentioned_roles: list[int] = dataclasses.field(default_factory=list)
    allowed_mentions: dict[str, Any] | None = None
    interaction: dict[str, Any] | None = None
    application_id: int | None = None
    owner_id: int | None = None
    edited_at: float | None = None
    deleted: bool = False
    reactions: dict[str, list[int]] = dataclasses.field(default_factory=dict)
    history: list[Version] = dataclasses.field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)


def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every component, children and accessories included, depth first."""
    found: list[dict[str, Any]] = []
    for one in components:
        found.append(one)
        found += walk(one.get("components") or [])
        found += walk([one[key] for key in ("accessory", "component") if one.get(key)])
    return found


class World:
    """Makes and finds what exists; it tells nobody (the server dispatches the events)."""

    def __init__(self, clock: Clock, application_id: int | None = None) -> None:
        self.clock = clock
        self.snowflakes = Snowflakes(clock)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        self.attachments: dict[int, Attachment] = {}
        self.links = Links(clock)
        self.bot = self.user("easel", bot=True, id=application_id)
        self.application_id = self.bot.id

    def user(self, name: str, **facts: Any) -> User:
        user = User(id=facts.pop("id", None) or self.snowflakes.next(), name=name, **facts)
        self.users[user.id] = user
        return user

    def member(self, guild: Guild, user: User, *roles: Role) -> Member:
        guild.members[user.id] = Member(user, [role.id for role in roles], self.clock.iso())
        return guild.members[user.id]

    def role(self, guild: Guild, name: str, *names: str) -> Role:
        role = Role(self.snowflakes.next(), name, permissions.bits(*names), len(guild.roles))
        guild.roles[role.id] = role
        return role

    def guild(
        self, name: str, *, owner: User, guild_id: int, bot_permissions: list[str], **facts: Any
    ) -> Guild:
        everyone = Role(guild_id, "@everyone", permissions.bits(*permissions.PLAIN), 0)
        guild = Guild(guild_id, name, owner.id, {guild_id: everyone}, **facts)
        self.guilds[guild_id] = guild
        self.member(guild, owner)
        if guild.bot_in:
            own = self.role(guild, self.bot.name, *bot_permissions)
            own.bot_id = self.bot.id
            self.member(guild, self.bot, own)
        return guild

    def channel(self, kind: int, name: str, guild: Guild | None = None, **facts: Any) -> Channel:
        channel = Channel(self.snowflakes.next(), kind, name, guild, created_at=self.clock.iso(), **facts)
        self.channels[channel.id] = channel
        if guild:
            guild.channels[channel.id] = channel
        return channel

    def dm(self, user: User) -> Channel:
        """The bot's direct-message channel with this user, made on first use."""
        if user.id not in self.dms:
            self.dms[user.id] = self.channel(DM, user.name, recipients=[user, self.bot])
        return self.dms[user.id]

    def find(self, channel_id: int, message_id: int) -> Message | None:
        channel = self.channels.get(channel_id)
        message = None if channel is None or channel.deleted else channel.messages.get(message_id)
        return None if message is None or message.deleted else message

    def told(self, message: Message) -> bool:
        """Whether the bot may know what a message says without the message content intent.

        Its own, direct messages to it, and what mentions it: a mention, or a reply with the ping on to a message of
        its own that answered no interaction.
        https://docs.discord.com/developers/gateway/you-might-not-need-a-privileged-intent
        """
        direct = message.channel.guild is None and self.bot in message.channel.recipients
        return direct or message.author is self.bot or self.bot in message.mentioned

    def message_json(self, message: Message, *, deep: bool = True, content: bool = True) -> dict[str, Any]:
        """The message as REST and the gateway show it; files inside an embed are not listed as attachments.

        Without `content` (the privileged intent), what is not the bot's business is empty, in what a reply refers
        to and in what was forwarded as well.
        """
        edited = self.clock.iso(message.edited_at) if message.edited_at else None
        body: dict[str, Any] = {
            "id": str(message.id), "channel_id": str(message.channel.id), "type": message.type,
            "author": message.author.json(),
            "timestamp": self.clock.iso(message.created_at), "edited_timestamp": edited,
            "flags": message.flags, "tts": False, "pinned": False, "mention_everyone": False,
            "mentions": [one.json() for one in message.mentioned],
            "mention_roles": [str(one) for one in message.mentioned_roles],
        }  # fmt: skip
        body |= self._said(message) if content or self.told(message) else dict(NOTHING_SAID)
        if message.reactions:
            pressed = message.reactions.items()
            body["reactions"] = [self._reaction(name, users) for name, users in pressed if users]
        if message.nonce is not None:
            body["nonce"] = message.nonce
        if message.interaction:
            body |= {"interaction_metadata": message.interaction, "webhook_id": str(message.application_id)}
        if message.application_id:
            body["application_id"] = str(message.application_id)
        if message.reference:
            body["message_reference"] = message.reference
        if message.reference and deep:
            said = message.referenced
            gone = said is None or said.deleted
            body["referenced_message"] = (
                None if said is None or gone else self.message_json(said, deep=False, content=content)
            )
        if message.forwarded:
            body["message_snapshots"] = [{"message": self._snapshot(message, content=content)}]
        return body

    def _said(self, message: Message) -> dict[str, Any]:
        shown = [one.json() for one in message.attachments if one.id not in message.embedded]
        return {
            "content": message.content, "embeds": self._fresh(message.embeds),
            "components": message.components, "attachments": shown,
        }  # fmt: skip

    def _fresh(self, embeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Embeds as they are shown now: links to attachments are signed anew."""
        shown = copy.deepcopy(embeds)
        for embed in shown:
            for part in ("image", "thumbnail", "author", "footer"):
                for key, url in (embed.get(part) or {}).items():
                    if isinstance(url, str) and (fresh := self.links.anew(url, self.attachments)):
                        embed[part][key] = fresh
        return shown

    def _snapshot(self, message: Message, *, content: bool) -> dict[str, Any]:
        """What a forwarded message was: no author, no id."""
        one = there(message.forwarded)
        said = self._said(one) if content or self.told(message) else dict(NOTHING_SAID)
        return said | {
            "type": one.type, "flags": one.flags, "timestamp": self.clock.iso(one.created_at),
            "edited_timestamp": None, "mentions": [], "mention_roles": [],
        }  # fmt: skip

    def _reaction(self, emoji: str, users: list[int]) -> dict[str, Any]:
        return {
            "emoji": emoji_json(emoji), "count": len(users), "me": self.bot.id in users, "me_burst": False,
            "count_details": {"burst": 0, "normal": len(users)}, "burst_colors": [],
        }  # fmt: skip


def emoji_json(emoji: str) -> dict[str, Any]:
    name, _, number = emoji.partition(":")
    return {"id": number or None, "name": name}
