"""The configuration: one TOML file with the environment over it, checked once, frozen afterwards.

`EASEL__SECTION__KEY` overrides a key; `<key>_file` names a file that holds the value (for secrets).
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import (
    BaseModel,
    ValidationError,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from bot import sections
from bot.configuration.settings import Settings, settings_model
from bot.errors import ConfigError
from bot.process import hidden


def load(file: Path | None = None, *, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Reads file and environment. `given` (a command's own wishes) win over both. Raises ConfigError."""
    variables = os.environ if environ is None else environ
    content = _rooted(_read(file), file)
    tree = settings_model()
    merged: dict[str, Any] = {}

    class Loaded(tree):  # type: ignore[valid-type, misc]  # the tree is made while running
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], **_: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            merged.update(_merged(content, _environment(settings_cls, variables), given))
            hidden.learn(merged)  # before anything can be said of a value
            return (_Merged(settings_cls, merged),)

    try:
        settings: Settings = Loaded()
    except ValidationError as error:
        raise ConfigError(_sentence(error, tree, file)) from None
    hidden.learn(settings)
    return settings


class _Merged(PydanticBaseSettingsSource):
    """A source that was merged already."""

    def __init__(self, settings_cls: type[BaseSettings], content: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._content = content

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base's signature
        return self._content.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._content


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        where = str(error).rpartition("(at ")[2].rstrip(")")
        raise ConfigError(
            f"{file}: this is not TOML any more at {where}: look there, and a line above, for a quotation mark, a bracket"
            " or an equals sign that is missing"
        ) from None


def _rooted(content: dict[str, Any], file: Path | None) -> dict[str, Any]:
    """Relative paths of the file, and those that it leaves to their defaults, follow the file: not wherever one stands."""
    if file is None or file.absolute().parent in (Path.cwd(), Path.cwd().resolve()):
        return content
    folder, rooted = file.absolute().parent, dict(content)
    if "providers" in rooted:
        rooted["providers"] = sections.rooted(rooted["providers"], folder)
    for section, path_of in (("store", _database_below), ("assets", _folder_below)):
        written = rooted.get(section, {})
        if not isinstance(written, dict) or not isinstance(written.get("url", ""), str):
            continue  # said to be wrong later
        default = Settings.model_fields[section].default.url.get_secret_value()
        rooted[section] = {**written, "url": path_of(written.get("url", default), folder)}
    return rooted


def _database_below(url: str, folder: Path) -> str:
    scheme, separator, path = url.partition(":///")
    if scheme != "sqlite" or not path or Path(path).is_absolute() or path.startswith((":", "~")):
        return url
    return f"{scheme}{separator}{_below(path, folder)}"


def _folder_below(url: str, folder: Path) -> str:
    return url if "://" in url or url.startswith("~") else _below(url, folder)


def _below(path: str, folder: Path) -> str:
    """The path in the file's folder. Raises ConfigError where it was found from the folder that one stands in until now."""
    rooted = folder / path
    if not rooted.exists() and Path(path).exists():
        raise ConfigError(
            f"{path} is in {Path.cwd()}, but relative paths follow the configuration's folder {folder}:"
            " write the whole path, or move it there"
        )
    return str(rooted)


def _environment(settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(settings_cls, env_prefix="EASEL__", env_nested_delimiter="__")
    source.env_vars = {k.lower(): v for k, v in environ.items() if k.lower().startswith("easel__")}
    try:
        found = source()
    except ValueError as error:
        raise ConfigError(f"EASEL__...: {error}") from None
    for name in source.env_vars:
        section = name.split("__")[1]
        if section not in settings_cls.model_fields:
            raise ConfigError(
                f"{name.upper()}: there is no section {section!r}{_nearest(section, settings_cls.model_fields)}"
            )
    return found


def _merged(*layers: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            mine = result.get(key)
            result[key] = (
                _merged(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
            )
    return {key: _with_files(value) if isinstance(value, dict) else value for key, value in result.items()}


def _with_files(section: dict[str, Any]) -> dict[str, Any]:
    """`api_key_file = "/run/secrets/key"` becomes `api_key = <its content>`."""
    result = {key: _with_files(value) if isinstance(value, dict) else value for key, value in section.items()}
    for key, value in section.items():
        if not key.endswith("_file") or not isinstance(value, str) or key == "model_file":
            continue
        try:
            result[key.removesuffix("_file")] = Path(value).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            # Instead of a file's name the secret itself may stand there: only what is surely a path is said.
            named = value if value.startswith(("/", "./", "../", "~/")) else "the file that it names"
            raise ConfigError(f"{key}: {named} can't be read: {_why(error)}") from None
        del result[key]
    return result


def _why(error: OSError | ValueError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is no text"


# ── What is said of a bad key ────────────────────────────────────────────────────────────────────────


def _sentence(error: ValidationError, tree: type[BaseModel], file: Path | None) -> str:
    # What a validator says may quote the value, and the value may be a secret that stands under a wrong key.
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = [
        str(part) for part in first["loc"] if not str(part).startswith(("literal[", "tuple[", "constrained"))
    ]
    name = f"[{where[0]}] {'.'.join(where[1:])}".strip() if where else "the configuration"
    source = f"{file}: " if file else ""
    if first["type"] == "extra_forbidden":
        known = _keys_at(tree, where[:-1])
        return f"{source}{name}: there is no such key{_nearest(where[-1], known)}"
    return f"{source}{name}: {first['msg'].removeprefix('Value error, ')}"


def _keys_at(tree: type[BaseModel], path: list[str]) -> list[str]:
    model: type[BaseModel] | None = tree
    if path[:1] == ["providers"] and len(path) > 1 and sections.stands_under_providers(path[1]):
        model, path = sections.model_or_none(path[1]), path[2:]
    for part in path:
        field = model.model_fields.get(part) if model is not None else None
        if field is None:
            continue  # a name that the operator chose: [models."<id>"]
        kinds = (field.annotation, *get_args(field.annotation))
        model = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    return sorted(model.model_fields) if model is not None else []


def _nearest(name: str, known: Any) -> str:
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {matches[0]!r}?" if matches else f"; there is: {', '.join(sorted(known))}"
