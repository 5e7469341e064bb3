"""Figures of stone that are bare, and show nobody who lives: "naked cherubs", "Manneken Pis", a statue of a naked boy.

Cherubs and their like are bare by custom, and pass. Another statue of somebody young who is bare is not drawn, and
counts against nobody (minors.toml). Who is real, or comes alive, is no figure. Linear in the text's length.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from bot.moderation.asking.things import at, makes_somebody

_REACH = 4  # words from a statue to what is said of whom it shows, and from a quality to whose it is
_SIGNS = frozenset(".,;:!?()\n")
_PLACING = frozenset(
    {"beside", "near", "next", "at", "by", "with", "behind", "around", "front", "before", "under", "like"}
)
# Between a figure that has a name and what else it is called.
_BESIDE = _SIGNS | {"-", "the", "a", "of", "fountain", "statue", "bronze", "famous", "little", "small", "peeing", "brussels"}  # fmt: skip


def of_figures(words: Sequence[str], sets: Mapping[str, frozenset[str]]) -> Iterator[int]:
    """The places of what is said to be bare, and is a figure that is so by custom."""
    if not sets["living"].isdisjoint(words):
        return
    alone = sets["shown_young"].isdisjoint(words)
    for bare in _bare(words):
        if _is_figures(words, bare, sets, alone=alone) or _is_bare_boy(words, bare, sets):
            yield bare


def of_statues(words: Sequence[str], sets: Mapping[str, frozenset[str]]) -> Iterator[int]:
    """The places of what is said to be bare, and is a statue of somebody young: "statue of two naked boys", "naked boy statue"."""
    if sets["sculptures"].isdisjoint(words) or not sets["living"].isdisjoint(words):
        return
    for bare in _bare(words):
        for young in _follows(words, bare, sets):
            before, behind = words[max(0, bare - _REACH) : bare], words[young + 1 : young + 2]
            signs = [place for place, word in enumerate(before, 1) if word in _SIGNS]
            spoken = before[signs[-1] if signs else 0 :]
            shown = any(one in sets["sculptures"] and other == "of" for one, other in pairwise(spoken))
            itself = not sets["sculptures"].isdisjoint(behind) and words[young + 2 : young + 3] not in _POSES
            if shown or (itself and not makes_somebody(words, young + 2)):
                yield bare


def _bare(words: Sequence[str]) -> Iterator[int]:
    return (place for place, word in enumerate(words) if word in ("naked", "nude", "bare"))


def lives(words: Sequence[str], sets: Mapping[str, frozenset[str]]) -> bool:
    """Whether somebody young in a text is said to be real."""
    return not sets["realistic"].isdisjoint(words) and not sets["shown_young"].isdisjoint(words)


def _is_figures(words: Sequence[str], bare: int, sets: Mapping[str, frozenset[str]], *, alone: bool) -> bool:
    """Whether it is said of a figure right behind it, or, where nobody young is named, right before it."""
    if length := at(words, bare + 1, sets["bare_figures"]):
        behind = bare + 1 + length
        return words[behind : behind + 1] != ["child"] and not makes_somebody(words, behind)
    return alone and any(
        at(words, bare - back, sets["bare_figures"]) == back for back in (1, 2) if back <= bare
    )


def _is_bare_boy(words: Sequence[str], bare: int, sets: Mapping[str, frozenset[str]]) -> bool:
    """Whether it is said of the one whom a text names beside it: "Manneken Pis fountain, naked boy"."""
    for boy in _follows(words, bare, sets):
        if words[boy] not in ("boy", "girl"):
            return False
        behind = next((place for place in range(boy + 1, len(words)) if words[place] not in _BESIDE), 0)
        before = next((place for place in reversed(range(bare)) if words[place] not in _BESIDE), 0)
        placed = not _PLACING.isdisjoint(words[max(0, before - _REACH) : max(0, before)])
        named_before = not placed and at(words, max(0, before - 1), sets["bare_boys"])
        return bool(named_before or at(words, behind, sets["bare_boys"]))
    return False


def _follows(words: Sequence[str], bare: int, sets: Mapping[str, frozenset[str]]) -> list[int]:
    """Where somebody young is named right behind a quality: "naked little boy"."""
    for place in range(bare + 1, min(len(words), bare + _REACH)):
        if words[place] in sets["shown_young"]:
            return [place]
        if words[place] in _SIGNS:
            break
    return []


_POSES = (["pose"], ["poses"], ["posing"], ["like"], ["costume"])
