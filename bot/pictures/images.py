"""What a picture is: the three types that we take, how large one may be, and what is known of a good one.

Imported by the process that decodes (bot/pictures/child.py) as well: nothing here is slow to import.
"""

from dataclasses import dataclass, field

from bot.errors import BadImage
from bot.model import JPEG, PNG, WEBP

PREVIEW_SIDE_PX = 1024
CELL_SIDE_PX = 512
GAP_PX = 8
QUALITY = 85
# In a JPEG, what was transparent lies on this grey: dark and light drawings both stay readable on it.
GROUND = (128, 128, 132)

# What decoding takes at its peak, in bytes a pixel, measured with the dearest kind of each type: a PNG with an
# alpha channel, a progressive JPEG of four colours, any WebP (libwebp keeps its canvas twice).
PEAK_BYTES_A_PIXEL = {PNG: 9, JPEG: 13, WEBP: 18}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large a picture may be, how intricate, how long it may take, and what all together may take at once."""

    size_bytes: int = 32 * 1024 * 1024
    side_px: int = 8192
    pixels: int = 40_000_000  # stays under Pillow's own warning level (89 million)
    scans: int = 32  # of a JPEG; encoders make up to 18, each costs a pass over all pixels
    parts: int = 20_000  # chunks or segments; 4 KiB each in the largest file
    squeezed_parts: int = 32  # compressed texts and profiles of a PNG: each may swell to 1 MiB
    memory_bytes: int = 640 * 1024 * 1024  # of pixels in all processes together
    time_s: float = 20.0  # from the wall's clock; the dearest allowed picture takes 4 s on one core


LIMITS = Bounds()
# Of pictures that people give: a camera's panorama is long, and of 40 megapixels a WebP takes the most.
# They are written anew, too, some of them smaller and smaller: that takes its time.
INPUT_LIMITS = Bounds(
    size_bytes=20 * 1024 * 1024, side_px=65_000, memory_bytes=768 * 1024 * 1024, time_s=40.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What a picture shall fit into; 0: as large as it is."""

    pixels: int = 0
    size_bytes: int = 0
    width: int = 0  # with `height`: exactly so large, as a mask lies on its picture
    height: int = 0

    def takes(self, *, width: int, height: int, size_bytes: int) -> bool:
        """Whether such a picture fits as it is."""
        exact = not self.width or (width, height) == (self.width, self.height)
        small = not self.pixels or width * height <= self.pixels
        return exact and small and (not self.size_bytes or size_bytes <= self.size_bytes)


AS_IT_IS = Fitting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What the header says, before a pixel is decoded."""

    media_type: str
    width: int
    height: int

    @property
    def peak_bytes(self) -> int:
        """What decoding it takes at once, about."""
        return self.width * self.height * PEAK_BYTES_A_PIXEL[self.media_type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A picture made small, for a contact sheet: its raw RGB."""

    width: int
    height: int
    rgb: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.rgb) != self.width * self.height * 3:
            raise ValueError("a cell of another size")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """An image that was decoded whole, once: `cell` is kept of that decode, for a contact sheet.

    `data` is what shall be kept: the same pixels with an AI mark, without what tells of a person.
    """

    media_type: str
    width: int  # as it is seen, after its orientation is applied
    height: int
    size_bytes: int  # as it came
    data: bytes = field(repr=False, compare=False)
    cell: Cell = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A person's own picture, as it may be kept and sent on."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


def sniff(data: bytes) -> str:
    """Answers the media type that the bytes themselves show. Never trust a Content-Type."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    raise BadImage("neither PNG nor JPEG nor WebP")
