"""Whatever happens to the books, in whatever order and how often: they equal a small pure model.

`EASEL_DEEP=1` looks longer. A failure prints its steps, and the line that replays them.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bot.errors import LostJob, NotEnoughCredits
from bot.job import Job, State
from bot.money import Fund
from bot.store import Store, open_store
from tests.fakes.books import acceptance, allowance, end, granted, person, run

DEEP = bool(os.environ.get("EASEL_DEEP"))
PEOPLE = ("ann", "bob")
BAD_ENDS = (State.FAILED, State.CANCELLED, State.REFUSED, State.WITHHELD)

people = st.sampled_from(PEOPLE)
amounts = st.integers(0, 60)
parts = st.sampled_from((0, 0.3, 0.5, 0.8, 1))
repeats = st.integers(1, 3)  # the same thing, with the same key, so often
numbers = st.integers(0, 5)  # few keys, so that later steps meet earlier ones


@dataclass
class Account:
    """What the model knows of one account."""

    posted: int = 0
    held: int = 0
    given: int = 0

    @property
    def available(self) -> int:
        return self.posted - self.held


@dataclass
class Books:
    """The pure model: dictionaries and arithmetic."""

    accounts: dict[str, Account] = field(default_factory=dict)
    holds: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # of live jobs
    captured: dict[str, int] = field(default_factory=dict)  # of ended jobs
    keys: dict[str, int] = field(default_factory=dict)  # what was done once, and what came of it

    def open(self, fund: Fund) -> Account:
        account = self.accounts.setdefault(fund.account, Account())
        self.give(account, max(0, fund.entitled - account.given))
        return account

    @staticmethod
    def give(account: Account, amount: int) -> None:
        account.posted += amount
        account.given += amount

    def accept(self, job: str, price: int, funds: tuple[Fund, ...]) -> bool:
        """False, and nothing is changed, when the credits don't suffice."""
        available = 0
        for fund in funds:
            account = self.accounts.get(fund.account, Account())
            available += account.available + max(0, fund.entitled - account.given)
        if available < price:
            return False
        self.holds[job] = []
        for fund in funds:
            account = self.open(fund)
            taken = min(price, account.available)
            account.held += taken
            price -= taken
            self.holds[job].append((fund.account, taken))
        return True

    def end(self, job: str, capture: int) -> None:
        self.captured[job] = capture
        for name, amount in self.holds.pop(job):
            taken = min(capture, amount)
            capture -= taken
            self.accounts[name].held -= amount
            self.accounts[name].posted -= taken


