"""What English around a word of another language makes of it: a name ("a woman named Nua"), or said of a child ("child nu")."""

from collections.abc import Iterator
from functools import cache

from bot.moderation.reading.terms import expand
from bot.moderation.reading.text import data

# Behind one of these a word with a capital is a name.
_NAMING = tuple(
    f" {word}"
    for word in ("named", "called", "in", "at", "near", "from", "of", "by", "to", "mr", "ms", "mrs", "st")
)
_AROUND = ".,;:!?()\"'"
_CLOSES = (",", ".", ";", ":", "!", " on ", " in ", " at ", " and ", " with ", " by ")
_NAMING_MAX = 12  # letters of such a word, with the gaps around it
_YOUNG_MAX = 32  # letters of a word for somebody young


def follows_naming(plain: str, start: int) -> bool:
    """Whether a word that a name follows stands right before this place."""
    return plain[max(0, start - _NAMING_MAX) : start].rstrip().endswith(_NAMING)


def capitalised(typed: str) -> Iterator[str]:
    """The words that were typed as names are."""
    return (word.strip(_AROUND) for word in typed.split() if word.strip(_AROUND).istitle())


def closes(plain: str, end: int) -> bool:
    """Whether nothing goes on with what ends here."""
    return end == len(plain) or plain.startswith(_CLOSES, end)


def ends_behind_the_young(plain: str, start: int, end: int) -> bool:
    """Whether what stands here is said of somebody surely young right before it, and nothing goes on with it."""
    if not closes(plain, end):
        return False
    before = f" {plain[max(0, start - _YOUNG_MAX) : start]}".rstrip(" ,")
    terms, last_words = _young()
    return before[before.rfind(" ") + 1 :] in last_words and before.endswith(terms)


@cache
def _young() -> tuple[tuple[str, ...], frozenset[str]]:
    """Terms, each behind what may stand before it, and their last words, by which nearly all texts are told apart."""
    terms = [term for term in expand(data("minors.toml")["groups"]["youth_certain"]) if term.isascii()]
    return tuple(f" {term}" for term in terms), frozenset(term.split()[-1] for term in terms)
