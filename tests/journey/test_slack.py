"""A day in a workspace: the program as one process, people over a strict local Slack, Socket Mode."""

import asyncio

import pytest
import pytest_asyncio

from tests.fakes.slack_process import finished, house, picture_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
TITLE = "a red fox <b> & *co* <!here> @here"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    from integrations.slack.manifest import manifest

    async with house(tmp_path_factory.mktemp("slack"), manifest=manifest()) as (slack, easel):
        yield slack, easel
        assert slack.undeclared(manifest()) == []


@pytest_asyncio.fixture(loop_scope="module")
async def slack(running):
    slack, _ = running
    slack.violations.clear()
    yield slack
    slack.faults.clear()
    assert slack.violations == []
    assert slack.pings == []
    assert slack.possible_pings == []


@pytest.fixture
def room(slack):
    """A channel of its own, so that what one test posts is not another's."""
    return slack.world.add_channel("room" + slack.world.number("x"))


async def painted(slack, room, text=TITLE, user=None):
    return await finished(slack, await slack.command(user or slack.alice, room, "/imagine", text))


async def test_a_command_is_acked_gets_a_placeholder_and_becomes_the_picture(slack, room):
    """Ack first, then one message that is edited into the picture, in two calls besides the upload."""
    before = len(slack.calls)
    done = await slack.command(slack.alice, room, "/imagine", TITLE)
    assert done.acked
    message = await finished(slack, done)
    assert picture_of(message)["slack_file"]["id"] in {f.id for f in slack.files.uploaded}
    assert message.metadata["event_payload"]["role"] == "main"
    assert len(done.messages) == 1
    methods = [c.method for c in slack.calls[before:]]
    assert methods.count("chat.postMessage") == 1
    assert methods.count("chat.update") == 1
    assert TITLE in message.shown
    assert "a red fox &lt;b&gt; &amp; *co*" in message.text


async def test_a_refusal_is_private_and_posts_nothing(slack, room):
    done = await slack.command(slack.bob, room, "/imagine", "a fox --modell x")
    told = await done.ephemeral()
    assert "--model" in told.text
    assert done.messages == []


async def test_reroll_makes_one_new_message_paid_by_who_presses(slack, room):
    first = await painted(slack, room)
    again = await slack.click(slack.bob, first, "reroll")
    second = await finished(slack, again)
    assert second.ts != first.ts
    assert "bob" in second.shown
    await slack.deliver_again(again, 10)
    assert len(again.messages) == 1


async def test_a_double_click_is_one_reroll(slack, room):
    first = await painted(slack, room)
    one = await slack.click(slack.bob, first, "reroll")
    two = await slack.click(slack.bob, first, "reroll")
    await finished(slack, one)
    assert len(two.messages) + len(one.messages) <= 2
    assert len([m for m in slack.messages if m.channel == room.id]) == 2


async def test_remix_opens_the_form_filled_in_and_its_fields_follow_the_model(slack, room):
    first = await painted(slack, room, "a fox --ar 16:9 --model flux-2-pro --no text")
    press = await slack.click(slack.bob, first, "remix")
    view = await press.modal()
    values = {a: v for fields in view.values.values() for a, v in fields.items()}
    assert values["prompt"]["value"] == "a fox"
    assert values["aspect"]["selected_option"]["value"] == "16:9"
    assert values["negative"]["value"] == "text"
    offered = values["model"]["selected_option"]["value"]
    other = next(o["value"] for b in view.blocks if b["block_id"] == "model" for o in b["element"]["options"]
                 if o["value"] != offered)  # fmt: skip
    before = view.hash
    slack.fill(view, {"prompt": "a blue fox"})
    await slack.view_action(slack.bob, view, "model", other)
    await slack.until(lambda: view.hash != before)
    sent = await slack.submit_view(slack.bob, view)
    assert sent.acked
    assert not view.open
    await slack.until(lambda: any("a blue fox" in m.shown for m in slack.messages if m.channel == room.id))
    again = next(m for m in slack.messages if "a blue fox" in m.shown)
    await slack.until(lambda: "reroll" in again.action_ids)


