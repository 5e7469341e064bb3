"""What stands in one table of the core is on every surface: signs, buttons, and the types of pictures that are taken."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.pictures.images import EXTENSIONS
from bot.ports import Do
from bot.talk.deeds import SIGNS, Sign
from integrations.discord import pictures
from integrations.slack import forms
from integrations.slack.hearing import NAMES
from integrations.web.deeds import React

WEB = Path(__file__).parents[2] / "integrations" / "web"
_LOOKS = "\ufe0f"  # says that a sign is shown in colours; Slack has one name for both


def is_heard_on_the_page(emoji):
    try:
        React(message=f"{'a' * 26}:main", key="k" * 8, emoji=emoji)
    except ValidationError:
        return False
    return True


def test_slack_has_a_name_for_each_emoji_that_means_something():
    assert set(NAMES.values()) <= set(SIGNS)
    assert {one.strip(_LOOKS) for one in NAMES.values()} == {one.strip(_LOOKS) for one in SIGNS}


@pytest.mark.parametrize("sign", Sign)
def test_each_sign_is_heard_on_the_page(sign):
    spelled = [emoji for emoji, meant in SIGNS.items() if meant is sign]
    assert spelled
    assert all(map(is_heard_on_the_page, spelled))


def test_what_is_no_sign_is_not_taken_for_one():
    assert not is_heard_on_the_page("🦊")


def test_the_page_keeps_buttons_apart_that_there_are():
    told = re.search(r"const SELDOM = (\[[^\]]*\])", (WEB / "page" / "actions.js").read_text("utf-8"))
    assert told is not None
    assert set(re.findall(r'"(\w+)"', told[1])) <= {str(do) for do in Do}


def test_every_place_where_pictures_are_given_takes_the_types_that_are_taken():
    page = (WEB / "templates" / "index.html").read_text("utf-8")
    script = (WEB / "page" / "pictures.js").read_text("utf-8")
    told = [*re.findall(r'accept="(image[^"]*)"', page), *re.findall(r'TYPES = "([^"]*)"', script)]
    assert len(told) == 3
    assert {frozenset(one.split(",")) for one in told} == {frozenset(EXTENSIONS)}
    assert set(EXTENSIONS.values()) <= set(forms._ENDINGS)
    assert {f".{one}" for one in EXTENSIONS.values()} <= set(pictures._ENDINGS)
