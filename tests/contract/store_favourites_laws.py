"""Laws of what people keep for themselves, and of the seed that a service tells."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import NotAllowed
from bot.job import Asset, Job, Move, State
from bot.ports import Requester
from bot.store import Store
from bot.store.clicks import Click
from bot.store.favourites import FAVOURITES_MOST, Favourites
from tests.contract.store_work_laws import DrivenTwice
from tests.fakes.books import NOW, accept, acceptance, finish, person

ANN, BOB = person("ann"), person("bob")
DOUBLE_S = 3.0


SUBJECT = "a fox, in the deep snow of a long winter"


async def painted(store: Store, job: str, *, who: Requester = ANN) -> Job:
    worded = acceptance(job, who)
    worded = replace(worded, order=replace(worded.order, prompt=SUBJECT, subject=SUBJECT))
    accepted, _ = await store.jobs.accept(worded)
    return await finish(store, accepted, 4, now=NOW, assets=(Asset(key=f"{job}/1.png"),))


async def turn(
    store: Store, who: Requester, job: str, index: int, *, deed: str, now: float, of: Favourites | None = None
) -> bool:
    click = Click(f"{job}:{index}:{who.user}", deed, DOUBLE_S)
    return await (of or store.favourites).turn(who, job, index, click=click, now=now)


async def keep(store: Store, who: Requester, job: str, index: int, *, now: float) -> None:
    assert await turn(store, who, job, index, deed=f"{who.user} keeps {job}/{index}", now=now)


async def names(store: Store, who=ANN) -> list[str]:
    return [one.name for one in await store.favourites.of(who)]


class FavouriteLaws:
    async def test_a_favourite_is_ones_own_and_called_by_its_first_words(self, store: Store):
        job = await painted(store, "j1")
        await keep(store, ANN, "j1", 1, now=NOW)
        (kept,) = await store.favourites.of(ANN)
        assert (kept.name, kept.job, kept.index) == ("a fox in the deep snow", job, 1)
        assert await store.favourites.of(BOB) == []
        assert await store.favourites.of(replace(ANN, community="another")) == []

    async def test_two_of_one_name_are_told_apart_and_the_newest_stands_first(self, store: Store):
        await painted(store, "j1")
        await painted(store, "j2")
        await keep(store, ANN, "j1", 1, now=NOW)
        await keep(store, ANN, "j2", 1, now=NOW + 1)
        assert await names(store) == ["a fox in the deep snow 2", "a fox in the deep snow"]
        await store.favourites.rename(ANN, "j1", 1, "Winter")
        assert await names(store) == ["a fox in the deep snow", "Winter"]

    async def test_what_is_dropped_is_gone_once(self, store: Store):
        await painted(store, "j1")
        await keep(store, ANN, "j1", 0, now=NOW)
        assert not await store.favourites.drop(ANN, "j1", 1)
        assert not await store.favourites.drop(BOB, "j1", 0)
        assert await store.favourites.drop(ANN, "j1", 0)
        assert not await store.favourites.drop(ANN, "j1", 0)

    async def test_there_is_an_end_of_them(self, store: Store):
        await painted(store, "j1")
        for number in range(FAVOURITES_MOST):
            await keep(store, ANN, "j1", number, now=NOW)
        for _ in range(2):
            with pytest.raises(NotAllowed, match="full"):
                await keep(store, ANN, "j1", FAVOURITES_MOST, now=NOW)
        await keep(store, BOB, "j1", 1, now=NOW)

    async def test_a_click_turns_it_once_and_so_does_a_double_click(self, store: Store):
        await painted(store, "j1")
        turns = [
            ("one", 0),
            ("two", DOUBLE_S - 0.1),
            ("two", DOUBLE_S),
            ("three", DOUBLE_S),
            ("three", 99),
            ("one", 99),
            ("four", 99.5),
            ("five", 103),
        ]
        kept = [await turn(store, ANN, "j1", 1, deed=deed, now=NOW + at_s) for deed, at_s in turns]
        assert kept == [True, True, True, False, False, False, True, False]

    async def test_of_racing_clicks_one_turns_it(self, store: Store):
        await painted(store, "j1")
        kept = await asyncio.gather(*(turn(store, ANN, "j1", 1, deed=f"deed-{n}", now=NOW) for n in range(9)))
        assert kept == [True] * 9

    async def test_a_turn_whose_commit_was_hidden_is_made_once(self, store: Store):
        await painted(store, "j1")
        for _ in range(2):
            assert await turn(store, ANN, "j1", 1, deed="one", now=NOW, of=Favourites(DrivenTwice(store)))

    async def test_a_picture_that_is_deleted_takes_its_favourites_along(self, store: Store):
        await painted(store, "j1")
        await keep(store, BOB, "j1", 1, now=NOW)
        await store.jobs.delete("j1", now=NOW)
        assert await store.favourites.of(BOB) == []

    async def test_forgetting_takes_ones_favourites_and_everybodys_of_ones_pictures(self, store: Store):
        await painted(store, "anns")
        await painted(store, "bobs", who=BOB)
        for who in (ANN, BOB):
            for job in ("anns", "bobs"):
                await keep(store, who, job, 1, now=NOW)
        await store.jobs.forget(ANN, now=NOW)
        assert await store.favourites.of(ANN) == []
        assert [one.job.id for one in await store.favourites.of(BOB)] == ["bobs"]

    async def test_who_only_keeps_something_is_one_of_a_communitys_people(self, store: Store):
        await painted(store, "j1")
        await keep(store, BOB, "j1", 1, now=NOW)
        assert {who.user for who in await store.jobs.people(ANN.surface, ANN.community)} == {"ann", "bob"}
        assert ANN.community in await store.people.communities(BOB.surface, BOB.user)

    async def test_ones_favourites_are_among_what_is_kept_of_one(self, store: Store):
        await painted(store, "j1")
        await keep(store, BOB, "j1", 2, now=NOW)
        await store.favourites.rename(BOB, "j1", 2, "Winter")
        kept = [
            dict(one.row)
            async for one in store.people.kept(BOB, scope="person:b")
            if one.kind == "favourites"
        ]
        assert [(row["id"], row["name"]) for row in kept] == [("j1/2", "Winter")]

    async def test_words_that_time_takes_away_leave_the_name_too(self, store: Store):
        """A name that nobody gave is not kept beside the words that it comes from."""
        await painted(store, "j1")
        await keep(store, BOB, "j1", 1, now=NOW)
        await store.forgetting.erase_words(after=0.0, before=NOW + 1)
        (name,) = await names(store, BOB)
        assert "fox" not in name
        assert name

    async def test_the_seed_that_a_service_told_is_kept_and_never_taken_back(self, store: Store):
        job = await accept(store, "j1")
        assert job.seed is None
        for state in (State.CLEARED, State.SUBMITTING):
            job = await store.jobs.move(job, Move(to=state), now=NOW)
        job = await store.jobs.move(job, Move(to=State.RENDERING, operation="o", seed=2**32 - 1), now=NOW)
        job = await store.jobs.move(job, Move(to=State.FAILED, capture=0), now=NOW)
        assert job.seed == 2**32 - 1
        assert await store.jobs.get("j1") == job
