"""Draws a run's figures: how far each row is from its target.

python -m bench.plots bench-results.json docs/performance.svg
"""

import json
import math
import sys
from html import escape
from pathlib import Path

from bench.table import Row, figures_of, rows_of

LINE, LEFT, WIDTH, RIGHT, TOP = 20, 360, 380, 60, 34  # pixels
LEAST, MOST = 1 / 16, 16  # times the target; what is beyond is drawn at the edge
MET, MISSED = "#2a7", "#c53"


def distance(row: Row) -> float | None:
    """One is the target; less is better, whatever the row measures. None where nothing was measured."""
    if row.figure is None:
        return None
    if row.ratio is None:
        return LEAST if row.is_met else MOST
    if not row.ratio:
        return LEAST
    return row.goal.ratio / row.ratio if row.goal.more else row.ratio / row.goal.ratio


def x_of(times: float) -> float:
    """Where a distance stands: each doubling is as wide."""
    kept = min(MOST, max(LEAST, times))
    return LEFT + WIDTH * math.log(kept / LEAST) / math.log(MOST / LEAST)


def svg(rows: list[Row]) -> str:
    """The whole picture."""
    drawn = [(row, times) for row in rows if (times := distance(row)) is not None]
    height = TOP + LINE * len(drawn) + 10
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}"'
            ' font-family="sans-serif" font-size="12">'
        ),
        f'<rect width="{LEFT + WIDTH + RIGHT}" height="{height}" fill="#fff"/>',
    ]
    for times in (LEAST, 1 / 4, 1, 4, MOST):
        named = "target" if times == 1 else f"1/{1 / times:.0f}" if times < 1 else f"{times:.0f} x"
        parts.append(f'<text x="{x_of(times):.0f}" y="18" text-anchor="middle" fill="#555">{named}</text>')
        dash = "" if times == 1 else ' stroke-dasharray="2 3"'
        parts.append(
            f'<line x1="{x_of(times):.0f}" x2="{x_of(times):.0f}" y1="24" y2="{height - 6}" stroke="#999"{dash}/>'
        )
    for number, (row, times) in enumerate(drawn):
        parts += bar(row, times, TOP + LINE * number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def bar(row: Row, times: float, y: int) -> list[str]:
    """One row: from the target to where it is."""
    goal = row.goal
    name = goal.what if goal.limit is not None else f"{goal.what} ({goal.against})"
    begins, ends = sorted((x_of(1), x_of(times)))
    colour = MET if row.is_met else MISSED
    return [
        f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name[:58])}</text>',
        f'<rect x="{begins:.0f}" y="{y + 3}" width="{max(2, ends - begins):.0f}" height="12" fill="{colour}"/>',
    ]


def main() -> None:
    source, target = sys.argv[1:]
    figures = figures_of(json.loads(Path(source).read_text("utf-8")))
    Path(target).write_text(svg(rows_of(figures)), "utf-8")


if __name__ == "__main__":
    main()
