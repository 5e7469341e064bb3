"""The one table of the benchmarks: what it lists, how it is told, and that every row has its bench."""

import json
import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from bench import __main__ as entry
from bench import page
from bench.goals import BENCHES, GOALS, Goal, Kind
from bench.polling import Noticed
from bench.processes import parent_of
from bench.replicas import Moment, between
from bench.table import Figure, Row, compared, document, figures_of, markdown, rows_of

ROOT = Path(__file__).parents[2]


def test_it_lists_every_row_with_its_target(capsys):
    assert entry.main(["--list"]) == 0
    told = capsys.readouterr().out
    assert all(goal.name in told and goal.what in told for goal in GOALS.values())


def test_every_bench_answers_for_its_rows():
    for bench in BENCHES:
        module, call = bench.place
        text = (ROOT / f"{module.replace('.', '/')}.py").read_text()
        assert re.search(rf"^def {call}\(", text, re.MULTILINE), bench.name
        missing = [goal.name for goal in bench.goals if f'"{goal.name}"' not in text]
        assert missing == [], bench.name


def test_all_of_it_ends_within_its_limits_and_no_row_is_measured_twice():
    assert len(GOALS) == sum(len(bench.goals) for bench in BENCHES)
    assert all(bench.within_s > 0 for bench in BENCHES)


def test_a_table_tells_what_was_met_missed_and_not_measured():
    rows = rows_of(
        {
            "ack.p50": Figure(ours=4.0),
            "picture.cpu": Figure(ours=20.0, note="600 pictures"),
            "burst.late": Figure(ours=0),
            "accept.together": Figure(ours=8_000, theirs=1_600),
            "help.wall": None,
        }
    )
    assert {row.goal.name: row.is_met for row in rows} == {
        "ack.p50": True,
        "picture.cpu": False,
        "burst.late": True,
        "accept.together": True,
        "help.wall": False,
    }
    told = markdown(rows)
    assert len(set(map(len, told.split("\n\n")[0].splitlines()))) == 1, "columns stand below one another"
    assert "not measured" in told
    assert "600 pictures" in told
    assert "≥ 4" in told


def test_a_peer_that_nobody_has_to_have_is_not_missed():
    (absent,) = rows_of({"race.bot": None})
    assert not absent.is_missed
    assert not absent.is_met
    assert "not measured" in absent.cells
    assert "missed" not in absent.cells
    (beaten,) = rows_of({"race.bot": Figure(ours=10, theirs=10)})
    assert beaten.is_missed


def test_a_comparison_holds_each_figure_beside_the_older_one():
    old = json.loads(document(rows_of({"picture.cpu": Figure(ours=20.0), "help.wall": None})))
    told = compared(rows_of({"picture.cpu": Figure(ours=10.0), "help.wall": Figure(ours=0.02)}), old)
    (line,) = told.splitlines()[2:]
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        "a small picture on Discord: processor of the process", "ms", "20", "10", "0.5", "processor",
    ]  # fmt: skip


def test_more_is_better_only_where_a_goal_says_so():
    goal = Goal(name="x", what="x", unit="", kind=Kind.COUNT, against="peer", ratio=2.0, more=True)
    assert Row(goal=goal, figure=Figure(ours=4, theirs=2)).is_met
    assert not Row(goal=goal, figure=Figure(ours=3, theirs=2)).is_met


def test_the_page_takes_a_table_between_its_marks_and_keeps_the_rest():
    old = f"# Fast\n{page.BEGIN}\n| old |\n{page.END}\nThe machine.\n"
    new = page.put(old, "| new |")
    assert new == f"# Fast\n{page.BEGIN}\n| new |\n{page.END}\nThe machine.\n"
    with pytest.raises(ValueError, match="no place for the table"):
        page.put("# Fast\n", "| new |")


def test_the_page_that_there_is_has_a_place_for_a_run(tmp_path):
    (tmp_path / "docs").mkdir()
    there = tmp_path / "docs/performance.md"
    there.write_text((ROOT / "docs/performance.md").read_text())
    page.write(rows_of({"picture.cpu": Figure(ours=11.5)}), tmp_path)
    assert "11.5" in there.read_text()
    assert "processor of the process" in (tmp_path / "docs/performance.svg").read_text()


def test_a_part_is_measured_anew_and_the_rest_stays_as_it_was(tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    out.with_suffix(".json").write_text(
        document(rows_of({"picture.cpu": Figure(ours=11.5), "start.ready": None}))
    )
    monkeypatch.setattr(entry, "measured", lambda bench: {"race.through": Figure(ours=1), "race.look": None})
    entry.main(["--only", "racing", "--out", str(out)])
    told = figures_of(json.loads(out.with_suffix(".json").read_text()))
    assert told["picture.cpu"] == Figure(ours=11.5)
    assert told["race.through"] == Figure(ours=1)
    assert told["start.ready"] is None
    assert "11.5" in capsys.readouterr().out


def test_looks_are_compared_at_the_same_lag():
    slow = Noticed(lag=0.04, lag_s=0.6, polls=10, cpu_ms=1)
    assert slow.looks_at(0.02) == 20
    assert slow.looks_at(slow.lag) == slow.polls


def test_a_process_knows_who_has_started_it():
    assert parent_of(os.getpid()) == os.getppid()
    assert parent_of(0) == 0


def test_a_run_of_several_processes_tells_what_a_while_was_like():
    zero = dict.fromkeys((one.name for one in fields(Moment)), 0)
    begun = Moment(**zero)
    later = Moment(**zero | {"at": 10, "finished": 200, "transactions": 1400, "worker_s": 5, "open_jobs": 60})
    told = between(begun, later)
    assert "20.0 pictures/s" in told
    assert "140 transactions/s" in told
    assert "workers 50 + 0 %" in told
    assert "60 open" in told
