"""`easel init`: three questions, and an easel.toml that `easel check` understands."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, SecretStr, ValidationError

from bot import plugins, sections
from bot.cli.common import DEFAULT_FILE, fail
from bot.configuration import config
from bot.configuration.settings import Quotas
from bot.errors import ConfigError
from bot.process import modes
from bot.process.out import say

_NOBODY = "none"
_HEAD = """\
# Written by `easel init`. Every other key, with its default: config.example.toml. `easel check` tries this one.
# Keys and tokens stand in it: it is yours alone to read.
"""


def init(
    *,
    surfaces: Annotated[str, typer.Option("--chat", help="Where people type /imagine; with commas.")] = "",
    service: Annotated[str, typer.Option("--service", help="The image service, or none.")] = "",
    allowance: Annotated[
        int | None, typer.Option("--allowance", min=0, help="Credits each person gets a day.")
    ] = None,
    file: Annotated[Path, typer.Option("--config", help="The file to write.")] = DEFAULT_FILE,
) -> None:
    """Ask three questions and write a configuration. What stands there is never written over."""
    if file.exists():
        fail(f"{file} is there already, and stays as it is; --config names another", code=2)
    known, drawing = plugins.names(plugins.SURFACES), [*plugins.names(plugins.PROVIDERS), _NOBODY]
    chosen = _chosen("1. Where will people type /imagine?", known, surfaces, "web", several=True)
    content = {name: _asked(name) for name in chosen}
    (draws,) = _chosen("2. Which image service draws?", drawing, service, _NOBODY)
    if draws != _NOBODY:
        place = content.setdefault("providers", {}) if sections.stands_under_providers(draws) else content
        place[draws] = _asked(draws)
    usual = Quotas().daily_allowance
    credits_ = allowance
    if credits_ is None:
        credits_ = typer.prompt("3. How many credits does each person get a day?", default=usual, type=int)
    content["quotas"] = {"daily_allowance": credits_}
    _write(file, content)
    say(f"{file} is written.")
    if draws == _NOBODY:
        say(
            f"Nobody draws yet: {sections.what_draws()}. Until then `easel simulate` shows what to write to try it."
        )
    say("Next: easel check, then easel run.")


def _chosen(
    question: str, known: Sequence[str], given: str, usual: str, *, several: bool = False
) -> list[str]:
    """The names that were given, or answered; asked again until they are known."""
    while True:
        answer = given or typer.prompt(f"{question} ({', '.join(known)})", default=usual)
        names = [name.strip().lower() for name in answer.split(",") if name.strip()]
        if names and all(name in known for name in names) and (several or len(names) == 1):
            return list(dict.fromkeys(names))
        complaint = f"{answer!r} is none of {', '.join(known)}"
        if given:
            fail(complaint, code=2)
        say(complaint, err=True)


def _asked(name: str) -> dict[str, Any]:
    """The section of an integration: its first keys, asked for until they can be right."""
    model = sections.model_of(name)
    if model is None or not isinstance(model, sections.Writable):
        return {}
    while True:
        section = {
            key: _answer(name, model, key) if value is None else value
            for key, value in model.first_keys.items()
        }
        try:
            model.model_validate(section)
        except ValidationError as error:
            say(f"{sections.place_of(name)}: {error.errors(include_url=False)[0]['msg']}", err=True)
        else:
            return section


def _answer(name: str, model: type[BaseModel], key: str) -> str:
    field = model.model_fields[key]
    secret = field.annotation is SecretStr
    usual = None if secret else field.default
    what = (field.description or "").rstrip(".")
    told: str = typer.prompt(f"   {sections.place_of(name)} {key} ({what})", default=usual, hide_input=secret)
    return told.strip()


def _write(file: Path, content: dict[str, Any]) -> None:
    try:
        config.load(None, environ={}, **content)
        modes.make_file(file, fresh=True)
        file.write_text(_HEAD + "".join(_lines(content)), encoding="utf-8")
    except ConfigError as error:
        fail(f"{error}; nothing was written", code=2)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}", code=2)


def _lines(content: dict[str, Any], above: str = "") -> list[str]:
    """TOML. A text is written alike in JSON."""
    lines: list[str] = []
    for name, section in content.items():
        keys = {key: value for key, value in section.items() if not isinstance(value, dict)}
        inner = {key: value for key, value in section.items() if isinstance(value, dict)}
        if keys or not inner:
            lines += [
                f"\n[{above}{name}]\n",
                *(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()),
            ]
        lines += _lines(inner, f"{above}{name}.") if inner else []
    return lines
