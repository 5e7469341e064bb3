"""/easel-admin for who may manage the server, out of the table of verbs; what it means is the desk's grammar."""

import re
from typing import Any

import discord
from discord import app_commands

from bot.talk.deeds import Topic
from bot.talk.suggestions import MODEL, SETTING
from bot.talk.verbs import CREDITS_MAX, USAGE_DAYS_MAX, VERBS, Kind, Option, Verb
from integrations.discord.commands import Command, give_options, parameter, suggesting, worded
from integrations.discord.hearing import Hearing, Session
from integrations.discord.localisation import Texts
from integrations.discord.people import person_of

_CHANNEL = re.compile(r"<#(\d+)>")
_PERIODS = ("day", "week", "month")


def add_admin(tree: app_commands.CommandTree[Any], hearing: Hearing, texts: Texts) -> None:
    """/easel-admin, in servers only, shown to who has Manage Server."""
    group = app_commands.Group(
        name=texts.name("easel-admin"),
        description=texts.about("easel-admin"),
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    for verb in VERBS:
        group.add_command(_command(verb, hearing, texts))
    tree.add_command(group)


def _command(verb: Verb, hearing: Hearing, texts: Texts) -> Command:
    async def act(interaction: Session, **values: Any) -> None:
        line = verb.line({one.name: _typed(one, values[one.name]) for one in verb.options})
        named = [values[one.name] for one in verb.options if one.kind is Kind.PERSON]
        people = {_mention(one): person_of(one, str(interaction.guild_id)) for one in named}
        await hearing.ask(interaction, Topic.ADMIN, line, people=people)

    give_options(act, [parameter(one.name, _type_of(one), required=one.required) for one in verb.options])
    periods = [one.name for one in verb.options if one.kind is Kind.PERIOD]
    choices = app_commands.choices(**{name: [texts.choice(one) for one in _PERIODS] for name in periods})
    command: Command = app_commands.Command(
        name=texts.name(verb.name),
        description=texts.said(f"verb-{verb.name}"),
        callback=choices(worded(texts, "option", *(one.name for one in verb.options))(act)),
    )
    for one in verb.options:
        if one.kind is Kind.MODELS:
            command.autocomplete(one.name)(suggesting(hearing, MODEL, several=True))
        elif one.kind is Kind.SETTING:
            command.autocomplete(one.name)(suggesting(hearing, SETTING))
    return command


def _type_of(option: Option) -> Any:
    match option.kind:
        case Kind.PERSON:
            return discord.User
        case Kind.CREDITS:
            return app_commands.Range[int, 1, CREDITS_MAX]
        case Kind.QUOTA:
            return app_commands.Range[int, 0, CREDITS_MAX]
        case Kind.DAYS:
            return app_commands.Range[int, 1, USAGE_DAYS_MAX]
        case (
            Kind.TEXT
            | Kind.JOB
            | Kind.SPAN
            | Kind.PERIOD
            | Kind.SETTING
            | Kind.VALUE
            | Kind.MODELS
            | Kind.CHANNELS
        ):
            return str


def _typed(option: Option, value: Any) -> str:
    """An option as the grammar reads it."""
    if value is None:
        return ""
    if option.kind is Kind.PERSON:
        return _mention(value)
    if option.kind is Kind.CHANNELS:
        # Other words stay, so that the desk can refuse them.
        return _CHANNEL.sub(r" \1 ", value)
    return str(value).strip()


def _mention(person: discord.User | discord.Member) -> str:
    return f"<@{person.id}>"
