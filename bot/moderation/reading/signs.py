"""What signs and digits in a word may stand for, whatever vocabulary it is read in; a word is looked at once."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from bot.moderation.reading import digits
from bot.moderation.reading.letters import Signs
from bot.moderation.reading.text import LETTER_SIGNS, data

_KEPT = 1 << 11  # words: those of the longest text, which one vocabulary after the other reads
_DOUBLED = re.compile(r"(.)\1")
_NO_SIGNS = Signs.fromkeys(map(ord, LETTER_SIGNS))
_DIGITS = "0123456789"
# A hash, a serial number, an id: more digits than one reads as letters.
_IDENTIFIER = re.compile(r"[0-9a-f]{7,}|(?=(?:\w*\d){4})\w*\d{3,}\w*")
_ALTERNATING = re.compile(r"[a-z](?:\d[a-z]){2,}")  # n1u2d3e
_ALTERNATING_MIN = 5
_STRETCHED_MIN = 4  # letters of a word of which some may be one too many
_AGED = re.compile(r"(1[0-7]|[1-9])([^\W\d_].*)")
_AGE_WORDS = frozenset({"age", "aged"})


class Odd(NamedTuple):
    """A word with digits, signs or foreign letters in it, taken apart."""

    forms: tuple[str, ...]  # whole, and without what stands around it
    stretched: tuple[tuple[str, str], ...]  # of those with doubled letters: as letters, and with single ones
    plain: str  # its signs as the likeliest letters
    bare: str  # without its signs; nothing, where these are none or all of it
    aged: tuple[str, str] | None  # an age and its unit, and no space between: 12yo
    age: str  # the same turned round, with a space: age 9
    said: tuple[str, ...]  # without the digits between letters, and with a digit as a syllable
    has_digits: bool
    is_id: bool


@lru_cache(maxsize=_KEPT)
def taken_apart(word: str) -> Odd:
    """What a word may be read as."""
    whole = dict.fromkeys((word, word.strip(LETTER_SIGNS), word.rstrip(_DIGITS)))
    plain, bare = word.translate(first_readings()), word.translate(_NO_SIGNS)
    has_digits = any(map(str.isdigit, word))
    is_id = has_digits and _IDENTIFIER.fullmatch(word) is not None
    aged = _AGED.fullmatch(word) if has_digits else None
    age = word.rstrip(_DIGITS)
    return Odd(
        forms=tuple(whole),
        stretched=tuple(map(_stretched, filter(_may_be_stretched, whole))) if _DOUBLED.search(word) else (),
        plain=plain,
        bare=bare if 1 < len(bare) < len(word) else "",
        aged=(aged[1], aged[2]) if aged else None,
        age=f"{age} {word[len(age) :]}" if age in _AGE_WORDS else "",
        said=tuple(_said(word)) if has_digits else (),
        has_digits=has_digits,
        is_id=is_id,
    )


def _may_be_stretched(word: str) -> bool:
    return len(word) >= _STRETCHED_MIN and _DOUBLED.search(word) is not None


def _stretched(word: str) -> tuple[str, str]:
    return word.translate(first_readings()), squeeze(word)


def _said(word: str) -> Iterator[str]:
    if len(word) >= _ALTERNATING_MIN and _ALTERNATING.fullmatch(word):
        yield re.sub(r"\d", "", word)
    yield from digits.heard(word)


def squeeze(word: str) -> str:
    """The word with each doubled letter once."""
    if not _DOUBLED.search(word):
        return word
    return "".join([letter for letter, after in zip(word, f"{word[1:]} ", strict=True) if letter != after])


def alike(word: str) -> str:
    """A word with one sign for all that may be read as each other."""
    return word.translate(_alike())


@cache
def readings() -> Mapping[str, str]:
    """Signs, and the letters that each may be, the likeliest first."""
    found: dict[str, str] = data("letters.toml")["readings"]
    return found


@cache
def first_readings() -> Signs:
    """Signs as their likeliest letters."""
    return Signs(
        (ord(sign), letters[0])
        for sign, letters in readings().items()
        if not sign.isascii() or not sign.isalpha()
    )


@cache
def _alike() -> dict[int, str]:
    """Signs and letters of ASCII that may be read as each other, all as one of them."""
    alike: dict[str, str] = {}
    for sign, letters in readings().items():
        if sign.isascii():
            same = {alike.get(one, one) for one in (sign, *letters)}
            whole = [one for one, first in alike.items() if first in same]
            alike |= dict.fromkeys((*whole, sign, *letters), min(same))
    return str.maketrans(alike)
