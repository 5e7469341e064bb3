"""Autocompletion, pure: the models with their credits, and the values that the chosen model takes."""

from collections.abc import Iterable, Sequence

from bot.counter import Offer
from integrations.discord._text import cut, plain

MOST = 25
_LENGTH = 100
_SHAPES = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")
_FLAGS = {"aspect": "--ar", "quality": "--quality", "size": "--size"}

Choices = list[tuple[str, str]]  # what is shown, what is sent


def models(offers: Sequence[Offer], typed: str, price: str) -> Choices:
    """Models whose name, maker or alias has the typed letters; `price` is "{credits} credits"."""
    wanted = typed.strip().casefold()
    found = [one for one in offers if wanted in _words_of(one)]
    # The default stands first, then what begins with the letters.
    found.sort(key=lambda o: (not o.is_default, not o.name.casefold().startswith(wanted), o.credits, o.name))
    return [_choice(f"{o.name} · {price.format(credits=o.credits)}", o.model.id) for o in found[:MOST]]


def values(offers: Sequence[Offer], option: str, chosen: str, typed: str, styles: Iterable[str]) -> Choices:
    """What an option can be with the chosen model; with none chosen, with the default."""
    if option == "style":
        offered: Sequence[str] = tuple(styles)
    else:
        offer = choose(offers, chosen)
        takes = offer.takes if offer is not None else {}
        flag = _FLAGS[option]
        if flag not in takes:
            return []
        offered = takes[flag] or (_SHAPES if option == "aspect" else ())
    wanted = typed.strip().casefold()
    found = [value for value in offered if wanted in value.casefold()]
    return [_choice(value, value) for value in found[:MOST]]


def choose(offers: Sequence[Offer], named: str) -> Offer | None:
    """The offer that was named by id, tail or alias, else the default one."""
    wanted = named.strip().casefold()
    for offer in offers if wanted else ():
        names = (offer.model.id, offer.name, *offer.model.aliases)
        if wanted in (name.casefold() for name in names):
            return offer
    return next((offer for offer in offers if offer.is_default), offers[0] if offers else None)


def _words_of(offer: Offer) -> str:
    return " ".join((offer.model.id, offer.name, offer.model.maker, *offer.model.aliases)).casefold()


def _choice(shown: str, value: str) -> tuple[str, str]:
    return cut(plain(shown), _LENGTH), value[:_LENGTH]
