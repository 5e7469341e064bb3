"""The public sets of prompts, as their owners publish them: docs/moderation.md names them; one that is not there is left out."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

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
