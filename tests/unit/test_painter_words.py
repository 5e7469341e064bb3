"""What the painter understands, in two languages; what it sets in letters; whose hand it is."""

import random
import re
from itertools import combinations
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.order.pieces import with_avoid
from bot.order.styles import STYLES
from integrations.painter import lettering
from integrations.painter.examples import EXAMPLES
from integrations.painter.korean import in_english
from integrations.painter.lettering import can_be_set, font_of, set_in
from integrations.painter.manners import MANNERS
from integrations.painter.paint import paint, wanted
from integrations.painter.reading import read
from integrations.painter.scene import ashore
from integrations.painter.subject import is_known, title_of
from integrations.painter.vocabulary import COLOURS, IN_ENGLISH, KNOWN, WORDS
from integrations.simulator.catalogue import catalogue
from tests.fakes.paintings import far, opened
from tests.fakes.there import there

SMALL: dict[str, Any] = {"width": 160, "height": 160}


def test_every_word_is_known_in_both_languages_and_means_the_same():
    hangul = re.compile("[가-힣]+")
    for word in WORDS:
        assert word.en.split(), word
        assert word.ko.split(), word
        assert all(hangul.fullmatch(korean) for korean in word.ko.split()), word
        for korean in word.ko.split():
            assert in_english(korean) == IN_ENGLISH[korean], "no particle is torn off it"
            assert KNOWN[IN_ENGLISH[korean]] is word


def test_what_shall_not_be_there_is_not_painted():
    told = with_avoid("a red fox", "snow, a boat")
    vision = read(wanted(told), random.Random(1))
    assert (vision.figures, vision.weather, vision.places) == (("fox",), frozenset(), ())
    assert paint(told, seed=1, **SMALL) != paint("a red fox. Beside: snow, a boat", seed=1, **SMALL)


@pytest.mark.parametrize(
    "prompt",
    [
        "a red fox in the snow", "castles on a hill", "a quiet lake", "in the snow", "snow at night", "a watercolor painting of a cat, wet edges",
        "blue", "blue abstract dreams", "a fox and a dragon", "a fishing village at dawn", "northern lights over a lake", "the sea, dramatic light, 4k", "눈 속의 여우", "한강의 야경", "기타 치는 소녀", "춤추는 고양이",
    ],
)  # fmt: skip
def test_what_can_be_drawn_is_drawn(prompt):
    assert is_known(prompt)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a dragon over a volcano", "a dragon over a volcano"),
        ("a mountain bike, studio light", "a mountain bike"),
        ("an astronaut riding a horse --no text", "an astronaut riding a horse"),
        ("an oil painting of a samurai, thick brush strokes", "a samurai"),
        ("draw me a picture of jazz", "jazz"),
        ("a bowl of ramen. steam", "a bowl of ramen"),
        ("김치찌개 한 그릇", "김치찌개 한 그릇"),
        ("가을의 도깨비", "가을의 도깨비"),
        ("samurai " * 20, " ".join(["samurai"] * 9) + "…"),
    ],
)
def test_what_can_t_be_drawn_is_set_in_the_persons_own_words(prompt, title):
    assert (is_known(prompt), title_of(prompt)) == (False, title)


@pytest.mark.parametrize(
    ("words", "settable"),
    [
        ("a cup of coffee", True),
        ("김치찌개", True),
        ("é ё Ω かな", True),
        ("狐", False),
        ("💥", False),
        ("뷁", False),
        ("  ", False),
    ],
)
def test_words_are_set_where_the_font_has_every_letter(words, settable):
    assert can_be_set(words) is settable


def test_a_poster_shows_the_words_and_the_place_that_is_known():
    """Two that differ in nothing but words that can't be drawn differ below the picture."""
    frame: dict[str, Any] = {"width": 300, "height": 300, "seed": 2}
    plain = {words: opened(paint(words, **frame)).convert("L") for words in ("jazz", "a dragon over the sea")}
    for image in plain.values():
        paper = image.getpixel((4, 150))
        lower = image.crop((22, 200, 280, 290)).point([255 if abs(v - paper) > 60 else 0 for v in range(256)])
        assert ImageStat.Stat(lower).mean[0] > 5, "letters"


