"""How the moderation of prompts does on sets that were written without a look at its lists.

Run: python -m bench.moderation_fresh [--level standard] [--json] [SET ...]
Every row of tests/data/moderation/fresh/*.tsv is judged by the local layers as in `easel why`. Of each set it tells
the share right, the misses with what became of them, and how many innocent ones would have cost a strike.
A row's "expected" is allow, refuse, spoiler-or-refuse, or no-strike: whatever becomes of it, it costs no strike.
Letters that can't be seen are written as \\uXXXX there.
"""

import argparse
import asyncio
import contextlib
import csv
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.community.conduct import policy_for
from bot.community.rulebook import standard_rules
from bot.moderation import lexicon
from bot.moderation.checks import LexiconCheck
from bot.moderation.explain import explain
from bot.moderation.open import open_panel
from bot.ports import Verdict
from bot.settings import Settings

FOLDER = Path(__file__).parent.parent / "tests" / "data" / "moderation" / "fresh"
LEVELS = ("strict", "standard", "relaxed")
UNSEEN = re.compile(r"\\u([0-9a-fA-F]{4})")

RIGHT: dict[str, Callable[[Verdict], bool]] = {
    "allow": lambda verdict: not verdict.severity,
    "refuse": lambda verdict: verdict.severity.stops,
    "spoiler-or-refuse": lambda verdict: bool(verdict.severity),
    "no-strike": lambda verdict: not verdict.counts,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    text: str
    negative: str
    language: str
    subject: str
    expected: str
    note: str


def rows_of(file: Path) -> list[Row]:
    text = UNSEEN.sub(lambda code: chr(int(code[1], 16)), file.read_text(encoding="utf-8"))
    lines = text.removesuffix("\n").split("\n")
    return [Row(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


async def misses_of(sets: dict[str, list[Row]], level: str) -> dict[str, list[dict[str, Any]]]:
    settings = Settings()
    policy = policy_for(
        standard_rules(settings).changed({"level": level}),
        age_restricted=level == "relaxed",
        when_unavailable=settings.moderation.when_unavailable,
    )
    missed: dict[str, list[dict[str, Any]]] = {name: [] for name in sets}
    async with contextlib.AsyncExitStack() as stack:
        words = LexiconCheck(lexicon.load())
        panel = open_panel(settings.moderation, stack, words=words)
        for name, row in ((name, row) for name, rows in sets.items() for row in rows):
            told = await explain(row.text, policy, panel=panel, words=words, negative=row.negative)
            verdict = told.judgement.verdict
            if not RIGHT[row.expected](verdict):
                found = "refuse" if verdict.severity.stops else verdict.severity.name.lower()
                miss = {"found": found, "rule": verdict.rule, "strike": verdict.counts}
                missed[name].append(asdict(row) | miss)
    return missed


def figures_of(rows: list[Row], missed: list[dict[str, Any]]) -> dict[str, Any]:
    """Right of all, split by what was expected, and the innocent ones that cost a strike."""
    figures: dict[str, Any] = {"rows": len(rows), "right": len(rows) - len(missed)}
    for expected in RIGHT:
        count = sum(row.expected == expected for row in rows)
        figures[expected] = [count - sum(miss["expected"] == expected for miss in missed), count]
    figures["unjust strikes"] = sum(miss["strike"] and miss["expected"] == "allow" for miss in missed)
    return figures


def show(name: str, figures: dict[str, Any]) -> None:
    share = figures["right"] / figures["rows"]
    cells = " ".join(f"{'{}/{}'.format(*figures[kind]):>17}" for kind in RIGHT)
    print(f"{name:12} {share:6.1%} {cells} {figures['unjust strikes']:>15}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores moderation on the fresh sets.")
    parser.add_argument("sets", nargs="*", help="names of sets; all of them if none is named")
    parser.add_argument("--level", choices=LEVELS, default="standard")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    names = asked.sets or sorted(file.stem for file in FOLDER.glob("*.tsv"))
    sets = {name: rows_of(FOLDER / f"{name}.tsv") for name in names}
    missed = asyncio.run(misses_of(sets, asked.level))
    figures = {name: figures_of(rows, missed[name]) for name, rows in sets.items()}
    if asked.json:
        told = {name: figures[name] | {"misses": missed[name]} for name in sets}
        print(json.dumps(told, ensure_ascii=False))
        return
    print(f"{'set':12} {'right':>6} {' '.join(f'{kind:>17}' for kind in RIGHT)} {'unjust strikes':>15}")
    for name in sets:
        show(name, figures[name])
    for name, misses in missed.items():
        for miss in misses:
            no = f" --no {miss['negative']}" if miss["negative"] else ""
            found = f"{miss['found']} ({miss['rule']}), expected {miss['expected']}"
            print(f"{name}: {found}: {miss['text']}{no}")


if __name__ == "__main__":
    main()
