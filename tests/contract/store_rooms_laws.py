"""Laws of the store's smaller rooms: history, deletion, audit, settings, blocks, and what replicas share."""

import asyncio
from dataclasses import fields

from bot.job import Asset, Job, Move, State
from bot.ports import Handle, Severity, Verdict
from bot.store import Store
from tests.fakes.books import NOW, accept, end, finish, is_open, person, run
from tests.fakes.there import there

ANN, BOB = person("ann"), person("bob")
SCOPE = "community:slack:club"


def picture(job: str, number: int = 1, role: str = "image") -> Asset:
    return Asset(key=f"{job}/{role}{number}.png", role=role, index=number, width=8, height=8, sha256="ab")


async def painted(store: Store, job: str, *, now: float = NOW, **kwargs) -> Job:
    accepted = await accept(store, job, now=now, **kwargs)
    return await finish(store, accepted, 4, now=now, assets=(picture(job), picture(job, 1, "sheet")))


class HistoryLaws:
    async def test_a_job_comes_back_as_it_was_kept(self, store: Store):
        job = await painted(store, "j1", lease_owner="w")
        assert await store.jobs.get("j1") == job
        assert await store.jobs.get("nobody") is None
        assert [a.key for a in job.images] == ["j1/image1.png"]
        assert await store.jobs.asset("j1/sheet1.png") == (picture("j1", 1, "sheet"), job)
        assert await store.jobs.asset("nothing") is None

    async def test_every_fact_of_a_move_is_kept(self, store: Store):
        job = await accept(store, "j1")
        job = await store.jobs.move(job, Move(to=State.CLEARED), now=NOW)
        job = await store.jobs.move(job, Move(to=State.SUBMITTING), now=NOW + 1)
        assert job.submitted_at == NOW + 1
        again = Move(to=State.CLEARED, again=True, next_attempt=True, due_in_s=9)
        job = await store.jobs.move(job, again, now=NOW + 2)
        assert (job.tries, job.attempt, job.due_at, job.key()) == (1, 2, NOW + 11, "j1-2")
        job = await store.jobs.move(job, Move(to=State.SUBMITTING), now=NOW + 3)
        job = await store.jobs.move(job, Move(to=State.RENDERING, operation="op", spoiler=True), now=NOW + 4)
        job = await end(
            store, job, State.FAILED, 0, now=NOW + 5, reason="late", detail="x" * 5000, doubtful=True
        )
        assert (job.operation, job.spoiler, job.doubtful, job.reason) == ("op", True, True, "late")
        assert (job.ended_at, job.captured_credits, len(job.detail)) == (NOW + 5, 0, 1000)
        assert await store.jobs.get("j1") == job

    async def test_the_history_is_a_persons_finished_pictures_newest_first(self, store: Store):
        for n in range(4):
            await painted(store, f"j{n}", now=NOW + n)
        await painted(store, "bobs", who=BOB)
        await end(store, await accept(store, "failed"), State.FAILED, 0)
        newest = await store.jobs.history(ANN, limit=3)
        assert [job.id for job in newest] == ["j3", "j2", "j1"]
        assert newest[0].assets
        older = await store.jobs.history(ANN, limit=3, before=newest[-1].created_at)
        assert [job.id for job in older] == ["j0"]

    async def test_recent_jobs_can_be_asked_by_person_and_state(self, store: Store):
        await painted(store, "j1")
        await accept(store, "j2", BOB, now=NOW + 1)
        assert [j.id for j in await store.jobs.recent()] == ["j2", "j1"]
        assert [j.id for j in await store.jobs.recent(limit=1)] == ["j2"]
        assert [j.id for j in await store.jobs.recent(who=ANN)] == ["j1"]
        assert [j.id for j in await store.jobs.recent(state="accepted")] == ["j2"]
        assert await store.jobs.counts() == {"accepted": 1, "finished": 1}

    async def test_a_channel_tells_which_messages_show_its_pictures_newest_first(self, store: Store):
        async def posted(job: Job, ts: int) -> None:
            (message,) = await store.messages.of(job.id)
            handle = Handle(key=f"C1:{ts}", data={"thread": "1"})
            await store.messages.shown(message, handle, version=job.version, digest="", now=NOW)

        for n in range(4):
            await posted(await painted(store, f"j{n}", now=NOW + n), n)
        await posted(await painted(store, "deleted", now=NOW + 5), 5)
        await store.jobs.delete("deleted", now=NOW + 6)
        await painted(store, "unposted", now=NOW + 6)
        await posted(await end(store, await accept(store, "failed", now=NOW + 7), State.FAILED, 0), 7)
        await posted(await painted(store, "elsewhere", who=person("ann", "other"), now=NOW + 8), 8)
        found = await store.messages.pictures(ANN, keys="C1:", since=NOW + 1)
        assert [m.job for m in found] == ["j3", "j2", "j1"]
        assert [there(m.handle).key for m in found] == ["C1:3", "C1:2", "C1:1"]
        assert await store.messages.pictures(ANN, keys="C11:", since=NOW) == []

    async def test_a_deleted_picture_is_gone_and_its_messages_must_say_so(self, store: Store):
        job = await painted(store, "j1")
        assert sorted(await store.jobs.delete("j1", now=NOW)) == ["j1/image1.png", "j1/sheet1.png"]
        assert await store.jobs.delete("j1", now=NOW) == []
        deleted = await store.jobs.get("j1")
        assert deleted is not None
        assert (deleted.deleted, deleted.assets, deleted.version) == (True, (), job.version + 1)
        assert await store.jobs.history(ANN, limit=9) == []
        assert await is_open(store, "j1")
        assert await store.ledger.problems() == []

    async def test_a_deleted_picture_that_nobody_was_told_of_closes(self, store: Store):
        await painted(store, "j1", address=False)
        await store.jobs.delete("j1", now=NOW)
        assert not await is_open(store, "j1")

    async def test_forgetting_erases_words_and_pictures_and_keeps_the_numbers(self, store: Store):
        await painted(store, "j1")
        await painted(store, "j2", who=BOB)
        await accept(store, "live")
        refused = Verdict(severity=Severity.REFUSE, category="hate", layer="lexicon")
        await store.events.refused((refused,), ANN, "bad words", now=NOW, channel="general")
        jobs, keys = await store.jobs.forget(ANN, now=NOW)
        assert (jobs, sorted(keys)) == (["j1"], ["j1/image1.png", "j1/sheet1.png"])
        forgotten = await store.jobs.get("j1")
        assert forgotten is not None
        words = {f.name for f in fields(forgotten.order)} & {
            "prompt",
            "typed",
            "negative",
            "subject",
            "parameters",
        }
        assert not any(getattr(forgotten.order, name) for name in words)
        assert (forgotten.requester.name, forgotten.captured_credits, forgotten.deleted) == ("", 4, True)
        assert [entry.prompt for entry in await store.audit.entries()] == [None]
        others = await store.jobs.get("j2")
        assert others is not None
        assert others.assets
        assert await store.ledger.problems() == []


