"""One word, one meaning: a name of the house stands for one thing, and a match over what is ours is exhaustive."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What each surface has of its own, one idea and one name: whoever knows one of them finds it in the others.
OF_EACH_SURFACE = {
    "Answers": "shows what the talk answers",
    "Caller": "who did something, and how far the answer is",
    "Hearing": "makes deeds of what the platform tells",
    "Messages": "shows cards",
}
SURFACES = {f"integrations/{name}" for name in ("discord", "slack", "web")}
# A class anywhere; and, unless it is a constant, a name for a type.
NAMED = re.compile(
    r"^ *class (?P<class>\w+)|^(?P<type>\w+): TypeAlias|^(?P<alias>_?[A-Z]\w*[a-z]\w*) = [\w.]+(?:\[| \|)",
    re.MULTILINE,
)
# A function that is called as a question is: all of it, up to what stands as far left. And what changes something.
QUESTION = re.compile(
    r"^(?P<left> *)(?:async )?def (?P<name>_?(?:is|has|may|can|was|knows)_\w+)\(.*?(?=^(?P=left)[^\s)]|\Z)",
    re.MULTILINE | re.DOTALL,
)
SPENDS = re.compile(
    r"\bmark_seen\(|^ *self\.[\w.]+(?:\[[^\]]*\])? [-+|]?= |\bself\.[\w.]+\.(?:add|append|clear|discard|pop|popleft|remove|set)\(",
    re.MULTILINE,
)
CATCH_ALL = re.compile(r"^\s*case _\b[^#]*:(?P<reason>.*)$", re.MULTILINE)


@cache
def sources():
    """Every file of the house."""
    files = (path for room in ("bot", "integrations") for path in sorted((ROOT / room).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def named(source):
    """The classes of a file, and the names that it gives to types."""
    return [said["class"] or said["type"] or said["alias"] for said in NAMED.finditer(source)]


@cache
def all_homes():
    return homes(sources())


def homes(files):
    found = defaultdict(set)
    for file, source in files.items():
        for name in named(source):
            found[name].add(file)
    return found


def twice(files):
    """The names that stand for two things; each surface may have what each has."""
    return {
        name: sorted(where)
        for name, where in homes(files).items()
        if len(where) > 1
        and not (name in OF_EACH_SURFACE and {file.rpartition("/")[0] for file in where} <= SURFACES)
    }


def test_a_class_has_its_name_for_itself():
    assert twice(sources()) == {}


def test_what_each_surface_has_is_had_by_more_than_one():
    where = all_homes()
    assert [name for name in OF_EACH_SURFACE if len(where[name]) < 2] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("class Entry: ...", "class Entry: ..."),
        ("class Entry: ...", "Entry = int | str"),
        ("Entry = dict[str, int]", "Entry: TypeAlias = int"),
        ("def f():\n    class _Entry: ...", "class _Entry: ..."),
    ],
)
def test_a_name_that_stands_twice_is_found(one, other):
    assert len(twice({"bot/one.py": one, "bot/other.py": other})) == 1


def test_a_surface_s_word_is_no_word_of_the_core():
    files = {f"integrations/{name}/messages.py": "class Messages: ..." for name in ("discord", "slack")}
    assert twice(files) == {}
    assert twice(files | {"bot/store/messages.py": "class Messages: ..."}) != {}


def test_a_match_that_takes_anything_says_whose_values_these_are():
    """Over what is ours there is none: the type checker then finds the match that a new member has forgotten."""
    unsaid = [
        f"{file}: {case[0].strip()}"
        for file, source in sources().items()
        for case in CATCH_ALL.finditer(source)
        if not re.fullmatch(r"\s*# \w.*", case["reason"])
    ]
    assert unsaid == []


def questions_that_spend(source):
    return [said["name"] for said in QUESTION.finditer(source) if SPENDS.search(said[0])]


def test_a_question_changes_nothing():
    """Whoever asks twice hears the same: what takes, marks or counts has a verb."""
    found = {file: names for file, source in sources().items() if (names := questions_that_spend(source))}
    assert found == {}


@pytest.mark.parametrize(
    "spends",
    [
        "return await self._shared.mark_seen(key)",
        "self._told[user] = now",
        "self.left -= 1",
        "self._due.pop()",
    ],
)
def test_a_question_that_spends_is_found(spends):
    asked = f"class Door:\n    def may_go(\n        self, user: str\n    ) -> bool:\n        {spends}\n        return True\n"
    assert questions_that_spend(asked) == ["may_go"]
    assert (
        questions_that_spend(asked.replace(spends, "pass") + f"\n    def go(self):\n        {spends}\n") == []
    )


# What a function of the store that writes is called by: what it does, or what it hears of.
DOES = """
    add ask block change check choose claim close correct delete discard drop empty end erase expire forget give hand hear hide
    hold insert keep lift lose make mark move note open place prune put redeem release remember remove rename renew reopen
    reserve resolve rest reverse settle show take touch try turn unblock unmark void withdraw write
"""
HEARS = {"acted", "looked", "shown"}
MAKES = {"insertion"}  # the statement alone: whoever has it writes
WRITES = re.compile(r"\b(?:INSERT INTO|DELETE FROM|UPDATE [a-z_{]+\}? SET)\b")


def writers(source):
    """The functions whose own SQL changes something; `steps` is what each transaction is called."""
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name != "steps":
            texts = [node.value for node in ast.walk(one) if isinstance(node, ast.Constant)]
            if WRITES.search(" ".join(text for text in texts if isinstance(text, str))):
                yield one.name.lstrip("_")


def test_what_writes_in_the_store_is_called_by_a_verb():
    """A new one is thought about, or this fails."""
    found = {
        name
        for file, source in sources().items()
        if file.startswith("bot/store/") and "/migrations/" not in file
        for name in writers(source)
        if name.partition("_")[0] not in DOES.split() and name not in HEARS | MAKES
    }
    assert found == set()


def test_a_noun_that_writes_is_found():
    asked = 'class Rows:\n    async def words(self):\n        yield sql("DELETE FROM jobs")\n'
    assert list(writers(asked)) == ["words"]
    assert list(writers(asked.replace("DELETE FROM", "SELECT id FROM"))) == []
