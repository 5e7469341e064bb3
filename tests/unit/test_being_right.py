"""Whoever was refused wrongly is right again: by an appeal, a moderator's press, and nothing that it opens besides."""

import pytest

from bot.errors import BadPrompt, NotAllowed, PromptRefused
from bot.events import EventKind
from bot.ports import Address, Do
from bot.staff.handling import ref_of
from tests.fakes.house import open_town
from tests.fakes.room import Wall

HERE = Address(surface="discord", data={"user": "mina"})


async def refused(town, text, **where):
    """The refusal of a text, which must be one."""
    with pytest.raises(PromptRefused) as caught:
        await town.ask(text=text, **where)
    return caught.value


async def pressed(town, text, **where):
    """A text is refused, appealed for and called wrong. Answers what the moderator is told."""
    ref = ref_of((await refused(town, text, **where)).appeal)
    await town.app.handling.appeal(ref, town.person(), HERE)
    return await press(town)


async def press(town):
    """The newest appeal is called wrong."""
    town.wall = town.app.surfaces["discord"] = Wall()
    event = next(
        e for e in await town.store.events.of("discord", "club", limit=9) if e.kind is EventKind.APPEAL
    )
    done = await town.app.handling.act(event.id, Do.WRONG, town.mod)
    town.clock.now_s += 1
    return done


LEAVE = {"may_loosen": ["allowed_words"]}
AGAIN, STILL = "Please try again", "put it in other"


# ── Appeals ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["apartment 4N4L", "l0l1 hat", "B00B5 on a plate", "a wall in #b00b1e"])
async def test_what_was_misread_costs_no_strike_and_can_be_appealed_for_and_called_wrong_once(tmp_path, text):
    async with open_town(tmp_path, communities={}) as town:
        await pressed(town, text)
        (event,) = await town.store.events.of("discord", "club", limit=9)
        assert ([act.do for act in event.acts], event.settled) == ([Do.WRONG], True)
        assert await town.store.audit.strikes(town.person(), since=0, now=town.clock()) == []
        assert [e.actor for e in await town.audited("wrong")] == ["mod"]


async def test_one_refusal_by_two_layers_counts_once_and_pauses_nobody(tmp_path):
    async with open_town(tmp_path) as town:
        await town.rules(strikes=2, blocked_words=["pineapple"])
        await refused(town, "a naked pineapple woman")
        assert {line.layer for line in await town.audited("verdict")} == {"lexicon", "own_words"}
        assert len(await town.store.audit.strikes(town.person(), since=0, now=town.clock())) == 1
        await town.ask()
        await pressed(town, "a naked pineapple woman")
        assert len(await town.store.audit.strikes(town.person(), since=0, now=town.clock())) == 1


async def test_nobody_fills_the_room_with_appeals(tmp_path):
    async with open_town(tmp_path) as town:
        refs = [ref_of((await refused(town, f"n4k3d {n}")).appeal) for n in range(7)]
        for ref in refs[:5]:
            await town.app.handling.appeal(ref, town.person(), HERE)
        for ref, reason in ((refs[5], "appeals-wait"), (refs[0], "appealed-already")):
            with pytest.raises(NotAllowed) as caught:
                await town.app.handling.appeal(ref, town.person(), HERE)
            assert caught.value.reason == reason
        await press(town)
        await town.app.handling.appeal(refs[6], town.person(), HERE)


# ── What a press opens ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "phrase", "refused_still"),
    [
        ("apartment 4N4L", "4n4l", "anal sex"),
        ("B00B5 on a plate", "b00b5", "boobs"),
        ("Kinky hosepipe", "kinky hosepipe", "kinky couple in bed"),
        ("golden shower curtain in a shop", "golden shower curtain", "golden shower"),
        ("a woman with nothing on", "a woman with nothing on", "a woman with no clothes"),
        ("a painting of femme nue dormant", "painting of femme nue dormant", "femme nue"),
    ],
)
async def test_by_default_a_press_opens_the_phrase_that_was_misread_and_no_more(
    tmp_path, text, phrase, refused_still
):
    async with open_town(tmp_path, communities={}) as town:
        done = await pressed(town, text)
        assert done.facts == {"what": phrase, "missing": None}
        assert AGAIN in town.wall.told[-1][1]
        await town.ask(text=text)  # the person who tries again is served
        assert (await town.app.studio.rules(town.mod)).misread == (phrase,)
        await refused(town, refused_still)
        assert (await refused(town, f"a child, {text}")).facts["category"] == "minors"


async def test_a_phrase_is_found_at_the_end_of_a_long_prompt_too(tmp_path):
    text = f"{'a red fox in the snow by a lake, ' * 40}a kinky hosepipe"
    async with open_town(tmp_path, communities={}) as town:
        assert (await pressed(town, text)).facts["what"] == "kinky hosepipe"
        await town.ask(text=text)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("by a lake, a kinky hosepipe, in the sun", "kinky hosepipe"),
        ("a lake. A kinky hosepipe! The sun", "kinky hosepipe"),
        ("a lake (kinky hosepipe) at noon", "kinky hosepipe"),
        ("a lake — kinky hosepipe — noon", "kinky hosepipe"),
        ("a lake,kinky hosepipe,noon", "kinky hosepipe"),
        ("lake; the small kinky hosepipe: green", "small kinky hosepipe"),
    ],
)
async def test_a_phrase_does_not_go_on_behind_a_comma(tmp_path, text, phrase):
    async with open_town(tmp_path, communities={}) as town:
        assert (await pressed(town, text)).facts["what"] == phrase
        await town.ask(text=text)
        await town.ask(text=f"two people and a {phrase}")


