"""Laws of what is found out early, late or in a quicker way: it says what the long way says."""

import random
from itertools import groupby

import pytest

from bench.hostile import hostile
from bot.moderation.asking import ages
from bot.moderation.checks import LexiconCheck, OwnWords, build_ahead
from bot.moderation.lexicon import lexicon
from bot.moderation.lexicon.findings import Rule
from bot.moderation.lexicon.lexicon import Lexicon, Vocabulary
from bot.moderation.reading import signs, terms
from bot.moderation.reading.cuts import Cuts
from bot.moderation.reading.text import Reading, Text, data
from bot.moderation.tongues import pages
from bot.moderation.tongues.forms import FormFinder, folded, hits
from bot.moderation.tongues.readers import readers
from bot.ports import Policy

WAYS = (*ages._TYPED, *ages._LOWERED)
TOLD = (
    "Emma, 13", "Emma (13)", "Emma,twelve", "17f", "16 / F", "중3", "십일세", "초등 3학년", "나이 12", "she is 14", "the model, 15", "a girl (9)", "a lass of twelve", "girl of just 15",
    "12 years old", "13yr girl", "twelve-year-old", "under 18", "<16", "< 18", "not yet 18", "less than seventeen", "one year short of 18", "before her 18th birthday", "weeks until she turns 18",
    "not quite eighteen", "about to turn 18", "16th birthday", "9th bday", "age of 07", "age: 9", "aged about 12", "9 and a half years", "1З year old", "l4 y/o", "1O yo", "lO yo, 3000 stars",
)  # fmt: skip


def test_what_terms_are_made_of_is_known_without_writing_them_out():
    pages_of_words = [data(f"{name}.toml") for name in lexicon.FILES]
    written = [
        *data("allowed.toml")["phrases"], *data("korean.toml")["innocent"],
        *(term for page in pages_of_words for group in page.get("groups", {}).values() for term in group),
        "a {b,c d}e {f, }g", "{a b,}c",
    ]  # fmt: skip
    for term in written:
        assert terms.words_of([term]) == terms.words_of(terms.expand([term])), term


@pytest.mark.parametrize("text", TOLD)
def test_what_is_quick_to_find_stands_wherever_an_age_is_told(text):
    for may_tell, pattern in WAYS:
        assert may_tell(text) or not pattern.search(text), pattern.pattern


def test_pieces_are_closed_as_if_every_pair_and_three_were_looked_up():
    chance = random.Random(7)
    known = ["na", "ked", "naked", "nak", "pen", "pens", "isle", "is", "xyz"]
    cuts, more = (
        Cuts(words, alone=("naked",), never=("na ked pen",))
        for words in (known[:8], [*known, *map(str, range(40))])
    )
    for _ in range(500):
        words = chance.choices(["na", "k", "ed", "ked", "pen", "s", "is", "le", "red", "a"], k=6)
        joined = {"".join(words[place : place + step]) for place in range(6) for step in (2, 3)}
        assert cuts.closed(words) == more.closed(words)
        assert (cuts.closed(words) == words) or not joined.isdisjoint(known)


def test_a_few_blocked_words_are_found_as_many_are():
    """Fewer are looked for before any pieces."""
    many = ("pineapple", *(f"quux{letter}" for letter in "abcdefghij"))
    for text in (
        "pine apple pie",
        "a pin e apple",
        "p1ne4pple",
        "p.i.n.e.a.p.p.l.e",
        "elppaenip eht fo",
        "a red fox",
        "pineap, ple",
    ):
        few = OwnWords().judge(text, Policy(blocked_words=("pineapple",)))
        assert few == OwnWords().judge(text, Policy(blocked_words=many)), text


def test_what_is_listed_and_allowed_is_listed_and_what_holds_it_excuses_it():
    words = Lexicon(
        version="1",
        rules=[Rule(id="bad", category="sexual", needs=("bad",))],
        groups={"bad": ["kinky", "알몸"]},
        vocabulary=Vocabulary(allowed=["kinky", "알몸", "kinky {boots,shoes}", "알몸 감자"]),
    )

    def found(text):
        read = Text(text, (Reading(tuple(text.split())),))
        return [line.text[hit.start : hit.end + 1].strip() for line in words.lines(read) for hit in line.hits]

    assert found("a kinky fox") == ["kinky"]
    assert set(found("알몸")) == {"알몸"}
    assert found("알몸 감자")[:1] != ["알몸"]
    assert found("kinky shoes") == []
    assert found("kinky boots and kinky") == ["kinky"]


def test_each_form_of_each_line_stands_where_it_is_written_and_has_one_place():
    for line in pages.every():
        forms = FormFinder([line])
        for form in line.forms():
            text = folded(form.marked)
            met = hits(forms.met(text), text)
            whole = {hit.line.said for hit in met if (hit.start, hit.end) == (0, len(text.plain))}
            assert whole == {line.said}, (line.language, form)


def test_doubled_letters_are_squeezed_run_by_run():
    for word in ("", "a", "aa", "nuude", "aabbaa", "ㅅㅅ섹섹", "1122", "abc"):
        assert signs.squeeze(word) == "".join(letter for letter, _ in groupby(word))


def test_nothing_is_left_to_build_for_the_first_text_of_another_language_or_beside_a_listed_word():
    check = LexiconCheck(lexicon._load())
    build_ahead(check).result()
    assert "_neighbours" in vars(readers()[0])
    assert "_excusing" in vars(check._lexicon)


def test_no_kind_of_text_is_kept_by_its_numbers():
    words = LexiconCheck(lexicon.load())
    for text in dict(hostile(lexicon.load(), random.Random(4), 200)).values():
        words.judge(text, Policy())
    assert not any(map(str.isdigit, lexicon.load()._speller._memo))
