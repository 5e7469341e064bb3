"""The local layers: the lexicon and a community's own words. Pure, and quick enough for every acknowledgement."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from typing import TypeVar

from bot.moderation.asking.ages import with_ages
from bot.moderation.asking.asking import asked
from bot.moderation.asking.leaving import leaves_away
from bot.moderation.asking.whom import Whom
from bot.moderation.lexicon import blocking, own
from bot.moderation.lexicon.art import begins_with_art, is_of_art
from bot.moderation.lexicon.certain import Plain
from bot.moderation.lexicon.findings import Broken, Finding, Kind, Reader, Rule, Switch, judge
from bot.moderation.lexicon.lexicon import Lexicon, Marked
from bot.moderation.reading.text import Text, data, normalise
from bot.moderation.tongues.readers import readers as known_readers
from bot.moderation.tongues.veils import unveiled
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
_BESIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="moderation")
# One word of each kind of disguise that has a table of its own.
_DISGUISED = "a n*ked nakde naykid womn with a d3snvda nakkte zerst*ckelte kite, a naked gnarled oak, wmn wth sx, ハダカ ǝpnu qzxvkwjpobnaptherunning"
Judged = TypeVar("Judged")
_LONG = 1_000  # letters, of which the worst hold the loop for some 7 ms; what is longer is read once, as it is asked for
_SILENT = Verdict()
_STRICTNESS = ("relaxed", "standard", "strict")


async def at_length(text: str, judge: Callable[[], Judged]) -> Judged:
    """What is judged of a text: at once; of a long one beside the loop, one such after the other."""
    if len(text) < _LONG:
        return judge()
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, judge)


# And of what is said of nobody, of things and of what is left away.
_EXCUSED = (
    "a girl, sexy whisky de 12 ans, nu", "sexy 12yo wine, whisky de 12 ans", "a labelled diagram of a penis", "a nude child, 15 --no dress, bh", "sexy, in Paris, 15", "sexy 12yaers", "naked girl, 30 years old, sin sangre",
)  # fmt: skip


def build_ahead(check: "LexiconCheck") -> Future[None]:
    """Builds the tables of disguises beside the loop: the first texts that need them would hold it for 100 ms."""

    def build() -> None:
        for text in (_DISGUISED, *_EXCUSED):
            check.judge(text, Policy())
        OwnWords().judge("독수리", Policy(blocked_words=("수리",)))
        data.cache_clear()
        gc.freeze()  # tables stay: looking through them for garbage halted a text for 18 ms

    return _BESIDE.submit(build)


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
    "chest_bared": Kind.UNDRESSING,
    "stripped": Kind.UNDRESSING,
    "shown_to_teach": Kind.TAUGHT,
}
_YOUTH = frozenset({Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one text says of the young and of bodies, in any language."""

    groups: frozenset[str]  # of the lexicon
    findings: tuple[Finding, ...]  # of the readers of other languages

    @property
    def young(self) -> bool:
        """Whether it speaks of children or the young: then a sexual picture is never shown."""
        found = (*self.findings, *_as_findings(self.groups))
        return any(one.kind in _YOUTH and not one.in_doubt for one in found)


