"""What a community's rules say to moderation: the policy of a channel, and when a person is paused. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.pausing import NEVER, Pausing
from bot.ports import Policy
from bot.rules.rules import InputsRule, Level, Rules

WhenUnavailable = Literal["allow", "refuse"]


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a job's community wants its pictures judged."""

    policy: Policy
    quarantine: bool = False
    inputs: InputsRule = "checked"
    pausing: Pausing = NEVER


def policy_for(
    rules: Rules, *, age_restricted: bool, when_unavailable: WhenUnavailable | None = None
) -> Policy:
    """The policy of one channel.

    Only a channel that the platform itself marks as age-restricted may be relaxed, and only when the
    community says so; "relaxed" anywhere else means standard.
    """
    return Policy(
        level=_level(rules, age_restricted=age_restricted),
        blocked_words=rules.blocked_words,
        allowed_words=rules.allowed_words,
        misread=rules.misread,
        art_nudity=rules.art_nudity,
        real_people=rules.real_people,
        insults=rules.insults,
        when_unavailable=when_unavailable,
    )


def _level(rules: Rules, *, age_restricted: bool) -> Level:
    wants_relaxed = rules.level == "relaxed" or rules.relaxed_where_age_restricted
    if age_restricted and wants_relaxed:
        return "relaxed"
    return "standard" if rules.level == "relaxed" else rules.level


def pausing_of(rules: Rules) -> Pausing:
    """When refusals pause a person here."""
    return Pausing(strikes=rules.strikes, window_s=rules.strikes_window_s, pause_s=rules.pause_s)


def paused_until(struck_at: Iterable[float], rules: Rules, *, now: float) -> float | None:
    """Until when a person is paused by refusals at these times; None: not at all."""
    return pausing_of(rules).until(struck_at, now=now)
