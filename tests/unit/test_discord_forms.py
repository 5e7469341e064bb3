"""Discord's forms: what a form holds fits into five fields and a hundred letters, and comes back whole."""

import pytest

from bot.ports import Do
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.deeds import Begun, Topic
from integrations.discord import forms
from integrations.discord.cards import Control, control_of
from tests.fakes.discord import limits as discords
from tests.fakes.discord.errors import Problems
from tests.fakes.there import there

JOB = "01m7za57f5evfned4t7d0apt9v"
PLACE = "1234567890123456789m1234567890123456788"


def field(name, kind=FieldKind.TEXT, **facts):
    return Field(name=name, label=name.title(), kind=kind, **facts)


PROMPT = field("prompt", FieldKind.PARAGRAPH, value="a fox", required=True)
WISHES = tuple(field(name, value="x") for name in ("model", "aspect", "style", "quality", "size"))
FILES = field("pictures", FieldKind.PICTURES, most=3)


def form(*fields, **facts):
    return Form(title="Edit", fields=fields, model="m", **facts)


def names(modal):
    return [row["component"]["custom_id"] for row in modal["components"]]


def test_files_have_a_field_of_their_own_and_what_has_no_room_stands_behind_the_prompt():
    modal = forms.modal_of(form(PROMPT, FILES, *WISHES))
    assert names(modal) == ["prompt", "pictures", "model", "aspect", "style"]
    assert modal["components"][0]["component"]["value"] == "a fox --quality x --size x"
    problems = Problems()
    discords.modal(modal, problems)
    assert problems.tree == {}


@pytest.mark.parametrize("words", [200, 900, 3_000])
def test_however_long_a_prompt_no_word_of_it_is_lost(words):
    long = " ".join(f"w{number}" for number in range(words))
    modal = forms.modal_of(
        form(field("prompt", FieldKind.PARAGRAPH, value=long, required=True), FILES, *WISHES)
    )
    problems = Problems()
    discords.modal(modal, problems)
    assert problems.tree == {}
    text, _ = forms.order_of(modal["components"])
    assert text.split()[:words] == long.split(), "and in order"
    spelled = {"aspect": "--ar", "style": "--style", "quality": "--quality", "size": "--size"}
    assert {name for name, flag in spelled.items() if f"{flag} x" in text} == spelled.keys() - set(
        names(modal)
    )


@pytest.mark.parametrize(("most", "taken"), [(1, 1), (10, 10), (16, 10)])
def test_as_many_files_go_in_as_discord_takes(most, taken):
    modal = forms.modal_of(form(PROMPT, field("pictures", FieldKind.PICTURES, most=most)))
    (upload,) = [row["component"] for row in modal["components"] if row["component"]["type"] == 19]
    assert (upload["min_values"], upload["max_values"], upload["required"]) == (0, taken, False)


@pytest.mark.parametrize(
    ("begun", "held", "control"),
    [
        (Begun(), "", Control(do=Topic.CREATE, about="prompt")),
        (Begun(parent=JOB), "", Control(do=Do.REMIX, about=JOB)),
        (Begun(parent=JOB, edits=True), "", Control(do=Do.EDIT, about=JOB)),
        (Begun(parent=JOB, edits=True, index=3), "", Control(do=Do.EDIT, about=JOB, index=3)),
        (Begun(edits=True), PLACE, Control(do=Do.EDIT, about=PLACE)),
        (Begun(draft="0a1b"), "", Control(do=Do.REWORD, about="0a1b")),
    ],
)
def test_what_a_form_began_with_comes_back_with_it(begun, held, control):
    made = control_of(forms.modal_of(form(PROMPT, begun=begun), held)["custom_id"])
    assert made == control
    assert forms.begun_with(there(made)) == begun


def test_what_was_filled_in_is_words_choices_and_files():
    choice = field(
        "picture", FieldKind.CHOICE, choices=(Choice(value="1", label="1"), Choice(value="2", label="2"))
    )
    assert names(forms.modal_of(form(PROMPT, FILES, choice))) == ["prompt", "pictures", "picture"]
    rows = [
        {"type": 18, "component": {"type": 4, "custom_id": "prompt", "value": "make it night"}},
        {"type": 18, "component": {"type": 19, "custom_id": "pictures", "values": ["7", "5"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "picture", "values": ["2"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "style", "values": []}},
    ]
    assert forms.order_of(rows) == ("make it night", {"picture": "2"})
    assert forms.files_in(rows) == ["7", "5"]
