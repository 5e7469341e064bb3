"""Simple endings of a community's blocked words: pandas, flores, Katzen, панды. Korean particles need none of this.

What everybody knows as a word of its own is not more of another: news, planes beside plan.
"""

import re
from collections.abc import Collection, Iterator

_SHORTEST = 3  # letters of a word that more of is read
_SHORTEST_ELSEWHERE = 4  # the same in languages of which we know no words
_LATIN = re.compile(r"[^\W\d_а-яё]+", re.IGNORECASE)
_CYRILLIC = re.compile(r"[а-яё]+", re.IGNORECASE)
_HISSING = ("s", "x", "z", "ch", "sh")
_VOWELS = frozenset("aeiou")
# They look like more of what is a word, too: doe, mean, Han.
_NO_PLURALS = frozenset({"canvas", "does", "news", "means", "goods", "hans", "mars", "miles"})
_SPANISH = tuple("lnrdj")  # after these -es makes more of a word: flores
_AFTER = {  # last letter of a Russian word -> what may stand in its place
    "а": ("ы", "и", "у", "е", "ой", "ам", "ами", "ах", ""),
    "я": ("и", "ю", "е", "ей", "ям", "ями", "ях", "ь"),
    "о": ("а", "у", "ом", "е", "ам", "ами", "ах"),
    "ь": ("я", "и", "ю", "ем", "е", "ей", "ям", "ями", "ях"),
    "й": ("я", "и", "ю", "ем", "е", "ев", "ям", "ями", "ях"),
}
_AFTER_CONSONANT = ("а", "у", "ом", "е", "ы", "и", "ов", "ам", "ами", "ах")


def plurals(phrase: str, known: Collection[str]) -> Iterator[str]:
    """The phrase in the plural of English, French or Spanish; `known`: words that everybody knows, in small letters."""
    before, word = _parted(phrase)
    if len(word) >= _SHORTEST and _LATIN.fullmatch(word):
        yield from (before + form for form in _plurals(word) if not _is_another(form, word, known))


def others(phrase: str, known: Collection[str]) -> Iterator[str]:
    """The phrase with endings that may make another word of it, too: Spanish -es, German -n and -en, Russian ones."""
    before, word = _parted(phrase)
    if len(word) < _SHORTEST_ELSEWHERE:
        return
    if _CYRILLIC.fullmatch(word):
        stem = word[:-1] if word[-1] in _AFTER else word
        yield from (before + stem + ending for ending in _AFTER.get(word[-1], _AFTER_CONSONANT))
    elif _LATIN.fullmatch(word):
        forms = [f"{word}n" if word[-1] == "e" else f"{word}en"]
        forms += [f"{word}es"] if word.endswith(_SPANISH) else []
        forms += [f"{word[:-1]}ces"] if word[-1] == "z" else []
        yield from (before + form for form in forms if form not in known)


def _parted(phrase: str) -> tuple[str, str]:
    """What stands before the last word, and that word."""
    before, space, word = phrase.strip().lower().rpartition(" ")
    return before + space, word


def _plurals(word: str) -> Iterator[str]:
    if word.endswith(_HISSING):
        yield f"{word}es"
    elif word[-1] == "y" and word[-2] not in _VOWELS:
        yield f"{word[:-1]}ies"
    else:
        yield f"{word}s"
        if word[-1] == "o":
            yield f"{word}es"


def _is_another(form: str, word: str, known: Collection[str]) -> bool:
    """Whether this is no plural: news; canvas, as nobody knows a canva."""
    return form in _NO_PLURALS or (form in known and word not in known)
