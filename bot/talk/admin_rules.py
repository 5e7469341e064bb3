"""Rules by role and by channel as moderators type and read them: `@booster allowance:1000 models:a, b priority:fast`."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from bot.community import rules_text
from bot.errors import BadPrompt
from bot.ports import Priority
from bot.rules.rules import ChannelRule, Level, RoleRule

_UNLIMITED = 10**12  # of a price: what `any` means
_OPENNESS = {"open": True, "closed": False, "열기": True, "닫기": False}
_SHOWN_MAX = 100

# What is typed before the colon -> the part of the rule.
ROLE_PARTS: Mapping[str, str] = {
    "allowance": "allowance",
    "models": "models",
    "max_price": "max_price",
    "images": "images_max",
    "cooldown": "cooldown_s",
    "parallel": "per_requester",
    "priority": "priority",
    "free": "free_models",
    "exempt": "exempt",
}
CHANNEL_PARTS: Mapping[str, str] = {
    "models": "models",
    "styles": "styles",
    "level": "level",
    "answers": "open",
}
_LISTS = frozenset({"models", "styles", "free_models"})
_NEVER_UNSET = {"free_models": (), "exempt": False}


def parted(words: list[str], parts: Mapping[str, str]) -> tuple[str, dict[str, str] | None]:
    """The name that comes first, and what is set behind it by part; None takes all of it away. Raises BadPrompt."""
    name: list[str] = []
    given: dict[str, str] = {}
    last = ""
    for word in words:
        key, colon, value = word.partition(":")
        if colon and (known := _part(key, parts)):
            last, given[known] = known, value
        elif word.casefold() in _OPENNESS and "answers" in parts and name:
            last, given["open"] = "", word
        elif last:
            given[last] = f"{given[last]} {word}".strip()
        elif colon and key and name and not word.startswith("<"):
            raise BadPrompt("setting-part-unknown", part=key[:_SHOWN_MAX], values=", ".join(parts))
        else:
            name.append(word)
    if not given and len(name) > 1 and name[-1].casefold() in rules_text.OFF:
        return " ".join(name[:-1]), None
    return " ".join(name), given


def _part(typed: str, parts: Mapping[str, str]) -> str:
    plain = typed.casefold().replace("-", "_")
    return parts.get(plain, plain if plain in parts.values() else "")


def read(part: str, text: str) -> Any:
    """One part's value as it is kept, not yet validated; None is as everyone. Raises BadPrompt."""
    plain = text.strip()
    word = plain.casefold()
    if word in rules_text.NOTHING:
        return _NEVER_UNSET.get(part)
    if part in _LISTS:
        return [] if word in rules_text.ALL else [one.strip() for one in plain.split(",") if one.strip()]
    if part == "max_price" and word in rules_text.ALL:
        return _UNLIMITED
    reader = _READERS.get(part)
    return reader(part, word) if reader is not None else rules_text.number(part, plain)


def _among(part: str, word: str, values: list[str]) -> str:
    if word not in values:
        raise BadPrompt("setting-choice", name=part, value=word[:_SHOWN_MAX], values=", ".join(values))
    return word


def _open(_: str, word: str) -> bool:
    return _OPENNESS[_among("answers", word, list(_OPENNESS))]


# How a part is read that is no list and no plain number.
_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "open": _open,
    "priority": lambda part, word: _among(part, word, list(Priority)),
    "level": lambda part, word: _among(part, word, list(get_args(Level))),
    "exempt": rules_text.switch,
    "cooldown_s": lambda part, word: rules_text.number(part, word.removesuffix("s")),
}


def shown(rule: RoleRule | ChannelRule) -> str:
    """A rule as it would be typed."""
    parts = ROLE_PARTS if isinstance(rule, RoleRule) else CHANNEL_PARTS
    said = []
    for typed, part in parts.items():
        value = getattr(rule, part)
        if value is None or value == _NEVER_UNSET.get(part):
            continue
        said.append(("open" if value else "closed") if part == "open" else f"{typed}:{_shown(part, value)}")
    return " ".join(said)


def _shown(part: str, value: Any) -> str:
    if part in _LISTS:
        return ", ".join(value) or "all"
    if part == "max_price" and value == _UNLIMITED:
        return "any"
    return f"{value:g}" if isinstance(value, float) else rules_text.show(value)