@pytest.mark.parametrize(
    ("text", "missing"),
    [("Sex of the beetle larva", "leave"), ("l0l1 hat", "minors"), ("nude child", "minors")],
)
async def test_what_is_refused_at_every_level_and_minors_need_the_operators_leave_and_both_are_told(
    tmp_path, text, missing
):
    async with open_town(tmp_path, communities={}) as town:
        done = await pressed(town, text)
        assert done.facts == {"what": None, "missing": missing}
        assert "still refused" in town.app.words.say(done.text, "en", **done.facts)
        assert AGAIN not in town.wall.told[-1][1]
        assert STILL in town.wall.told[-1][1]
        assert await town.store.audit.strikes(town.person(), since=0, now=town.clock()) == []
        await refused(town, text)


@pytest.mark.parametrize(
    ("text", "phrase", "refused_still"),
    [
        ("Sex of the beetle larva", "sex of the beetle", "sex between two adults"),
        ("le sexe des anges", "sexe des anges", "sexe"),
        ("l0l1 hat", "l0l1", "loli hat"),
        (
            "the crucifixion of Christ, blood from the wounds",
            "blood from the wounds",
            "a mutilated body",
        ),
    ],
)
async def test_where_the_operator_lets_a_community_allow_words_a_press_opens_these_too(
    tmp_path, text, phrase, refused_still
):
    async with open_town(tmp_path, communities=LEAVE) as town:
        assert (await pressed(town, text)).facts == {"what": phrase, "missing": None}
        assert (await town.app.studio.rules(town.mod)).allowed_words == (phrase,)
        await town.ask(text=text)
        await refused(town, refused_still)


@pytest.mark.parametrize("text", ["nude child", "n4k3d child", "n4k3d ch1ld", "child, 4N4L"])
async def test_no_press_opens_anything_of_minors_but_a_disguise_that_was_all_of_it(tmp_path, text):
    async with open_town(tmp_path, communities={"may_loosen": "any"}) as town:
        assert (await pressed(town, text)).facts == {"what": None, "missing": "minors"}
        assert (await refused(town, text)).facts["category"] == "minors"


async def test_what_a_press_has_opened_for_others_opens_nothing_beside_somebody_young(tmp_path):
    async with open_town(tmp_path, communities=LEAVE) as town:
        assert (await pressed(town, "apartment 4N4L")).facts["what"] == "4n4l"
        assert (await refused(town, "child, 4N4L")).facts["category"] == "minors"


async def test_an_operator_may_keep_presses_from_opening_anything(tmp_path):
    async with open_town(tmp_path, communities={"may_loosen": []}) as town:
        assert (await pressed(town, "Kinky hosepipe")).facts == {"what": None, "missing": "leave"}
        await refused(town, "Kinky hosepipe")


async def test_a_phrase_is_no_longer_than_a_setting_can_hold(tmp_path):
    long = "переосвидетельствование" * 3
    async with open_town(tmp_path, communities={}) as town:
        assert (await pressed(town, f"{long} kinky {long}")).facts["what"] == f"kinky {long}"


async def test_moderators_take_a_phrase_out_again_and_type_none_in(tmp_path):
    async with open_town(tmp_path, communities={}) as town:
        await pressed(town, "Kinky hosepipe")
        with pytest.raises(BadPrompt) as caught:
            await town.app.rulemaking.set_text(town.mod, "misread", "kinky hosepipe, naked")
        assert caught.value.reason == "setting-misread"
        await town.app.rulemaking.set_text(town.mod, "misread", "default")
        await refused(town, "Kinky hosepipe")


# ── What a moderator judges ──────────────────────────────────────────────────────────────────────────


async def test_clothes_that_were_left_away_are_read_by_the_moderator_and_told_to_be_refused_still(tmp_path):
    async with open_town(tmp_path, communities={}) as town:
        done = await pressed(town, "a woman --no dress, bra")
        (event,) = await town.store.events.of("discord", "club", limit=9)
        ((_, card),) = await town.app.handling.told(town.mod)
        assert (event.kind, card.prompt) == (EventKind.APPEAL, "a woman --no dress, bra")
        assert done.facts == {"what": None, "missing": "words"}
        assert STILL in town.wall.told[-1][1]


async def test_what_a_strict_channel_misread_is_opened_for_that_channel(tmp_path):
    async with open_town(tmp_path, communities={}) as town:
        await town.rules(channel_rules={"lounge": {"level": "strict"}})
        in_a_thread = {"channel": "a thread", "within": ("lounge",)}
        for text, where in (("lingerie shop", {"channel": "lounge"}), ("pin-up calendar", in_a_thread)):
            assert (await pressed(town, text, **where)).facts["what"]
            await town.ask(text=text, **where)


async def test_nobody_opens_private_words_unread_and_the_person_is_told_to_say_them(tmp_path):
    async with open_town(tmp_path, communities={}) as town:
        await town.rules(room="mods")
        refusal = await refused(town, "Kinky hosepipe --private")
        told = await town.app.handling.appeal(ref_of(refusal.appeal), town.person(), HERE)
        assert told == "appeal-unread"
        assert (await press(town)).facts == {"what": None, "missing": "private"}
        assert (await town.app.studio.rules(town.mod)).misread == ()


async def test_a_moderator_is_told_when_it_was_a_word_that_the_community_itself_blocks(tmp_path):
    async with open_town(tmp_path, communities={}) as town:
        await town.rules(blocked_words=["kiwi"])
        assert (await pressed(town, "a kiwi bird")).facts == {"what": None, "missing": "own"}
