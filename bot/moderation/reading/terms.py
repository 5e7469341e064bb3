"""Terms: as they are written in the lists, and as one automaton looks for them in a line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, groupby, product
from operator import itemgetter
from typing import NamedTuple

from bot.moderation.reading import hangul
from bot.moderation.reading.patterns import Patterns
from bot.moderation.reading.text import gathered

_BRACES = re.compile(r"\{([^{}]*)\}")
_GAP_TOO_MANY = re.compile(r" [ \n]|\n ")
_BRACED_WORD = re.compile(r"(?<!\S)[^\s{]*\{[^{}]*\}(?:[^\s{]|\{[^{}]*\})*")  # and what runs together with it
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
# Thai, Lao, Burmese, Khmer, kana and Han: no spaces stand between words there.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_TYPED_MIN = 4  # keystrokes that can't be a Latin word by accident


def expand(terms: Iterable[str]) -> list[str]:
    """Terms with their braces written out: breast{,s}; {1..3} year{,s} old."""
    forms: list[str] = []
    for term in terms:
        if "{" in term:
            forms += _expanded(term)
        else:
            forms.append(" ".join(term.split()))
    return forms


def _expanded(term: str) -> list[str]:
    parts = _BRACES.split(" ".join(term.split()))
    choices = [[part] if place % 2 == 0 else _choices(part) for place, part in enumerate(parts)]
    forms = list(map("".join, product(*choices)))
    lined = "\n".join(("", *forms, ""))  # one look tells whether a choice has left a gap too many
    return [" ".join(form.split()) for form in forms] if _GAP_TOO_MANY.search(lined) else forms


def _choices(inside: str) -> list[str]:
    if ".." in inside and (numbers := _RANGE.fullmatch(inside)):
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


def belongs_of(groups: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Every term with the groups it is in, directly or by inclusion (@name)."""
    holders: dict[str, set[str]] = {name: set() for name in groups}
    for name in groups:
        for held in _held(name, groups):
            holders[held].add(name)
    belongs: dict[str, frozenset[str]] = {}
    for name, terms in groups.items():
        names = frozenset(holders[name])  # one set for all terms that are in no other group
        for term in terms:
            if term[0] != "@" and (known := belongs.setdefault(term, names)) is not names:
                belongs[term] = known | names
    return belongs


def _held(name: str, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A group, and those that it includes."""
    yield name
    for term in groups[name]:
        if term[0] == "@":
            yield from _held(term[1:], groups)


def words_of(terms: Iterable[str]) -> frozenset[str]:
    """The words that terms are made of, whose braces may be written out or not."""
    whole = " ".join(terms)
    if "{" not in whole:
        return frozenset(whole.split())
    braced = set(_BRACED_WORD.findall(whole))
    return frozenset(" ".join((_BRACED_WORD.sub(" ", whole), *expand(braced))).split())


class Term(NamedTuple):
    """What a pattern means where it is found."""

    groups: frozenset[str]
    edged: bool = False  # only where a word begins
    typed: bool = False  # on the English keyboard: only in a word that is Korean to its end
    covers: bool = False  # it excuses what stands in it, as an allowed phrase does

    def also(self, other: "Term") -> "Term":
        """Two terms that are looked for as one: what is listed once is listed."""
        return Term(
            self.groups | other.groups,
            edged=self.edged and other.edged,
            typed=self.typed or other.typed,
            covers=self.covers or other.covers,
        )


def compiled(
    belongs: Mapping[str, frozenset[str]],
    anywhere: frozenset[str],
    innocent: frozenset[str],
    edged_terms: frozenset[str],
    covering: frozenset[str],
) -> Patterns[Term]:
    """What one pass looks for: Latin terms between spaces (the plainest anywhere), Korean ones anywhere, also typed or as initials."""
    found: dict[str, Term] = {}
    meaning = cache(Term)  # each once
    latin: dict[frozenset[str], Term] = {}  # nearly all of them
    for term, groups in belongs.items():
        covers = term in covering
        if term.isascii():
            known = meaning(groups, covers=True) if covers else latin.get(groups)
            pattern = term if term in anywhere else f" {term} "
            found[pattern] = known or latin.setdefault(groups, Term(groups))
            continue
        for pattern in dict.fromkeys(_patterns(term, innocent)):
            edged = term in edged_terms and hangul.is_hangul(pattern)
            known = meaning(groups, edged, pattern[0] == " " and pattern.isascii(), covers)
            found[pattern] = found[pattern].also(known) if pattern in found else known
    return Patterns(found)


def excusing(terms: Iterable[str], anywhere: frozenset[str]) -> Patterns[None]:
    """What one pass looks for of allowed phrases; nobody hides what is innocent."""
    patterns = (
        (term if term in anywhere else f" {term} ",) if term.isascii() else _openly(term) for term in terms
    )
    return Patterns(dict.fromkeys(chain.from_iterable(patterns)))


def _patterns(term: str, innocent: frozenset[str]) -> Iterator[str]:
    """What is looked for of a term that is not in Latin letters: as initials and typed on another keyboard, too."""
    yield from _openly(term)
    solid = term.replace(" ", "")
    if not hangul.is_syllables(solid):
        return
    parts = term.split() if solid != term else ()
    if len(keys := hangul.keys(solid)) >= _TYPED_MIN:
        yield f" {keys}"
        if parts:
            yield f" {' '.join(map(hangul.keys, parts))}"
    if len(initials := hangul.initials(solid)) > 1 and initials not in innocent:
        yield f" {initials}"
        if parts:
            yield f" {' '.join(map(hangul.initials, parts))}"


def _openly(term: str) -> Iterator[str]:
    """The same of one that hides in nothing."""
    if term[0].isdigit() and hangul.is_hangul(term[-1]):
        yield f" {term}"  # an age, which a particle may follow; "3살" is not in "23살"
        return
    if not hangul.is_hangul(term):
        yield term if _UNSPACED.search(term) else f" {term} "
        return
    yield term
    solid = term.replace(" ", "")
    if not hangul.is_syllables(solid):
        return
    yield solid
    parts = term.split()
    if len(parts) > 1 and min(map(len, parts)) == 1:
        yield gathered(term)  # single syllables are read together
