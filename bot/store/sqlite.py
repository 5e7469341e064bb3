"""SQLite by aiosqlite: one hop to its thread a transaction, and one commit for all that wait (group commit)."""

import asyncio
import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import ConfigError, StoreBusy
from bot.process import modes
from bot.process.hidden import SecretUrl
from bot.store.database import MAY_HAVE_HELD, Dialect, Sql, Steps
from bot.store.migrate import migrate
from bot.store.schema import HEAD, make

T = TypeVar("T")

WAITING_MAX = 20_000
BATCH_MAX = 256
_COMMITS_MOST = 64  # one after the other, before anything else has its turn in the writer's thread
_BUSY_TRIES = 3
_BUSY_TIMEOUT_S = 5.0  # of one try
_CLOSE_TIMEOUT_S = 5.0
_SCRUB_PATIENCE_MS = 250  # for whoever reads the log: nobody's commit waits longer
_MAKING_TIMEOUT_S = 20.0  # several processes may start on a new file at once
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is gone from the file, too
)


def path_of(url: str) -> str:
    """`sqlite:///easel.db` is relative, `sqlite:////var/easel.db` absolute. Raises ConfigError."""
    scheme, _, path = url.partition(":///")
    if not scheme.startswith("sqlite") or not path:
        raise ConfigError(
            f"[store] url: {SecretUrl(url)} is no database URL; write sqlite:///easel.db or postgresql://..."
        )
    return path


def on_thread(connection: aiosqlite.Connection, function: Callable[..., T], *args: Any) -> Any:
    """The one private call of aiosqlite that we use (pinned in pyproject, guarded by a test)."""
    return connection._execute(function, *args)  # type: ignore[no-untyped-call]  # noqa: SLF001


@dataclass(slots=True)
class _Waiting:
    """One transaction in line for the next commit."""

    steps: Callable[[], Steps[Any]]
    done: asyncio.Future[Any]


