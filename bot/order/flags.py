"""The one table of flags: what each is called, how its value is read, and where it is offered.

Everything that names a flag reads it here: the grammar, the orders, people's defaults, forms, options,
suggestions and the page. The order of the table is the order in forms and options.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

HYPHENS = r"\-" "\u2010\u2011\u2212\ufe63\uff0d"  # as a set of a regular expression
# Words that people type in place of a value, in every language, wherever one is typed.
YES = frozenset({"true", "yes", "on", "1", "예", "네"})
NO = frozenset({"false", "no", "off", "0", "아니요", "아니오"})
UNSET = frozenset({"clear", "default", "none", "reset", "unset", "지우기"})
# What is offered where a model takes any shape.
SHAPES = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")


class Entry(StrEnum):
    """How a platform with fields of its own asks for something."""

    PERSON = "person"
    ROLE = "role"
    CHANNEL = "channel"
    NUMBER = "number"  # a whole one, within bounds
    SWITCH = "switch"
    CHOICE = "choice"  # one of a few values
    WORDS = "words"


class FlagKind(StrEnum):
    """How a flag's value is read, and whose values can be offered for it."""

    SHAPE = "shape"  # width to height; a model with sizes only takes its nearest size
    SIZE = "size"  # one of the model's sizes, whatever the model calls them
    CHOICE = "choice"  # one of the values that the model lists
    NUMBER = "number"
    COUNT = "count"  # how many images
    LIST = "list"  # everything up to the next flag
    PICTURES = "pictures"  # the same: pictures that are given, by what they are called
    STYLE = "style"  # one of the configured styles
    MODEL = "model"  # one of the open models
    SWITCH = "switch"  # stands alone; only `=no` turns it off

    @property
    def entry(self) -> Entry:
        match self:
            case FlagKind.COUNT:
                return Entry.NUMBER
            case FlagKind.SWITCH:
                return Entry.SWITCH
            case FlagKind.MODEL | FlagKind.STYLE | FlagKind.SHAPE | FlagKind.SIZE | FlagKind.CHOICE:
                return Entry.CHOICE
            case FlagKind.LIST | FlagKind.PICTURES | FlagKind.NUMBER:  # whose bounds are the model's
                return Entry.WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that can be asked for beside the words of the picture."""

    name: str  # the field of Prompt, and the option's name on every surface
    spellings: tuple[str, ...]  # without hyphens; the first is how Easel writes it
    kind: FlagKind
    label: str  # the message id of its name
    parameters: tuple[str, ...] = ()  # what models call it
    is_default: bool = False  # whether people may keep a value of their own
    in_form: bool = False  # whether forms have a field for it
    option: bool = False  # whether slash commands have an option for it
    suggested: bool = False  # whether its values are suggested while somebody types

    @property
    def spelled(self) -> str:
        """As Easel writes it: `--ar`."""
        return f"--{self.spellings[0]}"

    @property
    def is_wish(self) -> bool:
        """Whether it asks for a parameter of the model, so that not every model takes it."""
        match self.kind:
            case FlagKind.SHAPE | FlagKind.SIZE | FlagKind.CHOICE | FlagKind.NUMBER:
                return True
            case (
                FlagKind.MODEL
                | FlagKind.STYLE
                | FlagKind.COUNT
                | FlagKind.LIST
                | FlagKind.PICTURES
                | FlagKind.SWITCH
            ):
                return False


FLAGS: tuple[Flag, ...] = (
    Flag(
        name="model", spellings=("model", "m"), kind=FlagKind.MODEL, label="label-model",
        is_default=True, in_form=True, option=True, suggested=True,
    ),
    Flag(
        name="aspect", spellings=("ar", "aspect", "aspect_ratio"), kind=FlagKind.SHAPE, label="label-shape",
        parameters=("aspect_ratio",), is_default=True, in_form=True, option=True, suggested=True,
    ),
    Flag(
        name="images", spellings=("n", "images", "number_of_images"), kind=FlagKind.COUNT, label="label-images",
        parameters=("number_of_images", "num_images", "n"), in_form=True, option=True,
    ),
    Flag(
        name="negative", spellings=("no", "negative", "negative_prompt", "neg"), kind=FlagKind.LIST,
        label="label-negative", parameters=("negative_prompt", "negative"), in_form=True, option=True,
    ),
    Flag(
        name="style", spellings=("style", "s"), kind=FlagKind.STYLE, label="label-style",
        is_default=True, in_form=True, option=True, suggested=True,
    ),
    Flag(
        name="quality", spellings=("quality", "q"), kind=FlagKind.CHOICE, label="label-quality",
        parameters=("quality",), is_default=True, in_form=True, option=True, suggested=True,
    ),
    Flag(
        name="size", spellings=("size",), kind=FlagKind.SIZE, label="label-size",
        parameters=("size", "image_size", "resolution"),
        is_default=True, in_form=True, option=True, suggested=True,
    ),
    Flag(
        name="private", spellings=("private",), kind=FlagKind.SWITCH, label="label-private",
        is_default=True, in_form=True, option=True,
    ),
    Flag(
        name="background", spellings=("background",), kind=FlagKind.CHOICE, label="label-background",
        parameters=("background",),
    ),
    Flag(name="seed", spellings=("seed",), kind=FlagKind.NUMBER, label="label-seed", parameters=("seed",)),
    Flag(name="ref", spellings=("ref", "reference"), kind=FlagKind.PICTURES, label="label-ref"),
    Flag(name="sref", spellings=("sref",), kind=FlagKind.PICTURES, label="label-sref"),
    Flag(name="oref", spellings=("oref", "cref"), kind=FlagKind.PICTURES, label="label-oref"),
    Flag(name="tell", spellings=("tell",), kind=FlagKind.SWITCH, label="label-tell", is_default=True),
    Flag(name="spoiler", spellings=("spoiler",), kind=FlagKind.SWITCH, label="label-spoiler"),
)  # fmt: skip

NAMED: Mapping[str, Flag] = MappingProxyType({flag.name: flag for flag in FLAGS})
BY_SPELLING: Mapping[str, Flag] = MappingProxyType({s: flag for flag in FLAGS for s in flag.spellings})

assert len(NAMED) == len(FLAGS), "two flags have one name"
assert len(BY_SPELLING) == sum(len(f.spellings) for f in FLAGS), "two flags have one spelling"
assert all(BY_SPELLING.get(f.name) is f for f in FLAGS), "each flag's name is one of its spellings"
assert all(flag.parameters for flag in FLAGS if flag.is_wish), "a flag that asks for a parameter names it"


def by_spelling(typed: str) -> Flag | None:
    """The flag that somebody means, in any case and with any joint: `AR`, `aspect-ratio`."""
    return BY_SPELLING.get(canonical(typed))


def canonical(name: str) -> str:
    """A flag's or parameter's name without case, and with one kind of joint."""
    plain = unicodedata.normalize("NFKC", name) if not name.isascii() else name
    return re.sub(rf"[{HYPHENS}]", "_", plain).strip("_").lower()


def spelled(name: str) -> str:
    """A flag or parameter as people type it: `aspect` -> `--ar`, `image_size` -> `--image-size`."""
    flag = NAMED.get(name)
    return flag.spelled if flag else "--" + name.replace("_", "-")


def defaults() -> tuple[str, ...]:
    """The names of which people may keep a value of their own."""
    return tuple(flag.name for flag in FLAGS if flag.is_default)


def of(*kinds: FlagKind) -> tuple[Flag, ...]:
    """The flags of some kinds, kind by kind."""
    return tuple(flag for kind in kinds for flag in FLAGS if flag.kind is kind)


def parameters(*kinds: FlagKind) -> tuple[str, ...]:
    """What models call the flags of some kinds, kind by kind."""
    return tuple(name for flag in of(*kinds) for name in flag.parameters)
