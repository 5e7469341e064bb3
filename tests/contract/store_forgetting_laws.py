"""Laws of what leaves the rows: by a wish, with a community, with time, and of the keys that sign links."""

from bot.job import Message, State
from bot.ports import MAIN, PASSING, Address, Handle, Pick, Severity, Verdict
from bot.store import Store
from integrations.discord.address import DiscordAddress
from tests.fakes.books import NOW, accept, end, finish, grant, person, run

ANN, BOB = person("ann"), person("bob")
DAY_S = 86_400


class ForgettingLaws:
    async def test_words_of_jobs_that_ended_leave_page_by_page_and_the_rest_stays(self, store: Store):
        for number in range(3):
            job = await accept(store, f"j{number}")
            await finish(store, job, 4, now=NOW + number * DAY_S)
        living = await accept(store, "living")
        after, pages = 0.0, 0
        while (last := await store.forgetting.erase_words(after=after, before=NOW + 1.5 * DAY_S)) is not None:
            after, pages = last, pages + 1
        assert pages == 1
        kept = {job.id: job for job in await store.jobs.recent()}
        assert {name: job.order.worded for name, job in kept.items()} == {
            "j0": False,
            "j1": False,
            "j2": True,
            "living": True,
        }
        assert kept["j0"].captured_credits == 4
        assert kept["living"].order == living.order
        assert await store.ledger.problems() == []

    async def test_rights_that_pass_leave_the_addresses_of_what_ended(self, store: Store):
        where = DiscordAddress(app="a", interaction="i", token="t", asked="7", channel="c", user="u")
        data = {**where.address.data, "url": "https://answer.here"}
        assert set(data) >= PASSING, "a surface has renamed what passes"
        address = Address(surface="slack", data=data)
        jobs = {}
        for name in ("ended", "living"):
            jobs[name] = await accept(store, name)
            message = Message(job=name, address=address, role=Pick(1))
            await store.messages.add(message)
            await store.messages.shown(message, Handle(key=f"m-{name}"), version=9, digest="", now=NOW)
        await finish(store, jobs["ended"], 4, now=NOW)
        assert await store.forgetting.erase_passing_rights(after=0, before=NOW + 1) == NOW
        assert await store.forgetting.erase_passing_rights(after=NOW, before=NOW + 1) is None
        for name, kept in (("ended", set()), ("living", set(PASSING))):
            [address] = [m.address for m in await store.messages.of(name) if m.role != MAIN]
            assert set(address.data) & PASSING == kept
            assert address.data["channel"] == "c"

    async def test_an_erased_community_keeps_numbers_and_not_a_word(self, store: Store):
        job = await accept(store, "j1")
        await end(store, job, State.FAILED, 0, detail="said by a service")
        refused = Verdict(severity=Severity.REFUSE, category="hate", layer="lexicon")
        await store.events.refused((refused,), ANN, "bad words", now=NOW, channel="general")
        await grant(store, ANN, 5)
        await store.audit.act(ANN, "grant", now=NOW, memo="a reason", actor="mod")
        assert [who.user for who in await store.jobs.people("slack", "club")] == ["ann"]
        await store.jobs.forget(ANN, now=NOW, scope="person:slack:club:ann")
        assert await store.jobs.people("slack", "club") == []
        await store.communities.erase("slack", "club", people="person:slack:club:")
        assert {(e.prompt, e.memo) for e in await store.audit.entries()} == {(None, "")}
        assert {m.memo for m in await store.ledger.movements(ANN, limit=20)} == {""}
        assert await store.ledger.problems() == []

    async def test_own_defaults_go_with_the_person_and_nobody_elses(self, store: Store):
        for who in (ANN, BOB):
            await store.communities.change(
                f"person:slack:club:{who.user}", {"model": "m"}, actor=who, now=NOW
            )
        await store.jobs.forget(ANN, now=NOW, scope="person:slack:club:ann")
        assert await store.communities.settings("person:slack:club:ann", "person:slack:club:bob") == [
            {},
            {"model": "m"},
        ]
        assert await store.communities.history("person:slack:club:ann") == []

    async def test_keys_of_links_end_at_once_or_after_a_grace(self, store: Store):
        await run(store, "DELETE FROM secrets")
        assert list(await store.shared.link_keys(now=NOW)) == ["1"]
        assert await store.shared.rotate_link_keys(now=NOW, grace_s=DAY_S) == ("2", 1)
        assert list(await store.shared.link_keys(now=NOW + DAY_S - 1)) == ["1", "2"]
        assert list(await store.shared.link_keys(now=NOW + DAY_S)) == ["2"]
        assert await store.shared.rotate_link_keys(now=NOW, grace_s=0) == ("3", 2)
        assert list(await store.shared.link_keys(now=NOW)) == ["3"]
