"""Laws of two versions side by side: a newer Easel's rows are read by what we know, kept whole, or left alone."""

import json
import secrets
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import LostJob, NotAllowed, NotThere, StoreBusy
from bot.job import Asset, Job, Move, State
from bot.money import Reserve
from bot.ports import MAIN, Address, Handle
from bot.store import Store
from bot.store.leases import Leases
from tests.fakes.books import NOW, accept, acceptance, all_rows, allowance, end, finish, order, person, run

ANN, BOB = person("ann"), person("bob")
MORE = {"tomorrow": {"deep": ["er", 1]}}


async def change(store: Store, column: str, row: str, more: dict[str, Any]) -> str:
    """Writes keys into a stored object, as a newer Easel has it; answers the text."""
    table, _, name = column.partition(".")
    ((stored,),) = (
        one.values() for one in await run(store, f"SELECT {name} FROM {table} WHERE id = :id", id=row)
    )
    text = json.dumps(json.loads(stored) | more)
    await run(store, f"UPDATE {table} SET {name} = :kept WHERE id = :id", kept=text, id=row)
    return text


async def claimed(store: Store, owner: str = "w", *, now: float = NOW) -> list[str]:
    return sorted(job.id for job in await store.leases.claim(owner, now=now, lease_s=10, limit=100))


async def picture(store: Store, job: str, **kwargs) -> Job:
    return await finish(store, await accept(store, job, **kwargs), 4, assets=(Asset(key=f"{job}.png"),))


async def break_order(store: Store, job: str, text: str = "[1]") -> None:
    await run(store, "UPDATE jobs SET order_json = :kept WHERE id = :id", kept=text, id=job)


