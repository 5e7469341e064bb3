"""The moderators' room: every event once, over replicas, kills and repeats; every act once, by who may."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from aiohttp import web

from bot.errors import NotAllowed, PromptRefused, ShowFailure, SurfaceError
from bot.events import EventKind, TellingWay
from bot.health import Route
from bot.job import Asset, State
from bot.jobs.herald import BACK_OFF_S, LEASE_S
from bot.jobs.hooks import key_of
from bot.ports import Address, Do, RoomAct, Severity, Verdict
from bot.staff.handling import ref_of
from tests.fakes.free_ports import free_port
from tests.fakes.house import FOX, FOX_CREDITS, open_house, open_town
from tests.fakes.room import Wall

NAKED = "a naked woman, explicit porn"
ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@contextlib.asynccontextmanager
async def open_room(tmp_path, *, room="mods", **sections):
    async with open_town(tmp_path, **sections) as town:
        town.wall = town.app.surfaces["discord"] = Wall()
        if room:
            await town.app.rulemaking.set_room(town.mod, room)
        yield town


async def told(town):
    """All that is due is told; answers the room's cards by their headline."""
    await town.app.herald.tell_what_is_due()
    return {card.headline: card for card in town.wall.cards.values()}


async def event_of(town, kind):
    found = await town.store.events.of("discord", "club", limit=50)
    return next(event for event in found if event.kind is kind)


def dos(card):
    return {action.do for action in card.actions}


async def picture(town, text=FOX):
    """A picture whose bytes are there."""
    job = await town.go(await town.ask(text=text), State.CLEARED, State.SUBMITTING)
    kept = await town.app.assets.keep(f"pictures/{job.id}/1", b"bytes", "image/png")
    return await town.end(job, State.FINISHED, capture=FOX_CREDITS, assets=(Asset(key=kept.key),))


# ── What is told ─────────────────────────────────────────────────────────────────────────────────────


async def test_everything_that_happens_is_one_message_in_the_room(tmp_path):
    """Report, withheld, paused, appeal, budgets, service, model's end: in the transaction of what caused them."""
    async with open_room(tmp_path) as town:
        now = town.clock()
        await town.rules(strikes=2, budget=100)
        job = await town.draw()
        for _ in range(2):
            await town.app.studio.report(job.id, town.person("tom"))
        held = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
        await town.end(held, State.WITHHELD, capture=0, reason="withheld", spent=True)
        with pytest.raises(PromptRefused):
            await town.ask(text=NAKED)
        with pytest.raises(PromptRefused) as refused:
            await town.ask(text=NAKED)
        await town.app.handling.appeal(ref_of(refused.value.appeal), town.person(), None)
        await town.draw(town.person("kim"))
        with pytest.raises(NotAllowed):
            await town.ask(town.person("kim"))
        route: Route = ("gateway", "black-forest-labs/flux-2-pro")
        for _ in range(6):
            await town.store.health.note(route, worked=False, now=now)
        for _ in range(2):
            await town.app.chores.look_at_standing()
        cards = await told(town)
        assert set(cards) >= {
            "A picture was reported", "A picture was withheld", "Somebody is paused", "80 % of the budget is spent",
            "The budget is spent", "Trouble at an image service", "Somebody finds a refusal wrong",
        }  # fmt: skip
        assert FOX.partition(" --")[0] in cards["A picture was reported"].prompt
        assert NAKED in cards["Somebody is paused"].prompt
        assert Do.WRONG in dos(cards["Somebody is paused"])
        before = town.wall.posts
        await told(town)
        assert (town.wall.posts, len(town.wall.cards)) == (before, before)
        assert (
            len(
                [
                    e
                    for e in await town.store.events.of("discord", "club", limit=50)
                    if e.kind is EventKind.REPORT
                ]
            )
            == 1
        )


async def test_a_message_of_the_room_remembers_that_its_pictures_were_seen(tmp_path, monkeypatch):
    """So that a surface, which may hand over what nobody has seen, posts it in no other way when it can't be edited."""
    async with open_room(tmp_path) as town:
        job = await picture(town)
        await town.app.studio.report(job.id, town.person("tom"))
        assert (await told(town))["A picture was reported"].pictures
        handles, show = [], town.wall.show

        async def noting(card, address, handle):
            handles.append(handle)
            return await show(card, address, handle)

        monkeypatch.setattr(town.wall, "show", noting)
        await town.app.handling.act((await event_of(town, EventKind.REPORT)).id, Do.HIDE, town.mod)
        await told(town)
        assert [handle.seen for handle in handles] == [True]


