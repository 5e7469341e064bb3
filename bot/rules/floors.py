"""The operator's floors: how strict moderation and how tight limits are at least, whatever a community sets. Pure.

A community may tighten each of these rules; what it may loosen, the operator says ([communities] may_loosen).
They are applied whenever rules are read, so that what was stored before a floor was raised is held by it, too.
"""

from collections.abc import Callable, Container, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator

from bot.rules.rules import ChannelRule, InputsRule, Level, RoleRule, Rules

_MILDEST_FIRST: tuple[Level, ...] = ("relaxed", "standard", "strict")

_INPUTS_MILDEST_FIRST: tuple[InputsRule, ...] = ("any", "checked", "own")

assert set(_MILDEST_FIRST) == set(get_args(Level)), "a level without its place"
assert set(_INPUTS_MILDEST_FIRST) == set(get_args(InputsRule)), "the same"


def _level(own: Rules, floor: Rules) -> Level:
    return max(own.level, floor.level, key=_MILDEST_FIRST.index)


def _inputs(own: Rules, floor: Rules) -> InputsRule:
    return max(own.inputs, floor.inputs, key=_INPUTS_MILDEST_FIRST.index)


def _relaxed_where(own: Rules, floor: Rules) -> bool:
    """An operator who is relaxed is so in age-restricted channels: that is what the level means."""
    return own.relaxed_where_age_restricted and (
        floor.relaxed_where_age_restricted or floor.level == "relaxed"
    )


def _strikes(own: Rules, floor: Rules) -> int:
    """0 never pauses anybody: the mildest of all."""
    return min((n for n in (own.strikes, floor.strikes) if n), default=0)


def _allowed(own: Rules, floor: Rules) -> tuple[str, ...]:
    granted = {word.casefold() for word in floor.allowed_words}
    return tuple(word for word in own.allowed_words if word.casefold() in granted)


# Each rule with a floor, and the stricter of two: of a community's own, and of the operator's.
FLOORS: Mapping[str, Callable[[Rules, Rules], Any]] = {
    "level": _level,
    "relaxed_where_age_restricted": _relaxed_where,
    "allowed_words": _allowed,
    "misread": lambda _, floor: floor.misread,
    "art_nudity": lambda own, floor: own.art_nudity and floor.art_nudity,
    "real_people": lambda own, floor: own.real_people and floor.real_people,
    "insults": lambda own, floor: own.insults and floor.insults,
    "inputs": _inputs,
    "quarantine": lambda own, floor: own.quarantine and floor.quarantine,
    "strikes": _strikes,
    "strikes_window_s": lambda own, floor: max(own.strikes_window_s, floor.strikes_window_s),
    "pause_s": lambda own, floor: max(own.pause_s, floor.pause_s),
    "per_requester": lambda own, floor: min(own.per_requester, floor.per_requester),
    "per_community": lambda own, floor: min(own.per_community, floor.per_community),
    "cooldown_s": lambda own, floor: max(own.cooldown_s, floor.cooldown_s),
}


assert FLOORS.keys() <= Rules.model_fields.keys(), "a floor under no rule"


def _roles(own: Rules, floor: Rules, held: Container[str]) -> dict[str, RoleRule]:
    """No role lifts a limit that the community couldn't lift itself."""
    limits: dict[str, Callable[[Any], Any]] = {
        "cooldown_s": lambda asked: max(asked, floor.cooldown_s),
        "per_requester": lambda asked: min(asked, floor.per_requester),
    }

    def of(role: RoleRule) -> RoleRule:
        asked = {name: getattr(role, name) for name in limits if name in held}
        return role.model_copy(
            update={name: limits[name](value) for name, value in asked.items() if value is not None}
        )

    return {name: of(role) for name, role in own.roles.items()}


def _channels(own: Rules, floor: Rules, held: Container[str]) -> dict[str, ChannelRule]:
    """No channel is milder than the community could be."""
    if "level" not in held:
        return dict(own.channel_rules)
    may_relax = "relaxed_where_age_restricted" not in held or floor.relaxed_where_age_restricted

    def of(rule: ChannelRule) -> ChannelRule:
        if rule.level is None or (rule.level == "relaxed" and may_relax):
            return rule
        return rule.model_copy(update={"level": max(rule.level, floor.level, key=_MILDEST_FIRST.index)})

    return {name: of(rule) for name, rule in own.channel_rules.items()}


def _with_floor(name: str) -> str:
    if name not in FLOORS:
        raise ValueError(f"there is no such floor; there is {', '.join(FLOORS)}")
    return name


Loosened = Annotated[str, AfterValidator(_with_floor)]
MayLoosen = Literal["any"] | tuple[Loosened, ...]


def above(own: Rules, floor: Rules, may_loosen: MayLoosen) -> Rules:
    """A community's rules, none milder than the operator's but where he lets it."""
    names = [name for name in FLOORS if may_loosen != "any" and name not in may_loosen]
    held = {name: FLOORS[name](own, floor) for name in names}
    held |= {"roles": _roles(own, floor, names), "channel_rules": _channels(own, floor, names)}
    # The operator's words are blocked beside a community's own, and never by leave.
    blocked = tuple(dict.fromkeys((*floor.blocked_words, *own.blocked_words)))
    return own.model_copy(update={**held, "blocked_words": blocked})
