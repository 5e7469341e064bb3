"""The outbox of events: written in the transaction of what caused them, told once, handled by moderators."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.events import Doing, EventKind, Happening, TellingWay
from bot.job import Job, new_job_id
from bot.money import Reserve
from bot.pausing import Pausing
from bot.ports import PASSING, Address, Requester, Severity, Verdict
from bot.store import audit
from bot.store.database import Steps, sql
from bot.store.rows import millis, to_json

_AT_ONCE_S = 60.0  # within which the same act about one event is the same
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
        address=address_text(what.address),
        now=millis(now),
    )
    if not fresh:
        return ""
    # What concerns a community is told to its room; each is told to the operator's address once.
    for way in TellingWay:
        if way is TellingWay.HOOK or what.community:
            yield sql(
                "INSERT INTO tellings (event, way, due_at) VALUES (:event, :way, :now)",
                event=event,
                way=str(way),
                now=millis(now),
            )
    return event


def note_withheld(job: Job, *, now: float) -> Steps[None]:
    """No picture of this job may be shown; a part of its last move."""
    yield from note(about(job, EventKind.WITHHELD, f"withheld:{job.id}"), now=now)


def note_verdicts(  # noqa: PLR0913 - the columns of a line
    verdicts: Sequence[Verdict],
    who: Requester,
    prompt: str,
    pausing: Pausing,
    *,
    now: float,
    job: str | None = None,
    channel: str = "",
    private: bool = False,
    address: Address | None = None,
) -> Steps[str]:
    """What the layers said, as lines of the audit, and the pause that it may begin; a part of another transaction.

    However many layers and pictures refuse one order, it counts once. Answers the line that can be appealed against: the
    refusal that counts, else one that doesn't; never an outage.
    """
    striking = refusing = ""
    for one in verdicts:
        verdict = replace(one, strike=False) if striking else one
        line = yield from audit.insert_verdict(
            verdict, who, prompt, now=now, job=job, channel=channel, private=private
        )
        striking = line if verdict.counts else striking
        if verdict.severity is Severity.REFUSE and verdict.category != "unavailable":
            refusing = refusing or line
    if striking:
        yield from note_pause(who, pausing, now=now, refusal=striking, job=job, address=address)
    return striking or refusing


def note_pause(
    who: Requester,
    pausing: Pausing,
    *,
    now: float,
    refusal: str,
    job: str | None = None,
    address: Address | None = None,
) -> Steps[None]:
    """A refusal that counts was written just now: where it begins a pause, that is an event."""
    rows = yield from audit.struck(who, since=now - pausing.window_s - pausing.pause_s, now=now)
    times = [at for at, _ in rows]
    until = pausing.until(times, now=now)
    if until is None or pausing.until(times[1:], now=now) is not None:
        return  # none begins, or one goes on
    yield from note(
        Happening(
            kind=EventKind.PAUSED,
            thing=f"paused:{refusal}",
            surface=who.surface,
            community=who.community,
            user=who.user,
            name=who.name,
            job=job,
            refusal=refusal,
            facts={"until": f"{until:.0f}", "strikes": str(len(times))},
            address=address,
        ),
        now=now,
    )


def note_budget(kind: EventKind, one: Reserve, used: int, who: Requester, *, now: float) -> Steps[str]:
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
    kind = EventKind.MODEL_ENDS if trouble == EventKind.MODEL_ENDS else EventKind.SERVICE_TROUBLE
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


def about(job: Job, kind: EventKind, thing: str) -> Happening:
    """Something about a picture and whose it is."""
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
            room=str(TellingWay.ROOM),
            now=millis(now),
        )


def acted(doing: Doing | None, *, now: float) -> Steps[bool]:
    """Keeps what a moderator did, once where two do the same at once; a part of the transaction that does it.

    Whatever tells of the same picture is told anew. Answers whether it was now.
    """
    if doing is None:
        return False
    event, do = doing.event, str(doing.do)
    yield sql("SELECT id FROM events WHERE id = :event {for_update}", event=event)
    known = yield sql("SELECT number, what, at FROM event_acts WHERE event = :event", event=event)
    last = max(known, key=lambda row: int(row["number"]), default=None)
    if last is not None and last["what"] == do and last["at"] > millis(now - _AT_ONCE_S):
        return False
    yield sql(
        "INSERT INTO event_acts (event, number, what, actor, actor_name, at)"
        " VALUES (:event, :number, :what, :actor, :name, :now)",
        event=event,
        number=len(known) + 1,
        what=do,
        actor=doing.actor.user,
        name=doing.actor.name,
        now=millis(now),
    )
    if doing.settles:
        yield sql("UPDATE events SET settled = 1 WHERE id = :event", event=event)
    yield from touch(event, now=now)
    return True


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
    yield from delete("surface = :surface AND community = :community", surface=surface, community=community)


def delete(where: str, **facts: str | int) -> Steps[None]:
    """Events with all that hangs on them; a part of another transaction."""
    for table in ("tellings", "event_acts"):
        yield sql(f"DELETE FROM {table} WHERE event IN (SELECT id FROM events WHERE {where})", **facts)
    yield sql(f"DELETE FROM events WHERE {where}", **facts)


def address_text(address: Address | None) -> str | None:
    """Without the rights that pass: whoever answers later goes another way."""
    if address is None:
        return None
    return to_json({name: value for name, value in address.data.items() if name not in PASSING})
