"""What English around a word of another language makes of it: a name ("a woman named Nua"), or said of a child ("child nu")."""

from collections.abc import Iterator
from functools import cache

from bot.moderation.terms import expand
from bot.moderation.text import data

# Behind one of these a word with a capital is a name.
_NAMING = tuple(
    f" {word}"
    for word in ("named", "called", "in", "at", "near", "from", "of", "by", "to", "mr", "ms", "mrs", "st")
)
_AROUND = ".,;:!?()\"'"
_CLOSES = (",", ".", ";", ":", "!", " on ", " in ", " at ", " and ", " with ", " by ")
_YOUNG_MAX = 32  # letters of a word for somebody young


def follows_naming(plain: str, start: int) -> bool:
    """Whether a word that a name follows stands right before this place."""
    return plain[:start].rstrip().endswith(_NAMING)


def capitalised(typed: str) -> Iterator[str]:
    """The words that were typed as names are."""
    return (word.strip(_AROUND) for word in typed.split() if word.strip(_AROUND).istitle())


def ends_behind_the_young(plain: str, start: int, end: int) -> bool:
    """Whether what stands here is said of somebody surely young right before it, and nothing goes on with it."""
    if end != len(plain) and not plain.startswith(_CLOSES, end):
        return False
    return f" {plain[max(0, start - _YOUNG_MAX) : start]}".rstrip(" ,").endswith(_young())


@cache
def _young() -> tuple[str, ...]:
    terms = expand(data("minors.toml")["groups"]["youth_certain"])
    return tuple(f"{before}{term}" for term in terms if term.isascii() for before in (" ", ","))
