"""What people do on Discord -> deeds: commands, buttons, lists, forms, menus and reactions."""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.ports import MAIN, Do, Requester, Role
from bot.talk.answers import Choice
from bot.talk.deeds import Asked, Deed, Filled, Pressed, Reacted, Sign, Topic, Typed
from bot.talk.talk import Talk
from integrations.discord import forms
from integrations.discord._text import cut, plain
from integrations.discord._work import Work
from integrations.discord.address import SURFACE
from integrations.discord.answers import Answers
from integrations.discord.cards import Control, control_of
from integrations.discord.options import Choices, Session
from integrations.discord.people import place_of, reactor_of, requester_of, where_of, where_reacted
from integrations.discord.replies import Caller, Replies

log = structlog.get_logger()

SIGNS = {
    "🔁": Sign.AGAIN, "🔄": Sign.AGAIN, "🎲": Sign.AGAIN,
    "❌": Sign.DELETE, "🗑️": Sign.DELETE, "🗑": Sign.DELETE,
}  # fmt: skip
_CHOICE_LIMIT = 100


# A placeholder or a form is the first response itself.
_ANSWERED = frozenset({Do.REROLL, Do.RETRY, Do.PICK, Do.REMIX})
# Asking the provider, or emptying a bucket, may take its time: the press is acknowledged first.
_ACKNOWLEDGED = frozenset({Do.CANCEL, Do.DELETE, Do.TELL})
# A private answer, announced when it is slow.
_ANNOUNCED = frozenset({Do.ORIGINAL, Do.SHOW, Do.REPORT})
assert set(Do) == _ANSWERED | _ACKNOWLEDGED | _ANNOUNCED, "each press has its first response"


