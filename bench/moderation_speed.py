"""How long the local layers take: a prompt of every day, the longest one of the worst kinds, and what is longer.

Times are of this thread's own processor time, so that a busy machine doesn't count.
"""

import contextlib
import random
import statistics
import time
from collections.abc import Iterator, Sequence

from bench.hostile import LETTERS, hostile
from bot.errors import BadPrompt
from bot.moderation.checks import LexiconCheck, OwnWords, build_ahead
from bot.moderation.lexicon import lexicon
from bot.moderation.panel import readable
from bot.moderation.reading.text import data, word_list
from bot.moderation.tongues import pages, readers
from bot.order.prompts import PROMPT_LIMIT
from bot.ports import Policy
from bot.process import collector

EVERYDAY = 5_000
AIM_MS = 20
SHOWN = 30
SUBJECTS = (
    "a red fox",
    "an old lighthouse",
    "two astronauts",
    "a bowl of ramen",
    "a girl with a kite",
    "닭가슴살 샐러드",
)
PLACES = (
    "in the snow",
    "on a marble table",
    "under a stormy sky",
    "in a neon lit alley",
    "at the edge of a forest",
)
STYLES = (
    "watercolor",
    "35mm photo, f/1.8",
    "oil painting by Turner",
    "isometric 3d render, 8k",
    "ukiyo-e woodblock print",
)


def everyday(count: int, rng: random.Random) -> list[str]:
    """Prompts as people type them, none the same."""
    return [
        f"{rng.choice(SUBJECTS)} {rng.choice(PLACES)}, {rng.choice(STYLES)}, number {rng.randrange(10**6)}"
        for _ in range(count)
    ]


def time_us(check: LexiconCheck, own: OwnWords, prompt: str, policy: Policy) -> float:
    began = time.thread_time_ns()
    check.judge(prompt, policy)
    own.judge(prompt, policy)
    return (time.thread_time_ns() - began) / 1000


def refused_ms(prompt: str) -> float:
    """How long it takes to refuse what is longer than an order can be."""
    began = time.thread_time_ns()
    with contextlib.suppress(BadPrompt):
        readable(prompt, "")
    return (time.thread_time_ns() - began) / 1e6


def figures(prompts: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """What is measured, its unit, and how much."""
    for known in (lexicon.load, readers.readers, pages.pages, pages.listed, word_list, data):
        known.cache_clear()
    collector.collect_rarely()
    began = time.thread_time_ns()
    with collector.put_off():  # as where Easel starts
        words = lexicon.load()
        readers.readers()
    yield "all vocabularies are loaded", "ms", (time.thread_time_ns() - began) / 1e6
    check, own, policy, rng = (
        LexiconCheck(words),
        OwnWords(),
        Policy(blocked_words=("pineapple",)),
        random.Random(1),
    )
    build_ahead(check).result()  # as `easel run` does
    for prompt in ("warm up", "wärm up"):
        time_us(check, own, prompt, policy)
    times = sorted(time_us(check, own, prompt, policy) for prompt in prompts or everyday(EVERYDAY, rng))
    yield "a prompt, median", "us", statistics.median(times)
    yield "a prompt, 99th percentile", "us", times[int(len(times) * 0.99)]
    yield (
        f"one of {LETTERS:,} hostile letters, refused unread",
        "ms",
        max(map(refused_ms, dict(hostile(words, rng)).values())),
    )
    for letters, shown in ((PROMPT_LIMIT, SHOWN), (LETTERS, 1)):  # the second only if such were read
        texts = hostile(words, rng, letters)
        took = sorted(
            ((time_us(check, own, text, policy) / 1000, name) for name, text in texts), reverse=True
        )
        many = f"{letters:,}"
        over = sum(ms > AIM_MS for ms, _ in took)
        yield f"of {len(took)} texts of {many} hostile letters, over {AIM_MS} ms", "", over
        yield f"one of {many}, median", "ms", statistics.median(ms for ms, _ in took)
        for ms, name in took[:shown]:
            yield f"{many}, {name}", "ms", ms
