"""What moderators do about events, from the room: each act once, by who may, audited, and told in its message."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import structlog

from bot.cards.events import Matter, card_of_event, offers
from bot.cards.matters import Matters
from bot.community.holding import holding
from bot.community.powers import OF_THE_ROOM, assert_may, judges
from bot.community.rulebook import Rulebook
from bot.errors import NotAllowed, NotThere, Refusal, SurfaceError
from bot.events import Doing, Event, EventKind, Happening
from bot.jobs.herald import ONCE_S, Herald, how_key
from bot.model import NEGATIVE_FLAG
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.panel import Panel
from bot.moderation.undoing import Undoing
from bot.ports import MAIN, Address, Card, Do, Place, Policy, Requester, RoomAct, RoomDo, Verdict
from bot.rules.rules import Rules
from bot.staff.desk import Desk
from bot.staff.rulemaking import Rulemaking
from bot.store import Store
from bot.store.audit import AuditLine
from bot.words.words import Words

log = structlog.get_logger()

DAY_S = 86_400.0
EVENTS_SHOWN = 30
APPEALS_MOST = 5  # of one person, that moderators have not looked at
_STAMP, _REF = 13, 25  # letters of a line's id before its dash, and of all of it without
LOCAL = (LexiconCheck.name, OwnWords.name)  # layers that a phrase is allowed for


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What a refusal that was wrong has opened, or why the same words are refused still."""

    phrase: str = ""
    missing: Literal["", "leave", "minors", "own", "private", "words"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What an act came to: a text by its name, with its facts."""

    text: str
    facts: dict[str, object]


class Handling:
    """The acts of the room, and the appeals that come to it."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        rulemaking: Rulemaking,
        rulebook: Rulebook,
        matters: Matters,
        panel: Panel,
        herald: Herald,
        words: Words,
    ) -> None:
        self._store = store
        self._desk = desk
        self._rulemaking = rulemaking
        self._rulebook = rulebook
        self._matters = matters
        self._panel = panel
        self._herald = herald
        self._words = words

    def nudge(self) -> None:
        """There may be something to tell."""
        self._herald.nudge()

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def told(self, who: Requester) -> list[tuple[Event, Card]]:
        """The newest events of a community as its room shows them, newest first. Raises NotAllowed."""
        rules = await self._rulebook.of(who)
        assert_may(who, OF_THE_ROOM[Do.OPEN], rules)
        found = await self._store.events.of(who.surface, who.community, limit=EVENTS_SHOWN)
        language = who.language or rules.language
        return [(e, card_of_event(e, await self._matters.of(e), self._words, language)) for e in found]

    async def open(self, event_id: str, who: Requester) -> Matter:
        """The pictures of an event, to be shown to one moderator alone. Raises a Refusal."""
        event, matter, _ = await self._in_hand(event_id, Do.OPEN, who)
        job = matter.job
        if job is None or not matter.pictures:
            raise NotThere
        await self._store.audit.act(
            job.requester, "open", now=self._store.now(), job=job.id, actor=who.user, memo=str(event.kind)
        )
        return matter

    async def claim_telling_how(self, who: Requester) -> bool:
        """Returns whether to tell this moderator how a room is named, for which something waits: only the first is told."""
        if await self.has_room(who) or not await self._store.events.waiting(who.surface, who.community):
            return False
        key, now = how_key(who.surface, who.community), self._store.now()
        return await self._store.shared.mark_seen(key, now=now, again_after_s=ONCE_S)

    # ── Acting ───────────────────────────────────────────────────────────────────────────────────────

    async def act(self, event_id: str, do: RoomAct, who: Requester) -> Handled:
        """Does what a button of the room says. Raises a Refusal."""
        event, matter, rules = await self._in_hand(event_id, do, who)
        if do not in offers(event, matter):
            raise NotAllowed("already-refunded" if do is Do.REFUND and matter.refunded else "event-done")
        doing = Doing(event=event.id, do=do, actor=who, settles=do in (Do.DISMISS, Do.WRONG))
        handled = await self._do(event, matter, doing, rules)
        self._herald.nudge()
        return handled

    async def _in_hand(self, event_id: str, do: RoomDo, who: Requester) -> tuple[Event, Matter, Rules]:
        """The event, for who may do that about it. Raises NotThere and NotAllowed."""
        event = await self._store.events.get(event_id)
        rules = await self._rulebook.of(who)
        there = event is not None and (event.surface, event.community) == (who.surface, who.community)
        about = event.user if event is not None and judges(do) else ""
        assert_may(who, OF_THE_ROOM[do], rules, about=about)
        if event is None or not there:
            raise NotThere
        return event, await self._matters.of(event), rules

    async def _do(  # noqa: PLR0911 - one arm a button
        self, event: Event, matter: Matter, doing: Doing, rules: Rules
    ) -> Handled:
        who, job, person = doing.actor, event.job or "", _person(event)
        match doing.do:
            case Do.HIDE:
                await self._desk.hide(who, job, of=doing)
                return Handled(text="room-hidden", facts={})
            case Do.RELEASE:
                await self._desk.release(who, job, of=doing)
                return Handled(text="admin-released", facts={})
            case Do.DISCARD:
                await self._desk.discard(who, job, of=doing)
                return Handled(text="admin-discarded", facts={})
            case Do.REFUND:
                return await self._refund(event, doing)
            case Do.WRONG:
                return await self._take_back(event, matter, doing, rules)
            case Do.BLOCK:
                until = await self._desk.block(who, person, reason="", seconds=DAY_S, of=doing)
                return Handled(text="admin-blocked", facts={"name": _name(event), "until": until})
            case Do.DISMISS:
                await self._store.events.dismiss(
                    doing, person, job=event.job, memo=str(event.kind), now=self._store.now()
                )
                return Handled(text="room-dismissed", facts={})

    async def _refund(self, event: Event, doing: Doing) -> Handled:
        given = await self._desk.refund(doing.actor, event.job or "", memo=str(event.kind), of=doing)
        if not given:
            raise NotAllowed("already-refunded")
        return Handled(text="admin-refunded", facts={"amount": given, "name": _name(event)})

    # ── Refusals that were wrong ─────────────────────────────────────────────────────────────────────

    async def _take_back(self, event: Event, matter: Matter, doing: Doing, rules: Rules) -> Handled:
        """What was misread is allowed where that undoes it, the strike taken back, and the person told.

        In this order: a kill before the strike is taken back leaves the button, and the word is allowed once.
        """
        line = await self._store.audit.line(event.refusal)
        if line is None:
            raise NotAllowed("event-done")
        undone = await self._undone(line, doing.actor, rules)
        if not await self._desk.take_back(_person(event), event.refusal, of=doing):
            raise NotAllowed("event-done")
        address = event.address or await self._address_of(event)
        if address is not None:
            language = (matter.job.requester.language if matter.job is not None else "") or rules.language
            again = "no" if undone.missing else "yes"
            text = self._words.say("refusal-was-wrong", language, prompt=matter.prompt or None, again=again)
            await self._tell(address, text)
        return Handled(
            text="room-wrong", facts={"what": undone.phrase or None, "missing": undone.missing or None}
        )

    async def _address_of(self, event: Event) -> Address | None:
        """Where the person of a job was answered."""
        messages = await self._store.messages.of(event.job) if event.job else []
        return next((one.address for one in messages if one.role == MAIN), None)

    async def _undone(self, line: AuditLine, who: Requester, rules: Rules) -> Undone:
        """Allows what was misread from now on; or says why the same words are refused still."""
        if line.private:
            return Undone(missing="private")
        if not line.prompt:
            return Undone(missing="words")
        words, _, avoided = line.prompt.partition(NEGATIVE_FLAG)
        for policy in self._policies(line, rules):
            verdict = (await self._panel.judge_now(words, policy, negative=avoided)).verdict
            if verdict.severity.stops:
                return await self._opened(words, avoided, policy, verdict, who)
        # Who outside refused it does so again.
        return Undone(missing="" if line.layer in LOCAL else "words")

    def _policies(self, line: AuditLine, rules: Rules) -> list[Policy]:
        """How words were judged where they were refused: what that channel is part of may have made it stricter."""
        place = Place(address=None, channel=line.channel)
        person = Requester(surface=line.surface, community=line.community, user=line.user)
        here = self._rulebook.policy(holding(rules, person, place), age_restricted=False)
        some_strict = any(rule.level == "strict" for rule in rules.channel_rules.values())
        return [here, replace(here, level="strict")] if some_strict else [here]

    async def _opened(
        self, words: str, avoided: str, policy: Policy, verdict: Verdict, who: Requester
    ) -> Undone:
        if verdict.category == "own":
            return Undone(missing="own")
        if await self._needs_leave(words, avoided, policy, verdict):
            return Undone(missing="minors" if verdict.category == "minors" else "leave")
        opening = partial(self._rulemaking.opening, policy)
        phrase = await Undoing(words, policy, opening, self._panel, negative=avoided).phrase()
        if not phrase:
            return Undone(missing="minors" if verdict.category == "minors" else "words")
        try:
            await self._rulemaking.allow_word(who, phrase)
        except Refusal as refusal:
            log.info("a phrase can't be allowed here", community=who.community, problem=str(refusal))
            return Undone(missing="leave" if refusal.reason == "setting-floor" else "words")
        return Undone(phrase=phrase)

    async def _needs_leave(self, words: str, avoided: str, policy: Policy, verdict: Verdict) -> bool:
        """Whether the operator must have let communities allow words of their own.

        What is refused plainly at every level, and whatever is of minors, a press alone opens nowhere.
        """
        if self._rulebook.may_loosen("allowed_words"):
            return False
        if verdict.category == "minors":
            return True
        at_most = replace(policy, level="relaxed")
        return (await self._panel.judge_now(words, at_most, negative=avoided)).verdict.counts

    async def _tell(self, address: Address, text: str) -> None:
        try:
            await self._herald.say(address, text)
        except (SurfaceError, TimeoutError) as error:
            log.info("a person could not be told", problem=str(error))

    async def appeal(self, about: str, who: Requester, address: Address | None) -> str:
        """A refusal that its person finds wrong, once. Answers the text that tells who hears of it. Raises a Refusal."""
        line = await self._store.audit.line(await self._line_of(about))
        if line is None or (line.surface, line.community, line.user) != (
            who.surface,
            who.community,
            who.user,
        ):
            raise NotThere
        newest = await self._store.events.of(who.surface, who.community, limit=EVENTS_SHOWN)
        waiting = [e for e in newest if e.kind is EventKind.APPEAL and e.user == who.user and not e.settled]
        if len(waiting) >= APPEALS_MOST and line.id not in {e.refusal for e in waiting}:
            raise NotAllowed("appeals-wait")
        what = Happening(
            kind=EventKind.APPEAL,
            thing=f"appeal:{line.id}",
            surface=who.surface,
            community=who.community,
            user=who.user,
            name=who.name,
            actor=who.user,
            job=line.job,
            refusal=line.id,
            facts={"category": line.category},
            address=address,
        )
        if not await self._store.events.add(what, now=self._store.now()):
            raise NotAllowed("appealed-already")
        self._herald.nudge()
        if not await self.has_room(who):
            return "appeal-kept"
        return "appeal-unread" if line.private else "appeal-done"

    async def _line_of(self, about: str) -> str:
        """The audit's line: named itself, or that of a job whose words were refused."""
        if len(about) == _REF:
            return f"{about[:_STAMP]}-{about[_STAMP:]}"
        return await self._store.audit.refusal_of(about)

    async def has_room(self, who: Requester) -> bool:
        """Whether the moderators of somebody's community are told of anything."""
        rules = await self._rulebook.of(who)
        return self._herald.has_room(who.surface, who.community, rules.room)


def ref_of(line: str) -> str:
    """A line of the audit as a button names it."""
    return line.replace("-", "")


def _person(event: Event) -> Requester:
    return Requester(surface=event.surface, community=event.community, user=event.user, name=event.name)


def _name(event: Event) -> str:
    return event.name or event.user
