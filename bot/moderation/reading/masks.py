"""Reads words whose vowels are starred out or left out: "h*v*ng s*x", "nd wmn"."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import accumulate, chain

_VOWELS = re.compile(r"[aeiou]")
_SHORTEST = 3
_CODED_MIN = 4  # letters that are left of a word; fewer are too many other things
_ALL_VOWELS = frozenset("aeiou")
_MASKED_WORDS_MAX = 5  # of a phrase
_LOST_WORDS_MIN, _LOST_LETTERS_MIN = 2, 4  # fewer without vowels are initials
_VOWELS_AND_STARS = re.compile(r"[aeiou*]+")


class Masks:
    """Knows terms, words and phrases, by what is left of them without vowels."""

    def __init__(self, terms: Collection[str]) -> None:
        self._listed = terms

    @cached_property
    def _terms(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for term in sorted(self._listed):
            bones = " ".join(map(_bones, term.split())) if " " in term else _bones(term)
            if len(bones) > 1:
                found[bones] = (*found.get(bones, ()), term)
        return found

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(start for bones in self._terms if " " in bones for start in _starts(bones))

    def read(self, words: Sequence[str]) -> list[str]:
        """The listed words and phrases that these may be, where vowels are starred ("h*v*ng s*x") or all left out ("nd wmn")."""
        starred = "*" in " ".join(words)
        if not starred and not _lost_vowels(words):
            return []
        places = _near_stars(words) if starred else range(len(words))
        bones = cache(_bones)  # words stand in several windows
        beginning = {words[place] for place in places}
        first = {word for word in beginning if (left := bones(word)) in self._terms or left in self._starts}
        windows = dict.fromkeys(
            tuple(words[place : place + _MASKED_WORDS_MAX]) for place in places if words[place] in first
        )
        found = (term for window in windows for term in self._terms_from(window, bones, starred=starred))
        return list(dict.fromkeys(found))

    def _terms_from(
        self, window: Sequence[str], bones: Callable[[str], str], *, starred: bool
    ) -> Iterator[str]:
        """The terms that the first words of the window may be."""
        left = ""
        for length, word in enumerate(window, 1):
            left = f"{left} {bones(word)}" if left else bones(word)
            for term in self._terms.get(left, ()):
                if not starred or _fits(window[:length], term):
                    yield term
            if left not in self._starts:
                return


def _near_stars(words: Sequence[str]) -> list[int]:
    """Where a phrase may begin that holds a word with a star."""
    starred = (place for place, word in enumerate(words) if "*" in word)
    near = (range(max(0, place - _MASKED_WORDS_MAX + 1), place + 1) for place in starred)
    return sorted(set(chain.from_iterable(near)))


def _bones(word: str) -> str:
    """What is left of a word without vowels and stars."""
    return _VOWELS_AND_STARS.sub("", word) or word.replace("*", "")


def _starts(phrase: str) -> Iterator[str]:
    """The first word of a phrase, the first two, and so on; all of it is no start."""
    return accumulate(phrase.split()[:-1], "{} {}".format)


def _fits(words: Sequence[str], term: str) -> bool:
    """Whether stars hide no more than letters of this term."""
    masked = " ".join(words)
    return (
        "*" in masked
        and len(masked) == len(term)
        and all(sign in ("*", letter) for sign, letter in zip(masked, term, strict=True))
    )


def _lost_vowels(words: Sequence[str]) -> bool:
    """Whether a whole text has no vowels, but for first letters of some words."""
    for word in words:
        if not (word.isascii() and _ALL_VOWELS.isdisjoint(word[1:])):
            return False
    lost = [word for word in words if word.isalpha() and _ALL_VOWELS.isdisjoint(word)]
    longer = sum(len(word) > 1 for word in words)
    return len(lost) >= max(_LOST_WORDS_MIN, longer / 2) and sum(map(len, lost)) >= _LOST_LETTERS_MIN


def without_vowels(words: Iterable[str]) -> dict[str, str]:
    """Words by what is left of them when nobody writes the vowels."""
    found: dict[str, str] = {}
    for word in words:
        bare = _VOWELS.sub("", word)
        if word.isalpha() and len(bare) >= _CODED_MIN:
            found.setdefault(bare, word)
    return found


def starred(word: str) -> set[str]:
    """The word with one letter, all its vowels, or all of its middle starred out."""
    if len(word) == 1:
        return set()
    if len(word) < _SHORTEST:
        return {word[0] + "*", "*" + word[1]} if _VOWELS.search(word) else set()
    forms = {word[:place] + "*" + word[place + 1 :] for place in range(len(word))}
    forms.add(_VOWELS.sub("*", word))
    forms.add(word[0] + "*" * (len(word) - 2) + word[-1])
    return forms
