"""The providers' models merged with the configuration: one id, one model, and its routes in the operator's order."""

import dataclasses
import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from bot.errors import ConfigError
from bot.model import Model, Rate

_MODEL_KEYS = frozenset({f.name for f in dataclasses.fields(Model)} - {"id", "usd_micros_a_credit", "rates"})
_OTHER_KEYS = frozenset({"enabled", "provider", "routes", "prices"})
_MISTYPED = (
    0.9  # so alike, a name that nobody knows is a typing error, and not a model of a provider left out
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of it."""

    routes: Mapping[str, tuple[Model, ...]]  # id -> its routes, the first to be asked first
    unknown: tuple[str, ...]  # names of entries that no open provider has a model for
    unknown_routes: tuple[str, ...]  # `model: provider` of routes that nobody here goes


def merged(
    models: Iterable[Model],
    config: Mapping[str, Mapping[str, Any]],
    providers: Collection[str] | None,
    *,
    order: Sequence[str] = (),
    change: Callable[[Model], Model] = lambda model: model,
) -> Merged:
    """The routes of each model as configured. `change` is applied to each; `order` is of providers."""
    offers: dict[str, list[Model]] = {}
    for model in models:
        offers.setdefault(model.id, []).append(model)
    routes: dict[str, tuple[Model, ...]] = {}
    unknown: list[str] = []
    lost: list[str] = []
    for model_id in [*offers, *(i for i in config if i not in offers)]:
        entry = config.get(model_id, {})
        if not entry.get("enabled", True):
            continue
        wanted = _wanted(offers.get(model_id, []), entry, model_id, offers, order)
        made = [change(_changed(model, model_id, entry)) for model in wanted]
        open_ = tuple(model for model in made if providers is None or model.provider in providers)
        lost += [
            f"{model_id}: {name}"
            for name in entry.get("routes") or ()
            if name not in [m.provider for m in open_]
        ]
        if open_:
            routes[model_id] = open_
        else:
            unknown.append(model_id)
    return Merged(routes=routes, unknown=tuple(unknown), unknown_routes=tuple(lost))


def _wanted(
    offers: Sequence[Model],
    entry: Mapping[str, Any],
    model_id: str,
    known: Collection[str],
    order: Sequence[str],
) -> list[Model]:
    """Who is asked for this model, the first first."""
    if named := entry.get("routes"):
        return [model for name in named for model in offers if model.provider == name]
    ranked = sorted(offers, key=lambda m: order.index(m.provider) if m.provider in order else len(order))
    if ranked and (provider := entry.get("provider")):
        ranked.sort(key=lambda model: model.provider != provider)
        if ranked[0].provider != provider:  # it has newly got what another offers
            ranked.insert(0, dataclasses.replace(ranked[0], provider=provider, wire=""))
    return ranked or _new(model_id, entry, known)


def _new(model_id: str, entry: Mapping[str, Any], known: Collection[str]) -> list[Model]:
    """A model that only the configuration knows; nothing for changes to a model that nobody here has."""
    if "provider" in entry and "credits" in entry:
        return [Model(id=model_id, provider=entry["provider"], credits=entry["credits"])]
    if near := difflib.get_close_matches(model_id, known, n=1, cutoff=_MISTYPED):
        raise ConfigError(
            f'models."{model_id}": a new model needs `provider` and `credits`; did you mean {near[0]!r}?'
        )
    return []


def _changed(model: Model, model_id: str, entry: Mapping[str, Any]) -> Model:
    """A route with the operator's changes."""
    given = {k: v for k, v in entry.items() if v is not None}
    if unknown := given.keys() - _MODEL_KEYS - _OTHER_KEYS:
        raise ConfigError(f'models."{model_id}": unknown key {min(unknown)!r}')
    if given.get("credits", 0) < 0 or given.get("usd_micros", 0) < 0:
        raise ConfigError(f'models."{model_id}": a price can\'t be below 0')
    changes = {k: v for k, v in given.items() if k not in _OTHER_KEYS}
    if "aliases" in changes:
        changes["aliases"] = tuple(changes["aliases"])
    if "parameters" in changes:
        taken = {k: tuple(map(str, v)) for k, v in changes["parameters"].items()}
        changes["parameters"] = taken
        changes["defaults"] = {k: v for k, v in model.defaults.items() if v in taken.get(k, ())}
    if "ends" in changes:
        changes["ends_upstream"] = False  # the operator says so
    try:
        return dataclasses.replace(model, **changes, rates=_rates(model, given))
    except ValueError as error:
        raise ConfigError(f'models."{model_id}": {error}') from error


def _rates(model: Model, given: Mapping[str, Any]) -> tuple[Rate, ...]:
    """The price table: the operator's own rows, else the provider's; one price of the operator's holds for all of it."""
    rows = tuple(map(Rate.of, given["prices"])) if "prices" in given else model.rates
    if "credits" in given and "prices" not in given:
        rows = tuple(dataclasses.replace(row, credits=given["credits"]) for row in rows)
    if "usd_micros" in given:
        rows = tuple(dataclasses.replace(row, usd_micros=given["usd_micros"]) for row in rows)
    return rows
