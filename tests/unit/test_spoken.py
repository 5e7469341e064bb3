"""Questions that are said without a command, and words that only begin like one."""

import pytest

from bot.talk.deeds import Topic
from bot.talk.spoken import question_in, without_name


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("credits", (Topic.CREDITS, "")),
        ("Credits?", (Topic.CREDITS, "")),
        ("help", (Topic.HELP, "")),
        ("models", (Topic.MODELS, "")),
        ("defaults --ar 16:9", (Topic.DEFAULTS, "--ar 16:9")),
        ("defaults model=flux", (Topic.DEFAULTS, "model=flux")),
        ("defaults clear", (Topic.DEFAULTS, "clear")),
        ("forget", (Topic.FORGET, "")),
        ("forget yes", (Topic.FORGET, "yes")),
        ("favourites rename a fox to winter", (Topic.FAVOURITES, "rename a fox to winter")),
        ("admin settings", (Topic.ADMIN, "settings")),
        ("admin grant @mina 100", (Topic.ADMIN, "grant @mina 100")),
        ("help poster, 1940s", None),
        ("models on a catwalk", None),
        ("history of rome, fresco", None),
        ("forget-me-nots in a vase", None),
        ("forget me nots in a vase", None),
        ("credits rolling over a film still", None),
        ("defaults of a machine, engraving", None),
        ("admin of a small castle", None),
        ("favourites of the queen", None),
        ("a red fox", None),
        ("", None),
    ],
)
def test_a_topic_counts_alone_or_with_what_can_stand_behind_it(text, question):
    assert question_in(text) == question


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Pixel, a red fox", "a red fox"),
        ("pixel: make it night", "make it night"),
        ("thanks Pixel!", "thanks"),
        ("thank you, pixel", "thank you"),
        ("make it night, Pixel", "make it night"),
        ("a portrait of pixel", "a portrait of pixel"),
        ("pixel art of a fox", "pixel art of a fox"),
        ("Pixel", ""),
        ("Pixel?!", ""),
        ("", ""),
    ],
)
def test_the_name_by_which_it_is_called_is_no_word_of_the_picture(text, left):
    assert without_name(text, "Pixel") == left
