"""The table of flags."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    SHAPE = "shape"
    SWITCH = "switch"
    LIST = "list"
    MODEL = "model"
    STYLE = "style"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    name: str
    spellings: tuple[str, ...]
    kind: Kind
    label: str = ""
    is_default: bool = False
    in_form: bool = False
    suggested: bool = False
    option: bool = False

    @property
    def spelled(self) -> str:
        return f"--{self.spellings[0]}"


FLAGS: tuple[Flag, ...] = (
    Flag(
        name="model",
        spellings=("model", "m"),
        kind=Kind.MODEL,
        label="label-model",
        is_default=True,
        in_form=True,
        suggested=True,
        option=True,
    ),
    Flag(
        name="aspect",
        spellings=("ar", "aspect", "aspect_ratio"),
        kind=Kind.SHAPE,
        label="label-shape",
        is_default=True,
        in_form=True,
        suggested=True,
        option=True,
    ),
    Flag(
        name="images",
        spellings=("n", "images", "number_of_images"),
        kind=Kind.NUMBER,
        label="label-images",
        in_form=True,
        option=True,
    ),
    Flag(
        name="negative",
        spellings=("no", "negative", "negative_prompt"),
        kind=Kind.LIST,
        label="label-negative",
        in_form=True,
        option=True,
    ),
    Flag(
        name="style",
        spellings=("style", "s"),
        kind=Kind.STYLE,
        label="label-style",
        is_default=True,
        in_form=True,
        suggested=True,
        option=True,
    ),
    Flag(
        name="quality",
        spellings=("quality", "q"),
        kind=Kind.TEXT,
        label="label-quality",
        is_default=True,
        in_form=True,
        suggested=True,
        option=True,
    ),
    Flag(
        name="size",
        spellings=("size",),
        kind=Kind.TEXT,
        label="label-size",
        is_default=True,
        in_form=True,
        suggested=True,
        option=True,
    ),
    Flag(
        name="private",
        spellings=("private",),
        kind=Kind.SWITCH,
        label="label-private",
        is_default=True,
        in_form=True,
        option=True,
    ),
)
SHAPES_OFFERED = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")


def named(name: str) -> Flag:
    return next(flag for flag in FLAGS if flag.name == name)


def read_defaults(text: str) -> dict[str, str | None] | None:
    return None
