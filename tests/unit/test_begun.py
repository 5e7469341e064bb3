"""What a form began with comes back as it was, by every way that it goes: none of its facts is lost on one of them."""

from dataclasses import fields, replace

import pytest

from bot.ports import Address, Place, Requester
from bot.talk import once
from bot.talk.answers import Field, FieldKind, Form
from bot.talk.deeds import ANEW, Begun, Filled, begun
from bot.talk.drafts import draft_of, tried_again
from bot.words.words import Say, Words
from integrations.discord.cards import control_of
from integrations.discord.forms import begun_with, modal_of
from integrations.slack.forms import kept_in, view_of
from tests.fakes.there import there

JOB, DRAFT = "01m7za57f5evfned4t7d0apt9v", "6f1c0ffee0ddba11cafe0042"
SAMPLES = (
    ANEW,
    Begun(parent=JOB),
    Begun(parent=JOB, edits=True),
    Begun(parent=JOB, edits=True, index=3),
    Begun(draft=DRAFT),
)
HELD = Begun(edits=True)  # the pictures of somebody's message


def form_of(one):
    words = Field(name="prompt", label="Prompt", kind=FieldKind.PARAGRAPH)
    return Form(title="Remix", fields=(words,), model="m", begun=one)


def filled(one):
    place = Place(address=Address(surface="lines", data={}), channel="art")
    who = Requester(surface="lines", community="c", user="u")
    return Filled(who=who, place=place, key="lines:1", text="a fox", begun=one)


def by_text(one):
    return begun(str(one))


def by_discord(one):
    held = "576721239861362688m576721239861362689" if one == HELD else ""
    return begun_with(there(control_of(modal_of(form_of(one), held)["custom_id"])))


def by_slack(one):
    view = view_of(form_of(one), Say(Words("en"), "en"), where={"channel": "C1"})
    assert kept_in(view).where == {"channel": "C1"}
    return kept_in(view).begun


def by_a_draft(one):
    """What was refused is kept and tried again: then it is no draft any more."""
    deed = filled(one)
    return replace(tried_again(deed, there(draft_of(deed))).begun, draft=one.draft)


def test_the_samples_have_every_fact_once():
    """Whoever adds a field adds a sample with it, and hears who loses it."""
    had = {
        field.name for field in fields(Begun) for one in SAMPLES if getattr(one, field.name) != field.default
    }
    assert had == {field.name for field in fields(Begun)}


@pytest.mark.parametrize("way", [by_text, by_discord, by_slack, by_a_draft])
@pytest.mark.parametrize("one", [*SAMPLES, HELD], ids=repr)
def test_what_a_form_began_with_comes_back_as_it_was(way, one):
    assert way(one) == one


def test_the_same_words_about_another_picture_are_another_order():
    """Each fact counts: only the very same form, sent twice at once, is a double click."""
    forms = [filled(one) for one in (*SAMPLES, HELD)]
    assert len({once.click_of(one).mark for one in forms}) == len(forms)
    assert once.click_of(forms[0]).mark == once.click_of(replace(forms[0], key="another")).mark


@pytest.mark.parametrize(
    ("kept", "one"),
    [
        ('{"channel": "C1", "job": "J"}', Begun(parent="J")),
        ('{"channel": "C1", "about": "edit J/2", "job": "J", "edits": true, "index": 2, "pictures": []}', Begun(parent="J", edits=True, index=2)),
        ('{"channel": "C1", "about": "draft D", "draft": "D", "pictures": [], "tomorrow": {"more": 1}}', Begun(draft="D")),
    ],
)  # fmt: skip
def test_a_form_of_another_version_is_read_by_what_one_knows(kept, one):
    form = kept_in({"private_metadata": kept})
    assert (form.begun, form.where) == (one, {"channel": "C1"})
