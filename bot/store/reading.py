"""Jobs as they are read: one, the newest, the finished; parts of a transaction."""

from collections.abc import Sequence

from bot.job import Job
from bot.ports import Requester
from bot.store import states
from bot.store.database import NO_LIMIT, Row, Rows, Sql, Steps, sql
from bot.store.rows import EVER, asset_of, is_private, job_of, millis, readable, subject_of

_SEARCHED_MOST, _WORDS_MOST = 2_000, 12  # pictures that are looked through, and words of a search
_SEARCHED_AT_ONCE = 100


def get_job(job: str) -> Steps[Job | None]:
    """One job with its pictures; a part of another transaction."""
    rows = yield sql("SELECT * FROM jobs WHERE id = :id", id=job)
    found = yield from with_assets(rows)
    return found[0] if found else None


def with_assets(rows: Sequence[Row]) -> Steps[list[Job]]:
    """Jobs' rows with their pictures; without those that can't be read."""
    assets = {}
    for row in rows:
        found = yield sql("SELECT * FROM assets WHERE job = :job ORDER BY role, idx", job=row["id"])
        assets[row["id"]] = tuple(asset_of(a) for a in found)
    return readable(rows, lambda row: job_of(row, assets[row["id"]]))


def finished(
    who: Requester, words: Sequence[str], *, limit: int, before: float | None, offset: int, everyone: bool
) -> Steps[list[Job]]:
    """Finished pictures that were not deleted, newest first; with words, those whose prompt has all of them."""
    wanted = [word.casefold() for word in words[:_WORDS_MOST]]

    def fits(row: Row) -> bool:
        if everyone and is_private(row["order_json"]):
            return False
        subject = subject_of(row["order_json"]).casefold() if wanted else ""
        return all(word in subject for word in wanted)

    at_once = _SEARCHED_AT_ONCE if wanted or everyone else offset + limit
    found: list[Row] = []
    for skipped in range(0, _SEARCHED_MOST, at_once):
        rows: Rows = yield _page(
            who, wanted, before=before, limit=at_once, skipped=skipped, everyone=everyone
        )
        found += filter(fits, rows)
        if len(rows) < at_once or len(found) >= offset + limit:
            break
    return (yield from with_assets(found[offset : offset + limit]))


def _page(
    who: Requester,
    wanted: Sequence[str],
    *,
    before: float | None,
    limit: int,
    skipped: int,
    everyone: bool,
) -> Sql:
    """Letters are compared outside: databases differ in what they call a small letter."""
    plain = next((word for word in sorted(wanted, key=len, reverse=True) if word.isalnum()), "")
    whose = "" if everyone else " AND user_id = :user"
    like = " AND LOWER(order_json) LIKE :plain" if plain.isascii() and plain else ""
    named = {} if everyone else {"user": who.user}
    sought = {"plain": f"%{plain}%"} if like else {}
    return sql(
        f"SELECT * FROM jobs WHERE surface = :surface AND community = :community{whose}"
        f" AND state IN {states.FINISHED} AND deleted = 0 AND created_at < :before{like}"
        " ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :skipped",
        surface=who.surface,
        community=who.community,
        before=millis(EVER if before is None else before),
        limit=limit,
        skipped=skipped,
        **named,
        **sought,
    )


def recent(who: Requester | None, state: str | None, limit: int | None) -> Steps[list[Job]]:
    """Jobs, newest first: of one person or of all."""
    rows = yield sql(
        "SELECT * FROM jobs WHERE (:anyone = 1 OR"
        " (surface = :surface AND community = :community AND user_id = :user))"
        " AND (:any_state = 1 OR state = :state) ORDER BY created_at DESC, id DESC LIMIT :limit",
        anyone=int(who is None),
        surface=who.surface if who else "",
        community=who.community if who else "",
        user=who.user if who else "",
        any_state=int(state is None),
        state=state or "",
        limit=NO_LIMIT if limit is None else limit,
    )
    return readable(rows, job_of)
