"""Laws of the normaliser: what people read is what is judged, and the original is kept."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon import lexicon
from bot.moderation.reading import hangul
from bot.moderation.reading.text import normalise
from bot.ports import Policy


def first(prompt: str) -> tuple[str, ...]:
    return normalise(prompt).readings[0].words


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A Red, FOX!", ("a", "red", "fox")),
        ("ｒｅｄ 𝐟𝐨𝐱", ("red", "fox")),
        ("r\u200be\u00add f\u0336o\u0336x", ("red", "fox")),
        ("🇷🇪🇩 🅵🅾🆇", ("red", "fox")),
        ("r e d   f o x", ("red", "fox")),
        ("r.e.d f-o-x", ("red", "fox")),
        ("&#114;ed %66ox", ("red", "fox")),
        ("girl's dog", ("girls", "dog")),
        ("12yo, 4k", ("12", "yo", "4k")),
        ("ㅅㅏㄱㅗㅏ 사과", ("사과", "사과")),
        ("ᄉ\u1161ᄀ\u116a", ("사과",)),
        ("", ()),
        (" \u200b ", ()),
    ],
)
def test_a_prompt_is_read_as_people_read_it(prompt, words):
    assert words == first(prompt)


def test_of_two_gaps_that_are_as_frequent_the_first_one_joins():
    assert first("a\nb c\nd e") == ("ab", "cd", "e")


def test_a_letter_that_turkish_writes_turns_no_text_upside_down():
    readings = [reading.words for reading in normalise("kırk yaşındaki kızlar").readings]
    assert readings == [("kirk", "yasindaki", "kizlar")]
    assert len(normalise("a ɥsıɟ").readings) > 1


def test_the_original_is_kept():
    assert normalise("R\u200bED").original == "R\u200bED"


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_read(prompt):
    for reading in normalise(prompt).readings:
        assert all(word and not word.isspace() for word in reading.words)


@given(st.text(alphabet=[chr(c) for c in range(0xAC00, 0xD7A4, 7)], min_size=1, max_size=12))
@settings(deadline=None)
def test_scattered_jamo_of_any_syllable_are_composed_again(word):
    scattered = " ".join("".join(hangul.parts(syllable)) for syllable in word)
    assert word == "".join(hangul.compose(piece) for piece in scattered.split())


def test_initials_and_keys_are_those_of_the_korean_keyboard():
    assert (hangul.initials("누드"), hangul.keys("누드")) == ("ㄴㄷ", "snem")
    assert [word for word in ("tprtm", "tprtmgksms", "ditk", "ditko", "ditkos") if hangul.is_typed(word)] == [
        "tprtm", "tprtmgksms", "ditk",
    ]  # fmt: skip


def test_every_mark_and_all_that_cannot_be_seen_vanishes():
    marks = [
        chr(place) for place in range(0x110000) if unicodedata.category(chr(place)) in ("Mn", "Me", "Cf")
    ]
    assert {("fox",)} == {first(f"f{mark}ox") for mark in marks}


@pytest.mark.parametrize("beside", ["", "해가 뜨는 바다", "🌊", "é", "美丽的山"])
def test_hexadecimal_is_written_out_beside_any_letters(beside):
    readings = normalise(f"{beside} {b'a red fox'.hex()}").readings
    assert any(reading.words[-3:] == ("a", "red", "fox") for reading in readings)


def test_half_a_sign_is_no_trouble():
    """A code may spell one: an escape of two that make one sign together."""
    assert (
        LexiconCheck(lexicon.load()).judge("a \\ud83d naked \ud83d woman, 裸 \udc00", Policy()).severity.stops
    )
