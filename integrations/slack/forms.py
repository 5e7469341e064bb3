"""The one modal: Form -> Slack's view, and what was filled in. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.suggestions import MODEL
from bot.words import Say
from integrations.slack._text import cut, plain

CALLBACK = "create"
OPTIONS_MOST = 100
YES = "yes"
_PARAGRAPH_LIMIT, _TEXT_LIMIT = 3_000, 500  # a plain_text_input takes 3,000
_MARK_LIMIT = 60
_WHERE_KEPT, _PARENT = ("channel", "thread", "url"), "job"


def view_of(form: Form, say: Say, *, where: Mapping[str, str]) -> dict[str, Any]:
    """The modal's payload; what is kept of `where` comes back with it."""
    kept = {part: where[part] for part in _WHERE_KEPT if part in where}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title, 24),
        "submit": plain(form.title, 24),
        "close": plain(say("button-cancel"), 24),
        "private_metadata": json.dumps({**kept, _PARENT: form.parent}),
        "blocks": [_input(field, form.model, say) for field in form.fields if field.taken],
    }


def origin_of(view: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Where a form was opened, and the picture that it began with."""
    try:
        meta = _mapping(json.loads(str(view.get("private_metadata") or "{}")))
    except (ValueError, RecursionError):
        meta = {}
    return {part: str(meta[part]) for part in _WHERE_KEPT if part in meta}, str(meta.get(_PARENT, ""))


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a form, by name."""
    values: dict[str, str] = {}
    for fields in _mapping(_mapping(view.get("state")).get("values")).values():
        for name, state in _mapping(fields).items():
            if value := _value(_mapping(state)):
                values[name] = value
    return values


def _mapping(value: Any) -> Mapping[str, Any]:
    """What should be one; whatever else comes says nothing."""
    return value if isinstance(value, Mapping) else {}


def _value(state: Mapping[str, Any]) -> str:
    if "selected_options" in state:
        return YES if state["selected_options"] else ""
    if "selected_option" in state:
        return str(_mapping(state["selected_option"]).get("value", ""))
    return str(state.get("value") or "")


def _input(field: Field, model: str, say: Say) -> dict[str, Any]:
    # Slack keeps what stands in a block of the same id: a field that follows the model begins anew with it.
    block = f"{field.name}@{model[:_MARK_LIMIT]}" if field.follows_model else field.name
    more: dict[str, Any] = {"dispatch_action": True} if field.name == MODEL else {}
    return {
        "type": "input",
        "block_id": block,
        "label": plain(field.label, 2000),
        "element": {"action_id": field.name, **_element(field, say)},
        "optional": not (field.required or field.name == MODEL),
        **more,
    }


def _element(field: Field, say: Say) -> dict[str, Any]:
    match field.kind:
        case FieldKind.PARAGRAPH:
            hint = {"placeholder": plain(say("slack-form-hint"), 150), "focus_on_load": True}
            return {**_text(field, _PARAGRAPH_LIMIT), "multiline": True, **hint}
        case FieldKind.CHOICE if field.choices:
            return _select(field)
        case FieldKind.TEXT | FieldKind.CHOICE:
            return _text(field, _TEXT_LIMIT)
        case FieldKind.SWITCH:
            only = _option(Choice(value=YES, label=field.label))
            chosen = {"initial_options": [only]} if field.value == YES else {}
            return {"type": "checkboxes", "options": [only], **chosen}
        case FieldKind.PICTURES:
            return {
                "type": "file_input",
                "max_files": field.most,
                "filetypes": ["png", "jpg", "jpeg", "webp"],
            }


def _text(field: Field, limit: int) -> dict[str, Any]:
    begun = {"initial_value": cut(field.value, limit)} if field.value else {}
    return {"type": "plain_text_input", "max_length": limit, **begun}


def _select(field: Field) -> dict[str, Any]:
    options = {choice.value: _option(choice) for choice in field.offered(OPTIONS_MOST)}
    chosen = {"initial_option": options[field.value]} if field.value in options else {}
    return {"type": "static_select", "options": list(options.values()), **chosen}


def _option(choice: Choice) -> dict[str, Any]:
    text = f"{choice.label} · {choice.note}" if choice.note else choice.label
    return {"text": plain(text, 75), "value": choice.value[:150]}
