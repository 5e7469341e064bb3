"""A community's rules beside a newer Easel: what it has set is in nobody's way, and is kept."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.community.rulebook import Rulebook, community_scope, standard_rules
from bot.configuration.settings import ModerationSection, Settings
from bot.rules.rules import Rules
from bot.store import Store, open_store
from tests.fakes.books import NOW, person

ANN = person("ann")
NEWER = {
    "allowance": 7,
    "tomorrow": {"deep": 1},
    "insults": "sometimes",
    "roles": {"artists": {"allowance": 9, "tomorrow": [1]}, "guests": {"exempt": True}},
}


@pytest.fixture
async def store(tmp_path: Path):
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    await store.communities.change(community_scope(ANN), NEWER, actor=ANN, now=NOW)
    yield store
    await store.aclose()


async def test_a_key_that_we_do_not_know_goes_alone_and_a_value_takes_its_rule_with_it(store: Store):
    rules = await Rulebook(Settings(), store).of(ANN)
    assert rules.allowance == 7
    assert rules.insults is True
    assert rules.roles["artists"].allowance == 9, "the rest of a role's rule holds"
    assert rules.roles["guests"].exempt


async def test_rules_can_be_changed_beside_what_a_newer_easel_has_set_and_it_is_kept(store: Store):
    rulebook = Rulebook(Settings(), store)
    assert (await rulebook.change(ANN, lambda _: {"per_requester": 3}, now=NOW)).per_requester == 3
    assert await rulebook.own_values(ANN) == NEWER | {"per_requester": 3}


async def test_what_we_set_ourselves_must_be_right_all_the_same(store: Store):
    for values in ({"tomorrow": {"deep": 2}}, {"roles": {"artists": {"tomorrow": 1}}}, {"insults": "often"}):
        with pytest.raises(ValidationError):
            await Rulebook(Settings(), store).change(ANN, lambda _, v=values: v, now=NOW)
    assert await Rulebook(Settings(), store).own_values(ANN) == NEWER


def test_whatever_the_operators_moderation_and_the_rules_call_alike_is_the_standard():
    set_so = {
        "level": "strict",
        "relaxed_where_age_restricted": True,
        "blocked_words": ("kiwi",),
        "allowed_words": ("plum",),
        "art_nudity": True,
        "real_people": False,
        "insults": False,
        "inputs": "own",
        "quarantine": True,
        "strikes": 2,
        "strikes_window_s": 60,
        "pause_s": 70,
    }
    both = Rules.model_fields.keys() & ModerationSection.model_fields.keys()
    assert set_so.keys() == both, "a new one stands here, too, and in standard_rules"
    standard = standard_rules(Settings(moderation=ModerationSection.model_validate(set_so)))
    assert standard.model_dump(include=both) == set_so
    assert not standard.model_dump(include=both).items() & Rules().model_dump(include=both).items()
