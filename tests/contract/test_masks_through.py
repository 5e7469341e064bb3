"""A painted mask and a larger picture through the whole program, to the bytes that a service gets."""

import io

from PIL import Image

from bot.job import State
from bot.model import Source, Use, Where
from bot.ports import Ask, Place, Requester
from tests.fakes.services import drawing, ground, openai, stability

ROBIN = Requester(surface="cli", community="local", user="robin", name="Robin")


def _png(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _ask(text: str, key: str, *sources: Source) -> Ask:
    return Ask(requester=ROBIN, place=Place(address=None), text=text, request_key=key, sources=sources)


async def test_a_picture_is_made_larger_by_the_service_that_does_it(tmp_path):
    async with stability.stable() as there_:
        section = {"base_url": there_.url, "api_key": stability.KEY}
        async with ground.running(tmp_path, providers={"stability": section}, listens=False) as house:
            drawn = await house.over((await house.house.studio.imagine(_ask("a red fox", "a"))).job)
            placed = await house.house.studio.upscale(drawn.id, 1, _ask("", "b"))
            larger = await house.over(placed.job)
            kept = await house.house.assets.read(drawn.images[0].key)
    assert (larger.state, larger.order.model, larger.captured_credits) == (
        State.FINISHED,
        "stable-upscale-fast",
        20,
    )
    assert there_.calls[-1]["kind"] == "upscale/fast"
    assert (
        Image.open(io.BytesIO(there_.calls[-1]["image"])).tobytes() == Image.open(io.BytesIO(kept)).tobytes()
    )


async def _given(house, *, size=(96, 64)) -> list[Source]:
    """A photograph, and a mask of another size and in colours, as a browser may paint it."""
    mask = Image.new("RGBA", (size[0] * 2, size[1] * 2), (0, 0, 0, 255))
    mask.paste((255, 255, 255, 255), (0, 0, size[0], size[1] * 2))
    handed = [
        await house.house.studio.keep_upload(ROBIN, _png(one))
        for one in (Image.new("RGB", size, "teal"), mask)
    ]
    return [
        Source(where=Where.UPLOAD, ref=one.ref, use=use)
        for one, use in zip(handed, (Use.PICTURE, Use.MASK), strict=True)
    ]


async def test_a_painted_mask_reaches_openai_as_it_wants_it(tmp_path):
    async with openai.running() as there_:
        section = {"base_url": there_.url, "api_key": drawing.KEY}
        async with ground.running(tmp_path, providers={"openai": section}, listens=False) as house:
            sources = await _given(house)
            ask = _ask("a red hat --model gpt-image-2", "a", *sources)
            job = await house.over((await house.house.studio.imagine(ask)).job)
    assert (job.state, job.order.inputs, len(there_.asked)) == (State.FINISHED, 1, 1)
    picture, mask = (
        Image.open(io.BytesIO(data)) for data in (*there_.asked[0]["images"], there_.asked[0]["mask"])
    )
    assert (picture.size, mask.size, mask.mode) == ((96, 64), (96, 64), "RGBA")
    assert [mask.getchannel("A").getpixel((x, 5)) for x in (0, 47, 48, 95)] == [0, 0, 255, 255]


async def test_where_nothing_is_named_the_model_that_fills_gets_the_mask(tmp_path):
    async with stability.stable() as there_:
        section = {"base_url": there_.url, "api_key": stability.KEY}
        async with ground.running(tmp_path, providers={"stability": section}, listens=False) as house:
            sources = await _given(house)
            filled = await house.over((await house.house.studio.imagine(_ask("a hat", "a", *sources))).job)
            plain = await house.over((await house.house.studio.imagine(_ask("a hat", "b", sources[0]))).job)
    assert (filled.state, filled.order.model) == (State.FINISHED, "stable-image-inpaint")
    assert (plain.state, plain.order.model) == (State.FINISHED, "stable-image-ultra")
    first, second = there_.calls
    mask = Image.open(io.BytesIO(first["mask"]))
    assert (mask.mode, mask.size) == ("L", (96, 64))
    assert [mask.getpixel((x, 5)) for x in (0, 47, 48, 95)] == [255, 255, 0, 0]
    assert "mask" not in second
