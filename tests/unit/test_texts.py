"""Texts are parsed when they are first said, with whatever they refer to."""

from pathlib import Path

import pytest

from bot.words import texts
from bot.words.particles import with_particle
from bot.words.texts import BrokenText, Texts
from bot.words.words import Words

ROOT = Path(__file__).parents[2]


def made_of(*sheets, language="en"):
    made = Texts(language, {"JOSA": with_particle})
    for sheet in sheets:
        made.add(sheet)
    return made


@pytest.mark.parametrize("language", Words().languages)
def test_every_text_of_ours_is_cut_out_of_its_file_as_fluent_reads_it(language):
    folders = [ROOT / "bot" / "locales", *sorted((ROOT / "integrations").glob("*/locales"))]
    for file in (p for folder in folders for p in sorted(folder.glob(f"{language}.*ftl"))):
        sheet = file.read_text("utf-8")
        whole = [one.id.name for one in texts.parsed(sheet).body if hasattr(one, "id")]
        made = made_of(sheet, language=language)
        assert list(made.ids) == whole, file
        assert all(made.has(name) for name in whole), file


def test_a_text_brings_whatever_it_refers_to():
    made = made_of(
        "-fox = { $case ->\n    [many] foxes\n   *[one] fox\n}\n    .gender = it\n",
        'a = { b } and { -fox }\nb = B { c.hint }\nc =\n    .hint = { -fox(case: "many") }',
        'd = { -fox.gender ->\n    [it] it is\n   *[other] they are\n}\ne = { JOSA($flag, "은/는") } { $n }',
    )  # fmt: skip
    assert made.say("a", {}) == "B foxes and fox"
    assert made.say("d", {}) == "it is"
    assert made.say("e", {"flag": "여우", "n": 12_345}) == "여우는 12,345"


@pytest.mark.parametrize(
    "sheet",
    ["a = { $missing }", "a = { b }", "a = { -b }", "a = { b.c }\nb = B", "a = { NO() }", "a = { a }",
     "a = { b }\nb = { a }", 'a = { JOSA("x", "y") }'],
)  # fmt: skip
def test_what_cannot_be_said_is_told(sheet):
    with pytest.raises(BrokenText):
        made_of(sheet).say("a", {})


def test_what_is_not_fluent_is_not_there_and_hurts_no_other():
    made = made_of("first = { never closed\nsecond = here\n    .hint = there\nthird =\n    .hint = alone\n")
    assert (made.has("first"), made.say("first", {})) == (False, None)
    assert (made.say("second", {}), made.has("third"), made.has("fourth")) == ("here", False, False)


def test_of_two_with_one_id_the_first_is_said():
    assert made_of("a = 1\na = 2", "a = 3").say("a", {}) == "1"


def test_nothing_is_parsed_before_it_is_said(monkeypatch):
    asked = []

    def parsed(source):
        asked.append(source.split()[0])
        return real(source)

    real = texts.parsed
    monkeypatch.setattr(texts, "parsed", parsed)
    made = made_of("a = { b }\nb = B\nc = C")
    assert (list(made.ids), asked) == (["a", "b", "c"], [])
    made.say("a", {})
    made.say("a", {})
    assert asked == ["a", "b"]
