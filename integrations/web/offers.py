"""The models as the page's scripts know them: what can be typed, and what it costs while it is typed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.order.fitting import shapes_in, wishes_of_defaults
from bot.order.flags import SHAPES, FlagKind, by_spelling, of
from bot.studio.counter import Offer


def documents(offers: Iterable[Offer], kept: Mapping[str, str]) -> list[dict[str, Any]]:
    """The models, with the person's prices. `kept` are the wishes that go without being typed."""
    offers = list(offers)
    drawn = (
        shape for one in offers for shape in shapes_in(one.takes)
    )  # an edit keeps the shape of its picture
    shapes = tuple(dict.fromkeys((*SHAPES, *drawn)))
    return [_document(one, kept, shapes) for one in offers]


def _document(offer: Offer, kept: Mapping[str, str], shapes: Sequence[str]) -> dict[str, Any]:
    model = offer.model
    usual = {**model.defaults, **offer.parameters_of(wishes_of_defaults(kept))}
    return {
        "name": offer.name,
        "id": model.id,
        "aliases": list(model.aliases),
        "credits": offer.price(model.price(usual).credits),
        "range": offer.range,
        "prices": [
            {
                "when": {name: list(values) for name, values in when.items()},
                "credits": offer.price(one.credits),
            }
            for when, one in model.table()
        ],
        "sized": list(
            offer.parameters_of({"size": kept.get("size", "")})
        ),  # no suggested shape changes these
        "usual": {name: str(value) for name, value in usual.items()},
        "asks": _asks(offer, shapes),
        "input_credits": offer.input_credits,
        "good_for": model.good_for,
        "inputs": model.inputs,
        "inputs_min": model.inputs_min,
        "masks": model.masks,
        "upscales": model.upscales,
        "default": offer.is_default,
        "flags": {flag: list(values) for flag, values in offer.takes.items()},
        "either": _either(offer),
    }


def _either(offer: Offer) -> list[list[str]]:
    """Flags of which only one can be typed: they speak to the same parameter of this model."""
    speaks: dict[str, list[str]] = {}
    for flag in of(FlagKind.SHAPE, FlagKind.SIZE):
        values = offer.takes.get(flag.spelled, ()) or SHAPES
        names = {name for value in values[:1] for name in offer.parameters_of({flag.name: value})}
        for name in names:
            speaks.setdefault(name, []).append(flag.spelled)
    return [flags for flags in speaks.values() if len(flags) > 1]


def _asks(offer: Offer, shapes: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """What each value of a flag asks of the model, where that decides the price: `--ar` may be a size there."""
    priced = {name for rate in offer.model.rates for name in rate.when}
    asks: dict[str, dict[str, dict[str, str]]] = {}
    for spelled, values in offer.takes.items():
        flag = by_spelling(spelled)
        any_shape = shapes if flag is not None and flag.kind is FlagKind.SHAPE else ()
        for value in values or any_shape:
            asked = offer.parameters_of({flag.name if flag else spelled: value})
            if asked := {name: str(one) for name, one in asked.items() if name in priced}:
                asks.setdefault(spelled, {})[value] = asked
    return asks
