"""Laws of clicks: who was not answered goes on with what they began, who was wants another, on all replicas."""

import asyncio
from typing import Any

import pytest

from bot.job import State
from bot.ports import MAIN, Handle
from bot.store import Store
from bot.store.clicks import Click, Clicks, refusal_of
from tests.contract.store_work_laws import DrivenTwice
from tests.fakes.books import NOW, accept, end, finish

DOUBLE_S, AGAIN_S = 3.0, 60.0
HANDLE = Handle(key="C1/100", data={"channel": "C1"})


async def click(
    store: Store, deed: str, *, at_s: float = 0.0, of: Clicks | None = None, **facts: Any
) -> str | None:
    """The key by which a click is done; those of `accept` are called after their jobs."""
    clicks = of or store.clicks
    return await clicks.mark(Click("star", deed, DOUBLE_S), now=NOW + at_s, again_s=AGAIN_S, **facts)


async def show(store: Store, job: str, *, answers: bool) -> None:
    told = await store.messages.told(job)
    assert told is not None
    (message,) = told.messages
    assert message.role == MAIN
    await store.messages.shown(message, HANDLE, version=1, digest="d", now=NOW, answers=answers)


class ClickLaws:
    async def test_of_racing_clicks_all_go_by_one_key(self, store: Store):
        keys = await asyncio.gather(*(click(store, f"request-{n}") for n in range(20)))
        assert len(set(keys)) == 1

    async def test_who_was_answered_wants_another_but_for_a_double_click(self, store: Store):
        assert await click(store, "request-j1") == "request-j1"
        await accept(store, "j1")
        await show(store, "j1", answers=True)
        assert await click(store, "request-j2", at_s=DOUBLE_S - 0.1) is None
        assert await click(store, "request-j3", at_s=DOUBLE_S) == "request-j3"

    async def test_who_was_not_answered_goes_on_for_a_while(self, store: Store):
        assert await click(store, "request-j1") == "request-j1"
        await accept(store, "j1")
        await show(store, "j1", answers=False)  # by another process
        assert await click(store, "request-j2", at_s=AGAIN_S - 1) == "request-j1"
        assert await click(store, "request-j3", at_s=2 * AGAIN_S) == "request-j3"

    async def test_who_goes_on_and_is_answered_wants_another_next(self, store: Store):
        await click(store, "request-j1")
        await accept(store, "j1")
        assert await click(store, "request-j2", at_s=9) == "request-j1"
        await store.clicks.mark_answered("request-j1")
        assert await click(store, "request-j3", at_s=9) == "request-j1", "it can't be seen yet"
        await show(store, "j1", answers=False)
        assert await click(store, "request-j4", at_s=9 + DOUBLE_S - 0.1) is None
        assert await click(store, "request-j5", at_s=9 + DOUBLE_S) == "request-j5"

    @pytest.mark.parametrize("later_s", [1.0, AGAIN_S - 1])
    async def test_of_what_was_never_ordered_the_second_click_makes_the_order(
        self, store: Store, later_s: float
    ):
        await click(store, "request-j1")
        assert await click(store, "request-j2", at_s=later_s) == "request-j1"

    async def test_while_nothing_can_be_seen_of_an_order_a_click_is_no_other(self, store: Store):
        await click(store, "request-j1")
        job = await accept(store, "j1")
        assert await click(store, "request-j2", at_s=9 * AGAIN_S) == "request-j1"
        await end(store, job, State.FAILED, 0)
        assert await click(store, "request-j3", at_s=18 * AGAIN_S) == "request-j3"

    async def test_an_order_without_a_message_has_nobody_to_answer(self, store: Store):
        await click(store, "request-j1")
        await accept(store, "j1", address=False)
        assert await click(store, "request-j2", at_s=DOUBLE_S) == "request-j2"

    async def test_a_refusal_is_an_answer(self, store: Store):
        await click(store, "request-j1")
        await store.shared.mark_seen(refusal_of("request-j1"), now=NOW)
        assert await click(store, "request-j2", at_s=1) is None
        assert await click(store, "request-j3", at_s=DOUBLE_S) == "request-j3"

    async def test_an_event_told_again_has_nothing_new_to_say(self, store: Store):
        await click(store, "request-j1")
        assert await click(store, "request-j1", at_s=9) == "request-j1", "its process was killed"
        await accept(store, "j1")
        await show(store, "j1", answers=True)
        assert await click(store, "request-j1", at_s=9) is None
        await click(store, "request-j2", at_s=9)
        assert await click(store, "request-j1", at_s=99) is None
        assert await click(store, "request-j1", at_s=99, retold=True) == "request-j1"

    async def test_a_second_click_told_again_is_still_the_first_s(self, store: Store):
        await click(store, "request-j1")
        await accept(store, "j1")
        assert await click(store, "request-j2", at_s=9, of=Clicks(DrivenTwice(store))) == "request-j1"
        await show(store, "j1", answers=True)
        assert await click(store, "request-j3", at_s=10) is None, "a double click"
        for again in ("request-j2", "request-j3"):
            assert await click(store, again, at_s=99) is None
            assert await click(store, again, at_s=99, retold=True) == "request-j1"

    async def test_a_click_means_what_it_went_on_with_last(self, store: Store):
        """The first came to nothing, so that a later one's order is what the second became."""
        await click(store, "request-j1")
        assert await click(store, "request-j2", at_s=30) == "request-j1"
        assert await click(store, "request-j3", at_s=30 + AGAIN_S) == "request-j3"
        assert await click(store, "request-j2", at_s=99, retold=True) == "request-j3"
        await accept(store, "j3")
        await show(store, "j3", answers=True)
        assert await click(store, "request-j2", at_s=999, retold=True) == "request-j3"

    async def test_a_click_during_another_joins_it(self, store: Store):
        await click(store, "request-j1")
        await store.clicks.join(Click("star", "request-j2", DOUBLE_S), "request-j1", now=NOW)
        await accept(store, "j1")
        await show(store, "j1", answers=True)
        assert await click(store, "request-j2", at_s=99) is None

    async def test_a_picture_that_stands_nowhere_yet_is_no_reason_for_another(self, store: Store):
        await click(store, "request-j1")
        job = await accept(store, "j1")
        await store.clicks.mark_answered("request-j1")
        await finish(store, job, job.order.credits)
        assert await click(store, "request-j2", at_s=9 * AGAIN_S) == "request-j1"
        told = await store.messages.told("j1")
        assert told is not None
        await store.messages.give_up(told.messages[0])
        assert await click(store, "request-j3", at_s=18 * AGAIN_S) == "request-j3", "it never will"

    @pytest.mark.parametrize("to", [State.FAILED, State.CANCELLED, State.REFUSED, State.WITHHELD])
    async def test_what_ended_without_a_picture_is_not_gone_on_with(self, store: Store, to: State):
        await click(store, "request-j1")
        job = await accept(store, "j1")
        await show(store, "j1", answers=False)
        await end(store, job, to, 0)
        assert await click(store, "request-j2", at_s=DOUBLE_S) == "request-j2"

    async def test_a_mark_whose_commit_was_hidden_is_ours(self, store: Store):
        assert await click(store, "request-j1", of=Clicks(DrivenTwice(store))) == "request-j1"
        await accept(store, "j1")
        assert await click(store, "request-j2", at_s=9, of=Clicks(DrivenTwice(store))) == "request-j1"

    async def test_an_older_replica_s_click_is_told_apart_by_time(self, store: Store):
        await store.shared.mark_seen("star", now=NOW)
        assert await click(store, "request-j1", at_s=1) is None
        assert await click(store, "request-j1", at_s=DOUBLE_S) == "request-j1"

    async def test_a_click_of_three_years_ahead_hides_nothing(self, store: Store):
        await click(store, "request-j1", at_s=1e8)
        await accept(store, "j1", now=NOW + 1e8)
        await show(store, "j1", answers=True)
        assert await click(store, "request-j2") == "request-j2"

    async def test_marks_of_clicks_are_pruned_with_those_of_events(self, store: Store):
        await click(store, "request-j1")
        await store.shared.prune_seen(before=NOW + 1)
        assert await click(store, "request-j2", at_s=1) == "request-j2"
