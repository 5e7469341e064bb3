"""The providers' models merged with the configuration, and Prompt -> Order: exact and valid by construction.

What a person typed and the model doesn't take is refused, naming what it does take; what came from
defaults or a style is left out (ruling 12).
"""

import dataclasses
import difflib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.errors import BadPrompt, ConfigError, NotAllowed, UnknownModel
from bot.model import Model, Order
from bot.order.fitting import (
    NEGATIVES,
    choose,
    counts,
    first,
    fit,
    tail,
    taken,
    wishes_of,
    wishes_of_defaults,
)
from bot.order.flags import NAMED, YES, by_spelling, canonical, spelled
from bot.order.prompts import Prompt, parse

_MODEL_KEYS = frozenset({f.name for f in dataclasses.fields(Model)} - {"id"} | {"enabled"})
_MISTYPED = (
    0.9  # so alike, a name that nobody knows is a typing error, and not a model of a provider left out
)
_ALIKE = 0.6
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Openness:
    """Which models our keys may use at present. The one part of the catalogue that changes."""

    def __init__(self) -> None:
        self._closed_until: dict[str, float] = {}
        self._open_ids: dict[str, frozenset[str]] = {}
        self._paused_until: dict[str, float] = {}

    def close(self, model: str, *, until: float) -> None:
        """The provider said that this model isn't ours to use: don't offer it for a while."""
        self._closed_until[model] = until

    def pause(self, provider: str, *, until: float) -> None:
        """The provider's account is empty: none of its models is offered for a while."""
        self._paused_until[provider] = until

    def set_open(self, provider: str, ids: Collection[str] | None) -> None:
        """What the provider's own list says; None: it doesn't tell."""
        if ids is None:
            self._open_ids.pop(provider, None)
        else:
            self._open_ids[provider] = frozenset(i.casefold() for i in ids)

    def is_open(self, model: Model, now: float) -> bool:
        if now < self._closed_until.get(model.id, -math.inf):
            return False
        if now < self._paused_until.get(model.provider, -math.inf):
            return False
        listed = self._open_ids.get(model.provider)
        return listed is None or model.id.casefold() in listed


