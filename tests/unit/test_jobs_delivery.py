"""Delivery: what every kind of failure means, one at a time, and nobody but the right one posts.

On the real store, in virtual time, with a chat on the far side.
"""

import asyncio
import random
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest

from bench.transactions import Tally
from bot.cards.jobs import Hints, card_of
from bot.community.quotas import granted_fund
from bot.errors import ShowFailure, SurfaceError
from bot.job import Asset, Job, Message, Move, Showing, State
from bot.jobs.delivery import Delivery
from bot.jobs.unseen import CONFIRM_S, GIVE_UP_AFTER_S, LOST_FOR_S, TRIES_MAX
from bot.model import Order
from bot.money import Fund
from bot.ports import Address, Phase, Pick
from bot.process.telemetry import Metrics
from bot.store import store_on
from bot.store.jobs import Acceptance, Limits
from bot.studio.admission import Admission
from bot.words.words import Words
from tests.chaos.far_side import Chat, ChatSurface, Painter
from tests.chaos.lives import WHO, Life, MortalDatabase, fresh_world, make_template, settings_of
from tests.chaos.virtual_time import now, run
from tests.fakes.there import there

WORDS = Words("en")


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


class Scene:
    """A store with one job, a chat, and as many deliveries as a test wants."""

    def __init__(self, store) -> None:
        self.store, self.chat, self.shows, self.inside = store, Chat(nonces=False), 0, 0
        self.errors: list[Exception] = []
        self.most_inside = 0
        self.mute, self.place = False, 0
        self.gate: asyncio.Event | None = None

    def delivery(
        self, *, owner: str = "w", installed=("chat",), surfaces=("chat",), goes_on: bool = False
    ) -> Delivery:
        surface = (_GoingOn if goes_on else _Counted)(self)
        shown = {"chat": surface} if "chat" in surfaces else {}
        return Delivery(
            store=self.store, surfaces=shown, words=WORDS, metrics=Metrics(), rng=random.Random(1), owner=owner, installed=installed,
            calm=Admission().wait_for_calm, card_of=lambda job, message: card_of(job, message, WORDS, Hints(place=self.place)),
        )  # fmt: skip

    async def job(self, *, surface: str = "chat", owner: str = "w") -> Job:
        job, _ = await self.store.jobs.accept(
            Acceptance(
                job="job", request_key="r", requester=WHO, channel="", age_restricted=False, parent=None,
                address=Address(surface=surface, data={"channel": "general"}), limits=Limits(), now=now(),
                order=Order(provider="gateway", model="m", prompt="fox", subject="fox", credits_each=1),
                funds=(Fund(account="allowance:x", kind="allowance", entitled=10),),
                deadline_s=600, lease_owner=owner, lease_s=10,
            )
        )  # fmt: skip
        return job

    async def move(self, job: Job, *states: State) -> Job:
        for state in states:
            job = await self.store.jobs.move(job, _move_to(state), now=now())
        return job

    async def finish(self, job: Job) -> Job:
        picture = Asset(key=f"pictures/{job.id}/1.png", index=1)
        return await self.store.jobs.move(
            job, Move(to=State.FINISHED, capture=1, assets=(picture,)), now=now()
        )

    @property
    def card(self):
        return list(self.chat.messages.values())[-1].card

    async def message(self) -> Message:
        return (await self.store.messages.of("job"))[0]

    async def is_open(self) -> bool:
        return bool((await self.store.jobs.counts()).values())


class _Counted(ChatSurface):
    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.chat)
        self._scene = scene

    async def show(self, card, address, handle):
        scene = self._scene
        scene.shows += 1
        scene.inside += 1
        scene.most_inside = max(scene.most_inside, scene.inside)
        try:
            if scene.errors:
                raise scene.errors.pop(0)
            if scene.gate is not None:
                await scene.gate.wait()
            return await super().show(card, address, handle)
        finally:
            scene.inside -= 1

    async def tell(self, address, text):
        if self._scene.mute:
            raise SurfaceError("no way", kind=ShowFailure.FORBIDDEN)
        await super().tell(address, text)


