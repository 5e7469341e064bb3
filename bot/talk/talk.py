"""The talk: a deed in, an answer out, the same from every surface.

Here stands once what a person's gesture means: that it counts once, who may, what a double click is, what
is refused and how, and which verb of the studio or the desk does it.
"""

import time
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from bot.community.holding import holding
from bot.credits.purchases import Purchases
from bot.credits.vouchers import Vouchers
from bot.errors import NotAllowed, NotThere, Refusal, StoreBusy
from bot.events import Event
from bot.given.keepsakes import Keepsakes
from bot.job import Message, Placed, Showing
from bot.jobs.patience import for_a_while
from bot.ports import Ask, Card, Do, Gallery, Place, Requester
from bot.process.recent import Recent
from bot.rules.rules import Rules
from bot.staff.desk import Desk
from bot.staff.handling import Handling
from bot.staff.rulemaking import Rulemaking
from bot.store.clicks import Clicks
from bot.studio.counter import Offer
from bot.studio.studio import Studio
from bot.talk import drafts, suggestions
from bot.talk.answers import Answer, Choice, Form, Note, Nothing, Original, Originals, originals_of
from bot.talk.deeds import Asked, Begun, Deed, Filled, Held, Pressed, Reacted, Sign, Spoken, Typed
from bot.talk.forms import PICTURE, PICTURES, Forms, picture_in
from bot.talk.once import Once, click_of
from bot.talk.own import Own
from bot.talk.reports import cut, offer_note
from bot.talk.spoken import Meanings
from bot.talk.why_not import WhyNot
from bot.words.words import Say, Words

log = structlog.get_logger()

_RULES_S, _RULES_MAX = 15.0, 2_000  # suggestions are asked for with every letter


