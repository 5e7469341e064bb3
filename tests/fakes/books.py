"""Makes people, orders and acceptances for tests of the store, and looks at all its rows."""

from collections.abc import Sequence
from typing import Any

from bot.job import Asset, Job, Move, State
from bot.model import Order
from bot.money import Fund, Reserve
from bot.ports import Address, Requester
from bot.store import Store
from bot.store.database import Steps, sql
from bot.store.jobs import Acceptance, Limits

NOW = 1_800_000_000.0
TABLES = ("jobs", "messages", "assets", "accounts", "transfers", "meters", "audit", "blocks", "settings")


def person(user: str = "ann", community: str = "club") -> Requester:
    return Requester(surface="slack", community=community, user=user, name=user.title())


def allowance(who: Requester, entitled: int, *, period: str = "monday") -> Fund:
    account = f"allowance:{who.surface}:{who.community}:{who.user}:{period}"
    return Fund(account=account, kind="allowance", entitled=entitled)


def granted(who: Requester) -> Fund:
    return Fund(account=f"granted:{who.surface}:{who.community}:{who.user}", kind="granted")


def order(credits: int = 4, images: int = 1) -> Order:  # noqa: A002 - the word of the glossary
    """An order of this price, all images together."""
    return Order(
        provider="gateway",
        model="painter",
        prompt="a fox",
        typed="a fox --ar 1:1",
        subject="a fox",
        images=images,
        credits_each=credits // images,
        usd_micros_each=1000,
    )


def acceptance(
    job: str,
    who: Requester | None = None,
    *,
    credits: int = 4,  # noqa: A002 - the same
    images: int = 1,
    key: str | None = None,
    entitled: int = 100,
    period: str = "monday",
    funds: tuple[Fund, ...] | None = None,
    limits: Limits | None = None,
    reserves: Sequence[Reserve] = (),
    address: bool = True,
    now: float = NOW,
    lease_owner: str = "",
    screened: bool = False,
) -> Acceptance:
    who = who or person()
    return Acceptance(
        job=job,
        request_key=key or f"request-{job}",
        requester=who,
        channel="general",
        age_restricted=False,
        address=Address(surface=who.surface, data={"channel": "general"}) if address else None,
        order=order(credits, images),
        parent=None,
        funds=funds if funds is not None else (allowance(who, entitled, period=period), granted(who)),
        limits=limits or Limits(),
        reserves=tuple(reserves),
        now=now,
        deadline_s=600,
        lease_owner=lease_owner,
        lease_s=10,
        screened=screened,
    )


async def accept(store: Store, job: str, who: Requester | None = None, **kwargs: Any) -> Job:
    return (await store.jobs.accept(acceptance(job, who, **kwargs)))[0]


async def grant(store: Store, who: Requester, amount: int, key: str = "gift") -> bool:
    return await store.ledger.grant(who, granted(who), amount, key=key, actor="mod", memo="thanks", now=NOW)


async def end(store: Store, job: Job, to: State, capture: int, *, now: float = NOW, **facts: Any) -> Job:
    return await store.jobs.move(job, Move(to=to, capture=capture, **facts), now=now)


async def finish(
    store: Store, job: Job, capture: int, *, now: float = NOW, assets: tuple[Asset, ...] = ()
) -> Job:
    """The whole way of a picture, by legal moves."""
    for state in (State.CLEARED, State.SUBMITTING):
        job = await store.jobs.move(job, Move(to=state), now=now)
    return await end(store, job, State.FINISHED, capture, now=now, assets=assets)


async def run(store: Store, text: str, **parameters: Any) -> list[dict[str, Any]]:
    """Any statement, in a transaction of its own."""

    def steps() -> Steps[list[dict[str, Any]]]:
        rows = yield sql(text, **parameters)
        return [dict(row) for row in rows]

    return await store.database.write(steps)


async def all_rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept, so that "nothing was changed" can be asserted."""
    found = {}
    for table in TABLES:
        rows = await run(store, f"SELECT * FROM {table}")
        found[table] = sorted(rows, key=lambda row: repr(sorted(row.items(), key=lambda item: item[0])))
    return found


async def has(store: Store, fund: Fund) -> tuple[int, int]:
    """What an account has posted and held; (0, 0) when nobody opened it."""
    rows = await run(store, "SELECT posted, held FROM accounts WHERE id = :id", id=fund.account)
    return (rows[0]["posted"], rows[0]["held"]) if rows else (0, 0)


async def is_open(store: Store, job: str) -> bool:
    rows = await run(store, "SELECT open FROM jobs WHERE id = :id", id=job)
    return bool(rows[0]["open"])