class LexiconCheck:
    """Judges a prompt: by the lexicon's rules, and by what readers of other languages find."""

    name = "lexicon"
    local = True

    def __init__(self, words: Lexicon, readers: Sequence[Reader] | None = None) -> None:
        self._lexicon = words
        self._readers = known_readers() if readers is None else tuple(readers)

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        return await at_length(prompt, partial(self.judge, prompt, policy))

    def judge(self, prompt: str, policy: Policy) -> Verdict:
        gravest = _Gravest(policy)
        for one, severity in self._judged(prompt, policy, gravest):
            gravest.hear(one, severity)
            if gravest.is_final:
                break
        if gravest.broken is None:
            return _SILENT
        rule, severity = gravest.broken.rule, gravest.severity
        strike = severity is Severity.REFUSE and rule.strike and gravest.broken.certain
        return self._verdict(rule, severity, strike=strike)

    def _verdict(self, rule: Rule, severity: Severity, *, strike: bool = False) -> Verdict:
        return Verdict(
            severity=severity,
            category=rule.category,
            layer=self.name,
            rule=f"{rule.id}@{self._lexicon.version}",
            strike=strike,
        )

    def asked(self, prompt: str) -> str:
        """The prompt without what it does not ask for."""
        return asked(prompt, self._whom)

    def _whom(self, text: str) -> Whom:
        young, grown = set[str](), set[str]()
        for line in self._lexicon.lines(normalise(with_ages(text))):
            for hit in line.hits:
                if any(KINDS.get(group) in _YOUTH for group in hit.groups):
                    young.add(line.text[hit.start : hit.end + 1].strip())
                elif "person" in hit.groups:
                    grown.add(line.text[hit.start : hit.end + 1].strip())
        for one in self._found_by_readers(text):
            if one.kind in _YOUTH and not one.in_doubt:
                young.add(one.text)
            elif one.kind is Kind.SOMEBODY and len(one.text) > 1:  # 子 is in 子宮, too
                grown.add(one.text)
        return Whom(young=frozenset(young), grown=frozenset(grown))

    def read(self, prompt: str) -> list[Marked]:
        """The prompt as the lexicon reads it, with the words that it knows."""
        return list(self._lexicon.lines(normalise(with_ages(self.asked(prompt)))))

    def findings(self, prompt: str) -> list[Finding]:
        """What the readers of other languages find."""
        return self._found_by_readers(self.asked(prompt))

    def broken(self, prompt: str, policy: Policy) -> Iterator[tuple[Rule, Severity]]:
        """The rules that the prompt breaks, and what that means here; ALLOW: a switch, level or word lets it pass."""
        for one, severity in self._judged(prompt, policy):
            yield one.rule, severity

    def told(self, prompt: str, policy: Policy) -> Told:
        """What a text says, for the rule on minors beside other texts."""
        wanted = self.asked(prompt)
        lifting = _excusing_minors(policy.allowed_words, self._lexicon)
        lines = self._lexicon.lines(self._undisguised(wanted, lifting))
        groups = frozenset(name for line in lines for name in line.groups)
        return Told(groups=groups, findings=tuple(self._found_by_readers(wanted)))

    def judge_together(self, texts: Sequence[Told], policy: Policy) -> Verdict:
        """The rule on minors over texts that belong together, each read alone. No strike: not all are this person's."""
        groups = frozenset[str]().union(*(text.groups for text in texts))
        found = [finding for text in texts for finding in text.findings]
        lexicon = (rule for rule in self._lexicon.rules if rule.is_met_anywhere(groups))
        crossed = (one.rule for one in judge(found, _as_findings(groups)))
        broken = next((rule for rule in chain(lexicon, crossed) if rule.category == "minors"), None)
        return self._verdict(broken, severity_of(broken, policy)) if broken else Verdict()

    def _judged(
        self, prompt: str, policy: Policy, gravest: "_Gravest | None" = None
    ) -> Iterator[tuple[Broken, Severity]]:
        """Nearly every text breaks nothing as it stands; only of another it is asked what it asks for."""
        wanted = prompt
        if len(prompt) < _LONG and not leaves_away(prompt):
            judged = self._judged_text(prompt, policy, gravest)
            first = next(judged, None)
            if first is None:
                return
            if (wanted := self.asked(prompt)) == prompt:
                yield first
                yield from judged
                return
        else:
            wanted = self.asked(prompt)
        yield from self._judged_text(wanted, policy, gravest)

    def _judged_text(
        self, text: str, policy: Policy, gravest: "_Gravest | None"
    ) -> Iterator[tuple[Broken, Severity]]:
        """What is allowed, or was opened by a press, is so for every rule but that on minors."""
        opened = (*policy.allowed_words, *policy.misread)
        if not opened:
            yield from self._judged_under(text, policy, gravest)
            return
        held = replace(policy, allowed_words=_excusing_minors(policy.allowed_words, self._lexicon))
        found = list(self._judged_under(text, held, None))
        minors = [one for one in found if one[0].rule.category == "minors"]
        yield from minors
        if len(found) > len(minors):
            judged = self._judged_under(text, replace(policy, allowed_words=opened), gravest)
            yield from (one for one in judged if one[0].rule.category != "minors")

    def _judged_under(
        self, text: str, policy: Policy, gravest: "_Gravest | None"
    ) -> Iterator[tuple[Broken, Severity]]:
        read = self._undisguised(text, policy.allowed_words)
        plain = Plain(self._lexicon, read, partial(self._found_by_readers, text))
        groups: set[str] = set()
        begins_with_a_work = False
        for line in self._lexicon.lines(read):
            if line.hits:
                groups |= line.groups
                begins_with_a_work = begins_with_a_work or begins_with_art(line)
                yield from self._broken(line, plain, policy, gravest)
        of_art = begins_with_a_work and "photo" not in groups
        yield from self._broken_elsewhere(text, plain.elsewhere, policy, _as_findings(groups), of_art=of_art)

    def _undisguised(self, text: str, allowed_words: tuple[str, ...]) -> Text:
        """A text's readings, without the words that are allowed as a disguise was read into them."""
        read = normalise(with_ages(text))
        return own.without(read, own.misread_words(allowed_words, self._lexicon)) if allowed_words else read

    def _broken_elsewhere(
        self, text: str, found: Sequence[Finding], policy: Policy, beside: Sequence[Finding], *, of_art: bool
    ) -> Iterator[tuple[Broken, Severity]]:
        """What other languages' words break that were found, alone or with English and Korean ones beside them."""
        if not found:
            return
        kept = found
        if policy.allowed_words:
            kept = self._found_by_readers(own.blanked(text, policy.allowed_words))
            for one in judge(found, beside):
                holds = one.rule.category == "minors"
                yield one, severity_of(one.rule, policy) if holds else Severity.ALLOW
        for one in judge(kept, beside):
            certain = one.certain and not (of_art and one.rule.switch == "art_nudity")
            yield replace(one, certain=certain), severity_of(one.rule, policy, of_art=of_art)

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
        self, line: Marked, plain: Plain, policy: Policy, gravest: "_Gravest | None"
    ) -> Iterator[tuple[Broken, Severity]]:
        allowed = policy.allowed_words
        excused = own.excused(line, allowed, self._lexicon) if allowed else line
        matters = gravest.could_be_graver if gravest else None
        for marked in (line,) if excused is line else (line, excused):
            for rule in self._lexicon.broken(marked, matters):
                of_art = rule.switch == "art_nudity" and is_of_art(line)
                holds = rule.category == "minors" or marked is excused
                severity = severity_of(rule, policy, of_art=of_art) if holds else Severity.ALLOW
                yield Broken(rule=rule, certain=plain.makes_certain(rule, marked, of_art=of_art)), severity


