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


def layers():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (told,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return [[name.strip() for name in layer.split(":")] for layer in told]


def test_each_module_of_the_core_stands_in_a_layer_and_imports_downwards_only():
    """The tool itself looks at the layers that are named, and never misses one (its word for it sees no packages)."""
    named = {name for layer in layers() for name in layer}
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "bot").rglob("*.py")
        if path.stem != "__init__"
    }
    homeless = {
        module for module in modules if not any(f"{module}.".startswith(f"{name}.") for name in named)
    }
    assert homeless == set()
