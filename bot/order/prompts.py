"""What a person typed -> Prompt: the words of the picture and its flags, read in linear time.

One grammar on every surface. Explicit options of a surface are read as flags behind the text, so they
win (the last of several wins), and `typed` holds everything that Remix needs. Flags that only some
models know stay in `extra`: the catalog decides.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from bot.errors import BadPrompt
from bot.model import Order
from bot.order.flags import FLAGS, NAMED, NO, SHAPES, YES, Flag, FlagKind, by_spelling, canonical
from bot.order.foreign import MEANS, NUMBER
from bot.order.grammar import QUOTED, signs_in, split, tidy
from bot.order.negatives import parted, prompt_alone_in, settings_in

PROMPT_LIMIT = 4_000  # characters, flags included
SEED_LIMIT = 2**32 - 1
NAMED_SHAPES: Mapping[str, str] = {"square": "1:1", "landscape": "16:9", "portrait": "9:16"}

_COMMAND = re.compile(r"(?<!\s)\s*/imagine(?:\s+prompt:|(?=\s|$))", re.IGNORECASE)
_ASPECT = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*[:∶x×/]\s*(\d{1,5}(?:\.\d{1,4})?)", re.IGNORECASE)
_RATIO = re.compile(r"\d\.\d{1,4}")
_NAME = re.compile(r"[^\W\d_][\w-]*")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_QUOTES = frozenset("\"'“‘")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a person typed, parsed. None: not said, so that defaults may speak."""

    subject: str
    negative: str | None = None
    model: str | None = None
    aspect: str | None = None  # as "16:9"
    images: int | None = None
    style: str | None = None
    quality: str | None = None
    size: str | None = None
    background: str | None = None
    seed: int | None = None
    ref: str | None = None  # pictures that are given, as people call them, with commas
    sref: str | None = None
    oref: str | None = None
    private: bool | None = None
    tell: bool | None = None
    spoiler: bool | None = None
    extra: Mapping[str, str] = field(default_factory=dict)  # other flags, spelled as typed -> value
    typed: str = ""  # text and options in one: parsing it again gives this prompt again

    def said(self) -> dict[str, str]:
        """The flags that were said, by name in the table's order, as a surface's options would say them."""
        values = {flag.name: getattr(self, flag.name) for flag in FLAGS}
        return {name: _text(value) for name, value in values.items() if value is not None}


assert {f.name for f in fields(Prompt)} == {"subject", "extra", "typed"} | {f.name for f in FLAGS}, (
    "each flag is a field of Prompt and a row of the table of flags"
)


def parse(text: str, options: Mapping[str, str] = _NOTHING) -> Prompt:
    """Reads a prompt with its flags; `options` are explicit and win. Raises BadPrompt."""
    typed = _typed(text, options)
    words, flags = split(typed)
    if not words:
        raise BadPrompt("prompt-empty")
    own: dict[str, tuple[Flag, str]] = {}
    extra: dict[str, str] = {}
    for name, value in map(_as_ours, flags):
        if flag := by_spelling(name):
            # The last of several wins, so that only it is read; what is a list goes on.
            own[flag.name] = (
                flag,
                _joined(own, flag, value) if flag.kind in (FlagKind.PICTURES, FlagKind.LIST) else value,
            )
        else:
            extra[name] = value
    known: dict[str, str | int | bool] = {name: _read(flag, value) for name, (flag, value) in own.items()}
    return Prompt(subject=words, extra=MappingProxyType(extra), typed=typed, **known)  # type: ignore[arg-type]  # _read gives each field its type; a test proves it


def _as_ours(flag: tuple[str, str]) -> tuple[str, str]:
    """What other bots' people call one of our flags."""
    name, value = flag
    if canonical(name) == "s" and NUMBER.fullmatch(value):  # how freely Midjourney paints, and no style
        return "stylize", value
    return flag if value else MEANS.get(canonical(name), flag)


def _joined(own: Mapping[str, tuple[Flag, str]], flag: Flag, value: str) -> str:
    before = own[flag.name][1] if flag.name in own else ""
    return ", ".join(part for part in (before, value) if part)


def aspect_of(value: str) -> str | None:
    """`16x9`, `16/9`, `1920x1080`, `1.78`, `landscape` -> `16:9` or the like; None when it is no shape."""
    word = unicodedata.normalize("NFKC", value).strip(" .,;!)").lower()
    if _RATIO.fullmatch(word):
        word = f"{word}:1"
    match = _ASPECT.fullmatch(NAMED_SHAPES.get(word, word))
    if match is None or not (float(match[1]) and float(match[2])):
        return None
    if "." in match[0]:  # 19.5:9 is a name as well
        return f"{float(match[1]):g}:{float(match[2]):g}"
    width, height = int(match[1]), int(match[2])
    # Pixels are reduced; 21:9 is a name and stays as it is.
    divisor = math.gcd(width, height) if max(width, height) >= 100 else 1  # noqa: PLR2004  # three digits are pixels
    return f"{width // divisor}:{height // divisor}"


