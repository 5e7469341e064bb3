"""`easel` as a process of its own, with a configuration of one provider and no gateway."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there


async def easel(folder: Path, provider: str, section: dict[str, Any], *words: str) -> Any:
    """What a command answers as JSON. `section` is that of the provider; its result links may be local ones."""
    sections: dict[str, dict[str, Any]] = {
        "store": {"url": f"sqlite:///{folder / 'easel.db'}"},
        "assets": {"url": str(folder / "assets")},
        "fetch": {"allow_hosts": [section["base_url"].split("/")[2]]},
        "quotas": {"daily_allowance": 5000},
        f"providers.{provider}": section,
    }
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for name, values in sections.items()
    )
    config = folder / "easel.toml"
    config.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, "--json", "--config", str(config),
        cwd=folder, env={**os.environ, "PYTHONPATH": ""},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert out, err.decode()
    assert there(process.returncode) in (0, 1), err.decode()
    return json.loads(out)