@lru_cache(maxsize=256)
def _excusing_minors(allowed_words: tuple[str, ...], words: Lexicon) -> tuple[str, ...]:
    """Of the allowed words those that alone, by one disguise, were misread as of minors: no other lifts that rule."""
    alone, found = LexiconCheck(words, readers=()), own.misread_words(allowed_words, words)
    said = ((word, alone.judge(word, Policy())) for word in found)
    return tuple(word for word, verdict in said if verdict.category == "minors" and not verdict.counts)


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


def _as_findings(groups: AbstractSet[str]) -> list[Finding]:
    """What the lexicon's words mean to the judge of all languages together: which they are, once each."""
    known = sorted(KINDS.keys() & groups)
    return [
        Finding(kind=kind, language="en", start=0, end=0, text="")
        for kind in dict.fromkeys(map(KINDS.__getitem__, known))
    ]


def severity_of(rule: Rule, policy: Policy, *, of_art: bool = False) -> Severity:
    """What a broken rule means under a policy. A rule on minors has no switch and holds at every level."""
    if _is_lifted(rule.switch, policy, of_art=of_art):
        return Severity.ALLOW
    if _STRICTNESS.index(policy.level) >= _STRICTNESS.index(rule.level):
        return Severity.REFUSE
    return Severity.SPOILER if rule.spoiler else Severity.ALLOW


def _is_lifted(switch: Switch, policy: Policy, *, of_art: bool) -> bool:
    match switch:
        case "":
            return False
        case "art_nudity":
            return policy.art_nudity and of_art
        case "insults":
            return policy.insults
        case "real_people":
            return policy.real_people


class OwnWords:
    """Judges a prompt by the words that a community blocks itself; evasions of them count too."""

    name = "own_words"
    local = True

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        return await at_length(prompt, partial(self.judge, prompt, policy))

    def judge(self, prompt: str, policy: Policy) -> Verdict:
        words = blocking.blocked(policy.blocked_words)
        found = list(words.broken(prompt)) if words else []
        if not found:
            return _SILENT
        rule, strike = found[0].rule, any(one.certain for one in found)
        return Verdict(
            severity=Severity.REFUSE, category=rule.category, layer=self.name, rule=rule.id, strike=strike
        )
