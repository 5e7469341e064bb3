"""The operator's moderation and limits are floors, and what a community saves works: whatever it types."""

import contextlib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.abilities import Named
from bot.community.rulebook import community_scope, person_scope
from bot.errors import BadPrompt, Refusal, ShowFailure, SurfaceError, TooFast, TooMany, UnknownModel
from bot.rules.floors import FLOORS, above
from bot.rules.rules import Rules
from bot.studio.export import packed
from bot.talk.admin_text import AdminText
from bot.words.words import Words
from tests.fakes.house import FOX, Town, open_town

STRICT: dict[str, Any] = {
    "moderation": {"level": "strict", "blocked_words": ["kiwi"], "strikes": 3, "insults": False},
    "limits": {"per_requester": 2, "per_community": 3, "cooldown_s": 5},
    "communities": {},
}


async def say(town: Town, text: str, language: str = "en") -> list[str]:
    mod = town.person("mod", moderator=True, language=language)
    admin = AdminText(town.app.desk, town.app.rulemaking, town.app.words)
    lines, _ = await admin.answer(mod, text, person_of=lambda _: town.person(), key=text)
    return lines


LOOSER = [
    ("level", "relaxed"),
    ("level", "standard"),
    ("relaxed_where_age_restricted", "yes"),
    ("art_nudity", "yes"),
    ("insults", "yes"),
    ("quarantine", "yes"),
    ("allowed_words", "naked"),
    ("strikes", "0"),
    ("strikes", "4"),
    ("strikes_window_s", "60"),
    ("pause_s", "60"),
    ("per_requester", "1000"),
    ("per_community", "1000"),
    ("cooldown_s", "0"),
]


@pytest.mark.parametrize(("name", "text"), LOOSER)
async def test_a_moderator_loosens_nothing_that_the_operator_has_set(tmp_path, name, text):
    async with open_town(tmp_path, **STRICT) as town:
        before = await town.app.studio.rules(town.mod)
        with pytest.raises(BadPrompt) as caught:
            await town.app.rulemaking.set_text(town.mod, name, text)
        assert caught.value.reason == "setting-floor"
        for language in ("en", "ko"):
            assert "may_loosen" in Words(language).refusal(caught.value)
        assert await town.app.studio.rules(town.mod) == before


@pytest.mark.parametrize(("name", "text"), LOOSER)
async def test_what_was_stored_before_is_held_as_well_and_told(tmp_path, name, text):
    async with open_town(tmp_path, **{**STRICT, "communities": {"may_loosen": "any"}}) as free:
        await free.app.rulemaking.set_text(free.mod, name, text)
        (stored,) = await free.store.communities.settings(community_scope(free.mod))
    async with open_town(tmp_path, **STRICT) as town:
        before = await town.app.studio.rules(town.mod)
        scope = community_scope(town.mod)
        await town.store.communities.change(scope, stored, actor=town.mod, now=town.clock())
        assert await town.app.studio.rules(town.mod) == before
        assert any(
            "as far as whoever runs this bot" in line and name in line for line in await say(town, "settings")
        )


TIGHTER = [
    ("real_people", "no"),
    ("strikes", "2"),
    ("pause_s", "7200"),
    ("strikes_window_s", "7200"),
    ("per_requester", "1"),
    ("per_community", "1"),
    ("cooldown_s", "60"),
    ("blocked_words", "plum, fig"),
]


@pytest.mark.parametrize(("name", "text"), TIGHTER)
async def test_a_community_may_be_stricter(tmp_path, name, text):
    async with open_town(tmp_path, **STRICT) as town:
        await town.app.rulemaking.set_text(town.mod, name, text)
        assert name in (await town.app.rulemaking.settings(town.mod))[1]
        assert (await town.app.rulemaking.held(town.mod)).held_back == ()


async def test_the_operator_says_what_may_be_loosened(tmp_path):
    sections = {**STRICT, "communities": {"may_loosen": ["cooldown_s", "per_requester"]}}
    async with open_town(tmp_path, **sections) as town:
        await town.rules(cooldown_s=0, per_requester=9)
        rules = await town.app.studio.rules(town.mod)
        assert (rules.cooldown_s, rules.per_requester) == (0, 9)
        with pytest.raises(BadPrompt):
            await town.rules(level="standard")