class OneKeyMoreLaws:
    async def test_an_order_with_more_in_it_is_read_and_carried_like_any(self, store: Store):
        job = await accept(store, "new")
        await accept(store, "old", BOB)
        nested = {"parameters": {"aspect": "1:1", "tomorrow": {"x": 1}}}
        await change(store, "jobs.order_json", "new", MORE | nested)
        found = await store.jobs.get("new")
        assert found is not None
        assert (found.order.prompt, found.order.parameters["aspect"]) == (job.order.prompt, "1:1")
        assert await claimed(store) == ["new", "old"]
        assert {one.id for one in await store.jobs.recent()} == {"new", "old"}

    async def test_an_order_keeps_what_we_don_t_know_when_its_job_moves_and_when_it_is_erased(
        self, store: Store
    ):
        job = await accept(store, "j1")
        text = await change(store, "jobs.order_json", "j1", MORE | {"parameters": {"tomorrow": [1]}})
        await finish(store, job, 4)
        (row,) = await run(store, "SELECT order_json FROM jobs")
        assert row["order_json"] == text
        await store.jobs.forget(ANN, now=NOW)
        (row,) = await run(store, "SELECT order_json FROM jobs")
        kept = json.loads(row["order_json"])
        assert kept["tomorrow"] == MORE["tomorrow"]
        erased = ("prompt", "typed", "negative", "subject", "parameters")
        assert [kept[name] for name in erased] == ["", "", "", "", {}]
        assert kept.keys() == json.loads(text).keys()

    async def test_an_address_and_a_handle_with_more_in_them_are_the_surfaces_own(self, store: Store):
        await accept(store, "j1")
        (message,) = await store.messages.of("j1")
        handle = Handle(key="C1/1", data={"channel": "C1"})
        await store.messages.shown(message, handle, version=0, digest="", now=NOW)
        address = await change(store, "messages.address_json", "j1:main", MORE)
        data = await change(store, "messages.data_json", "j1:main", MORE)
        (message,) = await store.messages.of("j1")
        assert message.address == Address(surface="slack", data=json.loads(address))
        assert message.handle == Handle(key="C1/1", data=json.loads(data))
        await store.messages.put_off(message, due_at=NOW)
        await store.messages.give_up(message)
        (row,) = await run(store, "SELECT address_json, data_json FROM messages")
        assert (row["address_json"], row["data_json"]) == (address, data)
        found = await store.messages.find("slack", "C1/1")
        assert found is not None
        await store.messages.shown(found, found.handle or Handle(key=""), version=1, digest="d", now=NOW)
        (row,) = await run(store, "SELECT data_json FROM messages")
        assert json.loads(row["data_json"]) == json.loads(data)

    @pytest.mark.parametrize(
        ("stored", "used"),
        [
            ([["budget", "credits", 4, {"tomorrow": 1}]], 3),
            ([["budget", "credits", 4], {"meter": "other"}, ["short"]], 3),
            ({"budget": 4}, 4),
        ],
    )
    async def test_a_reserve_with_more_in_it_never_keeps_a_job_from_its_end(self, store: Store, stored, used):
        cap = Reserve(
            meter="budget", unit="credits", amount=4, cap=100, refusal="budget-empty", renews_at=None
        )
        job = await accept(store, "j1", reserves=[cap])
        await run(store, "UPDATE jobs SET meters_json = :kept", kept=json.dumps(stored))
        await finish(store, job, 3)
        assert await store.usage.meter("budget") == used
        assert await store.ledger.problems() == []

    async def test_settings_keep_what_we_don_t_know(self, store: Store):
        scope = "community:slack:club"
        newer = {"allowance": 5, "roles": {"artists": {"allowance": 9, "tomorrow": [1]}}, **MORE}
        await store.communities.change(scope, newer, actor=ANN, now=NOW)
        await store.communities.change(scope, {"allowance": 6}, actor=ANN, now=NOW + 1)
        (kept,) = await store.communities.settings(scope)
        assert kept == newer | {"allowance": 6}
        assert (await store.communities.history(scope))[0]["settings"] == kept

    async def test_a_community_s_life_that_says_less_or_more_costs_itself(self, store: Store):
        for name, life in (
            ("a", {"left_at": 1.0, "surface": "slack", "community": "a"} | MORE),
            ("b", {"left_at": 1.0, "place": "slack:b"}),
        ):
            await store.communities.change(f"life:{name}", life, actor=ANN, now=NOW)
        assert await store.communities.removed_before(NOW) == [("slack", "a")]

    async def test_a_memory_with_more_in_it_is_read_in_part_and_kept_whole(self, store: Store):
        kept = json.dumps([1.0, 2.0, 3.0, 4.0, {"tomorrow": 5}])
        await run(store, "INSERT INTO pace (model, memory_json) VALUES ('painter', :kept)", kept=kept)
        assert (await store.shared.memory("painter") or ())[:4] == (1.0, 2.0, 3.0, 4.0)
        await store.shared.remember("painter", (9.0, 2.0, 3.0, 4.0))
        (row,) = await run(store, "SELECT memory_json FROM pace")
        assert json.loads(row["memory_json"]) == [9.0, 2.0, 3.0, 4.0, {"tomorrow": 5}]

    @pytest.mark.parametrize("kept", ['{"mean": 1.0}', "4", "no JSON"])
    async def test_a_memory_of_another_shape_is_no_memory(self, store: Store, kept):
        await run(store, "INSERT INTO pace (model, memory_json) VALUES ('painter', :kept)", kept=kept)
        assert not await store.shared.memory("painter")
        await store.shared.remember("painter", (9.0, 2.0))
        assert await store.shared.memory("painter") == (9.0, 2.0)

    async def test_the_books_tell_of_an_order_with_more_or_less_in_it(self, store: Store):
        await accept(store, "j1")
        await accept(store, "j2")
        await change(store, "jobs.order_json", "j1", MORE)
        await break_order(store, "j2")
        told = {(one.job, one.subject) for one in await store.ledger.movements(ANN, limit=9) if one.job}
        assert told == {("j1", order().subject), ("j2", "")}


UNREADABLE = [
    ("UPDATE jobs SET state = 'dreaming' WHERE id = :id", "dreaming"),
    ("UPDATE jobs SET order_json = '[1]' WHERE id = :id", "list"),
    ('UPDATE jobs SET order_json = \'{"prompt": "x"}\' WHERE id = :id', "provider"),
    ("UPDATE jobs SET order_json = '{' WHERE id = :id", "Expecting"),
    (f"UPDATE jobs SET order_json = '{'[' * 100_000}' WHERE id = :id", "deep"),
]


