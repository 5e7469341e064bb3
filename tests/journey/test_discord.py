"""A day on Discord: the program as one process with its unmodified client, people on a strict local Discord."""

import asyncio
import re
from types import SimpleNamespace

import pytest
import pytest_asyncio

from tests.fakes.discord.inputs import Misuse
from tests.fakes.discord.interactions import ANSWERED, DEFER
from tests.fakes.discord_process import house

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMED = [4242424242424242424, 4343434343434343434]  # servers that the operator has named
STYLES = '[styles.anime]\ntemplate = "{prompt}, anime style, cel shading"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    limits = f"[limits]\nper_requester = 100\n[quotas]\ncommunities = {['any', *map(str, NAMED)]}"
    async with house(tmp_path_factory.mktemp("discord"), more=f"{STYLES}\n{limits}") as (server, easel, sim):
        yield server, easel, sim


@pytest_asyncio.fixture(loop_scope="module")
async def server(running):
    server, _, _ = running
    server.records.violations.clear()
    server.pings.clear()
    yield server
    server.faults.clear()
    assert server.violations == []
    assert server.pings == []


@pytest_asyncio.fixture(loop_scope="module")
async def place(server):
    """A server of its own with a channel, a member and a moderator."""
    return await placed(server)


@pytest_asyncio.fixture(loop_scope="module")
async def named(server):
    """The same, of a server that the operator has named: its moderators say how much."""
    return await placed(server, guild_id=next(one for one in NAMED if one not in server.world.guilds))


async def placed(server, **facts):
    guild = await server.guild("Foxes", **facts)
    channel = await server.channel(guild)
    mina, tom = server.user("mina"), server.user("tom")
    server.join(guild, mina)
    server.join(guild, tom, server.role(guild, "mods", "manage_guild", "manage_messages"))
    return SimpleNamespace(guild=guild, channel=channel, mina=mina, tom=tom)


async def imagined(server, user, channel, prompt="a red fox", **options):
    """The invocation and its finished message."""
    inv = await server.slash(user, channel, "imagine", {"prompt": prompt, **options})
    return inv, await inv.pictured()


async def told(server, user, channel, command, options=None):
    """A private answer's text."""
    inv = await server.slash(user, channel, command, options)
    await inv.response()
    await server.until(lambda: inv.message and inv.message.text)
    assert inv.ephemeral
    return inv.message.text


# ── Making pictures ──────────────────────────────────────────────────────────────────────────────────


async def test_the_first_response_is_the_placeholder_and_becomes_the_picture(server, place):
    """One message, edited; the picture is an attachment inside the embed."""
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "a red fox --ar 16:9"})
    message = await inv.pictured()
    assert inv.response_type in ANSWERED
    assert message is inv.message
    placeholder = next(one for one in message.history if one.text)
    assert placeholder.labels == ["Cancel", "Tell me when it is done"]
    assert "a red fox" in placeholder.text
    assert "39 held" in placeholder.text
    assert message.labels == ["Re-roll", "Remix", "Original", "Delete", "Report"]
    assert "Done in" in message.text
    assert message.embeds[0]["image"]["url"] == message.attachments[0].url
    assert message.attachments[0].description == "Picture: a red fox"
    assert place.channel.visible == [message]


async def test_the_countdown_is_discords_own_and_two_calls_make_a_picture(server, place):
    """The placeholder itself counts down: no edit is spent on that."""
    inv, message = await imagined(server, place.mina, place.channel, model="flux-2-pro")
    placeholder = next(one for one in message.history if one.text)
    assert re.search(r"<t:\d+:R>", placeholder.embeds[0]["description"])
    assert "<t:" not in message.text
    told = [one.method for one in server.requests if inv.token in one.path]
    busy = inv.response_type == DEFER  # then the placeholder itself is an edit
    assert told == ["POST", *["PATCH"] * (1 + busy)]


