"""What one picture costs the database: every transaction of it, in order, with what it is called.

    python -m bench.transactions

One order of somebody who has drawn before goes through the real program, from the request to the edited message: a
SQLite file, the simulated gateway that is polled, and a chat that is quicker than the service, so that each change can
be shown before the next one comes. The worker's heartbeat (claims and renewals) is for all pictures
together, and is not counted. Prints each transaction and the sums; tests/unit/test_transactions.py
holds the bound.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.table import Figure
from bot.configuration import config
from bot.house.app import open_app
from bot.house.building import App
from bot.model import Order
from bot.ports import Address, Ask, Card, Handle, Phase, Place, Requester
from bot.process.telemetry import set_up_logs
from bot.provider import Input, Outcome, Provider
from bot.store.database import Database, Rows, Sql, Steps, sql
from integrations.simulator.app import simulator

HEARTBEAT = frozenset({"Leases.claim", "Leases.renew"})
SHOW_S = 0.05  # what the chat takes for a message
SUBMIT_S = 0.3  # what the service takes for an answer
WITHIN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction: what it is called, whether it may write, how many statements it ran."""

    name: str
    writes: bool
    statements: int
    at_s: float  # since the counting began

    @property
    def of_the_picture(self) -> bool:
        return self.name not in HEARTBEAT


@dataclass(slots=True)
class Tally:
    """Watches a database's door; the transactions pass through unchanged."""

    transactions: list[Transaction] = field(default_factory=list)
    began_at: float = field(default_factory=time.perf_counter)

    @property
    def of_the_picture(self) -> list[Transaction]:
        return [t for t in self.transactions if t.of_the_picture]

    def watch(self, database: Any) -> None:
        """From now on each transaction of this database is counted."""
        self.began_at = time.perf_counter()
        database.write = self._counting(database.write, writes=True)
        database.read = self._counting(database.read, writes=False)

    def _counting(self, act: Any, *, writes: bool) -> Any:
        async def counted(steps: Any, /, *args: Any, **kwargs: Any) -> Any:
            ran: list[Sql] = []
            try:
                return await act(lambda: _observed(steps(*args, **kwargs), ran))
            finally:
                self.transactions.append(
                    Transaction(
                        name=_name(steps),
                        writes=writes,
                        statements=len(ran),
                        at_s=time.perf_counter() - self.began_at,
                    )
                )

        return counted


def _observed(steps: Steps[Any], ran: list[Sql]) -> Steps[Any]:
    rows: Rows | None = None
    try:
        while True:
            statement = next(steps) if rows is None else steps.send(rows)
            ran.append(statement)
            rows = yield statement
    except StopIteration as stop:
        return stop.value


def _name(steps: Any) -> str:
    """The verb that hands the steps over; a function of the module stands for itself: `jobs.accept`."""
    outer, _, inner = str(steps.__qualname__).partition(".<locals>")
    room = str(steps.__module__).rpartition(".")[2]
    return outer if inner else f"{room}.{outer.lstrip('_')}"


@dataclass(slots=True)
class SlowChat:
    """A surface that takes a moment for each message, and knows which pictures stand."""

    name: str = "bench"
    shows: list[Card] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        del address
        await asyncio.sleep(SHOW_S)
        self.shows.append(card)
        if card.phase in (Phase.FINISHED, Phase.OVER):
            self.over.set()
        return handle or Handle(key=card.job)

    async def tell(self, address: Address, text: str) -> None:
        del address, text

    async def aclose(self) -> None:
        return


class Deliberate:
    """A provider that thinks for a moment before it takes an order."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self.name, self.models = inner.name, inner.models
        self.honours_keys, self.polls_per_s = inner.honours_keys, inner.polls_per_s
        self.poll, self.cancel = inner.poll, inner.cancel
        self.standing, self.aclose = inner.standing, inner.aclose

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        await asyncio.sleep(SUBMIT_S)
        return await self._inner.submit(order, key=key, inputs=inputs, webhook=webhook)


async def one_picture(text: str = "a red fox --model flux-2-pro") -> tuple[Tally, SlowChat]:
    """Draws one picture with everything real, and answers what it cost and what was shown."""
    with tempfile.TemporaryDirectory() as folder:
        async with simulator(speed=4.0, tiny_images=True) as gateway:
            settings = config.load(
                environ={},
                store={"url": f"sqlite:///{folder}/easel.db"},
                assets={"url": f"{folder}/assets"},
                gateway={"base_url": gateway.base_url, "api_key": gateway.api_key},
                fetch={"allow_hosts": [gateway.address]},
                log={"level": "error"},
            )
            async with open_app(settings) as house:
                return await _drawn(house, text)


async def _drawn(house: App, text: str) -> tuple[Tally, SlowChat]:
    assert house.worker is not None
    chat, tally = SlowChat(), Tally()
    house.surfaces[chat.name] = chat
    house.providers.update({name: Deliberate(found) for name, found in house.providers.items()})
    working = asyncio.create_task(house.worker.run())
    ask = Ask(
        requester=Requester(surface=chat.name, community="c1", user="u1", name="Ann"),
        place=Place(address=Address(surface=chat.name, data={"channel": "general"}), channel="general"),
        text=text,
        request_key="bench-1",
    )
    try:
        # Their accounts of this period are opened by an order that they call off again.
        opened = await house.studio.imagine(replace(ask, place=Place(address=None), request_key="bench-0"))
        await house.studio.cancel(opened.job.id, ask.requester)
        await _closed(house.store.database, tally)
        tally.watch(house.store.database)
        async with asyncio.timeout(WITHIN_S):
            await house.studio.imagine(ask)
            await chat.over.wait()
            await _closed(house.store.database, tally)
        cost = replace(tally, transactions=list(tally.transactions))
    finally:
        await house.worker.stop()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return cost, chat


async def _closed(database: Database, tally: Tally) -> None:
    """Until nothing more happens to the job; these looks are not counted."""
    while True:
        await asyncio.sleep(0.3)
        before = list(tally.transactions)
        still_open = await database.read(_open_jobs)
        tally.transactions[:] = before
        if not still_open:
            return


def _open_jobs() -> Steps[bool]:
    return bool((yield sql("SELECT id FROM jobs WHERE open = 1")))


def figures() -> dict[str, Figure]:
    """The rows of the one table."""
    set_up_logs(level="error", form="text")
    tally, chat = asyncio.run(one_picture())
    ran = tally.of_the_picture
    return {
        "picture.transactions": Figure(
            ours=len(ran), note=f"{sum(one.writes for one in ran)} write; shown {len(chat.shows)} times"
        ),
        "picture.statements": Figure(ours=sum(one.statements for one in ran)),
    }


def main() -> None:
    set_up_logs(level="error", form="text")
    tally, chat = asyncio.run(one_picture())
    for number, one in enumerate(tally.of_the_picture, 1):
        kind = "writes" if one.writes else "reads"
        print(f"{number:3}  {one.at_s:6.2f} s  {kind:6}  {one.statements:2} statements  {one.name}")
    counted = Counter(one.name for one in tally.of_the_picture)
    print(*(f"{n:3} x {name}" for name, n in counted.most_common()), sep="\n")
    writes = sum(one.writes for one in tally.of_the_picture)
    total = len(tally.of_the_picture)
    print(f"{total} transactions: {writes} write, {total - writes} read; {len(chat.shows)} shows")
    sys.exit(chat.shows[-1].phase is not Phase.FINISHED)


if __name__ == "__main__":
    main()
