"""A machine's clock that is set while jobs are under way fails none of them, and keeps none waiting."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from bot.errors import ProviderError, Reached, Trouble
from bot.health import REST_MOST_S, Health
from bot.house import chores
from bot.job import State
from bot.jobs.deadline import ONCE_MORE_S
from bot.order.openness import Openness
from bot.provider import Pending
from tests.chaos.far_side import DRAWS_S, Chat, Painter
from tests.chaos.lives import fresh_world, job_of, make_template, settings_of
from tests.chaos.processes import Process, until
from tests.chaos.virtual_time import now, run
from tests.fakes.house import Clock
from tests.fakes.there import there

HOUR_S = 3600.0
YEARS_S = 3 * 366 * 86_400.0


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


def told(template, story, *, model="slow-brush", honours_keys=False, **painter):
    async def tell() -> None:
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=honours_keys, **painter),
            chat=Chat(nonces=False),
            settings=settings_of(),
            request=f"a red fox --model {model}",
        ) as world:
            await story(world)

    run(tell())


def set_clock(process, by_s):
    process.app.store.database.ahead_s = by_s


async def ended(process, *, within_s=60.0):
    async def over() -> bool:
        job = await job_of(process.store)
        return job is not None and job.state.ended

    await until(over, within_s=within_s)
    assert await process.store.ledger.problems() == []
    return there(await job_of(process.store))


async def standing(process, state):
    async def there() -> bool:
        job = await job_of(process.store)
        return job is not None and job.state is state

    await until(there)


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 30 * 86_400.0])
@pytest.mark.parametrize(
    ("model", "state"),
    [
        ("slow-brush", State.SUBMITTING),
        ("slow-brush", State.RENDERING),
        ("quick-brush", State.SUBMITTING),
    ],
)
def test_a_clock_that_is_set_while_a_picture_is_drawn_changes_nothing(template, model, state, by_s):
    async def story(world) -> None:
        async with Process(world) as process:
            process.imagine()
            await standing(process, state)
            set_clock(process, by_s)
            began = now()
            assert (await ended(process)).state is State.FINISHED
            assert now() - began < DRAWS_S + 3
            # What is learned of a model is how long it draws, by nobody's clock.
            assert process.app.pace.usual_s(model) < 3 * DRAWS_S

    told(template, story, model=model)


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_while_a_job_waits_to_be_tried_again_changes_nothing(template, by_s):
    async def story(world) -> None:
        world.painter.troubles = [
            ProviderError("busy", trouble=Trouble.BUSY, reached=Reached.NO, retry_after_s=20)
        ]
        async with Process(world) as process:
            process.imagine()
            await until(lambda: tried(world))
            set_clock(process, by_s)
            began = now()
            assert (await ended(process)).state is State.FINISHED
            assert 15 < now() - began < 30

    async def tried(world):
        return not world.painter.troubles

    told(template, story)


def test_the_deadline_comes_at_its_time_also_where_the_clock_was_set_back(template):
    async def story(world) -> None:
        never_done(world)
        async with Process(world) as process:
            process.imagine()
            await standing(process, State.RENDERING)
            began = now()
            set_clock(process, -HOUR_S)
            assert (await ended(process, within_s=700)).reason == "failed-deadline"
            assert 590 < now() - began < 610

    told(template, story)


@pytest.mark.parametrize("model", ["slow-brush", "quick-brush"])
def test_a_service_has_the_last_word_on_a_job_that_was_over_when_it_was_taken_over(template, model):
    """By a clock that was set, or because nobody was here for an hour: the picture is there, and paid."""

    async def story(world) -> None:
        async with Process(world) as killed:
            killed.imagine()
            await standing(killed, State.SUBMITTING if model == "quick-brush" else State.RENDERING)
        async with Process(world) as following:
            set_clock(following, HOUR_S)
            assert (await ended(following)).state is State.FINISHED
            assert len(world.painter.bills) == 1

    told(template, story, model=model, honours_keys=True)


def test_the_last_word_is_had_once_and_soon(template):
    """A look that breaks every process ends by the deadline all the same."""

    async def story(world) -> None:
        async with Process(world) as killed:
            killed.imagine()
            await standing(killed, State.RENDERING)
        looks = never_done(world)
        await asyncio.sleep(HOUR_S)
        async with Process(world):
            began = now()
            await until(lambda: seen(looks))
            assert now() - began < 3, "no pace is kept for it"
        async with Process(world) as last:
            began = now()
            assert (await ended(last)).reason == "failed-deadline"
            assert now() - began < 12 + ONCE_MORE_S / 2

    async def seen(looks):
        return bool(looks)

    told(template, story)


def test_a_service_that_has_no_last_word_ends_the_job_in_time(template):
    async def story(world) -> None:
        async with Process(world) as killed:
            killed.imagine()
            await standing(killed, State.RENDERING)
        never_done(world)
        await asyncio.sleep(HOUR_S)
        async with Process(world) as following:
            began = now()
            assert (await ended(following)).reason == "failed-deadline"
            assert now() - began < ONCE_MORE_S + 5

    told(template, story)


def test_what_a_dead_process_held_goes_on_soon_also_where_the_clock_was_set_back(template):
    async def story(world) -> None:
        async with Process(world) as killed:
            killed.imagine()
            await standing(killed, State.RENDERING)
        async with Process(world) as following:
            set_clock(following, -HOUR_S)
            assert (await ended(following)).state is State.FINISHED

    told(template, story)


def test_no_route_rests_for_longer_where_the_clock_was_set_back():
    at, health, openness = 1_800_000_000.0, Health(), Openness()
    for _ in range(9):
        health = health.after(worked=False, now=at)
    assert health.bars(at + 1)
    assert not health.bars(at - HOUR_S)
    (model, _) = Painter(honours_keys=True).models
    rests = (openness.close, model.id), (openness.pause, model.provider), (openness.doubt, model.provider)
    for rest, name in rests:
        rest(name, until=at + 600)
    assert not openness.is_ours(model, at)
    assert openness.is_doubtful(model, at)
    assert openness.is_open(model, at - HOUR_S)
    assert not openness.is_doubtful(model, at - HOUR_S)


def test_a_replica_whose_clock_is_a_little_behind_lets_the_longest_rest_last():
    """Where it took the rest for one of a clock that was set back, it would send a probe at once."""
    at, health, openness = 1_800_000_000.0, Health(), Openness()
    for _ in range(9):
        health = (health.probed(at) if health.opens else health).after(worked=False, now=at)
    assert health.probe_at == at + REST_MOST_S
    assert health.bars(at - 2)
    (model, _) = Painter(honours_keys=True).models
    openness.close(model.id, until=at + REST_MOST_S)
    assert not openness.is_ours(model, at - 2)


def never_done(world):
    """The service draws for ever; answers its looks."""
    looks: list[float] = []

    async def poll(operation, *, order):
        looks.append(now())
        return Pending(operation=operation)

    world.painter.poll = poll
    return looks


@pytest.mark.parametrize(("hours", "kept"), [(5, True), (30, False)])
def test_a_clock_that_jumps_years_ahead_and_returns_within_the_day_forgets_nothing(
    template, monkeypatch, hours, kept
):
    """What happened today looks years old to it; a clock that stays there is believed at last."""
    for often in ("HEALTH_S", "LAPSES_S"):
        monkeypatch.setattr(chores, often, HOUR_S)

    async def story(world) -> None:
        async with Process(world) as process:
            process.imagine()
            job = await ended(process)
        async with Process(world, works=False) as process:
            await process.store.shared.mark_seen("event", now=now())
            doing = asyncio.create_task(process.app.chores.run())
            await asyncio.sleep(2 * HOUR_S)
            set_clock(process, YEARS_S)
            await asyncio.sleep(hours * HOUR_S)
            set_clock(process, 0.0)
            await asyncio.sleep(2 * HOUR_S)
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            assert await process.store.shared.has_seen("event") is kept
            words = there(await process.store.jobs.get(job.id)).order.prompt
            assert bool(words) is kept

    told(template, story)


def test_a_machine_that_slept_for_days_forgets_what_is_old_when_it_wakes(template, monkeypatch):
    """Its clock went on as time did: who opens a laptop for an hour now and then would keep everything for ever."""
    slept = Clock(0.0)
    monkeypatch.setattr(chores, "slept_s", slept)
    for often in ("HEALTH_S", "LAPSES_S"):
        monkeypatch.setattr(chores, often, HOUR_S)

    async def story(world) -> None:
        async with Process(world, works=False) as process:
            await process.store.shared.mark_seen("event", now=now())
            doing = asyncio.create_task(process.app.chores.run())
            for days in (3, 6, 9):
                await asyncio.sleep(2 * HOUR_S)
                slept.now_s = days * chores.DAY_S
                set_clock(process, slept.now_s)
            await asyncio.sleep(2 * HOUR_S)
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            assert not await process.store.shared.has_seen("event")

    told(template, story)


@pytest.mark.parametrize("before", ["nothing", "an hour", "this start"])
@pytest.mark.parametrize(("hours", "kept"), [(5, True), (30, False)])
def test_a_process_that_starts_while_the_clock_is_years_ahead_forgets_nothing_for_a_day(
    template, monkeypatch, hours, kept, before
):
    """Also where such a clock has written before, and where it was started again in the meantime."""
    for often in ("HEALTH_S", "LAPSES_S"):
        monkeypatch.setattr(chores, often, HOUR_S)

    async def chored(process, hours):
        doing = asyncio.create_task(process.app.chores.run())
        await asyncio.sleep(hours * HOUR_S)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)

    async def story(world) -> None:
        async with Process(world) as process:
            process.imagine()
            job = await ended(process)
        async with Process(world, works=False) as process:
            await process.store.shared.mark_seen("event", now=now())
            if before == "an hour":
                for after_s in (0.0, HOUR_S):
                    await process.store.shared.mark_seen(f"ahead {after_s}", now=now() + YEARS_S + after_s)
            set_clock(process, YEARS_S)
            if before == "this start":
                await chored(process, 2)
                await process.store.shared.mark_seen("ahead", now=process.store.now())
            await chored(process, hours)
            set_clock(process, 0.0)
            assert await process.store.shared.has_seen("event") is kept
            words = there(await process.store.jobs.get(job.id)).order.prompt
            assert bool(words) is kept

    told(template, story)


@pytest.mark.parametrize(("idle_days", "hours", "kept"), [(20, 2, False), (60, 2, True), (60, 30, False)])
def test_who_was_idle_for_more_than_a_month_forgets_a_day_later(
    template, monkeypatch, idle_days, hours, kept
):
    for often in ("HEALTH_S", "LAPSES_S"):
        monkeypatch.setattr(chores, often, HOUR_S)

    async def story(world) -> None:
        async with Process(world, works=False) as process:
            for days in (idle_days, idle_days + 2):
                await process.store.shared.mark_seen(f"{days}", now=now() - days * chores.DAY_S)
            doing = asyncio.create_task(process.app.chores.run())
            await asyncio.sleep(hours * HOUR_S)
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            assert await process.store.shared.has_seen(f"{idle_days}") is kept

    told(template, story)