async def test_the_floors_hold_for_orders(tmp_path):
    """What was seen: relaxed, nudity in art, no strikes, a thousand at once, no rest between two."""
    async with open_town(tmp_path, **STRICT) as town:
        for name, text in LOOSER:
            with contextlib.suppress(BadPrompt):
                await town.app.rulemaking.set_text(town.mod, name, text)
        for prompt in (
            "a marble sculpture of a nude goddess",
            "a naked woman, explicit porn",
            "porn",
            "a kiwi",
        ):
            with pytest.raises(Refusal) as caught:
                await town.ask(town.person("ann"), prompt)
            assert caught.value.reason == "prompt-refused"
        with pytest.raises(Refusal) as caught:
            await town.ask(town.person("ann"))
        assert caught.value.reason == "paused-strikes"
        await town.ask()
        with pytest.raises(TooFast):
            await town.ask()
        town.clock.now_s += 6
        await town.ask()
        town.clock.now_s += 6
        with pytest.raises(TooMany):
            await town.ask()


async def test_a_community_never_allows_what_the_operator_blocks(tmp_path):
    sections = {**STRICT, "communities": {"may_loosen": "any"}}
    async with open_town(tmp_path, **sections) as town:
        await town.rules(allowed_words=["kiwi"], blocked_words=[])
        with pytest.raises(Refusal) as caught:
            await town.ask(text="a kiwi")
        assert caught.value.reason == "prompt-refused"


WORD = st.sampled_from(["kiwi", "plum", "Fig"])
OWN = st.builds(
    Rules,
    level=st.sampled_from(["strict", "standard", "relaxed"]),
    **dict.fromkeys(
        ("relaxed_where_age_restricted", "art_nudity", "real_people", "insults", "quarantine"), st.booleans()
    ),
    strikes=st.sampled_from([0, *range(2, 101)]),
    strikes_window_s=st.integers(60, 10_000),
    pause_s=st.integers(60, 10_000),
    per_requester=st.integers(1, 1000),
    per_community=st.integers(1, 1000),
    cooldown_s=st.floats(0, 86_400),
    blocked_words=st.lists(WORD, max_size=3).map(tuple),
    allowed_words=st.lists(WORD, max_size=3).map(tuple),
)


@given(own=OWN, floor=OWN)
def test_what_holds_is_never_milder_than_either(own, floor):
    held = above(own, floor, ())
    assert above(held, floor, ()) == held
    let = own.model_copy(update={"blocked_words": held.blocked_words})
    assert above(own, floor, "any") == above(own, floor, tuple(FLOORS)) == let
    for blocked in (own, floor):
        assert set(blocked.blocked_words) <= set(held.blocked_words)
    assert held.cooldown_s == max(own.cooldown_s, floor.cooldown_s)
    assert bool(held.strikes) == bool(own.strikes or floor.strikes)
    assert held.per_requester <= floor.per_requester


def test_every_rule_of_moderation_and_every_limit_has_a_floor():
    """A new one has one, or is named here with its reason."""
    without = {
        "newcomer_wait_s",  # the operator has none
        "blocked_words",  # only added to
        "press", "images_max", "max_price", "models", "styles", "sizes", "channels",  # what may be ordered, where
        "channel_rules",  # theirs only tighten (bot/community/holding.py)
        "gifts",  # no credit is made by one
        "room", "moderators",  # whom the community trusts
        "language", "default_model", "default_aspect",  # no limit at all
        "allowance", "period", "time_zone", "roles", "owners_exempt", "price_factors",  # under ceilings
        "budget", "budget_period", "schedule_before", "budget_before",
    }  # fmt: skip
    assert set(Rules.model_fields) == set(FLOORS) | without


# ── What is saved works ──────────────────────────────────────────────────────────────────────────────

NOTHING_LEFT = [".", "_", "'", "\u200b", "!", "a", "…", " ", "-", "\u202e", "🏻", "%", "1", "x\u200b"]


@pytest.mark.parametrize("word", NOTHING_LEFT)
@pytest.mark.parametrize("name", ["blocked_words", "allowed_words"])
async def test_a_word_that_would_be_found_everywhere_or_nowhere_is_refused(tmp_path, name, word):
    async with open_town(tmp_path) as town:
        with pytest.raises(BadPrompt) as caught:
            await town.rules(**{name: ["kiwi", word]})
        assert caught.value.reason == "setting-word"
        assert Words("ko").refusal(caught.value).endswith(".")
        await town.ask()


