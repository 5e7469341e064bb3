"""Codes that become credits: kept as digests, each redeemed once, void when its maker says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import NotAllowed
from bot.money import Fund, Reserve, Transfer
from bot.ports import Requester
from bot.store import audit, meters
from bot.store.accounts import give, open_accounts
from bot.store.database import Database, Row, Steps, sql
from bot.store.rows import millis

TRIES = "code-tries:"  # and the hour, and who
_HOUR_S = 3600


def hour_of(now: float) -> str:
    """An hour's number: of one length for our grandchildren, so that the earlier one is the smaller text."""
    return f"{int(now // _HOUR_S):06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Codes that were made together, and what they are good for."""

    name: str
    credits: int
    per_person: int  # how many of them one person may redeem
    surface: str = ""  # empty: any
    community: str = ""
    until: float | None = None  # unix seconds; not redeemed later
    lasts_s: int | None = None  # how long the credits last


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How a batch stands."""

    batch: Batch
    codes: int
    used: int
    void: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What a code came to."""

    credits: int
    lapses_at: float | None
    again: bool  # this very person has redeemed it before


class Codes:
    """Writes and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, batch: Batch, digests: Sequence[str], *, actor: Requester, now: float) -> None:
        """Keeps new codes, all or none. Raises NotAllowed for a batch's name that is taken."""

        def steps() -> Steps[None]:
            # The row is a turnstile: of two who take a name at once, one is refused.
            yield sql(
                "INSERT INTO meters (id, used) VALUES (:id, 0) ON CONFLICT (id) DO UPDATE SET used = meters.used",
                id="turnstile:codes",
            )
            if (yield sql("SELECT id FROM codes WHERE batch = :batch LIMIT 1", batch=batch.name)):
                raise NotAllowed("codes-batch-taken", name=batch.name)
            for digest in digests:
                yield sql(
                    "INSERT INTO codes (id, batch, surface, community, credits, per_person, until, lasts_s, made_at)"
                    " VALUES (:id, :batch, :surface, :community, :credits, :per_person, :until, :lasts, :now)",
                    id=digest,
                    batch=batch.name,
                    surface=batch.surface,
                    community=batch.community,
                    credits=batch.credits,
                    per_person=batch.per_person,
                    until=None if batch.until is None else millis(batch.until),
                    lasts=batch.lasts_s,
                    now=millis(now),
                )
            told = f"{len(digests)} x {batch.credits} {batch.name}"
            yield from audit.insert(actor, "codes", now=now, actor=actor.user, memo=told)

        await self._database.write(steps)

    async def find(self, digest: str) -> Batch | None:
        """What a code is good for, whether or not it was used."""

        def steps() -> Steps[Batch | None]:
            rows = yield sql("SELECT * FROM codes WHERE id = :id", id=digest)
            return _batch(rows[0]) if rows else None

        return await self._database.read(steps)

    async def count_try(self, tries: Reserve, who: Requester, *, now: float) -> None:
        """Raises NotAllowed for one too many."""

        def steps() -> Steps[None]:
            yield from meters.reserve([tries], who, now=now)

        await self._database.write(steps)

    async def prune_tries(self, *, now: float) -> None:
        """Forgets how often was tried in hours that are over."""

        def steps() -> Steps[None]:
            hour = hour_of(now)
            yield sql(
                f"DELETE FROM meters WHERE id LIKE '{TRIES}%'"
                f" AND SUBSTR(id, {len(TRIES) + 1}, {len(hour)}) < :hour",
                hour=hour,
            )

        await self._database.write(steps)

    async def redeem(self, digest: str, who: Requester, fund: Fund, *, now: float) -> Redeemed:
        """A code's credits go into the fund, once. Raises NotAllowed: used, void, over, elsewhere, too many of it."""

        def steps() -> Steps[Redeemed]:
            yield from open_accounts(who, [fund], now=now)
            rows = yield sql("SELECT * FROM codes WHERE id = :id {for_update}", id=digest)
            if not rows:
                raise NotAllowed("code-unknown")
            code = rows[0]
            if code["used_at"] is not None:
                return (yield from _again(digest, who))
            _assert_good(code, who, now)
            batch = str(code["batch"])
            yield from meters.reserve([_share(batch, who, int(code["per_person"]))], who, now=now)
            yield sql("UPDATE codes SET used_at = :now WHERE id = :id", now=millis(now), id=digest)
            yield from give(
                f"redeem:{digest}",
                fund.account,
                int(code["credits"]),
                actor=who.user,
                memo=batch,
                now=now,
                kind=Transfer.REDEEM,
            )
            yield from audit.insert(who, "redeem", now=now, actor=who.user, memo=f"{code['credits']} {batch}")
            return Redeemed(credits=int(code["credits"]), lapses_at=fund.lapses_at, again=False)

        return await self._database.write(steps)

    async def void(self, batch: str, *, actor: Requester, now: float) -> int:
        """Nobody redeems what is left of a batch. Answers how many that were."""

        def steps() -> Steps[int]:
            rows = yield sql(
                "UPDATE codes SET void_at = :now WHERE batch = :batch AND used_at IS NULL AND void_at IS NULL"
                " RETURNING id",
                now=millis(now),
                batch=batch,
            )
            if rows:
                yield from audit.insert(
                    actor, "codes-void", now=now, actor=actor.user, memo=f"{len(rows)} {batch}"
                )
            return len(rows)

        return await self._database.write(steps)

    async def counts(self) -> list[Count]:
        """All batches, newest first."""

        def steps() -> Steps[list[Count]]:
            rows = yield sql(
                "SELECT batch, surface, community, credits, per_person, until, lasts_s, COUNT(*) AS codes,"
                " SUM(CASE WHEN used_at IS NULL THEN 0 ELSE 1 END) AS used,"
                " SUM(CASE WHEN void_at IS NULL THEN 0 ELSE 1 END) AS void FROM codes"
                " GROUP BY batch, surface, community, credits, per_person, until, lasts_s"
                " ORDER BY MAX(made_at) DESC"
            )
            return [
                Count(
                    batch=_batch(row), codes=int(row["codes"]), used=int(row["used"]), void=int(row["void"])
                )
                for row in rows
            ]

        return await self._database.read(steps)


