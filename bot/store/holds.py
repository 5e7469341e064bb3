"""Holds as steps of a transaction: credits set aside for a job, and each resolved by exactly one new row."""

from collections.abc import Mapping, Sequence

from bot.errors import NotEnoughCredits
from bot.money import Fund, Transfer
from bot.ports import Requester
from bot.store.accounts import REVENUE, give, open_accounts
from bot.store.database import Row, Steps, sql
from bot.store.rows import millis


def hold(
    job: str, price: int, funds: Sequence[Fund], available: Mapping[str, int], *, now: float
) -> Steps[None]:
    """Sets credits aside, drawing on the open funds in their order. Raises NotEnoughCredits."""
    if sum(available.values()) < price:
        total = sum(available.values())
        raise NotEnoughCredits(price=price, available=total, missing=price - total)
    rest = price
    for number, fund in enumerate(funds):
        amount = min(rest, available[fund.account])
        last = number == len(funds) - 1
        # An order of price zero makes a hold too, on the last fund: every job has one to settle.
        if amount == 0 and not (last and price == 0):
            continue
        rest -= amount
        yield sql("UPDATE accounts SET held = held + :amount WHERE id = :id", amount=amount, id=fund.account)
        yield sql(
            "INSERT INTO transfers (id, kind, debit, credit, amount, job, actor, at)"
            " VALUES (:id, 'hold', :debit, :credit, :amount, :job, 'easel', :now)",
            id=f"hold:{job}:{number}",
            debit=fund.account,
            credit=REVENUE,
            amount=amount,
            job=job,
            now=millis(now),
        )


def settle(job: str, capture: int, *, now: float) -> Steps[None]:
    """Ends a job's holds: `capture` credits are taken in draw order, the rest is free again."""
    holds = yield sql("SELECT id, debit, amount FROM transfers WHERE job = :job AND kind = 'hold'", job=job)
    taken: dict[str, int] = {}
    for row in sorted(holds, key=lambda row: int(str(row["id"]).rpartition(":")[2])):
        taken[row["id"]] = min(capture - sum(taken.values()), int(row["amount"]))
    for row in sorted(holds, key=lambda row: str(row["debit"])):
        yield from _resolve(job, row, taken[row["id"]], now=now)


def _resolve(job: str, held: Row, taken: int, *, now: float) -> Steps[None]:
    kind = Transfer.CAPTURE if taken else Transfer.RELEASE
    fresh = yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, job, actor, resolves, at)"
        " VALUES (:id, :kind, :debit, :credit, :amount, :job, 'easel', :hold, :now)"
        " ON CONFLICT DO NOTHING RETURNING id",
        id=f"{kind}:{held['id']}",
        kind=str(kind),
        debit=held["debit"] if taken else REVENUE,
        credit=REVENUE if taken else held["debit"],
        amount=taken or int(held["amount"]),
        job=job,
        hold=held["id"],
        now=millis(now),
    )
    if fresh:
        yield sql(
            "UPDATE accounts SET posted = posted - :taken, held = held - :held WHERE id = :id",
            taken=taken,
            held=int(held["amount"]),
            id=held["debit"],
        )


def give_back(job: str, who: Requester, fund: Fund, *, actor: str, memo: str, now: float) -> Steps[int]:
    """What a job captured goes into granted credits, once. Answers how much."""
    rows = yield sql(
        "SELECT COALESCE(SUM(amount), 0) AS taken FROM transfers WHERE job = :job AND kind = 'capture'",
        job=job,
    )
    taken = int(rows[0]["taken"])
    if not taken:
        return 0
    yield from open_accounts(who, [fund], now=now)
    fresh = yield from give(
        f"refund:{job}", fund.account, taken, actor=actor, memo=memo, now=now, kind=Transfer.REFUND, job=job
    )
    return taken if fresh else 0
