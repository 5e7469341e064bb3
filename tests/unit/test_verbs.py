"""The table of what moderators can say, and those who read it."""

import re
from pathlib import Path
from typing import cast

import pytest

from bot.desk import Desk
from bot.rulemaking import Rulemaking
from bot.talk.admin_text import AdminText
from bot.talk.verbs import BY_WORD, VERBS, Kind
from bot.words import Words

ROOT = Path(__file__).parents[2]
DISCORD = sorted((ROOT / "integrations" / "discord" / "locales").glob("*.ftl"))


NO_DESK, NO_RULES = cast("Desk", None), cast("Rulemaking", None)  # nothing is asked of it


@pytest.fixture(scope="module")
def words():
    return Words()


def test_every_verb_is_done_by_somebody_and_nothing_else_can_be_said(words):
    assert set(AdminText(NO_DESK, NO_RULES, words)._acts) == set(BY_WORD)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_is_described_in_every_language(words, verb):
    assert all(words.knows(f"verb-{verb.name}", language) for language in words.languages)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_an_example_begins_with_its_verb_and_has_what_is_required(verb):
    assert [line.split()[0] for line in verb.examples] == list(verb.words)
    required = [option for option in verb.options if option.required]
    assert list(verb.options[: len(required)]) == required
    assert len(verb.example.split()) > len(required)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_words_of_any_number_stand_last(verb):
    open_ended = {Kind.TEXT, Kind.VALUE, Kind.MODELS, Kind.CHANNELS}
    plain = [option for option in verb.options if not option.keyed]  # others end where the next name begins
    assert not any(option.kind in open_ended for option in plain[:-1])


@pytest.mark.parametrize(
    ("verb", "given", "line"),
    [
        ("grant", {"person": "@mina", "amount": "5", "memo": "for it"}, "grant @mina 5 for it"),
        ("block", {"person": "@tom", "time": "", "why": "spam"}, "block @tom spam"),
        ("settings", {}, "settings"),
        ("settings", {"name": "press", "value": "requester"}, "set press requester"),
        ("settings", {"name": "press"}, "set press"),
        ("settings", {"value": "requester"}, "settings"),
        ("budget", {"period": "week"}, "budget"),
        ("budget", {"amount": "0", "period": "week"}, "budget 0 week"),
    ],
)
def test_options_are_said_as_a_line(verb, given, line):
    assert BY_WORD[verb].line(given) == line


def test_help_names_every_verb_with_its_examples(words):
    english = AdminText(NO_DESK, NO_RULES, words)._help("en")
    assert english[0] == ", ".join(verb.name for verb in VERBS)
    assert "set NAME VALUE · See the settings, or change one" in english
    assert [line.partition(" · ")[0] for line in english[1:]] == [e for v in VERBS for e in v.examples]
    assert not set(AdminText(NO_DESK, NO_RULES, words)._help("ko")[1:]) & set(english)


def test_every_verb_stands_in_the_document():
    table = (ROOT / "docs/credits.md").read_text(encoding="utf-8")
    shown = {example.split()[0] for example in re.findall(r"`([^`\n]+)`", table)}
    assert {word for verb in VERBS for word in verb.words} - shown == set()


@pytest.mark.parametrize("texts", DISCORD, ids=lambda texts: texts.stem)
def test_every_verb_and_option_has_a_name_and_every_option_a_description_on_discord(texts):
    needed = {f"discord-name-{verb.name}" for verb in VERBS}
    for option in (option for verb in VERBS for option in verb.options):
        needed |= {f"discord-name-{option.name}", f"discord-about-option-{option.name}"}
    assert needed - set(re.findall(r"^([\w-]+) =", texts.read_text(encoding="utf-8"), re.MULTILINE)) == set()
