"""A command as somebody chose it: its options, its files, the line that would be typed, and the people in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import discord
from discord import app_commands

from bot.ports import Requester
from bot.talk.suggestions import MODEL, SETTING
from bot.talk.verbs import VERBS, Kind, Verb
from integrations.discord.commands import CLEAR, NAME, PROMPT, REMOVE, RENAME
from integrations.discord.people import Session, data_of, person_of

_SUB, _ATTACHMENT = 1, 11
_MENTIONS = {Kind.CHANNELS: re.compile(r"<#(\d+)>"), Kind.MODERATORS: re.compile(r"<@[&!]?(\d+)>")}
# What is suggested for a moderators' option, by its name.
SUGGESTED = {
    option.name: MODEL if option.kind is Kind.MODELS else SETTING
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


def people_in(community: str, verb: Verb, given: Mapping[str, Any]) -> dict[str, Requester]:
    """Whom the line of somebody of that community names, by their mentions."""
    named = [given[one.name] for one in verb.options if one.kind is Kind.PERSON]
    return {_mention(one): person_of(one, community) for one in named}


def _word(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    match kind:
        case Kind.PERSON:
            return _mention(value)
        case Kind.ROLE | Kind.CHANNEL:
            return str(value.id)
        case Kind.OFF:
            return "off" if value else ""
        case Kind.SWITCH:
            return "yes" if value else "no"
        case _:
            pass
    # Mentions as ids; other words stay, so that the desk can refuse them.
    mention = _MENTIONS.get(kind)
    return (mention.sub(r" \1 ", value) if mention is not None else str(value)).strip()


def _mention(person: discord.User | discord.Member) -> str:
    return f"<@{person.id}>"
