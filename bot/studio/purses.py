"""What people and communities have left: looked at, never changed."""

from bot.community import quotas
from bot.community.rulebook import Rulebook
from bot.money import Budget, Purse
from bot.ports import Requester
from bot.rules.rules import Rules
from bot.store import Store
from bot.studio.counter import Counter

_ROWS_A_PICTURE = 4  # in the books: two holds and what became of them


class Purses:
    """Reads the books by the rules that hold."""

    def __init__(self, *, store: Store, rulebook: Rulebook, counter: Counter) -> None:
        self._store = store
        self._rulebook = rulebook
        self._counter = counter

    async def of(self, who: Requester, *, movements: int = 0) -> Purse:
        """What a person has left, what is held, when it renews, and the last movements."""
        now = self._store.now()
        rules = await self._rulebook.of(who)
        allowance = self._counter.allowance(who, rules)
        funds = quotas.funds(who, rules, allowance=allowance, now=now)
        rows = movements * _ROWS_A_PICTURE
        return Purse(
            balance=await self._store.ledger.balance(funds, who, now=now),
            allowance=allowance,
            renews_at=quotas.next_renewal(rules, now),
            movements=tuple(await self._store.ledger.movements(who, limit=rows)) if rows else (),
            told=movements,
            budget=await self.budget(who, rules, now=now),
        )

    async def budget(self, who: Requester, rules: Rules, *, now: float) -> Budget | None:
        """How the community's budget stands, where it has one."""
        if rules.budget is None:
            return None
        return Budget(
            spent=await self._store.usage.meter(quotas.budget_meter(who, rules, now)),
            credits=rules.budget,
            renews_at=quotas.renews_at(*rules.budget_schedule(now), now),
        )
