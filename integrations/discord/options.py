"""A command's options as values, and the command that discord.py reads off them."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from integrations.discord.localisation import Texts

Session = discord.Interaction[Any]
Command = app_commands.Command[Any, Any, Any]
Given = Mapping[str, Any]  # every option by its name; None: left out
Act = Callable[[Session, Given], None]
Choices = list[app_commands.Choice[str]]
Suggest = Callable[
    [Session, str, str], Awaitable[Choices]
]  # the option's name, what is typed -> what it can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a command."""

    name: str
    about: str  # whose text describes it
    otherwise: str = ""  # and whose does until it has one of its own
    kind: Any = str  # as discord.py understands it
    required: bool = False
    choices: tuple[str, ...] = ()
    suggested: bool = False


class Maker:
    """Makes commands in every language; what one does comes in with it."""

    def __init__(self, texts: Texts, suggest: Suggest) -> None:
        self.texts = texts
        self._suggest = suggest

    def command(
        self, name: str, act: Act, options: Sequence[Option] = (), *, described: str = "", **where: Any
    ) -> Command:
        """`described`: by a text that is not Discord's own. `where`: contexts and installations, outside of groups."""

        async def callback(session: Session, **given: Any) -> None:
            act(session, given)

        made: Command = app_commands.Command(
            name=self.texts.name(name),
            description=self.texts.said(described) if described else self.texts.about(name),
            callback=self._worded(callback, options),
            **where,
        )
        for option in options:
            if option.suggested:
                made.autocomplete(option.name)(self._suggesting(option.name))
        return made

    def _worded(self, callback: Any, options: Sequence[Option]) -> Any:
        """The options as parameters of a function, with their names and descriptions."""
        callback.__signature__ = inspect.Signature(
            [
                _parameter("session", Session, required=True),
                *(_parameter(one.name, one.kind, required=one.required) for one in options),
            ]
        )
        texts = self.texts
        app_commands.rename(**{one.name: texts.name(one.name) for one in options})(callback)
        app_commands.describe(**{one.name: texts.about(one.about, one.otherwise) for one in options})(
            callback
        )
        chosen = {one.name: [texts.choice(value) for value in one.choices] for one in options if one.choices}
        return app_commands.choices(**chosen)(callback)

    def _suggesting(self, option: str) -> Any:
        async def suggest(session: Session, current: str) -> Choices:
            return await self._suggest(session, option, current)

        return suggest


def _parameter(name: str, kind: Any, *, required: bool) -> inspect.Parameter:
    kind, default = (kind, inspect.Parameter.empty) if required else (kind | None, None)
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
