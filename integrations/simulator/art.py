"""The painter: a prompt's words, a size and a seed in; a PNG out. The same three give the same bytes."""

import io
import random

from PIL import Image


def paint(prompt: str, *, width: int, height: int, seed: int, transparent: bool = False) -> bytes:
    """Answers a PNG of exactly this size."""
    rng = random.Random(f"{prompt}{seed}")  # noqa: S311 - pictures, not secrets
    colour = tuple(rng.randrange(256) for _ in range(3))
    image = Image.new("RGBA" if transparent else "RGB", (width, height), colour)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
