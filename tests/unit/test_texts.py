"""Texts are said as Fluent's own runtime says them, and none is understood before it is said."""

import re
from operator import index
from pathlib import Path

import babel
import pytest
from fluent.runtime import FluentBundle, FluentResource

from bot import texts
from bot.particles import with_particle
from bot.texts import BrokenText, Texts, grouped, plural

ROOT = Path(__file__).parents[2]
FACTS = ("none", "여우", "12", 0, 1, 2, 12_345)
ALL_OF_FLUENT = """
# A comment, and a term with an attribute.
-fox = { $case ->
    [plural] foxes
   *[one] fox
}
    .gender = it

### A heading
plain = In { -fox } we trust
several = Two { -fox(case: "plural") }, { several.hint }
    .hint = and { several.more }
    .more = more
lines =
    The first
      the second, indented
    .hint = an attribute alone can be said, too
quoted = {"{"}{ "\\u00e9" }{ 3 }
exactly = { $n ->
    [0] none
    [one] one { $n }
   *[other] { $n } of them
}
chosen = { -fox.gender ->
    [it] it is
   *[other] they are
}
nested = { $n ->
    [one] { $flag ->
        [none] nothing
       *[other] { $flag }
}
   *[other] more
}
particle = { JOSA($flag, "은/는") }
number = { NUMBER($n) }
"""


def ours(language, *sheets):
    made = Texts(language, {"JOSA": with_particle, "NUMBER": index})
    for sheet in sheets:
        made.add(sheet)
    return made


def theirs(language, *sheets):
    bundle = FluentBundle([language], functions={"JOSA": with_particle}, use_isolating=False)
    for sheet in sheets:
        bundle.add_resource(FluentResource(sheet))
    return bundle


@pytest.mark.parametrize("language", ["en", "ko", "de", "pl"])
@pytest.mark.parametrize("fact", FACTS)
def test_everything_that_fluent_has_is_said_as_its_own_runtime_says_it(language, fact):
    mine, other = ours(language, ALL_OF_FLUENT), theirs(language, ALL_OF_FLUENT)
    facts = {"n": fact, "flag": fact}
    for name in mine.ids:
        expected, errors = other.format_pattern(other.get_message(name).value, facts)
        if errors:
            with pytest.raises(BrokenText):
                mine.say(name, facts)
        else:
            assert mine.say(name, facts) == expected, name


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("fact", FACTS)
def test_every_text_of_ours_is_said_as_fluents_own_runtime_says_it(language, fact):
    folders = [ROOT / "bot" / "locales", *sorted((ROOT / "integrations").glob("*/locales"))]
    sheets = [p.read_text("utf-8") for folder in folders for p in sorted(folder.glob(f"{language}.*ftl"))]
    mine, other = ours(language, *sheets), theirs(language, *sheets)
    for name in mine.ids:
        facts = _facts_of(mine, name, fact)
        expected, errors = other.format_pattern(other.get_message(name).value, facts)
        assert (mine.say(name, facts), errors) == (expected, []), name


def _facts_of(made, name, fact):
    """As many as it asks for."""
    facts = {}
    while missing := _missing(made, name, facts):
        facts[missing] = fact
    return facts


def _missing(made, name, facts):
    try:
        made.say(name, facts)
    except BrokenText as broken:
        return re.fullmatch(r"\$(\w+) is missing", str(broken))[1]
    return None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_numbers_are_those_of_babel(language):
    locale = babel.Locale.parse(language)
    for count in (-1, 0, 1, 2, 11, 21, 101, 999, 1_000, -1_234, 10_000_000):
        assert plural(count, language) == locale.plural_form(count)
        assert grouped(count, language) == babel.numbers.format_decimal(count, locale=locale)


def test_a_language_that_nobody_knows_counts_as_english_does():
    assert (plural(1, "tlh"), plural(2, "tlh"), grouped(1_000, "tlh")) == ("one", "other", "1,000")


@pytest.mark.parametrize(
    "sheet",
    ["a = { $missing }", "a = { b }", "a = { -b }", "a = { b.c }\nb = B", "a = { NO() }", "a = { a }",
     'a = { JOSA("x", "y") }', "a = { NUMBER() }"],
)  # fmt: skip
def test_what_cannot_be_said_is_told(sheet):
    with pytest.raises(BrokenText):
        ours("en", sheet).say("a", {})


def test_what_is_not_fluent_is_not_there_and_hurts_no_other():
    made = ours(
        "en", "first = { never closed\nsecond = here\n    .hint = there\nthird =\n    .hint = alone\n"
    )
    assert (made.has("first"), made.say("first", {})) == (False, None)
    assert (made.say("second", {}), made.has("third"), made.has("fourth")) == ("here", False, False)


def test_of_two_with_one_id_the_first_is_said():
    assert ours("en", "a = 1\na = 2", "a = 3").say("a", {}) == "1"


def test_nothing_is_understood_before_it_is_said(monkeypatch):
    asked = []
    real = texts._understood
    monkeypatch.setattr(texts, "_understood", lambda source: asked.append(source) or real(source))
    made = ours("en", "a = { b }\nb = B\nc = C")
    assert (list(made.ids), asked) == (["a", "b", "c"], [])
    made.say("a", {})
    assert {source.split()[0] for source in asked} == {"a", "b"}