class Talk:
    """Answers deeds."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        studio: Studio,
        desk: Desk,
        rulemaking: Rulemaking,
        handling: Handling,
        keepsakes: Keepsakes,
        vouchers: Vouchers,
        purchases: Purchases,
        clicks: Clicks,
        gallery: Gallery,
        words: Words,
    ) -> None:
        self._studio = studio
        self._rulemaking = rulemaking
        self._handling = handling
        self._keepsakes = keepsakes
        self._gallery = gallery
        self._words = words
        self._forms = Forms(studio, keepsakes, words)
        self._own = Own(
            studio=studio,
            desk=desk,
            rulemaking=rulemaking,
            handling=handling,
            keepsakes=keepsakes,
            vouchers=vouchers,
            purchases=purchases,
            forms=self._forms,
            gallery=gallery,
            words=words,
        )
        self._meanings = Meanings(studio, words)
        self._once = Once(studio, clicks)
        self._why_not = WhyNot(studio, keepsakes, words)
        self._rules = Recent[tuple[str, str], tuple[float, Rules]](_RULES_MAX)

    async def do(self, deed: Deed) -> Answer:
        """Does it, once for its key. Never raises: what can't be had is a Note that says why."""
        try:
            answer = partial(self._answer, deed)  # who makes a gesture can hardly be told to make it again
            return await (for_a_while(answer) if isinstance(deed, Reacted) else answer())
        except Refusal as refusal:
            return await self._why_not.answer(deed, refusal)
        except StoreBusy as error:
            log.warning("a request must wait for the store", problem=str(error))
            return self._trouble(deed, "busy")
        except Exception:
            # A bug of ours: the person gets a sentence, the log the rest.
            log.exception("a request failed", deed=type(deed).__name__, surface=deed.who.surface)
            return self._trouble(deed, "trouble")

    def _trouble(self, deed: Deed, why: str) -> Note:
        """A trouble of ours; whoever typed something has it back, for a form has closed over it."""
        return Note(text=self._say(deed.who, why), again=True, typed=drafts.typed_in(deed))

    async def room(self, who: Requester) -> list[tuple[Event, Card]]:
        """What the moderators of a community are told of, newest first: for a surface whose room is no channel.

        Raises NotAllowed for who is none.
        """
        return await self._handling.told(who)

    async def find(self, surface: str, key: str, *, patiently: bool = False) -> Message | None:
        """Our message that a press or a reaction belongs to, by its handle's key. Raises StoreBusy; `patiently`, not at once."""
        find = partial(self._studio.find, surface, key)
        return await (for_a_while(find) if patiently else find())

    async def pictures(self, who: Requester, *, keys: str, since: float) -> list[Message]:
        """Our messages that show finished pictures, the newest picture first; their handles' keys begin with `keys`.

        For a surface where people go on from a picture without naming it: in a thread, in direct messages.
        """
        return await self._studio.pictures(who, keys=keys, since=since)

    async def mark_seen(self, event: str, *, again_after_s: float = 7 * 86_400) -> bool:
        """Marks an event of a platform as seen, on all replicas; answers whether it was new."""
        return await self._studio.mark_seen(event, again_after_s=again_after_s)

    async def suggest(
        self,
        who: Requester,
        option: str,
        typed: str,
        *,
        place: Place | None = None,
        model: str = "",
        several: bool = False,
    ) -> list[Choice]:
        """What an option can be, while somebody types there. `several`: the last of a list with commas.

        Without a place it is whatever the community allows somewhere: for who sets rules.
        """
        if option == suggestions.SETTING:
            return suggestions.settings(typed)
        rules = holding(await self._recent_rules(who), who, place)
        offers = self._studio.offers(who, rules)

        def price(offer: Offer) -> str:
            return offer_note(offer, Say(self._words, who.language))

        def value_price(amount: int) -> str:
            return self._say(who, "credits-value", credits=amount)

        if option == suggestions.MODEL:
            named = suggestions.listed_models if several else suggestions.models
            return named(offers, typed, price)
        styles = self._studio.styles(rules)
        return suggestions.values(
            offers,
            option,
            typed,
            model=model or rules.default_model,
            styles=styles,
            price=value_price,
            look=partial(self._words.style, language=who.language),
        )

    # ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

    async def _answer(self, deed: Deed) -> Answer:
        if isinstance(deed, Pressed) and not deed.job:
            deed = await self._with_job(deed)
        async with self._once.doing(deed) as counts:
            if counts is None:
                return Nothing()
            try:
                answer = await self._do_in_place(counts)
            except Refusal as refusal:  # of the deed that is gone on with
                return await self._why_not.answer(counts, refusal)
            await self._once.note_answer(counts, answer)
            return answer

    async def _do_in_place(self, deed: Deed) -> Answer:
        try:
            return await self._do(deed)
        except NotAllowed as refusal:
            # Easel may have kept a channel's name in place of its id: then no channel is the one that is open.
            if refusal.reason != "channel-closed" or not await self._rulemaking.put_names_right(deed.who):
                raise
            return await self._do(deed)

    async def _do(self, deed: Deed) -> Answer:  # noqa: C901, PLR0911 - one arm a deed, and none can be forgotten
        match deed:
            case Typed():
                return await self._place(deed, self._studio.imagine(_ask(deed, deed.text, deed)))
            case Filled(begun=Begun(draft=draft)) if draft:
                return await self._try_again(deed, draft)
            case Filled(begun=Begun(parent="")):
                made = replace(deed, options=await self._forms.chosen_in(deed))
                return await self._place(deed, self._studio.imagine(_ask(made, made.text, made)))
            case Filled(begun=Begun(parent=parent, edits=True)):
                asked = _ask(deed, deed.text, deed)
                return await self._place(deed, self._studio.edit(parent, picture_in(deed), asked))
            case Filled(begun=Begun(parent=parent)):
                return await self._place(deed, self._studio.remix(parent, _ask(deed, deed.text, deed)))
            case Spoken():
                meaning = await self._meanings.of(deed)
                return meaning if isinstance(meaning, Note | Nothing) else await self._do(meaning)
            case Held():
                return await self._change(deed)
            case Pressed():
                return await self._press(deed)
            case Reacted():
                return await self._react(deed)
            case Asked():
                return await self._own.answer(deed)

    async def _press(self, deed: Pressed) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one arm a button, and none can be forgotten
        match deed.do:
            case Do.REROLL | Do.RETRY:
                return await self._place(deed, self._studio.reroll(deed.job, _ask(deed)))
            case Do.REWORD:
                await self._studio.assert_may_ask(deed.who, deed.place)
                return await self._forms.reword(deed.job, deed)
            case Do.REMIX:
                await self._studio.assert_may_ask(deed.who, deed.place, deed.job)
                return await self._forms.remix(deed.job, deed)
            case Do.PICK:
                return await self._place(deed, self._studio.pick(deed.job, deed.index, _ask(deed)))
            case Do.CANCEL:
                return await self._cancel(deed.job, deed.who)
            case Do.TELL:
                await self._studio.tell_when_done(deed.job, deed.who)
                return Nothing(text=self._say(deed.who, "tell-done"))
            case Do.DELETE:
                return await self._delete(deed)
            case Do.ORIGINAL:
                return await self._originals(deed)
            case Do.SHOW:
                return await self._originals(deed, to_look=True)
            case Do.REPORT:
                return await self._report(deed)
            case Do.EDIT:
                await self._studio.assert_may_ask(deed.who, deed.place, deed.job)
                return await self._forms.edit(deed.job, _index(deed), deed)
            case Do.VARY:
                return await self._place(deed, self._studio.vary(deed.job, _index(deed), _ask(deed)))
            case Do.UPSCALE:
                return await self._place(deed, self._studio.upscale(deed.job, _index(deed), _ask(deed)))
            case Do.FAVOURITE:
                return Note(text=await self._turn_favourite(deed))
            case Do.SEND:
                return await self._originals(deed, direct=True)
            case Do.APPEAL:
                return await self._appeal(deed)
            case Do.OPEN:
                return await self._open(deed)
            case Do.HIDE | Do.RELEASE | Do.DISCARD | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
                done = await self._handling.act(deed.job, deed.do, deed.who)
                return Note(text=self._say(deed.who, done.text, **done.facts))

    async def _report(self, deed: Pressed) -> Note:
        """The person reads what is really done: a room hears of it, or the moderators' log alone."""
        await self._studio.report(deed.job, deed.who)
        self._handling.nudge()
        heard = await self._handling.has_room(deed.who)
        return Note(text=self._say(deed.who, "report-done" if heard else "report-kept"))

    async def _appeal(self, deed: Pressed) -> Note:
        told = await self._handling.appeal(deed.job, deed.who, deed.place.address)
        return Note(text=self._say(deed.who, told))

    async def _open(self, deed: Pressed) -> Originals:
        """Pictures of an event, for one moderator alone."""
        matter = await self._handling.open(deed.job, deed.who)
        if matter.job is None:
            raise NotThere
        pictures = tuple(Original(asset=asset) for asset in matter.pictures)
        return Originals(job=matter.job, pictures=pictures, to_look=True)

    async def _react(self, deed: Reacted) -> Answer:
        match deed.sign:
            case Sign.AGAIN:
                return await self._place(deed, self._studio.reroll(deed.job, _ask(deed)))
            case Sign.DELETE if (await self._studio.job(deed.job, deed.who)).state.live:
                return await self._cancel(deed.job, deed.who)
            case Sign.DELETE:
                return await self._delete(deed)
            case Sign.FAVOURITE:
                return Nothing(text=await self._turn_favourite(deed))
            case Sign.SEND:
                return await self._originals(deed, direct=True)

    async def _change(self, deed: Held) -> Form:
        if not deed.pictures:
            raise NotThere("no-picture-there")
        await self._studio.assert_may_ask(deed.who, deed.place)
        return await self._forms.change(deed.pictures, deed)

    async def _turn_favourite(self, deed: Pressed | Reacted) -> str:
        kept, is_kept = await self._keepsakes.turn(deed.who, deed.job, _index(deed), click_of(deed))
        return self._say(deed.who, "favourite-kept" if is_kept else "favourite-dropped", name=kept.name)

    async def _with_job(self, deed: Pressed) -> Pressed:
        """A message's menu can stand at anybody's message. Raises NotThere for one that is not ours."""
        found = await self._studio.find(deed.who.surface, deed.message)
        if found is None:
            raise NotThere("press-picture")
        return replace(deed, job=found.job, role=found.role)

    async def _try_again(self, deed: Filled, draft: str) -> Answer:
        """A form that was begun with what had been refused: the rest of that is kept."""
        kept = drafts.found(await self._keepsakes.draft(draft, deed.who))
        return await self._do(drafts.tried_again(deed, kept))

    # ── Pictures ─────────────────────────────────────────────────────────────────────────────────────

    async def _place(self, deed: Deed, order: Coroutine[Any, Any, Placed]) -> Answer:
        """Waits for the placeholder; what nobody would see is called off."""
        placed = await order
        match placed.shown:
            case Showing.IMPOSSIBLE if placed.fresh or deed.retold:
                return await self._call_off(placed, deed.who)
            case Showing.POSTED | Showing.LATER | Showing.IMPOSSIBLE:
                # An event told again has nothing new to say: whoever found that nobody sees it has said so.
                return placed

    async def _call_off(self, placed: Placed, who: Requester) -> Answer:
        """Nobody would see it: better the credits back; what is painted already comes privately."""
        try:
            await self._studio.cancel(placed.job.id, who)
        except StoreBusy:  # It is paid, and no reason to ask again: the worker goes on with it.
            return placed
        except NotAllowed:  # It ended meanwhile.
            ended = await self._studio.job(placed.job.id, who)
            if ended.images:
                return originals_of(ended, self._gallery, to_look=True)
            return Note(text=self._say(who, ended.reason if self._words.knows(ended.reason) else "failed"))
        return Note(text=self._say(who, "cancel-done"))

    async def _cancel(self, job: str, who: Requester) -> Answer:
        await self._studio.cancel(job, who)
        return Nothing(text=self._say(who, "cancel-done"))

    async def _delete(self, deed: Pressed | Reacted) -> Answer:
        surface = deed.who.surface
        orphan = bool(deed.message) and await self._studio.find(surface, deed.message) is None
        try:
            await self._studio.delete(deed.job, deed.who, role=deed.role)
        except NotThere:
            # The first sending of this deed may have done it, and its answer was lost.
            if not deed.retold:
                raise
        return Nothing(text=self._say(deed.who, "delete-done"), orphan=orphan)

    async def _originals(
        self, deed: Pressed | Reacted, *, to_look: bool = False, direct: bool = False
    ) -> Answer:
        job = await self._studio.job(deed.job, deed.who)
        found = originals_of(job, self._gallery, index=_index(deed), to_look=to_look or direct)
        if not found.pictures:
            raise NotThere
        text = self._say(deed.who, "sent", prompt=cut(job.order.subject), job=job.id) if direct else ""
        return replace(found, direct=direct, text=text)

    # ── Helpers ──────────────────────────────────────────────────────────────────────────────────────

    def _say(self, who: Requester, message_id: str, /, **facts: object) -> str:
        return self._words.say(message_id, who.language, **facts)

    async def _recent_rules(self, who: Requester) -> Rules:
        """The community's rules for everyone, at most some seconds old."""
        key, now = (who.surface, who.community), time.monotonic()
        known = self._rules.get(key)
        if known is not None and now - known[0] < _RULES_S:
            return known[1]
        rules = await self._studio.common_rules(who)
        self._rules[key] = (now, rules)
        return rules


def _index(deed: Pressed | Reacted) -> int:
    """Which picture is meant, from 1; 0: all of them, or the first."""
    return deed.role.index or (deed.index if isinstance(deed, Pressed) else 0)


def _ask(deed: Deed, text: str = "", wishes: Typed | Filled | None = None) -> Ask:
    options = {} if wishes is None else wishes.options
    return Ask(
        requester=deed.who,
        place=deed.place,
        text=text,
        options={name: value for name, value in options.items() if name not in (PICTURE, PICTURES)},
        sources=wishes.pictures if wishes else (),
        request_key=deed.key,
        accepted=deed.accepted,
        waits=deed.waits,
    )