WORDS = [Words("en"), Words("ko")]
HOSTILE = [
    "9" * 19, "9" * 24, "9" * 5000, "-1", "0", "1e999", "1.5", "nan", "inf", "-inf", "NaN", "Infinity", "1.0e400",
    ".", "_", "'", "\u200b", "\x00", "\x1b[31m", "\n", "all", "none", "any", "*", "", "[]", "{}", "null", "true",
    '{"x": {"allowance": NaN}}', '{"x": {"allowance": 1e400}}', '{"flux-2-pro": 1e400}', "flux-2-pro=nan",
    '{"": {}}', '{"x": null}', "x=" + "9" * 400, "é" * 300, ",".join(f"w{n}" for n in range(2000)),
    "Middle/Earth", "../../etc/passwd", "/etc/localtime", "UTC\x00", "no-such-model", "١٢٣", "𝟙𝟚", "0x10", "1_000",
    "[" * 10_000, '{"a":' * 5000, "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in Rules.model_fields if not name.endswith("_before")])
async def test_whatever_is_saved_breaks_no_order(tmp_path, name):
    """Every rule with hostile values: refused by a sentence, or saved and every order is answered."""
    async with open_town(tmp_path, quotas={"daily_allowance": 10**9}) as town:
        for number, text in enumerate(HOSTILE):
            try:
                await town.app.rulemaking.set_text(town.mod, name, text)
            except (BadPrompt, UnknownModel) as refusal:
                for words in WORDS:
                    said = words.refusal(refusal)
                    assert "{ $" not in said
                    assert len(said) < 1500
                continue
            await _is_answered(town, number)
            assert (await town.app.rulemaking.held(town.mod)).left_out == ()
            await town.app.rulemaking.set_text(town.mod, name, "default")


async def _is_answered(town: Town, number: int) -> None:
    """An order is taken, or refused for a reason of the rules."""
    with contextlib.suppress(Refusal):
        job = await town.ask(town.person(f"p{number}", roles=["x"]), FOX, key=f"order-{number}")
        await town.draw(town.person(f"p{number}"), "a blue fox") if job.state.ended else await town.fail(job)
    await town.app.studio.models(town.person())
    await town.app.studio.credits(town.person(), movements=3)


STORED = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20),
        st.sampled_from([10**30, -1, ".", "_", "9" * 40, "Mars/Olympus", [], {}, [None], {"x": {"allowance": -1}}]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(values=st.dictionaries(st.sampled_from(sorted(Rules.model_fields)), STORED, min_size=1, max_size=6))
async def test_whatever_is_stored_breaks_no_order_and_is_told(tmp_path_factory, values):
    async with open_town(tmp_path_factory.mktemp("house")) as town:
        values = {name: value for name, value in values.items() if value is not None}
        await town.store.communities.change(
            community_scope(town.mod), values, actor=town.mod, now=town.clock()
        )
        await _is_answered(town, 1)
        held = await town.app.rulemaking.held(town.mod)
        told = "\n".join(await say(town, "settings"))
        for name in held.left_out:
            assert f"{name} is kept in a way that I can't read" in told
        assert set(held.left_out) == set((await town.app.rulemaking.left_out()).get("discord:club", ()))


async def test_all_lifts_a_list(tmp_path):
    async with open_town(tmp_path, styles={"ink": {"template": "{prompt}, ink"}}) as town:
        for name, value in {"channels": "art", "models": "flux-2-pro", "styles": "ink"}.items():
            await town.app.rulemaking.set_text(town.mod, name, value)
            for word in ("all", "ALL", "any", "*"):
                await town.app.rulemaking.set_text(town.mod, name, word)
                assert getattr(await town.app.studio.rules(town.mod), name) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("styles", "gouache"), ("sizes", "1x1"), ("language", "xx"), ("default_aspect", "wide")],
)
async def test_what_nobody_has_is_refused(tmp_path, name, value):
    async with open_town(tmp_path, styles={"ink": {"template": "{prompt}, ink"}}) as town:
        with pytest.raises(BadPrompt):
            await town.app.rulemaking.set_text(town.mod, name, value)


# ── Roles and channels by name ───────────────────────────────────────────────────────────────────────


@dataclass
class Phonebook:
    """A surface that knows its roles and channels."""

    known: dict[tuple[Named, str], str]
    down: bool = False

    async def find(self, who, kind, typed):
        if self.down:
            raise SurfaceError("away", kind=ShowFailure.LATER)
        return self.known.get((kind, typed.strip("@#")))


BOOK = {(Named.ROLE, "Artist"): "118", (Named.ROLE, "118"): "118", (Named.CHANNEL, "art"): "77"}


