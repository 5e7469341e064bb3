"""The worker: stopping, deadlines, broken stages, a busy store, leases. In virtual time on the real store."""

import asyncio
import contextlib
import itertools
import tempfile
from functools import partial
from pathlib import Path

import pytest

from bot.errors import ProviderError, Reached, StoreBusy, Trouble
from bot.job import Showing, State
from bot.provider import Finished, InlineImage, Pending
from bot.store.database import sql
from bot.words.words import Words
from tests.chaos.far_side import PICTURES, Chat, ChatSurface, Painter
from tests.chaos.lives import WHO, Mortal, fresh_world, job_of, make_template, settings_of
from tests.chaos.processes import Process, until
from tests.chaos.virtual_time import now, run
from tests.fakes.there import there

WORDS = Words("en")
STEPS = WORDS.say("headline-steps", step=10, steps=40)


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


def told(template, story, *, model="slow-brush", honours_keys=False, **worker):
    async def tell() -> None:
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=honours_keys),
            chat=Chat(nonces=False),
            settings=settings_of(**worker),
            request=f"a red fox --model {model}",
        ) as world:
            await story(world)

    run(tell())


async def ended(process, *, within_s=700.0):
    async def over() -> bool:
        job = await job_of(process.store)
        return job is not None and job.state.ended

    await until(over, within_s=within_s)
    job = await job_of(process.store)
    assert await process.store.ledger.problems() == []
    return job


async def standing(process, state):
    async def there() -> bool:
        job = await job_of(process.store)
        return job is not None and job.state is state

    await until(there)


def test_sigterm_lets_a_submit_finish_and_leaves_the_rest_resumable(template):
    async def story(world) -> None:
        async with Process(world) as process:
            process.imagine()
            await standing(process, State.SUBMITTING)
            await process.app.worker.stop()
            job = there(await job_of(process.store))
            assert (job.state, len(world.painter.bills)) == (State.RENDERING, 1)
            assert await process.store.leases.holder(job.id) == ""
        async with Process(world) as following:
            began = now()
            assert (await ended(following)).state is State.FINISHED
            assert now() - began < 5
        assert len(world.painter.bills) == 1

    told(template, story)


def test_sigterm_never_stops_between_the_intent_and_the_ask(template):
    """Whenever the stop comes, no job is left in `submitting` without having been asked for."""

    async def story(steps, world) -> None:
        async with Process(world) as process:
            process.imagine()
            for _ in range(steps):
                await asyncio.sleep(0)
            await process.app.worker.stop()
            job = await job_of(process.store)
            if job is not None and job.state is State.SUBMITTING:
                raise AssertionError("left in doubt")

    for steps in range(0, 400, 23):
        told(template, partial(story, steps))


def test_leases_live_while_running_stages_finish(template):
    async def story(world) -> None:
        world.painter.models = world.painter.models

        async def long(order, *, key, **_):
            world.painter._accepted(order, key, ())
            await asyncio.sleep(40)
            return Finished(images=(InlineImage(PICTURES[0]),))

        world.painter.submit = long
        async with Process(world) as process, Process(world) as other:
            process.imagine()
            await standing(process, State.SUBMITTING)
            await process.app.worker.stop()
            assert there(await job_of(process.store)).state is State.FINISHED
            assert not other.app.worker._carried

    told(template, story, model="quick-brush", grace_s=60)


def test_a_long_synchronous_submit_keeps_its_lease(template):
    async def story(world) -> None:
        async def long(order, *, key, **_):
            world.painter._accepted(order, key, ())
            await asyncio.sleep(120)
            return Finished(images=(InlineImage(PICTURES[0]),))

        world.painter.submit = long
        async with Process(world) as process, Process(world):
            process.imagine()
            assert (await ended(process)).state is State.FINISHED
            assert len(world.painter.bills) == 1

    told(template, story, model="quick-brush")


