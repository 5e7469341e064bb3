"""What a check looks at: a picture made small, in whatever form it came.

Checks are given what the darkroom has verified or made itself (bot/pictures/darkroom.py), so what could end a decoder
has ended it there. They decode it once more in a thread.
"""

import io

from PIL import Image

from bot.errors import BadImage

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def opened(image: bytes, side_px: int) -> Image.Image:
    """The picture in colours, decoded no larger than it must be: a JPEG in a scale at or above the side."""
    try:
        with Image.open(io.BytesIO(image), formats=_FORMATS) as found:
            found.draft("RGB", (side_px, side_px))
            return found.convert("RGB")
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise BadImage(f"a check can't read the picture: {type(error).__name__}") from error


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    """Its bytes; quality 1 to 95."""
    with io.BytesIO() as buffer:
        picture.save(buffer, format="JPEG", quality=quality)
        return buffer.getvalue()
