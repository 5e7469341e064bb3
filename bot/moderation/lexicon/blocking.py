"""How a text says a community's blocked words: as they stand, with a simple ending, or in disguise.

What is read only through a disguise never outranks an innocent reading of the same letters: where "nuts" is blocked,
"stun" is no word turned round, "put in" no cut "Putin", and "he'll" no "hell". What everybody knows is taken for what it
says before any disguise is undone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product
from operator import add

from bot.moderation.lexicon import endings
from bot.moderation.lexicon.certain import count_apart, words_of_rule
from bot.moderation.lexicon.findings import Broken, Rule
from bot.moderation.lexicon.lexicon import Hit, Lexicon, Marked, Vocabulary
from bot.moderation.lexicon.own import folded
from bot.moderation.reading.hangul import LEADS, is_hangul
from bot.moderation.reading.korean import Edges
from bot.moderation.reading.patterns import Patterns
from bot.moderation.reading.terms import expand, words_of
from bot.moderation.reading.text import Reading, Text, data, normalise, word_list, word_sets
from bot.moderation.reading.turning import TURNS, aliases_of

_BLOCKED = Rule(id="own.blocked", category="own", needs=("own.blocked",), level="relaxed")
_ENDED = Rule(id="own.blocked", category="own", needs=("own.ended",), level="relaxed", strike=False)
# Stands for a word that is what it says. With vowels and no digits, so that it tells nothing of a disguise.
_INNOCENT = "eioaeu"
_SHORT = 4  # letters of a word of which a doubled one makes another
_COUNTED_MIN = 3  # letters of a word that tells whether a text is turned
_CONTRACTED = re.compile(
    r"(?<![\w'’])(?:(?P<who>i|you|he|she|it|we|they|who|that|there|this|what|where|how)['’](?:ll|d|re|ve|m|s)|(?P<what>\w+)['’]s|(?P<verb>\w+)n['’]t)(?![\w'’])",
    re.IGNORECASE,
)
_ELIDED = re.compile(r"(?<![\w'’])(?:[cdjlmnst]|qu)['’](?=\w{2})", re.IGNORECASE)
_THRICE = re.compile(r"(.)\1\1")
_MEASURED = re.compile(r"\d+(?:st|nd|rd|th|s|k|d|p|x|m|mm|cm|km|ft|px|fps|hz|mp|kg|g|am|pm|bit)")
# English words that the list of common ones leaves out for being short.
_LITTLE = frozenset(("a", "ad", "ah", "am", "an", "as", "at", "ax", "be", "by", "do", "ex", "go", "ha", "he", "hi", "i", "id", "if", "in", "is", "it", "me", "my", "no", "of", "oh", "ok", "on", "or", "ox", "so", "to", "tv", "up", "us", "we"))  # fmt: skip


@lru_cache(maxsize=256)
def blocked(words: tuple[str, ...]) -> "BlockedWords | None":
    """A community's blocked words, compiled once and folded as prompts are; None where nothing is left to look for."""
    found = BlockedWords(words)
    return found if found.terms else None


