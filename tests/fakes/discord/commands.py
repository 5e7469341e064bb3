"""Application commands: strict registration, and what a person may type into the registered ones."""

import copy
import re
from typing import Any

from tests.fakes.there import there

from . import limits
from .errors import ApiError, Problems
from .world import World

# https://discord.com/developers/docs/interactions/application-commands#application-command-object-naming
NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = set(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi "  # noqa: SIM905 - a page of quotes reads worse
    "sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko".split()
)
FIELDS = {
    "name", "name_localizations", "description", "description_localizations", "options", "type", "nsfw",
    "default_member_permissions", "dm_permission", "default_permission", "integration_types", "contexts", "id", "handler",
}  # fmt: skip
OPTION_FIELDS = {
    "type", "name", "name_localizations", "description", "description_localizations", "required", "choices",
    "options", "channel_types", "min_value", "max_value", "min_length", "max_length", "autocomplete", "file_types",
}  # fmt: skip
SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER, ATTACHMENT = 1, 2, 3, 4, 5, 6, 7, 8, 10, 11


def validate(body: dict[str, Any], problems: Problems, prefix: str = "") -> None:
    kind = body.get("type", 1)
    problems.choice(f"{prefix}type", kind, {1, 2, 3})
    for unknown in body.keys() - FIELDS:
        problems.add(f"{prefix}{unknown}", "UNKNOWN_FIELD", "No such field.")
    _names(body, problems, prefix, slash=kind == 1)
    if kind == 1:
        _options(body.get("options") or [], problems, f"{prefix}options", depth=0)
    elif body.get("options") or body.get("description"):
        problems.add(
            f"{prefix}description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", "A menu command has none."
        )
    held = body.get("default_member_permissions")
    if held is not None and not str(held).isdigit():
        problems.add(f"{prefix}default_member_permissions", "NUMBER_TYPE_COERCE", "Not a bit set.")
    for value in body.get("contexts") or []:
        problems.choice(f"{prefix}contexts", value, {0, 1, 2})
    for value in body.get("integration_types") or []:
        problems.choice(f"{prefix}integration_types", value, {0, 1})
    if _size(body) > 8000:
        problems.add(f"{prefix}name", "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")