class _GoingOn(_Counted):
    """Its placeholder says by itself how it goes while a picture is drawn."""

    def goes_on(self, card, handle):
        return card.phase is Phase.PAINTING


def _move_to(state: State) -> Move:
    return Move(to=state, capture=0 if state.ended else None, reason="cancelled" if state.ended else "")


def told(template, story) -> None:
    async def tell() -> None:
        async with fresh_world(
            template.parent / "world", template, painter=Painter(honours_keys=True), chat=Chat(nonces=True),
            settings=settings_of(),
        ) as world:  # fmt: skip
            raw = await world.open_store()
            try:
                await story(Scene(store_on(MortalDatabase(raw.database, Life()))))
            finally:
                await raw.aclose()

    run(tell())


def later(retry_after_s=None) -> SurfaceError:
    return SurfaceError("busy", kind=ShowFailure.LATER, retry_after_s=retry_after_s)


def test_a_first_post_that_fails_is_tried_again_later_not_at_once(template):
    async def story(scene: Scene) -> None:
        scene.errors = [later(), later()]
        delivery = scene.delivery()
        assert await delivery.first(await scene.job(), await scene.message()) is Showing.LATER
        assert scene.shows == 1
        began = now()
        while (await scene.message()).handle is None:
            await asyncio.sleep(0.1)
        assert 1.0 < now() - began < 3.0
        assert scene.shows == 3
        await delivery.aclose(1)

    told(template, story)


def test_what_the_platform_asks_to_wait_is_waited_and_tries_end_only_after_hours(template):
    async def story(scene: Scene) -> None:
        job = await scene.job()
        job = await scene.move(job, State.CANCELLED)
        await asyncio.sleep(9)
        scene.errors = [later(90.0)] * 1000
        delivery = scene.delivery()
        assert 89.9 <= there(await delivery.tell("job")) <= 90.0
        began = now()
        while (wait_s := await delivery.tell("job")) is not None:
            await asyncio.sleep(wait_s)
        assert abs(now() - began - GIVE_UP_AFTER_S) < 100
        assert scene.shows > TRIES_MAX
        assert not await scene.is_open(), "the picture waits in the history"

    told(template, story)


def test_without_a_word_of_the_platform_the_waits_grow(template):
    async def story(scene: Scene) -> None:
        await scene.move(await scene.job(), State.CANCELLED)
        await asyncio.sleep(9)
        scene.errors = [later()] * 12
        delivery, waits = scene.delivery(), []
        while (wait_s := await delivery.tell("job")) is not None:
            waits.append(wait_s)
            await asyncio.sleep(wait_s)
        assert len(waits) == 12
        assert waits[0] < 0.7
        assert 240 <= waits[-1] <= 361
        assert all(b > a * 0.9 for a, b in pairwise(waits[:-2]))

    told(template, story)


@pytest.mark.parametrize("kind", [ShowFailure.GONE, ShowFailure.FORBIDDEN], ids=str)
def test_where_nobody_can_be_told_any_more_it_is_left_and_the_job_closes(template, kind):
    async def story(scene: Scene) -> None:
        job = await scene.job()
        delivery = scene.delivery()
        delivery.when_ended(lambda _job: None)
        scene.errors = [SurfaceError("no", kind=kind)] * 3
        assert await delivery.first(job, await scene.message()) is Showing.LATER, "once is no reason"
        await asyncio.sleep(CONFIRM_S + 1)
        assert await delivery.showing("job") is Showing.IMPOSSIBLE
        assert await delivery.tell("job") is None
        assert scene.shows == 3, "once, once more, and the end"
        assert not await scene.is_open()

    told(template, story)


class Fault:
    """A way in which showing fails."""

    def __init__(self, name: str, errors: list[SurfaceError]) -> None:
        self.name, self.errors = name, errors


