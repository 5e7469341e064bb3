"""What readers find in a text, and the judge's shape: kinds of findings, readers of languages, rules, crossings.

A reader knows one language (or two) and says what stands in a text; it refuses nothing. What a finding means,
alone or beside another, whoever found it, is said by the rules of `data/crossing.toml` and nowhere else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal, Protocol, runtime_checkable

from bot.moderation.reading.text import data
from bot.rules.rules import Level

Switch = Literal["", "art_nudity", "insults", "real_people"]  # a setting of communities that lifts a rule


class Kind(StrEnum):
    """What a word or phrase is about."""

    YOUTH_CERTAIN = "youth-certain"  # an age under 18, child, schoolgirl, 초등생
    YOUTH_AMBIGUOUS = "youth-ambiguous"  # girl, boy, baby, 학생: said of grown people, too
    SEXUAL_EXPLICIT = "sexual-explicit"
    SEXUAL_MILD = "sexual-mild"  # sexy, lingerie: an adult may be drawn so
    NUDITY = "nudity"
    UNDRESSING = "undressing"  # clothes taken off, or left away: "without clothes", "--no dress"
    GORE = "gore"
    SELF_HARM = "self-harm"
    BOMB_MAKING = "bomb-making"
    FORGERY = "forgery"  # false papers and money
    CRUELTY = "cruelty"  # torture of people and animals
    HATE_CALL = "hate-call"  # for the death of a group of people
    HATE_SIGN = "hate-sign"  # of the Nazis
    TERROR_PRAISE = "terror-praise"
    HATE = "hate"  # people as beasts, pictures that call themselves racist: two words of it must meet
    SOMEBODY = "somebody"  # of any age: means nothing alone
    TAUGHT = "taught"  # museums, history, memorials, what stands against it: it excuses what is only shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a reader found in a text."""

    kind: Kind
    language: str  # as in "fr"
    start: int  # where it stands in what the reader was given
    end: int  # behind its last letter
    text: str  # the words, as they were read
    rule: str = ""  # which line of the reader's data found it: for the audit
    certain: bool = True  # it stands there plainly; False: read through a disguise or a misspelling
    in_doubt: bool = (
        False  # may mean another thing, unless a word of another language names somebody young, or bares them
    )


@runtime_checkable
class Reader(Protocol):
    """Reads texts of some language. Quick, pure, linear in the text's length, and never raises for a text."""

    def read(self, text: str) -> Sequence[Finding]:
        """What is found in a text, as people typed it less what it asks to avoid; innocent neighbours considered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What is refused, and from which level on. It is compared by which one it is, as rules are looked up for each text."""

    id: str
    category: str
    needs: tuple[str, ...]  # groups or kinds, each of which must be met by a word of its own
    level: Level = "standard"  # the most lenient level that still refuses it
    spoiler: bool = False  # levels more lenient than that show it behind a spoiler
    switch: Switch = ""
    within_letters: int = 0  # how near the words must stand; 0: anywhere
    over: str = ""  # a group: no other words may stand between them
    in_order: bool = False  # the first word that it needs stands before the others
    unless: str = ""  # a group: beside its words nothing is meant
    strike: bool = True  # whether a refusal counts against the person, if what broke it is certain
    mild_beside: str = ""  # a group: beside its words a refusal counts for nothing
    purpose: str = ""  # a sentence for whoever owns the rules
    innocent: str = ""  # looks like it and passes
    guilty: str = ""  # what it is for

    def is_met_anywhere(self, groups: frozenset[str]) -> bool:
        """Whether words of these groups break it wherever they stand, in one text or in several."""
        return not self.within_letters and groups.issuperset(self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that a text breaks."""

    rule: Rule
    certain: bool


# What takes the doubt away whether a word means somebody young: "Kind, nue".
_BARE = frozenset({Kind.SEXUAL_EXPLICIT, Kind.SEXUAL_MILD, Kind.NUDITY, Kind.UNDRESSING})


@cache
def crossings() -> tuple[Rule, ...]:
    """What kinds of findings mean, alone or together, in every pair of languages."""
    return tuple(Rule(**{**row, "needs": tuple(row["needs"])}) for row in data("crossing.toml")["rules"])


def judge(findings: Iterable[Finding], beside: Iterable[Finding] = ()) -> Iterator[Broken]:
    """The crossings that the findings break, alone or with what stands beside them and has been judged alone."""
    own: dict[str, list[Finding]] = {}
    known: dict[str, list[Finding]] = {}
    found, beside = list(findings), list(beside)
    young = {one.language for one in (*found, *beside) if one.kind is Kind.YOUTH_CERTAIN}
    bare = {one.language for one in found if one.kind in _BARE}
    for finding in found:
        others = bare if finding.kind is Kind.YOUTH_CERTAIN else young
        if not finding.in_doubt or others - {finding.language}:
            own.setdefault(finding.kind, []).append(finding)
    if not own:
        return
    for finding in beside:
        known.setdefault(finding.kind, []).append(finding)
    for rule in crossings():
        if own.keys().isdisjoint(rule.needs) or rule.unless in own or rule.unless in known:
            continue
        met = [[*own.get(need, ()), *known.get(need, ())] for need in rule.needs]
        if all(met):
            yield Broken(rule=rule, certain=all(any(one.certain for one in ones) for ones in met))
