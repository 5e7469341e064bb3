"""Finds the lexicon's word behind a disguised one: leet, stretched, starred, reversed, ROT13, run together.

Everything is looked up in tables that are built once from the vocabulary, so reading a word takes a time that
grows with its length only. Words that the lexicon doesn't know, however disguised, come back as they were.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

from bot.moderation import digits, hangul
from bot.moderation.masks import Masks, starred, without_vowels
from bot.moderation.misspelling import Misspellings
from bot.moderation.parting import Parting, run_together
from bot.moderation.patterns import Patterns
from bot.moderation.text import LETTER_SIGNS, data
from bot.moderation.turning import TURNS, aliases_of, behind_number

_SCRIPTS = re.compile(r"[가-힣ㄱ-ㅣ]+|[^가-힣ㄱ-ㅣ]+")
_SYLLABLES = re.compile(r"[가-힣]+")
_INITIALS = re.compile(r"[ㄱ-ㅎ]{2,}")
_KOREAN_AGE = re.compile(r"((?<!\d)\d{1,2}[살세](?![기대]))")
_DOUBLED = re.compile(r"(.)\1")
_MIXED = re.compile(r"[a-z]\d|\d[a-z]")
_LEETABLE = re.compile(r"[aeio]")  # letters that nobody leaves who writes in digits
_NO_SIGNS = dict.fromkeys(map(ord, LETTER_SIGNS))
_DIGITS = "0123456789"
_SHORTEST = 3  # shorter words are too many other things
_DIGITS_AS_LETTERS = range(2, 9)  # how long numbers are that people read as words: 455, 80085
# A hash, a serial number, an id: more digits than one reads as letters.
_IDENTIFIER = re.compile(r"[0-9a-f]{7,}|(?=(?:\w*\d){4})\w*\d{3,}\w*")
_ALTERNATING = re.compile(r"[a-z](?:\d[a-z]){2,}")  # n1u2d3e
_AGED = re.compile(r"(1[0-7]|[1-9])([^\W\d_].*)")
_AGE_WORDS = frozenset({"age", "aged"})
_AGE_UNITS = frozenset({"y", "yo", "yr", "yrs", "year", "years"})
_LONG = 5  # letters
_WORD_MAX = 40  # no word of any vocabulary is longer: no use in trying its readings
_KEPT_MAX = 64  # longer ones are not kept in the memo
_MEMO_WORDS = 1 << 16


class Speller:
    """Reads words as words of one vocabulary."""

    def __init__(
        self,
        terms: Collection[str],
        *,
        allowed: Iterable[str] = (),
        anywhere: Iterable[str] = (),
        never: Iterable[str] = (),
        coded: Iterable[str] = (),
        common: Iterable[str] = (),
        misspelt: Iterable[str] = (),
        halved: Iterable[str] = (),
    ) -> None:
        """`terms`: what is listed, words and phrases; `allowed`: allowed phrases; `anywhere`: so plain that they count inside other words.

        `never`: innocent words that would be taken for a disguise; `coded`: short words known in code too;
        `common`: words that every text is made of; `misspelt`: listed words that are known with a slip, too;
        `halved`: with a doubled letter written once.
        """
        phrases = {*terms, *allowed}
        listed = sorted({word for term in terms for word in term.split()})
        words = sorted({word for phrase in phrases for word in phrase.split()})
        self._words = frozenset(words)
        self._never = frozenset(never)
        self._common = frozenset(common)
        self._plain = self._words | self._never | self._common
        self._misspelt = Misspellings(misspelt, halved=halved, known=self._plain)
        self._turned = aliases_of(listed, coded)
        self._aliases = self._unless_known(self._turned)
        self._lost_vowels = self._unless_known(without_vowels(listed))
        self._listed = listed
        self.unmasked = Masks(terms).read
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
        signs_of_y = (sign for sign, letters in self._readings.items() if "y" in letters)
        self._unit_begins = frozenset(("y", "e", *LETTER_SIGNS, *signs_of_y))  # also "eyars"
        self._letters = _by_letters(words)
        self._alike = _alike(self._readings)
        self._known_alike = {word.translate(self._alike) for word in words}
        self._anywhere = Patterns(run_together(anywhere))
        innocent = (word for word in never if " " not in word)
        # "years old" is known without the number, which letters run together may not bring along.
        tails = (tail for p in phrases if p[0].isdigit() and len(tail := p.partition(" ")[2]) > _SHORTEST)
        known = sorted({*words, *phrases, *innocent, *tails})
        self._parting = Parting(known, listed=words, common=common)
        self._memo = _Memo(self._read)

    @cached_property
    def _starred(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for word in self._listed:
            for form in starred(word):
                found[form] = (*found.get(form, ()), word)
        return found

    def knows(self, words: Sequence[str]) -> bool:
        """Whether all of them are words that one knows, or numbers, and so what they are."""
        plain = self._plain
        return plain.issuperset(words) or all(word.isdigit() for word in words if word not in plain)

    def read(self, word: str) -> tuple[str, ...]:
        """The vocabulary's words that this one may be, the likeliest first; or the word itself.

        Words run together come as one text with spaces.
        """
        return self._memo[word]

    def read_all(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """The same for each word of a text, and for its numbers what they spell there."""
        read, spelt = self._memo, self._numbers(words)
        return [spelt.get(word) or read[word] for word in words] if spelt else [read[word] for word in words]

    def joined(self, letters: str) -> tuple[str, ...]:
        """The same for letters that stood apart: the gaps between words may have been lost."""
        known = self.read(letters)
        if known[0] != letters or letters in self._words or letters in self._never:
            return known
        plain = letters.translate(self._first_readings)
        ways = {letters, plain}  # nearly always the same
        return (max(map(self._parting.best, ways))[1] or letters,)

    def turned(self, words: Sequence[str]) -> list[list[str]]:
        """The words turned back in each way in which the whole text is turned: one of them is listed, more are known."""
        if self._aliases.keys().isdisjoint(words):
            return []
        found: dict[tuple[str, ...], None] = {}
        plain = self._count_known(words)
        for turn, back in TURNS.items():
            if not any((known := self._aliases.get(word)) and turn(known) == word for word in words):
                continue
            each = tuple(back(word) if len(word) >= _SHORTEST and word.isalpha() else word for word in words)
            if self._count_known(each) > plain:
                whole = tuple(map(back, words))
                found |= dict.fromkeys(
                    (whole, whole[::-1], tuple(behind_number(word, back) for word in words), each)
                )
        return list(map(list, found))

    def _count_known(self, words: Iterable[str]) -> int:
        """How many of the words one knows, listed ones or common ones."""
        return sum(len(word) >= _SHORTEST and (word in self._common or word in self._words) for word in words)

    def _numbers(self, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What numbers spell where every other word is written in digits and letters, too: "8r34575 80085"."""
        digits = [word for word in words if word.isdigit() and len(word) in _DIGITS_AS_LETTERS]
        if not digits or not any(map(_MIXED.search, words)) or _LEETABLE.search("".join(words)):
            return {}
        return {word: known for word in digits if (known := self._readings_of(word))}

    def despite(self, words: Iterable[str]) -> list[str]:
        """What innocent words would be if they were a disguise: asked where other words are in disguise."""
        innocent = [word for word in words if word in self._never]
        turned = [self._turned[word] for word in innocent if word in self._turned]
        return [known for word in innocent for known in self._unstretched(word)] + turned

    def _unless_known(self, forms: Mapping[str, str]) -> dict[str, str]:
        known = self._words | self._never
        return {form: word for form, word in forms.items() if form not in known}

    def _read(self, word: str) -> tuple[str, ...]:
        if word in self._plain:
            return (word,)
        if not word.isascii() and _SYLLABLES.search(word):
            return (self._read_korean(word),)
        if not (word.isascii() and word.isalpha()):
            return self._read_odd(word)
        if _DOUBLED.search(word) and (known := self._unstretched(word)):
            return known
        return (
            self._lost_vowels.get(word) or self._misspelt.read(word) or self._parting.words_in(word) or word,
        )

    def _read_korean(self, word: str) -> str:
        """Korean syllables of a mixed word together, and the rest of it beside them; ages and initials apart."""
        syllables = "".join(_SYLLABLES.findall(word))
        also = hangul.undrawn(syllables)
        if _KOREAN_AGE.search(word):
            apart = _KOREAN_AGE.sub(r" \1 ", word).split()
            # 자1살하는 is no age of one, although it may be read so.
            return " ".join((*apart, *([syllables] if hangul.is_hangul(word) else ())))
        if syllables == word:
            return word if also == word else f"{word} {also}"
        others = (part for part in _SCRIPTS.findall(word) if part.isascii())
        initials = _INITIALS.match(word)  # ㅅㅅ하는
        sounded = hangul.sounded(word)
        return " ".join(
            (
                *([initials[0]] if initials else ()),
                *dict.fromkeys((syllables, also)),
                *(self.read(part)[0] for part in others),
                *([sounded] if sounded else ()),
            )
        )

    def _read_odd(self, word: str) -> tuple[str, ...]:
        """A word with digits, signs or foreign letters in it."""
        if word.isdigit():
            return (word,)
        if len(word) == 1:
            return (word if word.isascii() else word.translate(self._first_readings),)
        if len(word) > _WORD_MAX:
            return (self._parting.words_in(word) or word,)
        is_id = _IDENTIFIER.fullmatch(word) is not None
        known = self._aged(word) or self._disguised(word)
        if not known and not is_id:
            known = next(filter(None, map(self._readings_of, digits.but_one(word))), ())
        if known or is_id:
            return known or (word,)
        plain = word.translate(self._first_readings)
        return (
            self._parting.words_in(word)
            or (self._parting.words_in(plain) if plain != word else "")
            or self._plainly_inside(plain)
            or (self._without_signs(word) if not word.isalnum() else word),
        )

    def _aged(self, word: str) -> tuple[str, ...]:
        """An age and its unit without the space between: 12yo, age9."""
        if word[0].isdigit():
            aged = _AGED.fullmatch(word)
            if aged and aged[2][0] in self._unit_begins and (unit := self.read(aged[2])[0]) in _AGE_UNITS:
                return (f"{aged[1]} {unit}",)
        age = word.rstrip(_DIGITS)
        return (f"{age} {word[len(age) :]}".strip(),) if age in _AGE_WORDS else ()

    def _disguised(self, word: str) -> tuple[str, ...]:
        """The known words that are as long as this one, whole or without the signs around it."""
        if (
            len(word) >= _LONG
            and _ALTERNATING.fullmatch(word)
            and (bare := re.sub(r"\d", "", word)) in self._words
        ):
            return (bare,)
        if heard := next((form for form in digits.heard(word) if form in self._words), ""):
            return (heard,)
        forms = {word: None, word.strip(LETTER_SIGNS): None, word.rstrip(_DIGITS): None}
        for form in forms:
            if starred := self._starred.get(form):
                bare = word.translate(_NO_SIGNS)
                return (*starred, bare) if bare in self._words else starred
            if known := self._readings_of(form):
                return known
        if not _DOUBLED.search(word):
            return ()
        return next(filter(None, map(self._stretched_readings_of, forms)), ())

    def _without_signs(self, word: str) -> str:
        """Letters that stood apart by signs which may be letters themselves: n*u*d*e, m+y."""
        bare = word.translate(_NO_SIGNS)
        return self.joined(bare)[0] if 1 < len(bare) < len(word) else word

    def _readings_of(self, word: str) -> tuple[str, ...]:
        """The known words among all readings of the signs in this one, the likeliest first.

        Walks down the letters of known words, so that nearly every reading dies at its third letter.
        """
        if word.isascii() and word.translate(self._alike) not in self._known_alike:
            return ()
        places = [self._letters[len(word)]] if len(word) in self._letters else []
        for sign in word:
            letters = sign + self._readings.get(sign, "")
            places = [place[letter] for place in places for letter in letters if letter in place]
            if not places:
                break
        return tuple(place["word"] for place in places)

    def _stretched_readings_of(self, word: str) -> tuple[str, ...]:
        """The same for a word with repeated letters."""
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
        divided = [known for known in candidates if [least * n for n in _run_lengths(known)] == runs]
        longer = [
            known
            for known in candidates
            if all(have >= need for have, need in zip(runs, _run_lengths(known), strict=True))
        ]
        return tuple(dict.fromkeys((*divided, *longer)))

    def _plainly_inside(self, letters: str) -> str:
        found = self._anywhere.in_text(letters) if len(letters) > _SHORTEST else ()
        return found[0][2] if found else ""