async def test_imagine_alone_opens_the_form_and_a_refusal_stands_in_it(slack, room):
    done = await slack.command(slack.alice, room, "/imagine")
    view = await done.modal()
    await slack.submit_view(slack.alice, view, {"prompt": "a fox --wrong 1"})
    assert view.open
    assert "--wrong" in view.errors["prompt"]
    await slack.submit_view(slack.alice, view, {"prompt": "a fox --false 1"})
    assert view.open
    assert "--false" in view.errors["prompt"]
    await slack.submit_view(slack.alice, view, {"prompt": "a gentle fox", "private": []})
    assert not view.open
    await finished(slack, done)
    await slack.deliver_again(slack.deliveries.all[-1], 3)
    assert len(done.messages) == 1


async def test_the_global_shortcut_makes_a_picture_in_the_direct_messages(slack):
    eve = slack.world.add_person("eve")
    done = await slack.shortcut(eve, "create")
    view = await done.modal()
    await slack.submit_view(eve, view, {"prompt": "a fox at home"})
    message = await done.direct_message()
    await slack.until(lambda: "reroll" in message.action_ids)


async def test_message_shortcuts_reroll_and_remix(slack, room):
    first = await painted(slack, room)
    again = await slack.message_shortcut(slack.bob, first, "reroll")
    await finished(slack, again)
    remix = await slack.message_shortcut(slack.bob, first, "remix")
    assert (await remix.modal()).shown.count("a red fox") >= 0
    other = await slack.say(slack.bob, room, "hello")
    wrong = await slack.message_shortcut(slack.bob, other.said, "reroll")
    assert "picture" in (await wrong.ephemeral()).text


async def test_a_mention_is_answered_in_its_thread(slack, room):
    done = await slack.mention(slack.bob, room, "a fox in a thread")
    message = await finished(slack, done)
    assert message.thread_ts == done.said.ts
    deeper = await slack.mention(slack.alice, room, "a deeper fox", thread_ts=done.said.ts)
    answer = await deeper.message(lambda m: "deeper" in m.shown)
    assert answer.thread_ts == done.said.ts
    await slack.deliver_again(done, 10)
    await slack.deliver_again(done, 3, new_ids=True)
    assert len([m for m in slack.messages if "a fox in a thread" in m.shown]) == 1
    press = await slack.click(slack.alice, message, "reroll")
    again = await press.message(lambda m: "alice" in m.shown and "in a thread" in m.shown)
    assert again.thread_ts == done.said.ts


async def test_a_direct_message_is_a_prompt_and_words_of_easel_are_answered(slack):
    done = await slack.dm(slack.bob, "a fox just for me")
    message = await finished(slack, done)
    assert picture_of(message)
    asked = await slack.dm(slack.bob, "credits")
    assert "credits" in (await asked.message(lambda m: "renews" in m.shown)).shown


async def test_private_goes_to_the_direct_messages_alone(slack, room):
    done = await slack.command(slack.alice, room, "/imagine", "a secret fox --private")
    message = await done.direct_message()
    await slack.until(lambda: "reroll" in message.action_ids)
    assert done.messages == []
    assert "direct messages" in (await done.ephemeral()).text


async def test_several_pictures_are_one_sheet_and_each_can_be_picked(slack, room):
    message = await painted(slack, room, "foxes --n 3")
    assert [a for a in message.action_ids if a.startswith("pick")] == ["pick:1", "pick:2", "pick:3"]
    press = await slack.click(slack.bob, message, "pick:2")
    one = await press.message(lambda m: "original" in m.action_ids)
    assert one.metadata["event_payload"]["role"] == "pick:2"
    assert picture_of(one)
    await slack.react(slack.alice, one, "x")
    await slack.until(lambda: one.deleted)
    assert not message.deleted


