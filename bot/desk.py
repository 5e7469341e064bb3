"""The moderators' and the operator's desk: credits given and taken, rules changed, the books looked at.

Whoever calls has made sure that the person may: on a surface `require` asks for a moderator, the
command line is the operator.
"""

from dataclasses import dataclass
from typing import Any

from bot import quotas
from bot.errors import NotAllowed, NotThere
from bot.jobs.model import Job
from bot.ports import Requester
from bot.store.audit import Entry
from bot.studio import Purse, Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a grant or a revocation came to."""

    amount: int
    available: int


class Desk:
    """The verbs of moderators and operators."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._store = studio.store

    def require(self, actor: Requester) -> None:
        """Raises NotAllowed for who may not run the community."""
        if not actor.moderator:
            raise NotAllowed("not-moderator")

    async def grant(self, actor: Requester, to: Requester, amount: int, *, memo: str, key: str) -> Given:
        """Gives credits that don't lapse, once for this key. Raises NotAllowed for a bad amount."""
        _assert_amount(amount)
        now = self._store.now()
        fund = quotas.granted_fund(to)
        fresh = await self._store.ledger.grant(
            to, fund, amount, key=key, actor=actor.user, memo=memo, now=now
        )
        if fresh:
            await self._store.audit.act(to, "grant", now=now, actor=actor.user, memo=f"{amount}: {memo}")
        return Given(amount=amount, available=await self._available(to))

    async def take(self, actor: Requester, of: Requester, amount: int, *, memo: str, key: str) -> Given:
        """Takes back granted credits, at most what is available, once for this key."""
        _assert_amount(amount)
        now = self._store.now()
        taken = await self._store.ledger.revoke(
            of, quotas.granted_fund(of), amount, key=key, actor=actor.user, memo=memo, now=now
        )
        await self._store.audit.act(of, "take", now=now, actor=actor.user, memo=f"{taken}: {memo}")
        return Given(amount=taken, available=await self._available(of))

    async def refund(self, actor: Requester, job: str, *, memo: str) -> int:
        """Gives back what a picture cost, once. Answers how much. Raises NotThere."""
        found = await self._job(job, actor)
        now = self._store.now()
        given = await self._store.ledger.refund(
            job, found.requester, quotas.granted_fund(found.requester), actor=actor.user, memo=memo, now=now
        )
        if given:
            await self._store.audit.act(
                found.requester, "refund", now=now, actor=actor.user, job=job, memo=f"{given}: {memo}"
            )
        return given

    async def books(self, who: Requester, *, movements: int = 20) -> Purse:
        """Somebody's credits and movements."""
        return await self._studio.credits(who, movements=movements)

    async def change(self, actor: Requester, values: dict[str, Any]) -> None:
        """Changes the community's rules. Raises pydantic.ValidationError: nothing was changed."""
        await self._studio.rulebook.change(actor, values, now=self._store.now())

    async def audit(self, actor: Requester, *, limit: int = 50) -> list[Entry]:
        """The community's log, newest first."""
        return await self._store.audit.entries(surface=actor.surface, community=actor.community, limit=limit)

    async def _available(self, who: Requester) -> int:
        return (await self._studio.credits(who)).balance.available

    async def _job(self, job: str, actor: Requester) -> Job:
        found = await self._store.jobs.get(job)
        if found is None:
            raise NotThere
        owner = found.requester
        if actor.surface and (owner.surface, owner.community) != (actor.surface, actor.community):
            raise NotThere
        return found


def _assert_amount(amount: int) -> None:
    if not 0 < amount <= 10**9:
        raise NotAllowed("amount-bad", limit=10**9)
