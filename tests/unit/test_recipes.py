"""The recipes of CONTRIBUTING: whoever stops half-way is told so, by the type checker or by a test.

Each change is made in a copy of the tree, as somebody would make it who forgot the rest.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("bot", "integrations", "tests", "docs", "pyproject.toml", "config.example.toml", "CONTRIBUTING.md")
# A cold type check on a busy machine takes minutes, and comes once.
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, kw_only=True)
class Half:
    """The first half of a change, and who must refuse it: mypy, or the tests at a place."""

    file: str
    old: str
    new: str
    says: str  # what the refusal reads
    tests: tuple[str, ...] = ()  # none: mypy


HALVES = {
    "a button that nobody answers": Half(
        file="bot/ports.py",
        old='    RETRY = "retry"\n',
        new='    RETRY = "retry"\n    UPSCALE = "upscale"\n',
        says=r"bot/talk/\w+\.py:\d+: error: .*(Missing return|UPSCALE|exhaustive)",
    ),
    "a rule renamed in the rules alone": Half(
        file="bot/community/rules.py",
        old="    insults: bool",
        new="    mere_insults: bool",
        says=r'bot/community/conduct\.py:\d+: error: "Rules" has no attribute "insults"',
    ),
    "a state without a phase": Half(
        file="bot/job.py",
        old='    RENDERING = "rendering"\n',
        new='    RENDERING = "rendering"\n    UPSCALING = "upscaling"\n',
        says=r"bot/job\.py:\d+: error: .*(Missing return|UPSCALING|exhaustive)",
    ),
    "an order read by all that stands in it": Half(
        file="bot/store/rows.py",
        old="    order = Order(**known)\n",
        new="    order = Order(**stored)\n",
        says=r"\d+ failed",
        tests=("tests/contract/test_store_sqlite.py", "-k", "order_with_more"),
    ),
    "a local check of others that is asked after accept": Half(
        file="bot/moderation/panel.py",
        old="tuple(check for check in prompt_checks if check.local)",
        new='tuple(check for check in prompt_checks if check.local and check.name in ("lexicon", "own_words"))',
        says=r"\d+ failed",
        tests=("tests/unit/test_moderation_panel.py",),
    ),
    "a flag that stands in no table": Half(
        file="bot/order/prompts.py",
        old="    spoiler: bool | None = None\n",
        new="    spoiler: bool | None = None\n    mood: str | None = None\n",
        says=r"each flag is a field of Prompt and a row of the table of flags",
        tests=("tests/unit/test_prompts.py", "-k", "test_shapes"),
    ),
    "a moderators' verb that nobody does": Half(
        file="bot/talk/verbs.py",
        old='    Verb(name="audit", example="audit"),\n',
        new='    Verb(name="audit", example="audit"),\n    Verb(name="praise", example="praise"),\n',
        says=r"FAILED \S+::test_every_verb_is_done_by_somebody",
        tests=("tests/unit/test_verbs.py", "-k", "done_by_somebody"),
    ),
    "a sentence in one language": Half(
        file="bot/locales/en.ftl",
        old="setting-json = ",
        new="brand-new = Something new.\nsetting-json = ",
        says=r"brand-new",
        tests=("tests/unit/test_words.py",),
    ),
}


class Tree:
    """A copy of the project that may be spoiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            whole = ROOT / name
            if whole.is_dir():
                shutil.copytree(whole, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
            else:
                shutil.copy2(whole, folder / name)
        if (ROOT / ".mypy_cache").is_dir():
            # Only to be quicker: what another run is writing just now is left out.
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache", dirs_exist_ok=True)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTEST_XDIST_WORKER": ""},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def refusal(self, half: Half) -> str:
        """What mypy or the tests say."""
        if half.tests:
            done = self.run("pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *half.tests)
        else:
            done = self.run("mypy", "bot")
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return Tree(tmp_path_factory.mktemp("tree"))


@pytest.mark.parametrize("name", HALVES)
def test_a_change_that_is_half_done_is_refused(tree, name):
    half = HALVES[name]
    assert not re.search(half.says, tree.refusal(half)), "it is refused before the change already"
    file = tree.folder / half.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(half.old) == 1, f"{half.file} has changed: mend this recipe"
    file.write_text(whole.replace(half.old, half.new), encoding="utf-8")
    try:
        said = tree.refusal(half)
    finally:
        file.write_text(whole, encoding="utf-8")
    assert re.search(half.says, said), said[-3000:]


def test_contributing_has_a_recipe_of_at_most_ten_lines_for_each():
    text = (
        (ROOT / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .partition("## Recipes")[2]
        .partition("\n## ")[0]
    )
    recipes = {
        part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in text.split("\n### ")[1:]
    }
    assert list(recipes) == [
        "A flag", "A model parameter", "A community rule", "A moderators' verb", "A card's button", "A state", "A provider",
        "A surface", "A check", "A language", "A metric", "A migration", "A price",
    ]  # fmt: skip
    assert {name: recipe for name, recipe in recipes.items() if not 1 <= len(recipe.splitlines()) <= 10} == {}


def test_a_recipe_names_only_files_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2]
    named = set(re.findall(r"`((?:bot|integrations|tests|docs|bench)/[\w./-]*\w|pyproject\.toml)`", text))
    assert len(named) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