async def test_replicas_that_look_at_once_tell_each_event_once(tmp_path):
    async with open_room(tmp_path) as town, open_house(town.store.database.url, town.clock) as other:
        other.surfaces["discord"] = town.wall
        for user in ("tom", "kim", "ann"):
            await town.app.studio.report((await town.draw()).id, town.person(user))
        await asyncio.gather(*(one.herald.tell_what_is_due() for one in (town.app, other) for _ in range(3)))
        assert town.wall.posts == 3


async def test_who_is_killed_between_post_and_record_leaves_it_to_the_next_who_posts_nothing_new(tmp_path):
    async with open_room(tmp_path) as town, open_house(town.store.database.url, town.clock) as other:
        other.surfaces["discord"] = town.wall
        await town.app.studio.report((await town.draw()).id, town.person("tom"))
        town.wall.dies = True
        await town.app.herald.tell_what_is_due()
        town.wall.dies = False
        await other.herald.tell_what_is_due()  # the lease holds still
        town.clock.now_s += LEASE_S + 1
        await other.herald.tell_what_is_due()
        assert town.wall.posts == 1
        event = await event_of(town, EventKind.REPORT)
        (row,) = await town.rows("SELECT over FROM tellings WHERE event = :e AND way = 'room'", e=event.id)
        assert row["over"] == 1


async def test_a_room_that_cannot_be_written_to_is_tried_again_within_bounds(tmp_path):
    async with open_room(tmp_path) as town:
        await town.app.studio.report((await town.draw()).id, town.person("tom"))
        town.wall.refuses = SurfaceError("not now", kind=ShowFailure.LATER)
        for wait_s in BACK_OFF_S:
            await told(town)
            town.clock.now_s += 1.2 * wait_s
        town.wall.refuses = None
        await told(town)
        assert town.wall.posts == 1


async def test_without_a_room_the_owner_is_told_once_how_and_later_it_all_comes(tmp_path):
    async with open_room(tmp_path, room="") as town:
        for user in ("tom", "kim"):
            await town.app.studio.report((await town.draw()).id, town.person(user))
            await told(town)
        assert [user for user, _ in town.wall.told] == ["owner of club"]
        assert "/easel-admin room" in town.wall.told[0][1]
        assert town.wall.posts == 0
        await town.app.rulemaking.set_room(town.mod, "mods")
        await told(town)
        assert town.wall.posts == 2


# ── What is done ─────────────────────────────────────────────────────────────────────────────────────


async def test_hidden_pictures_have_no_link_and_come_back_when_they_are_released(tmp_path):
    async with open_room(tmp_path) as town:
        job = await picture(town)
        (before,) = job.images
        await town.app.studio.report(job.id, town.person("tom"))
        event = await event_of(town, EventKind.REPORT)
        handling = town.app.handling
        await handling.act(event.id, Do.HIDE, town.mod)
        assert await town.app.assets.find(f"pictures/{job.id}/1") is None
        assert await town.app.studio.history(town.person()) == []
        card = (await told(town))["A picture was reported"]
        assert {Do.RELEASE, Do.DISCARD, Do.OPEN, Do.REFUND} <= dos(card)
        assert [what for what, _ in card.times] == ["Hidden by Mod"]
        with pytest.raises(NotAllowed) as refused:
            await handling.act(event.id, Do.HIDE, town.mod)
        assert refused.value.reason == "event-done"
        matter = await handling.open(event.id, town.mod)
        assert await town.app.assets.read(matter.pictures[0].key) == b"bytes"
        await handling.act(event.id, Do.RELEASE, town.mod)
        (again,) = await town.app.studio.history(town.person())
        assert (again.state, again.captured_credits) == (State.FINISHED, FOX_CREDITS)
        assert again.images[0].key != before.key


async def test_a_refund_is_given_once_whoever_presses_at_once(tmp_path):
    async with open_room(tmp_path) as town:
        left = await town.left()
        job = await picture(town)
        await town.app.studio.report(job.id, town.person("tom"))
        event = await event_of(town, EventKind.REPORT)
        tries = [
            town.app.handling.act(event.id, Do.REFUND, town.person(mod, moderator=True)) for mod in ("a", "b")
        ]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        refused = [one for one in outcomes if isinstance(one, NotAllowed)]
        assert [one.reason for one in refused] == ["already-refunded"]
        assert await town.left() == left
        assert Do.REFUND not in dos((await told(town))["A picture was reported"])


