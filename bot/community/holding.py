"""What holds for one person in one place: a community's rules with those of their roles and of the channel. Pure.

Of several roles the most generous wins, setting by setting; what no role names is as for everyone. Of a channel
and all that it is part of, the nearest that names a setting wins. A channel's models and styles stand in place
of the community's, and a role's models are a limit there, too.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from bot.community import quotas
from bot.ports import Place, Priority, Requester
from bot.rules.rules import ChannelRule, Names, RoleRule, Rules

T = TypeVar("T")

NOTHING: Names = ("-",)  # of a list in which an empty one would let everything: no model is called so


def holding(rules: Rules, who: Requester, place: Place | None = None) -> Rules:
    """The rules for a person; in a place, where one is given."""
    held = _of_roles(rules, quotas.roles_of(who, rules))
    return held if place is None else _of_channel(held, rules, who, place)


def priority_of(who: Requester, rules: Rules) -> Priority:
    """How soon a person's orders go: by the best of their roles."""
    named = [role.priority for role in quotas.roles_of(who, rules) if role.priority is not None]
    return min(named, key=lambda one: one.patience_s, default=Priority.NORMAL)


def is_open(rules: Rules, place: Place) -> bool:
    """Whether Easel answers in a place."""
    for one in place.chain:
        rule = rules.channel_rules.get(one)
        if rule is not None and rule.open is not None:
            return rule.open
        if one in rules.channels:
            return True
    return not rules.channels


def open_places(rules: Rules) -> list[str]:
    """The channels that are named as open."""
    opened = [one for one, rule in rules.channel_rules.items() if rule.open]
    shut = {one for one, rule in rules.channel_rules.items() if rule.open is False}
    return [one for one in dict.fromkeys((*rules.channels, *opened)) if one not in shut]


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────────


def _every(lists: Iterable[Names]) -> Names:
    """All that is in some list; an empty one lets everything."""
    every = list(lists)
    return tuple(dict.fromkeys(one for names in every for one in names)) if all(every) else ()


# Of each setting that a role may name, the most generous of several.
_GENEROUS: dict[str, Callable[[Iterable[Any]], Any]] = {
    "models": _every,
    "max_price": max,
    "images_max": max,
    "cooldown_s": min,
    "per_requester": max,
}
# The others are read in bot/community/quotas.py: what somebody gets and pays, and how soon they go.
assert _GENEROUS.keys() <= RoleRule.model_fields.keys(), "a setting that no role names"


def _of_roles(rules: Rules, roles: list[RoleRule]) -> Rules:
    update = {}
    for name, best in _GENEROUS.items():
        named = [value for role in roles if (value := getattr(role, name)) is not None]
        if named:
            update[name] = best(named)
    return rules.model_copy(update=update) if update else rules


# ── Channels ─────────────────────────────────────────────────────────────────────────────────────────


def _of_channel(held: Rules, rules: Rules, who: Requester, place: Place) -> Rules:
    chain = [rule for one in place.chain if (rule := rules.channel_rules.get(one)) is not None]
    if not chain:
        return held
    nearest = partial(_nearest, chain)
    update: dict[str, Any] = {}
    models = nearest(lambda rule: rule.models)
    if models is not None:
        by_role = any(role.models is not None for role in quotas.roles_of(who, rules))
        update["models"] = _both(models, held.models) if by_role else models
    styles = nearest(lambda rule: rule.styles)
    if styles is not None:
        update["styles"] = styles
    level = nearest(lambda rule: rule.level)
    if level is not None:
        # Relaxed means: where the platform itself marks the channel as age-restricted.
        relaxed = level == "relaxed"
        update |= {"level": "standard" if relaxed else level, "relaxed_where_age_restricted": relaxed}
    return held.model_copy(update=update)


def _nearest(chain: Iterable[ChannelRule], named: Callable[[ChannelRule], T | None]) -> T | None:
    return next((value for rule in chain if (value := named(rule)) is not None), None)


def _both(one: Names, other: Names) -> Names:
    """What is in both lists; an empty one lets everything."""
    if not one or not other:
        return one or other
    return tuple(name for name in one if name in other) or NOTHING
