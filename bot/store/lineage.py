"""What a picture came from: the words of the orders behind it, through the pictures of ours that each was given."""

from collections import deque
from collections.abc import Sequence

from bot.model import Order
from bot.store.database import Database, Steps, sql
from bot.store.rows import order_from_json

ORDERS_MOST = 16  # are looked at; who goes on from a picture so often has left its words far behind


class Lineage:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def behind(self, jobs: Sequence[str]) -> list[Order]:
        """These jobs' orders, and those of the pictures that they were given, the nearest first."""

        def steps() -> Steps[list[Order]]:
            found: list[Order] = []
            left, seen = deque(jobs), set(jobs)
            while left and len(found) < ORDERS_MOST:
                rows = yield sql("SELECT order_json FROM jobs WHERE id = :id", id=left.popleft())
                for row in rows:
                    try:
                        order = order_from_json(row["order_json"])
                    except ValueError:  # a newer Easel's
                        continue
                    found.append(order)
                    nearer = {source.picture[0] for source in order.sources} - seen - {""}
                    left.extend(sorted(nearer))
                    seen |= nearer
            return found

        return await self._database.read(steps)
