"""Runs every bench and writes one table: ours, a peer or a limit, their ratio, the target, met or missed.

    python -m bench                       # everything, some six minutes
    python -m bench --list                # the rows, without measuring
    python -m bench --only books polling  # some benches
    python -m bench --compare OLD.json    # and what changed since then
    python -m bench --docs                # and into docs/performance.md, with the plot

Each bench is a process of its own with a limit in time; all of them speak to this machine's loopback alone. The table
goes to the terminal and to a file of that name, the figures to another (`--out NAME`). What `--only` leaves out stays in
those files as an earlier run had it.
"""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import page
from bench.goals import BENCHES, Bench
from bench.table import Figure, compared, document, figures_of, markdown, rows_of


def measured(bench: Bench) -> dict[str, Figure | None]:
    """The figures of one bench, from a process of its own; None for what it didn't tell."""
    nothing: dict[str, Figure | None] = dict.fromkeys(goal.name for goal in bench.goals)
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        began = time.monotonic()
        print(f"{bench.name} ...", end=" ", file=sys.stderr, flush=True)
        ended = _run([sys.executable, "-m", "bench", "--one", bench.name, out.name], bench.within_s)
        print(
            f"{time.monotonic() - began:.0f} s{'' if ended == 0 else ', FAILED'}", file=sys.stderr, flush=True
        )
        text = Path(out.name).read_text("utf-8")
    told = json.loads(text) if text else {}
    return nothing | {name: Figure(**figure) for name, figure in told.items()}


def _run(command: list[str], within_s: float) -> int | None:
    """How it ended; None where it had to be ended."""
    # Compiled modules are kept, as in every installation.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    running = subprocess.Popen(command, stdout=sys.stderr, start_new_session=True, env=env)
    try:
        return running.wait(within_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)  # with what it has started: nothing of it is to be kept
            running.wait()


def one(name: str, out: str) -> None:
    """What the process of one bench does."""
    module, call = next(bench.place for bench in BENCHES if bench.name == name)
    figures: dict[str, Figure] = getattr(importlib.import_module(module), call)()
    Path(out).write_text(json.dumps({key: asdict(figure) for key, figure in figures.items()}), "utf-8")


def listed() -> str:
    """Each bench with its rows and targets."""
    lines = []
    for bench in BENCHES:
        lines.append(f"{bench.name} (within {bench.within_s:.0f} s)")
        for goal in bench.goals:
            sign = "at least" if goal.more else "at most"
            limit = f"{goal.limit:g}" if goal.limit is not None else f"{goal.ratio:g} x {goal.against}"
            lines.append(f"  {goal.name:22} {goal.what}: {sign} {limit} {goal.unit}".rstrip())
    return "\n".join(lines)


def write(figures: Mapping[str, Figure | None], old: Mapping[str, Any] | None, out: Path) -> None:
    """The table, and the figures."""
    rows = rows_of(figures)
    told = [markdown(rows)] if old is None else [markdown(rows), compared(rows, old)]
    out.with_suffix(".md").write_text("\n\n".join(told) + "\n", "utf-8")
    out.with_suffix(".json").write_text(document(rows), "utf-8")


def _before(out: Path) -> dict[str, Figure | None]:
    """The figures of an earlier run that went to the same files."""
    told = out.with_suffix(".json")
    return figures_of(json.loads(told.read_text("utf-8"))) if told.exists() else {}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    names = [bench.name for bench in BENCHES]
    parser.add_argument("--list", action="store_true", help="the rows, without measuring")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="the figures of another run")
    parser.add_argument("--docs", action="store_true", help="also into docs/performance.md, with the plot")
    parser.add_argument(
        "--out", type=Path, default=Path("bench-results"), help="the files' name, without an end"
    )
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    if chosen.one:
        one(*chosen.one)
        return 0
    if chosen.list:
        print(listed())
        return 0
    old = json.loads(chosen.compare.read_text("utf-8")) if chosen.compare else None
    figures = _before(chosen.out) if chosen.only != names else {}
    for bench in BENCHES:
        if bench.name in chosen.only:
            figures |= measured(bench)
            write(figures, old, chosen.out)  # what is known is kept, whatever ends the rest
    rows = rows_of(figures)
    if chosen.docs:
        page.write(rows)
    print(chosen.out.with_suffix(".md").read_text("utf-8"))
    return int(any(row.is_missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