class BlockedWords:
    """The blocked words of one community."""

    def __init__(self, words: Iterable[str]) -> None:
        words = tuple(words)
        known = word_list("common.txt")
        listed = _all_folded((*words, *(form for word in words for form in endings.plurals(word, known))))
        ended = _all_folded(form for word in words for form in endings.others(word, known))
        self.terms = frozenset(listed)
        groups = {"own.blocked": listed, "own.ended": [form for form in ended if form not in self.terms]}
        self._lexicon = Lexicon(
            version="own",
            rules=[_BLOCKED, _ENDED],
            groups=groups,
            vocabulary=Vocabulary(never=(_INNOCENT,), initials=_initials()),
        )
        self._words = frozenset(words_of((*listed, *ended)))
        self._turned = frozenset(aliases_of(sorted(self._words), ())) - self._words
        self._names = frozenset(form for word in self._words for form in _doubled(word)) - self._words
        self._with_apostrophes = frozenset(
            word.casefold().replace("’", "'") for word in words if not word.isalpha()
        )

    def broken(self, prompt: str) -> Iterator[Broken]:
        """Which of them the prompt says, and whether that is certain: one stands there plainly, or two are in disguise."""
        read = self._read(prompt)
        plain: bool | None = None
        for line in map(_without_innocent, self._lexicon.lines(read)):
            for rule in self._lexicon.broken(line):
                if plain is None:
                    plain = self._stands_in(f" {' '.join(read.readings[0].words)} ")
                several = count_apart(words_of_rule(rule, line)) > 1 and self._begins(line)
                yield Broken(rule=rule, certain=rule.strike and (plain or several))

    def _stands_in(self, text: str) -> bool:
        """Whether one stands there as it is listed, from where a word begins."""
        line = _without_innocent(self._lexicon.line_of(text))
        return any(
            text[hit.start : hit.end + 1].strip() in self.terms and _begins(line, hit) for hit in line.hits
        )

    @staticmethod
    def _begins(line: Marked) -> bool:
        return any(_begins(line, hit) for hit in line.hits)

    # ── What is innocent ─────────────────────────────────────────────────────────────────────────────

    def _read(self, prompt: str) -> Text:
        """The prompt's readings, with what everybody knows put aside."""
        read = normalise(self._uncontracted(prompt))
        first, *others = read.readings
        kept = [one for one in others if not _is_turned(one, first) or self._is_meant(one.words, first.words)]
        return read._replace(readings=tuple(map(self._innocent_aside, (first, *kept))))

    def _uncontracted(self, prompt: str) -> str:
        """The prompt without what an apostrophe hangs on a word: he'll, Putin's, l'ours; as it is where a word with one is blocked."""
        if "'" not in prompt and "’" not in prompt:
            return prompt
        return _ELIDED.sub(self._whole_or_rest, _CONTRACTED.sub(self._whole_or_rest, prompt))

    def _whole_or_rest(self, match: re.Match[str]) -> str:
        if match.group().casefold().replace("’", "'") in self._with_apostrophes:
            return match.group()
        return next(filter(None, match.groups()), "")

    def _innocent_aside(self, reading: Reading) -> Reading:
        words = reading.words
        if not self._turned.isdisjoint(words) and self._is_turned(words):
            return reading
        vocabulary, own = _vocabulary(), self._words
        aside = [
            _INNOCENT if word not in own and (word in vocabulary or self._is_innocent(word)) else word
            for word in words
        ]
        for place, pieces in self._cut(words):
            aside[place : place + pieces] = words[place : place + pieces]
        if aside.count(_INNOCENT) == len(aside):
            aside = []
        return reading._replace(words=tuple(aside))

    def _is_innocent(self, word: str) -> bool:
        return word in self._turned or word in self._names or _is_measured(word)

    def _cut(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where pieces make a blocked word, and how many, unless each of them is a word that everybody knows."""
        two = list(map(add, words, words[1:]))
        three = list(map(add, two, words[2:]))
        for pieces, joined in ((2, two), (3, three)):
            if self._words.isdisjoint(joined):
                continue
            for place, word in enumerate(joined):
                if word in self._words and not all(map(_is_known, words[place : place + pieces])):
                    yield place, pieces

    def _is_turned(self, words: Sequence[str]) -> bool:
        return any(self._is_meant(list(map(back, words)), words) for back in TURNS.values())

    def _is_meant(self, turned: Sequence[str], words: Sequence[str]) -> bool:
        """Whether more of a text, and most of it, is words once it is turned back."""
        known = sum(word in self._words or _is_known(word) for word in turned)
        return 2 * known > len(turned) and self._count_known(turned) > self._count_known(words)

    def _count_known(self, words: Iterable[str]) -> int:
        common = word_list("common.txt")
        return sum(len(word) >= _COUNTED_MIN and (word in common or word in self._words) for word in words)


def _doubled(word: str) -> Iterator[str]:
    """A short word with one letter twice, which is another word or a name more often than that one: Ana, Anna."""
    if len(word) <= _SHORT and word.isalpha() and word.isascii():
        doubled = (word[:place] + word[place - 1 :] for place in range(1, len(word) + 1))
        yield from (form for form in doubled if not _THRICE.search(form))


def _all_folded(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in folded(word)))


def _is_known(word: str) -> bool:
    """Whether everybody knows this word, or it is a number with its unit: 4k, 3d."""
    return word in _vocabulary() or _is_measured(word)


def _is_measured(word: str) -> bool:
    return "0" <= word[:1] <= "9" and _MEASURED.fullmatch(word) is not None


@cache
def _vocabulary() -> frozenset[str]:
    """The innocent words of the lexicon."""
    return _LITTLE.union(
        word_list("common.txt"), word_list("innocent.txt"), word_sets("allowed.toml")["never"]
    )


def _is_turned(reading: Reading, first: Reading) -> bool:
    """Whether this is the first reading backwards, or in ROT13."""
    letters, turned = "".join(first.words), "".join(reading.words)
    return any(turn(letters) == turned for turn in TURNS)


# ── Korean ───────────────────────────────────────────────────────────────────────────────────────────


@cache
def _initials() -> tuple[str, ...]:
    """Korean initials that are too many other things: two of them, and what everybody writes who laughs or cries, ㅋㅋㅋ."""
    return (
        *map("".join, product(LEADS, repeat=2)),
        *(letter * times for letter in LEADS for times in (3, 4)),
    )


def _begins(line: Marked, hit: Hit) -> bool:
    """Whether a Korean word begins there; of others only whole ones are found."""
    return not is_hangul(line.text[hit.start]) or _edges().begins(line.text, hit.start)


@cache
def _edges() -> Edges:
    korean = data("korean.toml")
    return Edges(before=korean["before"], particles=korean["particles"])


@cache
def _innocent_korean() -> Patterns[None]:
    phrases = expand(data("korean.toml")["innocent"])
    return Patterns({phrase: None for phrase in phrases if " " not in phrase})


def _without_innocent(line: Marked) -> Marked:
    """The line without what stands in the middle of a Korean word that everybody knows: 사체 in 피사체."""
    inside = [hit for hit in line.hits if is_hangul(line.text[hit.start]) and not _begins(line, hit)]
    if not inside:
        return line
    spans = _innocent_korean().in_text(line.text)
    innocent = {hit for hit in inside if any(start < hit.start and hit.end < end for start, end, _ in spans)}
    return replace(line, hits=tuple(hit for hit in line.hits if hit not in innocent)) if innocent else line
