"""Laws of the reports: sums by day and model, and who used most."""

from bot.job import Asset, State
from bot.store import Store
from tests.fakes.books import NOW, accept, end, finish, person

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
