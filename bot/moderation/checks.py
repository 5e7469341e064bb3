"""The local layers: the lexicon and a community's own words. Pure, and quick enough for every acknowledgement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from bot.moderation import lexicon
from bot.moderation.ages import with_ages
from bot.moderation.art import is_of_art
from bot.moderation.asking import asked
from bot.moderation.findings import Broken, Finding, Kind, Reader, Rule, judge
from bot.moderation.leaving import leaves_away
from bot.moderation.lexicon import Lexicon, Marked
from bot.moderation.readers import readers as known_readers
from bot.moderation.text import Reading, Text, normalise
from bot.moderation.veils import unveiled
from bot.ports import Policy, Severity, Verdict

# From the gravest on: of two verdicts equally severe, the person and the audit are told the graver.
CATEGORIES = (
    "minors",
    "self_harm",
    "sexual",
    "violence",
    "hate",
    "illegal",
    "real_person",
    "own",
    "unavailable",
)
_STRICTNESS = ("relaxed", "standard", "strict")
_OWN_BLOCKED = Rule(id="own.blocked", category="own", needs=("own.blocked",), level="relaxed")
_OWN_ALLOWED = Rule(id="own.allowed", category="own", needs=("own.allowed",), level="relaxed")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The most severe verdict; of equals the gravest category."""
    return max(verdicts, key=lambda verdict: _gravity(verdict.severity, verdict.category), default=Verdict())


def _gravity(severity: Severity, category: str) -> tuple[int, int]:
    return severity, -CATEGORIES.index(category) if category in CATEGORIES else -len(CATEGORIES)


_GRAVEST = _gravity(max(Severity), CATEGORIES[0])


# The lexicon's groups, as the judge of all languages together knows them.
KINDS: dict[str, Kind] = {
    "youth_certain": Kind.YOUTH_CERTAIN,
    "minors.strong": Kind.YOUTH_CERTAIN,
    "youth_ambiguous": Kind.YOUTH_AMBIGUOUS,
    "sexual_any": Kind.SEXUAL_EXPLICIT,
    "sexual_mild": Kind.SEXUAL_MILD,
    "bare": Kind.UNDRESSING,
    "stripped": Kind.UNDRESSING,
}
_YOUTH = frozenset({Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS})


