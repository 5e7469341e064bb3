"""A room speaks to its neighbours, and not through them to theirs: what it wants of those is a verb of the neighbour."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What is looked into, with its reason: each is a value, a set of rooms, or another library's.
OPEN = {
    "_store": "the store is its rooms, one for each kind of thing; its database is theirs alone",
    "_metrics": "one attribute a metric, which is prometheus-client's",
    "_settings": "values as the operator wrote them",
    "_options": "the same, of one check",
    "_catalogue": "tables of what the operator wrote of a service's models",
    "_clocks": "times and chance, handed in together",
    "_bar": "rich's",
}
CLOSED = {("_store", "database")}


DEEP = re.compile(r"self\._\w+\.\w+\.\w")  # few files are worth parsing


def reached_through(source):
    """`self._room.neighbour.verb(…)` and deeper, as (line, room, neighbour)."""
    if not DEEP.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        names: list[str] = []
        at = node.func
        while isinstance(at, ast.Attribute):
            names.insert(0, at.attr)
            at = at.value
        if isinstance(at, ast.Name) and at.id == "self" and len(names) > 2 and names[0].startswith("_"):
            room, neighbour = names[:2]
            if room not in OPEN or (room, neighbour) in CLOSED:
                yield node.lineno, room, neighbour


def test_nobody_reaches_through_a_room_to_what_stands_behind_it():
    found = [
        f"{path.relative_to(ROOT)}:{line} {room}.{neighbour}"
        for folder in ("bot", "integrations")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, room, neighbour in reached_through(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("said", "is_through"),
    [
        ("await self._entrance.sessions.end(request)", True),
        ("self._catalog.openness.set_open(name)", True),
        ("await self._store.database.scrub()", True),
        ("await self._store.jobs.get(job)", False),
        ("self._catalog.find(name)", False),
        ("self.sessions.begin(request)", False),
    ],
)
def test_what_counts_as_reaching_through(said, is_through):
    source = f"async def f(self):\n    {said}\n"
    assert bool(list(reached_through(source))) == is_through
