"""What communities and people have set: rules with their history, own defaults, blocks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import NotAllowed
from bot.events import Doing
from bot.ports import Requester
from bot.store import audit, events
from bot.store.database import Database, Row, Rows, Steps, sql
from bot.store.rows import is_text, millis, object_of, readable

_OF_A_PERSON = "person:"  # how scopes of own defaults begin
_FIRM = "operator:"  # before who set a block that moderators can't lift; no platform calls anybody so


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A person who can't make pictures in a community."""

    user: str
    reason: str
    actor: str
    blocked_at: float
    until: float | None
    paused: bool = False  # by refusals that count, not by anybody


class Communities:
    """Settings by scope: `community:<surface>:<id>` or `person:<surface>:<community>:<user>`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, *scopes: str) -> list[dict[str, Any]]:
        """What was set in each scope; an empty mapping where nothing was."""
        return await self._database.read(_settings, scopes)

    async def before_order(self, who: Requester, *scopes: str) -> tuple[list[dict[str, Any]], float | None]:
        """What was set in each scope, and when a prompt of this person was last refused, in one look."""

        def steps() -> Steps[tuple[list[dict[str, Any]], float | None]]:
            found = yield from _settings(scopes)
            return found, (yield from audit.last_strike(who))

        return await self._database.read(steps)

    async def change(
        self, scope: str, values: Mapping[str, Any], *, actor: Requester, now: float
    ) -> dict[str, Any]:
        """Sets some values (None unsets one), keeps the history, writes the audit. Answers all that is set.

        What can't be read counts as nothing set, and is mended by it: a community must never be stuck.
        """
        kept = await self._database.write(_change, scope, values, actor=actor, now=now)
        assert kept is not None, "no version was asked for"
        return kept

    async def change_of(
        self, version: int, scope: str, values: Mapping[str, Any], *, actor: Requester, now: float
    ) -> dict[str, Any] | None:
        """The same, while that version is the newest; None: somebody was quicker, and nothing was changed."""
        return await self._database.write(_change, scope, values, actor=actor, now=now, of=version)

    async def versioned(self, scope: str) -> tuple[int, dict[str, Any]]:
        """What was set in a scope, and which version of it that is; 0 where nothing was."""

        def steps() -> Steps[tuple[int, dict[str, Any]]]:
            rows = yield sql(
                "SELECT scope AS id, version, settings_json FROM settings WHERE scope = :scope", scope=scope
            )
            return (int(rows[0]["version"]) if rows else 0), _set_in(rows)

        return await self._database.read(steps)

    async def history(self, scope: str, *, limit: int = 50) -> list[dict[str, Any]]:
        """Earlier versions, newest first."""

        def steps() -> Steps[list[dict[str, Any]]]:
            rows = yield sql(
                "SELECT scope || '@' || version AS id, version, settings_json, actor, changed_at"
                " FROM settings_history WHERE scope = :scope ORDER BY version DESC LIMIT :limit",
                scope=scope,
                limit=limit,
            )
            return readable(rows, _version)

        return await self._database.read(steps)

    async def inhabited(self, surface: str) -> dict[str, bool]:
        """Communities of which people's data is known; whether Easel was removed from it, as far as we know."""

        def steps() -> Steps[dict[str, bool]]:
            rows = yield sql(
                "SELECT community FROM jobs WHERE surface = :surface"
                " UNION SELECT community FROM audit WHERE surface = :surface ORDER BY community",
                surface=surface,
            )
            removed = yield from _removed()
            left = {one.community for one in removed if one.surface == surface}
            return {row["community"]: row["community"] in left for row in rows}

        return await self._database.read(steps)

    async def all_rules(self, *, limit: int) -> list[tuple[str, dict[str, Any]]]:
        """What communities have set, each by its scope; what is no object at all is nothing."""

        def steps() -> Steps[list[tuple[str, dict[str, Any]]]]:
            rows = yield sql(
                "SELECT scope AS id, settings_json FROM settings WHERE scope LIKE 'community:%'"
                " ORDER BY scope LIMIT :limit",
                limit=limit,
            )
            return [(str(row["id"]), _set_in([row])) for row in rows]

        return await self._database.read(steps)

    async def removed_before(self, moment: float) -> list[tuple[str, str]]:
        """Communities that Easel was removed from, and not let back in, before that moment."""

        def steps() -> Steps[list[tuple[str, str]]]:
            removed = yield from _removed()
            return [(one.surface, one.community) for one in removed if one.left_at < moment]

        return await self._database.read(steps)

    async def erase(self, surface: str, community: str, *, people: str) -> None:
        """Drops what is known of a left community's people: prompts and reasons in the audit, blocks, own defaults.

        What was written beside movements goes, too; their numbers stay. `people` is how the scopes of their
        defaults begin.
        """

        def steps() -> Steps[None]:
            place = {"surface": surface, "community": community}
            yield sql(
                "UPDATE audit SET prompt = NULL, memo = '' WHERE surface = :surface AND community = :community"
                " AND (prompt IS NOT NULL OR memo <> '')",
                **place,
            )
            accounts = "SELECT id FROM accounts WHERE surface = :surface AND community = :community"
            yield sql(
                "UPDATE transfers SET memo = '' WHERE memo <> ''"
                f" AND (debit IN ({accounts}) OR credit IN ({accounts}))",
                **place,
            )
            for table in ("blocks", "drafts", "notices", "buyers"):
                yield sql(f"DELETE FROM {table} WHERE surface = :surface AND community = :community", **place)
            yield from events.erase(surface, community)
            for table in ("settings", "settings_history"):
                yield sql(
                    f"DELETE FROM {table} WHERE SUBSTR(scope, 1, CAST(:length AS INTEGER)) = :people",
                    length=len(people),
                    people=people,
                )

        await self._database.write(steps)
        await self._database.scrub()

    async def block(
        self,
        who: Requester,
        *,
        reason: str,
        actor: Requester,
        until: float | None,
        now: float,
        firm: bool = False,
        of: Doing | None = None,
    ) -> None:
        """A person can't make pictures here, until then or until unblocked.

        Who isn't `firm` changes no block of one who is: raises NotAllowed.
        """

        def steps() -> Steps[None]:
            yield from _assert_not_firm(who, firm=firm, now=now)
            yield sql(
                "INSERT INTO blocks (surface, community, user_id, reason, actor, blocked_at, until)"
                " VALUES (:surface, :community, :user, :reason, :actor, :now, CAST(:until AS BIGINT))"
                " ON CONFLICT (surface, community, user_id) DO UPDATE"
                " SET reason = :reason, actor = :actor, blocked_at = :now, until = CAST(:until AS BIGINT)",
                surface=who.surface,
                community=who.community,
                user=who.user,
                reason=reason,
                actor=_FIRM + actor.user if firm else actor.user,
                now=millis(now),
                until=millis(until) if until is not None else None,
            )
            yield from audit.insert(who, "block", now=now, actor=actor.user, memo=reason)
            yield from events.acted(of, now=now)

        await self._database.write(steps)

    async def unblock(self, who: Requester, *, actor: Requester, now: float, firm: bool = False) -> bool:
        """The person can make pictures again; answers whether there was a block. Raises NotAllowed as `block` does."""

        def steps() -> Steps[bool]:
            yield from _assert_not_firm(who, firm=firm, now=now)
            rows = yield sql(
                "DELETE FROM blocks WHERE surface = :surface AND community = :community"
                " AND user_id = :user RETURNING user_id",
                surface=who.surface,
                community=who.community,
                user=who.user,
            )
            if rows:
                yield from audit.insert(who, "unblock", now=now, actor=actor.user)
            return bool(rows)

        return await self._database.write(steps)

    async def prune_blocks(self, *, now: float) -> None:
        """Forgets blocks that are over, and why they were."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM blocks WHERE until <= :now", now=millis(now))

        await self._database.write(steps)

    async def is_blocked(self, who: Requester, *, now: float) -> bool:
        """Whether a person can't make pictures here now."""

        def steps() -> Steps[bool]:
            rows = yield sql(
                "SELECT user_id FROM blocks WHERE surface = :surface AND community = :community"
                " AND user_id = :user AND (until IS NULL OR until > :now)",
                surface=who.surface,
                community=who.community,
                user=who.user,
                now=millis(now),
            )
            return bool(rows)

        return await self._database.read(steps)

    async def blocks(self, surface: str, community: str, *, now: float) -> list[Block]:
        """Who is blocked in a community now."""

        def steps() -> Steps[list[Block]]:
            rows = yield sql(
                "SELECT * FROM blocks WHERE surface = :surface AND community = :community"
                " AND (until IS NULL OR until > :now) ORDER BY blocked_at DESC",
                surface=surface,
                community=community,
                now=millis(now),
            )
            return [
                Block(
                    user=row["user_id"],
                    reason=row["reason"],
                    actor=row["actor"].removeprefix(_FIRM),
                    blocked_at=row["blocked_at"] / 1000,
                    until=row["until"] / 1000 if row["until"] is not None else None,
                )
                for row in rows
            ]

        return await self._database.read(steps)