class LexiconCheck:
    """Judges a prompt: by the lexicon's rules, and by what readers of other languages find."""

    name = "lexicon"
    local = True

    def __init__(self, words: Lexicon, readers: Sequence[Reader] | None = None) -> None:
        self._lexicon = words
        self._readers = known_readers() if readers is None else tuple(readers)

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        return self.judge(prompt, policy)

    def judge(self, prompt: str, policy: Policy) -> Verdict:
        gravest = _Gravest(policy)
        for one, severity in self._judged(prompt, policy, gravest):
            gravest.hear(one, severity)
            if gravest.is_final:
                break
        if gravest.broken is None:
            return Verdict()
        rule, severity = gravest.broken.rule, gravest.severity
        return Verdict(
            severity=severity,
            category=rule.category,
            layer=self.name,
            rule=f"{rule.id}@{self._lexicon.version}",
            strike=severity is Severity.REFUSE and rule.strike and gravest.broken.certain,
        )

    def read(self, prompt: str) -> list[Marked]:
        """The prompt as the lexicon reads it, with the words that it knows."""
        return list(self._lexicon.lines(normalise(with_ages(asked(prompt)))))

    def findings(self, prompt: str) -> list[Finding]:
        """What the readers of other languages find."""
        return self._found_by_readers(asked(prompt))

    def broken(self, prompt: str, policy: Policy) -> Iterator[tuple[Rule, Severity]]:
        """The rules that the prompt breaks, and what that means here; ALLOW: a switch, level or word lets it pass."""
        for one, severity in self._judged(prompt, policy):
            yield one.rule, severity

    def names_youth(self, prompt: str) -> bool:
        """Whether the prompt speaks of children or the young: then a sexual picture is never shown."""
        found = (
            *self.findings(prompt),
            *_as_findings({name for line in self.read(prompt) for name in line.groups}),
        )
        return any(finding.kind in _YOUTH for finding in found)

    def _judged(
        self, prompt: str, policy: Policy, gravest: "_Gravest | None" = None
    ) -> Iterator[tuple[Broken, Severity]]:
        """Nearly every text breaks nothing as it stands; only of another it is asked what it asks for."""
        wanted = prompt
        if not leaves_away(prompt):
            judged = self._judged_text(prompt, policy, gravest)
            first = next(judged, None)
            if first is None:
                return
            if (wanted := asked(prompt)) == prompt:
                yield first
                yield from judged
                return
        else:
            wanted = asked(prompt)
        yield from self._judged_text(wanted, policy, gravest)

    def _judged_text(
        self, text: str, policy: Policy, gravest: "_Gravest | None"
    ) -> Iterator[tuple[Broken, Severity]]:
        read = normalise(with_ages(text))
        if policy.allowed_words:
            read = _without(read, misread_words(policy.allowed_words, self._lexicon))
        plain = _Plain(self._lexicon, read)
        groups: set[str] = set()
        for line in self._lexicon.lines(read):
            if line.hits:
                groups |= line.groups
                yield from self._broken(line, plain, policy, gravest)
        if found := self._found_by_readers(text):
            for one in judge(found, beside=_as_findings(groups)):
                yield one, severity_of(one.rule, policy)

    def _found_by_readers(self, text: str) -> list[Finding]:
        found = [finding for reader in self._readers for finding in reader.read(text)]
        if not (shown := unveiled(text)):
            return found
        known = {(one.language, one.rule) for one in found}
        hidden = (finding for reader in self._readers for finding in reader.read(shown))
        return found + [
            replace(one, certain=False) for one in hidden if (one.language, one.rule) not in known
        ]

    def _broken(
        self, line: Marked, plain: "_Plain", policy: Policy, gravest: "_Gravest | None"
    ) -> Iterator[tuple[Broken, Severity]]:
        excused = _excused(line, policy.allowed_words) if policy.allowed_words else line
        matters = gravest.could_be_graver if gravest else None
        of_art: bool | None = None
        for marked in (line,) if excused is line else (line, excused):
            for rule in self._lexicon.broken(marked, matters):
                of_art = is_of_art(line) if of_art is None else of_art
                holds = rule.category == "minors" or marked is excused
                severity = severity_of(rule, policy, of_art=of_art) if holds else Severity.ALLOW
                yield Broken(rule=rule, certain=plain.makes_certain(rule, marked, of_art=of_art)), severity


class _Gravest:
    """The gravest of what is broken; of equals the first."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._gravity = (0, 0)
        self.broken: Broken | None = None
        self.severity = Severity.ALLOW

    @property
    def is_final(self) -> bool:
        """Whether nothing can be graver."""
        return self._gravity == _GRAVEST

    def could_be_graver(self, rule: Rule) -> bool:
        """Whether it is worth looking whether this rule is broken, too."""
        return self.broken is None or _gravity(severity_of(rule, self._policy), rule.category) > self._gravity

    def hear(self, broken: Broken, severity: Severity) -> None:
        """One thing more that is broken."""
        gravity = _gravity(severity, broken.rule.category)
        if severity and (self.broken is None or gravity > self._gravity):
            self.broken, self.severity, self._gravity = broken, severity, gravity


class _Plain:
    """What stands in a text as it is, before any disguise is undone: looked for once, when it is asked for."""

    def __init__(self, words: Lexicon, read: Text) -> None:
        self._lexicon = words
        self._read = read

    @cached_property
    def _line(self) -> Marked:
        return self._lexicon.line_of(f" {' '.join(self._read.readings[0].words)} ")

    def makes_certain(self, rule: Rule, line: Marked, *, of_art: bool) -> bool:
        """Whether a refusal counts against somebody: it stands there plainly, or more than one word is in disguise.

        Nudity in a work of art is a matter of the house, and no offence.
        """
        if of_art and rule.switch == "art_nudity":
            return False
        return (
            self._lexicon.breaks(self._line, rule)
            or len({*_words_of(rule, line)} - {*_words_of(rule, self._line)}) > 1
        )


def _words_of(rule: Rule, line: Marked) -> Iterator[str]:
    """The words that break the rule."""
    for hit in line.hits:
        if not hit.groups.isdisjoint(rule.needs):
            yield line.text[hit.start : hit.end + 1].strip()


def _as_findings(groups: Iterable[str]) -> list[Finding]:
    """What the lexicon's words mean to the judge of all languages together: which they are, once each."""
    return [
        Finding(kind=kind, language="en", start=0, end=0, text="")
        for kind in dict.fromkeys(KINDS[group] for group in sorted(groups) if group in KINDS)
    ]


