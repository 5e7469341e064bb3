"""What people do in the world: type commands, press, select, submit, react, delete, join and leave."""

import secrets
from typing import TYPE_CHECKING, Any

from . import gateway, inputs, permissions
from .inputs import Misuse
from .interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Invocation
from .world import (
    DM,
    GROUP_DM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
    emoji_json,
)

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


class People:
    """Everything that a person's client can send."""

    async def slash(
        self: "DiscordServer", user: User, channel: Channel, name: str, options: dict[str, Any] | None = None
    ) -> Invocation:
        """`/name` with options; a subcommand is named by its path, "easel credits"."""
        head, *path = name.split(" ")
        command = self._offered(user, channel, head, 1)
        nested, resolved = inputs.options(command, path, options or {}, channel.guild, None)
        return await self._invoke(
            COMMAND, user, channel, self._named(command, nested, resolved), command=command
        )

    async def autocomplete(
        self: "DiscordServer", user: User, channel: Channel, name: str, options: dict[str, Any], focused: str
    ) -> Invocation:
        """The person types in `focused`; `await inv.response()`, then `inv.choices`."""
        head, *path = name.split(" ")
        command = self._offered(user, channel, head, 1)
        nested, resolved = inputs.options(command, path, {focused: ""} | options, channel.guild, focused)
        kind = _focused_type(nested)
        return await self._invoke(
            AUTOCOMPLETE,
            user,
            channel,
            self._named(command, nested, resolved),
            command=command,
            focused_type=kind,
        )

    async def message_command(self: "DiscordServer", user: User, message: Message, name: str) -> Invocation:
        self._can_see(user, message)
        command = self._offered(user, message.channel, name, 3)
        resolved = {"messages": {str(message.id): self.world.message_json(message)}}
        data = self._named(command, [], resolved) | {"target_id": str(message.id)}
        return await self._invoke(COMMAND, user, message.channel, data, command=command)

    async def user_command(
        self: "DiscordServer", user: User, channel: Channel, target: User, name: str
    ) -> Invocation:
        command = self._offered(user, channel, name, 2)
        data = self._named(command, [], {"users": {str(target.id): target.json()}}) | {
            "target_id": str(target.id)
        }
        return await self._invoke(COMMAND, user, channel, data, command=command)

    async def press(self: "DiscordServer", user: User, message: Message, button: Any) -> Invocation:
        """Presses the button with this custom_id, label or emoji (or for which `button(json)` holds)."""
        self._can_see(user, message)
        control = message.control(button)
        if control["type"] != 2 or control.get("disabled") or "custom_id" not in control:
            raise Misuse(f"cannot be pressed: {control}")
        return await self._invoke(
            COMPONENT,
            user,
            message.channel,
            {"custom_id": control["custom_id"], "component_type": 2, "id": control["id"]},
            source=message,
        )

    async def select(
        self: "DiscordServer", user: User, message: Message, control: Any, *values: Any
    ) -> Invocation:
        self._can_see(user, message)
        found = message.control(control)
        if found["type"] == 2 or found.get("disabled"):
            raise Misuse(f"no select, or disabled: {found}")
        picked, resolved = inputs.selection(found, list(values), message.channel.guild)
        data = {
            "custom_id": found["custom_id"],
            "component_type": found["type"],
            "values": picked,
            "id": found["id"],
        }
        return await self._invoke(
            COMPONENT,
            user,
            message.channel,
            data | ({"resolved": resolved} if resolved else {}),
            source=message,
        )

    async def submit(
        self: "DiscordServer", opened: Invocation, fields: dict[str, Any] | None = None
    ) -> Invocation:
        """Submits the modal that `opened` was answered with; fields not given keep their prefilled values."""
        if opened.modal is None:
            raise Misuse("that interaction opened no modal")
        data = {
            "custom_id": opened.modal["custom_id"],
            "components": inputs.modal(opened.modal, fields or {}),
        }
        return await self._invoke(
            MODAL, opened.user, opened.channel, data, source=opened.source, parent=opened
        )

    async def react(self: "DiscordServer", user: User, message: Message, emoji: str) -> None:
        self._can_see(user, message)
        if message.ephemeral or not (
            message.reactions.get(emoji) or self.holds(user, message.channel, "add_reactions")
        ):
            raise Misuse("this person cannot react there")
        self._wants(message.channel, reaction=True)
        await self.change_reaction(user, message, emoji, add=True)

    async def unreact(self: "DiscordServer", user: User, message: Message, emoji: str) -> None:
        self._wants(message.channel, reaction=True)
        await self.change_reaction(user, message, emoji, add=False)

    async def change_reaction(
        self: "DiscordServer", user: User, message: Message, emoji: str, *, add: bool
    ) -> None:
        users = message.reactions.setdefault(emoji, [])
        if (user.id in users) is add:
            return
        (users.append if add else users.remove)(user.id)
        channel = message.channel
        data: dict[str, Any] = {
            "user_id": str(user.id), "channel_id": str(channel.id), "message_id": str(message.id),
            "emoji": emoji_json(emoji), "type": 0, "burst": False,
        }  # fmt: skip
        if add:
            data["message_author_id"] = str(message.author.id)
        if add and channel.guild and user.id in channel.guild.members:
            data["member"] = channel.guild.members[user.id].json()
        await self.emit_about(channel, f"MESSAGE_REACTION_{'ADD' if add else 'REMOVE'}", data, reaction=True)

    async def say(self: "DiscordServer", user: User, channel: Channel, content: str) -> Message:
        """A person's own message."""
        from .uploads import Form

        return await self.messages.create(
            channel, user, Form(), {"content": content}, limit_bytes=user.file_limit_bytes
        )

    async def delete(self: "DiscordServer", user: User, message: Message) -> None:
        """Deletes one's own message, or as a moderator; or dismisses a private one."""
        self._can_see(user, message)
        if (
            message.author is not user
            and not message.ephemeral
            and not self.holds(user, message.channel, "manage_messages")
        ):
            raise Misuse("this person may not delete it")
        await self.messages.delete(message)

    # --- parts

    def _wants(self: "DiscordServer", channel: Channel, *, reaction: bool) -> None:
        """A person's deed that the bot can never see because of its intents is worth a word."""
        intent = (gateway.GUILD_REACTIONS if channel.guild else gateway.DM_REACTIONS) if reaction else 0
        if self.gateway.sessions and not any(one.intents & intent for one in self.gateway.sessions.values()):
            self.records.violate(
                "missing intent", f"reactions in {'guilds' if channel.guild else 'direct messages'}"
            )

    async def emit_about(
        self: "DiscordServer", channel: Channel, event: str, data: dict[str, Any], *, reaction: bool
    ) -> None:
        if channel.guild:
            data = data | {"guild_id": str(channel.guild.id)}
        pair = (
            (gateway.GUILD_REACTIONS, gateway.DM_REACTIONS)
            if reaction
            else (gateway.GUILD_MESSAGES, gateway.DM_MESSAGES)
        )
        if gateway.sees(channel, self.world.bot.id):
            await self.gateway.emit(event, data, guild=channel.guild, intent=pair[0 if channel.guild else 1])
        self.records.changed()

    def _can_see(self: "DiscordServer", user: User, message: Message) -> None:
        if message.deleted or message.channel.deleted:
            raise Misuse("that message is gone")
        if message.ephemeral and message.owner_id != user.id:
            raise Misuse("that message is private to somebody else")
        if message.channel.guild and not self.holds(user, message.channel, "view_channel"):
            raise Misuse("this person does not see the channel")

    def _offered(self: "DiscordServer", user: User, channel: Channel, name: str, kind: int) -> dict[str, Any]:
        """The command as this person's client shows it here, or Misuse saying why it does not."""
        guild = channel.guild
        command = self.commands.offered(guild.id if guild else None, name, kind)
        if command is None:
            raise Misuse(f"no command {name!r} of type {kind} is registered here")
        if command["contexts"] is not None and self._context(channel) not in command["contexts"]:
            raise Misuse(f"{name!r} is not offered in context {self._context(channel)}")
        by_guild = 0 in command["integration_types"] and (
            guild.bot_in if guild else self._context(channel) == 1
        )
        if not by_guild and not (1 in command["integration_types"] and user.installed):
            raise Misuse(f"{name!r} is not installed for this place or person")
        needed = command["default_member_permissions"]
        if guild and needed is not None:
            held = permissions.in_channel(channel, user.id)
            if held & int(needed) != int(needed) or (int(needed) == 0 and held != permissions.ALL):
                raise Misuse(f"{name!r} is hidden from this person by default_member_permissions")
        if guild and not self.holds(user, channel, "view_channel", "use_application_commands"):
            raise Misuse("this person may not use commands here")
        if command["nsfw"] and not (channel.parent or channel).nsfw:
            raise Misuse(f"{name!r} is age-restricted")
        return command

    def _context(self: "DiscordServer", channel: Channel) -> int:
        if channel.guild:
            return 0
        return 1 if self.world.bot in channel.recipients else 2

    @staticmethod
    def _named(
        command: dict[str, Any], options: list[dict[str, Any]], resolved: dict[str, Any]
    ) -> dict[str, Any]:
        data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": command["type"]}
        data |= {"options": options} if options else {}
        data |= {"resolved": resolved} if resolved else {}
        return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    async def _invoke(
        self: "DiscordServer", kind: int, user: User, channel: Channel, data: dict[str, Any], **facts: Any
    ) -> Invocation:
        guild = channel.guild
        owners = (
            {"0": str(guild.id) if guild else "0"}
            if (guild.bot_in if guild else channel.type == DM and self.world.bot in channel.recipients)
            else {}
        )
        owners |= {"1": str(user.id)} if user.installed else {}
        limit = max(guild.limit_bytes if guild else 0, user.file_limit_bytes)
        invocation = Invocation(
            self, self.world.snowflakes.next(), "aW50ZXJhY3Rpb246" + secrets.token_urlsafe(96), kind, user, channel, guild, data, limit,
            owners, self.clock.fair(), **facts,
        )  # fmt: skip
        self.interactions.all[invocation.token] = invocation
        # No intent is needed for interactions; where the bot is no member, shard of the guild all the same.
        invocation.delivered = await self.gateway.emit(
            "INTERACTION_CREATE", self._payload(invocation), guild=guild
        )
        return invocation

    def _payload(self: "DiscordServer", one: Invocation) -> dict[str, Any]:
        guild, world = one.guild, self.world
        held = permissions.in_channel(one.channel, one.user.id)
        app_held = (
            permissions.in_channel(one.channel, world.bot.id)
            if not guild or guild.bot_in
            else permissions.bits("embed_links", "attach_files")
        )
        body: dict[str, Any] = {
            "id": str(one.id), "application_id": str(world.application_id), "type": one.type, "token": one.token, "version": 1,
            "data": one.data, "channel_id": str(one.channel.id), "channel": one.channel.json(permissions_held=held),
            "app_permissions": str(app_held), "locale": one.user.locale, "entitlements": [], "entitlement_sku_ids": [],
            "authorizing_integration_owners": one.owners, "context": self._context(one.channel),
            "attachment_size_limit": one.limit_bytes,
        }  # fmt: skip
        if guild:
            body |= {"guild_id": str(guild.id), "guild_locale": guild.locale, "guild": guild.partial()}
            body["member"] = guild.members[one.user.id].json(permissions_held=held)
        else:
            body["user"] = one.user.json()
        if one.source:
            body["message"] = world.message_json(one.source)
        return body


def _focused_type(options: list[dict[str, Any]]) -> int:
    for one in options:
        if one.get("focused"):
            return one["type"]
        if one.get("options"):
            return _focused_type(one["options"])
    raise Misuse("nothing is focused")
