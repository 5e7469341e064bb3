"""A database that keeps what it is told, and is cut off before it can say so."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.store import Store


@contextlib.contextmanager
def cut_off(store: Store) -> Iterator[None]:
    """Within the block what is accepted is kept, and nobody hears of it."""
    accept = type(store.jobs).accept

    async def unheard(*args: Any, **more: Any) -> Any:
        await accept(*args, **more)
        raise StoreBusy("the connection was cut")

    async def away(*_: Any, **__: Any) -> Any:
        raise StoreBusy("the connection was cut")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store.jobs), "accept", unheard)
        patch.setattr(type(store.jobs), "by_request", away)
        yield


@contextlib.contextmanager
def mark_unheard(store: Store, number: int) -> Iterator[None]:
    """Within the block the mark of this number, counted from 1, is made, and nobody hears of it."""
    write, numbers = store.database.write, itertools.count(1)

    async def unheard(steps: Any, /, *args: Any, **more: Any) -> Any:
        done = await write(steps, *args, **more)
        if steps.__qualname__.startswith(("Shared.mark_seen", "Clicks.mark")) and next(numbers) == number:
            raise StoreBusy("the connection was cut")
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.database, "write", unheard, raising=False)
        yield