def severity_of(rule: Rule, policy: Policy, *, of_art: bool = False) -> Severity:
    """What a broken rule means under a policy. A rule on minors has no switch and holds at every level."""
    lifted = {
        "": False,
        "art_nudity": policy.art_nudity and of_art,
        "insults": policy.insults,
        "real_people": policy.real_people,
    }
    if lifted[rule.switch]:
        return Severity.ALLOW
    if _STRICTNESS.index(policy.level) >= _STRICTNESS.index(rule.level):
        return Severity.REFUSE
    return Severity.SPOILER if rule.spoiler else Severity.ALLOW


def _excused(line: Marked, allowed_words: tuple[str, ...]) -> Marked:
    """The line without what the community's allowed words cover."""
    words = own_words(allowed_words, _OWN_ALLOWED)
    if words is None:
        return line
    spans = words.line_of(line.text).hits
    kept = tuple(
        hit for hit in line.hits if not any(s.start <= hit.start and hit.end <= s.end for s in spans)
    )
    return Marked(line.text, kept)


@lru_cache(maxsize=256)
def misread_words(allowed_words: tuple[str, ...], words: Lexicon) -> tuple[str, ...]:
    """Of a community's allowed words those that mean nothing as they stand: only a disguise was read into them."""
    folded = (form for word in allowed_words for form in _folded(word))
    return tuple(form for form in folded if not words.line_of(f" {form} ").hits)


def _without(read: Text, words: tuple[str, ...]) -> Text:
    """The text as it is read, without these words."""
    return replace(read, readings=tuple(_reading_without(reading, words) for reading in read.readings))


def _reading_without(reading: Reading, words: tuple[str, ...]) -> Reading:
    line = f" {' '.join(reading.words)} "
    for word in words:
        line = line.replace(f" {word} ", "  ")
    return replace(reading, words=tuple(line.split()))


class OwnWords:
    """Judges a prompt by the words that a community blocks itself; evasions of them count too."""

    name = "own_words"
    local = True

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        return self.judge(prompt, policy)

    def judge(self, prompt: str, policy: Policy) -> Verdict:
        words = own_words(policy.blocked_words, _OWN_BLOCKED)
        if words is None:
            return Verdict()
        if any(line.hits for line in words.lines(normalise(prompt))):
            return Verdict(severity=Severity.REFUSE, category="own", layer=self.name, rule="own.blocked")
        return Verdict()


LETTERS_LEAST = 2  # of a community's own word


@lru_cache(maxsize=256)
def own_words(words: tuple[str, ...], rule: Rule) -> Lexicon | None:
    """A community's list, compiled once and folded as prompts are; None where nothing is left to look for."""
    folded = [form for word in words for form in _folded(word)]
    return lexicon.of_words(folded, rule=rule) if folded else None


def _folded(word: str) -> list[str]:
    """A word as it is looked for. A single letter would be found everywhere, nothing in every prompt."""
    forms = [" ".join(reading.words) for reading in normalise(word).readings]
    return [form for form in forms if len(form.replace(" ", "")) >= LETTERS_LEAST]


def can_be_found(word: str) -> bool:
    """Whether a community can block or allow this: something is left of it when disguises are undone."""
    return bool(_folded(word))
