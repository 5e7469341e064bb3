"""Puts a run into docs/performance.md: its table between the marks, and its plot beside it."""

from collections.abc import Sequence
from pathlib import Path

from bench.plots import svg
from bench.table import Row, markdown

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"


def put(page: str, table: str) -> str:
    """The page with this table where another stood. Raises ValueError for a page without its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/performance.md has no place for the table, between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def write(rows: Sequence[Row], root: Path = ROOT) -> None:
    """Into the page, and its plot."""
    page = root / "docs/performance.md"
    page.write_text(put(page.read_text("utf-8"), markdown(rows)), "utf-8")
    (root / "docs/performance.svg").write_text(svg(list(rows)), "utf-8")
