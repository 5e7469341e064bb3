"""Laws of the outbox of events: once for each thing, told by one at a time, told anew with everything that is done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.events import Doing, EventKind, Happening, TellingWay
from bot.job import Asset, Move, State
from bot.pausing import Pausing
from bot.ports import Address, Do, Handle, RoomAct, Severity, Verdict
from bot.store import Store
from tests.fakes.books import NOW, accept, end, granted, person
from tests.fakes.there import there

ANN, BOB, KIM = person("ann"), person("bob"), person("kim")
ROOM = Address(surface=ANN.surface, data={"channel": "mods"})
REFUSED = Verdict(severity=Severity.REFUSE, category="sexual", layer="lexicon")


async def due(store: Store, way: TellingWay = TellingWay.ROOM, now: float = NOW):
    return await store.events.claim(way, now=now, lease_s=60, limit=10)


class EventLaws:
    async def test_a_report_is_kept_and_claimed_once_whoever_asks_at_once(self, store: Store):
        job = await accept(store, "j1", ANN)
        kept = await asyncio.gather(*(store.events.report(job, BOB, now=NOW) for _ in range(4)))
        assert sorted(kept) == [False, False, False, True]
        claimed = await asyncio.gather(*(due(store) for _ in range(4)))
        (telling,) = [one for found in claimed for one in found]
        assert (telling.event.kind, telling.event.job, telling.event.actor) == (EventKind.REPORT, "j1", "bob")
        assert len(await due(store, TellingWay.HOOK)) == 1
        assert len(await due(store, now=NOW + 61)) == 1, "a lease that has ended is another's"

    async def test_what_is_done_is_told_anew_where_it_stands_and_to_all_about_the_same_picture(
        self, store: Store
    ):
        job = await accept(store, "j1", ANN)
        for who in (BOB, KIM):
            await store.events.report(job, who, now=NOW)
        for telling in await due(store):
            await store.events.told(telling, address=ROOM, handle=Handle(key=telling.event.id))
        assert await due(store, now=NOW + 100) == []
        event, _ = await store.events.of(ANN.surface, ANN.community, limit=9)
        doing = Doing(event=event.id, do=Do.DISMISS, actor=KIM, settles=True)
        acts = [store.events.dismiss(doing, ANN, job=event.job, memo="report", now=NOW + 1) for _ in range(3)]
        assert sorted(await asyncio.gather(*acts)) == [False, False, True]
        again = await due(store, now=NOW + 2)
        assert [(one.address, one.handle is not None) for one in again] == [(ROOM, True)] * 2
        settled = there(await store.events.get(event.id))
        assert (settled.settled, settled.version, [act.do for act in settled.acts]) == (True, 2, [Do.DISMISS])

    async def test_an_act_and_its_line_in_the_room_are_one_transaction(self, store: Store):
        """Whoever is killed has done both or neither; what was done by somebody else already keeps no line."""
        job = await accept(store, "j1", ANN)
        await store.events.report(job, BOB, now=NOW)
        (event,) = await store.events.of(ANN.surface, ANN.community, limit=9)
        for state in (State.CLEARED, State.SUBMITTING):
            job = await store.jobs.move(job, Move(to=state), now=NOW)
        shown = Asset(key="pictures/j1/1.png", width=8, height=8, sha256="ab")
        await end(store, job, State.FINISHED, job.order.credits, assets=(shown,))
        line = await store.events.refused((REFUSED,), ANN, "bad", now=NOW, channel="")
        moved, wallet = {shown.key: "pictures/j1/1-x.png"}, granted(ANN)

        def by(do: RoomAct) -> dict[str, Any]:
            return {"now": NOW, "of": Doing(event=event.id, do=do, actor=KIM)}

        taking_back = Doing(event=event.id, do=Do.WRONG, actor=KIM)
        acts: list[tuple[Do, Callable[[], Awaitable[Any]]]] = [
            (Do.HIDE, lambda: store.review.hide("j1", moved, actor=KIM, **by(Do.HIDE))),
            (Do.RELEASE, lambda: store.review.release("j1", actor=KIM, **by(Do.RELEASE))),
            (
                Do.REFUND,
                lambda: store.ledger.refund("j1", ANN, wallet, actor="kim", memo="", **by(Do.REFUND)),
            ),
            (
                Do.BLOCK,
                lambda: store.communities.block(ANN, reason="", actor=KIM, until=None, **by(Do.BLOCK)),
            ),
            (Do.WRONG, lambda: store.events.mark_wrong(taking_back, ANN, line=line, now=NOW)),
        ]
        for number, (do, act) in enumerate(acts, 1):
            await act()
            kept = there(await store.events.get(event.id))
            assert (kept.acts[-1].do, kept.acts[-1].actor, len(kept.acts)) == (do, "kim", number)
        for do, act in acts:
            if do is not Do.HIDE and do is not Do.BLOCK:
                await act()
        assert len(there(await store.events.get(event.id)).acts) == len(acts)

    async def test_a_pause_begins_once_and_a_refusal_that_is_taken_back_ends_it(self, store: Store):
        pausing = Pausing(strikes=2, window_s=600, pause_s=600)
        lines = [
            await store.events.refused((REFUSED,), ANN, "bad", now=NOW + n, channel="", pausing=pausing)
            for n in range(3)
        ]
        (paused,) = await store.events.of(ANN.surface, ANN.community, limit=9)
        assert (paused.kind, paused.refusal, paused.facts["strikes"]) == (EventKind.PAUSED, lines[1], "2")
        doing = Doing(event=paused.id, do=Do.WRONG, actor=KIM)
        assert await store.events.mark_wrong(doing, ANN, line=lines[2], now=NOW + 5)
        assert not await store.events.mark_wrong(doing, ANN, line=lines[2], now=NOW + 5)
        assert await store.audit.striking(ANN.surface, ANN.community, since=NOW - 1, now=NOW) == {
            "ann": [NOW + 1, NOW]
        }

    async def test_hidden_is_kept_for_moderators_under_another_key_and_can_be_released(self, store: Store):
        job = await accept(store, "j1", ANN)
        shown = Asset(key="pictures/j1/1.png", width=8, height=8, sha256="ab")
        sheet = replace(shown, key="pictures/j1/sheet.png", role="sheet")
        for state in (State.CLEARED, State.SUBMITTING):
            job = await store.jobs.move(job, Move(to=state), now=NOW)
        await end(store, job, State.FINISHED, 0, assets=(shown, sheet))
        gone = await store.review.hide("j1", {shown.key: "pictures/j1/1-x.png"}, actor=KIM, now=NOW)
        assert gone == [shown.key, sheet.key]
        assert await store.review.hide("j1", {}, actor=KIM, now=NOW) is None
        assert await store.jobs.history(ANN, limit=9) == []
        assert await store.review.release("j1", actor=KIM, now=NOW)
        (again,) = await store.jobs.history(ANN, limit=9)
        assert [one.key for one in again.images] == ["pictures/j1/1-x.png"]
        assert await store.ledger.problems() == []

    async def test_an_operators_event_has_no_room_and_old_events_go(self, store: Store):
        await store.events.add(Happening(kind=EventKind.SERVICE_TROUBLE, thing="service:x"), now=NOW)
        assert await due(store) == []
        assert len(await due(store, TellingWay.HOOK)) == 1
        await store.events.prune(before=NOW + 1)
        assert await due(store, TellingWay.HOOK, now=NOW + 100) == []
