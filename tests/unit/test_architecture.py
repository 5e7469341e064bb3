"""docs/architecture.md tells the house as it is: each room of the core is named there, once it is there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAIN = {"__init__", "__main__"}


def rooms():
    return {
        path.relative_to(ROOT).as_posix(): path.stem
        for path in (ROOT / "bot").rglob("*.py")
        if path.stem not in PLAIN and "migrations" not in path.parts and "cli" not in path.parts
    }


def test_each_room_of_the_core_is_named_in_the_house_s_description():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    told = text[text.index("## 3.") : text.index("## 4.")]
    missing = [path for path, name in rooms().items() if not re.search(rf"\b{name}\b", told)]
    assert missing == []


def test_the_files_of_the_flow_are_there():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = re.findall(r"^\| `((?:bot|integrations)/[\w/]+\.py)` \|", text, re.MULTILINE)
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
