"""/imagine, /easel and the menus of messages, everywhere where people talk: their options are the table of flags."""

from typing import Any

import discord
from discord import app_commands

from bot.order.fitting import IMAGES_MOST
from bot.order.flags import FLAGS, Flag, Kind
from bot.ports import Do
from bot.talk.deeds import Topic
from integrations.discord.hearing import Hearing
from integrations.discord.localisation import Texts
from integrations.discord.options import Act, Choices, Given, Maker, Option, Session

_PROMPT, _CLEAR = "prompt", "clear"  # clear: a word that defaults understand
_PLAIN = (Topic.CREDITS, Topic.HISTORY, Topic.MODELS, Topic.MYDATA, Topic.FORGET, Topic.HELP)
_MENUS = {"reroll-title": Do.REROLL, "remix-title": Do.REMIX}


def add_commands(tree: app_commands.CommandTree[Any], hearing: Hearing, texts: Texts) -> None:
    """Everything that people can type and choose."""
    everywhere: dict[str, Any] = {
        "allowed_contexts": app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        "allowed_installs": app_commands.AppInstallationType(guild=True, user=True),
    }

    async def suggest(session: Session, option: str, typed: str) -> Choices:
        return await hearing.suggest(session, option, typed)

    make = Maker(texts, suggest)
    prompt = Option(name=_PROMPT, about="imagine-prompt", required=True)
    options = [prompt, *(_option(flag, "imagine") for flag in FLAGS if flag.option)]
    tree.add_command(make.command("imagine", _imagining(hearing), options, **everywhere))
    tree.add_command(_easel(make, hearing, everywhere))
    for title, do in _MENUS.items():
        menu = app_commands.ContextMenu(
            name=texts.said(title),
            callback=_pressing(hearing, do),
            type=discord.AppCommandType.message,
            **everywhere,
        )
        tree.add_command(menu)


def _easel(make: Maker, hearing: Hearing, everywhere: dict[str, Any]) -> app_commands.Group:
    name, about = make.texts.name("easel"), make.texts.about("easel")
    group = app_commands.Group(name=name, description=about, **everywhere)
    for topic in _PLAIN:
        group.add_command(make.command(topic, _asking(hearing, topic)))
    clear = Option(name=_CLEAR, about="defaults-clear", kind=bool)
    options = [*(_option(flag, "defaults") for flag in FLAGS if flag.is_default), clear]
    group.add_command(make.command(Topic.DEFAULTS, _asking(hearing, Topic.DEFAULTS), options))
    return group


def _option(flag: Flag, command: str) -> Option:
    return Option(
        name=flag.name,
        about=f"{command}-{flag.name}",
        otherwise=flag.label,
        kind=_kind_of(flag),
        suggested=flag.suggested,
    )


def _kind_of(flag: Flag) -> Any:
    match flag.kind:
        case Kind.COUNT:
            return app_commands.Range[int, 1, IMAGES_MOST]
        case Kind.SWITCH:
            return bool
        case Kind.MODEL | Kind.SHAPE | Kind.SIZE | Kind.CHOICE | Kind.NUMBER | Kind.LIST | Kind.STYLE:
            return str


# ── What each does ───────────────────────────────────────────────────────────────────────────────────


def _imagining(hearing: Hearing) -> Act:
    def act(session: Session, given: Given) -> None:
        hearing.imagine(session, given[_PROMPT], {n: v for n, v in given.items() if n != _PROMPT})

    return act


def _asking(hearing: Hearing, topic: Topic) -> Act:
    def act(session: Session, given: Given) -> None:
        values = {name: value for name, value in given.items() if name != _CLEAR}
        hearing.ask(session, topic, _CLEAR if given.get(_CLEAR) else "", values=values)

    return act


def _pressing(hearing: Hearing, do: Do) -> Any:
    async def callback(session: Session, message: discord.Message) -> None:
        hearing.choose(session, message, do)

    return callback
