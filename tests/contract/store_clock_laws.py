"""Laws of a clock that was years ahead when it wrote, and is right again: nothing waits for the years to pass."""

import pytest

from bot.errors import TooFast
from bot.events import TellingWay
from bot.notices import Notice
from bot.pausing import Pausing
from bot.ports import Address, Severity, Verdict
from bot.store import Store
from bot.store.due import LEASES_MOST_S, PUT_OFF_MOST_S
from bot.store.jobs import Limits
from tests.fakes.books import NOW, accept, person, run

ANN, BOB = person("ann"), person("bob")
YEARS_S = 3 * 366 * 86_400.0
AHEAD = NOW + YEARS_S
MIN_S = 60.0
DAY_S, HALF_DAY_S = 86_400.0, 43_200.0
WAYS = ["notice", *TellingWay]
REFUSED = Verdict(severity=Severity.REFUSE, category="hate", layer="lexicon", strike=True)


async def keep(store: Store, *, now: float) -> None:
    """One notice, and one event with its tellings."""
    await store.notices.keep(Notice(id="n1", to=ANN, says="hello"), due_at=now)
    await store.events.report(await accept(store, "j1", ANN, now=now), BOB, now=now)


async def claim(store: Store, way: str, *, now: float) -> int:
    if way == "notice":
        return len(await store.notices.claim(now=now, lease_s=MIN_S, limit=9))
    return len(await store.events.claim(TellingWay(way), now=now, lease_s=MIN_S, limit=9))


async def put_off(store: Store, way: str, *, now: float, wait_s: float) -> None:
    if way == "notice":
        (notice,) = await store.notices.claim(now=now, lease_s=MIN_S, limit=9)
        await store.notices.put_off(notice, now=now, wait_s=wait_s)
        return
    (telling,) = await store.events.claim(TellingWay(way), now=now, lease_s=MIN_S, limit=9)
    await store.events.put_off(telling, now=now, wait_s=wait_s)


class ClockLaws:
    async def test_the_newest_moment_is_told_with_one_a_day_before_and_none_that_is_to_come(
        self, store: Store
    ):
        assert await store.shared.moments(now=NOW) == (None, None)
        for number, at in enumerate((NOW - 3 * DAY_S, NOW - HALF_DAY_S, NOW, AHEAD)):
            await store.shared.mark_seen(f"event-{number}", now=at)
        assert await store.shared.moments(now=NOW) == (NOW, NOW - 3 * DAY_S)
        assert await store.shared.moments(now=AHEAD) == (AHEAD, NOW)
        assert await store.shared.moments(now=NOW - 2 * DAY_S) == (NOW - 3 * DAY_S, None)

    @pytest.mark.parametrize("way", WAYS)
    async def test_what_is_due_in_three_years_is_told_now_and_once(self, store: Store, way: str):
        await keep(store, now=AHEAD)
        assert [await claim(store, way, now=NOW) for _ in range(2)] == [1, 0]

    @pytest.mark.parametrize("way", WAYS)
    async def test_what_is_leased_for_three_years_is_taken_over(self, store: Store, way: str):
        await keep(store, now=NOW)
        assert await claim(store, way, now=AHEAD) == 1
        assert [await claim(store, way, now=NOW) for _ in range(2)] == [1, 0]

    @pytest.mark.parametrize("way", WAYS)
    async def test_what_was_put_off_in_three_years_is_told_now(self, store: Store, way: str):
        await keep(store, now=NOW)
        await put_off(store, way, now=AHEAD, wait_s=MIN_S)
        assert await claim(store, way, now=NOW) == 1

    @pytest.mark.parametrize("way", WAYS)
    async def test_a_lease_and_a_pause_hold_where_a_clock_is_a_little_behind(self, store: Store, way: str):
        await keep(store, now=NOW)
        await put_off(store, way, now=NOW, wait_s=PUT_OFF_MOST_S)
        assert await claim(store, way, now=NOW - 2) == 0
        assert await claim(store, way, now=NOW + PUT_OFF_MOST_S) == 1
        assert await claim(store, way, now=NOW + PUT_OFF_MOST_S - 2) == 0

    @pytest.mark.parametrize("way", WAYS)
    async def test_who_asks_for_a_rest_of_days_is_given_a_day(self, store: Store, way: str):
        """Where it was kept as it is, it would be taken for one of a clock that was set back, and be tried at once."""
        await keep(store, now=NOW)
        await put_off(store, way, now=NOW, wait_s=9 * PUT_OFF_MOST_S)
        assert await claim(store, way, now=NOW + MIN_S) == 0
        assert await claim(store, way, now=NOW + PUT_OFF_MOST_S) == 1

    async def test_who_was_told_to_wait_by_such_a_clock_isn_t_told_in_vain(self, store: Store):
        """There is a job of it: nothing was in vain."""
        job = await accept(store, "j1", ANN)
        (kept,) = await run(store, "SELECT request_key FROM jobs WHERE id = :id", id=job.id)
        asked = Notice(
            id=str(kept["request_key"]),
            to=ANN,
            says="asked-in-vain",
            asked=True,
            room=Address(surface=ANN.surface, data={"channel": "C1"}),
        )
        await store.notices.keep(asked, due_at=AHEAD)
        assert await claim(store, "notice", now=NOW) == 0
        assert await run(store, "SELECT id FROM notices") == []

    async def test_what_was_done_in_three_years_may_be_done_again_now(self, store: Store):
        assert await store.shared.mark_seen("event", now=AHEAD, again_after_s=MIN_S)
        assert await store.shared.mark_seen("event", now=NOW, again_after_s=MIN_S)
        assert not await store.shared.mark_seen("event", now=NOW - 2, again_after_s=MIN_S), "a little behind"

    async def test_who_has_ordered_in_three_years_need_not_wait_for_them(self, store: Store):
        limits = Limits(cooldown_s=MIN_S)
        await accept(store, "ahead", ANN, now=AHEAD)
        await accept(store, "j1", ANN, limits=limits)
        with pytest.raises(TooFast):
            await accept(store, "j2", ANN, limits=limits, now=NOW + 1)

    async def test_whose_words_were_refused_in_three_years_is_not_paused_until_then(self, store: Store):
        pausing = Pausing(strikes=2, window_s=MIN_S, pause_s=MIN_S)
        for number in range(2):
            await store.events.refused(
                (REFUSED,), ANN, "bad", now=AHEAD + number, channel="", pausing=pausing
            )
        since = NOW - 2 * MIN_S
        assert await store.audit.strikes(ANN, since=since, now=NOW) == []
        assert await store.audit.striking(ANN.surface, ANN.community, since=since, now=NOW) == {}
        lines = [
            await store.events.refused((REFUSED,), ANN, "bad", now=NOW + n, channel="", pausing=pausing)
            for n in range(2)
        ]
        assert await store.audit.last_refusal(ANN, since=since, now=NOW + 2) == lines[1]
        told = await store.events.of(ANN.surface, ANN.community, limit=9)
        assert [event.refusal for event in told if event.at < AHEAD] == [lines[1]], "a pause of now begins"

    async def test_a_long_lease_holds_before_a_replica_whose_own_are_short(self, store: Store):
        await accept(store, "j1", ANN)
        (job,) = await store.leases.claim("patient", now=NOW, lease_s=LEASES_MOST_S, limit=9)
        assert await store.leases.claim("hasty", now=NOW - 2, lease_s=1, limit=9) == []
        assert await store.leases.holder(job.id) == "patient"
        assert len(await store.leases.claim("hasty", now=NOW + LEASES_MOST_S + 1, lease_s=1, limit=9)) == 1
