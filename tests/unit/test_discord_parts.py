"""The pure parts of the surface `discord`: text, cards, limits, forms, settings."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.limits.budgets import Reach
from bot.order.prompts import parse
from bot.ports import MAIN, Action, Address, Card, Do, Handle, Phase, Pick, Picture
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.deeds import Begun
from integrations.discord import commands, forms
from integrations.discord._limits import (
    GLOBAL_PER_S,
    GLOBAL_WINDOW_S,
    INVALID_MOST,
    INVALID_WINDOW_S,
    Credential,
    left_in,
    rate_limits,
)
from integrations.discord._text import cut, harmless, plain
from integrations.discord._wire import _logged
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import Shown, control_of, custom_id, files_of, message_of, named_in
from integrations.discord.handles import counts_down
from integrations.discord.invite import PERMISSIONS, link_of
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import limits as discords
from tests.fakes.discord.errors import Problems
from tests.fakes.there import there

JOB = "01m7za57f5evfned4t7d0apt9v"


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a red fox", "a red fox"),
        ("**b** _i_ ~~s~~", r"\*\*b\*\* \_i\_ \~\~s\~\~"),
        ("||x|| `y`", r"\|\|x\|\| \`y\`"),
        ("<@1> <#2> <t:0:R>", r"\<@1> \<#2> \<t:0:R>"),
        ("[a](https://x.example)", r"\[a\](https\://x.example)"),
        ("# head", r"\# head"),
        ("> quote", r"\> quote"),
        ("-# small", r"\-# small"),
        ("1. one", r"1\. one"),
        ("16:9 f-stop", "16:9 f-stop"),
        ("@everyone @here", "@\u200beveryone @\u200bhere"),
        ("a\nb\r\n\tc", "a b c"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("\\*", r"\\\*"),
        ("👩\u200d🎨", "👩\u200d🎨"),
    ],
)
def test_what_was_typed_is_shown_letter_by_letter(typed, shown):
    assert harmless(typed) == shown


@given(st.text(max_size=60))
def test_no_sign_of_markdown_stays_bare(text):
    made = harmless(text)
    bare = made.replace("\\\\", "")
    assert all(bare[i - 1] == "\\" for i, c in enumerate(bare) if c in "*_~|`[]<")
    assert "\n" not in made
    assert "@everyone" not in made.lower()


@given(st.text(max_size=60), st.integers(2, 30))
def test_a_cut_fits_and_leaves_no_half_escape(text, limit):
    made = cut(harmless(text), limit)
    assert len(made) <= limit
    assert not made.endswith("\\…")


def test_a_line_for_places_without_markdown_has_no_backslashes():
    assert plain("a *b*\u202e\n c") == "a *b* c"


# ── Cards ────────────────────────────────────────────────────────────────────────────────────────────

words = st.text(max_size=400)
actions = st.lists(
    st.builds(Action, do=st.sampled_from(list(Do)), label=st.text(max_size=120), index=st.integers(0, 4)),
    max_size=9, unique_by=lambda a: (a.do, a.index),
)  # fmt: skip
cards = st.builds(
    Card, job=st.just(JOB), version=st.just(1), requester=words, prompt=st.text(max_size=2000), headline=words,
    sentence=words, facts=st.lists(st.tuples(words, words), max_size=12).map(tuple),
    phase=st.sampled_from(["waiting", "painting", "finished", "over"]), actions=actions.map(tuple),
    ready_at=st.none() | st.floats(0, 2e9), spoiler=st.booleans(), private=st.booleans(),
)  # fmt: skip
PICTURE = Picture(key="k", media_type="image/png", width=8, height=8, size_bytes=9, alt="Picture: a fox")


@settings(max_examples=60, deadline=None)
@given(cards, st.integers(0, 4))
def test_discord_takes_every_card(card, pictures):
    """Judged by the limits of the local Discord, which are the documented ones."""
    shown = [Shown(picture=PICTURE, data=b"x", media_type="image/png")] * pictures
    body = message_of(card, shown)
    problems = Problems()
    discords.message(body, problems, {file.name for file in files_of(card, shown)}, "")
    assert problems.tree == {}
    json.dumps(body)


def test_a_picture_stands_in_the_embed_and_a_hidden_one_beside_it():
    card = Card(job=JOB, version=1, phase=Phase.FINISHED)
    shown = [Shown(picture=PICTURE, data=b"x", media_type="image/jpeg")]
    assert message_of(card, shown)["embeds"][0]["image"]["url"] == f"attachment://easel-{JOB}-main-1.jpg"
    hidden = message_of(replace(card, spoiler=True), shown)
    assert "image" not in hidden["embeds"][0]
    assert hidden["attachments"][0]["filename"].startswith("SPOILER_")


def test_a_placeholder_counts_down_only_to_its_picture_and_as_long_as_it_shall_stay():
    painting = Card(job=JOB, version=2, phase=Phase.PAINTING, ready_at=100.0)
    handle = Handle(key="1", data={"message": "1", "ready_at": "103"})
    assert counts_down(painting, handle)
    others = (
        {"gone": True},
        {"tells": True},
        {"measured": True},
        {"ready_at": 110.0},
        {"phase": Phase.FINISHED},
    )
    for other in others:
        assert not counts_down(replace(painting, **other), handle), other
    assert not counts_down(painting, Handle(key="1", data={"message": "1"}))


def test_a_message_is_known_by_its_buttons():
    main = Card(job=JOB, version=1, actions=(Action(do=Do.DELETE, label="Delete"),))
    pick = replace(main, role=Pick(2), actions=(Action(do=Do.ORIGINAL, label="O", index=2), *main.actions))
    assert [named_in(message_of(one)) for one in (main, pick)] == [main.name, pick.name]
    assert named_in({"components": [{"components": [{"custom_id": "of another bot"}]}]}) == named_in({}) == ""
    assert custom_id(Do.DELETE, JOB, 2) == f"v1:delete:{JOB}:2"
    assert [there(control_of(custom_id(Do.DELETE, JOB, n))).role for n in (2, 0)] == [Pick(2), MAIN]
    assert there(control_of(custom_id(Do.ORIGINAL, JOB, 2))).role == MAIN


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_comes_back_from_the_store_as_it_was():
    where = DiscordAddress(app="1", interaction="2", token="t", asked="100.5", channel="3", user="4", bot="1")
    again = DiscordAddress.of(
        Address(surface="discord", data=json.loads(json.dumps(dict(where.address.data))))
    )
    assert again == where
    assert (again.home, again.dm, again.limit_bytes) == (True, False, 10 * 1024 * 1024)
    assert (again.token_lives(200), again.token_lives(1_000.5)) == (True, False)


def test_an_address_of_a_newer_version_can_be_read():
    assert (
        DiscordAddress.of(Address(surface="discord", data={"channel": "1", "something": "new"})).channel
        == "1"
    )


# ── Rate limits ──────────────────────────────────────────────────────────────────────────────────────


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def headers(left, after, **more):
    return left_in({"X-RateLimit-Remaining": str(left), "X-RateLimit-Reset-After": str(after)} | more)


def test_a_spent_bucket_rests_until_its_reset():
    clock = Clock()
    limits = rate_limits(clock)
    assert limits.take_turn("r", Credential.BOT) == 0
    limits.answered("r", Credential.BOT, headers(1, 2))
    assert limits.take_turn("r", Credential.BOT) == 0
    assert limits.take_turn("r", Credential.BOT) == pytest.approx(2, abs=0.1)
    assert limits.take_turn("other", Credential.BOT) == 0
    clock.now += 2.01
    assert limits.take_turn("r", Credential.BOT) == 0


def test_a_global_429_rests_the_bot_but_no_interaction():
    clock = Clock()
    limits = rate_limits(clock)
    limits.refused("r", Credential.BOT, 3, Reach.KIND)
    assert limits.take_turn("other", Credential.BOT) > 2.9
    assert limits.take_turn("webhook", Credential.TOKEN) == 0
    clock.now += 3.01
    assert limits.take_turn("other", Credential.BOT) == 0


def test_a_wall_rests_both_kinds_and_one_call_tries_first_afterwards():
    limits = rate_limits(clock := Clock())
    limits.take_turn("r", Credential.TOKEN)
    limits.refused("r", Credential.TOKEN, 30, Reach.EVERYTHING)
    assert all(limits.take_turn("other", kind) > 29 for kind in Credential)
    clock.now += 30.1
    turns = [limits.take_turn(f"r{n}", kind) == 0 for n in range(5) for kind in Credential]
    assert turns.count(True) == 1
    limits.answered("r0", Credential.BOT, None)
    assert all(limits.take_turn(f"{kind}{n}", kind) == 0 for n in range(5) for kind in Credential)


def test_a_route_of_which_nothing_is_known_is_tried_by_one_call():
    limits = rate_limits(clock := Clock())
    assert [limits.take_turn("r", Credential.BOT) == 0 for _ in range(40)].count(True) == 1
    limits.answered("r", Credential.BOT, headers(4, 5, **{"X-RateLimit-Limit": "5"}))
    assert [limits.take_turn("r", Credential.BOT) == 0 for _ in range(40)].count(True) == 4
    for left in (3, 2, 1, 0):
        limits.answered("r", Credential.BOT, headers(left, 5))
    clock.now += 5.1
    assert [limits.take_turn("r", Credential.BOT) == 0 for _ in range(40)].count(True) == 5


def test_a_route_that_is_refused_again_and_again_rests_longer_whatever_it_is_told():
    limits = rate_limits(clock := Clock())
    sent = 0
    for _ in range(6_000):
        if limits.take_turn("r", Credential.TOKEN) == 0:
            sent += 1
            limits.refused("r", Credential.TOKEN, 0, Reach.ROUTE)
        clock.now += 0.1
    assert sent < 25


def test_above_a_number_of_invalid_calls_everything_stops_until_the_window_allows():
    limits = rate_limits(clock := Clock())
    full = 0
    for _ in range(INVALID_MOST):
        full += limits.note_invalid()
        clock.now += 0.1
    assert full == 1
    assert all(limits.take_turn("r", kind) > 1 for kind in Credential)
    clock.now += limits.stopped_s
    assert limits.take_turn("r", Credential.BOT) == 0
    assert not limits.note_invalid()
    clock.now += INVALID_WINDOW_S
    assert limits.stopped_s == 0


def test_the_bot_stays_below_fifty_requests_a_second():
    limits = rate_limits(clock := Clock())
    taken = sum(limits.take_turn(f"r{n}", Credential.BOT) == 0 for n in range(200))
    assert taken == GLOBAL_PER_S < 50
    clock.now += GLOBAL_WINDOW_S
    assert limits.take_turn("r", Credential.BOT) > 0  # they may arrive only now
    for n in range(GLOBAL_PER_S):
        limits.answered(f"r{n}", Credential.BOT, None)
    assert limits.take_turn("r", Credential.BOT) > 0.9
    clock.now += GLOBAL_WINDOW_S
    assert limits.take_turn("r", Credential.BOT) == 0


def test_answers_that_overtake_one_another_are_not_believed_for_more():
    limits = rate_limits(Clock())
    limits.take_turn("r", Credential.BOT)
    limits.answered("r", Credential.BOT, headers(3, 5))
    limits.answered("r", Credential.BOT, headers(1, 5))
    limits.answered("r", Credential.BOT, headers(2, 5))
    assert [limits.take_turn("r", Credential.BOT) == 0 for _ in range(2)] == [True, False]


def test_no_token_reaches_a_log_line():
    assert _logged("PATCH /webhooks/12/aW50.secret_-x/messages/*") == "PATCH /webhooks/12/…/messages/*"
    assert _logged("POST /interactions/12/aW50secret/callback") == "POST /interactions/12/…/callback"


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────


def form_with(wishes):
    choices = tuple(Choice(value=f"maker/m{n}", label=f"m{n}", note="5 credits") for n in range(40))
    counts = tuple(Choice(value=str(n), label=str(n)) for n in range(1, 5))
    names: dict[str, dict[str, Any]] = {
        "prompt": {"kind": FieldKind.PARAGRAPH, "required": True},
        "model": {"kind": FieldKind.CHOICE, "choices": choices},
        "aspect": {"kind": FieldKind.CHOICE, "follows_model": True},
        "images": {"kind": FieldKind.CHOICE, "follows_model": True, "any_model": counts},
        "negative": {"kind": FieldKind.TEXT},
        "style": {"kind": FieldKind.CHOICE, "choices": (Choice(value="oil", label="oil"),)},
        "private": {"kind": FieldKind.SWITCH},
    }
    fields = tuple(
        Field(name=name, label=name * 20, value=wishes.get(name, ""), **facts)
        for name, facts in names.items()
    )
    return Form(title="t" * 60, fields=fields, model="m0", begun=Begun(parent=JOB))


@given(
    st.dictionaries(
        st.sampled_from(["prompt", "model", "aspect", "negative", "style", "images", "private"]),
        st.text(max_size=5000),
    )
)
@settings(max_examples=50, deadline=None)
def test_discord_takes_every_form(wishes):
    problems = Problems()
    discords.modal(forms.modal_of(form_with(wishes)), problems)
    assert problems.tree == {}


def test_what_a_form_has_no_room_for_stands_as_flags_behind_the_prompt():
    modal = forms.modal_of(form_with({"prompt": "a fox", "style": "oil", "private": "yes", "aspect": "16:9"}))
    text, options = forms.order_of(modal["components"])
    assert parse(text, options).subject == "a fox"
    read = parse(text, options)
    assert (read.style, read.private, read.aspect) == ("oil", True, "16:9")


def test_what_was_chosen_is_always_among_a_lists_25():
    modal = forms.modal_of(form_with({"model": "maker/m39"}))
    (models,) = [c["component"] for c in modal["components"] if c["component"]["custom_id"] == "model"]
    assert models["options"][0] == {
        "label": "m39", "value": "maker/m39", "default": True, "description": "5 credits",
    }  # fmt: skip
    assert len(models["options"]) == 25


def test_a_form_comes_back_as_text_and_options():
    sent = [
        {"type": 18, "component": {"custom_id": "prompt", "value": "a fox"}},
        {"type": 18, "component": {"custom_id": "model", "values": ["maker/flux"]}},
        {"type": 18, "component": {"custom_id": "images", "values": []}},
        {"type": 1, "components": [{"custom_id": "aspect", "value": "16:9"}]},
    ]
    assert forms.order_of(sent) == ("a fox", {"model": "maker/flux", "aspect": "16:9"})


# ── Registration, settings, invitation ───────────────────────────────────────────────────────────────


def test_what_discord_fills_in_is_no_change_and_a_changed_word_is_one():
    ours = {
        "name": "easel",
        "type": 1,
        "description": "x",
        "default_member_permissions": 32,
        "contexts": [0, 1],
    }
    theirs = {
        "id": "1", "application_id": "2", "version": "3", "name": "easel", "type": 1, "description": "x",
        "default_member_permissions": "32", "contexts": [1, 0], "nsfw": False, "name_localizations": None,
        "dm_permission": True, "options": [],
    }  # fmt: skip
    same = commands._comparable
    assert same([ours]) == same([theirs])
    assert same([ours]) != same([theirs | {"description": "y"}])
    assert same([ours]) != same([theirs | {"name_localizations": {"ko": "이젤"}}])


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_base_url": "discord.com"}, {"gateway_url": "https://x"}, {"guild_ids": ["foxes"]},
        {"shard_ids": [0]}, {"shard_ids": [2], "shard_count": 2}, {"tokn": "x"},
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(wrong):
    with pytest.raises(ValidationError):
        DiscordSettings(token="t", **wrong)


def test_settings_take_numbers_and_last_slashes():
    made = DiscordSettings(token="t", guild_ids=[42], api_base_url="http://x/api/v10/")
    assert (made.guild_ids, made.api_base_url, made.ready) == (("42",), "http://x/api/v10", True)
    assert not DiscordSettings().ready


def test_the_invitation_asks_for_six_rights_and_two_scopes():
    assert link_of("7") == (
        "https://discord.com/oauth2/authorize?client_id=7"
        f"&permissions={sum(PERMISSIONS.values())}&scope=bot+applications.commands"
    )
    assert len(PERMISSIONS) == 6
