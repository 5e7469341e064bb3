"""A command as somebody chose it: its options and files, and the deed that it is, with the line that would be typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import discord
from discord import app_commands

from bot.model import Source
from bot.order.flags import Entry
from bot.ports import Requester
from bot.talk.deeds import Asked, Topic, Typed, topic_of
from bot.talk.suggestions import MODEL, SETTING
from bot.talk.verbs import BY_WORD, OWN_BY_WORD, VERBS, OptionKind, Verb
from integrations.discord.commands import ADMIN, CLEAR, EASEL, IMAGINE, NAME, PROMPT, REMOVE, RENAME
from integrations.discord.people import Session, data_of, person_of
from integrations.discord.replies import Caller

_SUB, _ATTACHMENT = 1, 11
_MENTIONS = {
    OptionKind.CHANNELS: re.compile(r"<#(\d+)>"),
    OptionKind.MODERATORS: re.compile(r"<@[&!]?(\d+)>"),
}
# What is suggested for a moderators' option, by its name.
SUGGESTED = {
    option.name: MODEL if option.kind is OptionKind.MODELS else SETTING
    for verb in VERBS
    for option in verb.options
    if option.suggested
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A command, the one below it, and its options by their names."""

    name: str
    below: str
    given: Mapping[str, Any]
    focused: str = ""  # what is being typed
    target: str = ""  # the message whose menu it stands in
    message: Mapping[str, Any] = field(default_factory=dict)  # the same, as it stands there
    files: Sequence[Mapping[str, Any]] = ()  # in the order of their options


def chosen_of(session: Session) -> Chosen:
    """What Discord tells of a command. People come as Discord's own."""
    data = data_of(session)
    options, below = data.get("options") or [], ""
    if options and options[0]["type"] == _SUB:
        below, options = options[0]["name"], options[0].get("options") or []
    resolved: Any = data.get("resolved") or {}
    files = sorted((one for one in options if one["type"] == _ATTACHMENT), key=itemgetter("name"))
    others = [one for one in options if one["type"] != _ATTACHMENT]
    given = dict(iter(app_commands.Namespace(session, resolved, others)))
    focused = next((one["name"] for one in options if one.get("focused")), "")
    target = str(data.get("target_id") or "")
    return Chosen(
        name=data["name"],
        below=below,
        given=given,
        focused=focused,
        target=target,
        message=(resolved.get("messages") or {}).get(target) or {},
        files=files_of(resolved, [one["value"] for one in files]),
    )


def deed_of(caller: Caller, chosen: Chosen, pictures: tuple[Source, ...]) -> Typed | Asked | None:
    """What a command means; None for a message's menu, and for one of another version."""
    given, topic, verb = chosen.given, topic_of(chosen.below), BY_WORD.get(chosen.below)
    if chosen.name == IMAGINE:
        return Typed(**caller.origin, text=given[PROMPT], options=as_text(given), pictures=pictures)
    if chosen.name == EASEL and topic is not None:
        return _own(caller, topic, given)
    if chosen.name == ADMIN and verb is not None:
        line, people = line_of(verb, given), _people_in(caller.who.community, verb, given)
        return Asked(**caller.origin, topic=Topic.ADMIN, text=line, people=people)
    return None


def _own(caller: Caller, topic: Topic, given: Mapping[str, Any]) -> Asked:
    """A question about one's own things, as it would be typed."""
    if verb := OWN_BY_WORD.get(topic):
        line, people = line_of(verb, given), _people_in(caller.who.community, verb, given)
        return Asked(**caller.origin, topic=topic, text=line.removeprefix(verb.name).strip(), people=people)
    if topic is Topic.FAVOURITES:
        return Asked(**caller.origin, topic=topic, text=favourites_line(given))
    return Asked(**caller.origin, topic=topic, text=CLEAR if given.get(CLEAR) else "", values=as_text(given))


def files_of(resolved: Mapping[str, Any], ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The files that an interaction tells of by their ids."""
    known: Mapping[str, Mapping[str, Any]] = resolved.get("attachments") or {}
    return [known[one] for one in ids if one in known]


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as the one grammar reads them; what was not given is left out, and what is none of its flags."""
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in options.items()
        if value not in (None, "") and name not in (PROMPT, CLEAR)
    }


def favourites_line(given: Mapping[str, Any]) -> str:
    """What somebody would type to change one."""
    name, new = given.get(NAME) or "", given.get(RENAME) or ""
    if given.get(REMOVE):
        return f"remove {name}"
    return f"rename {name} to {new}" if new else ""


def line_of(verb: Verb, given: Mapping[str, Any]) -> str:
    """What a moderator would type."""
    return verb.line({one.name: _word(one.kind, given.get(one.name)) for one in verb.options})


def _people_in(community: str, verb: Verb, given: Mapping[str, Any]) -> dict[str, Requester]:
    """Whom the line of somebody of that community names, by their mentions."""
    named = [given[one.name] for one in verb.options if one.kind is OptionKind.PERSON]
    return {_mention(one): person_of(one, community) for one in named}


def _word(kind: OptionKind, value: Any) -> str:
    if value is None:
        return ""
    match kind.entry:
        case Entry.PERSON:
            return _mention(value)
        case Entry.ROLE | Entry.CHANNEL:
            return str(value.id)
        case Entry.SWITCH if kind is OptionKind.OFF:
            return "off" if value else ""
        case Entry.SWITCH:
            return "yes" if value else "no"
        case Entry.NUMBER | Entry.CHOICE | Entry.WORDS:
            # Mentions as ids; other words stay, so that the desk can refuse them.
            mentions = _MENTIONS.get(kind)
            return (mentions.sub(r" \1 ", value) if mentions else str(value)).strip()


def _mention(person: discord.User | discord.Member) -> str:
    return f"<@{person.id}>"
