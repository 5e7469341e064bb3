"""Laws of the reports: sums by day and model, and who used most."""

import asyncio
import secrets
from dataclasses import replace

from bot.job import Asset, Move, State
from bot.store import Store
from tests.contract.store_tomorrow_laws import change
from tests.fakes.books import NOW, accept, end, finish, person, run

DAY_S = 86_400
TODAY = int(NOW // DAY_S)


class UsageLaws:
    async def test_days_and_models_are_summed_newest_first(self, store: Store):
        for number, now in enumerate((NOW, NOW, NOW + DAY_S)):
            job = await accept(store, f"j{number}", now=now)
            await finish(store, job, 4, now=now, assets=(Asset(key=f"{job.id}/1.png"),))
        await end(store, await accept(store, "refused"), State.REFUSED, 0)
        await end(store, await accept(store, "failed"), State.FAILED, 0)
        newest, older = await store.usage.by_day(since=NOW - 1)
        assert (newest.day, newest.jobs, newest.credits) == (TODAY + 1, 1, 4)
        assert (older.day, older.jobs, older.pictures, older.credits) == (TODAY, 4, 2, 8)
        assert (older.usd_micros, older.refused, older.failed) == (2000, 1, 1)

    async def test_midnight_is_the_communitys(self, store: Store):
        await accept(store, "j1")
        lines = await store.usage.by_day(since=NOW - 1, offset_s=DAY_S)
        assert [line.day for line in lines] == [TODAY + 1]

    async def test_whoever_used_most_comes_first_in_its_community(self, store: Store):
        for number, user in enumerate(("ann", "bob", "bob")):
            await finish(store, await accept(store, f"j{number}", person(user)), 4)
        await finish(store, await accept(store, "far", person("eve", "other"), credits=40), 40)
        everyone = await store.usage.top(since=NOW - 1)
        assert [(top.user, top.credits) for top in everyone] == [("eve", 40), ("bob", 8), ("ann", 4)]
        ours = await store.usage.top(since=NOW - 1, surface="slack", community="club", limit=1)
        assert [(top.user, top.jobs) for top in ours] == [("bob", 2)]

    async def test_each_persons_use_of_each_model_is_told_the_dearest_first(self, store: Store):
        for number, user in enumerate(("ann", "bob", "bob")):
            await finish(store, await accept(store, f"j{number}", person(user)), 4)
        await finish(store, await accept(store, "far", person("eve", "other"), credits=40), 40)
        ours = await store.usage.by_person(since=NOW - 1, surface="slack", community="club")
        assert [(one.user, one.jobs, one.credits) for one in ours] == [("bob", 2, 8), ("ann", 1, 4)]
        assert {one.model for one in ours} == {ours[0].model}
        assert [one.user for one in await store.usage.by_person(since=NOW - 1, limit=1)] == ["eve"]

    async def test_a_history_is_turned_page_by_page_and_searched_in_any_case(self, store: Store):
        ann = person("ann")
        for number in range(5):
            await finish(store, await accept(store, f"j{number}", ann, now=NOW + number), 1, now=NOW + number)
        await finish(store, await accept(store, "b", person("bob"), now=NOW + 9), 1, now=NOW + 9)
        whole = [job.id for job in await store.jobs.history(ann, limit=9)]
        pages = [job.id for at in (0, 2, 4) for job in await store.jobs.history(ann, limit=2, offset=at)]
        assert (len(whole), pages) == (5, whole)
        word = (await store.jobs.history(ann, limit=1))[0].order.subject.split()[-1]
        assert word
        for words in ((word.upper(),), (word, word.lower())):
            found = await store.jobs.history(ann, limit=2, offset=4, words=words)
            assert [job.id for job in found] == whole[4:]
        for nothing in (("volcano",), ("subject",), ("%",), (word, "volcano"), ('"',)):
            assert await store.jobs.history(ann, limit=9, words=nothing) == []

    async def test_what_was_paid_stands_beside_the_price_table_by_community_and_route(self, store: Store):
        told = await accept(store, "told", images=2, credits=8)
        pictures = tuple(Asset(key=f"told/{n}.png", index=n) for n in (1, 2))
        told = await store.jobs.move(told, Move(to=State.CLEARED), now=NOW)
        told = await store.jobs.move(told, Move(to=State.SUBMITTING), now=NOW)
        await store.jobs.move(
            told,
            Move(to=State.FINISHED, capture=8, assets=pictures, cost_usd_micros=2_345),
            now=NOW,
        )
        await finish(store, await accept(store, "plain"), 4, assets=(Asset(key="plain/1.png"),))
        await finish(
            store, await accept(store, "far", person("eve", "other")), 4, assets=(Asset(key="far/1.png"),)
        )
        (ours,) = await store.usage.by_route(since=NOW - 1, surface="slack", community="club")
        assert (ours.provider, ours.model, ours.jobs, ours.pictures) == ("gateway", "painter", 2, 3)
        assert (ours.credits, ours.usd_micros, ours.listed_usd_micros) == (12, 3_345, 3_000)
        everywhere = await store.usage.by_route(since=NOW - 1)
        assert [(one.community, one.usd_micros) for one in everywhere] == [("club", 3_345), ("other", 1_000)]

    async def test_another_route_is_written_before_it_is_asked_and_keeps_what_a_newer_one_knows(
        self, store: Store
    ):
        job = await accept(store, "moved")
        await change(store, "jobs.order_json", "moved", {"mood": "happy"})
        job = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        there = replace(
            job.order, provider="fal", model="brush", wire="fal-ai/brush", credits_each=3, meant="painter"
        )
        move = Move(to=State.SUBMITTING, order=there, passed=("gateway", "painter"))
        await store.jobs.move(job, move, now=NOW)
        found = await store.jobs.get("moved")
        assert found is not None
        assert (found.order, found.passed, found.tries) == (there, frozenset({("gateway", "painter")}), 0)
        rows = await run(store, "SELECT provider, model, order_json FROM jobs WHERE id = 'moved'")
        assert (rows[0]["provider"], rows[0]["model"]) == ("fal", "brush")
        assert '"mood":"happy"' in rows[0]["order_json"].replace(" ", "")


class HealthLaws:
    async def test_replicas_add_their_outcomes_to_one_breaker(self, store: Store):
        route = ("p", f"m-{secrets.token_hex(4)}")
        await asyncio.gather(*(store.health.note(route, worked=False, now=NOW) for _ in range(3)))
        known = (await store.health.all())[route]
        assert (known.outcomes, known.opens, known.probe_at) == ("---", 1, NOW + 30)

    async def test_one_probe_goes_however_many_ask(self, store: Store):
        route = ("p", f"m-{secrets.token_hex(4)}")
        assert await store.health.probe(route, now=NOW) is None, "a route that is well needs none"
        for _ in range(3):
            await store.health.note(route, worked=False, now=NOW)
        assert await store.health.probe(route, now=NOW + 29) is None
        found = await asyncio.gather(*(store.health.probe(route, now=NOW + 30) for _ in range(5)))
        assert len([one for one in found if one]) == 1
        _, after = await store.health.note(route, worked=True, now=NOW + 31)
        assert (after.opens, after.clean) == (0, True)

    async def test_what_was_heard_first_holds(self, store: Store):
        key = f"job-{secrets.token_hex(4)}-1"
        assert await store.health.heard(key) is None
        await store.health.hear(key, "op-1", now=NOW)
        await store.health.hear(key, "op-2", now=NOW + 1)
        assert await store.health.heard(key) == "op-1"
        await store.health.prune_heard(before=NOW + 2)
        assert await store.health.heard(key) is None
