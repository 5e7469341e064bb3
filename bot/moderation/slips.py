"""Undoes slips in words of other languages: a letter written twice, a doubled one written once (`nakkte`, `dessnuda`).

A word that one knows is what it says, of whatever language: `data/near.txt` holds those that are as near. Linear in the
text's length; nearly every text has no such word, which a look at its words tells.
"""

import re
from functools import cache, lru_cache

from bot.moderation.letters import fold
from bot.moderation.pages import Word, words
from bot.moderation.text import word_list

_DOUBLED = re.compile(r"([^\W\d_])\1+")
_LETTERS = re.compile(r"[^\W\d_]+")
_WRITTEN_ONCE_OR_TWICE = re.compile(r"[a-zа-я]+")  # scripts in which people slip so
_SHORTEST = 3  # letters of a listed word
_LONGEST = 32  # letters of one, with a slip
_KEPT = 1 << 14  # words whose answer is kept


def unslipped(text: str) -> str:
    """The text with such words as they were meant."""
    said = set(_LETTERS.findall(text.lower() if text.isascii() else fold(text)))
    return _LETTERS.sub(_as_meant, text) if any(map(_meant, filter(_could_be_listed, said))) else text


def _could_be_listed(word: str) -> bool:
    return len(word) <= _LONGEST


def _as_meant(match: re.Match[str]) -> str:
    word = fold(match.group())
    return (_could_be_listed(word) and _meant(word)) or match.group()


@lru_cache(maxsize=_KEPT)
def _meant(word: str) -> str:
    """The listed word that this one is a slip of; nothing, where it is what it says."""
    meant, known = _tables()
    return "" if word in known else meant.get(_key(word), "")


def _key(word: str) -> str:
    """What slips leave of a word."""
    return _DOUBLED.sub(r"\1", word.replace("ck", "k"))


@cache
def _tables() -> tuple[dict[str, str], frozenset[str]]:
    """What keys stand for, and the words that are what they say."""
    every = [word for word in words() if _slips(word)]
    meant: dict[str, str] = {}
    for word in every:
        if word.kind and len(word.plain) >= _SHORTEST:
            meant.setdefault(_key(word.plain), word.marked)
    return meant, frozenset((*(word.plain for word in every), *word_list("near.txt")))


def _slips(word: Word) -> bool:
    return not word.solid and _WRITTEN_ONCE_OR_TWICE.fullmatch(word.plain) is not None
