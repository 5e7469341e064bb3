"""What share of refused texts is still refused in disguise: listed words, pairs about minors, prompts of the public sets.

The pairs are judged at relaxed, the others at standard. Samples are drawn by the texts' own digests, so that a change of the
lists leaves nearly all of them as they were.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.disguises import DISGUISES
from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon import lexicon
from bot.moderation.reading import terms
from bot.moderation.reading.text import data
from bot.ports import Policy, Severity

WORDS, PAIRS, PROMPTS = 400, 150, 60
STANDARD, RELAXED = Policy(), Policy(level="relaxed")
SHORTEST = 4  # letters of a listed word alone; shorter ones are too many other things in disguise
LETTERS_MAX = 200  # of a prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Of one kind of texts under one disguise: how many there are, and which slip through."""

    kind: str
    disguise: str
    texts: int
    lost: tuple[str, ...]


def words() -> list[str]:
    """Some Latin words and phrases that a rule of one group refuses at standard, alone."""
    known = lexicon.load()
    rules = [
        rule for rule in known.rules if len(rule.needs) == 1 and not rule.switch and rule.level != "strict"
    ]
    listed = {term for rule in rules for term in terms.terms_of(rule.needs[0], known.groups)}
    listed -= {*data("asking.toml")["nothing_alone"]}
    return _some([term for term in listed if term.isascii() and len(term) >= SHORTEST], WORDS)


def pairs() -> list[str]:
    """Words for the young beside what is sexual."""
    groups = lexicon.load().groups
    youth, sexual = (
        _some([term for term in set(terms.terms_of(name, groups)) if term.isascii()], PAIRS)
        for name in ("youth", "sexual_any")
    )
    return [f"{one} {other}" for one, other in zip(youth, sexual, strict=True)]


def sampled(prompts: Sequence[str]) -> list[str]:
    """Some that are refused for their English, none too long: a disguise of another language's words is another matter."""
    english = LexiconCheck(lexicon.load(), readers=())
    fit = [prompt for prompt in prompts if prompt.isascii() and len(prompt) <= LETTERS_MAX]
    return _some(
        [prompt for prompt in fit if english.judge(prompt, STANDARD).severity is Severity.REFUSE], PROMPTS
    )


def _some(texts: Sequence[str], count: int) -> list[str]:
    return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())[:count]


def survivals(prompts: Sequence[str]) -> Iterator[Survival]:
    """Each kind under each disguise. `prompts`: refused ones, of the public sets."""
    check = LexiconCheck(lexicon.load())
    for kind, policy, texts in (
        ("words", STANDARD, words()),
        ("pairs about minors", RELAXED, pairs()),
        ("prompts", STANDARD, sampled(prompts)),
    ):
        plain = [text for text in texts if check.judge(text, policy).severity is Severity.REFUSE]
        for name, disguise in DISGUISES.items() if plain else ():
            lost = [
                text for text in plain if check.judge(disguise(text), policy).severity is not Severity.REFUSE
            ]
            yield Survival(kind=kind, disguise=name, texts=len(plain), lost=tuple(lost))
