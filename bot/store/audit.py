"""The audit log: every verdict and every moderator's act, with who, where, when and why."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.ports import Requester, Verdict
from bot.store.database import NO_LIMIT, Database, Row, Steps, sql
from bot.store.rows import millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log."""

    id: str
    at: float
    action: str
    surface: str
    community: str
    user: str
    channel: str = ""
    job: str | None = None
    severity: str = ""
    category: str = ""
    layer: str = ""
    rule: str = ""
    actor: str = ""
    memo: str = ""
    prompt: str | None = None


def insert_verdict(
    verdict: Verdict, who: Requester, prompt: str, *, now: float, job: str | None = None, channel: str = ""
) -> Steps[None]:
    """Writes one layer's verdict; a part of another transaction."""
    yield from insert(
        who,
        "verdict",
        now=now,
        job=job,
        channel=channel,
        severity=verdict.severity.name.lower(),
        category=verdict.category,
        layer=verdict.layer,
        rule=verdict.rule,
        strike=int(verdict.counts),
        prompt=prompt,
    )


def insert(who: Requester, action: str, *, now: float, **columns: Any) -> Steps[None]:
    """Writes one line; a part of another transaction."""
    values = {
        "job": None, "channel": "", "severity": "", "category": "", "layer": "", "rule": "",
        "strike": 0, "actor": "", "memo": "", "prompt": None,
    } | columns  # fmt: skip
    yield sql(
        "INSERT INTO audit (id, at, action, surface, community, user_id, channel, job, severity, category,"
        " layer, rule, strike, actor, memo, prompt) VALUES (:id, :at, :action, :surface, :community, :user,"
        " :channel, :job, :severity, :category, :layer, :rule, :strike, :actor, :memo, :prompt)",
        id=f"{millis(now):013d}-{secrets.token_hex(6)}",
        at=millis(now),
        action=action,
        surface=who.surface,
        community=who.community,
        user=who.user,
        **values,
    )


def last_strike(who: Requester) -> Steps[float | None]:
    """When a prompt of this person was last refused; a part of another transaction."""
    rows = yield sql(
        "SELECT at FROM audit WHERE surface = :surface AND community = :community AND user_id = :user"
        " AND strike = 1 ORDER BY at DESC LIMIT 1",
        surface=who.surface,
        community=who.community,
        user=who.user,
    )
    return rows[0]["at"] / 1000 if rows else None


class Audit:
    """Writes and reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verdicts(
        self, verdicts: tuple[Verdict, ...], who: Requester, prompt: str, *, now: float, channel: str
    ) -> None:
        """Keeps what the layers said of a prompt that made no job."""

        def steps() -> Steps[None]:
            for verdict in verdicts:
                yield from insert_verdict(verdict, who, prompt, now=now, channel=channel)

        await self._database.write(steps)

    async def act(self, who: Requester, action: str, *, now: float, **columns: Any) -> None:
        """Keeps a moderator's or a person's act."""

        def steps() -> Steps[None]:
            yield from insert(who, action, now=now, **columns)

        await self._database.write(steps)

    async def strikes(self, who: Requester, *, since: float) -> list[float]:
        """When this person's prompts were refused, newest first."""

        def steps() -> Steps[list[float]]:
            rows = yield sql(
                "SELECT at FROM audit WHERE surface = :surface AND community = :community"
                " AND user_id = :user AND at > :since AND strike = 1 ORDER BY at DESC LIMIT 100",
                surface=who.surface,
                community=who.community,
                user=who.user,
                since=millis(since),
            )
            return [row["at"] / 1000 for row in rows]

        return await self._database.read(steps)

    async def entries(
        self, *, surface: str | None = None, community: str | None = None, limit: int | None = None
    ) -> list[Entry]:
        """The log, newest first; of one community or of all."""

        def steps() -> Steps[list[Entry]]:
            rows = yield sql(
                "SELECT * FROM audit WHERE (:any_surface = 1 OR surface = :surface)"
                " AND (:any_community = 1 OR community = :community) ORDER BY at DESC, id DESC LIMIT :limit",
                any_surface=int(surface is None),
                surface=surface or "",
                any_community=int(community is None),
                community=community or "",
                limit=NO_LIMIT if limit is None else limit,
            )
            return [_entry(row) for row in rows]

        return await self._database.read(steps)

    async def forget_prompts(self, *, before: float) -> None:
        """Drops the prompts of old lines; the lines stay."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE audit SET prompt = NULL WHERE at < :before AND prompt IS NOT NULL",
                before=millis(before),
            )

        await self._database.write(steps)


def _entry(row: Row) -> Entry:
    names = ("id", "action", "surface", "community", "channel", "job", "severity", "category")
    rest = ("layer", "rule", "actor", "memo", "prompt")
    return Entry(at=row["at"] / 1000, user=row["user_id"], **{name: row[name] for name in names + rest})
