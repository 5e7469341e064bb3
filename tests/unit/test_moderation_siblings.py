"""Laws of kinds: siblings of what was once misread, harm and innocent neighbours (`tests/data/moderation/kinds`)."""

from pathlib import Path

import pytest

from bench.moderation_fresh import misses
from bot.moderation.asking.avoiding import _patterns, _tongues
from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.lexicon import load
from bot.moderation.tongues.pages import pages
from bot.ports import Policy, Severity

CHECK = LexiconCheck(load())
HEARD = Path(__file__).parent.parent / "data" / "moderation" / "heard.txt"
HEARD_AT_LEAST = 175  # of 200; the others are words themselves, or sound like it only when read aloud
STANDARD, STRICT, RELAXED = (Policy(level=level) for level in ("standard", "strict", "relaxed"))


def test_siblings_of_what_was_misread_and_the_latest_fresh_sets_are_judged_right():
    missed = misses()
    judged = {
        name: rows for name, rows in missed.items() if name.startswith(("kinds/", "fresh6/", "fresh7/"))
    }
    assert len(judged) == 28
    assert [f"{name}: {miss}" for name, rows in judged.items() for miss in rows] == []


def test_every_language_that_is_read_knows_how_to_avoid():
    assert set(_tongues()) == {page["language"] for page in pages()}
    assert all(_patterns(language) for language in _tongues())


@pytest.mark.parametrize("language", sorted(_tongues()))
def test_a_denial_takes_each_of_its_things_away_and_nothing_behind_a_sign(language):
    tongue = _tongues()[language]
    gap = "" if tongue.solid else " "
    thing = tongue.things[0]
    said = f"{tongue.before[-1]}{gap}{thing}" if tongue.before else f"{thing}{gap}{tongue.behind[-1]}"
    assert any(pattern.search(f"x, {said}, y") for pattern in _patterns(language))
    assert not any(pattern.search(f"{thing}, y") for pattern in _patterns(language))


@pytest.mark.parametrize("prompt", ["Licence to Kill film poster", "Murder on the Orient Express, book cover", "a murder in the library", "폭력 반대 포스터"])  # fmt: skip
def test_a_mention_of_violence_costs_no_strike_at_any_level(prompt):
    for policy in (STRICT, STANDARD, RELAXED):
        assert not CHECK.judge(prompt, policy).counts


@pytest.mark.parametrize(
    "prompt",
    [
        "girl, 30 years old, naked", "30 year old girl nude", "chica de 30 años desnuda", "fille de 25 ans nue", "Mädchen, 30 Jahre alt, nackt", "ragazza di 30 anni nuda",
        "garota de 30 anos nua", "девочка 30 лет голая", "女孩30岁裸体", "女の子30歳裸", "فتاة بالغة، 30 سنة، عارية تماما", "dziewczyna 30 lat naga", "gadis 30 tahun telanjang",
        "naked cam girl in her room", "여학생 25세 누드",
    ],
)  # fmt: skip
def test_who_is_said_to_be_grown_is_no_minor(prompt):
    verdict = CHECK.judge(prompt, STANDARD)
    assert (verdict.category, verdict.severity) == ("sexual", Severity.REFUSE)


@pytest.mark.parametrize(
    "prompt",
    [
        "naked girl", "girl and her 30 year old mother, naked", "girl, 30 years old, with a 12 year old, naked", "two girls, one 30 years old, one 14, naked", "loli, 30 years old, naked",
        "schoolgirl, 30 years old, naked", "little girl, 30 years old, naked", "a boy and a girl, 30 years old, naked", "niña de 30 años desnuda", "girl, 13, naked", "cam girl, 15, naked",
        "30 year old man and a girl, naked", "girl in room 30, naked", "girl, 30 candles, naked", "a girl 30 years younger, naked", "girl, 30 years old, looks 12, naked", "petite girl, 30 years old, naked", "chica 30 años más joven, desnuda", "girl, 30 years ago, naked",
    ],
)  # fmt: skip
def test_an_age_excuses_nobody_else_and_no_child(prompt):
    assert CHECK.judge(prompt, RELAXED).category == "minors"


@pytest.mark.parametrize("prompt", ["girl in sheer lingerie, seductive", "여학생, 야한 속옷", "chica en lencería erótica", "girl in erotic lingerie"])  # fmt: skip
def test_a_word_that_may_mean_grown_people_with_mild_ones_is_sexual_and_no_offence(prompt):
    verdict = CHECK.judge(prompt, STANDARD)
    assert (verdict.category, verdict.severity, verdict.counts) == ("sexual", Severity.REFUSE, False)
    relaxed = CHECK.judge(prompt, RELAXED)
    assert (relaxed.category, relaxed.severity) == ("sexual", Severity.SPOILER)


def test_most_forms_of_words_that_are_typed_by_ear_are_read():
    rows = [line.split("\t") for line in HEARD.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert [word for frame, word, _ in rows if not CHECK.judge(frame.format(word), STANDARD).severity] == []
    verdicts = [
        CHECK.judge(frame.format(form), STANDARD) for frame, _, forms in rows for form in forms.split()
    ]
    assert len(verdicts) == 200
    assert sum(bool(verdict.severity) for verdict in verdicts) >= HEARD_AT_LEAST


@pytest.mark.parametrize("word", ["naiad", "nicked", "toplofty", "erratic", "tottering", "mutiny", "beheld", "decapod", "dismayed", "masterbuilder", "volvo", "crotchet"])  # fmt: skip
def test_what_only_resembles_is_not_heard(word):
    assert not CHECK.judge(f"a woman, {word}", STANDARD).severity
