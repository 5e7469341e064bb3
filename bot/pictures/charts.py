"""A community's use as a picture: credits by day and model, and who spent them. Pure; drawn outside the event loop.

Its letters are ASCII alone, since no other font is at hand everywhere: people with other names stand there by the
number that the lines beside the picture give them.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from bot.pictures.scales import COLOURS, OTHERS, STEPS, ranked, rounded

_WIDTH, _MARGIN, _LEGEND, _COLUMNS, _BAR = 960, 28, 30, 250, 34
_PAPER, _INK, _SOFT, _LINE = "#fcf9f4", "#2b2118", "#75685b", "#e3d9cc"
_PEOPLE_MOST = 8
_COLUMN_MOST = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What one day or person used, by model."""

    label: str
    credits: Mapping[str, int]

    @property
    def total(self) -> int:
        """Of all models."""
        return sum(self.credits.values())


def usage_chart(days: Sequence[Bar], people: Sequence[Bar]) -> bytes:
    """A PNG: a column a day, the oldest first, and a bar a person, who spent most first."""
    people = people[:_PEOPLE_MOST]
    models = ranked(one.credits for one in (*days, *people))
    height = 2 * _MARGIN + _LEGEND + _COLUMNS + 40 + (len(people) * _BAR + 20 if people else 0)
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(image)
    _legend(pen, models)
    _draw_columns(pen, days, models, top=_MARGIN + _LEGEND)
    _draw_bars(pen, people, models, top=_MARGIN + _LEGEND + _COLUMNS + 50)
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _stack(bar: Bar, models: Sequence[str]) -> list[tuple[str, int]]:
    """A bar's parts with their colours, in the order of the legend."""
    own = [(COLOURS[n], bar.credits.get(model, 0)) for n, model in enumerate(models) if model != OTHERS]
    rest = bar.total - sum(amount for _, amount in own)
    return [part for part in (*own, (COLOURS[-1], rest)) if part[1] > 0]


def _legend(pen: ImageDraw.ImageDraw, models: Sequence[str]) -> None:
    left = _MARGIN
    for number, model in enumerate(models):
        colour = COLOURS[-1] if model == OTHERS else COLOURS[number]
        label = _latin(model)[:24]
        pen.rounded_rectangle((left, _MARGIN - 12, left + 14, _MARGIN + 2), 3, colour)
        pen.text((left + 20, _MARGIN - 5), label, _INK, _font(15), anchor="lm")
        left += 44 + round(pen.textlength(label, _font(15)))


def _draw_columns(pen: ImageDraw.ImageDraw, days: Sequence[Bar], models: Sequence[str], *, top: int) -> None:
    left, right, bottom = _MARGIN + 56, _WIDTH - _MARGIN, top + _COLUMNS
    most = rounded(max((day.total for day in days), default=0))
    for step in range(STEPS + 1):
        level = bottom - _COLUMNS * step // STEPS
        pen.line((left, level, right, level), _LINE)
        pen.text((left - 8, level), f"{most * step // STEPS:,}", _SOFT, _font(14), anchor="rm")
    room = (right - left) / max(1, len(days))
    thick = min(room * 0.7, _COLUMN_MOST)
    every = -(-len(days) * 58 // (right - left)) or 1
    for number, day in enumerate(days):
        middle, y = left + room * (number + 0.5), float(bottom)
        for colour, amount in _stack(day, models):
            high = _COLUMNS * amount / most
            pen.rectangle((middle - thick / 2, y - high, middle + thick / 2, y), colour)
            y -= high
        if number % every == 0:
            pen.text((middle, bottom + 14), day.label, _SOFT, _font(14), anchor="mm")


def _draw_bars(pen: ImageDraw.ImageDraw, people: Sequence[Bar], models: Sequence[str], *, top: int) -> None:
    left, room = _MARGIN + 190, _WIDTH - 2 * _MARGIN - 190 - 90
    most = max((one.total for one in people), default=0) or 1
    for number, one in enumerate(people):
        y, x = top + number * _BAR, float(left)
        name = _latin(one.label)
        label = f"#{number + 1} {name}" if name else f"#{number + 1}"
        pen.text((_MARGIN, y + 10), _cut(pen, label, 180), _INK, _font(16), anchor="lm")
        for colour, amount in _stack(one, models):
            wide = room * amount / most
            pen.rectangle((x, y, x + wide, y + 20), colour)
            x += wide
        pen.text((x + 8, y + 10), f"{one.total:,}", _SOFT, _font(15), anchor="lm")


def _latin(text: str) -> str:
    """The text, where the font has all of its letters; else nothing."""
    return text if text.isascii() and text.isprintable() else ""


def _cut(pen: ImageDraw.ImageDraw, text: str, wide: int) -> str:
    while text and pen.textlength(text, _font(16)) > wide:
        text = text[:-1]
    return text


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
