"""Easel's own styles: each changes what each service is sent, has its names and its picture, and gives way to an operator's."""

import json
from importlib.resources import files

import pytest
from PIL import Image

from bot.errors import BadPrompt
from bot.order.catalog import Catalog
from bot.order.prompts import parse
from bot.order.styles import STYLES, ships, with_own
from bot.plugins import PROVIDERS, names
from bot.words.words import Words
from docs import examples_look
from docs.make import ROOT
from integrations.painter.examples import EXAMPLES
from integrations.painter.paint import paint
from integrations.providers import _models

FOX = "a red fox"


def catalog_of(*models, **own):
    return Catalog(models, styles=with_own(own))


def made(catalog, text, **kwargs):
    return catalog.order(parse(text), now=0.0, **kwargs)


def every_services_models():
    """A model of every service that has a file of models."""
    for file in sorted((ROOT / "integrations" / "providers").glob("*_models.toml")):
        found = _models.load(file.name, provider=file.name.removesuffix("_models.toml")).models
        usable = [
            model for model in found if not model.inputs_min and not model.upscales and not model.needs_mask
        ]
        yield from usable[:1]


def test_each_style_changes_what_every_service_is_sent():
    assert len(STYLES) == 8
    assert len(list(every_services_models())) > 7
    for model in every_services_models():
        catalog = catalog_of(model)
        plain = made(catalog, FOX)
        sent = {style.name: made(catalog, f"{FOX} --style {style.name}") for style in STYLES}
        assert (
            len({(order.prompt, json.dumps(dict(order.parameters))) for order in (plain, *sent.values())})
            == 9
        )
        for style in STYLES:
            assert FOX in sent[style.name].prompt
            assert style.after in sent[style.name].prompt
            assert sent[style.name].credits == plain.credits, "a look costs nothing"
            if style.native and "style_preset" in model.parameters:
                assert sent[style.name].parameters["style_preset"] == style.native


def test_a_typed_preset_goes_before_the_styles():
    stable = next(m for m in every_services_models() if m.provider == "stability")
    order = made(catalog_of(stable), f"{FOX} --style anime --style-preset origami")
    assert order.parameters["style_preset"] == "origami"


def test_a_style_is_found_by_all_of_its_names():
    catalog = catalog_of(next(every_services_models()))
    for style in STYLES:
        for name in style.also:
            assert (
                made(catalog, f"{FOX} --style {name}").prompt
                == made(catalog, f"{FOX} --style {style.name.upper()}").prompt
            )
            assert catalog.style_name(parse(f"{FOX} --style {name}")) == style.name


def test_an_operators_style_goes_before_and_an_empty_one_takes_one_away():
    own = with_own({"Anime": "{prompt}, mine", "oil": "", "gouache": "{prompt}, gouache"})
    assert (own["anime"], "oil" in own, "gouache" in own) == ("{prompt}, mine", False, True)
    assert not ships("anime", own["anime"])
    assert ships("ink", own["ink"])
    catalog = catalog_of(next(every_services_models()), oil="")
    with pytest.raises(BadPrompt) as caught:
        made(catalog, f"{FOX} --style oil")
    assert caught.value.reason == "flag-value"


def test_each_style_has_its_name_in_every_language_and_its_picture():
    words = Words()
    for style in STYLES:
        assert all(words.knows(f"style-{style.name}", language) for language in words.languages)
        with Image.open(str(files("integrations.web") / "page" / "styles" / f"{style.name}.jpg")) as picture:
            assert picture.size == (144, 108)
    assert (ROOT / "docs" / "styles.png").exists()
    assert words.style("gouache") == ""


def test_the_first_screen_shows_what_the_painters_table_says():
    assert examples_look.TABLE.read_text("utf-8") == examples_look.table(), (
        "run: python docs/examples_look.py"
    )
    for example in EXAMPLES:
        with Image.open(examples_look.FOLDER / f"{example.name}.jpg") as picture:
            assert picture.size == (examples_look.WIDTH, examples_look.HEIGHT)


def test_the_painter_paints_each_style_in_its_own_way():
    def painted(words):
        return paint(words, width=48, height=36, seed=1)

    sent = {painted(style.template.split(" --")[0].replace("{prompt}", FOX)) for style in STYLES}
    assert len(sent | {painted(FOX)}) == 9
    assert names(PROVIDERS)
