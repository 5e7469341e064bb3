"""Writes what the code already says into the documents: `python docs/make.py`, after a key, command or metric changed.

`config.example.toml` is made whole; in docs/*.md only what stands between `<!-- made: NAME -->` and
`<!-- end -->` is. A test holds the files against this script, so that no document falls behind the code.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot import plugins
from bot.cli import COMMANDS, calling
from bot.community.powers import LEAST, OF_THE_ROOM, Power, Rank
from bot.configuration.settings import settings_model
from bot.errors import ConfigError
from bot.process.telemetry import Metrics
from bot.rules.rules import RoleRule, Rules
from bot.talk.verbs import VERBS
from bot.words.words import Words
from docs.tables import OF_VALUES, row, table

ROOT = Path(__file__).resolve().parent.parent
_NO_REAL_BOUND = 10**9  # said of a number, it would only be noise

_HEAD = """\
# Every key of Easel with its default. Copy this file to easel.toml and take the mark away before what you change.
#
# A line that begins with "#" and no space is a key as you would write it; what begins with "# " explains it.
# EASEL__SECTION__KEY in the environment goes over the file, and KEY_file = "/run/secrets/..." reads a value from
# a file. An unknown key or a bad value stops the start, and says which. More: docs/configuration.md
"""

# Sections whose names the operator chooses, and keys that have no default: what one would write there.
CHOSEN = {
    "models": 'models."black-forest-labs/flux-2-pro"',
    "styles": "styles.anime",
    "products": "products.starter",
    "providers": "providers.fal",
}
_CHOSEN_WHY = {
    "models": "Changes to a provider's model, or a model that it has newly got. One section a model.",
    "styles": "A style that people may name: --style anime. One section a style.",
    "products": "Credits that are sold for money. One section a product.",
    "providers": "A provider besides the gateway. One section a provider; the keys are the provider's own.",
}
_PROVIDER = {
    "base_url": (
        "where the service is; every remote address can be pointed elsewhere",
        "https://example.com",
    ),
    "api_key": ("the account's key", ""),
    "webhook": ("whether it calls us when a picture is done, where it can", True),
}
_EXAMPLES: dict[str, Any] = {
    "quotas.max_allowance": 2000,
    "quotas.max_grants": 100_000,
    "quotas.max_budget": 500_000,
    "quotas.monthly_usd": 200,
    "moderation.when_unavailable": "refuse",
    "discord.shard_count": 2,
    "models.credits": 80,
    "models.prices": [{"quality": "low", "credits": 6}, {"quality": "high", "usd": 0.2}],
    "models.provider": "gateway",
    "models.routes": ["fal", "replicate"],
    "models.wire": "fal-ai/flux-2-pro",
    "models.ends": date(2027, 3, 15),
    "models.successor": "flux-3-image",
    "models.good_for": "photo",
    "models.inputs": 8,
    "models.maker": "black-forest-labs",
    "models.way": "async",
    "models.images_max": 1,
    "models.parameters": {"aspect_ratio": ["1:1", "16:9"], "seed": []},
    "models.aliases": ["flux"],
    "models.usd_micros": 60_000,
    "models.usual_s": 12,
    "products.credits": 500,
    "products.days": 365,
    "products.shops": {"discord": "1019475255913222144", "stripe": "price_1Qabc"},
    "styles.template": "{prompt}, anime style, cel shading, clean lines",
}


# ── The settings tree ────────────────────────────────────────────────────────────────────────────────


def sections() -> dict[str, tuple[str, type[BaseModel] | None]]:
    """Every section: its name -> what it is for, and its model (None: keys of the operator's choice)."""
    found: dict[str, tuple[str, type[BaseModel] | None]] = {}
    for name, field in settings_model().model_fields.items():
        model = _model(field.annotation)
        found[name] = (_CHOSEN_WHY.get(name) or _first_line(model), model)
    return found


def keys(name: str, model: type[BaseModel] | None) -> Iterator[tuple[str, str, str, Any, bool]]:
    """The keys of a section: name, meaning, what may stand there, value to show, whether it is the default."""
    if model is None:
        for key, (meaning, example) in _PROVIDER.items():
            yield key, meaning, "", example, False
        return
    for key, field in model.model_fields.items():
        value = _default(field)
        shown = _example(f"{name}.{key}", field) if value is None else value
        yield key, (field.description or "").removesuffix("."), _allowed(field), shown, value is not None


def _model(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _example(key: str, field: FieldInfo) -> Any:
    """What one might write for a key without a default: named above, or made from its type."""
    kinds = {field.annotation, *get_args(field.annotation)}
    made: Any = next((sample for kind, sample in ((int, 1), (float, 1.5), (str, "...")) if kind in kinds), [])
    return _EXAMPLES.get(key, made)


def _first_line(model: type[BaseModel] | None) -> str:
    return (model.__doc__ or "").strip().splitlines()[0] if model else ""


def _default(field: FieldInfo) -> Any:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return None
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value


def _allowed(field: FieldInfo) -> str:
    """The bounds or the closed list of values, in words; what the description says already is left out."""
    if get_origin(field.annotation) is Literal:
        values = [str(v) for v in get_args(field.annotation)]
        return "" if all(v in (field.description or "") for v in values) else f"one of {', '.join(values)}"
    marks = [
        *field.metadata,
        *(m for a in get_args(field.annotation) for m in getattr(a, "__metadata__", ())),
    ]
    marks += [m for mark in marks if isinstance(mark, FieldInfo) for m in mark.metadata]
    least = next((m.ge for m in marks if hasattr(m, "ge")), None)
    above = next((m.gt for m in marks if hasattr(m, "gt")), None)
    most = next((m.le for m in marks if hasattr(m, "le") and m.le < _NO_REAL_BOUND), None)
    if least is not None and most is not None:
        return f"{least} to {most:_}".replace("_", " ")
    words = [f"at least {least}" if least else "", f"above {above}" if above is not None else ""]
    words.append(f"at most {most:_}".replace("_", " ") if most is not None else "")
    return ", ".join(w for w in words if w)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key, ensure_ascii=False)


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml_key(k)} = {toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple | frozenset):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False)


