"""Everything that is kept of one person in one community, as plain rows: read in pages, so that no read is long."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from bot.ports import Requester
from bot.store.database import Database, Row, Rows, Steps, sql

PAGE_ROWS = 500

# Of each table the columns that say something of the person; `id` is what a page begins behind. What others did
# about them (a grant, a report) is told without who it was, and of what they did about others no prompt.
_OF_PERSON = "surface = :surface AND community = :community AND user_id = :user"
_QUERIES: Mapping[str, str] = {
    "jobs": (
        "SELECT id, state, seed, user_name, language, channel, within_json, priority, age_restricted, provider, model,"
        " order_json, credits,"
        " captured_credits, pictures, parent, reason, deleted, created_at, submitted_at, ended_at FROM jobs"
        f" WHERE {_OF_PERSON} AND id > :after ORDER BY id LIMIT :limit"
    ),
    "pictures": (
        'SELECT a."key" AS id, a.job, a.role, a.idx, a.media_type, a.width, a.height, a.size_bytes, a.sha256,'
        " a.created_at FROM assets a JOIN jobs j ON j.id = a.job"
        " WHERE j.surface = :surface AND j.community = :community AND j.user_id = :user"
        ' AND a."key" > :after ORDER BY a."key" LIMIT :limit'
    ),
    "uploads": (
        'SELECT "key" AS id, media_type, size_bytes, sha256, created_at FROM uploads'
        f' WHERE {_OF_PERSON} AND "key" > :after ORDER BY "key" LIMIT :limit'
    ),
    "drafts": (
        "SELECT id, draft_json, kept_at FROM drafts"
        f" WHERE {_OF_PERSON} AND id > :after ORDER BY id LIMIT :limit"
    ),
    "messages": (
        'SELECT m.id, m.job, m.role, m.surface, m."key" AS message FROM messages m JOIN jobs j ON j.id = m.job'
        " WHERE j.surface = :surface AND j.community = :community AND j.user_id = :user"
        " AND m.id > :after ORDER BY m.id LIMIT :limit"
    ),
    "accounts": (
        "SELECT id, kind, posted, held, given, opened_at FROM accounts"
        f" WHERE {_OF_PERSON} AND id > :after ORDER BY id LIMIT :limit"
    ),
    "movements": (
        "SELECT t.id, t.kind, a.id AS account, t.amount, t.job, t.memo, t.at,"
        " CASE WHEN t.actor IN ('', 'easel', :user) THEN t.actor ELSE 'another' END AS actor"
        " FROM transfers t JOIN accounts a ON a.id = t.debit OR a.id = t.credit"
        " WHERE a.surface = :surface AND a.community = :community AND a.user_id = :user"
        " AND t.id > :after ORDER BY t.id LIMIT :limit"
    ),
    "purchases": (
        "SELECT id, shop, product, credits, paid, currency, test, reversed, taken, at FROM purchases"
        f" WHERE {_OF_PERSON} AND id > :after ORDER BY id LIMIT :limit"
    ),
    "defaults": (
        "SELECT scope AS id, version, settings_json, changed_at FROM settings"
        " WHERE scope = :scope AND scope > :after ORDER BY scope LIMIT :limit"
    ),
    "defaults_before": (
        "SELECT CAST(version AS TEXT) AS id, settings_json, changed_at FROM settings_history"
        " WHERE scope = :scope AND CAST(version AS TEXT) > :after ORDER BY CAST(version AS TEXT) LIMIT :limit"
    ),
    "favourites": (
        "SELECT job || '/' || CAST(idx AS TEXT) AS id, name, kept_at FROM favourites"
        f" WHERE {_OF_PERSON} AND job || '/' || CAST(idx AS TEXT) > :after ORDER BY id LIMIT :limit"
    ),
    "blocks": (
        "SELECT user_id AS id, reason, blocked_at, until FROM blocks"
        f" WHERE {_OF_PERSON} AND user_id > :after ORDER BY user_id LIMIT :limit"
    ),
    "events": (
        "SELECT id, at, kind, user_name, job, settled FROM events"
        f" WHERE {_OF_PERSON} AND id > :after ORDER BY id LIMIT :limit"
    ),
    "audit": (
        "SELECT id, at, action, channel, job, severity, category, layer, rule, strike, memo,"
        " CASE WHEN user_id = :user THEN prompt END AS prompt,"
        " CASE WHEN user_id = :user THEN user_id ELSE 'another' END AS about,"
        " CASE WHEN actor IN ('', 'easel', :user) THEN actor ELSE 'another' END AS actor FROM audit"
        " WHERE surface = :surface AND community = :community AND (user_id = :user OR actor = :user)"
        " AND id > :after ORDER BY id LIMIT :limit"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row, and the kind of thing that it is: jobs, pictures, movements ..."""

    kind: str
    row: Row


KINDS = tuple(_QUERIES)


class People:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self, who: Requester, *, scope: str) -> AsyncIterator[Record]:
        """Row for row; `scope` is where the person's defaults are kept."""
        for kind, query in _QUERIES.items():
            after = ""
            while rows := await self._database.read(_page, query, who, scope, after):
                for row in rows:
                    yield Record(kind=kind, row=row)
                if len(rows) < PAGE_ROWS:
                    break
                after = str(rows[-1]["id"])

    async def communities(self, surface: str, user: str) -> list[str]:
        """Where anything of this person is kept, by name."""

        def steps() -> Steps[list[str]]:
            tables = ("jobs", "favourites", "accounts", "blocks", "audit")
            each = (f"SELECT community FROM {t} WHERE surface = :surface AND user_id = :user" for t in tables)
            rows = yield sql(" UNION ".join(each), surface=surface, user=user)
            return sorted(str(row["community"]) for row in rows)

        return await self._database.read(steps)

    async def knows(self, surface: str, community: str) -> bool:
        """Whether anybody of this community has ever asked, been given or set anything."""

        def steps() -> Steps[bool]:
            rows = yield sql(
                _COMMUNITIES + " WHERE surface = :surface AND community = :community LIMIT 1",
                surface=surface,
                community=community,
            )
            return bool(rows)

        return await self._database.read(steps)

    async def known(self, surface: str, *, limit: int = 1000) -> list[str]:
        """The communities of a surface that anything is kept of."""

        def steps() -> Steps[list[str]]:
            rows = yield sql(
                f"{_COMMUNITIES} WHERE surface = :surface ORDER BY community LIMIT :limit",
                surface=surface,
                limit=limit,
            )
            return [str(row["community"]) for row in rows]

        return await self._database.read(steps)


_COMMUNITIES = (
    "SELECT surface, community FROM (SELECT surface, community FROM jobs"
    " UNION SELECT surface, community FROM accounts UNION SELECT surface, community FROM audit) AS places"
)


def _page(query: str, who: Requester, scope: str, after: str) -> Steps[Rows]:
    return (
        yield sql(
            query,
            surface=who.surface,
            community=who.community,
            user=who.user,
            scope=scope,
            after=after,
            limit=PAGE_ROWS,
        )
    )