class CommunityLaws:
    async def test_verdicts_and_acts_are_kept_newest_first(self, store: Store):
        verdict = Verdict(severity=Severity.REFUSE, category="hate", layer="lexicon", rule="r1")
        await store.events.refused((verdict,), ANN, "words", now=NOW, channel="general")
        await store.audit.act(person("mod", "other"), "grant", now=NOW + 1, memo="50", actor="mod")
        newest, first = await store.audit.entries()
        assert (newest.action, newest.community, newest.memo) == ("grant", "other", "50")
        assert (first.action, first.severity, first.category, first.layer, first.rule) == (
            "verdict",
            "refuse",
            "hate",
            "lexicon",
            "r1",
        )
        assert (first.prompt, first.user, first.channel, first.at) == ("words", "ann", "general", NOW)
        assert len(await store.audit.entries(surface="slack", community="club")) == 1
        assert len(await store.audit.entries(limit=1)) == 1

    async def test_a_jobs_verdicts_come_with_its_move(self, store: Store):
        job = await accept(store, "j1")
        verdict = Verdict(severity=Severity.REFUSE, category="hate", layer="openai")
        await end(store, job, State.REFUSED, 0, verdicts=(verdict,))
        assert [(e.job, e.layer, e.prompt) for e in await store.audit.entries()] == [
            ("j1", "openai", "a fox")
        ]

    async def test_only_refusals_that_count_are_strikes(self, store: Store):
        verdicts = (
            Verdict(severity=Severity.REFUSE),
            Verdict(severity=Severity.REFUSE, strike=False),
            Verdict(severity=Severity.SPOILER),
        )
        await store.events.refused(verdicts, ANN, "words", now=NOW, channel="")
        await store.events.refused(verdicts, ANN, "words", now=NOW + 60, channel="")
        await store.events.refused(verdicts, BOB, "words", now=NOW, channel="")
        assert await store.audit.strikes(ANN, since=NOW - 1, now=NOW) == [NOW + 60, NOW]
        assert await store.audit.strikes(ANN, since=NOW, now=NOW) == [NOW + 60]

    async def test_old_prompts_are_dropped_and_their_lines_stay(self, store: Store):
        for at in (NOW, NOW + 60):
            await store.events.refused((Verdict(),), ANN, "words", now=at, channel="")
        await store.audit.forget_prompts(before=NOW + 60)
        assert [entry.prompt for entry in await store.audit.entries()] == ["words", None]

    async def test_settings_keep_their_history(self, store: Store):
        change = store.communities.change
        assert await change(SCOPE, {"level": "strict", "budget": 5}, actor=ANN, now=NOW)
        assert await change(SCOPE, {"budget": None, "model": "x"}, actor=BOB, now=NOW + 1) == {
            "level": "strict",
            "model": "x",
        }
        unchanged = await change(SCOPE, {"model": "x", "never": None}, actor=BOB, now=NOW + 2)
        assert unchanged == {"level": "strict", "model": "x"}
        assert await store.communities.settings(SCOPE, "community:slack:none") == [unchanged, {}]
        history = await store.communities.history(SCOPE)
        assert [(line["version"], line["actor"]) for line in history] == [(2, "bob"), (1, "ann")]
        assert history[1]["settings"] == {"level": "strict", "budget": 5}
        assert [entry.action for entry in await store.audit.entries()] == ["settings", "settings"]

    async def test_settings_changed_at_once_are_all_kept(self, store: Store):
        await asyncio.gather(
            *(store.communities.change(SCOPE, {f"k{n}": n}, actor=ANN, now=NOW) for n in range(12))
        )
        assert await store.communities.settings(SCOPE) == [{f"k{n}": n for n in range(12)}]
        versions = [line["version"] for line in await store.communities.history(SCOPE)]
        assert versions == list(range(12, 0, -1))

    async def test_what_was_made_of_an_old_version_of_settings_changes_nothing(self, store: Store):
        of = store.communities.change_of
        assert await store.communities.versioned(SCOPE) == (0, {})
        tried = await asyncio.gather(*(of(0, SCOPE, {"roles": [n]}, actor=ANN, now=NOW) for n in range(5)))
        (kept,) = [one for one in tried if one is not None]
        assert await store.communities.versioned(SCOPE) == (1, kept)
        assert await of(0, SCOPE, {"roles": ["late"]}, actor=ANN, now=NOW) is None
        assert await of(1, SCOPE, {"budget": 5}, actor=ANN, now=NOW) == kept | {"budget": 5}
        assert len(await store.communities.history(SCOPE)) == 2

    async def test_blocks_are_listed_renewed_and_lifted(self, store: Store):
        block = store.communities.block
        await block(ANN, reason="spam", actor=BOB, until=NOW + 60, now=NOW)
        await block(BOB, reason="worse", actor=ANN, until=None, now=NOW + 1)
        listed = await store.communities.blocks("slack", "club", now=NOW + 2)
        assert [(b.user, b.reason, b.until) for b in listed] == [
            ("bob", "worse", None),
            ("ann", "spam", NOW + 60),
        ]
        assert [b.user for b in await store.communities.blocks("slack", "club", now=NOW + 60)] == ["bob"]
        await block(ANN, reason="again", actor=BOB, until=None, now=NOW + 61)
        assert len(await store.communities.blocks("slack", "club", now=NOW + 62)) == 2
        assert await store.communities.unblock(ANN, actor=BOB, now=NOW + 63)
        assert not await store.communities.unblock(ANN, actor=BOB, now=NOW + 63)
        actions = [entry.action for entry in await store.audit.entries()]
        assert actions == ["unblock", "block", "block", "block"]


