"""The seed that a service tells is kept where it can be asked for again, and never otherwise."""

from typing import Any

import pytest

from bot.job import Job, State
from bot.jobs.finish import Finisher
from bot.model import Order
from bot.order.prompts import SEED_LIMIT, parse
from bot.ports import Policy, Requester
from bot.provider import Finished


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (7, 7),
        (0, 0),
        (SEED_LIMIT, SEED_LIMIT),
        (SEED_LIMIT + 1, None),
        (2**70, None),
        (-1, None),
        (None, None),
    ],
)
async def test_a_seed_is_kept_where_it_can_be_typed(told, kept):
    order = Order(provider="p", model="m", prompt="a fox", credits_each=1)
    who = Requester(surface="s", community="c", user="u")
    job = Job(
        id="j", version=1, state=State.RENDERING, requester=who, order=order, created_at=1.0, deadline_at=9.0, due_at=1.0
    )  # fmt: skip
    rooms: dict[str, Any] = dict.fromkeys(("wary", "assets", "darkroom", "fetch", "panel"))
    finisher = Finisher(**rooms, limit_bytes=1, fetch_timeout_s=1.0)
    move = await finisher.finish(job, Finished(images=(), seed=told), Policy(), quarantine=True)
    assert move.seed == kept
    if kept is not None:
        assert parse(f"a fox --seed {kept}").seed == kept
