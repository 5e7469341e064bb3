"""The same order for another route, where one has said no: pure, and never dearer than what was shown."""

import dataclasses
from collections.abc import Callable, Collection
from types import MappingProxyType

from bot.health import Route
from bot.model import Model, Order, Parameters, Use
from bot.order.catalog import Catalog
from bot.order.fitting import fit


def elsewhere(
    catalog: Catalog,
    order: Order,
    *,
    now: float,
    passed: Collection[Route],
    permits: Callable[[Model], bool],
    without: str = "",
    defaults: bool = False,
) -> Order | None:
    """The order for the next who can draw it; None where there is nobody.

    First the model's other routes, then the models that take its place and that the community permits: its
    successors, and with `defaults` those that are used where none is named. `passed` are the routes that said
    no, `without` a provider that can't draw anything.
    """

    def free(route: Model) -> bool:
        return (route.provider, route.id) not in passed and route.provider != without

    unasked = _unasked(catalog, order)
    for route in filter(free, catalog.open_routes(order.model, now)):
        kept = {
            name: value
            for name, value in order.parameters.items()
            if name not in unasked or _is_taken(route, name, str(value))
        }
        if _takes(route, order, kept):
            return _redirected(order, route, kept)
    model = catalog.known(order.model)
    heirs = () if model is None else catalog.heirs(model, now)
    others = catalog.defaults if defaults else ()
    for heir in filter(permits, (*heirs, *(other for other in others if other.id != order.model))):
        for route in filter(free, catalog.open_routes(heir.id, now)):
            if _suits(route, order) and route.upscales == (model is not None and model.upscales):
                wishes = {name: str(value) for name, value in order.parameters.items()}
                return _redirected(order, route, fit(wishes, route, None))
    return None


def _unasked(catalog: Catalog, order: Order) -> set[str]:
    """What a provider's own default has put into the order: no wish that another would have to fulfil."""
    route = catalog.route(order.provider, order.model)
    defaults = {} if route is None else route.defaults
    return {name for name, value in order.parameters.items() if defaults.get(name) == value}


def _takes(route: Model, order: Order, parameters: Parameters) -> bool:
    """Whether another route of the same model can be asked for exactly this."""
    return _suits(route, order) and all(
        _is_taken(route, name, str(value)) for name, value in parameters.items()
    )


def _suits(route: Model, order: Order) -> bool:
    """Whether a route makes so many pictures of what is given; a mask that is given is not left out."""
    masked = any(source.use is Use.MASK for source in order.sources)
    fits = order.images <= route.images_max and route.inputs_min <= order.inputs <= route.inputs
    return fits and (route.masks if masked else not route.needs_mask)


def _is_taken(route: Model, name: str, value: str) -> bool:
    values = route.parameters.get(name)
    return values is not None and (not values or value in values)


def _redirected(order: Order, route: Model, parameters: Parameters) -> Order:
    """The order for another route: what the person was told to pay holds, or less."""
    asked = {**route.defaults, **parameters}
    price = route.price(asked, order.inputs)
    same = route.id == order.model
    return dataclasses.replace(
        order,
        provider=route.provider,
        model=route.id,
        wire=route.wire,
        parameters=MappingProxyType(asked),
        credits_each=order.credits_each if same else min(order.credits_each, price.credits),
        usd_micros_each=price.usd_micros,
        way=route.way,
        meant=order.meant if same else order.meant or order.model,
    )