class _Memo(dict[str, tuple[str, ...]]):
    """What words were read as. Full, it begins anew."""

    def __init__(self, read: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, word: str) -> tuple[str, ...]:
        found = self._read(word)
        if len(word) <= _KEPT_MAX:
            if len(self) >= _MEMO_WORDS:
                self.clear()
            self[word] = found
        return found


def _by_letters(words: Iterable[str]) -> dict[int, dict[str, Any]]:
    """The words letter by letter, by their length; behind the last letter stands the word."""
    found: dict[int, dict[str, Any]] = {}
    for word in words:
        place = found.setdefault(len(word), {})
        for letter in word:
            place = place.setdefault(letter, {})
        place["word"] = word
    return found


def _alike(readings: Mapping[str, str]) -> dict[int, str]:
    """Signs and letters of ASCII that may be read as each other, all as one of them."""
    alike: dict[str, str] = {}
    for sign, letters in readings.items():
        if sign.isascii():
            same = {alike.get(one, one) for one in (sign, *letters)}
            whole = [one for one, first in alike.items() if first in same]
            alike |= dict.fromkeys((*whole, sign, *letters), min(same))
    return str.maketrans(alike)


def _squeeze(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word)) if _DOUBLED.search(word) else word


def _run_lengths(word: str) -> list[int]:
    return [len(list(run)) for _, run in groupby(word)]
