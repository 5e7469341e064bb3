"""PostgreSQL by asyncpg: a pool, bounded waits, and deadlocks tried again."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg

from bot.errors import ConfigError, StoreBusy
from bot.process.hidden import SecretUrl, hide
from bot.store.database import MAY_HAVE_HELD, MAYBE, Dialect, Rows, Sql, Steps
from bot.store.migrate import migrate
from bot.store.schema import HEAD

T = TypeVar("T")

PATIENCE_S = 5.0  # for a free connection, a new one, and the pool's end
_TRIES = 6
_CLOCK_EVERY_S = 30.0

# What a repeat of the whole transaction can cure: nothing of it was committed.
_REPEATABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,  # another process has migrated meanwhile
)
# The connection or the server went away: a repeat may find it back.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a cut that arrives between two statements
    OSError,
)


class PostgresDatabase:
    """A pool of connections; the server's clock is ours."""

    def __init__(self, url: str, pool: "asyncpg.Pool[Any]", *, patience_s: float = PATIENCE_S) -> None:
        self.url = url
        self._pool = pool
        self._patience_s = patience_s
        self._dialect = Dialect(numbered=True, locks=True)
        self._server_ahead_s = 0.0  # server's unix time minus our monotonic clock
        self._clock_read_at = float("-inf")

    def now(self) -> float:
        """The server's time, carried on by our monotonic clock between two looks at it."""
        return time.monotonic() + self._server_ahead_s

    async def write(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """See Database.write. Read committed: every guard is a row lock or a guarded UPDATE."""
        return await self._run(lambda: steps(*args, **kwargs), read_only=False)

    async def read(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """See Database.read. Repeatable read: one snapshot for the whole generator."""
        return await self._run(lambda: steps(*args, **kwargs), read_only=True)

    async def scrub(self) -> None:
        """The server's own vacuum overwrites what was erased."""

    async def aclose(self) -> None:
        """Waits a moment for running transactions, then cuts them."""
        try:
            await asyncio.wait_for(self._pool.close(), self._patience_s)
        except TimeoutError:
            self._pool.terminate()

    async def _run(self, begin: Callable[[], Steps[T]], *, read_only: bool) -> T:
        trouble: Exception = TimeoutError()
        before: Rows = ()  # MAYBE once a commit was asked for and not answered
        for turn in range(_TRIES):
            committing = False
            try:
                async with self._pool.acquire(timeout=self._patience_s) as connection:
                    await self._read_clock(connection)
                    isolation: Any = "repeatable_read" if read_only else "read_committed"
                    async with connection.transaction(isolation=isolation, readonly=read_only):
                        result = await self._drive(connection, begin(), before)
                        committing = True
                    return result
            except (asyncpg.QueryCanceledError, TimeoutError) as error:
                # It has waited long enough; a repeat would only wait as long again.
                raise _busy(error) from error
            except (*_REPEATABLE, *_AWAY) as error:
                if isinstance(error, ValueError):  # asyncpg.DataError: a bug of ours
                    raise
                trouble = error
                if committing and not isinstance(error, _REPEATABLE):
                    before = MAYBE
            await asyncio.sleep(0.02 * 2**turn * (1 + random.random()))  # noqa: S311 - jitter
        raise _busy(trouble) from trouble

    async def _drive(self, connection: Any, steps: Steps[T], before: Rows) -> T:
        try:
            statement: Sql = next(steps)
            while True:
                if statement is MAY_HAVE_HELD:
                    statement = steps.send(before)
                    continue
                text, names = self._dialect.rewrite(statement.text)
                rows = await connection.fetch(text, *(statement.parameters[name] for name in names))
                statement = steps.send(rows)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _read_clock(self, connection: Any) -> None:
        if time.monotonic() - self._clock_read_at < _CLOCK_EVERY_S:
            return
        server_s = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        self._clock_read_at = time.monotonic()
        self._server_ahead_s = server_s - self._clock_read_at


async def open_postgres(
    url: str,
    *,
    pool_size: int,
    patience_s: float = PATIENCE_S,
    statement_timeout_s: float | None = None,
) -> PostgresDatabase:
    """Connects and migrates. `patience_s`: longest wait for a connection; a statement may take twice as long.

    Raises ConfigError when the server refuses us or can't be reached.
    """
    statement_timeout_s = 2 * patience_s if statement_timeout_s is None else statement_timeout_s
    url = url.replace("postgres://", "postgresql://", 1)
    try:
        if not await _is_newest(url, patience_s):
            await migrate("postgresql+asyncpg://", lambda: asyncpg.connect(url, timeout=patience_s))
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=patience_s,
            command_timeout=statement_timeout_s + 2,
            reset=_keep,
            server_settings={
                "application_name": "easel",
                "statement_timeout": str(int(statement_timeout_s * 1000)),
                "idle_in_transaction_session_timeout": "30000",
            },
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
        raise ConfigError(f"[store] url: {SecretUrl(url)} can't be used: {_told(error)}") from None
    database = PostgresDatabase(url, pool, patience_s=patience_s)
    try:
        await database.read(_nothing)
    except BaseException:
        pool.terminate()
        raise
    return database


async def _is_newest(url: str, patience_s: float) -> bool:
    """Whether the server has the newest schema already: a start does without SQLAlchemy then (half a second, 30 MiB)."""
    connection = await asyncpg.connect(url, timeout=patience_s, command_timeout=patience_s)
    try:
        rows = await connection.fetch("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close(timeout=patience_s)
    return [row["version_num"] for row in rows] == [HEAD]


def _told(error: Exception) -> str:
    """Why not. Who reads an address wrongly quotes what it took for a port or a host: parts of the password."""
    if isinstance(error, ValueError) and not isinstance(error, asyncpg.PostgresError):
        return "it can't be read; in a password : / ? # @ and % are written as %3A %2F %3F %23 %40 and %25"
    return f"{type(error).__name__}: {hide(str(error))}"


def _busy(error: Exception) -> StoreBusy:
    return StoreBusy(f"the database can't answer: {type(error).__name__}")


async def _keep(_: Any) -> None:
    """A connection goes back to the pool as it is: we set nothing in a session, so nothing is to be reset."""


def _nothing() -> Steps[None]:
    yield Sql("SELECT 1", {})
