"""The books: double entry, whole credits, append-only; a hold is resolved by exactly one new row.

Ids of transfers are derived from what they stand for, so doing a thing again changes nothing.
Accounts are locked in sorted order. The house's accounts keep no balance row: what was issued and
earned is the sum of the transfers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import NotEnoughCredits
from bot.ports import Requester
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import millis

ISSUED = "house:issued"
REVENUE = "house:revenue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """An account that a hold may draw on. `entitled` is what an allowance comes to in this period."""

    account: str
    kind: str  # allowance, granted
    entitled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a person has, over all funds, in credits."""

    posted: int
    held: int
    allowance: int  # available of this period's
    granted: int  # available of what was given

    @property
    def available(self) -> int:
        """What can be spent now."""
        return self.posted - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of a person's books. `amount` is signed, as the person sees it."""

    kind: str
    amount: int
    at: float
    memo: str
    actor: str
    job: str | None
    order_json: str | None
    reason: str


# ── Steps that other transactions take part in ───────────────────────────────────────────────────────


def open_accounts(who: Requester, funds: Sequence[Fund], *, now: float) -> Steps[dict[str, Row]]:
    """Opens, tops up and locks the funds; answers their rows by account."""
    for fund in sorted(funds, key=lambda f: f.account):
        yield sql(
            "INSERT INTO accounts (id, kind, surface, community, user_id, opened_at)"
            " VALUES (:id, :kind, :surface, :community, :user, :now) ON CONFLICT (id) DO NOTHING",
            id=fund.account,
            kind=fund.kind,
            surface=who.surface,
            community=who.community,
            user=who.user,
            now=millis(now),
        )
        yield sql("SELECT id FROM accounts WHERE id = :id {for_update}", id=fund.account)
        if fund.entitled:
            yield from _top_up(fund, now=now)
    rows: dict[str, Row] = {}
    for fund in funds:
        found = yield sql("SELECT id, posted, held FROM accounts WHERE id = :id", id=fund.account)
        rows[fund.account] = found[0]
    return rows


def _top_up(fund: Fund, *, now: float) -> Steps[None]:
    """Gives what the period's allowance comes to and was not given yet: raised in mid-period, the difference."""
    rows = yield sql(
        "SELECT COALESCE(SUM(amount), 0) AS given FROM transfers WHERE credit = :account AND kind = 'grant'",
        account=fund.account,
    )
    missing = fund.entitled - int(rows[0]["given"])
    if missing > 0:
        yield from give(
            f"allowance:{fund.account}:{fund.entitled}",
            fund.account,
            missing,
            actor="easel",
            memo="allowance",
            now=now,
        )


def give(
    transfer: str,
    account: str,
    amount: int,
    *,
    actor: str,
    memo: str,
    now: float,
    kind: str = "grant",
    job: str | None = None,
) -> Steps[bool]:
    """Adds credits to an open account, once for this transfer id. Answers whether it was now."""
    fresh = yield sql(
        "INSERT INTO transfers (id, kind, debit, credit, amount, job, actor, memo, at)"
        " VALUES (:id, :kind, :debit, :credit, :amount, :job, :actor, :memo, :now)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        id=transfer,
        kind=kind,
        debit=REVENUE if kind == "refund" else ISSUED,
        credit=account,
        amount=amount,
        job=job,
        actor=actor,
        memo=memo,
        now=millis(now),
    )
    if fresh:
        yield sql("UPDATE accounts SET posted = posted + :amount WHERE id = :id", amount=amount, id=account)
    return bool(fresh)