def _change(
    scope: str, values: Mapping[str, Any], *, actor: Requester, now: float, of: int | None = None
) -> Steps[dict[str, Any] | None]:
    # A row to lock, also at the first change: two people at once make two versions.
    yield sql(
        "INSERT INTO settings (scope, version, settings_json, changed_at)"
        " VALUES (:scope, 0, '{}', :now) ON CONFLICT (scope) DO NOTHING",
        scope=scope,
        now=millis(now),
    )
    rows = yield sql(
        "SELECT scope AS id, version, settings_json FROM settings WHERE scope = :scope {for_update}",
        scope=scope,
    )
    if of is not None and of != rows[0]["version"]:
        return None
    before = _set_in(rows)
    version = rows[0]["version"] + 1
    after = {k: v for k, v in {**before, **values}.items() if v is not None}
    if after == before:
        return before
    content = _as_text(after)
    yield sql(
        "UPDATE settings SET version = :version, settings_json = :content, changed_at = :now"
        " WHERE scope = :scope",
        scope=scope,
        version=version,
        content=content,
        now=millis(now),
    )
    yield sql(
        "INSERT INTO settings_history (scope, version, settings_json, actor, changed_at)"
        " VALUES (:scope, :version, :content, :actor, :now)",
        scope=scope,
        version=version,
        content=content,
        actor=actor.user,
        now=millis(now),
    )
    # What somebody prefers for themselves is no moderator's to read.
    memo = "" if scope.startswith(_OF_A_PERSON) else _as_text(values)[:500]
    yield from audit.insert(actor, "settings", now=now, actor=actor.user, memo=memo)
    return after