async def test_the_original_comes_by_direct_message_without_a_public_address(slack, room):
    message = await painted(slack, room, "an original fox")
    press = await slack.click(slack.bob, message, "original")
    sent = await press.direct_message()
    assert sent.files
    assert "direct messages" in (await press.ephemeral()).text


async def test_delete_is_for_the_requester_and_moderators(slack, room):
    message = await painted(slack, room, user=slack.bob)
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    wrong = await slack.overflow(eve, message, "more", "delete")
    assert "moderator" in (await wrong.ephemeral()).text
    assert not message.deleted
    file = picture_of(message)["slack_file"]["id"]
    await slack.overflow(slack.alice, message, "more", "delete")
    await slack.until(lambda: message.deleted)
    await slack.until(lambda: slack.files.stored[file].deleted)


async def test_report_thanks_privately(slack, room):
    message = await painted(slack, room)
    press = await slack.overflow(slack.bob, message, "more", "report")
    assert "Thank you" in (await press.ephemeral()).text


async def test_reactions_draw_anew_or_delete_and_count_once_a_minute(slack, room):
    message = await painted(slack, room, user=slack.alice)
    done = await slack.react(slack.bob, message, "repeat")
    again = await finished(slack, done)
    assert "bob" in again.shown
    await slack.unreact(slack.bob, message, "repeat")
    await slack.react(slack.bob, message, "repeat")
    await slack.deliver_again(done, 10)
    await slack.deliver_again(done, 5, new_ids=True)
    assert len(done.messages) == 1
    die = await slack.react(slack.bob, message, "game_die")
    await finished(slack, die)
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    await slack.react(eve, message, "x")
    await slack.react(slack.alice, message, "x")
    await slack.until(lambda: message.deleted)


async def test_cancel_ends_it_and_try_again_makes_one_new_message(slack, room):
    done = await slack.command(
        slack.alice, room, "/imagine", "a fox [sim:never_completes] --model flux-2-pro"
    )
    message = await done.message()
    assert "cancel" in message.action_ids
    eve = slack.world.add_person("eve")
    wrong = await slack.click(eve, message, "cancel")
    assert "moderator" in (await wrong.ephemeral()).text
    await slack.click(slack.alice, message, "cancel")
    await slack.until(lambda: "retry" in message.action_ids)
    assert "credits are back" in message.shown
    again = await slack.click(slack.alice, message, "retry")
    second = await again.message(lambda m: m is not message)
    await slack.react(slack.alice, second, "x")
    await slack.until(lambda: "retry" in second.action_ids)


async def test_a_failure_says_so_in_the_same_message_and_that_credits_are_back(slack, room):
    done = await slack.command(
        slack.alice, room, "/imagine", "a fox [sim:operation_fails:9] --model flux-2-pro"
    )
    message = await done.message()
    await slack.until(lambda: "retry" in message.action_ids)
    assert "credits are back" in message.shown
    assert len(done.messages) == 1


async def test_easel_answers_privately(slack, room):
    for words, expected in (("credits", "credits"), ("models", "gemini"), ("help", "--ar"), ("", "--ar")):
        done = await slack.command(slack.bob, room, "/easel", words)
        told = await done.ephemeral()
        assert expected in told.shown, words
    await painted(slack, room, "a fox for history", user=slack.bob)
    told = await (await slack.command(slack.bob, room, "/easel", "history")).ephemeral()
    assert "a fox for history" in told.shown


async def test_defaults_are_kept_and_cleared(slack, room):
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    saved = await slack.command(eve, room, "/easel", "defaults --model flux-2-pro --ar 16:9")
    assert "flux-2-pro" in (await saved.ephemeral()).shown
    message = await painted(slack, room, "a defaulted fox", user=eve)
    assert "16:9" in message.shown
    cleared = await slack.command(eve, room, "/easel", "defaults clear")
    assert "cleared" in (await cleared.ephemeral()).shown
    wrong = await slack.command(eve, room, "/easel", "defaults colour=red")
    assert "colour" in (await wrong.ephemeral()).shown


