"""Form -> Discord's modal, pure, and back: five fields at most; its custom_id carries what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.ports import Do
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.deeds import Begun, Topic
from bot.talk.forms import PROMPT, still
from bot.talk.lengths import parts_of, whole
from integrations.discord._text import cut, plain
from integrations.discord.cards import Control, custom_id
from integrations.discord.commands import FILE_TYPES

OPTIONS_MOST = 25
_FILES_MOST = 10
_FIELDS_MOST = 5
_TEXT_LIMIT, _TITLE_LIMIT, _LABEL_LIMIT, _OPTION_LIMIT = 4_000, 45, 45, 100
_LABEL, _FILES, _TEXT, _LIST, _LINE, _PARAGRAPH = 18, 19, 4, 3, 1, 2
_SWITCHED = (Choice(value="no", label="–"), Choice(value="yes", label="✓"))


def modal_of(form: Form, held: str = "") -> dict[str, Any]:
    """The modal. `held`: the message whose pictures it is about."""
    return {
        "title": cut(form.title, _TITLE_LIMIT),
        "custom_id": _about(form.begun, held),
        "components": [
            {"type": _LABEL, "label": cut(field.label, _LABEL_LIMIT), "component": _component(field)}
            for field in _fields(form)
        ],
    }


def _fields(form: Form) -> tuple[Field, ...]:
    """As many as there is room for: a long prompt takes the places of those that matter least."""
    tried = [_with_parts(still(form, most)) for most in range(_FIELDS_MOST, 0, -1)]
    return next((one for one in tried if len(one) <= _FIELDS_MOST), tried[-1])[:_FIELDS_MOST]


def _with_parts(fields: Sequence[Field]) -> tuple[Field, ...]:
    return (*parts_of(fields[0], _TEXT_LIMIT), *fields[1:])


def order_of(components: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, str]]:
    """What was filled in: the prompt, and the options that are not empty."""
    values: dict[str, str] = {}
    for one in _filled(components):
        if one.get("type") != _FILES:
            chosen = one.get("values") or [one.get("value") or ""]
            values[str(one.get("custom_id", ""))] = str(chosen[0])
    values = whole(values)
    text = values.pop(PROMPT, "")
    return text, {name: value for name, value in values.items() if value.strip()}


def files_in(components: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of the files that were put into it."""
    uploads = [one for one in _filled(components) if one.get("type") == _FILES]
    return [str(file) for one in uploads for file in one.get("values") or []]


def _filled(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for row in components:
        yield from [row["component"]] if "component" in row else row.get("components") or []


def _about(begun: Begun, held: str) -> str:
    if begun.draft:
        return custom_id(Do.REWORD, begun.draft)
    if held:
        return custom_id(Do.EDIT, held)
    if not begun.parent:
        return custom_id(Topic.CREATE, PROMPT)
    return custom_id(Do.EDIT if begun.edits else Do.REMIX, begun.parent, begun.index)


def begun_with(control: Control) -> Begun:
    """What a form began with, out of its custom_id."""
    if control.do is Do.REWORD:
        return Begun(draft=control.about)
    of_job = not control.held and control.do in (Do.REMIX, Do.EDIT)
    parent = control.about if of_job else ""
    return Begun(parent=parent, edits=control.do is Do.EDIT, index=control.index)


def _component(field: Field) -> dict[str, Any]:
    match field.kind:
        case FieldKind.PARAGRAPH:
            return _text(field, _PARAGRAPH)
        case FieldKind.CHOICE if field.choices:
            return _list(field, field.value)
        case FieldKind.CHOICE | FieldKind.TEXT:
            return _text(field, _LINE)
        case FieldKind.SWITCH:
            return _list(replace(field, choices=_SWITCHED), field.value or "no")
        case FieldKind.PICTURES:
            return {
                "type": _FILES,
                "custom_id": field.name,
                "required": False,
                "min_values": 0,
                "max_values": min(field.most, _FILES_MOST),
                "file_types": FILE_TYPES,
            }


def _text(field: Field, style: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _TEXT, "custom_id": field.name, "style": style, "required": field.required,
        "max_length": _TEXT_LIMIT,
    }  # fmt: skip
    return made | ({"value": field.value[:_TEXT_LIMIT]} if field.value else {})


def _list(field: Field, value: str) -> dict[str, Any]:
    options = [
        option(one.value, one.label, one.note) | {"default": one.value == value}
        for one in field.offered(OPTIONS_MOST)
    ]
    return {"type": _LIST, "custom_id": field.name, "options": options, "required": False, "min_values": 0}


def option(value: str, label: str, note: str) -> dict[str, Any]:
    """One line of a list."""
    shown = {"label": cut(plain(label), _OPTION_LIMIT) or "·", "value": value[:_OPTION_LIMIT]}
    return shown | ({"description": cut(plain(note), _OPTION_LIMIT)} if note else {})
