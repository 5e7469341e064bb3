"""Where Korean words begin: a short listed word inside a longer one is met by chance (성교 in 여성교사)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.moderation.reading.hangul import is_syllables

_KEPT = 4096  # answers
_NO_SYLLABLES = re.compile("[^가-힣]+")
_LONGEST = 8  # syllables of a word that stands before another


class Edges:
    """Knows the words that count only where a word begins, and what may stand before them without a space."""

    def __init__(
        self, edged: Iterable[str] = (), *, before: Iterable[str] = (), particles: Iterable[str] = ()
    ) -> None:
        self.edged = frozenset(edged)
        self._before = frozenset(word for word in before if len(word) <= _LONGEST and is_syllables(word))
        self._particles = frozenset(("", *particles))
        self._may_end = lru_cache(maxsize=_KEPT)(self._ends_before_another)

    def begins(self, line: str, start: int) -> bool:
        """Whether a word begins at this place of the line: behind a space, a sign, or a word that one knows."""
        before = line[max(0, start - _LONGEST) : start]
        return not "가" <= before[-1:] <= "힣" or self._may_end(before)

    def _ends_before_another(self, before: str) -> bool:
        letters = _NO_SYLLABLES.split(before)[-1]
        known, places = self._before, range(len(letters))
        ends = [end for end in (*places[1:], len(letters)) if letters[end:] in self._particles]
        return any(letters[first:end] in known for end in ends for first in places[:end])
