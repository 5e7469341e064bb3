"""What a community's rules say to one request: pure checks before anything is charged."""

from collections.abc import Mapping

from bot.community import holding, quotas
from bot.errors import NotAllowed
from bot.model import Model, Order
from bot.order.fitting import SIZES
from bot.order.flags import FlagKind, by_spelling
from bot.ports import Place, Requester
from bot.rules.rules import Rules

CHANNELS_TOLD = 5


def assert_place(who: Requester, place: Place, rules: Rules, *, now: float) -> None:
    """Easel answers here, and this person may ask. Raises NotAllowed, with the ids of the channels that are open."""
    if not holding.is_open(rules, place) and not quotas.moderates(who):
        elsewhere = holding.open_places(rules)[:CHANNELS_TOLD]
        raise NotAllowed("channel-closed", channels=", ".join(elsewhere) or None)
    if rules.newcomer_wait_s and who.joined_at is not None:
        until = who.joined_at + rules.newcomer_wait_s
        if now < until:
            raise NotAllowed("waiting-newcomer", until=until)


def assert_order(order: Order, style: str | None, rules: Rules) -> None:
    """The order stays within what the community allows. Raises NotAllowed."""
    if order.images > rules.images_max:
        raise NotAllowed("images-not-allowed", limit=rules.images_max)
    if rules.max_price is not None and order.credits_each > rules.max_price:
        raise NotAllowed("price-too-high", price=order.credits_each, limit=rules.max_price)
    if style is not None and not _among(style, rules.styles):
        raise NotAllowed("style-not-allowed", style=style, values=", ".join(rules.styles))
    for name in SIZES:
        size = order.parameters.get(name)
        if size is not None and not _among(str(size), rules.sizes):
            raise NotAllowed("size-not-allowed", size=size, values=", ".join(rules.sizes))


def narrowed(takes: Mapping[str, tuple[str, ...]], rules: Rules) -> dict[str, tuple[str, ...]]:
    """What a model takes, by flag, as far as the community allows it: what is refused is offered nowhere."""
    allowed = {flag: tuple(v for v in values if _offered(flag, v, rules)) for flag, values in takes.items()}
    return {flag: values for flag, values in allowed.items() if values or not takes[flag]}


def _offered(flag: str, value: str, rules: Rules) -> bool:
    known = by_spelling(flag)
    if known is None:
        return True
    if known.kind is FlagKind.COUNT:
        return int(value) <= rules.images_max
    return known.kind is not FlagKind.SIZE or _among(value, rules.sizes)


def wishes(own: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """What goes without being typed: the community's defaults, and before them the person's `own`.

    Of these without what the community doesn't allow: what nobody typed is left out (ruling 12).
    """
    allowed = {"style": rules.styles, "size": rules.sizes}
    kept = {name: value for name, value in own.items() if value and _among(value, allowed.get(name, ()))}
    common = {"model": rules.default_model, "aspect": rules.default_aspect}
    return {name: value for name, value in (common | kept).items() if value}


def _among(value: str, allowed: tuple[str, ...]) -> bool:
    return not allowed or value.casefold() in {one.casefold() for one in allowed}


def permits(model: Model, rules: Rules) -> bool:
    """Whether the community allows a model."""
    return not rules.models or model.id in rules.models or bool(set(model.aliases) & set(rules.models))