class Catalog:
    """All models that may be ordered here, and how a prompt becomes an order for one of them."""

    def __init__(
        self,
        models: Iterable[Model],
        *,
        providers: Collection[str] | None = None,  # the open ones; None: whichever the models name
        default_models: Sequence[str] = (),
        styles: Mapping[str, str] = _NOTHING,
        config: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        openness: Openness | None = None,
    ) -> None:
        self.openness = openness or Openness()
        merged, self.unknown_models = _merged(models, config, providers)
        self.models: tuple[Model, ...] = tuple(merged)
        self._names = _names(self.models)
        wanted = [self._names.get(name.casefold()) for name in default_models]
        self.unknown_defaults: tuple[str, ...] = tuple(
            name for name, model in zip(default_models, wanted, strict=True) if model is None
        )
        self._defaults: tuple[Model, ...] = tuple(m for m in wanted if m is not None)
        self.styles: Mapping[str, Prompt] = {
            name.casefold(): _style(name, text) for name, text in styles.items()
        }
        self._parameters = frozenset(p for m in self.models for p in m.parameters)

    # ── Models ───────────────────────────────────────────────────────────────────────────────────────

    def open_models(self, now: float) -> tuple[Model, ...]:
        """What can be ordered at present, in the catalogue's order."""
        return tuple(m for m in self.models if self.openness.is_open(m, now))

    def find(self, name: str) -> Model:
        """A model by its id, its tail or an alias, in any case; open or not. Raises UnknownModel."""
        model = self._names.get(name.strip().casefold())
        if model is None:
            raise UnknownModel("model-unknown", typed=name[:80], nearest=self._nearest_model(name))
        return model

    def default(self, now: float, *, permits: Callable[[Model], bool] | None = None) -> tuple[Model, bool]:
        """The first open model of the configured list (then of all), and whether another was meant.

        `permits` says which models the community allows. Raises UnknownModel when none is open.
        """
        for model in (*self._defaults, *self.models):
            if self.openness.is_open(model, now) and (permits is None or permits(model)):
                return model, bool(self._defaults) and model is not self._defaults[0]
        raise UnknownModel("no-models-open")

    def nearest(self, name: str) -> str:
        """The model whose name is most like this one, for the operator; empty where none is."""
        near = difflib.get_close_matches(name.casefold(), self._names, n=1, cutoff=_ALIKE)
        return self._names[near[0]].id if near else ""

    def _nearest_model(self, name: str) -> str:
        typed = name.strip().casefold()
        held = [n for n in self._names if len(typed) >= 3 and typed in n]  # noqa: PLR2004  # "g" holds in all
        near = held[:1] or difflib.get_close_matches(typed[:80], self._names, n=1, cutoff=0.4)
        return tail(self._names[near[0]].id) if near else ""

    # ── Orders ───────────────────────────────────────────────────────────────────────────────────────

    def order(
        self,
        prompt: Prompt,
        *,
        now: float,
        defaults: Mapping[str, str] = _NOTHING,
        price: Callable[[Model], int] | None = None,
        permits: Callable[[Model], bool] | None = None,
    ) -> Order:
        """The prompt made exact. Raises BadPrompt, UnknownModel or NotAllowed.

        `defaults` are the community's and the requester's own, by the names of flags; `price` gives a
        model's credits an image here.
        """
        model = self._model(prompt, now, defaults, permits)
        style = self._style_of(prompt, defaults)
        parameters, avoid = self._parameters_of(prompt, style, defaults, model)
        return Order(
            provider=model.provider,
            model=model.id,
            prompt=_with_avoid(_styled(prompt.subject, style), avoid),
            parameters=MappingProxyType(parameters),
            images=_images(prompt, model, defaults),
            credits_each=(price or _list_price)(model),
            usd_micros_each=model.usd_micros,
            way=model.way,
            typed=prompt.typed or prompt.subject,
            subject=prompt.subject,
            private=_said(prompt.private, defaults.get("private")),
            spoiler=_said(prompt.spoiler, defaults.get("spoiler")),
            tell=_said(prompt.tell, defaults.get("tell")),
        )

    def _model(
        self,
        prompt: Prompt,
        now: float,
        defaults: Mapping[str, str],
        permits: Callable[[Model], bool] | None,
    ) -> Model:
        if prompt.model is not None:
            model = self.find(prompt.model)
            self._assert_usable(model, now, permits)
            return model
        preferred = self._names.get(defaults.get("model", "").casefold())
        if preferred and self.openness.is_open(preferred, now) and (permits is None or permits(preferred)):
            return preferred
        return self.default(now, permits=permits)[0]

    def _assert_usable(self, model: Model, now: float, permits: Callable[[Model], bool] | None) -> None:
        usable = [m for m in (*self._defaults, *self.open_models(now)) if permits is None or permits(m)]
        other = next((tail(m.id) for m in usable if m != model and self.openness.is_open(m, now)), "")
        if permits is not None and not permits(model):
            raise NotAllowed("model-not-allowed", model=tail(model.id), nearest=other)
        if not self.openness.is_open(model, now):
            raise UnknownModel("model-closed", model=tail(model.id), nearest=other)

    def _style_of(self, prompt: Prompt, defaults: Mapping[str, str]) -> Prompt | None:
        if prompt.style is None:
            return self.styles.get(defaults.get("style", "").casefold())
        if not self.styles:
            raise BadPrompt("style-none")
        return self.styles[choose(spelled("style"), prompt.style, tuple(self.styles))]

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
        return {**gentle, **typed, **words}, "" if words else avoid

    def _refuse(self, wish: str, model: Model) -> BadPrompt:
        """Why a typed flag can't be obeyed: another model's parameter, or no flag at all."""
        takes = taken(model)
        flag, name = by_spelling(wish), canonical(wish)
        if flag or name in self._parameters:
            typed = flag.spelled if flag else spelled(name)
            return BadPrompt("parameter-not-taken", flag=typed, model=tail(model.id), taken=str(takes))
        right = dict.fromkeys([*takes.flags, *map(spelled, [*model.parameters, *NAMED])])
        near = difflib.get_close_matches(spelled(name)[:40], right, n=1, cutoff=0.5)
        return BadPrompt("flag-unknown", flag=f"--{wish[:40]}", nearest=near[0] if near else "")


# ── Building ─────────────────────────────────────────────────────────────────────────────────────────


