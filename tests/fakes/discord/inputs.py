"""What a person may enter: options of registered commands, values of selects, fields of modals."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from . import limits
from .cdn import Attachment, File
from .commands import ATTACHMENT, BOOLEAN, CHANNEL, GROUP, INTEGER, NUMBER, ROLE, STRING, SUB, USER
from .members import Role, User
from .world import Channel, Guild, walk


class Misuse(AssertionError):
    """The client of a person would not let this happen: a wrong test, or a bot that offers too little."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where something is typed: its server, how large a file may be, and the files as they were uploaded there."""

    guild: Guild | None
    limit_bytes: int
    files: Mapping[File, Attachment]


def options(
    command: dict[str, Any],
    path: list[str],
    given: dict[str, Any],
    place: Place,
    focused: str | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The `options` of an interaction for this subcommand path, and what they resolve to."""
    resolved: dict[str, dict[str, Any]] = {}
    if not path:
        kinds = {one["type"] for one in command.get("options", [])}
        if kinds & {SUB, GROUP}:
            raise Misuse(
                f"/{command['name']} wants a subcommand: {[one['name'] for one in command['options']]}"
            )
        return _values(command.get("options", []), given, place, focused, resolved), resolved
    for one in command.get("options", []):
        if one["name"] == path[0] and one["type"] in {SUB, GROUP}:
            inner, resolved = options(one, path[1:], given, place, focused)
            return [{"name": one["name"], "type": one["type"], "options": inner}], resolved
    raise Misuse(f"no subcommand {path[0]!r} in {[one['name'] for one in command.get('options', [])]}")


def _values(
    specs: list[dict[str, Any]],
    given: dict[str, Any],
    place: Place,
    focused: str | None,
    resolved: dict[str, Any],
) -> list[dict[str, Any]]:
    known = {one["name"]: one for one in specs}
    if unknown := given.keys() - known.keys():
        raise Misuse(f"no option {sorted(unknown)} among {sorted(known)}")
    made = []
    for name, spec in known.items():
        if name not in given:
            if spec.get("required") and focused is None:
                raise Misuse(f"option {name!r} is required")
            continue
        value = given[name] if name == focused else _value(spec, given[name], place, resolved)
        made.append(
            {"name": name, "type": spec["type"], "value": value}
            | ({"focused": True} if name == focused else {})
        )
    if focused is not None and not known[focused].get("autocomplete"):
        raise Misuse(f"option {focused!r} has no autocomplete")
    return made


def _value(spec: dict[str, Any], value: Any, place: Place, resolved: dict[str, Any]) -> Any:
    kind, name = spec["type"], spec["name"]
    kinds: dict[int, Any] = {  # a class or several; a narrower type would make every value an object
        STRING: str,
        INTEGER: int,
        BOOLEAN: bool,
        NUMBER: (int, float),
        USER: User,
        CHANNEL: Channel,
        ROLE: Role,
        9: (User, Role),
        ATTACHMENT: File,
    }
    wanted = kinds.get(kind)
    if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and kind != BOOLEAN):
        raise Misuse(f"option {name!r} of type {kind} does not take {value!r}")
    if isinstance(value, File):
        return _given(spec, value, place, resolved)
    if isinstance(value, User | Channel | Role):
        return _resolve(value, place.guild, resolved)
    if spec.get("choices") and value not in [one["value"] for one in spec["choices"]]:
        raise Misuse(f"option {name!r}: {value!r} is none of {[one['value'] for one in spec['choices']]}")
    size = len(value) if kind == STRING else value
    least = spec.get("min_length" if kind == STRING else "min_value", size)
    most = spec.get(
        "max_length" if kind == STRING else "max_value", min(size, 6000) if kind == STRING else size
    )
    if not least <= size <= most:
        raise Misuse(f"option {name!r}: {size} is not within {least} and {most}")
    return value


def _given(spec: dict[str, Any], file: File, place: Place, resolved: dict[str, Any]) -> str:
    """A file that was uploaded for an option or a field."""
    if not limits.takes_file(spec, file.filename):
        raise Misuse(f"{file.filename} is none of {spec['file_types']}")
    if len(file.data) > place.limit_bytes:
        raise Misuse(f"{file.filename} is over {place.limit_bytes} bytes")
    stored = place.files[file]
    resolved.setdefault("attachments", {})[str(stored.id)] = stored.json()
    return str(stored.id)


def _resolve(value: Any, guild: Any, resolved: dict[str, Any]) -> str:
    key = str(value.id)
    if isinstance(value, User):
        resolved.setdefault("users", {})[key] = value.json()
        if guild and value.id in guild.members:
            resolved.setdefault("members", {})[key] = guild.members[value.id].json(
                user=False, permissions_held=0
            )
    elif isinstance(value, Channel):
        resolved.setdefault("channels", {})[key] = value.json(permissions_held=0)
    else:
        resolved.setdefault("roles", {})[key] = value.json()
    return key


def selection(control: dict[str, Any], values: list[Any], guild: Any) -> tuple[list[str], dict[str, Any]]:
    resolved: dict[str, Any] = {}
    if not control.get("min_values", 1) <= len(values) <= control.get("max_values", 1):
        raise Misuse(f"{len(values)} values for {control}")
    if control["type"] != 3:
        return [_resolve(one, guild, resolved) for one in values], resolved
    offered = [one["value"] for one in control["options"]]
    if any(one not in offered for one in values):
        raise Misuse(f"{values} are not all among {offered}")
    return values, resolved


def modal(
    shape: dict[str, Any], given: dict[str, Any], place: Place
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The submitted components, and what they resolve to; a field that is not given keeps its prefilled value."""
    resolved: dict[str, Any] = {}
    fields = {one["custom_id"]: one for one in walk(shape["components"]) if "custom_id" in one}
    if unknown := given.keys() - fields.keys():
        raise Misuse(f"no field {sorted(unknown)} among {sorted(fields)}")
    made: list[dict[str, Any]] = []

    def submitted(field: dict[str, Any]) -> dict[str, Any]:
        if field["type"] != limits.FILE_UPLOAD:
            return _submitted(field, given)
        name = field["custom_id"]
        values = _files(field, given.get(name), place, resolved)
        return {"type": limits.FILE_UPLOAD, "custom_id": name, "id": field.get("id", 0), "values": values}

    for number, row in enumerate(shape["components"], start=1):
        if row["type"] == 10:
            made.append({"type": 10, "id": number})
        elif row["type"] == 18:
            made.append({"type": 18, "id": number, "component": submitted(row["component"])})
        else:
            made.append(
                {"type": 1, "id": number, "components": [submitted(one) for one in row["components"]]}
            )
    return made, resolved


def _files(field: dict[str, Any], given: Any, place: Place, resolved: dict[str, Any]) -> list[str]:
    """The ids of what was dragged into a file upload."""
    files = [given] if isinstance(given, File) else list(given or [])
    least, most = field.get("min_values", 1), field.get("max_values", 1)
    needed = field.get("required", True) or files
    if (needed and len(files) < least) or len(files) > most:
        raise Misuse(f"{len(files)} files for {field}")
    return [_given(field, one, place, resolved) for one in files]


def _submitted(field: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    name, kind = field["custom_id"], field["type"]
    base = {"type": kind, "custom_id": name, "id": field.get("id", 0)}
    if kind != 4:
        default = [one["value"] for one in field.get("options") or [] if one.get("default")]
        picked = given.get(name, default if kind in {3, 22} else None)
        return base | ({"values": picked or []} if kind in {3, 5, 6, 7, 8, 22} else {"value": picked})
    value = given.get(name, field.get("value") or "")
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if (field.get("required", True) and not value) or (value and not least <= len(value) <= most):
        raise Misuse(f"field {name!r} does not take {value!r}")
    return base | {"value": value}
