"""What people do on Discord -> deeds: commands, menus, buttons, lists, forms and reactions."""

import re
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.background import Background
from bot.ports import Do, Requester
from bot.talk.answers import Choice
from bot.talk.deeds import Asked, Deed, Filled, Held, Pressed, Reacted, Sign, Spoken, Topic, Typed, topic_of
from bot.talk.suggestions import MODEL, SETTING
from bot.talk.talk import Talk
from bot.talk.verbs import BY_WORD, VERBS, Kind, Verb
from integrations.discord import forms
from integrations.discord._text import cut, plain
from integrations.discord.address import SURFACE
from integrations.discord.answers import Answers
from integrations.discord.cards import Control, control_of
from integrations.discord.commands import ADMIN, CLEAR, EASEL, IMAGINE, PROMPT
from integrations.discord.people import (
    Session,
    data_of,
    person_of,
    place_of,
    reactor_of,
    requester_of,
    where_of,
    where_reacted,
)
from integrations.discord.replies import Caller, Replies

log = structlog.get_logger()

SIGNS = {
    "🔁": Sign.AGAIN, "🔄": Sign.AGAIN, "🎲": Sign.AGAIN,
    "❌": Sign.DELETE, "🗑️": Sign.DELETE, "🗑": Sign.DELETE,
}  # fmt: skip
_CHOICE_LIMIT = 100
_SUB = 1
_CHANNEL = re.compile(r"<#(\d+)>")
# What is suggested for a moderators' option, by its name.
SUGGESTED = {
    option.name: MODEL if option.kind is Kind.MODELS else SETTING
    for verb in VERBS
    for option in verb.options
    if option.suggested
}


class First(Enum):
    """What a press is answered with within the 3 s."""

    ITSELF = auto()  # the placeholder, or the form
    ACKNOWLEDGED = auto()  # asking the provider, or emptying a bucket, may take its time
    ANNOUNCED = auto()  # a private answer, when it is slow