class SqliteDatabase:
    """One writer connection with group commit, one reader beside it."""

    def __init__(self, url: str, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self.url = url
        self._writer = writer
        self._reader = reader
        self._dialect = Dialect(numbered=False, locks=False)
        self._closing = False
        self._line: deque[_Waiting] = deque()  # the loop adds to it, the writer's thread takes from it
        self._drainer: asyncio.Task[None] | None = None  # while the thread is at it
        self._stopped = False  # what waits still is not committed any more

    def now(self) -> float:
        """The machine's clock: a SQLite file has one machine."""
        return time.time()

    async def write(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """See Database.write. A cancelled caller's transaction may still be committed."""
        if self._closing:
            raise _closed()
        if len(self._line) >= WAITING_MAX:
            raise StoreBusy("too many transactions wait for the disk")
        waiting = _Waiting(partial(steps, *args, **kwargs), asyncio.get_running_loop().create_future())
        self._line.append(waiting)
        if self._drainer is None:
            self._drainer = asyncio.create_task(self._drain(), name="store-commits")
        result: T = await waiting.done
        return result

    async def read(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """See Database.read."""
        if self._closing:
            raise _closed()
        try:
            result: T = await on_thread(self._reader, self._read, steps, args, kwargs)
        except sqlite3.OperationalError as error:
            if not _of_the_file(error):
                raise
            raise StoreBusy(str(error)) from error
        return result

    async def scrub(self) -> None:
        """Empties the log that still has the pages as they were; one that somebody reads is emptied later."""
        if not self._closing:
            with contextlib.suppress(sqlite3.OperationalError):
                await on_thread(self._writer, self._scrub)

    async def aclose(self) -> None:
        """Commits what waits, then closes both connections (an open one keeps the process from exiting)."""
        self._closing = True
        try:
            if self._drainer is not None:
                await asyncio.wait([self._drainer], timeout=_CLOSE_TIMEOUT_S)
        finally:
            self._stopped = True
            await asyncio.shield(asyncio.ensure_future(self._close_connections()))

    async def _close_connections(self) -> None:
        if self._drainer is not None:
            await asyncio.gather(self._drainer, return_exceptions=True)
        self._give_up(_closed())
        try:
            await self._reader.close()
        finally:
            await self._writer.close()

    async def _drain(self) -> None:
        """Keeps the writer's thread at it until nothing waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._line and not self._stopped:
                await on_thread(self._writer, self._commit_waiting, loop)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, and the next go on
            self._give_up(StoreBusy(repr(error)))
        finally:
            self._drainer = None

    def _give_up(self, error: StoreBusy) -> None:
        waiting = [self._line.popleft() for _ in range(len(self._line))]
        _tell(waiting, [error for _ in waiting])

    # What follows runs in the connections' threads.

    def _commit_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        """Commit after commit, each of all that waits by then: the loop isn't asked in between, only told."""
        for _ in range(_COMMITS_MOST):
            if self._stopped:
                return
            batch = [self._line.popleft() for _ in range(min(len(self._line), BATCH_MAX))]
            if not batch:
                return
            try:
                outcomes = self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, and the next go on
                outcomes = [StoreBusy(repr(error)) for _ in batch]
            loop.call_soon_threadsafe(_tell, batch, outcomes)

    def _commit(self, batch: list[_Waiting]) -> list[Any]:
        """All waiting transactions in one commit, a savepoint each. Answers a result or an error for each."""
        connection = self._writer._conn  # noqa: SLF001 - the raw connection, in its own thread
        trouble: sqlite3.Error | None = None
        for turn in range(_BUSY_TRIES):
            try:
                connection.execute("BEGIN IMMEDIATE")
                outcomes = [self._attempt(connection, waiting, alone=len(batch) == 1) for waiting in batch]
                if connection.in_transaction:
                    connection.execute("COMMIT")
            except sqlite3.Error as error:
                trouble = error
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                time.sleep(0.02 * 2**turn)
            else:
                return outcomes
        return [StoreBusy(str(trouble)) for _ in batch]

    def _attempt(self, connection: sqlite3.Connection, waiting: _Waiting, *, alone: bool) -> Any:
        """One of the transactions. Whose is alone needs no savepoint: all there is may be rolled back."""
        if waiting.done.done():  # its caller was cancelled while it stood in line
            return None
        if alone:
            return self._attempt_alone(connection, waiting)
        connection.execute("SAVEPOINT one")
        try:
            result = self._drive(connection, waiting.steps())
        except Exception as error:
            if _of_the_file(error):
                raise
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            return error
        connection.execute("RELEASE one")
        return result

    def _attempt_alone(self, connection: sqlite3.Connection, waiting: _Waiting) -> Any:
        try:
            return self._drive(connection, waiting.steps())
        except Exception as error:
            if _of_the_file(error):
                raise
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return error

    def _scrub(self) -> None:
        connection = self._writer._conn  # noqa: SLF001 - the raw connection, in its own thread
        (patience_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {_SCRUB_PATIENCE_MS}")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {patience_ms}")

    def _read(self, steps: Callable[..., Steps[T]], args: Any, kwargs: Any) -> T:
        connection = self._reader._conn  # noqa: SLF001 - the raw connection, in its own thread
        connection.execute("BEGIN")
        try:
            return self._drive(connection, steps(*args, **kwargs))
        finally:
            connection.execute("ROLLBACK")

    def _drive(self, connection: sqlite3.Connection, steps: Steps[T]) -> T:
        try:
            statement: Sql = next(steps)
            while True:
                if (
                    statement is MAY_HAVE_HELD
                ):  # SQLite knows what became of a commit: one that fails is rolled back
                    statement = steps.send(())
                    continue
                text, _ = self._dialect.rewrite(statement.text)
                statement = steps.send(connection.execute(text, statement.parameters).fetchall())
        except StopIteration as stop:
            result: T = stop.value
            return result


def _closed() -> StoreBusy:
    return StoreBusy("the store is closed")


def _of_the_file(error: Exception) -> bool:
    """Whether the file or disk is in trouble (busy, full, I/O), and not this one transaction's statement."""
    return (
        isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR
    )


def _tell(batch: list[_Waiting], outcomes: list[Any]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.done.done():
            continue
        if isinstance(outcome, Exception):
            waiting.done.set_exception(outcome)
        else:
            waiting.done.set_result(outcome)


def _is_at_head(path: Path) -> bool:
    """Whether the file has the newest schema already: a start does without SQLAlchemy then (half a second)."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    except sqlite3.Error:  # no file, no table, or locked: the migration looks closely
        return False


def _is_made(path: Path) -> bool:
    """Makes a file that isn't there yet from the migrations' own scripts: in a tenth of Alembic's time."""
    with contextlib.closing(
        sqlite3.connect(path, timeout=_MAKING_TIMEOUT_S, isolation_level=None)
    ) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() != (0,):
            connection.execute("ROLLBACK")
            return False
        make(connection)
        connection.execute("COMMIT")
    return True


def _make_ours(path: Path) -> None:
    """The file is there, and it and those beside it are ours alone: SQLite gives them the database's own mode."""
    modes.make_folder(path.parent)
    modes.make_file(path)
    modes.tighten(*modes.beside(path))


def _assert_there(path: Path) -> None:
    """Raises ConfigError where there is no database: whoever only looks or mends must not make one."""
    if not path.exists():
        raise ConfigError(
            f"[store] url: there is no database {path.absolute()}; easel run makes it, and so do easel play and easel imagine."
            " Where something was drawn before: is it the right configuration, in the right folder?"
        )


async def open_sqlite(
    url: str, *, busy_timeout_s: float = _BUSY_TIMEOUT_S, create: bool = True
) -> SqliteDatabase:
    """Opens the file, creating and migrating it. Raises ConfigError when it can't be opened."""
    path = Path(path_of(url))
    if not create:
        await asyncio.to_thread(_assert_there, path)
    try:
        await asyncio.to_thread(_make_ours, path)
        if not await asyncio.to_thread(_is_at_head, path) and not await asyncio.to_thread(_is_made, path):
            await migrate(f"sqlite+aiosqlite:///{path}")
        writer = await _connect(path, busy_timeout_s)
        try:
            reader = await _connect(path, busy_timeout_s)
        except BaseException:
            await writer.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"[store] url: {path} can't be opened: {error}") from error
    return SqliteDatabase(url, writer, reader)


async def _write_ahead(connection: aiosqlite.Connection, patience_s: float) -> None:
    """Switches the file to WAL, once. SQLite doesn't wait for others at that, so we do."""
    give_up_at = time.monotonic() + max(patience_s, 0.1)
    while True:
        try:
            if [tuple(row) for row in await connection.execute_fetchall("PRAGMA journal_mode")] != [("wal",)]:
                await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            await asyncio.sleep(0.02)
        else:
            return


async def _connect(path: Path, busy_timeout_s: float) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=busy_timeout_s)
    try:
        await _write_ahead(connection, busy_timeout_s)
        for pragma in _PRAGMAS:
            await connection.execute_fetchall(pragma)
    except BaseException:
        await connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection
