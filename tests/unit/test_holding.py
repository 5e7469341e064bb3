"""Rules by role and by channel: the most generous of several roles, the nearest of a chain, under the operator's word."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from bot.community import house_rules
from bot.community.ceilings import under
from bot.community.holding import NOTHING, holding, is_open, open_places, priority_of
from bot.configuration.settings import Quotas
from bot.errors import BadPrompt, NotAllowed
from bot.job import Placed
from bot.ports import Place, Priority, Requester
from bot.rules.floors import above
from bot.rules.rules import Rules
from bot.talk.admin_rules import CHANNEL_PARTS, ROLE_PARTS, parted, read
from bot.talk.admin_text import AdminText
from bot.talk.answers import Form, Lines, Note
from bot.talk.deeds import Asked, Topic, Typed
from tests.fakes.house import MINI, open_town

MINI_MODEL = "gpt-image-1-mini"

ROLES = {
    "booster": {"models": ["a", "b"], "max_price": 50, "images_max": 4, "cooldown_s": 5, "priority": "fast"},
    "artist": {"models": ["c"], "max_price": 20, "per_requester": 9, "cooldown_s": 60},
    "guest": {"models": ["a"], "images_max": 1, "priority": "relaxed"},
    "everything": {"models": []},
}
RULES = Rules.model_validate({"roles": ROLES, "models": ["z"], "images_max": 2, "cooldown_s": 30})


def person(*roles: str, **more: Any) -> Requester:
    return Requester(surface="chat", community="c", user="u", roles=frozenset(roles), **more)


def place(*chain: str) -> Place:
    return Place(address=None, channel=chain[0], within=chain[1:])


def test_of_several_roles_the_most_generous_wins_and_what_none_names_is_as_for_everyone():
    plain = holding(RULES, person())
    assert (plain.models, plain.images_max, plain.cooldown_s) == (("z",), 2, 30)
    both = holding(RULES, person("booster", "artist"))
    assert (both.models, both.max_price, both.images_max) == (("a", "b", "c"), 50, 4)
    assert (both.cooldown_s, both.per_requester) == (5, 9)
    assert holding(RULES, person("guest", "everything")).models == (), "all"
    assert holding(RULES, person("guest")).images_max == 1, "a role may have less than everyone"
    ranks = {(): "normal", ("guest",): "relaxed", ("guest", "booster"): "fast", ("artist",): "normal"}
    assert {roles: priority_of(person(*roles), RULES).value for roles in ranks} == ranks


def test_the_nearest_of_a_thread_its_channel_and_its_category_wins():
    rules = RULES.changed(
        {
            "channels": ["art"],
            "channel_rules": {
                "rooms": {"open": True, "level": "strict", "models": ["a"]},
                "quiet": {"open": False},
                "wild": {"models": [], "level": "relaxed", "styles": ["ink"]},
            },
        }
    )
    opened = {
        ("art",): True,
        ("thread", "art"): True,
        ("post", "forum", "rooms"): True,
        ("quiet", "rooms"): False,
        ("thread", "quiet", "rooms"): False,
        ("elsewhere",): False,
    }
    assert {chain: is_open(rules, place(*chain)) for chain in opened} == opened
    assert open_places(rules) == ["art", "rooms"]
    thread = holding(rules, person(), place("thread", "lab", "rooms"))
    assert (thread.models, thread.level) == (("a",), "strict")
    wild = holding(rules, person(), place("thread", "wild", "rooms"))
    assert (wild.models, wild.styles, wild.relaxed_where_age_restricted) == ((), ("ink",), True)
    assert wild.level == "standard", "relaxed only where the platform marks it as age-restricted"
    assert holding(rules, person("artist"), place("lab", "rooms")).models == NOTHING, "nothing is in both"
    assert holding(rules, person("booster"), place("lab", "rooms")).models == ("a",)


def test_a_refusal_names_where_one_may_draw():
    rules = Rules(channels=("11", "12"))
    with pytest.raises(NotAllowed) as caught:
        house_rules.assert_place(person(), place("9"), rules, now=0)
    assert (caught.value.reason, caught.value.facts["channels"]) == ("channel-closed", "11, 12")
    house_rules.assert_place(person(), place("thread", "12"), rules, now=0)
    house_rules.assert_place(person(moderator=True), place("9"), rules, now=0)


def test_no_role_and_no_channel_lifts_what_the_operator_holds():
    floor = Rules(level="standard", cooldown_s=10, per_requester=3)
    own = floor.changed(
        {
            "roles": {"r": {"cooldown_s": 0, "per_requester": 100, "priority": "fast", "allowance": 10**6}},
            "channel_rules": {"c": {"level": "relaxed"}, "d": {"level": "strict"}},
        }
    )
    held = above(own, floor, ())
    assert (held.roles["r"].cooldown_s, held.roles["r"].per_requester) == (10, 3)
    assert (held.channel_rules["c"].level, held.channel_rules["d"].level) == ("standard", "strict")
    assert above(own, floor, "any").roles["r"].cooldown_s == 0
    stranger = under(own, person(), Quotas(communities="any"))
    assert stranger.roles["r"].priority is Priority.NORMAL, "strangers don't go before named communities"
    named = under(own, person(), Quotas(communities=("c",)))
    assert named.roles["r"].priority is Priority.FAST


def test_what_moderators_type_is_read_by_part():
    words = [
        "@Server",
        "Booster",
        "allowance:1000",
        "models:flux-2-pro,",
        "gpt-image-1-mini",
        "priority:fast",
        "max_price:any",
    ]
    name, given = parted(words, ROLE_PARTS)
    assert name == "@Server Booster"
    assert given is not None
    assert {part: read(part, text) for part, text in given.items()} == {
        "allowance": 1000,
        "models": ["flux-2-pro", "gpt-image-1-mini"],
        "priority": "fast",
        "max_price": 10**12,
    }
    assert parted(["@booster", "off"], ROLE_PARTS) == ("@booster", None)
    assert parted(["#art", "closed"], CHANNEL_PARTS) == ("#art", {"open": "closed"})
    assert parted(["#art", "level:strict", "closed"], CHANNEL_PARTS)[1] == {
        "level": "strict",
        "open": "closed",
    }
    assert read("open", "closed") is False
    for wrong in (["@x", "alowance:5"], ["#art", "priority:fast"]):
        with pytest.raises(BadPrompt):
            parted(wrong, CHANNEL_PARTS)
    with pytest.raises(BadPrompt):
        read("priority", "first")


async def test_a_role_is_set_part_by_part_shown_and_taken_away(tmp_path):
    async with open_town(tmp_path) as town:
        admin = AdminText(town.app.desk, town.app.rulemaking, town.app.words)

        async def say(text: str) -> str:
            lines, _ = await admin.answer(town.mod, text, person_of=lambda _: None, key=text)
            return "\n".join(lines)

        assert "allowance:900" in await say("role r1 allowance:900 images:1")
        told = await say("role r1 priority:relaxed cooldown:30s")
        assert all(part in told for part in ("allowance:900", "images:1", "priority:relaxed", "cooldown:30"))
        assert "images" not in await say("role r1 images:default")
        await say("channel c1 closed level:strict")
        assert "c1 · level:strict closed" in await say("roles")
        rules = await town.app.studio.rules(town.person(roles=frozenset({"r1"})))
        assert rules.cooldown_s == 30
        await say("role r1 off")
        await say("channel c1 off")
        assert (await town.app.studio.rules(town.person())).roles == {}


async def test_moderators_who_change_rules_at_once_lose_none(tmp_path):
    """Each names another role, another part of one role, or another channel: all of it stands at the end."""
    async with open_town(tmp_path) as town:
        rulemaking = town.app.rulemaking
        parts = {"allowance": 900, "images_max": 2, "cooldown_s": 5, "max_price": 50}
        await asyncio.gather(
            *(rulemaking.set_part(town.mod, "roles", f"r{n}", {"allowance": n}) for n in range(5)),
            *(rulemaking.set_part(town.mod, "roles", "one", {part: value}) for part, value in parts.items()),
            *(rulemaking.set_part(town.mod, "channel_rules", f"c{n}", {"level": "strict"}) for n in range(5)),
            *(rulemaking.allow_word(town.mod, word) for word in ("kiwi", "plum", "fig")),
        )
        own = (await rulemaking.settings(town.mod))[1]
        assert own["roles"] == {f"r{n}": {"allowance": n} for n in range(5)} | {"one": parts}
        assert set(own["channel_rules"]) == {f"c{n}" for n in range(5)}
        assert sorted(own["allowed_words"]) == ["fig", "kiwi", "plum"]


async def test_models_forms_and_suggestions_are_those_of_the_channel_one_is_in_and_of_ones_own_roles(
    tmp_path,
):
    async with open_town(tmp_path) as town:
        await town.rules(
            models=["flux-2-pro", "gpt-image-1"],
            default_model="gpt-image-1",
            styles=["anime"],
            channel_rules={"ink": {"models": [MINI_MODEL], "styles": ["watercolor"]}},
            roles={"guest": {"models": ["flux-2-pro"]}},
        )
        talk, numbers = town.app.talk, itertools.count()

        async def seen(
            channel: str, *, within: tuple[str, ...] = (), roles: tuple[str, ...] = ()
        ) -> set[str]:
            """Names of models and styles that anything offers there; each way must offer the same."""
            who = town.person(roles=roles)
            there = Place(address=None, channel=channel, within=within)
            asked = Asked(who=who, place=there, key=f"a{next(numbers)}", topic=Topic.CREATE)
            form = await talk.do(asked)
            told = await talk.do(replace(asked, key=f"a{next(numbers)}", topic=Topic.MODELS))
            assert isinstance(form, Form), form
            assert isinstance(told, Lines)
            models = [one.label for one in form["model"].choices]
            styles = [one.value for one in form["style"].choices]
            offered = [one.label for one in await talk.suggest(who, "model", "", place=there)]
            looks = [one.value for one in await talk.suggest(who, "style", "", place=there)]
            assert sorted(offered) == sorted(models) == sorted(row.label for row in told.rows)
            assert looks == styles
            return {*models, *styles}

        assert await seen("general") == {"flux-2-pro", "gpt-image-1", "anime"}
        assert await seen("general", roles=("guest",)) == {"flux-2-pro", "anime"}, "whoever asked before"
        assert await seen("ink") == {MINI_MODEL, "watercolor"}
        assert await seen("thread", within=("ink",)) == {MINI_MODEL, "watercolor"}
        assert (await town.ask(text="a red fox", channel="ink")).order.model.endswith(MINI_MODEL), (
            "the form's is what is drawn"
        )


class Phonebook:
    """A surface that knows two channels and a role."""

    name = "discord"
    ids: ClassVar = {"#art": "C1", "art corner": "C2", "booster": "R1", "C1": "C1", "C2": "C2", "R1": "R1"}

    async def find(self, who, kind, typed):
        del who, kind
        return self.ids.get(typed)


async def test_a_name_that_was_kept_in_place_of_an_id_is_known_when_it_would_close_a_channel(tmp_path):
    """Names with blanks too; a channel that was deleted stays as it is, and what can't be told now changes nothing."""
    async with open_town(tmp_path) as town:
        await town.rules(
            channels=["#art", "art corner", "C9"],
            roles={"booster": {"images_max": 2}},
            channel_rules={"#art": {"level": "strict"}},
        )
        numbers = itertools.count()

        async def asks(channel: str):
            deed = Typed(
                who=town.person(),
                place=Place(address=None, channel=channel),
                key=f"t{next(numbers)}",
                text=MINI,
            )
            return await town.app.talk.do(deed)

        assert isinstance(await asks("C1"), Note), "nobody can tell now"
        town.clock.now_s += 601
        surfaces: dict[str, Any] = town.app.surfaces
        surfaces["discord"] = Phonebook()
        assert isinstance(await asks("C1"), Placed)
        own = (await town.app.rulemaking.settings(town.mod))[1]
        assert own["channels"] == ["C1", "C2", "C9"]
        assert own["roles"] == {"R1": {"images_max": 2}}
        assert own["channel_rules"] == {"C1": {"level": "strict"}}
        assert isinstance(await asks("C2"), Placed)
        closed = await asks("C3")
        assert isinstance(closed, Note)
        assert closed.names.keys() == {"C1", "C2", "C9"}, (
            "where one may draw, by names where a surface shows them"
        )
