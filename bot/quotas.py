"""Prices, periods, and which accounts an order draws on, in which order. Pure."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.config import Quotas
from bot.ports import Model, Order, Requester
from bot.rules import Period, RoleRule, Rules
from bot.store.ledger import Fund
from bot.store.meters import Reserve


def person_key(who: Requester) -> str:
    """One person in one community on one surface, as part of an id: no two people share one."""
    return f"{community_key(who)}:{quote(who.user, safe='')}"


def community_key(who: Requester) -> str:
    """One community on one surface, as part of an id."""
    return f"{quote(who.surface, safe='')}:{quote(who.community, safe='')}"


def granted_fund(who: Requester) -> Fund:
    """What a person was given; it does not lapse."""
    return Fund(account=f"granted:{person_key(who)}", kind="granted")


def funds(who: Requester, rules: Rules, *, allowance: int, now: float) -> tuple[Fund, ...]:
    """The accounts in draw order: this period's allowance, then granted credits."""
    period = period_name(*rules.schedule(now), now)
    lapsing = Fund(account=f"allowance:{person_key(who)}:{period}", kind="allowance", entitled=allowance)
    return (lapsing, granted_fund(who))


def allowance_of(who: Requester, rules: Rules) -> int:
    """What this person gets a period: the highest of the roles that apply, else what everyone gets."""
    named = [r.allowance for r in roles_of(who, rules) if r.allowance is not None]
    return max(named) if named else rules.allowance


def price_of(model: Model, who: Requester, rules: Rules) -> int:
    """Credits an image of this model costs this person, rounded up."""
    if rules.owners_exempt and who.moderator:
        return 0
    roles = roles_of(who, rules)
    if any(role.exempt or model.id in role.free_models for role in roles):
        return 0
    return math.ceil(model.credits * rules.price_factors.get(model.id, 1))


def roles_of(who: Requester, rules: Rules) -> list[RoleRule]:
    """The role rules that apply to a person."""
    return [rule for role, rule in rules.roles.items() if role in who.roles]


def has_allowance(who: Requester, communities: str | Iterable[str]) -> bool:
    """Whether the operator gives this community an allowance at all ([quotas] communities)."""
    return communities == "any" or who.community in set(communities)


def next_renewal(rules: Rules, now: float) -> float:
    """When a community's allowances renew next, unix seconds."""
    return renews_at(*rules.schedule(now), now)


# ── Periods ──────────────────────────────────────────────────────────────────────────────────────────


def period_start(period: Period, time_zone: str, now: float) -> datetime:
    """The local midnight at which the period of `now` began."""
    today = datetime.fromtimestamp(now, ZoneInfo(time_zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    if period == "day":
        return today
    if period == "week":
        return _local(today - timedelta(days=today.weekday()))
    return _local(today.replace(day=1))


def period_name(period: Period, time_zone: str, now: float) -> str:
    """The period's first day: part of the account's id, so that a new period is a new account."""
    start = period_start(period, time_zone, now)
    return f"{start:%Y-%m-%d}" if period == "day" else f"{period}-{start:%Y-%m-%d}"


def renews_at(period: Period, time_zone: str, now: float) -> float:
    """When the next period begins, unix seconds; exact across daylight saving."""
    start = period_start(period, time_zone, now)
    days = {"day": 1, "week": 7, "month": 32}[period]
    following = _local(start + timedelta(days=days))
    if period == "month":
        following = _local(following.replace(day=1))
    return following.timestamp()


def _local(moment: datetime) -> datetime:
    """The same wall-clock day at its own midnight: arithmetic on local times ignores clock changes."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


# ── Caps in books of their own ───────────────────────────────────────────────────────────────────────


def budget_meter(who: Requester, rules: Rules, now: float) -> str:
    """The meter of a community's budget in this period; it counts also while no budget is set."""
    period = period_name(rules.budget_period, rules.time_zone, now)
    return f"budget:{community_key(who)}:{rules.budget_period}:{period}"


def money_meter(now: float) -> str:
    """The meter of the operator's real money in this month, by UTC."""
    return f"money:{period_name('month', 'UTC', now)}"


def reserves(who: Requester, order: Order, rules: Rules, quota: Quotas, *, now: float) -> tuple[Reserve, ...]:
    """What an order reserves of the community's budget and of the operator's money."""
    caps = [
        Reserve(
            meter=budget_meter(who, rules, now),
            unit="credits",
            amount=order.credits,
            cap=rules.budget,
            refusal="budget-spent",
            renews_at=renews_at(rules.budget_period, rules.time_zone, now),
        )
    ]
    if quota.monthly_usd is not None:
        caps.append(
            Reserve(
                meter=money_meter(now),
                unit="usd_micros",
                amount=order.usd_micros_each * order.images,
                cap=round(quota.monthly_usd * 1_000_000),
                refusal="money-stop",
            )
        )
    return tuple(caps)
