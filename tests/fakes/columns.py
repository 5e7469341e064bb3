"""The columns of the newest schema, as SQLite reads them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from bot.store import schema


def columns() -> Iterator[tuple[str, str]]:
    """Each table with each of its columns."""
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.make(connection)
        for table in schema.tables():
            for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table.name,)):
                yield table.name, row[0]
