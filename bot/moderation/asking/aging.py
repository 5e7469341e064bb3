"""Ages that are a thing's: an 8 year old oak, 12 yo whisky, "a sports car, 16 years old"; and no "girl in a car, 16 years old"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bot.moderation.asking.things import is_placed, is_said, makes_somebody, speaks_of_nobody, thing_follows

AGES = frozenset({"old", "yo", "aged"})  # the words at which an age is looked for
NUMBER = re.compile(
    r"1[0-7]|[1-9]|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
)
_PERIODS = frozenset({"year", "years", "yr", "yrs", "month", "months"})
_COPULAS = frozenset({"is", "was", "are", "were"})
_WHICH = frozenset({"that", "which"})
_APART = frozenset({",", "(", "-", "–", "—"})
_SEVERAL = 2
_REACH = 6  # words from a quality over an age to its thing

Sets = Mapping[str, frozenset[str]]


class AgesOfThings:
    """Those of one text."""

    def __init__(self, words: Sequence[str], sets: Sets, things: frozenset[str]) -> None:
        self._words = words
        self._sets = sets
        self._things = things

    def at(self, place: int) -> Iterator[int]:
        """The words of an age with nothing young about it, whose last or only word stands at this place."""
        words = self._words
        if words[place] == "old":
            age = _age_before(words, place)
            if age is not None:
                yield from self._years(age, place)
        elif words[place] == "yo" and place:
            behind = words[place + 1 : place + 2]
            follows = bool(behind) and behind[0] in self._things and not makes_somebody(words, place + 2)
            if follows or self._is_said_behind(place - 1):
                yield from range(place - 1, place + 1)
        elif words[place] == "aged" and place and words[place - 1] in self._things:
            yield from range(place, min(len(words), place + 3))

    def _years(self, age: int, old: int) -> Iterator[int]:
        """From the number on to "old"; of a tree its bareness, too, but of no "naked 9 year old garden"."""
        words, sets = self._words, self._sets
        avoided = sets["avoided"]
        if age and words[age - 1] in sets["bare"]:
            if thing_follows(words, old + 1, sets["trees"], avoided) and self._of_nobody:
                yield from range(age - 1, old + 1)
        elif (
            self._is_said_behind(age)
            or thing_follows(words, old + 1, self._things, avoided)
            or thing_follows(words, old + 1, sets["praised"], avoided, sets["praises"])
        ):
            yield from range(age, old + 1)

    def _is_said_behind(self, age: int) -> bool:
        """Whether an age is said behind its thing: "the car is 8 years old", "a yacht (16 years old)"."""
        words = self._words
        if age < _SEVERAL:
            return False
        thing = age - 2 - (words[age - 2] in _WHICH)
        if thing < 0 or words[thing] not in self._things:
            return False
        if words[age - 1] in _COPULAS:
            return is_said(words, thing)
        return words[age - 1] in _APART and not is_placed(words, thing) and self._of_nobody

    @cached_property
    def _of_nobody(self) -> bool:
        words, sets = self._words, self._sets
        bare = (place for place, word in enumerate(words) if word in sets["bare"])
        return speaks_of_nobody(words) and all(
            thing_follows(words, place + 1, self._things, sets["avoided"])
            or AGES.intersection(words[place + 1 : place + _REACH])
            for place in bare
        )


def _age_before(words: Sequence[str], old: int) -> int | None:
    """Where an age begins whose last word is "old"."""
    said = [place for place in range(max(0, old - 5), old) if words[place] != "-"]
    if len(said) < _SEVERAL or words[said[-1]] not in _PERIODS:
        return None
    return said[-2] if NUMBER.fullmatch(words[said[-2]]) else None
