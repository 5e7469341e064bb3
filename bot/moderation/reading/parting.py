"""Parts letters that run together into the words that one knows, leaving as few letters over as it can."""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from bot.moderation.reading.patterns import Patterns

_SHORTEST = 3  # letters of a word; shorter ones are in everything
_WHOLE_MIN = 6  # letters that may be several words, if nothing is left over
_LONG_MIN = 13  # long enough for several words run together
_KNOWN = 0.8  # so much of these must be words that one knows
_TELLING = 5  # letters of a word that is in others for no chance
_BEST_MAX = 512  # letters that are parted in the best way; more of them in the next best
_LETTER_SCORE = 1 << 14  # more than the words of any text


class Parting:
    """Knows the words of one vocabulary, listed ones and common ones; built when letters first run together."""

    def __init__(self, known: Sequence[str], *, listed: Iterable[str], common: Collection[str]) -> None:
        """`known`: words and phrases that may stand there alone; `common`: those that may stand between others."""
        self._known = [word for word in known if len(word) >= _SHORTEST]
        self._listed = frozenset(listed)
        self._common = common

    @cached_property
    def _segments(self) -> Patterns[str]:
        return Patterns(run_together((*self._known, *self._common)))

    @cached_property
    def _other(self) -> dict[str, str]:
        """Common words, and what they are among those that one knows: these letters as other words, or nothing."""
        own = run_together(self._known)
        every = run_together(self._common)
        return {word: own.get(letters, "") for letters, word in every.items() if own.get(letters) != word}

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(word.replace(" ", "")[:_SHORTEST] for word in self._known)

    @cached_property
    def _ends(self) -> frozenset[str]:
        return frozenset(word.replace(" ", "")[-_SHORTEST:] for word in self._known)

    def words_in(self, letters: str) -> str:
        """The words in letters run together, if these are many or nothing is left over; or nothing."""
        if len(letters) < _WHOLE_MIN:
            return ""
        is_long = len(letters) >= _LONG_MIN
        if not is_long and not (letters[:_SHORTEST] in self._heads and letters[-_SHORTEST:] in self._ends):
            return ""
        covered, words = self.best(letters)
        if covered == len(letters):
            return words
        if not is_long or covered >= len(letters) * _KNOWN:
            return words if is_long else ""
        # Much of it says nothing: a short word in it is there by chance, a long one is not.
        return " ".join(word for word in words.split() if len(word) >= _TELLING and word in self._listed)

    def best(self, letters: str) -> tuple[int, str]:
        """The known words in letters run together that leave the fewest letters over; with how many they are."""
        if len(letters) < _SHORTEST:
            return 0, ""
        if len(letters) > _BEST_MAX:
            longest = _longest(self._segments.in_text(letters))
            return sum(map(len, longest)), " ".join(longest)
        ends = self._by_end(letters)
        return _walked_back(letters, ends) if ends else (0, "")

    def _by_end(self, letters: str) -> dict[int, list[tuple[int, str]]]:
        """The known words in the letters, with how long they are, by where they end."""
        is_long = len(letters) >= _LONG_MIN
        ends: dict[int, list[tuple[int, str]]] = {}
        for start, end, any_word in self._segments.in_text(letters):
            if word := any_word if is_long else self._other.get(any_word, any_word):
                ends.setdefault(end, []).append((end - start, word))
        return ends


def run_together(words: Iterable[str]) -> dict[str, str]:
    """Words and phrases by their letters without spaces."""
    return {word.replace(" ", ""): word for word in words}


def _walked_back(letters: str, ends: dict[int, list[tuple[int, str]]]) -> tuple[int, str]:
    # Of two ways that cover as many letters the one with fewer words is meant.
    scores = [0] * (len(letters) + 1)
    chosen: list[tuple[int, str]] = [(1, "")] * (len(letters) + 1)
    for end in range(1, len(letters) + 1):
        scores[end] = scores[end - 1]
        for length, word in ends.get(end, ()):
            score = scores[end - length] + length * _LETTER_SCORE - 1
            if score > scores[end]:
                scores[end] = score
                chosen[end] = (length, word)
    words, end, rest = [], len(letters), len(letters)
    while end > 0:
        length, word = chosen[end]
        end -= length
        if word:
            words += [letters[end + length : rest], word]
            rest = end
    words += [letters[:rest]] if words else []
    return -(-scores[-1] // _LETTER_SCORE), " ".join(filter(None, reversed(words)))


def _longest(found: Iterable[tuple[int, int, str]]) -> list[str]:
    """Of what stands there those that begin first, the longest of them, one behind the other."""
    longest, place = [], 0
    for start, end, word in sorted(found, key=lambda one: (one[0], -one[1])):
        if start >= place:
            longest.append(word)
            place = end
    return longest