async def test_a_refusal_is_one_private_sentence_that_helps(server, place):
    assert "--model" in await told(server, place.mina, place.channel, "imagine", {"prompt": "fox --modell x"})
    text = await told(server, place.mina, place.channel, "imagine", {"prompt": "a fox", "model": "flax-2"})
    assert "Did you mean" in text
    assert place.channel.visible == []


async def test_several_images_are_one_contact_sheet_and_a_pick_is_one_of_them_alone(server, place):
    _, message = await imagined(server, place.mina, place.channel, images=4)
    assert message.labels[:4] == ["1", "2", "3", "4"]
    assert len(message.attachments) == 1
    press = await server.press(place.tom, message, "3")
    one = await press.pictured()
    assert press.response_type in ANSWERED
    assert one is press.message
    assert one.labels == ["Original", "Delete"]
    assert one.referenced is message
    again = await (await server.press(place.mina, message, "3")).response()
    assert again.response_type in ANSWERED
    assert str(one.id) in again.message.text  # it stands there already: a link to it, for mina alone
    assert again.ephemeral
    await (await server.press(place.mina, one, "Delete")).response()
    await server.until(lambda: one.deleted)
    assert not message.deleted


async def test_a_press_leads_somewhere_also_after_its_message_was_deleted_by_us_or_by_people(server, place):
    """A link while the message stands, a new message afterwards; for the picker and for everybody else."""
    _, message = await imagined(server, place.mina, place.channel, images=2)

    async def press():
        somebody = server.user("somebody")  # each time another: the same one's second press is a double click
        server.join(place.guild, somebody)
        return await (await server.press(somebody, message, "1")).response()

    for _ in range(2):
        one = (await press()).message
        assert str(one.id) in (await press()).message.text
        await server.messages.delete(one)  # a moderator does, and nobody tells us
        anew = (await press()).message
        assert len(anew.images) == 1
        assert str(anew.id) in (await press()).message.text
        await (await server.press(place.tom, anew, "Delete")).response()
        await server.until(lambda one=anew: one.deleted)
    assert len((await press()).message.images) == 1


async def test_options_win_over_flags_and_every_option_reaches_the_order(server, place):
    _, message = await imagined(
        server, place.mina, place.channel, "a fox --ar 1:1 --n 2", aspect="16:9", images=1, style="anime"
    )
    assert "16:9" in message.text
    assert len(message.images) == 1


async def test_a_private_picture_is_for_one_person_alone(server, place):
    inv, message = await imagined(server, place.mina, place.channel, private=True)
    assert inv.ephemeral
    assert place.channel.visible == []
    assert len(message.images) == 1
    gone = await (await server.press(place.mina, message, "Delete")).response()
    await server.until(lambda: message.deleted)
    assert gone.response_type == 6


async def test_a_spoiler_is_covered_not_embedded(server, place):
    """An embed would show it: it stands beside, with the name that Discord covers."""
    _, message = await imagined(server, place.mina, place.channel, "a fox --spoiler")
    assert message.attachments[0].filename.startswith("SPOILER_")
    assert "image" not in message.embeds[0]


NASTY = [
    "@everyone @here",
    "<@1> <@&2> <#3> </imagine:4> <t:0:R> <:x:5> <id:customize>",
    "**bold** __under__ ~~gone~~ `code` ```block``` ||hidden|| *i* _i_",
    "[click](evil) <evil> [evil]: evil <://evil> ://evil",
    "# head\n> quote\n- list\n1. one\n-# small",
    "a\u202eb\u200bc\u2066d\ufeffe \u0000 fox",
]


@pytest.mark.parametrize("nasty", NASTY)
async def test_a_prompt_is_quoted_harmlessly(server, place, nasty):
    """What Discord would turn into something else has a backslash before it; nothing invisible stays."""
    _, message = await imagined(server, place.mina, place.channel, f"a fox {nasty}")
    quoted = message.embeds[0]["description"].splitlines()[0].removeprefix("> ")
    for sign in "*_~|`[]<":
        assert all(quoted[i - 1] == "\\" for i, c in enumerate(quoted) if c == sign), sign
    assert not set("\u202e\u2066\ufeff\u0000") & set(quoted)
    assert "://" not in quoted.replace("\\:", "")
    assert "@everyone" not in quoted
    assert message.allowed_mentions["parse"] == []
    assert message.content == ""


