"""What was bought for money: one row a payment, in one transaction with the books; what goes back takes what is left.

A shop tells of a thing several times, in any order, and on several replicas at once. Its payments pass one
turnstile, so that a refund and the payment it is about never miss each other.
"""

from bot.money import Fund, Transfer
from bot.notices import Notice
from bot.ports import Requester
from bot.shops import Purchase, Reversal, Sale, purchase_id
from bot.store import audit, notices
from bot.store.accounts import give, open_accounts
from bot.store.database import NO_LIMIT, Database, Row, Rows, Steps, sql
from bot.store.payback import latest, settle
from bot.store.rows import millis


class PurchaseTable:
    """Writes and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, sale: Sale, fund: Fund | None, *, now: float) -> bool:
        """Keeps a payment, once; with a fund its credits go there. Answers whether it was now.

        A subscription whose last payment went back brings nothing any more.
        """

        def steps() -> Steps[bool]:
            yield from _turn(sale.shop)
            if sale.number > 1 and (yield from _is_over(sale)):
                return False
            fresh = yield from _insert(sale, now=now)
            if fresh and fund is not None:
                yield from _place(sale.id, sale.buyer, fund, now=now)
            return fresh

        return await self._database.write(steps)

    async def place(self, purchase: Purchase, who: Requester, fund: Fund, *, now: float) -> bool:
        """The credits of a payment that waited go into a fund of its buyer, once. Answers whether it was now."""

        def steps() -> Steps[bool]:
            yield from _turn(purchase.shop)
            rows = yield sql("SELECT account FROM purchases WHERE id = :id", id=purchase.id)
            if not rows or rows[0]["account"] is not None:
                return False
            yield from _place(purchase.id, who, fund, now=now)
            return True

        return await self._database.write(steps)

    async def reverse(self, what: Reversal, *, now: float) -> None:
        """Money went back, or did not after all: what is left of its credits goes, or comes again. Safe to repeat."""

        def steps() -> Steps[None]:
            yield from _turn(what.shop)
            # What is over stays so, and of a part that went back the larger one is the newer.
            yield sql(
                "INSERT INTO reversals (shop, origin, id, part, whole, over, at)"
                " VALUES (:shop, :origin, :id, :part, :whole, :over, :now)"
                " ON CONFLICT (shop, origin, id) DO UPDATE SET"
                " part = CASE WHEN reversals.part < :part THEN :part ELSE reversals.part END,"
                " whole = :whole, over = CASE WHEN reversals.over = 1 THEN 1 ELSE :over END",
                shop=what.shop,
                origin=what.origin,
                id=what.id,
                part=what.part,
                whole=what.whole,
                over=int(what.over),
                now=millis(now),
            )
            number = yield from latest(what.shop, what.origin)
            if number:
                yield from settle(purchase_id(what.shop, what.origin, number), now=now)

        await self._database.write(steps)

    async def latest(self, shop: str, origin: str) -> int:
        """The last period of a subscription that was kept; 0 for none."""
        return await self._database.read(latest, shop, origin)

    async def waiting(self, surface: str, user: str) -> list[Purchase]:
        """Payments of a person whose credits are nowhere yet."""

        def steps() -> Steps[list[Purchase]]:
            rows = yield sql(
                "SELECT * FROM purchases WHERE surface = :surface AND user_id = :user AND account IS NULL"
                " ORDER BY at, id",
                surface=surface,
                user=user,
            )
            return [_purchase(row) for row in rows]

        return await self._database.read(steps)

    async def all_waiting(self, *, limit: int) -> list[Purchase]:
        """The same of everybody, the oldest first."""

        def steps() -> Steps[list[Purchase]]:
            rows = yield sql(
                "SELECT * FROM purchases WHERE account IS NULL ORDER BY at, id LIMIT :limit", limit=limit
            )
            return [_purchase(row) for row in rows]

        return await self._database.read(steps)

    # ── Where somebody wants what they buy ───────────────────────────────────────────────────────────

    async def choose(self, who: Requester) -> None:
        """What this person buys from now on is for this community."""

        def steps() -> Steps[None]:
            yield sql(
                "INSERT INTO buyers (surface, user_id, community, language)"
                " VALUES (:surface, :user, :community, :language) ON CONFLICT (surface, user_id)"
                " DO UPDATE SET community = :community, language = :language",
                surface=who.surface,
                user=who.user,
                community=who.community,
                language=who.language,
            )

        await self._database.write(steps)

    async def home(self, surface: str, user: str) -> Requester | None:
        """Where they have said that they want it, else where they drew last; None for whom nobody has seen."""

        def steps() -> Steps[Requester | None]:
            person = {"surface": surface, "user": user}
            of = "surface = :surface AND user_id = :user"
            rows = yield sql(f"SELECT community, language FROM buyers WHERE {of}", **person)
            if not rows:
                rows = yield sql(
                    f"SELECT community, '' AS language FROM accounts WHERE {of} ORDER BY opened_at DESC LIMIT 1",
                    **person,
                )
            return _somebody(rows, surface, user)

        return await self._database.read(steps)

    # ── For the owner ────────────────────────────────────────────────────────────────────────────────

    async def list(
        self,
        *,
        surface: str = "",
        community: str = "",
        since: float = 0.0,
        until: float | None = None,
        limit: int | None = None,
    ) -> list[Purchase]:
        """All payments of a time, newest first; of one community or of all."""

        def steps() -> Steps[list[Purchase]]:
            rows = yield sql(
                "SELECT * FROM purchases WHERE at >= :since AND at < :until"
                " AND (:surface = '' OR surface = :surface) AND (:community = '' OR community = :community)"
                " ORDER BY at DESC, id DESC LIMIT :limit",
                since=millis(since),
                until=NO_LIMIT if until is None else millis(until),
                surface=surface,
                community=community,
                limit=NO_LIMIT if limit is None else limit,
            )
            return [_purchase(row) for row in rows]

        return await self._database.read(steps)

    async def get(self, purchase: str) -> Purchase | None:
        """One payment by its name in the books."""

        def steps() -> Steps[Purchase | None]:
            rows = yield sql("SELECT * FROM purchases WHERE id = :id", id=purchase)
            return _purchase(rows[0]) if rows else None

        return await self._database.read(steps)

    # ── How far a shop's events were gone through ────────────────────────────────────────────────────

    async def looked_until(self, shop: str) -> float:
        """Unix seconds; 0 for never."""

        def steps() -> Steps[float]:
            rows = yield sql("SELECT until FROM looks WHERE shop = :shop", shop=shop)
            return int(rows[0]["until"]) / 1000 if rows else 0.0

        return await self._database.read(steps)

    async def looked(self, shop: str, until: float) -> None:
        """All until then is known; never turned back."""

        def steps() -> Steps[None]:
            yield sql(
                "INSERT INTO looks (shop, until) VALUES (:shop, :until) ON CONFLICT (shop)"
                " DO UPDATE SET until = :until WHERE looks.until < :until",
                shop=shop,
                until=millis(until),
            )

        await self._database.write(steps)

    async def prune(self, *, before: float) -> None:
        """Takes away what went back of payments that were never ours."""

        def steps() -> Steps[None]:
            yield sql(
                "DELETE FROM reversals WHERE at < :before AND NOT EXISTS (SELECT 1 FROM purchases p"
                " WHERE p.shop = reversals.shop AND p.origin = reversals.origin)",
                before=millis(before),
            )

        await self._database.write(steps)


# ── Parts of a transaction ───────────────────────────────────────────────────────────────────────────


def forget(who: Requester) -> Steps[None]:
    """Where somebody wants what they buy is forgotten with them; the payments stay with the books."""
    yield sql(
        "DELETE FROM buyers WHERE surface = :surface AND community = :community AND user_id = :user",
        surface=who.surface,
        community=who.community,
        user=who.user,
    )


def _turn(shop: str) -> Steps[None]:
    """One after the other: the row is a turnstile, also where there is no other row to lock yet."""
    yield sql(
        "INSERT INTO meters (id, used) VALUES (:id, 0) ON CONFLICT (id) DO UPDATE SET used = meters.used",
        id=f"turnstile:shop:{shop}",
    )


def _is_over(sale: Sale) -> Steps[bool]:
    rows = yield sql(
        "SELECT id FROM reversals WHERE shop = :shop AND origin = :origin AND over = 0 AND part = whole",
        shop=sale.shop,
        origin=sale.origin,
    )
    return bool(rows)


def _insert(sale: Sale, *, now: float) -> Steps[bool]:
    rows = yield sql(
        "INSERT INTO purchases (id, shop, origin, number, product, credits, lasts_s, surface, community,"
        " user_id, paid, currency, test, at) VALUES (:id, :shop, :origin, :number, :product, :credits, :lasts,"
        " :surface, :community, :user, :paid, :currency, :test, :now) ON CONFLICT (id) DO NOTHING RETURNING id",
        id=sale.id,
        shop=sale.shop,
        origin=sale.origin,
        number=sale.number,
        product=sale.product,
        credits=sale.credits,
        lasts=sale.lasts_s,
        surface=sale.buyer.surface,
        community=sale.buyer.community,
        user=sale.buyer.user,
        paid=sale.paid,
        currency=sale.currency,
        test=int(sale.test),
        now=millis(now),
    )
    return bool(rows)


def _place(purchase: str, who: Requester, fund: Fund, *, now: float) -> Steps[None]:
    yield from open_accounts(who, [fund], now=now)
    rows = yield sql(
        "UPDATE purchases SET account = :account, community = :community WHERE id = :id RETURNING *",
        account=fund.account,
        community=who.community,
        id=purchase,
    )
    row = rows[0]
    facts = {"actor": row["shop"], "memo": row["product"]}
    yield from give(
        f"purchase:{purchase}", fund.account, int(row["credits"]), now=now, kind=Transfer.PURCHASE, **facts
    )
    yield from audit.insert(
        who, "purchase", now=now, actor=row["shop"], memo=f"{row['credits']} {row['product']}"
    )
    if not (yield from settle(purchase, now=now)):
        told = {"amount": int(row["credits"]), "what": row["product"]}
        yield from notices.note(
            Notice(id=f"purchase:{purchase}", to=who, says="purchase-told", facts=told), now=now
        )


def _somebody(rows: Rows, surface: str, user: str) -> Requester | None:
    if not rows:
        return None
    return Requester(surface=surface, community=rows[0]["community"], user=user, language=rows[0]["language"])


def _purchase(row: Row) -> Purchase:
    return Purchase(
        id=row["id"],
        shop=row["shop"],
        origin=row["origin"],
        number=int(row["number"]),
        product=row["product"],
        credits=int(row["credits"]),
        lasts_s=None if row["lasts_s"] is None else int(row["lasts_s"]),
        buyer=Requester(surface=row["surface"], community=row["community"], user=row["user_id"]),
        paid=None if row["paid"] is None else int(row["paid"]),
        currency=row["currency"],
        test=bool(row["test"]),
        placed=row["account"] is not None,
        reversed=int(row["reversed"]),
        taken=int(row["taken"]),
        at=row["at"] / 1000,
    )