def hold(job: str, price: int, funds: Sequence[Fund], accounts: dict[str, Row], *, now: float) -> Steps[None]:
    """Sets credits aside, drawing on the funds in their order. Raises NotEnoughCredits."""
    available = {name: int(row["posted"]) - int(row["held"]) for name, row in accounts.items()}
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
    holds = yield sql(
        "SELECT id, debit, amount FROM transfers WHERE job = :job AND kind = 'hold' ORDER BY id", job=job
    )
    for account in sorted(row["debit"] for row in holds):
        yield sql("SELECT id FROM accounts WHERE id = :id {for_update}", id=account)
    rest = capture
    for row in holds:
        taken = min(rest, int(row["amount"]))
        rest -= taken
        kind = "capture" if taken else "release"
        fresh = yield sql(
            "INSERT INTO transfers (id, kind, debit, credit, amount, job, actor, resolves, at)"
            " VALUES (:id, :kind, :debit, :credit, :amount, :job, 'easel', :hold, :now)"
            " ON CONFLICT DO NOTHING RETURNING id",
            id=f"{kind}:{row['id']}",
            kind=kind,
            debit=row["debit"] if taken else REVENUE,
            credit=REVENUE if taken else row["debit"],
            amount=taken or int(row["amount"]),
            job=job,
            hold=row["id"],
            now=millis(now),
        )
        if fresh:
            yield sql(
                "UPDATE accounts SET posted = posted - :taken, held = held - :held WHERE id = :id",
                taken=taken,
                held=int(row["amount"]),
                id=row["debit"],
            )


# ── What people and moderators do ────────────────────────────────────────────────────────────────────


class Ledger:
    """Grants, reports and the invariants. Holds are made and settled by the jobs' own transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def grant(
        self, who: Requester, fund: Fund, amount: int, *, key: str, actor: str, memo: str, now: float
    ) -> bool:
        """Gives credits, once for this key. Answers whether it was now."""

        def steps() -> Steps[bool]:
            yield from open_accounts(who, [fund], now=now)
            return (yield from give(f"grant:{key}", fund.account, amount, actor=actor, memo=memo, now=now))

        return await self._database.write(steps)

    async def revoke(
        self, who: Requester, fund: Fund, amount: int, *, key: str, actor: str, memo: str, now: float
    ) -> int:
        """Takes back at most what is available, once for this key. Answers how much was taken."""

        def steps() -> Steps[int]:
            rows = yield from open_accounts(who, [fund], now=now)
            known = yield sql("SELECT amount FROM transfers WHERE id = :id", id=f"revoke:{key}")
            if known:
                return int(known[0]["amount"])
            row = rows[fund.account]
            taken = min(amount, int(row["posted"]) - int(row["held"]))
            yield sql(
                "INSERT INTO transfers (id, kind, debit, credit, amount, actor, memo, at)"
                " VALUES (:id, 'revoke', :debit, :credit, :amount, :actor, :memo, :now)",
                id=f"revoke:{key}",
                debit=fund.account,
                credit=ISSUED,
                amount=taken,
                actor=actor,
                memo=memo,
                now=millis(now),
            )
            yield sql("UPDATE accounts SET posted = posted - :n WHERE id = :id", n=taken, id=fund.account)
            return taken

        return await self._database.write(steps)

    async def refund(self, job: str, who: Requester, fund: Fund, *, actor: str, memo: str, now: float) -> int:
        """Gives back what a job captured, once, into granted credits. Answers how much, 0 if it was before."""

        def steps() -> Steps[int]:
            rows = yield sql(
                "SELECT COALESCE(SUM(amount), 0) AS taken FROM transfers WHERE job = :job AND kind = 'capture'",
                job=job,
            )
            taken = int(rows[0]["taken"])
            if not taken:
                return 0
            yield from open_accounts(who, [fund], now=now)
            fresh = yield from give(
                f"refund:{job}", fund.account, taken, actor=actor, memo=memo, now=now, kind="refund", job=job
            )
            return taken if fresh else 0

        return await self._database.write(steps)

    async def balance(self, funds: Sequence[Fund], who: Requester) -> Balance:
        """What a person has now; an allowance that was not opened yet counts as if it were.

        Credits held from an earlier period's allowance are held too, but are no part of what is left.
        """

        def steps() -> Steps[Balance]:
            available = {"allowance": 0, "granted": 0}
            for fund in funds:
                rows = yield sql("SELECT posted, held FROM accounts WHERE id = :id", id=fund.account)
                given = yield sql(
                    "SELECT COALESCE(SUM(amount), 0) AS n FROM transfers WHERE credit = :id AND kind = 'grant'",
                    id=fund.account,
                )
                coming = max(0, fund.entitled - int(given[0]["n"]))
                has = (int(rows[0]["posted"]) - int(rows[0]["held"])) if rows else 0
                available[fund.kind] += has + coming
            rows = yield sql(
                "SELECT COALESCE(SUM(held), 0) AS n FROM accounts"
                " WHERE surface = :surface AND community = :community AND user_id = :user",
                surface=who.surface,
                community=who.community,
                user=who.user,
            )
            held = int(rows[0]["n"])
            return Balance(
                posted=sum(available.values()) + held,
                held=held,
                allowance=available["allowance"],
                granted=available["granted"],
            )

        return await self._database.read(steps)

    async def movements(self, who: Requester, *, limit: int) -> list[Movement]:
        """The newest lines of a person's books, newest first."""

        def steps() -> Steps[list[Movement]]:
            rows = yield sql(
                "SELECT t.kind, t.debit, t.amount, t.at, t.memo, t.actor, t.job, a.id AS account,"
                " j.order_json, COALESCE(j.reason, '') AS reason"
                " FROM accounts a JOIN transfers t ON t.debit = a.id OR t.credit = a.id"
                " LEFT JOIN jobs j ON j.id = t.job"
                " WHERE a.surface = :surface AND a.community = :community AND a.user_id = :user"
                " ORDER BY t.at DESC, t.id DESC LIMIT :limit",
                surface=who.surface,
                community=who.community,
                user=who.user,
                limit=limit,
            )
            return [_movement(row) for row in rows]

        return await self._database.read(steps)

    async def problems(self) -> list[str]:
        """The books' invariants (design, section 5); an empty list means that they hold."""
        return await self._database.read(_check_books)


