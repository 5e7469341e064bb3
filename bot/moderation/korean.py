"""Where Korean words begin: a short listed word inside a longer one is met by chance (성교 in 여성교사)."""

from collections.abc import Iterable

from bot.moderation.hangul import is_syllables

_LONGEST = 8  # syllables of a word that stands before another


class Edges:
    """Knows the words that count only where a word begins, and what may stand before them without a space."""

    def __init__(
        self, edged: Iterable[str] = (), *, before: Iterable[str] = (), particles: Iterable[str] = ()
    ) -> None:
        self.edged = frozenset(edged)
        self._before = frozenset(word for word in before if len(word) <= _LONGEST and is_syllables(word))
        self._particles = ("", *particles)

    def begins(self, line: str, start: int) -> bool:
        """Whether a word begins at this place of the line: behind a space, a sign, or a word that one knows."""
        first = start
        while first > start - _LONGEST and first and "가" <= line[first - 1] <= "힣":
            first -= 1
        if first == start:
            return True
        return any(self._known(line[first:start].removesuffix(particle)) for particle in self._particles)

    def _known(self, letters: str) -> bool:
        return any(letters[place:] in self._before for place in range(len(letters)))
