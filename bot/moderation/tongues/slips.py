"""Undoes slips in words of other languages: a letter written twice, a doubled one written once (`nakkte`, `dessnuda`).

A word that one knows is what it says, of whatever language: `data/near.txt` holds those that are as near. Linear in the
text's length; nearly every text has no such word, which a look at its words tells.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from bot.moderation.reading.letters import fold
from bot.moderation.reading.signs import squeeze
from bot.moderation.reading.text import word_list
from bot.moderation.tongues.pages import ListedLine, SpeltForm, every, listed

LETTERS = re.compile(r"[^\W\d_]+")
_WRITTEN_ONCE_OR_TWICE = re.compile(r"[a-zа-я]+")  # scripts in which people slip so
_SHORTEST = 3  # letters of a listed word
_LONGEST = 32  # letters of one, with a slip
_STARRED_MIN = 6  # letters of a listed word that is known with a star in it
_KEPT = 1 << 14  # words whose answer is kept


def unslipped(text: str) -> str:
    """The text with such words as they were meant."""
    said = set(LETTERS.findall(text.lower() if text.isascii() else fold(text)))
    return LETTERS.sub(_as_meant, text) if any(map(meant, filter(_could_be_listed, said))) else text


def _could_be_listed(word: str) -> bool:
    return len(word) <= _LONGEST


def _as_meant(match: re.Match[str]) -> str:
    word = fold(match.group())
    return (_could_be_listed(word) and meant(word)) or match.group()


@lru_cache(maxsize=_KEPT)
def meant(word: str) -> str:
    """The listed word that this one is a slip of; nothing, where it is what it says."""
    slips, known = _tables()
    return "" if word in known else slips.get(_key(word), "")


def unstarred(match: re.Match[str]) -> str:
    """A listed word of another language with stars for some of its letters, as it was meant: zerst*ckelt."""
    word = fold(match.group())
    if not _STARRED_MIN <= len(word) <= _LONGEST:
        return match.group()
    same = _by_edges().get((len(word), word[0], word[-1]), ())
    return next((form.marked for form in same if _fits(word, form.plain)), match.group())


def _fits(starred: str, plain: str) -> bool:
    return all(sign in ("*", letter) for sign, letter in zip(starred, plain, strict=True))


@cache
def _by_edges() -> dict[tuple[int, str, str], tuple[SpeltForm, ...]]:
    """Listed words by their length, first and last letter: few share these."""
    found: dict[tuple[int, str, str], tuple[SpeltForm, ...]] = {}
    for line in listed():
        for form in _slipped(line) if line.kind else ():
            if len(form.plain) >= _STARRED_MIN:
                edges = len(form.plain), form.plain[0], form.plain[-1]
                found[edges] = (*found.get(edges, ()), form)
    return found


def _key(word: str) -> str:
    """What slips leave of a word."""
    return squeeze(word.replace("ck", "k"))


@cache
def _tables() -> tuple[dict[str, str], frozenset[str]]:
    """What keys stand for, and the words that are what they say."""
    meant: dict[str, str] = {}
    known: set[str] = set(word_list("near.txt"))
    for line in every():
        for form in _slipped(line):
            known.add(form.plain)
            if line.kind and len(form.plain) >= _SHORTEST:
                meant.setdefault(_key(form.plain), form.marked)
    return meant, frozenset(known)


def _slipped(line: ListedLine) -> Iterator[SpeltForm]:
    """The forms of a line in which people slip so."""
    return (
        (form for form in line.forms() if _WRITTEN_ONCE_OR_TWICE.fullmatch(form.plain))
        if not line.solid
        else iter(())
    )
