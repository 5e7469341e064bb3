"""docs/architecture.md tells the house as it is: each room of the core is named there, once it is there."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAIN = {"__init__", "__main__"}
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def rooms():
    return [
        path.relative_to(ROOT / "bot")
        for path in (ROOT / "bot").rglob("*.py")
        if path.stem not in PLAIN and "migrations" not in path.parts and "cli" not in path.parts
    ]


def told():
    """What the description says of each of the core's rooms, and what the names are of the files in none."""
    tree = ARCHITECTURE[ARCHITECTURE.index("\nbot/  ") : ARCHITECTURE.index("\nintegrations/  ")]
    of_rooms, alone, room = {}, "", ""
    for line in tree.splitlines()[2:]:
        name, said = line[:22].strip(), line[22:]
        if name.endswith("/"):
            inside = line.startswith("    ")  # of the room above
            room = (
                f"{room.split('/', maxsplit=1)[0]}/{name}".removesuffix("/")
                if inside
                else name.removesuffix("/")
            )
            of_rooms[room] = said
        elif name:
            alone += f" {name}"
        elif not line[20:22].strip():
            of_rooms[room] += f" {said}"
    return of_rooms, alone


def test_each_file_of_the_core_is_named_where_its_room_is_told_of():
    of_rooms, alone = told()
    where = {path: of_rooms.get(path.parent.as_posix(), "") if path.parts[1:] else alone for path in rooms()}
    assert len(of_rooms) > 15
    assert sorted(path for path, said in where.items() if not re.search(rf"\b{path.stem}\b", said)) == []
    assert set(of_rooms) - {path.parent.as_posix() for path in rooms()} == {"cli"}


def test_each_room_of_the_core_says_what_is_in_it():
    folders = {file.parent for file in (ROOT / "bot").rglob("*.py") if "migrations" not in file.parts}
    said = {
        folder: ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
        for folder in folders
    }
    assert sorted(folder for folder, sentence in said.items() if not sentence) == []


def test_the_files_of_the_flow_are_there():
    named = re.findall(r"^\| `((?:bot|integrations)/[\w/]+\.py)` \|", ARCHITECTURE, re.MULTILINE)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).is_file()] == []


def floors():
    """The files that stand on one another inside their rooms, as the contracts have them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (told,) = [
        contract["layers"]
        for contract in contracts
        if contract["type"] == "layers" and "containers" not in contract
    ]
    return [name.strip() for layer in told for name in layer.split(":")]


def test_each_file_of_a_room_with_floors_stands_on_one():
    """The tool itself looks at the files that are named, and never misses one; of rooms it does."""
    named = floors()
    of_rooms = {name.rpartition(".")[0] for name in named}
    assert len(of_rooms) > 10
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "bot").rglob("*.py")
        if path.stem != "__init__"
    }
    assert {module for module in modules if module.rpartition(".")[0] in of_rooms} == set(named)
    assert len(named) == len(set(named))