def test_sigterm_while_waiting_in_line_leaves_the_job_cleared(template):
    async def story(world) -> None:
        async with Process(world) as process:
            process.app.worker.line._free = 0
            process.imagine()
            await standing(process, State.CLEARED)
            began = now()
            await process.app.worker.stop()
            assert now() - began < 1
            assert there(await job_of(process.store)).state is State.CLEARED
            assert process.app.worker.line.waiting == 0

    told(template, story)


def test_the_first_card_says_the_place_in_line(template):
    async def story(world) -> None:
        async with Process(world) as process:
            process.app.worker.line._free = 0
            placed = await process.imagine()
            assert (placed.job.state, placed.shown) == (State.CLEARED, Showing.POSTED)
            (message,) = world.chat.messages.values()
            assert [card.headline for card in message.cards] == [WORDS.say("headline-waiting", place=1)]

    told(template, story)


def test_a_request_that_is_sent_again_is_answered_with_what_became_of_its_message(template):
    async def story(world) -> None:
        async with Process(world) as process:
            first, again = await process.imagine(), await process.imagine()
            assert (first.fresh, first.shown) == (True, Showing.POSTED)
            assert (again.fresh, again.shown, again.job.id) == (False, Showing.POSTED, first.job.id)

    told(template, story)


def test_the_deadline_ends_a_job_that_waits_in_line(template):
    async def story(world) -> None:
        async with Process(world) as process:
            process.app.worker.line._free = 0
            process.imagine()
            job = await ended(process)
            assert (job.state, job.reason, job.doubtful) == (State.FAILED, "failed-deadline", False)
            assert 30 <= job.ended_at - job.created_at < 31
            assert process.app.worker.line.waiting == 0

    told(template, story, deadline_s=30)


@pytest.mark.parametrize(("model", "doubtful"), [("slow-brush", False), ("quick-brush", True)])
def test_the_deadline_ends_a_job_whose_provider_never_answers(template, model, doubtful):
    async def story(world) -> None:
        async def never(*_, **__):
            await asyncio.Event().wait()

        setattr(world.painter, "poll" if model == "slow-brush" else "submit", never)
        async with Process(world) as process:
            process.imagine()
            job = await ended(process)
            assert (job.state, job.reason, job.doubtful) == (State.FAILED, "failed-deadline", doubtful)
            assert 30 <= job.ended_at - job.created_at < 31

    told(template, story, model=model, deadline_s=30)


def test_a_time_out_inside_a_stage_is_not_the_deadline(template):
    async def story(world) -> None:
        poll, times = world.painter.poll, []

        async def hasty(operation, *, order):
            times.append(now())
            if len(times) == 1:
                raise TimeoutError
            return await poll(operation, order=order)

        world.painter.poll = hasty
        async with Process(world) as process:
            process.imagine()
            assert (await ended(process)).state is State.FINISHED

    told(template, story)


def test_a_broken_stage_is_tried_again_with_pauses_and_the_deadline_ends_it(template):
    async def story(world) -> None:
        times = []

        async def broken(operation, *, order):
            times.append(now())
            raise ZeroDivisionError("a bug")

        world.painter.poll = broken
        async with Process(world) as process:
            process.imagine()
            job = await ended(process)
            assert (job.state, job.reason) == (State.FAILED, "failed-deadline")
            assert 3 < len(times) < 30, "with pauses"
            await asyncio.sleep(30)
            assert not process.app.worker._carried
            assert [m.card.state for m in world.chat.messages.values()] == [State.FAILED]

    told(template, story, deadline_s=90)


def test_a_stage_that_heals_finishes_the_job(template):
    async def story(world) -> None:
        poll, times = world.painter.poll, []

        async def once_broken(operation, *, order):
            times.append(now())
            if len(times) < 3:
                raise ZeroDivisionError("a bug")
            return await poll(operation, order=order)

        world.painter.poll = once_broken
        async with Process(world) as process:
            process.imagine()
            assert (await ended(process)).state is State.FINISHED

    told(template, story)


