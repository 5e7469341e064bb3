"""A reader of sixteen languages: the lists of `data/tongues/*.toml`, compiled to one automaton."""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

from bot.moderation.findings import Finding, Kind
from bot.moderation.letters import BLANKS, clean, fold, without_marks
from bot.moderation.nearby import capitalised, ends_behind_the_young, follows_naming
from bot.moderation.pages import BEARING_OUT, Word, pages, words
from bot.moderation.patterns import Patterns, kept
from bot.moderation.terms import expand, terms_of
from bot.moderation.text import data

_YOUNG = frozenset({Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS})
_SEXUAL = frozenset({Kind.SEXUAL_EXPLICIT, Kind.NUDITY})
_OUTSIDE = "en"  # and Korean
# English persons that are everyday words of the languages read here.
_ELSEWHERE = frozenset({"her", "him", "his", "he", "nun", "elf", "maid", "mom", "dad"})

_NEAR, _NEAR_SOLID = 20, 8  # letters between a word and the person it is said of
# Between a call and whom it means, between praise and of whom it is.
_NEARER = {Kind.HATE_CALL: 3, Kind.TERROR_PRAISE: 12}
_BORNE_OUT = frozenset(BEARING_OUT.values())
_TELLS_NOTHING = frozenset({None, Kind.TAUGHT})
_ARABIC_BEFORE = frozenset({"ال", "و", "ب", "ل", "ف", "ك", "وال", "بال", "لل", "فال", "كال"})
_ARABIC_LONGEST = max(map(len, _ARABIC_BEFORE))
_GAPS = ("", " ")
_ENDS_MAX = 12  # letters that a star stands for


class _Hit(NamedTuple):
    """Where a word stands."""

    word: Word
    start: int
    end: int


_START = itemgetter(_Hit._fields.index("start"))


