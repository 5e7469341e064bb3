"""Models merged with the configuration, and prompts made exact."""

import pytest

from bot.errors import BadPrompt, ConfigError, NotAllowed, UnknownModel
from bot.model import Model
from bot.order.catalog import Catalog
from bot.order.fitting import taken
from bot.order.openness import Openness
from bot.order.prompts import parse

RATIOS = ("1:1", "16:9", "9:16", "4:3")
GEMINI = Model(
    id="gemini-3-pro-image",
    provider="gw",
    credits=145,
    way="sync",
    parameters={"aspect_ratio": RATIOS, "image_size": ("1K", "2K", "4K")},
)
GPT = Model(
    id="gpt-image-1.5",
    provider="gw",
    credits=38,
    usd_micros=38_000,
    way="sync",
    aliases=("gpt",),
    parameters={
        "size": ("auto", "1024x1024", "1536x1024", "1024x1536"),
        "quality": ("low", "medium", "high"),
        "background": ("auto", "transparent", "opaque"),
    },
)
FLUX = Model(
    id="black-forest-labs/flux-2-pro",
    provider="gw",
    credits=30,
    parameters={"aspect_ratio": RATIOS, "resolution": ("1MP", "2MP", "4MP")},
)
SEEDREAM = Model(
    id="fal-ai/bytedance/seedream/v4.5",
    provider="gw",
    credits=40,
    parameters={"image_size": ("square", "landscape", "portrait", "2K", "4K")},
)
SDXL = Model(id="stability-ai/sdxl", provider="gw", credits=5, images_max=2)
COMFY = Model(
    id="comfy/dream", provider="comfy", credits=1, parameters={"negative_prompt": (), "seed": (), "steps": ()}
)
MODELS = (GEMINI, GPT, FLUX, SEEDREAM, SDXL, COMFY)
NOW = 1_000.0


@pytest.fixture
def catalog():
    return Catalog(
        MODELS,
        default_models=["gone-model", "flux-2-pro", "gpt"],
        styles={"Anime": "{prompt}, anime key visual --quality high --no photo", "Ink": "ink drawing"},
    )


def order(catalog, text, options=None, **kwargs):
    return catalog.order(parse(text, options or {}), now=NOW, **kwargs)


def refusal(catalog, text, **kwargs):
    with pytest.raises(BadPrompt) as error:
        order(catalog, text, **kwargs)
    return error.value


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("black-forest-labs/flux-2-pro", FLUX),
        ("FLUX-2-Pro", FLUX),
        ("gpt", GPT),
        ("v4.5", SEEDREAM),
        ("seedream/v4.5", SEEDREAM),
        (" sdxl ", SDXL),
    ],
)
def test_a_model_is_found_by_id_tail_and_alias_in_any_case(catalog, name, model):
    assert catalog.find(name) == model


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("flux", "flux-2-pro"), ("sdlx", "sdxl"), ("gtp", "gpt-image-1.5"), ("zzzzzz", ""), ("midjourney", "")],
)
def test_an_unknown_model_is_answered_with_the_nearest(catalog, typed, nearest):
    with pytest.raises(UnknownModel) as error:
        catalog.find(typed)
    assert error.value.facts == {"typed": typed, "nearest": nearest}


def test_the_default_gives_way_when_it_is_closed_and_comes_back(catalog):
    assert catalog.unknown_defaults == ("gone-model",)
    assert catalog.default(NOW) == (FLUX, False)
    catalog.openness.close(FLUX.id, until=NOW + 60)
    assert catalog.default(NOW) == (GPT, True)
    assert catalog.default(NOW + 60) == (FLUX, False)


def test_the_providers_own_list_closes_what_it_doesnt_name(catalog):
    catalog.openness.set_open("gw", ["STABILITY-AI/sdxl"])
    assert catalog.open_models(NOW) == (SDXL, COMFY)
    catalog.openness.set_open("gw", None)
    assert catalog.open_models(NOW) == MODELS


def test_with_nothing_open_the_refusal_says_so():
    catalog = Catalog([SDXL])
    catalog.openness.close(SDXL.id, until=NOW + 1)
    with pytest.raises(UnknownModel) as error:
        order(catalog, "a fox")
    assert error.value.reason == "no-models-open"


