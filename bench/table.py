"""The one table: what was measured, as values, as markdown and as JSON, and what a change did to it."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.goals import GOALS, Goal

_HEAD = ("what", "unit", "ours", "peer or limit", "theirs", "ratio", "target", "", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one row measured, in the row's unit. `theirs` is left out where the goal has a limit."""

    ours: float
    theirs: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A goal with its figure; None where its bench failed or ran out of time."""

    goal: Goal
    figure: Figure | None

    @property
    def theirs(self) -> float:
        assert self.figure is not None
        if self.goal.limit is not None:
            return self.goal.limit
        assert self.figure.theirs is not None, self.goal.name
        return self.figure.theirs

    @property
    def ratio(self) -> float | None:
        if self.figure is None or not self.theirs:
            return None
        return self.figure.ours / self.theirs

    @property
    def is_met(self) -> bool:
        if self.figure is None:
            return False
        return self.goal.is_met(self.figure.ours, self.theirs) or (self.figure.ours <= self.theirs == 0)

    @property
    def is_missed(self) -> bool:
        """A peer that nobody has to have is not missed."""
        return not self.is_met and not (self.figure is None and self.goal.optional)

    @property
    def cells(self) -> tuple[str, ...]:
        goal = self.goal
        target = f"{'≥' if goal.more else '≤'} {number(goal.ratio)}"
        if self.figure is None:
            verdict = "" if goal.optional else "missed"
            return (goal.what, goal.unit, "not measured", goal.against, "", "", target, verdict, goal.kind)
        ratio = number(self.ratio) if self.ratio is not None else ""
        verdict = "met" if self.is_met else "missed"
        ours, theirs = number(self.figure.ours), number(self.theirs)
        return (goal.what, goal.unit, ours, goal.against, theirs, ratio, target, verdict, goal.kind)


def number(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{float(f'{value:.3g}'):g}"


def rows_of(figures: Mapping[str, Figure | None]) -> list[Row]:
    """In the order of the goals."""
    return [Row(goal=goal, figure=figures[name]) for name, goal in GOALS.items() if name in figures]


def markdown(rows: Iterable[Row]) -> str:
    """The table; notes stand below it."""
    rows = list(rows)
    lines = _lines(_HEAD, [row.cells for row in rows])
    notes = [f"- {row.goal.what}: {row.figure.note}" for row in rows if row.figure and row.figure.note]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def compared(rows: Iterable[Row], old: Mapping[str, Any]) -> str:
    """Each figure beside that of an older run; counts and processor time say more than the wall clock."""
    head = ("what", "unit", "before", "now", "now / before", "kind")
    cells = []
    for row in rows:
        known = old.get("figures", {}).get(row.goal.name)
        if row.figure is None or not known:
            continue
        before = float(known["ours"])
        change = number(row.figure.ours / before) if before else ""
        what = f"{row.goal.what} ({row.goal.against})" if row.goal.limit is None else row.goal.what
        cells.append((what, row.goal.unit, number(before), number(row.figure.ours), change, row.goal.kind))
    return "\n".join(_lines(head, cells))


def document(rows: Iterable[Row]) -> str:
    """The same as JSON: figures by their names, and which were met."""
    rows = list(rows)
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],  # of the last minute, five and fifteen
    }
    figures = {row.goal.name: asdict(row.figure) if row.figure else None for row in rows}
    met = {row.goal.name: row.is_met for row in rows}
    return json.dumps({"machine": machine, "figures": figures, "met": met}, indent=1) + "\n"


def figures_of(told: Mapping[str, Any]) -> dict[str, Figure | None]:
    """What `document` has written; rows that there are no longer are left out."""
    known = {name: one for name, one in told["figures"].items() if name in GOALS}
    return {name: Figure(**one) if one else None for name, one in known.items()}


def _lines(head: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> list[str]:
    table = [head, *cells]
    widths = [max(len(line[n]) for line in table) for n in range(len(head))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in table
    ]
    return [lines[0], "| " + " | ".join("-" * w for w in widths) + " |", *lines[1:]]
