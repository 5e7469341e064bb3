"""What share of refused texts is still refused in disguise: listed words, pairs about minors, prompts of the public sets.

The pairs are judged at relaxed, the others at standard. Samples are drawn with a fixed seed, so that two runs can be compared.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.disguises import DISGUISES
from bot.moderation import lexicon, terms
from bot.moderation.checks import LexiconCheck
from bot.ports import Policy, Severity

SEED = 17
WORDS, PAIRS, PROMPTS = 400, 150, 60
STANDARD, RELAXED = Policy(), Policy(level="relaxed")
SHORTEST = 4  # letters of a listed word alone; shorter ones are too many other things in disguise
LETTERS_MAX = 240  # of a prompt


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
    fit = sorted(term for term in listed if term.isascii() and len(term) >= SHORTEST)
    return random.Random(SEED).sample(fit, WORDS)


def pairs() -> list[str]:
    """Words for the young beside what is sexual."""
    chance, groups = random.Random(SEED), lexicon.load().groups
    youth, sexual = (
        sorted(term for term in terms.terms_of(name, groups) if term.isascii())
        for name in ("youth", "sexual_any")
    )
    return [f"{chance.choice(youth)} {chance.choice(sexual)}" for _ in range(PAIRS)]


def sampled(prompts: Sequence[str]) -> list[str]:
    """Some of these, none too long, in letters that a disguise can change."""
    fit = [prompt for prompt in prompts if prompt.isascii() and len(prompt) <= LETTERS_MAX]
    return random.Random(SEED).sample(fit, min(PROMPTS, len(fit)))


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
