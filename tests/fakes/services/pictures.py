"""Small real pictures for the local services."""

import io
from functools import cache

from PIL import Image


@cache
def png(number: int = 0, *, side: int = 32) -> bytes:
    """A picture of its own for each number."""
    kept = io.BytesIO()
    Image.new("RGB", (side, side), (40 * number % 256, 90, 160)).save(kept, "PNG")
    return kept.getvalue()


@cache
def grey(level: int = 255, *, side: int = 32) -> bytes:
    """A mask: white may change, black stays."""
    kept = io.BytesIO()
    Image.new("L", (side, side), level).save(kept, "PNG")
    return kept.getvalue()
