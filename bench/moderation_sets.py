"""What share of the public sets of prompts is refused, and which prompts a change has lost or won.

Run: python -m bench.moderation_sets FOLDER [--save FILE] [--against FILE]
FOLDER holds the files of the owners that docs/moderation.md names, as they publish them; a set that is not there is left out.
`--save` keeps the refused prompts, `--against` tells what differs from such a file: the table before and after.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.moderation import lexicon
from bot.moderation.checks import LexiconCheck
from bot.ports import Policy, Severity

LABELS = {"S": "sexual", "H": "hate", "V": "violence", "SH": "self-harm", "S3": "sexual, minors"}


def rows(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def column(path: Path, name: str, delimiter: str = ",") -> list[str]:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file, delimiter=delimiter) if (row[name] or "").strip()]


def labelled(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The texts of openai/moderation-api-release by label, and those without any."""
    texts = [json.loads(line) for line in rows(path)]
    for label, name in LABELS.items():
        yield f"openai, {name}", [text["prompt"] for text in texts if text.get(label) == 1]
    yield "openai, no label", [t["prompt"] for t in texts if not any(t[k] for k in t if k != "prompt")]


def abusive(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The comments of 2runo/Curse-detection-data: TEXT|1 is abusive."""
    for flag, name in (("1", "abusive"), ("0", "not abusive")):
        yield f"korean, {name}", [row[:-2] for row in rows(path) if row.endswith(f"|{flag}")]


def unbiased(path: Path) -> list[str]:
    """The comments of kocohub/korean-hate-speech that are neither offensive nor biased."""
    cells = [row.split("\t") for row in rows(path)]
    return [row[0] for row in cells if row[2:4] == ["none", "none"]]


PLAIN: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "T2VSafetyBench, explicit": ("1.txt", rows),
    "T2VSafetyBench, borderline": ("2.txt", rows),
    "T2VSafetyBench, violence": ("3.txt", rows),
    "T2VSafetyBench, gore": ("4.txt", rows),
    "COCO captions": ("coco_30k.csv", lambda path: column(path, "prompt")),
    "I2P": ("unsafe-prompts4703.csv", lambda path: column(path, "prompt")),
    "PartiPrompts": ("PartiPrompts.tsv", lambda path: column(path, "Prompt", "\t")),
    "GenEval": ("generation_prompts.txt", rows),
    "DrawBench": ("drawbench.json", lambda path: list(json.loads(path.read_text(encoding="utf-8")))),
    "korean, kocohub": ("train.tsv", unbiased),
}


def sets_of(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for name, (file, read) in PLAIN.items():
        if (folder / file).exists():
            yield name, read(folder / file)
    if nibbler := sorted(folder.glob("nibbler/*.csv")):
        yield "Adversarial Nibbler", [prompt for file in nibbler for prompt in column(file, "prompt")]
    if (texts := folder / "samples-1680.jsonl").exists():
        yield from labelled(texts)
    if (comments := folder / "dataset.txt").exists():
        yield from abusive(comments)


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores moderation on the public sets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--against", type=Path)
    asked = parser.parse_args()
    before = json.loads(asked.against.read_text(encoding="utf-8")) if asked.against else {}
    check = LexiconCheck(lexicon.load())
    refused: dict[str, list[str]] = {}
    for name, prompts in sets_of(asked.folder):
        found = [one for one in prompts if check.judge(one, Policy()).severity is Severity.REFUSE]
        refused[name] = found
        old = f"  before {len(before[name])}" if name in before else ""
        print(f"{name:28} {len(found):6} of {len(prompts):6} {len(found) / len(prompts):7.2%}{old}")
    for name, found in refused.items() if before else ():
        was = set(before.get(name, ()))
        print("".join(f"{name}: lost: {one}\n" for one in sorted(was.difference(found))), end="")
        print("".join(f"{name}: new: {one}\n" for one in sorted(set(found) - was)), end="")
    if asked.save:
        asked.save.write_text(json.dumps(refused, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
