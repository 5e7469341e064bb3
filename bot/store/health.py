"""How routes fare, and what services told by webhooks: what replicas must know of one another."""

from bot.health import Health, Route
from bot.store import events
from bot.store.database import Database, Row, Rows, Steps, sql
from bot.store.rows import millis

_USED_S = 86_400.0  # whose orders went to a service so lately is told of its trouble
_OURS = "provider = :provider AND model = :model"


class Healths:
    """The table of routes that did not always work; one that nobody knows is well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[Route, Health]:
        """What is known of each route."""

        def steps() -> Steps[Rows]:
            return (yield sql("SELECT * FROM health"))

        rows = await self._database.read(steps)
        return {(row["provider"], row["model"]): _health_of(row) for row in rows}

    async def note(self, route: Route, *, worked: bool, now: float) -> tuple[Health, Health]:
        """Adds an outcome; answers what was known before and after it."""
        return await self._database.write(_note, route, worked, now)

    async def probe(self, route: Route, *, now: float) -> Health | None:
        """Takes the one place of a probe; None where it is not due, or another took it."""
        return await self._database.write(_probe, route, now)

    # ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────

    async def hear(self, key: str, operation: str, *, now: float) -> None:
        """Keeps which operation the submit with this key has made; what was told first holds."""

        def steps() -> Steps[None]:
            yield sql(
                "INSERT INTO heard (key, operation, at) VALUES (:key, :operation, :now)"
                " ON CONFLICT (key) DO NOTHING",
                key=key,
                operation=operation,
                now=millis(now),
            )

        await self._database.write(steps)

    async def heard(self, key: str) -> str | None:
        """The operation that the submit with this key has made, as far as its service told."""

        def steps() -> Steps[Rows]:
            return (yield sql("SELECT operation FROM heard WHERE key = :key", key=key))

        rows = await self._database.read(steps)
        return str(rows[0]["operation"]) if rows else None

    async def heard_since(self, since: float) -> set[str]:
        """The submits' keys of which services told from then on."""

        def steps() -> Steps[Rows]:
            return (yield sql("SELECT key FROM heard WHERE at >= :since", since=millis(since)))

        return {row["key"] for row in await self._database.read(steps)}

    async def prune_heard(self, *, before: float) -> None:
        """Forgets what nobody will ask for any more."""

        def steps() -> Steps[None]:
            yield sql("DELETE FROM heard WHERE at < :before", before=millis(before))

        await self._database.write(steps)


def _note(route: Route, worked: bool, now: float) -> Steps[tuple[Health, Health]]:  # noqa: FBT001  # handed down
    provider, model = route
    # The row comes first and is locked by that: two replicas add their outcomes one after the other.
    rows = yield sql(
        "INSERT INTO health (provider, model) VALUES (:provider, :model)"
        " ON CONFLICT (provider, model) DO UPDATE SET outcomes = health.outcomes RETURNING *",
        provider=provider,
        model=model,
    )
    before = _health_of(rows[0])
    after = before.after(worked=worked, now=now)
    yield from _keep(route, after)
    if after.opens and not before.opens:
        yield from events.note_service(
            provider,
            model,
            "open",
            thing=f"service:{provider}:{model}:{millis(now)}",
            now=now,
            since=now - _USED_S,
            facts={},
        )
    return before, after


def _probe(route: Route, now: float) -> Steps[Health | None]:
    provider, model = route
    rows = yield sql(f"SELECT * FROM health WHERE {_OURS} {{for_update}}", provider=provider, model=model)
    found = _health_of(rows[0]) if rows else Health()
    if not found.opens or found.bars(now):
        return None
    after = found.probed(now)
    yield from _keep(route, after)
    return after


def _keep(route: Route, health: Health) -> Steps[None]:
    provider, model = route
    yield sql(
        "UPDATE health SET outcomes = :outcomes, failed_at = :failed_at, opens = :opens, probe_at = :probe_at,"
        f" probing = :probing WHERE {_OURS}",
        provider=provider,
        model=model,
        outcomes=health.outcomes,
        failed_at=millis(health.failed_at),
        opens=health.opens,
        probe_at=millis(health.probe_at),
        probing=int(health.probing),
    )


def _health_of(row: Row) -> Health:
    return Health(
        outcomes=row["outcomes"],
        failed_at=row["failed_at"] / 1000,
        opens=row["opens"],
        probe_at=row["probe_at"] / 1000,
        probing=bool(row["probing"]),
    )
