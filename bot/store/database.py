"""Runs one transaction, the same text of SQL on SQLite and on PostgreSQL.

A transaction is a generator: it yields statements and is sent their rows. SQLite drives it in one
hop to its thread, many waiting ones in one commit; PostgreSQL awaits each statement. Either way it
is all or nothing, and an error that it raises rolls back its own writes only.

Statements name their parameters (`:job`). Two marks are written for PostgreSQL and mean nothing on
SQLite, whose writers already stand in line: `{for_update}` and `{skip_locked}`.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]
Rows = Sequence[Row]

NO_LIMIT = 2**62  # of rows: SQLite wants a number behind LIMIT


class Sql(NamedTuple):
    """One statement and its named parameters."""

    text: str
    parameters: dict[str, Any]


Steps = Generator[Sql, Rows, T]


def sql(text: str, **parameters: Any) -> Sql:
    """Makes a statement that a transaction yields."""
    return Sql(text, parameters)


# Yielded instead of a statement, it is answered by the driver: one row where a drive of this very transaction
# before this one may have held, none where none can have.
MAY_HAVE_HELD = Sql("", {})
MAYBE: Rows = ({},)


class Database(Protocol):
    """One database, shared by everything in this process."""

    @property
    def url(self) -> str: ...

    def now(self) -> float:
        """Unix seconds by the database's clock, so that replicas agree whatever their own clocks say."""
        ...

    async def write(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """Runs the generator in a transaction of its own; durable when it returns.

        It may be driven more than once (deadlocks, a busy file), so it must do nothing but SQL. Where a
        connection is cut during the commit nobody can tell whether it held, and it is driven again: keys
        and versions in our statements make that harmless, and who must know asks `MAY_HAVE_HELD`.
        Raises what the generator raises, or StoreBusy.
        """
        ...

    async def read(self, steps: Callable[..., Steps[T]], /, *args: Any, **kwargs: Any) -> T:
        """Runs a generator that only reads, beside the writers."""
        ...

    async def scrub(self) -> None:
        """Makes what was erased unreadable in the database's files as soon as can be; waits for nobody."""
        ...

    async def aclose(self) -> None: ...


_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Dialect:
    """Rewrites our one text for a driver, once for each text."""

    def __init__(self, *, numbered: bool, locks: bool) -> None:
        self._numbered = numbered
        self._locks = locks
        self._known: dict[str, tuple[str, tuple[str, ...]]] = {}

    def rewrite(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The driver's text, and the names of its positional parameters ($1, $2 ...) in order."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._translate(text)
        return known

    def _translate(self, text: str) -> tuple[str, tuple[str, ...]]:
        # No key is ever changed; the weaker lock lets rows that refer to this one be added meanwhile.
        text = text.replace("{for_update}", "FOR NO KEY UPDATE" if self._locks else "")
        text = text.replace("{skip_locked}", "FOR NO KEY UPDATE SKIP LOCKED" if self._locks else "")
        if not self._numbered:
            return text, ()
        names: list[str] = []

        def number(match: re.Match[str]) -> str:
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"

        return _PARAMETER.sub(number, text), tuple(names)