async def test_only_who_may_handles_it_and_nobody_in_their_own_matter(tmp_path):
    async with open_room(tmp_path) as town:
        await town.rules(moderators=["42"])
        job = await picture(town)
        await town.app.studio.report(job.id, town.person("tom"))
        event = await event_of(town, EventKind.REPORT)
        presses = [("not-moderator", town.person("tom"), Do.DISMISS)]
        presses += [
            ("not-in-own-matter", town.person("mina", roles={"42"}), do)
            for do in get_args(RoomAct)
            if do not in (Do.HIDE, Do.DISCARD)
        ]
        for reason, who, do in presses:
            with pytest.raises(NotAllowed) as refused:
                await town.app.handling.act(event.id, do, who)
            assert refused.value.reason == reason
        with pytest.raises(NotAllowed):
            await town.app.handling.act(event.id, Do.BLOCK, replace(town.person("ann"), tidies=True))
        await town.app.handling.act(event.id, Do.BLOCK, town.person("ann", roles={"42"}))
        assert [one.user for one in await town.app.desk.blocked(town.mod)] == ["mina"]
        await town.app.handling.act(event.id, Do.DISMISS, replace(town.person("bob"), tidies=True))
        assert dos((await told(town))["A picture was reported"]) == set()


async def test_what_is_its_owners_alone_is_shown_to_no_moderator(tmp_path):
    async with open_room(tmp_path) as town:
        held = await town.go(await town.ask(text=f"{FOX} --private"), State.CLEARED, State.SUBMITTING)
        kept = (Asset(key=f"pictures/{held.id}/1.png", role="quarantine"),)
        await town.end(held, State.WITHHELD, capture=0, reason="withheld-quarantine", assets=kept, spent=True)
        young = await town.go(await town.ask(town.person("kim")), State.CLEARED, State.SUBMITTING)
        minors = Verdict(severity=Severity.WITHHOLD, category="minors", layer="nsfw")
        kept = (Asset(key=f"pictures/{young.id}/1.png", role="quarantine"),)
        await town.end(
            young,
            State.WITHHELD,
            capture=0,
            reason="withheld-quarantine",
            assets=kept,
            verdicts=(minors,),
            spent=True,
        )
        await told(town)
        for card in town.wall.cards.values():
            assert (card.pictures, Do.OPEN in dos(card)) == ((), False)
            assert Do.DISCARD in dos(card)
        assert {card.prompt for card in town.wall.cards.values()} == {"", "a red fox"}
        assert [Do.RELEASE in dos(card) for card in town.wall.cards.values()].count(True) == 1
        with pytest.raises(NotAllowed) as stays:
            await town.app.desk.release(town.mod, young.id)
        assert stays.value.reason == "minors-stay"


async def test_what_a_check_held_back_stays_so_when_the_others_are_hidden_and_shown_again(tmp_path):
    async with open_room(tmp_path) as town:
        job = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
        kept = [await town.app.assets.keep(f"pictures/{job.id}/{n}", b"bytes", "image/png") for n in (1, 2)]
        assets = (Asset(key=kept[0].key), Asset(key=kept[1].key, role="quarantine", index=2))
        job = await town.end(job, State.FINISHED, capture=FOX_CREDITS, assets=assets)
        await town.app.desk.hide(town.mod, job.id)
        await town.app.desk.release(town.mod, job.id)
        found = await town.store.jobs.get(job.id)
        assert [(one.index, one.role) for one in found.assets] == [(1, "image"), (2, "quarantine")]
        await town.app.desk.hide(town.mod, job.id)
        await town.app.desk.discard(town.mod, job.id)
        assert (await town.store.jobs.get(job.id)).assets == ()


async def test_what_was_withheld_and_released_is_said_to_be(tmp_path):
    async with open_room(tmp_path) as town:
        held = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
        kept = (Asset(key=f"pictures/{held.id}/1.png", role="quarantine"),)
        await town.end(held, State.WITHHELD, capture=0, reason="withheld-quarantine", assets=kept, spent=True)
        event = await event_of(town, EventKind.WITHHELD)
        await town.app.handling.act(event.id, Do.RELEASE, town.mod)
        card = (await told(town))["A picture was withheld"]
        assert card.sentence == "A check had held it back; a moderator has shown it."


async def test_a_room_named_among_the_settings_is_told_what_waited(tmp_path):
    async with open_room(tmp_path, room="") as town:
        await town.app.studio.report((await town.draw()).id, town.person("tom"))
        assert await told(town) == {}
        await town.app.rulemaking.set_text(town.mod, "room", "mods")
        assert set(await told(town)) == {"A picture was reported"}


# ── Pauses and appeals ───────────────────────────────────────────────────────────────────────────────