async def test_forget_asks_first_and_erases(slack, room):
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    message = await painted(slack, room, "a forgettable fox", user=eve)
    asked = await (await slack.command(eve, room, "/easel", "forget")).ephemeral()
    press = await slack.click(eve, asked, "forget")
    await slack.until(lambda: message.deleted)
    assert "erased" in (await press.ephemeral()).text


async def test_moderators_run_the_community_by_text(slack, room):
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    done = await slack.command(slack.alice, room, "/easel", f"admin grant <@{eve.id}|eve> 70 for the poster")
    assert "70 credits granted to eve" in (await done.ephemeral()).shown
    await slack.deliver_again(done, 3)
    told = await (await slack.command(slack.alice, room, "/easel", f"admin books <@{eve.id}>")).ephemeral()
    assert "50070 available" in told.shown.replace(",", "")
    wrong = await slack.command(eve, room, "/easel", f"admin grant <@{eve.id}> 70")
    assert "moderators" in (await wrong.ephemeral()).shown


async def test_the_home_shows_ones_own_things_and_follows(slack, room):
    eve = slack.world.add_person("eve")
    room.members.add(eve.id)
    await slack.open_home(eve)
    await slack.until(lambda: eve.id in slack.world.homes)
    home = slack.world.homes[eve.id]
    assert "50000 credits" in home.shown.replace(",", "")
    await painted(slack, room, "a fox for the home", user=eve)
    await slack.until(lambda: "a fox for the home" in home.shown)
    await slack.until(lambda: any("accessory" in b for b in home.blocks))
    given = await slack.command(slack.alice, room, "/easel", f"admin grant <@{eve.id}> 1000 for the home")
    assert "1,000 credits granted" in (await given.ephemeral()).shown
    await slack.until(lambda: "50961 credits" in home.shown.replace(",", ""))
    press = await slack.view_action(eve, home, "create")
    assert (await press.modal()).open


async def test_a_guest_of_a_shared_channel_is_a_person_of_its_own(slack):
    shared = slack.world.add_channel("shared" + slack.world.number("x"), shared=True)
    guest = slack.world.add_person("gus", team_id="T0OTHER", is_admin=True)
    shared.members.add(guest.id)
    done = await slack.mention(guest, shared, "a foreign fox")
    message = await finished(slack, done)
    mine = await painted(slack, shared, "an own fox", user=slack.bob)
    wrong = await slack.overflow(guest, mine, "more", "delete")
    assert "moderator" in (await wrong.ephemeral()).text
    assert not mine.deleted
    assert not message.deleted


async def test_where_it_can_not_post_it_says_so_and_nothing_is_charged(slack):
    """All at once: it waits some seconds, and asks once more, before it gives up."""
    closed = [
        ({"bot_in": False}, "/invite"),
        ({"kind": "group", "bot_in": False}, "/invite"),
        ({"restricted": True}, "admin"),
    ]
    await asyncio.gather(*(assert_closed(slack, channel, expected) for channel, expected in closed))


async def assert_closed(slack, channel, expected):
    eve = slack.world.add_person("eve" + slack.world.number("x"))
    place = slack.world.add_channel("closed" + slack.world.number("x"), **channel)
    place.members.add(eve.id)
    done = await slack.command(eve, place, "/imagine", "a fox [sim:never_completes] --model flux-2-pro")
    await slack.until(lambda: len(done.ephemerals) == 2)
    assert expected in done.ephemerals[0].text
    assert "credits are back" in done.ephemerals[1].text
    slack.general.members.add(eve.id)
    told = await (await slack.command(eve, slack.general, "/easel", "credits")).ephemeral()
    assert "50000 credits" in told.shown.replace(",", "")
    quick = await slack.command(eve, place, "/imagine", "a fox that is painted already")
    await slack.until(lambda: len(quick.ephemerals) >= 2)
    if "direct messages" in quick.ephemerals[-1].text:
        assert picture_of(await quick.direct_message())


