"""Typed text -> the words of the picture, and the flags among them in their order; pure, in linear time.

Flags are found however phones and other bots spell them: `--ar 16:9`, `--ar16:9`, `-ar 16:9`, `—ar 16:9`, `fox--ar 16:9`,
`-- ar 16:9`, full-width signs. What stands in quotation marks is lettering, and is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.order import foreign
from bot.order.flags import HYPHENS, Flag, FlagKind, by_spelling, canonical

SMART = "\u2012\u2013\u2014\u2015"  # what phones make of two hyphens
QUOTED_MOST = 300  # characters between quotation marks: a sign, no story
_MARKS = (('"', '"'), ("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"), ("«", "»"))
_BETWEEN = "|".join(rf"{a}[^{a}{b}\n]{{1,{QUOTED_MOST}}}{b}" for a, b in _MARKS)
# From the beginning of a word to the end of one: an apostrophe quotes nothing, nor do 'tis and '90s begin a quotation.
QUOTED = re.compile(
    rf"(?<![^\s(])(?:{_BETWEEN}|'(?!tis\b|twas\b|em\b|cause\b|til\b|\d0s)[^'\n]{{1,{QUOTED_MOST}}}')(?=[\s,.;:!?)]|$)",
    re.IGNORECASE,
)
_SIGN = re.compile(
    rf"(?<![{HYPHENS}{SMART}])(?P<dashes>[{HYPHENS}{SMART}]++)(?P<gap>[ \t]?)"
    rf"(?P<name>[^\W\d_]\w{{0,80}}(?:[{HYPHENS}]\w{{1,80}}){{0,8}})(?P<joint>[ \t]?[=\uff1d]|[:\uff1a]|)"
)
_GLUED = re.compile(r"(?P<name>[^\W\d_]+)\d")  # --ar16:9, --v6
_QUOTED_VALUE = re.compile(
    r"""\s* (?: "([^"\n]*+)" | “([^”\n]*+)” | '([^'\n]*+)'(?!\w) | ‘([^’\n]*+)’(?!\w) )""", re.VERBOSE
)
_BARE_VALUE = re.compile(r"\s*(\S+)")
_COMMA = re.compile(r"[ \t]*[,，、]")
_SHAPE = re.compile(r"\s*(?P<bare>[\d.]{1,8}[ \t]?[:：∶x×/][ \t]?[\d.]{1,8})(?:[,;](?=\s|$))?", re.IGNORECASE)
_NUMERIC = re.compile(r"\s*[\d.]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_CLOSING = ",;!?…。，、；！？)]"
_NUMBERS = (FlagKind.SHAPE, FlagKind.COUNT, FlagKind.NUMBER)
_GLUABLE = (*_NUMBERS, FlagKind.CHOICE, FlagKind.STYLE, FlagKind.SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagName:
    """A flag's name among the words."""

    start: int
    end: int  # where its value begins
    name: str  # as typed
    joined: bool = False

    @property
    def flag(self) -> Flag | None:
        """Ours, where it is one."""
        return by_spelling(self.name)

    @property
    def alone(self) -> bool:
        """Whether no value belongs to it."""
        row, means = foreign.BY_NAME.get(canonical(self.name)), canonical(self.name) in foreign.MEANS
        switch = self.flag is not None and self.flag.kind is FlagKind.SWITCH
        return not self.joined and (switch or means or (row is not None and row.alone))


def tidy(text: str) -> str:
    """With single spaces, and no empty lines."""
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def split(typed: str) -> tuple[str, list[tuple[str, str]]]:
    """The words of the picture, and the flags with their values."""
    words: list[str] = []
    flags: list[tuple[str, str]] = []
    position = 0
    signs = list(signs_in(typed))
    ends = [sign.start for sign in signs[1:]] + [len(typed)]
    for sign, end in zip(signs, ends, strict=False):
        if sign.start < position:  # it stands in another's value
            continue
        words.append(typed[position : sign.start])
        value, position = _value(typed, sign, end)
        flags.append((sign.name, value))
    words.append(typed[position:])
    said = " ".join(w.strip(" ") for w in words if w.strip(" "))
    return tidy(_EMPTY_BRACKETS.sub("", said) if flags else said), flags


def signs_in(typed: str) -> Iterator[FlagName]:
    """All flags of a text, in their order."""
    position = 0
    quotations = QUOTED.finditer(typed)
    quoted = next(quotations, None)
    while match := _SIGN.search(typed, position):
        while quoted is not None and quoted.end() <= match.start():
            quoted = next(quotations, None)
        if quoted is not None and quoted.start() <= match.start():
            position = quoted.end()
            continue
        sign = _sign(typed, match)
        if sign is not None:
            yield sign
        position = sign.end if sign is not None else match.end("dashes")


def _sign(typed: str, match: re.Match[str]) -> FlagName | None:
    name, end = match["name"], match.end()
    kind, known = _kind_of(name)
    if not known and (glued := _GLUED.match(name)) and _takes_glued(glued["name"]):
        name, end = glued["name"], match.start("name") + len(glued["name"])
        kind, known = _kind_of(name)
    joined = bool(match["joint"]) and end == match.end()
    if joined and kind is FlagKind.SWITCH and match["joint"] in ":\uff1a":
        joined, end = False, match.end("name")
    sign = FlagName(start=match.start(), end=end, name=name, joined=joined)
    return sign if _opens(typed, match, sign, kind, known=known) else None


def _opens(typed: str, match: re.Match[str], sign: FlagName, kind: FlagKind | None, *, known: bool) -> bool:
    """Whether what looks like a flag is one, and no prose."""
    dashes, before = match["dashes"], typed[match.start() - 1 : match.start()]
    smart = any(dash in SMART for dash in dashes)
    free = not before or before.isspace() or before in "([{"
    counts = bool(_NUMERIC.match(typed, sign.end)) and (kind in _NUMBERS or (kind is None and known))
    ended = (
        sign.joined or typed[sign.end : sign.end + 1] in ("", " ", "\n", "\t") or sign.end < match.end("name")
    )
    if match["gap"]:
        return free and not smart and len(dashes) > 1 and counts
    if free and (smart or len(dashes) > 1):
        return True
    if free:  # with one hyphen
        foreign_letter = len(sign.name) == 1 and kind is None
        return known and ended and (counts if foreign_letter else True)
    if before in "\"'“‘" or (dashes[0] not in f"{SMART}" and len(dashes) == 1):
        return False
    return counts if smart else known and (ended or typed[sign.end] in HYPHENS)


def _kind_of(name: str) -> tuple[FlagKind | None, bool]:
    """How the flag's value is read, and whether it is known at all: ours, or another bot's."""
    flag, plain = by_spelling(name), canonical(name)
    return (
        flag.kind if flag else None
    ), flag is not None or plain in foreign.BY_NAME or plain in foreign.MEANS


def _takes_glued(name: str) -> bool:
    flag, row = by_spelling(name), foreign.BY_NAME.get(canonical(name))
    return (flag is not None and flag.kind in _GLUABLE) or (row is not None and not row.alone)


def _value(typed: str, sign: FlagName, end: int) -> tuple[str, int]:
    """A flag's value, and where the text goes on; the next flag begins at `end`."""
    start = sign.end
    if sign.alone:
        return ("true" if sign.flag else ""), start
    kind = sign.flag.kind if sign.flag else None
    if kind is FlagKind.SHAPE and (shape := _SHAPE.match(typed, start)):
        return tidy(shape["bare"]).rstrip("."), shape.end()
    lists = kind in (FlagKind.LIST, FlagKind.PICTURES)
    quoted = _QUOTED_VALUE.match(typed, start)
    if quoted is not None and not (lists and _COMMA.match(typed, quoted.end())):
        return tidy(quoted[quoted.lastindex or 0]), quoted.end()
    if lists:
        return _listed(typed[start:end]), end
    bare = _BARE_VALUE.match(typed, start, end)
    return ("", end) if bare is None else (bare[1].rstrip(_CLOSING).rstrip("."), bare.end())


def _listed(text: str) -> str:
    """What stands between commas; the quotation marks around one of them are not part of it."""
    parts = [part.strip() for part in tidy(text).strip(" ,;").split(",")]
    bare = (part[1:-1] if QUOTED.fullmatch(part) else part for part in parts)
    return ", ".join(bare) if any(map(QUOTED.fullmatch, parts)) else tidy(text).strip(" ,;")