def _merged(
    models: Iterable[Model], config: Mapping[str, Mapping[str, Any]], providers: Collection[str] | None
) -> tuple[list[Model], tuple[str, ...]]:
    """The models as configured, and the names of entries that no open provider has a model for.

    Of several models with one id, the configured provider's, else the first.
    """
    offers: dict[str, list[Model]] = {}
    for model in models:
        offers.setdefault(model.id, []).append(model)
    merged: list[Model] = []
    unknown: list[str] = []
    for model_id in [*offers, *(i for i in config if i not in offers)]:
        entry = config.get(model_id, {})
        if not entry.get("enabled", True):
            continue
        same = offers.get(model_id, [])
        chosen = next((m for m in same if m.provider == entry.get("provider", m.provider)), None)
        base = chosen or (same[0] if same else _new(model_id, entry, offers))
        changed = None if base is None else dataclasses.replace(base, **_changes(model_id, entry))
        if changed is None or not (providers is None or changed.provider in providers):
            unknown.append(model_id)
        else:
            merged.append(changed)
    return merged, tuple(unknown)


def _new(model_id: str, entry: Mapping[str, Any], known: Collection[str]) -> Model | None:
    """A model that only the configuration knows; None for changes to a model that nobody here has."""
    if "provider" in entry and "credits" in entry:
        return Model(id=model_id, provider=entry["provider"], credits=entry["credits"])
    if near := difflib.get_close_matches(model_id, known, n=1, cutoff=_MISTYPED):
        raise ConfigError(
            f'models."{model_id}": a new model needs `provider` and `credits`; did you mean {near[0]!r}?'
        )
    return None


def _changes(model_id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    changes = {k: v for k, v in entry.items() if k != "enabled" and v is not None}
    if unknown := changes.keys() - _MODEL_KEYS:
        raise ConfigError(f'models."{model_id}": unknown key {min(unknown)!r}')
    if changes.get("credits", 0) < 0 or changes.get("usd_micros", 0) < 0:
        raise ConfigError(f'models."{model_id}": a price can\'t be below 0')
    if "aliases" in changes:
        changes["aliases"] = tuple(changes["aliases"])
    if "parameters" in changes:
        changes["parameters"] = {k: tuple(map(str, v)) for k, v in changes["parameters"].items()}
    return changes


def _names(models: Sequence[Model]) -> dict[str, Model]:
    """Every name of every model: ids before aliases before ends of ids; the first model wins."""
    names: dict[str, Model] = {m.id.casefold(): m for m in models}
    for model in models:
        for alias in model.aliases:
            names.setdefault(alias.casefold(), model)
    for model in models:
        parts = model.id.casefold().split("/")
        for start in range(1, len(parts)):
            names.setdefault("/".join(parts[start:]), model)
    return names


def _style(name: str, text: str) -> Prompt:
    """A style's template, which may carry flags of its own."""
    try:
        template = parse(text)
    except BadPrompt as error:
        raise ConfigError(f"styles.{name}: the template can't be read ({error.reason})") from error
    if "{prompt}" in template.subject:
        return template
    return dataclasses.replace(template, subject=f"{{prompt}}, {template.subject}")


# ── Pieces of an order ───────────────────────────────────────────────────────────────────────────────


def _list_price(model: Model) -> int:
    return model.price().credits


def _said(typed: bool | None, default: str | None) -> bool:  # noqa: FBT001  # the field itself
    return typed if typed is not None else (default or "").lower() in YES


def _styled(subject: str, style: Prompt | None) -> str:
    return subject if style is None else style.subject.replace("{prompt}", subject)


def _with_avoid(prompt: str, avoid: str) -> str:
    if not avoid:
        return prompt
    joint = " " if prompt[-1] in ".!?…。" else ". "
    return f"{prompt}{joint}Avoid: {avoid}"


def _images(prompt: Prompt, model: Model, defaults: Mapping[str, str]) -> int:
    most = len(counts(model))
    if prompt.images is None:
        wanted = defaults.get("images", "1")
        return max(1, min(most, int(wanted))) if wanted.isdecimal() else 1
    if not 1 <= prompt.images <= most:
        raise BadPrompt("images-range", images=prompt.images, least=1, most=most, model=tail(model.id))
    return prompt.images
