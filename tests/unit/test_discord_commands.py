"""The commands of the surface `discord`: their options come from tables, and what is typed becomes one line."""

import importlib
import warnings
from dataclasses import replace

import pytest

from bot.order.flags import FLAGS, NAMED
from bot.ports import Do, Place, Requester
from bot.talk.deeds import CONFIRMED, Topic
from bot.talk.verbs import VERBS
from bot.words.words import Words
from integrations.discord import commands
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import Control, control_of, custom_id
from tests.fakes.there import there

JOB = "01m7za57f5evfned4t7d0apt9v"

with warnings.catch_warnings():
    # discord.py imports audioop, which Python has put on its list to go.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    chosen = importlib.import_module("integrations.discord.chosen")
    replies = importlib.import_module("integrations.discord.replies")


def registered(flags=FLAGS):
    """What is sent to Discord, by name."""
    return {one["name"]: one for one in commands.registered(Words(), flags=flags)}


def test_the_options_are_the_table_of_flags():
    made = registered()
    options = made["imagine"]["options"]
    images = ["image", "image2", "image3", "image4"]
    assert [one["name"] for one in options] == [
        "prompt", *(flag.name for flag in FLAGS if flag.option), *images,
    ]  # fmt: skip
    assert {(one["type"], *one["file_types"]) for one in options if one["name"] in images} == {(11, "image")}
    suggested = {one["name"] for one in options if one.get("autocomplete")}
    assert suggested == {flag.name for flag in FLAGS if flag.option and flag.suggested}
    (images,) = [one for one in options if one["name"] == "images"]
    assert (images["type"], images["min_value"], images["max_value"]) == (4, 1, 4)
    (defaults,) = [one for one in made["easel"]["options"] if one["name"] == "defaults"]
    names = [one["name"] for one in defaults["options"]]
    assert names == [*(flag.name for flag in FLAGS if flag.is_default), "clear"]


def test_a_new_flag_needs_no_edit_here():
    """Until it has a description of its own, its label is one."""
    seed = replace(NAMED["seed"], option=True)
    made = registered([*(flag for flag in FLAGS if flag.name != "seed"), seed])
    option = made["imagine"]["options"][-5]  # before those of pictures
    assert (option["name"], option["description"]) == ("seed", "Seed")
    assert option["description_localizations"]["ko"] == Words().say("label-seed", "ko")


def test_a_new_language_needs_no_edit_here():
    words = Words()
    words.languages = ("de", "en", "ko", "pt")
    words._spoken |= {"de": words._texts("ko"), "pt": words._texts("ko")}
    (imagine,) = (one for one in commands.registered(words) if one["name"] == "imagine")
    assert imagine["description_localizations"].keys() == {"de", "ko", "pt-BR"}


def test_every_command_says_everything_in_korean_too():
    def parts(one):
        return [one, *(part for option in one.get("options", []) for part in parts(option))]

    every = [part for one in registered().values() for part in parts(one)]
    assert len(every) > 60
    assert [one["name"] for one in every if "ko" not in one["name_localizations"]] == []
    menus = {"Re-roll", "Remix", "Edit this picture"}
    lacking = [
        one["name"]
        for one in every
        if one["name"] not in menus and "ko" not in one["description_localizations"]
    ]
    assert lacking == []


class Person:
    id = 123456789012345678
    display_name = "Tom"


@pytest.mark.parametrize(
    ("verb", "given", "line"),
    [
        (
            "grant",
            {"person": Person, "amount": 50, "memo": "for it"},
            "grant <@123456789012345678> 50 for it",
        ),
        ("take", {"person": Person, "amount": 5, "memo": None}, "take <@123456789012345678> 5"),
        ("allowance", {"amount": 0, "period": "day"}, "allowance 0 day"),
        ("budget", {"amount": None, "period": "day"}, "budget"),
        ("settings", {"name": None, "value": "x"}, "settings"),
        ("settings", {"name": "press", "value": None}, "set press"),
        ("settings", {"name": "press", "value": "requester"}, "set press requester"),
        ("channels", {"channels": "<#1><#2> art"}, "channels 1  2  art"),
        ("channels", {"channels": None}, "channels"),
        ("block", {"person": Person, "time": None, "why": "spam"}, "block <@123456789012345678> spam"),
        ("release", {"job": f" {JOB} "}, f"release {JOB}"),
        ("usage", {"days": None}, "usage"),
        ("audit", {}, "audit"),
    ],
)
def test_options_become_the_line_that_a_moderator_would_type(verb, given, line):
    (known,) = [one for one in VERBS if one.name == verb]
    assert chosen.line_of(known, given) == line


@pytest.mark.parametrize("community", ["personal", "1576569655634427904"])
def test_a_gift_is_for_somebody_of_the_givers_own_community(community):
    """In direct messages, and where somebody has brought the app along, that is no server."""
    where = DiscordAddress(interaction="1", user="2")
    who = Requester(surface="discord", community=community, user="2")
    caller = replies.Caller(who=who, where=where, place=Place(address=where.address))
    given = {"person": Person, "amount": 5}
    asked = there(chosen.deed_of(caller, chosen.Chosen(name="easel", below="gift", given=given), ()))
    assert (asked.text, {one.community for one in asked.people.values()}) == (
        "<@123456789012345678> 5", {community},
    )  # fmt: skip


@pytest.mark.parametrize("do", [*Do, *Topic])
def test_a_control_comes_back_as_it_was_made(do):
    for index in (0, 3):
        assert control_of(custom_id(do, JOB, index)) == Control(do=do, about=JOB, index=index)
    assert control_of(custom_id(do, CONFIRMED)) == Control(do=do, about=CONFIRMED)


def test_a_form_about_a_message_is_told_from_one_about_a_job():
    place = "1234567890123456789m1234567890123456789"
    control = there(control_of(custom_id(Do.EDIT, place)))
    assert (control.about, control.held) == (place, place)
    assert len(custom_id(Do.EDIT, place)) <= 100
    assert there(control_of(custom_id(Do.EDIT, JOB, 2))).held == ""


@pytest.mark.parametrize(
    "strange", ["", "x", f"v1:enlarge:{JOB}", f"v2:reroll:{JOB}", "v1:reroll:", "v1:reroll:a:b"]
)
def test_a_control_of_another_version_is_none(strange):
    assert control_of(strange) is None
