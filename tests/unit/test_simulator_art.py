"""The painter keeps its size, its seed and its words."""

import io
import random
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from integrations.painter.asked import IN_THE_SKY, LIGHTS, MEDIA, ON_THE_GROUND, TONES, WEATHERS, asked
from integrations.painter.korean import in_english
from integrations.painter.paint import paint
from integrations.painter.reading import FIGURES, MOODS, PLACES, WEATHER, read
from integrations.painter.vocabulary import COLOURS
from integrations.simulator.catalogue import read_wish
from tests.fakes.paintings import far, mean, opened
from tests.fakes.there import there

SMALL: dict[str, Any] = {"width": 160, "height": 160}


@pytest.mark.parametrize(
    "prompt", ["a red fox in the snow", "a city at night in the rain", "blue abstract dreams"]
)
def test_the_same_words_and_seed_give_the_same_bytes(prompt):
    assert paint(prompt, **SMALL, seed=7) == paint(prompt, **SMALL, seed=7)


def test_another_seed_gives_another_picture():
    one, other = (opened(paint("a red fox in the snow", **SMALL, seed=seed)) for seed in (1, 2))
    assert ImageChops.difference(one, other).getbbox() is not None


@pytest.mark.parametrize("size", [(64, 64), (160, 90), (90, 160), (1, 1), (1300, 200)])
def test_the_picture_has_exactly_the_size_that_was_asked(size):
    assert opened(paint("a lake", width=size[0], height=size[1], seed=0)).size == size


def test_everything_that_a_word_can_mean_can_be_painted():
    meanings = [*FIGURES.items(), *MOODS.items(), *PLACES.items(), *WEATHER.items()]
    for word in {meaning: word for word, meaning in meanings}.values():
        assert opened(paint(f"a {word}", width=130, height=130, seed=3)).mode == "RGB"


@pytest.mark.parametrize("prompt", ["", "   ", "💥", "ein Hase im Wald", "狐", "a" * 5000, "fox " * 500])
def test_any_text_can_be_painted(prompt):
    assert opened(paint(prompt, **SMALL, seed=0)).size == (160, 160)


def test_a_transparent_background_lets_the_corners_show_through():
    image = opened(paint("a blue cat", **SMALL, seed=0, transparent=True))
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((80, 80))[3] == 255


def test_a_night_is_darker_than_a_day_and_blue_is_bluer_than_red():
    assert sum(mean(paint("hills at night", **SMALL, seed=1))) < sum(
        mean(paint("hills at noon", **SMALL, seed=1))
    )
    red, blue = (mean(paint(f"{colour} abstract dreams", **SMALL, seed=1)) for colour in ("red", "blue"))
    assert blue[2] - blue[0] > red[2] - red[0]


def test_a_colour_before_a_figure_is_its_coat_and_not_the_sky():
    vision = read("a blue cat under a golden sky", random.Random(0))
    assert vision.coats == {"cat": COLOURS["blue"]}
    assert vision.colours == (COLOURS["golden"],)


@pytest.mark.parametrize(
    ("model", "parameters", "frame"),
    [
        ("gemini-2.5-flash-image", {}, (1024, 1024)),
        ("gemini-2.5-flash-image", {"aspect_ratio": "16:9"}, (1368, 768)),
        ("gemini-3-pro-image-preview", {"image_size": "4K"}, (4096, 4096)),
        ("gpt-image-1.5", {"size": "1024x1536"}, (1024, 1536)),
        ("gpt-image-1.5", {"size": "auto"}, (1024, 1024)),
        ("black-forest-labs/flux-2-pro", {"resolution": "4MP"}, (2048, 2048)),
        ("fal-ai/bytedance/seedream/v4.5", {"image_size": "portrait"}, (1024, 1536)),
        ("fal-ai/bytedance/seedream/v4.5", {"image_size": "2K"}, (2048, 2048)),
        ("bytedance/seedream-4", {"size": "2K"}, (2048, 2048)),
        ("runwayml/gen4-image", {"aspect_ratio": "16:9", "resolution": "1080p"}, (1920, 1080)),
        ("runwayml/gen4-image", {"aspect_ratio": "9:16"}, (720, 1280)),
    ],
)
def test_size_and_ratio_are_the_models_own(model, parameters, frame):
    assert read_wish({"model": model, "prompt": "a fox", **parameters}).frame_px == frame


# ── From pictures that are given ─────────────────────────────────────────────────────────────────────

DAY = paint("a lake with mountains at noon", width=256, height=192, seed=3)
FOX = paint("a red fox in the garden", width=256, height=256, seed=5)
FRAME: dict[str, Any] = {"width": 256, "height": 192, "seed": 1}


def changed(prompt, *given, **more):
    return paint(prompt, **{**FRAME, **more}, given=given or (DAY,))


def test_the_same_words_seed_and_pictures_give_the_same_bytes_and_others_give_others():
    one = changed("make it night")
    assert one == changed("make it night")
    assert one != changed("make it night", seed=2)
    assert one != changed("make it night", FOX)


