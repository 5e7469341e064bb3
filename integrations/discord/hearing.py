"""What people do on Discord -> deeds: commands, buttons, lists, forms, menus and reactions."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import discord
import structlog

from bot.ports import Do, Requester
from bot.talk.answers import Choice
from bot.talk.deeds import Asked, Deed, Filled, Pressed, Reacted, Sign, Topic, Typed
from bot.talk.talk import Talk
from integrations.discord import forms
from integrations.discord._text import cut, plain
from integrations.discord._wire import DiscordFault
from integrations.discord._work import Work
from integrations.discord.address import SURFACE, Where
from integrations.discord.answers import HISTORY, Answers, Caller
from integrations.discord.cards import role_under
from integrations.discord.people import place_of, reactor_of, requester_of, where_of

log = structlog.get_logger()

Session = discord.Interaction[Any]

SIGNS = {
    "🔁": Sign.AGAIN,
    "🔄": Sign.AGAIN,
    "🎲": Sign.AGAIN,
    "❌": Sign.DELETE,
    "🗑️": Sign.DELETE,
    "🗑": Sign.DELETE,
}
TEMPLATE = r"v1:(?P<do>(?!show)[a-z]+):(?P<job>[0-9a-z]+)(?::(?P<index>[0-9]+))?"
_ID = re.compile(TEMPLATE)
_TOPICS, _BUTTONS = frozenset(Topic), frozenset(Do)
_CHOICE_LIMIT = 100
# Asking the provider, or emptying a bucket, may take its time: the press is acknowledged first.
_ACKNOWLEDGED_FIRST = frozenset({Do.CANCEL, Do.DELETE})
# Answered by a message of ours or by a form, at once: nothing is announced.
_ANSWERED_AT_ONCE = frozenset({Do.REROLL, Do.RETRY, Do.PICK, Do.REMIX})


class Hearing:
    """Makes deeds of events, and hands what the talk answers to who shows it."""

    def __init__(self, *, talk: Talk, answers: Answers, work: Work) -> None:
        self._talk = talk
        self._answers = answers
        self._work = work
        self._catching_up: OrderedDict[int | None, None] = OrderedDict()  # shards that hear what they missed

    # ── Commands ─────────────────────────────────────────────────────────────────────────────────────

    async def imagine(self, interaction: Session, prompt: str, options: Mapping[str, Any]) -> None:
        """/imagine: the first response is the placeholder, made by the delivery."""
        caller = self.caller(interaction)
        deed = Typed(
            who=caller.who, place=caller.place, key=caller.key, text=prompt, options=as_text(options)
        )
        await self._do(caller, deed)

    async def ask(
        self,
        interaction: Session,
        topic: Topic,
        text: str = "",
        *,
        values: Mapping[str, Any] | None = None,
        people: Mapping[str, Requester] | None = None,
    ) -> None:
        """/easel ... and /easel-admin ..."""
        caller = self.caller(interaction)
        deed = Asked(
            who=caller.who,
            place=caller.place,
            key=caller.key,
            topic=topic,
            text=text,
            values=as_text(values or {}),
            people=people or {},
        )
        await self._do(caller, deed)

    async def suggest(
        self, interaction: Session, option: str, typed: str, *, several: bool = False
    ) -> list[discord.app_commands.Choice[str]]:
        """What an option can be; nothing rather than an error."""
        model = str(getattr(interaction.namespace, "model", None) or "")
        found = await self._talk.suggest(
            requester_of(interaction), option, typed, model=model, several=several
        )
        return [_choice(one) for one in found if max(len(one.label), len(one.value)) <= _CHOICE_LIMIT]

    # ── Buttons, lists, forms, menus ─────────────────────────────────────────────────────────────────

    async def pressed(self, interaction: Session, known: Mapping[str, str | None]) -> None:
        """A button under a picture or an answer, today's or last year's."""
        caller = self.caller(interaction)
        do, job = str(known["do"]), str(known["job"])
        if do in _TOPICS:
            await self.ask(interaction, Topic(do), job)
        elif do in _BUTTONS:
            await self._press(caller, Do(do), job, int(known["index"] or 0), interaction.message)
        else:
            log.info("a press of nothing known", action=do)
            await self._answers.acknowledge(caller)

    async def chosen(self, interaction: Session, job: str) -> None:
        """A picture out of the history."""
        await self._press(self.caller(interaction), Do.SHOW, job, 0, interaction.message)

    async def menu(self, interaction: Session, message: discord.Message, do: Do) -> None:
        """From a message's menu: on the picture that it shows."""
        caller = self.caller(interaction)
        found = await self._talk.find(SURFACE, str(message.id))
        if found is None:
            await self._answers.tell(caller, self._answers.say(caller, "discord-press-picture"))
        else:
            await self._press(caller, do, found.job, 0, message)

    async def _press(
        self, caller: Caller, do: Do, job: str, index: int, source: discord.Message | None
    ) -> None:
        deed = Pressed(
            who=caller.who,
            place=caller.place,
            key=caller.key,
            do=do,
            job=job,
            role=role_under(do, index),
            index=index,
            message=str(source.id) if source else "",
        )
        await self._do(caller, deed)

    async def submitted(self, interaction: Session) -> None:
        """A filled form; its custom_id carries the picture, so that any process can take it."""
        data: Mapping[str, Any] = dict(interaction.data or {})
        known = _ID.fullmatch(str(data.get("custom_id", "")))
        if known is None or known["do"] not in (Do.REMIX, Topic.CREATE):
            return
        caller = self.caller(interaction)
        text, options = forms.order_of(data.get("components") or [])
        parent = known["job"] if known["do"] == Do.REMIX else ""
        deed = Filled(
            who=caller.who, place=caller.place, key=caller.key, text=text, options=options, parent=parent
        )
        await self._do(caller, deed)

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    async def reacted(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """A reaction on a picture of ours; the answer to it is a reply to the picture."""
        name = payload.emoji.name
        if payload.emoji.id is not None or name not in SIGNS:
            return
        if client.user is not None and payload.user_id == client.user.id:
            return
        if payload.member is not None and payload.member.bot:
            return
        message = await self._talk.find(SURFACE, str(payload.message_id))
        if message is None:
            return
        caller = _reactor(payload, client)
        deed = Reacted(
            who=caller.who,
            place=caller.place,
            key=f"discord:reaction:{payload.message_id}:{payload.user_id}:{name}:{caller.where.asked}",
            sign=SIGNS[name],
            job=message.job,
            role=message.role,
            message=str(payload.message_id),
            emoji=name,
        )
        await self._do(caller, deed)

    # ── Who ──────────────────────────────────────────────────────────────────────────────────────────

    def caller(self, interaction: Session) -> Caller:
        """The person behind an interaction."""
        where = where_of(interaction, replayed=bool(self._catching_up))
        source = interaction.message
        return Caller(
            who=requester_of(interaction),
            where=where,
            place=place_of(where, interaction.channel),
            on_private=source is not None and source.flags.ephemeral,
        )

    def catches_up(self, shard: int | None) -> None:
        """A shard has lost its line: what comes next may be old."""
        self._catching_up[shard] = None

    def is_up_to_date(self, shard: int | None) -> None:
        """What a shard hears is news again."""
        self._catching_up.pop(shard, None)

    # ── The talk ─────────────────────────────────────────────────────────────────────────────────────

    async def apologise(self, interaction: Session) -> None:
        """Something went wrong before anybody could say what was wanted."""
        caller = self.caller(interaction)
        await self._answers.tell(caller, self._answers.say(caller, "trouble"))

    async def _do(self, caller: Caller, deed: Deed) -> None:
        self._work.keep_this()
        try:
            if isinstance(deed, Pressed) and deed.do in _ACKNOWLEDGED_FIRST:
                await self._answers.acknowledge(caller)
            if _may_take_time(deed):
                async with self._answers.announcing(caller):
                    await self._answers.give(caller, await self._talk.do(deed))
            else:
                await self._answers.give(caller, await self._talk.do(deed))
        except DiscordFault as fault:
            log.warning("Discord did not take an answer", problem=str(fault))
        except Exception:
            log.exception("a request from Discord failed")
            await self._answers.tell(caller, self._answers.say(caller, "trouble"))


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as the one grammar reads them; what was not given is left out."""
    given = {name: value for name, value in options.items() if value not in (None, "")}
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _may_take_time(deed: Deed) -> bool:
    """Whether the answer is a private one that may be announced: not a placeholder, not a form."""
    match deed:
        case Typed() | Filled() | Reacted() | Asked(topic=Topic.CREATE):
            return False
        case Asked():
            return True
        case Pressed(do=do):
            return do not in _ANSWERED_AT_ONCE


def _choice(one: Choice) -> discord.app_commands.Choice[str]:
    shown = f"{one.label} · {one.note}" if one.note else one.label
    return discord.app_commands.Choice(name=cut(plain(shown), _CHOICE_LIMIT), value=one.value)


def _reactor(payload: discord.RawReactionActionEvent, client: discord.Client) -> Caller:
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
    return Caller(who=reactor_of(payload), where=where, place=place_of(where, channel))


class Button(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
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
        hearing: Hearing = interaction.client.hearing
        await hearing.pressed(interaction, self._known.groupdict())


class Picker(discord.ui.DynamicItem[discord.ui.Select[Any]], template=HISTORY):
    """The list of pictures under /easel history."""

    @classmethod
    async def from_custom_id(
        cls, interaction: Session, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "Picker":
        del interaction, match
        assert isinstance(item, discord.ui.Select)
        return cls(item)

    async def callback(self, interaction: Session) -> Any:
        hearing: Hearing = interaction.client.hearing
        await hearing.chosen(interaction, self.item.values[0])
