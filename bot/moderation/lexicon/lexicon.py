"""The lexicon: rules from `data/*.toml`, compiled to one automaton that finds all of them in one pass.

A rule is a list of terms, or two or more groups of words that must meet. Allowed phrases are blanked out
first, so that they excuse themselves and nothing else. Each rule has an id, and the lexicon a version: both
stand in every verdict. A process loads it once.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate
from operator import ne
from typing import Any, NamedTuple

from bot.moderation.lexicon.findings import Rule
from bot.moderation.reading import hangul
from bot.moderation.reading.cuts import Cuts
from bot.moderation.reading.korean import Edges
from bot.moderation.reading.patterns import Patterns, kept
from bot.moderation.reading.spelling import Speller
from bot.moderation.reading.terms import belongs_of, compiled, excusing, expand, terms_of, words_of
from bot.moderation.reading.text import Reading, Text, data, word_list

FILES = ("words", "sexual", "minors", "violence", "hate", "self_harm", "illegal", "real_person")

_AGE = re.compile(r"(?<!\d)(1[0-7]|[1-9])(?:years?|yrs?|y)(?:old|ofage)")
_AGE_APART = re.compile(r"(?<!\d )\b(1 [0-7]) y(?:o|rs?|ears?)?\b")
_CLOSED_UP_MAX = 1_500  # syllables; longer texts are no prompts
_ENDS_KOREAN = re.compile("[가-힣ㄱ-ㅣ] ")


class Hit(NamedTuple):
    """Where a word of some groups stands in a line (first and last place, with the spaces around it)."""

    start: int
    end: int
    groups: frozenset[str]


@dataclass(frozen=True)
class Marked:
    """A reading as the automaton sees it, with what was found in it."""

    text: str
    hits: tuple[Hit, ...]
    closed_up: bool = False  # all Korean words run together: only good for the rules on minors

    @cached_property
    def groups(self) -> frozenset[str]:
        """The groups whose words were found."""
        return frozenset().union(*self._by_groups)

    def hits_of(self, group: str) -> list[Hit]:
        """Where the words of a group stand."""
        return [hit for groups, hits in self._by_groups.items() if group in groups for hit in hits]

    @cached_property
    def _by_groups(self) -> dict[frozenset[str], list[Hit]]:
        found: dict[frozenset[str], list[Hit]] = {}
        for hit in self.hits:
            found.setdefault(hit.groups, []).append(hit)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words that decide how other words are read."""

    allowed: Sequence[str] = ()  # phrases that excuse themselves
    anywhere: Sequence[str] = ()  # so plain that they count inside other words
    never: Sequence[str] = ()  # innocent words that would be taken for a disguise
    initials: Sequence[str] = ()  # Korean initials that everybody writes
    coded: Sequence[str] = ()  # short words known in code too
    common: Collection[str] = ()  # what every text is made of
    covering: Sequence[str] = ()  # groups whose phrases excuse what stands in them
    misspelt: Sequence[str] = ()  # groups whose words are known with a slip, too
    halved: Sequence[str] = ()  # groups whose words are known with a doubled letter written once
    edged: Sequence[str] = ()  # Korean words that count only where a word begins
    before: Sequence[str] = ()  # what may stand before such a word without a space
    particles: Sequence[str] = ()  # and behind that


