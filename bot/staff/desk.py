"""The moderators' and the operator's desk: credits given and taken, people blocked, pictures judged, the books looked at.

Whoever calls has made sure that the person may: on a surface `require` asks for a moderator, the
command line is the operator. Every act is in the audit with its actor; `key` makes it happen once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.cards.matters import Matters
from bot.community import quotas
from bot.community.ceilings import grants_ceiling
from bot.community.conduct import pausing_of
from bot.community.powers import Power, assert_may
from bot.community.rulebook import Rulebook
from bot.community.spans import spans
from bot.configuration.settings import Quotas
from bot.errors import NotAllowed, NotThere
from bot.events import Doing
from bot.job import Job
from bot.money import Budget, Movement, Purse, Reserve
from bot.pictures.assets import Assets
from bot.ports import Requester
from bot.shops import Purchase
from bot.staff.days import added_up
from bot.store import Store
from bot.store.audit import AuditLine
from bot.store.communities import Block
from bot.store.usage import DayUse, Spent, Top
from bot.studio.export import ExportJson, export_of
from bot.studio.purses import Purses
from bot.studio.studio import Studio

AMOUNT_MAX = 10**9
PURCHASES_MOST = 10_000  # of a community, that one look reads
LASTS_MAX_S = 10 * 366 * 86_400.0
BLOCK_MAX_S = 10 * 366 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a grant or a revocation came to."""

    amount: int
    available: int
    lapses_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a community used."""

    days: int
    lines: tuple[DayUse, ...]
    top: tuple[Top, ...]
    spent: tuple[Spent, ...]  # of each person on each model
    refused_prompts: int  # by moderation, before they became orders
    undelivered: tuple[int, int]  # pictures that nobody could be shown, and the credits that went back
    budget: Budget | None


class Desk:
    """The verbs of moderators and operators. `actor.community` is the community they act in."""

    def __init__(
        self,
        *,
        studio: Studio,
        purses: Purses,
        store: Store,
        rulebook: Rulebook,
        matters: Matters,
        gallery: Assets,
        quota: Quotas,
    ) -> None:
        self._studio = studio
        self._purses = purses
        self._store = store
        self._rulebook = rulebook
        self._matters = matters
        self._gallery = gallery
        self._quota = quota

    async def require(self, actor: Requester, power: Power, *, about: str = "") -> None:
        """Raises NotAllowed for who may not do that here; `about` is whose matter it is."""
        if not quotas.moderates(actor):
            assert_may(actor, power, await self._rulebook.of(actor), about=about)

    # ── Credits ──────────────────────────────────────────────────────────────────────────────────────

    async def grant(
        self,
        actor: Requester,
        to: Requester,
        amount: int,
        *,
        memo: str,
        key: str,
        lasts_s: float | None = None,
    ) -> Granted:
        """Gives credits, for so long or for good. Raises NotAllowed for a bad amount, or above the operator's ceiling."""
        _assert_amount(amount)
        _assert_same_community(actor, to)
        now = self._store.now()
        fund = quotas.granted_fund(to)
        if lasts_s:
            fund = quotas.lapsing_fund(to, now + min(lasts_s, LASTS_MAX_S))
        await self._store.ledger.grant(
            to,
            fund,
            amount,
            key=_once(key, to),
            actor=actor.user,
            memo=memo,
            now=now,
            cap=self._grant_cap(actor, to, amount, now=now),
        )
        return Granted(amount=amount, available=await self._available(to), lapses_at=fund.lapses_at)

    async def take(self, actor: Requester, of: Requester, amount: int, *, memo: str, key: str) -> Granted:
        """Takes back granted credits, at most what is available."""
        _assert_amount(amount)
        _assert_same_community(actor, of)
        taken = await self._store.ledger.revoke(
            of,
            quotas.granted_fund(of),
            amount,
            key=_once(key, of),
            actor=actor.user,
            memo=memo,
            now=self._store.now(),
        )
        return Granted(amount=taken, available=await self._available(of))

    async def refund(self, actor: Requester, job: str, *, memo: str, of: Doing | None = None) -> int:
        """Gives back what a picture cost, once. Answers how much. Raises NotThere.

        `of`, here and below: the act of the room that it is, kept with it.
        """
        found = await self.job(actor, job)
        given = await self._store.ledger.refund(
            job,
            found.requester,
            quotas.granted_fund(found.requester),
            actor=actor.user,
            memo=memo,
            now=self._store.now(),
            of=of,
        )
        await self._store.events.changed(job, now=self._store.now())
        return given

    async def job(self, actor: Requester, job: str) -> Job:
        """A picture of the actor's community. Raises NotThere."""
        found = await self._store.jobs.get(job)
        if found is None or not _same_community(actor, found.requester):
            raise NotThere
        return found

    async def books(self, who: Requester, *, movements: int = 20) -> Purse:
        """Somebody's credits and movements; what a private picture was of is its owner's alone."""
        purse = await self._purses.of(who, movements=movements)
        return replace(purse, movements=tuple(map(_discreet, purse.movements)))

    # ── People ───────────────────────────────────────────────────────────────────────────────────────

    async def block(
        self,
        actor: Requester,
        who: Requester,
        *,
        reason: str,
        seconds: float | None = None,
        key: str = "",
        of: Doing | None = None,
    ) -> float | None:
        """Somebody can't make pictures for a time, or until unblocked; once for `key`. Answers until when.

        What the operator has blocked no moderator changes: raises NotAllowed.
        """
        _assert_same_community(actor, who)
        now = self._store.now()
        until = now + min(seconds, BLOCK_MAX_S) if seconds else None
        if not key or await self._studio.mark_seen(f"block:{_once(key, who)}"):
            await self._store.communities.block(
                who, reason=reason, actor=actor, until=until, now=now, firm=_is_operator(actor), of=of
            )
        return until

    async def unblock(self, actor: Requester, who: Requester) -> bool:
        """Somebody can make pictures again; answers whether they couldn't."""
        _assert_same_community(actor, who)
        now = self._store.now()
        was = await self._store.communities.unblock(who, actor=actor, now=now, firm=_is_operator(actor))
        paused = await self._pauses(who, now=now)
        if who.user in paused:
            await self.lift(actor, who)
        return was or who.user in paused

    async def lift(self, actor: Requester, who: Requester) -> int:
        """No refusal of a person counts any more: a pause ends with that. Answers how many did."""
        _assert_same_community(actor, who)
        return await self._store.events.lift(who, actor=actor, now=self._store.now())

    async def take_back(self, who: Requester, line: str, *, of: Doing) -> bool:
        """One refusal was wrong and doesn't count any more. Answers whether it was taken back now."""
        _assert_same_community(of.actor, who)
        return await self._store.events.mark_wrong(of, who, line=line, now=self._store.now())

    async def _pauses(self, somewhere: Requester, *, now: float) -> dict[str, float]:
        """Who is paused by refusals in a community, and until when."""
        rules = await self._rulebook.of(somewhere)
        pausing = pausing_of(rules)
        struck = await self._store.audit.striking(
            somewhere.surface,
            somewhere.community,
            since=now - pausing.window_s - pausing.pause_s,
            now=now,
        )
        found = {user: pausing.until(times, now=now) for user, times in struck.items()}
        return {user: until for user, until in found.items() if until is not None}

    async def blocked(self, actor: Requester) -> list[Block]:
        """Who can't make pictures in the community now: blocked by somebody, or paused by refusals."""
        now = self._store.now()
        blocks = await self._store.communities.blocks(actor.surface, actor.community, now=now)
        pauses = [
            Block(user=user, reason="", actor="easel", blocked_at=now, until=until, paused=True)
            for user, until in (await self._pauses(actor, now=now)).items()
        ]
        return [*blocks, *pauses]

    # ── Withheld pictures ────────────────────────────────────────────────────────────────────────────

    async def held(self, actor: Requester) -> list[Job]:
        """Withheld pictures that the community keeps for its moderators, oldest first."""
        return await self._store.review.waiting(actor.surface, actor.community)

    async def release(self, actor: Requester, job: str, *, of: Doing | None = None) -> None:
        """Delivers a withheld picture after all, free of charge. Raises NotThere, and NotAllowed where it may show minors."""
        found = await self.job(actor, job)
        if await self._store.audit.says_minors(found.id):
            raise NotAllowed("minors-stay")
        if not await self._store.review.release(job, actor=actor, now=self._store.now(), of=of):
            raise NotThere
        await self._changed(found.id)

    async def hide(self, actor: Requester, job: str, *, of: Doing | None = None) -> None:
        """Takes a shown picture out of the chat and its links; the moderators keep it, and may release it. Raises NotThere."""
        found = await self.job(actor, job)
        # Links name a file for good: so that none of them leads anywhere, the pictures lie elsewhere from now on.
        moved = {asset.key: await self._gallery.put_aside(asset.key) for asset in found.images}
        gone = await self._store.review.hide(job, moved, actor=actor, now=self._store.now(), of=of)
        if gone is None:
            await self._gallery.delete(moved.values())
            raise NotThere
        await self._changed(found.id)
        await self._gallery.delete(gone)

    async def _changed(self, job: str) -> None:
        """A picture's messages, and those of the events about it, are to say so."""
        self._studio.tell(job)
        await self._store.events.changed(job, now=self._store.now())

    async def discard(self, actor: Requester, job: str, *, of: Doing | None = None) -> None:
        """Throws a withheld picture away. Raises NotThere."""
        await self.job(actor, job)
        keys = await self._store.review.discard(job, actor=actor, now=self._store.now(), of=of)
        if not keys:
            raise NotThere
        await self._gallery.delete(keys)
        await self._store.events.changed(job, now=self._store.now())

    # ── Reports ──────────────────────────────────────────────────────────────────────────────────────

    async def usage(self, actor: Requester, *, days: int = 7, everywhere: bool = False) -> Report:
        """Credits and money by day and model, top requesters, refusals, failures, and the budget."""
        now = self._store.now()
        rules = await self._rulebook.of(actor)
        surface, community = ("", "") if everywhere else (actor.surface, actor.community)
        since = quotas.day_start(rules.time_zone, now, days_ago=days - 1)
        lines: list[DayUse] = []
        for begins, ends, offset_s in spans(rules.time_zone, since, now):
            lines += await self._store.usage.by_day(
                since=begins, until=ends, offset_s=offset_s, surface=surface, community=community
            )
        return Report(
            days=days,
            lines=tuple(added_up(lines)),
            top=tuple(await self._store.usage.top(since=since, surface=surface, community=community)),
            spent=tuple(await self._store.usage.by_person(since=since, surface=surface, community=community)),
            refused_prompts=await self._store.usage.refused_prompts(
                since=since, surface=surface, community=community
            ),
            undelivered=await self._store.usage.undelivered(
                since=since, surface=surface, community=community
            ),
            budget=await self._purses.budget(actor, rules, now=now),
        )

    async def audit(self, actor: Requester, *, limit: int = 50) -> list[AuditLine]:
        """The community's log, newest first."""
        return await self._store.audit.entries(surface=actor.surface, community=actor.community, limit=limit)

    async def purchases(self, actor: Requester) -> list[Purchase]:
        """What was bought for money in the community, newest first."""
        return await self._store.purchases.list(
            surface=actor.surface, community=actor.community, limit=PURCHASES_MOST
        )

    async def links(self, actor: Requester, jobs: Iterable[str]) -> dict[str, str]:
        """Where the messages of these pictures stand in the chat, by their jobs."""
        return await self._matters.links(actor.surface, tuple(dict.fromkeys(jobs)))

    async def export(
        self, who: Requester, *, everywhere: bool = False, rows_max: int | None = None
    ) -> ExportJson:
        """All that is kept of a person, here or in every community of the surface. Raises NotAllowed above so much."""
        communities = [who.community]
        if everywhere:
            communities = await self._store.people.communities(who.surface, who.user)
        return await export_of(
            self._store, who, communities=communities, link=self._gallery.link, rows_max=rows_max
        )

    # ── Helpers ──────────────────────────────────────────────────────────────────────────────────────

    def _grant_cap(self, actor: Requester, to: Requester, amount: int, *, now: float) -> Reserve | None:
        """What moderators may give in a month; the operator at the terminal has no ceiling."""
        cap = grants_ceiling(to, self._quota)
        if cap is None or _is_operator(actor):
            return None
        month = quotas.period_name("month", "UTC", now)
        return Reserve(
            meter=f"grants:{quotas.community_key(to)}:{month}",
            unit="credits",
            amount=amount,
            cap=cap,
            refusal="grant-ceiling",
        )

    async def _available(self, who: Requester) -> int:
        return (await self._purses.of(who)).balance.available


def _discreet(movement: Movement) -> Movement:
    return replace(movement, subject="") if movement.private else movement


def _is_operator(actor: Requester) -> bool:
    """Whether it is done by the terminal's commands."""
    return actor.surface == quotas.HOUSE_SURFACE


def _assert_amount(amount: int) -> None:
    if not 0 < amount <= AMOUNT_MAX:
        raise NotAllowed("amount-bad", limit=AMOUNT_MAX)


def _same_community(actor: Requester, who: Requester) -> bool:
    """The operator at the terminal may reach into every community, a moderator into their own."""
    return _is_operator(actor) or ((actor.surface, actor.community) == (who.surface, who.community))


def _assert_same_community(actor: Requester, who: Requester) -> None:
    if not _same_community(actor, who):
        raise NotThere("user-unknown")


def _once(key: str, who: Requester) -> str:
    """One act on one person: the same press may mean several people, and no two surfaces share a key."""
    return f"{quotas.person_key(who)}:{key}"