# ── What is made ─────────────────────────────────────────────────────────────────────────────────────


def example() -> str:
    """config.example.toml: everything commented out, so that the file as it is changes nothing."""
    lines = [_HEAD]
    for name, (text, model) in sections().items():
        lines += ["", f"# {_sentence(text)}", f"{'#' if name in CHOSEN else ''}[{CHOSEN.get(name, name)}]"]
        for key, meaning, allowed, value, is_default in keys(name, model):
            notes = [
                meaning,
                allowed,
                "" if is_default or name in CHOSEN or "not set" in meaning else "not set",
            ]
            lines += [f"# {'; '.join(n for n in notes if n)}", f"#{_toml_key(key)} = {toml(value)}"]
    return "\n".join(lines) + "\n"


def table_of_keys() -> str:
    """One table a section."""
    lines: list[str] = []
    for name, (text, model) in sections().items():
        lines += ["", f"### `[{CHOSEN.get(name, name)}]`", "", _sentence(text), ""]
        lines += table("key", "default", "meaning")
        for key, meaning, allowed, value, is_default in keys(name, model):
            default = f"`{toml(value)}`" if is_default else f"none; for example `{toml(value)}`"
            lines.append(row(f"`{key}`", default, "; ".join(n for n in (meaning, allowed) if n)))
    return "\n".join(lines[1:])


def table_of_rules() -> str:
    """What a community's moderators may set."""
    lines = table("rule", "default", "meaning")
    for key, field in Rules.model_fields.items():
        value = _default(field)
        default = "none" if value is None else f"`{toml(value)}`"
        meaning = "; ".join(n for n in (field.description, _allowed(field)) if n)
        lines.append(row(f"`{key}`", default, meaning))
    roles = ", ".join(
        f"`{key} = {toml(_default(f))}`" for key, f in RoleRule.model_fields.items() if f.default is not None
    )
    lines += ["", f"A rule of a role has `allowance` (none: as everyone), {roles}."]
    return "\n".join(lines)