class Lexicon:
    """Compiled rules. `lines` finds words, `broken` tells which rules they break."""

    def __init__(
        self,
        *,
        version: str,
        rules: Sequence[Rule],
        groups: Mapping[str, Sequence[str]],
        vocabulary: Vocabulary = Vocabulary(),
    ) -> None:
        self.version = version
        self.rules = tuple(rules)
        between = {rule.over for rule in rules} - {""}  # looked at between others, and never looked for
        self.groups = {name: tuple(expand(terms)) for name, terms in groups.items() if name not in between}
        self._by_need: dict[str, list[int]] = {}
        for place, rule in enumerate(rules):
            self._by_need.setdefault(rule.needs[0], []).append(place)
        self._over = {name: words_of(terms_of(name, groups)) for name in between}
        self._allowed, self._anywhere = vocabulary.allowed, frozenset(vocabulary.anywhere)
        belongs = belongs_of(self.groups)
        listed = frozenset(filter(str.isascii, belongs))
        self._speller = Speller(
            listed,
            allowed=_in_latin(vocabulary.allowed),
            anywhere=vocabulary.anywhere,
            never=vocabulary.never,
            coded=vocabulary.coded,
            common=vocabulary.common,
            misspelt=_terms_of_all(vocabulary.misspelt, self.groups),
            halved=_terms_of_all(vocabulary.halved, self.groups),
        )
        self._cuts = Cuts(
            words_of(belongs),
            alone=(term for term in listed if " " not in term),
            never=vocabulary.never,
        )
        known = (*(term for term in belongs if len(term) > 1), *vocabulary.before)
        self._edges = Edges(vocabulary.edged, before=known, particles=vocabulary.particles)
        self._patterns = compiled(
            belongs,
            self._anywhere,
            frozenset(vocabulary.initials),
            self._edges.edged,
            frozenset(term for name in vocabulary.covering for term in self.groups[name]),
        )

    @cached_property
    def _excusing(self) -> Patterns[None]:
        """Built when a listed word is met, as it is half as much again."""
        return excusing(expand(self._allowed), self._anywhere)

    def lines(self, text: Text) -> Iterator[Marked]:
        """Every reading of the text with the words found in it."""
        return (line for reading in text.readings for line in self._lines(reading))

    def line_of(self, text: str) -> Marked:
        """A line that another lexicon has read, with what this one finds in it."""
        return Marked(text, self._hits(text))

    def broken(self, line: Marked, matters: Callable[[Rule], bool] | None = None) -> Iterator[Rule]:
        """The rules that the line breaks, of those that matter, in the order in which they are written."""
        names = line.groups
        could = [
            place
            for name in names & self._by_need.keys()
            for place in self._by_need[name]
            if names.issuperset(self.rules[place].needs)
        ]
        for rule in map(self.rules.__getitem__, sorted(could)):
            if (matters is None or matters(rule)) and self._met(rule, line):
                yield rule

    def breaks(self, line: Marked, rule: Rule) -> bool:
        """Whether the line breaks this rule."""
        return line.groups.issuperset(rule.needs) and self._met(rule, line)

    def _met(self, rule: Rule, line: Marked) -> bool:
        """Whether words of all groups that the rule needs stand as near as it says."""
        if (line.closed_up and rule.category != "minors") or (rule.unless and rule.unless in line.groups):
            return False
        first, *others = rule.needs
        if not others:
            return True
        over, text, ones = self._over.get(rule.over), line.text, line.hits_of(first)

        def joined(end: int, start: int) -> bool:
            return over is None or over.issuperset(text[end:start].split())

        return all(_any_beside(ones, line.hits_of(other), rule, joined) for other in others)

    def _lines(self, reading: Reading) -> Iterator[Marked]:
        raw = self._cuts.closed(reading.words)
        yield from self._spelled(raw, reading)
        line = " ".join(raw)
        if not line.isascii() and _ENDS_KOREAN.search(f"{line} "):
            yield self._closed_up(raw)

    def _closed_up(self, words: Sequence[str]) -> Marked:
        """The Korean letters of all words run together, forwards and backwards, however they were cut."""
        korean = [word for word in words if hangul.is_hangul(word[-1]) or hangul.is_hangul(word[0])]
        parts = hangul.syllables_of(korean)
        whole = "".join(parts)[:_CLOSED_UP_MAX]
        turned = "".join(part[::-1] for part in parts)[:_CLOSED_UP_MAX]
        ages = [word[::-1] for word in korean if word[-1].isdigit()]
        others = [self._speller.read(word)[0] for word in words if word.isascii()]
        despite = self._speller.despite(words)
        line = self._line(
            [whole, whole[::-1], turned, *ages, *others, *despite],
            begins=_beginnings(map(len, parts), len(whole)),
        )
        return replace(line, closed_up=True)

    def _spelled(self, raw: Sequence[str], reading: Reading) -> Iterator[Marked]:
        if self._speller.knows(raw) and not reading.scattered:
            yield self._line([*raw, *self._age(raw)])
            return
        read = self._speller.read
        found = self._speller.read_all(raw)
        if reading.scattered:
            apart = {word: self._speller.joined(word) for word in reading.scattered}
            found = [apart.get(word, known) for word, known in zip(raw, found, strict=True)]
        words = [known[0] for known in found]
        hidden = [*self._age(words), *self._speller.unmasked(raw)]
        for turned in self._speller.turned(raw):
            yield self._line([read(word)[0] for word in turned])
        if words == raw:
            yield self._line(words + hidden)
            return
        line = self._cuts.closed(words)
        others = [word for known in found if len(known) > 1 for word in known]
        if others:
            # One line of all readings, as one word may be meant by its first and another by its last.
            line += self._cuts.closed([known[-1] for known in found])
        if sum(map(ne, words, raw)) > 1:
            others += self._speller.despite(raw)
            # Little words in disguise are not known again: "n0th1ng but 4 sm1l3".
            line += [word for word in words if len(word) > 1] if min(map(len, words)) == 1 else []
        line += dict.fromkeys(others)
        yield self._line(line + hidden)

    @staticmethod
    def _age(words: Sequence[str]) -> list[str]:
        """An age whose words were cut or scattered in ways that nothing else closes up: 1.3 ye-a r ol d."""
        letters = "".join(words)
        if "y" not in letters or letters.isalpha():
            return []
        age = _AGE.search(letters) if "old" in letters or "ofage" in letters else None
        age = age or (_AGE_APART.search(" ".join(words)) if "1" in letters else None)
        return [f"{age[1].replace(' ', '')} year old"] if age else []

    def _line(self, words: Sequence[str], *, begins: AbstractSet[int] = frozenset()) -> Marked:
        text = f" {' '.join(words)} "
        return Marked(text, self._hits(text, begins))

    def _hits(self, text: str, begins: AbstractSet[int] = frozenset()) -> tuple[Hit, ...]:
        """The words in a line; `begins`: places where a word begins although no space tells it."""
        hits: list[Hit] = []
        over: list[Hit] = []  # of phrases that excuse what stands in them
        blanks: list[tuple[int, int]] = []
        met = self._patterns.in_text(text)
        for start, end, (groups, edged, typed, covers) in met:
            if typed and not hangul.is_typed(
                text[text.rfind(" ", 0, end - 1) + 1 : text.index(" ", end - 1)]
            ):
                continue  # Ditko, which begins like a word
            if covers:
                blanks.append((start, end - 1))
            if not edged or start in begins or self._edges.begins(text, start):
                (over if covers else hits).append(Hit(start, end - 1, groups))
        if hits and self._allowed:
            listed = {(start, end) for start, end, _ in met}  # what is listed and allowed is listed
            excused = self._excusing.in_text(text)
            blanks += [(start, end - 1) for start, end, _ in excused if (start, end) not in listed]
        return (*(_unblanked(hits, blanks) if blanks and hits else hits), *over)