FAULTS = [
    Fault("gone", [SurfaceError("no", kind=ShowFailure.GONE)] * 10_000),
    Fault("forbidden", [SurfaceError("no", kind=ShowFailure.FORBIDDEN)] * 10_000),
    Fault("later for ever", [SurfaceError("busy", kind=ShowFailure.LATER)] * 10_000),
    Fault("gone once", [SurfaceError("no", kind=ShowFailure.GONE)]),
    Fault("forbidden once", [SurfaceError("no", kind=ShowFailure.FORBIDDEN)]),
    Fault("later once", [SurfaceError("busy", kind=ShowFailure.LATER)]),
]
LASTING, FOR_EVER, ONCE = FAULTS[:2], FAULTS[:3], FAULTS[3:]


async def _quiet(scene: Scene, delivery: Delivery, *, for_s: float) -> None:
    """Lets the message be shown when it is due, for so long."""
    until = now() + for_s
    while now() < until:
        wait_s = await delivery.tell("job")
        await asyncio.sleep(min(until - now(), wait_s) if wait_s else max(0.05, until - now()))


async def _books(scene: Scene) -> int:
    """What the person can spend; the books must balance."""
    assert await scene.store.ledger.problems() == []
    fund = Fund(account="allowance:x", kind="allowance", entitled=10)
    balance = await scene.store.ledger.balance([fund, granted_fund(WHO)], WHO, now=scene.store.now())
    assert balance.held in (0, 1)
    return balance.available


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_before_painting_nothing_is_painted_that_nobody_would_see(template, fault):
    async def story(scene: Scene) -> None:
        ended: list[Job] = []
        delivery, job = scene.delivery(), await scene.job()

        delivery.when_ended(ended.append)
        scene.errors = list(fault.errors)
        await delivery.first(job, await scene.message())
        await asyncio.sleep(60)
        job = await scene.store.jobs.get("job")
        if fault in LASTING:
            assert (job.state, job.reason) == (State.CANCELLED, "failed-unseen")
            assert [one.id for one in ended] == ["job"]
            assert (scene.shows, await _books(scene)) == (3, 10)
            (said,) = scene.chat.whispers
            assert "fox" in said
            assert WORDS.say("failed-unseen") in said
            assert not await scene.is_open()
        else:
            assert (job.state, ended, scene.chat.whispers) == (State.ACCEPTED, [], [])
            assert await _books(scene) == 9, "the hold stands"
            assert ((await scene.message()).handle is not None) is (fault in ONCE)
            assert scene.shows == 2 if fault in ONCE else 5 <= scene.shows <= 10
        await delivery.aclose(1)

    told(template, story)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_what_is_being_painted_goes_on_and_is_handed_over_when_the_way_is_open(template, fault):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        scene.errors = list(fault.errors)
        await _quiet(scene, delivery, for_s=300)
        job = await scene.store.jobs.get("job")
        assert job.state is State.SUBMITTING
        assert 1 < scene.shows < 16
        scene.errors = []
        await scene.finish(job)
        await _quiet(scene, delivery, for_s=301)
        assert scene.card.phase == "finished"
        assert (await _books(scene), scene.chat.whispers) == (9, [])
        assert not await scene.is_open()

    told(template, story)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_a_finished_picture_is_seen_or_paid_back_and_tried_for_a_week(template, fault):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        assert await _books(scene) == 9
        scene.shows, scene.errors = 0, list(fault.errors)
        await _quiet(scene, delivery, for_s=3 * 3600)
        undelivered = await scene.store.usage.undelivered(since=0)
        entries = [entry.action for entry in await scene.store.audit.entries()]
        if fault in ONCE:
            assert (scene.card.phase, await _books(scene), undelivered) == ("finished", 9, (0, 0))
            assert (scene.shows, scene.chat.whispers, entries) == (2, [], [])
            return
        assert (await _books(scene), undelivered, entries) == (10, (1, 1), ["undelivered"])
        (said,) = scene.chat.whispers
        assert said == WORDS.say("undelivered", prompt="fox")
        assert await delivery.showing("job") is Showing.POSTED, "its first message stands, and is behind"
        assert (await scene.store.jobs.get("job")).images, "it waits in the history"
        shows = scene.shows
        assert shows <= 45
        await _quiet(scene, delivery, for_s=8 * 86_400)
        assert scene.shows - shows <= 12, "minutes, hours, a day"
        assert len(scene.chat.whispers) == 1
        assert await _books(scene) == 10
        assert not await scene.is_open(), "after a week it is left"

    told(template, story)


