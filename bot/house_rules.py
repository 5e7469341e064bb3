"""What a community's rules say to one request: pure checks before anything is charged."""

from bot.errors import NotAllowed
from bot.ports import Model, Order, Place, Requester
from bot.rules import Rules

_SIZES = ("size", "image_size", "resolution")


def assert_place(who: Requester, place: Place, rules: Rules, *, now: float) -> None:
    """Easel answers here, and this person may ask. Raises NotAllowed."""
    if rules.channels and place.channel not in rules.channels and not who.moderator:
        raise NotAllowed("channel-closed")
    if rules.newcomer_wait_s and who.joined_at is not None:
        until = who.joined_at + rules.newcomer_wait_s
        if now < until:
            raise NotAllowed("waiting-newcomer", until=until)


def assert_order(order: Order, style: str | None, rules: Rules) -> None:
    """The order stays within what the community allows. Raises NotAllowed."""
    if order.images > rules.images_max:
        raise NotAllowed("images-not-allowed", limit=rules.images_max)
    if rules.max_price is not None and order.credits > rules.max_price:
        raise NotAllowed("price-too-high", price=order.credits, limit=rules.max_price)
    if rules.styles and style is not None and style.casefold() not in {s.casefold() for s in rules.styles}:
        raise NotAllowed("style-not-allowed", style=style, values=", ".join(rules.styles))
    for name in _SIZES:
        size = order.parameters.get(name)
        if rules.sizes and size is not None and str(size) not in rules.sizes:
            raise NotAllowed("size-not-allowed", size=size, values=", ".join(rules.sizes))


def permits(model: Model, rules: Rules) -> bool:
    """Whether the community allows a model."""
    return not rules.models or model.id in rules.models or bool(set(model.aliases) & set(rules.models))
