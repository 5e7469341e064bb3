"""Moves a stopped installation to another database, and backs up a SQLite file while it runs."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError
from bot.process import modes
from bot.store import Store
from bot.store.database import Row, Rows, Sql, Steps, sql
from bot.store.schema import Table, tables
from bot.store.sqlite import path_of

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Copied:
    """One table, and how many rows it has on both sides."""

    table: str
    rows: int


async def copy_store(source: Store, target: Store) -> list[Copied]:
    """Copies every table in the order of their keys, then checks counts and the books.

    Raises ConfigError when the target holds something already, or the sums differ.
    """
    ours = tables()
    for table in ours:
        rows: int = await target.database.read(_count, table.name)
        if rows and table.name != "secrets":
            raise ConfigError(f"the target's table {table.name} is not empty: copy into a new database")
    copied = [await _copy_table(source, target, table) for table in ours]
    for before, after in zip(await _sums(source), await _sums(target), strict=True):
        if before != after:
            raise ConfigError(f"the sums differ after copying: {before} and {after}")
    problems = await target.ledger.problems()
    if problems:
        raise ConfigError(f"the copied books don't balance: {problems[0]}")
    return copied


async def _copy_table(source: Store, target: Store, table: Table) -> Copied:
    total = 0
    if table.name == "secrets":
        await target.database.write(_empty, table.name)
    while rows := await source.database.read(_page, table, total):
        await target.database.write(_insert, table.name, rows)
        total += len(rows)
    if await target.database.read(_count, table.name) != total:
        raise ConfigError(f"the table {table.name} has another number of rows after copying")
    return Copied(table.name, total)


def _count(table: str) -> Steps[int]:
    rows = yield sql(f"SELECT COUNT(*) AS n FROM {table}")
    return int(rows[0]["n"])


def _empty(table: str) -> Steps[None]:
    yield sql(f"DELETE FROM {table}")


def _page(table: Table, offset: int) -> Steps[Rows]:
    keys = ", ".join(table.key)
    return (
        yield sql(f"SELECT * FROM {table.name} ORDER BY {keys} LIMIT {_BATCH} OFFSET :offset", offset=offset)
    )


def _insert(table: str, rows: Rows) -> Steps[None]:
    for row in rows:
        yield _insertion(table, row)


def _insertion(table: str, row: Row) -> Sql:
    names = list(row.keys())
    values = ", ".join(f":{name}" for name in names)
    return Sql(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", {name: row[name] for name in names}
    )


async def _sums(store: Store) -> list[tuple[str, int]]:
    """What must be equal to the credit."""

    def steps() -> Steps[list[tuple[str, int]]]:
        found = []
        for name, query in (
            ("posted", "SELECT COALESCE(SUM(posted), 0) AS n FROM accounts"),
            ("held", "SELECT COALESCE(SUM(held), 0) AS n FROM accounts"),
            ("transfers", "SELECT COALESCE(SUM(amount), 0) AS n FROM transfers"),
            ("captured", "SELECT COALESCE(SUM(captured_credits), 0) AS n FROM jobs"),
            ("meters", "SELECT COALESCE(SUM(used), 0) AS n FROM meters"),
        ):
            rows = yield sql(query)
            found.append((name, int(rows[0]["n"])))
        return found

    return await store.database.read(steps)


async def backup_sqlite(url: str, target: Path) -> int:
    """Copies a SQLite database page by page while others use it; answers the bytes. Raises ConfigError."""
    return await asyncio.to_thread(_backup, Path(path_of(url)), target)


def _backup(source: Path, target: Path) -> int:
    if not source.exists():
        raise ConfigError(f"{source}: there is no database yet")
    if target.exists():
        raise ConfigError(f"{target}: exists already; name a new file")
    try:
        modes.make_file(target, fresh=True)
    except OSError as error:
        raise ConfigError(f"{target}: can't be made: {error.strerror}") from error
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=1000, sleep=0.01)
        (state,) = copy.execute("PRAGMA integrity_check").fetchone()
    if state != "ok":
        raise ConfigError(f"the copy is not sound: {state}")
    return target.stat().st_size
