"""The outbox of events: written in the transaction of what caused them, told once, handled by moderators."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.events import Act, Event, Happening, Kind, Telling, Way
from bot.job import Job, new_job_id
from bot.money import Reserve
from bot.ports import NEVER, PASSING, Address, Do, Handle, Pausing, Requester, Verdict
from bot.store import audit
from bot.store.database import Database, Row, Rows, Sql, Steps, sql
from bot.store.rows import millis, object_of, readable, to_json

CONCERNED_MOST = 500  # communities that are told of one service's trouble


def note(what: Happening, *, now: float) -> Steps[str]:
    """Keeps an event, once for its thing; a part of another transaction. Answers its id, or nothing: it is known."""
    event = new_job_id(now, secrets.token_bytes(10))
    fresh = yield sql(
        "INSERT INTO events (id, thing, kind, surface, community, user_id, user_name, actor, actor_name, job,"
        " refusal, facts_json, address_json, at) VALUES (:id, :thing, :kind, :surface, :community, :user, :name,"
        " :actor, :actor_name, :job, :refusal, :facts, :address, :now) ON CONFLICT (thing) DO NOTHING RETURNING id",
        id=event,
        thing=what.thing,
        kind=str(what.kind),
        surface=what.surface,
        community=what.community,
        user=what.user,
        name=what.name,
        actor=what.actor,
        actor_name=what.actor_name,
        job=what.job,
        refusal=what.refusal,
        facts=to_json(dict(what.facts)),
        address=_address_text(what.address),
        now=millis(now),
    )
    if not fresh:
        return ""
    # What concerns a community is told to its room; each is told to the operator's address once.
    for way in Way:
        if way is Way.HOOK or what.community:
            yield sql(
                "INSERT INTO tellings (event, way, due_at) VALUES (:event, :way, :now)",
                event=event,
                way=str(way),
                now=millis(now),
            )
    return event


def note_withheld(job: Job, *, now: float) -> Steps[None]:
    """No picture of this job may be shown; a part of its last move."""
    yield from note(_about(job, Kind.WITHHELD, f"withheld:{job.id}"), now=now)


def note_verdicts(
    verdicts: Sequence[Verdict],
    who: Requester,
    prompt: str,
    pausing: Pausing,
    *,
    now: float,
    job: str | None = None,
    channel: str = "",
    private: bool = False,
) -> Steps[str]:
    """What the layers said, as lines of the audit, and the pause that it may begin; a part of another transaction."""
    striking = ""
    for verdict in verdicts:
        line = yield from audit.insert_verdict(
            verdict, who, prompt, now=now, job=job, channel=channel, private=private
        )
        striking = line if verdict.counts else striking
    if striking:
        yield from note_pause(who, pausing, now=now, refusal=striking, job=job)
    return striking


def note_pause(
    who: Requester, pausing: Pausing, *, now: float, refusal: str, job: str | None = None
) -> Steps[None]:
    """A refusal that counts was written just now: where it begins a pause, that is an event."""
    rows = yield from audit.struck(who, since=now - pausing.window_s - pausing.pause_s)
    times = [at for at, _ in rows]
    until = pausing.until(times, now=now)
    if until is None or pausing.until(times[1:], now=now) is not None:
        return  # none begins, or one goes on
    yield from note(
        Happening(
            kind=Kind.PAUSED,
            thing=f"paused:{refusal}",
            surface=who.surface,
            community=who.community,
            user=who.user,
            name=who.name,
            job=job,
            refusal=refusal,
            facts={"until": f"{until:.0f}", "strikes": str(len(times))},
        ),
        now=now,
    )


def note_budget(kind: Kind, one: Reserve, used: int, who: Requester, *, now: float) -> Steps[str]:
    """The budget of a community is spent as far as that, once for the period and its amount."""
    what = Happening(
        kind=kind,
        thing=f"{kind}:{one.cap}:{one.meter}",
        surface=who.surface,
        community=who.community,
        facts={
            "spent": str(used),
            "budget": str(one.cap),
            "renews": f"{one.renews_at or 0:.0f}",
            "what": one.refusal,
        },
    )
    return (yield from note(what, now=now))


def note_service(
    provider: str, model: str, trouble: str, *, thing: str, now: float, since: float, facts: Mapping[str, str]
) -> Steps[None]:
    """A service fails, or a model of it ends: for the operator, and for communities that have used it since then."""
    kind = Kind.MODEL_ENDS if trouble == Kind.MODEL_ENDS else Kind.SERVICE_TROUBLE
    told = {"provider": provider, "model": model, "trouble": trouble, **facts}
    if not (yield from note(Happening(kind=kind, thing=thing, facts=told), now=now)):
        return
    # Ids of jobs begin with their moment.
    concerned = yield sql(
        "SELECT DISTINCT surface, community FROM jobs WHERE id > :since AND provider = :provider"
        " AND (model = :model OR :model = '') LIMIT :most",
        since=new_job_id(since, b""),
        provider=provider,
        model=model,
        most=CONCERNED_MOST,
    )
    for row in concerned:
        where = {"surface": row["surface"], "community": row["community"]}
        thing_there = f"{thing}:{row['surface']}:{row['community']}"
        yield from note(Happening(kind=kind, thing=thing_there, facts=told, **where), now=now)


def _about(job: Job, kind: Kind, thing: str) -> Happening:
    who = job.requester
    return Happening(
        kind=kind,
        thing=thing,
        surface=who.surface,
        community=who.community,
        user=who.user,
        name=who.name,
        job=job.id,
    )


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
    ) -> str:
        """Keeps what the layers said of a prompt that made no job, and the pause that it may begin.

        Answers the line of the refusal that counts, where there is one.
        """

        def steps() -> Steps[str]:
            return (
                yield from note_verdicts(
                    verdicts, who, prompt, pausing, now=now, channel=channel, private=private
                )
            )

        return await self._database.write(steps)

    async def spent(self, one: Reserve, who: Requester, *, now: float) -> None:
        """A community's budget doesn't take another order."""

        def steps() -> Steps[None]:
            rows = yield sql("SELECT used FROM meters WHERE id = :id", id=one.meter)
            used = int(rows[0]["used"]) if rows else 0
            yield from note_budget(Kind.BUDGET_100, one, used, who, now=now)

        await self._database.write(steps)

    async def report(self, job: Job, who: Requester, *, now: float) -> bool:
        """Somebody reports a picture, once. Answers whether it was now."""
        thing = f"report:{job.id}:{who.surface}:{who.community}:{who.user}"

        def steps() -> Steps[bool]:
            about = _about(job, Kind.REPORT, thing)
            event = yield from note(replace(about, actor=who.user, actor_name=who.name), now=now)
            if event:
                yield from audit.insert(
                    job.requester,
                    "report",
                    now=now,
                    job=job.id,
                    actor=who.user,
                    channel=job.channel,
                    prompt=job.order.subject,
                    private=int(job.order.private),
                )
            return bool(event)

        return await self._database.write(steps)

    async def service(
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

    async def act(self, event: str, do: Do, actor: Requester, *, settles: bool, now: float) -> bool:
        """Keeps what a moderator did, once for each kind of act; whatever tells of the same picture is told anew.

        Answers whether it was now.
        """

        def steps() -> Steps[bool]:
            yield sql("SELECT id FROM events WHERE id = :event {for_update}", event=event)
            known = yield sql("SELECT number, what FROM event_acts WHERE event = :event", event=event)
            last = max(known, key=lambda row: int(row["number"]), default=None)
            if last is not None and last["what"] == str(do):
                return False
            yield sql(
                "INSERT INTO event_acts (event, number, what, actor, actor_name, at)"
                " VALUES (:event, :number, :what, :actor, :name, :now)",
                event=event,
                number=len(known) + 1,
                what=str(do),
                actor=actor.user,
                name=actor.name,
                now=millis(now),
            )
            if settles:
                yield sql("UPDATE events SET settled = 1 WHERE id = :event", event=event)
            yield from touch(event, now=now)
            return True

        return await self._database.write(steps)

    # ── Telling ──────────────────────────────────────────────────────────────────────────────────────

    async def claim(self, way: Way, *, now: float, lease_s: float, limit: int) -> list[Telling]:
        """Takes what is to be told now by a way, for so long. A look costs no transaction that writes."""

        def look() -> Steps[bool]:
            return bool((yield _due(way, now, "SELECT event FROM tellings WHERE", limit=1)))

        def take() -> Steps[list[Telling]]:
            rows = yield _due(
                way,
                now,
                "WITH free AS MATERIALIZED (SELECT event FROM tellings WHERE",
                ") UPDATE tellings SET lease_until = :until WHERE way = :way"
                " AND event IN (SELECT event FROM free) RETURNING *",
                limit=limit,
                until=millis(now + lease_s),
            )
            events = {event.id: event for event in (yield from _events([row["event"] for row in rows]))}
            return [_telling_of(row, events[row["event"]]) for row in rows if row["event"] in events]

        return await self._database.write(take) if await self._database.read(look) else []

    async def told(self, telling: Telling, *, address: Address | None, handle: Handle | None) -> None:
        """It says this version now; what was done meanwhile is told next."""
        await self._end(telling, address=address, handle=handle, shown=telling.event.version)

    async def put_off(self, telling: Telling, *, due_at: float) -> None:
        """It is tried again then."""

        def steps() -> Steps[None]:
            yield sql(
                "UPDATE tellings SET tries = tries + 1, due_at = :due, lease_until = 0"
                " WHERE event = :event AND way = :way",
                event=telling.event.id,
                way=str(telling.way),
                due=millis(due_at),
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
                address=_address_text(address),
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
                room=str(Way.ROOM),
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
                room=str(Way.ROOM),
            )
            return int(rows[0]["n"])

        return await self._database.read(steps)

    async def prune(self, *, before: float) -> None:
        """Forgets old events, with what was done about them: the audit keeps that."""

        def steps() -> Steps[None]:
            yield from _delete("at < :before", before=millis(before))

        await self._database.write(steps)


# ── Steps that other transactions take part in ───────────────────────────────────────────────────────


def touch(event: str, *, now: float) -> Steps[None]:
    """An event has changed, and so have those about the same picture and person: their messages say so soon."""
    rows = yield sql(
        "UPDATE events SET version = version + 1 WHERE id = :event OR (job IS NOT NULL"
        " AND job = (SELECT job FROM events WHERE id = :event)) RETURNING id",
        event=event,
    )
    for row in rows:
        # No room, no message: only what stands somewhere is told anew.
        yield sql(
            "UPDATE tellings SET over = 0, due_at = :now WHERE event = :event AND way = :room"
            ' AND "key" IS NOT NULL',
            event=row["id"],
            room=str(Way.ROOM),
            now=millis(now),
        )


def forget(who: Requester) -> Steps[None]:
    """Erases a person's name and the ways to them; what happened stays, by their id."""
    person = {"surface": who.surface, "community": who.community, "user": who.user}
    here = "surface = :surface AND community = :community"
    yield sql(
        f"UPDATE events SET user_name = '', address_json = NULL WHERE {here} AND user_id = :user", **person
    )
    yield sql(f"UPDATE events SET actor_name = '' WHERE {here} AND actor = :user", **person)
    yield sql(
        "UPDATE event_acts SET actor_name = '' WHERE actor = :user"
        f" AND event IN (SELECT id FROM events WHERE {here})",
        **person,
    )


