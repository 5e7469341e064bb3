"""The battery of the services: every one as it is, killed at every step, wrong in every known way, and in pairs.

    python -m tests.chaos.services --storms 200 --seed 7

Prints the seed and a table; ends with 1 when a promise was broken. docs/reliability.md has the figures of a long run.
"""

import argparse
import itertools
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.job import State
from tests.chaos.far_services import KINDS, SAID_NO, TAKEN, UNHEARD, Coast, Kind
from tests.chaos.lives import make_template
from tests.chaos.service_lives import Left, Story, told
from tests.chaos.virtual_time import run

SHM = Path("/dev/shm")
# Two services that draw one model, in the order in which they are asked.
PAIRS = (
    ("fal", "bfl", "flux-1.1-pro-ultra"),
    ("bfl", "replicate", "flux-1.1-pro-ultra"),
    ("replicate", "fal", "flux-1.1-pro-ultra"),
    ("gateway", "google", "gemini-2.5-flash-image"),
    ("google", "gateway", "gemini-2.5-flash-image"),
    ("openai", "gateway", "gpt-image-1-mini"),
    ("xai", "gateway", "xai/grok-imagine-image"),
    ("stability", "comfyui", "sd3.5-large"),
    ("comfyui", "gateway", "stability-ai/sdxl"),
    ("openrouter", "gateway", "black-forest-labs/flux-2-pro"),
)
FILES = ("cut", "500", "404", "503")
STEPS_MOST = 70  # of a life; a kill that comes later doesn't fire


def wrong(kinds: tuple[Kind, ...], model: str = "") -> Iterator[Story]:
    """One fault each: of an order, of a look, of a picture."""
    for calls in _calls(kinds[0]):
        plain = Story(kinds=kinds, model=model, calls=calls)
        yield from (replace(plain, orders=(fault,)) for fault in (*UNHEARD, *TAKEN, *SAID_NO))
        yield from (replace(plain, looks=(fault,)) for fault in (*UNHEARD, *SAID_NO))
        yield from (replace(plain, files=(fault,)) for fault in FILES)


def stormy(kinds: tuple[Kind, ...], rng: random.Random, model: str = "") -> Story:
    """Anything, and up to two kills in it."""

    def some(faults: tuple[str, ...], share: float) -> tuple[str | None, ...]:
        return tuple(rng.choice(faults) if rng.random() < share else None for _ in range(6))

    return Story(
        kinds=kinds,
        model=model,
        calls=rng.choice(_calls(kinds[0])),
        orders=some((*UNHEARD, *TAKEN, *SAID_NO), 0.4),
        looks=some((*UNHEARD, *SAID_NO), 0.2),
        files=some(FILES, 0.2),
        kills=tuple(rng.randint(1, STEPS_MOST) for _ in range(rng.choice((0, 1, 1, 2)))),
    )


def _calls(kind: Kind) -> tuple[bool, ...]:
    return (False, True) if kind.calls else (False,)


@dataclass
class Tally:
    """What came of the stories of one service or pair."""

    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, story: Story, left: Left) -> None:
        job = left.job
        killed = [one.life.where for one in left.lives if one.killed]
        self.problems += [f"{story}, killed {killed}: {problem}" for problem in left.problems]
        self.done["stories"] += 1
        self.done["kills"] += len(killed)
        self.done["faults"] += sum(map(bool, (*story.orders, *story.looks, *story.files)))
        self.done["by the table"] += left.by_table
        self.done["finished"] += job.state is State.FINISHED
        self.done["doubtful"] += job.doubtful
        self.done["of them billed"] += job.doubtful and any(left.bills.values())
        if not (job.doubtful or left.by_table):
            self.done["sure, booked"] += job.cost_usd_micros
            self.done["sure, billed"] += left.billed


@dataclass
class Battery:
    """A coast, and what has happened at it."""

    coast: Coast
    template: Path
    tallies: dict[str, Tally] = field(default_factory=dict)

    def tell(self, name: str, story: Story) -> Left:
        left = told(self.coast, self.template, story)
        self.tallies.setdefault(name, Tally()).add(story, left)
        return left

    def kill_everywhere(self, name: str, story: Story) -> None:
        """One story for each step that a life has."""
        missed = 0
        for step in itertools.count(1):
            missed = 0 if self.tell(name, replace(story, kills=(step,))).lives[0].killed else missed + 1
            if missed == 3:  # lives differ by a look or two
                return

    def lines(self) -> list[str]:
        """The table; of the micro-dollars, those that nothing leaves in doubt."""
        rows = []
        for name, tally in self.tallies.items():
            done = tally.done
            rows.append(
                f"| {name} | {done['stories']} | {done['kills']} | {done['faults']} | {done['finished']} |"
                f" {done['doubtful']} / {done['of them billed']} | {done['by the table']} |"
                f" {done['sure, booked']} / {done['sure, billed']} | {len(tally.problems)} |"
            )
        return rows


def alone(at: Battery, storms: int, rng: random.Random, names: list[str]) -> None:
    """Each service by itself."""
    for kind in (KINDS[name] for name in names):
        began = time.monotonic()
        for calls in _calls(kind):
            at.kill_everywhere(kind.name, Story(kinds=(kind,), calls=calls))
            at.kill_everywhere(kind.name, Story(kinds=(kind,), calls=calls, orders=("cut-taken",)))
        for story in wrong((kind,)):
            at.tell(kind.name, story)
        for _ in range(storms):
            at.tell(kind.name, stormy((kind,), rng))
        _say(at, kind.name, began)


def pairs(at: Battery, storms: int, rng: random.Random, names: list[str]) -> None:
    """Two services that draw one model: the first is wrong in each known way."""
    for first, second, model in (pair for pair in PAIRS if {*pair[:2]} <= {*names}):
        began, kinds, name = time.monotonic(), (KINDS[first], KINDS[second]), f"{first}, then {second}"
        at.kill_everywhere(name, Story(kinds=kinds, model=model, orders=("402",)))
        for story in wrong(kinds, model):
            at.tell(name, story)
        for _ in range(storms):
            at.tell(name, stormy(kinds, rng, model))
        _say(at, name, began)


def _say(at: Battery, name: str, began: float) -> None:
    tally = at.tallies[name]
    print(f"{name}: {dict(tally.done)}, {time.monotonic() - began:.0f} s", flush=True)
    for problem in tally.problems[:20]:
        print(f"  BROKEN {problem}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--storms", type=int, default=50, help="random stories of each service and pair")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--part", choices=("all", "alone", "pairs"), default="all")
    parser.add_argument("--only", nargs="*", default=list(KINDS), help="these services")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        template = Path(folder) / "template.db"
        run(make_template(template))
        at = Battery(Coast(), template)
        try:
            rng = random.Random(given.seed)
            if given.part != "pairs":
                alone(at, given.storms, rng, given.only)
            if given.part != "alone":
                pairs(at, given.storms, rng, given.only)
        finally:
            at.coast.close()
    print("\n".join(at.lines()))
    sys.exit(any(tally.problems for tally in at.tallies.values()))


if __name__ == "__main__":
    main()
