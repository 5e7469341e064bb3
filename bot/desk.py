"""The moderators' and the operator's desk: credits given and taken, rules changed, the books looked at.

Whoever calls has made sure that the person may: on a surface `require` asks for a moderator, the
command line is the operator. Every act is in the audit with its actor; `key` makes it happen once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot import quotas, rules_text
from bot.errors import BadPrompt, NotAllowed, NotThere
from bot.jobs.model import Job
from bot.ports import Requester
from bot.rulebook import community_scope
from bot.rules import Rules
from bot.store.audit import Entry
from bot.store.communities import Block
from bot.store.meters import Reserve
from bot.store.usage import Line, Top
from bot.studio import Purse, Studio

AMOUNT_MAX = 10**9
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a grant or a revocation came to."""

    amount: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a community used."""

    days: int
    lines: tuple[Line, ...]
    top: tuple[Top, ...]
    spent_credits: int  # of the budget's present period
    budget: int | None

    @property
    def percent(self) -> int | None:
        """How much of the budget is spent."""
        return None if not self.budget else round(100 * self.spent_credits / self.budget)


class Desk:
    """The verbs of moderators and operators. `actor.community` is the community they act in."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._store = studio.store

    def require(self, actor: Requester) -> None:
        """Raises NotAllowed for who may not run the community."""
        if not actor.moderator:
            raise NotAllowed("not-moderator")

    # ── Credits ──────────────────────────────────────────────────────────────────────────────────────

    async def grant(self, actor: Requester, to: Requester, amount: int, *, memo: str, key: str) -> Given:
        """Gives credits that don't lapse. Raises NotAllowed for a bad amount, or above the operator's ceiling."""
        _assert_amount(amount)
        now = self._store.now()
        await self._store.ledger.grant(
            to,
            quotas.granted_fund(to),
            amount,
            key=key,
            actor=actor.user,
            memo=memo,
            now=now,
            cap=self._grant_cap(actor, to, amount, now=now),
        )
        return Given(amount=amount, available=await self._available(to))

    async def take(self, actor: Requester, of: Requester, amount: int, *, memo: str, key: str) -> Given:
        """Takes back granted credits, at most what is available."""
        _assert_amount(amount)
        taken = await self._store.ledger.revoke(
            of,
            quotas.granted_fund(of),
            amount,
            key=key,
            actor=actor.user,
            memo=memo,
            now=self._store.now(),
        )
        return Given(amount=taken, available=await self._available(of))

    async def refund(self, actor: Requester, job: str, *, memo: str) -> int:
        """Gives back what a picture cost, once. Answers how much. Raises NotThere."""
        found = await self._job(job, actor)
        return await self._store.ledger.refund(
            job,
            found.requester,
            quotas.granted_fund(found.requester),
            actor=actor.user,
            memo=memo,
            now=self._store.now(),
        )

    async def books(self, who: Requester, *, movements: int = 20) -> Purse:
        """Somebody's credits and movements."""
        return await self._studio.credits(who, movements=movements)

    # ── Rules ────────────────────────────────────────────────────────────────────────────────────────

    async def settings(self, actor: Requester) -> tuple[Rules, dict[str, Any]]:
        """The rules that hold in the community, and which of them it has set itself."""
        rulebook = self._studio.rulebook
        return await rulebook.of(actor), await rulebook.own_values(actor)

    async def change(self, actor: Requester, values: dict[str, Any]) -> Rules:
        """Changes rules; None unsets one. Raises BadPrompt naming the setting: nothing was changed then."""
        for name in values:
            rules_text.named(name)
        self._assert_models(values)
        try:
            return await self._studio.rulebook.change(actor, values, now=self._store.now())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            problem = first["msg"].removeprefix("Value error, ")
            raise BadPrompt(
                "setting-value", name=name, value=rules_text.show(values.get(name)), problem=f"{problem}."
            ) from None

    async def set_text(self, actor: Requester, name: str, text: str) -> tuple[str, str]:
        """Changes one rule as it was typed. Answers its name and how the value now reads."""
        setting = rules_text.named(name)
        rules = await self.change(actor, {setting: rules_text.read(setting, text)})
        return setting, rules_text.show(getattr(rules, setting))

    async def history(self, actor: Requester) -> list[dict[str, Any]]:
        """Earlier versions of the community's rules, newest first."""
        return await self._store.communities.history(community_scope(actor))

    async def block(
        self, actor: Requester, who: Requester, *, reason: str, seconds: float | None = None
    ) -> float | None:
        """Somebody can't make pictures for a time, or until unblocked. Answers until when."""
        now = self._store.now()
        until = now + seconds if seconds else None
        await self._store.communities.block(who, reason=reason, actor=actor, until=until, now=now)
        return until

    async def unblock(self, actor: Requester, who: Requester) -> bool:
        """Somebody can make pictures again; answers whether they couldn't."""
        return await self._store.communities.unblock(who, actor=actor, now=self._store.now())

    async def blocked(self, actor: Requester) -> list[Block]:
        """Who can't make pictures in the community now."""
        return await self._store.communities.blocks(actor.surface, actor.community, now=self._store.now())

    # ── Reports ──────────────────────────────────────────────────────────────────────────────────────

    async def usage(self, actor: Requester, *, days: int = 7, everywhere: bool = False) -> Report:
        """Credits and money by day and model, top requesters, refusals, failures, and the budget."""
        now = self._store.now()
        rules = await self._studio.rulebook.of(actor)
        surface, community = ("", "") if everywhere else (actor.surface, actor.community)
        offset = datetime.fromtimestamp(now, ZoneInfo(rules.time_zone)).utcoffset()
        since = quotas.period_start("day", rules.time_zone, now - (days - 1) * _DAY_S).timestamp()
        offset_s = offset.total_seconds() if offset else 0.0
        lines = await self._store.usage.by_day(
            since=since, offset_s=offset_s, surface=surface, community=community
        )
        top = await self._store.usage.top(since=since, surface=surface, community=community)
        return Report(
            days=days,
            lines=tuple(lines),
            top=tuple(top),
            spent_credits=await self._store.usage.meter(quotas.budget_meter(actor, rules, now)),
            budget=rules.budget,
        )

    async def audit(self, actor: Requester, *, limit: int = 50) -> list[Entry]:
        """The community's log, newest first."""
        return await self._store.audit.entries(surface=actor.surface, community=actor.community, limit=limit)

    # ── Helpers ──────────────────────────────────────────────────────────────────────────────────────

    def _grant_cap(self, actor: Requester, to: Requester, amount: int, *, now: float) -> Reserve | None:
        """What moderators may give in a month; the operator at the terminal has no ceiling."""
        cap = self._studio.settings.quotas.max_grants
        if cap is None or actor.surface == "cli":
            return None
        month = quotas.period_name("month", "UTC", now)
        return Reserve(
            meter=f"grants:{quotas.community_key(to)}:{month}",
            unit="credits",
            amount=amount,
            cap=cap,
            refusal="grant-ceiling",
        )

    def _assert_models(self, values: dict[str, Any]) -> None:
        """Models that are named must exist. Raises UnknownModel."""
        names = [*(values.get("models") or ()), *(values.get("price_factors") or {})]
        if values.get("default_model"):
            names.append(values["default_model"])
        for name in names:
            self._studio.catalog.find(str(name))
        if values.get("models"):
            values["models"] = [self._studio.catalog.find(str(n)).id for n in values["models"]]
        if values.get("price_factors"):
            factors = values["price_factors"].items()
            values["price_factors"] = {self._studio.catalog.find(str(n)).id: f for n, f in factors}

    async def _available(self, who: Requester) -> int:
        return (await self._studio.credits(who)).balance.available

    async def _job(self, job: str, actor: Requester) -> Job:
        found = await self._store.jobs.get(job)
        if found is None:
            raise NotThere
        owner = found.requester
        if actor.surface != "cli" and (owner.surface, owner.community) != (actor.surface, actor.community):
            raise NotThere
        return found


def _assert_amount(amount: int) -> None:
    if not 0 < amount <= AMOUNT_MAX:
        raise NotAllowed("amount-bad", limit=AMOUNT_MAX)
