"""What is measured: each row of the table with its peer or limit and its target, and the benches that fill them."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a figure is made of: counts hold on a noisy machine, processor time mostly, the wall clock doesn't."""

    WALL = "wall clock"
    PROCESSOR = "processor"
    MEMORY = "memory"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One row. Without a `limit` the peer is measured in the same run."""

    name: str
    what: str
    unit: str
    kind: Kind
    against: str
    limit: float | None = None
    ratio: float = 1.0  # ours / theirs, at most
    more: bool = False  # more is better: at least, then
    optional: bool = False  # the peer is not of the extra: whoever has it says where

    def is_met(self, ours: float, theirs: float) -> bool:
        """Whether the target is reached."""
        reached = ours / theirs if theirs else float("inf")
        return reached >= self.ratio if self.more else reached <= self.ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A function of a module of this folder that answers for rows; it runs as a process of its own."""

    name: str
    module: str = ""  # where it isn't the name
    call: str = "figures"
    within_s: float
    goals: tuple[Goal, ...]

    @property
    def place(self) -> tuple[str, str]:
        """The module and its function."""
        return f"bench.{self.module or self.name}", self.call


def limited(name: str, what: str, unit: str, kind: Kind, limit: float, *, more: bool = False) -> Goal:
    """A row that is held against a fixed figure."""
    return Goal(name=name, what=what, unit=unit, kind=kind, against="goal", limit=limit, more=more)


def rival(
    name: str, what: str, unit: str, kind: Kind, against: str, ratio: float, *, more: bool = False
) -> Goal:
    """A row that is held against somebody else's code in the same run."""
    return Goal(name=name, what=what, unit=unit, kind=kind, against=against, ratio=ratio, more=more)


