"""Whether nudity in a text is that of a work of art: the work is what is drawn, not what stands about."""

from bot.moderation.lexicon import Marked

# Behind one of these a work of art is a thing beside others: "in front of a painting", "next to a statue".
_PLACING = frozenset(
    {"front", "beside", "next", "near", "behind", "under", "against", "holding", "with", "at", "before"}
)
_REACH = 4  # words between the placing one and the work
_BEGINNING = 3  # words of a text before which the work stands at its beginning


def is_of_art(line: Marked) -> bool:
    """Whether a work of art is the subject, and no photograph is asked for."""
    if any("photo" in hit.groups for hit in line.hits):
        return False
    return any("art" in hit.groups and not _placed(line.text[: hit.start].split()) for hit in line.hits)


def _placed(before: list[str]) -> bool:
    return not _PLACING.isdisjoint(before[-_REACH:])


def begins_with_art(line: Marked) -> bool:
    """Whether a text begins with the work: of words in other languages it isn't known which place a thing beside others."""
    return any("art" in hit.groups and len(line.text[: hit.start].split()) < _BEGINNING for hit in line.hits)
