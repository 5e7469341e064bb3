"""Images: sniff, verify, preview, fit, contact sheet and base64; nothing here blocks the event loop.

Pixels are worked on in a pool of two threads, since Pillow releases the GIL. Base64 does not, so it is
decoded in pieces on the loop (bench/images.py takes the stalls). Whatever is no picture of ours is a BadImage.
"""

import asyncio
import binascii
import io
import math
import struct
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from PIL import Image

from bot.errors import BadImage

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
EXTENSIONS = {PNG: "png", JPEG: "jpg", WEBP: "webp"}

PREVIEW_SIDE_PX = 1024
CELL_SIDE_PX = 512
GAP_PX = 8
QUALITY = 85
# In a JPEG, what was transparent lies on this grey: dark and light drawings both stay readable on it.
GROUND = (128, 128, 132)

_FORMATS = {PNG: ("PNG",), JPEG: ("JPEG",), WEBP: ("WEBP",)}
_PIECE = 64 * 1024
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
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

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large a picture may be. The pixels stay under Pillow's own warning level (89 million)."""

    size_bytes: int = 32 * 1024 * 1024
    side_px: int = 8192
    pixels: int = 40_000_000


LIMITS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """An image that was decoded whole, once: `cell` is kept of that decode, for a contact sheet."""

    media_type: str
    width: int  # as it is seen, after its orientation is applied
    height: int
    size_bytes: int
    cell: Image.Image = field(repr=False, compare=False)


def sniff(data: bytes) -> str:
    """Answers the media type that the bytes themselves show. Never trust a Content-Type."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    raise BadImage("neither PNG nor JPEG nor WebP")


async def decode_base64(text: str, *, limit_bytes: int = LIMITS.size_bytes) -> bytes:
    """Decodes base64 text or a `data:` URI, giving way to the event loop after every 64 KiB.

    A thread would not help: binascii holds the GIL. The size is checked before anything is decoded.
    """
    start, end = _body(text)
    if (end - start) // 4 * 3 > limit_bytes:
        raise BadImage(f"more than {limit_bytes} bytes")
    out, carry = io.BytesIO(), b""
    for at in range(start, end, _PIECE):
        letters = carry + _letters(text[at : min(at + _PIECE, end)])
        whole = len(letters) - len(letters) % 4
        out.write(_bits(letters[:whole]))
        carry = letters[whole:]
        await asyncio.sleep(0)
    out.write(_bits(carry + b"=" * (-len(carry) % 4)))
    if not 0 < out.tell() <= limit_bytes:
        raise BadImage(f"nothing, or more than {limit_bytes} bytes")
    return out.getvalue()


class Darkroom:
    """Does the work on pixels in two threads of its own. Cancelling a wait doesn't stop the thread."""

    def __init__(self, *, limits: Bounds = LIMITS, threads: int = 2) -> None:
        # Pillow only warns between one and two times its pixel limit. A filter for the process, since
        # `catch_warnings` is not safe in threads; ours is lower, so this is the second lock on the door.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # "Corrupt EXIF data" and the like: the picture itself is fine, and nobody can mend it.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
        self._limits = limits
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="darkroom")

    async def verify(self, data: bytes, limits: Bounds | None = None) -> Verified:
        """Decodes the whole image once. Refuses bombs by their header, cut files, and animations."""
        return await self._run(lambda: _verify(data, limits or self._limits))

    async def preview(self, data: bytes, *, side_px: int = PREVIEW_SIDE_PX) -> bytes:
        """A JPEG of which no side is longer than `side_px`."""
        return await self._run(lambda: _preview(data, side_px, self._limits))

    async def fit(self, data: bytes, limit_bytes: int) -> tuple[bytes, str]:
        """The same bytes when they are few enough, or a smaller JPEG; with the media type."""
        return await self._run(lambda: _fit(data, limit_bytes, self._limits))

    async def sheet(self, images: Sequence[bytes | Verified]) -> bytes:
        """One JPEG of all images side by side (2x1, 2x2), whatever their shapes.

        Give what `verify` answered, and nothing is decoded a second time.
        """
        return await self._run(lambda: _sheet([_cell_of(image, self._limits) for image in images]))

    async def aclose(self) -> None:
        """Ends the threads; what waits in line is dropped."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        # The line is bounded by the callers: each waits for its own answer.
        return await asyncio.get_running_loop().run_in_executor(self._pool, _guarded, work)


def _guarded(work: Callable[[], T]) -> T:
    try:
        return work()
    except BadImage:
        raise
    # Pillow's readers answer hostile bytes with nearly any exception: OSError, SyntaxError, struct.error,
    # zlib.error, KeyError, DecompressionBombError, a warning made an error ...
    except Exception as error:
        raise BadImage(f"unreadable: {type(error).__name__}") from error


# ── Base64 ───────────────────────────────────────────────────────────────────────────────────────────


def _body(text: str) -> tuple[int, int]:
    """Where the letters begin and end: after a data URI's head, before the padding."""
    start = 0
    if text[:5].lower() == "data:":
        start = text.find(",", 0, 256) + 1
        if not text[: max(start - 1, 0)].lower().endswith(";base64"):
            raise BadImage("a data URI without base64")
    # Only the tail is searched: to look through megabytes would be a stall of its own.
    end = text.find("=", max(start, len(text) - 64))
    if end < 0:
        return start, len(text)
    if text[end:].strip("= \t\r\n"):
        raise BadImage("padding inside base64")
    return start, end