BENCHES = (
    Bench(
        name="steady",
        module="program",
        call="steady",
        within_s=270,
        goals=(
            limited("start.ready", "`easel run`: start to first readiness", "s", Kind.WALL, 2.0),
            limited("idle.cpu", "idle: share of a core", "%", Kind.PROCESSOR, 0.5),
            limited("idle.memory", "idle: resident", "MiB", Kind.MEMORY, 80),
            limited("ack.p50", "50 commands/s: acknowledged, p50", "ms", Kind.WALL, 5),
            limited("ack.p99", "50 commands/s: acknowledged, p99", "ms", Kind.WALL, 30),
            limited(
                "picture.cpu",
                "a small picture on Discord: processor of the process",
                "ms",
                Kind.PROCESSOR,
                10,
            ),
            limited("picture.calls", "a picture on Discord: REST calls", "", Kind.COUNT, 2.1),
        ),
    ),
    Bench(
        name="burst",
        module="program",
        call="burst",
        within_s=200,
        goals=(
            limited("burst.p99", "1,000 commands at once: acknowledged, p99", "s", Kind.WALL, 1.0),
            limited("burst.late", "of those later than Discord's 3 s", "", Kind.COUNT, 0),
            limited("burst.unseen", "of those without a placeholder after a minute", "", Kind.COUNT, 0),
        ),
    ),
    Bench(
        name="waiting",
        module="program",
        call="waiting",
        within_s=270,
        goals=(
            limited("waiting.memory", "1,500 under way: memory each", "KiB", Kind.MEMORY, 6),
            limited("waiting.cpu", "1,500 wait for their polls: share of a core", "%", Kind.PROCESSOR, 3),
        ),
    ),
    Bench(
        name="transactions",
        within_s=90,
        goals=(
            limited("picture.transactions", "a picture: transactions", "", Kind.COUNT, 14),
            limited("picture.statements", "a picture: statements", "", Kind.COUNT, 40),
        ),
    ),
    Bench(
        name="books",
        within_s=200,
        goals=(
            rival("accept.alone", "accept on SQLite, alone", "/s", Kind.WALL, "bare sqlite3", 0.5, more=True),
            rival(
                "accept.together",
                "accept on SQLite, 50 tasks",
                "/s",
                Kind.WALL,
                "bare sqlite3, one by one",
                4.0,
                more=True,
            ),
            rival(
                "accept.postgres",
                "accept on PostgreSQL, 50 tasks",
                "/s",
                Kind.WALL,
                "bare asyncpg",
                0.7,
                more=True,
            ),
        ),
    ),
    Bench(
        name="racing",
        within_s=120,
        goals=(
            limited("race.through", "ten racing for one credit: got through", "", Kind.COUNT, 1),
            rival(
                "race.look",
                "ten racing for one credit: got through",
                "",
                Kind.COUNT,
                "look, draw, then write",
                0.5,
            ),
            Goal(
                name="race.bot",
                what="ten racing for one credit: got through",
                unit="",
                kind=Kind.COUNT,
                against="nonebot-plugin-nai3",
                ratio=0.5,
                optional=True,
            ),
        ),
    ),
    Bench(
        name="polling",
        within_s=270,
        goals=(
            limited("poll.lag", "noticing: lag, of the duration", "%", Kind.WALL, 2.2),
            rival("poll.lag.replicate", "noticing: lag", "%", Kind.WALL, "replicate's client", 1.15),
            # A loop that looks half as often is late twice as long, so what is compared is looks at the same lag.
            # The target is what 0.65 of the looks at 1.15 of the lag come to.
            rival(
                "poll.looks.replicate",
                "noticing: looks a job at the same lag",
                "",
                Kind.COUNT,
                "replicate's client",
                0.75,
            ),
            rival(
                "poll.looks.fal",
                "noticing: looks a job at the same lag",
                "",
                Kind.COUNT,
                "fal's client",
                0.75,
            ),
            rival("poll.lag.loop", "noticing: lag", "%", Kind.WALL, "a loop that sleeps 5 s", 0.2),
            rival(
                "poll.cpu.replicate",
                "the whole program: processor a job",
                "ms",
                Kind.PROCESSOR,
                "replicate's client, polling alone",
                1.0,
            ),
        ),
    ),
    Bench(
        name="pacing",
        within_s=90,
        goals=(
            limited("pacing.lag", "virtual time, cold start: lag", "%", Kind.COUNT, 2.2),
            limited("pacing.polls", "virtual time, cold start: polls a job", "", Kind.COUNT, 17),
            rival("pacing.optimum", "virtual time, warm: lag", "%", Kind.COUNT, "the exact optimum", 1.05),
            limited("pacing.crowd", "9.5 jobs/s under 50 polls/s: lag", "%", Kind.COUNT, 7.5),
            limited("pacing.limit", "10,000 under way: finished/s", "/s", Kind.COUNT, 45.1, more=True),
        ),
    ),
    Bench(
        name="client",
        within_s=90,
        goals=(
            rival(
                "http.aiohttp", "100 requests at once: processor each", "ms", Kind.PROCESSOR, "aiohttp", 3.0
            ),
            rival("http.httpx", "100 requests at once: processor each", "ms", Kind.PROCESSOR, "httpx", 0.5),
        ),
    ),
    Bench(
        name="images",
        within_s=120,
        goals=(
            rival("base64.stall", "base64 of 6.6 MB: the loop stalls", "ms", Kind.PROCESSOR, "inline", 0.05),
            rival(
                "sheet.stall",
                "verify 4, and a sheet: the loop stalls",
                "ms",
                Kind.PROCESSOR,
                "PIL inline",
                0.05,
            ),
        ),
    ),
    Bench(
        name="start",
        within_s=90,
        goals=(
            rival(
                "help.cpu", "`easel --help`: processor", "s", Kind.PROCESSOR, 'python -c "import httpx"', 1.0
            ),
            limited("help.wall", "`easel --help`", "s", Kind.WALL, 0.3),
        ),
    ),
)

GOALS = {goal.name: goal for bench in BENCHES for goal in bench.goals}
