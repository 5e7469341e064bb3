"""What goes without being typed, and who draws then: told before an order is made, by what makes it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bot.community import house_rules
from bot.errors import Refusal
from bot.order.catalog import Catalog
from bot.rules.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """Wishes by the names of flags, and the ids of the models that draw where none is typed.

    A model stands at the number of pictures that are given, with a mask for the first of them or without; "" where none
    takes so many.
    """

    wishes: Mapping[str, str]
    plain: tuple[str, ...]
    masked: tuple[str, ...]


def usual_of(own: Mapping[str, str], rules: Rules, catalog: Catalog, *, now: float) -> Usual:
    """For a person with these defaults, under these rules."""
    wishes, permits = house_rules.wishes(own, rules), partial(house_rules.permits, rules=rules)
    most = max((model.inputs for model in catalog.open_models(now) if permits(model)), default=0)

    def draws(inputs: int, *, masked: bool) -> str:
        with suppress(Refusal):
            return catalog.usual(inputs, now=now, defaults=wishes, permits=permits, masked=masked).id
        return ""

    return Usual(
        wishes=wishes,
        plain=tuple(draws(inputs, masked=False) for inputs in range(most + 1)),
        masked=tuple(draws(inputs, masked=True) for inputs in range(most + 1)),
    )
