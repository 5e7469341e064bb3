"""Laws of the books: what accept, settle, grant, revoke and refund do to credits, and what `problems` finds."""

import asyncio

import pytest

from bot.errors import EaselError, LostJob, NotAllowed, NotEnoughCredits
from bot.job import Move, State
from bot.money import Reserve
from bot.store import Store
from tests.fakes.books import (
    NOW,
    accept,
    acceptance,
    all_rows,
    allowance,
    end,
    finish,
    grant,
    granted,
    has,
    person,
    run,
)

ANN = person("ann")
WALLET = granted(ANN)


def this_period(entitled: int):
    return allowance(ANN, entitled)


async def kinds(store: Store, job: str) -> list[tuple[str, int]]:
    rows = await run(store, "SELECT kind, amount FROM transfers WHERE job = :job ORDER BY id", job=job)
    return [(row["kind"], row["amount"]) for row in rows]


class BooksLaws:
    async def test_accept_makes_job_hold_message_and_lease_at_once(self, store: Store):
        job, new = await store.jobs.accept(acceptance("j1", lease_owner="me"))
        assert new
        assert job == await store.jobs.get("j1")
        assert (await store.messages.of("j1"))[0].address.data == {"channel": "general"}
        assert await store.leases.holder("j1") == "me"
        assert await has(store, this_period(100)) == (100, 4)
        assert await store.ledger.problems() == []

    async def test_one_request_makes_one_job(self, store: Store):
        first, _ = await store.jobs.accept(acceptance("j1", key="same"))
        before = await all_rows(store)
        again, new = await store.jobs.accept(acceptance("j2", key="same"))
        assert (again, new) == (first, False)
        assert await all_rows(store) == before
        assert await store.jobs.by_request("same") == first

    async def test_one_request_of_many_racers_makes_one_job(self, store: Store):
        outcomes = await asyncio.gather(
            *(store.jobs.accept(acceptance(f"j{n}", key="same")) for n in range(20))
        )
        assert sum(new for _, new in outcomes) == 1
        assert len({job.id for job, _ in outcomes}) == 1
        assert await has(store, this_period(100)) == (100, 4)

    async def test_a_repeat_finds_the_job_with_its_pictures_and_state(self, store: Store):
        done = await finish(store, await accept(store, "j1", key="same"), 4)
        again, new = await store.jobs.accept(acceptance("j2", key="same"))
        assert (again, new) == (done, False)

    async def test_refusals_change_nothing(self, store: Store):
        await accept(store, "j0")
        before = await all_rows(store)
        poor = acceptance("j1", credits=1000)
        capped = acceptance("j2", reserves=[_cap("m", 4, cap=3)])
        half_capped = acceptance("j3", reserves=[_cap("a", 4, cap=10), _cap("b", 4, cap=3)])
        stranger = acceptance("j4", person("eve"), credits=5, entitled=4)
        for refused in (poor, capped, half_capped, stranger):
            with pytest.raises((NotEnoughCredits, NotAllowed)):
                await store.jobs.accept(refused)
            assert await all_rows(store) == before

    async def test_a_refused_request_can_be_made_again_with_its_key(self, store: Store):
        with pytest.raises(NotEnoughCredits) as refused:
            await accept(store, "j1", key="same", credits=5, entitled=4)
        assert refused.value.facts == {"price": 5, "available": 4, "missing": 1}
        assert (await accept(store, "j2", key="same", credits=4, entitled=4)).id == "j2"

    async def test_the_allowance_is_drawn_before_granted_credits(self, store: Store):
        await grant(store, ANN, 50)
        await accept(store, "j1", credits=7, entitled=5)
        assert await has(store, this_period(5)) == (5, 5)
        assert await has(store, WALLET) == (50, 2)

    async def test_the_allowance_is_given_once_a_period(self, store: Store):
        await accept(store, "j1", entitled=10)
        await accept(store, "j2", entitled=10)
        assert await has(store, this_period(10)) == (10, 8)

    async def test_an_allowance_raised_in_mid_period_gives_the_difference_once(self, store: Store):
        for number, entitled in enumerate((10, 25, 25, 10, 25)):
            await accept(store, f"j{number}", entitled=entitled, credits=1)
        assert (await has(store, this_period(25)))[0] == 25

    async def test_racers_with_two_ideas_of_the_allowance_get_the_higher_once(self, store: Store):
        ideas = [10, 25] * 10
        await asyncio.gather(
            *(accept(store, f"j{n}", entitled=idea, credits=1) for n, idea in enumerate(ideas)),
            return_exceptions=True,
        )
        assert (await has(store, this_period(25)))[0] == 25
        assert await store.ledger.problems() == []

    async def test_a_lowered_allowance_counts_from_the_next_period(self, store: Store):
        await accept(store, "j1", entitled=10, credits=1)
        await accept(store, "j2", entitled=3, credits=9)
        assert await has(store, this_period(3)) == (10, 10)
        await accept(store, "j3", entitled=3, credits=1, period="tuesday")
        assert await has(store, allowance(ANN, 3, period="tuesday")) == (3, 1)

    async def test_a_release_falls_into_the_period_it_came_from(self, store: Store):
        job = await accept(store, "j1", credits=6, entitled=10)
        await accept(store, "j2", credits=6, entitled=10, period="tuesday")
        await end(store, job, State.FAILED, 0)
        assert await has(store, this_period(10)) == (10, 0)
        assert await has(store, allowance(ANN, 10, period="tuesday")) == (10, 6)

    async def test_an_order_of_price_zero_makes_a_hold_and_settles_it(self, store: Store):
        job = await accept(store, "j1", credits=0, entitled=0)
        assert await kinds(store, "j1") == [("hold", 0)]
        await finish(store, job, 0)
        assert await kinds(store, "j1") == [("hold", 0), ("release", 0)]
        assert await store.ledger.problems() == []

    async def test_an_end_captures_or_releases(self, store: Store):
        await finish(store, await accept(store, "j1"), 4)
        assert await has(store, this_period(100)) == (96, 0)
        await end(store, await accept(store, "j2"), State.CANCELLED, 0)
        assert await has(store, this_period(100)) == (96, 0)

    @pytest.mark.parametrize(
        ("capture", "allowance_left", "granted_left"),
        [(0, 5, 50), (3, 2, 50), (5, 0, 50), (7, 0, 48), (8, 0, 47)],
    )
    async def test_a_part_is_captured_in_draw_order(
        self, store: Store, capture: int, allowance_left: int, granted_left: int
    ):
        await grant(store, ANN, 50)
        job = await accept(store, "j1", credits=8, images=4, entitled=5)
        await finish(store, job, capture)
        assert await has(store, this_period(5)) == (allowance_left, 0)
        assert await has(store, WALLET) == (granted_left, 0)
        assert await store.ledger.problems() == []

    async def test_a_job_is_moved_once_from_each_version(self, store: Store):
        job = await accept(store, "j1")
        ended = await end(store, job, State.CANCELLED, 0)
        before = await all_rows(store)
        with pytest.raises(LostJob):
            await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        with pytest.raises(LostJob):
            await end(store, job, State.FAILED, 4)
        with pytest.raises(ValueError, match="no legal move"):
            await end(store, ended, State.FINISHED, 4)
        assert await all_rows(store) == before

    async def test_of_racing_ends_one_settles(self, store: Store):
        job = await accept(store, "j1")
        outcomes = await asyncio.gather(
            *(end(store, job, State.FAILED, n % 2 * 4) for n in range(12)), return_exceptions=True
        )
        lost = [o for o in outcomes if isinstance(o, LostJob)]
        assert len(lost) == 11
        assert await store.ledger.problems() == []

    async def test_more_than_was_held_is_never_captured(self, store: Store):
        with pytest.raises(ValueError, match="more can't be captured"):
            await end(store, await accept(store, "j1"), State.FAILED, 5)

    async def test_a_grant_is_given_once_for_its_key(self, store: Store):
        assert [await grant(store, ANN, 5, "k") for _ in range(2)] == [True, False]
        racers = await asyncio.gather(*(grant(store, ANN, 5, "r") for _ in range(10)))
        assert sum(racers) == 1
        assert await has(store, WALLET) == (10, 0)

    async def test_a_refund_gives_back_what_was_captured_once(self, store: Store):
        job = await accept(store, "j1", credits=8, images=4)
        assert await _refund(store, "j1") == 0  # nothing was captured yet
        await finish(store, job, 6)
        given = await asyncio.gather(*(_refund(store, "j1") for _ in range(6)))
        assert sorted(given) == [0, 0, 0, 0, 0, 6]
        assert await has(store, WALLET) == (6, 0)
        assert await store.ledger.problems() == []

    async def test_a_revoke_takes_at_most_what_is_available_once(self, store: Store):
        await grant(store, ANN, 10)
        await accept(store, "j1", credits=4, entitled=0)
        assert await asyncio.gather(*(_revoke(store, 100) for _ in range(5))) == [6] * 5
        assert await has(store, WALLET) == (4, 4)
        assert await _revoke(store, 3, key="other") == 0
        assert await store.ledger.problems() == []

    async def test_two_hundred_racers_for_credits_of_ten_give_ten(self, store: Store):
        outcomes = await asyncio.gather(
            *(accept(store, f"j{n}", entitled=40) for n in range(200)), return_exceptions=True
        )
        refused = [o for o in outcomes if isinstance(o, NotEnoughCredits)]
        assert len(refused) == 190
        assert await has(store, this_period(40)) == (40, 40)
        assert await store.ledger.problems() == []

    async def test_the_balance_counts_what_will_be_given_and_what_is_held(self, store: Store):
        await grant(store, ANN, 10)
        funds = (this_period(20), WALLET)
        fresh = await store.ledger.balance(funds, ANN, now=NOW)
        assert (fresh.allowance, fresh.granted, fresh.held, fresh.available) == (20, 10, 0, 30)
        await accept(store, "j1", entitled=20)
        later = await store.ledger.balance(funds, ANN, now=NOW)
        assert (later.allowance, later.granted, later.held, later.available) == (16, 10, 4, 30 - 4)

    async def test_movements_tell_the_newest_first(self, store: Store):
        await grant(store, ANN, 10)
        await store.ledger.revoke(ANN, WALLET, 3, key="r", actor="mod", memo="oops", now=NOW + 5)
        lines = await store.ledger.movements(ANN, limit=10)
        assert [(line.kind, line.amount, line.memo) for line in lines] == [
            ("revoke", -3, "oops"),
            ("grant", 10, "thanks"),
        ]
        assert len(await store.ledger.movements(ANN, limit=1)) == 1

    async def test_accept_end_and_gifts_of_one_person_in_parallel_never_lock_each_other_out(
        self, store: Store
    ):
        await grant(store, ANN, 1000, "start")
        jobs = [await accept(store, f"a{n}", entitled=20, reserves=[_cap("b", 4)]) for n in range(10)]
        outcomes = await asyncio.gather(
            *(end(store, job, State.FAILED, 2) for job in jobs),
            *(accept(store, f"b{n}", entitled=20, reserves=[_cap("b", 4)]) for n in range(10)),
            *(grant(store, ANN, 1, f"g{n}") for n in range(10)),
            *(_revoke(store, 1, key=f"r{n}") for n in range(10)),
            return_exceptions=True,
        )
        assert [o for o in outcomes if isinstance(o, EaselError)] == []
        assert await store.ledger.problems() == []

    # Each invariant is broken on purpose: a check that can't fail guards nothing.
    @pytest.mark.parametrize(
        ("sentence", "damage"),
        [
            (
                "balance is not the sum",
                "UPDATE accounts SET posted = posted + 1 WHERE id LIKE 'granted:%'",
            ),
            ("balance is not the sum", "UPDATE accounts SET held = held - 1 WHERE held > 0"),
            ("given is not the sum", "UPDATE accounts SET given = given + 1 WHERE id LIKE 'granted:%'"),
            ("more was captured than held", "UPDATE transfers SET amount = 5 WHERE kind = 'capture'"),
            (
                "resolves what is no hold",
                "UPDATE transfers SET job = 'live' WHERE id = 'capture:hold:done:0'",
            ),
            ("no such account", "UPDATE transfers SET credit = 'nobody' WHERE kind = 'grant'"),
            ("no such account", "UPDATE transfers SET debit = 'nobody' WHERE kind = 'capture'"),
            (
                "it was not settled",
                "UPDATE jobs SET captured_credits = 0, state = 'failed' WHERE id = 'live'",
            ),
            ("open without a live job", "UPDATE jobs SET state = 'failed' WHERE id = 'live'"),
            ("open without a live job", "UPDATE transfers SET job = 'ghost' WHERE id = 'hold:live:0'"),
            ("what it captured is not", "UPDATE jobs SET captured_credits = 3 WHERE id = 'done'"),
            ("it has no hold", "DELETE FROM transfers WHERE id = 'hold:live:0'"),
            ("holds are not its price", "UPDATE jobs SET credits = 5 WHERE id = 'live'"),
            (
                "ended and settled don't agree",
                "UPDATE jobs SET captured_credits = NULL WHERE id = 'done'",
            ),
            ("ended and settled don't agree", "UPDATE jobs SET captured_credits = 4 WHERE id = 'live'"),
        ],
    )
    async def test_broken_books_are_found(self, store: Store, sentence: str, damage: str):
        await grant(store, ANN, 10)
        await finish(store, await accept(store, "done"), 4)
        await accept(store, "live")
        assert await store.ledger.problems() == []
        await run(store, damage)
        assert any(sentence in problem for problem in await store.ledger.problems())

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE accounts SET held = posted + 1 WHERE held > 0",
            "UPDATE accounts SET held = -1",
            "UPDATE transfers SET amount = -1 WHERE kind = 'hold'",
            "UPDATE meters SET used = -1",
            (
                "INSERT INTO transfers (id, kind, debit, credit, amount, resolves, at)"
                " VALUES ('x', 'capture', 'a', 'b', 1, 'hold:done:0', 0)"
            ),
            (
                "INSERT INTO transfers (id, kind, debit, credit, amount, at)"
                " VALUES ('hold:done:0', 'hold', 'a', 'b', 1, 0)"
            ),
        ],
    )
    async def test_the_database_itself_refuses_impossible_books(self, store: Store, damage: str):
        await finish(store, await accept(store, "done", reserves=[_cap("m", 1)]), 4)
        await accept(store, "live")
        before = await all_rows(store)
        with pytest.raises(Exception, match=r"(?i)constraint"):
            await run(store, damage)
        assert await all_rows(store) == before


def _cap(meter: str, amount: int, *, cap: int | None = None) -> Reserve:
    return Reserve(meter=meter, unit="credits", amount=amount, cap=cap, refusal="budget-spent")


async def _refund(store: Store, job: str) -> int:
    return await store.ledger.refund(job, ANN, WALLET, actor="mod", memo="sorry", now=NOW)


async def _revoke(store: Store, amount: int, *, key: str = "take") -> int:
    return await store.ledger.revoke(ANN, WALLET, amount, key=key, actor="mod", memo="", now=NOW)
