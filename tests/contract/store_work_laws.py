"""Laws of the work: leases are shared out, messages are told, and a job closes exactly when all is told."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import LostJob
from bot.job import Job, Message, Move, State
from bot.ports import AGAIN, MAIN, Address, Handle, Pick, Priority
from bot.store import Store
from bot.store.database import MAY_HAVE_HELD, MAYBE
from bot.store.jobs import Jobs
from bot.store.shared import Shared
from tests.fakes.books import NOW, accept, acceptance, end, is_open, person, run

ANN, BOB = person("ann"), person("bob")
HANDLE = Handle(key="C1/100", data={"channel": "C1"})


async def claim(store: Store, owner: str, *, now: float = NOW, limit: int = 100) -> list[str]:
    jobs = await store.leases.claim(owner, now=now, lease_s=10, limit=limit)
    return [job.id for job in jobs]


async def main(store: Store, job: str = "j1") -> Message:
    return next(m for m in await store.messages.of(job) if m.role == MAIN)


async def show(store: Store, job: Job, message: Message | None = None, *, by: str = "") -> None:
    message = message or await main(store, job.id)
    await store.messages.shown(message, HANDLE, version=job.version, digest="d", now=NOW, by=by)


async def ended(store: Store, job: str = "j1", **kwargs) -> Job:
    return await end(store, await accept(store, job, **kwargs), State.FAILED, 0)


def pick(job: str = "j1", number: int = 1) -> Message:
    address = Address(surface="slack", data={"channel": "general"})
    return Message(job=job, role=Pick(number), address=address, due_at=NOW)


class DrivenTwice:
    """A connection that is cut as the commit comes back: what has held is driven once more."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self.url = self._database.url
        self.now, self.read, self.aclose = self._database.now, self._database.read, self._database.aclose
        self.scrub = self._database.scrub

    async def write(self, steps, /, *args, **kwargs):
        def again():
            inner, rows = steps(*args, **kwargs), None
            try:
                while True:
                    statement = inner.send(rows)
                    rows = MAYBE if statement is MAY_HAVE_HELD else (yield statement)
            except StopIteration as stop:
                return stop.value

        await self._database.write(steps, *args, **kwargs)
        return await self._database.write(again)


class RepeatedLaws:
    async def test_an_accept_whose_commit_was_hidden_is_new_to_its_caller(self, store: Store):
        job, fresh = await Jobs(DrivenTwice(store)).accept(acceptance("j1"))
        assert (job.id, fresh) == ("j1", True)
        other, fresh = await store.jobs.accept(acceptance("j2", key="request-j1"))
        assert (other.id, fresh) == ("j1", False)
        assert await store.ledger.problems() == []

    async def test_a_move_whose_commit_was_hidden_is_ours(self, store: Store):
        job = await accept(store, "j1")
        moved = await Jobs(DrivenTwice(store)).move(job, Move(to=State.CLEARED), now=NOW)
        assert (moved.state, moved.version) == (State.CLEARED, job.version + 1)
        ended = await Jobs(DrivenTwice(store)).move(moved, Move(to=State.FAILED, capture=0), now=NOW)
        assert (ended.state, ended.captured_credits) == (State.FAILED, 0)
        assert await store.ledger.problems() == []

    async def test_an_event_whose_commit_was_hidden_is_still_ours_to_handle(self, store: Store):
        assert await Shared(DrivenTwice(store)).mark_seen("event-1", now=NOW)
        assert not await store.shared.mark_seen("event-1", now=NOW)
        assert not await Shared(DrivenTwice(store)).mark_seen("event-1", now=NOW + 1)

    async def test_a_move_that_another_made_is_never_ours(self, store: Store):
        job = await accept(store, "j1")
        await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        for database in (store.database, DrivenTwice(store)):
            with pytest.raises(LostJob):
                await Jobs(database).move(job, Move(to=State.CLEARED), now=NOW + 0.5)
        with pytest.raises(LostJob):
            await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)


