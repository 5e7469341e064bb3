"""The books: double entry, whole credits, append-only; a hold is resolved by exactly one new row.

Ids of transfers are derived from what they stand for, so doing a thing again changes nothing.
Accounts are locked in sorted order. The house's accounts keep no balance row: what was issued and
earned is the sum of the transfers.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import count

from bot.errors import NotAllowed, NotEnoughCredits
from bot.events import Doing
from bot.money import Balance, Fund, Lapse, Movement, Reserve, Transfer
from bot.notices import Notice
from bot.ports import Requester
from bot.store import audit, events, meters, notices
from bot.store.blocks import assert_not_blocked
from bot.store.books import check_books
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import is_private, millis, readable, subject_of

EXPIRED_AT_ONCE = 500
ISSUED = "house:issued"
REVENUE = "house:revenue"


# ── Steps that other transactions take part in ───────────────────────────────────────────────────────


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
    """What a job captured goes into granted credits, once; a part of another transaction. Answers how much."""
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
    """Takes credits out of an account that is locked and has them; a part of another transaction."""
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


# ── What people and moderators do ────────────────────────────────────────────────────────────────────


class Ledger:
    """Grants, reports and the invariants. Holds are made and settled by the jobs' own transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def grant(
        self,
        who: Requester,
        fund: Fund,
        amount: int,
        *,
        key: str,
        actor: str,
        memo: str,
        now: float,
        cap: Reserve | None = None,
    ) -> bool:
        """Gives credits, once for this key. Answers whether it was now. Raises NotAllowed above the cap."""

        def steps() -> Steps[bool]:
            yield from open_accounts(who, [fund], now=now)
            fresh = yield from give(f"grant:{key}", fund.account, amount, actor=actor, memo=memo, now=now)
            if fresh:
                yield from meters.reserve([cap] if cap else [], who, now=now)
                yield from audit.insert(who, "grant", now=now, actor=actor, memo=f"{amount} {memo}".strip())
            return fresh

        return await self._database.write(steps)

    async def revoke(
        self, who: Requester, fund: Fund, amount: int, *, key: str, actor: str, memo: str, now: float
    ) -> int:
        """Takes back at most what is available, once for this key. Answers how much was taken.

        What lasts goes first, then what lapses last: of what was given until a day nobody has more than before.
        """

        def steps() -> Steps[int]:
            funds = yield from in_draw_order(who, [fund], now=now)
            available = yield from open_accounts(who, funds, now=now)
            known = yield sql("SELECT memo FROM transfers WHERE id = :id", id=f"revoke:{key}")
            if known:
                return (yield from _revoked(key))
            rest, number = amount, 0
            for one in reversed(funds):
                taken = min(rest, available[one.account])
                rest -= taken
                if taken or not number:  # the first row says that it was done
                    yield from withdraw(
                        _revocation(key, number), one.account, taken, actor=actor, memo=memo, now=now
                    )
                    number += 1
            told = f"{amount - rest} {memo}".strip()
            yield from audit.insert(who, "take", now=now, actor=actor, memo=told)
            return amount - rest

        return await self._database.write(steps)

    async def refund(
        self,
        job: str,
        who: Requester,
        fund: Fund,
        *,
        actor: str,
        memo: str,
        now: float,
        of: Doing | None = None,
    ) -> int:
        """Gives back what a job captured, once, into granted credits. Answers how much, 0 if it was before."""

        def steps() -> Steps[int]:
            taken = yield from give_back(job, who, fund, actor=actor, memo=memo, now=now)
            if not taken:
                return 0
            memo_told = f"{taken} {memo}".strip()
            yield from audit.insert(who, "refund", now=now, actor=actor, job=job, memo=memo_told)
            yield from events.acted(of, now=now)
            return taken

        return await self._database.write(steps)

    async def gift(  # noqa: PLR0913 - two people and what is between them
        self,
        giver: Requester,
        to: Requester,
        funds: tuple[Fund, Fund],
        amount: int,
        *,
        key: str,
        memo: str,
        cap: Reserve,
        now: float,
        notice: Notice | None = None,
    ) -> bool:
        """Moves granted credits from one person to another, once for this key; `funds` are theirs, in this order.

        The notice tells whoever gets them. Answers whether it was now. Raises NotAllowed: too little there, above the cap, somebody is blocked.
        """

        def steps() -> Steps[bool]:
            known = yield sql("SELECT id FROM transfers WHERE id = :id", id=f"gift:{key}")
            if known:
                return False
            for who in (giver, to):
                yield from assert_not_blocked(who, now=now)
            available: dict[str, int] = {}
            # In one order everywhere: two who give each other something don't wait for each other.
            for who, fund in sorted(zip((giver, to), funds, strict=True), key=lambda one: one[1].account):
                available |= yield from open_accounts(who, [fund], now=now)
            mine, theirs = (fund.account for fund in funds)
            if available[mine] < amount:
                raise NotAllowed("gift-too-little", available=available[mine])
            fresh = yield sql(
                "INSERT INTO transfers (id, kind, debit, credit, amount, actor, memo, at)"
                " VALUES (:id, 'gift', :debit, :credit, :amount, :actor, :memo, :now)"
                " ON CONFLICT (id) DO NOTHING RETURNING id",
                id=f"gift:{key}",
                debit=mine,
                credit=theirs,
                amount=amount,
                actor=giver.user,
                memo=memo,
                now=millis(now),
            )
            if not fresh:
                return False
            yield sql("UPDATE accounts SET posted = posted - :n WHERE id = :id", n=amount, id=mine)
            yield sql("UPDATE accounts SET posted = posted + :n WHERE id = :id", n=amount, id=theirs)
            yield from meters.reserve([cap], giver, now=now)
            yield from audit.insert(to, "gift", now=now, actor=giver.user, memo=f"{amount} {memo}".strip())
            if notice is not None:
                yield from notices.note(notice, now=now)
            return True

        return await self._database.write(steps)

    async def expire(self, *, now: float, limit: int = EXPIRED_AT_ONCE) -> int:
        """Takes what lapsed out of people's accounts, one account a transaction. Answers of how many.

        What is held at that moment may still be spent; what comes back of it lapses at the next look.
        """
        found = await self._database.read(_lapsed, now, limit)
        for account in found:
            await self._database.write(_expire, account, now)
        return len(found)

    async def is_refunded(self, job: str) -> bool:
        """Whether what a job captured was given back."""

        def steps() -> Steps[bool]:
            return bool((yield sql("SELECT id FROM transfers WHERE id = :id", id=f"refund:{job}")))

        return await self._database.read(steps)

    async def balance(self, funds: Sequence[Fund], who: Requester, *, now: float) -> Balance:
        """What a person has now; an allowance that was not opened yet counts as if it were.

        Credits held from an earlier period's allowance are held too, but are no part of what is left.
        """

        def steps() -> Steps[Balance]:
            available = {"allowance": 0, "granted": 0}
            lapses: list[Lapse] = []
            for fund in (yield from in_draw_order(who, funds, now=now)):
                rows = yield sql("SELECT posted, held, given FROM accounts WHERE id = :id", id=fund.account)
                row = rows[0] if rows else {"posted": 0, "held": 0, "given": 0}
                coming = max(0, fund.entitled - int(row["given"]))
                left = int(row["posted"]) - int(row["held"]) + coming
                available[fund.kind] += left
                if fund.kind == "granted" and fund.lapses_at is not None and left:
                    lapses.append(Lapse(amount=left, at=fund.lapses_at))
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
                lapses=tuple(lapses),
            )

        return await self._database.read(steps)

    async def movements(self, who: Requester, *, limit: int) -> list[Movement]:
        """The newest lines of a person's books, newest first."""

        def steps() -> Steps[list[Movement]]:
            rows = yield sql(
                "SELECT t.id, t.kind, t.debit, t.amount, t.at, t.memo, t.actor, t.job, a.id AS account,"
                " j.order_json, COALESCE(j.reason, '') AS reason, COALESCE(h.amount, 0) AS held,"
                " CASE WHEN j.id IS NOT NULL AND j.captured_credits IS NULL THEN 1 ELSE 0 END AS live"
                " FROM accounts a JOIN transfers t ON t.debit = a.id OR t.credit = a.id"
                " LEFT JOIN jobs j ON j.id = t.job LEFT JOIN transfers h ON h.id = t.resolves"
                " WHERE a.surface = :surface AND a.community = :community AND a.user_id = :user"
                " ORDER BY t.at DESC, t.id DESC LIMIT :limit",
                surface=who.surface,
                community=who.community,
                user=who.user,
                limit=limit,
            )
            return readable(rows, _movement)

        return await self._database.read(steps)

    async def problems(self) -> list[str]:
        """The books' invariants (docs/architecture.md, section 5); an empty list means that they hold."""
        return await self._database.read(check_books)


