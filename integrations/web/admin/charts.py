"""The operator's charts: shapes in a box of 100 by 100, which the page stretches; its labels are text beside them.

So a chart is as wide as there is room for, and its letters are as large as all others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.pictures.scales import COLOURS, OTHERS, STEPS, ranked, rounded

_GAP = 0.22  # of a column's room
_LABELS_MOST = 7  # an odd number: where there is little room, every other one stands
_WIDE_MOST = 12.0  # one column alone is no wall
_STROKE = 0.5  # half of what a point alone is drawn as


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What is stacked over one label, by name."""

    label: str
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPart:
    """A part of a column; `said` is shown to who points at it."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline:
    """A way through points; where a value is missing it is broken, and each piece is drawn."""

    colour: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartShapes:
    """Shapes, the axis from top to bottom, the labels from left to right, and whose colour is which."""

    axis: tuple[str, ...]
    labels: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]  # colour and name
    sampled: bool = False  # the labels are some of all: the first and the last stand at the ends
    blocks: tuple[ColumnPart, ...] = ()
    lines: tuple[Polyline, ...] = ()


def columns(bars: Sequence[Column], *, names: Sequence[str] = (), others: str = "") -> ChartShapes:
    """Stacked columns. Without names the most used have a colour of their own, and all others are one."""
    shown = list(names) or ranked(bar.amounts for bar in bars)
    top = rounded(max((sum(bar.amounts.values()) for bar in bars), default=0))
    room = 100 / max(1, len(bars))
    wide = min(room * (1 - _GAP), _WIDE_MOST)
    blocks: list[ColumnPart] = []
    for number, bar in enumerate(bars):
        y = 100.0
        for name, amount in _stack(bar, shown):
            height = 100 * amount / top
            y -= height
            blocks.append(
                ColumnPart(
                    x=round(room * number + (room - wide) / 2, 3),
                    y=round(y, 3),
                    width=round(wide, 3),
                    height=round(height, 3),
                    colour=_colour(shown, name),
                    said=f"{bar.label} · {_said(name, others)} · {amount:,}",
                )
            )
    return ChartShapes(
        axis=tuple(f"{top * step // STEPS:,}" for step in range(STEPS, -1, -1)),
        labels=_labels([bar.label for bar in bars]),
        sampled=len(bars) > _LABELS_MOST,
        legend=tuple((_colour(shown, name), _said(name, others)) for name in shown),
        blocks=tuple(blocks),
    )


def lines(labels: Sequence[str], values: Mapping[str, Sequence[float | None]], *, unit: str) -> ChartShapes:
    """A line for each name, over the same labels; `unit` stands behind the axis's numbers."""
    most = max((value for line in values.values() for value in line if value is not None), default=0.0)
    scale = 1 if most >= STEPS else 1000  # below some seconds the axis has thousandths
    top = rounded(most * scale) / scale
    step = 100 / max(1, len(labels))
    return ChartShapes(
        axis=tuple(f"{top * number / STEPS:,.10g} {unit}" for number in range(STEPS, -1, -1)),
        labels=_labels(labels),
        sampled=len(labels) > _LABELS_MOST,
        legend=tuple((COLOURS[number], name) for number, name in enumerate(values)),
        lines=tuple(
            Polyline(colour=COLOURS[number], pieces=_pieces(line, step, top))
            for number, line in enumerate(values.values())
        ),
    )


def _pieces(line: Sequence[float | None], step: float, top: float) -> tuple[str, ...]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(line):
        if value is None:
            pieces.append([])
            continue
        pieces[-1].append((step * (number + 0.5), 100 - 100 * value / top))
    return tuple(" ".join(f"{x:.2f},{y:.2f}" for x, y in _drawable(piece)) for piece in pieces if piece)


def _drawable(piece: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A point alone would not be seen: it is a short stroke."""
    if len(piece) > 1:
        return piece
    ((x, y),) = piece
    return [(x - _STROKE, y), (x + _STROKE, y)]


def _stack(bar: Column, names: Sequence[str]) -> list[tuple[str, int]]:
    own = [(name, bar.amounts.get(name, 0)) for name in names if name != OTHERS]
    rest = sum(bar.amounts.values()) - sum(amount for _, amount in own)
    return [(name, amount) for name, amount in (*own, (OTHERS, rest)) if amount > 0]


def _colour(names: Sequence[str], name: str) -> str:
    return COLOURS[-1] if name == OTHERS else COLOURS[names.index(name)]


def _said(name: str, others: str) -> str:
    return others if name == OTHERS else name


def _labels(every: Sequence[str]) -> tuple[str, ...]:
    """Some of them at equal distances: more would not fit on a phone."""
    if len(every) <= _LABELS_MOST:
        return tuple(every)
    return tuple(every[round(n * (len(every) - 1) / (_LABELS_MOST - 1))] for n in range(_LABELS_MOST))
