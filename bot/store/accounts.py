"""Accounts as steps of a transaction: opened, in draw order, given to and taken from; what lapses leaves them.

Ids of transfers are derived from what they stand for, so doing a thing again changes nothing. Accounts are locked
in sorted order. The house's accounts keep no balance row: what was issued and earned is the sum of the transfers.
"""

import math
from collections.abc import Sequence

from bot.money import Fund, Transfer
from bot.ports import Requester
from bot.store.database import Row, Steps, sql
from bot.store.rows import millis

ISSUED = "house:issued"
REVENUE = "house:revenue"


def in_draw_order(who: Requester, funds: Sequence[Fund], *, now: float) -> Steps[tuple[Fund, ...]]:
    """The funds with those that were given until a day: what lapses sooner goes first, and what is over not at all."""
    rows = yield sql(
        "SELECT id, kind, lapses_at FROM accounts WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND lapses_at > :now AND posted > 0",
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(now),
    )
    lapsing = [
        Fund(account=row["id"], kind=row["kind"], lapses_at=int(row["lapses_at"]) / 1000) for row in rows
    ]
    return tuple(sorted([*funds, *lapsing], key=lambda f: math.inf if f.lapses_at is None else f.lapses_at))


def open_accounts(who: Requester, funds: Sequence[Fund], *, now: float) -> Steps[dict[str, int]]:
    """Opens, locks and tops up the funds; answers what is available in each account."""
    available = {}
    for fund in sorted(funds, key=lambda f: f.account):
        row = yield from _open(who, fund, now=now)
        topped_up = yield from _top_up(fund, int(row["given"]), now=now)
        available[fund.account] = int(row["posted"]) - int(row["held"]) + topped_up
    return available


def _open(who: Requester, fund: Fund, *, now: float) -> Steps[Row]:
    """Locks an account, made when it is not there yet."""
    look = sql("SELECT posted, held, given FROM accounts WHERE id = :id {for_update}", id=fund.account)
    rows = yield look
    if rows:
        return rows[0]
    yield sql(
        "INSERT INTO accounts (id, kind, surface, community, user_id, lapses_at, opened_at)"
        " VALUES (:id, :kind, :surface, :community, :user, :lapses, :now) ON CONFLICT (id) DO NOTHING",
        id=fund.account,
        kind=fund.kind,
        # An allowance is another account in each period: what is left of it is nobody's to take away.
        lapses=millis(fund.lapses_at) if fund.lapses_at is not None and fund.kind == "granted" else None,
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(now),
    )
    rows = yield look
    return rows[0]


def _top_up(fund: Fund, given: int, *, now: float) -> Steps[int]:
    """Gives what the period's allowance comes to and was not given yet: raised in mid-period, the difference."""
    missing = fund.entitled - given
    if missing <= 0:
        return 0
    fresh = yield from give(
        f"allowance:{fund.account}:{fund.entitled}",
        fund.account,
        missing,
        actor="easel",
        memo="allowance",
        now=now,
    )
    return missing if fresh else 0


def give(
    transfer: str,
    account: str,
    amount: int,
    *,
    actor: str,
    memo: str,
    now: float,
    kind: Transfer = Transfer.GRANT,
    job: str | None = None,
) -> Steps[bool]:
    """Adds credits to an open account, once for this transfer id. Answers whether it was now."""
    fresh = yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, job, actor, memo, at)"
        " VALUES (:id, :kind, :debit, :credit, :amount, :job, :actor, :memo, :now)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        id=transfer,
        kind=str(kind),
        debit=REVENUE if kind is Transfer.REFUND else ISSUED,
        credit=account,
        amount=amount,
        job=job,
        actor=actor,
        memo=memo,
        now=millis(now),
    )
    if fresh:
        yield sql(
            "UPDATE accounts SET posted = posted + :amount, given = given + :given WHERE id = :id",
            amount=amount,
            given=amount if kind is Transfer.GRANT else 0,
            id=account,
        )
    return bool(fresh)


def hand_over(
    transfer: str, debit: str, credit: str, amount: int, *, actor: str, memo: str, now: float
) -> Steps[bool]:
    """Moves credits from one open account, which has them, to another, once for this transfer id. Whether it was now."""
    fresh = yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, actor, memo, at)"
        " VALUES (:id, :kind, :debit, :credit, :amount, :actor, :memo, :now)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        id=transfer,
        kind=str(Transfer.GIFT),
        debit=debit,
        credit=credit,
        amount=amount,
        actor=actor,
        memo=memo,
        now=millis(now),
    )
    if fresh:
        yield sql("UPDATE accounts SET posted = posted - :n WHERE id = :id", n=amount, id=debit)
        yield sql("UPDATE accounts SET posted = posted + :n WHERE id = :id", n=amount, id=credit)
    return bool(fresh)


def withdraw(
    transfer: str,
    account: str,
    amount: int,
    *,
    actor: str,
    memo: str,
    now: float,
    kind: Transfer = Transfer.REVOKE,
) -> Steps[None]:
    """Takes credits out of an account that is locked and has them."""
    yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, actor, memo, at)"
        " VALUES (:id, :kind, :debit, :credit, :amount, :actor, :memo, :now)",
        id=transfer,
        kind=str(kind),
        debit=account,
        credit=ISSUED,
        amount=amount,
        actor=actor,
        memo=memo,
        now=millis(now),
    )
    yield sql("UPDATE accounts SET posted = posted - :n WHERE id = :id", n=amount, id=account)


def lapsed(now: float, limit: int) -> Steps[list[str]]:
    """Accounts whose day is over and that still have something, the oldest first."""
    rows = yield sql(
        "SELECT id FROM accounts WHERE lapses_at <= :now AND posted > held ORDER BY lapses_at LIMIT :limit",
        now=millis(now),
        limit=limit,
    )
    return [str(row["id"]) for row in rows]


def expire(account: str, now: float) -> Steps[None]:
    """Takes what lapsed out of one account."""
    rows = yield sql("SELECT posted, held FROM accounts WHERE id = :id {for_update}", id=account)
    amount = int(rows[0]["posted"]) - int(rows[0]["held"]) if rows else 0
    if amount <= 0:  # another replica was here
        return
    before = yield sql(
        "SELECT COUNT(*) AS n FROM transfers WHERE debit = :id AND kind = 'expire'", id=account
    )
    yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, actor, at)"
        " VALUES (:id, 'expire', :debit, :credit, :amount, 'easel', :now)",
        id=f"expire:{account}:{before[0]['n']}",
        debit=account,
        credit=ISSUED,
        amount=amount,
        now=millis(now),
    )
    yield sql("UPDATE accounts SET posted = posted - :n WHERE id = :id", n=amount, id=account)
