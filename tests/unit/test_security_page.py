"""docs/security.md: each boundary names tests that are there, and every column of text says what takes it away."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.schema import make

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
WHO = {
    "stranger", "member", "moderator", "operator", "neighbour", "client", "web page", "webhook", "image service",
    "chat platform", "supply",
}  # fmt: skip


def rows_of(section):
    """The cells of a section's table, row by row, without its head."""
    part = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


BOUNDARIES = rows_of("The boundaries")


def names_of_tests(path):
    """The names of a file's tests, those of classes among them."""
    return set(
        re.findall(r"^ *(?:async )?def (test_\w+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_everybody_who_is_trusted_with_something_has_a_row():
    assert {row[0].partition(":")[0] for row in BOUNDARIES} == WHO
    assert all(len(row) == 4 and all(row) for row in BOUNDARIES)


@pytest.mark.parametrize("row", BOUNDARIES, ids=[row[0].partition(":")[0] for row in BOUNDARIES])
def test_each_boundary_is_walked_by_tests_that_are_there(row):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row[3])
    assert named, "a boundary that nobody walks is a wish"
    assert "`".join(row[3].split("`")[::2]).strip(" ,`") == "", "only tests stand in this column"
    for path, name in named:
        assert (ROOT / path).is_file(), path
        found = names_of_tests(path)
        assert name in found if name else len(found) >= 3, f"{path}::{name}"


def columns_of_text():
    with closing(sqlite3.connect(":memory:")) as connection:
        make(connection)
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name != "alembic_version"
        ]
        for table in tables:
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                if "TEXT" in kind.upper() or "CHAR" in kind.upper():
                    yield f"{table}.{name}"


def test_every_column_of_text_says_once_what_takes_it_away():
    """A new column is thought about, or this fails."""
    told = [
        one for row in rows_of("Where personal data lives") for one in re.findall(r"`(\w+\.\w+)`", row[1])
    ]
    assert sorted(told) == sorted(set(told)), "a column stands there twice"
    assert set(told) == set(columns_of_text())
