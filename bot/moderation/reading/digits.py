"""What digits in a word say: a syllable (`masturb8ing`), or nothing, where one is left over (`p0r7n`)."""

from collections.abc import Iterator
from functools import cache

from bot.moderation.reading.text import data

_LENGTHS = range(5, 17)  # signs of a word in which a digit may say nothing
_DIGITS_MAX = 3  # more are a number


def heard(word: str) -> Iterator[str]:
    """The word with a digit as the syllables that it sounds like."""
    for digit, sounds in _sounds().items():
        if digit in word:
            yield from (word.replace(digit, sound) for sound in sounds)


def but_one(word: str) -> Iterator[str]:
    """The word without each of the digits inside it."""
    if len(word) not in _LENGTHS:
        return
    places = [place for place, sign in enumerate(word) if sign.isdigit()]
    if len(places) <= _DIGITS_MAX:
        yield from (word[:place] + word[place + 1 :] for place in places if 0 < place < len(word) - 1)


@cache
def _sounds() -> dict[str, list[str]]:
    sounds: dict[str, list[str]] = data("letters.toml")["sounds"]
    return sounds
