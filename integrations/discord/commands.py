"""The commands as Discord registers them, pure: out of the tables of flags and verbs, in every language."""

from collections.abc import Sequence
from typing import Any

from bot.order.fitting import IMAGES_MOST
from bot.order.flags import FLAGS, Flag, Kind
from bot.ports import Do
from bot.talk import verbs
from bot.talk.deeds import Topic
from bot.talk.verbs import CREDITS_MAX, USAGE_DAYS_MAX, VERBS
from bot.words import Words

IMAGINE, EASEL, ADMIN = "imagine", "easel", "easel-admin"
PROMPT, CLEAR = "prompt", "clear"  # clear: a word that defaults understand
PLAIN = (Topic.CREDITS, Topic.HISTORY, Topic.MODELS, Topic.MYDATA, Topic.FORGET, Topic.HELP)
MENUS = {"reroll-title": Do.REROLL, "remix-title": Do.REMIX}
_LANGUAGES = ("ko",)  # besides English, as Discord calls them and as we do
_PERIODS = ("day", "week", "month")
# https://discord.com/developers/docs/interactions/application-commands
_COMMAND, _MENU = 1, 3  # a command below another is a 1, too
_STRING, _INTEGER, _BOOLEAN, _USER = 3, 4, 5, 6
_EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
_MANAGE_GUILD = 1 << 5
_SERVERS = {
    "contexts": [0],
    "integration_types": [0],
    "default_member_permissions": str(_MANAGE_GUILD),
}

Body = dict[str, Any]


def registered(words: Words, *, flags: Sequence[Flag] = FLAGS) -> list[Body]:
    """Everything that people can type and choose."""
    make = _Maker(words)
    prompt = make.option(PROMPT, "imagine-prompt") | {"type": _STRING, "required": True}
    wishes = [make.flag(flag, IMAGINE) for flag in flags if flag.option]
    clear = make.option(CLEAR, "defaults-clear") | {"type": _BOOLEAN}
    defaults = [make.flag(flag, Topic.DEFAULTS) for flag in flags if flag.is_default]
    own = [*(make.command(topic, []) for topic in PLAIN), make.command(Topic.DEFAULTS, [*defaults, clear])]
    desk = [
        make.command(verb.name, [make.asked(one) for one in verb.options], about=f"verb-{verb.name}")
        for verb in VERBS
    ]
    return [
        make.command(IMAGINE, [prompt, *wishes]) | _EVERYWHERE,
        make.command(EASEL, own) | _EVERYWHERE,
        make.command(ADMIN, desk) | _SERVERS,
        *({"type": _MENU} | make.said("name", title) | _EVERYWHERE for title in MENUS),
    ]


def menus(words: Words) -> dict[str, Do]:
    """What a message's menu does, by the name that it is registered under."""
    return {words.say(title, "en"): do for title, do in MENUS.items()}


class _Maker:
    """Says names and descriptions in all languages."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def said(self, field: str, key: str) -> Body:
        """One of our texts as a field, and in the languages that we have besides English."""
        others = {one: self._words.say(key, one) for one in _LANGUAGES if self._words.knows(key, one)}
        return {field: self._words.say(key, "en"), f"{field}_localizations": others}

    def named(self, name: str) -> Body:
        """A name is a contract in English, and no text of ours."""
        key = f"discord-name-{name}"
        return (self.said("name", key) if self._words.knows(key) else {}) | {"name": name}

    def command(self, name: str, options: list[Body], *, about: str = "") -> Body:
        """What is typed behind a slash; `about`: described by a text that is not Discord's own."""
        described = self.said("description", about or f"discord-about-{name}")
        return {"type": _COMMAND, "options": options} | self.named(name) | described

    def option(self, name: str, about: str, otherwise: str = "") -> Body:
        """An option; until a flag has a description of its own, it is described by its label."""
        key = f"discord-about-{about}"
        described = otherwise if otherwise and not self._words.knows(key) else key
        return self.named(name) | self.said("description", described)

    def flag(self, flag: Flag, command: str) -> Body:
        """A flag as an option of /imagine, or of one's defaults."""
        suggested = {"autocomplete": True} if flag.suggested else {}
        return self.option(flag.name, f"{command}-{flag.name}", flag.label) | _of_flag(flag.kind) | suggested

    def asked(self, option: verbs.Option) -> Body:
        """What stands behind a moderator's verb."""
        made = self.option(option.name, f"option-{option.name}") | _of_verb(option.kind)
        if option.kind is verbs.Kind.PERIOD:
            made["choices"] = [
                self.said("name", f"discord-choice-{one}") | {"value": one} for one in _PERIODS
            ]
        facts = {"required": option.required, "autocomplete": option.suggested}
        return made | {name: True for name, holds in facts.items() if holds}


def _of_flag(kind: Kind) -> Body:
    match kind:
        case Kind.COUNT:
            return _whole(1, IMAGES_MOST)
        case Kind.SWITCH:
            return {"type": _BOOLEAN}
        case (
            Kind.MODEL
            | Kind.SHAPE
            | Kind.SIZE
            | Kind.CHOICE
            | Kind.NUMBER
            | Kind.LIST
            | Kind.PICTURES
            | Kind.STYLE
        ):
            return {"type": _STRING}


def _of_verb(kind: verbs.Kind) -> Body:
    match kind:
        case verbs.Kind.PERSON:
            return {"type": _USER}
        case verbs.Kind.CREDITS:
            return _whole(1, CREDITS_MAX)
        case verbs.Kind.QUOTA:
            return _whole(0, CREDITS_MAX)
        case verbs.Kind.DAYS:
            return _whole(1, USAGE_DAYS_MAX)
        case (
            verbs.Kind.TEXT
            | verbs.Kind.JOB
            | verbs.Kind.SPAN
            | verbs.Kind.PERIOD
            | verbs.Kind.VALUE
            | verbs.Kind.CHANNELS
            | verbs.Kind.MODELS
            | verbs.Kind.SETTING
        ):
            return {"type": _STRING}


def _whole(least: int, most: int) -> Body:
    return {"type": _INTEGER, "min_value": least, "max_value": most}
