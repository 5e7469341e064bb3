"""Undoes slips in words of other languages: a letter written twice, a doubled one written once (`nakkte`, `dessnuda`).

A word that one knows is what it says, of whatever language: `data/near.txt` holds those that are as near. Linear in the
text's length; nearly every text has no such word, which a look at its words tells.
"""

import re
from functools import cache

from bot.moderation.letters import fold
from bot.moderation.pages import Word, forms, pages
from bot.moderation.text import word_list

_DOUBLED = re.compile(r"([^\W\d_])\1+")
_LETTERS = re.compile(r"[^\W\d_]+")
_WRITTEN_ONCE_OR_TWICE = re.compile(r"[a-zа-я]+")  # scripts in which people slip so
_SHORTEST = 3  # letters of a listed word


def unslipped(text: str) -> str:
    """The text with such words as they were meant."""
    meant, _ = _tables()
    if meant.keys().isdisjoint(_LETTERS.findall(_key(fold(text)))):
        return text
    return _LETTERS.sub(_meant, text)


def _meant(match: re.Match[str]) -> str:
    meant, known = _tables()
    word = fold(match.group())
    return match.group() if word in known else meant.get(_key(word), match.group())


def _key(word: str) -> str:
    """What slips leave of a word."""
    return _DOUBLED.sub(r"\1", word.replace("ck", "k"))


@cache
def _tables() -> tuple[dict[str, str], frozenset[str]]:
    """What keys stand for, and the words that are what they say."""
    every = [word for page in pages() for word in forms(page) if _slips(word)]
    meant: dict[str, str] = {}
    for word in every:
        if word.kind and len(word.plain) >= _SHORTEST:
            meant.setdefault(_key(word.plain), word.marked)
    return meant, frozenset((*(word.plain for word in every), *word_list("near.txt")))


def _slips(word: Word) -> bool:
    return not word.solid and _WRITTEN_ONCE_OR_TWICE.fullmatch(word.plain) is not None
