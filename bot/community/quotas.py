"""Prices, periods, and which accounts an order draws on, in which order. Pure."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.configuration.settings import Quotas
from bot.model import Model, Order
from bot.money import Fund, Reserve
from bot.ports import Requester
from bot.rules.rules import Period, RoleRule, Rules

PERSONAL = "personal"
ANY = "any"  # in [quotas] communities: all that there are
HOUSE_SURFACE = "cli"  # the operator's own terminal
HOUSE_COMMUNITY = "local"  # the operator's own community, at the terminal and on the local page
_HOUR_S = 3600
_AT_HOME = (HOUSE_SURFACE, "web")  # elsewhere a community may be called anything


def person_key(who: Requester) -> str:
    """One person in one community on one surface, as part of an id: no two people share one."""
    return f"{community_key(who)}:{quote(who.user, safe='')}"


def community_key(who: Requester) -> str:
    """One community on one surface, as part of an id."""
    return f"{quote(who.surface, safe='')}:{quote(who.community, safe='')}"


def moderates(who: Requester) -> bool:
    """Whether a person runs the community they ask in. Nobody runs `personal`: everyone's direct messages."""
    return who.moderator and who.community != PERSONAL


def granted_fund(who: Requester) -> Fund:
    """What a person was given; it does not lapse."""
    return Fund(account=f"granted:{person_key(who)}", kind="granted")


def lapsing_fund(who: Requester, at: float) -> Fund:
    """What a person was given until a moment, unix seconds: the end of its hour, so that nobody has accounts without number."""
    until = math.ceil(at / _HOUR_S) * _HOUR_S
    return Fund(
        account=f"granted:{person_key(who)}:until:{round(until)}", kind="granted", lapses_at=float(until)
    )


def funds(who: Requester, rules: Rules, *, allowance: int, now: float) -> tuple[Fund, ...]:
    """The accounts in draw order: this period's allowance, then granted credits.

    What was given until a day the books know; it is drawn on by that day (`accounts.in_draw_order`).
    """
    period = period_name(*rules.schedule(now), now)
    lapsing = Fund(
        account=f"allowance:{person_key(who)}:{period}",
        kind="allowance",
        entitled=allowance,
        lapses_at=next_renewal(rules, now),
    )
    return (lapsing, granted_fund(who))


def allowance_of(who: Requester, rules: Rules) -> int:
    """What this person gets a period: the highest of the roles that apply, else what everyone gets."""
    named = [role.allowance for role in roles_of(who, rules) if role.allowance is not None]
    return max(named) if named else rules.allowance


def price_of(model: Model, who: Requester, rules: Rules, *, listed: int | None = None) -> int:
    """Credits an image of this model costs this person, rounded up.

    `listed` is its price by what is asked; without it, the model's when nothing is.
    """
    if rules.owners_exempt and moderates(who):
        return 0
    roles = roles_of(who, rules)
    if any(role.exempt or model.id in role.free_models for role in roles):
        return 0
    # Exactly as it was typed: 100 credits by 1.1 are 110, and not 111.
    listed = model.price().credits if listed is None else listed
    return math.ceil(listed * Fraction(str(rules.price_factors.get(model.id, 1))))


def roles_of(who: Requester, rules: Rules) -> list[RoleRule]:
    """The role rules that apply to a person."""
    return [rule for role, rule in rules.roles.items() if role in who.roles]


def has_allowance(who: Requester, communities: str | Iterable[str]) -> bool:
    """Whether the operator gives this community an allowance at all ([quotas] communities)."""
    known = listed(communities)
    return who.surface == HOUSE_SURFACE or ANY in known or who.community in known


def is_named(who: Requester, communities: str | Iterable[str]) -> bool:
    """Whether the operator knows this community: his own, or one that he has named. "any" names nobody."""
    at_home = who.surface in _AT_HOME and who.community == HOUSE_COMMUNITY
    return at_home or who.community in listed(communities) - {ANY}


def listed(communities: str | Iterable[str]) -> set[str]:
    """The ids of [quotas] communities, ANY among them."""
    return {communities} if isinstance(communities, str) else set(communities)


