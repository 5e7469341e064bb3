"""/easel-admin for who may manage the server, out of the table of verbs: one line for the moderators' desk."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.ports import Requester
from bot.talk import verbs
from bot.talk.deeds import Topic
from bot.talk.suggestions import MODEL, SETTING
from bot.talk.verbs import CREDITS_MAX, USAGE_DAYS_MAX, VERBS, Kind, Verb
from integrations.discord.hearing import Hearing
from integrations.discord.localisation import Texts
from integrations.discord.options import Act, Choices, Given, Maker, Option, Session
from integrations.discord.people import person_of

_CHANNEL = re.compile(r"<#(\d+)>")
_PERIODS = ("day", "week", "month")
_SUGGESTED = {
    option.name: MODEL if option.kind is Kind.MODELS else SETTING
    for verb in VERBS
    for option in verb.options
    if option.kind in (Kind.MODELS, Kind.SETTING)
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
        what = _SUGGESTED[option]
        return await hearing.suggest(session, what, typed, several=what == MODEL)

    make = Maker(texts, suggest)
    for verb in VERBS:
        options = [_option(one) for one in verb.options]
        act = _saying(hearing, verb)
        group.add_command(make.command(verb.name, act, options, described=f"verb-{verb.name}"))
    tree.add_command(group)


def _option(option: verbs.Option) -> Option:
    return Option(
        name=option.name,
        about=f"option-{option.name}",
        kind=_kind_of(option.kind),
        required=option.required,
        choices=_PERIODS if option.kind is Kind.PERIOD else (),
        suggested=option.name in _SUGGESTED,
    )


def _kind_of(kind: Kind) -> Any:
    """As discord.py understands it."""
    match kind:
        case Kind.PERSON:
            return discord.User
        case Kind.CREDITS:
            return app_commands.Range[int, 1, CREDITS_MAX]
        case Kind.QUOTA:
            return app_commands.Range[int, 0, CREDITS_MAX]
        case Kind.DAYS:
            return app_commands.Range[int, 1, USAGE_DAYS_MAX]
        case Kind.TEXT | Kind.JOB | Kind.SPAN | Kind.PERIOD:
            return str
        case Kind.SETTING | Kind.VALUE | Kind.MODELS | Kind.CHANNELS:
            return str


def _saying(hearing: Hearing, verb: Verb) -> Act:
    def act(session: Session, given: Given) -> None:
        hearing.ask(session, Topic.ADMIN, line_of(verb, given), people=_people_in(session, verb, given))

    return act


def line_of(verb: Verb, given: Given) -> str:
    """What a moderator would type."""
    return verb.line({one.name: _word(one.kind, given[one.name]) for one in verb.options})


def _word(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind is Kind.PERSON:
        return _mention(value)
    # Mentions as ids; other words stay, so that the desk can refuse them.
    return (_CHANNEL.sub(r" \1 ", value) if kind is Kind.CHANNELS else str(value)).strip()


def _people_in(session: Session, verb: Verb, given: Given) -> Mapping[str, Requester]:
    named = [given[one.name] for one in verb.options if one.kind is Kind.PERSON]
    return {_mention(one): person_of(one, str(session.guild_id)) for one in named}


def _mention(person: discord.User | discord.Member) -> str:
    return f"<@{person.id}>"