async def test_an_address_is_given_back_harmlessly_with_the_words(server, place):
    """It is no picture, and nothing is drawn: the refusal quotes it so that no link comes alive."""
    nasty = "[click](https://evil.example) <https://evil.example> https://evil.example discord.gg/evil"
    said = await told(server, place.mina, place.channel, "imagine", {"prompt": f"a fox {nasty}"})
    assert f"a fox {nasty}" in said, "the words as they were typed"
    said = re.sub(r"```.*?```", "", said, flags=re.DOTALL)  # there nothing is a link
    assert "evil.example" in said
    for sign in "[]<":
        assert all(said[i - 1] == "\\" for i, c in enumerate(said) if c == sign), sign
    assert "://" not in said.replace("\\:", "")
    assert place.channel.visible == []


async def test_cancel_is_for_the_requester_and_gives_the_credits_back(server, running, place):
    _, _, sim = running
    sim.arm("never_completes:1")
    asked = {"prompt": "a fox for ever", "model": "flux-2-pro"}
    inv = await server.slash(place.mina, place.channel, "imagine", asked)
    await inv.response()
    eve = server.user("eve")
    server.join(place.guild, eve)
    wrong = await server.press(eve, inv.message, "Cancel")
    await wrong.shows("Only the person")
    await (await server.press(place.mina, inv.message, "Cancel")).response()
    await inv.shows("credits are back")
    assert inv.message.labels == ["Try again", "Remix"]
    assert "You have 500" in await told(server, place.mina, place.channel, "easel credits")
    again = await (await server.press(place.mina, inv.message, "Try again")).pictured()
    assert again is not inv.message


async def test_a_failure_says_so_in_the_same_message(server, running, place):
    _, _, sim = running
    sim.arm("operation_refused:1")
    inv = await server.slash(place.mina, place.channel, "imagine", {"prompt": "fox", "model": "flux-2-pro"})
    message = await inv.shows("credits are back")
    assert message is inv.message
    assert "Try again" in message.labels


# ── From a picture ───────────────────────────────────────────────────────────────────────────────────


