"""Laws of what the operator looks at: a job's whole story, and what ended lately, summed up."""

from bot.errors import Trouble
from bot.job import Asset, Look, Move, State
from bot.money import Transfer
from bot.ports import Handle, Severity, Verdict
from bot.store import Store
from bot.story import KEPT_MOST, Became
from tests.fakes.books import NOW, accept, end, finish, granted, person, run

DAY_S = 86_400
EVER = {"since": NOW - DAY_S, "until": NOW + DAY_S}


class StoryLaws:
    async def test_a_failed_pictures_story_tells_each_move_with_its_time_and_why(self, store: Store):
        job = await accept(store, "j1")
        for second, move in enumerate(
            (
                Move(to=State.CLEARED),
                Move(to=State.SUBMITTING),
                Move(to=State.CLEARED, next_attempt=True, again=True, detail="503 from the service"),
                Move(to=State.SUBMITTING),
                Move(to=State.RENDERING, operation="op"),
                Move(
                    to=State.FAILED,
                    capture=0,
                    reason="failed-provider",
                    detail="it said no",
                    trouble=Trouble.BROKEN,
                    looks=(Look(NOW + 4.5, "pending"), Look(NOW + 5, "busy")),
                ),
            )
        ):
            job = await store.jobs.move(job, move, now=NOW + second)
        story = await store.stories.of("j1")
        assert story is not None
        told = [(step.at - NOW, step.state, step.attempt, step.detail) for step in story.steps]
        assert told == [
            (0, "cleared", 1, ""),
            (1, "submitting", 1, ""),
            (2, "cleared", 2, "503 from the service"),
            (3, "submitting", 2, ""),
            (4, "rendering", 2, ""),
            (5, "failed", 2, "it said no"),
        ]
        last = story.steps[-1]
        assert (last.reason, last.trouble, last.provider) == ("failed-provider", "broken", "gateway")
        assert last.looks == (Look(NOW + 4.5, "pending"), Look(NOW + 5, "busy"))
        assert [(row.kind, row.amount) for row in story.books] == [(Transfer.HOLD, 4), (Transfer.RELEASE, 4)]

    async def test_each_try_to_show_a_message_is_told(self, store: Store):
        job = await accept(store, "j1")
        (message,) = await store.messages.of("j1")
        await store.messages.put_off(message, due_at=NOW)
        await store.messages.shown(message, Handle(key="k"), version=job.version, digest="d", now=NOW + 1)
        await store.messages.put_off(message, due_at=NOW, refused=True)
        await store.messages.lose(message, job, None, due_at=NOW, now=NOW + 2)
        await store.messages.give_up(message)
        story = await store.stories.of("j1")
        assert story is not None
        (shown,) = story.messages
        assert [edit.told for edit in shown.edits] == [
            Became.LATER,
            Became.SHOWN,
            Became.REFUSED,
            Became.LOST,
            Became.GIVEN_UP,
        ]
        assert (shown.edits[1].at, shown.edits[1].version) == (NOW + 1, job.version)

    async def test_what_was_said_and_given_back_is_part_of_the_story(self, store: Store):
        ann = person("ann")
        job = await accept(store, "j1", ann)
        await store.jobs.move(
            job,
            Move(to=State.CLEARED, verdicts=(Verdict(severity=Severity.SPOILER, layer="local"),)),
            now=NOW,
        )
        job = await store.jobs.get("j1")  # type: ignore[assignment]
        job = await store.jobs.move(job, Move(to=State.SUBMITTING), now=NOW)
        await end(store, job, State.FINISHED, 4, assets=(Asset(key="j1/1.png"),))
        await store.ledger.refund("j1", ann, granted(ann), actor="operator", memo="sorry", now=NOW + 1)
        story = await store.stories.of("j1")
        assert story is not None
        assert [line.action for line in story.audit] == ["verdict", "refund"]
        assert [(row.kind, row.actor) for row in story.books][-1] == (Transfer.REFUND, "operator")
        assert await store.stories.of("another") is None

    async def test_a_story_has_a_bound_and_goes_with_the_words(self, store: Store):
        job = await accept(store, "j1")
        job = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        for _ in range(40):
            job = await store.jobs.move(job, Move(to=State.CLEARED, detail="x" * 400), now=NOW)
        (row,) = await run(store, "SELECT LENGTH(story) AS n FROM jobs")
        assert KEPT_MOST <= row["n"] < KEPT_MOST + 600
        await end(store, job, State.FAILED, 0)
        await store.forgetting.erase_words(after=0, before=NOW + 1)
        story = await store.stories.of("j1")
        assert story is not None
        assert (story.steps, len(story.books)) == ((), 2), "the numbers stay"

    async def test_a_line_that_is_none_costs_itself_alone(self, store: Store):
        await accept(store, "j1")
        await run(store, """UPDATE jobs SET story = 'no' || '{"at":5}' || '{"at":"x","to":"failed"}'""")
        odd = '[1]\n{"at":1000,"to":"cleared","new":1}\nno\n'
        await run(store, "UPDATE jobs SET story = story || :odd", odd="\n" + odd)
        story = await store.stories.of("j1")
        assert story is not None
        assert [(step.state, step.at) for step in story.steps] == [("cleared", 1.0)]


