"""What may change of a picture, and making one larger: each service gets exactly the bytes that it wants."""

import base64
import dataclasses
import hashlib
import io
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from bot.errors import Reached, Trouble
from bot.model import Model, Order, Use
from bot.pictures import masks
from bot.pictures.masks import see_through
from bot.provider import Finished, Input, Pending, Provider
from integrations.providers import _models
from integrations.providers.bfl import BflSettings, open_bfl
from integrations.providers.comfyui import ComfyUISettings, load_workflows, open_comfyui
from integrations.providers.fal import FalSettings, open_fal
from integrations.providers.gateway import open_gateway
from integrations.providers.gateway_settings import GatewaySettings
from integrations.providers.google import GoogleSettings, open_google
from integrations.providers.openai import OpenAISettings, open_openai
from integrations.providers.openrouter import OpenRouterSettings, open_openrouter
from integrations.providers.replicate import ReplicateSettings, open_replicate
from integrations.providers.stability import StabilitySettings, open_stability
from integrations.providers.xai import XAISettings, open_xai
from tests.contract.provider_contract import error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import bfl, comfyui, drawing, fal, openai, replicate, stability
from tests.fakes.services.pictures import png

SIZE = (96, 64)


def given(data: bytes, use: Use = Use.PICTURE) -> Input:
    digest = hashlib.sha256(data).hexdigest()
    width, height = Image.open(io.BytesIO(data)).size
    return Input(data=data, media_type="image/png", sha256=digest, width=width, height=height, use=use)


