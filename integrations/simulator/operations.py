"""What the simulated gateway remembers: operations (ready by the clock alone), and what it really billed.

No operation has a task of its own: whether it is ready follows from the time, so ten thousand cost nothing
while nobody asks.
"""

import hashlib
import math
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.simulator.catalogue import Problem, Wish

OPERATIONS_MAX = 50_000
OPERATION_LIFE_S = 6 * 3600.0
BILLED_MAX = 200_000
GIVEN_BYTES_MAX = 256 * 1024 * 1024  # of pictures that operations were given, all together
LATENCY_SIGMA = 0.35


class Ending(StrEnum):
    """How an operation will end; decided when it is accepted."""

    COMPLETED = "completed"
    FAILED = "failed"
    REFUSED = "refused"
    NEVER = "never"


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to become of an order; faults of the point `accept` change it."""

    images: int
    ending: Ending = Ending.COMPLETED
    error: object = None
    slowness: float = 1.0


@dataclass(slots=True, kw_only=True)
class Operation:
    """One accepted generation."""

    id: str
    wish: Wish
    plan: Plan
    seed: int
    created_s: float
    accepted_at_s: float
    ready_at_s: float
    marks: set[str] = field(default_factory=set)  # faults that strike an operation once, and did

    @property
    def given_bytes(self) -> int:
        return sum(len(one.data) for one in self.wish.given)

    def ready(self, now_s: float) -> bool:
        return self.plan.ending is not Ending.NEVER and now_s >= self.ready_at_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One line of the bill."""

    id: str
    model: str
    prompt: str
    images: int
    credits: int
    idempotency_key: str | None
    at: float
    inputs: tuple[str, ...]  # SHA-256 of each picture that was given, as it came