async def test_a_pause_is_listed_and_lifted(tmp_path):
    async with open_room(tmp_path) as town:
        await town.rules(strikes=2, pause_s=600)
        for _ in range(2):
            with pytest.raises(PromptRefused):
                await town.ask(text=NAKED)
        with pytest.raises(NotAllowed) as paused:
            await town.ask()
        assert paused.value.reason == "paused-strikes"
        assert paused.value.appeal
        (listed,) = await town.app.desk.blocked(town.mod)
        assert (listed.user, listed.paused, listed.until) == ("mina", True, paused.value.facts["until"])
        assert await town.app.desk.unblock(town.mod, town.person())
        assert await town.ask()
        assert await town.app.desk.blocked(town.mod) == []
        assert [e.actor for e in await town.audited("unpause")] == ["mod"]


async def test_a_refusal_that_was_wrong_takes_the_strike_back_and_allows_the_word(tmp_path):
    async with open_room(tmp_path) as town:
        await town.rules(strikes=2, blocked_words=["badger"])
        with pytest.raises(PromptRefused):
            await town.ask(text=NAKED)
        with pytest.raises(PromptRefused) as refused:
            await town.ask(text="a friendly badger in a hat")
        ref, address = (
            ref_of(refused.value.appeal),
            Address(surface="discord", data={"user": "mina"}),
        )
        await town.app.handling.appeal(ref, town.person(), address)
        with pytest.raises(NotAllowed) as again:
            await town.app.handling.appeal(ref, town.person(), address)
        assert again.value.reason == "appealed-already"
        event = await event_of(town, EventKind.APPEAL)
        done = await town.app.handling.act(event.id, Do.WRONG, town.mod)
        assert done.text == "room-wrong"
        assert [user for user, _ in town.wall.told] == ["mina"]
        assert "it was wrong" in town.wall.told[0][1]
        assert await town.app.desk.blocked(town.mod) == []
        assert [(e.actor, e.user) for e in await town.audited("wrong")] == [("mod", "mina")]


async def test_a_word_that_moderation_misread_is_allowed_from_then_on_but_never_where_minors_are_concerned(
    tmp_path,
):
    async with open_room(tmp_path) as town:
        cases = {"explicit porn": True, "nude child": False}
        for text, allowed in cases.items():
            with pytest.raises(PromptRefused) as refused:
                await town.ask(town.person(text), text=text)
            ref = ref_of(refused.value.appeal)
            await town.app.handling.appeal(ref, town.person(text), None)
            event = await event_of(town, EventKind.APPEAL)
            before = (await town.app.rulemaking.settings(town.mod))[0].allowed_words
            await town.app.handling.act(event.id, Do.WRONG, town.mod)
            after = (await town.app.rulemaking.settings(town.mod))[0].allowed_words
            assert (len(after) > len(before)) is allowed, text
            town.clock.now_s += 1


# ── Signed calls ─────────────────────────────────────────────────────────────────────────────────────


async def test_each_event_is_called_signed_until_it_is_taken_and_never_to_an_inside_address_unasked(tmp_path):
    heard, port = [], free_port()

    async def take(request):
        heard.append((dict(request.headers), await request.read()))
        return web.Response(status=500 if len(heard) == 1 else 204)

    app = web.Application()
    app.router.add_post("/easel", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    hook = {"url": f"http://127.0.0.1:{port}/easel", "secret": SECRET}
    try:
        async with open_room(tmp_path, events=hook, allow_hosts=(f"127.0.0.1:{port}",)) as town:
            job = await town.draw()
            await town.app.studio.report(job.id, town.person("tom"))
            for _ in range(3):
                await town.app.herald.tell_what_is_due()
                town.clock.now_s += 2 * BACK_OFF_S[0]
            assert len(heard) == 2
            headers, body = heard[1]
            assert (
                headers["webhook-id"]
                == heard[0][0]["webhook-id"]
                == (await event_of(town, EventKind.REPORT)).id
            )
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{expected}"
            document = json.loads(body)
            assert (document["type"], document["data"]["job"]) == ("report", job.id)
            names = {"id", "surface", "community", "person", "actor", "job", "prompt", "link"}
            assert document["data"].keys() == names, "outside tools rely on these names"
            page = (ROOT / "docs/community.md").read_text("utf-8").partition("It is a POST of JSON")[2]
            assert [name for name in sorted(names) if f"`{name}`" not in page] == []
        async with open_room(tmp_path, events=hook) as closed:
            await closed.app.studio.report((await closed.draw()).id, closed.person("tom"))
            await closed.app.herald.tell_what_is_due()
            assert len(heard) == 2
            assert (
                await closed.store.events.claim(TellingWay.HOOK, now=closed.clock(), lease_s=1, limit=9) == []
            )
    finally:
        await runner.cleanup()
    assert key_of(SECRET) == b"k" * 32