async def test_a_reroll_is_one_new_message_paid_by_who_presses(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    press = await server.press(place.tom, message, "Re-roll")
    again = await press.pictured()
    assert press.response_type in ANSWERED
    assert "tom" in again.text
    assert "a red fox" in again.text
    assert len(place.channel.visible) == 2
    assert "You have 461" in await told(server, place.tom, place.channel, "easel credits")
    assert "You have 461" in await told(server, place.mina, place.channel, "easel credits")


async def test_a_double_click_pays_once(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    first = await server.press(place.mina, message, "Re-roll")
    second = await server.press(place.mina, message, "Re-roll")
    await first.pictured()
    await second.response()
    assert second.response_type == 6
    assert len(place.channel.visible) == 2


async def test_remix_opens_a_form_with_the_prompt_and_makes_a_new_picture(server, place):
    _, message = await imagined(server, place.mina, place.channel, "a red fox --no text", aspect="16:9")
    form = await (await server.press(place.tom, message, "Remix")).response()
    fields = {c["component"]["custom_id"]: c["component"] for c in form.modal["components"]}
    assert fields["prompt"]["value"] == "a red fox"
    assert (fields["aspect"]["value"], fields["negative"]["value"]) == ("16:9", "text")
    done = await server.submit(form, {"prompt": "a blue fox"})
    remixed = await done.pictured()
    assert "a blue fox" in remixed.text
    assert "16:9" in remixed.text
    assert "tom" in remixed.text


async def test_a_form_takes_the_longest_prompt(server, place):
    long = "fox " * 990
    _, message = await imagined(server, place.mina, place.channel, long)
    form = await (await server.press(place.mina, message, "Remix")).response()
    assert len(form.modal["components"][0]["component"]["value"]) > 3_900


async def test_the_original_comes_privately_as_a_file_where_there_is_no_public_address(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    press = await server.press(place.tom, message, "Original")
    private = await press.pictured()
    assert press.ephemeral
    assert private.attachments[0].data == message.attachments[0].data


async def test_a_report_thanks_privately_and_is_in_the_audit(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    press = await server.press(place.mina, message, "Report")
    await press.shows("Thank you")
    assert press.ephemeral
    assert "report" in await told(server, place.tom, place.channel, "easel-admin audit")


async def test_only_the_requester_or_a_moderator_deletes(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    eve = server.user("eve")
    server.join(place.guild, eve)
    wrong = await server.press(eve, message, "Delete")
    await wrong.shows("Only the person")
    assert not message.deleted
    await (await server.press(place.tom, message, "Delete")).response()
    await server.until(lambda: message.deleted)


async def test_a_menu_rerolls_and_remixes_pictures_and_nothing_else(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    menu = await server.message_command(place.tom, message, "Re-roll")
    assert "tom" in (await menu.pictured()).text
    form = await (await server.message_command(place.tom, message, "Remix")).response()
    assert form.modal["components"][0]["component"]["value"] == "a red fox"
    other = await server.say(place.mina, place.channel, "hello")
    wrong = await server.message_command(place.tom, other, "Re-roll")
    await wrong.shows("only on pictures")


# ── Reactions ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("emoji", ["🔁", "🔄", "🎲"])
async def test_a_reaction_rerolls_as_a_reply_and_pays_once(server, place, emoji):
    _, message = await imagined(server, place.mina, place.channel)
    await server.react(place.tom, message, emoji)
    await server.until(lambda: len(place.channel.visible) == 2 and place.channel.visible[1].images)
    reply = place.channel.visible[1]
    assert reply.referenced is message
    assert "tom" in reply.text
    await server.unreact(place.tom, message, emoji)
    await server.react(place.tom, message, emoji)
    assert "You have 461" in await told(server, place.tom, place.channel, "easel credits")
    assert len(place.channel.visible) == 2


async def test_a_cross_deletes_for_the_requester_and_of_others_means_nothing(server, place):
    """Discord quarantines bots that write to many who didn't ask."""
    _, message = await imagined(server, place.mina, place.channel)
    before = len(server.calls("POST", "/users/@me/channels"))
    for n in range(25):
        eve = server.user(f"eve{n}")
        server.join(place.guild, eve)
        await server.react(eve, message, "❌")
    await asyncio.sleep(1)
    assert len(server.calls("POST", "/users/@me/channels")) == before
    assert not message.deleted
    await server.react(place.mina, message, "❌")
    await server.until(lambda: message.deleted)


async def test_a_reaction_that_can_not_be_paid_is_answered_once_an_hour(server, place):
    eve = server.user("eve")
    server.join(place.guild, eve)
    messages = [(await imagined(server, place.mina, place.channel))[1] for _ in range(2)]
    await told(server, place.tom, place.channel, "easel-admin block", {"person": eve})
    before = len(server.calls("POST", "/users/@me/channels"))
    for emoji in ("🔁", "🔄", "🎲"):
        for message in messages:
            await server.react(eve, message, emoji)
    await server.until(lambda: server.dm(eve).visible)
    await asyncio.sleep(1)
    assert len(server.calls("POST", "/users/@me/channels")) == before + 1
    assert len(server.dm(eve).visible) == 1


async def test_reactions_on_other_messages_or_with_other_emoji_are_nothing(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    other = await server.say(place.mina, place.channel, "hello")
    await server.react(place.mina, other, "🔁")
    await server.react(place.mina, message, "👍")
    assert "You have 461" in await told(server, place.mina, place.channel, "easel credits")
    assert not message.deleted


async def test_a_reaction_in_direct_messages_is_ones_own(server, place):
    channel = server.dm(place.mina)
    _, message = await imagined(server, place.mina, channel)
    await server.react(place.mina, message, "🔁")
    await server.until(lambda: len(channel.visible) == 2 and channel.visible[1].images)
    assert "mina" in channel.visible[1].text


# ── One's own things ─────────────────────────────────────────────────────────────────────────────────


async def test_ones_own_commands_answer_privately(server, place):
    await imagined(server, place.mina, place.channel)
    assert "a red fox" in await told(server, place.mina, place.channel, "easel history")
    assert "39 credits" in await told(server, place.mina, place.channel, "easel models")
    assert "/imagine" in await told(server, place.mina, place.channel, "easel help")
    assert "461" in await told(server, place.mina, place.channel, "easel credits")


async def test_history_shows_a_picture_again(server, place):
    await imagined(server, place.mina, place.channel)
    inv = await server.slash(place.mina, place.channel, "easel history")
    await inv.response()
    (control,) = inv.message.controls
    again = await server.select(place.mina, inv.message, control["custom_id"], control["options"][0]["value"])
    await again.pictured()
    assert again.ephemeral


async def test_defaults_are_kept_used_and_cleared(server, place):
    say = {"aspect": "16:9", "private": True}
    assert "16:9" in await told(server, place.mina, place.channel, "easel defaults", say)
    inv, message = await imagined(server, place.mina, place.channel)
    assert inv.ephemeral
    assert "16:9" in message.text
    await told(server, place.mina, place.channel, "easel defaults", {"clear": True})
    assert "no defaults" in await told(server, place.mina, place.channel, "easel defaults")


async def test_forget_asks_and_erases(server, place):
    _, message = await imagined(server, place.mina, place.channel)
    inv = await server.slash(place.mina, place.channel, "easel forget")
    await inv.response()
    press = await server.press(place.mina, inv.message, "Erase everything")
    await press.shows("erased")
    await server.until(lambda: message.deleted)
    assert "No pictures" in await told(server, place.mina, place.channel, "easel history")


# ── Autocompletion ───────────────────────────────────────────────────────────────────────────────────


async def suggested(server, user, channel, focused, **options):
    inv = await server.autocomplete(user, channel, "imagine", {"prompt": "x", **options}, focused=focused)
    await inv.response()
    return inv.choices


async def test_models_are_suggested_with_credits_and_narrow_the_other_options(server, place):
    every = await suggested(server, place.mina, place.channel, "model")
    assert 1 < len(every) <= 25
    assert all("credits" in one["name"] for one in every)
    some = await suggested(server, place.mina, place.channel, "model", model="flux")
    assert some
    assert all("flux" in one["value"] for one in some)
    gpt = await suggested(server, place.mina, place.channel, "quality", model="gpt-image-1-mini")
    assert {"low", "medium", "high"} <= {one["value"] for one in gpt}
    gemini = await suggested(server, place.mina, place.channel, "quality", model="gemini-2.5-flash-image")
    assert gemini == []
    aspects = await suggested(server, place.mina, place.channel, "aspect", aspect="16")
    assert "16:9" in {one["value"] for one in aspects}
    assert [
        one["value"] for one in await suggested(server, place.mina, place.channel, "style", style="ani")
    ] == ["anime"]


# ── Running the community ────────────────────────────────────────────────────────────────────────────


async def test_the_moderators_commands_are_hidden_from_members_and_work_for_moderators(server, named):
    place = named
    with pytest.raises(Misuse):
        await server.slash(place.mina, place.channel, "easel-admin usage")
    admin = lambda command, **o: told(server, place.tom, place.channel, f"easel-admin {command}", o)  # noqa: E731
    assert "now 550" in await admin("grant", person=place.mina, amount=50, memo="for the poster")
    assert "now 530" in await admin("take", person=place.mina, amount=20)
    assert "530 available" in await admin("books", person=place.mina)
    _, message = await imagined(server, place.mina, place.channel)
    job = message.embeds[0]["footer"]["text"]
    assert "39 credits refunded" in await admin("refund", job=job, memo="sorry")
    assert "700 credits" in await admin("allowance", amount=700, period="day")
    assert "20,000" in await admin("budget", amount=20000, period="month")
    assert "1 picture" in await admin("usage", days=7)
    assert "grant" in await admin("audit")
    assert "allowance = 700" in await admin("settings")
    assert "press is now requester" in await admin("settings", name="press", value="requester")
    assert "version" in await admin("history")


async def test_models_and_channels_are_closed_and_opened(server, place):
    admin = lambda command, **o: told(server, place.tom, place.channel, f"easel-admin {command}", o)  # noqa: E731
    other = await server.channel(place.guild, "art")
    assert f"<#{other.id}>" in await admin("channels", channels=f"<#{other.id}>")
    assert "don't draw in this channel" in await told(
        server, place.mina, place.channel, "imagine", {"prompt": "a fox"}
    )
    await imagined(server, place.mina, other)
    assert "all channels" in await admin("channels", channels="all")
    assert "gpt-image-1-mini" in await admin("models", models="gpt-image-1-mini")
    text = await told(
        server, place.mina, place.channel, "imagine", {"prompt": "a fox", "model": "gemini-2.5-flash-image"}
    )
    assert "isn't allowed in this community" in text


async def test_somebody_is_blocked_and_unblocked(server, place):
    admin = lambda command, **o: told(server, place.tom, place.channel, f"easel-admin {command}", o)  # noqa: E731
    await admin("block", person=place.mina, time="2d", why="spamming")
    text = await told(server, place.mina, place.channel, "imagine", {"prompt": "a fox"})
    assert "spamming" in text
    assert str(place.mina.id) in await admin("blocked")
    await admin("unblock", person=place.mina)
    await imagined(server, place.mina, place.channel)


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────


async def test_two_servers_have_settings_and_credits_of_their_own(server, place):
    other = await server.guild("Owls")
    channel = await server.channel(other)
    server.join(other, place.mina)
    await told(server, place.tom, place.channel, "easel-admin allowance", {"amount": 20})
    text = await told(server, place.mina, place.channel, "imagine", {"prompt": "a fox"})
    assert "you have 20" in text
    await imagined(server, place.mina, channel)


async def test_direct_messages_and_own_installs_are_the_personal_community(server):
    ann, ben = server.user("ann", installed=True), server.user("ben")
    _, message = await imagined(server, ann, server.dm(ann))
    assert len(message.images) == 1
    group = server.group(ann, ben)
    _, message = await imagined(server, ann, group)
    assert not message.ephemeral
    away = await server.guild("Elsewhere", bot_in=False)
    channel = await server.channel(away)
    server.join(away, ann)
    await imagined(server, ann, channel)
    # One purse for all three: 500 - 3 x 39.
    assert "You have 383" in await told(server, ann, server.dm(ann), "easel credits")


async def test_where_discord_makes_the_answer_private_the_picture_comes_all_the_same(server):
    """Without Use External Apps an own install's answers are for the person alone, whatever we say."""
    ann = server.user("ann", installed=True)
    away = await server.guild("Strict", bot_in=False)
    channel = await server.channel(away)
    server.join(away, ann)
    await server.overwrite(channel, away, deny=("use_external_apps",))
    inv, message = await imagined(server, ann, channel)
    assert inv.ephemeral
    await (await server.press(ann, message, "Delete")).response()
    await server.until(lambda: message.deleted)


async def test_whoever_owns_a_server_without_the_bot_moderates_nothing(server):
    ann, ben = server.user("ann", installed=True), server.user("ben", installed=True)
    away = await server.guild("Own", owner=ann, bot_in=False)
    channel = await server.channel(away)
    server.join(away, ben)
    _, message = await imagined(server, ben, channel)
    wrong = await server.press(ann, message, "Delete")
    await wrong.shows("Only the person")


async def test_an_age_restricted_channel_and_its_threads_are_relaxed_where_the_rules_say_so(server, place):
    await told(
        server, place.tom, place.channel, "easel-admin settings",
        {"name": "relaxed_where_age_restricted", "value": "yes"},
    )  # fmt: skip
    prompt = {"prompt": "a nude woman on a bed"}
    assert "can't draw that" in await told(server, place.mina, place.channel, "imagine", prompt)
    adult = await server.channel(place.guild, "adults", nsfw=True)
    thread = await server.thread(adult)
    for where in (adult, thread):
        inv = await server.slash(place.mina, where, "imagine", prompt)
        await inv.pictured()


async def test_a_role_is_a_fact_about_the_requester(server, named):
    place = named
    role = server.role(place.guild, "patrons")
    zoe = server.user("zoe")
    server.join(place.guild, zoe, role)
    value = f'{{"{role.id}": {{"allowance": 900}}}}'
    await told(server, place.tom, place.channel, "easel-admin settings", {"name": "roles", "value": value})
    assert "900" in await told(server, zoe, place.channel, "easel credits")
    assert "500" in await told(server, place.mina, place.channel, "easel credits")


async def test_threads_are_places_too(server, place):
    thread = await server.thread(place.channel)
    _, message = await imagined(server, place.mina, thread)
    assert message.channel is thread


async def test_people_are_answered_in_their_language(server, place):
    jun = server.user("jun", locale="ko")
    server.join(place.guild, jun)
    assert "크레딧" in await told(server, jun, place.channel, "easel credits")


# ── Commands themselves ──────────────────────────────────────────────────────────────────────────────


async def test_commands_are_registered_once_in_english_and_korean(server, running):
    _, easel, _ = running
    assert [one for one in server.commands.writes if one[1] is None] == [("PUT", None)]
    named = {one["name"]: one for one in server.commands.listed(None)}
    assert set(named) == {"imagine", "easel", "easel-admin", "Re-roll", "Remix", "Edit this picture"}
    imagine = named["imagine"]
    options = [one["name"] for one in imagine["options"]]
    assert options == [
        "prompt", "model", "aspect", "images", "negative", "style", "quality", "size", "private",
        "image", "image2", "image3", "image4",
    ]  # fmt: skip
    assert imagine["name_localizations"]["ko"]
    assert all(one["description_localizations"]["ko"] for one in imagine["options"])
    assert (imagine["contexts"], imagine["integration_types"]) == ([0, 1, 2], [0, 1])
    admin = named["easel-admin"]
    assert (admin["contexts"], admin["integration_types"]) == ([0], [0])
    assert admin["default_member_permissions"] == str(1 << 5)
    assert {one["name"] for one in admin["options"]} >= {
        "settings", "grant", "take", "refund", "books", "allowance", "budget", "models", "channels", "block",
        "unblock", "usage", "audit",
    }  # fmt: skip
    code, out, _ = await easel.easel("check", "--json")
    assert '"discord_commands"' in out
    assert code == 0


async def test_only_the_needed_intents_are_asked_for(server):
    """Servers, reactions, and messages: without the privileged intent only those to us have words."""
    (first, *_) = server.gateway.identifies
    assert first["intents"] == 1 << 0 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13


async def test_the_invitation_has_the_rights_that_the_code_uses(server, running):
    _, easel, _ = running
    code, out, _ = await easel.easel("discord-invite")
    assert code == 0
    assert f"client_id={server.world.application_id}" in out
    assert "scope=bot+applications.commands" in out


async def test_nothing_of_this_day_was_an_error_in_the_log(server, running):
    _, easel, _ = running
    lines = easel.log.read_text(errors="replace").splitlines()
    assert [line for line in lines if "Traceback" in line or "error    " in line] == []
