"""Block Kit judged as Slack judges it: blocks, elements, and what may stand where.

Limits: https://docs.slack.dev/reference/block-kit/blocks and .../block-elements.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .shapes import (
    Check,
    Report,
    Shape,
    anything,
    boolean,
    confirm,
    image_url,
    integer,
    items,
    one_of,
    one_picture,
    option_groups,
    options,
    plain,
    slack_file,
    string,
    text,
)

__all__ = ["INPUTS", "MAX_BLOCKS", "check_blocks"]

MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
_MARKDOWN_TOTAL = 12_000
_PICTURE = {"image_url": image_url, "slack_file": slack_file, "alt_text": string(2000)}


def _action_id(report: Report, value: Any, at: str) -> None:
    string(255)(report, value, at)
    if value in report.action_ids:
        report.error(f"`action_id` already exists: {value}", at)
    report.action_ids.add(str(value))


def _element(
    shared: Mapping[str, Check] = {},
    *,
    required: tuple[str, ...] = (),
    rule: Check | None = None,
    focus: bool = False,
    **fields: Check,
) -> Shape:
    common: dict[str, Check] = {"action_id": _action_id, "confirm": confirm}
    if focus:
        common |= {"focus_on_load": boolean, "placeholder": plain(150)}
    return Shape(required=required, rule=rule, fields={**common, **shared, **fields})


def _either_options(report: Report, value: Any, at: str) -> None:
    if ("options" in value) == ("option_groups" in value):
        report.error("must have exactly one of options and option_groups", at)
    _initial_is_an_option(report, value, at)


def _initial_is_an_option(report: Report, value: Any, at: str) -> None:
    listed = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        listed += group.get("options", []) if isinstance(group, dict) else []
    single = [value["initial_option"]] if "initial_option" in value else []
    for chosen in [*single, *(value.get("initial_options") or [])]:
        if chosen not in listed:
            report.error("initial option must be one of the options", at)


def _lengths(report: Report, value: Any, at: str) -> None:
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report.error("min_length must not exceed max_length", at)
    initial = value.get("initial_value", "")
    if isinstance(initial, str) and isinstance(most, int) and len(initial) > most:
        report.error(f"must be less than {most + 1} characters", f"{at}/initial_value")


def _menu(**extra: Check) -> Shape:
    return _element(extra, focus=True, max_selected_items=integer(1, 100), response_url_enabled=boolean)


_DISPATCH = Shape(
    fields={"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
)
_TYPED: dict[str, Check] = {"initial_value": string(3000, least=0), "dispatch_action_config": _DISPATCH}
_CHOICES: dict[str, Check] = {"options": options(1, 100), "option_groups": option_groups}
_TICKS = {"options": options(1, 10, mrkdwn=True), "focus_on_load": boolean}

ELEMENTS: dict[str, Shape] = {
    "button": _element(
        required=("text",),
        text=plain(75),
        url=string(3000),
        value=string(2000),
        style=one_of("primary", "danger"),
        accessibility_label=string(75),
    ),
    "overflow": _element(required=("options",), options=options(2, 5, url=True)),
    "static_select": _element(_CHOICES, focus=True, rule=_either_options, initial_option=anything),
    "multi_static_select": _element(
        _CHOICES,
        focus=True,
        rule=_either_options,
        initial_options=anything,
        max_selected_items=integer(1, 100),
    ),
    "external_select": _menu(min_query_length=integer(0, 100), initial_option=anything),
    "users_select": _menu(initial_user=string(255)),
    "multi_users_select": _menu(initial_users=anything),
    "conversations_select": _menu(
        initial_conversation=string(255), default_to_current_conversation=boolean, filter=anything
    ),
    "channels_select": _menu(initial_channel=string(255)),
    "checkboxes": _element(
        _TICKS, required=("options",), rule=_initial_is_an_option, initial_options=anything
    ),
    "radio_buttons": _element(
        _TICKS, required=("options",), rule=_initial_is_an_option, initial_option=anything
    ),
    "datepicker": _menu(initial_date=string(10)),
    "timepicker": _menu(initial_time=string(5), timezone=string(255)),
    "datetimepicker": _menu(initial_date_time=anything),
    "plain_text_input": _element(
        _TYPED,
        focus=True,
        rule=_lengths,
        multiline=boolean,
        min_length=integer(0, 3000),
        max_length=integer(1, 3000),
    ),
    "number_input": _element(
        _TYPED,
        focus=True,
        required=("is_decimal_allowed",),
        is_decimal_allowed=boolean,
        min_value=string(255),
        max_value=string(255),
    ),
    "email_text_input": _element(_TYPED, focus=True),
    "url_text_input": _element(_TYPED, focus=True),
    "file_input": _element(filetypes=items(string(16), 1, 100), max_files=integer(1, 10)),
    "image": Shape(required=("alt_text",), fields=dict(_PICTURE), rule=one_picture),
}

_PICKERS = {
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "checkboxes", "radio_buttons", "datepicker", "timepicker",
}  # fmt: skip
_MULTI = {"multi_static_select", "multi_users_select"}
INPUTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input"}
_IN_ACTIONS = {"button", "overflow", "datetimepicker"} | _PICKERS
_IN_SECTION = {"button", "overflow", "image"} | _PICKERS | _MULTI
_IN_INPUT = {"datetimepicker"} | _PICKERS | _MULTI | INPUTS
_MODAL_ONLY = {"file_input"}


def _element_of(allowed: set[str]) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed:
            report.error(f"unsupported type: {kind}", f"{at}/type")
        elif kind in _MODAL_ONLY and report.surface != "modal":
            report.error(f"{kind} is for modals only", f"{at}/type")
        else:
            ELEMENTS[kind](report, value, at)

    return check


def _context_item(report: Report, value: Any, at: str) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    check = ELEMENTS["image"] if kind == "image" else text()
    check(report, value, at)


def _section_says_something(report: Report, value: Any, at: str) -> None:
    if "text" not in value and "fields" not in value:
        report.error("missing required field: text", at)


def _block_id(report: Report, value: Any, at: str) -> None:
    string(255)(report, value, at)
    if value in report.block_ids:
        report.error(f"`block_id` already exists: {value}", at)
    report.block_ids.add(str(value))


def _block(*, required: tuple[str, ...] = (), rule: Check | None = None, **fields: Check) -> Shape:
    return Shape(required=required, rule=rule, fields={"block_id": _block_id, **fields})


BLOCKS: dict[str, Shape] = {
    "section": _block(
        rule=_section_says_something,
        text=text(),
        fields=items(text(2000), 1, 10),
        accessory=_element_of(_IN_SECTION),
        expand=boolean,
    ),
    "divider": _block(),
    "header": _block(required=("text",), text=plain(150)),
    "image": _block(required=("alt_text",), rule=one_picture, title=plain(2000), **_PICTURE),
    "context": _block(required=("elements",), elements=items(_context_item, 1, 10)),
    "actions": _block(required=("elements",), elements=items(_element_of(_IN_ACTIONS), 1, 25)),
    "input": _block(
        required=("label", "element"),
        label=plain(2000),
        hint=plain(2000),
        optional=boolean,
        dispatch_action=boolean,
        element=_element_of(_IN_INPUT),
    ),
    "rich_text": _block(required=("elements",), elements=anything),
    "markdown": _block(required=("text",), text=string(_MARKDOWN_TOTAL)),
}
_MESSAGE_ONLY = {"markdown"}


def check_blocks(
    blocks: Any, *, surface: str, at: str, file_problem: Callable[[dict[str, Any]], str | None]
) -> Report:
    """Every breach in `blocks` on that surface (message, modal or home)."""
    report = Report(file_problem=file_problem, surface=surface)
    if not isinstance(blocks, list):
        report.error("must be an array", at)
        return report
    if len(blocks) > MAX_BLOCKS[surface]:
        report.error(f"no more than {MAX_BLOCKS[surface]} items allowed", at)
    for i, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in BLOCKS or (kind in _MESSAGE_ONLY and surface != "message"):
            report.error(f"unsupported type: {kind}", f"{at}/{i}/type")
            continue
        BLOCKS[kind](report, block, f"{at}/{i}")
    marked = [b["text"] for b in blocks if isinstance(b, dict) and b.get("type") == "markdown"]
    if sum(len(m) for m in marked if isinstance(m, str)) > _MARKDOWN_TOTAL:
        report.error(f"markdown blocks must be less than {_MARKDOWN_TOTAL + 1} characters together", at)
    return report