class Tongues:
    """A Reader. `readings` of a text in one pass, linear in its length."""

    def __init__(
        self, pages: Iterable[Mapping[str, Any]], listed: Iterable[Word], *, persons: Iterable[str] = ()
    ) -> None:
        """`listed`: every form of the words of these pages."""
        self._without: dict[str, tuple[str, ...]] = {}
        self._behind: dict[str, tuple[str, ...]] = {}
        self._nor: dict[str, tuple[str, ...]] = {}
        self._joints: dict[str, tuple[str, ...]] = {}
        for page in pages:
            gap = "" if page.get("solid") else " "
            self._without[page["language"]] = tuple(f"{fold(word)}{gap}" for word in page.get("without", ()))
            self._behind[page["language"]] = tuple(f"{gap}{fold(word)}" for word in page.get("behind", ()))
            self._nor[page["language"]] = tuple(f"{gap}{fold(word)}{gap}" for word in page["nor"])
            self._joints[page["language"]] = tuple(
                f"{gap}{fold(word)}{gap}" for word in (*page["nor"], *page["and"])
            )
        outsiders = list(map(_outsider, persons))
        outside = {word.plain for word in outsiders}
        patterns: dict[str, tuple[tuple[Word, ...], bool]] = {}  # and whether one of them tells of something
        for word in (*listed, *outsiders):
            # The lexicon itself knows whom English calls so, too.
            somebody = word.person and word.plain not in outside
            known = word._replace(kind=Kind.SOMEBODY) if somebody else word
            pattern = _pattern(word)
            same, telling = patterns.get(pattern, ((), False))
            patterns[pattern] = ((*same, known), telling or known.kind not in _TELLS_NOTHING)
        self._patterns = Patterns(patterns)

    def read(self, text: str) -> list[Finding]:
        """What is found in a text; the places are those in the text as it was folded."""
        marked = clean(text)
        plain = without_marks(marked)
        # A blank before the text, and one for each sign, so that words begin where patterns do.
        met = self._patterns.in_text(f" {plain.translate(BLANKS)}")
        if not any(telling for _, _, (_, telling) in met):
            return []
        hits = list(_hits(met, marked, plain))
        kept = _unexcused(hits)
        beside = _Beside(kept, text)
        denied = self._denied(kept, plain)
        # A line of a list is found once: what is said often means no more.
        found: dict[tuple[Kind, str, str], Finding] = {}
        settled: set[tuple[Kind, str, str]] = set()
        for hit in kept:
            if not (kind := hit.word.kind):
                continue
            key = (kind, hit.word.language, hit.word.line)
            if key in settled or (key in found and beside.leaves_in_doubt(hit)):
                continue
            finding = _meaning(hit, kind, beside, plain)
            if finding and (kind in _YOUNG or (hit.start, hit.end) not in denied):
                found[key] = finding
                if not finding.in_doubt or beside.is_alone(hit.word):
                    settled.add(key)
        return list(found.values())

    def _denied(self, hits: list[_Hit], plain: str) -> frozenset[tuple[int, int]]:
        """Where what is left away stands, and what is joined to that: "sin sangre ni vísceras", 血や内臓なし."""
        if not any(map(plain.__contains__, self._denials_of({hit.word.language for hit in hits}))):
            return frozenset()
        said = [hit for hit in hits if hit.word.kind]
        denied = {(hit.start, hit.end) for hit in said if self._is_denied(hit, plain)}
        if not denied:
            return frozenset()
        ends = {(hit.word.language, hit.end) for hit in said if (hit.start, hit.end) in denied}
        for hit in said:
            if any((hit.word.language, end) in ends for end in self._joined_before(hit, plain)):
                ends.add((hit.word.language, hit.end))
                denied.add((hit.start, hit.end))
        starts = {(hit.word.language, hit.start) for hit in said if (hit.start, hit.end) in denied}
        for hit in reversed(said):
            if any((hit.word.language, start) in starts for start in self._joined_behind(hit, plain)):
                starts.add((hit.word.language, hit.start))
                denied.add((hit.start, hit.end))
        return frozenset(denied)

    def _denials_of(self, languages: Iterable[str]) -> Iterator[str]:
        """The words without one of which these languages deny nothing."""
        for language in languages:
            yield from self._without.get(language, ())
            yield from self._behind.get(language, ())

    def _joined_before(self, hit: _Hit, plain: str) -> Iterator[int]:
        """Where a word would end that a joint before this one joins to it."""
        joints = self._joints_of(hit.word)
        if plain.endswith(joints, 0, hit.start):
            yield from (hit.start - len(joint) for joint in joints if plain.endswith(joint, 0, hit.start))

    def _joined_behind(self, hit: _Hit, plain: str) -> Iterator[int]:
        """Where a word would begin that a joint behind this one joins to it."""
        joints = self._joints_of(hit.word)
        if plain.startswith(joints, hit.end):
            yield from (hit.end + len(joint) for joint in joints if plain.startswith(joint, hit.end))

    def _joints_of(self, word: Word) -> tuple[str, ...]:
        """By which a denial goes on to this word: to what is sexual by "or" and "nor" only, as "without a hat and nude" is nude."""
        return (self._nor if word.kind in _SEXUAL else self._joints)[word.language]

    def _is_denied(self, hit: _Hit, plain: str) -> bool:
        """Whether a word before it, or behind it, says that it is left away."""
        word, start, end = hit
        if plain.startswith(self._behind[word.language], end):
            return True
        without = self._without[word.language]
        return plain.endswith(without, 0, start) and any(
            plain.endswith(no, 0, start)
            and (word.solid or start == len(no) or not _in_word(plain[start - len(no) - 1]))
            for no in without
        )


def _hits(
    met: Iterable[tuple[int, int, tuple[tuple[Word, ...], bool]]], marked: str, plain: str
) -> Iterator[_Hit]:
    """Of the words whose letters were met, those that stand there."""
    for _, behind, (same, _) in met:
        last = behind - 1  # there is a blank more before what was looked through
        after = plain[last : last + 1]
        ends, ends_solid = after in _GAPS, not after.isascii()
        for word in same:
            start = last - len(word.plain)
            end = last if ends or (ends_solid and word.solid) else _end(word, plain, last)
            if end and _begins(word, plain, start) and _spelled(word, marked[start:last]):
                yield _Hit(word, start, end)


