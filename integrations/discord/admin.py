"""/easel-admin for who may manage the server: Discord's options -> one line for the moderators' desk."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.ports import Requester
from bot.talk.deeds import Topic
from bot.talk.suggestions import MODEL, SETTING
from integrations.discord.hearing import Hearing
from integrations.discord.localisation import Texts
from integrations.discord.options import Act, Choices, Given, Maker, Option, Session
from integrations.discord.people import person_of

_CHANNEL = re.compile(r"<#(\d+)>")
_MODELS, _CHANNELS, _NAME = "models", "channels", "name"


def _option(name: str, kind: Any = str, *, about: str = "", **more: Any) -> Option:
    return Option(name=name, about=f"admin-{about or name}", kind=kind, **more)


_PERSON = _option("person", discord.User, required=True)
_AMOUNT = _option("amount", app_commands.Range[int, 1, 10**9], required=True)
_ALLOWANCE = _option("amount", app_commands.Range[int, 0, 10**9], required=True)
_BUDGET = _option("amount", app_commands.Range[int, 0, 10**9])
_PERIOD = _option("period", choices=("day", "week", "month"))
_MEMO, _JOB = _option("memo"), _option("job", required=True)
_VERBS: Mapping[str, Sequence[Option]] = {
    "grant": (_PERSON, _AMOUNT, _MEMO),
    "take": (_PERSON, _AMOUNT, _MEMO),
    "refund": (_JOB, _MEMO),
    "books": (_PERSON,),
    "allowance": (_ALLOWANCE, _PERIOD),
    "budget": (_BUDGET, _PERIOD),
    "models": (_option(_MODELS, about="list-models", suggested=True),),
    "channels": (_option(_CHANNELS, about="list-channels"),),
    "settings": (_option(_NAME, suggested=True), _option("value")),
    "block": (_PERSON, _option("time"), _option("why")),
    "unblock": (_PERSON,),
    "blocked": (),
    "held": (),
    "release": (_JOB,),
    "discard": (_JOB,),
    "usage": (_option("days", app_commands.Range[int, 1, 366]),),
    "audit": (),
    "history": (),
}


def add_admin(tree: app_commands.CommandTree[Any], hearing: Hearing, texts: Texts) -> None:
    """In servers only, shown to who has Manage Server."""
    group = app_commands.Group(
        name=texts.name("easel-admin"),
        description=texts.about("easel-admin"),
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    async def suggest(session: Session, option: str, typed: str) -> Choices:
        several = option == _MODELS
        return await hearing.suggest(session, MODEL if several else SETTING, typed, several=several)

    make = Maker(texts, suggest)
    for verb, options in _VERBS.items():
        group.add_command(make.command(verb, _saying(hearing, verb), options, about=f"admin-{verb}"))
    tree.add_command(group)


def _saying(hearing: Hearing, verb: str) -> Act:
    def act(session: Session, given: Given) -> None:
        hearing.ask(session, Topic.ADMIN, line_of(verb, given), people=_people_in(session, given))

    return act


def line_of(verb: str, given: Given) -> str:
    """What a moderator would type; a verb whose first option is left out only shows how things are."""
    words = [_word(option.name, given[option.name]) for option in _VERBS[verb]]
    if not words or not words[0]:
        return verb
    return " ".join(["set" if verb == "settings" else verb, *filter(None, words)])


def _word(option: str, value: Any) -> str:
    if value is None:
        return ""
    if option == _PERSON.name:
        return f"<@{value.id}>"
    text = str(value)
    # Mentions as ids; other words stay, so that the desk can refuse them.
    return (_CHANNEL.sub(r" \1 ", text) if option == _CHANNELS else text).strip()


def _people_in(session: Session, given: Given) -> dict[str, Requester]:
    person = given.get(_PERSON.name)
    return {f"<@{person.id}>": person_of(person, str(session.guild_id))} if person else {}
