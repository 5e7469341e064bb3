"""Whether nudity in a text is that of a work of art: the work is what is drawn, not what stands about."""

from collections.abc import Set as AbstractSet

from bot.moderation.lexicon.lexicon import Hit, Marked

# Behind one of these a work of art is a thing beside others: "in front of a painting", "next to a statue".
_PLACING = frozenset(
    {"front", "beside", "next", "near", "behind", "under", "against", "holding", "with", "at", "before"}
    | {"sketching", "drawing", "painting", "sculpting", "admiring", "viewing", "copying"}
)
_REACH = 4  # words between the placing one and the work
_REACH_LETTERS = 120  # in which these are
_BEGINNING = 3  # words of a text before which the work stands at its beginning


def is_of_art(line: Marked) -> bool:
    """Whether a work of art is the subject, and no photograph is asked for."""
    if any("photo" in hit.groups for hit in line.hits):
        return False
    persons_end = {hit.end for hit in line.hits_of("person")}
    return any(not _stands_about(line.text, hit, persons_end) for hit in line.hits_of("art"))


def _stands_about(text: str, hit: Hit, persons_end: AbstractSet[int]) -> bool:
    """Whether the work is a thing beside somebody, or no work but what somebody does: "a woman drawing in a studio"."""
    before = text[max(0, hit.start - _REACH_LETTERS) : hit.start].split()
    behind = text[hit.end : hit.end + _REACH_LETTERS].split()
    if not _PLACING.isdisjoint(before[-_REACH:]) or behind[:1] in _SCENERY:
        return True
    word = text[hit.start : hit.end].strip()
    done = word in _DOING and (behind[:1] in _DONE_TO or behind[:2] in _DONE_IN)
    return done and hit.start in persons_end


_SCENERY = (["background"], ["backdrop"])
_DOING = ("drawing", "painting", "engraving", "etching")
_DONE_TO = (["a"], ["an"], ["the"], ["at"], ["her"], ["his"])
_DONE_IN = (["in", "a"], ["in", "the"], ["in", "her"], ["in", "his"], ["on", "a"], ["on", "the"])


def begins_with_art(line: Marked) -> bool:
    """Whether a text begins with the work: of words in other languages it isn't known which place a thing beside others."""
    first = line.text.split(maxsplit=_BEGINNING)[: _BEGINNING - 1]
    last_begins = sum(map(len, first)) + _BEGINNING
    return any("art" in hit.groups and hit.start <= last_begins for hit in line.hits)
