"""What people press: buttons, lists, forms, menus and reactions -> the Studio. Who presses pays."""

import re
import time
from collections.abc import Mapping
from typing import Any

import discord
import structlog

from bot.errors import BadPrompt, NotAllowed, NotThere, Refusal
from bot.job import Asset, Job, Message
from bot.ports import Do, Role
from integrations.discord import forms
from integrations.discord._room import Caller, Room
from integrations.discord._text import harmless, plain
from integrations.discord._wire import DiscordFault, File
from integrations.discord.address import SURFACE, Where
from integrations.discord.cards import role_under
from integrations.discord.people import is_age_restricted, reactor_of

log = structlog.get_logger()

FORGET, SHOW = "forget", "show"  # what isn't about one message's job
AGAIN = frozenset({"🔁", "🔄", "🎲"})
DELETE = frozenset({"❌", "🗑️", "🗑"})
_DOUBLE_CLICK_S, _REACTION_S = 3.0, 60.0  # ruling 8
_TEMPLATE = r"v1:(?P<do>(?!show)[a-z]+):(?P<job>[0-9a-z]+)(?::(?P<index>[0-9]+))?"
_HISTORY = rf"v1:{SHOW}:history"
_ID = re.compile(_TEMPLATE)
_FILES_MOST = 10
_MIB = 1024 * 1024
_UPLOAD_MOST_BYTES = 24 * _MIB
Session = discord.Interaction[Any]


