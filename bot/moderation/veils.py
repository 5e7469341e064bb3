"""Undoes what hides a word of another language: letters apart, digits among letters, v for u as on old stones.

English and Korean have finer ways (text, spelling); here the text stays in its own letters, so that marks and
scripts say what they say.
"""

import re

_APART = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .\-_*·•])[^\W\d_])(?:\1[^\W_])+(?![^\W_])")
_MIXED = re.compile(r"(?<![^\W_])[^\W\d_]+(?:\d{1,2}[^\W\d_]+){1,3}(?![^\W_])")
_AS_U = re.compile(r"(?<=[bcdfghjklmnpqrstxyz])v(?=[bcdfghjklmnpqrstxyz])")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN_DIGITS = str.maketrans("0134578", "oieastb")
_CYRILLIC_DIGITS = str.maketrans("03468", "озчбв")
_DIGITS = re.compile(r"\d")


def unveiled(text: str) -> str:
    """The text with such words as they were meant; nothing, where no word is hidden."""
    shown = _APART.sub(_closed, text)
    if _DIGITS.search(shown):
        shown = _MIXED.sub(_lettered, shown)
    if "v" in shown:
        shown = _AS_U.sub("u", shown)
    return "" if shown == text else shown


def _closed(match: re.Match[str]) -> str:
    return match.group().replace(match[1], "")


def _lettered(match: re.Match[str]) -> str:
    table = _CYRILLIC_DIGITS if _CYRILLIC.search(match.group()) else _LATIN_DIGITS
    return match.group().translate(table)