@pytest.mark.parametrize("size", [(130, 130), (1024, 256), (256, 1024)])
@pytest.mark.parametrize("words", ["a" * 70, "a dragon", "supercalifragilistic " * 3])
def test_the_words_stay_inside_in_any_shape(size, words):
    paper, image = (250, 250, 250), Image.new("RGB", size, (250, 250, 250))
    box = (10, size[1] // 2, size[0] - 10, size[1] - 10)
    set_in(image, words, box, (0, 0, 0), most_px=40)
    left, top, right, bottom = there(ImageChops.difference(image, Image.new("RGB", size, paper)).getbbox())
    assert (left >= 8, top >= size[1] // 2 - 2, bottom <= size[1] - 6) == (True, True, True)
    assert right <= size[0] - 8


def test_where_the_font_can_t_be_read_only_shapes_are_left(monkeypatch):
    monkeypatch.setattr(lettering, "FONT", "none.woff2")
    font_of.cache_clear()
    assert not can_be_set("jazz")
    assert opened(paint("jazz", **SMALL, seed=0)).size == (160, 160)


STYLED = [style.template.split(" --")[0].replace("{prompt}", "a lighthouse by the sea") for style in STYLES]


def test_each_style_is_another_hand_and_the_same_each_time():
    frame: dict[str, Any] = {"width": 128, "height": 128, "seed": 7}
    pictures = {words: paint(words, **frame) for words in ("a lighthouse by the sea", *STYLED)}
    assert min(far(one, other) for one, other in combinations(pictures.values(), 2)) > 6
    for words in (STYLED[1], STYLED[3], STYLED[7]):  # those with paper and grain
        assert pictures[words] == paint(words, **frame)


@pytest.mark.parametrize("words", ["a lighthouse by the sea", STYLED[0], "a dragon over the sea"])
def test_each_model_is_another_hand(words):
    models = ("gemini-2.5-flash-image", "gpt-image-1.5", "black-forest-labs/flux-2-pro", "stability-ai/sdxl")
    pictures = [paint(words, width=128, height=128, seed=7, model=model) for model in models]
    assert min(far(one, other) for one, other in combinations(pictures, 2)) > 3


def test_every_model_on_sale_has_a_manner_of_its_own_kind():
    assert all(
        any(sign in model.casefold() for one in MANNERS for sign in one.signs) for model in catalogue()
    )


def test_letters_are_clean_in_every_style_and_by_every_model():
    lower = [
        opened(paint(words, width=200, height=200, seed=7, model=model))
        .convert("L")
        .crop((20, 140, 190, 190))
        for words, model in (
            ("a samurai", ""),
            ("a samurai", "flux"),
            ("pixel art of a samurai, crisp", "gpt-image"),
        )
    ]
    assert all(there(image.getextrema())[0] + 120 < image.getextrema()[1] for image in lower)


def test_media_are_known_by_korean_names_too():
    plain, watercolour = (paint(words, **SMALL, seed=1) for words in ("등대", "수채화 등대"))
    assert far(plain, watercolour) > 6


def test_words_of_the_hand_are_nothing_to_be_seen():
    assert read("a fox, shallow depth of field, black ink on white paper", random.Random(0)).places == ()


def test_a_colour_before_a_place_is_the_lands_and_not_the_skys():
    vision = read("a balloon over green hills", random.Random(0))
    assert (vision.land, vision.colours) == (COLOURS["green"], ())


def test_who_stands_by_the_water_has_a_bank_and_a_boat_has_none():
    assert ashore(read("a house by the sea", random.Random(0)))
    assert not ashore(read("a boat on a lake", random.Random(0)))


@pytest.mark.parametrize(
    ("prompt", "figures"),
    [
        ("two penguins", 2),
        ("three foxes in the snow", 3),
        ("고양이 두 마리", 2),
        ("foxes", 1),
        ("two cats and a dog", 2),
    ],
)
def test_as_many_stand_there_as_were_asked_for(prompt, figures):
    assert len(read(in_english(prompt), random.Random(0)).figures) == figures


def test_words_that_mean_something_else_together_are_read_together():
    assert read("northern lights over a lake", random.Random(0)).weather == {"aurora"}
    assert read("a whale under the sea", random.Random(0)).places == ("underwater",)
    assert read("a hot air balloon", random.Random(0)).figures == ("balloon",)


def test_the_examples_are_what_the_painter_knows_in_both_languages():
    for example in EXAMPLES:
        visions = [read(in_english(words), random.Random(0)) for words in (example.en, example.ko)]
        assert is_known(example.en), example
        assert is_known(example.ko), example
        assert visions[0].figures == visions[1].figures, example
