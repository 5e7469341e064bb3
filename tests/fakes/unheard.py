"""A database that keeps an order and is cut off before it can say so."""

import contextlib
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
