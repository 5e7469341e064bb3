"""The pure parts of the talk: what is suggested while somebody types, and words that are said."""

from pathlib import Path

import pytest

from bot.model import Model, Rate
from bot.ports import Place, Requester
from bot.studio.counter import Offer
from bot.talk import suggestions
from bot.talk.deeds import Asked, Topic, asked
from bot.talk.forms import _Writer
from bot.talk.reports import models_answer
from bot.talk.spoken import question_in
from bot.words.words import Words


def offer(name, price, *, default=False, **parameters):
    model = Model(id=f"maker/{name}", provider="p", maker="Maker", credits=price, parameters=parameters)
    return Offer(model=model, credits=price, is_default=default)


OFFERS = [offer(f"m{n:02}", n) for n in range(40)] + [
    offer("gpt", 50, default=True, quality=("low", "high"), size=("1024x1024",)),
    offer("flux", 60, aspect_ratio=("1:1", "16:9")),
]


def price(one):
    return f"{one.credits} credits"


def test_at_most_25_models_the_default_first():
    found = suggestions.models(OFFERS, "", price)
    assert len(found) == 25
    assert (found[0].label, found[0].note, found[0].value) == ("gpt", "50 credits", "maker/gpt")
    assert [one.value for one in suggestions.models(OFFERS, "FLU", price)] == ["maker/flux"]
    assert suggestions.models(OFFERS, "nothing", price) == []


def test_a_list_keeps_what_was_typed_before_its_last_comma():
    found = suggestions.listed_models(OFFERS, "gpt, FLU", price)
    assert [(one.value, one.note) for one in found] == [("gpt, flux", "60 credits")]


def test_values_are_those_of_the_chosen_model_or_the_default():
    def values(option, model, typed=""):
        found = suggestions.values(OFFERS, option, typed, model=model, styles=("anime", "oil"))
        return [one.value for one in found]

    assert values("quality", "") == ["low", "high"]
    assert values("quality", "flux") == []
    assert values("aspect", "maker/flux") == ["1:1", "16:9"]
    assert "9:16" in values("aspect", "gpt")
    assert values("style", "", "OI") == ["oil"]


def test_a_value_that_costs_says_what():
    rates = (Rate(when={"quality": ("high",)}, credits=211), Rate(when={"quality": ("low",)}, credits=6))
    model = Model(
        id="m", provider="p", credits=53, rates=rates, parameters={"quality": ("low", "high", "auto")}
    )
    dear = Offer(model=model, credits=53, price=lambda listed: 2 * listed)
    found = suggestions.values([dear], "quality", "", model="", styles=(), price=str)
    assert [(one.value, one.note) for one in found] == [("low", "12"), ("high", "422"), ("auto", "106")]
    assert dear.range == (12, 422)
    writer = _Writer(words=Words("en"), language="", values={}, offers=[dear], offer=dear, styles=())
    field = next(field for field in writer.flags() if field.name == "quality")
    assert [choice.note for choice in field.choices] == ["12 credits", "422 credits", "106 credits"]
    counts = next(field for field in writer.flags() if field.name == "images")
    assert {choice.note for choice in counts.choices} == {""}
    (row,) = models_answer([dear], Words("en")).rows
    assert row.value == "12 to 422 credits"
    assert row.detail.startswith("--quality (low 12, high 422, auto 106), --n")
    assert [
        one.note for one in suggestions.values(OFFERS, "quality", "", model="gpt", styles=(), price=str)
    ] == ["", ""]


def test_settings_are_found_by_any_letters():
    assert [one.value for one in suggestions.settings("max pri")] == ["max_price"]


WHO = Requester(surface="s", community="c", user="u")
HERE = Place(address=None)


@pytest.mark.parametrize(
    ("text", "topic", "rest"),
    [
        ("credits", Topic.CREDITS, ""),
        (" Defaults --ar 16:9 ", Topic.DEFAULTS, "--ar 16:9"),
        ("admin grant @mina 5", Topic.ADMIN, "grant @mina 5"),
        ("", Topic.HELP, ""),
    ],
)
def test_a_word_that_names_a_topic_asks(text, topic, rest):
    deed = asked(WHO, HERE, "k", text)
    assert isinstance(deed, Asked)
    assert (deed.topic, deed.text) == (topic, rest)
    assert question_in(text) == ((topic, rest) if text else None)  # nothing said is small talk


@pytest.mark.parametrize("text", ["a red fox", "create a red fox", "creditsfox"])
def test_other_words_are_to_be_drawn_where_they_are_said_and_asked_about_behind_easel(text):
    assert question_in(text) is None
    assert asked(WHO, HERE, "k", text).topic is Topic.HELP


def test_a_surface_of_lines_stays_small():
    """The talk says enough when a whole surface is no longer than this: pictures, words, a room, pages, charts."""
    surface = Path(__file__).parents[1] / "fakes" / "lines.py"
    assert len(surface.read_text(encoding="utf-8").splitlines()) <= 250
