"""The battery's short form: real processes, killed, paused, cut off, short of disk and bucket, on both databases."""

import pytest

from tests.chaos.battery import Plan, battery
from tests.chaos.ground import may_mount


async def test_one_process_on_sqlite_keeps_every_promise_when_killed_locked_out_and_out_of_space():
    disk = may_mount()
    plan = Plan(pictures="disk" if disk else "folder", kill=2, lock=1, fill=int(disk), seed=11)
    report = await battery(plan)
    print("\n".join(report.lines()))
    assert report.problems == []
    assert report.done["kill"] == 2
    assert report.figures["ends"]["finished"] > 0


async def test_two_replicas_on_postgresql_keep_every_promise_when_killed_paused_cut_off_and_without_a_bucket():
    pytest.importorskip("moto.server")
    plan = Plan(
        database="postgres", pictures="bucket", replicas=2, kill=2, stop=1, cut=3, restart=1, shut=1, seed=12
    )
    report = await battery(plan)
    print("\n".join(report.lines()))
    assert report.problems == []
    assert report.done["kill"] == 2
    assert report.figures["ends"]["finished"] > 0