class LeasesLaws:
    async def test_a_job_that_rests_is_woken_by_whatever_is_new(self, store: Store):
        """Its lease is nobody's until then; a move, a removal or a new message is to be looked at now."""

        async def rests() -> None:
            assert await claim(store, "a") == ["j1"]
            await store.leases.rest("a", "j1", until=NOW + 300)
            assert await claim(store, "b") == []

        job = await accept(store, "j1")
        await rests()
        job = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        await rests()
        job = await store.jobs.move(job, Move(to=State.SUBMITTING), now=NOW)
        await rests()
        await end(store, job, State.FINISHED, 4)
        await rests()
        await store.messages.add(pick())
        await rests()
        await store.messages.remove(await main(store), now=NOW)
        await rests()
        await store.jobs.expire("j1", now=NOW)
        await rests()
        await store.jobs.delete("j1", now=NOW)
        await rests()
        await store.jobs.forget(ANN, now=NOW)
        assert await claim(store, "b") == ["j1"]

    async def test_a_lease_that_is_held_is_not_shortened_by_a_move(self, store: Store):
        job = await accept(store, "j1", lease_owner="a")
        await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        assert await claim(store, "b", now=NOW + 9) == []

    async def test_who_has_fewest_goes_first_and_then_who_has_waited_longest_by_priority(self, store: Store):
        """Fast counts as two minutes of waiting against normal, and as twelve against relaxed; nobody waits for ever."""
        fast, normal, relaxed = Priority.FAST, Priority.NORMAL, Priority.RELAXED
        ordered = [  # who, priority, seconds after the first
            ("a", relaxed, 0), ("b", normal, 100), ("c", fast, 200), ("d", normal, 590), ("e", fast, 711), ("f", fast, 730),
        ]  # fmt: skip
        for user, priority, after in ordered:
            made = acceptance(f"j-{user}", person(user), now=NOW + after)
            await store.jobs.accept(replace(made, priority=priority))
        # The moments by which they count: 720, 220, 200, 710, 711, 730.
        now, line = NOW + 1_000, []
        while found := await claim(store, "w", now=now, limit=1):
            line += found
        assert line == ["j-c", "j-b", "j-d", "j-e", "j-a", "j-f"]

    async def test_whoever_paints_already_goes_after_who_does_not_however_fast(self, store: Store):
        for number in range(2):
            made = acceptance(f"fast{number}", person("ann"), now=NOW + number)
            await store.jobs.accept(replace(made, priority=Priority.FAST))
        later = acceptance("relaxed", person("bob"), now=NOW + 500)
        await store.jobs.accept(replace(later, priority=Priority.RELAXED))
        (first,) = await store.leases.claim("w", now=NOW + 600, lease_s=10, limit=1)
        for state in (State.CLEARED, State.SUBMITTING):
            first = await store.jobs.move(first, Move(to=state), now=NOW + 600)
        assert first.id == "fast0"
        assert [await claim(store, "w", now=NOW + 601, limit=1) for _ in range(2)] == [["relaxed"], ["fast1"]]

    async def test_a_claimed_job_is_nobody_elses_until_its_lease_is_over(self, store: Store):
        await accept(store, "j1")
        assert await claim(store, "a") == ["j1"]
        assert await claim(store, "b", now=NOW + 9) == []
        assert await claim(store, "b", now=NOW + 11) == ["j1"]
        assert await store.leases.holder("j1") == "b"

    async def test_who_accepts_holds_the_lease(self, store: Store):
        await accept(store, "j1", lease_owner="a")
        assert await claim(store, "b") == []

    async def test_claimers_at_once_never_get_the_same_job(self, store: Store):
        for n in range(30):
            await accept(store, f"j{n}", credits=1)
        shares = await asyncio.gather(*(claim(store, f"w{n}", limit=7) for n in range(8)))
        taken = [job for share in shares for job in share]
        assert len(taken) == len(set(taken))
        assert all(len(share) <= 7 for share in shares)
        rest = await claim(store, "late")
        assert set(taken) | set(rest) == {f"j{n}" for n in range(30)}

    async def test_whoever_has_fewest_running_goes_first_then_the_oldest(self, store: Store):
        running = await accept(store, "ann1", ANN, lease_owner="w", now=NOW)
        for state in (State.CLEARED, State.SUBMITTING):
            running = await store.jobs.move(running, Move(to=state), now=NOW)
        await accept(store, "ann2", ANN, now=NOW + 1)
        await accept(store, "bob1", BOB, now=NOW + 3)
        await accept(store, "bob2", BOB, now=NOW + 2)
        order = [await claim(store, "w", now=NOW + 4, limit=1) for _ in range(3)]
        assert order == [["bob2"], ["bob1"], ["ann2"]]

    async def test_leases_are_renewed_in_bulk_and_lost_ones_are_told(self, store: Store):
        for n in range(3):
            await accept(store, f"j{n}", lease_owner="a")
        assert await store.leases.renew("a", now=NOW + 8, lease_s=10) == {"j0", "j1", "j2"}
        assert await claim(store, "b", now=NOW + 17) == []
        assert len(await claim(store, "b", now=NOW + 19, limit=1)) == 1
        assert len(await store.leases.renew("a", now=NOW + 19, lease_s=10)) == 2

    async def test_what_a_clock_has_leased_that_was_set_back_since_is_free(self, store: Store):
        for n in range(2):
            await accept(store, f"j{n}", lease_owner="a")
        await store.leases.rest("a", "j1", until=NOW + 300)
        assert await claim(store, "b", now=NOW - 500) == []
        assert await claim(store, "b", now=NOW - 700) == ["j0"]
        assert sorted(await claim(store, "b", now=NOW - 3600)) == ["j0", "j1"]

    async def test_released_jobs_are_free_at_once(self, store: Store):
        for n in range(3):
            await accept(store, f"j{n}", lease_owner="a")
        await store.leases.release("b")
        await store.leases.release("b", ["j0"])
        assert await claim(store, "c") == []
        await store.leases.release("a", ["j1"])
        assert await claim(store, "c") == ["j1"]
        await store.leases.release("a")
        assert sorted(await claim(store, "c")) == ["j0", "j2"]

    async def test_a_closed_job_is_never_claimed(self, store: Store):
        job = await ended(store, lease_owner="a")
        await show(store, job, by="a")
        assert await claim(store, "b", now=NOW + 60) == []
        assert await store.leases.holder("j1") == ""
        assert await store.leases.renew("a", now=NOW, lease_s=10) == set()


