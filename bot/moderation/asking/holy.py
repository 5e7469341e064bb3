"""Holy pictures, whose child is bare and meant so: the Madonna with the naked infant, and no "naked child, Jesus"."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

_CHILDREN = frozenset({"infant", "child", "baby", "christ", "infants"})
_OTHERS = frozenset({"girl", "boy", "girls", "boys", "model", "of", "from"})
_NAMES = [["jesus"], ["christ"]]
_THE_ONE = [["the"], ["her"], ["his"]]


def is_holy(words: Sequence[str], sets: Mapping[str, AbstractSet[str]]) -> bool:
    """Whether a text speaks of such a picture; a photograph is none, nor is anybody who is named Mary."""
    if not sets["not_holy"].isdisjoint(words):
        return False
    text = f" {' '.join(words)} "
    return any(f" {entry} " in text for entry in sets["holy"])


def is_holy_child(words: Sequence[str], bare: int) -> bool:
    """Whether what is said to be bare at this place is that child, or a child beside."""
    child, name = words[bare + 1 : bare + 2], words[bare + 2 : bare + 3]
    if _CHILDREN.isdisjoint(child) or not _OTHERS.isdisjoint(name):
        return False
    return child == ["christ"] or name in _NAMES or words[bare - 1 : bare] in _THE_ONE