async def test_a_name_becomes_the_id_that_orders_come_with(tmp_path):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Phonebook(BOOK)  # type: ignore[assignment]  # only its directory is asked
        await town.app.rulemaking.set_text(town.mod, "roles", '{"@Artist": {"allowance": 900}}')
        assert await town.left(town.person("ann", roles=["118"])) == 900
        await town.app.rulemaking.set_text(town.mod, "channels", "#art")
        await town.ask(channel="77")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("roles", '{"Artst": {"allowance": 9}}', "setting-no-role"),
        ("roles", '{"Artist": {"allowance": 9}, "118": {"exempt": true}}', "setting-role-twice"),
        ("channels", "art, lab", "setting-no-channel"),
    ],
)
async def test_a_name_that_means_nothing_is_refused(tmp_path, name, text, reason):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Phonebook(BOOK)  # type: ignore[assignment]  # only its directory is asked
        with pytest.raises(BadPrompt) as caught:
            await town.app.rulemaking.set_text(town.mod, name, text)
        assert caught.value.reason == reason


async def test_what_a_surface_cannot_tell_now_is_kept_as_it_was_typed(tmp_path):
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Phonebook(BOOK, down=True)  # type: ignore[assignment]  # see above
        await town.app.rulemaking.set_text(town.mod, "channels", "lab")
        assert (await town.app.studio.rules(town.mod)).channels == ("lab",)


# ── Rows of another's hand ───────────────────────────────────────────────────────────────────────────

ODD_DEFAULTS = [
    '{"aspect": 3}', '{"tell": 7}', '{"model": ["x"]}', '{"style": null, "quality": []}', '{"size": "\\ud800"}',
    '{"model": "gone", "aspect": "x", "images": "9"}', '{"unknown": {"deep": [1]}}', "[]", "NaN", "",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD_DEFAULTS)
async def test_own_defaults_that_cant_be_read_break_no_order(tmp_path, text):
    async with open_town(tmp_path) as town:
        await stored(town, person_scope(town.person()), text)
        await town.ask()
        packed(await town.app.desk.export(town.person()))
        assert await town.app.studio.set_defaults(town.person(), {"aspect": "16:9"})
        assert (await town.app.studio.defaults(town.person()))["aspect"] == "16:9"


@pytest.mark.parametrize("text", ['{"private": true}', '{"private": {"since": 5}}', '{"private": "yes"}'])
async def test_whoever_wanted_privacy_keeps_it_in_whatever_shape(tmp_path, text):
    async with open_town(tmp_path) as town:
        await stored(town, person_scope(town.person()), text)
        assert (await town.ask()).order.private


@pytest.mark.parametrize("text", ['{"default_model": "\\ud800"}', '{"roles": {"\\ud800": {"exempt": true}}}'])
async def test_half_a_letter_in_stored_rules_keeps_nobody_from_changing_them(tmp_path, text):
    async with open_town(tmp_path) as town:
        await stored(town, community_scope(town.mod), text)
        await town.ask()
        await town.rules(images_max=2)
        assert (await town.app.studio.rules(town.mod)).images_max == 2


async def stored(town: Town, scope: str, text: str) -> None:
    await town.rows(
        "INSERT INTO settings (scope, version, settings_json, changed_at) VALUES (:s, 1, :t, 0)",
        s=scope,
        t=text,
    )


NO_ZONES = ["localtime", "posix/UTC", "right/UTC", "posixrules", "UTC ", "utc", "Asia", "tzdata.zi"]


@pytest.mark.parametrize("zone", NO_ZONES)
async def test_a_zone_that_only_this_machine_knows_is_none(tmp_path, zone):
    async with open_town(tmp_path) as town:
        with pytest.raises(BadPrompt) as caught:
            await town.rules(time_zone=zone)
        assert caught.value.reason == "setting-zone"


async def test_a_zero_below_zero_is_zero_and_a_switch_is_no_number(tmp_path):
    async with open_town(tmp_path) as town:
        assert await town.app.rulemaking.set_text(town.mod, "newcomer_wait_s", "-0") == (
            "newcomer_wait_s",
            "0",
        )
        assert await town.app.rulemaking.set_text(town.mod, "cooldown_s", "-0.0") == ("cooldown_s", "0.0")
        with pytest.raises(BadPrompt):
            await town.app.rulemaking.set_text(town.mod, "roles", '{"x": {"allowance": true}}')


async def test_a_long_value_is_answered_shortly(tmp_path):
    async with open_town(tmp_path) as town:
        for name in ("allowance", "press", "roles", "owners_exempt", "price_factors", "9" * 5000):
            with pytest.raises(BadPrompt) as caught:
                await town.app.rulemaking.set_text(town.mod, name, "9" * 5000)
            assert len(Words("en").refusal(caught.value)) < 1000
