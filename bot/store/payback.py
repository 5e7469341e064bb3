"""What went back of a payment: the books follow, and take what is left; whom it concerns is told."""

from bot.events import EventKind, Happening
from bot.money import Transfer
from bot.notices import Notice
from bot.ports import Requester
from bot.store import audit, events, notices
from bot.store.accounts import give, withdraw
from bot.store.database import NO_LIMIT, Row, Steps, sql
from bot.store.rows import millis


def latest(shop: str, origin: str) -> Steps[int]:
    """The last period of a subscription that was kept; 0 for none."""
    rows = yield sql(
        "SELECT COALESCE(MAX(number), 0) AS n FROM purchases WHERE shop = :shop AND origin = :origin",
        shop=shop,
        origin=origin,
    )
    return int(rows[0]["n"])


def settle(purchase: str, *, now: float) -> Steps[int]:
    """Brings the books to what went back of a payment: of a subscription, of the last one. Answers how many credits that is."""
    rows = yield sql("SELECT * FROM purchases WHERE id = :id", id=purchase)
    row = rows[0]
    if row["account"] is None or int(row["number"]) != (yield from latest(row["shop"], row["origin"])):
        return 0
    before, target = int(row["reversed"]), (yield from _reversed(row))
    if target == before:
        return target
    who = yield from _buyer(row)
    if target > before:
        moved = yield from _take(row, who, target - before, now=now)
        yield from _tell(row, who, target - before, moved, now=now)
    else:
        moved = -(yield from _restore(row, max(0, int(row["taken"]) - target), now=now))
    yield sql(
        "UPDATE purchases SET reversed = :target, taken = taken + :moved, moves = moves + 1 WHERE id = :id",
        target=target,
        moved=moved,
        id=purchase,
    )
    memo = f"{moved} {row['product']}"
    yield from audit.insert(who, "chargeback", now=now, actor=row["shop"], memo=memo)
    return target


def _buyer(row: Row) -> Steps[Requester]:
    languages = yield sql(
        "SELECT language FROM buyers WHERE surface = :surface AND user_id = :user",
        surface=row["surface"],
        user=row["user_id"],
    )
    return Requester(
        surface=row["surface"],
        community=row["community"],
        user=row["user_id"],
        language=languages[0]["language"] if languages else "",
    )


def _reversed(row: Row) -> Steps[int]:
    """How many credits of a payment their buyer has no right to: the shares that went back, rounded down."""
    parts = yield sql(
        "SELECT part, whole FROM reversals WHERE shop = :shop AND origin = :origin AND over = 0 AND part > 0",
        shop=row["shop"],
        origin=row["origin"],
    )
    credits_ = int(row["credits"])
    return min(credits_, sum(credits_ * int(one["part"]) // int(one["whole"]) for one in parts))


def _take(row: Row, who: Requester, wanted: int, *, now: float) -> Steps[int]:
    """What is left of what this person was given, first where the purchase lies; never more. Answers how much."""
    accounts = yield sql(
        "SELECT id, posted, held, lapses_at FROM accounts WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND kind = 'granted' AND posted > held"
        " AND (lapses_at IS NULL OR lapses_at > :now) ORDER BY id {for_update}",
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(now),
    )
    latest_first = sorted(accounts, key=lambda one: -(one["lapses_at"] or NO_LIMIT))
    in_order = sorted(latest_first, key=lambda one: one["id"] != row["account"])
    rest = wanted
    for number, one in enumerate(in_order):
        amount = min(rest, int(one["posted"]) - int(one["held"]))
        if amount:
            yield from withdraw(
                f"chargeback:{row['id']}#{row['moves']}.{number}",
                one["id"],
                amount,
                kind=Transfer.CHARGEBACK,
                actor=row["shop"],
                memo=row["product"],
                now=now,
            )
            rest -= amount
    return wanted - rest


def _restore(row: Row, amount: int, *, now: float) -> Steps[int]:
    if amount:
        transfer = f"restore:{row['id']}#{row['moves']}"
        facts = {"actor": row["shop"], "memo": row["product"]}
        yield from give(transfer, row["account"], amount, now=now, kind=Transfer.PURCHASE, **facts)
    return amount


def _tell(row: Row, who: Requester, wanted: int, taken: int, *, now: float) -> Steps[None]:
    """Moderators and the operator, and the buyer."""
    thing = f"chargeback:{row['id']}#{row['moves']}"
    facts = {"product": row["product"], "shop": row["shop"], "wanted": str(wanted), "taken": str(taken)}
    yield from events.note(
        Happening(
            kind=EventKind.CHARGEBACK,
            thing=thing,
            surface=who.surface,
            community=who.community,
            user=who.user,
            facts=facts,
        ),
        now=now,
    )
    told = {"amount": taken, "what": row["product"]}
    yield from notices.note(Notice(id=thing, to=who, says="chargeback-told", facts=told), now=now)