def _movement(row: Row) -> Movement:
    sign = -1 if row["debit"] == row["account"] else 1
    return Movement(
        kind=row["kind"],
        amount=sign * int(row["amount"]),
        at=row["at"] / 1000,
        memo=row["memo"],
        actor=row["actor"],
        job=row["job"],
        order_json=row["order_json"],
        reason=row["reason"],
    )


_INVARIANTS = (
    (
        "account {id}: its balance is not the sum of its movements",
        """
        SELECT a.id FROM accounts a WHERE a.posted <>
          COALESCE((SELECT SUM(amount) FROM transfers
                    WHERE credit = a.id AND kind IN ('grant', 'refund')), 0)
          - COALESCE((SELECT SUM(amount) FROM transfers
                      WHERE debit = a.id AND kind IN ('capture', 'revoke')), 0)
        OR a.held <>
          COALESCE((SELECT SUM(h.amount) FROM transfers h WHERE h.debit = a.id AND h.kind = 'hold'
                    AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)), 0)
        """,
    ),
    (
        "account {id}: more is held than it has",
        "SELECT id FROM accounts WHERE posted - held < 0 OR held < 0",
    ),
    (
        "hold {id}: more was captured than held",
        (
            "SELECT h.id FROM transfers h JOIN transfers r ON r.resolves = h.id"
            " WHERE r.kind = 'capture' AND r.amount > h.amount"
        ),
    ),
    (
        "hold {id}: its job has ended, but it was not settled",
        (
            "SELECT h.id FROM transfers h JOIN jobs j ON j.id = h.job WHERE h.kind = 'hold'"
            " AND j.captured_credits IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)"
        ),
    ),
    (
        "hold {id}: open without a live job",
        (
            "SELECT h.id FROM transfers h LEFT JOIN jobs j ON j.id = h.job WHERE h.kind = 'hold'"
            " AND (j.id IS NULL OR j.state IN ('finished', 'refused', 'failed', 'withheld', 'cancelled'))"
            " AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)"
        ),
    ),
    (
        "job {id}: what it captured is not what its holds gave",
        (
            "SELECT j.id FROM jobs j WHERE j.captured_credits IS NOT NULL AND j.captured_credits <>"
            " COALESCE((SELECT SUM(amount) FROM transfers t WHERE t.job = j.id AND t.kind = 'capture'), 0)"
        ),
    ),
    (
        "job {id}: it has no hold",
        (
            "SELECT j.id FROM jobs j WHERE NOT EXISTS"
            " (SELECT 1 FROM transfers t WHERE t.job = j.id AND t.kind = 'hold')"
        ),
    ),
)


def _check_books() -> Steps[list[str]]:
    problems: list[str] = []
    for sentence, query in _INVARIANTS:
        rows: Any = yield sql(f"{query} LIMIT 20")
        problems += [sentence.format(id=row["id"]) for row in rows]
    return problems
