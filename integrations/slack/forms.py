"""The one modal: Form -> Slack's view, and what was filled in. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from bot.cards.jobs import cut
from bot.model import EXTENSIONS, Source
from bot.talk import answers
from bot.talk.answers import Choice, FieldKind, Form
from bot.talk.deeds import Begun
from bot.talk.lengths import parts_of, whole
from bot.talk.suggestions import MODEL
from bot.words.words import Say
from integrations.slack._text import context, escaped, plain
from integrations.slack.lending import files_of, sources_of

CALLBACK = "create"
OPTIONS_MOST = 100
YES = "yes"
_TEXT_LIMIT = 3_000  # of a plain_text_input; what is longer stands in several
_MARK_LIMIT = 60
_FILES_MOST = 10  # of a file_input
_ENDINGS = [*EXTENSIONS.values(), "jpeg"]


class FormMetadata(BaseModel, frozen=True, populate_by_name=True):
    """What a form has kept: where it was opened, and what it began with.

    Slack gives it back as it was: 3,000 characters have room for an address of its own, and ten pictures by their ids.
    """

    channel: str = ""
    thread: str = ""
    url: str = ""
    about: str = ""  # the same as text, which older replicas read
    parent: str = Field("", alias="job")
    edits: bool = False
    index: int = 0
    draft: str = ""
    pictures: tuple[Source, ...] = ()

    @property
    def where(self) -> dict[str, str]:
        """The part of an address that is known."""
        return {name: value for name in ("channel", "thread", "url") if (value := getattr(self, name))}

    @property
    def begun(self) -> Begun:
        return Begun(parent=self.parent, edits=self.edits, index=self.index, draft=self.draft)


def view_of(form: Form, say: Say, *, where: Mapping[str, str], files: bool = True) -> dict[str, Any]:
    """The modal's payload; what is kept of `where` comes back with it. `files`: whether we may read any."""
    fields = [part for field in form.fields if field.taken for part in _parts(field)]
    shown = [field for field in fields if files or field.kind is not FieldKind.PICTURES]
    missing = [context(escaped(say("slack-files-right")))] if len(shown) < len(fields) else []
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title, 24),
        "submit": plain(form.title, 24),
        "close": plain(say("button-cancel"), 24),
        "private_metadata": _kept(form, where),
        "blocks": [*(_input(field, form.model, say) for field in shown), *missing],
    }


def _parts(field: answers.Field) -> tuple[answers.Field, ...]:
    return parts_of(field, _TEXT_LIMIT) if field.kind is FieldKind.PARAGRAPH else (field,)


def _kept(form: Form, where: Mapping[str, str]) -> str:
    kept = FormMetadata(
        channel=where.get("channel", ""),
        thread=where.get("thread", ""),
        url=where.get("url", ""),
        about=str(form.begun),
        pictures=form.pictures,
        **asdict(form.begun),
    )
    return kept.model_dump_json(by_alias=True)


def kept_in(view: Mapping[str, Any]) -> FormMetadata:
    """What a form of ours has kept; nothing where that is of no shape that we know."""
    try:
        return FormMetadata.model_validate_json(str(view.get("private_metadata") or "{}"))
    except ValidationError:
        return FormMetadata()


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a form, by name."""
    values = ((name, _value(state)) for name, state in _states(view))
    return whole({name: value for name, value in values if value})


def files_in(view: Mapping[str, Any]) -> tuple[Source, ...]:
    """The files that were put into a form."""
    return tuple(source for _, state in _states(view) for source in sources_of(files_of(state)))


def _states(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for fields in _mapping(_mapping(view.get("state")).get("values")).values():
        for name, state in _mapping(fields).items():
            yield name, _mapping(state)


def _mapping(value: Any) -> Mapping[str, Any]:
    """What should be one; whatever else comes says nothing."""
    return value if isinstance(value, Mapping) else {}


def _value(state: Mapping[str, Any]) -> str:
    if "selected_options" in state:
        return YES if state["selected_options"] else ""
    if "selected_option" in state:
        return str(_mapping(state["selected_option"]).get("value", ""))
    return str(state.get("value") or "")


def _input(field: answers.Field, model: str, say: Say) -> dict[str, Any]:
    # Slack keeps what stands in a block of the same id: a field that follows the model begins anew with it.
    # Files that were put in stay: nobody wants to look for them once more.
    anew = field.follows_model and field.kind is not FieldKind.PICTURES
    block = f"{field.name}@{model[:_MARK_LIMIT]}" if anew else field.name
    more: dict[str, Any] = {"dispatch_action": True} if field.name == MODEL else {}
    return {
        "type": "input",
        "block_id": block,
        "label": plain(field.label, 2000),
        "element": {"action_id": field.name, **_element(field, say)},
        "optional": not (field.required or field.name == MODEL),
        **more,
    }


def _element(field: answers.Field, say: Say) -> dict[str, Any]:
    match field.kind:
        case FieldKind.PARAGRAPH:
            hint = {"placeholder": plain(say("slack-form-hint"), 150), "focus_on_load": field.required}
            return {**_text(field), "multiline": True, **hint}
        case FieldKind.CHOICE if field.choices:
            return _select(field)
        case FieldKind.TEXT | FieldKind.CHOICE:
            return _text(field)
        case FieldKind.SWITCH:
            only = _option(Choice(value=YES, label=field.label))
            chosen = {"initial_options": [only]} if field.value == YES else {}
            return {"type": "checkboxes", "options": [only], **chosen}
        case FieldKind.PICTURES:
            most = max(1, min(field.most, _FILES_MOST))
            return {"type": "file_input", "max_files": most, "filetypes": _ENDINGS}


def _text(field: answers.Field) -> dict[str, Any]:
    begun = {"initial_value": cut(field.value, _TEXT_LIMIT)} if field.value else {}
    return {"type": "plain_text_input", "max_length": _TEXT_LIMIT, **begun}


def _select(field: answers.Field) -> dict[str, Any]:
    options = {choice.value: _option(choice) for choice in field.offered(OPTIONS_MOST)}
    chosen = {"initial_option": options[field.value]} if field.value in options else {}
    return {"type": "static_select", "options": list(options.values()), **chosen}


def _option(choice: Choice) -> dict[str, Any]:
    return {"text": plain(choice.line, 75), "value": choice.value[:150]}