class Hearing:
    """Makes deeds of events, and hands what the talk answers to who shows it."""

    def __init__(self, *, talk: Talk, replies: Replies, answers: Answers, work: Work) -> None:
        self._talk = talk
        self._replies = replies
        self._answers = answers
        self._work = work
        self._catching_up: set[int | None] = set()  # shards that hear what they missed

    # ── Commands ─────────────────────────────────────────────────────────────────────────────────────

    def imagine(self, session: Session, prompt: str, options: Mapping[str, Any]) -> None:
        """/imagine."""
        caller = self._caller(session)
        self._start(caller, Typed(**caller.origin, text=prompt, options=as_text(options)))

    def ask(
        self,
        session: Session,
        topic: Topic,
        text: str = "",
        *,
        values: Mapping[str, Any] | None = None,
        people: Mapping[str, Requester] | None = None,
    ) -> None:
        """/easel ... and /easel-admin ..."""
        caller = self._caller(session)
        given = as_text(values or {})
        self._start(caller, Asked(**caller.origin, topic=topic, text=text, values=given, people=people or {}))

    async def suggest(self, session: Session, option: str, typed: str, *, several: bool = False) -> Choices:
        """What an option can be."""
        model = session.namespace.model or ""
        found = await self._talk.suggest(requester_of(session), option, typed, model=model, several=several)
        return [_choice(one) for one in found if max(len(one.label), len(one.value)) <= _CHOICE_LIMIT]

    # ── Buttons, lists, forms, menus ─────────────────────────────────────────────────────────────────

    def press(self, session: Session) -> None:
        """A button or a list, on any message, after any restart: its custom_id tells everything."""
        caller, data, control = self._caller(session), _data_of(session), _control_of(session)
        if control is None:
            self._let_go(caller, session)
        elif isinstance(control.do, Topic):
            self._start(caller, Asked(**caller.origin, topic=control.do, text=control.about))
        else:
            job, role, index = (data.get("values") or [control.about])[0], control.role, control.index
            self._start(caller, _press_of(caller, control.do, job, session.message, role=role, index=index))

    def submit(self, session: Session) -> None:
        """A filled form; its custom_id carries the picture, so that any process can take it."""
        caller, data, control = self._caller(session), _data_of(session), _control_of(session)
        if control is None or control.do not in (Do.REMIX, Topic.CREATE):
            self._let_go(caller, session)
            return
        text, options = forms.order_of(data.get("components") or [])
        parent = control.about if control.do is Do.REMIX else ""
        self._start(caller, Filled(**caller.origin, text=text, options=options, parent=parent))

    def _let_go(self, caller: Caller, session: Session) -> None:
        """What another version made is no error: it is acknowledged, and does nothing."""
        log.info("a press of nothing known", control=_data_of(session).get("custom_id"))
        self._work.start(self._replies.acknowledge(caller))

    def choose(self, session: Session, message: discord.Message, do: Do) -> None:
        """From a message's menu."""
        self._work.start(self._choose(self._caller(session), message, do))

    async def _choose(self, caller: Caller, message: discord.Message, do: Do) -> None:
        async with self._replies.apologising(caller):
            found = await self._talk.find(SURFACE, str(message.id))
            if found is None:
                await self._replies.tell(caller, self._replies.say(caller, "discord-press-picture"))
            else:
                await self._do(caller, _press_of(caller, do, found.job, message, role=found.role))

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    def react(self, payload: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """A reaction of a person that means something on our pictures."""
        by_bot = payload.member is not None and payload.member.bot
        by_us = client.user is not None and payload.user_id == client.user.id
        if payload.emoji.id is None and payload.emoji.name in SIGNS and not by_bot and not by_us:
            self._work.start(self._react(payload, client))

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
        await self._do(caller, deed)

    # ── Who ──────────────────────────────────────────────────────────────────────────────────────────

    def catch_up(self, shard: int | None) -> None:
        """A shard has lost its line: what comes next may be old."""
        self._catching_up.add(shard)

    def be_up_to_date(self, shard: int | None) -> None:
        """What a shard hears is news again."""
        self._catching_up.discard(shard)

    async def apologise(self, session: Session) -> None:
        """Something went wrong before anybody could say what was wanted."""
        caller = self._caller(session)
        await self._replies.tell(caller, self._replies.say(caller, "trouble"))

    def _caller(self, session: Session) -> Caller:
        where, source = where_of(session, replayed=bool(self._catching_up)), session.message
        return Caller(
            who=requester_of(session),
            where=where,
            place=place_of(where, session.channel),
            pressed=source is not None,
            on_private=source is not None and source.flags.ephemeral,
        )

    # ── The talk ─────────────────────────────────────────────────────────────────────────────────────

    def _start(self, caller: Caller, deed: Deed) -> None:
        self._work.start(self._do(caller, deed))

    async def _do(self, caller: Caller, deed: Deed) -> None:
        do = deed.do if isinstance(deed, Pressed) else None
        async with self._replies.apologising(caller):
            if do in _ACKNOWLEDGED:
                await self._replies.acknowledge(caller)
            private = isinstance(deed, Asked) or do in _ANNOUNCED
            late = self._replies.announcing(caller) if private else nullcontext()
            async with late:
                await self._answers.give(caller, deed, await self._talk.do(deed))


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as the one grammar reads them; what was not given is left out."""
    given = {name: value for name, value in options.items() if value not in (None, "")}
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _press_of(
    caller: Caller, do: Do, job: str, message: discord.Message | None, *, role: Role = MAIN, index: int = 0
) -> Pressed:
    key = str(message.id) if message else ""
    return Pressed(**caller.origin, do=do, job=job, role=role, index=index, message=key)


def _data_of(session: Session) -> Mapping[str, Any]:
    return dict(session.data or {})


def _control_of(session: Session) -> Control | None:
    return control_of(str(_data_of(session).get("custom_id")))


def _choice(one: Choice) -> app_commands.Choice[str]:
    shown = f"{one.label} · {one.note}" if one.note else one.label
    return app_commands.Choice(name=cut(plain(shown), _CHOICE_LIMIT), value=one.value)
