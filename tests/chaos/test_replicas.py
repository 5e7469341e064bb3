"""Two processes on one database: one is killed, or paused and woken late, while a job is under way.

On SQLite in virtual time, and on PostgreSQL in real time.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LostJob, NotThere
from bot.job import Move, State
from bot.ports import Card
from bot.store import open_store
from bot.store.leases import Leases
from tests.chaos.far_side import Chat, ChatSurface, Painter
from tests.chaos.lives import (
    WHO,
    World,
    _is_closed,
    fresh_world,
    job_of,
    make_template,
    settings_of,
)
from tests.chaos.processes import Process, until
from tests.chaos.virtual_time import now, run
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

SHM = Path("/dev/shm")
LEASE_S = 10.0


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


class _NeverPosts(ChatSurface):
    async def show(self, card: Card, address, handle):
        await asyncio.Event().wait()


def story(template: Path, tell, *, model: str = "slow-brush", given: int = 0, **painter) -> None:
    async def told() -> None:
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=False, **painter),
            chat=Chat(nonces=False),
            settings=settings_of(),
            request=f"a red fox --model {model}",
            given=given,
        ) as world:
            await tell(world)

    run(told())


async def check(world: World, store, *, state: State, bills: int = 1) -> None:
    job = there(await job_of(store))
    assert (job.state, len(world.painter.bills)) == (state, bills)
    assert await store.ledger.problems() == []
    assert [m.card.state for m in world.chat.messages.values()] == [state], "one message, and the end in it"


def test_a_job_of_a_front_end_is_taken_within_a_second_and_posted_once(template):
    async def tell(world: World) -> None:
        async with Process(world, works=False) as front, Process(world) as worker:
            began = now()
            front.imagine()
            await until(lambda: _has_state(worker, State.RENDERING))
            assert now() - began < 1.6
            await until(lambda: _is_closed(worker.store))
            await check(world, worker.store, state=State.FINISHED)

    story(template, tell)


def test_when_the_front_end_dies_before_posting_the_worker_posts_once(template):
    async def tell(world: World) -> None:
        async with Process(world) as worker:
            async with Process(world, works=False) as front:
                front.app.surfaces["chat"] = _NeverPosts(world.chat)
                front.imagine()
                await until(lambda: _has_job(worker))
            assert not world.chat.messages
            await until(lambda: _is_closed(worker.store))
            await check(world, worker.store, state=State.FINISHED)

    story(template, tell)


@pytest.mark.parametrize("model", ["slow-brush", "quick-brush"])
def test_a_paused_replica_that_wakes_late_changes_nothing(template, model):
    """It sleeps with an answer in its hand; another takes over; its late move is lost and it tells nothing old."""

    async def tell(world: World) -> None:
        async with Process(world) as sleeper, Process(world) as other:
            sleeper.imagine()
            wanted = State.RENDERING if model == "slow-brush" else State.SUBMITTING
            await until(lambda: _has_state(other, wanted))
            async with _Paused(sleeper):
                await until(lambda: _is_closed(other.store))
                ended = there(await job_of(other.store))
            await asyncio.sleep(60)
            assert there(await job_of(other.store)).version == ended.version
            state = State.FINISHED if model == "slow-brush" else State.FAILED
            await check(world, other.store, state=state)

    story(template, tell, model=model)


def test_a_replica_that_was_paused_over_what_was_given_takes_nothing_away(template):
    """It sleeps while it fetches, and what it fetches is gone when it wakes: the order is another's by then."""

    async def tell(world: World) -> None:
        async with Process(world) as sleeper, Process(world) as other:
            gate = asyncio.Event()

            class Late(ChatSurface):
                async def lend(self, ref: str):
                    if ref == "file-2":
                        await gate.wait()
                        raise NotThere
                    return await super().lend(ref)

            sleeper.app.surfaces["chat"] = Late(world.chat)
            sleeper.imagine()
            await until(lambda: _has_state(other, State.ACCEPTED))
            await asyncio.sleep(1)
            kept = {meta["path"] for page in world.bucket.list() for meta in page}
            assert [key.rpartition("/")[2] for key in kept] == ["input-1.png"]
            async with _Paused(sleeper):
                await until(lambda: _is_closed(other.store))
            gate.set()
            await asyncio.sleep(60)
            await check(world, other.store, state=State.FINISHED)
            kept = {meta["path"] for page in world.bucket.list() for meta in page}
            job = there(await job_of(other.store))
            assert {asset.key for asset in job.assets} == kept
            assert len(job.given) == 2

    story(template, tell, given=2)