def test_a_provider_that_is_always_busy_gets_a_bounded_number_of_asks(template):
    async def story(world) -> None:
        asks = []

        async def busy(order, *, key, **_):
            asks.append(key)
            raise ProviderError("429", reached=Reached.NO, trouble=Trouble.BUSY, retry_after_s=0)

        world.painter.submit = busy
        async with Process(world) as process:
            process.imagine()
            job = await ended(process)
            assert (job.state, job.captured_credits) == (State.FAILED, 0)
            assert len(asks) == len(set(asks)) == 9

    told(template, story)


def test_while_the_store_is_busy_the_answer_waits_in_hand(template):
    """The provider has billed: a disk that is full for a minute must not cost the picture."""

    async def story(world) -> None:
        async with Process(world) as process:
            database = process.app.store.database
            write = database.write
            busy_until: list[float] = []

            async def busy(steps, /, *args, **kwargs):
                if world.painter.bills and not busy_until:
                    busy_until.append(now() + 60)
                if busy_until and now() < busy_until[0]:
                    raise StoreBusy("the disk is full")
                return await write(steps, *args, **kwargs)

            database.write = busy
            process.imagine()
            job = await ended(process)
            assert (job.state, len(world.painter.bills)) == (State.FINISHED, 1)

    told(template, story, model="quick-brush")


def test_a_lease_that_nobody_works_on_does_not_live_for_ever(template):
    """Accepted, but the one who accepted was cancelled before it could be taken."""

    async def story(world) -> None:
        async with Process(world) as process:
            process.app.worker.take = lambda _job: None
            process.imagine()

            async def there() -> bool:
                return await job_of(process.store) is not None

            await until(there)
            del process.app.worker.take
            began = now()
            assert (await ended(process)).state is State.FINISHED
            # A lease, a claim that may just have missed its end and comes again, and the painting.
            assert now() - began < 2 * 12 + 6

    told(template, story)


def test_a_job_that_ends_while_it_is_asked_who_has_it_breaks_nothing(template):
    async def story(world) -> None:
        async with Process(world) as process:
            worker = process.app.worker
            leases = worker._store.leases
            process.imagine()
            await standing(process, State.RENDERING)

            async def renew(*_, **__):
                return set()

            async def holder(job):
                worker._drop(worker._carried.pop(job))  # as at its end
                return "another"

            leases.renew, leases.holder = renew, holder
            await worker._renew()
            del leases.renew, leases.holder
            assert (await ended(process)).state is State.FINISHED

    told(template, story)


def test_cancel_never_loses_against_the_worker(template):
    """At whatever moment the person presses: cancelled, or over already; nothing in between."""

    async def story(delay_s, world) -> None:
        async with Process(world) as process:
            asking = process.imagine()
            await asyncio.sleep(delay_s)
            job = (await asking).job
            from bot.errors import NotAllowed
            from tests.chaos.lives import WHO

            with contextlib.suppress(NotAllowed):
                await process.app.studio.cancel(job.id, WHO)
            found = await ended(process)
            assert found.state in (State.CANCELLED, State.FINISHED)
            await asyncio.sleep(5)
            assert [m.card.state for m in world.chat.messages.values()] == [found.state]
            assert not process.app.worker._carried
            assert process.app.worker.line.in_flight == 0

    for delay_s in (0, 0.1, 0.11, 0.2, 0.25, 0.3, 0.31, 1, 3.2, 3.3, 5):
        told(template, partial(story, delay_s))


def test_a_message_that_is_put_off_for_long_needs_no_task_and_no_lease(template):
    async def story(world) -> None:
        from bot.errors import ShowFailure, SurfaceError
        from tests.chaos.far_side import ChatSurface

        class Away(ChatSurface):
            async def show(self, card, address, handle):
                if card.phase == "finished" and not back:
                    raise SurfaceError("outage", kind=ShowFailure.LATER)
                return await super().show(card, address, handle)

        back: list[bool] = []
        async with Process(world) as process:
            process.app.surfaces["chat"] = Mortal(Away(world.chat), process.life, "show")
            process.imagine()
            job = await ended(process)
            await asyncio.sleep(100)
            assert not process.app.worker._carried
            assert await process.store.leases.holder(job.id) == ""
            back.append(True)
            await asyncio.sleep(120)
            assert [m.card.state for m in world.chat.messages.values()] == [State.FINISHED]

    told(template, story)


