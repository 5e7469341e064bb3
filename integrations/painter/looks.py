"""What a style makes of a finished picture: a painter's idea of it, so that styles can be told apart.

Filters look at half the pixels: they are what a picture's time goes into.
"""

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from integrations.painter.canvas import Canvas, tooth
from integrations.painter.hands import by_hand
from integrations.painter.korean import in_english
from integrations.painter.reading import words_of
from integrations.painter.vocabulary import meaning

LookEffect = Callable[[Image.Image, random.Random], Image.Image]
PIXELS_ACROSS = 72
DOT_PX = 7  # of a comic's halftone
SEAL = (178, 44, 38)


def looked(image: Image.Image, prompt: str, rng: random.Random) -> Image.Image:
    """The picture in the look that the words ask for; as it is where they ask for none."""
    said = prompt.casefold()
    look = next((look for sign, look in _LOOKS.items() if sign in said), None) or _medium_of(prompt)
    return look(image, rng) if look else image


def _medium_of(prompt: str) -> LookEffect | None:
    """By a word for a medium, in any language that the painter knows."""
    words = words_of(in_english(prompt))
    return next((_MEDIA[_SAID[word]] for word in words if word in _SAID), None)


def flat(image: Image.Image, coarse: int = 2) -> Image.Image:
    """Smooth areas of one colour, their edges kept; `coarse` pixels become one."""
    size = max(8, image.width // coarse), max(8, image.height // coarse)
    calm = image.resize(size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    return calm.resize(image.size, Image.Resampling.BICUBIC)


def _dabs(image: Image.Image) -> Image.Image:
    """Patches of one colour each, as wide as a brush: of what lies around a place the commonest."""
    third = image.resize((max(8, image.width // 3), max(8, image.height // 3)), Image.Resampling.BOX)
    few = third.quantize(72, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    numbers = Image.frombytes("L", few.size, few.tobytes()).filter(ImageFilter.ModeFilter(3))
    patches = Image.frombytes("P", few.size, numbers.tobytes())
    patches.putpalette(few.getpalette() or [])
    return patches.convert("RGB").resize(image.size, Image.Resampling.BICUBIC)


def inked(image: Image.Image, least: int, strength: int) -> Image.Image:
    """Dark lines on white where forms meet: edges of at least such a step, and no frame around it all."""
    soft = image.convert("L").filter(ImageFilter.GaussianBlur(1.6))
    edges = soft.filter(ImageFilter.FIND_EDGES)
    lines = edges.point([max(0, 255 - max(0, v - least) * strength) for v in range(256)])
    ImageDraw.Draw(lines).rectangle((0, 0, lines.width - 1, lines.height - 1), outline=255, width=2)
    return lines.filter(ImageFilter.GaussianBlur(0.6))


def _anime(image: Image.Image, _: random.Random) -> Image.Image:
    """Clean colours, light in the sky, thin lines."""
    clean = ImageEnhance.Color(flat(image)).enhance(1.55)
    rich = ImageEnhance.Contrast(clean).enhance(1.08)
    return ImageChops.multiply(rich, Image.merge("RGB", [inked(clean, 5, 8)] * 3))


def _watercolor(image: Image.Image, rng: random.Random) -> Image.Image:
    """Pale washes with darker rims, more water here than there, and paper left bare around them."""
    wash = ImageEnhance.Color(flat(image, 3)).enhance(1.15)
    pale = Image.blend(wash, Image.new("RGB", image.size, (255, 252, 244)), 0.3)
    rims = inked(wash, 4, 3).point([176 + v * 79 // 255 for v in range(256)])
    pools = Image.frombytes("L", (20, 20), bytes(rng.randrange(88, 170) for _ in range(400)))
    pools = pools.filter(ImageFilter.GaussianBlur(1)).resize(image.size, Image.Resampling.BICUBIC)
    painted = ImageChops.overlay(
        ImageChops.multiply(pale, Image.merge("RGB", [rims] * 3)), pools.convert("RGB")
    )
    paper = Image.new("RGB", image.size, (251, 249, 242))
    whole = Image.composite(painted, paper, _brushed_area(image.size, rng))
    return ImageChops.soft_light(whole, tooth(image.size, rng, 0.35).convert("RGB"))


def _brushed_area(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Where the brush went: all but an uneven rim."""
    edge, deep = 128, 13
    depth = Image.new("L", (edge, edge))
    draw = ImageDraw.Draw(depth)
    for i in range(deep):
        draw.rectangle((i, i, edge - 1 - i, edge - 1 - i), fill=round(255 * (i + 1) / deep))
    uneven = Image.frombytes("L", (26, 26), rng.randbytes(676)).resize((edge, edge), Image.Resampling.BICUBIC)
    grown = ImageChops.add(
        depth.point([v * 3 // 4 for v in range(256)]), uneven.point([v // 4 for v in range(256)])
    )
    return grown.point([max(0, min(255, (v - 96) * 7)) for v in range(256)]).resize(
        size, Image.Resampling.BICUBIC
    )


def _oil(image: Image.Image, rng: random.Random) -> Image.Image:
    """Thick colour in short strokes, and the light of a room upon them."""
    paint = ImageEnhance.Color(_dabs(image)).enhance(1.35)
    bristles = tooth(image.size, rng, 1.0).filter(ImageFilter.BoxBlur(2)).resize(
        (image.width, max(8, image.height // 3)), Image.Resampling.BOX
    ).resize(image.size, Image.Resampling.BICUBIC)  # fmt: skip
    ridges = ImageChops.add(paint.convert("L"), bristles, 2).filter(ImageFilter.EMBOSS)
    thick = Image.blend(Image.new("L", image.size, 128), ridges, 0.75).convert("RGB")
    return ImageChops.overlay(ImageChops.overlay(paint, thick), Image.new("RGB", image.size, (142, 128, 104)))


def _ink(image: Image.Image, rng: random.Random) -> Image.Image:
    """Black lines and thin grey washes on paper, most of it empty; a red seal."""
    calm = flat(image, 3)
    grey = ImageOps.autocontrast(calm.convert("L"), 1)
    around = grey.filter(ImageFilter.BoxBlur(max(4, min(image.size) // 14)))
    # What is as dark as all around it is paper: only forms are washed.
    wash = ImageChops.subtract(grey, around, 1.2, 248).filter(ImageFilter.GaussianBlur(1.5))
    lines = inked(calm, 2, 16).filter(ImageFilter.MinFilter(3))
    drawn = ImageChops.multiply(wash, lines)
    sheet = ImageOps.colorize(drawn, (26, 26, 32), (250, 246, 236))
    side = max(4, min(image.size) // 16)
    left, top = side, image.height - 2 * side
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((left, top, left + side, top + side), radius=side // 8, fill=SEAL)
    pen.ellipse(
        (left + side * 0.28, top + side * 0.28, left + side * 0.72, top + side * 0.72), fill=(250, 246, 236)
    )
    return ImageChops.soft_light(sheet, tooth(image.size, rng, 0.14).convert("RGB"))


def _pencil(image: Image.Image, rng: random.Random) -> Image.Image:
    """Outlines and hatching on paper."""
    canvas = Canvas(image.width, image.height, rng)
    canvas.image = image
    by_hand(canvas, "pencil")
    return canvas.image


def _pixel(image: Image.Image, _: random.Random) -> Image.Image:
    share = PIXELS_ACROSS / max(image.size)
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    crisp = ImageEnhance.Contrast(image.resize(size, Image.Resampling.BOX)).enhance(1.2)
    few = ImageEnhance.Color(crisp).enhance(1.45).quantize(24, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def _comic(image: Image.Image, _: random.Random) -> Image.Image:
    """Few bright colours, dots in the shade, bold lines, and a panel's frame."""
    calm = flat(image)
    bright = ImageEnhance.Brightness(ImageEnhance.Color(calm).enhance(1.6)).enhance(1.15)
    half = bright.resize((max(8, image.width // 2), max(8, image.height // 2)), Image.Resampling.BOX)
    few = half.quantize(14, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    few = few.resize(image.size, Image.Resampling.BICUBIC)
    shade = image.convert("L").filter(ImageFilter.GaussianBlur(3))
    dots = ImageChops.add(shade, _screen(image.size), 2).point([255 if v > 84 else 176 for v in range(256)])  # noqa: PLR2004 - a level
    lines = inked(calm, 4, 12).filter(ImageFilter.MinFilter(3))
    drawn = ImageChops.multiply(few, Image.merge("RGB", [ImageChops.multiply(dots, lines)] * 3))
    return _framed(drawn)


def _screen(size: tuple[int, int]) -> Image.Image:
    """Round dots in rows, dark in their middles."""
    cell = Image.radial_gradient("L").resize((DOT_PX, DOT_PX), Image.Resampling.BICUBIC)
    tile = Image.new("L", (DOT_PX * 16, DOT_PX * 16))
    for x in range(16):
        for y in range(16):
            tile.paste(cell, (x * DOT_PX, y * DOT_PX))
    out = Image.new("L", size)
    for x in range(0, size[0], tile.width):
        for y in range(0, size[1], tile.height):
            out.paste(tile, (x, y))
    return out


def _framed(image: Image.Image) -> Image.Image:
    rim = max(2, min(image.size) // 40)
    line = max(1, rim // 3)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width - 1, image.height - 1), outline=(252, 250, 244), width=rim)
    pen.rectangle((rim, rim, image.width - 1 - rim, image.height - 1 - rim), outline=(22, 20, 26), width=line)
    return image


def _clay(image: Image.Image, _: random.Random) -> Image.Image:
    """Rounded lumps under a lamp: each form lit on one side, shaded on the other, all a little soft."""
    body = ImageEnhance.Color(_dabs(image).filter(ImageFilter.GaussianBlur(2))).enhance(1.25)
    swell = body.convert("L").filter(ImageFilter.GaussianBlur(3))
    relief = swell.filter(ImageFilter.Kernel((3, 3), (-3, -2, 0, -2, 0, 2, 0, 2, 3), 1, 128))
    relief = relief.filter(ImageFilter.GaussianBlur(1.2)).point(
        [max(0, min(255, (v - 128) * 3 + 128)) for v in range(256)]
    )
    ImageDraw.Draw(relief).rectangle((0, 0, image.width - 1, image.height - 1), outline=128, width=3)
    shine = relief.point([max(0, (v - 176) * 2) for v in range(256)])
    lit_up = ImageChops.overlay(body, relief.convert("RGB"))
    return ImageChops.screen(lit_up, shine.point([v // 3 for v in range(256)]).convert("RGB"))


def _film(image: Image.Image, rng: random.Random) -> Image.Image:
    """Faded blacks, warm lights, a leak of light, and grain."""
    calm = ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(0.92)).enhance(0.82)
    table = [round(18 + v * 0.93) for v in range(256)] + [round(10 + v * 0.93) for v in range(256)]
    faded = calm.point([*table, *(round(20 + v * 0.8) for v in range(256))])
    leak = (
        Image.linear_gradient("L")
        .rotate(90)
        .point([max(0, v - 150) // 2 for v in range(256)])
        .resize(image.size)
    )
    glow = Image.merge("RGB", [leak, leak.point([v // 2 for v in range(256)]), Image.new("L", image.size)])
    return ImageChops.overlay(ImageChops.screen(faded, glow), tooth(image.size, rng, 0.16).convert("RGB"))


_LOOKS: dict[str, LookEffect] = {
    "anime": _anime,
    "watercolor": _watercolor,
    "oil painting": _oil,
    "ink drawing": _ink,
    "pixel art": _pixel,
    "comic book": _comic,
    "clay model": _clay,
    "35 mm film": _film,
}
_SAID = meaning("medium")
_MEDIA: dict[str, LookEffect] = {
    "oil": _oil, "watercolour": _watercolor, "pixels": _pixel, "pencil": _pencil, "poster": _comic,
}  # fmt: skip