def _revocation(key: str, number: int) -> str:
    return f"revoke:{key}#{number}" if number else f"revoke:{key}"


def _revoked(key: str) -> Steps[int]:
    """How much a revocation took, by its rows."""
    taken = 0
    for number in count():
        rows = yield sql("SELECT amount FROM transfers WHERE id = :id", id=_revocation(key, number))
        if not rows:
            return taken
        taken += int(rows[0]["amount"])
    raise AssertionError


def _lapsed(now: float, limit: int) -> Steps[list[str]]:
    rows = yield sql(
        "SELECT id FROM accounts WHERE lapses_at <= :now AND posted > held ORDER BY lapses_at LIMIT :limit",
        now=millis(now),
        limit=limit,
    )
    return [str(row["id"]) for row in rows]


def _expire(account: str, now: float) -> Steps[None]:
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


def _movement(row: Row) -> Movement:
    """A line of the books. Raises ValueError for a kind that we don't know."""
    sign = -1 if row["debit"] == row["account"] else 1
    return Movement(
        kind=Transfer(row["kind"]),
        amount=sign * int(row["amount"]),
        at=row["at"] / 1000,
        memo=row["memo"],
        actor=row["actor"],
        job=row["job"],
        subject=subject_of(row["order_json"]) if row["order_json"] is not None else None,
        private=is_private(row["order_json"]),
        reason=row["reason"],
        held=int(row["held"]),
        live=bool(row["live"]),
    )
