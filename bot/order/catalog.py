"""The providers' models merged with the configuration, and Prompt -> Order: exact and valid by construction.

What a person typed and the model doesn't take is refused, naming what it does take; what came from
defaults or a style is left out (ruling 12).
"""

import dataclasses
import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.errors import BadInputs, BadPrompt, NotAllowed, UnknownModel
from bot.model import USD_MICROS_A_CREDIT, Model, Order, Price
from bot.order.familiar import Here, assert_ours, nearest_flag, style_in, translated
from bot.order.fitting import (
    NEGATIVES,
    assert_inputs,
    assert_mask,
    choose,
    first,
    fit,
    missed_shape,
    tail,
    taken,
    wishes_of,
    wishes_of_defaults,
)
from bot.order.flags import NAMED, by_spelling, canonical, spelled
from bot.order.naming import names_of, style_of
from bot.order.openness import Openness
from bot.order.pieces import at_most, draws_from, enlarges, images_of, nearly, said, styled, with_avoid
from bot.order.prompts import Prompt
from bot.order.routes import merged

_ALIKE = 0.6
_HEIRS_MAX = 8  # successors of successors
_TAKERS_SHOWN = 6  # models that are named in a refusal
_NOTHING: Mapping[str, str] = MappingProxyType({})
Permits = Callable[[Model], bool]
ListPrice = Callable[[Model, int], int]