def _letters(piece: str) -> bytes:
    """The piece without line breaks, in the standard alphabet."""
    if "=" in piece:
        raise BadImage("padding inside base64")
    try:
        return piece.encode("ascii").translate(_URL_SAFE, b" \t\r\n")
    except UnicodeEncodeError as error:
        raise BadImage("no base64") from error


def _bits(letters: bytes) -> bytes:
    try:
        return binascii.a2b_base64(letters, strict_mode=True) if letters else b""
    except binascii.Error as error:
        raise BadImage("no base64") from error


# ── In the thread ────────────────────────────────────────────────────────────────────────────────────


def _open(data: bytes, limits: Bounds) -> tuple[Image.Image, str]:
    """Reads the header only, and refuses what should not be decoded."""
    if len(data) > limits.size_bytes:
        raise BadImage(f"more than {limits.size_bytes} bytes")
    media_type = sniff(data)
    image = Image.open(io.BytesIO(data), formats=_FORMATS[media_type])
    width, height = image.size
    if max(width, height) > limits.side_px or width * height > limits.pixels:
        raise BadImage(f"{width}x{height} is too large")
    # A still picture was ordered. A JPEG's further frames (MPO) are no animation: the first one counts.
    if media_type != JPEG and getattr(image, "n_frames", 1) > 1:
        raise BadImage("an animation")
    return image, media_type


def _decode(data: bytes, limits: Bounds) -> tuple[Image.Image, str]:
    """Decodes every pixel, and turns the image as it shall be seen."""
    image, media_type = _open(data, limits)
    image.load()
    turn = _TURNS.get(_orientation(image))
    return (image.transpose(turn) if turn is not None else image), media_type


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, Warning):
        return 1  # Broken EXIF spoils no good picture.


def _verify(data: bytes, limits: Bounds) -> Verified:
    image, media_type = _decode(data, limits)
    return Verified(
        media_type=media_type,
        width=image.width,
        height=image.height,
        size_bytes=len(data),
        cell=_shrunk(image, CELL_SIDE_PX),
    )


def _opaque(image: Image.Image) -> Image.Image:
    """RGB, with what was transparent on the neutral ground."""
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion would clip, not scale
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (*GROUND, 255))
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _shrunk(image: Image.Image, side_px: int) -> Image.Image:
    """An RGB copy of which no side is longer; never enlarged."""
    small = _opaque(image)
    if small is image:
        small = image.copy()
    small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


def _jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _preview(data: bytes, side_px: int, limits: Bounds) -> bytes:
    image, _ = _decode(data, limits)
    return _jpeg(_shrunk(image, side_px))


def _fit(data: bytes, limit_bytes: int, limits: Bounds) -> tuple[bytes, str]:
    if len(data) <= limit_bytes:
        return data, sniff(data)
    image = _opaque(_decode(data, limits)[0])
    side_px = max(image.size)
    while side_px >= 1:
        small = _jpeg(_shrunk(image, side_px))
        if len(small) <= limit_bytes:
            return small, JPEG
        # Bytes grow with the area: aim a little under the limit, and always get smaller.
        side_px = int(side_px * min(0.95 * math.sqrt(limit_bytes / len(small)), 0.9))
    raise BadImage(f"no JPEG of it fits into {limit_bytes} bytes")


# ── The contact sheet ────────────────────────────────────────────────────────────────────────────────


def _cell_of(image: bytes | Verified, limits: Bounds) -> Image.Image:
    if isinstance(image, Verified):
        return image.cell
    return _shrunk(_decode(image, limits)[0], CELL_SIDE_PX)


def _sheet(cells: Sequence[Image.Image]) -> bytes:
    """Rows of equal cells, as large as the largest image; a row that isn't full stands in the middle."""
    if not cells:
        raise BadImage("no image for a sheet")
    columns = math.ceil(math.sqrt(len(cells)))
    rows = math.ceil(len(cells) / columns)
    width = max(cell.width for cell in cells)
    height = max(cell.height for cell in cells)
    size = (columns * (width + GAP_PX) - GAP_PX, rows * (height + GAP_PX) - GAP_PX)
    sheet = Image.new("RGB", size, GROUND)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        missing = columns - min(columns, len(cells) - row * columns)
        left = column * (width + GAP_PX) + missing * (width + GAP_PX) // 2
        top = row * (height + GAP_PX)
        sheet.paste(cell, (left + (width - cell.width) // 2, top + (height - cell.height) // 2))
    return _jpeg(sheet)
