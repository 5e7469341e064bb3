"""Catalogues of models as data, validated when they are read.

What holds for a model whoever draws it is in `models.toml`; which of them a provider draws, how and at what
price, in a file of the provider's own.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any, Literal

import pydantic

from bot.model import USD_MICROS, USD_MICROS_A_CREDIT, Answering, InputsBy, Model, Rate, Strength


class _Facts(pydantic.BaseModel, frozen=True, extra="forbid"):
    """A model, whoever draws it."""

    id: str = pydantic.Field(min_length=1)
    maker: str = ""
    good_for: Strength | Literal[""] = ""
    aliases: tuple[str, ...] = ()
    ends: date | None = None
    successor: str = ""


class Tokens(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What a million tokens cost, in US dollars."""

    text_in: float = pydantic.Field(default=0, ge=0)
    image_in: float = pydantic.Field(default=0, ge=0)
    text_out: float = pydantic.Field(default=0, ge=0)
    image_out: float = pydantic.Field(default=0, ge=0)

    def usd_micros(
        self, *, text_in: int = 0, image_in: int = 0, text_out: int = 0, image_out: int = 0
    ) -> int:
        """What so many tokens cost: a dollar a million is one millionth of a dollar a token."""
        return round(
            text_in * self.text_in
            + image_in * self.image_in
            + text_out * self.text_out
            + image_out * self.image_out
        )


class _Entry(_Facts, frozen=True, extra="forbid"):
    """A model as one provider draws it. Facts that it repeats are its own; the others are the model's."""

    wire: str = ""
    credits: int | None = pydantic.Field(default=None, ge=0)
    usd_micros: int | None = pydantic.Field(default=None, ge=0)
    usd: float | None = pydantic.Field(default=None, ge=0)
    prices: tuple[dict[str, Any], ...] = ()  # rows of values, and `usd` or `credits`; the first that fits
    usd_input: float = pydantic.Field(default=0, ge=0)  # each picture that is given
    tokens: Tokens | None = None
    way: Answering
    calls: bool = True
    images_max: int = pydantic.Field(default=4, ge=1, le=4)
    usual_s: float = pydantic.Field(gt=0)
    parameters: dict[str, tuple[str, ...]] = {}
    defaults: dict[str, str] = {}
    inputs: int = pydantic.Field(default=0, ge=0, le=16)
    inputs_min: int = pydantic.Field(default=0, ge=0, le=16)
    masks: bool = False
    needs_mask: bool = False
    upscales: bool = False
    inputs_by: InputsBy = "bytes"
    input_pixels: int = pydantic.Field(default=0, ge=0)
    input_bytes: int = pydantic.Field(default=0, ge=0)
    own: dict[str, Any] = {}  # what only the provider's code reads

    @pydantic.model_validator(mode="after")
    def _makes_sense(self) -> "_Entry":
        if self.credits is None and self.usd is None and self.usd_micros is None:
            raise ValueError(f"{self.id}: neither credits nor usd")
        if self.inputs_min > self.inputs:
            raise ValueError(f"{self.id}: it can't need more pictures than it takes")
        if (not self.inputs and (self.masks or self.upscales)) or (self.needs_mask and not self.masks):
            raise ValueError(f"{self.id}: what is masked or upscaled is given")
        for name, value in self.defaults.items():
            values = self.parameters.get(name)
            if values is None or (values and value not in values):
                raise ValueError(f"{self.id}: {name} = {value!r} is no value that it takes")
        for row in self.prices:
            Rate.of(row)
        return self


class _File(pydantic.BaseModel, frozen=True, extra="forbid"):
    models: tuple[_Entry, ...] = pydantic.Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _names_are_unique(self) -> "_File":
        _assert_unique(self.models)
        return self


class _AllFacts(pydantic.BaseModel, frozen=True, extra="forbid"):
    models: tuple[_Facts, ...] = pydantic.Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _names_are_unique(self) -> "_AllFacts":
        _assert_unique(self.models)
        return self


def _assert_unique(models: tuple[_Facts, ...]) -> None:
    names = [name for one in models for name in {one.id, *one.aliases}]
    if doubles := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"named twice: {', '.join(sorted(doubles))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What a provider draws, and what only its own code needs to know, by the models' public ids."""

    models: tuple[Model, ...]
    tokens: Mapping[str, Tokens] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def load(
    file_name: str,
    *,
    provider: str,
    usd_micros_a_credit: int = USD_MICROS_A_CREDIT,
    ends_upstream: bool = False,
) -> Catalogue:
    """The models of a file of this folder. `ends_upstream`: the provider may go on with what its maker has ended."""
    text = resources.files(__package__).joinpath(file_name).read_text(encoding="utf-8")
    return parse(
        text, provider=provider, usd_micros_a_credit=usd_micros_a_credit, ends_upstream=ends_upstream
    )


def parse(
    text: str,
    *,
    provider: str,
    usd_micros_a_credit: int = USD_MICROS_A_CREDIT,
    ends_upstream: bool = False,
) -> Catalogue:
    """The models of a TOML text; raises ValueError where one is not as it must be.

    A price in dollars follows the credits where only these are given.
    """
    entries = _File.model_validate(tomllib.loads(text)).models
    return Catalogue(
        models=tuple(_model(entry, provider, usd_micros_a_credit, ends_upstream) for entry in entries),
        tokens={entry.id: entry.tokens for entry in entries if entry.tokens is not None},
        own={entry.id: entry.own for entry in entries},
    )


@functools.cache
def _facts() -> Mapping[str, _Facts]:
    text = resources.files(__package__).joinpath("models.toml").read_text(encoding="utf-8")
    return {one.id: one for one in _AllFacts.model_validate(tomllib.loads(text)).models}


def _model(entry: _Entry, provider: str, usd_micros_a_credit: int, ends_upstream: bool) -> Model:  # noqa: FBT001  # handed down
    facts = {name: getattr(_facts().get(entry.id, entry), name) for name in _Facts.model_fields}
    own = {name: getattr(entry, name) for name in entry.model_fields_set & facts.keys()}
    return Model(
        **{**facts, **own},
        provider=provider,
        wire=entry.wire,
        credits=entry.credits,
        usd_micros=_usd_micros(entry, usd_micros_a_credit),
        rates=tuple(map(Rate.of, entry.prices)),
        input_usd_micros=round(entry.usd_input * USD_MICROS),
        way=entry.way,
        calls=entry.calls,
        images_max=entry.images_max,
        usual_s=entry.usual_s,
        parameters=entry.parameters,
        defaults=entry.defaults,
        inputs=entry.inputs,
        inputs_min=entry.inputs_min,
        masks=entry.masks,
        needs_mask=entry.needs_mask,
        upscales=entry.upscales,
        inputs_by=entry.inputs_by,
        input_pixels=entry.input_pixels,
        input_bytes=entry.input_bytes,
        ends_upstream=ends_upstream,
    )


def _usd_micros(entry: _Entry, usd_micros_a_credit: int) -> int:
    if entry.usd_micros is not None:
        return entry.usd_micros
    if entry.usd is not None:
        return round(entry.usd * USD_MICROS)
    return (entry.credits or 0) * usd_micros_a_credit
