"""What is erased is nowhere any more: by a person's wish, with a community that was left, and with time."""

import json

import pytest

from bot.community.rulebook import person_scope
from bot.errors import NotAllowed, Refusal
from bot.job import Message, State
from bot.ports import Address, Ask, Handle, Place, Requester, Severity, Verdict
from bot.words.words import Words
from tests.fakes.house import Clock, Town, at, new_sqlite, open_house

CANARY = "cAn4ryFox"
DAY_S = 86_400
pytest_plugins = ("tests.fakes.postgres",)


@pytest.fixture
async def town(tmp_path):
    clock = Clock(at("2026-11-21 12:00"))
    async with open_house(new_sqlite(tmp_path), clock, communities={"may_loosen": "any"}) as app:
        yield Town(app, clock)


def files_of(folder):
    """Every byte of the database: its file, its log and its index."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.db*")))


def nowhere(folder):
    data = files_of(folder)
    assert len(data) > 10_000
    return CANARY.encode() not in data and CANARY.lower().encode() not in data.lower()


async def live(town: Town, who: Requester, *, pictures: int = 3) -> None:
    """All that a person leaves behind: pictures, failures, refusals, own defaults, messages, reports."""
    for number in range(pictures):
        job = await town.draw(
            who, f"a {CANARY} number {number} " + f"{CANARY} " * 120 + " --model flux-2-pro"
        )
        await town.store.messages.add(
            Message(job=job.id, address=Address(surface="discord", data={"channel": "c", "token": CANARY}))
        )
        for asset in job.images:
            await town.app.assets._put(asset.key, CANARY.encode(), "image/png")
    failed = await town.go(await town.ask(who, f"a failing {CANARY} --model flux-2-pro"), State.CLEARED)
    await town.fail(failed, detail=f"the service said: {CANARY} is no fox")
    with pytest.raises(Refusal):
        await town.ask(who, f"a naked schoolgirl with {CANARY}")
    await town.app.studio.set_defaults(who, {"model": "gpt-image-1-mini"})
    [job, *_] = await town.app.studio.history(who)
    await town.app.studio.report(job.id, town.person("tom"))


async def noted_about(town: Town, who: Requester) -> None:
    """What moderators write beside what they do about a person."""
    desk, mod, why = town.app.desk, town.mod, f"for {CANARY}'s poster"
    await desk.grant(mod, who, 50, memo=why, key="g")
    await desk.take(mod, who, 5, memo=why, key="t")
    [job, *_] = await town.app.studio.history(who)
    await desk.refund(mod, job.id, memo=why)
    await desk.block(mod, who, reason=why)
    await desk.unblock(mod, who)


def named(user: str) -> Requester:
    return Requester(surface="discord", community="club", user=user, name=f"{CANARY} of the house")


async def test_after_forgetting_a_person_is_nowhere_in_the_files(town, tmp_path):
    who = named("mina")
    await live(town, who)
    await noted_about(town, who)
    await town.store.forgetting.erase_passing_rights(
        after=0, before=town.clock() + 1
    )  # which an hour does by itself
    assert not nowhere(tmp_path)
    assert await town.app.studio.forget(who) == 4
    assert nowhere(tmp_path)
    assert [one async for one in town.app.assets.list("pictures")] == []
    assert await town.app.studio.defaults(who) == {}
    assert await town.rows("SELECT * FROM settings_history WHERE scope = :s", s=person_scope(who)) == []
    assert await town.store.ledger.problems() == []
    allowances = await town.rows("SELECT memo FROM transfers WHERE kind = 'grant' AND actor = 'easel'")
    assert {row["memo"] for row in allowances} == {"allowance"}, "our own words are read again"


async def test_forgetting_one_leaves_the_others(town, tmp_path):
    await live(town, named("mina"), pictures=1)
    other = await town.draw(town.person("tom"), "a plain heron --model flux-2-pro")
    await town.app.studio.forget(named("mina"))
    assert (await town.store.jobs.get(other.id)).order.subject == "a plain heron"
    assert b"a plain heron" in files_of(tmp_path)


async def test_after_a_left_communitys_time_nobody_of_it_is_anywhere_in_the_files(town, tmp_path):
    """Also somebody whose name nobody knew, and whose pictures were deleted one by one."""
    nameless = Requester(surface="discord", community="club", user="nobody")
    for who in (named("mina"), nameless):
        await live(town, who, pictures=2)
    for job in await town.app.studio.history(nameless):
        await town.app.studio.delete(job.id, nameless)
    await town.app.desk.block(town.mod, town.person("tom"), reason=f"because of {CANARY}")
    await town.app.desk.grant(town.mod, town.person("tom"), 5, memo=f"for {CANARY}", key="g")
    await town.store.forgetting.erase_passing_rights(after=0, before=town.clock() + 1)
    await town.app.residence.left("discord", "club")
    town.clock.now_s += 31 * DAY_S
    await town.app.chores.forget_the_left()
    assert nowhere(tmp_path)
    assert await town.store.ledger.problems() == []
    versions = await town.rows("SELECT id, version FROM jobs")
    await town.app.chores.forget_the_left()
    assert await town.rows("SELECT id, version FROM jobs") == versions, "what is erased is not erased again"


async def test_words_of_ended_jobs_leave_with_time_and_the_pictures_stay(town, tmp_path):
    await live(town, named("mina"))
    under_way = await town.ask(named("tom"), "a living heron --model flux-2-pro")
    [job, *_] = await town.app.studio.history(named("mina"))
    town.clock.now_s += 89 * DAY_S
    await town.app.chores.prune()
    assert (await town.store.jobs.get(job.id)).order.typed
    town.clock.now_s += 2 * DAY_S
    await town.app.chores.prune()
    kept = await town.store.jobs.get(job.id)
    assert (kept.order.prompt, kept.order.typed, kept.order.subject, kept.version) == (
        "",
        "",
        "",
        job.version,
    )
    assert kept.images
    assert (await town.store.jobs.get(under_way.id)).order.typed.startswith("a living heron")
    await town.rows("UPDATE jobs SET user_name = ''")  # a name is no word: only being forgotten takes it
    await town.store.database.scrub()
    assert nowhere(tmp_path)


async def test_an_old_picture_whose_words_are_gone_says_so_kindly(town):
    job = await town.draw()
    town.clock.now_s += 91 * DAY_S
    await town.app.chores.prune()
    ask = Ask(requester=town.person(), place=Place(address=None), text="", request_key="again")
    with pytest.raises(NotAllowed) as caught:
        await town.app.studio.reroll(job.id, ask)
    assert caught.value.reason == "words-gone"
    for language in ("en", "ko"):
        assert len(Words(language).refusal(caught.value)) > 30
    assert await town.app.studio.history(town.person()), "it is still there to be looked at"


async def test_a_right_to_answer_leaves_an_hour_after_the_end_and_not_before(town):
    job = await town.draw()
    data = {"channel": "c1", "token": "right", "url": "https://answer.here", "asked": "7"}
    await town.store.messages.add(Message(job=job.id, address=Address(surface="discord", data=data)))
    [message] = await town.store.messages.of(job.id)
    await town.store.messages.shown(
        message, Handle(key="m1"), version=job.version, digest="", now=town.clock()
    )
    town.clock.now_s += 1800
    await town.app.chores.prune()
    [message] = await town.store.messages.of(job.id)
    assert dict(message.address.data) == data
    town.clock.now_s += 3600
    await town.app.chores.prune()
    [message] = await town.store.messages.of(job.id)
    assert dict(message.address.data) == {"channel": "c1", "asked": "7"}
    assert message.handle == Handle(key="m1")


async def test_time_takes_each_page_once_and_all_of_them(town, monkeypatch):
    """Jobs that ended in the same millisecond are not split, and none is passed over."""
    from bot.store import forgetting

    monkeypatch.setattr(forgetting, "_PAGE_ROWS", 3)
    await town.rules(allowance=10_000, per_requester=100)
    for number in range(11):
        await town.draw(text=f"fox {number} --model gpt-image-1-mini")
        if number in (4, 5, 8):
            town.clock.now_s += 1
    pages, after = 0, 0.0
    while (last := await town.store.forgetting.erase_words(after=after, before=town.clock() + 1)) is not None:
        assert last > after
        pages, after = pages + 1, last
    assert pages >= 3
    orders = [json.loads(row["order_json"]) for row in await town.rows("SELECT order_json FROM jobs")]
    assert len(orders) == 11
    assert {order["typed"] for order in orders} == {""}


@pytest.mark.parametrize(("jobs", "audit", "kept"), [(0, None, False), (0, 10, True), (30, 0, False)])
async def test_the_audit_may_keep_prompts_for_another_time(tmp_path, jobs, audit, kept):
    clock = Clock(at("2026-11-21 12:00"))
    moderation = {} if audit is None else {"keep_prompts_days": audit}
    sections = {"privacy": {"keep_prompts_days": jobs}, "moderation": moderation}
    async with open_house(
        new_sqlite(tmp_path), clock, privacy=sections["privacy"], moderation=sections["moderation"]
    ) as app:
        town = Town(app, clock)
        verdict = Verdict(severity=Severity.REFUSE, category="hate", layer="lexicon")
        await town.store.events.refused((verdict,), town.person(), "words", now=clock(), channel="")
        clock.now_s += DAY_S
        await app.chores.prune()
        assert [entry.prompt for entry in await town.store.audit.entries()] == (["words"] if kept else [None])


async def test_what_a_person_prefers_is_no_moderators_to_read(town):
    await town.app.studio.set_defaults(town.person(), {"private": "yes", "model": "gpt-image-1-mini"})
    await town.rules(images_max=2)
    entries = await town.app.desk.audit(town.mod)
    assert {(e.action, e.user, "images_max" in e.memo, "private" in e.memo) for e in entries} == {
        ("settings", "mod", True, False),
        ("settings", "mina", False, False),
    }, "of one moment, in either order"
