"""Makes the world of a test: servers, channels, people; and changes it while clients are connected."""

from typing import TYPE_CHECKING, Any

from . import gateway, permissions
from .cdn import File
from .members import Member, Role, User
from .world import GROUP_DM, PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel, Guild

if TYPE_CHECKING:
    from .server import DiscordServer

BOT_PERMISSIONS = [
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "add_reactions",
]


class Builder:
    """Makes the world and changes it, telling connected clients as Discord would."""

    async def guild(
        self: "DiscordServer", name: str = "Guild", *, owner: User | None = None, guild_id: int | None = None,
        shard: tuple[int, int] | None = None, bot_permissions: list[str] | None = None, **facts: Any,
    ) -> Guild:  # fmt: skip
        """A server with its owner and, unless `bot_in=False`, the bot. Facts: boost_level, locale, file_limit_bytes."""
        key = guild_id or (self.world.snowflakes.for_shard(*shard) if shard else self.world.snowflakes.next())
        held = BOT_PERMISSIONS if bot_permissions is None else bot_permissions
        guild = self.world.guild(
            name, owner=owner or self.user(f"owner of {name}"), guild_id=key, bot_permissions=held, **facts
        )
        if guild.bot_in:
            # Without the word `unavailable`, a client knows that it has just been invited.
            data = guild.gateway_json(self.world.bot.id)
            del data["unavailable"]
            await self.gateway.emit("GUILD_CREATE", data, guild=guild, intent=gateway.GUILDS)
        return guild

    async def remove_guild(self: "DiscordServer", guild: Guild) -> None:
        """The bot is removed from the server."""
        guild.bot_in = False
        await self.gateway.emit("GUILD_DELETE", {"id": str(guild.id)}, guild=guild, intent=gateway.GUILDS)

    async def channel(self: "DiscordServer", guild: Guild, name: str = "general", **facts: Any) -> Channel:
        """A text channel. Facts: nsfw."""
        return await self._made(self.world.channel(TEXT, name, guild, **facts), "CHANNEL_CREATE")

    async def thread(
        self: "DiscordServer", parent: Channel, name: str = "thread", *, private: bool = False, **facts: Any
    ) -> Channel:
        """A thread. Facts: archived, locked."""
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        return await self._made(
            self.world.channel(kind, name, parent.guild, parent=parent, **facts), "THREAD_CREATE"
        )

    async def _made(self: "DiscordServer", channel: Channel, event: str) -> Channel:
        if gateway.sees(channel, self.world.bot.id):
            await self.gateway.emit(event, channel.json(), guild=channel.guild, intent=gateway.GUILDS)
        return channel

    async def archive(self: "DiscordServer", thread: Channel, *, locked: bool = False) -> None:
        thread.archived, thread.locked = True, locked
        await self.gateway.emit("THREAD_UPDATE", thread.json(), guild=thread.guild, intent=gateway.GUILDS)

    async def delete_channel(self: "DiscordServer", channel: Channel) -> None:
        channel.deleted = True
        event = "THREAD_DELETE" if channel.type in permissions.THREADS else "CHANNEL_DELETE"
        await self.gateway.emit(event, channel.json(), guild=channel.guild, intent=gateway.GUILDS)

    async def overwrite(
        self: "DiscordServer",
        channel: Channel,
        target: User | Role | Guild,
        *,
        allow: tuple[str, ...] = (),
        deny: tuple[str, ...] = (),
    ) -> None:
        """Sets a channel's permission overwrite; the guild itself stands for @everyone."""
        channel.overwrites[target.id] = (permissions.bits(*allow), permissions.bits(*deny))
        await self.gateway.emit("CHANNEL_UPDATE", channel.json(), guild=channel.guild, intent=gateway.GUILDS)

    def user(self: "DiscordServer", name: str, **facts: Any) -> User:
        """A person. Facts: dms_closed, installed (has the app for oneself), locale, bot."""
        return self.world.user(name, **facts)

    @staticmethod
    def file(filename: str, data: bytes) -> File:
        """A file on a person's disk, for an option, a form or a message."""
        return File(filename, data)

    def role(self: "DiscordServer", guild: Guild, name: str, *names: str) -> Role:
        return self.world.role(guild, name, *names)

    def join(self: "DiscordServer", guild: Guild, user: User, *roles: Role) -> Member:
        return self.world.member(guild, user, *roles)

    def dm(self: "DiscordServer", user: User) -> Channel:
        """The direct messages between the user and the bot."""
        return self.world.dm(user)

    def group(self: "DiscordServer", *users: User) -> Channel:
        """Direct messages among people, where only a user-installed app can answer."""
        return self.world.channel(GROUP_DM, "group", recipients=list(users))

    def may_dm(self: "DiscordServer", user: User) -> bool:
        """Discord delivers the bot's message when both share a server or the app is installed, unless closed."""
        shared = any(one.bot_in and user.id in one.members for one in self.world.guilds.values())
        return not user.dms_closed and (shared or user.installed)

    def holds(self: "DiscordServer", user: User, channel: Channel, *names: str) -> bool:
        return permissions.allowed(channel, user.id, *names)
