"""Terms: as they are written in the lists, and as one automaton looks for them in a line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, product
from operator import itemgetter
from typing import NamedTuple

from bot.moderation import hangul
from bot.moderation.patterns import Patterns
from bot.moderation.text import normalise

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_TYPED_MIN = 4  # keystrokes that can't be a Latin word by accident


def expand(terms: Iterable[str]) -> list[str]:
    """Terms with their braces written out: breast{,s}; {1..3} year{,s} old."""
    return [form for term in terms for form in _expanded(term)]


def _expanded(term: str) -> Iterator[str]:
    if "{" not in term:
        yield " ".join(term.split())
        return
    parts = _BRACES.split(term)
    choices = [[part] if place % 2 == 0 else _choices(part) for place, part in enumerate(parts)]
    for chosen in product(*choices):
        yield " ".join("".join(chosen).split())


def _choices(inside: str) -> list[str]:
    if numbers := _RANGE.fullmatch(inside):
        return [str(number) for number in range(int(numbers[1]), int(numbers[2]) + 1)]
    return inside.split(",")


def one_of(words: Iterable[str]) -> str:
    """A regular expression for any of these words, grouped by their first letters, so that few are tried at each place."""
    groups = groupby(sorted(set(words)), itemgetter(0))
    return f"(?:{'|'.join(re.escape(first) + _rest(word[1:] for word in same) for first, same in groups)})"


def _rest(endings: Iterable[str]) -> str:
    longest_first = sorted(endings, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


def terms_of(name: str, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The terms of a group, those of the groups that it includes among them."""
    for term in groups[name]:
        if term.startswith("@"):
            yield from terms_of(term[1:], groups)
        else:
            yield term


def belongs_of(groups: Mapping[str, Sequence[str]], allowed: Iterable[str]) -> dict[str, frozenset[str]]:
    """Every term with the groups it is in, directly or by inclusion (@name); none for allowed phrases."""
    belongs: dict[str, set[str]] = {}
    for name in groups:
        for term in terms_of(name, groups):
            belongs.setdefault(term, set()).add(name)
    found = {term: frozenset(names) for term, names in belongs.items()}
    return found | dict.fromkeys((term for term in allowed if term not in found), frozenset())


class Term(NamedTuple):
    """What a pattern means where it is found."""

    groups: frozenset[str]  # none: an allowed phrase
    edged: bool  # only where a word begins
    typed: bool  # on the English keyboard: only in a word that is Korean to its end
    covers: bool  # it excuses what stands in it, as an allowed phrase does


def compiled(
    belongs: Mapping[str, frozenset[str]],
    anywhere: frozenset[str],
    innocent: frozenset[str],
    edged: frozenset[str],
    covering: frozenset[str],
) -> Patterns[Term]:
    """What one pass looks for: Latin terms between spaces (the plainest anywhere), Korean ones anywhere, also typed or as initials."""
    patterns: dict[str, frozenset[str]] = {}
    inside: set[str] = set()  # patterns that count wherever they stand
    typed: set[str] = set()
    covers: set[str] = set()
    for term, groups in belongs.items():
        if term.isascii():
            latin = term if term in anywhere else f" {term} "
            patterns[latin] = groups
            inside.add(latin)
            if term in covering:
                covers.add(latin)
            continue
        for pattern in _patterns(term, innocent, hidden=bool(groups)):
            patterns[pattern] = patterns[pattern] | groups if pattern in patterns else groups
            if term not in edged or not hangul.is_hangul(pattern):
                inside.add(pattern)
            if pattern[0] == " " and pattern.isascii():
                typed.add(pattern)
            if term in covering:
                covers.add(pattern)
    meanings: dict[Term, Term] = {}  # each once
    return Patterns(
        {
            pattern: meanings.setdefault(term, term)
            for pattern, groups in patterns.items()
            for term in (
                Term(groups, pattern not in inside, pattern in typed, not groups or pattern in covers),
            )
        }
    )


def _patterns(term: str, innocent: frozenset[str], *, hidden: bool) -> Iterator[str]:
    """What is looked for of a term that is not in Latin letters; `hidden`: as initials and typed on another keyboard, too, as nobody writes what is innocent."""
    if term[0].isdigit() and hangul.is_hangul(term[-1]):
        yield f" {term}"  # an age, which a particle may follow; "3살" is not in "23살"
        return
    if not hangul.is_hangul(term):
        yield f" {term} "
        return
    yield term
    solid = term.replace(" ", "")
    if not hangul.is_syllables(solid):
        return
    yield solid
    parts = term.split()
    if len(parts) > 1 and min(map(len, parts)) == 1:
        yield " ".join(normalise(term).readings[0].words)  # single syllables are read together
    if not hidden:
        return
    if len(hangul.keys(solid)) >= _TYPED_MIN:
        yield f" {hangul.keys(solid)}"
        yield f" {' '.join(map(hangul.keys, parts))}"
    if len(initials := hangul.initials(solid)) > 1 and initials not in innocent:
        yield f" {initials}"
        yield f" {' '.join(map(hangul.initials, parts))}"
