"""The table of events: told, handled, found again. What writes them stands in bot/store/events.py."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.events import Act, Doing, Event, EventKind, Happening, Telling, TellingWay
from bot.job import Job
from bot.money import Reserve
from bot.pausing import NEVER, Pausing
from bot.ports import Address, Do, Handle, Requester, Verdict
from bot.store import audit
from bot.store.database import Database, Row, Rows, Sql, Steps, sql
from bot.store.due import DUE, due_facts, put_off_until
from bot.store.events import (
    about,
    acted,
    address_text,
    delete,
    note,
    note_budget,
    note_service,
    note_verdicts,
    touch,
)
from bot.store.rows import millis, object_of, readable, to_json


class Events:
    """Reads, tells and handles them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, what: Happening, *, now: float) -> str:
        """Keeps an event that stands alone. Answers its id, or nothing where the same is known."""
        return await self._database.write(note, what, now=now)

    async def refused(
        self,
        verdicts: Sequence[Verdict],
        who: Requester,
        prompt: str,
        *,
        now: float,
        channel: str,
        pausing: Pausing = NEVER,
        private: bool = False,
        address: Address | None = None,
    ) -> str:
        """Keeps what the layers said of a prompt that made no job, and the pause that it may begin.

        Answers the line of a refusal that can be appealed against, where there is one.
        """

        def steps() -> Steps[str]:
            return (
                yield from note_verdicts(
                    verdicts, who, prompt, pausing, now=now, channel=channel, private=private, address=address
                )
            )

        return await self._database.write(steps)

    async def spent(self, one: Reserve, who: Requester, *, now: float) -> None:
        """A community's budget doesn't take another order."""

        def steps() -> Steps[None]:
            rows = yield sql("SELECT used FROM meters WHERE id = :id", id=one.meter)
            used = int(rows[0]["used"]) if rows else 0
            yield from note_budget(EventKind.BUDGET_100, one, used, who, now=now)

        await self._database.write(steps)

    async def report(self, job: Job, who: Requester, *, now: float) -> bool:
        """Somebody reports a picture, once. Answers whether it was now."""
        thing = f"report:{job.id}:{who.surface}:{who.community}:{who.user}"

        def steps() -> Steps[bool]:
            what = about(job, EventKind.REPORT, thing)
            event = yield from note(replace(what, actor=who.user, actor_name=who.name), now=now)
            if event:
                yield from audit.insert(
                    job.requester,
                    "report",
                    now=now,
                    job=job.id,
                    actor=who.user,
                    channel=job.channel,
                    prompt=job.order.said,
                    private=int(job.order.private),
                )
            return bool(event)

        return await self._database.write(steps)

    async def note_trouble(
        self,
        provider: str,
        model: str,
        trouble: str,
        *,
        thing: str,
        now: float,
        since: float,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """A service's trouble, or a model's end, for the operator and for whom it concerns."""
        await self._database.write(
            note_service, provider, model, trouble, thing=thing, now=now, since=since, facts=facts or {}
        )

    async def get(self, event: str) -> Event | None:
        """One event with what was done about it."""

        def steps() -> Steps[Event | None]:
            return next(iter((yield from _events([event]))), None)

        return await self._database.read(steps)

    async def of(self, surface: str, community: str, *, limit: int) -> list[Event]:
        """A community's newest events, newest first."""

        def steps() -> Steps[list[Event]]:
            rows = yield sql(
                "SELECT id FROM events WHERE surface = :surface AND community = :community"
                " ORDER BY at DESC, id DESC LIMIT :limit",
                surface=surface,
                community=community,
                limit=limit,
            )
            return (yield from _events([row["id"] for row in rows]))

        return await self._database.read(steps)

    # ── What is done about them ──────────────────────────────────────────────────────────────────────

    async def dismiss(self, doing: Doing, who: Requester, *, job: str | None, memo: str, now: float) -> bool:
        """A moderator finds that nothing is to be done about `who`, once. Answers whether it was now."""

        def steps() -> Steps[bool]:
            fresh = yield from acted(doing, now=now)
            if fresh:
                yield from audit.insert(who, "dismiss", now=now, job=job, actor=doing.actor.user, memo=memo)
            return fresh

        return await self._database.write(steps)

    async def mark_wrong(self, doing: Doing, who: Requester, *, line: str, now: float) -> bool:
        """A refusal was wrong, once: it doesn't count any more, if it did. Answers whether it was now."""

        def steps() -> Steps[bool]:
            fresh = yield from acted(doing, now=now)
            if fresh:
                rows = yield from audit.lift(who, line=line)
                yield from audit.insert(who, "wrong", now=now, actor=doing.actor.user, memo=str(rows))
            return fresh

        return await self._database.write(steps)

    async def lift(self, who: Requester, *, actor: Requester, now: float) -> int:
        """No refusal of a person counts any more. Answers how many did."""

        def steps() -> Steps[int]:
            rows = yield from audit.lift(who)
            if rows:
                yield from audit.insert(who, "unpause", now=now, actor=actor.user, memo=str(rows))
            return rows

        return await self._database.write(steps)

    async def changed(self, job: str, *, now: float) -> None:
        """A picture has changed by another way than its event: what tells of it is told anew."""

        def steps() -> Steps[None]:
            rows = yield sql("SELECT id FROM events WHERE job = :job LIMIT 1", job=job)
            if rows:
                yield from touch(rows[0]["id"], now=now)

        await self._database.write(steps)

    # ── Telling ──────────────────────────────────────────────────────────────────────────────────────

    async def claim(self, way: TellingWay, *, now: float, lease_s: float, limit: int) -> list[Telling]:
        """Takes what is to be told now by a way, for so long. A look costs no transaction that writes."""
        due = due_facts(now)

        def look() -> Steps[bool]:
            return bool((yield _due(way, "SELECT event FROM tellings WHERE", facts=due | {"limit": 1})))

        def take() -> Steps[list[Telling]]:
            rows = yield _due(
                way,
                "WITH free AS MATERIALIZED (SELECT event FROM tellings WHERE",
                ") UPDATE tellings SET lease_until = :until WHERE way = :way"
                " AND event IN (SELECT event FROM free) RETURNING *, event AS id",
                facts=due | {"limit": limit, "until": millis(now + lease_s)},
            )
            events = {event.id: event for event in (yield from _events([row["event"] for row in rows]))}
            # One that can't be read is its own loss: it costs its turn, and comes again when its lease has run out.
            return readable(
                [row for row in rows if row["event"] in events],
                lambda row: _telling_of(row, events[row["event"]]),
            )

        return await self._database.write(take) if await self._database.read(look) else []

    async def told(self, telling: Telling, *, address: Address | None, handle: Handle | None) -> None:
        """It says this version now; what was done meanwhile is told next."""
        await self._end(telling, address=address, handle=handle, shown=telling.event.version)

    async def put_off(self, telling: Telling, *, now: float, wait_s: float) -> None:
        """It is tried again then, in PUT_OFF_MOST_S at most."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE tellings SET tries = tries + 1, due_at = :due, lease_until = 0"
                " WHERE event = :event AND way = :way",
                event=telling.event.id,
                way=str(telling.way),
                due=put_off_until(now, wait_s),
            )

        await self._database.write(steps)

    async def leave(self, telling: Telling) -> None:
        """There is nobody to tell now; `reopen` begins again."""
        await self._end(telling, address=telling.address, handle=telling.handle, shown=telling.shown)

    async def _end(
        self, telling: Telling, *, address: Address | None, handle: Handle | None, shown: int
    ) -> None:
        event = telling.event

        def steps() -> Steps[None]:
            yield sql(
                'UPDATE tellings SET address_json = :address, "key" = :key, data_json = :data, shown = :shown,'
                " tries = 0, lease_until = 0,"
                " over = CASE WHEN (SELECT version FROM events WHERE id = :event) <= :version THEN 1 ELSE 0 END"
                " WHERE event = :event AND way = :way",
                event=event.id,
                way=str(telling.way),
                address=address_text(address),
                key=handle.key if handle is not None else None,
                data=to_json(dict(handle.data) if handle is not None else {}),
                shown=shown,
                version=event.version,
            )

        await self._database.write(steps)

    async def reopen(self, surface: str, community: str, *, since: float, now: float) -> None:
        """A room is there now: what happened since then, and was told nobody, is told in it."""

        def steps() -> Steps[None]:
            yield sql(
                'UPDATE tellings SET over = 0, tries = 0, due_at = :now WHERE way = :room AND "key" IS NULL'
                " AND event IN (SELECT id FROM events WHERE surface = :surface AND community = :community"
                " AND at >= :since AND settled = 0)",
                room=str(TellingWay.ROOM),
                surface=surface,
                community=community,
                since=millis(since),
                now=millis(now),
            )

        await self._database.write(steps)

    async def waiting(self, surface: str, community: str) -> int:
        """How many events nobody was told of, for want of a room."""

        def steps() -> Steps[int]:
            rows = yield sql(
                "SELECT COUNT(*) AS n FROM events e JOIN tellings t ON t.event = e.id"
                ' WHERE e.surface = :surface AND e.community = :community AND e.settled = 0 AND t."key" IS NULL'
                " AND t.way = :room",
                surface=surface,
                community=community,
                room=str(TellingWay.ROOM),
            )
            return int(rows[0]["n"])

        return await self._database.read(steps)

    async def prune(self, *, before: float) -> None:
        """Forgets old events, with what was done about them: the audit keeps that."""

        def steps() -> Steps[None]:
            yield from delete("at < :before", before=millis(before))

        await self._database.write(steps)


def _due(way: TellingWay, begin: str, end: str = "", *, facts: Mapping[str, int]) -> Sql:
    return sql(
        f"{begin} way = :way AND over = 0 AND {DUE}"
        f" ORDER BY due_at LIMIT :limit {'{skip_locked}' if end else ''}{end}",
        way=str(way),
        **facts,
    )


def _events(ids: Sequence[str]) -> Steps[list[Event]]:
    """The events of these ids, in this order; one that a newer Easel has written is left out."""
    found = list[Event]()
    for name in ids:
        rows = yield sql("SELECT * FROM events WHERE id = :id", id=name)
        acts = yield sql("SELECT * FROM event_acts WHERE event = :id ORDER BY number", id=name)
        found += readable(rows, _reading(acts))
    return found


def _reading(acts: Rows) -> Callable[[Row], Event]:
    return lambda row: _event_of(row, acts)


def _event_of(row: Row, acts: Iterable[Row]) -> Event:
    """An event's row. Raises ValueError for one that we don't know."""
    return Event(
        id=row["id"],
        kind=EventKind(row["kind"]),
        surface=row["surface"],
        community=row["community"],
        user=row["user_id"],
        name=row["user_name"],
        actor=row["actor"],
        actor_name=row["actor_name"],
        job=row["job"],
        refusal=row["refusal"],
        facts={str(k): str(v) for k, v in object_of(row["facts_json"]).items()},
        address=_address_of(row["surface"], row["address_json"]),
        at=row["at"] / 1000,
        version=row["version"],
        settled=bool(row["settled"]),
        acts=tuple(
            Act(do=Do(act["what"]), actor=act["actor"], name=act["actor_name"], at=act["at"] / 1000)
            for act in acts
        ),
    )


def _telling_of(row: Row, event: Event) -> Telling:
    """Raises ValueError."""
    handle = Handle(key=row["key"], data=object_of(row["data_json"])) if row["key"] is not None else None
    return Telling(
        event=event,
        way=TellingWay(row["way"]),
        address=_address_of(event.surface, row["address_json"]),
        handle=handle,
        shown=row["shown"],
        tries=row["tries"],
    )


def _address_of(surface: str, text: str | None) -> Address | None:
    return Address(surface=surface, data=object_of(text)) if text else None
