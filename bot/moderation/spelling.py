"""Finds the lexicon's word behind a disguised one: leet, stretched, starred, reversed, ROT13, run together.

Everything is looked up in tables that are built once from the vocabulary, so reading a word takes a time that
grows with its length only. Words that the lexicon doesn't know, however disguised, come back as they were.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import ahocorasick

from bot.moderation.text import data

_MIXED = re.compile(r"[가-힣ㄱ-ㅣ]+|[^가-힣ㄱ-ㅣ]+")
_SYLLABLES = re.compile(r"[가-힣]+")
_DOUBLED = re.compile(r"(.)\1")
_RUNS = re.compile(r"(.)\1*")
_VOWELS = re.compile(r"[aeiou]")
_STARS = re.compile(r"[*#+^]")
_SIGNS = "@$!|+(<{#^*"
_SHORTEST = 3  # shorter words are too many other things
_ROOMY_MIN = 6  # words long enough to hold another one
_GLUED_MIN = 18  # hardly an English word of an ordinary prompt is longer
_KEPT_MAX = 512  # longer ones are not kept in the memo


class Speller:
    """Reads words as words of one vocabulary."""

    def __init__(self, vocabulary: Iterable[str], *, anywhere: Iterable[str], never: Iterable[str]) -> None:
        """`anywhere`: words so plain that they count inside others too; `never`: innocent look-alikes."""
        words = sorted({word for word in vocabulary if word.isascii()})
        self._words = frozenset(words)
        self._never = frozenset(never)
        self._leet = str.maketrans(_leet_table())
        self._aliases = self._unless_known(_aliases(words))
        self._skeletons = {
            word.translate(self._leet): word for word in reversed(words) if len(word) >= _SHORTEST
        }
        self._starred = {form: word for word in reversed(words) for form in _starred(word)}
        self._squeezed: dict[str, list[str]] = {}
        for word in words:
            self._squeezed.setdefault(_squeeze(word), []).append(word)
        self._anywhere = _automaton(anywhere)
        self._segments = _automaton(word for word in (*words, *self._never) if len(word) >= _SHORTEST)
        self.read = lru_cache(maxsize=1 << 16)(self._read)
        self.joined = lru_cache(maxsize=1 << 12)(self._joined)

    def knows(self, word: str) -> bool:
        """Whether the word is of the vocabulary as it stands."""
        return word in self._words

    def _unless_known(self, forms: Mapping[str, str]) -> dict[str, str]:
        return {form: word for form, word in forms.items() if form not in self._words | self._never}

    def _read(self, word: str) -> str:
        """The vocabulary's word behind this one (several, with spaces, for words run together)."""
        if word in self._words or word in self._never:
            return word
        if word in self._aliases:
            return self._aliases[word]
        if not word.isascii():
            return self._read_foreign(word)
        if not word.isalpha():
            return self._read_odd(word)
        if _DOUBLED.search(word) and (found := self._unstretched(word)):
            return found
        return self._read_long(word) if len(word) >= _ROOMY_MIN else word

    def _read_foreign(self, word: str) -> str:
        if not _SYLLABLES.search(word):
            return word
        if word.isalpha() and all("가" <= letter <= "힣" for letter in word):
            return word
        others = (part for part in _MIXED.findall(word) if part.isascii())
        return " ".join(("".join(_SYLLABLES.findall(word)), *map(self._read, others)))

    def _read_odd(self, word: str) -> str:
        """A word with digits or signs in it."""
        if word.isdigit() and len(word) < _SHORTEST:
            return word
        stretched = (word, word.strip(_SIGNS), word.rstrip("0123456789"))
        for form in stretched:
            if form in self._words:
                return form
            if form in self._starred:
                return self._starred[form]
        for form in (*stretched, word.replace("6", "b"), word.replace("9", "p")):
            skeleton = form.translate(self._leet)
            found = self._skeletons.get(skeleton) or self._skeletons.get(_squeeze(skeleton))
            if found and len(form) >= _SHORTEST:
                return found
        plain = word.translate(self._leet)
        return self._aliases.get(plain) or (
            self._read_long(plain, other=word) if len(word) >= _ROOMY_MIN else word
        )

    def _unstretched(self, word: str) -> str:
        """The word with fewer repeated letters: fuuuck, nnuuddee. Never with more."""
        runs = _run_lengths(word)
        for known in self._squeezed.get(_squeeze(word), ()):
            if all(have >= need for have, need in zip(runs, _run_lengths(known), strict=True)):
                return known
        return ""

    def _read_long(self, word: str, *, other: str = "") -> str:
        for _, known in self._anywhere.iter(word):
            return str(known)
        if len(word) < _GLUED_MIN:
            return other or word
        return self.joined(word) if len(word) <= _KEPT_MAX else self._joined(word)

    def _joined(self, letters: str) -> str:
        """The known words in letters run together, leftmost and longest first."""
        known = self._read(letters) if len(letters) < _GLUED_MIN else letters
        if known in self._words or known in self._never:
            return known
        found = [(end - len(word) + 1, -len(word), word) for end, word in self._segments.iter(letters)]
        words, place = [], 0
        for start, minus_length, word in sorted(found):
            if start >= place:
                words.append(word)
                place = start - minus_length
        return " ".join(words) or known


def _automaton(words: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    if not len(automaton):
        automaton.add_word("\0", "")
    automaton.make_automaton()
    return automaton


def _leet_table() -> dict[str, str]:
    return {sign: letter for letter, signs in data("letters.toml")["leet"].items() for sign in signs}


def _squeeze(word: str) -> str:
    return _DOUBLED.sub(r"\1", word) if not _DOUBLED.search(word) else _RUNS.sub(r"\1", word)


def _run_lengths(word: str) -> list[int]:
    return [len(match.group()) for match in _RUNS.finditer(word)]


def _aliases(words: Iterable[str]) -> dict[str, str]:
    """Forms that stand for a word: backwards, ROT13, pig Latin, without vowels."""
    found: dict[str, str] = {}
    for word in words:
        if len(word) < _SHORTEST or not word.isalpha():
            continue
        forms = [word[::-1], codecs.encode(word, "rot13"), word[1:] + word[0] + "ay"]
        bare = _VOWELS.sub("", word)
        if len(bare) >= _SHORTEST:
            forms.append(bare)
        for form in forms:
            found.setdefault(form, word)
    return found


def _starred(word: str) -> set[str]:
    """The word with one letter, all its vowels, or all of its middle starred out."""
    if len(word) < _SHORTEST:
        return set()
    forms = {word[:i] + "*" + word[i + 1 :] for i in range(1, len(word))}
    forms.add(_VOWELS.sub("*", word))
    forms.add(word[0] + "*" * (len(word) - 2) + word[-1])
    return forms
