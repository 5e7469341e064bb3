"""How a job went: its moves and the edits of its messages, as lines that are kept with them. Pure.

A line is a JSON object without what is empty. A newer Easel may write more into it, so it is read by what we know;
a line that can't be read is left out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.job import Job, Look, Move

KEPT_MOST = 8_000  # characters of one story: a job that is put off for hours tells its first hours
LOOKS_MOST = 40  # of one step
_DETAIL_MOST = 300  # characters

_line = json.JSONEncoder(separators=(",", ":")).encode


class Became(StrEnum):
    """What became of one try to make a message say what its job says."""

    SHOWN = "shown"
    LATER = "later"  # it failed, and is tried again
    REFUSED = "refused"  # the platform doesn't allow it
    LOST = "lost"  # nobody can see it, and what was paid went back
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """One move. `at` is unix seconds; provider and model are who draws from then on."""

    at: float
    state: str
    provider: str = ""
    model: str = ""
    attempt: int = 1
    reason: str = ""
    detail: str = ""
    trouble: str = ""
    doubtful: bool = False
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One try to show a message. `version` is the job's that was shown; 0 where nothing was."""

    at: float
    told: str
    version: int = 0


def line_of_move(job: Job, move: Move, *, now: float) -> str:
    """What is added to a job's story by a move."""
    order = move.order or job.order
    told: dict[str, Any] = {
        "at": int(now * 1000),
        "to": str(move.to),
        "by": [order.provider, order.model],
        "n": job.attempt + move.next_attempt,
        "why": move.reason,
        "detail": move.detail[:_DETAIL_MOST],
        "trouble": str(move.trouble or ""),
        "doubtful": move.doubtful,
        "looks": [[int(look.at * 1000), look.said] for look in move.looks[-LOOKS_MOST:]],
    }
    return _line({name: value for name, value in told.items() if value}) + "\n"


def line_of_edit(told: Became, *, now: float, version: int = 0) -> str:
    """What is added to a message's story by a try to show it."""
    return (
        _line({"at": int(now * 1000), "told": str(told)} | ({"version": version} if version else {})) + "\n"
    )


def steps_of(story: str) -> tuple[StoryStep, ...]:
    """A job's moves, oldest first."""
    return tuple(_step(line) for line in _lines(story) if "to" in line)


def edits_of(story: str) -> tuple[Edit, ...]:
    """A message's edits, oldest first."""
    return tuple(
        Edit(at=_at(line["at"]), told=str(line["told"]), version=_count(line.get("version")))
        for line in _lines(story)
        if "told" in line
    )


def _lines(story: str) -> Iterator[dict[str, Any]]:
    for text in story.splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and isinstance(line.get("at"), int):
            yield line


def _step(line: dict[str, Any]) -> StoryStep:
    provider, model = [*map(str, _list(line.get("by"))), "", ""][:2]
    return StoryStep(
        at=_at(line["at"]),
        state=str(line["to"]),
        provider=provider,
        model=model,
        attempt=_count(line.get("n")) or 1,
        reason=str(line.get("why", "")),
        detail=str(line.get("detail", "")),
        trouble=str(line.get("trouble", "")),
        doubtful=bool(line.get("doubtful")),
        looks=tuple(_looks(_list(line.get("looks")))),
    )


def _looks(stored: list[Any]) -> Iterator[Look]:
    """Those whose beginning we know: a newer Easel may write more behind it."""
    for one in map(_list, stored):
        if len(one) > 1 and isinstance(one[0], int):
            yield Look(at=_at(one[0]), said=str(one[1]))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _at(millis: int) -> float:
    return millis / 1000


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