def _pattern(word: Word) -> str:
    """What is looked for: a word behind a blank, where words begin behind one."""
    plain = word.plain
    if not plain.replace(" ", "").isalpha():
        plain = plain.translate(BLANKS)  # a neighbour may hold a sign: "Muschi, die Katze"
    return plain if word.solid or word.language == "ar" else f" {plain}"


def _unexcused(hits: list[_Hit]) -> list[_Hit]:
    """The words and persons, in their order, that no innocent neighbour covers."""
    spans = sorted((start, end) for word, start, end in hits if not word.means_something)
    if not spans:
        return sorted(hits, key=_START)
    starts = [start for start, _ in spans]
    reach = list(accumulate((end for _, end in spans), max))
    kept = []
    for hit in hits:
        word, start, end = hit
        before = bisect_right(starts, start)
        covered = before and reach[before - 1] >= end
        if word.person or word.bears_out or (word.kind and not covered):
            kept.append(hit)
    return sorted(kept, key=_START)


class _Beside:
    """Where persons and other words about the same stand, for each weak word: looked for once, then by bisection."""

    def __init__(self, hits: list[_Hit], typed: str) -> None:
        self._hits = hits
        self._typed = typed
        self._places: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
        self._of_language: dict[str, list[_Hit]] = {}
        for hit in hits:
            self._of_language.setdefault(hit.word.language, []).append(hit)

    def hints(self, hit: _Hit) -> bool:
        """Whether its language says more of somebody young, named as German names things: with a capital.

        A mild word near, where nobody else is named; or clothes that are left away, which are said at a text's end.
        """
        if hit.word.kind not in _YOUNG or hit.word.plain not in self._names:
            return False
        if hit.word.language in self._baring:
            return True
        return not self._outsiders[0] and self._is_near(
            hit, self._places_of(hit.word, "mild", _is_mild_there)
        )

    def is_name(self, hit: _Hit, plain: str) -> bool:
        """Whether it is written as a name, behind an English word that a name follows."""
        return plain[hit.start : hit.end] in self._names and follows_naming(plain, hit.start)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(map(fold, capitalised(self._typed)))

    @cached_property
    def _baring(self) -> frozenset[str]:
        """The languages in which clothes are left away."""
        return frozenset(hit.word.language for hit in self._hits if hit.word.away)

    def confirms(self, hit: _Hit) -> bool:
        """Whether one of the same language stands near."""
        return self._is_near(hit, self._places_for(hit.word))

    def names_somebody(self, hit: _Hit) -> bool:
        """Whether a person of English or Korean stands near."""
        return self._is_near(hit, self._outsiders)

    def is_alone(self, word: Word) -> bool:
        """Whether nothing in the text could take a doubt about this word away."""
        return not (self._places_for(word)[0] or self._outsiders[0])

    def leaves_in_doubt(self, hit: _Hit) -> bool:
        """Whether a weak word stands here as alone as it did before."""
        return not (self.confirms(hit) or self.names_somebody(hit))

    @cached_property
    def _outsiders(self) -> tuple[list[int], list[int]]:
        others = self._of_language.get(_OUTSIDE, [])
        return [hit.start for hit in others], sorted(hit.end for hit in others)

    @staticmethod
    def _is_near(hit: _Hit, places: tuple[list[int], list[int]]) -> bool:
        near = _NEAR_SOLID if hit.word.solid else _NEAR
        if hit.word.kind in _NEARER:
            near = min(near, _NEARER[hit.word.kind])
        starts, ends = places
        after = bisect_left(starts, hit.end)
        before = bisect_right(ends, hit.start) - 1
        return (after < len(starts) and starts[after] - hit.end <= near) or (
            before >= 0 and hit.start - ends[before] <= near
        )

    def _places_for(self, word: Word) -> tuple[list[int], list[int]]:
        return self._places_of(word, word.line, _supports)

    def _places_of(
        self, word: Word, key: str, tells: Callable[[Word, Word], bool]
    ) -> tuple[list[int], list[int]]:
        if (word.language, key) not in self._places:
            others = [hit for hit in self._of_language[word.language] if tells(hit.word, word)]
            places = [hit.start for hit in others], sorted(hit.end for hit in others)
            self._places[word.language, key] = places
        return self._places[word.language, key]


