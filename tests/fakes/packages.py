"""Packages of other people, installed beside Easel: a module and its entry points in a folder on the path."""

import asyncio
import json
import os
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.journey.program import Done, finish

ROOT = Path(__file__).parents[2]
COMMANDS = """
import json, sys
from tests.fakes.command import command
print(json.dumps([command(*words) for words in json.loads(sys.argv[1])]))
"""


@dataclass(frozen=True)
class Site:
    """A folder with packages, and the program that finds them there."""

    folder: Path

    def install(self, name: str, code: str, **points: dict[str, str]) -> None:
        """A package `name` of one module; `points` are its entries by group, without `easel.`."""
        (self.folder / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
        )
        lines = []
        for group, entries in points.items():
            lines += [f"[easel.{group}]", *(f"{entry} = {target}" for entry, target in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def configure(self, text: str) -> None:
        """The folder's easel.toml, with a database and pictures of its own."""
        base = '[http]\nport = 0\n[log]\nformat = "json"\n'
        (self.folder / "easel.toml").write_text(base + textwrap.dedent(text), encoding="utf-8")

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        own = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words,
            cwd=self.folder, env={**own, "PYTHONPATH": str(self.folder)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def easel(self, *commands: tuple[str, ...]) -> list[Done]:
        """Commands one after the other, in one process that knows these packages."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMANDS, json.dumps(commands),
            cwd=self.folder, env={**own, "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        done = await finish(process)
        assert done.code == 0, done.err
        return [Done(*told) for told in done.json()]
