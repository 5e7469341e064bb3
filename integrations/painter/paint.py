"""The painter: words, a size, a seed and perhaps pictures in; a PNG out. The same of them give the same bytes."""

import hashlib
import io
import random
import re
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from integrations.painter.canvas import Canvas
from integrations.painter.looks import looked
from integrations.painter.manners import manner_of
from integrations.painter.retouch import retouch
from integrations.painter.scene import compose, figure_alone

EDGE_MAX_PX = 1024  # nothing is painted larger than this; larger pictures are enlarged from it
MARK = "simulated"
# What shall not be there is said to a model by its words: a painter that knows words alone would paint it.
_AVOIDED = re.compile(r"(?:^|[.!?…。] )Avoid: .*", re.DOTALL)


def paint(
    prompt: str,
    *,
    width: int,
    height: int,
    seed: int,
    transparent: bool = False,
    given: Sequence[bytes] = (),
    model: str = "",
) -> bytes:
    """Answers a PNG of exactly this size, with a small mark in its corner; from pictures, where some are given.

    `model` is the name of whoever is said to paint it: the same words look otherwise by another hand.
    """
    marks = [hashlib.sha256(data).hexdigest() for data in given]
    rng = random.Random("\n".join([str(seed), prompt, *marks]))  # noqa: S311 - pictures, not secrets
    prompt = wanted(prompt)
    share = min(1.0, EDGE_MAX_PX / max(width, height))
    manner = manner_of(model)
    canvas = Canvas(max(8, round(width * share)), max(8, round(height * share)), rng)
    if given:
        retouch(canvas, prompt, given)
        image = manner.finish(canvas.image)
    elif transparent:
        image = figure_alone(canvas, prompt)
    else:
        compose(canvas, prompt, manner, lambda drawn: looked(manner.finish(drawn), prompt, rng))
        image = canvas.image
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    _sign(image)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def wanted(prompt: str) -> str:
    """The words without what shall not be there."""
    return _AVOIDED.sub("", prompt)


def _sign(image: Image.Image) -> None:
    """The mark, discreet, on pictures large enough to read it."""
    size = min(image.size) // 56
    if size < 7:  # noqa: PLR2004 - pixels; smaller letters are only dirt
        return
    font = ImageFont.load_default(size)
    layer = Image.new("L", image.size)
    at = (image.width - size * 0.8, image.height - size * 0.7)
    ImageDraw.Draw(layer).text(at, MARK, fill=120, font=font, anchor="rs")
    white = Image.new(image.mode, image.size, "white")
    image.paste(white, (0, 0), layer)