def _is_mild_there(other: Word, _: Word) -> bool:
    return other.kind is Kind.SEXUAL_MILD


def _supports(other: Word, word: Word) -> bool:
    """Whether a word bears another of its language out."""
    if other.line == word.line:
        return False
    if word.kind in _SEXUAL:
        return other.person or other.kind in _SEXUAL or other.kind in _YOUNG
    if word.kind in _BORNE_OUT:
        somebody = other.person or other.kind in _YOUNG
        return other.bears_out is word.kind or (somebody and word.kind is Kind.CRUELTY)
    if word.kind in _YOUNG:
        return other.kind in _SEXUAL or other.kind is Kind.GORE or other.kind in _YOUNG
    return other.kind is word.kind


def _meaning(hit: _Hit, kind: Kind, beside: _Beside, plain: str) -> Finding | None:
    """What a word means; a weak one alone in its language is nudity beside an English or Korean person."""
    if not hit.word.weak or beside.confirms(hit):
        return _finding(hit, kind, plain)
    if kind not in _SEXUAL:
        return _finding(hit, kind, plain, certain=False) if beside.hints(hit) else None
    if beside.is_name(hit, plain):
        return None
    if hit.word.at_home:
        behind_the_young = ends_behind_the_young(plain, hit.start, hit.end)
        return _finding(hit, kind, plain, in_doubt=True) if behind_the_young else None
    if not beside.names_somebody(hit):
        return _finding(hit, kind, plain, in_doubt=True)
    return _finding(hit, Kind.NUDITY, plain, certain=kind is Kind.NUDITY)


def _outsider(term: str) -> Word:
    """A person of English or Korean, whose words the lexicon knows."""
    plain = fold(term)
    return Word(
        kind=None, language=_OUTSIDE, marked=plain, plain=plain, line=term, person=True,
        solid=not plain.isascii(),
    )  # fmt: skip


def _finding(hit: _Hit, kind: Kind, plain: str, *, certain: bool = True, in_doubt: bool = False) -> Finding:
    word = hit.word
    return Finding(
        kind=kind, language=word.language, start=hit.start, end=hit.end,
        text=plain[hit.start : hit.end], rule=word.line, certain=certain, in_doubt=in_doubt,
    )  # fmt: skip


def _begins(word: Word, plain: str, start: int) -> bool:
    before = plain[start - 1 : start]
    if before in _GAPS:
        return True
    if word.solid:
        return not (before.isascii() and before.isalnum() and word.plain[0].isascii())
    if not _in_word(before):
        return True
    if word.language != "ar":
        return False
    first = start
    while first and start - first <= _ARABIC_LONGEST and _in_word(plain[first - 1]):
        first -= 1
    return plain[first:start] in _ARABIC_BEFORE


def _end(word: Word, plain: str, end: int) -> int:
    """Where the word ends, or 0 where it goes on and is another."""
    if word.solid:
        after = plain[end : end + 1]
        return 0 if after.isascii() and after.isalnum() and plain[end - 1].isascii() else end
    first = end
    while end < len(plain) and end - first <= _ENDS_MAX and _in_word(plain[end]):
        end += 1
    return end if end == first or word.opened else 0


def _in_word(letter: str) -> bool:
    return letter.isalnum() or (not letter.isascii() and unicodedata.category(letter)[0] == "M")


def _spelled(word: Word, marked: str) -> bool:
    """Whether the letters bear its marks, or none where that is allowed; never those of another word."""
    if marked == word.marked:
        return True
    return not word.marks and all(
        there in (mine, bare) for there, mine, bare in zip(marked, word.marked, word.plain, strict=True)
    )


def load() -> Tongues:
    """All languages that have a page."""
    persons = expand(terms_of("person", data("words.toml")["groups"]))
    with kept():
        return Tongues(pages(), words(), persons=[term for term in persons if term not in _ELSEWHERE])
