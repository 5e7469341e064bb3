"""Whether nudity in a text is that of a work of art: the work is what is drawn, not what stands about."""

from bot.moderation.lexicon import Hit, Marked

# Behind one of these a work of art is a thing beside others: "in front of a painting", "next to a statue".
_PLACING = frozenset(
    {"front", "beside", "next", "near", "behind", "under", "against", "holding", "with", "at", "before"}
    | {"sketching", "drawing", "painting", "sculpting", "admiring", "viewing", "copying"}
)
_REACH = 4  # words between the placing one and the work
_BEGINNING = 3  # words of a text before which the work stands at its beginning


def is_of_art(line: Marked) -> bool:
    """Whether a work of art is the subject, and no photograph is asked for."""
    if any("photo" in hit.groups for hit in line.hits):
        return False
    return any("art" in hit.groups and not _stands_about(line, hit) for hit in line.hits)


def _stands_about(line: Marked, hit: Hit) -> bool:
    """Whether the work is a thing beside somebody, or no work but what somebody does: "a woman drawing in a studio"."""
    before, behind = line.text[: hit.start].split(), line.text[hit.end :].split()
    if not _PLACING.isdisjoint(before[-_REACH:]) or behind[:1] in _SCENERY:
        return True
    word = line.text[hit.start : hit.end].strip()
    done = word in _DOING and (behind[:1] in _DONE_TO or behind[:2] in _DONE_IN)
    return done and any("person" in other.groups and other.end == hit.start for other in line.hits)


_SCENERY = (["background"], ["backdrop"])
_DOING = ("drawing", "painting", "engraving", "etching")
_DONE_TO = (["a"], ["an"], ["the"], ["at"], ["her"], ["his"])
_DONE_IN = (["in", "a"], ["in", "the"], ["in", "her"], ["in", "his"], ["on", "a"], ["on", "the"])


def begins_with_art(line: Marked) -> bool:
    """Whether a text begins with the work: of words in other languages it isn't known which place a thing beside others."""
    return any(
        "art" in hit.groups and len(line.text[: hit.start].split(maxsplit=_BEGINNING)) < _BEGINNING
        for hit in line.hits
    )
