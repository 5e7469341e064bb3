"""What a style makes of a finished picture: a painter's idea of it, so that styles can be told apart."""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

Look = Callable[[Image.Image], Image.Image]


def looked(image: Image.Image, prompt: str) -> Image.Image:
    """The picture in the look that the words ask for; as it is where they ask for none."""
    words = prompt.casefold()
    return next((look(image) for sign, look in _LOOKS.items() if sign in words), image)


def _anime(image: Image.Image) -> Image.Image:
    flat = ImageOps.posterize(image.filter(ImageFilter.ModeFilter(5)), 4)
    return _outlined(ImageEnhance.Color(flat).enhance(1.5), 0.5)


def _watercolor(image: Image.Image) -> Image.Image:
    wash = image.filter(ImageFilter.GaussianBlur(2)).filter(ImageFilter.ModeFilter(9))
    pale = Image.blend(wash, Image.new("RGB", image.size, "#fffdf6"), 0.22)
    paper = Image.effect_noise(image.size, 12).convert("RGB")
    return ImageChops.soft_light(pale, paper)


def _oil(image: Image.Image) -> Image.Image:
    strokes = image.filter(ImageFilter.ModeFilter(11)).filter(ImageFilter.EMBOSS)
    thick = image.filter(ImageFilter.ModeFilter(9))
    return ImageEnhance.Color(ImageChops.overlay(thick, Image.blend(strokes, thick, 0.4))).enhance(1.4)


def _ink(image: Image.Image) -> Image.Image:
    grey = ImageOps.autocontrast(ImageOps.grayscale(image))
    lines = grey.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(3))
    wash = ImageOps.posterize(grey.filter(ImageFilter.MedianFilter(7)), 2)
    return ImageChops.multiply(ImageOps.invert(lines), ImageChops.screen(wash, wash)).convert("RGB")


def _pixel(image: Image.Image) -> Image.Image:
    share = 72 / max(image.size)
    small = image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), Image.Resampling.BOX
    )
    few = ImageEnhance.Color(small).enhance(1.3).quantize(24, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def _comic(image: Image.Image) -> Image.Image:
    bright = ImageEnhance.Brightness(image.filter(ImageFilter.ModeFilter(7))).enhance(1.25)
    flat = ImageEnhance.Color(ImageOps.posterize(bright, 3)).enhance(1.5)
    size = (max(1, image.width // 4), max(1, image.height // 4))
    dots = ImageOps.grayscale(image).resize(size).convert("1").resize(image.size, Image.Resampling.NEAREST)
    return _outlined(Image.blend(flat, ImageChops.multiply(flat, dots.convert("RGB")), 0.15), 0.8)


def _clay(image: Image.Image) -> Image.Image:
    round_ = image.filter(ImageFilter.ModeFilter(13)).filter(ImageFilter.GaussianBlur(3))
    relief = ImageOps.grayscale(round_).filter(
        ImageFilter.Kernel((3, 3), (-2, -1, 0, -1, 1, 1, 0, 1, 2), 1, 0)
    )
    return ImageChops.soft_light(
        ImageEnhance.Color(round_).enhance(1.3), ImageOps.autocontrast(relief).convert("RGB")
    )


def _film(image: Image.Image) -> Image.Image:
    warm = ImageChops.multiply(
        ImageEnhance.Contrast(image).enhance(0.9), Image.new("RGB", image.size, "#fff0da")
    )
    grain = Image.effect_noise(image.size, 40).convert("RGB")
    return Image.blend(warm, ImageChops.overlay(warm, grain), 0.5)


def _outlined(image: Image.Image, strength: float) -> Image.Image:
    edges = ImageOps.grayscale(image).filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(3))
    lines = ImageOps.invert(ImageOps.autocontrast(edges)).convert("RGB")
    return Image.blend(image, ImageChops.multiply(image, lines), strength)


_LOOKS: dict[str, Look] = {
    "anime": _anime,
    "watercolor": _watercolor,
    "oil painting": _oil,
    "ink drawing": _ink,
    "pixel art": _pixel,
    "comic book": _comic,
    "clay model": _clay,
    "35 mm film": _film,
}
