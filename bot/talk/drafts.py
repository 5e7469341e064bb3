"""What somebody had typed when it was refused, as it is kept to be edited and tried again. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.errors import BadPrompt, NotThere
from bot.model import Source, Use, Where
from bot.order import prompts
from bot.order.flags import NAMED
from bot.order.prompts import as_flag
from bot.talk.deeds import ANEW, Asked, Begun, Deed, Filled, Held, Pressed, Reacted, Spoken, Typed

_ID_BYTES = 12  # shorter than a job's id, so that neither is taken for the other
_PROMPT = "prompt"
_NOTHING: Mapping[str, Any] = {
    "text": "", "options": {}, "pictures": [], "parent": "", "edits": False, "index": 0,
}  # fmt: skip


def draft_of(deed: Deed) -> Mapping[str, Any] | None:
    """What is kept of a deed; None of one in which nothing was typed."""
    match deed:
        case Typed(text=text) | Spoken(text=text) | Filled(text=text) if text.strip():
            begun = deed.begun if isinstance(deed, Filled) else ANEW
            return {
                "text": text,
                "options": dict(deed.options) if isinstance(deed, Typed | Filled) else {},
                "pictures": [asdict(source) for source in deed.pictures],
                "parent": begun.parent,
                "edits": begun.edits,
                "index": begun.index,
            }
        case Typed() | Spoken() | Filled() | Pressed() | Reacted() | Asked() | Held():
            return None


def id_of(deed: Deed) -> str:
    """The draft's id: the same for a deed that is told again."""
    return hashlib.blake2b(deed.key.encode(), digest_size=_ID_BYTES).hexdigest()


def typed_in(deed: Deed) -> str:
    """All that somebody typed, options as flags; empty where they typed nothing."""
    draft = draft_of(deed)
    if draft is None:
        return ""
    options = draft["options"] if isinstance(deed, Typed) else {}
    flags = [as_flag(name, value) for name, value in options.items() if name in NAMED and value.strip()]
    return " ".join([draft["text"], *flags])


def found(kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A draft as it was kept. Raises NotThere where it is gone, or another Easel's, which says it in other words."""
    draft = {**_NOTHING, **(kept or {})}
    try:
        pictures_of(draft)
    except (KeyError, TypeError, ValueError):
        kept = None
    if kept is None or any(type(draft[name]) is not type(value) for name, value in _NOTHING.items()):
        raise NotThere("draft-gone")
    return draft


def pictures_of(draft: Mapping[str, Any]) -> tuple[Source, ...]:
    """The pictures that were given with it."""
    return tuple(
        Source(where=Where(one["where"]), ref=one["ref"], use=Use(one["use"]), surface=one["surface"])
        for one in draft["pictures"]
    )


def values_of(draft: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields: flags in theirs, where they can be read; else all of it as it was typed."""
    text, options = draft["text"], draft["options"]
    try:
        asked = prompts.parse(text, {name: value for name, value in options.items() if name in NAMED})
    except BadPrompt:
        return {**options, _PROMPT: text}
    said = asked.said()
    others = {name: value for name, value in said.items() if not NAMED[name].in_form} | dict(asked.extra)
    words = " ".join([asked.subject, *(as_flag(name, value) for name, value in others.items())])
    return {**options, **{n: v for n, v in said.items() if NAMED[n].in_form}, _PROMPT: words}


def tried_again(deed: Filled, draft: Mapping[str, Any]) -> Filled:
    """The form as it was filled in, with what it began with. Flags in the text say more than fields that nobody chose."""
    try:
        named = prompts.parse(deed.text).said().keys()
    except BadPrompt:
        named = {}.keys()
    return replace(
        deed,
        options={name: value for name, value in deed.options.items() if name not in named},
        begun=Begun(parent=draft["parent"], edits=draft["edits"], index=draft["index"]),
        pictures=(*pictures_of(draft), *deed.pictures),
    )
