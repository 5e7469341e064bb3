"""What people do on Discord -> deeds: commands, menus, buttons, lists, forms, reactions, and what they say to us."""

import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from typing import Any, assert_never

import discord
import structlog

from bot.errors import NotThere, StoreBusy
from bot.ports import MAIN, Do
from bot.process.background import Background
from bot.talk.answers import Choice, Note
from bot.talk.changes import begins_edit
from bot.talk.deeds import (
    SIGNS,
    Asked,
    Deed,
    Filled,
    Held,
    Pressed,
    Reacted,
    Sign,
    Spoken,
    Topic,
    Typed,
)
from bot.talk.suggestions import MODEL
from bot.talk.talk import Talk
from integrations.discord import forms
from integrations.discord._text import cut, plain
from integrations.discord._wire import DiscordFault
from integrations.discord.address import SURFACE
from integrations.discord.answers import Answers
from integrations.discord.cards import Control, control_of
from integrations.discord.chosen import SUGGESTED, chosen_of, deed_of, files_of
from integrations.discord.commands import ADMIN
from integrations.discord.people import Session, caller_of, data_of, reactor, speaker
from integrations.discord.pictures import Pictures, place_of_message
from integrations.discord.replies import Caller, Replies
from integrations.discord.said import answered, is_hidden, is_mentioned, is_named, is_said_to, told, words_of

log = structlog.get_logger()

Refuse = Callable[[Caller], Coroutine[Any, Any, None]]

