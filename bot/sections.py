"""Where the settings of an integration stand in the configuration, and by which model they are read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, runtime_checkable

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError, create_model

from bot import plugins
from bot.errors import BrokenPackage
from bot.process.hidden import sealed

# Providers stand under [providers.NAME]; this one is older than that.
_SECTIONS_OF_THEIR_OWN = ("gateway",)


@runtime_checkable
class SetUp(Protocol):
    """Settings that know themselves whether they suffice: a token is there, a switch is on."""

    @property
    def ready(self) -> bool: ...


@runtime_checkable
class Rooted(Protocol):
    """Settings with files in them: relative ones follow the configuration's folder."""

    @classmethod
    def rooted(cls, written: Mapping[str, Any], folder: Path) -> dict[str, Any]: ...


@runtime_checkable
class Writable(Protocol):
    """Settings that `easel init` can write: which keys it asks for, and which it sets as they are."""

    first_keys: ClassVar[Mapping[str, object]]  # key -> its value, or None: asked for


@runtime_checkable
class Unguarded(Protocol):
    """Settings of what serves strangers where the listener can be reached by them."""

    @property
    def unguarded(self) -> str:
        """What to write so that nobody comes in unasked; nothing where all is well."""
        ...


def stands_under_providers(name: str) -> bool:
    """Whether an integration's section is [providers.NAME]: a provider's that is nothing else besides."""
    elsewhere = name in _SECTIONS_OF_THEIR_OWN or name in plugins.names(plugins.SURFACES)
    return name in plugins.names(plugins.PROVIDERS) and not elsewhere


def place_of(name: str) -> str:
    """Where an integration's section stands, as one writes it."""
    return f"[providers.{name}]" if stands_under_providers(name) else f"[{name}]"


def what_draws() -> str:
    """What to write so that somebody draws: for an installation without a single provider."""
    places = ", ".join(place_of(name) for name in plugins.names(plugins.PROVIDERS))
    return f"write the section of an image service, with its api_key: {places or 'none is installed'}"


def model_of(name: str) -> type[BaseModel] | None:
    """The model of an integration's settings; None where its package brings none. Raises BrokenPackage."""
    if name not in plugins.names(plugins.SETTINGS):
        return None
    model = plugins.load(plugins.SETTINGS, name)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise plugins.broken(plugins.SETTINGS, name, "is no pydantic model")
    return model


def fields(tree: type[BaseModel]) -> dict[str, Any]:
    """What the installed integrations add to the settings tree of the core."""
    wanted = {*plugins.names(plugins.SETTINGS), *plugins.names(plugins.SURFACES)}
    own = {name: _field_of(name, tree) for name in sorted(wanted) if not stands_under_providers(name)}
    return {**own, "providers": _field_of_providers()}


def _field_of(name: str, tree: type[BaseModel]) -> Any:
    """The field of one integration: its model with its defaults, or the section as it is written."""
    if name in dir(tree) or name in tree.model_fields:
        group = plugins.SETTINGS if name in plugins.names(plugins.SETTINGS) else plugins.SURFACES
        raise plugins.broken(group, name, "has the name of something of Easel's own")
    model = model_or_none(name)
    if model is None:
        return Annotated[dict[str, Any], AfterValidator(sealed)], {}
    try:
        return model, model()
    except ValidationError:  # keys without a default: not set up until they are written
        return model | None, None


def rooted(written: object, folder: Path) -> object:
    """What is written under [providers], with the files of each below the folder."""
    if not isinstance(written, dict):
        return written  # said to be wrong later
    return {name: _rooted(name, section, folder) for name, section in written.items()}


def _rooted(name: str, section: object, folder: Path) -> object:
    model: object = model_or_none(name) if stands_under_providers(name) else None
    return (
        model.rooted(section, folder) if isinstance(model, Rooted) and isinstance(section, dict) else section
    )


class _Providers(BaseModel, extra="allow"):
    """[providers.NAME]: by its model where the package brings one, else as it is written."""

    __pydantic_extra__: dict[str, dict[str, Any]]


def _field_of_providers() -> Any:
    names = [name for name in plugins.names(plugins.PROVIDERS) if stands_under_providers(name)]

    def typed(value: Any) -> dict[str, Any]:
        # Whoever isn't written there is left alone: their packages take longer to import than the rest of the tree.
        written = [name for name in names if isinstance(value, dict) and name in value]
        by_model: dict[str, Any] = {name: (m | None, None) for name in written if (m := model_or_none(name))}
        known = create_model("Providers", __base__=_Providers, **by_model)
        found = known.model_validate(value)
        for name in found.model_fields_set - set(names):
            if name in plugins.names(plugins.PROVIDERS):
                raise ValueError(f"the section of {name} is [{name}]")
        return {name: getattr(found, name) for name in value}

    return Annotated[dict[str, Any], BeforeValidator(typed), AfterValidator(sealed)], {}


def model_or_none(name: str) -> type[BaseModel] | None:
    """Without the trouble of a broken package: `section` tells whoever asks for it, and nobody else is hurt."""
    try:
        return model_of(name)
    except BrokenPackage:
        return None