def test_a_closed_model_named_is_refused_and_as_a_default_passed_over(catalog):
    catalog.openness.close(SDXL.id, until=NOW + 1)
    with pytest.raises(UnknownModel) as error:
        order(catalog, "a fox --model sdxl")
    assert (error.value.reason, error.value.facts) == (
        "model-closed",
        {"model": "sdxl", "nearest": "flux-2-pro"},
    )
    assert order(catalog, "a fox", defaults={"model": "sdxl"}).model == FLUX.id


def test_a_community_may_permit_some_models_only(catalog):
    def permits(model):
        return model in (SDXL, GPT)

    assert order(catalog, "a fox", permits=permits).model == GPT.id
    with pytest.raises(NotAllowed) as error:
        order(catalog, "a fox --model flux-2-pro", permits=permits)
    assert (error.value.reason, error.value.facts["nearest"]) == ("model-not-allowed", "gpt-image-1.5")


def test_an_order_is_whole(catalog):
    made = order(
        catalog, "a fox --ar 16x9 --resolution 2mp --n 4 --private", price=lambda _, listed: listed * 2
    )
    assert (made.provider, made.model, made.prompt, made.subject) == ("gw", FLUX.id, "a fox", "a fox")
    assert dict(made.parameters) == {"aspect_ratio": "16:9", "resolution": "2MP"}
    assert (made.images, made.credits_each, made.credits, made.way) == (4, 60, 240, "async")
    assert (made.private, made.spoiler) == (True, False)
    assert made.typed == "a fox --ar 16x9 --resolution 2mp --n 4 --private"


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("--model gpt --ar 16:9", {"size": "1536x1024"}),
        ("--model gpt --ar 9:16", {"size": "1024x1536"}),
        ("--model gpt --ar 1:1", {"size": "1024x1024"}),
        ("--model gpt --size 1024×1536 -q HIGH", {"size": "1024x1536", "quality": "high"}),
        ("--model v4.5 --ar 21:9", {"image_size": "landscape"}),
        ("--model v4.5 --ar 2:3", {"image_size": "portrait"}),
        ("--model v4.5 --size 2k", {"image_size": "2K"}),
        ("--model gemini-3-pro-image --size 2k --ar 4:3", {"image_size": "2K", "aspect_ratio": "4:3"}),
        ("--model gemini-3-pro-image --image-size 4k", {"image_size": "4K"}),
        ("--model flux-2-pro --size 2mp", {"resolution": "2MP"}),
        ("--model dream --seed 7 --steps 30 --no text", {"seed": 7, "steps": 30, "negative_prompt": "text"}),
        ("--model sdxl", {}),
    ],
)
def test_flags_become_the_models_own_parameters(catalog, text, parameters):
    assert dict(order(catalog, f"a fox {text}").parameters) == parameters


@pytest.mark.parametrize(
    ("text", "reason", "facts"),
    [
        (
            "--model sdxl --ar 1:1",
            "parameter-not-taken",
            {"flag": "--ar", "model": "sdxl", "taken": "--n, --no, --style"},
        ),
        (
            "--quality high",
            "parameter-not-taken",
            {"flag": "--quality", "taken": "--ar, --size, --n, --no, --style"},
        ),
        ("--model gpt --image-size 2K", "parameter-not-taken", {"flag": "--image-size"}),
        ("--seed 4", "parameter-not-taken", {"flag": "--seed"}),
        ("--qualty high", "flag-unknown", {"flag": "--qualty", "nearest": "--quality"}),
        ("--Resolutoin 2MP", "flag-unknown", {"flag": "--Resolutoin", "nearest": "--resolution"}),
        ("--xyzzy", "flag-unknown", {"nearest": ""}),
        ("--resolution", "flag-needs-value", {"flag": "--resolution"}),
        ("--ar 9:1", "flag-value", {"flag": "--ar", "values": "1:1, 16:9, 9:16, 4:3", "nearest": "16:9"}),
        ("--resolution 3MP", "flag-value", {"values": "1MP, 2MP, 4MP", "value": "3MP"}),
        ("--style anim", "flag-value", {"flag": "--style", "nearest": "anime"}),
        ("--n 5", "images-range", {"images": 5, "least": 1, "most": 4}),
        ("--n 0", "images-range", {"images": 0}),
        ("--n 3 --model sdxl", "images-range", {"most": 2}),
        ("--model gpt --ar 1:1 --size 1024x1024", "aspect-or-size", {}),
    ],
)
def test_what_was_typed_and_isnt_taken_is_refused_by_name(catalog, text, reason, facts):
    error = refusal(catalog, f"a fox {text}")
    assert (error.reason, error.facts | facts) == (reason, error.facts)


