"""How whole texts are turned, and turned back: backwards, ROT13, pig Latin."""

import codecs
from collections.abc import Callable, Iterable

_CODED_MIN = 4  # letters of a word that is known turned; shorter ones are too many other things
_DIGITS = "0123456789"


def aliases_of(words: Iterable[str], coded: Iterable[str]) -> dict[str, str]:
    """Forms that stand for a word in a text that is turned as a whole: backwards, ROT13, pig Latin."""
    short = frozenset(coded)
    found: dict[str, str] = {}
    for word in words:
        if not word.isalpha() or (len(word) < _CODED_MIN and word not in short):
            continue
        for turn in TURNS:
            found.setdefault(turn(word), word)
    return found


def behind_number(word: str, back: Callable[[str], str]) -> str:
    """The letters turned back, a number before them left: 15ry is 15yr."""
    letters = word.lstrip(_DIGITS)
    return word[: len(word) - len(letters)] + (back(letters) if letters else "")


def _backwards(word: str) -> str:
    return word[::-1]


def _rot13(word: str) -> str:
    return codecs.encode(word, "rot13")


def _pig_latin(word: str) -> str:
    return f"{word[1:]}{word[0]}ay"


def _from_pig_latin(word: str) -> str:
    return word[-3] + word[:-3] if len(word) > len("ay") and word.endswith("ay") else word


# How whole texts are turned, and turned back.
TURNS: dict[Callable[[str], str], Callable[[str], str]] = {
    _backwards: _backwards,
    _rot13: _rot13,
    _pig_latin: _from_pig_latin,
}
