"""Laws of what is bought for money: each payment once, what goes back once and never below zero, in whatever order it is told."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any, cast

from bot.community.quotas import lapsing_fund
from bot.events import EventKind, TellingWay
from bot.shops import Reversal, Sale
from bot.store import Store
from bot.store.database import Database
from bot.store.purchases import PurchaseTable
from tests.fakes.books import NOW, accept, finish, grant, granted, has, person, run
from tests.fakes.there import there

ANN = person("ann")
SALE = Sale(shop="shop", origin="p1", product="starter", credits=100, buyer=ANN, paid=500, currency="eur")
REFUND = Reversal(shop="shop", origin="p1", id="refund", part=500, whole=500)
DISPUTE = Reversal(shop="shop", origin="p1", id="dp_1", part=500, whole=500)
WON = replace(DISPUTE, over=True)
TABLES = ("purchases", "reversals", "accounts", "transfers", "events", "notices")


async def buy(store: Store, sale: Sale = SALE, *, now: float = NOW) -> bool:
    return await store.purchases.record(sale, granted(sale.buyer), now=now)


async def back(store: Store, *all_of_it: Reversal) -> None:
    for one in all_of_it:
        await store.purchases.reverse(one, now=NOW)


async def left(store: Store, who=ANN) -> int:
    return (await store.ledger.balance([granted(who)], who, now=NOW)).granted


async def told(store: Store) -> list[str]:
    return [one.says for one in await store.notices.claim(now=NOW, lease_s=0, limit=99)]


async def kept(store: Store, name: str = "shop:p1"):
    found = await store.purchases.get(name)
    assert found is not None
    return found


async def sound(store: Store) -> None:
    assert await store.ledger.problems() == []
    rows = await run(store, "SELECT COUNT(*) AS n FROM accounts WHERE posted < 0")
    assert rows[0]["n"] == 0


class Killed(Exception):
    """The process was, behind so many statements of a transaction."""


class Mortal:
    """A database whose process dies at a statement: nothing of that transaction stays."""

    def __init__(self, database, at: int) -> None:
        self._database, self._left = database, at

    async def write(self, steps, *args, **kwargs):
        def dying():
            inner = steps(*args, **kwargs)
            answer = None
            while True:
                try:
                    statement = inner.send(answer)
                except StopIteration as end:
                    return end.value
                self._left -= 1
                if self._left < 0:
                    raise Killed
                answer = yield statement

        return await self._database.write(dying)

    async def read(self, steps, *args, **kwargs):
        return await self._database.read(steps, *args, **kwargs)


async def as_if_killed_everywhere(store: Store, act) -> int:
    """Does it with a death at each statement, and at last to the end; answers how many deaths that were."""

    async def rows():
        return [await run(store, f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in TABLES]

    before = await rows()
    for at in itertools.count():
        try:
            await act(PurchaseTable(cast(Database, Mortal(store.database, at))))
        except Killed:
            assert await rows() == before
        else:
            return at
    raise AssertionError


class PurchaseLaws:
    async def test_a_payment_is_credits_once_however_often_it_is_told(self, store: Store):
        assert [await buy(store) for _ in range(3)] == [True, False, False]
        assert sum(await asyncio.gather(*(buy(store) for _ in range(8)))) == 0
        assert await left(store) == 100
        [movement] = await store.ledger.movements(ANN, limit=9)
        assert (movement.kind, movement.amount, movement.memo) == ("purchase", 100, "starter")
        [one] = await store.purchases.list()
        assert (one.credits, one.paid, one.currency, one.placed, one.taken) == (100, 500, "eur", True, 0)
        assert await told(store) == ["purchase-told"]
        await sound(store)

    async def test_of_replicas_that_hear_it_at_once_one_keeps_it(self, store: Store):
        heard = await asyncio.gather(
            *(buy(store) for _ in range(12)), *(back(store, REFUND) for _ in range(4))
        )
        assert sum(one is True for one in heard) == 1
        assert (await left(store), (await kept(store)).taken) == (0, 100)
        await sound(store)

    async def test_a_kill_at_any_statement_leaves_all_or_nothing(self, store: Store):
        deaths = await as_if_killed_everywhere(store, lambda shop: shop.record(SALE, granted(ANN), now=NOW))
        assert deaths > 5
        assert await as_if_killed_everywhere(store, lambda shop: shop.reverse(REFUND, now=NOW)) > 5
        assert (await left(store), (await kept(store)).taken) == (0, 100)
        await sound(store)

    async def test_what_goes_back_takes_what_is_left_and_never_more(self, store: Store):
        await buy(store)
        job = await accept(store, "j1", credits=30, funds=(granted(ANN),))
        await finish(store, job, 30)
        await accept(store, "j2", credits=20, funds=(granted(ANN),))
        await back(store, REFUND, REFUND)
        assert await has(store, granted(ANN)) == (20, 20)
        one = await kept(store)
        assert (one.reversed, one.taken) == (100, 50)
        assert [m.amount for m in await store.ledger.movements(ANN, limit=9) if m.kind == "chargeback"] == [
            -50
        ]
        await sound(store)

    async def test_a_refund_before_the_payment_leaves_nothing_of_it(self, store: Store):
        await back(store, REFUND)
        assert await buy(store)
        assert (await left(store), (await kept(store)).taken) == (0, 100)
        assert await told(store) == ["chargeback-told"]
        await sound(store)

    async def test_in_every_order_the_same_comes_out(self, store: Store):
        """The payment, a refund of a part that grows, a dispute, and that it was won."""
        half = replace(REFUND, part=250)
        for number, order in enumerate(itertools.permutations(range(4))):
            origin = f"o{number}"
            who = person(f"p{number}")
            deeds: list[Any] = [
                lambda who=who, origin=origin: buy(store, replace(SALE, origin=origin, buyer=who)),
                lambda origin=origin: back(store, replace(half, origin=origin, part=100)),
                lambda origin=origin: back(store, replace(half, origin=origin)),
                lambda origin=origin: back(store, replace(WON, origin=origin)),
            ]
            for one in order:
                await deeds[one]()
            await back(store, replace(DISPUTE, origin=origin))  # told once more, long after
            assert await left(store, who) == 50, order
            one = await kept(store, f"shop:{origin}")
            assert (one.reversed, one.taken) == (50, 50)
        await sound(store)

    async def test_a_dispute_that_is_won_gives_back_what_was_taken(self, store: Store):
        await buy(store)
        await finish(store, await accept(store, "j1", credits=40, funds=(granted(ANN),)), 40)
        await back(store, DISPUTE)
        assert await left(store) == 0
        await back(store, WON, WON, DISPUTE)
        assert await left(store) == 60
        one = await kept(store)
        assert (one.reversed, one.taken) == (0, 0)
        await sound(store)

    async def test_where_they_lie_first_then_what_lasts_then_what_lapses_last(self, store: Store):
        soon, late = (lapsing_fund(ANN, NOW + day * 86_400) for day in (1, 2))
        await grant(store, ANN, 30)
        for key, fund in (("a", soon), ("b", late)):
            await store.ledger.grant(ANN, fund, 30, key=key, actor="mod", memo="", now=NOW)
        await store.purchases.record(replace(SALE, credits=20), soon, now=NOW)
        await store.purchases.record(replace(SALE, credits=70, origin="p2"), late, now=NOW)
        await back(store, REFUND)
        assert [await has(store, one) for one in (granted(ANN), soon, late)] == [(30, 0), (30, 0), (100, 0)]
        await finish(
            store, await accept(store, "j1", credits=60, funds=(granted(ANN),)), 60
        )  # soon, and of late
        await back(store, replace(REFUND, origin="p2"))
        assert [await has(store, one) for one in (granted(ANN), soon, late)] == [(30, 0), (0, 0), (0, 0)]
        await sound(store)

    async def test_whom_nobody_has_seen_has_it_when_they_come(self, store: Store):
        stranger = replace(SALE, buyer=replace(ANN, community=""))
        assert await store.purchases.home("slack", "ann") is None
        assert await store.purchases.record(stranger, None, now=NOW)
        [waits] = await store.purchases.waiting("slack", "ann")
        assert not waits.placed
        placed = await asyncio.gather(
            *(store.purchases.place(waits, ANN, granted(ANN), now=NOW) for _ in range(6))
        )
        assert sum(placed) == 1
        assert (await left(store), await store.purchases.waiting("slack", "ann")) == (100, [])
        await back(store, REFUND)
        assert await left(store) == 0
        await sound(store)

    async def test_what_went_back_while_it_waited_is_nobodys(self, store: Store):
        await store.purchases.record(replace(SALE, buyer=replace(ANN, community="")), None, now=NOW)
        await back(store, REFUND)
        [waits] = await store.purchases.waiting("slack", "ann")
        await store.purchases.place(waits, ANN, granted(ANN), now=NOW)
        assert await left(store) == 0
        await sound(store)

    async def test_somebody_is_at_home_where_they_say_else_where_they_drew_last(self, store: Store):
        for number, community in enumerate(("one", "two")):
            who = person("ann", community)
            await store.ledger.grant(who, granted(who), 5, key=community, actor="", memo="", now=NOW + number)
        assert there(await store.purchases.home("slack", "ann")).community == "two"
        await store.purchases.choose(replace(ANN, community="one", language="ko"))
        home = there(await store.purchases.home("slack", "ann"))
        assert (home.community, home.language) == ("one", "ko")
        await store.jobs.forget(replace(ANN, community="one"), now=NOW, scope="")
        assert there(await store.purchases.home("slack", "ann")).community == "two"

    async def test_a_subscription_brings_credits_each_period_until_its_money_goes_back(self, store: Store):
        assert [await buy(store, replace(SALE, number=n)) for n in (1, 2, 2)] == [True, True, False]
        assert await store.purchases.latest("shop", "p1") == 2
        await back(store, REFUND)
        assert await left(store) == 100
        assert not await buy(store, replace(SALE, number=3))
        assert [(one.number, one.taken) for one in await store.purchases.list()] == [(2, 100), (1, 0)]
        await sound(store)

    async def test_moderators_the_operator_and_the_buyer_are_told_once(self, store: Store):
        await buy(store)
        await back(store, REFUND, REFUND)
        [event] = await store.events.of("slack", "club", limit=9)
        assert (event.kind, event.user) == (EventKind.CHARGEBACK, "ann")
        assert event.facts == {"product": "starter", "shop": "shop", "wanted": "100", "taken": "100"}
        for way in TellingWay:
            assert len(await store.events.claim(way, now=NOW, lease_s=9, limit=9)) == 1
        assert sorted(await told(store)) == ["chargeback-told", "purchase-told"]

    async def test_a_notice_is_one_processs_until_it_is_told(self, store: Store):
        await buy(store)
        claimed = await asyncio.gather(*(store.notices.claim(now=NOW, lease_s=60, limit=9) for _ in range(5)))
        [notice] = [one for some in claimed for one in some]
        assert (notice.to.user, notice.facts) == ("ann", {"amount": 100, "what": "starter"})
        await store.notices.put_off(notice, now=NOW, wait_s=5)
        assert await store.notices.claim(now=NOW + 4, lease_s=60, limit=9) == []
        [again] = await store.notices.claim(now=NOW + 5, lease_s=60, limit=9)
        assert again.tries == 1
        await store.notices.end(again.id)
        assert await store.notices.claim(now=NOW + 999, lease_s=60, limit=9) == []

    async def test_how_far_was_looked_never_turns_back(self, store: Store):
        assert await store.purchases.looked_until("shop") == 0
        for until in (NOW, NOW - 60):
            await store.purchases.looked("shop", until)
        assert await store.purchases.looked_until("shop") == NOW

    async def test_what_went_back_of_others_payments_is_forgotten(self, store: Store):
        await buy(store)
        await back(store, REFUND, replace(REFUND, origin="another's"))
        await store.purchases.prune(before=NOW + 1)
        assert [row["origin"] for row in await run(store, "SELECT origin FROM reversals")] == ["p1"]