def pending(world, seen, **fields):
    """The service is never done, and asks to be left alone for five seconds."""

    async def poll(operation, *, order):
        seen.append(now())
        return Pending(operation=operation, retry_after_s=5.0, **fields)

    world.painter.poll = poll


async def looked(looks, times):
    """Until so many looks were made, and the last is behind us."""

    async def enough() -> bool:
        return len(looks) >= times

    await until(enough)
    await asyncio.sleep(0.5)


def tasks_of_jobs():
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("job-")]


def test_between_its_looks_no_task_is_held_for_a_job_and_a_stop_leaves_it_resumable(template):
    async def story(world) -> None:
        looks: list[float] = []
        pending(world, looks)
        async with Process(world) as process:
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 4)
            waits = [after - before for before, after in itertools.pairwise(looks)]
            assert all(4.98 < wait < 10.3 for wait in waits), (
                f"sooner than it is asked for, or much later: {waits}"
            )
            worker = process.app.worker
            assert (len(worker._carried), tasks_of_jobs()) == (1, [])
            began, (job,) = now(), worker._carried
            await worker.stop()
            assert (worker._carried, worker.line.in_flight, now() - began) == ({}, 0, 0)
            assert await process.store.leases.holder(job) == ""

    told(template, story)


def test_a_job_whose_lease_is_lost_between_its_looks_is_looked_at_no_more(template):
    async def story(world) -> None:
        looks: list[float] = []
        pending(world, looks)
        async with Process(world) as process:
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 3)
            worker, seen = process.app.worker, len(looks)

            def steal():
                yield sql("UPDATE jobs SET lease_owner = 'another', lease_until = lease_until + 60000")

            assert tasks_of_jobs() == []
            await process.store.database.write(steal)
            await asyncio.sleep(20)
            assert (worker._carried, worker.line.in_flight, len(looks)) == ({}, 0, seen)
            assert not any(process.app.pace._loads.values())

    told(template, story)


def test_a_call_of_the_service_fetches_a_job_that_is_parked(template):
    async def story(world) -> None:
        looks: list[float] = []
        poll = world.painter.poll
        pending(world, looks)
        async with Process(world) as process:
            process.app.worker._looking._stages.listens = lambda job: job.operation is not None
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 1)
            assert tasks_of_jobs() == []

            async def found(operation, *, order):
                looks.append(now())
                return await poll(operation, order=order)

            world.painter.poll = found
            job = there(await job_of(process.store))
            await process.store.health.hear(job.key(), job.operation, now=now())
            called = now()
            assert (await ended(process)).state is State.FINISHED
            assert looks[-1] - called < 3, "it would have been looked at after fifty seconds"

    told(template, story)


def test_how_far_a_service_is_stands_on_the_card(template):
    async def story(world) -> None:
        poll, steps = world.painter.poll, iter((10, 20))

        async def stepping(operation, *, order):
            step = next(steps, None)
            return (
                await poll(operation, order=order)
                if step is None
                else Pending(operation=operation, step=step, steps=40)
            )

        world.painter.poll = stepping
        async with Process(world) as process:
            process.imagine()
            assert (await ended(process)).state is State.FINISHED
            (message,) = world.chat.messages.values()
            headlines = [card.headline for card in message.cards]
            assert WORDS.say("headline-steps", step=10, steps=40) in headlines
            assert WORDS.say("headline-steps", step=20, steps=40) in headlines

    told(template, story)


