"""Sets that were written without a look at the lists (`fresh*`), and pairs that were not, and what became of their rows.

Every row of tests/data/moderation/*/*.tsv is judged by the local layers as in `easel why`. A row's "expected" is
allow, refuse, spoiler-or-refuse, sexual (refused as that), minors (refused by that rule, with a strike), mild (shown behind a
spoiler or refused, without a strike), no-strike (whatever becomes of it, it costs no strike), or young: it passes, and
somebody surely young is read in it, so that the rule on minors holds; or not-minors: whatever becomes of it, that rule is
not broken. A row may name rules of a community ("art_nudity yes", "level strict") under which it is judged. Letters that can't be seen are written as \\uXXXX there.
"""

import asyncio
import contextlib
import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.community.conduct import policy_for
from bot.community.rulebook import standard_rules
from bot.configuration.settings import Settings
from bot.moderation.checks import LexiconCheck
from bot.moderation.explain import Explanation, explain
from bot.moderation.lexicon import lexicon
from bot.moderation.lexicon.findings import Kind
from bot.moderation.open import open_panel
from bot.ports import Policy, Verdict

FOLDERS = Path(__file__).parent.parent / "tests" / "data" / "moderation"
UNSEEN = re.compile(r"\\u([0-9a-fA-F]{4})")

_YOUNG = ("youth_certain", Kind.YOUTH_CERTAIN)

RIGHT: dict[str, Callable[[Verdict, Explanation], bool]] = {
    "allow": lambda verdict, _: not verdict.severity,
    "refuse": lambda verdict, _: verdict.severity.stops,
    "spoiler-or-refuse": lambda verdict, _: bool(verdict.severity),
    "sexual": lambda verdict, _: verdict.severity.stops and verdict.category == "sexual",
    "minors": lambda verdict, _: verdict.counts and verdict.category == "minors",
    "mild": lambda verdict, _: bool(verdict.severity) and not verdict.counts,
    "no-strike": lambda verdict, _: not verdict.counts,
    "not-minors": lambda verdict, _: verdict.category != "minors",
    "young": lambda verdict, told: not verdict.severity and any(hit.startswith(_YOUNG) for hit in told.hits),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    text: str
    negative: str
    language: str
    subject: str
    expected: str
    note: str
    rules: str = ""  # of a community: "art_nudity yes"


def rows_of(file: Path) -> list[Row]:
    text = UNSEEN.sub(lambda code: chr(int(code[1], 16)), file.read_text(encoding="utf-8"))
    lines = text.removesuffix("\n").split("\n")
    return [Row(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A row that was judged otherwise than it should be."""

    row: Row
    found: str
    strike: bool

    def __str__(self) -> str:
        no = f" --no {self.row.negative}" if self.row.negative else ""
        return f"{self.row.text}{no}: {self.found}, expected {self.row.expected}{', with a strike' * self.strike}"


def sets() -> dict[str, list[Row]]:
    """The sets by name: fresh/evasions, fresh2/minors, pairs/siblings."""
    files = sorted(FOLDERS.glob("*/*.tsv"))
    return {f"{file.parent.name}/{file.stem}": rows_of(file) for file in files}


def misses(level: str = "standard") -> dict[str, list[Miss]]:
    """What is missed of each set."""
    return asyncio.run(_misses(sets(), level))


async def _misses(rows: dict[str, list[Row]], level: str) -> dict[str, list[Miss]]:
    settings = Settings()
    said = {row.rules for several in rows.values() for row in several}
    policies = {rules: _policy(settings, level, rules) for rules in said}
    missed: dict[str, list[Miss]] = {name: [] for name in rows}
    async with contextlib.AsyncExitStack() as stack:
        words = LexiconCheck(lexicon.load())
        panel = open_panel(settings.moderation, stack, words=words)
        for name, row in ((name, row) for name, several in rows.items() for row in several):
            told = await explain(
                row.text, policies[row.rules], panel=panel, words=words, negative=row.negative
            )
            verdict = told.judgement.verdict
            if not RIGHT[row.expected](verdict, told):
                found = verdict.rule or verdict.severity.name.lower()
                missed[name].append(Miss(row=row, found=found, strike=verdict.counts))
    return missed


def _policy(settings: Settings, level: str, rules: str) -> Policy:
    """What holds at a level, or by the rules that a row names itself."""
    name, _, value = rules.partition(" ")
    said: dict[str, Any] = {name: {"yes": True, "no": False}.get(value, value)} if rules else {}
    changed = {"level": level} | said
    return policy_for(
        standard_rules(settings).changed(changed),
        age_restricted=changed["level"] == "relaxed",
        when_unavailable=settings.moderation.when_unavailable,
    )
