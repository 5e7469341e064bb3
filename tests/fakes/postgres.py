"""A real PostgreSQL for tests: one server a session, a database of its own, emptied before each test.

Use it by `pytest_plugins = ("tests.fakes.postgres",)` in a test module, and ask for `postgres` or `fresh_postgres`.
PYTEST_DONT_REWRITE: whoever imports it first, it may still become a plugin.
"""

from collections.abc import Iterator

import asyncpg
import pytest

from bot.store.migrate import migrate
from bot.store.schema import tables
from tests.fakes.postgres_server import database, execute, in_thread, server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[str]:
    with database(postgres_server) as url:
        in_thread(lambda: migrate("postgresql+asyncpg://", lambda: asyncpg.connect(url)))
        yield url


@pytest.fixture
def postgres(_migrated_postgres: str) -> str:
    """The URL of a migrated database without rows."""
    # Of tables with a few rows TRUNCATE takes ten times as long: it makes new files for each of them.
    empty = "; ".join(f"DELETE FROM {table.name}" for table in tables())
    in_thread(lambda: execute(_migrated_postgres, f"SET session_replication_role = replica; {empty}"))
    return _migrated_postgres


@pytest.fixture
def fresh_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a database that nobody has migrated yet."""
    with database(postgres_server) as url:
        yield url
