"""What a community's rules name by ids: roles and channels. A name that was kept in place of its id is put right. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.abilities import Named
from bot.rules.rules import Rules

_LISTS, _KEYED, _SINGLE = ("channels",), ("roles", "channel_rules"), ("room",)


def names_in(rules: Rules) -> dict[str, Named]:
    """The ids that a community's rules hold, and what each is the id of: people read names."""
    channels = [*rules.channels, *rules.channel_rules, *([rules.room] if rules.room else [])]
    return dict.fromkeys(rules.roles, Named.ROLE) | dict.fromkeys(channels, Named.CHANNEL)


def with_ids(own: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The rules of a community in which some names stand for ids, as they are to be set."""
    values: dict[str, Any] = {}
    for rule in _LISTS:
        if isinstance(own.get(rule), list):
            values[rule] = list(dict.fromkeys(ids.get(str(one), one) for one in own[rule]))
    for rule in _KEYED:
        if isinstance(own.get(rule), dict):
            values[rule] = {ids.get(one, one): part for one, part in own[rule].items()}
    for rule in _SINGLE:
        if own.get(rule) in ids:
            values[rule] = ids[own[rule]]
    return values