def erase(surface: str, community: str) -> Steps[None]:
    """Drops all that a community's moderators were told of: it was left."""
    yield from _delete("surface = :surface AND community = :community", surface=surface, community=community)


def _delete(where: str, **facts: str | int) -> Steps[None]:
    for table in ("tellings", "event_acts"):
        yield sql(f"DELETE FROM {table} WHERE event IN (SELECT id FROM events WHERE {where})", **facts)
    yield sql(f"DELETE FROM events WHERE {where}", **facts)


def _due(way: Way, now: float, begin: str, end: str = "", **more: int) -> Sql:
    return sql(
        f"{begin} way = :way AND over = 0 AND due_at <= :now AND lease_until < :now"
        f" ORDER BY due_at LIMIT :limit {'{skip_locked}' if end else ''}{end}",
        way=str(way),
        now=millis(now),
        **more,
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
        kind=Kind(row["kind"]),
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
    handle = Handle(key=row["key"], data=object_of(row["data_json"])) if row["key"] is not None else None
    return Telling(
        event=event,
        way=Way(row["way"]),
        address=_address_of(event.surface, row["address_json"]),
        handle=handle,
        shown=row["shown"],
        tries=row["tries"],
    )


def _address_of(surface: str, text: str | None) -> Address | None:
    return Address(surface=surface, data=object_of(text)) if text else None


def _address_text(address: Address | None) -> str | None:
    """Without the rights that pass: whoever answers later goes another way."""
    if address is None:
        return None
    return to_json({name: value for name, value in address.data.items() if name not in PASSING})
