"""The pictures that are given, as one canvas: opened, cut to the frame, side by side with soft seams, or one inside a scene."""

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageFilter, ImageStat

SEAM = 0.2  # of a panel's width
TYPES = ("PNG", "JPEG", "WEBP")
ROW_MOST = 3
PIXELS_MOST = 40_000_000


def opened(data: bytes) -> Image.Image:
    """One picture in three colours; what was see-through lies on white. Raises ValueError for what is none."""
    try:
        image = Image.open(io.BytesIO(data), formats=TYPES)
        if image.width * image.height > PIXELS_MOST:
            raise ValueError("too many pixels")
        image.load()
    except (OSError, SyntaxError) as error:
        raise ValueError("no picture") from error
    if "A" in image.getbands() or "transparency" in image.info:
        whole = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, whole).convert("RGB")
    return image.convert("RGB")


def cut(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As much of the middle as the frame shows; a little more of the upper part, where faces are."""
    share = max(size[0] / image.width, size[1] / image.height)
    wide, high = size[0] / share, size[1] / share
    left, top = (image.width - wide) / 2, (image.height - high) * 0.42
    return image.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + wide, top + high))


def together(images: Sequence[Image.Image], size: tuple[int, int]) -> Image.Image:
    """All of them in one frame: one fills it, several stand side by side and run into one another."""
    if len(images) == 1:
        return cut(images[0], size)
    tall = size[1] > size[0] * 1.15
    rows = math.ceil(len(images) / ROW_MOST) if not tall else math.ceil(len(images) / 2)
    rows = len(images) if tall and len(images) <= ROW_MOST else rows
    per_row = math.ceil(len(images) / rows)
    bands = [
        _row(
            images[i * per_row : (i + 1) * per_row], (size[0], size[1] // rows + size[1] // (rows * 12)), size
        )
        for i in range(rows)
    ]
    return bands[0] if rows == 1 else _joined(bands, size, down=True)


def _row(images: Sequence[Image.Image], band: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    high = min(band[1], size[1])
    if len(images) == 1:
        return cut(images[0], (size[0], high))
    wide = size[0] // len(images)
    panels = [cut(image, (min(size[0], round(wide * (1 + SEAM))), high)) for image in images]
    return _joined(panels, (size[0], high), down=False)


def _joined(panels: Sequence[Image.Image], size: tuple[int, int], *, down: bool) -> Image.Image:
    """Each over the end of the one before, through a soft seam."""
    out = Image.new("RGB", size)
    length, along = (size[1], 1) if down else (size[0], 0)
    for i, panel in enumerate(panels):
        start = (
            0
            if i == 0
            else round(i * length / len(panels)) - (panel.size[along] - length // len(panels)) // 2
        )
        start = max(0, min(start, length - panel.size[along]))
        seam = max(2, panel.size[along] - length // len(panels))
        mask = Image.new("L", panel.size, 255)
        if i:
            ramp = Image.linear_gradient("L")
            faded = ramp.resize((panel.width, seam)) if down else ramp.rotate(90).resize((seam, panel.height))
            mask.paste(faded, (0, 0))
        out.paste(panel, (0, start) if down else (start, 0), mask)
    return out


def inside(scene: Image.Image, image: Image.Image) -> Image.Image:
    """The middle of a picture in the foreground of a scene, its rim lost in it, in the scene's light."""
    size = scene.size
    fitted = like(cut(image, size), scene, 0.35)
    mask = Image.radial_gradient("L").point([max(0, min(255, round((150 - v) * 4.6))) for v in range(256)])
    wide, high = round(size[0] * 0.84), round(size[1] * 0.94)
    whole = Image.new("L", size)
    whole.paste(
        mask.resize((wide, high), Image.Resampling.BICUBIC), ((size[0] - wide) // 2, round(size[1] * 0.1))
    )
    return Image.composite(fitted, scene, whole.filter(ImageFilter.GaussianBlur(min(size) / 80)))


def like(image: Image.Image, other: Image.Image, share: float) -> Image.Image:
    """The picture in the colours of another: each channel's middle and spread as there."""
    here, there = ImageStat.Stat(image), ImageStat.Stat(other)
    table = []
    for channel in range(3):
        spread = there.stddev[channel] / max(1.0, here.stddev[channel])
        table += [
            min(255, max(0, round((v - here.mean[channel]) * min(1.8, spread) + there.mean[channel])))
            for v in range(256)
        ]
    return Image.blend(image, image.point(table), share)


def mirrored(image: Image.Image) -> Image.Image:
    """Seen from the other side."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
