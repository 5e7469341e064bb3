"""Tables for people at a terminal: a heading, local times, cells that are text and nothing else."""

import contextlib
import io
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.checks import Checked
from bot.process.out import plain, say, say_all

_WIDE = 10_000  # for a file or another program a row is a line


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """All rows below their headings; nothing is cut off but by a narrow terminal's fold."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(plain(cell)) for cell in row))
    _print(table)


def show_checks(results: Sequence[Checked]) -> None:
    """What was looked at, how it is, and what to do."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for result in results:
        # What others say may hold brackets: it is text, not markup.
        name, detail, fix = (escape(plain(result[part])) for part in ("name", "detail", "fix"))
        table.add_row(_sign(result), name, f"{detail}\n[bold]→ {fix}[/]" if fix else detail)
    _print(table)
    wrong = sum(not result["ok"] for result in results)
    advised = sum(bool(result["ok"] and result["fix"]) for result in results)
    say(f"{wrong} to mend, {advised} to think about." if wrong or advised else "All is well.")


def _sign(result: Checked) -> str:
    """Red: `easel run` would fail by it, or people would. Yellow: an advice."""
    if not result["ok"]:
        return "[red]✗[/]"
    return "[yellow]![/]" if result["fix"] else "[green]✓[/]"


def _print(table: Table) -> None:
    """On stdout, as wide as it is: a row of a file never folds, and has no blanks behind it."""
    with contextlib.suppress(BrokenPipeError):
        if sys.stdout.isatty():
            Console(highlight=False).print(table)
            return
        told = io.StringIO()
        Console(file=told, width=_WIDE).print(table)
        say_all("\n".join(line.rstrip() for line in told.getvalue().splitlines()))


def when(at: float | None) -> str:
    """Unix seconds as the clock on this wall tells them; nothing for what never was."""
    return "" if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def number(value: int | None) -> str:
    """As people write it: 12,000."""
    return "" if value is None else f"{value:,}"
