"""Laws of the moderators' pile: what was withheld is delivered for free, or thrown away, once."""

from bot.job import Asset, Job, State
from bot.store import Store
from tests.fakes.books import NOW, accept, end, is_open, person
from tests.fakes.there import there

ANN, MODERATOR = person("ann"), person("kim")


async def withheld(store: Store, job: str = "j1") -> Job:
    accepted = await accept(store, job, ANN)
    kept = Asset(key=f"pictures/{job}/1.png", role="quarantine", width=8, height=8, sha256="ab")
    return await end(store, accepted, State.WITHHELD, 0, assets=(kept,), reason="withheld-quarantine")


class ReviewLaws:
    async def test_what_is_held_is_listed_and_not_shown(self, store: Store):
        job = await withheld(store)
        held = await store.review.waiting(ANN.surface, ANN.community)
        assert [one.id for one in held] == ["j1"]
        assert job.images == ()
        assert await store.review.waiting(ANN.surface, "elsewhere") == []

    async def test_a_release_delivers_it_once_and_free(self, store: Store):
        await withheld(store)
        assert await store.review.release("j1", actor=MODERATOR, now=NOW + 1)
        assert not await store.review.release("j1", actor=MODERATOR, now=NOW + 2)
        job = there(await store.jobs.get("j1"))
        assert (job.state, job.captured_credits, len(job.images)) == (State.FINISHED, 0, 1)
        assert await is_open(store, "j1"), "its message has yet to say so"
        assert await store.ledger.problems() == []
        assert (await store.audit.entries(limit=1))[0].action == "release"

    async def test_what_is_thrown_away_can_not_be_released(self, store: Store):
        await withheld(store)
        assert await store.review.discard("j1", actor=MODERATOR, now=NOW) == ["pictures/j1/1.png"]
        assert await store.review.discard("j1", actor=MODERATOR, now=NOW) == []
        assert not await store.review.release("j1", actor=MODERATOR, now=NOW)
        assert there(await store.jobs.get("j1")).state is State.WITHHELD
