"""The painter keeps its size, its seed and its words."""

import io
import random
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from integrations.painter.paint import paint
from integrations.painter.reading import COLOURS, FIGURES, MOODS, PLACES, WEATHER, read
from integrations.simulator.catalogue import read_wish

SMALL: dict[str, Any] = {"width": 160, "height": 160}


def opened(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def mean(png):
    return ImageStat.Stat(opened(png).convert("RGB")).mean


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
