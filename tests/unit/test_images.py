"""The laws of bot/pictures/images.py: what is a picture, what is refused, what comes out."""

import asyncio
import base64
import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageDraw, ImageFile

from bot.errors import BadImage
from bot.model import JPEG, PNG, WEBP
from bot.pictures import inline, pixels
from bot.pictures.darkroom import Darkroom
from bot.pictures.images import CELL_SIDE_PX, GAP_PX, GROUND, LIMITS, sniff
from bot.pictures.inline import decode_base64
from tests.fakes.darkroom import shared_darkroom


@pytest.fixture
def darkroom():
    return shared_darkroom()


def picture(width=64, height=48, *, kind="PNG", mode="RGB", color="red", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), color).save(out, kind, **options)
    return out.getvalue()


def noise(side: int, *, kind="PNG") -> bytes:
    rng = random.Random(7)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), rng.randbytes(side * side * 3)).save(out, kind)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it has this many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# ── Sniffing and verifying ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", PNG), ("JPEG", JPEG), ("WEBP", WEBP)])
async def test_the_bytes_themselves_tell_the_type(darkroom, kind, media_type):
    data = picture(kind=kind)
    assert sniff(data) == media_type
    verified = await darkroom.verify(data)
    assert (media_type, 64, 48, len(data)) == (
        verified.media_type,
        verified.width,
        verified.height,
        verified.size_bytes,
    )


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
async def test_other_formats_are_no_pictures_of_ours(darkroom, kind):
    with pytest.raises(BadImage):
        await darkroom.verify(picture(32, 32, kind=kind))