_CHOICE_LIMIT = 100
_PRIVATE = re.compile(r"[-‐-―]private\b", re.IGNORECASE)
_WITH_FORMS = {Do.REMIX, Do.EDIT, Do.REWORD, Topic.CREATE}


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
        told: Background,
        menus: Mapping[str, Do],
        pictures: Pictures,
    ) -> None:
        self._talk = talk
        self._replies = replies
        self._answers = answers
        self._background = background
        self._told = told  # who is told that too much is under way
        self._menus = menus
        self._pictures = pictures
        self._catching_up: set[int | None] = set()  # shards that hear what they missed

    def catch_up(self, shard: int | None) -> None:
        """A shard has lost its line: what comes next may be old."""
        self._catching_up.add(shard)

    def be_up_to_date(self, shard: int | None) -> None:
        """What a shard hears is news again."""
        self._catching_up.discard(shard)

    def _begin(self, caller: Caller, work: Coroutine[Any, Any, None], refuse: Refuse) -> None:
        """Does it beside the reader. Where all have too much under way, or this person alone, they are told so."""
        if not self._background.start(work, whose=caller.who.user):
            self._told.start(refuse(caller), whose=caller.who.user)

    async def _tell_busy(self, caller: Caller) -> None:
        await self._replies.tell(caller, self._replies.say(caller, "busy"))

    async def _offer_nothing(self, caller: Caller) -> None:
        await self._replies.offer(caller, [])

    # ── Interactions ─────────────────────────────────────────────────────────────────────────────────

    def hear(self, session: Session) -> None:
        """A command, a menu, a button, a list, a form, or an option that is being typed."""
        caller = caller_of(session, replayed=bool(self._catching_up))
        typing = session.type is discord.InteractionType.autocomplete
        self._begin(caller, self._hear(caller, session), self._offer_nothing if typing else self._tell_busy)

    async def _hear(self, caller: Caller, session: Session) -> None:
        if session.type is discord.InteractionType.autocomplete:
            await self._suggest(caller, session)
            return
        chosen = session.type is discord.InteractionType.application_command
        async with self._replies.apologising(caller):
            deed = await (self._chosen if chosen else self._carried)(caller, session)
            if deed is not None:
                await self._do(caller, deed)
            else:
                # What another version made is no error: it is acknowledged, and does nothing.
                await self._replies.acknowledge(caller)

    async def _chosen(self, caller: Caller, session: Session) -> Deed:
        """A command, or a message's menu. Raises KeyError for one that is none of ours any more."""
        chosen = chosen_of(session)
        if (deed := deed_of(caller, chosen, self._pictures.given(chosen.files))) is not None:
            return deed
        do = self._menus[chosen.name]
        if do is Do.EDIT and await self._talk.find(SURFACE, chosen.target) is None:
            return self._held(caller, chosen.message)
        return Pressed(**caller.origin, do=do, message=chosen.target)

    def _held(self, caller: Caller, message: Mapping[str, Any]) -> Held:
        """The pictures of anybody's message, to be changed."""
        pictures = self._pictures.of(message)
        caller.held = place_of_message(message)
        self._pictures.remember(caller.held, pictures)
        return Held(**caller.origin, pictures=pictures)

    async def _carried(self, caller: Caller, session: Session) -> Deed | None:
        """A button, a list or a filled form, on any message, after any restart: its custom_id tells everything."""
        data = data_of(session)
        control = control_of(str(data.get("custom_id")))
        filled = session.type is discord.InteractionType.modal_submit
        if control is None or (filled and control.do not in _WITH_FORMS):
            log.info("a press of nothing known", control=data.get("custom_id"))
            return None
        if filled:
            return await self._filled(caller, control, data)
        match control.do:
            case Topic() as topic:
                return Asked(**caller.origin, topic=topic, text=control.about)
            case Do() as do:
                job = (data.get("values") or [control.about])[0]
                role, index, message = control.role, control.index, caller.pressed
                return Pressed(**caller.origin, do=do, job=job, role=role, index=index, message=message)
        assert_never(control.do)

    async def _filled(self, caller: Caller, control: Control, data: Mapping[str, Any]) -> Deed | None:
        """A form as it was filled in, with the pictures that it was about and those that were put into it."""
        rows = data.get("components") or []
        text, options = forms.order_of(rows)
        files = files_of(data.get("resolved") or {}, forms.files_in(rows))
        begun, given = forms.begun_with(control), self._pictures.given(files)
        deed = Filled(**caller.origin, text=text, options=options, begun=begun, pictures=given)
        try:
            held = await self._pictures.again(control.held) if control.held else ()
        except (NotThere, DiscordFault):
            over = Note(text=self._replies.say(caller, "discord-form-over"), typed=text)
            await self._answers.give(caller, deed, over)
            return None
        return replace(deed, pictures=(*held, *given))

    async def _suggest(self, caller: Caller, session: Session) -> None:
        """What an option can be."""
        chosen = chosen_of(session)
        of_admin = chosen.name == ADMIN
        try:
            found = await self._talk.suggest(
                caller.who,
                SUGGESTED[chosen.focused] if of_admin else chosen.focused,
                str(chosen.given[chosen.focused]),
                place=None if of_admin else caller.place,
                model=chosen.given.get(MODEL) or "",
                several=of_admin,
            )
        except StoreBusy as error:  # what is typed is taken all the same
            log.warning("nothing can be suggested now", problem=str(error))
            found = []
        fitting = [one for one in found if max(len(one.label), len(one.value)) <= _CHOICE_LIMIT]
        await self._replies.offer(caller, [_choice(one) for one in fitting])

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    def react(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """A reaction of a person that means something on our pictures."""
        by_bot = payload.member is not None and payload.member.bot
        by_us = client.user is not None and payload.user_id == client.user.id
        if payload.emoji.id is None and payload.emoji.name in SIGNS and not by_bot and not by_us:
            ours = client.user is not None and payload.message_author_id == client.user.id
            caller = reactor(payload, client, silent=not ours)
            self._begin(caller, self._react(caller, payload), self._tell_busy)

    async def _react(self, caller: Caller, payload: discord.RawReactionActionEvent) -> None:
        """On a picture of ours; the answer to it is a reply to the picture."""
        message, name = None, payload.emoji.name
        async with self._replies.apologising(caller):
            message = await self._talk.find(SURFACE, str(payload.message_id), patiently=True)
        if message is None:
            return
        # Whoever wants a picture away and may not sees that it stays.
        caller.hears_nothing = SIGNS[name] is Sign.DELETE
        key = f"discord:reaction:{payload.message_id}:{payload.user_id}:{name}:{caller.where.asked}"
        deed = Reacted(
            **caller.by(key),
            sign=SIGNS[name],
            job=message.job,
            role=message.role,
            message=str(payload.message_id),
            emoji=name,
        )
        async with self._replies.apologising(caller):
            await self._do(caller, deed)

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────

    def listen(self, message: discord.Message, client: discord.Client) -> None:
        """What a person says to us."""
        if client.user is not None and is_said_to(message, client.user.id):
            caller = speaker(message)
            self._begin(caller, self._listen(caller, message, client.user.id), self._tell_busy)

    async def _listen(self, caller: Caller, message: discord.Message, me: int) -> None:
        """Goes on from the picture that it replies to; the answer is a reply, or comes directly."""
        direct = message.guild is None
        async with self._replies.apologising(caller):
            if not direct and not is_mentioned(message, me):
                await self._replies.tell(caller, self._replies.say(caller, "discord-mention-role"))
                return
            replied = answered(message)
            about = await self._talk.find(SURFACE, str(replied.id)) if replied else None
            pointed = self._pictures.of(told(replied)) if replied and about is None else ()
            given = self._pictures.given(told(message)["attachments"])
            words = words_of(message, me)
            if replied and is_hidden(replied, me) and not given and begins_edit(words, called=True):
                # Another picture than the one that was meant must not be changed.
                await self._replies.tell(caller, self._replies.say(caller, "discord-hidden"))
                return
            deed = Spoken(
                **caller.by(f"discord:message:{message.id}"),
                text=words,
                pictures=(*pointed, *given),
                about=about.job if about else "",
                role=about.role if about else MAIN,
                # Who only talks about a picture beneath it shall not pay for a new one.
                called=direct or is_named(message, me) or begins_edit(words, called=True),
            )
            await self._do(caller, deed)

    # ── The talk ─────────────────────────────────────────────────────────────────────────────────────

    async def _do(self, caller: Caller, deed: Deed) -> None:
        first = _first_of(deed)
        if first is First.ACKNOWLEDGED:
            await self._replies.acknowledge(caller)
        if first is First.ITSELF and caller.where.token:
            promise = partial(self._replies.promise, caller, private=_is_for_one(caller, deed))
            deed = replace(deed, waits=promise)
        slow = self._replies.announcing(caller) if first is First.ANNOUNCED else nullcontext()
        async with slow:
            with self._replies.promising(caller):  # what stands there is known until all is said
                answer = await self._talk.do(deed)
                await self._answers.give(caller, deed, answer)


def _is_for_one(caller: Caller, deed: Deed) -> bool:
    """Whether its placeholder will be private, as far as the deed itself says."""
    asks = isinstance(deed, Typed | Filled) and ("private" in deed.options or _PRIVATE.search(deed.text))
    return caller.on_private or bool(asks)


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
        case Do.REROLL | Do.RETRY | Do.PICK | Do.REMIX | Do.EDIT | Do.REWORD | Do.VARY | Do.UPSCALE:
            return First.ITSELF
        case Do.CANCEL | Do.DELETE | Do.TELL:
            return First.ACKNOWLEDGED
        case Do.ORIGINAL | Do.SHOW | Do.REPORT | Do.FAVOURITE | Do.SEND | Do.OPEN | Do.APPEAL:
            return First.ANNOUNCED
        case Do.HIDE | Do.RELEASE | Do.DISCARD | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
            return First.ANNOUNCED


def _choice(one: Choice) -> dict[str, str]:
    return {"name": cut(plain(one.line), _CHOICE_LIMIT), "value": one.value}
