"""/imagine, /easel and the menus of messages in discord.py's tree; what each does is the hearing's."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.order.flags import FLAGS, Flag, Kind
from bot.ports import Do
from bot.talk.deeds import Topic
from integrations.discord.hearing import Hearing, Session
from integrations.discord.localisation import Texts

Decorator = Callable[[Any], Any]
Everywhere = tuple[app_commands.AppCommandContext, app_commands.AppInstallationType]
Command = app_commands.Command[Any, Any, Any]

_CLEAR = "clear"  # a word that defaults understand
_PLAIN = (Topic.CREDITS, Topic.HISTORY, Topic.MODELS, Topic.FORGET, Topic.HELP)
_MENUS = {"reroll-title": Do.REROLL, "remix-title": Do.REMIX}


def add_commands(tree: app_commands.CommandTree[Any], hearing: Hearing, texts: Texts) -> None:
    """Everything that people can type, everywhere where people talk."""
    everywhere = (
        app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        app_commands.AppInstallationType(guild=True, user=True),
    )
    tree.add_command(_imagine(hearing, texts, everywhere))
    tree.add_command(_easel(hearing, texts, everywhere))
    for name, do in _MENUS.items():
        tree.add_command(_menu(hearing, do, texts, name, everywhere))


def worded(texts: Texts, command: str, *parameters: str) -> Decorator:
    """Names and descriptions of a command's options, in every language."""
    describe = app_commands.describe(**{one: texts.about(f"{command}-{one}") for one in parameters})
    rename = app_commands.rename(**{one: texts.name(one) for one in parameters})
    return lambda callback: describe(rename(callback))


def _imagine(hearing: Hearing, texts: Texts, where: Everywhere) -> Command:
    options = [flag for flag in FLAGS if flag.option]

    async def imagine(interaction: Session, prompt: str, **values: Any) -> None:
        await hearing.imagine(interaction, prompt, values)

    give_options(imagine, [parameter("prompt", str, required=True), *_parameters(options)])
    command: Command = app_commands.Command(
        name=texts.name("imagine"),
        description=texts.about("imagine"),
        callback=worded(texts, "imagine", "prompt", *(flag.name for flag in options))(imagine),
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )
    _suggest_values(command, hearing, options)
    return command


def _easel(hearing: Hearing, texts: Texts, where: Everywhere) -> app_commands.Group:
    group = app_commands.Group(
        name=texts.name("easel"),
        description=texts.about("easel"),
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )
    for topic in _PLAIN:
        about = texts.about(topic)
        group.add_command(
            app_commands.Command(name=texts.name(topic), description=about, callback=_asking(hearing, topic))
        )
    group.add_command(_defaults(hearing, texts))
    return group


def _defaults(hearing: Hearing, texts: Texts) -> Command:
    options = [flag for flag in FLAGS if flag.is_default]

    async def defaults(interaction: Session, **values: Any) -> None:
        clear = values.pop(_CLEAR)
        await hearing.ask(interaction, Topic.DEFAULTS, _CLEAR if clear else "", values=values)

    give_options(defaults, [*_parameters(options), parameter(_CLEAR, bool)])
    command: Command = app_commands.Command(
        name=texts.name("defaults"),
        description=texts.about("defaults"),
        callback=worded(texts, "defaults", *(flag.name for flag in options), _CLEAR)(defaults),
    )
    _suggest_values(command, hearing, options)
    return command


# ── Options out of a table ───────────────────────────────────────────────────────────────────────────


def give_options(callback: Any, options: Sequence[inspect.Parameter]) -> None:
    """discord.py reads options off a function's signature."""
    session = parameter("interaction", Session, required=True)
    callback.__signature__ = inspect.Signature([session, *options])


def parameter(name: str, kind: Any, *, required: bool = False) -> inspect.Parameter:
    """An option; one that may be left out is None then."""
    if required:
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind | None
    )


def _parameters(flags: Sequence[Flag]) -> list[inspect.Parameter]:
    return [parameter(flag.name, _type_of(flag)) for flag in flags]


def _type_of(flag: Flag) -> Any:
    match flag.kind:
        case Kind.COUNT:
            return app_commands.Range[int, 1, 4]
        case Kind.SWITCH:
            return bool
        case Kind.MODEL | Kind.SHAPE | Kind.SIZE | Kind.CHOICE | Kind.NUMBER | Kind.LIST | Kind.STYLE:
            return str


def _suggest_values(command: Command, hearing: Hearing, flags: Sequence[Flag]) -> None:
    for flag in flags:
        if flag.suggested:
            command.autocomplete(flag.name)(suggesting(hearing, flag.name))


def suggesting(hearing: Hearing, option: str, *, several: bool = False) -> Any:
    """What discord.py calls while somebody types."""

    async def suggest(interaction: Session, current: str) -> list[app_commands.Choice[str]]:
        return await hearing.suggest(interaction, option, current, several=several)

    return suggest


# ── discord.py takes functions, no methods ───────────────────────────────────────────────────────────


def _asking(hearing: Hearing, topic: Topic) -> Any:
    async def callback(interaction: Session) -> None:
        await hearing.ask(interaction, topic)

    return callback


def _menu(hearing: Hearing, do: Do, texts: Texts, name: str, where: Everywhere) -> app_commands.ContextMenu:
    async def callback(interaction: Session, message: discord.Message) -> None:
        await hearing.menu(interaction, message, do)

    return app_commands.ContextMenu(
        name=texts.said(name),
        callback=callback,
        type=discord.AppCommandType.message,
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )
