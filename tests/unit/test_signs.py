"""What stands in one table of the core is on every surface: signs, buttons, and the types of pictures that are taken."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.model import EXTENSIONS
from bot.ports import Do
from bot.talk.deeds import SIGNS, Sign
from bot.words.words import Words
from integrations.slack.hearing import NAMES
from integrations.web.deeds import ReactBody
from integrations.web.documents import Documents

WEB = Path(__file__).parents[2] / "integrations" / "web"
_LOOKS = "\ufe0f"  # says that a sign is shown in colours; Slack has one name for both


def is_heard_on_the_page(emoji):
    try:
        ReactBody(message=f"{'a' * 26}:main", key="k" * 8, emoji=emoji)
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
    page = Documents(Words(), "Easel", locked=False)._made("index.html", "en")
    told = re.findall(r'accept="([^"]*)"', page)
    assert len(told) == 2
    assert {frozenset(one.split(",")) for one in told} == {frozenset(EXTENSIONS)}
    scripts = "".join(file.read_text("utf-8") for file in (WEB / "page").glob("*.js"))
    assert not re.search(r"image/(?:jpeg|webp)", scripts), "the types stand in one place"
