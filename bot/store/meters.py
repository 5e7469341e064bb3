"""Caps in books of their own: a community's budget, the operator's money, moderators' grants.

One guarded statement reserves: however many replicas, nothing overruns a cap.
"""

from collections.abc import Sequence

from bot.errors import NotAllowed
from bot.events import EventKind
from bot.money import Reserve
from bot.ports import Requester
from bot.store import audit, events
from bot.store.database import Steps, sql

_NO_CAP = 2**62
WARNING_SHARE = 0.8


def reserve(reserves: Sequence[Reserve], who: Requester, *, now: float) -> Steps[None]:
    """Reserves all, in sorted order. Raises NotAllowed for the first that doesn't fit."""
    for one in sorted(reserves, key=lambda r: r.meter):
        cap = _NO_CAP if one.cap is None else one.cap
        rows = yield sql(
            "INSERT INTO meters (id, used) VALUES (:id, :amount) ON CONFLICT (id) DO UPDATE"
            " SET used = meters.used + :amount WHERE meters.used + :amount <= :cap OR :amount = 0"
            " RETURNING used",
            id=one.meter,
            amount=one.amount,
            cap=cap,
        )
        if not rows or one.amount > cap:
            raise NotAllowed(one.refusal, renews=one.renews_at)
        yield from _warn(one, int(rows[0]["used"]), who, now=now)


def _warn(one: Reserve, used: int, who: Requester, *, now: float) -> Steps[None]:
    """What is nearly, or wholly, spent of a community's budget is an event for its moderators, once for each."""
    if not one.cap or one.unit != "credits":
        return
    crossed = [
        kind
        for kind, line in ((EventKind.BUDGET_100, one.cap), (EventKind.BUDGET_80, one.cap * WARNING_SHARE))
        if used - one.amount < line <= used
    ]
    # What failed is given back, and the line is crossed again: that is no news. A changed cap is.
    if crossed and (yield from events.note_budget(crossed[0], one, used, who, now=now)):
        yield from audit.insert(who, "budget-warning", now=now, actor="easel", memo=f"{used} of {one.cap}")