def _typed(text: str, options: Mapping[str, str]) -> str:
    """The whole order as one text: the cleaned words, then the options as flags."""
    if len(text) > PROMPT_LIMIT:
        raise BadPrompt("prompt-too-long", limit=PROMPT_LIMIT, length=len(text))
    words = _as_flags(_unwrapped(tidy(_COMMAND.sub("", _clean(text), count=1))))
    # A quote that the words leave open ends with its line, so it can't swallow the options.
    joint = "\n" if options and not _QUOTES.isdisjoint(words) else " "
    typed = joint.join([words, " ".join(as_flag(n, v) for n, v in options.items() if v.strip())]).strip()
    if len(typed) > PROMPT_LIMIT:
        raise BadPrompt("prompt-too-long", limit=PROMPT_LIMIT, length=len(typed))
    return typed


def _as_flags(words: str) -> str:
    """What other programs write behind the words, written as flags: a negative list, and the settings copied with it."""
    said, avoided = parted(words)
    if (alone := prompt_alone_in(said)) is not None:
        said = _as_flags(tidy(_clean(alone)))
    said, settings = settings_in(said)
    flags = {"negative": avoided, **settings} if avoided else settings
    return "\n".join(filter(None, [said, " ".join(as_flag(name, value) for name, value in flags.items())]))


def _unwrapped(words: str) -> str:
    """Flags in an order that stands in quotation marks as a whole are no lettering."""
    whole = QUOTED.fullmatch(words) is not None and any(signs_in(words[1:-1]))
    return words[1:-1].strip() if whole else words


def as_flag(name: str, value: str) -> str:
    """A flag with its value, typed so that it is read again as it is. Raises BadPrompt."""
    if not _NAME.fullmatch(name):
        raise BadPrompt("flag-unknown", flag=name[:40], nearest="")
    plain = tidy(_clean(value)).replace('"', "'").replace("\n", " ")
    simple = re.fullmatch(r"[\w.:/+]+", plain)
    flag = by_spelling(name)
    if flag is not None and flag.kind is FlagKind.SWITCH:
        return f"{flag.spelled}={plain}"
    return " ".join([flag.spelled if flag else f"--{name}", plain if simple else f'"{plain}"'])


def _text(value: str | int | bool) -> str:  # noqa: FBT001  # a field's value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _clean(text: str) -> str:
    """Without control characters, lone surrogates and marks that turn the writing direction."""
    return "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
        if c in "\n\t" or (c not in _BIDI and unicodedata.category(c) not in {"Cc", "Cs"})
    )


def _read(flag: Flag, value: str) -> str | int | bool:
    """A flag's value as its field wants it."""
    if flag.kind is FlagKind.SWITCH:
        return _switch(flag, value)
    if not value:
        raise BadPrompt("flag-needs-value", flag=flag.spelled)
    match flag.kind:
        case FlagKind.COUNT:
            return _number(flag, value, "1, 2, 3, 4", limit=99)
        case FlagKind.NUMBER:
            return _number(flag, value, f"0 … {SEED_LIMIT}", limit=SEED_LIMIT)
        case FlagKind.SHAPE:
            return _shape(flag, value)
        case (
            FlagKind.MODEL
            | FlagKind.STYLE
            | FlagKind.SIZE
            | FlagKind.CHOICE
            | FlagKind.LIST
            | FlagKind.PICTURES
        ):
            return value


def _switch(flag: Flag, value: str) -> bool:
    word = value.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadPrompt("flag-value", flag=flag.spelled, value=value[:40], values="yes, no", nearest="yes")


def _number(flag: Flag, value: str, values: str, *, limit: int) -> int:
    if value.isdecimal() and len(value) <= len(str(limit)) and int(value) <= limit:
        return int(value)
    raise BadPrompt("flag-value", flag=flag.spelled, value=value[:40], values=values, nearest="")


def _shape(flag: Flag, value: str) -> str:
    shape = aspect_of(value)
    if shape is None:
        values = ", ".join(SHAPES[:4])
        raise BadPrompt("flag-value", flag=flag.spelled, value=value[:40], values=values, nearest="")
    return shape


def wishes(order: Order) -> dict[str, str]:
    """What was asked for, field by field: where a form for Remix starts. `prompt` keeps the other flags."""
    asked = parse(order.typed)
    said = asked.said() | {"model": order.model, "private": "yes" if order.private else ""}
    fields = {name: value for name, value in said.items() if NAMED[name].in_form and value}
    others = {name: value for name, value in said.items() if not NAMED[name].in_form} | dict(asked.extra)
    return {
        "prompt": " ".join([asked.subject, *(as_flag(name, value) for name, value in others.items())]),
        **fields,
    }