@pytest.mark.parametrize(
    "data", [b"", b"<html>503</html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBP"]
)
async def test_garbage_is_refused(darkroom, data):
    with pytest.raises(BadImage):
        await darkroom.verify(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_cut_file_is_refused_wherever_it_was_cut(darkroom, kind):
    """The header alone looks fine: only the pixels tell."""
    whole = noise(64, kind=kind)
    for share in (0.1, 0.5, 0.9, 0.99):
        with pytest.raises(BadImage):
            await darkroom.verify(whole[: int(len(whole) * share)])


async def test_flipped_bytes_never_raise_anything_but_bad_image(darkroom):
    rng = random.Random(11)
    for kind in ("PNG", "JPEG", "WEBP"):
        whole = noise(24, kind=kind)
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(rng.randint(1, 12)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            try:
                await darkroom.verify(bytes(broken))
            except BadImage:
                continue


@pytest.mark.parametrize("size", [(8193, 10), (10, 8193), (7000, 7000), (12_000, 8_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_header(size, monkeypatch):
    """Not a pixel is decoded."""
    decoded = []
    load = ImageFile.ImageFile.load

    def noted(image):
        decoded.append(image.size)
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    with pytest.raises(BadImage):
        pixels.verify(bomb(*size), LIMITS)
    assert decoded == []
    with pytest.raises(OSError):
        pixels.verify(bomb(1000, 1000), LIMITS)
    assert decoded != [], "the count would see it"


@pytest.mark.parametrize("size", [(8193, 10), (7000, 7000), (60_000, 60_000)])
async def test_a_bomb_is_refused_through_the_front_door(darkroom, size):
    with pytest.raises(BadImage, match="too large"):
        await darkroom.verify(bomb(*size))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_animations_are_refused(darkroom, kind):
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(BadImage, match="animation"):
        await darkroom.verify(out.getvalue())


async def test_a_picture_is_measured_as_it_is_seen(darkroom):
    exif = Image.Exif()
    exif[0x0112] = 6
    verified = await darkroom.verify(picture(64, 48, kind="JPEG", exif=exif))
    assert (verified.width, verified.height) == (48, 64)
    assert verified.cell.size == (48, 64)


async def test_broken_exif_spoils_no_good_picture(darkroom):
    assert (await darkroom.verify(picture(kind="JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"))).width == 64


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
async def test_every_mode_becomes_a_jpeg(darkroom, mode):
    source = Image.new("RGBA", (30, 20), (200, 60, 60, 255))
    image = (
        Image.new("I;16", (30, 20), 40_000)
        if mode == "I;16"
        else source.convert("P" if mode == "PA" else mode)
    )
    out = io.BytesIO()
    image.save(out, "PNG", **({"transparency": 0} if mode == "PA" else {}))
    assert opened(await darkroom.preview(out.getvalue())).mode == "RGB"


async def test_sixteen_bits_are_scaled_not_clipped(darkroom):
    out = io.BytesIO()
    Image.new("I;16", (16, 16), 32_768).save(out, "PNG")
    red, *_ = pixel(opened(await darkroom.preview(out.getvalue())), (8, 8))
    assert abs(red - 128) < 6


async def test_a_cmyk_jpeg_becomes_rgb(darkroom):
    data = picture(kind="JPEG", mode="CMYK", color=(0, 0, 0, 0))
    assert opened(await darkroom.preview(data)).mode == "RGB"


# ── Previews and fitting ─────────────────────────────────────────────────────────────────────────────


async def test_a_preview_is_a_small_jpeg_of_the_same_shape(darkroom):
    preview = await darkroom.preview(picture(2000, 1000), side_px=500)
    assert sniff(preview) == JPEG
    assert opened(preview).size == (500, 250)


async def test_a_preview_never_enlarges(darkroom):
    assert opened(await darkroom.preview(picture())).size == (64, 48)


async def test_what_is_transparent_lies_on_neutral_ground(darkroom):
    corner = pixel(opened(await darkroom.preview(picture(mode="RGBA", color=(255, 0, 0, 0)))), (5, 5))
    assert all(abs(got - want) < 5 for got, want in zip(corner, GROUND, strict=True))


async def test_what_fits_goes_out_untouched(darkroom):
    data = picture(kind="WEBP")
    assert (data, WEBP) == await darkroom.fit(data, len(data))


@pytest.mark.parametrize("limit_bytes", [400_000, 60_000, 5_000, 800])
async def test_what_does_not_fit_becomes_a_jpeg_that_does(darkroom, limit_bytes):
    small, media_type = await darkroom.fit(noise(500), limit_bytes)
    assert JPEG == media_type == sniff(small)
    assert len(small) <= limit_bytes
    opened(small)


async def test_fitting_does_not_shrink_more_than_needed(darkroom):
    small, _ = await darkroom.fit(noise(500), 100_000)
    assert len(small) > 50_000


async def test_nothing_fits_into_nothing(darkroom):
    with pytest.raises(BadImage):
        await darkroom.fit(picture(), 50)


# ── Contact sheets ───────────────────────────────────────────────────────────────────────────────────


def cells(count: int) -> tuple[int, int]:
    return count * CELL_SIDE_PX + (count - 1) * GAP_PX, CELL_SIDE_PX


async def test_two_stand_side_by_side_and_four_in_a_square(darkroom):
    data = picture(1024, 1024)
    wide, side = cells(2)
    assert (wide, side) == opened(await darkroom.sheet([data] * 2)).size
    assert (wide, wide) == opened(await darkroom.sheet([data] * 4)).size


async def test_images_stand_in_reading_order_with_gaps_between(darkroom):
    colors = ["red", "lime", "blue", "white"]
    sheet = opened(await darkroom.sheet([picture(600, 600, color=color) for color in colors]))
    far = CELL_SIDE_PX + GAP_PX + 50
    for color, at in zip(colors, [(50, 50), (far, 50), (50, far), (far, far)], strict=True):
        want = pixel(Image.new("RGB", (1, 1), color), (0, 0))
        assert all(abs(a - b) < 12 for a, b in zip(pixel(sheet, at), want, strict=True)), color
    gap = pixel(sheet, (CELL_SIDE_PX + GAP_PX // 2, 250))
    assert all(abs(a - b) < 25 for a, b in zip(gap, GROUND, strict=True))


async def test_a_third_image_stands_in_the_middle(darkroom):
    sheet = opened(await darkroom.sheet([picture(600, 600, color="white")] * 3))
    assert pixel(sheet, (sheet.width // 2, sheet.height - 100)) == (255, 255, 255)
    assert pixel(sheet, (40, sheet.height - 100)) != (255, 255, 255)


async def test_mixed_shapes_share_a_sheet_uncut(darkroom):
    shapes = [(1024, 256), (256, 1024), (64, 64), (1024, 1024)]
    sheet = opened(await darkroom.sheet([picture(*shape, color="white") for shape in shapes]))
    assert (cells(2)[0],) * 2 == sheet.size
    assert pixel(sheet, (256, 256)) == (255, 255, 255)
    assert abs(pixel(sheet, (256, 60))[0] - GROUND[0]) < 6


async def test_wide_images_make_a_flat_sheet(darkroom):
    assert opened(await darkroom.sheet([picture(1600, 900)] * 4)).size == (1032, 2 * 288 + GAP_PX)


async def test_a_sheet_of_verified_images_decodes_nothing_again(darkroom):
    data = noise(600)
    verified = await darkroom.verify(data)
    assert await darkroom.sheet([data] * 4) == await darkroom.sheet([verified] * 4)


async def test_a_sheet_is_made_of_pictures(darkroom):
    for pictures in ([], [b"nothing"]):
        with pytest.raises(BadImage):
            await darkroom.sheet(pictures)


async def test_a_drawing_with_an_alpha_channel_goes_on_a_sheet(darkroom):
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((100, 100, 200, 200), fill=(255, 0, 0, 255))
    out = io.BytesIO()
    image.save(out, "PNG")
    sheet = opened(await darkroom.sheet([out.getvalue()] * 2))
    assert pixel(sheet, (150, 150))[0] > 240
    assert abs(pixel(sheet, (20, 20))[0] - GROUND[0]) < 6


# ── Base64 ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 2, 3, 49_150, 49_151, 49_152, 49_153, 98_304, 300_001])
async def test_base64_comes_back_as_it_was(size):
    data = random.Random(size).randbytes(size)
    text = base64.b64encode(data).decode()
    assert data == await decode_base64(text)
    assert data == await decode_base64(text.rstrip("="))
    assert data == await decode_base64("data:image/png;base64," + text)
    assert data == await decode_base64(base64.urlsafe_b64encode(data).decode())
    assert data == await decode_base64(base64.encodebytes(data).decode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "A",
        "é" * 8,
        "AA==AAAA",
        "AAAA!AAA",
        "data:,AAAA",
        "data:image/png;base64",
        "<html>",
        "AA==" + "=" * 200,
    ],
)
async def test_what_is_no_base64_is_refused(text):
    with pytest.raises(BadImage):
        await decode_base64(text)


async def test_the_limit_is_exact():
    for size in (10, 11, 12):
        text = base64.b64encode(b"x" * size).decode()
        assert size == len(await decode_base64(text, limit_bytes=size))
        with pytest.raises(BadImage):
            await decode_base64(text, limit_bytes=size - 1)


async def test_too_much_base64_is_refused_before_it_is_decoded(monkeypatch):
    pieces = []

    def bits(letters):
        pieces.append(letters)
        return b""

    monkeypatch.setattr(inline, "_bits", bits)
    with pytest.raises(BadImage):
        await decode_base64("A" * 40_000_000, limit_bytes=1_000_000)
    assert pieces == []


async def test_decoding_gives_way_to_others():
    text = base64.b64encode(bytes(3_000_000)).decode()
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await decode_base64(text)
    task.cancel()
    assert turns >= len(text) // 65_536


async def test_the_loop_turns_while_pixels_are_worked_on(darkroom):
    work = asyncio.create_task(darkroom.preview(noise(1200)))
    turns = 0
    while not work.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert turns > 3


async def test_closing_twice_is_harmless():
    room = Darkroom()
    await room.aclose()
    await room.aclose()
