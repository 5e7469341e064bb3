"""The commands: made of the tables of flags and verbs, in every language; registered when they changed."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import structlog

from bot.order.fitting import IMAGES_MOST
from bot.order.flags import FLAGS, Entry, Flag, FlagKind
from bot.ports import Do
from bot.talk.deeds import Topic
from bot.talk.verbs import BOUNDS, OWN_VERBS, VALUES, VERBS, Option
from bot.words.words import Words
from integrations.discord._wire import DiscordFault, Rest

log = structlog.get_logger()

IMAGINE, EASEL, ADMIN = "imagine", "easel", "easel-admin"
PROMPT, CLEAR = "prompt", "clear"  # clear: a word that defaults understand
NAME, RENAME, REMOVE = "name", "rename", "remove"  # of a favourite
IMAGES = ("image", "image2", "image3", "image4")
PLAIN = (Topic.CREDITS, Topic.MODELS, Topic.MYDATA, Topic.FORGET, Topic.HELP)
MENUS = {"reroll-title": Do.REROLL, "remix-title": Do.REMIX, "discord-menu-edit": Do.EDIT}
# Languages besides English by our names, and what Discord calls them: https://discord.com/developers/docs/reference#locales
_LOCALES = {
    one.partition("-")[0]: one
    for one in (
        "bg", "cs", "da", "de", "el", "es-ES", "fi", "fr", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no",
        "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN",
    )
}  # fmt: skip
# https://discord.com/developers/docs/interactions/application-commands
_COMMAND, _MENU = 1, 3  # a command below another is a 1, too
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _ATTACHMENT = 3, 4, 5, 6, 7, 8, 11
_TYPES = {
    Entry.PERSON: _USER, Entry.ROLE: _ROLE, Entry.CHANNEL: _CHANNEL, Entry.NUMBER: _INTEGER, Entry.SWITCH: _BOOLEAN,
    Entry.CHOICE: _STRING, Entry.WORDS: _STRING,
}  # fmt: skip
assert _TYPES.keys() == set(Entry), "each way to ask has its type"
# The group of pictures, by their names alone: https://discord.com/developers/docs/reference#file-type-filtering
FILE_TYPES = ["image"]
_EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
_MANAGE_GUILD = 1 << 5
_A_PICTURE = {"type": _ATTACHMENT, "file_types": FILE_TYPES}
_SERVERS = {
    "contexts": [0],
    "integration_types": [0],
    "default_member_permissions": str(_MANAGE_GUILD),
}

# Of a command, its options and their choices; Discord adds ids and versions, and may add more.
_COMPARED = frozenset({
    "autocomplete", "channel_types", "choices", "contexts", "default_member_permissions", "description",
    "description_localizations", "file_types", "integration_types", "max_length", "max_value", "min_length", "min_value", "name",
    "name_localizations", "nsfw", "options", "required", "type", "value",
})  # fmt: skip

CommandBody = dict[str, Any]


def registered(words: Words, *, flags: Sequence[Flag] = FLAGS) -> list[CommandBody]:
    """Everything that people can type and choose."""
    make = _Maker(words)
    prompt = make.option(PROMPT, "imagine-prompt") | {"type": _STRING, "required": True}
    wishes = [make.flag(flag, IMAGINE) for flag in flags if flag.option]
    images = [make.option(one, f"imagine-{one}") | _A_PICTURE for one in IMAGES]
    clear = make.option(CLEAR, "defaults-clear") | {"type": _BOOLEAN}
    defaults = [make.flag(flag, Topic.DEFAULTS) for flag in flags if flag.is_default]
    kept = [make.option(one, f"favourites-{one}") | {"type": _STRING} for one in (NAME, RENAME)]
    remove = make.option(REMOVE, f"favourites-{REMOVE}") | {"type": _BOOLEAN}
    own = [
        *(make.command(topic, []) for topic in PLAIN),
        make.command(Topic.FAVOURITES, [*kept, remove]),
        make.command(Topic.DEFAULTS, [*defaults, clear]),
        *(
            make.command(verb.name, [make.asked(one) for one in verb.options], about=verb.text)
            for verb in OWN_VERBS
        ),
    ]
    desk = [
        make.command(verb.name, [make.asked(one) for one in verb.options], about=f"verb-{verb.name}")
        for verb in VERBS
    ]
    return [
        make.command(IMAGINE, [prompt, *wishes, *images]) | _EVERYWHERE,
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

    def said(self, field: str, key: str) -> CommandBody:
        """One of our texts as a field, and in the languages that we have besides English."""
        others = {
            theirs: self._words.say(key, ours)
            for ours, theirs in _LOCALES.items()
            if self._words.knows(key, ours)
        }
        return {field: self._words.say(key, "en"), f"{field}_localizations": others}

    def named(self, name: str) -> CommandBody:
        """A name is a contract in English, and no text of ours."""
        key = f"discord-name-{name}"
        return (self.said("name", key) if self._words.knows(key) else {}) | {"name": name}

    def command(self, name: str, options: list[CommandBody], *, about: str = "") -> CommandBody:
        """What is typed behind a slash; `about`: described by a text that is not Discord's own."""
        described = self.said("description", about or f"discord-about-{name}")
        return {"type": _COMMAND, "options": options} | self.named(name) | described

    def option(self, name: str, about: str, otherwise: str = "") -> CommandBody:
        """An option; until a flag has a description of its own, it is described by its label."""
        key = f"discord-about-{about}"
        described = otherwise if otherwise and not self._words.knows(key) else key
        return self.named(name) | self.said("description", described)

    def flag(self, flag: Flag, command: str) -> CommandBody:
        """A flag as an option of /imagine, or of one's defaults."""
        suggested = {"autocomplete": True} if flag.suggested else {}
        counts = (1, IMAGES_MOST) if flag.kind is FlagKind.COUNT else None
        made = self.option(flag.name, f"{command}-{flag.name}", flag.label)
        return made | _typed(flag.kind.entry, counts) | suggested

    def asked(self, option: Option) -> CommandBody:
        """What stands behind a moderator's verb."""
        kind = option.kind
        made = self.option(option.name, f"option-{option.name}") | _typed(kind.entry, BOUNDS.get(kind))
        if choices := VALUES.get(kind):
            made["choices"] = [
                self.said("name", f"discord-choice-{one}") | {"value": str(one)} for one in choices
            ]
        facts = {"required": option.required, "autocomplete": option.suggested}
        return made | {name: True for name, holds in facts.items() if holds}


