"""Who is a moderator, and what each kind may do: one table, walked whole."""

import contextlib
import itertools

import pytest

from bot.community.powers import LEAST, OF_THE_ROOM, Power, Rank, assert_may, may, rank_of
from bot.errors import NotAllowed
from bot.ports import Do, Requester
from bot.rules.rules import Rules
from bot.talk.verbs import VERBS

RULES = Rules(moderators=("42", "tom"))


def person(user="mina", *, roles=(), community="club", **facts):
    return Requester(surface="discord", community=community, user=user, roles=frozenset(roles), **facts)


KINDS = {
    Rank.MEMBER: person(),
    Rank.TIDIER: person(tidies=True),
    Rank.MODERATOR: person(roles={"42"}),
    Rank.OWNER: person(moderator=True, tidies=True, roles={"42"}),
}


def test_somebody_is_what_the_platform_and_the_owner_say():
    assert {standing: rank_of(who, RULES) for standing, who in KINDS.items()} == {s: s for s in KINDS}
    assert rank_of(person("tom"), RULES) is Rank.MODERATOR
    for who in KINDS.values():
        there = person(community="personal", moderator=who.moderator, tidies=who.tidies, roles=who.roles)
        assert rank_of(there, RULES) is Rank.MEMBER


def test_each_kind_may_what_the_table_says_and_nothing_else():
    assert set(LEAST) == set(Power)
    for power, who in itertools.product(Power, KINDS.values()):
        allowed = rank_of(who, RULES) >= LEAST[power]
        assert may(who, power, RULES) is allowed
        with contextlib.nullcontext() if allowed else pytest.raises(NotAllowed):
            assert_may(who, power, RULES)


def test_money_and_rules_are_the_owners_alone():
    needs = {verb.name: verb.needs for verb in VERBS}
    of_owners = {
        "settings",
        "grant",
        "take",
        "allowance",
        "budget",
        "models",
        "channels",
        "room",
        "moderators",
    }
    assert {needs[name] for name in of_owners} == {Power.RUN}
    assert {needs[name] for name in ("block", "unblock", "refund", "release", "audit")} == {Power.JUDGE}


def test_who_may_remove_messages_hides_and_dismisses_and_no_more():
    tidier = KINDS[Rank.TIDIER]
    assert {do for do, power in OF_THE_ROOM.items() if may(tidier, power, RULES)} == {
        Do.OPEN, Do.HIDE, Do.DISMISS,
    }  # fmt: skip


def test_nobody_but_an_owner_judges_in_their_own_matter():
    for standing in (Rank.TIDIER, Rank.MODERATOR):
        with pytest.raises(NotAllowed) as refused:
            assert_may(KINDS[standing], Power.TIDY, RULES, about="mina")
        assert refused.value.reason == "not-in-own-matter"
    assert_may(KINDS[Rank.OWNER], Power.JUDGE, RULES, about="mina")