def _png(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _mask() -> bytes:
    """Its left half may change, its last column a little."""
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, (0, 0, SIZE[0] // 2, SIZE[1]))
    mask.paste(100, (SIZE[0] - 1, 0, SIZE[0], SIZE[1]))
    return _png(mask)


PICTURE = given(_png(Image.new("RGB", SIZE, "teal")))
MASK = given(_mask(), Use.MASK)


def order(model: Model, **more: Any) -> Order:
    known: dict[str, Any] = {
        "provider": model.provider,
        "model": model.id,
        "wire": model.wire,
        "prompt": "a red hat",
        "parameters": model.defaults,
        "inputs": 1,
        "credits_each": 1,
        "way": model.way,
    }
    return Order(**(known | more))


def model_of(provider: Provider, model_id: str) -> Model:
    return next(model for model in provider.models if model.id == model_id)


async def test_a_mask_becomes_see_through_where_it_may_change():
    clear = Image.open(io.BytesIO(await see_through(MASK.data)))
    assert (clear.format, clear.mode, clear.size) == ("PNG", "RGBA", SIZE)
    alpha = clear.getchannel("A")
    assert [alpha.getpixel((x, 0)) for x in (0, 47, 48, 94, 95)] == [0, 0, 255, 255, 155]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
async def test_a_mask_is_made_grey_whatever_it_was_painted_in(mode):
    painted = Image.open(io.BytesIO(MASK.data)).convert(mode)
    if mode == "RGBA":  # its right quarter is see-through
        painted.paste((0, 0, 0, 0), (72, 0, SIZE[0], SIZE[1]))
    made = Image.open(io.BytesIO(await masks.grey(_png(painted))))
    assert (made.format, made.mode, made.size) == ("PNG", "L", SIZE)
    values = [made.getpixel((x, 0)) for x in (0, 47, 48, 71, 80)]
    assert values == [255, 255, 0, 0, 255 if mode == "RGBA" else 0]
    assert await masks.grey(MASK.data) == MASK.data, "what is grey stays as it is"
    clear = Image.open(io.BytesIO(await see_through(_png(painted)))).getchannel("A")
    assert [clear.getpixel((x, 0)) for x in (0, 60)] == [0, 255]


async def test_openai_gets_the_picture_as_it_is_and_a_mask_with_an_alpha_channel():
    async with openai.running() as there:
        provider = open_openai(OpenAISettings(base_url=there.url, api_key=SecretStr(drawing.KEY)))
        model = model_of(provider, "gpt-image-2")
        for _ in range(2):
            await provider.submit(order(model), key="k", inputs=[PICTURE, MASK])
        await provider.submit(order(model), key="k", inputs=[PICTURE])
        await provider.aclose()
    first, second, plain = there.asked
    assert first["images"] == [PICTURE.data]
    assert first["mask"] == second["mask"] == await see_through(MASK.data)
    assert "mask" not in plain


async def test_stability_gets_the_grey_mask_and_makes_larger_without_words():
    async with stability.stable() as there:
        provider = open_stability(StabilitySettings(base_url=there.url, api_key=SecretStr(stability.KEY)))
        painted = await provider.submit(
            order(model_of(provider, "stable-image-inpaint"), images=2), key="k", inputs=[PICTURE, MASK]
        )
        assert isinstance(painted, Finished)
        assert (len(painted.images), painted.seed) == (2, 1)
        for name in ("stable-upscale-fast", "stable-upscale-conservative"):
            larger = await provider.submit(order(model_of(provider, name)), key="k", inputs=[PICTURE])
            assert isinstance(larger, Finished)
        styled = order(model_of(provider, "stable-image-style"), parameters={"aspect_ratio": "16:9"})
        looks = dataclasses.replace(PICTURE, use=Use.STYLE)
        assert isinstance(await provider.submit(styled, key="k", inputs=[looks]), Finished)
        await provider.aclose()
    paint, _, fast, conservative, style = there.calls
    assert (paint["kind"], paint["image"], paint["mask"]) == ("edit/inpaint", PICTURE.data, MASK.data)
    assert (fast["kind"], sorted(fast)) == ("upscale/fast", ["image", "kind"])
    assert (style["kind"], style["image"], style["aspect_ratio"]) == ("control/style", PICTURE.data, "16:9")
    assert (conservative["kind"], conservative["prompt"]) == ("upscale/conservative", "a red hat")


async def test_stability_takes_the_largest_picture_that_its_models_say():
    async with stability.stable() as there:
        provider = open_stability(StabilitySettings(base_url=there.url, api_key=SecretStr(stability.KEY)))
        for model in (one for one in provider.models if one.inputs):
            side = math.isqrt(model.input_pixels)
            picture, mask = (_png(Image.new(mode, (side, side))) for mode in ("RGB", "L"))
            given_ = [given(picture), *([given(mask, Use.MASK)] if model.masks else [])]
            assert len(picture) <= model.input_bytes
            assert isinstance(await provider.submit(order(model), key="k", inputs=given_), Finished), model.id
        await provider.aclose()


async def test_black_forest_labs_fills_what_the_mask_shows():
    async with bfl.flux() as there:
        provider = open_bfl(BflSettings(base_url=there.url, api_key=SecretStr(bfl.KEY)))
        asked = order(model_of(provider, "flux-fill-pro"), parameters={"seed": 5})
        begun = await provider.submit(asked, key="k", inputs=[PICTURE, MASK])
        assert isinstance(begun, Pending)
        await provider.poll(begun.operation, order=asked)
        done = await provider.poll(begun.operation, order=asked)
        await provider.aclose()
    assert isinstance(done, Finished)
    assert done.seed == 1
    (sent,) = there.submits
    assert (sent["model"], sent["seed"]) == ("flux-pro-1.0-fill", 5)
    assert [base64.b64decode(sent[name]) for name in ("image", "mask")] == [PICTURE.data, MASK.data]


def _bytes_of(uri: str) -> bytes:
    return base64.b64decode(uri.partition(",")[2])


async def test_fal_fills_and_makes_larger_and_finds_what_was_lost_by_the_picture():
    async with fal.fal() as there:
        there.at_once = True
        provider = open_fal(FalSettings(base_url=there.url, api_key=SecretStr(fal.KEY)))
        fill = order(model_of(provider, "flux-fill-pro"))
        begun = await provider.submit(fill, key="k", inputs=[PICTURE, MASK])
        assert isinstance(begun, Pending)
        done = await provider.poll(begun.operation, order=fill)
        assert isinstance(done, Finished)
        assert done.seed == 7
        sent = there.last
        assert sent.endpoint == "fal-ai/flux-pro/v1/fill"
        assert [_bytes_of(sent.input[n]) for n in ("image_url", "mask_url")] == [PICTURE.data, MASK.data]
        crisp = order(model_of(provider, "recraft-crisp-upscale"))
        await provider.submit(crisp, key="k", inputs=[given(png(1, side=64))])
        larger = await provider.submit(crisp, key="k", inputs=[PICTURE])
        assert isinstance(larger, Pending)
        assert isinstance(await provider.poll(larger.operation, order=crisp), Finished)
        assert there.last.input == {
            "image_url": f"data:image/png;base64,{base64.b64encode(PICTURE.data).decode()}"
        }
        found = await provider.find(crisp, key="k", inputs=[PICTURE], since=0)
        assert isinstance(found, Pending)
        assert there.last.id in found.operation
        assert await provider.find(crisp, key="k", inputs=[given(png(2, side=64))], since=0) is None
        await provider.aclose()
    assert there.faults == []


async def test_replicate_fills_and_makes_larger_and_finds_what_was_lost_by_the_picture():
    async with replicate.replicate() as there:
        there.at_once = True
        provider = open_replicate(
            ReplicateSettings(base_url=f"{there.url}/v1", api_key=SecretStr(replicate.KEY))
        )
        fill = order(model_of(provider, "flux-fill-pro"))
        await provider.submit(fill, key="k", inputs=[PICTURE, MASK])
        sent = there.last["input"]
        assert [_bytes_of(sent[name]) for name in ("image", "mask")] == [PICTURE.data, MASK.data]
        crisp = order(model_of(provider, "recraft-crisp-upscale"))
        for one in (given(png(1, side=64)), PICTURE):
            await provider.submit(crisp, key="k", inputs=[one])
        assert list(there.last["input"]) == ["image"]
        found = await provider.find(crisp, key="k", inputs=[PICTURE], since=0)
        assert found == Pending(operation=there.last["id"])
        assert await provider.find(crisp, key="k", inputs=[given(png(2, side=64))], since=0) is None
        await provider.aclose()
    assert there.faults == []


async def test_a_comfyui_workflow_gets_the_mask_in_its_titled_node(tmp_path):
    graph = json.loads(json.dumps(dict(next(iter(load_workflows().values())).nodes)))
    sampler = next(node for node in graph.values() if node["class_type"] == "KSampler")
    vae = next(name for name, node in graph.items() if node["class_type"] == "CheckpointLoaderSimple")
    graph |= {
        "90": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "image"}},
        "91": {"class_type": "LoadImageMask", "inputs": {"image": "x.png", "channel": "alpha"}, "_meta": {"title": "mask"}},
        "92": {"class_type": "VAEEncode", "inputs": {"pixels": ["90", 0], "vae": [vae, 2]}, "_meta": {"title": ""}},
        "93": {"class_type": "SetLatentNoiseMask", "inputs": {"samples": ["92", 0], "mask": ["91", 0]}, "_meta": {"title": ""}},
    }  # fmt: skip
    sampler["inputs"]["latent_image"] = ["93", 0]
    file = tmp_path / "paint.json"
    file.write_text(json.dumps(graph))
    async with comfyui.comfyui() as there:
        provider = open_comfyui(
            ComfyUISettings(base_url=there.url, api_key=SecretStr(comfyui.KEY), workflows={"paint": file})
        )
        model = model_of(provider, "paint")
        assert (model.inputs, model.masks, model.needs_mask) == (1, True, True)
        pending = await provider.submit(order(model), key="k", inputs=[PICTURE, MASK])
        assert isinstance(pending, Pending)
        assert isinstance(await provider.poll(pending.operation, order=order(model)), Finished)
        error = await error_of(provider.submit(order(model), key="k", inputs=[PICTURE]))
        await provider.aclose()
    drawn = there.history[pending.operation]["prompt"][2]
    names = [drawn[node]["inputs"]["image"] for node in ("90", "91")]
    assert [there.files["input", *name.split("/")] for name in names] == [PICTURE.data, MASK.data]
    assert drawn["91"]["inputs"]["channel"] == "red"
    assert (error.reached, error.trouble) == (Reached.NO, Trouble.ORDER)


