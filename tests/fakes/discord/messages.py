"""Messages made, edited and deleted under the rules, with their events, pings and past."""

import copy
import re
from typing import TYPE_CHECKING, Any

from . import gateway, limits, permissions, uploads
from .cdn import UPLOAD_LIFE_S, Attachment
from .errors import ApiError, Problems
from .members import User
from .state import Ping
from .uploads import Form, Upload
from .world import COMPONENTS_V2, EPHEMERAL, LOADING, Channel, Message, Version, walk

if TYPE_CHECKING:
    from .server import DiscordServer

EMBED_URLS = (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url"))


class Messages:
    """The one place where messages change."""

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self._world = server.world

    async def create(
        self,
        channel: Channel,
        author: User,
        form: Form,
        body: dict[str, Any],
        *,
        prefix: str = "",
        limit_bytes: int,
        **facts: Any,
    ) -> Message:
        """Validates and stores a new message, tells the gateway, and counts its pings."""
        problems = Problems()
        plan = self._checked(form, body, problems, prefix, limit_bytes)
        problems.check()
        flags = (body.get("flags") or 0) | facts.pop("flags", 0)
        if not flags & LOADING:
            parts = (body.get("content"), body.get("embeds"), body.get("components"))
            self._not_empty(*parts, plan["new"], facts.get("forwarded"))
        message = Message(
            self._world.snowflakes.next(), channel, author, self._server.clock.now(), content=(body.get("content") or ""),
            flags=flags, nonce=None if body.get("nonce") is None else str(body["nonce"]), **facts,
        )  # fmt: skip
        message.attachments = [self._stored(message, form, *one) for one in plan["new"]]
        message.embeds, message.embedded = self._resolved(body.get("embeds") or [], message.attachments)
        message.components = _numbered(body.get("components") or [])
        message.allowed_mentions = body.get("allowed_mentions")
        channel.messages[message.id] = message
        self._note_mentions(message)
        await self._tell("MESSAGE_CREATE", message)
        return message

    async def edit(
        self, message: Message, form: Form, body: dict[str, Any], *, prefix: str = "", limit_bytes: int
    ) -> Message:
        """Applies only the fields that are given; the old look goes into the history."""
        problems = Problems()
        plan = self._checked(form, body, problems, prefix, limit_bytes, old=message)
        problems.check()
        new = [self._stored(message, form, *one) for one in plan["new"]]
        embeds, files, embedded = self._after_edit(message, body, plan, new)
        content = (body["content"] or "") if "content" in body else message.content
        components = _numbered(body["components"] or []) if "components" in body else message.components
        self._not_empty(content, embeds, components, files)
        message.history.append(
            Version(
                message.content,
                message.embeds,
                message.components,
                message.attachments,
                self._server.clock.now(),
            )
        )
        message.content, message.embeds, message.components = content, embeds, components
        message.attachments, message.embedded = files, embedded
        if "allowed_mentions" in body:
            message.allowed_mentions = body["allowed_mentions"]
        message.flags |= (body.get("flags") or 0) & (4 | COMPONENTS_V2)
        if message.loading:
            # The first edit of a deferred answer is its birth: it pings, and is not shown as edited.
            message.flags &= ~LOADING
            self._note_mentions(message)
        else:
            message.edited_at = self._server.clock.now()
        await self._tell("MESSAGE_UPDATE", message)
        return message

    def _after_edit(
        self, message: Message, body: dict[str, Any], plan: dict[str, Any], new: list[Attachment]
    ) -> tuple[Any, ...]:
        """Embeds, files and the files inside embeds. Listed files stay, and those that an embed still shows."""
        embeds, embedded = message.embeds, set(message.embedded)
        if "embeds" in body:
            given = body["embeds"] or []
            embeds, embedded = self._resolved(given, [*new, *_usable(message, plan)])
            embedded |= self._shown_by_link(message, given, plan["kept"])
        old = [
            one
            for one in message.attachments
            if plan["kept"] is None or one.id in plan["kept"] or one.id in embedded
        ]
        return embeds, old + new, embedded

    async def delete(self, message: Message) -> None:
        message.deleted = True
        channel, data = message.channel, {"id": str(message.id), "channel_id": str(message.channel.id)}
        if channel.guild:
            data["guild_id"] = str(channel.guild.id)
        if not message.ephemeral and gateway.sees(channel, self._world.bot.id):
            intent = gateway.GUILD_MESSAGES if channel.guild else gateway.DM_MESSAGES
            await self._server.gateway.emit("MESSAGE_DELETE", data, guild=channel.guild, intent=intent)
        self._server.records.changed()

    def need(self, channel: Channel, *names: str) -> None:
        """403 unless the bot sees the channel (50001) and holds the permissions there (50013)."""
        bot = self._world.bot
        if channel.guild is None:
            if bot not in channel.recipients:
                raise ApiError(50001)
            return
        if not channel.guild.bot_in or not permissions.allowed(channel, bot.id, "view_channel"):
            raise ApiError(50001)
        if not permissions.allowed(channel, bot.id, *names):
            raise ApiError(50013)

    # --- parts

    def _checked(
        self,
        form: Form,
        body: Any,
        problems: Problems,
        prefix: str,
        limit_bytes: int,
        old: Message | None = None,
    ) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise ApiError(50109)
        for unknown in body.keys() - limits.MESSAGE_FIELDS:
            self._server.records.violate("unknown field", f"{unknown} in a message")
        existing = {one.id: one.filename for one in old.attachments} if old else {}
        plan = uploads.plan(form, body, problems, prefix, existing)
        if any(len(upload.data) > limit_bytes for upload in form.files.values()):
            raise ApiError(40005)
        for upload in form.files.values() if not form.by_person else ():
            if upload.flaw:
                self._server.records.violate("broken image", f"{upload.filename} {upload.flaw}")
        names = {name for _, name, _ in plan["new"]} | {one.filename for one in _usable(old, plan)}
        v2 = {"flags": (body.get("flags") or 0) | (old.flags if old else 0) & COMPONENTS_V2}
        limits.message(body | v2, problems, names, prefix)
        return plan

    @staticmethod
    def _not_empty(*parts: Any) -> None:
        if not any(parts):
            raise ApiError(50006)

    def _stored(
        self, message: Message, form: Form, number: int, filename: str, description: str | None
    ) -> Attachment:
        return self._filed(
            message.channel,
            form.files[number],
            filename,
            description=description,
            ephemeral=message.ephemeral,
        )

    def keep(self, channel: Channel, upload: Upload) -> Attachment:
        """A file that a person gives with a command or a form: it belongs to no message, and goes by itself."""
        until = self._server.clock.now() + UPLOAD_LIFE_S
        return self._filed(channel, upload, upload.filename, ephemeral=True, ends_at=until)

    def _filed(self, channel: Channel, upload: Upload, filename: str, **facts: Any) -> Attachment:
        made = Attachment(
            self._world.snowflakes.next(), filename, upload.data, upload.content_type, self._world.links,
            channel.id, self._server.clock.now(), size=upload.size, **facts,
        )  # fmt: skip
        self._world.attachments[made.id] = made
        return made

    @staticmethod
    def _resolved(
        embeds: list[dict[str, Any]], files: list[Attachment]
    ) -> tuple[list[dict[str, Any]], set[int]]:
        """Embeds with their attachment:// turned into URLs, and the ids of the files that they show."""
        resolved, shown = copy.deepcopy(embeds), set()
        for embed in resolved:
            embed.setdefault("type", "rich")
            for part, key in EMBED_URLS:
                url = (embed.get(part) or {}).get(key)
                for one in files if url else []:
                    if url == f"attachment://{one.filename}":
                        embed[part][key] = one.url
                        embed[part][f"proxy_{key}"] = one.proxy_url
                        shown.add(one.id)
                        break
        return resolved, shown

    def _shown_by_link(
        self, message: Message, given: list[dict[str, Any]], kept: list[int] | None
    ) -> set[int]:
        """Files of the message that an edited embed shows by their link instead of by attachment://.

        Such a file is shown a second time, beside the embed, unless the edit's `attachments` leave it out:
        https://github.com/discord/discord-api-docs/issues/5675.
        """
        links = {(embed.get(part) or {}).get(key) for embed in given for part, key in EMBED_URLS}
        shown = {place[1] for link in links if link and (place := self._world.links.place(link))}
        linked = {one.id for one in message.attachments if one.id in shown}
        twice = {one for one in linked if kept is None or one in kept}
        if twice:
            self._server.records.violate(
                "shown twice", f"embed of message {message.id} links to its own files"
            )
        return linked - twice

    def _note_mentions(self, message: Message) -> None:
        """Whom a message mentions; where the bot wrote it, those are pings that tests count."""
        if message.ephemeral or message.loading:
            return
        targets = self._targets(message)
        users, guild = self._world.users, message.channel.guild
        message.mentioned = [users[one] for one in dict.fromkeys(targets) if one in users]
        message.mentioned_roles = [one for one in targets if guild and one in guild.roles]
        if message.author is self._world.bot:
            self._server.records.pings += [Ping(message, target) for target in targets]

    def _targets(self, message: Message) -> list[Any]:
        allowed = message.allowed_mentions
        parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
        listed = {int(one) for kind in ("users", "roles") for one in (allowed or {}).get(kind) or []}
        texts = [
            message.content,
            *(one["content"] for one in walk(message.components) if one.get("type") == 10),
        ]
        text = "\n".join(texts)
        targets: list[int | str] = (
            ["everyone"] if "everyone" in parse and re.search(r"@(everyone|here)\b", text) else []
        )
        for kind, pattern in (("users", r"<@!?(\d+)>"), ("roles", r"<@&(\d+)>")):
            targets += [int(one) for one in re.findall(pattern, text) if kind in parse or int(one) in listed]
        replied = message.referenced
        wants_ping = True if allowed is None else allowed.get("replied_user", False)
        # Who answered an interaction is not pinged: https://github.com/discord/discord-api-docs/issues/5395.
        answers = message.interaction or (replied and replied.interaction)
        if replied and wants_ping and not answers and replied.author is not message.author:
            targets.append(replied.author.id)
        return targets

    async def _tell(self, event: str, message: Message) -> None:
        channel, bot = message.channel, self._world.bot
        self._server.records.changed()
        if message.ephemeral or not gateway.sees(channel, bot.id):
            return
        more: dict[str, Any] = {}
        if channel.guild:
            more["guild_id"] = str(channel.guild.id)
            member = channel.guild.members.get(message.author.id)
            more |= {"member": member.json(user=False)} if member else {}
        intent = gateway.GUILD_MESSAGES if channel.guild else gateway.DM_MESSAGES
        told = {
            content: self._world.message_json(message, content=content) | more
            for content in self._server.gateway.hear(intent)
        }
        if not told:
            return
        facts: dict[str, Any] = {"guild": channel.guild, "intent": intent, "private": told.get(False)}
        if message.author is bot:
            self._server.gateway.emit_soon(event, told.get(True, {}), **facts)
        else:
            await self._server.gateway.emit(event, told.get(True, {}), **facts)


def _usable(message: Message | None, plan: dict[str, Any]) -> list[Attachment]:
    """The files that an edited embed may name: those that stay, and those hidden inside an embed."""
    kept = plan["kept"]
    old = message.attachments if message else []
    return [one for one in old if kept is None or one.id in kept or (message and one.id in message.embedded)]


def _numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stored form: every component gets an id, as Discord gives it."""
    stored = copy.deepcopy(components)
    for number, one in enumerate(walk(stored), start=1):
        one.setdefault("id", number)
    return stored


def ephemeral_flag(body: dict[str, Any]) -> int:
    return (body.get("flags") or 0) & EPHEMERAL
