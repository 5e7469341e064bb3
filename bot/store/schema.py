"""The schema: numbered scripts of SQL that both databases run, and nothing beside them.

Alembic runs on an older database those that it lacks (bot/store/migrate.py); a new SQLite file runs all.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

SCRIPTS = tuple(sorted((Path(__file__).parent / "migrations" / "versions").glob("*.sql")))
HEAD = SCRIPTS[-1].name.partition("_")[0]  # the newest one's number, as Alembic's revision


def statements(script: Path) -> list[str]:
    """The statements of a script, each with the comment above it."""
    return [text for text in script.read_text(encoding="utf-8").split(";\n") if text.strip()]


def make(connection: sqlite3.Connection) -> None:
    """Makes everything in an empty file, as if Alembic had; a part of the caller's transaction.

    Alembic's import alone takes most of a second, and a first `easel imagine` shall not wait for that.
    """
    for script in SCRIPTS:
        for statement in statements(script):
            connection.execute(statement)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of ours and the columns of its key."""

    name: str
    key: tuple[str, ...]


def tables() -> list[Table]:
    """All tables of the newest schema, each behind those that it refers to; SQLite reads the scripts for us."""
    with closing(sqlite3.connect(":memory:")) as connection:
        make(connection)
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version' ORDER BY name"
        ).fetchall()
        needs = {
            name: [
                row[0]
                for row in connection.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,))
            ]
            for (name,) in found
        }
        return [
            Table(name=name, key=_key(connection, name)) for name in TopologicalSorter(needs).static_order()
        ]


def _key(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
    return tuple(row[0] for row in rows)
