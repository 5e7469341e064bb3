"""Finds the listed word behind a misspelt one: letters swapped, one wrong, missing or too many, written as it sounds.

Only words long enough to be mistaken for nothing else; what an innocent vocabulary holds is never asked for here.
"""

import re
from collections.abc import Iterable, Iterator

_SWAPPED_MIN = 4  # letters of a word whose neighbours may have changed places
_FIRST_SWAPPED_MIN = 5  # the same of the first two, which people slip at less
_VOWEL_MIN = 6  # of one with a wrong vowel
_SLIP_MIN = 7  # of one with any wrong letter
_SOUND_MIN = 5
_HALVED_MIN = 6  # of one whose doubled letter stands there once
_LONGEST = 24  # no listed word is longer
_VOWELS = frozenset("aeiouy")
_SOUNDS = (
    (re.compile(r"ph"), "f"), (re.compile(r"ck|c(?=[aoulrk])|q"), "k"), (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"j|g(?=[eiy])"), "j"), (re.compile(r"sh|sch|ti(?=on)|s(?=ion)"), "sh"), (re.compile(r"y|ie|ee|ea"), "i"), (re.compile(r"oo|ou"), "u"), (re.compile(r"(?:le|el|al)(?=s?$)"), "l"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


class Misspellings:
    """Knows listed words by what people make of them."""

    def __init__(self, words: Iterable[str], *, halved: Iterable[str] = (), known: Iterable[str]) -> None:
        """`halved`: words that are known with a doubled letter written once, and with no other slip.

        `known`: words that are what they are, listed or innocent, and no slip of another.
        """
        self._known = frozenset(known)
        self._swapped: dict[str, str] = {}  # and halved: what is no word of its own
        self._less: dict[str, list[str]] = {}
        self._sounds: dict[str, str] = {}
        words = sorted(words)
        for form, word in _halved_forms((*words, *sorted(halved))):
            self._swapped.setdefault(form, word)
        for word in words:
            if not (word.isascii() and word.isalpha()) or len(word) < _SWAPPED_MIN:
                continue
            for form in _swaps(word):
                self._swapped.setdefault(form, word)
            if len(word) >= _SOUND_MIN:
                self._sounds.setdefault(_sound(word), word)
            if len(word) >= _VOWEL_MIN:
                for form in {word, *_without_one(word)}:
                    self._less.setdefault(form, []).append(word)

    def read(self, word: str) -> str:
        """The listed word that this one is a slip of, or nothing."""
        if word in self._known or not _SWAPPED_MIN <= len(word) <= _LONGEST:
            return ""
        if found := self._swapped.get(word) or self._swapped.get(word[1:] if word[0] == word[1] else ""):
            return found
        if len(word) >= _SOUND_MIN and (found := self._sounds.get(_sound(word), "")) and found[0] == word[0]:
            return found
        return self._slip(word) if len(word) >= _VOWEL_MIN else ""

    def _slip(self, word: str) -> str:
        forms = (word, *_without_one(word))
        near = (known for form in forms for known in self._less.get(form, ()))
        return next((known for known in near if _is_slip(word, known)), "")


def _swaps(word: str) -> Iterator[str]:
    """The word with two neighbours in each other's place; in a short one the first letter stays."""
    for place in range(len(word) < _FIRST_SWAPPED_MIN, len(word) - 1):
        if word[place] != word[place + 1]:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _halved_forms(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Words with a doubled letter written once, each with the word: blody, kiling."""
    for word in words:
        if word.isascii() and word.isalpha() and len(word) >= _HALVED_MIN:
            for place in range(1, len(word)):
                if word[place] == word[place - 1]:
                    yield word[:place] + word[place + 1 :], word


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _is_slip(word: str, known: str) -> bool:
    """Whether one letter makes the difference, and a small one: a vowel, or any in a long word."""
    if word[0] != known[0]:
        return False
    if len(word) == len(known):
        wrong = [pair for pair in zip(word, known, strict=True) if pair[0] != pair[1]]
        return len(wrong) == 1 and (len(known) >= _SLIP_MIN or set(wrong[0]) <= _VOWELS)
    return len(known) >= _SLIP_MIN and word[-1] == known[-1]


def _sound(word: str) -> str:
    for sign, letter in _SOUNDS:
        word = sign.sub(letter, word)
    return word
