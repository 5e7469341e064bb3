"""Whether a refusal is certain, so that it counts against somebody: what is said plainly, or in more than one disguise."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from bot.moderation.lexicon.findings import Finding, Kind, Rule
from bot.moderation.lexicon.lexicon import Lexicon, Marked
from bot.moderation.reading.text import Text

_GIRL = "perhaps_young"  # what minors.toml calls whom it can't tell the age of


class Plain:
    """What stands in a text as it is, before any disguise is undone: looked for once, when it is asked for."""

    def __init__(
        self, words: Lexicon, read: Text, read_elsewhere: Callable[[], Sequence[Finding]] = tuple
    ) -> None:
        self._lexicon = words
        self._read = read
        self._read_elsewhere = read_elsewhere

    @cached_property
    def elsewhere(self) -> Sequence[Finding]:
        """What other languages say in it."""
        return self._read_elsewhere()

    @cached_property
    def _line(self) -> Marked:
        return self._lexicon.line_of(f" {' '.join(self._read.readings[0].words)} ")

    def makes_certain(self, rule: Rule, line: Marked, *, of_art: bool = False) -> bool:
        """Whether a refusal counts against somebody: it stands there plainly, or more than one word is in disguise.

        Nudity in a work of art is a matter of the house, and no offence; nor is blood on a stage.
        """
        if of_art and rule.switch == "art_nudity":
            return False
        if rule.mild_beside and line.hits_of(rule.mild_beside):
            return False
        if rule.mild_beside == _GIRL and any(one.kind is Kind.YOUTH_AMBIGUOUS for one in self.elsewhere):
            return False
        if self._lexicon.breaks(self._line, rule):
            return True
        plain = {word for _, _, word in words_of_rule(rule, self._line)}
        return count_apart(one for one in words_of_rule(rule, line) if one[2] not in plain) > 1


def words_of_rule(rule: Rule, line: Marked) -> Iterator[tuple[int, int, str]]:
    """The words that break the rule, with where they stand."""
    for hit in line.hits:
        if not hit.groups.isdisjoint(rule.needs):
            yield hit.start, hit.end, line.text[hit.start : hit.end + 1].strip()


def count_apart(words: Iterable[tuple[int, int, str]]) -> int:
    """How many words these are: of those that share letters (자위, 자위하) one, and one of those that stand there twice."""
    apart: set[str] = set()
    reach = -1
    for start, end, word in sorted(words, key=lambda one: (one[0], -one[1])):
        if start >= reach:
            apart.add(word)
        reach = max(reach, end)
    return len(apart)
