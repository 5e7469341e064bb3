"""Laws of rows that something else has written: whatever stands in one, it costs nobody but itself."""

import asyncio
import secrets
from dataclasses import fields, replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.model import Order, Source, Use, Where
from bot.store import Store
from tests.contract.store_tomorrow_laws import change, claimed
from tests.fakes.books import NOW, accept, acceptance, person, run

ANN, BOB = person("ann"), person("bob")

# A known field of an order, and what it can't be.
ODD_FIELDS: list[Any] = [
    ("provider", None),
    ("model", ["painter"]),
    ("prompt", 5),
    ("prompt", "half a letter: \ud83e"),
    ("parameters", [1]),
    ("parameters", None),
    ("images", None),
    ("images", "1"),
    ("images", 1.0),
    ("images", True),
    ("images", 0),
    ("images", -1),
    ("credits_each", -4),
    ("credits_each", "4"),
    ("usd_micros_each", 0.5),
    ("way", "pigeon"),
    ("way", ["sync"]),
    ("typed", {}),
    ("negative", None),
    ("subject", {}),
    ("private", "no"),
    ("spoiler", 1),
]
NO_SETTINGS = ["[]", "{", "[1]", "4", "null", '"text"', "[" * 100_000]


async def write_settings(store: Store, scope: str, text: str) -> None:
    await run(store, "UPDATE settings SET settings_json = :kept WHERE scope = :scope", kept=text, scope=scope)


async def add_key(store: Store, name: str, value: str, *, made_at: int) -> None:
    await run(
        store,
        "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, :made_at)",
        name=f"link-key:{name}",
        value=value,
        made_at=made_at,
    )


class OddOrderLaws:
    @pytest.mark.parametrize(("name", "value"), ODD_FIELDS)
    async def test_an_order_with_a_field_of_another_shape_is_never_carried(self, store: Store, name, value):
        bad = f"bad-{secrets.token_hex(6)}"
        await accept(store, bad, now=NOW - 60)
        await accept(store, "good", BOB, now=NOW - 50)
        await change(store, "jobs.order_json", bad, {name: value})
        with capture_logs() as logs:
            assert await claimed(store) == ["good"]
            assert await claimed(store, now=NOW + 60) == ["good"]
            assert await store.jobs.get(bad) is None
        told = [line for line in logs if line["log_level"] == "error"]
        assert [line["row"] for line in told] == [bad], "told once"
        assert name in told[0]["problem"]
        assert str(value) not in told[0]["problem"] or not isinstance(value, str), "a prompt is nobody's log"

    async def test_every_field_of_an_order_comes_back_as_it_was(self, store: Store):
        whole = Order(
            provider="gateway",
            model="painter",
            wire="maker/painter-2",
            prompt="a fox, 여우 🦊",
            parameters={"size": "1024x1024", "seed": 7},
            images=2,
            inputs=1,
            sources=(
                Source(where=Where.ATTACHED, ref="a/여우/1", use=Use.STYLE, surface="slack"),
                Source(where=Where.OURS, ref="j0/2"),
            ),
            credits_each=4,
            usd_micros_each=1000,
            way="sync",
            typed="a fox --no dogs",
            negative="dogs",
            subject="a fox",
            meant="old-painter",
            style="ink",
            shape="16:10",
            private=True,
            spoiler=True,
            young=True,
            tell=True,
        )
        assert not [f.name for f in fields(Order) if getattr(whole, f.name) == f.default], (
            "each says something"
        )
        asked = replace(acceptance("j1", credits=8), order=whole)
        await store.jobs.accept(asked)
        found = await store.jobs.get("j1")
        assert found is not None
        assert found.order == whole


