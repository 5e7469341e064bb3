"""Listed words that are names, or say nothing alone: "Alan Cumming", "Dick", "an erection", and no "Dick pic".

A name is told by its capital and by what stands before it. Linear in the text's length.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

_AROUND = " .,;:!?()\"'“”‘’\n"
_ARTICLES = ("a ", "an ", "the ")
# Behind a name in a text whose words all have capitals these go on with a deed: "Jack Cumming On Her".
_GOES_ON = frozenset({"On", "In", "Inside", "Over", "All", "Out", "Into", "Hard", "From", "Onto"})
_NAMING = ("of", "named", "called", "by")


def says_nothing_alone(text: str, sets: Mapping[str, AbstractSet[str]]) -> bool:
    """Whether all that stands there is a name, or a word that asks for a refused picture only beside others."""
    alone = text.strip(_AROUND)
    if alone in sets["named"]:
        return True
    word = alone.lower()
    article = next(filter(word.startswith, _ARTICLES), "")
    return word.removeprefix(article) in sets["nothing_alone"]


def names_in(typed: Sequence[str], sets: Mapping[str, AbstractSet[str]]) -> Iterator[int]:
    """The places of listed words that are somebody's name, among the words and signs as they were typed."""
    for place, word in enumerate(typed):
        if word not in sets["named"]:
            continue
        before = [one for one in typed[max(0, place - 2) : place] if one != "."][-1:]
        behind = typed[place + 1 : place + 2]
        is_called_so = before and before[0] in _NAMING and not behind
        if is_called_so or (not sets["before_names"].isdisjoint(before) and _GOES_ON.isdisjoint(behind)):
            yield place
