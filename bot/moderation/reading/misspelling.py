"""Finds the listed word behind a misspelt one: letters swapped, one wrong, missing or too many, written as it sounds.

Only words long enough to be mistaken for nothing else; what an innocent vocabulary holds is never asked for here.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from bot.moderation.reading.sounding import Sounding

_SWAPPED_MIN = 4  # letters of a word whose neighbours may have changed places
_FIRST_SWAPPED_MIN = 5  # the same of the first two, which people slip at less
_VOWEL_MIN = 6  # of one with a wrong vowel
_SLIP_MIN = 7  # of one with any wrong letter
_SOUND_MIN = 5
_HALVED_MIN = 6  # of one whose doubled letter stands there once
_PART = 3  # letters at the beginning and at the end, of which a slip leaves one or the other as it is
_FIRM = str.maketrans("", "", "acefghijkopqstuyz")  # leaves the letters that sound as they are written
_LONGEST = 24  # no listed word is longer
_VOWELS = frozenset("aeiouy")
_SOUNDS = (
    (re.compile(r"ph"), "f"), (re.compile(r"ck|c(?=[aoulrk])|q"), "k"), (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"j|g(?=[eiy])"), "j"), (re.compile(r"sh|sch|ti(?=on)|s(?=ion)"), "sh"), (re.compile(r"y|ie|ee|ea"), "i"), (re.compile(r"oo|ou"), "u"), (re.compile(r"(?:le|el|al)(?=s?$)"), "l"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


class Misspellings:
    """Knows listed words by what people make of them."""

    def __init__(self, words: Iterable[str], *, halved: Iterable[str] = ()) -> None:
        """`halved`: words that are known with a doubled letter written once, and with no other slip."""
        self._given, self._halved = tuple(words), tuple(halved)
        self._sounding = Sounding(self._given)

    @cached_property
    def _words(self) -> list[str]:
        return [word for word in sorted(self._given) if word.isascii() and word.isalpha()]

    @cached_property
    def _swapped(self) -> dict[str, str]:
        """Also with a doubled letter written once: what is no word of its own."""
        listed = (word for word in self._words if len(word) >= _SWAPPED_MIN)
        swapped = ((form, word) for word in listed for form in _swaps(word))
        found: dict[str, str] = {}
        for form, word in (*_halved_forms((*self._words, *sorted(self._halved))), *swapped):
            found.setdefault(form, word)
        return found

    @cached_property
    def _sounds(self) -> dict[str, str]:
        return {_sound(word): word for word in reversed(self._words) if len(word) >= _SOUND_MIN}

    @cached_property
    def _firm(self) -> frozenset[str]:
        return frozenset(map(_firm, self._sounds.values()))

    @cached_property
    def _near(self) -> dict[str, list[str]]:
        """The words by their first letters, and by their last ones."""
        found: dict[str, list[str]] = {}
        for word in self._words:
            for part in (word[:_PART], f"-{word[-_PART:]}") if len(word) >= _VOWEL_MIN else ():
                found.setdefault(part, []).append(word)
        return found

    def read(self, word: str) -> str:
        """The listed word that one which means nothing itself is a slip of, or nothing."""
        if not self._swapped or not _SWAPPED_MIN <= len(word) <= _LONGEST:
            return ""
        if found := self._swapped.get(word) or self._swapped.get(word[1:] if word[0] == word[1] else ""):
            return found
        if len(word) >= _SOUND_MIN and _firm(word) in self._firm:
            found = self._sounds.get(_sound(word), "")
            if found and found[0] == word[0]:
                return found
        found = self._slip(word) if len(word) >= _VOWEL_MIN else ""
        return found or self._sounding.read(word)

    def _slip(self, word: str) -> str:
        for part in (word[:_PART], f"-{word[-_PART:]}"):
            for known in self._near.get(part, ()):
                if known[0] == word[0] and _is_slip(word, known):
                    return known
        return ""


def _swaps(word: str) -> Iterator[str]:
    """The word with two neighbours in each other's place; in a short one the first letter stays."""
    for place in range(len(word) < _FIRST_SWAPPED_MIN, len(word) - 1):
        if word[place] != word[place + 1]:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _firm(word: str) -> str:
    """The first letter, and those that no sound changes: words that sound alike have the same."""
    return word[0] + "".join(dict.fromkeys(word.translate(_FIRM)))


def _halved_forms(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Words with a doubled letter written once, each with the word: blody, kiling."""
    for word in words:
        if word.isascii() and word.isalpha() and len(word) >= _HALVED_MIN:
            for place in range(1, len(word)):
                if word[place] == word[place - 1]:
                    yield word[:place] + word[place + 1 :], word


def _is_slip(word: str, known: str) -> bool:
    """Whether one letter makes the difference, and a small one: a vowel, or any in a long word."""
    if len(word) == len(known):
        wrong = [pair for pair in zip(word, known, strict=True) if pair[0] != pair[1]]
        return len(wrong) == 1 and (len(known) >= _SLIP_MIN or _VOWELS.issuperset(wrong[0]))
    shorter, longer = sorted((word, known), key=len)
    if len(known) < _SLIP_MIN or word[-1] != known[-1] or len(longer) - len(shorter) > 1:
        return False
    return any(shorter == f"{longer[:place]}{longer[place + 1 :]}" for place in range(1, len(longer)))


def _sound(word: str) -> str:
    for sign, letter in _SOUNDS:
        word = sign.sub(letter, word)
    return word
