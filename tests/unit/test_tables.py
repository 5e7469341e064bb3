"""What people at a terminal read: headings, local times, whole rows; what a prompt holds commands nothing."""

import time

from bot.checks import checked
from bot.cli import tables


def test_a_row_of_a_file_is_one_line_and_nothing_is_cut(capsys):
    words = "a very long prompt " * 40
    tables.show_table(("Job", "Words"), [("j1", words.strip()), ("j2", "[red]x[/]\n\033[2J"), ("j3", None)])
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split() == ["Job", "Words"]
    assert rows[0] == f"j1   {words.strip()}"
    assert rows[1] == r"j2   [red]x[/]\n\x1b[2J"
    assert len(rows) == 3


def test_times_and_numbers_are_for_people(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        assert tables.when(1_790_000_000.0) == "2026-09-21 23:13"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (tables.when(None), tables.number(None), tables.number(12_000)) == ("", "", "12,000")


def test_a_check_says_what_is_wrong_what_is_advised_and_how_many(capsys):
    tables.show_checks(
        [
            checked("storage", detail="./assets"),
            checked("url", detail="none", fix="set one"),
            checked("key", ok=False, detail="401", fix="set the right one"),
        ]
    )
    assert capsys.readouterr().out.splitlines() == [
        "✓  storage  ./assets",
        "!  url      none",
        "            → set one",
        "✗  key      401",
        "            → set the right one",
        "1 to mend, 1 to think about.",
    ]
    tables.show_checks([checked("storage", detail="./assets")])
    assert capsys.readouterr().out.splitlines()[-1] == "All is well."
