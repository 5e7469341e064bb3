"""What people type: /imagine, /easel and the menus of messages -> the Studio."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.job import Job
from bot.order.fitting import tail
from bot.talk import reports
from integrations.discord import suggestions
from integrations.discord._room import Caller, Room
from integrations.discord._text import cut, harmless_lines, plain
from integrations.discord.cards import custom_id
from integrations.discord.controls import FORGET, SHOW, Controls
from integrations.discord.localisation import Texts

_MOVEMENTS = 8
_HISTORY = 10
_COLOUR = 0x5865F2
_OPTIONS = ("model", "aspect", "images", "style", "quality", "size", "negative", "private")
_SUGGESTED = ("model", "aspect", "style", "quality", "size")
_DEFAULTS = ("model", "aspect", "style", "quality", "size", "private")

Decorator = Callable[[Any], Any]
Session = discord.Interaction[Any]


class Commands:
    """The handlers; `add_commands` hangs them into discord.py's tree."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._studio = room.tools.studio

    async def imagine(self, interaction: Session, prompt: str, options: Mapping[str, Any]) -> None:
        """/imagine: the first response is the placeholder, made by the delivery."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            await self._room.draw(caller, prompt, options=as_text(options))

    # ── One's own things ─────────────────────────────────────────────────────────────────────────────

    async def credits(self, interaction: Session) -> None:
        """/easel credits."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller, slow=True):
            purse = await self._studio.credits(caller.who, movements=_MOVEMENTS)
            await self._lines(
                caller, reports.credits_lines(purse, self._room.tools.words, caller.who.language)
            )

    async def models(self, interaction: Session) -> None:
        """/easel models."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller, slow=True):
            offers = await self._studio.models(caller.who)
            lines = reports.models_lines(offers, self._room.tools.words, caller.who.language)
            await self._lines(caller, lines, title="models-title")

    async def history(self, interaction: Session) -> None:
        """/easel history: the last pictures, and a list to see one of them again."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller, slow=True):
            jobs = await self._studio.history(caller.who, limit=_HISTORY)
            lines = reports.history_lines(jobs, self._room.tools.words, caller.who.language)
            if not jobs:
                await self._lines(caller, lines)
                return
            embed = {
                "color": _COLOUR,
                "title": self._room.say(caller, "history-title"),
                "description": harmless_lines(lines),
            }
            rows = [{"type": 1, "components": [self._picker(caller, jobs)]}]
            await self._room.tell_body(caller, {"embeds": [embed], "components": rows})

    def _picker(self, caller: Caller, jobs: list[Job]) -> dict[str, Any]:
        options = [
            {
                "label": cut(plain(job.order.subject), 100) or "·",
                "value": job.id,
                "description": cut(tail(job.order.model), 100),
            }
            for job in jobs
        ]
        return {
            "type": 3,
            "custom_id": custom_id(SHOW, "history"),
            "placeholder": self._room.say(caller, "discord-show"),
            "options": options,
        }

    async def help(self, interaction: Session) -> None:
        """/easel help."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            await self._lines(caller, self._room.say(caller, "help-text").splitlines())

    async def defaults(self, interaction: Session, values: Mapping[str, Any], *, clear: bool) -> None:
        """/easel defaults: shows, sets or clears one's own."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller, slow=True):
            if clear:
                before = await self._studio.defaults(caller.who)
                await self._studio.set_defaults(caller.who, dict.fromkeys(before))
                await self._room.tell(caller, self._room.say(caller, "defaults-cleared"))
                return
            given = as_text(values)
            if given:
                await self._studio.set_defaults(caller.who, given)
            now = await self._studio.defaults(caller.who)
            lines = [self._room.say(caller, "defaults-line", name=n, value=v) for n, v in now.items()]
            title = "defaults-saved" if given else "defaults-title"
            await self._lines(caller, lines or [self._room.say(caller, "defaults-none")], title=title)

    async def forget(self, interaction: Session) -> None:
        """/easel forget asks first."""
        caller = self._room.caller(interaction)
        async with self._room.answering(caller):
            embed = {"color": 0xD83C3E, "description": self._room.say(caller, "forget-ask")}
            button = {
                "type": 2,
                "style": 4,
                "label": self._room.say(caller, "forget-button"),
                "custom_id": custom_id(FORGET, "me"),
            }
            rows = [{"type": 1, "components": [button]}]
            await self._room.tell_body(caller, {"embeds": [embed], "components": rows})

    async def _lines(self, caller: Caller, lines: list[str], *, title: str = "") -> None:
        await self._room.tell(caller, "\n".join(lines), title=self._room.say(caller, title) if title else "")

    # ── Autocompletion ───────────────────────────────────────────────────────────────────────────────

    async def suggest(self, interaction: Session, option: str, typed: str) -> list[app_commands.Choice[str]]:
        """What an option can be, from memory; nothing rather than an error."""
        caller = self._room.caller(interaction)
        rules = await self._room.rules(caller.who)
        offers = self._studio.offers(caller.who, rules)
        if option == "model":
            price = self._room.say(caller, "discord-price", credits="{credits}")
            found = suggestions.models(offers, typed, price)
        else:
            chosen = str(getattr(interaction.namespace, "model", None) or rules.default_model)
            styles = [s for s in self._studio.catalog.styles if not rules.styles or s in rules.styles]
            found = suggestions.values(offers, option, chosen, typed, styles)
        return [app_commands.Choice(name=shown, value=value) for shown, value in found]


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as the one grammar reads them; what was not given is left out."""
    given = {name: value for name, value in options.items() if value not in (None, "")}
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


# ── discord.py's tree ────────────────────────────────────────────────────────────────────────────────


def worded(texts: Texts, command: str, *parameters: str) -> Decorator:
    """Names and descriptions of a command's options, in every language."""
    describe = app_commands.describe(**{one: texts.about(f"{command}-{one}") for one in parameters})
    rename = app_commands.rename(**{one: texts.name(one) for one in parameters})
    return lambda callback: describe(rename(callback))


