"""How long the local layers take: a prompt of every day, and 16,000 letters of the worst kinds.

Run: python -m bench.moderation [file with one prompt a line]
Times are of this thread's own processor time, so that a busy machine doesn't count.
"""

import random
import statistics
import sys
import time
from pathlib import Path

from bench.hostile import hostile
from bot.moderation import lexicon
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.ports import Policy

AIM_MS = 20  # for 16,000 letters; a prompt has 4,000 at most
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


def main() -> None:
    began = time.perf_counter()
    words = lexicon.load()
    check, own = LexiconCheck(words), OwnWords()
    print(f"load                    {(time.perf_counter() - began) * 1000:8.1f} ms")
    policy = Policy(blocked_words=("pineapple",))
    rng = random.Random(1)
    prompts = (
        Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if sys.argv[1:] else everyday(5000, rng)
    )
    for prompt in ("warm up", "wärm up"):
        time_us(check, own, prompt, policy)
    times = sorted(time_us(check, own, prompt, policy) for prompt in prompts)
    print(f"prompts                 {len(times):8d}")
    print(f"median                  {statistics.median(times):8.1f} us")
    print(f"p99                     {times[int(len(times) * 0.99)]:8.1f} us")
    took = sorted((time_us(check, own, text, policy) / 1000, name) for name, text in hostile(words, rng))
    print(f"hostile shapes          {len(took):8d}")
    print(f"over {AIM_MS} ms              {sum(ms > AIM_MS for ms, _ in took):8d}")
    print(f"median                  {statistics.median(ms for ms, _ in took):8.1f} ms")
    for ms, name in took[: -SHOWN - 1 : -1]:
        print(f"{name:32}{ms:8.1f} ms")


if __name__ == "__main__":
    main()