def _typed(entry: Entry, bounds: tuple[int, int] | None) -> CommandBody:
    """What Discord takes for it; other values of a choice than those it lists are told by who reads them."""
    within = {"min_value": bounds[0], "max_value": bounds[1]} if bounds else {}
    return {"type": _TYPES[entry]} | within


def scopes_of(application: str, guilds: Sequence[str]) -> list[str]:
    """Where the commands stand: everywhere, and in some servers besides."""
    ours = f"/applications/{application}"
    return [f"{ours}/commands", *(f"{ours}/guilds/{guild}/commands" for guild in guilds)]


async def register(rest: Rest, application: str, wanted: list[dict[str, Any]], guilds: Sequence[str]) -> None:
    """Everywhere, and in some servers besides. A server that doesn't let us is only worth a warning."""
    everywhere, *somewhere = scopes_of(application, guilds)
    await _bring_up_to_date(rest, everywhere, wanted)
    for scope in somewhere:
        try:
            await _bring_up_to_date(rest, scope, wanted)
        except DiscordFault as fault:
            log.warning("the commands could not be registered in a server", scope=scope, problem=str(fault))


async def _bring_up_to_date(rest: Rest, path: str, wanted: list[dict[str, Any]]) -> None:
    # Without its localisations every start would look like a change.
    have = await rest.call("GET", f"{path}?with_localizations=true")
    if _comparable(have or []) == _comparable(wanted):
        return
    await rest.call("PUT", path, wanted)
    log.info("the commands were registered", commands=len(wanted), scope=path)


def _comparable(commands: list[dict[str, Any]]) -> list[Any]:
    """Without ids and versions, and without what says nothing: Discord leaves defaults out or fills them in."""
    return sorted((_plain({"type": 1, **one}) for one in commands), key=itemgetter("name", "type"))


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    said = {name: _value(value) for name, value in one.items() if name in _COMPARED}
    return {name: value for name, value in said.items() if value not in (None, False, {}, [], "")}


def _value(value: Any) -> Any:
    """Order doesn't matter in lists of numbers, and Discord tells permissions as text."""
    if isinstance(value, list):
        return [_plain(one) for one in value] if value and isinstance(value[0], dict) else sorted(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