class Controls:
    """Presses of people."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._studio = room.tools.studio

    # ── Buttons ──────────────────────────────────────────────────────────────────────────────────────

    async def pressed(self, interaction: Session, do: str, job: str, index: int) -> None:
        """A button under a picture, today's or last year's."""
        caller = self._room.caller(interaction)
        source = interaction.message
        async with self._room.answering(caller, slow=do in (Do.ORIGINAL, Do.REPORT, FORGET)):
            if await self._is_double(caller, f"{source.id if source else ''}:{do}:{job}:{index}"):
                await self._room.acknowledge(caller)
                return
            await self._act(caller, do, job, index, source)

    async def _is_double(self, caller: Caller, control: str) -> bool:
        """The same event again, or a double click, which has two ids."""
        if not await self._studio.first_time(f"{caller.key}:press"):
            return True
        click = f"discord:press:{control}:{caller.where.user}"
        return not await self._studio.first_time(click, again_after_s=_DOUBLE_CLICK_S)

    async def _act(
        self, caller: Caller, do: str, job: str, index: int, source: discord.Message | None
    ) -> None:
        match do:
            case Do.REROLL | Do.RETRY:
                await self._room.draw(caller, "", parent=job, again=True)
            case Do.REMIX:
                await self._open_form(caller, job)
            case Do.PICK:
                await self._room.pick(caller, job, index)
            case Do.CANCEL | Do.DELETE:
                # Asking the provider, or emptying a bucket, may take its time: the press is acknowledged first.
                await self._room.acknowledge(caller)
                await self._end(caller, do, job, index, source)
            case Do.ORIGINAL:
                await self._send_originals(caller, job, index)
            case _:
                await self._act_and_say(caller, do, job)

    async def _act_and_say(self, caller: Caller, do: str, job: str) -> None:
        if do == Do.REPORT:
            await self._studio.report(job, caller.who)
            await self._room.tell(caller, self._room.say(caller, "report-done"))
        elif do == FORGET:
            await self._studio.forget(caller.who)
            await self._room.tell(caller, self._room.say(caller, "forget-done"))
        else:
            log.info("a press of nothing known", action=do)
            await self._room.acknowledge(caller)

    async def _end(
        self, caller: Caller, do: str, job: str, index: int, source: discord.Message | None
    ) -> None:
        if do == Do.CANCEL:
            await self._studio.cancel(job, caller.who)
        else:
            await self._delete(caller, job, role_under(do, index), source)

    async def _delete(self, caller: Caller, job: str, role: Role, source: discord.Message | None) -> None:
        known = source is not None and await self._studio.find(SURFACE, str(source.id)) is not None
        await self._studio.delete(job, caller.who, role=role)
        if source is None or (known and not source.flags.ephemeral):
            return
        # A private answer outlives its own token, and one posted just before a crash may be known to nobody:
        # the press's token removes what was pressed.
        try:
            await self._room.rest.by_token("DELETE", f"{caller.where.webhook}/messages/@original")
        except DiscordFault as fault:
            log.info("a message is gone already", problem=str(fault))

    # ── Originals ────────────────────────────────────────────────────────────────────────────────────

    async def chosen(self, interaction: Session, job: str) -> None:
        """A picture out of the history."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller, slow=True):
            await self._send_originals(caller, job, 0, shows=True)

    async def _send_originals(self, caller: Caller, job: str, index: int, *, shows: bool = False) -> None:
        """Links; or the files themselves where there is no public address, or to look at them again."""
        found = await self._studio.job(job, caller.who)
        wanted = [a for a in found.images if index in (0, a.index)]
        if not wanted:
            raise NotThere
        links = self._links(found, wanted)
        files = await self._files(caller, found, wanted) if shows or not links else []
        label = harmless(self._room.say(caller, "button-original"))
        lines = [f"[{label} {number}]({url})" for number, url in links]
        description = "\n".join([f"> {harmless(found.order.subject)}"[:3000], *lines])
        await self._room.tell_body(
            caller, {"embeds": [{"color": 0x5865F2, "description": description}]}, files=files
        )

    def _links(self, job: Job, assets: list[Asset]) -> list[tuple[int, str]]:
        made = [(a.index, self._studio.gallery.link(a.key, private=job.order.private)) for a in assets]
        return [(index, url) for index, url in made if url]

    async def _files(self, caller: Caller, job: Job, assets: list[Asset]) -> list[File]:
        """The untouched files; one that Discord doesn't take comes as a smaller copy."""
        room_bytes = min(caller.where.limit_bytes, _UPLOAD_MOST_BYTES // len(assets)) - 4096
        hidden = "SPOILER_" if job.spoiler or job.order.spoiler else ""
        files = []
        for asset in assets[:_FILES_MOST]:
            data, media_type = await self._studio.gallery.fit(asset.key, limit_bytes=room_bytes)
            ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
            name = f"{hidden}easel-{job.id}-{asset.index}.{ending}"
            alt = plain(job.order.subject)[:1000]
            files.append(File(name=name, data=data, media_type=media_type, alt=alt))
        return files

    # ── Forms ────────────────────────────────────────────────────────────────────────────────────────

    async def _open_form(self, caller: Caller, job: str) -> None:
        """Remix: the prompt filled in. Raises a Refusal."""
        found = await self._studio.job(job, caller.who)
        rules = await self._room.rules(caller.who)
        form = forms.form_of(
            found.id,
            self._studio.wishes(found),
            self._studio.offers(caller.who, rules),
            say=lambda name: self._room.say(caller, name),
            price=self._room.say(caller, "discord-price", credits="{credits}"),
        )
        await self._room.open_form(caller, form)

    async def submitted(self, interaction: Session) -> None:
        """A filled form; its custom_id carries the job, so that any process can take it."""
        data: Mapping[str, Any] = dict(interaction.data or {})
        known = _ID.fullmatch(str(data.get("custom_id", "")))
        if known is None or known["do"] != Do.REMIX:
            return
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            text, options = forms.order_of(data.get("components") or [])
            await self._room.draw(caller, text, options=options, parent=known["job"])

    # ── Menus of messages ────────────────────────────────────────────────────────────────────────────

    async def reroll_menu(self, interaction: Session, message: discord.Message) -> None:
        """Re-roll from a message's menu."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            await self._room.draw(caller, "", parent=await self._job_under(message), again=True)

    async def remix_menu(self, interaction: Session, message: discord.Message) -> None:
        """Remix from a message's menu."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            await self._open_form(caller, await self._job_under(message))

    async def _job_under(self, message: discord.Message) -> str:
        found = await self._studio.find(SURFACE, str(message.id))
        if found is None:
            raise BadPrompt("discord-press-picture")
        return found.job

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    async def reacted(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """A reaction on a picture: draws it anew, paid by who reacts, or deletes it."""
        name = payload.emoji.name
        if payload.emoji.id is not None or name not in AGAIN | DELETE:
            return
        if client.user is not None and payload.user_id == client.user.id:
            return
        if payload.member is not None and payload.member.bot:
            return
        message = await self._studio.find(SURFACE, str(payload.message_id))
        if message is None:
            return
        event = f"discord:reaction:{payload.message_id}:{payload.user_id}:{name}"
        if await self._studio.first_time(event, again_after_s=_REACTION_S):
            caller = await self._reactor(payload, client, message)
            async with self._room.answering(caller):
                await self._react(caller, message, name, event)

    async def _react(self, caller: Caller, message: Message, name: str, event: str) -> None:
        if name in AGAIN:
            key = f"{event}:{caller.where.asked}"
            await self._room.draw(caller, "", key=key, parent=message.job, again=True)
            return
        job = await self._studio.job(message.job, caller.who)
        if job.state.ended:
            await self._studio.delete(message.job, caller.who, role=message.role)
        else:
            await self._studio.cancel(message.job, caller.who)

    async def _reactor(
        self, payload: discord.RawReactionActionEvent, client: discord.Client, message: Message
    ) -> Caller:
        """Who reacted; the answer to a reaction is a reply to the picture."""
        channel = client.get_channel(payload.channel_id)
        guild = client.get_guild(payload.guild_id) if payload.guild_id else None
        where = Where(
            asked=f"{time.time():.3f}",
            guild=str(payload.guild_id or ""),
            channel=str(payload.channel_id),
            user=str(payload.user_id),
            limit=str(guild.filesize_limit) if guild else "",
            bot="1",
            direct="" if payload.guild_id else "1",
            reply=str(payload.message_id),
        )
        who = reactor_of(payload, await self._name_of(payload, message))
        place = self._room.place(where, age_restricted=is_age_restricted(channel))
        return Caller(who=who, where=where, place=place)

    async def _name_of(self, payload: discord.RawReactionActionEvent, message: Message) -> str:
        """In direct messages the event names nobody; there it is the person whose picture it is."""
        if payload.member is not None:
            return ""
        asker = reactor_of(payload)
        try:
            return (await self._studio.job(message.job, asker)).requester.name
        except (NotThere, NotAllowed, Refusal):
            return ""


class Button(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """Any of our buttons, on any message, after any restart: the custom_id tells everything."""

    def __init__(self, item: discord.ui.Button[Any], known: re.Match[str]) -> None:
        super().__init__(item)
        self._known = known

    @classmethod
    async def from_custom_id(
        cls, interaction: Session, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "Button":
        del interaction
        assert isinstance(item, discord.ui.Button)
        return cls(item, match)

    async def callback(self, interaction: Session) -> Any:
        controls: Controls = interaction.client.controls
        await controls.pressed(
            interaction, self._known["do"], self._known["job"], int(self._known["index"] or 0)
        )


class Choice(discord.ui.DynamicItem[discord.ui.Select[Any]], template=_HISTORY):
    """The list of pictures under /easel history."""

    @classmethod
    async def from_custom_id(
        cls, interaction: Session, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "Choice":
        del interaction, match
        assert isinstance(item, discord.ui.Select)
        return cls(item)

    async def callback(self, interaction: Session) -> Any:
        controls: Controls = interaction.client.controls
        await controls.chosen(interaction, self.item.values[0])
