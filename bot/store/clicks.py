"""Clicks: which deed a press, a form or a reaction goes on with, on all replicas and through kills.

A click has a mark among the events that were handled, the same for the same click made again, and in the mark stands the
deed that it has begun. Who has had no answer to that and clicks again means the same, and goes on by its key, so that the
books find its order or make it once; who was answered wants another.
"""

from enum import Enum, auto

from bot.store.database import Database, Steps, sql
from bot.store.rows import millis
from bot.store.states import LIVE


class _Fate(Enum):
    """What became of a deed."""

    UNKNOWN = auto()  # nothing came of it, or not yet
    UNSEEN = auto()  # its order is under way, and nothing of it stands anywhere
    UNANSWERED = auto()  # it was ordered, and its process did not come to say so
    ANSWERED = auto()


class Clicks:
    """The marks of clicks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(
        self, click: str, *, deed: str, now: float, double_s: float, again_s: float, retold: bool = False
    ) -> str | None:
        """Marks a click; answers the key to do it by, and None where nothing is to be done.

        `deed` is its own key. Within `double_s` after a click that was answered it is that one's double. One that was not
        answered is gone on with for `again_s`, and as long as nothing can be seen of its order. The same deed once more has
        nothing new to say once it is answered, but where its person's own program has sent it again (`retold`).
        Raises StoreBusy.
        """

        def steps() -> Steps[str | None]:
            at = millis(now)
            (mark,) = yield sql(
                "INSERT INTO seen (key, at, deed) VALUES (:click, :at, :deed)"
                " ON CONFLICT (key) DO UPDATE SET at = seen.at RETURNING at, deed",
                click=click,
                at=at,
                deed=deed,
            )
            own = mark["deed"] == deed
            if own and mark["at"] == at:
                return deed
            known = yield from _fate(deed)
            if known is _Fate.ANSWERED:
                return deed if retold else None
            if own or known is not _Fate.UNKNOWN:
                return deed
            before = (yield from _fate(mark["deed"])) if mark["deed"] else _Fate.ANSWERED
            age_s = abs(at - mark["at"]) / 1000  # a clock that was ahead hides nothing
            if before is _Fate.ANSWERED and age_s < double_s:
                return None
            goes_on = before is _Fate.UNSEEN or (before is not _Fate.ANSWERED and age_s < again_s)
            key = mark["deed"] if goes_on else deed
            yield sql("UPDATE seen SET at = :at, deed = :key WHERE key = :click", click=click, at=at, key=key)
            return str(key)

        return await self._database.write(steps)

    async def mark_answered(self, deed: str) -> None:
        """Who made this deed knows what came of it, from elsewhere than the first message's own record. Raises StoreBusy."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE messages SET answered = 1 WHERE role = 'main'"
                " AND job IN (SELECT id FROM jobs WHERE request_key = :deed)",
                deed=deed,
            )

        await self._database.write(steps)


def refusal_of(deed: str) -> str:
    """The event that a deed was refused, and its person told so."""
    return f"{deed}:refused"


def _fate(deed: str) -> Steps[_Fate]:
    rows = yield sql(
        f"SELECT m.answered, m.key, CASE WHEN j.state IN {LIVE} THEN 1 ELSE 0 END AS live"
        " FROM jobs j LEFT JOIN messages m ON m.job = j.id AND m.role = 'main' WHERE j.request_key = :deed",
        deed=deed,
    )
    if not rows:
        refused = yield sql("SELECT key FROM seen WHERE key = :key", key=refusal_of(deed))
        return _Fate.ANSWERED if refused else _Fate.UNKNOWN
    order = rows[0]
    if order["answered"] != 0:  # or nobody waits for a message
        return _Fate.ANSWERED
    return _Fate.UNSEEN if order["live"] and order["key"] is None else _Fate.UNANSWERED