async def test_a_guest_has_one_purse_and_stays_blocked_while_nobody_can_be_asked_who_that_is(slack):
    """users.info adds a name and rights; whose credits and whose block are in what the event carries."""
    shared = slack.world.add_channel("sharedagain", shared=True)
    guest = slack.world.add_person("gina", team_id="T0OTHER", is_admin=True)
    shared.members.add(guest.id)
    first = await finished(slack, await slack.mention(guest, shared, "a foreign fox"))
    slack.faults.fail("users.info", "internal_error", times=999)
    other = slack.world.add_person("gabe", team_id="T0OTHER")
    shared.members.add(other.id)
    told = await slack.mention(other, shared, "credits")
    assert "50000 credits" in (await told.ephemeral()).shown.replace(",", "")
    told = await slack.mention(guest, shared, "credits")
    assert "49961 credits" in (await told.ephemeral()).shown.replace(",", "")
    again = await slack.click(guest, first, "reroll")
    await finished(slack, again)
    told = await slack.command(guest, shared, "/easel", "credits")
    assert "49922 credits" in (await told.ephemeral()).shown.replace(",", "")


async def test_a_blocked_guest_draws_nothing_while_nobody_can_be_asked_who_that_is(slack):
    shared = slack.world.add_channel("sharedblock", shared=True)
    guest = slack.world.add_person("gabi", team_id="T0OTHER")
    shared.members.add(guest.id)
    told = await slack.command(slack.alice, slack.general, "/easel", f"admin block <@{guest.id}>")
    assert (await told.ephemeral()).shown
    slack.faults.fail("users.info", "internal_error", times=999)
    refused = await slack.mention(guest, shared, "a blocked fox")
    assert (await refused.ephemeral()).shown
    assert refused.messages == []


async def test_an_admin_who_can_not_be_told_from_others_is_told_so(slack, room):
    boss = slack.world.add_person("boss", is_admin=True)
    room.members.add(boss.id)
    slack.faults.fail("users.info", "internal_error", times=999)
    told = await slack.command(boss, room, "/easel", "admin allowance 5 daily")
    assert "whether you are an admin" in (await told.ephemeral()).shown


async def test_original_without_uploads_says_what_it_is(slack, room):
    message = await painted(slack, room)
    slack.files.uploads_disabled = True
    try:
        press = await slack.click(slack.alice, message, "original")
        said = (await press.ephemeral()).shown
    finally:
        slack.files.uploads_disabled = False
    assert "doesn't take files" in said
    assert "MB" in said


async def test_a_message_that_people_removed_while_painting_comes_directly(slack, room):
    """Not into the channel again."""
    done = await slack.command(slack.bob, room, "/imagine", "a fox [sim:slow] that was removed")
    message = await done.message()
    slack.delete_message(message)
    direct = slack.world.direct(slack.bob.id)
    await slack.until(lambda: any("was removed" in m.shown for m in slack.messages if m.channel == direct.id))
    assert not [m for m in slack.messages if m.channel == room.id]
    (private,) = [m for m in slack.messages if m.channel == direct.id and "was removed" in m.shown]
    await slack.until(lambda: picture_of(private) is not None)


async def test_a_second_press_of_a_pick_leads_to_what_is_there(slack, room):
    message = await painted(slack, room, "a fox --n 2 --model flux-2-pro")
    first = await slack.click(slack.alice, message, "pick:1")
    await first.message()
    second = await slack.click(slack.bob, message, "pick:1")
    assert "slack.com/archives/" in str((await second.ephemeral()).blocks)
