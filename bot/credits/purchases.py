"""Credits for money: what is sold, whose a payment's credits are, and what is done when shops tell of one."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.community import quotas
from bot.errors import NotAllowed
from bot.money import Fund
from bot.ports import Requester
from bot.shops import Month, Product, Purchase, Reversal, Sale, Shop
from bot.store import Store

log = structlog.get_logger()

_CATCH_UP_MOST = 12  # periods of a subscription that nobody has heard of in time
PLACED_AT_ONCE = 500


class Purchases:
    """Told by shops, asked by people. Everything may be said again: it happens once."""

    def __init__(self, store: Store, products: Sequence[Product]) -> None:
        self._store = store
        self.products = tuple(products)
        self.shops: dict[str, Shop] = {}  # where people pay by a link; opened later

    # ── What shops tell ──────────────────────────────────────────────────────────────────────────────

    def articles_of(self, shop: str) -> Mapping[str, Product]:
        """All that one shop sells of ours, by its own names."""
        return {one.articles[shop]: one for one in self.products if shop in one.articles}

    async def paid(self, sale: Sale) -> bool:
        """Money came. Answers whether that was news. Raises StoreBusy."""
        buyer = sale.buyer
        if not buyer.community:
            home = await self._store.purchases.home(buyer.surface, buyer.user)
            buyer = replace(buyer, community=home.community, language=home.language) if home else buyer
        now = self._store.now()
        fund = _fund(buyer, sale.lasts_s, now) if buyer.community else None
        fresh = await self._store.purchases.record(replace(sale, buyer=buyer), fund, now=now)
        if fresh:
            log.info("something was bought", purchase=sale.id, product=sale.product, placed=fund is not None)
        return fresh

    async def goes_on(self, sale: Sale, *, ended: bool = False) -> None:
        """A subscription is in the period that its sale names: it, and what was missed since the last one. Raises StoreBusy.

        `ended`: that was its last; one that nobody knew while it went on brings nothing afterwards.
        """
        last = await self._store.purchases.latest(sale.shop, sale.origin)
        if ended and not last:
            return
        first = max(last + 1, sale.number - _CATCH_UP_MOST + 1) if last else sale.number
        for number in range(first, sale.number + 1):
            await self.paid(replace(sale, number=number))

    async def went_back(self, what: Reversal) -> None:
        """Money went back, or did not after all. Raises StoreBusy."""
        await self._store.purchases.reverse(what, now=self._store.now())

    async def looked_until(self, shop: str) -> float:
        """How far a shop's events were gone through, unix seconds; 0 for never."""
        return await self._store.purchases.looked_until(shop)

    async def looked(self, shop: str, until: float) -> None:
        """All of a shop's events until then are known."""
        await self._store.purchases.looked(shop, until)

    def now(self) -> float:
        """Unix seconds, as all replicas have them."""
        return self._store.now()

    # ── What people ask ──────────────────────────────────────────────────────────────────────────────

    async def come(self, who: Requester, *, chooses: bool = False) -> int:
        """A person is here: what they bought before anybody knew them is theirs here now. Answers how many purchases.

        `chooses`: what they buy from now on is for this community, too.
        """
        if chooses:
            await self._store.purchases.choose(who)
        waiting = await self._store.purchases.waiting(who.surface, who.user)
        return sum([await self._place(one, who) for one in waiting])

    async def place_waiting(self) -> None:
        """The same for whoever has drawn meanwhile."""
        for one in await self._store.purchases.all_waiting(limit=PLACED_AT_ONCE):
            home = await self._store.purchases.home(one.buyer.surface, one.buyer.user)
            if home is not None:
                await self._place(one, home)

    async def _place(self, purchase: Purchase, who: Requester) -> bool:
        now = self._store.now()
        return await self._store.purchases.place(purchase, who, _fund(who, purchase.lasts_s, now), now=now)

    def offers(self, who: Requester) -> list[tuple[Product, str]]:
        """What this person can buy, and where: by a link of a shop, or from the platform itself."""
        return [(one, shop) for one in self.products for shop in one.articles if self._serves(shop, who)]

    async def link(self, name: str, who: Requester, *, key: str) -> tuple[Product, str]:
        """A private address where this person pays for a product. Raises NotAllowed for what nobody sells by a link."""
        wanted = name.casefold()
        for product, shop in self.offers(who):
            if wanted == product.name.casefold() and shop in self.shops:
                return product, await self.shops[shop].link(product, who, key=key)
        raise NotAllowed("buy-unknown", value=name, values=", ".join(dict.fromkeys(self._linked(who))))

    def _linked(self, who: Requester) -> list[str]:
        return [product.name for product, shop in self.offers(who) if shop in self.shops]

    def _serves(self, shop: str, who: Requester) -> bool:
        return shop in self.shops or shop == who.surface


def _fund(who: Requester, lasts_s: int | None, now: float) -> Fund:
    return quotas.granted_fund(who) if lasts_s is None else quotas.lapsing_fund(who, now + lasts_s)


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────


def period_of(began: float, now: float) -> int:
    """In which month a subscription is that began then, from 1: a month ends at its own day and hour of the next."""
    start, here = datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(max(began, now), UTC)
    months = (here.year - start.year) * 12 + here.month - start.month
    return months + 1 if _later(start, months) <= here else months


def _later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def months_of(purchases: Sequence[Purchase]) -> list[Month]:
    """What was sold by month, shop and currency, the newest month first; tests are left out."""
    found: dict[tuple[str, str, str], Month] = {}
    for one in purchases:
        if one.test:
            continue
        month = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m")
        key = (month, one.shop, one.currency)
        so_far = found.get(key) or Month(
            month=month, shop=one.shop, currency=one.currency, purchases=0, credits=0, reversed=0, taken=0,
            paid=0, returned=0,
        )  # fmt: skip
        paid = one.paid or 0
        found[key] = replace(
            so_far,
            purchases=so_far.purchases + 1,
            credits=so_far.credits + one.credits,
            reversed=so_far.reversed + one.reversed,
            taken=so_far.taken + one.taken,
            paid=so_far.paid + paid,
            returned=so_far.returned + paid * one.reversed // one.credits,
        )
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1], key[2]), reverse=True)]
