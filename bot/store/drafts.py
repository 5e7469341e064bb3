"""What people had typed when it was refused, for some hours, so that nobody types it twice; each is one person's own."""

from collections.abc import Mapping
from typing import Any

from bot.ports import Requester
from bot.store.database import Database, Steps, sql
from bot.store.rows import millis, object_of, readable, to_json

KEPT_MOST = 20  # of one person, the newest
_OF_PERSON = "surface = :surface AND community = :community AND user_id = :user"


class Drafts:
    """The table of drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, draft: str, who: Requester, content: Mapping[str, Any], *, now: float) -> None:
        """Keeps it under its id, once; the person's oldest ones make room."""

        def steps() -> Steps[None]:
            yield sql(
                "INSERT INTO drafts (id, surface, community, user_id, draft_json, kept_at)"
                " VALUES (:id, :surface, :community, :user, :content, :now) ON CONFLICT (id) DO NOTHING",
                id=draft,
                content=to_json(dict(content)),
                now=millis(now),
                **_person(who),
            )
            yield sql(
                f"DELETE FROM drafts WHERE {_OF_PERSON} AND id NOT IN (SELECT id FROM drafts WHERE {_OF_PERSON}"
                " ORDER BY kept_at DESC, id LIMIT :most)",
                most=KEPT_MOST,
                **_person(who),
            )

        await self._database.write(steps)

    async def get(self, draft: str, who: Requester) -> dict[str, Any] | None:
        """A draft of this person's; another's is none."""

        def steps() -> Steps[dict[str, Any] | None]:
            rows = yield sql(
                f"SELECT id, draft_json FROM drafts WHERE id = :id AND {_OF_PERSON}", id=draft, **_person(who)
            )
            return next(iter(readable(rows, lambda row: object_of(row["draft_json"]))), None)

        return await self._database.read(steps)

    async def prune(self, *, before: float) -> None:
        """Drops what was kept before then."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM drafts WHERE kept_at < :before", before=millis(before))

        await self._database.write(steps)


def forget(who: Requester) -> Steps[None]:
    """Erases a person's; a part of another transaction."""
    yield sql(f"DELETE FROM drafts WHERE {_OF_PERSON}", **_person(who))


def _person(who: Requester) -> dict[str, str]:
    return {"surface": who.surface, "community": who.community, "user": who.user}
