"""How moderation does, in one table: public sets, fresh sets, vocabularies, disguises, time; before and after a change.

Run: python -m bench.moderation FOLDER [--only SECTION ...] [--save FILE] [--against FILE] [--keep-innocent]
FOLDER holds the files of the owners that docs/moderation.md names, as they publish them, vocabularies in `words/` in it
(one word a line), and perhaps `prompts.txt` to time. What is not there is left out; without FOLDER what needs none is measured.
`--save` keeps the figures with the texts behind them, `--against` shows such a file beside them and tells which texts a
change has lost and won. `--keep-innocent` adds the misread words to the lists of innocent ones.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench import moderation_fresh, moderation_sets, moderation_speed, moderation_survival, moderation_words
from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon import lexicon
from bot.ports import Policy, Severity

SHOWN_MAX = 20  # texts of a row that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: so many of so many, and which these are; or a figure with its unit."""

    name: str
    figure: float
    of: int = 0
    unit: str = ""
    texts: tuple[str, ...] = ()  # behind the figure: what was refused, missed, misread, lost
    told: bool = False  # whether these are told below the table

    @property
    def share(self) -> str:
        return f"{self.figure / self.of:.3%}" if self.of else f"{self.figure:,.1f} {self.unit}"


def public(folder: Path | None) -> Iterator[Row]:
    """How many of each public set are refused."""
    for name, prompts in _refused(folder).items():
        refused, of = prompts
        yield Row(name=name, figure=len(refused), of=of, texts=tuple(refused))


@cache
def _refused(folder: Path | None) -> dict[str, tuple[list[str], int]]:
    check = LexiconCheck(lexicon.load())
    found = moderation_sets.sets_of(folder) if folder else ()
    return {
        name: (
            [one for one in prompts if check.judge(one, Policy()).severity is Severity.REFUSE],
            len(prompts),
        )
        for name, prompts in found
    }


def fresh(_: Path | None) -> Iterator[Row]:
    """How many of each fresh set are judged right; what is missed is told."""
    rows = moderation_fresh.sets()
    for name, missed in moderation_fresh.misses().items():
        of = len(rows[name])
        yield Row(name=name, figure=of - len(missed), of=of, texts=tuple(map(str, missed)), told=True)


def words(folder: Path | None, *, keep: bool = False) -> Iterator[Row]:
    """How many words of each vocabulary are refused alone: listed ones, and misread ones."""
    for name, vocabulary in moderation_words.vocabularies((folder or Path()) / "words").items():
        alone = moderation_words.judged(vocabulary)
        yield Row(name=f"{name}, listed", figure=len(alone.listed), of=alone.words, texts=alone.listed)
        yield Row(
            name=f"{name}, misread", figure=len(alone.misread), of=alone.words, texts=alone.misread, told=True
        )
        if keep:
            moderation_words.keep(alone.misread)


def survival(folder: Path | None) -> Iterator[Row]:
    """How many refused texts are still refused in each disguise."""
    guilty = [_refused(folder).get(f"T2VSafetyBench, {name}", ([], 0))[0] for name in ("explicit", "gore")]
    for one in moderation_survival.survivals([prompt for prompts in guilty for prompt in prompts]):
        name = f"{one.kind}, {one.disguise}"
        yield Row(name=name, figure=one.texts - len(one.lost), of=one.texts, texts=one.lost)


def speed(folder: Path | None) -> Iterator[Row]:
    """How long judging takes, in this thread's own processor time."""
    file = (folder or Path()) / "prompts.txt"
    prompts = file.read_text(encoding="utf-8").splitlines() if folder and file.exists() else []
    for name, unit, figure in moderation_speed.figures(prompts):
        yield Row(name=name, figure=figure, unit=unit)


SECTIONS: dict[str, Callable[[Path | None], Iterator[Row]]] = {
    "public": public, "fresh": fresh, "words": words, "survival": survival, "speed": speed,
}  # fmt: skip


def shown(section: str, rows: Sequence[Row], before: dict[str, Any]) -> Iterator[str]:
    """A section of the table, with what was before, and the texts that are told."""
    yield f"\n| {section} | of | before | now | share |\n| --- | --- | --- | --- | --- |"
    for row in rows:
        old = before.get(row.name)
        was = f"{old['figure']:,.6g}" if old else ""
        yield f"| {row.name} | {row.of or ''} | {was} | {row.figure:,.6g} | {row.share} |"
    for row in rows:
        yield from (f"{row.name}: {text}" for text in (row.texts[:SHOWN_MAX] if row.told else ()))
        if old := before.get(row.name):
            yield from (
                f"{row.name}: lost: {text}" for text in sorted({*old["texts"]} - {*row.texts})[:SHOWN_MAX]
            )
            yield from (
                f"{row.name}: new: {text}" for text in sorted({*row.texts} - {*old["texts"]})[:SHOWN_MAX]
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores moderation: one table, before and after.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--save", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--keep-innocent", action="store_true")
    asked = parser.parse_args()
    before = json.loads(asked.against.read_text(encoding="utf-8")) if asked.against else {}
    measured: dict[str, dict[str, Any]] = {}
    for section in asked.only:
        found = (
            words(asked.folder, keep=True)
            if section == "words" and asked.keep_innocent
            else SECTIONS[section](asked.folder)
        )
        rows = list(found)
        print("\n".join(shown(section, rows, before.get(section, {}))), flush=True)
        measured[section] = {row.name: asdict(row) for row in rows}
    if asked.save:
        asked.save.write_text(json.dumps(measured, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
