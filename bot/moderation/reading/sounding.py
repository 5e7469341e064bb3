"""Finds the listed word behind one that is typed by ear: naykid, mastrubaiting, beheddid.

Consonants must sound the same, and vowels alike, one by one. What is known so, and how letters sound, stands in
`data/heard.toml`. Linear in the word's length.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from typing import NamedTuple

from bot.moderation.reading.text import data, word_sets

_VOWEL = re.compile(r"[aeiou][aeiouw]*r(?![aeiouyr])|[aeiou][aeiouyw]*|(?<!^)y+[aeiouw]*")
_DOUBLED = re.compile(r"([^-+])\1+")
_PLACE, _PLACE_WITH_R = "-", "+"  # of a vowel, and of one that an r colours
_UNHEARD = frozenset(".")  # what a vowel may be that nobody hears
_SHORTEST = 5
# "mastrubating", "mastabating": an r on the other side of its vowel, or none.
_COLOURED = re.compile(r"(?<=t)([aeiou])r(?=[^aeiour])")
_COLOURED_MIN = 8  # letters of a word that is known so, too


class _Sound(NamedTuple):
    """A word as it sounds."""

    frame: str  # its consonants, with a place for each vowel
    vowels: tuple[str, ...]  # as they are spelt


class Sounding:
    """Knows some words by their sound."""

    def __init__(self, words: Collection[str]) -> None:
        """`words`: of which those are known that stand in the list."""
        self._words = words

    @cached_property
    def _known(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """Each word with its vowels, by the frame of what it sounds like."""
        found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for word in sorted(word_sets("heard.toml")["words"].intersection(self._words)):
            for spelt in _spellings(word):
                heard = _heard(spelt)
                found.setdefault(heard.frame, []).append((word, heard.vowels))
        return found

    def read(self, word: str) -> str:
        """The word that this one, which means nothing itself, sounds like; or nothing."""
        if len(word) < _SHORTEST:
            return ""
        frame, vowels = _heard(word)
        known = self._known.get(frame, ())
        return next((one for one, spelt in known if _sound_alike(spelt, vowels)), "")


def _spellings(word: str) -> Iterator[str]:
    yield word
    if len(word) >= _COLOURED_MIN and (coloured := _COLOURED.search(word)):
        before, vowel, behind = word[: coloured.start()], coloured[1], word[coloured.end() :]
        yield f"{before}r{vowel}{behind}"
        yield f"{before}{vowel}{behind}"


def _heard(word: str) -> _Sound:
    for letters, sound in _consonants():
        word = letters.sub(sound, word)
    vowels = tuple(_VOWEL.findall(word))
    framed = _VOWEL.sub(lambda vowel: _PLACE_WITH_R if vowel.group()[-1] == "r" else _PLACE, word)
    return _Sound(_DOUBLED.sub(r"\1", framed), vowels)


def _sound_alike(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether all vowels do, one by one; only one of them, and not the first, because nobody hears it."""
    shared = [_shared(one, other) for one, other in zip(ones, others, strict=True)]
    unheard = [both == _UNHEARD for both in shared]
    return all(shared) and sum(unheard) <= 1 and not any(unheard[:1])


def _shared(one: str, other: str) -> frozenset[str]:
    """The sounds that two vowels share; those that an r colours sound alike."""
    if one == other or one[-1] == "r":
        return frozenset("r")
    return _sounds().get(one, frozenset()) & _sounds().get(other, frozenset())


@cache
def _consonants() -> tuple[tuple[re.Pattern[str], str], ...]:
    said = data("heard.toml")["consonants"]
    return tuple((re.compile(letters), sound) for letters, sound in said.items())


@cache
def _sounds() -> dict[str, frozenset[str]]:
    return {vowel: frozenset(sounds) for vowel, sounds in data("heard.toml")["vowels"].items()}
