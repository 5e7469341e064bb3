"""What Discord sells for us: entitlements become purchases, each once, told by an event or found by a look.

Discord is the shop: an entitlement is the payment, its deletion the refund. Events can be lost, so all of ours are
listed at the start and once an hour. A consumable is consumed only when its credits are in the books: whoever is
killed between finds it unconsumed at the next look, and the books know it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import discord
import structlog
from discord import Entitlement

from bot.credits.purchases import Purchases, period_of
from bot.errors import EaselError
from bot.ports import Requester
from bot.process.background import Background
from bot.process.recent import Recent
from bot.shops import Product, Reversal, Sale
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import SURFACE

log = structlog.get_logger()

LOOK_EVERY_S = 3600.0
PAGE = 100
_PAGES_MOST = 1_000
_PAUSES_S = (5.0, 30.0, 120.0, 600.0)  # after a look that failed
_REMEMBERED = 50_000
_CONSUMABLE, _SUBSCRIPTION = 3, 5
_SOLD = {2: "a durable item", _CONSUMABLE: "a consumable item", _SUBSCRIPTION: "a subscription"}


class Entitlements:
    """Hears of them, looks for them, and hands them on."""

    def __init__(self, rest: Rest, purchases: Purchases, background: Background) -> None:
        self._rest = rest
        self._purchases = purchases
        self._background = background
        self._articles: Mapping[str, Product] = purchases.articles_of(SURFACE)
        self._kinds: dict[str, int] = {}  # of SKUs, as far as Discord has told
        self._known = Recent[int, tuple[object, ...]](_REMEMBERED)  # what this process has handed on already
        self._application = ""

    def note(self, told: Entitlement) -> None:
        """An event about one."""
        if str(told.sku_id) in self._articles:
            self._background.start(self._heard(told))

    async def run(self, application: str) -> None:
        """Looks at the start and once an hour, until cancelled; nothing where nothing is sold here."""
        if not self._articles:
            return
        self._application, failures = application, 0
        while True:
            try:
                whole = await self._look()
            except (DiscordFault, EaselError) as error:
                whole = False
                log.warning("what was bought can't be looked up now", problem=str(error))
            except Exception:
                # A bug here must not end it: people have paid.
                whole = False
                log.exception("a look at what was bought broke")
            failures = 0 if whole else failures + 1
            await asyncio.sleep(LOOK_EVERY_S if whole else _PAUSES_S[min(failures, len(_PAUSES_S)) - 1])

    async def _look(self) -> bool:
        """All that there are of our SKUs, the deleted ones among them. Answers whether nothing is left to do.

        Raises DiscordFault.
        """
        await self._learn_kinds()
        skus, after, whole = ",".join(self._articles), "0", True
        for _ in range(_PAGES_MOST):
            path = f"/applications/{self._application}/entitlements"
            asked = f"sku_ids={skus}&after={after}&limit={PAGE}&exclude_deleted=false"
            found = [entitlement(one) for one in await self._rest.call("GET", f"{path}?{asked}") or ()]
            for one in found:
                whole = await self._noted(one) and whole
            if len(found) < PAGE:
                break
            after = str(max(one.id for one in found))
        return whole

    async def _learn_kinds(self) -> None:
        told = await self._rest.call("GET", f"/applications/{self._application}/skus") or ()
        kinds = {str(one["id"]): int(one["type"]) for one in told}
        if not self._kinds:
            for problem in problems_of(self._articles, kinds):
                log.warning("a product is not as Discord has it", problem=problem)
        self._kinds = kinds

    async def _heard(self, one: Entitlement) -> None:
        await self._noted(one)  # else the next look finds it

    async def _noted(self, one: Entitlement) -> bool:
        """Whether it could be taken: what is wrong with one holds up no other."""
        try:
            await self._take(one)
        except (DiscordFault, EaselError) as error:
            log.warning("an entitlement can't be taken now", entitlement=one.id, problem=str(error))
            return False
        return True

    async def _take(self, one: Entitlement) -> None:
        """Hands one on, and consumes it where that has to be. Raises DiscordFault, StoreBusy."""
        sku = str(one.sku_id)
        product = self._articles.get(sku)
        if product is None:
            return
        period = self._period(one) if product.monthly else 1
        state = (period, one.deleted, one.consumed)
        if self._known.get(one.id) == state:
            return
        if one.deleted:
            await self._purchases.went_back(
                Reversal(shop=SURFACE, origin=str(one.id), id="deleted", part=1, whole=1)
            )
        elif not one.consumed:  # what was consumed is in the books, or was somebody else's
            await self._sell(one, product, period)
            if sku not in self._kinds:  # newer than the last look
                await self._learn_kinds()
            if self._kinds.get(sku) == _CONSUMABLE:
                await self._consume(one)
        self._known[one.id] = state

    async def _sell(self, one: Entitlement, product: Product, period: int) -> None:
        user = one.user_id or await self._owner(one.guild_id)
        if not user:
            log.warning("an entitlement is nobody's", entitlement=one.id)
            return
        of_test = one.type is discord.EntitlementType.test_mode_purchase
        sale = Sale(
            shop=SURFACE,
            origin=str(one.id),
            product=product.name,
            credits=product.credits,
            lasts_s=product.lasts_s,
            # A subscription of a whole server is for that server; else a buyer says where they want it.
            buyer=Requester(surface=SURFACE, community=str(one.guild_id or ""), user=str(user)),
            number=period,
            test=of_test or (product.monthly and one.starts_at is None),
        )
        if not product.monthly:
            await self._purchases.paid(sale)
        else:
            ended = one.ends_at is not None and one.ends_at.timestamp() <= self._purchases.now()
            await self._purchases.goes_on(sale, ended=ended)

    async def _owner(self, guild: int | None) -> str:
        """A test entitlement of a server names nobody: whoever owns it has it."""
        return str((await self._rest.call("GET", f"/guilds/{guild}"))["owner_id"]) if guild else ""

    async def _consume(self, one: Entitlement) -> None:
        """So that it can be bought again. Asked once: whether it was done, the next look tells."""
        path = f"/applications/{self._application}/entitlements/{one.id}/consume"
        await self._rest.call("POST", path, repeats=False)

    def _period(self, one: Entitlement) -> int:
        """In which month a subscription is, or was when it ended; from 1. Its own number tells when it was made."""
        now = self._purchases.now()
        last = now if one.ends_at is None else min(now, one.ends_at.timestamp() - 1)
        return period_of((one.starts_at or one.created_at).timestamp(), last)


def problems_of(articles: Mapping[str, Product], kinds: Mapping[str, int]) -> list[str]:
    """What the configuration says of SKUs and Discord doesn't."""
    problems = []
    for sku, product in articles.items():
        sold, place = _SOLD.get(kinds.get(sku, 0)), f"[products.{product.name}] shops.discord"
        if sold is None:
            problems.append(f"{place}: this application has no SKU {sku} that can be bought")
        elif (kinds[sku] == _SUBSCRIPTION) is not product.monthly:
            wanted = "monthly = true" if kinds[sku] == _SUBSCRIPTION else "no monthly"
            problems.append(f"{place}: SKU {sku} is {sold}, so it needs {wanted}")
    return problems


def entitlement(told: Mapping[str, Any]) -> Entitlement:
    """One as REST tells of it, like those of events; the state that it lacks serves only calls of discord.py's own."""
    return Entitlement(cast("Any", None), cast("Any", told))
