"""What people do in the world: type commands, press, select, submit, speak, reply, react and delete."""

import secrets
from typing import TYPE_CHECKING, Any

from . import gateway, inputs, permissions, uploads
from .cdn import File
from .inputs import Misuse, Place
from .interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Invocation
from .members import User
from .world import DM, Channel, Message, emoji_json

if TYPE_CHECKING:
    from .server import DiscordServer

REPLY = 19
# In servers, and in direct messages.
INTENTS = {
    "reactions": (gateway.GUILD_REACTIONS, gateway.DM_REACTIONS),
    "messages": (gateway.GUILD_MESSAGES, gateway.DM_MESSAGES),
}


class People:
    """Everything that a person's client can send."""

    async def slash(
        self: "DiscordServer", user: User, channel: Channel, name: str, options: dict[str, Any] | None = None
    ) -> Invocation:
        """`/name` with options; a subcommand is named by its path, "easel credits"."""
        head, *path = name.split(" ")
        command = self._offered(user, channel, head, 1)
        place = await self._place(user, channel, options or {})
        nested, resolved = inputs.options(command, path, options or {}, place, None)
        return await self._invoke(
            COMMAND, user, channel, self._named(command, nested, resolved), command=command
        )

    async def autocomplete(
        self: "DiscordServer", user: User, channel: Channel, name: str, options: dict[str, Any], focused: str
    ) -> Invocation:
        """The person types in `focused`; `await inv.response()`, then `inv.choices`."""
        head, *path = name.split(" ")
        command = self._offered(user, channel, head, 1)
        place = await self._place(user, channel, options)
        nested, resolved = inputs.options(command, path, {focused: ""} | options, place, focused)
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
        """Submits the modal that `opened` was answered with; fields not given keep their prefilled values.

        A file upload takes a `File` or several.
        """
        if opened.modal is None:
            raise Misuse("that interaction opened no modal")
        place = await self._place(opened.user, opened.channel, fields or {})
        components, resolved = inputs.modal(opened.modal, fields or {}, place)
        data = {"custom_id": opened.modal["custom_id"], "components": components}
        data |= {"resolved": resolved} if resolved else {}
        return await self._invoke(
            MODAL, opened.user, opened.channel, data, source=opened.source, parent=opened
        )

    async def react(self: "DiscordServer", user: User, message: Message, emoji: str) -> None:
        self._can_see(user, message)
        if message.ephemeral or not (
            message.reactions.get(emoji) or self.holds(user, message.channel, "add_reactions")
        ):
            raise Misuse("this person cannot react there")
        self._wants(message.channel, "reactions")
        await self.change_reaction(user, message, emoji, add=True)

    async def unreact(self: "DiscordServer", user: User, message: Message, emoji: str) -> None:
        self._wants(message.channel, "reactions")
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

    async def say(
        self: "DiscordServer", user: User, channel: Channel, content: str, *files: File, **facts: Any
    ) -> Message:
        """A person's own message; `user.mention` in it mentions. Facts: embeds (what a link became), and a message's."""
        body = {"content": content, "embeds": facts.pop("embeds", [])}
        body |= {"allowed_mentions": facts.pop("allowed_mentions", None)}
        limit = self._limit_bytes(user, channel)
        made = await self.messages.create(
            channel, user, await uploads.of_person(files), body, limit_bytes=limit, **facts
        )
        if self.world.bot in made.mentioned:
            self._wants(channel, "messages")
        return made

    async def reply(
        self: "DiscordServer", user: User, message: Message, content: str, *files: File, ping: bool = True
    ) -> Message:
        """The person replies; `ping`: with the ping on, which a reply to the answer of a command never has."""
        self._can_see(user, message)
        if message.ephemeral:
            raise Misuse("nobody replies to a private answer")
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        return await self.say(
            user, message.channel, content, *files, type=REPLY, referenced=message,
            reference=_reference(message) | {"type": 0}, allowed_mentions=allowed,
        )  # fmt: skip

    async def forward(self: "DiscordServer", user: User, message: Message, channel: Channel) -> Message:
        """The person forwards a message: what it was stands in it as a snapshot."""
        self._can_see(user, message)
        # A message without words of its own: what it says is the snapshot.
        return await self.say(
            user, channel, "", forwarded=message, reference=_reference(message) | {"type": 1}
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

    @staticmethod
    def _limit_bytes(user: User, channel: Channel) -> int:
        return max(channel.guild.limit_bytes if channel.guild else 0, user.file_limit_bytes)

    async def _place(self: "DiscordServer", user: User, channel: Channel, given: dict[str, Any]) -> Place:
        """Uploads the files among what is given: the person's client does it before anything is sent."""
        kept = {}
        for value in given.values():
            for file in value if isinstance(value, list | tuple) else [value]:
                if isinstance(file, File):
                    upload = await uploads.upload(file.filename, file.data)
                    kept[file] = self.messages.keep(channel, upload)
        return Place(channel.guild, self._limit_bytes(user, channel), kept)

    def _wants(self: "DiscordServer", channel: Channel, what: str) -> None:
        """A person's deed that the bot can never see because of its intents is worth a word."""
        intent = INTENTS[what][0 if channel.guild else 1]
        if self.gateway.sessions and not any(one.intents & intent for one in self.gateway.sessions.values()):
            place = "guilds" if channel.guild else "direct messages"
            self.records.violate("missing intent", f"{what} in {place}")

    async def emit_about(
        self: "DiscordServer", channel: Channel, event: str, data: dict[str, Any], *, reaction: bool
    ) -> None:
        if channel.guild:
            data = data | {"guild_id": str(channel.guild.id)}
        pair = INTENTS["reactions" if reaction else "messages"]
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
        limit = self._limit_bytes(user, channel)
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


def _reference(message: Message) -> dict[str, Any]:
    ids = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    return ids | ({"guild_id": str(message.channel.guild.id)} if message.channel.guild else {})


def _focused_type(options: list[dict[str, Any]]) -> int:
    for one in options:
        if one.get("focused"):
            return one["type"]
        if one.get("options"):
            return _focused_type(one["options"])
    raise Misuse("nothing is focused")