@pytest.mark.parametrize(
    ("prompt", "korean"),
    [
        ("make it night", "밤으로 바꿔줘"),
        ("in snow", "눈 속으로"),
        ("in winter", "겨울로 바꿔줘"),
        ("at sunset", "노을로 바꿔줘"),
        ("at dawn", "새벽으로"),
        ("make it rain", "비 오는 날로 바꿔줘"),
        ("make it foggy", "안개를 넣어줘"),
        ("in autumn", "가을로 바꿔줘"),
        ("add a moon", "달을 추가해줘"),
        ("add a sun", "해를 그려줘"),
        ("add a boat", "배를 넣어줘"),
        ("add a tree", "나무를 추가해줘"),
        ("add a cat", "고양이를 추가해줘"),
        ("add flowers", "꽃을 넣어줘"),
        ("add a rainbow", "무지개를 그려줘"),
        ("black and white", "흑백으로"),
        ("sepia", "세피아로 바꿔줘"),
        ("as an oil painting", "유화로"),
        ("as a watercolour", "수채화로 바꿔줘"),
        ("as pixel art", "픽셀 아트로"),
        ("as a pencil sketch", "연필 스케치로"),
        ("on a beach", "해변으로"),
        ("make it red", "빨간색으로 바꿔줘"),
    ],
)
def test_what_the_words_ask_is_seen_in_english_and_in_korean(prompt, korean):
    plain = changed("make it wibbly")
    for words in (prompt, korean):
        assert far(changed(words), plain) > 0.5, words
    assert not asked(korean).plain
    assert replace(asked(korean), edits=True) == replace(asked(prompt), edits=True)


def test_what_only_begins_like_a_word_isn_t_it():
    """The background is no boat, and a wish to do something no sun."""
    assert in_english("배경을 해줘").split()[0] == "배경을"
    assert asked("배경을 멋지게 해줘").plain


@pytest.mark.parametrize(
    ("prompt", "darker", "bluer"),
    [
        ("make it night", True, True),
        ("at sunset", True, False),
        ("make it stormy", True, None),
        ("in snow", False, None),
    ],
)
def test_the_light_is_as_it_was_asked(prompt, darker, bluer):
    before, after = mean(DAY), mean(changed(prompt))
    assert (sum(after) < sum(before)) is darker
    if bluer is not None:
        assert (after[2] / after[0] > before[2] / before[0]) is bluer


def test_black_and_white_has_no_colour_left():
    red, green, blue = opened(changed("black and white", FOX)).convert("RGB").split()
    assert max(ImageChops.difference(red, green).tobytes()) <= 1
    assert max(ImageChops.difference(green, blue).tobytes()) <= 1


def test_pixel_art_is_large_squares_of_few_colours():
    image = opened(changed("as pixel art", FOX, width=960, height=960)).convert("RGB")
    assert len(there(image.crop((0, 0, 960, 900)).getcolors(4096))) <= 40


def test_what_is_painted_in_leaves_the_rest_as_it_is():
    """A boat is a boat, and no other lake."""
    plain, boat = opened(DAY).convert("RGB"), opened(changed("add a red boat")).convert("RGB")
    difference = ImageChops.difference(plain, boat).convert("L").point([0] * 25 + [255] * 231)
    share = ImageStat.Stat(difference).mean[0] / 255
    assert 0.005 < share < 0.25


def test_several_pictures_all_stand_in_one():
    red, green, blue = (_plain(colour) for colour in ((200, 30, 30), (30, 200, 30), (30, 30, 200)))
    image = opened(changed("put them together", red, green, blue, width=300, height=100)).convert("RGB")
    seen = [tuple(image.crop((x, 40, x + 1, 41)).tobytes()) for x in (40, 150, 260)]
    assert [colour.index(max(colour)) for colour in seen] == [0, 1, 2]


def test_a_style_is_taken_from_the_second_picture():
    blue = _plain((20, 40, 190))
    one, other = mean(changed("add nothing")), mean(changed("in the style of the second", DAY, blue))
    assert other[2] - other[0] > one[2] - one[0] + 10


def test_words_that_describe_what_is_there_vary_it_and_add_nothing():
    described = changed("a red fox in the garden", FOX, height=256)
    assert 0.5 < far(described, FOX) < 60


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("size", [(64, 64), (300, 100), (100, 300)])
def test_any_number_in_any_shape_fills_the_frame(count, size):
    image = opened(changed("make it night", *[DAY] * count, width=size[0], height=size[1]))
    assert image.size == size


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (1300, 200)])
@pytest.mark.parametrize(
    "prompt", ["in snow", "oil painting", "watercolour", "pixel art", "sketch", "cartoon", "neon"]
)
def test_every_hand_paints_every_size(prompt, size):
    assert opened(changed(prompt, width=size[0], height=size[1])).size == size


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "1"])
def test_a_picture_of_any_kind_can_be_given(mode):
    out = io.BytesIO()
    opened(DAY).convert(mode).save(out, "PNG")
    assert opened(changed("add a moon", out.getvalue())).mode == "RGB"


@pytest.mark.parametrize("prompt", ["", "💥", "make " * 500, "밤", "ㅋㅋㅋ", "make it " + "x" * 5000])
def test_any_words_can_be_asked_of_a_picture(prompt):
    assert opened(changed(prompt)).size == (256, 192)


def test_everything_that_a_word_can_ask_is_painted():
    tables = (LIGHTS, WEATHERS, IN_THE_SKY, ON_THE_GROUND, MEDIA, TONES, FIGURES)
    for word in {(id(table), meaning): word for table in tables for word, meaning in table.items()}.values():
        assert far(changed(f"make {word}", width=96, height=72), DAY) > 0, word


def _plain(colour):
    out = io.BytesIO()
    Image.new("RGB", (120, 120), colour).save(out, "PNG")
    return out.getvalue()
