"""Ages that are a thing's: an 8 year old oak, 12 yo whisky, "a sports car, 16 years old"; and no "girl in a car, 16 years old"."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.moderation.things import is_said, makes_somebody, speaks_of_nobody, thing_follows

AGES = frozenset({"old", "yo", "aged"})  # the words at which an age is looked for
NUMBER = re.compile(
    r"1[0-7]|[1-9]|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
)
_PERIODS = frozenset({"year", "years", "yr", "yrs", "month", "months"})
_COPULAS = frozenset({"is", "was", "are", "were"})
_WHICH = frozenset({"that", "which"})
_APART = frozenset({",", "(", "-", "–", "—"})
_SEVERAL = 2

Sets = Mapping[str, frozenset[str]]


def age_of_thing(words: Sequence[str], place: int, sets: Sets, things: frozenset[str]) -> Iterator[int]:
    """The words of an age with nothing young about it, whose last or only word stands at this place."""
    if words[place] == "old":
        age = _age_before(words, place)
        if age is not None:
            yield from _years_of_thing(words, age, place, sets, things)
    elif words[place] == "yo" and place:
        behind = words[place + 1 : place + 2]
        follows = bool(behind) and behind[0] in things and not makes_somebody(words, place + 2)
        if follows or _is_said_behind(words, place - 1, things):
            yield from range(place - 1, place + 1)
    elif words[place] == "aged" and place and words[place - 1] in things:
        yield from range(place, min(len(words), place + 3))


def _years_of_thing(
    words: Sequence[str], age: int, old: int, sets: Sets, things: frozenset[str]
) -> Iterator[int]:
    """From the number on to "old"; of a tree its bareness, too, but of no "naked 9 year old garden"."""
    avoided = sets["avoided"]
    if age and words[age - 1] in sets["bare"]:
        if speaks_of_nobody(words) and thing_follows(words, old + 1, sets["trees"], avoided):
            yield from range(age - 1, old + 1)
    elif (
        _is_said_behind(words, age, things)
        or thing_follows(words, old + 1, things, avoided)
        or thing_follows(words, old + 1, sets["praised"], avoided, sets["praises"])
    ):
        yield from range(age, old + 1)


def _is_said_behind(words: Sequence[str], age: int, things: frozenset[str]) -> bool:
    """Whether an age is said behind its thing: "the car is 8 years old", "a yacht (16 years old)"."""
    if age < _SEVERAL:
        return False
    thing = age - 2 - (words[age - 2] in _WHICH)
    if thing < 0 or words[thing] not in things:
        return False
    if words[age - 1] in _COPULAS:
        return is_said(words, thing)
    return words[age - 1] in _APART and speaks_of_nobody(words)


def _age_before(words: Sequence[str], old: int) -> int | None:
    """Where an age begins whose last word is "old"."""
    said = [place for place in range(max(0, old - 5), old) if words[place] != "-"]
    if len(said) < _SEVERAL or words[said[-1]] not in _PERIODS:
        return None
    return said[-2] if NUMBER.fullmatch(words[said[-2]]) else None