class MessagesLaws:
    async def test_a_job_that_lives_stays_open_whatever_is_told(self, store: Store):
        await show(store, await accept(store, "j1"))
        assert await is_open(store, "j1")

    async def test_an_ended_job_closes_when_its_end_is_told(self, store: Store):
        job = await ended(store)
        assert await is_open(store, "j1")
        await show(store, job)
        assert not await is_open(store, "j1")

    async def test_an_older_version_told_does_not_close_it(self, store: Store):
        accepted = await accept(store, "j1")
        job = await end(store, accepted, State.FAILED, 0)
        await show(store, accepted)
        assert await is_open(store, "j1")
        await show(store, job)
        await show(store, accepted)  # a late edit went over the new one: nobody may believe it is told
        assert (await main(store)).shown == accepted.version
        assert await claim(store, "whoever is there") == ["j1"]  # it was closed, and its process may die now
        await show(store, job, by="whoever is there")
        assert not await is_open(store, "j1")

    async def test_an_end_that_another_has_told_is_closed_by_who_carries_it(self, store: Store):
        """An edit of theirs may be under way; who takes over from a dead one shows the end once more."""
        job = await ended(store, lease_owner="carrier")
        await show(store, job, by="another")
        assert await is_open(store, "j1")
        assert await claim(store, "another") == []
        assert await claim(store, "carrier") == ["j1"], "its own that has ended: it learns of it so"
        assert not await store.leases.carries("carrier", replace(job, version=job.version - 1))
        assert await store.leases.carries("carrier", job)
        assert not await store.leases.carries("another", job)
        assert await claim(store, "another", now=NOW + 60) == ["j1"]
        assert await store.messages.show_again("j1", now=NOW + 60)
        found = await main(store)
        assert (found.shown, found.digest, found.due_at) == (0, "", NOW + 60)
        await show(store, job, by="another")
        assert not await is_open(store, "j1")
        assert not await store.messages.show_again("j1", now=NOW + 60), "it is closed"
        assert (await main(store)).shown == job.version

    async def test_a_job_without_messages_closes_at_its_end(self, store: Store):
        await ended(store, address=False)
        assert not await is_open(store, "j1")

    async def test_every_message_must_be_told(self, store: Store):
        job = await ended(store)
        assert await store.messages.add(pick())
        assert not await store.messages.add(pick())
        await show(store, job)
        assert await is_open(store, "j1")
        await show(store, job, pick())
        assert not await is_open(store, "j1")

    async def test_who_records_a_message_learns_how_all_stands_after_it(self, store: Store):
        job = await accept(store, "j1")
        seen = await main(store)
        moved = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        told = await store.messages.shown(seen, HANDLE, version=job.version, digest="d", now=NOW)
        assert told is not None
        assert told == await store.messages.told("j1")
        assert (told.job, told.messages[0].handle, told.messages[0].shown) == (moved, HANDLE, job.version)
        for record in (
            store.messages.put_off(seen, due_at=NOW + 60),
            store.messages.give_up(seen),
            store.messages.drop(seen),
        ):
            assert await record == await store.messages.told("j1")

    async def test_an_order_that_nothing_screens_is_born_cleared(self, store: Store):
        assert (await accept(store, "j1")).state is State.ACCEPTED
        assert (await accept(store, "j2", screened=True)).state is State.CLEARED

    async def test_messages_told_at_the_same_moment_close_the_job(self, store: Store):
        for n in range(10):
            job = await ended(store, f"j{n}")
            await store.messages.add(pick(job.id))
            messages = await store.messages.of(job.id)
            await asyncio.gather(*(show(store, job, message) for message in messages))
            assert not await is_open(store, job.id)

    async def test_telling_and_moving_at_once_loses_nothing(self, store: Store):
        for n in range(10):
            job = await accept(store, f"j{n}")
            message = await main(store, job.id)
            moved, _ = await asyncio.gather(
                end(store, job, State.FAILED, 0),
                store.messages.shown(message, HANDLE, version=1, digest="d", now=NOW),
            )
            assert await is_open(store, job.id)
            await show(store, moved)
            assert not await is_open(store, job.id)

    async def test_a_message_that_came_after_the_end_opens_the_job_again(self, store: Store):
        await show(store, await ended(store))
        await store.messages.add(pick())
        assert await is_open(store, "j1")
        assert await claim(store, "w") == ["j1"]

    async def test_giving_up_closes(self, store: Store):
        await ended(store)
        await store.messages.give_up(await main(store))
        assert not await is_open(store, "j1")
        assert (await main(store)).given_up

    async def test_what_was_given_up_stays_told_whatever_becomes_of_its_job(self, store: Store):
        job = await accept(store, "j1")
        await store.messages.give_up(await main(store))
        await end(store, job, State.FAILED, 0)
        assert not await is_open(store, "j1")
        await store.jobs.delete("j1", now=NOW)
        assert not await is_open(store, "j1")

    async def test_what_was_given_up_is_tried_again_to_remove_it_and_told_once_it_is_shown(
        self, store: Store
    ):
        job = await ended(store)
        await store.messages.give_up(await main(store))
        await store.messages.remove(await main(store), now=NOW)
        assert not (await main(store)).given_up
        assert await is_open(store, "j1")
        await store.messages.give_up(await main(store))
        await show(store, job)
        assert not (await main(store)).given_up

    async def test_a_message_that_an_older_easel_gave_up_is_told(self, store: Store):
        await ended(store)
        await run(store, "UPDATE messages SET shown = 1000000000")
        await store.messages.close("j1")
        assert not await is_open(store, "j1")

    async def test_putting_off_keeps_it_open_and_counts(self, store: Store):
        await ended(store)
        await store.messages.put_off(await main(store), due_at=NOW + 60)
        message = await main(store)
        assert (message.tries, message.due_at) == (1, NOW + 60)
        assert await is_open(store, "j1")

    async def test_a_posted_message_is_found_by_its_key(self, store: Store):
        await show(store, await accept(store, "j1"))
        found = await store.messages.find("slack", HANDLE.key)
        assert found is not None
        assert (found.job, found.handle) == ("j1", HANDLE)
        assert await store.messages.find("discord", HANDLE.key) is None

    async def test_a_message_to_be_removed_opens_the_job_until_it_is_dropped(self, store: Store):
        job = await ended(store)
        await store.messages.add(pick())
        for message in await store.messages.of("j1"):
            await show(store, job, message)
        await store.messages.remove(pick(), now=NOW)
        assert await is_open(store, "j1")
        assert [m.role for m in await store.messages.of("j1") if m.gone] == [Pick(1)]
        await store.messages.drop(pick())
        assert not await is_open(store, "j1")
        assert [m.role for m in await store.messages.of("j1")] == [MAIN]

    async def test_what_stands_elsewhere_is_due_again_when_an_obstacle_may_have_gone_and_nothing_else_is(
        self, store: Store
    ):
        elsewhere = Handle(key="D1/1", data={"channel": "D1", AGAIN: "C1:1"})
        for name, handle in (("j1", elsewhere), ("j2", HANDLE)):
            job = await ended(store, name)
            await store.messages.shown(
                await main(store, name), handle, version=job.version, digest="d", now=NOW
            )
        await store.messages.try_again("discord", now=NOW + 9)
        assert not await is_open(store, "j1")
        await store.messages.try_again("slack", now=NOW + 9)
        found = await main(store, "j1")
        assert (found.shown, found.digest, found.due_at, found.handle) == (0, "", NOW + 9, elsewhere)
        assert await is_open(store, "j1")
        assert not await is_open(store, "j2")
        assert await claim(store, "w", now=NOW + 9) == ["j1"]

    async def test_a_removal_wanted_while_the_message_is_shown_is_not_forgotten(self, store: Store):
        job = await ended(store)
        seen = await main(store)
        await store.messages.remove(seen, now=NOW)
        await show(store, job, seen)
        assert (await main(store)).shown == 0
        assert await is_open(store, "j1")

    async def test_a_move_makes_posted_messages_due_and_leaves_the_first_to_its_poster(self, store: Store):
        job = await accept(store, "j1")
        due = (await main(store)).due_at
        job = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW + 1)
        assert (await main(store)).due_at == due > NOW + 1
        await show(store, job)
        await store.jobs.move(job, Move(to=State.SUBMITTING), now=NOW + 2)
        assert (await main(store)).due_at == NOW + 2


class WorkLaws(RepeatedLaws, LeasesLaws, MessagesLaws):
    """All of them."""
