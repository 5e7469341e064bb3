"""Catalogues of models as data: a TOML file beside the provider, validated when it is read."""

import tomllib
from importlib import resources
from typing import Literal

import pydantic

from bot.model import Model


class _Entry(pydantic.BaseModel, frozen=True, extra="forbid"):
    id: str = pydantic.Field(min_length=1)
    maker: str
    credits: int = pydantic.Field(ge=0)
    usd_micros: int | None = pydantic.Field(default=None, ge=0)
    way: Literal["sync", "async"]
    images_max: int = pydantic.Field(default=4, ge=1, le=4)
    usual_s: float = pydantic.Field(gt=0)
    aliases: tuple[str, ...] = ()
    parameters: dict[str, tuple[str, ...]] = {}


class _Catalogue(pydantic.BaseModel, frozen=True, extra="forbid"):
    models: tuple[_Entry, ...] = pydantic.Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _names_are_unique(self) -> "_Catalogue":
        names = [name for entry in self.models for name in {entry.id, *entry.aliases}]
        doubles = {name for name in names if names.count(name) > 1}
        if doubles:
            raise ValueError(f"named twice: {', '.join(sorted(doubles))}")
        return self


def load(file_name: str, *, provider: str, usd_micros_a_credit: int = 1000) -> tuple[Model, ...]:
    """The models of a file of this folder; a price in dollars follows the credits where it isn't given."""
    text = resources.files(__package__).joinpath(file_name).read_text(encoding="utf-8")
    return parse(text, provider=provider, usd_micros_a_credit=usd_micros_a_credit)


def parse(text: str, *, provider: str, usd_micros_a_credit: int = 1000) -> tuple[Model, ...]:
    """The models of a TOML text; raises ValueError where one is not as it must be."""
    entries = _Catalogue.model_validate(tomllib.loads(text)).models
    return tuple(_model(entry, provider, usd_micros_a_credit) for entry in entries)


def _model(entry: _Entry, provider: str, usd_micros_a_credit: int) -> Model:
    follows = entry.credits * usd_micros_a_credit
    usd_micros = follows if entry.usd_micros is None else entry.usd_micros
    return Model(**{**dict(entry), "provider": provider, "usd_micros": usd_micros})
