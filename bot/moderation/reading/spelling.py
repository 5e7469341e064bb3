"""Finds the lexicon's word behind a disguised one: leet, stretched, starred, reversed, ROT13, run together.

Everything is looked up in tables that are built once from the vocabulary, so reading a word takes a time that
grows with its length only. Words that the lexicon doesn't know, however disguised, come back as they were.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import groupby, product
from operator import contains

from bot.moderation.reading import digits, hangul, signs
from bot.moderation.reading.masks import Masks, starred, without_vowels
from bot.moderation.reading.misspelling import Misspellings
from bot.moderation.reading.parting import Parting, run_together
from bot.moderation.reading.patterns import Patterns
from bot.moderation.reading.terms import expand, words_of
from bot.moderation.reading.text import LETTER_SIGNS
from bot.moderation.reading.turning import TURNS, aliases_of, behind_number

_SCRIPTS = re.compile(r"[가-힣ㄱ-ㅣ]+|[^가-힣ㄱ-ㅣ]+")
_SYLLABLES = re.compile(r"[가-힣]+")
_INITIALS = re.compile(r"[ㄱ-ㅎ]{2,}")
_KOREAN_AGE = re.compile(r"((?<!\d)\d{1,2}[살세](?![기대]))")
_DOUBLED = re.compile(r"(.)\1")
_MIXED = re.compile(r"[a-z]\d|\d[a-z]")
_LEETABLE = re.compile(r"[aeio]")  # letters that nobody leaves who writes in digits
_NO_SIGNS = dict.fromkeys(map(ord, LETTER_SIGNS))
_SHORTEST = 3  # shorter words are too many other things
_START = 2  # letters by which words are looked up
_DIGITS_AS_LETTERS = range(2, 9)  # how long numbers are that people read as words: 455, 80085
_AGE_UNITS = frozenset({"y", "yo", "yr", "yrs", "year", "years"})
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
        common: Collection[str] = (),
        misspelt: Iterable[str] = (),
        halved: Iterable[str] = (),
    ) -> None:
        """`terms`: what is listed, words and phrases; `allowed`: allowed phrases; `anywhere`: so plain that they count inside other words.

        `never`: innocent words that would be taken for a disguise; `coded`: short words known in code too;
        `common`: words that every text is made of; `misspelt`: listed words that are known with a slip, too;
        `halved`: with a doubled letter written once.
        """
        self._terms, self._never, self._common = frozenset(terms), frozenset(never), frozenset(common)
        self._allowed = tuple(allowed)
        self._words = words_of(self._terms).union(words_of(self._allowed))
        # Of a set, which takes half the room.
        self._plain = frozenset({*self._words, *self._never, *self._common})
        self._coded = tuple(coded)
        self._misspelt = Misspellings(misspelt, halved=halved)
        self.unmasked = Masks(self._terms).read
        plainest = run_together(anywhere)
        self._anywhere = Patterns(plainest)
        self._anywhere_shortest = max(_SHORTEST + 1, min(map(len, plainest), default=_WORD_MAX + 1))
        self._memo = _Memo(self._read)

    # What follows is found out when the first word in disguise needs it.

    @cached_property
    def _phrases(self) -> frozenset[str]:
        return self._terms.union(expand(self._allowed))

    @cached_property
    def _listed(self) -> list[str]:
        return sorted(words_of(self._terms))

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._words)

    @cached_property
    def _turned(self) -> dict[str, str]:
        return aliases_of(self._listed, self._coded)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return self._unless_known(self._turned)

    @cached_property
    def _lost_vowels(self) -> dict[str, str]:
        return self._unless_known(without_vowels(self._listed))

    @cached_property
    def _squeezed(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._in_order:
            found.setdefault(signs.squeeze(word), []).append(word)
        return found

    @cached_property
    def _by_start(self) -> dict[int, dict[str, list[str]]]:
        """The words by their length, and then by their first two letters."""
        found: dict[int, dict[str, list[str]]] = {}
        for word in self._in_order:
            found.setdefault(len(word), {}).setdefault(word[:_START], []).append(word)
        return found

    @cached_property
    def _known_alike(self) -> frozenset[str]:
        return frozenset(map(signs.alike, self._words))

    @cached_property
    def _parting(self) -> Parting:
        innocent = (word for word in self._never if " " not in word)
        # "years old" is known without the number, which letters run together may not bring along.
        numbered = (phrase for phrase in self._phrases if phrase[0].isdigit())
        tails = (tail for phrase in numbered if len(tail := phrase.partition(" ")[2]) > _SHORTEST)
        known = sorted({*self._words, *self._phrases, *innocent, *tails})
        return Parting(known, listed=self._in_order, common=self._common)

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
        ways = {letters, letters.translate(signs.first_readings())}  # nearly always the same
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
        letters = "".join(words)
        if letters.isalpha() or _LEETABLE.search(letters) or not any(map(_MIXED.search, words)):
            return {}
        numbers = [word for word in words if word.isdigit() and len(word) in _DIGITS_AS_LETTERS]
        return {word: known for word in numbers if (known := self._readings_of(word))}

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
            return (word if word.isascii() else word.translate(signs.first_readings()),)
        if len(word) > _WORD_MAX:
            return (self._parting.words_in(word) or word,)
        odd = signs.taken_apart(word)
        known = self._aged(odd) or self._disguised(word, odd)
        return known or ((word,) if odd.is_id else (self._read_apart(word, odd),))

    def _read_apart(self, word: str, odd: signs.Odd) -> str:
        """The words in letters that run together, or that stood apart by signs which may be letters themselves: n*u*d*e, m+y."""
        return (
            self._parting.words_in(word)
            or (self._parting.words_in(odd.plain) if odd.plain != word else "")
            or self._plainly_inside(odd.plain)
            or (self.joined(odd.bare)[0] if odd.bare else word)
        )

    def _aged(self, odd: signs.Odd) -> tuple[str, ...]:
        """An age and its unit without the space between: 12yo, age9."""
        if odd.aged:
            age, rest = odd.aged
            if rest[0] in _unit_begins() and (unit := self.read(rest)[0]) in _AGE_UNITS:
                return (f"{age} {unit}",)
        return (odd.age,) if odd.age else ()

    def _disguised(self, word: str, odd: signs.Odd) -> tuple[str, ...]:
        """The known words that are as long as this one, whole, without the signs around it, or without a digit."""
        if said := next((form for form in odd.said if form in self._words), ""):
            return (said,)
        for form in odd.forms:
            if starred := self._starred.get(form):
                bare = word.translate(_NO_SIGNS)
                return (*starred, bare) if bare in self._words else starred
            if known := self._readings_of(form):
                return known
        for plain, single in odd.stretched:
            if known := self._unstretched(plain) or self._readings_of(single):
                return known
        without = digits.but_one(word) if odd.has_digits and not odd.is_id else ()
        return next(filter(None, map(self._readings_of, without)), ())

    def _readings_of(self, word: str) -> tuple[str, ...]:
        """The known words among all readings of the signs in this one, the likeliest first."""
        same_length = self._by_start.get(len(word))
        if not same_length or (word.isascii() and signs.alike(word) not in self._known_alike):
            return ()
        readings = signs.readings()
        choices = [sign + readings.get(sign, "") for sign in word]
        starts = map("".join, product(*choices[:_START]))
        found = [
            known
            for start in starts
            for known in same_length.get(start, ())
            if all(map(contains, choices, known))
        ]
        if len(found) > 1:
            found.sort(key=lambda known: list(map(str.index, choices, known)))
        return tuple(found)

    def _unstretched(self, word: str) -> tuple[str, ...]:
        """The word with fewer repeated letters: fuuuck, nnuuddee. Never with more."""
        candidates = self._squeezed.get(signs.squeeze(word))
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
        found = self._anywhere.in_text(letters) if len(letters) >= self._anywhere_shortest else ()
        return found[0][2] if found else ""


@cache
def _unit_begins() -> frozenset[str]:
    signs_of_y = (sign for sign, letters in signs.readings().items() if "y" in letters)
    return frozenset(("y", "e", *LETTER_SIGNS, *signs_of_y))  # also "eyars"


class _Memo(dict[str, tuple[str, ...]]):
    """What words were read as. Full, it begins anew."""

    def __init__(self, read: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, word: str) -> tuple[str, ...]:
        if word.isdigit():
            return (word,)  # which nobody types twice
        found = self._read(word)
        if len(word) <= _KEPT_MAX:
            if len(self) >= _MEMO_WORDS:
                self.clear()
            self[word] = found
        return found


def _run_lengths(word: str) -> list[int]:
    return [len(list(run)) for _, run in groupby(word)]