def _names(body: dict[str, Any], problems: Problems, prefix: str, *, slash: bool) -> None:
    names = {"name": body.get("name")}
    names |= {
        f"name_localizations.{key}": name for key, name in (body.get("name_localizations") or {}).items()
    }
    for path, name in names.items():
        problems.length(f"{prefix}{path}", name, 32, 1, required=True)
        if slash and isinstance(name, str) and (not NAME.fullmatch(name) or name != name.lower()):
            problems.add(f"{prefix}{path}", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if slash:
        problems.length(f"{prefix}description", body.get("description"), 100, 1, required=True)
        for key, text in (body.get("description_localizations") or {}).items():
            problems.length(f"{prefix}description_localizations.{key}", text, 100, 1)
    for field in ("name_localizations", "description_localizations"):
        for locale in body.get(field) or {}:
            problems.choice(f"{prefix}{field}", locale, LOCALES)


def _options(options: list[dict[str, Any]], problems: Problems, path: str, depth: int) -> None:
    problems.count(path, options, 25)
    kinds = [one.get("type") for one in options]
    nested = [kind for kind in kinds if kind in {SUB, GROUP}]
    if nested and len(nested) != len(kinds):
        problems.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Subcommands and options do not mix.")
    names = [one.get("name") for one in options]
    if len(set(names)) != len(names):
        problems.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    optional_seen = False
    for index, one in enumerate(options):
        place = f"{path}.{index}"
        problems.choice(f"{place}.type", one.get("type"), set(range(1, 12)))
        for unknown in one.keys() - OPTION_FIELDS:
            problems.add(f"{place}.{unknown}", "UNKNOWN_FIELD", "No such field.")
        _names(one, problems, f"{place}.", slash=True)
        if one.get("type") in {SUB, GROUP}:
            if depth + (one["type"] == SUB) > 2 or (one["type"] == GROUP and depth > 0):
                problems.add(f"{place}.type", "APPLICATION_COMMAND_NESTING", "Nested too deep.")
            _options(one.get("options") or [], problems, f"{place}.options", depth + 1)
            continue
        if one.get("required") and optional_seen:
            problems.add(
                place,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before",
            )
        optional_seen |= not one.get("required")
        _value_option(one, problems, place)


def _value_option(one: dict[str, Any], problems: Problems, place: str) -> None:
    kind, listed = one.get("type"), one.get("choices") or []
    if listed and kind not in {STRING, INTEGER, NUMBER}:
        problems.add(f"{place}.choices", "CHOICES_NOT_ALLOWED", "This option type takes no choices.")
    elif listed:
        limits.choices(listed, problems, f"{place}.choices", there(kind))
    if one.get("autocomplete") and (listed or kind not in {STRING, INTEGER, NUMBER}):
        problems.add(
            f"{place}.autocomplete", "AUTOCOMPLETE_NOT_ALLOWED", "Not with choices, nor for this type."
        )
    if one.get("file_types") and kind != ATTACHMENT:
        problems.add(f"{place}.file_types", "FILE_TYPES_NOT_ALLOWED", "Only an attachment has file types.")
    limits.file_types(one, problems, place)
    if kind == STRING:
        problems.whole(f"{place}.min_length", one.get("min_length", 0), 0, 6000)
        problems.whole(f"{place}.max_length", one.get("max_length", 6000), 1, 6000)


def _size(body: dict[str, Any]) -> int:
    total = len(body.get("name") or "") + len(body.get("description") or "")
    total += sum(_size(one) for one in body.get("options") or [])
    return total + sum(
        len(one.get("name", "")) + len(str(one.get("value", ""))) for one in body.get("choices") or []
    )


class Registry:
    """The registered commands by scope (None: global), and how often each scope was written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.scopes: dict[int | None, dict[str, dict[str, Any]]] = {}
        self.writes: list[tuple[str, int | None]] = []

    def listed(self, scope: int | None, *, localised: bool = True) -> list[dict[str, Any]]:
        found = copy.deepcopy(list(self.scopes.get(scope, {}).values()))
        for one in found if not localised else []:
            one.pop("name_localizations")
            one.pop("description_localizations")
        return found

    def get(self, scope: int | None, command_id: str) -> dict[str, Any]:
        if command_id not in self.scopes.get(scope, {}):
            raise ApiError(10063)
        return self.scopes[scope][command_id]

    def replace(self, scope: int | None, bodies: Any) -> list[dict[str, Any]]:
        problems = Problems()
        for index, body in enumerate(bodies):
            validate(body, problems, f"{index}.")
        keys = [(body.get("name"), body.get("type", 1)) for body in bodies]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                problems.add(
                    f"{index}.name",
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                )
        problems.check()
        if sum(kind == 1 for _, kind in keys) > 100:
            raise ApiError(30032)
        old = {(one["name"], one["type"]): one["id"] for one in self.scopes.get(scope, {}).values()}
        made = [self._made(scope, body, old.get(key)) for body, key in zip(bodies, keys, strict=True)]
        self.scopes[scope] = {one["id"]: one for one in made}
        self.writes.append(("PUT", scope))
        return self.listed(scope)

    def upsert(self, scope: int | None, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        problems = Problems()
        validate(body, problems)
        problems.check()
        key = (body["name"], body.get("type", 1))
        old = [one for one in self.scopes.get(scope, {}).values() if (one["name"], one["type"]) == key]
        made = self._made(scope, body, old[0]["id"] if old else None)
        self.scopes.setdefault(scope, {})[made["id"]] = made
        self.writes.append(("POST", scope))
        return (200 if old else 201), made

    def edit(self, scope: int | None, command_id: str, body: dict[str, Any]) -> dict[str, Any]:
        old = self.get(scope, command_id)
        merged = {key: value for key, value in old.items() if key in FIELDS} | body
        problems = Problems()
        validate(merged, problems)
        problems.check()
        self.scopes[scope][command_id] = self._made(scope, merged, command_id)
        self.writes.append(("PATCH", scope))
        return self.scopes[scope][command_id]

    def delete(self, scope: int | None, command_id: str) -> None:
        self.get(scope, command_id)
        del self.scopes[scope][command_id]
        self.writes.append(("DELETE", scope))

    def _made(self, scope: int | None, body: dict[str, Any], command_id: str | None) -> dict[str, Any]:
        """What Discord stores: defaults filled in, booleans that are false left out of options."""
        held = body.get("default_member_permissions")
        made: dict[str, Any] = {
            "id": command_id or str(self._world.snowflakes.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.snowflakes.next()),
            "type": body.get("type", 1), "name": body["name"],
            "name_localizations": body.get("name_localizations") or None,
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations") or None,
            "default_member_permissions": None if held is None else str(held),
            "dm_permission": body.get("dm_permission", True),
            "nsfw": body.get("nsfw", False),
            "integration_types": sorted(body.get("integration_types") or [0]),
            "contexts": body.get("contexts"),
        }  # fmt: skip
        if body.get("options"):
            made["options"] = [_stored(one) for one in body["options"]]
        if scope is not None:
            made["guild_id"] = str(scope)
        return made

    def offered(self, guild_id: int | None, name: str, kind: int) -> dict[str, Any] | None:
        """The command that a person in this guild sees under this name: the guild's own hides the global."""
        for scope in dict.fromkeys((guild_id, None)):
            for one in self.scopes.get(scope, {}).values():
                if (one["name"], one["type"]) == (name, kind):
                    return one
        return None


def _stored(option: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in option.items()
        if value is not None and value is not False and value != [] and value != {}
    }
    if "options" in kept:
        kept["options"] = [_stored(one) for one in kept["options"]]
    return kept
