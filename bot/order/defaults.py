"""A typed line of defaults -> names with their values, the same on every surface.

`--model flux --ar 16:9 --private`, `model=flux`, `ar: 16:9`; None unsets: a name alone, or a word such as
`clear` for its value. Whether a value can be is not asked here: the rulebook says it.
"""

import re

from bot.errors import BadPrompt
from bot.order.flags import HYPHENS, NO, UNSET, YES, Flag, FlagKind, by_spelling, canonical, defaults

_SMART = "\u2012\u2013\u2014\u2015"  # what phones make of two hyphens
_DASHES = rf"[{HYPHENS}{_SMART}]"
# A name with what joins it to its value; the value itself may hold either joint: 16:9.
_NAME = re.compile(rf"{_DASHES}*([^\W\d_][\w{HYPHENS}]*)(?:\s*(?P<joint>[=:])\s*|\s+|$)")
_VALUE = re.compile(rf"(?!{_DASHES})(\S+)\s*")


def read_defaults(text: str) -> dict[str, str | None]:
    """The changes that a line asks for; a word such as `clear` alone unsets all. Raises BadPrompt."""
    text = text.strip()
    if text.casefold() in UNSET:
        return dict.fromkeys(defaults())
    changes: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        match = _NAME.match(text, position)
        if match is None:
            word = text[position:].split(maxsplit=1)[0]
            raise BadPrompt("setting-unknown", name=word[:40], values=", ".join(defaults()))
        flag = by_spelling(match[1])
        value, position = _value(text, match, flag)
        name = flag.name if flag else canonical(match[1])[:40]
        changes[name] = None if value.casefold() in {"", *UNSET} else value
    return changes


def _value(text: str, name: re.Match[str], flag: Flag | None) -> tuple[str, int]:
    """What stands behind a name, and where the text goes on."""
    match = _VALUE.match(text, name.end())
    value = match[1].rstrip(",;") if match else ""
    alone = flag is not None and flag.kind is FlagKind.SWITCH and not name["joint"]
    # A switch stands alone: the next word is its value only if it can be nothing else.
    if alone and value.casefold() not in YES | NO | UNSET:
        return "yes", name.end()
    return value, match.end() if match else name.end()
