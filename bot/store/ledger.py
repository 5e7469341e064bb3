"""The books: double entry, whole credits, append-only. Grants, gifts, what is taken back, and what people read of it.

What moves credits stands in `accounts`; jobs hold and settle by `holds`, in transactions of their own.
"""

from collections.abc import Sequence
from itertools import count

from bot.errors import NotAllowed
from bot.events import Doing
from bot.money import Balance, Fund, Lapse, Movement, Reserve, Transfer
from bot.notices import Notice
from bot.ports import Requester
from bot.store import audit, events, meters, notices
from bot.store.accounts import expire, give, hand_over, in_draw_order, lapsed, open_accounts, withdraw
from bot.store.blocks import assert_not_blocked
from bot.store.books import check_books
from bot.store.database import Database, Row, Steps, sql
from bot.store.holds import give_back
from bot.store.rows import is_private, readable, subject_of

EXPIRED_AT_ONCE = 500


class Ledger:
    """What people, moderators and the clock do to the books, and what can be read there."""

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
            fresh = yield from hand_over(
                f"gift:{key}", mine, theirs, amount, actor=giver.user, memo=memo, now=now
            )
            if not fresh:
                return False
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
        found = await self._database.read(lapsed, now, limit)
        for account in found:
            await self._database.write(expire, account, now)
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
