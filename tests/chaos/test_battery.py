"""The battery's short form: real processes, killed, paused, cut off, short of disk and bucket, on both databases."""

import pytest

from tests.chaos.battery import Plan, battery
from tests.chaos.ground import may_mount
from tests.chaos.verdict import Rows, _of_bill, _of_job

JOB = {
    "id": "j1", "state": "finished", "reason": "", "open": 0, "version": 5, "captured_credits": 10,
    "spent_credits": 10, "order_json": '{"credits_each": 10, "prompt": "a fox, number 1"}',
}  # fmt: skip
MESSAGE = {"role": "main", "shown": 5, "key": "m1"}
IMAGE = {"role": "image", "key": "pictures/j1/1.png"}
BILL = {1: [{"credits": 10}]}


def found(job=None, message=None, images=(IMAGE,), billed=None):
    row = {**JOB, **(job or {})}
    rows = Rows([row], {"j1": [{**MESSAGE, **(message or {})}]}, {"j1": list(images)})
    return [*_of_job(row, rows), *_of_bill(row, BILL if billed is None else billed)]


def test_the_verdict_finds_nothing_where_all_is_well():
    assert found() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"job": {"open": 1}},
        {"job": {"state": "rendering"}},
        {"job": {"captured_credits": 20}},
        {"job": {"state": "failed", "captured_credits": 0, "spent_credits": 0}, "images": ()},
        {"message": {"shown": 4}},
        {"message": {"shown": 10**9}},
        {"message": {"key": None}},
        {"images": ()},
        {"images": (IMAGE, IMAGE)},
        {"billed": {}},
        {"billed": {1: BILL[1] * 2}},
    ],
)
def test_the_verdict_finds_every_kind_of_broken_promise(wrong):
    assert found(**wrong)


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