@pytest.mark.parametrize("fault", LASTING, ids=lambda f: f.name)
def test_a_lost_picture_is_shown_at_once_when_a_process_with_its_surface_starts(template, fault):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        scene.errors = list(fault.errors)
        await _quiet(scene, delivery, for_s=100)
        assert (await scene.message()).lost_at is not None
        assert there(await delivery.tell("job")) > 60
        scene.errors = []
        await scene.store.messages.try_again("other", now=now())
        assert there(await delivery.tell("job")) > 60, "another surface's start is no reason"
        await scene.store.messages.try_again("chat", now=now())
        assert await delivery.tell("job") is None
        assert scene.card.phase == "finished"
        assert (await scene.message()).lost_at is None
        assert await _books(scene) == 10, "what went back stays"
        assert not await scene.is_open()

    told(template, story)


def test_who_could_not_be_told_is_told_with_a_later_try_and_once(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        scene.errors = list(FAULTS[1].errors)
        scene.mute = True
        await _quiet(scene, delivery, for_s=100)
        assert (await _books(scene), scene.chat.whispers) == (10, [])
        scene.mute = False
        await _quiet(scene, delivery, for_s=4 * 3600)
        assert len(scene.chat.whispers) == 1

    told(template, story)


def test_a_crash_between_any_two_steps_pays_back_once(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        scene.errors = list(FAULTS[1].errors)
        assert there(await delivery.tell("job")) <= CONFIRM_S
        await asyncio.sleep(CONFIRM_S + 1)
        seen = await scene.message()
        for _ in range(3):  # each life draws the same consequences from the same row
            await scene.store.messages.lose(
                seen, await scene.store.jobs.get("job"), granted_fund(WHO), due_at=now(), now=now()
            )
        assert await _books(scene) == 10
        await _quiet(scene, scene.delivery(), for_s=LOST_FOR_S * 1.5)
        assert (await _books(scene), len(scene.chat.whispers)) == (10, 1)
        assert [entry.action for entry in await scene.store.audit.entries()] == ["undelivered"]

    told(template, story)


@pytest.mark.parametrize("fault", FOR_EVER, ids=lambda f: f.name)
def test_a_pick_that_nobody_can_see_costs_nothing_and_gives_nothing_back(template, fault):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        assert await delivery.tell("job") is None
        pick = Message(
            job="job",
            role=Pick(1),
            address=Address(surface="chat", data={"channel": "general"}),
            due_at=now() + 8,
        )
        await scene.store.messages.add(pick)
        await scene.store.leases.claim("w", now=now(), lease_s=10, limit=1)
        scene.errors = list(fault.errors)
        await delivery.first(job, pick)
        await _quiet(scene, delivery, for_s=3 * 3600)
        assert (await _books(scene), len(scene.chat.whispers)) == (9, 1)
        assert await delivery.showing("job", role=Pick(1)) is Showing.IMPOSSIBLE
        await delivery.aclose(1)

    told(template, story)


@pytest.mark.parametrize("kind", [ShowFailure.GONE, ShowFailure.FORBIDDEN])
def test_a_picture_whose_time_is_over_is_told_of_to_nobody_whose_message_is_gone(template, kind):
    """It was seen and paid: that its message can't say so any more is neither a loss nor news."""

    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        await _quiet(scene, delivery, for_s=60)
        assert (scene.card.phase, await _books(scene)) == ("finished", 9)
        await scene.store.jobs.expire("job", now=now())
        scene.shows, scene.errors = 0, [SurfaceError("people removed it", kind=kind)] * 99
        await _quiet(scene, delivery, for_s=3 * 3600)
        assert scene.shows > 1, "one failure alone is never final"
        assert (scene.chat.whispers, await _books(scene)) == ([], 9)
        await _quiet(scene, delivery, for_s=8 * 86_400)
        assert not await scene.is_open(), "after a week it is left"

    told(template, story)


@pytest.mark.parametrize("kind", [ShowFailure.GONE, ShowFailure.FORBIDDEN])
def test_a_picture_that_was_seen_is_paid_whatever_becomes_of_its_message(template, kind):
    """Shown, hidden by a moderator, its message removed, and released: nothing goes back, and nobody is told that it did."""

    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.finish(await scene.move(job, State.CLEARED, State.SUBMITTING))
        await _quiet(scene, delivery, for_s=60)
        aside = {
            asset.key: f"aside/{asset.index}.png" for asset in there(await scene.store.jobs.get("job")).images
        }
        await scene.store.review.hide("job", aside, actor=WHO, now=now())
        await _quiet(scene, delivery, for_s=60)
        assert (scene.card.phase, await _books(scene)) == ("over", 9)
        scene.shows, scene.errors = 0, [SurfaceError("people removed it", kind=kind)] * 99
        assert await scene.store.review.release("job", actor=WHO, now=now())
        await _quiet(scene, delivery, for_s=3 * 3600)
        assert scene.shows > 1, "one failure alone is never final"
        assert (scene.chat.whispers, await _books(scene)) == ([], 9)
        assert await scene.store.usage.undelivered(since=0) == (0, 0)
        await _quiet(scene, delivery, for_s=8 * 86_400)
        assert not await scene.is_open(), "after a week it is left"

    told(template, story)


def test_what_was_held_back_and_never_seen_is_told_of_where_its_message_is_gone(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        kept = Asset(key="pictures/job/1.png", index=1, role="quarantine")
        withheld = Move(to=State.WITHHELD, capture=0, reason="withheld", assets=(kept,))
        await scene.store.jobs.move(job, withheld, now=now())
        await _quiet(scene, delivery, for_s=60)
        scene.errors = [SurfaceError("people removed it", kind=ShowFailure.GONE)] * 99
        assert await scene.store.review.release("job", actor=WHO, now=now())
        await _quiet(scene, delivery, for_s=3 * 3600)
        assert scene.chat.whispers == [WORDS.say("undelivered", prompt="fox")]

    told(template, story)


def test_the_place_in_line_is_shown_anew_when_it_has_changed_and_only_then(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        delivery.carry(job)
        scene.place = 7
        await delivery.first(job, await scene.message())
        await delivery.refresh("job")
        assert scene.shows == 1, "nothing has changed"
        scene.place = 3
        await delivery.refresh("job")
        await asyncio.sleep(1)
        await delivery.refresh("job")
        assert (scene.shows, scene.card.headline) == (2, WORDS.say("headline-waiting", place=3))
        scene.place, scene.errors = 2, [SurfaceError("no", kind=ShowFailure.GONE)]
        await delivery.refresh("job")
        await asyncio.sleep(1)
        assert (await scene.store.jobs.get("job")).state is State.ACCEPTED, "once is no reason"
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        scene.place, shows = 0, scene.shows
        await delivery.refresh("job")
        assert scene.shows == shows, "what is painted has no place"
        await delivery.refresh("unknown")
        await delivery.aclose(1)

    told(template, story)


@pytest.mark.parametrize("wish", [True, False])
@pytest.mark.parametrize("end", [State.FINISHED, State.FAILED, State.CANCELLED])
def test_who_wished_it_is_told_once_when_the_message_shows_the_end(template, wish, end):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        if wish:
            assert await scene.store.messages.ask_to_tell(await scene.message(), now=now())
            assert not await scene.store.messages.ask_to_tell(await scene.message(), now=now())
        assert await delivery.tell("job") is None
        assert scene.chat.whispers == []
        if end is State.FINISHED:
            await scene.finish(job)
        else:
            reason = "cancelled" if end is State.CANCELLED else "failed-provider"
            await scene.store.jobs.move(job, Move(to=end, capture=0, reason=reason), now=now())
        assert await delivery.tell("job") is None
        assert not await scene.is_open()
        assert len(scene.chat.whispers) == (wish and end is not State.CANCELLED)
        assert all("fox" in said for said in scene.chat.whispers)

    told(template, story)


def test_only_the_accepting_process_says_that_nothing_can_have_been_posted_yet(template):
    async def story(scene: Scene) -> None:
        scene.errors = [later()]
        delivery, job = scene.delivery(), await scene.job()
        assert await delivery.first(job, await scene.message()) is Showing.LATER
        await asyncio.sleep(3)
        (posted,) = scene.chat.messages.values()
        assert not posted.cards[0].first, "the worker's try may be a second one"
        await delivery.aclose(1)

    told(template, story)


def test_a_card_says_once_that_it_is_the_first(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        assert await delivery.first(job, await scene.message()) is Showing.POSTED
        await scene.move(job, State.CANCELLED)
        assert await delivery.tell("job") is None
        (posted,) = scene.chat.messages.values()
        assert [card.first for card in posted.cards] == [True, False]

    told(template, story)


def test_a_card_that_says_the_same_needs_no_edit(template):
    async def story(scene: Scene) -> None:
        delivery = scene.delivery()
        job = await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        assert await delivery.tell("job") is None
        first = scene.shows
        await scene.move(job, State.RENDERING)
        assert await delivery.tell("job") is None
        assert (await scene.message()).shown == 4
        assert scene.shows == first, "painting is painting"

    told(template, story)


def test_a_move_that_changes_no_card_looks_at_nothing(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        delivery.carry(job)
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        delivery.moved(job)
        await asyncio.sleep(1)
        job = await scene.move(job, State.RENDERING)
        tally, shows = Tally(), scene.shows
        tally.watch(scene.store.database)
        delivery.moved(job)
        await asyncio.sleep(1)
        assert (tally.transactions, scene.shows) == ([], shows), "painting is painting"

    told(template, story)


def test_a_message_that_goes_on_by_itself_is_neither_edited_nor_recorded_until_the_end(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(goes_on=True), await scene.job()
        delivery.carry(job)
        await delivery.first(job, await scene.message())
        tally = Tally()
        tally.watch(scene.store.database)
        for state in (State.CLEARED, State.SUBMITTING, State.RENDERING):
            job = await scene.move(job, state)
            delivery.moved(job)
            await asyncio.sleep(1)
        told_by = [t.name for t in tally.transactions if t.name != "Jobs.move"]
        assert (told_by, scene.shows) == ([], 1)
        job = await scene.finish(job)
        delivery.moved(job)
        assert await delivery.tell("job") is None
        assert ((await scene.message()).shown, scene.shows) == (job.version, 2)
        assert not await scene.is_open()

    told(template, story)


def test_whoever_takes_over_leaves_a_message_that_goes_on_alone_and_shows_its_end(template):
    async def story(scene: Scene) -> None:
        job = await scene.job()
        await scene.delivery(goes_on=True).first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        heir = scene.delivery(goes_on=True)
        assert await heir.tell("job") is None
        assert scene.shows == 1
        await scene.finish(job)
        assert await heir.tell("job") is None
        assert scene.shows == 2
        assert not await scene.is_open()

    told(template, story)


def test_what_has_failed_is_shown_even_where_it_goes_on(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(goes_on=True), await scene.job()
        await delivery.first(job, await scene.message())
        await scene.store.messages.put_off(await scene.message(), due_at=now())
        await scene.move(job, State.CLEARED, State.SUBMITTING)
        assert await delivery.tell("job") is None
        assert (scene.shows, (await scene.message()).tries) == (2, 0)

    told(template, story)


def test_a_move_is_shown_and_recorded_without_a_look(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        delivery.carry(job)
        tally, message = Tally(), await scene.message()
        tally.watch(scene.store.database)
        await delivery.first(job, message)
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        delivery.moved(job)
        await asyncio.sleep(1)
        job = await scene.move(job, State.CANCELLED)
        delivery.moved(job)
        assert await delivery.tell("job") is None
        told_by = [t.name for t in tally.transactions if t.name != "Jobs.move"]
        assert told_by == ["MessageTable.shown"] * 3
        assert not await scene.is_open()

    told(template, story)


def test_what_somebody_else_did_to_a_carried_job_is_looked_up(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        delivery.carry(job)
        await delivery.first(job, await scene.message())
        await scene.move(job, State.CANCELLED)
        delivery.note("job")
        await asyncio.sleep(1)
        (message,) = scene.chat.messages.values()
        assert message.card.state == State.CANCELLED
        assert not await scene.is_open()

    told(template, story)


def test_an_edit_that_lands_over_anothers_later_one_is_told_again(template):
    """Who carries the job edits by what it knows; the record of the edit tells it of the cancel."""

    async def story(scene: Scene) -> None:
        carrier, other, job = scene.delivery(), scene.delivery(), await scene.job()
        carrier.carry(job)
        await carrier.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        scene.gate = asyncio.Event()
        carrier.moved(job)
        await asyncio.sleep(1)
        gate, scene.gate = scene.gate, None
        await scene.move(job, State.CANCELLED)
        assert await other.tell("job") is None
        assert not await scene.is_open()
        gate.set()
        await asyncio.sleep(1)
        states = [card.state for card in scene.chat.messages["m1"].cards]
        assert states[-3:] == [State.CANCELLED, State.SUBMITTING, State.CANCELLED]
        assert not await scene.is_open()

    told(template, story)


def test_one_delivery_at_a_time_and_the_last_word_is_the_end(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        for state in (State.CLEARED, State.SUBMITTING, State.RENDERING, State.CANCELLED):
            job = await scene.move(job, state)
            for _ in range(3):
                delivery.note("job")
            await asyncio.sleep(0.02)
        await asyncio.gather(*(delivery.tell("job") for _ in range(5)))
        await asyncio.sleep(1)
        assert scene.most_inside == 1
        (message,) = scene.chat.messages.values()
        assert message.card.state == State.CANCELLED
        assert [len(delivery._tasks), len(delivery._wake), len(delivery._turns)] == [0, 0, 0]

    told(template, story)


def test_the_job_that_moved_during_an_edit_is_shown_again(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        job = await scene.move(job, State.CLEARED, State.SUBMITTING)
        scene.gate = asyncio.Event()
        telling = asyncio.create_task(delivery.tell("job"))
        await asyncio.sleep(1)
        await scene.move(job, State.CANCELLED)
        scene.gate.set()
        assert await telling is None
        assert [c.state for c in scene.chat.messages["m1"].cards][-1] == State.CANCELLED

    told(template, story)


def test_a_message_that_was_never_posted_is_posted_by_its_acceptor_or_the_leases_owner_alone(template):
    async def story(scene: Scene) -> None:
        await scene.job(owner="w-other")
        stranger, owner = scene.delivery(owner="w-me"), scene.delivery(owner="w-other")
        assert 7 < there(await owner.tell("job")) <= 8, "for eight seconds it is the acceptor's"
        await asyncio.sleep(9)
        assert await stranger.tell("job") is not None
        assert await scene.delivery(owner="").tell("job") is not None
        assert scene.shows == 0
        assert await owner.tell("job") is None
        assert (scene.shows, len(scene.chat.messages)) == (1, 1)

    told(template, story)


def test_the_acceptors_own_try_ends_before_the_worker_may_post(template):
    async def story(scene: Scene) -> None:
        job, began = await scene.job(), now()
        scene.gate = asyncio.Event()
        await scene.delivery(owner="").first(job, await scene.message())
        assert now() - began < 8

    told(template, story)


def test_a_terminal_that_is_gone_needs_no_telling(template):
    async def story(scene: Scene) -> None:
        await scene.move(await scene.job(surface="cli"), State.CANCELLED)
        await asyncio.sleep(9)
        assert await scene.delivery().tell("job") is None
        assert not await scene.is_open()

    told(template, story)


def test_a_surface_that_another_process_has_is_left_to_it_for_a_day(template):
    async def story(scene: Scene) -> None:
        await scene.move(await scene.job(), State.CANCELLED)
        await asyncio.sleep(9)
        here, there = scene.delivery(surfaces=()), scene.delivery()
        assert await here.tell("job") == 30
        assert (await scene.message()).tries == 0
        assert await there.tell("job") is None
        assert not await scene.is_open()

    told(template, story)


def test_a_surface_that_never_comes_back_is_given_up_after_a_day(template):
    async def story(scene: Scene) -> None:
        await scene.move(await scene.job(), State.CANCELLED)
        await asyncio.sleep(86_500)
        assert await scene.delivery(surfaces=()).tell("job") is None
        assert not await scene.is_open()

    told(template, story)


def test_a_bug_of_a_card_or_a_surface_is_a_failure_that_is_tried_again(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        scene.errors = [ZeroDivisionError("a bug")]
        await delivery.first(job, await scene.message())
        await asyncio.sleep(2)
        assert (await scene.message()).handle is not None
        await delivery.aclose(1)

    told(template, story)


def test_a_removed_message_leaves_the_chat_and_the_table(template):
    async def story(scene: Scene) -> None:
        delivery, job = scene.delivery(), await scene.job()
        await delivery.first(job, await scene.message())
        await scene.move(job, State.CANCELLED)
        await delivery.tell("job")
        await scene.store.messages.remove(await scene.message(), now=now())
        assert await delivery.tell("job") is None
        assert not scene.chat.messages
        assert await scene.store.messages.of("job") == []
        assert not await scene.is_open()

    told(template, story)


@pytest.mark.parametrize("posted", [True, False])
def test_a_first_post_that_was_lost_goes_with_its_job(template, posted):
    """The process died between the post and its record, and the job was deleted before anybody else took it."""

    async def story(scene: Scene) -> None:
        job, message = await scene.move(await scene.job(), State.CANCELLED), await scene.message()
        if posted:
            card = card_of(job, message, WORDS, Hints())
            await ChatSurface(scene.chat).show(card, message.address, None)
        await scene.store.jobs.delete(job.id, now=now())
        assert await scene.delivery().tell("job") is None
        assert scene.chat.messages == {}
        assert not await scene.is_open()

    told(template, story)


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("retry_after_s", [3600.0, 7200.0, 86_400.0])
def test_a_platform_that_asks_for_a_long_rest_is_not_asked_at_once_again(template, retry_after_s, ended):
    async def story(scene: Scene) -> None:
        job = await scene.job()
        if ended:
            await scene.move(job, State.CANCELLED)
        await asyncio.sleep(9)
        scene.errors = [later(retry_after_s)]
        wait_s = await scene.delivery().tell("job")
        assert wait_s == pytest.approx(3600, abs=1)
        assert (await scene.message()).tries == 1
        assert scene.chat.messages == {}

    told(template, story)


def test_a_job_that_is_drawn_for_more_than_a_day_without_its_surface_is_put_off_once(template):
    async def story(scene: Scene) -> None:
        await scene.job()
        await asyncio.sleep(86_500)
        put_off, times = scene.store.messages.put_off, []

        async def counted(message, **named):
            times.append(message.tries)
            assert len(times) < 3, "again and again"
            return await put_off(message, **named)

        scene.store.messages.put_off = counted
        assert await scene.delivery(surfaces=()).tell("job") == pytest.approx(3600, abs=1)
        assert times == [0]

    told(template, story)


@pytest.mark.parametrize("back_s", [3600.0, 86_400.0])
def test_a_message_that_was_put_off_is_shown_soon_where_the_clock_was_set_back(template, back_s):
    async def story(scene: Scene) -> None:
        await scene.move(await scene.job(), State.CANCELLED)
        await asyncio.sleep(9)
        scene.errors = [later(60.0)]
        delivery = scene.delivery()
        assert await delivery.tell("job") is not None
        scene.store.database.ahead_s = -back_s
        assert await delivery.tell("job") is None
        assert scene.card.state == State.CANCELLED

    told(template, story)