def test_what_came_from_defaults_is_left_out_where_it_isnt_taken(catalog):
    defaults = {
        "aspect": "16:9",
        "quality": "high",
        "size": "8K",
        "images": "9",
        "style": "nope",
        "private": "true",
    }
    made = order(catalog, "a fox --model sdxl", defaults=defaults)
    assert (dict(made.parameters), made.images, made.private) == ({}, 2, True)
    assert dict(order(catalog, "a fox", defaults=defaults).parameters) == {"aspect_ratio": "16:9"}
    assert order(catalog, "a fox --private=no", defaults=defaults).private is False


def test_a_typed_size_wins_over_a_default_shape(catalog):
    made = order(catalog, "a fox --size 1024x1024 --model gpt", defaults={"aspect": "16:9"})
    assert dict(made.parameters) == {"size": "1024x1024"}


def test_a_style_wraps_the_words_and_its_flags_are_gentle(catalog):
    gpt = order(catalog, "a fox --style ANIME --model gpt --no text")
    assert gpt.prompt == "a fox, anime key visual. Avoid: text, photo"
    assert dict(gpt.parameters) == {"quality": "high"}
    assert dict(order(catalog, "a fox --style anime --quality low --model gpt").parameters) == {
        "quality": "low"
    }
    assert dict(order(catalog, "a fox --style anime").parameters) == {}
    assert order(catalog, "a {x} fox --style ink").prompt == "a {x} fox, ink drawing"
    assert order(catalog, "a fox", defaults={"style": "ink"}).prompt == "a fox, ink drawing"


def test_without_styles_the_flag_is_refused():
    assert refusal(Catalog(MODELS), "a fox --style anime").reason == "style-none"


def test_avoid_is_written_into_the_prompt_where_there_is_no_parameter(catalog):
    assert order(catalog, "a fox! --no text, watermark").prompt == "a fox! Avoid: text, watermark"
    assert order(catalog, "a fox --no text").prompt == "a fox. Avoid: text"


def test_the_config_prices_switches_off_and_adds_models():
    catalog = Catalog(
        [SDXL, GPT],
        config={
            SDXL.id: {"credits": 7, "aliases": ["xl"], "parameters": {"steps": [10, 20]}},
            GPT.id: {"enabled": False},
            "me/mine": {"provider": "gw", "credits": 3, "usd_micros": None},
            "never/there": {"enabled": False},
        },
    )
    assert [(m.id, m.credits) for m in catalog.models] == [(SDXL.id, 7), ("me/mine", 3)]
    assert dict(order(catalog, "a fox --model xl --steps 20").parameters) == {"steps": "20"}


@pytest.mark.parametrize(
    "config",
    [{"gpt-image-15": {"credits": 3}}, {GPT.id: {"credits": -1}}, {GPT.id: {"colour": 1}}],
)
def test_a_config_that_makes_no_sense_stops_the_start(config):
    with pytest.raises(ConfigError, match="models"):
        Catalog([GPT], config=config)


def test_the_configured_provider_serves_a_model_that_two_offer():
    other = Model(id=SDXL.id, provider="replicate", credits=6)
    assert Catalog([SDXL, other]).find("sdxl").provider == "gw"
    assert Catalog([SDXL, other], config={SDXL.id: {"provider": "replicate"}}).find("sdxl") == other


def test_openness_is_per_model_and_provider():
    openness = Openness()
    openness.set_open("gw", [])
    assert not openness.is_open(SDXL, NOW)
    assert openness.is_open(COMFY, NOW)


def test_what_a_model_takes_is_told_by_flags_with_their_values():
    assert dict(taken(GPT).flags)["--size"][1] == "1024x1024"
