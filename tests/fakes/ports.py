"""The project's own integrations as the type checker shall read them: each entry point held against its port."""

import tomllib
from pathlib import Path

_PORTS = {
    "easel.surfaces": "Surface",
    "easel.providers": "Provider",
    "easel.prompt_checks": "PromptCheck",
    "easel.image_checks": "ImageCheck",
}
_HEAD = """from collections.abc import Callable

from bot.ports import ImageCheck, PromptCheck, Surface
from bot.provider import Provider
"""


def held(root: Path) -> str:
    """A file for mypy, made from the entry points, so that a new integration is in it by itself."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    imports, lines = [], []
    for group, port in _PORTS.items():
        for name, entry in project["entry-points"][group].items():
            module, _, opener = entry.partition(":")
            imports.append(f"import {module}")
            lines.append(
                f"{port.lower()}_{name.replace('-', '_')}: Callable[..., {port}] = {module}.{opener}"
            )
    return "\n".join([_HEAD, *sorted(set(imports)), "", *lines, ""])