class OddSettingsLaws:
    @pytest.mark.parametrize(
        "life",
        [
            *NO_SETTINGS,
            '{"left_at": {"at": 1}, "surface": "slack", "community": "a"}',
            '{"left_at": "1", "surface": "slack", "community": "a"}',
            '{"left_at": true, "surface": "slack", "community": "a"}',
            '{"left_at": NaN, "surface": "slack", "community": "a"}',
            '{"left_at": null, "surface": "slack", "community": "a"}',
            '{"left_at": 1.0, "surface": 5, "community": "a"}',
            '{"left_at": 1.0, "surface": "slack", "community": ["a"]}',
            '{"left_at": 1.0, "surface": "slack", "community": "\\ud83e"}',
            '{"left_at": 1.0, "surface": "slack"}',
        ],
    )
    async def test_one_community_s_broken_life_keeps_nobody_from_being_forgotten(self, store: Store, life):
        for name in ("a", "b", "c"):
            left = {"left_at": 1.0, "surface": "slack", "community": name}
            await store.communities.change(f"life:{name}", left, actor=ANN, now=NOW)
        await write_settings(store, "life:b", life)
        assert sorted(await store.communities.removed_before(NOW)) == [("slack", "a"), ("slack", "c")]

    async def test_inhabited_is_where_people_s_data_is_and_says_where_easel_was_removed(self, store: Store):
        left = {"left_at": 1.0, "surface": "slack", "community": "left"}
        await store.communities.change("life:left", left, actor=ANN, now=NOW)
        for n, name in enumerate(("left", "here", "here")):
            await accept(store, f"j{n}", who=replace(ANN, community=name))
        await store.communities.change("person:x", {"model": "m"}, actor=replace(ANN, community="b"), now=NOW)
        elsewhere = replace(ANN, surface="discord", community="other")
        await accept(store, "elsewhere", who=elsewhere)
        found = await store.communities.inhabited("slack")
        assert found == {"b": False, ANN.community: False, "here": False, "left": True}
        await store.communities.change("life:left", {"left_at": None}, actor=ANN, now=NOW)
        assert (await store.communities.inhabited("slack"))["left"] is False

    @pytest.mark.parametrize("text", NO_SETTINGS)
    async def test_settings_that_can_t_be_read_are_none_and_setting_one_mends_them(self, store: Store, text):
        scope, other = "community:slack:club", "community:slack:other"
        for one in (scope, other):
            await store.communities.change(one, {"allowance": 5}, actor=ANN, now=NOW)
        await write_settings(store, scope, text)
        assert await store.communities.settings(scope, other) == [{}, {"allowance": 5}]
        assert (await store.communities.before_order(ANN, scope))[0] == [{}]
        after = await store.communities.change(scope, {"allowance": 6}, actor=ANN, now=NOW + 1)
        assert after == {"allowance": 6}
        assert await store.communities.settings(scope) == [{"allowance": 6}]
        assert [one["version"] for one in await store.communities.history(scope)] == [2, 1]

    @pytest.mark.parametrize("text", NO_SETTINGS)
    async def test_a_version_that_can_t_be_read_costs_itself(self, store: Store, text):
        for n in (1, 2, 3):
            await store.communities.change("community:x", {"allowance": n}, actor=ANN, now=NOW + n)
        await run(store, "UPDATE settings_history SET settings_json = :kept WHERE version = 2", kept=text)
        found = await store.communities.history("community:x")
        assert [(one["version"], one["settings"]["allowance"]) for one in found] == [(3, 3), (1, 1)]

    async def test_settings_that_can_t_be_read_are_told_of_once_by_their_scope(self, store: Store):
        scope = f"community:slack:{secrets.token_hex(6)}"
        await store.communities.change(scope, {"allowance": 5}, actor=ANN, now=NOW)
        await write_settings(store, scope, "[1]")
        with capture_logs() as logs:
            for _ in range(3):
                await store.communities.settings(scope)
        assert [(line["log_level"], line["row"]) for line in logs] == [("error", scope)]


class OddKeyLaws:
    @pytest.mark.parametrize("kept", ["no hex", "", "ab" * 31])
    async def test_a_link_key_that_is_none_signs_nothing_and_keeps_no_start(self, store: Store, kept):
        (good,) = (await store.shared.link_keys(now=NOW)).items()
        await add_key(store, "2", kept, made_at=2)
        assert list((await store.shared.link_keys(now=NOW)).items()) == [good]
        await run(store, "UPDATE secrets SET value = :kept", kept=kept)
        replicas = await asyncio.gather(*(store.shared.link_keys(now=NOW) for _ in range(5)))
        assert [list(keys) for keys in replicas] == [["3"]] * 5
        assert len({keys["3"] for keys in replicas} - {good[1]}) == 1
        rows = await run(store, "SELECT value FROM secrets WHERE name <> 'link-key:3'")
        assert [row["value"] for row in rows] == [kept, kept], "left alone"

    async def test_the_newest_link_key_comes_last(self, store: Store):
        await store.shared.link_keys(now=NOW)
        await add_key(store, "0", "cd" * 32, made_at=int(NOW * 1000) + 1)
        assert list(await store.shared.link_keys(now=NOW)) == ["1", "0"]


class OddLaws(OddOrderLaws, OddSettingsLaws, OddKeyLaws):
    """All three."""
