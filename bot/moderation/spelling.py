"""Finds the lexicon's word behind a disguised one: leet, stretched, starred, reversed, ROT13, run together.

Everything is looked up in tables that are built once from the vocabulary, so reading a word takes a time that
grows with its length only. Words that the lexicon doesn't know, however disguised, come back as they were.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import ahocorasick

from bot.moderation.text import LETTER_SIGNS, data

_SCRIPTS = re.compile(r"[가-힣ㄱ-ㅣ]+|[^가-힣ㄱ-ㅣ]+")
_SYLLABLES = re.compile(r"[가-힣]+")
_DOUBLED = re.compile(r"(.)\1")
_VOWELS = re.compile(r"[aeiou]")
_DIGITS = "0123456789"
_SHORTEST = 3  # shorter words are too many other things
_CODED_MIN = 4  # the same for words backwards, in ROT13 or without vowels
_DIGITS_AS_LETTERS = range(2, 6)  # how long numbers are that people read as words: 455, 80085
_GLUED_WHOLE_MIN = 7
_GLUED_MIN = 13  # long enough for several words run together
_WORD_MAX = 40  # no word of any vocabulary is longer: no use in trying its readings
_KEPT_MAX = 64  # longer ones are not kept in the memo
_MEMO_WORDS = 1 << 16


class Speller:
    """Reads words as words of one vocabulary."""

    def __init__(
        self,
        terms: Iterable[str],
        *,
        allowed: Iterable[str] = (),
        anywhere: Iterable[str] = (),
        never: Iterable[str] = (),
        coded: Iterable[str] = (),
    ) -> None:
        """`terms`: what is listed, words and phrases; `allowed`: allowed phrases; `anywhere`: so plain that they count inside other words.

        `never`: innocent words that would be taken for a disguise; `coded`: short words known in code too.
        """
        phrases = {*terms, *allowed}
        listed = sorted({word for term in terms for word in term.split()})
        words = sorted({word for phrase in phrases for word in phrase.split()})
        self._words = frozenset(words)
        self._never = frozenset(never)
        self._aliases = self._unless_known(_aliases(listed, coded))
        self._starred: dict[str, tuple[str, ...]] = {}
        for word in listed:
            for form in _starred(word):
                self._starred[form] = (*self._starred.get(form, ()), word)
        self._squeezed: dict[str, list[str]] = {}
        for word in words:
            self._squeezed.setdefault(_squeeze(word), []).append(word)
        self._readings: Mapping[str, str] = data("letters.toml")["readings"]
        self._first_readings = str.maketrans(
            {
                sign: letters[0]
                for sign, letters in self._readings.items()
                if not sign.isascii() or not sign.isalpha()
            }
        )
        self._letters = _by_letters(words)
        self._anywhere = _automaton(anywhere)
        innocent = (word for word in self._never if " " not in word)
        self._segments = _automaton(word for word in (*words, *phrases, *innocent) if len(word) >= _SHORTEST)
        self._memo = lru_cache(maxsize=_MEMO_WORDS)(self._read)

    def read(self, word: str) -> tuple[str, ...]:
        """The vocabulary's words that this one may be, the likeliest first; or the word itself.

        Words run together come as one text with spaces.
        """
        return self._memo(word) if len(word) <= _KEPT_MAX else self._read(word)

    def joined(self, letters: str) -> tuple[str, ...]:
        """The same for letters that stood apart: the gaps between words may have been lost."""
        known = self.read(letters)
        if known[0] != letters or letters in self._words or letters in self._never:
            return known
        plain = letters.translate(self._first_readings)
        return (max(self._parted(letters), self._parted(plain))[1] or letters,)

    def turned(self, words: Sequence[str]) -> list[list[str]]:
        """The words turned back in each way in which one of them is known to be turned."""
        found: list[list[str]] = []
        if self._aliases.keys().isdisjoint(words):
            return found
        for turn, back in TURNS.items():
            if any((known := self._aliases.get(word)) and turn(known) == word for word in words):
                found.append([back(word) for word in words])
                found.append([back(word) if len(word) >= _SHORTEST else word for word in words])
                found.append(found[-2][::-1])
        return found

    def _unless_known(self, forms: Mapping[str, str]) -> dict[str, str]:
        known = self._words | self._never
        return {form: word for form, word in forms.items() if form not in known}

    def _read(self, word: str) -> tuple[str, ...]:
        if word in self._words or word in self._never:
            return (word,)
        if found := self._aliases.get(word):
            return (found,)
        if not word.isascii() and _SYLLABLES.search(word):
            return (self._read_korean(word),)
        if not (word.isascii() and word.isalpha()):
            return self._read_odd(word)
        if _DOUBLED.search(word) and (known := self._unstretched(word)):
            return known
        return (self._parted_if_long(word) or word,)

    def _read_korean(self, word: str) -> str:
        """Korean syllables of a mixed word together, and the rest of it beside them."""
        syllables = "".join(_SYLLABLES.findall(word))
        if syllables == word:
            return word
        others = (part for part in _SCRIPTS.findall(word) if part.isascii())
        return " ".join((syllables, *(self.read(part)[0] for part in others)))

    def _read_odd(self, word: str) -> tuple[str, ...]:
        """A word with digits, signs or foreign letters in it."""
        if word.isdigit() and len(word) not in _DIGITS_AS_LETTERS:
            return (word,)
        if len(word) == 1 or len(word) > _WORD_MAX:
            return (self._parted_if_long(word) or word,)
        for form in dict.fromkeys((word, word.strip(LETTER_SIGNS), word.rstrip(_DIGITS))):
            if starred := self._starred.get(form):
                return starred
            if coded := self._aliases.get(form):
                return (coded,)
            if known := self._readings_of(form):
                return known
        plain = word.translate(self._first_readings)
        return (
            self._aliases.get(plain)
            or self._parted_if_long(word)
            or self._parted_if_long(plain)
            or self._plainly_inside(plain)
            or word,
        )

    def _readings_of(self, word: str) -> tuple[str, ...]:
        """The known words among all readings of the signs in this one, the likeliest first.

        Walks down the letters of known words, so that nearly every reading dies at its third letter.
        """
        places = [self._letters[len(word)]] if len(word) in self._letters else []
        for sign in word:
            letters = sign + self._readings.get(sign, "")
            places = [place[letter] for place in places for letter in letters if letter in place]
            if not places:
                break
        if places:
            return tuple(place["word"] for place in places)
        if not _DOUBLED.search(word) or len(word) <= _SHORTEST:
            return ()
        plain = word.translate(self._first_readings)
        return self._unstretched(plain) or self._readings_of(_squeeze(word))

    def _unstretched(self, word: str) -> tuple[str, ...]:
        """The word with fewer repeated letters: fuuuck, nnuuddee. Never with more."""
        candidates = self._squeezed.get(_squeeze(word))
        if not candidates or len(word) < _SHORTEST:
            return ()
        runs = _run_lengths(word)
        # Every letter twice or thrice: the word itself may hold doubles (off, as ooffff), so divide first.
        least = min(runs)
        return tuple(
            known for known in candidates if [least * length for length in _run_lengths(known)] == runs
        ) or tuple(
            known
            for known in candidates
            if all(have >= need for have, need in zip(runs, _run_lengths(known), strict=True))
        )

    def _plainly_inside(self, letters: str) -> str:
        return next((str(word) for _, word in self._anywhere.iter(letters)), "")

    def _parted_if_long(self, letters: str) -> str:
        """Words run together; short texts only if nothing is left over, as they may be a word themselves."""
        if len(letters) < _GLUED_WHOLE_MIN:
            return ""
        covered, words = self._parted(letters)
        return words if covered == len(letters) or len(letters) >= _GLUED_MIN else ""

    def _parted(self, letters: str) -> tuple[int, str]:
        """The known words in letters run together that leave the fewest letters over; with how many they are."""
        ends: dict[int, list[tuple[int, str]]] = {}
        for last, word in self._segments.iter(letters):
            ends.setdefault(last + 1, []).append((len(word) - word.count(" "), word))
        covered = [0] * (len(letters) + 1)
        chosen: list[tuple[int, str]] = [(1, "")] * (len(letters) + 1)
        for end in range(1, len(letters) + 1):
            covered[end] = covered[end - 1]
            for length, word in ends.get(end, ()):
                if covered[end - length] + length > covered[end]:
                    covered[end] = covered[end - length] + length
                    chosen[end] = (length, word)
        words, end = [], len(letters)
        while end > 0:
            length, word = chosen[end]
            words += [word] * bool(word)
            end -= length
        return covered[-1], " ".join(reversed(words))


def _by_letters(words: Iterable[str]) -> dict[int, dict[str, Any]]:
    """The words letter by letter, by their length; behind the last letter stands the word."""
    found: dict[int, dict[str, Any]] = {}
    for word in words:
        place = found.setdefault(len(word), {})
        for letter in word:
            place = place.setdefault(letter, {})
        place["word"] = word
    return found


def _automaton(words: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word.replace(" ", ""), word)
    if not len(automaton):
        automaton.add_word("\0", "")  # an empty automaton can't be asked
    automaton.make_automaton()
    return automaton


def _squeeze(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word)) if _DOUBLED.search(word) else word


def _run_lengths(word: str) -> list[int]:
    return [len(list(run)) for _, run in groupby(word)]


def _aliases(words: Iterable[str], coded: Iterable[str]) -> dict[str, str]:
    """Forms that stand for a word: backwards, ROT13, pig Latin, without vowels."""
    short = frozenset(coded)
    found: dict[str, str] = {}
    for word in words:
        if not word.isalpha() or (len(word) < _CODED_MIN and word not in short):
            continue
        bare = _VOWELS.sub("", word)
        forms = [turn(word) for turn in TURNS] + [bare] * (len(bare) >= _CODED_MIN)
        for form in forms:
            found.setdefault(form, word)
    return found


def _backwards(word: str) -> str:
    return word[::-1]


def _rot13(word: str) -> str:
    return codecs.encode(word, "rot13")


def _pig_latin(word: str) -> str:
    return f"{word[1:]}{word[0]}ay"


def _from_pig_latin(word: str) -> str:
    return word[-3] + word[:-3] if len(word) > len("ay") and word.endswith("ay") else word


# How whole texts are turned, and turned back.
TURNS: dict[Callable[[str], str], Callable[[str], str]] = {
    _backwards: _backwards,
    _rot13: _rot13,
    _pig_latin: _from_pig_latin,
}


def _starred(word: str) -> set[str]:
    """The word with one letter, all its vowels, or all of its middle starred out."""
    if len(word) < _SHORTEST:
        return set()
    forms = {word[:place] + "*" + word[place + 1 :] for place in range(len(word))}
    forms.add(_VOWELS.sub("*", word))
    forms.add(word[0] + "*" * (len(word) - 2) + word[-1])
    return forms