class Catalog:
    """All models that may be ordered here, and how a prompt becomes an order for one of them."""

    def __init__(  # noqa: PLR0913 - what the configuration says of models
        self,
        models: Iterable[Model],
        *,
        providers: Collection[str] | None = None,  # the open ones; None: whichever the models name
        default_models: Sequence[str] = (),
        styles: Mapping[str, str] = _NOTHING,
        config: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        openness: Openness | None = None,
        order: Sequence[str] = (),  # of providers: who is asked first
        usd_micros_a_credit: int = USD_MICROS_A_CREDIT,
        links: bool = True,  # whether services can fetch pictures from us
    ) -> None:
        self.openness = openness or Openness()

        def here(model: Model) -> Model:
            linked = links or model.inputs_by == "bytes"
            inputs = model.inputs if linked else 0
            return dataclasses.replace(model, usd_micros_a_credit=usd_micros_a_credit, inputs=inputs)

        found = merged(models, config, providers, order=order, change=here)
        self._routes = found.routes
        self.unknown_models, self.unknown_routes = found.unknown, found.unknown_routes
        self.models: tuple[Model, ...] = tuple(routes[0] for routes in found.routes.values())
        self._names = names_of(self.models)
        wanted = [self._names.get(name.casefold()) for name in default_models]
        self.unknown_defaults: tuple[str, ...] = tuple(
            name for name, model in zip(default_models, wanted, strict=True) if model is None
        )
        self.defaults: tuple[Model, ...] = tuple(m for m in wanted if m is not None)
        self.styles: Mapping[str, Prompt] = {
            name.casefold(): style_of(name, text) for name, text in styles.items()
        }
        self._parameters = frozenset(p for m in self.all_routes() for p in m.parameters)

    # ── Models ───────────────────────────────────────────────────────────────────────────────────────

    def all_routes(self) -> tuple[Model, ...]:
        """Every provider's offer of every model."""
        return tuple(route for routes in self._routes.values() for route in routes)

    def routes(self, model_id: str) -> tuple[Model, ...]:
        """Who offers a model, the first to be asked first."""
        return self._routes.get(model_id, ())

    def route(self, provider: str, model_id: str) -> Model | None:
        """One provider's offer of a model."""
        return next((route for route in self.routes(model_id) if route.provider == provider), None)

    def open_routes(self, model_id: str, now: float) -> tuple[Model, ...]:
        """Who can draw a model at present, in the order in which they are asked: who failed a moment ago comes last."""
        usable = [route for route in self.routes(model_id) if self.openness.is_open(route, now)]
        return tuple(sorted(usable, key=lambda route: self.openness.is_doubtful(route, now)))

    def drawing(self, model: Model, now: float) -> Model:
        """The model as it would be drawn now; where nobody can, as the first would."""
        return next(iter(self.open_routes(model.id, now)), model)

    def is_open(self, model: Model, now: float) -> bool:
        """Whether anybody can draw it at present."""
        return bool(self.open_routes(model.id, now))

    def open_models(self, now: float) -> tuple[Model, ...]:
        """What can be ordered at present, as it would be drawn now, in the catalogue's order."""
        return tuple(routes[0] for m in self.models if (routes := self.open_routes(m.id, now)))

    def known(self, model_id: str) -> Model | None:
        """A model by its id, where the catalogue has it."""
        return next(iter(self.routes(model_id)), None)

    def find(self, name: str) -> Model:
        """A model by its id, its tail or an alias, in any case; open or not. Raises UnknownModel."""
        model = self._names.get(name.strip().casefold())
        if model is None:
            raise UnknownModel("model-unknown", typed=name[:80], nearest=self._nearest_model(name))
        return model

    def default(
        self, now: float, *, permits: Permits | None = None, takes: Permits | None = None
    ) -> tuple[Model, bool]:
        """The first open model of the configured list (then of all), and whether another was meant.

        One that failed a moment ago lets others go first; one that has ended lets its successor. `permits` says
        which models the community allows, `takes` which fit the order. Raises UnknownModel when none is open.
        """
        chosen = self._chosen(now, permits, takes)
        if chosen is None:
            raise UnknownModel("no-models-open")
        return chosen, bool(self.defaults) and chosen.id != self.defaults[0].id

    def _chosen(self, now: float, permits: Permits | None, takes: Permits | None) -> Model | None:
        wanted = [heir for model in self.defaults for heir in (model, *self.heirs(model, now))]
        doubtful: Model | None = None
        for model in (*wanted, *self.models):
            route = next(iter(self.open_routes(model.id, now)), None)
            if route is None or not _all(route, permits, takes):
                continue
            if not self.openness.is_doubtful(route, now):
                return route
            doubtful = doubtful or route
        return doubtful

    def heirs(self, model: Model, now: float) -> tuple[Model, ...]:
        """What takes the place of a model where it can't be used, open ones: its successor, that one's, and so on."""
        heirs: list[Model] = []
        while model.successor and len(heirs) < _HEIRS_MAX:
            following = self._names.get(model.successor.casefold())
            if following is None or following in heirs:
                break
            heirs.append(following)
            model = following
        return tuple(heir for heir in heirs if self.is_open(heir, now))

    def nearest(self, name: str) -> str:
        """The model whose name is most like this one, for the operator; empty where none is."""
        near = difflib.get_close_matches(name.casefold(), self._names, n=1, cutoff=_ALIKE)
        return self._names[near[0]].id if near else ""

    def _nearest_model(self, name: str) -> str:
        typed = name.strip().casefold()
        held = [n for n in self._names if len(typed) >= 3 and typed in n]  # noqa: PLR2004  # "g" holds in all
        near = held[:1] or difflib.get_close_matches(typed[:80], self._names, n=1, cutoff=_ALIKE)
        return tail(self._names[near[0]].id) if near else ""

    def list_price(self, order: Order) -> Price:
        """What an image of an order costs without any favours, by the route that is to draw it."""
        route = self.route(order.provider, order.model)
        if route is None:
            return Price(credits=order.credits_each, usd_micros=order.usd_micros_each)
        return route.price(order.parameters, order.inputs)

    # ── Orders ───────────────────────────────────────────────────────────────────────────────────────

    def order(
        self,
        prompt: Prompt,
        *,
        now: float,
        defaults: Mapping[str, str] = _NOTHING,
        price: ListPrice | None = None,
        permits: Permits | None = None,
        inputs: int = 0,
        masked: bool = False,
    ) -> Order:
        """The prompt made exact for the first route that takes it. Raises BadPrompt, UnknownModel or NotAllowed.

        `defaults` are the community's and the requester's own, by the names of flags; `price` makes of a
        model and its list price the credits of an image here; `inputs` is how many pictures are given, `masked` whether
        a mask for the first of them is.
        """
        model, meant = self._model(prompt, now, defaults, permits, inputs, masked=masked)
        prompt = translated(prompt, model)
        assert_ours(
            prompt,
            Here(
                model=model,
                styles=self.styles,
                price=lambda one: self._made(model, one, defaults, price, inputs, meant).credits,
            ),
        )
        refused: BadPrompt | None = None
        routes = self.open_routes(model.id, now)
        nearby = [(route, near) for route in routes if (near := nearly(prompt, route))]
        for route, asked in (*((route, prompt) for route in routes), *nearby):
            try:
                assert_mask(route, masked=masked)
                made = self._made(route, asked, defaults, price, inputs, meant)
                return dataclasses.replace(made, shape=missed_shape(prompt.aspect, made.parameters))
            except BadPrompt as error:
                refused = refused or error
        if isinstance(refused, BadInputs) and inputs:
            raise self._with_takers(refused, inputs, now, permits)
        raise refused or UnknownModel("model-closed", model=tail(model.id), nearest="")

    def _made(
        self,
        model: Model,
        prompt: Prompt,
        defaults: Mapping[str, str],
        price: ListPrice | None,
        inputs: int,
        meant: str,
    ) -> Order:
        assert_inputs(model, inputs)
        style = self.styles.get(look := self._style_of(prompt, defaults))
        parameters, avoid = self._parameters_of(prompt, style, defaults, model)
        listed = model.price(parameters, inputs)
        return Order(
            provider=model.provider,
            model=model.id,
            wire=model.wire,
            prompt=with_avoid(styled(prompt.subject, style), avoid),
            parameters=MappingProxyType(parameters),
            images=images_of(prompt, model, defaults),
            inputs=inputs,
            credits_each=at_most(
                listed.credits if price is None else price(model, listed.credits),
                self._shown(prompt, meant, price, inputs),
            ),
            usd_micros_each=listed.usd_micros,
            way=model.way,
            typed=prompt.typed or prompt.subject,
            subject=prompt.subject,
            meant=meant,
            style=look,
            private=said(prompt.private, defaults.get("private")),
            spoiler=said(prompt.spoiler, defaults.get("spoiler")),
            tell=said(prompt.tell, defaults.get("tell")),
        )

    def _shown(self, prompt: Prompt, meant: str, price: ListPrice | None, inputs: int) -> int | None:
        """What the model costs that somebody named and another takes the place of: more is never paid for it."""
        if prompt.model is None or not meant:
            return None
        named = self.find(meant)
        listed = named.price({**named.defaults, **fit(wishes_of(prompt), named, None)}, inputs).credits
        return listed if price is None else price(named, listed)

    def _model(
        self,
        prompt: Prompt,
        now: float,
        defaults: Mapping[str, str],
        permits: Permits | None,
        inputs: int,
        *,
        masked: bool,
    ) -> tuple[Model, str]:
        """The model, and the one that was meant where another takes its place."""
        if prompt.model is not None:
            named = self.find(prompt.model)
            self._assert_permitted(named, now, permits)
            return self._usable(
                named, now, permits, enlarges if named.upscales else draws_from(inputs, masked=masked)
            )
        chosen = self.usual(inputs, now=now, defaults=defaults, permits=permits, masked=masked)
        first = self._preferred(defaults) or next(iter(self.defaults), chosen)
        meant = first.id if chosen.id != first.id and _all(first, permits) and self._fails(first, now) else ""
        return chosen, meant

    def _usable(self, named: Model, now: float, permits: Permits | None, takes: Permits) -> tuple[Model, str]:
        """The model that was named; where nobody can draw it, who takes its place. Raises UnknownModel.

        Who does what is asked goes before; where nobody does, it is said of the first what it lacks.
        """
        if self.is_open(named, now):
            return named, ""
        heirs = [heir for heir in self.heirs(named, now) if _all(heir, permits)]
        heir = next(filter(takes, heirs), None)
        if heir is None and self._fails(named, now):
            heir = self._chosen(now, permits, takes) or next(iter(heirs), self._chosen(now, permits, None))
        if heir is None:
            raise UnknownModel("model-closed", model=tail(named.id), nearest=self._other(named, now, permits))
        return heir, named.id

    def usual(
        self, inputs: int, *, now: float, defaults: Mapping[str, str], permits: Permits | None, masked: bool
    ) -> Model:
        """Who draws from so many pictures where no model is named: the default one, where it can. Raises a Refusal."""
        preferred, takes = self._preferred(defaults), draws_from(inputs, masked=masked)
        if preferred and _all(preferred, permits, takes) and self.is_open(preferred, now):
            return preferred
        return self.taking(inputs, now=now, permits=permits, masked=masked)

    def _preferred(self, defaults: Mapping[str, str]) -> Model | None:
        return self._names.get(defaults.get("model", "").casefold())

    def taking(
        self, inputs: int, *, now: float, permits: Permits | None = None, masked: bool = False
    ) -> Model:
        """The first open model of the defaults (then of all) that draws from so many pictures. Raises a Refusal.

        Where a mask is given, one that takes it goes before.
        """
        takes = draws_from(inputs, masked=masked)
        chosen = self._chosen(now, permits, lambda model: takes(model) and model.masks) if masked else None
        chosen = chosen or self._chosen(now, permits, takes)
        if chosen is not None:
            return chosen
        if inputs:
            raise self._with_takers(BadInputs("inputs-nowhere", given=inputs), inputs, now, permits)
        raise UnknownModel("no-models-open")

    def _with_takers(self, refused: BadInputs, inputs: int, now: float, permits: Permits | None) -> BadInputs:
        """The same refusal with the names of the models that take so many pictures, else the most that any takes."""
        open_ones = [model for model in self.open_models(now) if _all(model, permits)]
        takers = [model for model in open_ones if model.takes(inputs)]
        named = ", ".join(tail(model.id) for model in takers[:_TAKERS_SHOWN])
        most = max((model.inputs for model in open_ones), default=0)
        return BadInputs(refused.reason, **{"most": most, **refused.facts}, takers=named)

    def _fails(self, model: Model, now: float) -> bool:
        """Whether it would be ours to use, and has ended or doesn't work."""
        return any(self.openness.is_ours(route, now) for route in self.routes(model.id)) and not any(
            self.openness.is_open(route, now) and not self.openness.is_doubtful(route, now)
            for route in self.routes(model.id)
        )

    def _assert_permitted(self, model: Model, now: float, permits: Permits | None) -> None:
        if not _all(model, permits):
            raise NotAllowed(
                "model-not-allowed", model=tail(model.id), nearest=self._other(model, now, permits)
            )

    def _other(self, model: Model, now: float, permits: Permits | None) -> str:
        """A model that could be ordered instead."""
        for other in (*self.defaults, *self.open_models(now)):
            if other.id != model.id and _all(other, permits) and self.is_open(other, now):
                return tail(other.id)
        return ""

    def style_name(self, prompt: Prompt) -> str | None:
        """The style that is asked for by name; none where somebody wants none."""
        return style_in(prompt, self.styles)

    def _style_of(self, prompt: Prompt, defaults: Mapping[str, str]) -> str:
        if (wanted := self.style_name(prompt)) is None:
            default = defaults.get("style", "").casefold() if prompt.style is None else ""
            return default if default in self.styles else ""
        if not self.styles:
            raise BadPrompt("style-none")
        return choose(spelled("style"), wanted, tuple(self.styles))

    def _parameters_of(
        self, prompt: Prompt, style: Prompt | None, defaults: Mapping[str, str], model: Model
    ) -> tuple[dict[str, str | int], str]:
        """The model's parameters, and what is left to be said in words."""
        typed = fit(wishes_of(prompt), model, self._refuse)
        suggested = wishes_of_defaults(defaults)
        if style is not None:
            suggested = suggested | wishes_of(style)
        # A size that was typed leaves no room for a default shape on a model with sizes only.
        gentle = fit({k: v for k, v in suggested.items() if k not in wishes_of(prompt)}, model, None)
        avoid = ", ".join(n for n in (prompt.negative, style and style.negative) if n)
        name = first(NEGATIVES, model)
        words = {name: avoid} if name and avoid else {}
        return {**model.defaults, **gentle, **typed, **words}, "" if words else avoid

    def _refuse(self, wish: str, model: Model) -> BadPrompt:
        """Why a typed flag can't be obeyed: another model's parameter, or no flag at all."""
        takes = taken(model)
        flag, name = by_spelling(wish), canonical(wish)
        if flag or name in self._parameters:
            typed = flag.spelled if flag else spelled(name)
            return BadPrompt("parameter-not-taken", flag=typed, model=tail(model.id), taken=str(takes))
        right = dict.fromkeys([*takes.flags, *map(spelled, [*model.parameters, *NAMED])])
        return BadPrompt("flag-unknown", flag=f"--{wish[:40]}", nearest=nearest_flag(name, right))


# ── Pieces of an order ───────────────────────────────────────────────────────────────────────────────


def _all(model: Model, *questions: Permits | None) -> bool:
    return all(question is None or question(model) for question in questions)
