"""What every stage of the local moderation made of a text. Asks the rooms that judge orders, and judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import BadPrompt
from bot.moderation.checks import LexiconCheck
from bot.moderation.panel import Judgement, Panel, readable
from bot.moderation.reading.text import normalise
from bot.order import prompts
from bot.ports import Policy, Severity, Verdict

_NOTHING_SAID = Judgement(verdict=Verdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A text on its way through moderation."""

    text: str  # what was judged: the words without flags, and what the picture shall not show
    problem: str = ""  # why no order would be made of it, whatever moderation says
    readings: tuple[str, ...] = ()  # with codes and disguises undone
    lines: tuple[str, ...] = ()  # as the lexicon read these, word by word
    hits: Mapping[str, tuple[str, ...]]  # group, or kind and language -> its words that were found
    rules: Mapping[str, Severity]  # rules that are broken, and what that means under the policy
    judgement: Judgement


async def explain(
    text: str, policy: Policy, *, panel: Panel, words: LexiconCheck, negative: str = ""
) -> Explanation:
    """Explains a text as people type it, flags and all. Words that are no order are judged as they stand."""
    subject, avoided, problem = _said(text, negative)
    try:
        whole = readable(subject, avoided)
    except BadPrompt as error:
        return Explanation(text=subject, problem=error.reason, hits={}, rules={}, judgement=_NOTHING_SAID)
    if problem == "prompt-empty":
        return Explanation(text=whole, problem=problem, hits={}, rules={}, judgement=_NOTHING_SAID)
    lines = words.read(whole)
    hits: dict[str, dict[str, None]] = {}
    for line in lines:
        for hit in line.hits:
            for group in sorted(hit.groups):
                hits.setdefault(group, {})[line.text[hit.start : hit.end + 1].strip()] = None
    for finding in words.findings(whole):
        hits.setdefault(f"{finding.kind} ({finding.language})", {})[finding.text] = None
    rules: dict[str, Severity] = {}
    for rule, severity in words.broken(whole, policy):
        rules[rule.id] = max(severity, rules.get(rule.id, Severity.ALLOW))
    return Explanation(
        text=whole,
        problem=problem,
        readings=tuple(" ".join(reading.words) for reading in normalise(words.asked(whole)).readings),
        lines=tuple(line.text.strip() for line in lines),
        hits={group: tuple(found) for group, found in hits.items()},
        rules=rules,
        judgement=await panel.judge_now(subject, policy, negative=avoided),
    )


def _said(text: str, negative: str) -> tuple[str, str, str]:
    """The words, what shall not be shown, and what keeps this from being an order."""
    try:
        prompt = prompts.parse(text, {"no": negative} if negative else {})
    except BadPrompt as error:
        return text, negative, error.reason
    return prompt.subject, prompt.negative or "", ""