def test_an_edit_that_hangs_holds_up_no_look(template, monkeypatch):
    """How far a service is may come late on a card; the picture is looked for meanwhile."""
    show, hung = ChatSurface.show, []

    async def hanging(self, card, address, handle):
        if card.headline.startswith(STEPS):
            hung.append(now())
            await asyncio.sleep(44)
        return await show(self, card, address, handle)

    monkeypatch.setattr(ChatSurface, "show", hanging)

    async def story(world) -> None:
        looks: list[float] = []
        pending(world, looks, step=10, steps=40)
        async with Process(world) as process:
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 6)
            assert len(hung) == 1
            waits = [after - before for before, after in itertools.pairwise(looks)]
            assert max(waits) < 10.3, waits

    told(template, story)


def step_by_step(world):
    """The service says another step at each look, every five seconds, and is never done."""
    looks, steps = list[float](), itertools.cycle((10, 20, 30))

    async def poll(operation, *, order):
        looks.append(now())
        return Pending(operation=operation, step=next(steps), steps=40, retry_after_s=5.0)

    world.painter.poll = poll
    return looks


def unless_gone(database, gone):
    """From when `gone` holds something, this process's database doesn't answer."""

    async def instead(act, steps, /, *args, **kwargs):
        if gone:
            raise StoreBusy("the disk is full")
        return await act(steps, *args, **kwargs)

    database.write, database.read = partial(instead, database.write), partial(instead, database.read)


def test_an_edit_that_came_over_another_process_s_end_is_mended_when_the_store_is_back(template, monkeypatch):
    show, gone = ChatSurface.show, list[bool]()

    async def story(world) -> None:
        async with Process(world) as process, Process(world, works=False) as front:

            async def late(self, card, address, handle):
                if card.headline.startswith(STEPS) and not gone:
                    gone.append(True)
                    job = there(await job_of(front.store))
                    await front.app.studio.cancel(job.id, WHO)
                    await until(said_cancelled)
                return await show(self, card, address, handle)

            async def said_cancelled() -> bool:
                (message,) = world.chat.messages.values()
                return message.card.state == State.CANCELLED

            monkeypatch.setattr(ChatSurface, "show", late)
            step_by_step(world)
            unless_gone(process.app.store.database, gone)
            process.imagine()
            await standing(process, State.RENDERING)
            await asyncio.sleep(20)
            (message,) = world.chat.messages.values()
            assert [card.state for card in message.cards][-2:] == [State.CANCELLED, State.RENDERING]
            gone.clear()
            monkeypatch.undo()
            await asyncio.sleep(60)
            assert message.card.state == State.CANCELLED, [card.state for card in message.cards]
            assert not process.app.worker._carried

    told(template, story)


def test_how_far_a_service_is_is_said_by_nobody_who_can_t_know_whether_it_is_over(template):
    gone = list[bool]()

    async def story(world) -> None:
        async with Process(world) as process, Process(world, works=False) as front:
            looks = step_by_step(world)
            unless_gone(process.app.store.database, gone)
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 1)
            gone.append(True)
            job = there(await job_of(process.store))
            await front.app.studio.cancel(job.id, WHO)
            await asyncio.sleep(30)
            (message,) = world.chat.messages.values()
            assert len(looks) > 4
            assert message.card.state == State.CANCELLED, [card.state for card in message.cards]

    told(template, story)


def test_a_job_that_another_process_has_ended_and_told_is_looked_at_no_more(template):
    """It is closed then, so that nobody claims it: its row alone tells."""

    async def story(world) -> None:
        looks: list[float] = []
        pending(world, looks)
        async with Process(world) as process, Process(world, works=False) as front:
            process.imagine()
            await standing(process, State.RENDERING)
            await looked(looks, 2)
            job = there(await job_of(process.store))
            await front.app.studio.cancel(job.id, WHO)
            cancelled_at = now()
            await asyncio.sleep(60)
            assert looks[-1] - cancelled_at < 7
            assert (process.app.worker._carried, process.app.worker.line.in_flight) == ({}, 0)
            (message,) = world.chat.messages.values()
            assert message.card.state == State.CANCELLED

    told(template, story)
