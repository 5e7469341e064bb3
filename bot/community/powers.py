"""Who is a moderator, and what each kind of moderator may do: the one table. Pure.

Moderators' verbs and the room's buttons name what they need; docs/community.md shows the table.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import get_args

from bot.community import quotas
from bot.errors import NotAllowed
from bot.ports import Do, Requester, RoomDo
from bot.rules.rules import Rules


class Rank(IntEnum):
    """What somebody is in a community; each may do all that those below may."""

    MEMBER = 0
    TIDIER = 1  # may remove others' messages, by the platform's own rights
    MODERATOR = 2  # named by the rule `moderators`: a person, a role or a user group
    OWNER = 3  # may run the community, by the platform's own rights


class Power(StrEnum):
    """What a verb or a button needs."""

    TIDY = "tidy"
    JUDGE = "judge"
    RUN = "run"


LEAST: Mapping[Power, Rank] = MappingProxyType(
    {Power.TIDY: Rank.TIDIER, Power.JUDGE: Rank.MODERATOR, Power.RUN: Rank.OWNER}
)
assert set(LEAST) == set(Power), "each power is somebody's"

# What is done in the room about an event; everything else that can be pressed is anybody's.
OF_THE_ROOM: Mapping[RoomDo, Power] = MappingProxyType(
    {
        Do.OPEN: Power.TIDY,
        Do.HIDE: Power.TIDY,
        Do.DISMISS: Power.TIDY,
        Do.RELEASE: Power.JUDGE,
        Do.DISCARD: Power.JUDGE,
        Do.REFUND: Power.JUDGE,
        Do.BLOCK: Power.JUDGE,
        Do.WRONG: Power.JUDGE,
    }
)

assert set(OF_THE_ROOM) == set(get_args(RoomDo)), (
    "each button of the room needs a power, and nothing else does"
)


def judges(do: RoomDo) -> bool:
    """Whether nobody but an owner does it in a matter of their own."""
    match do:
        case Do.RELEASE | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
            return True
        case Do.OPEN | Do.HIDE | Do.DISCARD:
            return False


def rank_of(who: Requester, rules: Rules) -> Rank:
    """What somebody is here. Nobody runs `personal`: everyone's direct messages."""
    if who.community == quotas.PERSONAL:
        return Rank.MEMBER
    if quotas.moderates(who):
        return Rank.OWNER
    named = frozenset(rules.moderators)
    if who.user in named or named & who.roles:
        return Rank.MODERATOR
    return Rank.TIDIER if who.tidies else Rank.MEMBER


def may(who: Requester, power: Power, rules: Rules) -> bool:
    """Whether somebody may do what needs this."""
    return rank_of(who, rules) >= LEAST[power]


def assert_may(who: Requester, power: Power, rules: Rules, *, about: str = "") -> None:
    """Raises NotAllowed; `about` is whom it is about: nobody but an owner judges in their own matter."""
    rank = rank_of(who, rules)
    if rank < LEAST[power]:
        raise NotAllowed("not-moderator" if power is not Power.RUN or rank < Rank.MODERATOR else "not-owner")
    if about and about == who.user and rank < Rank.OWNER:
        raise NotAllowed("not-in-own-matter")
