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

from bot.errors import BadInputs, BadPrompt
from bot.model import Model
from bot.order.flags import FLAGS, NAMED, Flag, FlagKind, by_spelling, canonical, of, parameters, spelled
from bot.order.prompts import Prompt, aspect_of

IMAGES_MOST = 4  # one contact sheet (ruling 12)
NEGATIVES = parameters(FlagKind.LIST)
SIZES = parameters(FlagKind.SIZE)  # what --size means, by what the model has
_COUNTS = frozenset(parameters(FlagKind.COUNT))  # said by --n, never as a parameter
_SHAPED = {"square": "1:1", "landscape": "4:3", "portrait": "3:4"}
_VALUE_LIMIT = 200
_NEAR, _SAME = (
    math.log(1.5),
    math.log(1.01),
)  # how far two shapes are apart: width to height by width to height


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
    """What a model takes, as flags with their values: its parameters first, then what every model takes."""
    known = {*_COUNTS, *NEGATIVES, *(first(flag.parameters, model) for flag in FLAGS if flag.is_wish)}
    others = {spelled(p): values for p, values in model.parameters.items() if p not in known}
    ours = {flag: values for flag in of(*FlagKind) if (values := _values(flag, model)) is not None}
    wishes = {flag.spelled: values for flag, values in ours.items() if flag.is_wish}
    rest = {flag.spelled: values for flag, values in ours.items() if not flag.is_wish}
    return Taken(flags=MappingProxyType({**wishes, **others, **rest}))


def _values(flag: Flag, model: Model) -> tuple[str, ...] | None:
    """What a flag can be with one model; None where the model doesn't take it, or has no say in it."""
    match flag.kind:
        case FlagKind.SHAPE | FlagKind.SIZE | FlagKind.CHOICE | FlagKind.NUMBER:
            name = first(flag.parameters, model)
            if name is not None:
                return model.parameters[name]
            return () if flag.kind is FlagKind.SHAPE and _shapes(model) else None  # the nearest size is taken
        case FlagKind.COUNT:
            return counts(model)
        case FlagKind.LIST | FlagKind.STYLE:
            return ()
        case FlagKind.MODEL | FlagKind.SWITCH | FlagKind.PICTURES:
            return None


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


def wishes_of(prompt: Prompt) -> dict[str, str]:
    """What a prompt asks of the model's parameters; other flags under their typed names."""
    said = prompt.said()
    return {f.name: said[f.name] for f in FLAGS if f.is_wish and f.name in said} | dict(prompt.extra)


def carried(prompt: Prompt, model: Model) -> dict[str, str]:
    """What a prompt says besides its words, as options for another model: without what that one doesn't take."""
    said = {name: value for name, value in prompt.said().items() if name != "model"} | dict(prompt.extra)
    kept = {
        name: value
        for name, value in said.items()
        if name not in wishes_of(prompt) or fit({name: value}, model, None)
    }
    most = len(counts(model))
    return kept | {"images": str(min(prompt.images or 1, most)), "model": model.id}


def wishes_of_defaults(defaults: Mapping[str, str]) -> dict[str, str]:
    """The defaults that speak to parameters. One that no longer makes sense is left out."""
    wishes: dict[str, str] = {}
    # A size is more exact than a shape: where a model can follow only one of them, it goes first.
    for flag in sorted(FLAGS, key=lambda flag: flag.kind is FlagKind.SHAPE):
        kept = defaults.get(flag.name, "")
        value = aspect_of(kept) if flag.kind is FlagKind.SHAPE else kept
        if flag.is_wish and value:
            wishes[flag.name] = value
    return wishes


def fit(
    wishes: Mapping[str, str], model: Model, refuse: Callable[[str, Model], BadPrompt] | None
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


def _parameter(wish: str, value: str, model: Model) -> tuple[str, str | int] | None:
    """One wish as a parameter of the model with its value, or None when it isn't taken."""
    flag = by_spelling(wish)
    if flag is not None and flag.kind is FlagKind.SHAPE:
        return _shaped(flag, value, model)
    name = first(flag.parameters, model) if flag else canonical(wish)
    if name is None or name not in model.parameters or name in _COUNTS:
        return None
    typed = flag.spelled if flag else spelled(name)
    if value == "":
        raise BadPrompt("flag-needs-value", flag=typed)
    values = model.parameters[name]
    if not values and value.isdecimal():
        return name, int(value[:18])
    return name, choose(typed, value, values)


def _shaped(flag: Flag, shape: str, model: Model) -> tuple[str, str] | None:
    """A shape as the model says it: by its own parameter, else as its nearest size."""
    if name := first(flag.parameters, model):
        values = model.parameters[name]
        return name, choose(flag.spelled, shape, values)
    for name in SIZES:
        if nearest := _nearest_shape(shape, model.parameters.get(name, ())):
            return name, nearest
    return None


def near_shape(shape: str, model: Model) -> str:
    """The nearest shape of a model that has shapes, and not this one; nothing where none is near."""
    name = first(NAMED["aspect"].parameters, model)
    nearest = _nearest_shape(shape, model.parameters[name]) if name else ""
    return nearest if nearest and _apart(shape, nearest) <= _NEAR else ""


def missed_shape(shape: str | None, parameters: Mapping[str, str | int]) -> str:
    """The shape that was asked for, where the parameters draw only a near one; else nothing."""
    names = (*(name for flag in of(FlagKind.SHAPE) for name in flag.parameters), *SIZES)
    drawn = next(
        (str(parameters[name]) for name in names if name in parameters and _ratio(str(parameters[name]))), ""
    )
    return shape if shape and drawn and _apart(shape, drawn) > _SAME else ""


def shapes_in(takes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shapes that a model draws, by the flags that it takes."""
    values = (value for flag in of(FlagKind.SHAPE, FlagKind.SIZE) for value in takes.get(flag.spelled, ()))
    return tuple(shape for value in values if (shape := aspect_of(value)))


def _apart(shape: str, other: str) -> float:
    return abs(math.log(_ratio(shape) / _ratio(other)))


def _shapes(model: Model) -> bool:
    return any(_ratio(v) for name in SIZES for v in model.parameters.get(name, ()))


def _nearest_shape(shape: str, values: Iterable[str]) -> str:
    """The value whose width to height is nearest, or nothing where no value is a shape."""
    wanted = _ratio(shape)
    shaped = [v for v in values if _ratio(v)]
    if not wanted or not shaped:
        return ""
    return min(shaped, key=lambda value: _apart(shape, value))


def _ratio(value: str) -> float:
    shape = _SHAPED.get(value.lower()) or aspect_of(value)
    if not shape:
        return 0.0
    width, _, height = shape.partition(":")
    return float(width) / float(height)


def first(names: Iterable[str], model: Model) -> str | None:
    """The first of several names that is a parameter of the model."""
    return next((n for n in names if n in model.parameters), None)


# ── Pictures that are given ──────────────────────────────────────────────────────────────────────────


def assert_mask(model: Model, *, masked: bool) -> None:
    """Raises BadInputs for a model that fills what a mask shows, where none is given."""
    if model.needs_mask and not masked:
        raise BadInputs("mask-needed", model=tail(model.id))


def assert_inputs(model: Model, inputs: int) -> None:
    """Raises BadInputs for more pictures than the model takes, or fewer than it needs."""
    if inputs > model.inputs:
        reason = "inputs-too-many" if model.inputs else "inputs-not-taken"
        raise BadInputs(reason, model=tail(model.id), most=model.inputs, given=inputs)
    if inputs < model.inputs_min:
        raise BadInputs("inputs-needed", model=tail(model.id), least=model.inputs_min)
