"""The installed program as a process, with a configuration of its own, against a simulator over sockets."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.patience import PATIENCE_S
from tests.fakes.sober import SOBER
from tests.fakes.there import there


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Home:
    """A folder with a configuration, a database and pictures."""

    folder: Path
    base_url: str
    address: str
    api_key: str = "sim-key"
    worker: dict[str, Any] = field(default_factory=dict)
    gateway: dict[str, Any] = field(default_factory=dict)
    quotas: dict[str, Any] = field(default_factory=dict)
    more: dict[str, dict[str, Any]] = field(default_factory=dict)  # other sections

    def __post_init__(self) -> None:
        gateway = {"timeout_s": 5, "submit_timeout_s": 5, "poll_timeout_s": 2, **self.gateway}
        worker = {"deadline_s": 25, "grace_s": 3, "lease_s": 2, **self.worker}
        sections: dict[str, dict[str, Any]] = {
            "store": {"url": f"sqlite:///{self.database}"},
            "assets": {"url": str(self.folder / "assets")},
            "http": {"port": 0},
            "gateway": {"base_url": self.base_url, "api_key": self.api_key, **gateway},
            "fetch": {"allow_hosts": [self.address], "timeout_s": 4, "limit_mb": 16},
            "worker": worker,
            "quotas": {
                "daily_allowance": 5000,
                "unnamed_budget": 10**9,
                "unnamed_together": 10**9,
                **self.quotas,
            },
            "limits": {"per_requester": 100},
            "log": {"format": "json"},
        }
        for name, values in self.more.items():
            sections[name] = {**sections.get(name, {}), **values}
        lines = []
        for name, values in sections.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "easel.toml"

    @property
    def database(self) -> Path:
        return self.folder / "easel.db"

    def jobs(self) -> list[dict[str, Any]]:
        """What the table says, asked beside the program."""
        if not self.database.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in connection.execute("SELECT * FROM jobs ORDER BY created_at")]
            except sqlite3.OperationalError:
                return []

    async def start(self, *words: str, config: bool = True) -> asyncio.subprocess.Process:
        more = ("--config", str(self.config)) if config else ()
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, *more,
            cwd=self.folder, env={**os.environ, **SOBER, "PYTHONPATH": ""},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def easel(self, *words: str, config: bool = True) -> Done:
        return await finish(await self.start(*words, config=config))

    async def until(self, meets: Any, *, within_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """Waits until the jobs' rows are as wanted."""
        async with asyncio.timeout(within_s):
            while not meets(rows := self.jobs()):
                await asyncio.sleep(0.02)
        return rows

    @contextlib.asynccontextmanager
    async def running(self, *words: str) -> AsyncIterator["Running"]:
        """`easel run`, from its being ready until its end by SIGTERM, with exit code 0 in time."""
        process = await self.start("run", *words)
        lines: list[dict[str, Any]] = []
        reader = asyncio.create_task(_read_log(process, lines))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not any(line.get("event") == "listening" for line in lines):
                    assert process.returncode is None, lines
                    await asyncio.sleep(0.02)
            address = next(line["address"] for line in lines if line.get("event") == "listening")
            yield Running(address, lines, process)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                code = await process.wait()
                await reader
        assert code == 0, lines


@dataclass
class Running:
    address: str
    log: list[dict[str, Any]]
    process: asyncio.subprocess.Process


async def finish(process: asyncio.subprocess.Process, *, within_s: float = PATIENCE_S) -> Done:
    async with asyncio.timeout(within_s):
        out, err = await process.communicate()
    return Done(there(process.returncode), out.decode(), err.decode())


async def _read_log(process: asyncio.subprocess.Process, lines: list[dict[str, Any]]) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        with contextlib.suppress(ValueError):
            lines.append(json.loads(line))
