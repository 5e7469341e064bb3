"""Private answers: what one person alone is told, under what they typed."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    label: str
    value: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to do with a tile."""

    do: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a gallery."""

    message: str
    url: str
    original: str
    original_label: str
    buttons: tuple[Button, ...] = ()
    alt: str
    line: str
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A private answer. `confirm` is the label of a button that says `confirms` for the person."""

    text: str = ""
    title: str = ""
    rows: tuple[Row, ...] = ()
    tiles: tuple[Tile, ...] = ()
    lines: tuple[str, ...] = ()
    confirm: str = ""
    confirms: str = ""
    kind: str = "note"

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return asdict(self)
