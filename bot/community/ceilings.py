"""The operator's ceilings: how much of his money a community may give and use, whatever it sets. Pure.

A community that he has not named ([quotas] communities) may be anybody's: whoever adds a public bot to a
server of their own moderates it. So it lives under ceilings that are always there. What it uses is counted at
list price by the day (bot/community/quotas.py), whatever its own prices, exemptions, grants and periods say.
"""

from typing import Any

from bot.community import quotas
from bot.configuration.settings import Quotas
from bot.ports import Priority, Requester
from bot.rules.rules import Period, Rules

_SHORTEST_FIRST: tuple[Period, ...] = ("day", "week", "month")


def under(rules: Rules, who: Requester, section: Quotas) -> Rules:
    """A community's rules, none above the operator's ceilings."""
    if not quotas.has_allowance(who, section.communities):
        rules = _without_favours(rules)
    if not quotas.is_named(who, section.communities):
        rules = _of_a_stranger(rules, section)
    if section.max_allowance is not None:
        rules = _allowing(rules, section.max_allowance)
    if section.max_budget is not None:
        budget = section.max_budget if rules.budget is None else min(rules.budget, section.max_budget)
        rules = rules.model_copy(update={"budget": budget})
    return rules


def grants_ceiling(who: Requester, section: Quotas) -> int | None:
    """What the moderators of this community may give in a month; None: as much as they like."""
    if not quotas.has_allowance(who, section.communities):
        return 0
    ceilings = [] if section.max_grants is None else [section.max_grants]
    if not quotas.is_named(who, section.communities):
        ceilings.append(section.unnamed_grants)
    return min(ceilings, default=None)


def _of_a_stranger(rules: Rules, section: Quotas) -> Rules:
    """Nobody is promised more than the community can use in a day, nor more often than the operator renews."""
    schedule = rules.schedule_before
    if schedule is not None:
        schedule = schedule.model_copy(update={"period": _longer(schedule.period, section.period)})
    # Nor does anybody of theirs go before those of the communities that he has named.
    roles = {
        name: role.model_copy(update={"priority": _not_fast(role.priority)})
        for name, role in rules.roles.items()
    }
    renewed: dict[str, Any] = {
        "period": _longer(rules.period, section.period),
        "schedule_before": schedule,
        "roles": roles,
    }
    return _allowing(rules.model_copy(update=renewed), max(section.daily_allowance, section.unnamed_budget))


def _not_fast(asked: Priority | None) -> Priority | None:
    return Priority.NORMAL if asked is Priority.FAST else asked


def _longer(one: Period, other: Period) -> Period:
    return max(one, other, key=_SHORTEST_FIRST.index)


def _allowing(rules: Rules, highest: int) -> Rules:
    """With allowances no higher than this, by whatever role."""
    roles = {
        name: role.model_copy(update={"allowance": min(role.allowance, highest)})
        if role.allowance is not None
        else role
        for name, role in rules.roles.items()
    }
    return rules.model_copy(update={"allowance": min(rules.allowance, highest), "roles": roles})


def _without_favours(rules: Rules) -> Rules:
    """Where the operator gives nothing, moderators can't make his pictures free or cheap."""
    favours: dict[str, Any] = {
        "owners_exempt": False,
        "roles": {
            name: role.model_copy(update={"exempt": False, "free_models": ()})
            for name, role in rules.roles.items()
        },
        "price_factors": {model: max(1.0, factor) for model, factor in rules.price_factors.items()},
    }
    return rules.model_copy(update=favours)