def _assert_not_firm(who: Requester, *, firm: bool, now: float) -> Steps[None]:
    rows = yield sql(
        "SELECT actor FROM blocks WHERE surface = :surface AND community = :community AND user_id = :user"
        " AND (until IS NULL OR until > :now) {for_update}",
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(now),
    )
    if rows and rows[0]["actor"].startswith(_FIRM) and not firm:
        raise NotAllowed("blocked-by-operator")


def _as_text(values: Mapping[str, Any]) -> str:
    """JSON that any database keeps: half a letter, as a row of another's hand may have it, stays escaped."""
    text = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
    return text.encode(errors="backslashreplace").decode()


def _settings(scopes: Sequence[str]) -> Steps[list[dict[str, Any]]]:
    """In the order of the scopes; what is set in none is empty."""
    named = {f"scope{number}": scope for number, scope in enumerate(scopes)}
    places = ", ".join(f":{name}" for name in named)
    rows = yield sql(f"SELECT scope AS id, settings_json FROM settings WHERE scope IN ({places})", **named)
    return [_set_in([row for row in rows if row["id"] == scope]) for scope in scopes]


def _set_in(rows: Rows) -> dict[str, Any]:
    """What is set in a scope's one row, or in none."""
    return next(iter(readable(rows, _values)), {})


def _values(row: Row) -> dict[str, Any]:
    return object_of(row["settings_json"])


def _version(row: Row) -> dict[str, Any]:
    return {
        "version": row["version"],
        "settings": _values(row),
        "actor": row["actor"],
        "changed_at": row["changed_at"] / 1000,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removal:
    left_at: float
    surface: str
    community: str


def _removed() -> Steps[list[_Removal]]:
    rows = yield sql(
        "SELECT scope AS id, settings_json FROM settings WHERE scope LIKE 'life:%' ORDER BY scope"
    )
    return [one for one in readable(rows, _removal) if one is not None]


def _removal(row: Row) -> _Removal | None:
    """When and where Easel was removed; None where it wasn't. Raises ValueError."""
    life = _values(row)
    left_at, surface, community = (life.get(name) for name in ("left_at", "surface", "community"))
    if left_at is None:
        return None
    # True is a number to Python, and one of long ago.
    dated = isinstance(left_at, int | float) and not isinstance(left_at, bool)
    if not (dated and is_text(surface) and is_text(community)):
        raise ValueError("a life that doesn't say when and where Easel was removed")
    return _Removal(left_at=left_at, surface=surface, community=community)