@cache
def load() -> Lexicon:
    """The lexicon that comes with Easel; it never changes."""
    with kept():
        return _load()


def _load() -> Lexicon:
    groups: dict[str, Sequence[str]] = {}
    rules: list[Rule] = []
    for name in FILES:
        page = data(f"{name}.toml")
        groups |= page.get("groups", {})
        rules += [_rule(row, page["category"], groups) for row in page.get("rules", ())]
    allowed, korean = data("allowed.toml"), data("korean.toml")
    innocent = sorted(word_list("innocent.txt"))
    # A word that counts inside others is blanked out of these.
    counting = Patterns(dict.fromkeys(allowed["anywhere"]))
    held = [word for word in innocent if counting.in_text(word)]
    return Lexicon(
        version=allowed["version"],
        rules=rules,
        groups=groups,
        vocabulary=Vocabulary(
            allowed=[*allowed["phrases"], *korean["innocent"], *held],
            anywhere=allowed["anywhere"],
            never=[*allowed["never"], *innocent],
            initials=allowed["initials"],
            coded=allowed["coded"],
            common=word_list("common.txt"),
            misspelt=allowed["misspelt"],
            halved=allowed["halved"],
            edged=korean["edged"],
            before=korean["before"],
            particles=korean["particles"],
            covering=allowed["covering"],
        ),
    )


def of_words(words: Sequence[str], *, rule: Rule) -> Lexicon:
    """A lexicon of one rule: a community's own words."""
    return Lexicon(version="own", rules=[rule], groups={rule.needs[0]: words})


def _terms_of_all(names: Iterable[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    return [term for name in names for term in terms_of(name, groups)]


def _in_latin(terms: Iterable[str]) -> Iterator[str]:
    """Terms in Latin letters; those that are written out in several scripts by their forms."""
    for term in terms:
        yield from (term,) if term.isascii() else filter(str.isascii, expand((term,)))


def _rule(row: dict[str, Any], category: str, groups: dict[str, Sequence[str]]) -> Rule:
    row = dict(row)
    if terms := row.pop("terms", None):
        groups[row["id"]] = terms
        row["needs"] = [row["id"]]
    row["needs"] = tuple(row["needs"])
    return Rule(category=category, **row)


def _beginnings(counts: Iterable[int], length: int) -> frozenset[int]:
    """Where words of so many syllables begin in a line of them all, of these backwards, and of each word's backwards."""
    first = [place for place in accumulate(counts, initial=0) if place <= length]
    spaced = length + 1
    return frozenset(
        begin for place in first for begin in (1 + place, 1 + spaced + length - place, 1 + 2 * spaced + place)
    )


def _unblanked(hits: Iterable[Hit], blanks: list[tuple[int, int]]) -> Iterator[Hit]:
    """The hits that no allowed phrase covers."""
    blanks.sort()
    starts = [start for start, _ in blanks]
    reach = list(accumulate((end for _, end in blanks), max))
    for hit in hits:
        before = bisect_right(starts, hit.start)
        if not before or reach[before - 1] < hit.end:
            yield hit


def _any_beside(
    ones: Sequence[Hit], others: Sequence[Hit], rule: Rule, joined: Callable[[int, int], bool]
) -> bool:
    """Whether a hit of each stands apart from the other, and near enough, with nothing foreign between them."""
    if not rule.within_letters:
        first, last = min(hit.end for hit in others), max(hit.start for hit in others)
        return any(first <= one.start or one.end <= last for one in ones)
    starts, ends = sorted(hit.start for hit in others), sorted(hit.end for hit in others)
    for one in ones:
        gaps = []
        if (after := bisect_left(starts, one.end)) < len(starts):
            gaps.append((one.end, starts[after]))
        if not rule.in_order and (before := bisect_right(ends, one.start) - 1) >= 0:
            gaps.append((ends[before], one.start))
        for end, start in gaps:
            if start - end <= rule.within_letters and joined(end, start):
                return True
    return False
