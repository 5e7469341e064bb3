"""Listed words that are names, or say nothing alone: "Alan Cumming", "Dick", "an erection", and no "Dick pic".

A name is told by its capital and by what stands before it; behind a title in small letters, too. Linear in the text's length.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile

_AROUND = " .,;:!?()\"'“”‘’\n"
_ARTICLES = ("a ", "an ", "the ")
# Behind a name in a text whose words all have capitals these go on with a deed: "Jack Cumming On Her".
_GOES_ON = frozenset({"On", "In", "Inside", "Over", "All", "Out", "Into", "Hard", "From", "Onto"})
# Small, too, where it goes on with somebody or a body; and what is said of no person.
_SOMEBODY = frozenset({"her", "him", "them", "me", "us", "you"})
_BODY = frozenset({"face", "faces", "mouth", "tits", "breasts", "chest", "belly", "lips", "body", "ass", "thighs", "tongue"})  # fmt: skip
_NO_NAMES = frozenset({"pic", "pics", "picture", "hard", "dripping", "spread", "spreading", "open", "wet", "only", "closeup", "close", "everywhere", "guts", "entrails", "bloody", "blood", "inside", "lying", "kneeling", "moaning", "naked", "exposed", "showing", "visible", "size", "out"})  # fmt: skip
_SIGNS = frozenset(",.;:!?()-–—\n")
_REACH = 5  # words and signs
_SEVERAL = 2
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
    surnames = sets["surnames"]
    if {name.casefold() for name in surnames}.isdisjoint(map(str.casefold, typed)):
        return
    for place, word in enumerate(typed):
        if word not in surnames and not (word.islower() and word.title() in surnames):
            continue
        before = [one for one in typed[max(0, place - 2) : place] if one != "."][-1:]
        small = word.islower() and not sets["titles"].isdisjoint(map(str.lower, before))
        if (word.title() if small else word) not in surnames:
            continue
        behind = typed[place + 1 : place + 2]
        if _is_a_deed(typed, place):
            continue
        is_called_so = before and before[0] in _NAMING and not behind
        if (
            is_called_so
            or small
            or (not sets["before_names"].isdisjoint(before) and _GOES_ON.isdisjoint(behind))
        ):
            yield place


def _is_a_deed(typed: Sequence[str], place: int) -> bool:
    """Whether what stands behind a name makes a deed or a body of it: "Jane Cumming on her face", "Jane Cumming hard"."""
    behind = [one.lower() for one in typed[place + 1 : place + 1 + _REACH]]
    if not _NO_NAMES.isdisjoint([one for one in behind if one not in _SIGNS][:_SEVERAL]):
        return True
    clause = list(takewhile(lambda one: one not in _SIGNS, behind))
    return clause[:1] in _ON and (not _BODY.isdisjoint(clause) or clause[-1] in _SOMEBODY)


_ON = (["on"], ["in"], ["inside"], ["over"], ["all"], ["into"], ["onto"], ["from"], ["between"], ["out"])
