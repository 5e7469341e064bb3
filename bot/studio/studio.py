"""The front door: everything a person can do, the same from every surface.

Every verb takes facts about who asks and where, raises a Refusal that the front end shows to that
person alone, and does a thing once for its `request_key`.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from bot.cards.jobs import Hints
from bot.community import house_rules
from bot.community.holding import holding
from bot.community.rulebook import Rulebook, person_scope
from bot.errors import LostJob, NotAllowed, NotThere, Refusal
from bot.given.uploads import Handed, Uploads
from bot.job import FIRST_SHOW_S, Job, Message, Move, Placed, Showing, State
from bot.jobs.asking import stop_drawing
from bot.jobs.delivery import Delivery
from bot.jobs.worker import Worker
from bot.model import Model
from bot.money import Purse
from bot.order.catalog import Catalog
from bot.order.styles import ships
from bot.pictures.assets import Assets
from bot.ports import MAIN, Ask, Pick, Place, Requester, Role, Tell
from bot.process.telemetry import Metrics
from bot.provider import Provider
from bot.rights import assert_own, may_press, may_see
from bot.rules.rules import Rules
from bot.store import Store
from bot.studio import onward
from bot.studio.admission import Admission
from bot.studio.counter import Accepted, Counter, Offer
from bot.studio.pledges import pledged
from bot.studio.purses import Purses
from bot.studio.usual import Usual, usual_of

log = structlog.get_logger()

_STOPS_MAX = 5


class Studio:
    """The verbs of people."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        store: Store,
        catalog: Catalog,
        providers: Mapping[str, Provider],
        admission: Admission,
        counter: Counter,
        purses: Purses,
        delivery: Delivery,
        worker: Worker | None,
        hints: Callable[[Job], Hints],
        assets: Assets,
        uploads: Uploads,
        rulebook: Rulebook,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._gallery = assets
        self._uploads = uploads
        self._rulebook = rulebook
        self._providers = providers
        self._admission = admission
        self._counter = counter
        self._purses = purses
        self._delivery = delivery
        self._worker = worker
        self._hints = hints
        self._metrics = metrics
        self._closing = False

    def close(self) -> None:
        """Takes no more orders: the process stops."""
        self._closing = True

    @property
    def closing(self) -> bool:
        """Whether no more orders are taken."""
        return self._closing

    def now(self) -> float:
        """Unix seconds by the store's clock."""
        return self._store.now()

    # ── Making pictures ──────────────────────────────────────────────────────────────────────────────

    async def imagine(self, ask: Ask) -> Placed:
        """Accepts an order and posts its placeholder. Raises a Refusal: nothing was charged then."""
        return await self._accept(ask, parent=None)

    async def keep_upload(self, who: Requester, data: bytes) -> Handed:
        """A picture that this person hands to us, to be given with orders. Raises a Refusal for what we don't take."""
        return await self._uploads.keep(who, data)

    async def reroll(self, job: str, ask: Ask) -> Placed:
        """The same order once more, paid by who asks; makes one new message."""
        before = await self._pressable(job, ask.requester)
        return await self._accept(onward.again(before, ask), parent=before.id)

    async def remix(self, job: str, ask: Ask) -> Placed:
        """A changed order that began with another picture."""
        before = await self._pressable(job, ask.requester)
        return await self._accept(onward.remix(before, ask), parent=before.id)

    async def edit(self, job: str, index: int, ask: Ask) -> Placed:
        """One's words change a picture of a job; `index` counts from 1, and 0 is the first."""
        before = await self._pressable(job, ask.requester)
        return await self._accept(onward.edit(before, index, ask), parent=before.id)

    async def vary(self, job: str, index: int, ask: Ask) -> Placed:
        """The same words once more, and the picture beside them."""
        before = await self._pressable(job, ask.requester)
        rules = await self.rules(ask.requester, ask.place)
        models = [offer.model for offer in self.offers(ask.requester, rules)]
        varied = onward.vary(before, index, ask, models, partial(self.taking, rules=rules))
        return await self._accept(varied, parent=before.id)

    async def upscale(self, job: str, index: int, ask: Ask) -> Placed:
        """The picture, larger."""
        before = await self._pressable(job, ask.requester)
        models = [offer.model for offer in await self.models(ask.requester, ask.place)]
        return await self._accept(onward.upscale(before, index, ask, models), parent=before.id)

    async def pick(self, job: str, index: int, ask: Ask) -> Placed:
        """Posts one of several images alone, or says where its message stands: a press always leads somewhere."""
        found = await self._pressable(job, ask.requester)
        if not any(a.index == index for a in found.images) or ask.place.address is None:
            raise NotThere
        message = Message(
            job=found.id,
            role=Pick(index),
            address=ask.place.address,
            author=ask.requester.user,
            due_at=self._store.now() + FIRST_SHOW_S,
        )
        with self._admission.owing():
            fresh, stands = await self._store.messages.add(message), None
            ask.accepted()
            if not fresh:
                stands = await self._delivery.standing(job, message.role)
                fresh = stands is None and await self._store.messages.add(message)
            if not fresh:
                return Placed(job=found, shown=Showing.POSTED, fresh=False, message=stands)
            return Placed(job=found, shown=await self._delivery.first(found, message), message=message)

    async def cancel(self, job: str, who: Requester) -> Job:
        """Stops a job that goes on; the credits are back at once. Whoever moves the job first wins."""
        found, moved = await self._move_to_cancelled(job, who)
        self._metrics.jobs.labels(str(moved.state), moved.order.model).inc()
        if self._worker is not None:  # another process that carries it learns of it when it claims again
            self._worker.interrupt(moved)
        self._delivery.note(job)
        await stop_drawing(self._providers, found)
        return moved

    async def _move_to_cancelled(self, job: str, who: Requester) -> tuple[Job, Job]:
        """The job before and after. A worker that moved it meanwhile doesn't turn the person away."""
        while True:
            found = await self._own(job, who)
            if found.state.ended:
                raise NotAllowed("already-over")
            spent, by = found.state.asked, f"by {who.user}"
            move = Move(to=State.CANCELLED, capture=0, reason="cancelled", spent=spent, detail=by)
            with contextlib.suppress(LostJob):
                return found, await self._store.jobs.move(found, move, now=self._store.now())

    async def delete(self, job: str, who: Requester, *, role: Role = MAIN) -> None:
        """Removes a pick's message, or the whole picture: files, links, history and messages. No refund."""
        found = await self._visible(job, who)
        messages = [m for m in await self._store.messages.of(job) if m.role == role and role != MAIN]
        if not any(message.author == who.user for message in messages):
            assert_own(found, who, await self._rulebook.of(who))
        if not found.state.ended:
            raise NotAllowed("not-finished")
        now = self._store.now()
        if role != MAIN:
            for message in messages:
                await self._store.messages.remove(message, now=now)
        else:
            keys = await self._store.jobs.delete(found.id, now=now)
            await self._gallery.delete(keys)
            await self._uploads.drop(found.order.sources, found.requester)
            await self._store.audit.act(found.requester, "delete", now=now, job=job, actor=who.user)
            await self._store.events.changed(job, now=now)
        self._delivery.note(found.id)

    async def tell_when_done(self, job: str, who: Requester) -> None:
        """Whose picture it is will be told privately when it is done."""
        found = await self._visible(job, who)
        if found.requester.user != who.user:
            raise NotAllowed("not-yours")
        if found.state.ended:
            raise NotAllowed("already-over")
        for message in await self._store.messages.of(job):
            if message.role == MAIN and await self._store.messages.ask_to_tell(message, now=self.now()):
                self._delivery.note(job)

    async def report(self, job: str, who: Requester) -> Job:
        """Tells the moderators about a picture."""
        found = await self._visible(job, who)
        await self._store.events.report(found, who, now=self._store.now())
        return found

    def tell(self, job: str) -> None:
        """The job has changed by somebody else's act: its messages are to say so."""
        self._delivery.note(job)

    # ── Looking at things ────────────────────────────────────────────────────────────────────────────

    async def job(self, job: str, who: Requester) -> Job:
        """A job that this person may see. Raises NotThere."""
        return await self._visible(job, who)

    async def find(self, surface: str, key: str) -> Message | None:
        """The message of ours that a press or a reaction belongs to."""
        return await self._store.messages.find(surface, key)

    async def pictures(self, who: Requester, *, keys: str, since: float) -> list[Message]:
        """The messages that show finished pictures, the newest picture first; their keys begin with `keys`."""
        return await self._store.messages.pictures(who, keys=keys, since=since)

    async def assert_may_ask(self, who: Requester, place: Place, job: str = "") -> None:
        """Whether an order there would be refused whatever it says; `job`: going on from this one. Raises a Refusal."""
        if job:
            await self._pressable(job, who)
        await self._counter.assert_may_ask(who, place)

    async def mark_seen(self, event: str, *, again_after_s: float = 7 * 86_400) -> bool:
        """Whether this event of a platform was not handled yet, on any replica."""
        return await self._store.shared.mark_seen(event, now=self._store.now(), again_after_s=again_after_s)

    async def has_seen(self, event: str) -> bool:
        """Whether this event was handled already, on any replica."""
        return await self._store.shared.has_seen(event)

    async def credits(self, who: Requester, *, movements: int = 0) -> Purse:
        """What is left, what is held, when it renews, and the last movements."""
        return await self._purses.of(who, movements=movements)

    async def history(
        self,
        who: Requester,
        *,
        limit: int = 20,
        before: float | None = None,
        words: Sequence[str] = (),
        offset: int = 0,
        everyone: bool = False,
    ) -> list[Job]:
        """One's finished pictures, newest first; with words, those whose prompt has all of them.

        With `everyone` those of one's community that are nobody's alone.
        """
        return await self._store.jobs.history(
            who, limit=limit, before=before, words=words, offset=offset, everyone=everyone
        )

    async def models(self, who: Requester, place: Place | None = None) -> list[Offer]:
        """The open models that this person may use, in a place where one is given, with their price."""
        return self.offers(who, await self.rules(who, place))

    def taking(self, inputs: int, *, rules: Rules) -> Model:
        """The best open model that draws from so many pictures, of those that are allowed here. Raises a Refusal."""
        return self._catalog.taking(inputs, now=self.now(), permits=partial(house_rules.permits, rules=rules))

    def offers(self, who: Requester, rules: Rules) -> list[Offer]:
        """The same from memory, for autocompletion."""
        return self._counter.offers(who, rules)

    async def usual(self, who: Requester, rules: Rules) -> Usual:
        """What goes without being typed, and who draws then."""
        return usual_of(await self.defaults(who), rules, self._catalog, now=self.now())

    def resting(self, rules: Rules) -> list[Model]:
        """The models that a community allows, and that nobody draws by just now."""
        return self._counter.resting(rules)

    async def rules(self, who: Requester, place: Place | None = None) -> Rules:
        """The rules that hold for this person; in a place, where one is given."""
        return holding(await self.common_rules(who), who, place)

    async def common_rules(self, who: Requester) -> Rules:
        """The rules of this person's community, whoever asks and wherever."""
        return await self._rulebook.of(who)

    def styles(self, rules: Rules) -> list[str]:
        """The styles that a community allows, by name."""
        return sorted(style for style in self._catalog.styles if not rules.styles or style in rules.styles)

    def ships(self, style: str) -> bool:
        """Whether a style is one that Easel comes with."""
        return ships(style, self._catalog.styles[style].typed)

    async def board(self, surface: str, community: str, *, limit: int) -> list[tuple[Message, int]]:
        """The messages of a community's newest pictures, each with its job's version; cheap enough to ask often."""
        return await self._store.messages.board(surface, community, limit=limit)

    async def look(self, job: str) -> Job | None:
        """A job as it is, for a surface that shows it only to those who `may_see` it."""
        return await self._store.jobs.get(job)

    def hints(self, job: Job) -> Hints:
        """What the moment adds to a job, as far as this process knows: its place in line, how long it will take."""
        return self._hints(job)

    # ── One's own settings ───────────────────────────────────────────────────────────────────────────

    async def defaults(self, who: Requester) -> dict[str, Any]:
        """One's own default model, shape and privacy."""
        return await self._rulebook.own_defaults(who)

    async def set_defaults(self, who: Requester, values: Mapping[str, str | None]) -> dict[str, Any]:
        """Changes them; None unsets one. Raises BadPrompt or UnknownModel for what can't be."""
        return await self._rulebook.set_own_defaults(who, values, catalog=self._catalog)

    async def forget(self, who: Requester) -> int:
        """Erases one's prompts and pictures for good; the books keep the numbers. Answers how many."""
        await self._stop_all(who)
        jobs, keys = await self._store.jobs.forget(who, now=self._store.now(), scope=person_scope(who))
        await self._gallery.delete(keys)
        for job in jobs:
            self._delivery.note(job)
        return len(jobs)

    async def _stop_all(self, who: Requester) -> None:
        """What is under way would be a picture of a prompt that was to be forgotten."""
        for _ in range(_STOPS_MAX):
            going_on = [job for job in await self._store.jobs.recent(who=who) if not job.state.ended]
            if not going_on:
                return
            for job in going_on:
                with contextlib.suppress(LostJob, NotAllowed):  # It moved just now: look again.
                    await self.cancel(job.id, who)

    async def try_again(self, surface: str) -> None:
        """An obstacle has gone: what could not be seen, or not where it should stand, is shown soon."""
        await self._store.messages.try_again(surface, now=self._store.now())

    # ── What the verbs share ─────────────────────────────────────────────────────────────────────────

    async def _accept(self, ask: Ask, *, parent: str | None) -> Placed:
        async with pledged(self._store, ask) as wait:
            with self._admission.owing():
                accepted = await self._taken(ask, parent, wait)
                return Placed(job=accepted.job, shown=await self._shown(accepted), fresh=accepted.fresh)

    async def _taken(self, ask: Ask, parent: str | None, wait: Tell) -> Accepted:
        """The order at the counter, in its turn. Raises a Refusal."""
        try:
            async with self._admission.turn(ask.requester, wait):
                if self._closing:
                    raise NotAllowed("shutting-down")
                owner = self._worker.owner if self._worker else ""
                accepted = await self._counter.accept(ask, parent=parent, owner=owner)
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.reason).inc()
            raise
        ask.accepted()
        return accepted

    async def _shown(self, accepted: Accepted) -> Showing:
        """What becomes of the placeholder. It is paid: no error comes of it any more."""
        job, message = accepted.job, accepted.message
        if not accepted.fresh:
            return await self._delivery.showing(job.id)
        if self._worker:  # drawing doesn't wait for the chat, nor does it hang on this person's connection
            self._worker.take(job)
        with self._metrics.acknowledge.labels(job.requester.surface).time():
            return await self._delivery.first(job, message) if message else Showing.POSTED

    async def _visible(self, job: str, who: Requester) -> Job:
        """Nobody sees into another community, nor another's private picture."""
        found = await self._store.jobs.get(job)
        if found is None or not may_see(found, who):
            raise NotThere
        return found

    async def _pressable(self, job: str, who: Requester) -> Job:
        found = await self._visible(job, who)
        if not may_press(found, who, await self._rulebook.of(who)):
            raise NotAllowed("not-yours")
        if not found.state.ended:
            raise NotAllowed("not-finished")
        return found

    async def _own(self, job: str, who: Requester) -> Job:
        found = await self._visible(job, who)
        assert_own(found, who, await self._rulebook.of(who))
        return found