class Bill:
    """Every generation that was really billed; the totals are exact, the lines are the latest."""

    def __init__(self, *, quota_credits: int) -> None:
        self.quota_credits = quota_credits
        self.reset()

    def reset(self) -> None:
        """Starts a new bill; the balance is whole again."""
        self.generations = 0
        self.credits = 0
        self.by_key: Counter[str] = Counter()
        self.lines: deque[Billed] = deque(maxlen=BILLED_MAX)

    @property
    def remaining_credits(self) -> int:
        return self.quota_credits - self.credits

    def add(self, line: Billed) -> None:
        """Writes one line."""
        self.generations += 1
        self.credits += line.credits
        if len(self.lines) == BILLED_MAX:
            self._forget(self.lines[0])
        self.lines.append(line)
        if line.idempotency_key is not None:
            self.by_key[line.idempotency_key] += 1

    def _forget(self, line: Billed) -> None:
        key = line.idempotency_key
        if key is None:
            return
        self.by_key[key] -= 1
        if self.by_key[key] <= 0:
            del self.by_key[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The time and the chance that a simulation lives by."""

    now_s: Callable[[], float]  # monotonic: readiness
    wall_s: Callable[[], float]  # unix time: `created`, expiries
    new_id: Callable[[], str]  # 12 or more hex digits
    rng: random.Random


class Operations:
    """Accepts wishes, bills them, finds operations again, forgets the old ones."""

    def __init__(
        self, *, clocks: Clocks, bill: Bill, seed: int, latency_scale: float, honour_keys: bool
    ) -> None:
        self._clocks = clocks
        self._bill = bill
        self._seed = seed
        self._latency_scale = latency_scale
        self._honour_keys = honour_keys
        self._by_id: OrderedDict[str, Operation] = OrderedDict()
        self._id_by_key: dict[str, str] = {}
        self._key_by_id: dict[str, str] = {}
        self._given_bytes = 0
        self._orders_by_prompt: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_id)

    def known(self, key: str | None, wish: Wish) -> Operation | None:
        """The operation that this idempotency key already started, where keys are honoured."""
        if key is None or not self._honour_keys:
            return None
        found = self._by_id.get(self._id_by_key.get(key, ""))
        if found is not None and found.wish != wish:
            raise Problem(status=409, message="idempotency_error - The key was used with another body")
        return found

    def accept(self, wish: Wish, plan: Plan, *, key: str | None) -> Operation:
        """Starts a generation and bills it, unless it is planned to fail or to be refused."""
        now_s, wall_s = self._clocks.now_s(), self._clocks.wall_s()
        billed = plan.ending in {Ending.COMPLETED, Ending.NEVER}
        images = min(plan.images, wish.images) if billed else 0
        price = images * wish.model.credits
        if wish.images * wish.model.credits > self._bill.remaining_credits:
            raise Problem(status=402, message="payment_required_error - Credit balance exhausted")
        operation = Operation(
            id=self._name(wish),
            wish=wish,
            plan=plan,
            seed=self._take_seed(wish),
            created_s=wall_s,
            accepted_at_s=now_s,
            ready_at_s=now_s + self._latency_s(wish) * plan.slowness,
        )
        self._remember(operation, key, now_s)
        if billed:
            self._bill.add(_line(operation, images, price, key))
        return operation

    def resume(self, operation: Operation, *, key: str | None) -> None:
        """One that was accepted, and billed, before this simulator began."""
        self._count_order(operation.wish.prompt)
        self._remember(operation, key, self._clocks.now_s())

    def find(self, operation_id: str) -> Operation | None:
        return self._by_id.get(operation_id)

    def _name(self, wish: Wish) -> str:
        """Ids as the service was seen to make them."""
        digits = self._clocks.new_id()
        if wish.model.way == "sync":
            return f"img-{digits[:16]}"
        return f"{wish.model.upstream}-{digits[:12]}"

    def _latency_s(self, wish: Wish) -> float:
        drawn_s = self._clocks.rng.lognormvariate(math.log(wish.model.median_s), LATENCY_SIGMA)
        return drawn_s * self._latency_scale

    def _take_seed(self, wish: Wish) -> int:
        """The same words give the same first picture; asking again gives another."""
        count = self._count_order(wish.prompt)
        text = f"{self._seed}\n{wish.model.id}\n{count}\n{wish.prompt}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])

    def _count_order(self, prompt: str) -> int:
        """How often the same words were asked for before."""
        count = self._orders_by_prompt.pop(prompt, 0)
        self._orders_by_prompt[prompt] = count + 1
        while len(self._orders_by_prompt) > OPERATIONS_MAX:
            self._orders_by_prompt.popitem(last=False)
        return count

    def _remember(self, operation: Operation, key: str | None, now_s: float) -> None:
        self._by_id[operation.id] = operation
        self._given_bytes += operation.given_bytes
        if key is not None and self._honour_keys:
            self._id_by_key[key] = operation.id
            self._key_by_id[operation.id] = key
        while self._by_id and self._too_old(next(iter(self._by_id.values())), now_s):
            old_id, old = self._by_id.popitem(last=False)
            self._given_bytes -= old.given_bytes
            self._id_by_key.pop(self._key_by_id.pop(old_id, ""), None)

    def _too_old(self, oldest: Operation, now_s: float) -> bool:
        full = len(self._by_id) > OPERATIONS_MAX or self._given_bytes > GIVEN_BYTES_MAX
        return full or now_s - oldest.accepted_at_s > OPERATION_LIFE_S


def _line(operation: Operation, images: int, price: int, key: str | None) -> Billed:
    return Billed(
        id=operation.id,
        model=operation.wish.model.id,
        prompt=operation.wish.prompt,
        images=images,
        credits=price,
        idempotency_key=key,
        at=operation.created_s,
        inputs=tuple(one.sha256 for one in operation.wish.given),
    )


def balance(bill: Bill, *, renewal: str) -> dict[str, Any]:
    """The answer of `/credits/`, in the shape of the vendor's Credits API page."""
    account = {
        "quota": float(bill.quota_credits),
        "used": float(bill.credits),
        "remaining": float(bill.remaining_credits),
    }
    empty = {"quota": 0.0, "used": 0.0, "remaining": 0.0}
    return {
        "object": "credit_balance",
        "monthly_allocated": {**account, "renewal_date": renewal},
        "purchased": empty,
        "total": account,
    }
