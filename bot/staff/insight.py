"""What the operator sees of the whole installation, as values. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.job import Job
from bot.model import USD_MICROS
from bot.money import Purse
from bot.order.openness import Fares
from bot.ports import Requester
from bot.process.lag import Minute
from bot.store.ended import EDGES_S, Cause, Earned, Verdicts
from bot.store.stories import Entered, ShownMessage, Story

__all__ = [
    "Earned",
    "Entered",
    "ShownMessage",
    "Story",
]  # which the store makes, and those who show them read


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A provider: how its routes fare, what goes on there, and what is left on our account."""

    name: str
    fares: Mapping[Fares, int]
    trouble: tuple[tuple[str, Fares], ...]  # models that are not well
    painting: int
    waiting: int
    credits_left: float | None
    usd_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightNow:
    """What is under way. `since` is unix seconds of the oldest that goes on; None where nothing does."""

    at: float
    waiting: int
    painting: int
    telling: int  # over, and not told everywhere yet
    since: float | None
    oldest: tuple[Job, ...]
    services: tuple[Service, ...]
    surfaces: Mapping[str, str]
    lag: tuple[Minute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOf:
    """One hour: what ended in it, and within how many seconds half and nearly all pictures came; None where none did."""

    begins: float
    finished: int
    bad: int
    half_s: float | None
    most_s: float | None  # 95 of a hundred


@dataclass(frozen=True, slots=True, kw_only=True)
class LastHours:
    """The last hours, oldest first; `whole` says whether all that ended in them was read."""

    hours: tuple[HourOf, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What several jobs came to."""

    jobs: int = 0
    pictures: int = 0
    credits: int = 0
    usd_micros: int = 0

    def plus(self, one: "Sum | Earned") -> "Sum":
        """Both together."""
        return Sum(
            jobs=self.jobs + one.jobs,
            pictures=self.pictures + one.pictures,
            credits=self.credits + one.credits,
            usd_micros=self.usd_micros + one.usd_micros,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What ended in one day of the operator's zone, which began at that moment, unix seconds."""

    begins: float
    rows: tuple[Earned, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What was captured and paid, newest day first. `usd_a_credit` is what a credit is worth by [quotas]."""

    days: tuple[Day, ...]
    usd_a_credit: float
    whole: bool

    def by(self, key: Callable[[Earned], str]) -> list[tuple[str, Sum]]:
        """Sums by what is asked for, the most credits first."""
        sums: dict[str, Sum] = {}
        for day in self.days:
            for one in day.rows:
                sums[key(one)] = sums.get(key(one), Sum()).plus(one)
        return sorted(sums.items(), key=lambda named: (-named[1].credits, named[0]))

    def margin_usd(self, one: Sum) -> float:
        """What the credits were worth, less what was paid."""
        return one.credits * self.usd_a_credit - one.usd_micros / USD_MICROS


def total(rows: Iterable[Earned]) -> Sum:
    """All of them together."""
    found = Sum()
    for one in rows:
        found = found.plus(one)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What did not come, and why; `refused` is what this process has refused since it began, by reason."""

    causes: tuple[Cause, ...]
    verdicts: tuple[Verdicts, ...]
    refused: Mapping[str, int]
    newest: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What somebody may have meant: a job, or people."""

    job: str = ""
    people: tuple[Requester, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Somebody's credits with the last movements, and their last jobs."""

    purse: Purse
    jobs: tuple[Job, ...]


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Seconds within which that share came, by how many fell between EDGES_S; None where none came."""
    wanted = share * sum(counts)
    seen = 0
    for number, count in enumerate(counts):
        if count and seen + count >= wanted:
            shorter = EDGES_S[number - 1] if number else 0.0
            longer = EDGES_S[number] if number < len(EDGES_S) else EDGES_S[-1]
            return shorter + (longer - shorter) * (wanted - seen) / count
        seen += count
    return None
