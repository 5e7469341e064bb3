"""How fal calls the shapes of pictures: by name, in pixels, within the megapixels that are paid."""

import math
import re
from collections.abc import Mapping

_NAMED_SIZES = {
    "1:1": "square_hd", "4:3": "landscape_4_3", "3:4": "portrait_4_3", "16:9": "landscape_16_9", "9:16": "portrait_16_9",
    "square": "square_hd", "landscape": "landscape_4_3", "portrait": "portrait_4_3",
}  # fmt: skip
_SIDES = {"2K": 2048, "4K": 4096}
_PIXELS = re.compile(r"(\d{2,5})x(\d{2,5})")
_GRAIN = 16  # sides are multiples of it


def shaped(asked: Mapping[str, str | int], how: str) -> dict[str, object]:
    """The parameters as fal calls them: most models take an `image_size` by name or in pixels."""
    rest: dict[str, object] = dict(asked)
    size = rest.pop("size", None) or rest.pop("image_size", None)
    if size is not None:
        return rest | {"image_size": _size_of(str(size))}
    if how == "name" and (ratio := rest.pop("aspect_ratio", None)) is not None:
        return rest | {"image_size": _size_of(str(ratio))}
    if how == "pixels":
        megapixels = str(rest.pop("resolution", "1MP")).removesuffix("MP")
        return rest | {"image_size": within(str(rest.pop("aspect_ratio", "1:1")), float(megapixels))}
    return rest


def _size_of(value: str) -> object:
    if exact := _PIXELS.fullmatch(value):
        return {"width": int(exact[1]), "height": int(exact[2])}
    if side := _SIDES.get(value):
        return {"width": side, "height": side}
    return _NAMED_SIZES.get(value, value)


def within(ratio: str, megapixels: float) -> dict[str, int]:
    """The largest sides of this shape within so many millions of pixels: what is begun of one more is paid."""
    width, _, height = ratio.partition(":")
    across = math.sqrt(megapixels * 1e6 * int(width) / int(height))
    down = across * int(height) / int(width)
    return {"width": int(across // _GRAIN) * _GRAIN, "height": int(down // _GRAIN) * _GRAIN}
