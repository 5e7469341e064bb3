"""The state of a form: what each input starts with, and what a person may put into it."""

from typing import Any

from .blocks import INPUTS
from .records import elements

__all__ = ["FORM_FILE_BYTES", "BadInput", "initial_values", "put_value", "value_of"]

FORM_FILE_BYTES = 10 * 1024 * 1024  # "There is a 10MB file size limit."
_SINGLE = {"static_select", "radio_buttons", "external_select", "overflow"}
_MANY = {"multi_static_select": "selected_options", "checkboxes": "selected_options"}
_NAMED = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "multi_users_select": ("selected_users", "initial_users"),
}


class BadInput(AssertionError):
    """A person could not do this in Slack: the test, or the form, is wrong."""


def _start(element: dict[str, Any]) -> dict[str, Any] | None:
    kind = element.get("type")
    if kind == "file_input":
        return {"type": kind, "files": None}
    if kind in INPUTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _SINGLE and kind != "overflow":
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in _NAMED:
        key, initial = _NAMED[kind]
        return {"type": kind, key: element.get(initial)}
    return None


def initial_values(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`view.state.values` of a form that nobody has touched."""
    values: dict[str, dict[str, Any]] = {}
    for block, element in elements(blocks):
        start = _start(element)
        if start is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = start
    return values


def _options(element: dict[str, Any]) -> list[dict[str, Any]]:
    grouped = [o for g in element.get("option_groups", []) for o in g["options"]]
    return [*element.get("options", []), *grouped]


def _option(element: dict[str, Any], value: str) -> dict[str, Any]:
    for option in _options(element):
        if option["value"] == value:
            return option
    offered = [o["value"] for o in _options(element)]
    raise BadInput(f"{element['action_id']} offers {offered}, not {value!r}")


def put_value(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """The state of an element after a person has put `value` into it: options by value, files by face."""
    kind = element["type"]
    if kind == "file_input":
        return {"type": kind, "files": _chosen(element, list(value or []))}
    if kind in INPUTS:
        return {"type": kind, "value": _typed(element, value)}
    if kind in _SINGLE:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in _MANY:
        return {"type": kind, "selected_options": [_option(element, v) for v in value]}
    if kind in _NAMED:
        return {"type": kind, _NAMED[kind][0]: value}
    raise BadInput(f"nobody can put a value into {kind}")


def _typed(element: dict[str, Any], value: Any) -> str | None:
    if value in (None, ""):
        return None
    if len(value) > element.get("max_length", 3000):
        raise BadInput(f"{element['action_id']} takes {element.get('max_length', 3000)} characters")
    if len(value) < element.get("min_length", 0):
        raise BadInput(f"{element['action_id']} wants {element['min_length']} characters")
    return str(value)


def _chosen(element: dict[str, Any], files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""
    most, kinds = element.get("max_files", 10), element.get("filetypes")
    if len(files) > most:
        raise BadInput(f"{element['action_id']} takes {most} files")
    for file in files:
        if file["size"] > FORM_FILE_BYTES:
            raise BadInput(f"{file['name']} is larger than what a form takes")
        if kinds is not None and file["name"].rpartition(".")[2].lower() not in kinds:
            raise BadInput(f"{element['action_id']} takes {kinds}, not {file['name']}")
    return files


def value_of(state: dict[str, Any]) -> Any:
    """What a state holds, None or empty when nothing."""
    return next((v for k, v in state.items() if k != "type"), None)