class Hearing:
    """Makes deeds of events, and hands what the talk answers to who shows it; no event waits for another."""

    def __init__(
        self,
        *,
        talk: Talk,
        replies: Replies,
        answers: Answers,
        background: Background,
        menus: Mapping[str, Do],
    ) -> None:
        self._talk = talk
        self._replies = replies
        self._answers = answers
        self._background = background
        self._menus = menus
        self._catching_up: set[int | None] = set()  # shards that hear what they missed

    def catch_up(self, shard: int | None) -> None:
        """A shard has lost its line: what comes next may be old."""
        self._catching_up.add(shard)

    def be_up_to_date(self, shard: int | None) -> None:
        """What a shard hears is news again."""
        self._catching_up.discard(shard)

    # ── Interactions ─────────────────────────────────────────────────────────────────────────────────

    def hear(self, session: Session) -> None:
        """A command, a menu, a button, a list, a form, or an option that is being typed."""
        self._background.start(self._hear(self._caller(session), session))

    def _caller(self, session: Session) -> Caller:
        where, source = where_of(session, replayed=bool(self._catching_up)), session.message
        return Caller(
            who=requester_of(session),
            where=where,
            place=place_of(where, session.channel),
            pressed=str(source.id) if source is not None else "",
            on_private=source is not None and source.flags.ephemeral,
        )

    async def _hear(self, caller: Caller, session: Session) -> None:
        if session.type is discord.InteractionType.autocomplete:
            await self._suggest(caller, session)
            return
        chosen = session.type is discord.InteractionType.application_command
        async with self._replies.apologising(caller):
            deed = self._chosen(caller, session) if chosen else _carried(caller, session)
            if deed is not None:
                await self._do(caller, deed)
            else:
                # What another version made is no error: it is acknowledged, and does nothing.
                await self._replies.acknowledge(caller)

    def _chosen(self, caller: Caller, session: Session) -> Deed:
        """A command, or a message's menu. Raises KeyError for one that is none of ours any more."""
        chosen = chosen_of(session)
        given = {name: one for name, one in chosen.given.items() if name not in (PROMPT, CLEAR)}
        topic, verb = topic_of(chosen.below), BY_WORD.get(chosen.below)
        if chosen.name == IMAGINE:
            return Typed(**caller.origin, text=chosen.given[PROMPT], options=as_text(given))
        if chosen.name == EASEL and topic is not None:
            text = CLEAR if chosen.given.get(CLEAR) else ""
            return Asked(**caller.origin, topic=topic, text=text, values=as_text(given))
        if chosen.name == ADMIN and verb is not None:
            line, people = line_of(verb, given), people_in(session, verb, given)
            return Asked(**caller.origin, topic=Topic.ADMIN, text=line, people=people)
        return Pressed(**caller.origin, do=self._menus[chosen.name], message=chosen.target)

    async def _suggest(self, caller: Caller, session: Session) -> None:
        """What an option can be."""
        chosen = chosen_of(session)
        of_admin = chosen.name == ADMIN
        found = await self._talk.suggest(
            caller.who,
            SUGGESTED[chosen.focused] if of_admin else chosen.focused,
            str(chosen.given[chosen.focused]),
            model=chosen.given.get(MODEL) or "",
            several=of_admin,
        )
        fitting = [one for one in found if max(len(one.label), len(one.value)) <= _CHOICE_LIMIT]
        await self._replies.offer(caller, [_choice(one) for one in fitting])

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    def react(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """A reaction of a person that means something on our pictures."""
        by_bot = payload.member is not None and payload.member.bot
        by_us = client.user is not None and payload.user_id == client.user.id
        if payload.emoji.id is None and payload.emoji.name in SIGNS and not by_bot and not by_us:
            self._background.start(self._react(payload, client))

    async def _react(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """On a picture of ours; the answer to it is a reply to the picture."""
        message = await self._talk.find(SURFACE, str(payload.message_id))
        if message is None:
            return
        where, name = where_reacted(payload, client, now=time.time()), payload.emoji.name
        place = place_of(where, client.get_channel(payload.channel_id))
        # Whoever wants a picture away and may not sees that it stays.
        silent = SIGNS[name] is Sign.DELETE
        caller = Caller(who=reactor_of(payload), where=where, place=place, hears_nothing=silent)
        deed = Reacted(
            who=caller.who,
            place=place,
            key=f"discord:reaction:{payload.message_id}:{payload.user_id}:{name}:{where.asked}",
            sign=SIGNS[name],
            job=message.job,
            role=message.role,
            message=str(payload.message_id),
            emoji=name,
        )
        async with self._replies.apologising(caller):
            await self._do(caller, deed)

    # ── The talk ─────────────────────────────────────────────────────────────────────────────────────

    async def _do(self, caller: Caller, deed: Deed) -> None:
        first = _first_of(deed)
        if first is First.ACKNOWLEDGED:
            await self._replies.acknowledge(caller)
        async with self._replies.announcing(caller) if first is First.ANNOUNCED else nullcontext():
            await self._answers.give(caller, deed, await self._talk.do(deed))


def _first_of(deed: Deed) -> First:
    """The type checker asks for a new button's."""
    match deed:
        case Asked():
            return First.ANNOUNCED
        case Pressed(do=do):
            return _first_of_press(do)
        case Typed() | Filled() | Reacted() | Spoken() | Held():
            return First.ITSELF


def _first_of_press(do: Do) -> First:
    match do:
        case Do.REROLL | Do.RETRY | Do.PICK | Do.REMIX | Do.EDIT | Do.VARY | Do.UPSCALE:
            return First.ITSELF
        case Do.CANCEL | Do.DELETE | Do.TELL:
            return First.ACKNOWLEDGED
        case Do.ORIGINAL | Do.SHOW | Do.REPORT | Do.FAVOURITE | Do.SEND:
            return First.ANNOUNCED


def _carried(caller: Caller, session: Session) -> Deed | None:
    """A button, a list or a filled form, on any message, after any restart: its custom_id tells everything."""
    data = data_of(session)
    control = control_of(str(data.get("custom_id")))
    filled = session.type is discord.InteractionType.modal_submit
    match control:
        case Control(do=Do.REMIX | Topic.CREATE as do, about=about) if filled:
            text, options = forms.order_of(data.get("components") or [])
            parent = about if do is Do.REMIX else ""
            return Filled(**caller.origin, text=text, options=options, parent=parent)
        case Control(do=Topic() as topic, about=about) if not filled:
            return Asked(**caller.origin, topic=topic, text=about)
        case Control(do=Do() as do, about=about, index=index) if not filled:
            job = (data.get("values") or [about])[0]
            role, message = control.role, caller.pressed
            return Pressed(**caller.origin, do=do, job=job, role=role, index=index, message=message)
        case _:
            log.info("a press of nothing known", control=data.get("custom_id"))
            return None


def _choice(one: Choice) -> dict[str, str]:
    shown = f"{one.label} · {one.note}" if one.note else one.label
    return {"name": cut(plain(shown), _CHOICE_LIMIT), "value": one.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A command, the one below it, and its options by their names."""

    name: str
    below: str
    given: Mapping[str, Any]
    focused: str = ""  # what is being typed
    target: str = ""  # the message whose menu it stands in


def chosen_of(session: Session) -> Chosen:
    """What Discord tells of a command. People come as Discord's own."""
    data = data_of(session)
    options, below = data.get("options") or [], ""
    if options and options[0]["type"] == _SUB:
        below, options = options[0]["name"], options[0].get("options") or []
    resolved: Any = data.get("resolved") or {}
    given = dict(iter(app_commands.Namespace(session, resolved, options)))
    focused = next((one["name"] for one in options if one.get("focused")), "")
    target = str(data.get("target_id") or "")
    return Chosen(name=data["name"], below=below, given=given, focused=focused, target=target)


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as the one grammar reads them; what was not given is left out."""
    given = {name: value for name, value in options.items() if value not in (None, "")}
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def line_of(verb: Verb, given: Mapping[str, Any]) -> str:
    """What a moderator would type."""
    return verb.line({one.name: _word(one.kind, given.get(one.name)) for one in verb.options})


def people_in(session: Session, verb: Verb, given: Mapping[str, Any]) -> dict[str, Requester]:
    """Whom the line names, by their mentions."""
    named = [given[one.name] for one in verb.options if one.kind is Kind.PERSON]
    return {_mention(one): person_of(one, str(session.guild_id)) for one in named}


def _word(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind is Kind.PERSON:
        return _mention(value)
    # Mentions as ids; other words stay, so that the desk can refuse them.
    return (_CHANNEL.sub(r" \1 ", value) if kind is Kind.CHANNELS else str(value)).strip()


def _mention(person: discord.User | discord.Member) -> str:
    return f"<@{person.id}>"