class SharedLaws:
    async def test_an_event_is_handled_by_one_of_all_racers(self, store: Store):
        first = await asyncio.gather(*(store.shared.mark_seen("event", now=NOW) for _ in range(40)))
        assert sum(first) == 1
        assert not await store.shared.mark_seen("event", now=NOW + 60)
        assert await store.shared.mark_seen("other", now=NOW)

    async def test_an_event_may_come_again_after_its_time(self, store: Store):
        assert await store.shared.mark_seen("event", now=NOW, again_after_s=60)
        again = await asyncio.gather(
            *(store.shared.mark_seen("event", now=NOW + 60, again_after_s=60) for _ in range(20))
        )
        assert sum(again) == 1

    async def test_old_events_are_pruned(self, store: Store):
        await store.shared.mark_seen("old", now=NOW)
        await store.shared.mark_seen("new", now=NOW + 60)
        await store.shared.prune_seen(before=NOW + 60)
        assert await run(store, "SELECT key FROM seen") == [{"key": "new"}]

    async def test_what_pacing_learned_is_kept(self, store: Store):
        assert await store.shared.memory("painter") is None
        for memory in ((1.0, 2.5, 3.0, 4.0), (2.0, 0.1, 1e-9, 7.0)):
            await store.shared.remember("painter", memory)
            assert await store.shared.memory("painter") == memory

    async def test_all_replicas_sign_with_one_key(self, store: Store):
        keys = await asyncio.gather(*(store.shared.link_keys(now=NOW) for _ in range(10)))
        assert all(one == keys[0] for one in keys)
        assert list(keys[0]) == ["1"]
        assert len(keys[0]["1"]) == 32

    async def test_a_sign_of_life(self, store: Store):
        await store.shared.alive()
        assert store.now() > 1_700_000_000


class RoomsLaws(HistoryLaws, CommunityLaws, SharedLaws):
    """All three."""