class OverviewLaws:
    async def test_what_ended_is_summed_by_hour_and_how_long_it_took(self, store: Store):
        for number, took_s in enumerate((0.2, 0.3, 7)):
            job = await accept(store, f"j{number}", now=NOW)
            await finish(store, job, 4, now=NOW + took_s)
        await end(store, await accept(store, "bad"), State.FAILED, 0, now=NOW + 3600)
        hours = await store.ended.hours(**EVER, offset_s=3600)
        first = int((NOW + 3600) // 3600)
        told = [(hour.hour - first, hour.state, hour.jobs) for hour in hours]
        assert sorted(told) == [(0, "finished", 1), (0, "finished", 2), (1, "failed", 1)]
        quick, slow = sorted(hour.bucket for hour in hours if hour.state == "finished")
        assert (quick, slow) == (0, 9)

    async def test_money_is_summed_by_route_and_community(self, store: Store):
        for number, (who, now) in enumerate(
            ((person(), NOW), (person("bob"), NOW + DAY_S / 2), (person("eve", "other"), NOW))
        ):
            job = await accept(store, f"j{number}", who, now=now)
            await finish(store, job, 4, now=now, assets=(Asset(key=f"{number}.png"),))
        ours, others = await store.ended.earned(**EVER)
        assert (ours.provider, ours.model, ours.surface, ours.community) == (
            "gateway",
            "painter",
            "slack",
            "club",
        )
        assert (ours.jobs, ours.pictures, ours.credits, ours.usd_micros) == (2, 2, 8, 2000)
        assert (others.community, others.credits) == ("other", 4)
        assert await store.ended.earned(since=NOW + DAY_S, until=NOW + 2 * DAY_S) == []

    async def test_bad_ends_are_counted_by_cause_with_one_of_them(self, store: Store):
        for number in (1, 2):
            job = await accept(store, f"j{number}")
            await end(store, job, State.FAILED, 0, reason="failed-key")
        await finish(store, await accept(store, "good"), 4)
        await end(store, await accept(store, "j3"), State.REFUSED, 0, reason="refused-sexual")
        causes = await store.ended.causes(**EVER)
        assert [(one.reason, one.times, one.job) for one in causes] == [
            ("failed-key", 2, "j2"),
            ("refused-sexual", 1, "j3"),
        ]
        bad = await store.overview.newest(limit=9, bad=True)
        assert {job.id for job in bad} == {"j1", "j2", "j3"}
        assert len(await store.overview.newest(limit=9)) == 4

    async def test_what_goes_on_is_counted_by_route_and_state(self, store: Store):
        for number in (1, 2):
            await accept(store, f"j{number}", now=NOW + number)
        await store.jobs.move(await accept(store, "j3"), Move(to=State.CLEARED), now=NOW)
        found = {(one.state, one.jobs, one.since) for one in await store.overview.under_way()}
        assert found == {("accepted", 2, NOW + 1), ("cleared", 1, NOW)}
        assert [job.id for job in await store.overview.oldest(limit=2)] == ["j3", "j1"]

    async def test_somebody_is_found_by_id_and_by_a_part_of_the_name(self, store: Store):
        for number, who in enumerate((person("ann"), person("ann", "other"), person("bob"))):
            await accept(store, f"j{number}", who)
        assert [(one.community, one.name) for one in await store.overview.people("ann")] == [
            ("club", "Ann"),
            ("other", "Ann"),
        ]
        assert [one.user for one in await store.overview.people("BO")] == ["bob"]
        assert await store.overview.people("nobody") == []
        assert [job.id for job in await store.overview.of_person(person("ann", "other"), limit=5)] == ["j1"]
