"""Clicks: which deed a press, a form or a reaction goes on with, on all replicas and through kills.

A click has a mark among the events that were handled, the same for the same click made again, and in the mark stands the
deed that it has begun. Who has had no answer to that and clicks again means the same, and goes on by its key, so that the
books find its order or make it once; who was answered wants another.
"""

from enum import Enum, auto
from typing import NamedTuple

from bot.store.database import Database, Steps, sql
from bot.store.rows import millis
from bot.store.states import LIVE, OVER


class _Fate(Enum):
    """What became of a deed."""

    UNKNOWN = auto()  # nothing came of it, or not yet
    UNSEEN = auto()  # its order is under way or drawn, and nothing of it stands anywhere yet
    UNANSWERED = auto()  # it was ordered, and its process did not come to say so
    ANSWERED = auto()


class Click(NamedTuple):
    """A press, a reaction, a form that was filled in."""

    mark: str  # the same for the same click made again
    deed: str  # its own key
    double_s: float  # so long another is its double


class Clicks:
    """The marks of clicks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(self, click: Click, *, now: float, again_s: float, retold: bool = False) -> str | None:
        """Marks a click; answers the key to do it by, and None where nothing is to be done.

        After a click that was answered it is, for a while, that one's double. One that was not answered is gone on with for
        `again_s`, and as long as nothing can be seen of its order. The same deed once more has nothing new to say once it is
        answered, but where its person's own program has sent it again (`retold`).
        Raises StoreBusy.
        """

        def steps() -> Steps[str | None]:
            at, deed = millis(now), click.deed
            (mark,) = yield sql(
                "INSERT INTO seen (key, at, deed) VALUES (:click, :at, :deed)"
                " ON CONFLICT (key) DO UPDATE SET at = seen.at RETURNING at, deed",
                click=click.mark,
                at=at,
                deed=deed,
            )
            if mark["deed"] == deed and mark["at"] == at:
                return deed
            deed = yield from _meant_by(deed)
            known = yield from _fate(deed)
            if known is _Fate.ANSWERED:
                return deed if retold else None
            if mark["deed"] == deed or known is not _Fate.UNKNOWN:
                return deed
            before = (yield from _fate(mark["deed"])) if mark["deed"] else _Fate.ANSWERED
            age_s = abs(at - mark["at"]) / 1000  # a clock that was ahead hides nothing
            if before is _Fate.ANSWERED and age_s < click.double_s:
                yield from _note_same(click.deed, mark["deed"], at)
                return None
            goes_on = before is _Fate.UNSEEN or (before is not _Fate.ANSWERED and age_s < again_s)
            key = mark["deed"] if goes_on else deed
            if goes_on:
                yield from _note_same(click.deed, key, at)
            yield sql(
                "UPDATE seen SET at = :at, deed = :key WHERE key = :click", click=click.mark, at=at, key=key
            )
            return str(key)

        return await self._database.write(steps)

    async def join(self, click: Click, deed: str, *, now: float) -> None:
        """A click while this deed is being answered is its double, and stays so when it is told again. Raises StoreBusy."""

        def steps() -> Steps[None]:
            yield from _note_same(click.deed, deed, millis(now))

        await self._database.write(steps)

    async def mark_answered(self, deed: str) -> None:
        """Who made this deed was told what came of it, or will see it when it stands. Raises StoreBusy.

        A new message that stands at once has that in its own record.
        """

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE messages SET answered = 1 WHERE role = 'main'"
                " AND job IN (SELECT id FROM jobs WHERE request_key = :deed)",
                deed=deed,
            )

        await self._database.write(steps)


def mark_apart(click: Click, thing: str, *, now: float) -> Steps[bool]:
    """Whether what a click turns over is to be turned: not by the same deed again, nor by a double click."""
    new = yield sql(
        "INSERT INTO seen (key, at) VALUES (:key, :at) ON CONFLICT (key) DO NOTHING RETURNING key",
        key=f"{thing}:{click.deed}",
        at=millis(now),
    )
    if not new:
        return False
    fresh = yield sql(
        "INSERT INTO seen (key, at) VALUES (:key, :at) ON CONFLICT (key) DO UPDATE SET at = :at"
        " WHERE seen.at <= :expired OR seen.at >= CAST(:ahead AS BIGINT) RETURNING key",
        key=f"{thing}:{click.mark}",
        at=millis(now),
        expired=millis(now - click.double_s),
        ahead=millis(now + click.double_s),
    )
    return bool(fresh)


def refusal_of(deed: str) -> str:
    """The event that a deed was refused, and its person told so."""
    return f"{deed}:refused"


def _note_same(deed: str, first: str, at: int) -> Steps[None]:
    """This deed means what the first did: told again, too, when the mark has long been another's."""
    if first and deed != first:
        yield sql(
            "INSERT INTO seen (key, at, deed) VALUES (:key, :at, :first)"
            " ON CONFLICT (key) DO UPDATE SET at = :at, deed = :first",
            key=_same(deed),
            at=at,
            first=first,
        )


def _meant_by(deed: str) -> Steps[str]:
    rows = yield sql("SELECT deed FROM seen WHERE key = :key", key=_same(deed))
    return str(rows[0]["deed"]) if rows else deed


def _same(deed: str) -> str:
    return f"{deed}:same"


def _fate(deed: str) -> Steps[_Fate]:
    rows = yield sql(
        "SELECT m.id, m.answered, m.key,"
        f" CASE WHEN j.state IN {OVER} OR j.deleted = 1 OR m.gone = 1 THEN 1 ELSE 0 END AS over,"
        f" CASE WHEN j.state IN {LIVE} OR (m.given_up = 0 AND m.lost_at IS NULL) THEN 1 ELSE 0 END AS coming"
        " FROM jobs j LEFT JOIN messages m ON m.job = j.id AND m.role = 'main' WHERE j.request_key = :deed",
        deed=deed,
    )
    if not rows:
        refused = yield sql("SELECT key FROM seen WHERE key = :key", key=refusal_of(deed))
        return _Fate.ANSWERED if refused else _Fate.UNKNOWN
    order = rows[0]
    if (
        order["id"] is None or order["over"]
    ):  # nobody waits for a message; or nothing is paid, or somebody acted on it
        return _Fate.ANSWERED
    if order["coming"] and order["key"] is None:
        return _Fate.UNSEEN
    return _Fate.ANSWERED if order["answered"] else _Fate.UNANSWERED
