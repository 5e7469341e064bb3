"""What a prompt asks for -> one model's own parameters and spellings, pure.

What the model doesn't take is refused when it was typed, and left out when it came from defaults or a
style; a shape becomes the nearest size on a model with sizes only (ruling 12).
"""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.errors import BadPrompt
from bot.order.prompts import Prompt, aspect_of, canonical, spelled
from bot.ports import Model

IMAGES_MOST = 4  # one contact sheet (ruling 12)
NEGATIVES = ("negative_prompt", "negative")
_SIZES = ("size", "image_size", "resolution")  # what --size means, by what the model has
_COUNTS = frozenset({"number_of_images", "num_images", "n"})  # said by --n, never as a parameter
_SHAPED = {"square": "1:1", "landscape": "4:3", "portrait": "3:4"}
_SIMPLE = ("quality", "background")
_VALUE_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one model takes: `--ar`, `--size` and so on -> the values; () takes any text."""

    flags: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        return ", ".join(self.flags)


def tail(model_id: str) -> str:
    """The last part of an id: what people call a model. `seedream/v4.5` keeps its name."""
    parts = model_id.split("/")
    return "/".join(parts[-2:]) if re.fullmatch(r"v?[\d.]+", parts[-1]) else parts[-1]


def taken(model: Model) -> Taken:
    """What a model takes, as flags with their values."""
    flags: dict[str, tuple[str, ...]] = {}
    size = first(_SIZES, model)
    if "aspect_ratio" in model.parameters:
        flags["--ar"] = model.parameters["aspect_ratio"]
    elif _shapes(model):
        flags["--ar"] = ()  # any shape: the nearest size is taken
    if size:
        flags["--size"] = model.parameters[size]
    skip = {"aspect_ratio", size, *_COUNTS, *NEGATIVES}
    flags |= {spelled(p): values for p, values in model.parameters.items() if p not in skip}
    return Taken(flags=MappingProxyType({**flags, "--n": counts(model), "--no": (), "--style": ()}))


def choose(flag: str, value: str, values: Sequence[str]) -> str:
    """The model's own spelling of a value; () takes any text. Raises BadPrompt naming the values."""
    if not values:
        return value[:_VALUE_LIMIT]
    wanted = value.casefold().replace("×", "x")
    exact = next((v for v in values if v.casefold() == wanted), None)
    if exact is not None:
        return exact
    near = _nearest_shape(value, values) or next(
        iter(difflib.get_close_matches(wanted[:80], [v.casefold() for v in values], n=1, cutoff=0.4)), ""
    )
    nearest = next((v for v in values if v.casefold() == near.casefold()), "")
    raise BadPrompt("flag-value", flag=flag, value=value[:40], values=", ".join(values), nearest=nearest)


def counts(model: Model) -> tuple[str, ...]:
    """How many images one order for this model may ask for."""
    return tuple(str(n) for n in range(1, max(1, min(IMAGES_MOST, model.images_max)) + 1))


def wishes_of(prompt: Prompt) -> dict[str, str | int]:
    """What a prompt asks of the model's parameters; other flags under their typed names."""
    asked = {
        "aspect": prompt.aspect,
        "size": prompt.size,
        "quality": prompt.quality,
        "background": prompt.background,
        "seed": prompt.seed,
    }
    return {k: v for k, v in asked.items() if v is not None} | dict(prompt.extra)


def wishes_of_defaults(defaults: Mapping[str, str]) -> dict[str, str | int]:
    """The defaults that speak to parameters. One that no longer makes sense is left out."""
    wishes: dict[str, str | int] = {k: defaults[k] for k in ("size", *_SIMPLE) if defaults.get(k)}
    if shape := aspect_of(defaults.get("aspect", "")):
        wishes["aspect"] = shape
    return wishes


def fit(
    wishes: Mapping[str, str | int], model: Model, refuse: Callable[[str, Model], BadPrompt] | None
) -> dict[str, str | int]:
    """The wishes as the model's parameters. What it doesn't take is refused, or left out without `refuse`."""
    fitted: dict[str, str | int] = {}
    for wish, value in wishes.items():
        try:
            name, fitting = _parameter(wish, value, model) or (None, "")
        except BadPrompt:
            if refuse is None:
                continue
            raise
        if name is None:
            if refuse is not None:
                raise refuse(wish, model)
        elif name not in fitted:
            fitted[name] = fitting
        elif refuse is not None:
            raise BadPrompt("aspect-or-size", model=tail(model.id))
    return fitted


def _parameter(wish: str, value: str | int, model: Model) -> tuple[str, str | int] | None:
    """One wish as a parameter of the model with its value, or None when it isn't taken."""
    if wish == "aspect":
        return _aspect(str(value), model)
    name = first(_SIZES, model) if wish == "size" else canonical(wish)
    if name is None or name not in model.parameters or name in _COUNTS:
        return None
    if value == "":
        raise BadPrompt("flag-needs-value", flag=spelled(name))
    values = model.parameters[name]
    if not values and str(value).isdecimal():
        return name, int(str(value)[:18])
    return name, choose("--size" if wish == "size" else spelled(name), str(value), values)


def _aspect(shape: str, model: Model) -> tuple[str, str] | None:
    if "aspect_ratio" in model.parameters:
        return "aspect_ratio", choose("--ar", shape, model.parameters["aspect_ratio"])
    for name in _SIZES:
        if nearest := _nearest_shape(shape, model.parameters.get(name, ())):
            return name, nearest
    return None


def _shapes(model: Model) -> bool:
    return any(_ratio(v) for name in _SIZES for v in model.parameters.get(name, ()))


def _nearest_shape(shape: str, values: Iterable[str]) -> str:
    """The value whose width to height is nearest, or nothing where no value is a shape."""
    wanted = _ratio(shape)
    shaped = [v for v in values if _ratio(v)]
    if not wanted or not shaped:
        return ""
    return min(shaped, key=lambda v: abs(math.log(_ratio(v) / wanted)))


def _ratio(value: str) -> float:
    shape = _SHAPED.get(value.lower()) or aspect_of(value)
    if not shape:
        return 0.0
    width, _, height = shape.partition(":")
    return int(width) / int(height)


def first(names: Iterable[str], model: Model) -> str | None:
    """The first of several names that is a parameter of the model."""
    return next((n for n in names if n in model.parameters), None)