class CostsItselfLaws:
    @pytest.mark.parametrize(("spoil", "why"), UNREADABLE)
    async def test_a_job_that_we_can_t_read_is_left_to_another_and_the_orphan_beside_it_is_taken(
        self, store: Store, spoil, why
    ):
        bad = f"bad-{secrets.token_hex(6)}"  # what was told is remembered as long as the process lives
        await accept(store, bad, now=NOW - 60)
        await accept(store, "orphan", BOB, now=NOW - 50)
        await run(store, spoil, id=bad)
        with capture_logs() as logs:
            assert await claimed(store) == ["orphan"]
            assert await claimed(store, now=NOW + 60) == ["orphan"]
            await store.jobs.get(bad)
        told = [line for line in logs if line["log_level"] == "error"]
        assert [line["row"] for line in told] == [bad]
        assert why in told[0]["problem"]
        (row,) = await run(store, "SELECT lease_owner, lease_until FROM jobs WHERE id = :id", id=bad)
        assert (row["lease_owner"], row["lease_until"]) == ("", 0), "whoever can read it takes it at once"

    async def test_many_that_we_can_t_read_don_t_stand_in_the_way_of_the_last(self, store: Store):
        for n in range(5):
            await accept(store, f"bad{n}", now=NOW - 60 + n)
        await run(store, "UPDATE jobs SET state = 'dreaming'")
        await accept(store, "orphan", BOB, now=NOW - 1)
        rounds = [await store.leases.claim("w", now=NOW, lease_s=10, limit=2) for _ in range(4)]
        assert [job.id for jobs in rounds for job in jobs] == ["orphan"]

    async def test_a_job_that_can_be_read_again_is_taken(self, store: Store):
        await accept(store, "j1")
        await run(store, "UPDATE jobs SET state = 'dreaming'")
        assert await claimed(store) == []
        await run(store, "UPDATE jobs SET state = 'cleared'")
        assert await claimed(store) == [], "not before it has changed"
        assert await claimed_by_another(store) == ["j1"]
        await store.leases.release("another")
        await run(store, "UPDATE jobs SET version = version + 1")
        assert await claimed(store) == ["j1"]

    async def test_what_is_remembered_of_them_is_bounded(self, store: Store, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("bot.store.leases._UNREADABLE_MAX", 2)
        for n in range(5):
            await accept(store, f"bad{n}")
        await run(store, "UPDATE jobs SET state = 'dreaming'")
        assert await claimed(store) == []
        assert len(store.leases._unreadable) == 2

    @pytest.mark.parametrize(("spoil", "why"), UNREADABLE)
    @pytest.mark.parametrize("asked", [False, True])
    async def test_an_operator_ends_it_unread_and_the_hold_is_free(self, store: Store, spoil, why, asked):
        cap = Reserve(
            meter="budget", unit="credits", amount=4, cap=100, refusal="budget-empty", renews_at=None
        )
        job = await accept(store, "bad", reserves=[cap], entitled=10)
        if asked:
            for state in (State.CLEARED, State.SUBMITTING):
                job = await store.jobs.move(job, Move(to=state), now=NOW)
        await run(store, spoil, id="bad")
        assert await store.stranded.listed() == ["bad"]
        assert await store.stranded.end("bad", actor=BOB, now=NOW + 1) == 4
        assert (await store.ledger.balance([allowance(ANN, 10)], ANN, now=NOW)).held == 0
        assert (await store.ledger.balance([allowance(ANN, 10)], ANN, now=NOW)).allowance == 10
        assert await store.ledger.problems() == []
        assert await store.usage.meter("budget") == (4 if asked else 0), "what was asked for may be billed"
        (told,) = [line for line in await store.audit.entries(limit=9) if line.action == "end"]
        assert (told.job, told.user, told.actor) == ("bad", "ann", "bob")
        # Now it can be read, so that a worker tells the person.
        assert await store.stranded.listed() == []
        (ended,) = await store.leases.claim("w", now=NOW + 1, lease_s=10, limit=9)
        assert (ended.id, ended.state, ended.captured_credits, ended.order.credits) == (
            "bad",
            State.FAILED,
            0,
            4,
        )
        (message,) = await store.messages.of("bad")
        assert message.due_at <= NOW + 1
        with pytest.raises(NotAllowed, match="already-over"):
            await store.stranded.end("bad", actor=BOB, now=NOW + 2)

    async def test_what_can_be_read_is_kept_when_it_is_ended(self, store: Store):
        await accept(store, "bad")
        await change(store, "jobs.order_json", "bad", MORE | {"way": 5, "images": 0, "private": True})
        await store.stranded.end("bad", actor=BOB, now=NOW)
        ended = await store.jobs.get("bad")
        assert ended is not None
        assert (ended.order.subject, ended.order.private, ended.order.way) == ("a fox", True, "async")
        (row,) = await run(store, "SELECT order_json FROM jobs")
        assert json.loads(row["order_json"])["tomorrow"] == MORE["tomorrow"]

    async def test_a_job_that_can_be_carried_is_not_ended_unread(self, store: Store):
        await accept(store, "good")
        before = await all_rows(store)
        with pytest.raises(NotAllowed, match="not-stranded"):
            await store.stranded.end("good", actor=BOB, now=NOW)
        with pytest.raises(NotThere):
            await store.stranded.end("none", actor=BOB, now=NOW)
        assert await all_rows(store) == before
        assert await store.stranded.listed() == []

    async def test_whoever_can_read_it_and_moves_it_late_has_lost_it(self, store: Store):
        job = await accept(store, "bad")
        await break_order(store, "bad")
        await store.stranded.end("bad", actor=BOB, now=NOW)
        with pytest.raises(LostJob):
            await finish(store, job, 4)
        assert await store.ledger.problems() == []

    async def test_lists_go_on_without_it(self, store: Store):
        for job in ("j1", "j2", "j3"):
            await picture(store, job)
        await break_order(store, "j2")
        assert {job.id for job in await store.jobs.history(ANN, limit=9)} == {"j1", "j3"}
        assert {job.id for job in await store.jobs.recent()} == {"j1", "j3"}
        assert await store.jobs.get("j2") is None
        assert await store.jobs.by_request("request-j2") is None
        assert await store.jobs.asset("j2.png") is None
        assert await store.messages.told("j2") is None
        assert await store.jobs.counts() == {"finished": 3}

    async def test_the_moderators_pile_goes_on_without_it(self, store: Store):
        for job in ("j1", "j2"):
            held = (Asset(key=f"{job}.png", role="quarantine"),)
            accepted = await accept(store, job)
            for state in (State.CLEARED, State.SUBMITTING):
                accepted = await store.jobs.move(accepted, Move(to=state), now=NOW)
            await end(store, accepted, State.WITHHELD, 0, assets=held)
        await break_order(store, "j1")
        assert [job.id for job in await store.review.waiting("slack", "club")] == ["j2"]

    async def test_a_picture_of_a_role_that_we_don_t_know_is_none_of_ours(self, store: Store):
        job = await picture(store, "j1")
        await run(
            store,
            "INSERT INTO assets (key, job, role, idx, media_type, width, height, size_bytes, sha256, created_at)"
            " VALUES ('j1.mp4', 'j1', 'motion', 1, 'video/mp4', 1, 1, 1, '', 1)",
        )
        found = await store.jobs.get("j1")
        assert found is not None
        assert (found.images, found.sheet) == (job.images, None)

    async def test_a_message_that_we_can_t_read_costs_itself(self, store: Store):
        for job in ("j1", "j2", "j3"):
            await accept(store, job)
        await run(store, "UPDATE messages SET role = 'motion:2' WHERE job = 'j1'")
        await run(store, "UPDATE messages SET address_json = '[]', key = 'C1' WHERE job = 'j2'")
        board = await store.messages.board("slack", "club", limit=9)
        assert [(message.id, version) for message, version in board] == [("j3:main", 1)]
        assert await store.messages.of("j1") == []
        assert await store.messages.find("slack", "C1") is None
        found = await store.messages.told("j3")
        assert found is not None
        assert [message.role for message in found.messages] == [MAIN]

    async def test_forgetting_a_person_needs_no_reading(self, store: Store):
        for job in ("j1", "j2", "j3"):
            await picture(store, job)
        await break_order(store, "j1", "{")
        await run(store, "UPDATE jobs SET state = 'dreaming' WHERE id = 'j2'")
        jobs, keys = await store.jobs.forget(ANN, now=NOW)
        assert (sorted(jobs), sorted(keys)) == (["j1", "j2", "j3"], ["j1.png", "j2.png", "j3.png"])
        rows = (await all_rows(store))["jobs"]
        assert [json.loads(row["order_json"])["prompt"] for row in rows] == ["", "", ""]
        assert "fox" not in repr(rows)

    async def test_a_request_whose_job_can_t_be_read_makes_no_second_one(self, store: Store):
        await accept(store, "j1")
        await break_order(store, "j1")
        with pytest.raises(StoreBusy, match="j1"):
            await store.jobs.accept(acceptance("j2", key="request-j1"))
        assert [row["id"] for row in (await all_rows(store))["jobs"]] == ["j1"]


async def claimed_by_another(store: Store) -> list[str]:
    """What a replica that has seen nothing yet takes."""
    jobs = await Leases(store.database).claim("another", now=NOW, lease_s=10, limit=100)
    return sorted(job.id for job in jobs)


class TomorrowLaws(OneKeyMoreLaws, CostsItselfLaws):
    """All of them."""
