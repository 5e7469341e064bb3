"""The audit log: every verdict and every moderator's act, with who, where, when and why."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.ports import Requester, Verdict
from bot.store.database import NO_LIMIT, Database, Row, Steps, sql
from bot.store.due import present
from bot.store.rows import millis

_STRIKES_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
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
    private: bool = False
    strike: bool = False


def insert_verdict(
    verdict: Verdict,
    who: Requester,
    prompt: str,
    *,
    now: float,
    job: str | None = None,
    channel: str = "",
    private: bool = False,
) -> Steps[str]:
    """Writes one layer's verdict; a part of another transaction. Answers the line's id."""
    return (
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
            private=int(private),
        )
    )


def insert(who: Requester, action: str, *, now: float, **columns: Any) -> Steps[str]:
    """Writes one line; a part of another transaction. Answers its id."""
    values = {
        "job": None, "channel": "", "severity": "", "category": "", "layer": "", "rule": "",
        "strike": 0, "actor": "", "memo": "", "prompt": None, "private": 0,
    } | columns  # fmt: skip
    line = f"{millis(now):013d}-{secrets.token_hex(6)}"
    yield sql(
        "INSERT INTO audit (id, at, action, surface, community, user_id, channel, job, severity, category,"
        " layer, rule, strike, actor, memo, prompt, private) VALUES (:id, :at, :action, :surface, :community, :user,"
        " :channel, :job, :severity, :category, :layer, :rule, :strike, :actor, :memo, :prompt,"
        " :private)",
        id=line,
        at=millis(now),
        action=action,
        surface=who.surface,
        community=who.community,
        user=who.user,
        **values,
    )
    return line


def struck(who: Requester, *, since: float, now: float) -> Steps[list[tuple[float, str]]]:
    """When this person's prompts were refused, newest first, each with its line's id; a part of another transaction."""
    rows = yield sql(
        "SELECT at, id FROM audit WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND at > :since AND at <= :present AND strike = 1 ORDER BY at DESC, id DESC LIMIT 100",
        surface=who.surface,
        community=who.community,
        user=who.user,
        since=millis(since),
        present=present(now),
    )
    return [(row["at"] / 1000, str(row["id"])) for row in rows]


def lift(who: Requester, *, line: str = "") -> Steps[int]:
    """Refusals of a person don't count any more: this one, or all; a part of another transaction. Answers how many did."""
    rows = yield sql(
        "UPDATE audit SET strike = 0 WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND strike = 1 AND (:line = '' OR id = :line) RETURNING id",
        surface=who.surface,
        community=who.community,
        user=who.user,
        line=line,
    )
    return len(rows)


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

    async def act(self, who: Requester, action: str, *, now: float, **columns: Any) -> None:
        """Keeps a moderator's or a person's act."""

        def steps() -> Steps[None]:
            yield from insert(who, action, now=now, **columns)

        await self._database.write(steps)

    async def strikes(self, who: Requester, *, since: float, now: float) -> list[float]:
        """When this person's prompts were refused, newest first."""

        def steps() -> Steps[list[float]]:
            return [at for at, _ in (yield from struck(who, since=since, now=now))]

        return await self._database.read(steps)

    async def striking(
        self, surface: str, community: str, *, since: float, now: float
    ) -> dict[str, list[float]]:
        """When whose prompts were refused in a community, by person: so that pauses can be listed."""

        def steps() -> Steps[dict[str, list[float]]]:
            rows = yield sql(
                "SELECT user_id, at FROM audit WHERE surface = :surface AND community = :community"
                " AND at > :since AND at <= :present AND strike = 1 ORDER BY at DESC LIMIT :most",
                surface=surface,
                community=community,
                since=millis(since),
                present=present(now),
                most=_STRIKES_MOST,
            )
            found: dict[str, list[float]] = {}
            for row in rows:
                found.setdefault(str(row["user_id"]), []).append(row["at"] / 1000)
            return found

        return await self._database.read(steps)

    async def last_refusal(self, who: Requester, *, since: float, now: float) -> str:
        """The line of this person's last refusal that counts; nothing where there is none."""

        def steps() -> Steps[str]:
            lines = yield from struck(who, since=since, now=now)
            return lines[0][1] if lines else ""

        return await self._database.read(steps)

    async def refusal_of(self, job: str) -> str:
        """The line with which the words of a job were refused; nothing where there is none."""

        def steps() -> Steps[str]:
            rows = yield sql(
                "SELECT id FROM audit WHERE job = :job AND action = 'verdict' AND severity = 'refuse'"
                " AND category <> 'unavailable'"
                " ORDER BY at DESC LIMIT 1",
                job=job,
            )
            return str(rows[0]["id"]) if rows else ""

        return await self._database.read(steps)

    async def says_minors(self, job: str) -> bool:
        """Whether a check said of a job that it shows what nobody may keep."""

        def steps() -> Steps[bool]:
            rows = yield sql(
                "SELECT id FROM audit WHERE job = :job AND action = 'verdict' AND category = 'minors' LIMIT 1",
                job=job,
            )
            return bool(rows)

        return await self._database.read(steps)

    async def line(self, line: str) -> AuditLine | None:
        """One line."""

        def steps() -> Steps[AuditLine | None]:
            rows = yield sql("SELECT * FROM audit WHERE id = :id", id=line)
            return entry_of(rows[0]) if rows else None

        return await self._database.read(steps)

    async def entries(
        self, *, surface: str | None = None, community: str | None = None, limit: int | None = None
    ) -> list[AuditLine]:
        """The log, newest first; of one community or of all."""

        def steps() -> Steps[list[AuditLine]]:
            rows = yield sql(
                "SELECT * FROM audit WHERE (:any_surface = 1 OR surface = :surface)"
                " AND (:any_community = 1 OR community = :community) ORDER BY at DESC, id DESC LIMIT :limit",
                any_surface=int(surface is None),
                surface=surface or "",
                any_community=int(community is None),
                community=community or "",
                limit=NO_LIMIT if limit is None else limit,
            )
            return [entry_of(row) for row in rows]

        return await self._database.read(steps)

    async def forget_prompts(self, *, before: float) -> None:
        """Drops the prompts of old lines; the lines stay."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE audit SET prompt = NULL WHERE at < :before AND prompt IS NOT NULL",
                before=millis(before),
            )

        await self._database.write(steps)


def entry_of(row: Row) -> AuditLine:
    """A line's row."""
    names = ("id", "action", "surface", "community", "channel", "job", "severity", "category")
    rest = ("layer", "rule", "actor", "memo", "prompt")
    return AuditLine(
        at=row["at"] / 1000,
        user=row["user_id"],
        private=bool(row["private"]),
        strike=bool(row["strike"]),
        **{name: row[name] for name in names + rest},
    )
