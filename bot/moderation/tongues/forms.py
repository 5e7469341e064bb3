"""Where the words of other languages stand in a text: their forms are found by one automaton, and looked at closely there."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.letters import BLANKS, SIGN, clean, without_marks
from bot.moderation.reading.patterns import Patterns
from bot.moderation.tongues.pages import ListedLine

_TELLS_NOTHING = frozenset({None, Kind.TAUGHT})
_ARABIC = "ar"
_ARABIC_BEFORE = frozenset({"ال", "و", "ب", "ل", "ف", "ك", "وال", "بال", "لل", "فال", "كال"})
_ARABIC_LONGEST = max(map(len, _ARABIC_BEFORE))
_GAPS = ("", " ")
_ENDS_MAX = 12  # letters that a star stands for


class Folded(NamedTuple):
    """A text as it is looked through; a letter has the same place in each."""

    marked: str
    plain: str  # without marks
    parted: (
        str  # one place later: behind a blank, with one for each sign, so that words begin where patterns do
    )


def folded(text: str) -> Folded:
    """A text in small letters, in all three ways."""
    marked = clean(text)
    plain = without_marks(marked)
    return Folded(marked, plain, f" {plain.translate(BLANKS)}")


class FormHit(NamedTuple):
    """Where a form of a line stands."""

    line: ListedLine
    kind: (
        Kind | None
    )  # none: an innocent neighbour, what bears out others, or a person whom English calls so, too
    plain: str  # the form, without what follows an open one
    start: int
    end: int


class _Looked(NamedTuple):
    """A form that is looked for."""

    line: ListedLine
    kind: Kind | None
    marked: str  # with its marks and signs; nothing, where it has none
    opened: bool
    gapless: bool  # whether it is looked for without a blank before it: also behind an Arabic article


class _Known(NamedTuple):
    """The forms that are looked for as one, and whether one of them tells of something."""

    looked: tuple[_Looked, ...]
    tells: bool

    def also(self, other: "_Known") -> "_Known":
        return _Known(self.looked + other.looked, self.tells or other.tells)


Met = Sequence[tuple[int, int, _Known]]


class FormFinder:
    """All forms of some lines."""

    def __init__(self, lines: Iterable[ListedLine], *, outside: Collection[str] = ()) -> None:
        """`outside`: the persons whom the lexicon knows, as English calls them so."""
        found: dict[str, _Known] = {}
        for pattern, known in chain.from_iterable(_patterns(line, outside) for line in lines):
            if (same := found.setdefault(pattern, known)) is not known:
                found[pattern] = same.also(known)
        self._patterns = Patterns(found)

    def met(self, text: Folded) -> Met:
        """Where their letters are in a text."""
        return self._patterns.in_text(text.parted)


def tells(met: Met) -> bool:
    """Whether any of this tells of something, and not only how others are meant."""
    return any(known.tells for _, _, known in met)


def hits(met: Met, text: Folded) -> Iterator[FormHit]:
    """Of the forms whose letters were met in a text those that stand there."""
    marked, plain, parted = text
    without_signs = parted[1:] == marked
    for first, behind, known in met:
        last = behind - 1
        after = plain[last : last + 1]
        ends, ends_solid = after in _GAPS, not after.isascii()
        for line, kind, spelt, opened, gapless in known.looked:
            start, solid = first - gapless, line.solid
            end = last if ends or (ends_solid and solid) else _end(line, plain, last, opened=opened)
            before = plain[start - 1 : start]
            begins = before in _GAPS or (solid and not before.isascii())
            if end and (begins or _begins(line, plain, start)):
                if not (without_signs and not spelt):
                    there = marked[start:last]
                    if there != (spelt or parted[start + 1 : behind]) and not (
                        spelt and not line.marks and _bears_some(there, spelt)
                    ):
                        continue
                yield FormHit(line, kind, plain[start:last], start, end)


def _patterns(line: ListedLine, outside: Collection[str]) -> Iterable[tuple[str, _Known]]:
    """What is looked for of a line: words behind a blank, where words begin behind one."""
    gapless = line.solid or line.language == _ARABIC
    gap = "" if gapless else " "
    spelt = line.spelt()
    parted = _parted(spelt.values())
    alike = {  # without marks and signs
        kind: _Known((_Looked(line, kind, "", False, gapless),), kind not in _TELLS_NOTHING)
        for kind in (line.kind, Kind.SOMEBODY)
    }
    if parted == list(spelt) and not line.person:  # as most lines
        return zip(map(gap.__add__, parted), repeat(alike[line.kind]))
    found: list[tuple[str, _Known]] = []
    for (said, bare), blanked in zip(spelt.items(), parted, strict=True):
        opened = said.endswith("*")
        marked, plain, letters = (said[:-1], bare[:-1], blanked[:-1]) if opened else (said, bare, blanked)
        kind = Kind.SOMEBODY if line.person and plain not in outside else line.kind
        known = alike[kind]
        if opened or marked != letters:
            known = _Known((_Looked(line, kind, marked, opened, gapless),), known.tells)
        found.append((gap + letters, known))
    return found


def _parted(plains: Iterable[str]) -> list[str]:
    """Forms with blanks for their signs: many at once, since few have any."""
    lined = "\n".join(plains)
    return lined.translate(BLANKS).split("\n") if SIGN.search(lined) else list(plains)


def _bears_some(there: str, marked: str) -> bool:
    """Whether letters bear the marks of a word, or none; never those of another word."""
    return all(one in pair for one, *pair in zip(there, marked, without_marks(marked), strict=True))


def _begins(line: ListedLine, plain: str, start: int) -> bool:
    """Whether a word begins here, where there is no gap before it."""
    before = plain[start - 1 : start]
    if line.solid:
        return not (before.isascii() and before.isalnum() and plain[start].isascii())
    if not in_word(before):
        return True
    if line.language != _ARABIC:
        return False
    first = start
    while first and start - first <= _ARABIC_LONGEST and in_word(plain[first - 1]):
        first -= 1
    return plain[first:start] in _ARABIC_BEFORE


def _end(line: ListedLine, plain: str, end: int, *, opened: bool) -> int:
    """Where the word ends, or 0 where it goes on and is another."""
    if line.solid:
        after = plain[end : end + 1]
        return 0 if after.isascii() and after.isalnum() and plain[end - 1].isascii() else end
    if not opened:
        return 0 if end < len(plain) and in_word(plain[end]) else end
    first = end
    while end < len(plain) and end - first <= _ENDS_MAX and in_word(plain[end]):
        end += 1
    return end


def in_word(letter: str) -> bool:
    """Whether a letter, or a mark of one, is part of a word."""
    return letter.isalnum() or (not letter.isascii() and unicodedata.category(letter)[0] == "M")
