"""Closes words that were cut: `na ked`, and no "the pen is red"."""

from collections.abc import Iterable, Mapping, Sequence
from operator import add

_JOINED_MIN = 2  # letters of a word that may have been cut in two
_PIECES_MAX = 3  # of a word that was cut
_FEW = 8  # words that are looked for before any pieces
_KNOWN_SCORE = 8  # for each letter of a known word; more than pieces


class Cuts:
    """Knows the words of one vocabulary by their pieces."""

    def __init__(self, words: Iterable[str], *, alone: Iterable[str], never: Iterable[str]) -> None:
        """`alone`: those that are listed as they stand; `never`: innocent phrases that would be taken for a word."""
        self._joinable = frozenset(w for w in words if len(w) >= _JOINED_MIN and not w.isdigit())
        self._few = self._joinable if len(self._joinable) <= _FEW else ()  # as a community's own
        self._alone = frozenset(alone)
        self._never = frozenset(phrase for phrase in never if " " in phrase)

    def closed(self, words: Sequence[str]) -> list[str]:
        """Closes words that were cut; pieces that are listed themselves are kept, at the end."""
        if self._few and not any(map("".join(words).__contains__, self._few)):
            return list(words)
        ways = self._ways(words)
        if not ways:
            return list(words)
        whole: list[str] = []
        pieces: list[str] = []
        place = 0
        joins = self._joins(words, ways)
        several = sum(step - 1 for _, step in joins) > 1
        for first, step in joins:
            whole += words[place:first]
            place = first + step
            cut = words[first:place]
            if not several and " ".join(cut) in self._never:
                whole += cut  # "the pen is red"; but a text that is cut elsewhere, too, means it
                continue
            whole.append("".join(cut))
            pieces += [piece for piece in cut if piece in self._joinable]
        return [*whole, *words[place:], *pieces]

    def _ways(self, words: Sequence[str]) -> dict[int, list[tuple[int, str]]]:
        """Where two or three pieces make a known word: how many, and which; in nearly no text any do."""
        known = self._joinable
        twos = list(map(add, words, words[1:]))
        if known.isdisjoint(twos) and known.isdisjoint(map(add, twos, words[2:])):
            return {}
        threes = map(add, twos, words[2:])
        found: dict[int, list[tuple[int, str]]] = {}
        for steps, joined in ((2, twos), (_PIECES_MAX, threes)):
            for place, word in enumerate(joined):
                if word in known:
                    found.setdefault(place, []).append((steps, word))
        return dict(sorted(found.items()))

    def _joins(
        self, words: Sequence[str], ways: Mapping[int, Iterable[tuple[int, str]]]
    ) -> list[tuple[int, int]]:
        """Where pieces belong together and how many, from the front on, so that most letters are in known words."""
        count = len(words)
        # What is won by joining, from each place on.
        won, steps = [0] * (count + _PIECES_MAX), [1] * count
        for place in reversed(range(count)):
            won[place] = won[place + 1]
            for step, joined in ways.get(place, ()):
                score = won[place + step] + self._joining(words[place : place + step], joined)
                if score > won[place]:
                    won[place], steps[place] = score, step
        return _from_front(ways, steps)

    def _joining(self, pieces: Sequence[str], joined: str) -> int:
        """What is won by it: a word more is worth more than a piece more; "child s ex" is no "childs ex"."""
        apart = sum(len(piece) for piece in pieces if piece in self._joinable)
        return _KNOWN_SCORE * (len(joined) - apart) - len(pieces) + 1 + len(pieces) * (joined in self._alone)


def _from_front(places: Iterable[int], steps: Sequence[int]) -> list[tuple[int, int]]:
    """Of the joins at these places, in their order, those that are walked."""
    walked, reached = [], 0
    for place in places:
        if place >= reached and steps[place] > 1:
            walked.append((place, steps[place]))
            reached = place + steps[place]
    return walked