def add_commands(
    tree: app_commands.CommandTree[Any], commands: Commands, controls: Controls, texts: Texts
) -> None:
    """/imagine, /easel and the menus, everywhere where people talk."""
    everywhere = (
        app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        app_commands.AppInstallationType(guild=True, user=True),
    )
    imagine = _imagine(commands, texts, everywhere)
    for option in _SUGGESTED:
        imagine.autocomplete(option)(_suggesting(commands, option))
    tree.add_command(imagine)
    tree.add_command(_easel(commands, texts, everywhere))
    for menu in (_menu(controls.reroll_menu, texts, "reroll-title", everywhere), _menu(controls.remix_menu, texts, "remix-title", everywhere)):  # fmt: skip
        tree.add_command(menu)


Everywhere = tuple[app_commands.AppCommandContext, app_commands.AppInstallationType]


def _imagine(commands: Commands, texts: Texts, where: Everywhere) -> app_commands.Command[Any, Any, Any]:
    @worded(texts, "imagine", "prompt", *_OPTIONS)
    async def imagine(  # noqa: PLR0913, PLR0917 - Discord's options are the parameters
        interaction: Session,
        prompt: str,
        model: str | None = None,
        aspect: str | None = None,
        images: app_commands.Range[int, 1, 4] | None = None,
        style: str | None = None,
        quality: str | None = None,
        size: str | None = None,
        negative: str | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
    ) -> None:
        values = (model, aspect, images, style, quality, size, negative, private)
        await commands.imagine(interaction, prompt, dict(zip(_OPTIONS, values, strict=True)))

    return app_commands.Command(
        name=texts.name("imagine"),
        description=texts.about("imagine"),
        callback=imagine,
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )


def _easel(commands: Commands, texts: Texts, where: Everywhere) -> app_commands.Group:
    group = app_commands.Group(
        name=texts.name("easel"),
        description=texts.about("easel"),
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )
    plain_ones: dict[str, Callable[[Session], Awaitable[None]]] = {
        "credits": commands.credits,
        "history": commands.history,
        "models": commands.models,
        "forget": commands.forget,
        "help": commands.help,
    }
    for name, act in plain_ones.items():
        group.add_command(
            app_commands.Command(name=texts.name(name), description=texts.about(name), callback=_bare(act))
        )
    group.add_command(_defaults(commands, texts))
    return group


def _defaults(commands: Commands, texts: Texts) -> app_commands.Command[Any, Any, Any]:
    @worded(texts, "defaults", *_DEFAULTS, "clear")
    async def defaults(
        interaction: Session,
        model: str | None = None,
        aspect: str | None = None,
        style: str | None = None,
        quality: str | None = None,
        size: str | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
        clear: bool = False,  # noqa: FBT001, FBT002 - an option
    ) -> None:
        values = (model, aspect, style, quality, size, private)
        await commands.defaults(interaction, dict(zip(_DEFAULTS, values, strict=True)), clear=clear)

    command: app_commands.Command[Any, Any, Any] = app_commands.Command(
        name=texts.name("defaults"), description=texts.about("defaults"), callback=defaults
    )
    for option in _SUGGESTED:
        command.autocomplete(option)(_suggesting(commands, option))
    return command


def _bare(act: Callable[[Session], Awaitable[None]]) -> Callable[[Session], Any]:
    """discord.py takes functions, no methods."""

    async def callback(interaction: Session) -> None:
        await act(interaction)

    return callback


def _suggesting(commands: Commands, option: str) -> Any:
    async def suggest(interaction: Session, current: str) -> list[app_commands.Choice[str]]:
        return await commands.suggest(interaction, option, current)

    return suggest


def _menu(
    act: Callable[[Session, discord.Message], Awaitable[None]], texts: Texts, name: str, where: Everywhere
) -> app_commands.ContextMenu:
    async def callback(interaction: Session, message: discord.Message) -> None:
        await act(interaction, message)

    return app_commands.ContextMenu(
        name=texts.menu(name),
        callback=callback,
        type=discord.AppCommandType.message,
        allowed_contexts=where[0],
        allowed_installs=where[1],
    )