def _again(digest: str, who: Requester) -> Steps[Redeemed]:
    """A code that is used: for whoever used it, that is no news. Raises NotAllowed for everybody else."""
    rows = yield sql(
        "SELECT t.amount, a.lapses_at FROM transfers t JOIN accounts a ON a.id = t.credit WHERE t.id = :id"
        " AND a.surface = :surface AND a.community = :community AND a.user_id = :user",
        id=f"redeem:{digest}",
        surface=who.surface,
        community=who.community,
        user=who.user,
    )
    if not rows:
        raise NotAllowed("code-used")
    lapses = rows[0]["lapses_at"]
    return Redeemed(
        credits=int(rows[0]["amount"]),
        lapses_at=int(lapses) / 1000 if lapses is not None else None,
        again=True,
    )


def _assert_good(code: Row, who: Requester, now: float) -> None:
    if code["void_at"] is not None:
        raise NotAllowed("code-void")
    if code["until"] is not None and int(code["until"]) <= millis(now):
        raise NotAllowed("code-over")
    if code["surface"] not in ("", who.surface) or code["community"] not in ("", who.community):
        raise NotAllowed("code-elsewhere")


def _share(batch: str, who: Requester, most: int) -> Reserve:
    """How many codes of a batch one person has redeemed, wherever."""
    return Reserve(
        meter=f"codes:{batch}:{who.surface}:{who.user}",
        unit="codes",
        amount=1,
        cap=most,
        refusal="code-enough",
    )


def _batch(row: Row) -> Batch:
    return Batch(
        name=row["batch"],
        credits=int(row["credits"]),
        per_person=int(row["per_person"]),
        surface=row["surface"],
        community=row["community"],
        until=None if row["until"] is None else int(row["until"]) / 1000,
        lasts_s=None if row["lasts_s"] is None else int(row["lasts_s"]),
    )
