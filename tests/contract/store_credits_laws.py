"""Laws of the ways to get credits: codes, gifts, what lapses. Each happens once, whoever asks how often."""

import asyncio
from dataclasses import replace

import pytest

from bot.community.quotas import lapsing_fund
from bot.errors import NotAllowed
from bot.job import State
from bot.money import Reserve
from bot.store import Store
from bot.store.codes import Batch
from bot.store.ledger import EXPIRED_AT_ONCE
from tests.fakes.books import NOW, accept, end, finish, grant, granted, person, run

ANN, BOB = person("ann"), person("bob")
SUMMER = Batch(name="summer", credits=50, per_person=1)
DAY_S = 86_400.0


async def make(store: Store, *digests: str, batch: Batch = SUMMER) -> None:
    await store.codes.make(batch, digests, actor=ANN, now=NOW)


async def redeem(store: Store, digest: str, who=ANN, *, now: float = NOW):
    return await store.codes.redeem(digest, who, granted(who), now=now)


async def refused(reason: str, act) -> None:
    with pytest.raises(NotAllowed) as error:
        await act
    assert error.value.reason == reason


def cap(amount: int, most: int = 1000) -> Reserve:
    return Reserve(meter="gifts:ann", unit="gifts", amount=amount, cap=most, refusal="gift-too-much")


async def give(store: Store, amount: int, *, key: str = "k", giver=ANN, to=BOB, most: int = 1000) -> bool:
    return await store.ledger.gift(
        giver,
        to,
        (granted(giver), granted(to)),
        amount,
        key=key,
        memo="thanks",
        cap=cap(amount, most),
        now=NOW,
    )


async def left(store: Store, who, *, now: float = NOW):
    return await store.ledger.balance([granted(who)], who, now=now)


