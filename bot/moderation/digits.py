"""What digits in a word say: a syllable (`masturb8ing`), or nothing, where one is left over (`p0r7n`)."""

from collections.abc import Iterator
from functools import cache

from bot.moderation.text import data

_LEAST = 5  # signs of a word in which a digit may say nothing


def heard(word: str) -> Iterator[str]:
    """The word with a digit as the syllables that it sounds like."""
    for digit, sounds in _sounds().items():
        if digit in word:
            yield from (word.replace(digit, sound) for sound in sounds)


def but_one(word: str) -> Iterator[str]:
    """The word without each of the digits inside it."""
    for place in range(1, len(word) - 1) if len(word) >= _LEAST else ():
        if word[place].isdigit():
            yield word[:place] + word[place + 1 :]


@cache
def _sounds() -> dict[str, list[str]]:
    sounds: dict[str, list[str]] = data("letters.toml")["sounds"]
    return sounds