def next_renewal(rules: Rules, now: float) -> float:
    """When a community's allowances renew next, unix seconds."""
    return renews_at(*rules.schedule(now), now)


# ── Periods ──────────────────────────────────────────────────────────────────────────────────────────


def period_start(period: Period, time_zone: str, now: float) -> datetime:
    """The local midnight at which the period of `now` began."""
    today = _local(datetime.fromtimestamp(now, ZoneInfo(time_zone)))
    match period:
        case "day":
            return today
        case "week":
            return _local(today - timedelta(days=today.weekday()))
        case "month":
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


def day_start(time_zone: str, now: float, *, days_ago: int = 0) -> float:
    """The local midnight so many days ago, unix seconds; days of 23 and 25 hours count as days."""
    return _local(period_start("day", time_zone, now) - timedelta(days=days_ago)).timestamp()


def offset_s(time_zone: str, at: float) -> float:
    """How far a zone's clocks are ahead of UTC at a moment."""
    offset = datetime.fromtimestamp(at, ZoneInfo(time_zone)).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _local(moment: datetime) -> datetime:
    """The same wall-clock day at its own midnight: arithmetic on local times ignores clock changes."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


# ── Caps in books of their own ───────────────────────────────────────────────────────────────────────


def budget_meter(who: Requester, rules: Rules, now: float) -> str:
    """The meter of a community's budget in this period; it counts also while no budget is set."""
    schedule = rules.budget_schedule(now)
    return f"budget:{community_key(who)}:{schedule[0]}:{period_name(*schedule, now)}"


def money_meter(now: float) -> str:
    """The meter of the operator's real money in this month, by UTC."""
    return f"money:{period_name('month', 'UTC', now)}"


def ceiling_meter(who: Requester, now: float) -> str:
    """The meter of what a community costs the operator in this month, by UTC; no rule of its own renews it."""
    return f"ceiling:{community_key(who)}:{period_name('month', 'UTC', now)}"


def reserves(
    who: Requester, order: Order, rules: Rules, quota: Quotas, *, list_credits: int, now: float
) -> tuple[Reserve, ...]:
    """What an order reserves of the community's budget, the operator's ceiling on it, and his money.

    `list_credits` is its price without a community's favours: free for some is not free for the operator.
    """
    caps = [
        Reserve(
            meter=budget_meter(who, rules, now),
            unit="credits",
            amount=order.credits,
            cap=rules.budget,
            refusal="budget-spent",
            renews_at=renews_at(*rules.budget_schedule(now), now),
        )
    ]
    if quota.max_budget is not None:
        caps.append(
            Reserve(
                meter=ceiling_meter(who, now),
                unit="list_credits",
                amount=list_credits,
                cap=quota.max_budget,
                refusal="budget-ceiling",
                renews_at=renews_at("month", "UTC", now),
            )
        )
    if not is_named(who, quota.communities):
        caps += _of_unnamed(who, quota, max(list_credits, order.images), now)
    if quota.monthly_usd is not None:
        caps.append(
            Reserve(
                meter=money_meter(now),
                unit="usd_micros",
                amount=order.usd_micros_each * order.images,
                cap=round(quota.monthly_usd * 1_000_000),
                refusal="money-stop",
                renews_at=renews_at("month", "UTC", now),
            )
        )
    return tuple(caps)


def _of_unnamed(who: Requester, quota: Quotas, amount: int, now: float) -> list[Reserve]:
    """What strangers may use, each community and all of them, in a day by UTC; a free picture counts as one credit."""
    day, renews = period_name("day", "UTC", now), renews_at("day", "UTC", now)
    return [
        Reserve(meter=meter, unit="list_credits", amount=amount, cap=cap, refusal=refusal, renews_at=renews)
        for meter, cap, refusal in (
            (f"unnamed:{day}:{community_key(who)}", quota.unnamed_budget, "unnamed-spent"),
            (f"unnamed-together:{day}", quota.unnamed_together, "unnamed-spent-together"),
        )
    ]