class CreditLaws:
    # ── Codes ────────────────────────────────────────────────────────────────────────────────────────

    async def test_a_code_is_credits_once_and_its_owner_may_ask_again(self, store: Store):
        await make(store, "d1")
        first, again = await redeem(store, "d1"), await redeem(store, "d1")
        assert (first.credits, first.again, again.credits, again.again) == (50, False, 50, True)
        assert (await left(store, ANN)).granted == 50
        await refused("code-used", redeem(store, "d1", BOB))
        await refused("code-unknown", redeem(store, "d9"))
        (movement,) = await store.ledger.movements(ANN, limit=9)
        assert (movement.kind, movement.amount, movement.memo) == ("redeem", 50, "summer")
        assert await store.ledger.problems() == []

    async def test_of_many_who_race_for_a_code_one_has_it(self, store: Store):
        await make(store, "d1")
        racers = [person(f"p{n}") for n in range(8)] + [ANN] * 4
        done = await asyncio.gather(*(redeem(store, "d1", who) for who in racers), return_exceptions=True)
        assert sum(not isinstance(one, BaseException) and not one.again for one in done) == 1
        people = {one.user: one for one in racers}.values()
        assert sum([(await left(store, who)).granted for who in people]) == 50
        assert await store.ledger.problems() == []

    async def test_so_many_of_a_batch_for_one_person_wherever_they_are(self, store: Store):
        await make(store, "d1", "d2", "d3", batch=replace(SUMMER, per_person=2))
        done = await asyncio.gather(*(redeem(store, f"d{n}") for n in (1, 2, 3)), return_exceptions=True)
        assert [one.reason for one in done if isinstance(one, NotAllowed)] == ["code-enough"]
        elsewhere = replace(ANN, community="another")
        for n in (1, 2, 3):
            with pytest.raises(NotAllowed):
                await redeem(store, f"d{n}", elsewhere)
        assert await store.ledger.problems() == []

    async def test_what_is_over_void_or_for_others_is_said_and_changes_nothing(self, store: Store):
        await make(store, "d1", batch=replace(SUMMER, until=NOW))
        await make(store, "d2", batch=replace(SUMMER, name="there", community="another"))
        await make(store, "d3", batch=replace(SUMMER, name="chat", surface="discord"))
        await make(store, "d4", batch=replace(SUMMER, name="gone"))
        assert await store.codes.void("gone", actor=ANN, now=NOW) == 1
        for number, reason in (
            (1, "code-over"),
            (2, "code-elsewhere"),
            (3, "code-elsewhere"),
            (4, "code-void"),
        ):
            await refused(reason, redeem(store, f"d{number}"))
        await refused("codes-batch-taken", make(store, "d5"))
        assert (await left(store, ANN)).granted == 0
        assert await store.codes.find("d5") is None
        assert {one.batch.name: (one.codes, one.used, one.void) for one in await store.codes.counts()} == {
            "summer": (1, 0, 0), "there": (1, 0, 0), "chat": (1, 0, 0), "gone": (1, 0, 1)
        }  # fmt: skip

    async def test_a_void_batch_keeps_what_was_redeemed(self, store: Store):
        await make(store, "d1", "d2")
        await redeem(store, "d1")
        assert await store.codes.void("summer", actor=ANN, now=NOW) == 1
        assert (await redeem(store, "d1")).again
        assert await store.ledger.problems() == []

    # ── Gifts ────────────────────────────────────────────────────────────────────────────────────────

    async def test_a_gift_moves_credits_once(self, store: Store):
        await grant(store, ANN, 100)
        assert [await give(store, 30) for _ in range(3)] == [True, False, False]
        assert ((await left(store, ANN)).granted, (await left(store, BOB)).granted) == (70, 30)
        assert [m.amount for m in await store.ledger.movements(BOB, limit=9)] == [30]
        assert sorted(m.amount for m in await store.ledger.movements(ANN, limit=9)) == [-30, 100]
        assert await store.ledger.problems() == []

    async def test_nobody_gives_what_they_have_not_or_above_the_days_most(self, store: Store):
        await grant(store, ANN, 100)
        await refused("gift-too-little", give(store, 101))
        await refused("gift-too-much", give(store, 60, most=50))
        done = await asyncio.gather(*(give(store, 30, key=f"k{n}") for n in range(6)), return_exceptions=True)
        assert sum(one is True for one in done) == 3
        assert ((await left(store, ANN)).granted, (await left(store, BOB)).granted) == (10, 90)
        assert await store.ledger.problems() == []

    async def test_two_who_give_each_other_at_once_both_do(self, store: Store):
        await grant(store, ANN, 50, key="a")
        await grant(store, BOB, 50, key="b")
        await asyncio.gather(
            *(give(store, 1, key=f"a{n}") for n in range(10)),
            *(give(store, 1, key=f"b{n}", giver=BOB, to=ANN) for n in range(10)),
        )
        assert ((await left(store, ANN)).granted, (await left(store, BOB)).granted) == (50, 50)
        assert await store.ledger.problems() == []

    async def test_who_is_blocked_neither_gives_nor_gets(self, store: Store):
        await grant(store, ANN, 50)
        for who in (ANN, BOB):
            await store.communities.block(who, reason="spam", actor=ANN, until=None, now=NOW)
            await refused("blocked", give(store, 5))
            await store.communities.unblock(who, actor=ANN, now=NOW)
        assert await give(store, 5)

    # ── What lapses ──────────────────────────────────────────────────────────────────────────────────

    async def lasting(self, store: Store, amount: int, until: float, key: str) -> None:
        await store.ledger.grant(
            ANN, lapsing_fund(ANN, until), amount, key=key, actor="mod", memo="", now=NOW
        )

    async def test_what_lapses_soonest_is_spent_first(self, store: Store):
        await grant(store, ANN, 10)
        await self.lasting(store, 10, NOW + 2 * DAY_S, "later")
        await self.lasting(store, 10, NOW + DAY_S, "sooner")
        balance = await left(store, ANN)
        assert (balance.granted, [lapse.amount for lapse in balance.lapses]) == (30, [10, 10])
        assert balance.lapses[0].at < balance.lapses[1].at
        job = await accept(store, "j1", credits=14, funds=(granted(ANN),))
        await finish(store, job, 14)
        balance = await left(store, ANN)
        assert (balance.granted, [lapse.amount for lapse in balance.lapses]) == (16, [6])
        assert await store.ledger.problems() == []

    async def test_what_lapsed_is_nobodys_before_and_after_the_books_say_so(self, store: Store):
        await self.lasting(store, 10, NOW + DAY_S, "k")
        then = NOW + DAY_S + 3600
        assert (await left(store, ANN, now=then)).granted == 0
        with pytest.raises(Exception, match="credits-missing"):
            await accept(store, "j1", credits=4, funds=(granted(ANN),), now=then)
        assert await store.ledger.expire(now=then) == 1
        assert await store.ledger.expire(now=then) == 0
        assert [m.kind for m in await store.ledger.movements(ANN, limit=9)] == ["expire", "grant"]
        assert await store.ledger.problems() == []

    async def test_what_is_held_when_it_lapses_may_be_spent_and_lapses_when_it_comes_back(self, store: Store):
        await self.lasting(store, 10, NOW + DAY_S, "k")
        spent = await accept(store, "j1", credits=4, funds=(granted(ANN),))
        freed = await accept(store, "j2", credits=5, funds=(granted(ANN),))
        then = NOW + DAY_S + 3600
        await asyncio.gather(*(store.ledger.expire(now=then) for _ in range(4)))
        await finish(store, spent, 4, now=then)
        await end(store, freed, State.CANCELLED, 0, now=then)
        assert await store.ledger.expire(now=then) == 1
        rows = await run(store, "SELECT posted, held FROM accounts WHERE lapses_at IS NOT NULL")
        assert rows == [{"posted": 0, "held": 0}]
        lapsed = await run(store, "SELECT amount FROM transfers WHERE kind = 'expire' ORDER BY id")
        assert [row["amount"] for row in lapsed] == [1, 5]
        assert await store.ledger.problems() == []

    async def test_a_look_takes_so_many_and_no_more(self, store: Store):
        await self.lasting(store, 1, NOW + DAY_S, "k")
        assert await store.ledger.expire(now=NOW + 9 * DAY_S, limit=0) == 0
        assert EXPIRED_AT_ONCE >= await store.ledger.expire(now=NOW + 9 * DAY_S) == 1

    async def test_what_is_taken_back_is_what_lasts_and_then_what_lapses_last(self, store: Store):
        await grant(store, ANN, 10)
        await self.lasting(store, 10, NOW + DAY_S, "sooner")
        await self.lasting(store, 10, NOW + 2 * DAY_S, "later")

        async def take(amount: int, key: str) -> int:
            return await store.ledger.revoke(
                ANN, granted(ANN), amount, key=key, actor="mod", memo="", now=NOW
            )

        assert [await take(15, "k1"), await take(15, "k1")] == [15, 15]
        assert [(lapse.amount) for lapse in (await left(store, ANN)).lapses] == [10, 5]
        assert [await take(99, "k2"), await take(99, "k2"), await take(1, "k3")] == [15, 15, 0]
        assert await store.ledger.problems() == []