# ── What holds for all ───────────────────────────────────────────────────────────────────────────────

OPEN: dict[str, Callable[[str], Provider]] = {
    "gateway": lambda url: open_gateway(GatewaySettings(base_url=url, api_key=SecretStr("k"))),
    "openai": lambda url: open_openai(OpenAISettings(base_url=url, api_key=SecretStr("k"))),
    "google": lambda url: open_google(GoogleSettings(base_url=url, api_key=SecretStr("k"))),
    "openrouter": lambda url: open_openrouter(OpenRouterSettings(base_url=url, api_key=SecretStr("k"))),
    "fal": lambda url: open_fal(FalSettings(base_url=url, api_key=SecretStr("k"))),
    "replicate": lambda url: open_replicate(ReplicateSettings(base_url=url, api_key=SecretStr("k"))),
    "bfl": lambda url: open_bfl(BflSettings(base_url=url, api_key=SecretStr("k"))),
    "stability": lambda url: open_stability(StabilitySettings(base_url=url, api_key=SecretStr("k"))),
    "xai": lambda url: open_xai(XAISettings(base_url=url, api_key=SecretStr("k"))),
}


@pytest.mark.parametrize("name", OPEN)
async def test_a_mask_is_never_sent_as_a_picture_and_what_needs_one_asks_nobody_without(name):
    async with scripted() as server:
        server.always = Reply(status=400, body={})
        provider = OPEN[name](server.url)
        for model in (one for one in provider.models if one.inputs):
            before = len(server.seen)
            linked = [
                Input(**{field: getattr(one, field) for field in ("data", "media_type", "sha256", "width", "height", "use")},
                      url=f"https://ours.example/{one.use}")
                for one in (PICTURE, MASK)
            ]  # fmt: skip
            await error_of(provider.submit(order(model), key="k", inputs=linked))
            body = server.seen[-1].body
            forms = (MASK.data, base64.b64encode(MASK.data), b"ours.example/mask")
            sent = any(form in body for form in forms)
            assert sent == (model.masks and name != "openai"), model.id
            assert len(server.seen) > before
            if model.needs_mask:
                before = len(server.seen)
                error = await error_of(provider.submit(order(model), key="k", inputs=[PICTURE]))
                assert (error.reached, error.trouble) == (Reached.NO, Trouble.ORDER)
                assert len(server.seen) == before
        await provider.aclose()


@pytest.mark.parametrize("name", ["openai", "stability", "bfl", "fal", "replicate"])
async def test_a_mask_that_nobody_can_read_is_told_as_such_and_nobody_is_asked(name):
    broken = dataclasses.replace(MASK, data=b"no picture at all")
    async with scripted() as server:
        provider = OPEN[name](server.url)
        model = next(model for model in provider.models if model.masks)
        error = await error_of(provider.submit(order(model), key="k", inputs=[PICTURE, broken]))
        await provider.aclose()
        assert (error.reached, error.trouble, server.seen) == (Reached.NO, Trouble.ORDER, [])


def test_what_fills_or_makes_larger_is_never_the_first_and_needs_a_picture():
    for name in (*OPEN, "comfyui"):
        models = _models.load(f"{name}_models.toml", provider=name).models
        special = [model for model in models if model.needs_mask or model.upscales]
        assert all(model.inputs_min for model in special), name
        assert models[0] not in special, name
        assert list(models[len(models) - len(special) :]) == special, f"{name}: others go before them"
