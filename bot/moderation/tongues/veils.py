"""Undoes what hides a word of another language: letters apart or drawn out, digits, signs and stars among letters, v for u, look-alikes, slips.

English and Korean have finer ways (text, spelling); here the text stays in its own letters, so that marks and
scripts say what they say. Linear in the text's length.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.moderation.tongues.slips import LETTERS, meant, unslipped, unstarred

_KEPT = 1 << 14  # words that were looked at
_WORD_MAX = 32  # letters of one that is kept
# What is quick to find before that: a letter between two like gaps, and one behind the second.
_MAY_BE_APART = re.compile(r"([ .\-_*·•・])[^\W\d_]\1[^\W_](?![^\W_])")
_HIDING = re.compile(r"[*@$!\d](?:(?<=[*@$!])|(?<=[^\W\d_]\d))")  # a sign for a letter, or a digit behind one
_APART = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .\-_*·•・])[^\W\d_])(?:\1[^\W_])+(?![^\W_])")
# Solid scripts go on behind it: は・だ・かの女性.
_APART_SOLID = re.compile(r"(?<![^\W_])[ぁ-ヺ一-鿿](?:([ .\-_*·•・])[ぁ-ヺ一-鿿])(?:\1[ぁ-ヺ一-鿿])*")
_MIXED = re.compile(
    r"(?<![^\W_])[^\W\d_]+(?:(?:\d{1,2}[^\W\d_]+){1,3}[0134]?|(?<=[^\W\d_]{2})[0134])(?![^\W_])"
)
_STARRED = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:\*{1,2}[^\W\d_]+){1,2}(?![^\W\d_])")
_DIGIT = re.compile(r"\d")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_SIGNED = re.compile(r"(?<=[^\W\d_])(?:@|[$!](?=[^\W\d_]))")
_SIGNS = {"@": "a", "$": "s", "!": "i"}
_AS_U = re.compile(r"(?<=[bcdfghjklmnpqrstxyz])v(?=[bcdfghjklmnpqrstxyz])")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_BOTH = re.compile(r"(?<![^\W\d_])[^\W\d_]*(?:[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z])[^\W\d_]*")
_LATIN_DIGITS = str.maketrans("0134578", "oieastb")
_CYRILLIC_DIGITS = str.maketrans("03468", "озчбв")
_LATIN_LETTERS, _CYRILLIC_LETTERS = "aeopcxykmtbhAEOPCXYKMTBH", "аеорсхукмтвнАЕОРСХУКМТВН"
_TO_CYRILLIC = str.maketrans(_LATIN_LETTERS, _CYRILLIC_LETTERS)
_TO_LATIN = str.maketrans(_CYRILLIC_LETTERS, _LATIN_LETTERS)


def unveiled(text: str) -> str:
    """The text with such words as they were meant; nothing, where no word is hidden."""
    shown = _APART.sub(_closed, text) if _MAY_BE_APART.search(text) else text
    if shown.isascii() and not _HIDING.search(shown) and _is_plain(LETTERS.findall(shown)):
        return "" if shown == text else shown
    if not shown.isascii():
        shown = _APART_SOLID.sub(_closed, shown)
    shown = _DRAWN_OUT.sub(r"\1", shown)
    if "*" in shown:
        shown = _STARRED.sub(unstarred, shown)
    if "@" in shown or "$" in shown or "!" in shown:
        shown = _SIGNED.sub(_letter, shown)
    if _DIGIT.search(shown):
        shown = _MIXED.sub(_lettered, shown)
    if not shown.isascii():
        shown = _BOTH.sub(_of_one_script, shown)
    if "v" in shown:
        shown = _AS_U.sub("u", shown)
    shown = unslipped(shown)
    return "" if shown == text else shown


def _is_plain(words: Sequence[str]) -> bool:
    """Whether there is nothing to undo in words of Latin letters alone."""
    return max(map(len, words), default=0) <= _WORD_MAX and all(map(_hides_nothing, words))


@lru_cache(maxsize=_KEPT)
def _hides_nothing(word: str) -> bool:
    return not (_DRAWN_OUT.search(word) or _AS_U.search(word) or meant(word.lower()))


def _closed(match: re.Match[str]) -> str:
    return match.group().replace(match[1], "")


def _letter(match: re.Match[str]) -> str:
    return _SIGNS[match.group()]


def _lettered(match: re.Match[str]) -> str:
    table = _CYRILLIC_DIGITS if _CYRILLIC.search(match.group()) else _LATIN_DIGITS
    return match.group().translate(table)


def _of_one_script(match: re.Match[str]) -> str:
    """A word of Latin and Cyrillic letters in those that most of it is written in."""
    word = match.group()
    is_cyrillic = len(_CYRILLIC.findall(word)) >= len(_LATIN.findall(word))
    return word.translate(_TO_CYRILLIC if is_cyrillic else _TO_LATIN)
