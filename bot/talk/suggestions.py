"""What an option can be while somebody types it, pure: models with their credits, the chosen model's values, names."""

from collections.abc import Callable, Iterable, Sequence

from bot.community import rules_text
from bot.order.flags import NAMED, SHAPES, FlagKind
from bot.studio.counter import Offer
from bot.talk.answers import Choice

MODEL, SETTING = "model", "setting"
_SHOWN = 25

PriceText = Callable[[Offer], str]
ValuePriceText = Callable[[int], str]


def models(offers: Sequence[Offer], typed: str, price: PriceText) -> list[Choice]:
    """Models whose name, maker or alias has the typed letters."""
    wanted = typed.strip().casefold()
    found = [one for one in offers if wanted in _words_of(one)]
    # The default stands first, then what begins with the letters.
    found.sort(key=lambda o: (not o.is_default, not o.name.casefold().startswith(wanted), o.credits, o.name))
    return [Choice(value=o.model.id, label=o.name, note=price(o)) for o in found[:_SHOWN]]


def listed_models(offers: Sequence[Offer], typed: str, price: PriceText) -> list[Choice]:
    """The same for the last of a list: what was typed before the last comma stays."""
    before, comma, last = typed.rpartition(",")
    kept = f"{before}, " if comma else ""
    return [
        Choice(value=f"{kept}{one.label}", label=f"{kept}{one.label}", note=one.note)
        for one in models(offers, last, price)
    ]


def values(
    offers: Sequence[Offer],
    option: str,
    typed: str,
    *,
    model: str,
    styles: Iterable[str],
    price: ValuePriceText | None = None,
    look: Callable[[str], str] = lambda _: "",
) -> list[Choice]:
    """What an option can be with the chosen model; with none chosen, with the default. A value that costs says it."""
    flag, offer = NAMED[option], chosen(offers, model)
    offered: Sequence[str]
    if flag.kind is FlagKind.STYLE:
        offered = tuple(styles)
    else:
        takes = offer.takes if offer is not None else {}
        if flag.spelled not in takes:
            return []
        offered = takes[flag.spelled] or (SHAPES if flag.kind is FlagKind.SHAPE else ())
    wanted = typed.strip().casefold()
    looks = {value: look(value) if flag.kind is FlagKind.STYLE else "" for value in offered}
    found = [value for value in offered if wanted in f"{value} {looks[value]}".casefold()]
    return [
        Choice(value=value, label=value, note=looks[value] or _note(offer, flag.name, value, price))
        for value in found[:_SHOWN]
    ]


def _note(offer: Offer | None, flag: str, value: str, price: ValuePriceText | None) -> str:
    """What an image costs with this value, where the model's price depends on what is asked."""
    if offer is None or price is None or not offer.model.rates:
        return ""
    return price(offer.credits_with(flag, value))


def leading(offers: Sequence[Offer]) -> dict[str, Offer]:
    """The models to name first, by why one would take them; what costs most is taken for the best."""
    drawing = sorted(
        (one for one in offers if one.model.takes(0) and not one.model.upscales),
        key=lambda one: (one.credits, one.name),
    )
    if not drawing:
        return {}
    quick = next((one for one in drawing[1:] if one.model.good_for == "quick"), None)
    found = {"best": drawing[-1], "quick": quick, "cheap": drawing[0]}
    return {why: one for why, one in found.items() if one is not None}


def settings(typed: str) -> list[Choice]:
    """Names of a community's settings."""
    wanted = typed.strip().casefold().replace(" ", "_")
    found = [name for name in rules_text.NAMES if wanted in name]
    return [Choice(value=name, label=name) for name in found[:_SHOWN]]


def named(offers: Sequence[Offer], wanted: str) -> Offer | None:
    """The offer that is meant by id, name or alias."""
    plain = wanted.strip().casefold()
    return next((one for one in offers if plain in _names_of(one)), None) if plain else None


def chosen(offers: Sequence[Offer], wanted: str) -> Offer | None:
    """The offer that is meant, else the default one."""
    default = next((offer for offer in offers if offer.is_default), offers[0] if offers else None)
    return named(offers, wanted) or default


def _names_of(offer: Offer) -> set[str]:
    return {name.casefold() for name in (offer.model.id, offer.name, *offer.model.aliases)}


def _words_of(offer: Offer) -> str:
    return " ".join((offer.model.id, offer.name, offer.model.maker, *offer.model.aliases)).casefold()