def commands() -> dict[str, Any]:
    """Every command that is installed, by its whole name: `jobs list`."""
    found: dict[str, Any] = {}
    for name, (place, _) in COMMANDS.items():
        if place == "plugin" and name not in plugins.names(plugins.COMMANDS):
            continue
        command = calling.load(name)  # the same way as the program itself
        subcommands: dict[str, Any] = getattr(command, "commands", {})
        found |= {f"{name} {sub}": c for sub, c in subcommands.items()} or {name: command}
    return found


def table_of_commands() -> str:
    """One section a command."""
    lines: list[str] = []
    for name, command in commands().items():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [
            p
            for p in command.params
            if p.param_type_name == "option" and not (p.hidden or "--help" in p.opts)
        ]
        usage = " ".join(["easel", name, *map(_metavar, arguments), *(["[OPTIONS]"] if options else [])])
        lines += ["", f"### `{usage}`", "", " ".join(str(command.help or "").split()), ""]
        lines += table("argument or option", "default", "meaning") if command.params else []
        lines += [row(f"`{_metavar(a)}`", "", getattr(a, "help", "") or "") for a in arguments]
        lines += [row(_spelling(o), _option_default(o), o.help or "") for o in options]
    return "\n".join(lines[1:])


def _metavar(argument: Any) -> str:
    many = "..." if argument.nargs == -1 else ""
    return f"{(argument.metavar or argument.name or '').upper().removesuffix('...')}{many}"


def _spelling(option: Any) -> str:
    names = [*option.opts, *option.secondary_opts]
    return ", ".join(f"`{n}`" for n in sorted(names, key=len))


def _option_default(option: Any) -> str:
    value = option.default() if callable(option.default) else option.default
    if option.required:
        return "must be given"
    if value in (None, "", (), []) or (value is False and not option.secondary_opts):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table_of_metrics() -> str:
    """Every metric, as it is called in a query."""
    lines = table("metric", "kind", "labels", "meaning")
    for metric, labels in metrics():
        lines.append(
            row(
                f"`{metric.name}{'_total' if metric.type == 'counter' else ''}`",
                metric.type,
                labels,
                metric.documentation,
            )
        )
    return "\n".join(lines)


def metrics() -> list[tuple[Any, str]]:
    """The metrics with their labels."""
    registry = Metrics().registry
    collectors: dict[Any, Any] = registry._collector_to_names  # noqa: SLF001 - labels are not to be had otherwise
    return [
        (metric, ", ".join(f"`{label}`" for label in collector._labelnames))  # noqa: SLF001 - the same
        for collector in collectors
        for metric in collector.describe()
    ]


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def table_of_powers() -> str:
    """What each kind of moderator may do, from the one table."""
    kinds, words = [one for one in Rank if one is not Rank.MEMBER], Words()
    lines = table("what", *(_KINDS[one] for one in kinds))
    rows = [(f"*{words.say(f'button-{do}')}* in the room", power) for do, power in OF_THE_ROOM.items()]
    rows = [("delete somebody's picture", Power.TIDY), *rows]
    rows += [(f"`{verb.example}`", verb.needs) for verb in VERBS]
    for what, power in sorted(rows, key=lambda row: LEAST[row[1]]):
        lines.append(row(what, *("yes" if one >= LEAST[power] else "" for one in kinds)))
    return "\n".join(lines)


_KINDS = {
    Rank.TIDIER: "who may remove messages there",
    Rank.MODERATOR: "named by `moderators`",
    Rank.OWNER: "who runs the community",
}

_MADE = {
    "powers": table_of_powers,
    "keys": table_of_keys,
    "rules": table_of_rules,
    "commands": table_of_commands,
    "metrics": table_of_metrics,
    **OF_VALUES,
}


def filled(text: str) -> str:
    """A document with its made parts as they should be now."""
    return re.sub(
        r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)",
        lambda m: f"{m[1]}\n{_MADE[m[2]]().strip()}\n\n{m[3]}",
        text,
        flags=re.DOTALL,
    )


def wanted() -> dict[Path, str]:
    """Every file that has made parts, as it should be."""
    files = {path: filled(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("docs/*.md"))}
    return {ROOT / "config.example.toml": example(), **files}


def main() -> None:
    """Writes what changed, and says so."""
    try:
        files = wanted()
    except ConfigError as error:
        sys.exit(f"{error}: the documents are made with everything installed, pip install -e '.[test]'")
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
