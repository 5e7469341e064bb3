"""The work on pixels: decode, shrink, fit, contact sheet. Runs in a process of its own (bot/pictures/child.py)."""

import io
import math
import struct
import warnings
from collections.abc import Sequence

from PIL import (
    Image,
    ImageChops,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from bot.errors import BadImage, Flaw
from bot.model import JPEG, PNG, WEBP
from bot.pictures import marks
from bot.pictures.anatomy import examine
from bot.pictures.images import CELL_SIDE_PX, GAP_PX, GROUND, QUALITY, Bounds, Cell, Fitting, Verified

# Read when the process starts, so that no picture waits for them: Pillow would look through all of its types.
_READERS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_FORMATS = {PNG: ("PNG",), JPEG: ("JPEG",), WEBP: ("WEBP",)}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BAND_PX = 256  # of height, worked on at once where a whole copy would double the memory
_TINY_BYTES = 16 * 1024  # below this a JPEG's own tables are worth squeezing
_INPUT_QUALITIES = (95, 85)  # of a JPEG; below them it is made smaller
_PNG_LEVEL = 4  # of zlib: the highest doubles the time for a hundredth of the bytes
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def prepare_pillow() -> None:
    """Once for a process, since `catch_warnings` inside would be forgotten in the next task."""
    # Pillow only warns between one and two times its pixel limit; ours is lower: the second lock on the door.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    # "Corrupt EXIF data" and the like: the picture itself is fine, and nobody can mend it.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    Image.preinit()


def verify(data: bytes, limits: Bounds) -> Verified:
    """Decodes the whole image once. Refuses bombs by their parts, cut files, and animations."""
    image, media_type = _decode(data, limits)
    small = _shrunk(image, CELL_SIDE_PX)
    return Verified(
        media_type=media_type,
        width=image.width,
        height=image.height,
        size_bytes=len(data),
        data=marks.prepare(data, media_type),
        cell=Cell(width=small.width, height=small.height, rgb=small.tobytes()),
    )


def preview(data: bytes, side_px: int, limits: Bounds) -> bytes:
    """A marked JPEG of which no side is longer than `side_px`."""
    image, _ = _decode(data, limits)
    return _jpeg(_shrunk(image, side_px))


def fit(data: bytes, limit_bytes: int, limits: Bounds) -> bytes:
    """A marked JPEG of at most so many bytes."""
    image = _opaque(_decode(data, limits)[0])
    side_px = max(image.size)
    while side_px >= 1:
        small = _jpeg(_shrunk(image, side_px), tiny=limit_bytes < _TINY_BYTES)
        if len(small) <= limit_bytes:
            return small
        # Bytes grow with the area: aim a little under the limit, and always get smaller.
        side_px = int(side_px * min(0.95 * math.sqrt(limit_bytes / len(small)), 0.9))
    raise BadImage(f"no JPEG of it fits into {limit_bytes} bytes")


def clean(data: bytes, limits: Bounds, fitting: Fitting) -> bytes:
    """A person's own picture: upright, with its colours, and nothing that tells where, when or by whom it was made."""
    image, media_type = _decode(data, limits)
    image = _sized(_plain(image, media_type), fitting)
    most = min(fitting.size_bytes or limits.size_bytes, limits.size_bytes)
    ways = [(JPEG, quality) for quality in _INPUT_QUALITIES]
    if media_type != JPEG or fitting.width:
        # A mask is never a JPEG: its edges would fray.
        ways = [(PNG, 0), *(() if fitting.width or image.has_transparency_data else ways)]
    out = b""
    for kind, quality in ways:
        out = _written(image, kind, quality)
        if len(out) <= most:
            return out
    while not fitting.width and max(image.size) > 1:
        # As in `fit`: aim a little under the limit, and always get smaller.
        share = min(0.95 * math.sqrt(most / len(out)), 0.9)
        image = _resized(image, (round(image.width * share), round(image.height * share)))
        out = _written(image, *ways[-1])
        if len(out) <= most:
            return out
    raise BadImage(f"it does not fit into {most} bytes", flaw=Flaw.LARGE)


def see_through(mask: bytes, limits: Bounds) -> bytes:
    """A mask as a PNG that is transparent where it was white."""
    shown = _grey(_decode(mask, limits)[0])
    clear = Image.new("RGBA", shown.size)
    clear.putalpha(ImageChops.invert(shown))
    return _written(clear, PNG, 0)


def grey(mask: bytes, limits: Bounds) -> bytes:
    """A mask as a grey PNG; what is see-through is white."""
    return _written(_grey(_decode(mask, limits)[0]), PNG, 0)


def _grey(mask: Image.Image) -> Image.Image:
    if not mask.has_transparency_data:
        return mask.convert("L")
    clear = ImageChops.invert(mask.convert("RGBA").getchannel("A"))
    return ImageChops.lighter(mask.convert("RGB").convert("L"), clear)


def sheet(cells: Sequence[Cell]) -> bytes:
    """Rows of equal cells, as large as the largest image; a row that isn't full stands in the middle."""
    if not cells:
        raise BadImage("no image for a sheet")
    columns = math.ceil(math.sqrt(len(cells)))
    rows = math.ceil(len(cells) / columns)
    width = max(cell.width for cell in cells)
    height = max(cell.height for cell in cells)
    size = (columns * (width + GAP_PX) - GAP_PX, rows * (height + GAP_PX) - GAP_PX)
    canvas = Image.new("RGB", size, GROUND)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        missing = columns - min(columns, len(cells) - row * columns)
        left = column * (width + GAP_PX) + missing * (width + GAP_PX) // 2
        top = row * (height + GAP_PX)
        picture = Image.frombytes("RGB", cell.size, cell.rgb)
        canvas.paste(picture, (left + (width - cell.width) // 2, top + (height - cell.height) // 2))
    return _jpeg(canvas)


# ── Decoding ─────────────────────────────────────────────────────────────────────────────────────────


def _decode(data: bytes, limits: Bounds) -> tuple[Image.Image, str]:
    """Decodes every pixel, and turns the image as it shall be seen."""
    size = examine(data, limits)
    image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS[size.media_type])
    if image.size != (size.width, size.height):
        raise BadImage("its header says two sizes")
    # A still picture was ordered. A JPEG's further frames (MPO) are no animation: the first one counts.
    if size.media_type != JPEG and getattr(image, "n_frames", 1) > 1:  # not every format's class has it
        raise BadImage("an animation", flaw=Flaw.ANIMATED)
    image.load()
    turn = _TURNS.get(_orientation(image))
    return (image.transpose(turn) if turn is not None else image), size.media_type


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, Warning):
        return 1  # Broken EXIF spoils no good picture.


# ── Pictures that people give ──────────────────────────────────────────────────────────────────────────


def _plain(image: Image.Image, media_type: str) -> Image.Image:
    """In a mode that its type is written in, and with nothing beside its colours."""
    profile, transparency = image.info.get("icc_profile"), image.info.get("transparency")
    if media_type == JPEG and image.mode not in ("L", "RGB"):
        image, profile = image.convert("RGB"), None  # the profile was one of printing inks
    elif media_type != JPEG and image.mode not in _PNG_MODES:
        image = image.convert("RGBA")
    image.info.clear()  # else an encoder writes some of it again
    kept = {"icc_profile": profile, "transparency": transparency}
    image.info.update({name: value for name, value in kept.items() if value is not None})
    return image


def _sized(image: Image.Image, fitting: Fitting) -> Image.Image:
    if fitting.width:
        return _resized(image, (fitting.width, fitting.height), Image.Resampling.NEAREST)
    if not fitting.pixels or image.width * image.height <= fitting.pixels:
        return image
    share = math.sqrt(fitting.pixels / (image.width * image.height))
    return _resized(image, (int(image.width * share), int(image.height * share)))


def _resized(
    image: Image.Image,
    size: tuple[int, int],
    how: Image.Resampling = Image.Resampling.LANCZOS,
) -> Image.Image:
    size = (max(1, size[0]), max(1, size[1]))
    if size == image.size:
        return image
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.resize(size, how, reducing_gap=2.0 if how is Image.Resampling.LANCZOS else None)
    small.info.clear()
    if profile is not None:
        small.info["icc_profile"] = profile
    return small


def _written(image: Image.Image, media_type: str, quality: int) -> bytes:
    """The whole file; of what stands beside the pixels only the colours' profile and what is see-through."""
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    if media_type == JPEG:
        opaque = image if image.mode in ("L", "RGB") else _opaque(image)
        opaque.save(out, "JPEG", quality=quality, icc_profile=profile)
    else:
        image.save(out, "PNG", compress_level=_PNG_LEVEL, icc_profile=profile)
    return out.getvalue()


# ── Shrinking and writing ────────────────────────────────────────────────────────────────────────────


def _opaque(image: Image.Image) -> Image.Image:
    """RGB, with what was transparent on the neutral ground; made in bands, for a whole copy costs as much again."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    whole = Image.new("RGB", image.size)
    for top in range(0, image.height, _BAND_PX):
        band = image.crop((0, top, image.width, min(top + _BAND_PX, image.height)))
        whole.paste(_opaque_band(band), (0, top))
    return whole


def _opaque_band(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip, not scale
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (*GROUND, 255))
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _shrunk(image: Image.Image, side_px: int) -> Image.Image:
    """An RGB picture of which no side is longer; never enlarged."""
    opaque = _opaque(image)
    longest = max(opaque.size)
    if longest <= side_px:
        return opaque
    size = (max(1, round(opaque.width * side_px / longest)), max(1, round(opaque.height * side_px / longest)))
    return opaque.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _jpeg(image: Image.Image, *, tiny: bool = False) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=tiny)
    return marks.mark(out.getvalue(), JPEG)