class _Paused:
    """SIGSTOP of one process: its ports answer nothing until SIGCONT."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def __aenter__(self) -> None:
        life, gate = self._process.life, asyncio.Event()
        self._gate = gate
        original = life._moment

        async def moment(name: str) -> None:
            await gate.wait()
            await original(name)

        life._moment = moment

    async def __aexit__(self, *_) -> None:
        self._gate.set()


def test_a_late_edit_of_the_former_owner_is_told_again(template):
    """Ruling 6: "painting" sent by a replica that was paused inside the edit lands over the picture."""

    async def tell(world: World) -> None:
        async with Process(world) as sleeper, Process(world) as other:
            gate = asyncio.Event()
            held: list[Any] = []

            class Late(ChatSurface):
                async def show(self, card: Card, address, handle):
                    if card.phase == "painting" and not held:
                        held.append(card)
                        await gate.wait()
                    return await super().show(card, address, handle)

            sleeper.app.surfaces["chat"] = Late(world.chat)
            sleeper.imagine()
            await until(lambda: _value(held))
            async with _Paused(sleeper):
                await until(lambda: _is_closed(other.store))
                gate.set()
                await asyncio.sleep(1)
                (message,) = world.chat.messages.values()
                assert message.card.phase == "painting", "the late edit has landed over the picture"
            await asyncio.sleep(60)
            await check(world, other.store, state=State.FINISHED)

    story(template, tell)


def test_a_late_edit_that_its_process_died_with_is_told_again(template):
    """Another has cancelled the job meanwhile, and told it: no record says that "painting" landed over that."""

    async def tell(world: World) -> None:
        async with Process(world) as other:
            async with Process(world) as carrier:
                gate = asyncio.Event()
                held: list[Any] = []

                class Late(ChatSurface):
                    async def show(self, card: Card, address, handle):
                        if card.phase != "painting":
                            return await super().show(card, address, handle)
                        held.append(card)
                        await gate.wait()
                        await super().show(card, address, handle)
                        carrier.life.die("after the edit")
                        return await asyncio.Event().wait()

                carrier.app.surfaces["chat"] = Late(world.chat)
                carrier.imagine()
                await until(lambda: _value(held))
                await other.app.studio.cancel(there(await job_of(other.store)).id, WHO)
                (message,) = world.chat.messages.values()
                await until(lambda: _value(message.card.state == State.CANCELLED))
                gate.set()
                await asyncio.wait_for(carrier.life.killed.wait(), PATIENCE_S)
                assert message.card.phase == "painting", "the late edit has landed over the end"
            await until(lambda: _is_closed(other.store))
            await check(world, other.store, state=State.CANCELLED)

    story(template, tell)


def test_cancel_at_a_front_end_reaches_the_worker_within_two_seconds(template):
    async def tell(world: World) -> None:
        async with Process(world, works=False) as front, Process(world) as worker:
            front.imagine()
            await until(lambda: _has_state(worker, State.RENDERING))
            job = there(await job_of(front.store))
            began = now()
            await front.app.studio.cancel(job.id, WHO)
            await until(lambda: _is_closed(worker.store))
            assert now() - began < 2
            await asyncio.sleep(30)
            assert not worker.app.worker._carried
            await check(world, worker.store, state=State.CANCELLED)

    story(template, tell)


def test_nothing_is_remembered_of_jobs_that_are_over(template):
    async def tell(world: World) -> None:
        async with Process(world) as worker:
            await worker.imagine()
            await until(lambda: _is_closed(worker.store))
            await asyncio.sleep(5)
            app = worker.app
            carrier, delivery = app.worker, app.delivery
            kept = [carrier._carried, carrier._strays, carrier.line._holders, delivery._tasks, delivery._wake]
            kept.append(delivery._carried)
            assert [*map(len, kept), len(delivery._turns)] == [0] * 7
            assert not any(app.pace._loads.values())

    story(template, tell)


async def _has_state(process: Process, state: State) -> bool:
    job = await job_of(process.store)
    return job is not None and job.state is state


async def _has_job(process: Process) -> bool:
    return await job_of(process.store) is not None


async def _value(value) -> bool:
    return bool(value)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────

pytest_plugins = ("tests.fakes.postgres",)


async def test_on_postgresql_the_version_fences_a_late_write(postgres):
    """Two replicas with a connection each: the lease passes on, and the former owner's move is lost."""
    first, second = [await open_store(postgres, patience_s=PATIENCE_S) for _ in range(2)]
    try:
        job = await _accepted(first, owner="w-first")
        job = await first.jobs.move(job, Move(to=State.CLEARED), now=first.now())
        later = first.now() + LEASE_S + 1
        (taken,) = await second.leases.claim("w-second", now=later, lease_s=LEASE_S, limit=10)
        assert (taken.id, taken.version) == (job.id, job.version)
        assert await first.leases.renew("w-first", now=later, lease_s=LEASE_S) == set()
        moved = await second.jobs.move(taken, Move(to=State.SUBMITTING), now=later)
        for move in (Move(to=State.SUBMITTING), Move(to=State.FAILED, capture=0, reason="failed")):
            with pytest.raises(LostJob):
                await first.jobs.move(job, move, now=later)
        ended = await second.jobs.move(moved, Move(to=State.FAILED, capture=0, reason="failed"), now=later)
        assert ended.captured_credits == 0
        assert await first.ledger.problems() == []
    finally:
        await first.aclose()
        await second.aclose()


async def test_on_postgresql_claims_of_two_replicas_never_overlap(postgres):
    first, second = [await open_store(postgres, patience_s=PATIENCE_S) for _ in range(2)]
    try:
        for n in range(20):
            await _accepted(first, owner="", number=n)
        claims = await asyncio.gather(
            *(
                store.leases.claim(owner, now=store.now(), lease_s=LEASE_S, limit=3)
                for store, owner in ((first, "w-first"), (second, "w-second")) * 6
            )
        )
        ids = [job.id for jobs in claims for job in jobs]
        assert len(ids) == len(set(ids)) == 20
        assert isinstance(first.leases, Leases)
    finally:
        await first.aclose()
        await second.aclose()


async def _accepted(store, *, owner: str, number: int = 0):
    from bot.model import Order
    from bot.money import Fund
    from bot.store.jobs import Acceptance, Limits

    at = store.now()
    fund = Fund(account="allowance:test", kind="allowance", entitled=10_000)
    job, fresh = await store.jobs.accept(
        Acceptance(
            job=f"job-{number}", request_key=f"request-{number}", requester=WHO, channel="", age_restricted=False,
            address=None, order=Order(provider="gateway", model="m", prompt="fox", credits_each=10), parent=None,
            funds=(fund,), limits=Limits(), now=at, deadline_s=600, lease_owner=owner, lease_s=LEASE_S,
        )
    )  # fmt: skip
    assert fresh
    return job