class Ledger(RuleBasedStateMachine):
    """Random people do random things to the real store and to the model."""

    live: Bundle[Job] = Bundle("live")
    ended: Bundle[Job] = Bundle("ended")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="easel-ledger-"))
        shutil.copy(TEMPLATE, self.folder / "easel.db")
        self.loop = asyncio.new_event_loop()
        self.store: Store = self.run(open_store(f"sqlite:///{self.folder}/easel.db"))
        self.books = Books()
        self.day = 0
        self.entitled = dict.fromkeys(PEOPLE, 30)

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(act)

    def teardown(self) -> None:
        self.run(self.store.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    def funds(self, user: str) -> tuple[Fund, Fund]:
        who = person(user)
        return allowance(who, self.entitled[user], period=f"day-{self.day}"), granted(who)

    @property
    def now(self) -> float:
        return 1_800_000_000.0 + self.day * 86_400

    @initialize(user=people, amount=amounts)
    def someone_was_given_credits(self, user: str, amount: int) -> None:
        self.grant(user, amount, "start", 1)

    @rule()
    def a_day_goes_by(self) -> None:
        self.day += 1

    @rule(user=people, amount=amounts)
    def the_allowance_is_changed(self, user: str, amount: int) -> None:
        self.entitled[user] = amount

    @rule(target=live, user=people, images=st.integers(1, 4), each=st.integers(0, 12), times=repeats)
    def accept(self, user: str, images: int, each: int, times: int) -> Any:
        job = f"job{len(self.books.holds) + len(self.books.captured)}"
        wanted = acceptance(
            job, person(user), credits=images * each, images=images, funds=self.funds(user), now=self.now
        )

        async def racers() -> list[Any]:
            # A repeat of a request comes with a new id of its own; the first in line makes the job.
            repeats_ = (replace(wanted, job=f"{job}{'x' * number}") for number in range(times))
            asking = (self.store.jobs.accept(one) for one in repeats_)
            return await asyncio.gather(*asking, return_exceptions=True)

        outcomes = self.run(racers())
        if not self.books.accept(job, images * each, self.funds(user)):
            assert all(isinstance(outcome, NotEnoughCredits) for outcome in outcomes)
            return multiple()
        assert [new for _, new in outcomes].count(True) == 1
        return outcomes[0][0]

    @rule(target=ended, job=consumes(live), part=parts, to=st.sampled_from(BAD_ENDS), times=repeats)
    def end_a_job(self, job: Job, part: float, to: State, times: int) -> Job:
        capture = round(job.order.credits * part)

        async def racers() -> list[Any]:
            ends = (end(self.store, job, to, capture, now=self.now) for _ in range(times))
            return await asyncio.gather(*ends, return_exceptions=True)

        outcomes = self.run(racers())
        assert sum(isinstance(outcome, LostJob) for outcome in outcomes) == times - 1
        self.books.end(job.id, capture)
        return job

    @rule(job=ended, capture=amounts)
    def end_it_again(self, job: Job, capture: int) -> None:
        with pytest.raises(LostJob):
            self.run(end(self.store, job, State.FAILED, min(capture, job.order.credits), now=self.now))

    @rule(job=ended, times=repeats)
    def refund(self, job: Job, times: int) -> None:
        wallet = granted(job.requester)
        for _ in range(times):
            given = self.run(
                self.store.ledger.refund(job.id, job.requester, wallet, actor="mod", memo="", now=self.now)
            )
            due = 0 if f"refund:{job.id}" in self.books.keys else self.books.captured[job.id]
            assert given == due
            if due:
                self.books.keys[f"refund:{job.id}"] = due
                self.books.open(wallet).posted += due

    @rule(user=people, amount=amounts, key=numbers, times=repeats)
    def grant(self, user: str, amount: int, key: int | str, times: int) -> None:
        key, wallet = f"grant:{user}:{key}", granted(person(user))
        for _ in range(times):
            fresh = self.run(
                self.store.ledger.grant(
                    person(user), wallet, amount, key=key, actor="mod", memo="", now=self.now
                )
            )
            assert fresh == (key not in self.books.keys)
            if fresh:
                self.books.keys[key] = amount
                self.books.give(self.books.open(wallet), amount)

    @rule(user=people, amount=amounts, key=numbers, times=repeats)
    def revoke(self, user: str, amount: int, key: int, times: int) -> None:
        name, wallet = f"revoke:{user}:{key}", granted(person(user))
        for _ in range(times):
            taken = self.run(
                self.store.ledger.revoke(
                    person(user), wallet, amount, key=name, actor="mod", memo="", now=self.now
                )
            )
            account = self.books.open(wallet)
            if name not in self.books.keys:
                self.books.keys[name] = min(amount, account.available)
                account.posted -= self.books.keys[name]
            assert taken == self.books.keys[name]

    @invariant()
    def the_books_equal_the_model(self) -> None:
        assert self.run(self.store.ledger.problems()) == []
        rows = self.run(run(self.store, "SELECT id, posted, held, given FROM accounts"))
        kept = {row["id"]: Account(row["posted"], row["held"], row["given"]) for row in rows}
        assert kept == self.books.accounts
        assert all(account.available >= 0 <= account.held for account in kept.values())

    @invariant()
    def every_credit_that_was_issued_is_somewhere(self) -> None:
        rows = self.run(run(self.store, "SELECT kind, SUM(amount) AS n FROM transfers GROUP BY kind"))
        sums = {row["kind"]: row["n"] for row in rows}
        held_by_people = sum(account.posted for account in self.books.accounts.values())
        issued = sums.get("grant", 0) - sums.get("revoke", 0)
        earned = sums.get("capture", 0) - sums.get("refund", 0)
        assert issued == held_by_people + earned
        assert sums.get("capture", 0) == sum(self.books.captured.values())

    @invariant()
    def a_balance_is_what_can_be_spent(self) -> None:
        for user in PEOPLE:
            balance = self.run(
                self.store.ledger.balance(self.funds(user), person(user), now=self.store.now())
            )
            expected = 0
            for fund in self.funds(user):
                account = self.books.accounts.get(fund.account, Account())
                expected += account.available + max(0, fund.entitled - account.given)
            assert balance.available == expected


TEMPLATE = Path()


def test_the_books_equal_a_pure_model_whatever_happens(tmp_path: Path):
    global TEMPLATE  # noqa: PLW0603 - hypothesis makes the machines, without arguments
    TEMPLATE = tmp_path / "easel.db"

    async def migrated() -> None:
        await (await open_store(f"sqlite:///{TEMPLATE}")).aclose()

    with asyncio.Runner() as runner:
        runner.run(migrated())
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=600 if DEEP else 40,
            stateful_step_count=60 if DEEP else 25,
            deadline=None,
            print_blob=True,
            database=None,
            # A failure is told as it was found: making it small would outlast the test's time.
            phases=tuple(Phase) if DEEP else (Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
