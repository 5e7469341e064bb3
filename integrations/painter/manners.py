"""The manner of a model: how near it stands, what light it likes, and how its pictures are finished.

Not what these models can do: only so that two of them can be told apart. A model is known by a sign in its name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from integrations.painter.canvas import Colour
from integrations.painter.looks import flat, inked

Finish = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """One way of painting."""

    signs: tuple[str, ...]  # in a model's name
    near: float = 1.0  # how large figures are
    horizon: float = 0.0  # how much lower it lies
    finish: Finish = Image.Image.copy


def _gouache(image: Image.Image) -> Image.Image:
    """Flat warm paint on toned paper."""
    rich = ImageEnhance.Color(ImageOps.posterize(flat(image), 5)).enhance(1.12)
    return ImageChops.multiply(
        _graded(rich, (16, 6, 0), (10, 4, -14)), Image.new("RGB", image.size, (255, 248, 232))
    )


def _photographic(image: Image.Image) -> Image.Image:
    """Deep blacks, a sharp middle, and edges out of focus."""
    deep = ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(0.9)).enhance(1.22)
    soft = deep.resize((max(1, image.width // 4), max(1, image.height // 4)), Image.Resampling.BOX)
    soft = soft.filter(ImageFilter.GaussianBlur(2)).resize(image.size, Image.Resampling.BICUBIC)
    sharp = deep.filter(ImageFilter.UnsharpMask(2, 90, 2))
    eye = (
        Image.radial_gradient("L")
        .point([max(0, min(255, (v - 96) * 3)) for v in range(256)])
        .resize(image.size)
    )
    return _graded(Image.composite(soft, sharp, eye), (-6, 0, 10), (8, 4, -4))


def _luminous(image: Image.Image) -> Image.Image:
    """Strong colours that glow into one another."""
    vivid = ImageEnhance.Color(image).enhance(1.45)
    small = vivid.resize((max(1, image.width // 6), max(1, image.height // 6)), Image.Resampling.BOX)
    glow = small.filter(ImageFilter.GaussianBlur(4)).resize(image.size, Image.Resampling.BICUBIC)
    lit_up = ImageChops.screen(vivid, glow.point([v * 3 // 8 for v in range(256)] * 3))
    return _graded(lit_up, (14, -4, 18), (6, -2, 4))


def _cinematic(image: Image.Image) -> Image.Image:
    """Teal shadows, orange lights, and the frame a little darker above and below."""
    graded = _graded(
        ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(0.8)).enhance(1.1), (-18, 4, 16), (24, 6, -26)
    )
    fall = Image.new("L", (1, 9))
    fall.putdata([178, 226, 250, 255, 255, 255, 250, 226, 178])
    dim = fall.resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(graded, Image.merge("RGB", [dim] * 3))


def _drawn(image: Image.Image) -> Image.Image:
    """Bright flat colours and ink around them."""
    calm = flat(image)
    bright = ImageEnhance.Brightness(ImageEnhance.Color(calm).enhance(1.3)).enhance(1.1)
    return ImageChops.multiply(bright, Image.merge("RGB", [inked(calm, 6, 9)] * 3))


def _brushed(image: Image.Image) -> Image.Image:
    """Broad soft strokes, a little pale."""
    strokes = flat(image)
    relief = strokes.convert("L").filter(ImageFilter.EMBOSS)
    thick = ImageChops.overlay(
        strokes, Image.blend(Image.new("L", image.size, 128), relief, 0.6).convert("RGB")
    )
    return _graded(ImageEnhance.Color(thick).enhance(0.78), (26, 20, 12), (2, 0, -8))


def _graded(image: Image.Image, shadows: Colour, lights: Colour) -> Image.Image:
    """Draws the dark towards one colour, and the light towards another; each as what is added to red, green and blue."""
    table: list[int] = []
    for dark, bright in zip(shadows, lights, strict=True):
        table += [min(255, max(0, round(v + dark * (1 - v / 255) + bright * v / 255))) for v in range(256)]
    return image.point(table)


MANNERS = (
    Manner(signs=("gemini", "imagen")),
    Manner(signs=("gpt-image", "dall-e"), near=1.14, finish=_gouache),
    Manner(signs=("flux",), near=0.88, horizon=0.05, finish=_photographic),
    Manner(signs=("seedream",), near=1.06, horizon=-0.03, finish=_luminous),
    Manner(signs=("gen4", "runway"), near=0.82, horizon=0.07, finish=_cinematic),
    Manner(signs=("grok", "xai"), near=1.2, horizon=0.02, finish=_drawn),
    Manner(signs=("sdxl", "stable"), near=0.96, horizon=-0.02, finish=_brushed),
)


def manner_of(model: str) -> Manner:
    """How this model paints; the first manner where nobody knows it."""
    name = model.casefold()
    return next((manner for manner in MANNERS if any(sign in name for sign in manner.signs)), MANNERS[0])
