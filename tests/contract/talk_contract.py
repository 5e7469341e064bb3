"""What every surface promises of a conversation, whatever the platform: one suite, many subjects.

A subject is a class that inherits TalkContract and gives a fixture `chat` with these members. People are
whatever the subject makes of them; `posts` and `told` are what they see.

    mina, tom, kim        three people of one community, in one channel; kim is a moderator
    await imagine(person, text)            /imagine TEXT
    await ask(person, topic, text="")      /easel TOPIC TEXT
    await press(person, post, do, index=0) a button or menu entry of one of our messages
    await press_twice(person, post, do)    two quick clicks
    await show_again(person, job)          a picture out of the history
    await react(person, post, sign)        "again" or "delete"
    await confirm(person)                  presses what the last private answer asks to be confirmed
    await fill(person, **values)           changes the form that stands open and sends it
    posts()                                our messages as everybody sees them, oldest first: Post
    told(person)                           all that was said to one person alone so far, oldest first
    files(person)                          how many pictures or links to pictures a person was given alone
    documents(person)                      files that are no pictures, and were given to a person alone: bytes
    form(person)                           what stands in the open form: {field: value}, or None
    await left(person)                     credits that the person can spend
    await hands(person, to, amount)        /easel gift TO AMOUNT thanks
    house                                  what runs behind it

What a surface may not have (the laws that need it are skipped then): its driver says in `lacks` why, by the verb's name:

    takes_pictures        True: the house has a model that takes pictures (`[http] public_url`), and takes people's
                          (`[moderation] inputs = "any"`)
    await gives(person, text, pictures)    /imagine TEXT with files, each as bytes
    await says(person, text, pictures=())  words to Easel without a command: a mention, a direct message
    await answers(person, post, text)      the same in answer to one of our messages
    await murmurs(person, post, text)      words in a picture's thread that nobody said to Easel
    await holds(person, post)              the menu of a message: Edit this picture
    await tear_down(post)                  somebody who may removes the message
    await fill(person, pictures=(), **values)  with files put into the form
    address(post)                          where the picture of a message can be fetched from us
    sent(person)                           how many pictures came to a person by direct message
"""

import asyncio
import json
import time

import pytest

from bot.ports import Requester
from bot.store.codes import Batch
from bot.talk import once
from tests.contract.talk_finding import FindingLaws
from tests.contract.talk_pictures import PictureLaws
from tests.contract.talk_room import RoomLaws
from tests.contract.talk_steps import (
    FOX,
    FOX_CREDITS,
    PATIENCE_S,
    Post,
    answered,
    appeared,
    asked,
    painted,
    seen,
    until,
    verb,
)
from tests.contract.talk_words_back import WordsBackLaws
from tests.fakes.unheard import cut_off

__all__ = [
    "FOX",
    "FOX_CREDITS",
    "PATIENCE_S",
    "Post",
    "TalkContract",
    "answered",
    "appeared",
    "asked",
    "painted",
    "seen",
    "until",
]


OPERATOR = Requester(surface="cli", community="local", user="operator", moderator=True)


class TalkContract(PictureLaws, RoomLaws, FindingLaws, WordsBackLaws):
    """The laws."""

    # ── Pictures ─────────────────────────────────────────────────────────────────────────────────────

    async def test_an_order_is_one_message_that_becomes_the_picture(self, chat):
        before, left = len(chat.posts()), await chat.left(chat.mina)
        post = await painted(chat, chat.mina)
        assert FOX in post.text
        assert post.pictures >= 1
        assert post.offers("reroll", "remix", "original", "delete", "report")
        assert len(chat.posts()) == before + 1
        assert await chat.left(chat.mina) == left - FOX_CREDITS

    async def test_what_cannot_be_had_is_one_private_sentence(self, chat):
        posts, others = len(chat.posts()), len(chat.told(chat.tom))
        before = len(chat.told(chat.mina))
        await chat.imagine(chat.mina, "a fox --modell x")
        await answered(chat, chat.mina, before, "--model")
        assert len(chat.told(chat.mina)) == before + 1
        assert (len(chat.posts()), len(chat.told(chat.tom))) == (posts, others)

    async def test_a_refused_prompt_makes_no_message_and_takes_no_credit(self, chat):
        posts, left, before = len(chat.posts()), await chat.left(chat.tom), len(chat.told(chat.tom))
        await chat.imagine(chat.tom, "a naked woman, explicit porn")
        await until(lambda: len(chat.told(chat.tom)) == before + 1)
        assert len(chat.posts()) == posts
        assert await chat.left(chat.tom) == left

    # ── Credits of one's own ─────────────────────────────────────────────────────────────────────────

    async def test_a_code_becomes_credits_once_and_what_was_given_may_be_given_on(self, chat):
        batch = Batch(name=f"b{time.time_ns()}", credits=60, per_person=9)
        code, other = await chat.house.vouchers.make(batch, 2, actor=OPERATOR)
        before, left, posts = len(chat.told(chat.mina)), await chat.left(chat.mina), len(chat.posts())
        for word in ("60 credits are yours", "redeemed this code before"):
            await chat.ask(chat.mina, "redeem", code.lower())
            await answered(chat, chat.mina, before, word)
        assert await chat.left(chat.mina) == left + 60
        await asked(chat, chat.tom, "redeem", code, "by somebody else")
        told = len(chat.told(chat.mina))
        await chat.hands(chat.mina, chat.tom, 20)
        await answered(chat, chat.mina, told, "gifts")
        await asked(chat, chat.kim, "admin", "set gifts 100", "gifts")
        toms, told = await chat.left(chat.tom), len(chat.told(chat.mina))
        await chat.hands(chat.mina, chat.tom, 20)
        await answered(chat, chat.mina, told, "20 of your credits")
        assert (await chat.left(chat.mina), await chat.left(chat.tom)) == (left + 40, toms + 20)
        assert len(chat.posts()) == posts
        await chat.house.vouchers.redeem(OPERATOR, other)  # nobody was in its way
        await asked(chat, chat.kim, "admin", "set gifts default", "gifts")

    # ── Buttons ──────────────────────────────────────────────────────────────────────────────────────

    async def test_a_reroll_is_one_new_message_paid_by_who_presses(self, chat):
        first = await painted(chat, chat.mina)
        minas, toms = await chat.left(chat.mina), await chat.left(chat.tom)
        before = {post.id for post in chat.posts()}
        await chat.press(chat.tom, first, "reroll")
        second = await appeared(chat, before, "reroll")
        assert FOX in second.text
        assert (await chat.left(chat.mina), await chat.left(chat.tom)) == (minas, toms - FOX_CREDITS)
        assert seen(chat, first) == first

    async def test_a_double_click_counts_once(self, chat):
        first = await painted(chat, chat.mina)
        left, before = await chat.left(chat.tom), {post.id for post in chat.posts()}
        await chat.press_twice(chat.tom, first, "reroll")
        await appeared(chat, before, "reroll")
        assert await chat.left(chat.tom) == left - FOX_CREDITS

    async def test_a_double_click_whose_first_order_was_kept_unheard_is_one_order(self, chat, monkeypatch):
        monkeypatch.setattr(once, "DOUBLE_CLICK_S", 600.0)  # however slow this machine is
        first = await painted(chat, chat.mina)
        left, before = await chat.left(chat.tom), {post.id for post in chat.posts()}
        told = len(chat.told(chat.tom))
        with cut_off(chat.house.store):
            await chat.press(chat.tom, first, "reroll")
            await answered(chat, chat.tom, told, "again")
        await chat.press(chat.tom, first, "reroll")
        await appeared(chat, before, "reroll")
        await asked(chat, chat.tom, "credits")
        assert await chat.left(chat.tom) == left - FOX_CREDITS
        assert len([post for post in chat.posts() if post.id not in before]) == 1

    async def test_one_of_several_is_picked_into_a_message_of_its_own_for_nothing(self, chat):
        four = await painted(chat, chat.mina, f"{FOX} --n 4")
        assert four.offers("pick:1", "pick:2", "pick:3", "pick:4")
        left, before = await chat.left(chat.tom), {post.id for post in chat.posts()}
        await chat.press(chat.tom, four, "pick", 2)
        one = await appeared(chat, before, "original", "delete")
        assert not one.offers("reroll")
        assert one.pictures == 1
        await asyncio.sleep(0)
        await chat.press(chat.mina, four, "pick", 2)
        await asked(chat, chat.mina, "credits")  # what was pressed before is done by now
        assert len([post for post in chat.posts() if post.id not in before]) == 1
        assert await chat.left(chat.tom) == left

    async def test_deleting_a_pick_leaves_the_rest(self, chat):
        four = await painted(chat, chat.mina, f"{FOX} --n 2")
        before = {post.id for post in chat.posts()}
        await chat.press(chat.mina, four, "pick", 1)
        one = await appeared(chat, before, "delete")
        await chat.press(chat.mina, one, "delete")
        await until(lambda: seen(chat, one) is None)
        assert seen(chat, four)

    async def test_a_pick_that_was_torn_down_comes_anew_where_it_is_pressed(self, chat):
        tear_down, four = verb(chat, "tear_down"), await painted(chat, chat.mina, f"{FOX} --n 2")
        before = {post.id for post in chat.posts()}
        await chat.press(chat.mina, four, "pick", 1)
        one = await appeared(chat, before, "delete")
        await tear_down(one)
        await chat.press(chat.tom, four, "pick", 1)
        again = await appeared(chat, {*before, one.id}, "delete")
        assert again.pictures == 1
        place = four.id.rpartition(":")[0]
        assert again.id.startswith(place), "where everybody saw it before, and not directly"

    async def test_only_ones_own_picture_can_be_deleted(self, chat):
        post = await painted(chat, chat.mina)
        before = len(chat.told(chat.tom))
        await chat.press(chat.tom, post, "delete")
        await until(lambda: len(chat.told(chat.tom)) == before + 1)
        assert seen(chat, post)
        await chat.press(chat.mina, post, "delete")
        await until(lambda: seen(chat, post) is None)

    async def test_a_moderator_may_delete_anybodys_picture(self, chat):
        post = await painted(chat, chat.mina)
        await chat.press(chat.kim, post, "delete")
        await until(lambda: seen(chat, post) is None)

    async def test_cancelling_gives_the_credits_back(self, chat):
        left, before = await chat.left(chat.mina), {post.id for post in chat.posts()}
        await chat.imagine(chat.mina, f"{FOX} [sim:never_completes]")
        post = await appeared(chat, before, "cancel")
        await chat.press(chat.mina, post, "cancel")
        await until(lambda: seen(chat, post).offers("retry"))
        assert await chat.left(chat.mina) == left

    async def test_who_wants_to_be_told_presses_that_on_the_placeholder_which_says_so_then(self, chat):
        before = {post.id for post in chat.posts()}
        await chat.imagine(chat.mina, f"{FOX} [sim:never_completes]")
        post = await appeared(chat, before, "cancel", "tell")
        await chat.press(chat.mina, post, "tell")
        await until(lambda: "I tell you privately" in seen(chat, post).text)
        assert not seen(chat, post).offers("tell")
        await chat.press(chat.mina, post, "cancel")
        await until(lambda: seen(chat, post).offers("retry"))

    async def test_a_report_is_thanked_for_in_private(self, chat):
        post = await painted(chat, chat.mina)
        before = len(chat.told(chat.tom))
        await chat.press(chat.tom, post, "report")
        await answered(chat, chat.tom, before, "moderators")
        assert seen(chat, post) == post

    async def test_the_original_is_handed_to_who_asks_for_it(self, chat):
        post = await painted(chat, chat.mina)
        before = chat.files(chat.tom)
        await chat.press(chat.tom, post, "original")
        await until(lambda: chat.files(chat.tom) > before)
        assert seen(chat, post) == post

    # ── Forms ────────────────────────────────────────────────────────────────────────────────────────

    async def test_remix_starts_from_what_was_asked_for(self, chat):
        first = await painted(chat, chat.mina, f"{FOX} --ar 16:9 --no text --model flux-2-pro")
        before = {post.id for post in chat.posts()}
        await chat.press(chat.tom, first, "remix")
        form = await until(lambda: chat.form(chat.tom), "the form")
        assert form["prompt"].startswith(FOX)
        whole = " ".join(form.values())
        assert "16:9" in whole
        assert "text" in whole
        await chat.fill(chat.tom, prompt="a blue fox in the rain")
        second = await appeared(chat, before, "reroll")
        assert "a blue fox in the rain" in second.text

    async def test_a_refused_form_says_why(self, chat):
        first = await painted(chat, chat.mina)
        before, posts = len(chat.told(chat.tom)), len(chat.posts())
        await chat.press(chat.tom, first, "remix")
        await until(lambda: chat.form(chat.tom), "the form")
        await chat.fill(chat.tom, prompt="a fox --wrong 1")
        await answered(chat, chat.tom, before, "--wrong")
        assert len(chat.posts()) == posts

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    async def test_a_reaction_draws_anew_and_counts_once_a_minute(self, chat):
        first = await painted(chat, chat.mina)
        left, before = await chat.left(chat.tom), {post.id for post in chat.posts()}
        await chat.react(chat.tom, first, "again")
        await appeared(chat, before, "reroll")
        await chat.react(chat.tom, first, "again")
        await asked(chat, chat.tom, "credits")
        assert len([post for post in chat.posts() if post.id not in before]) == 1
        assert await chat.left(chat.tom) == left - FOX_CREDITS

    async def test_a_reaction_deletes_ones_own_picture(self, chat):
        post = await painted(chat, chat.mina)
        await chat.react(chat.mina, post, "delete")
        await until(lambda: seen(chat, post) is None)

    # ── Questions ────────────────────────────────────────────────────────────────────────────────────

    async def test_credits_tell_what_is_left_and_what_was_spent(self, chat):
        await painted(chat, chat.mina)
        left = await chat.left(chat.mina)
        text = await asked(chat, chat.mina, "credits", "", f"{left:,}")
        assert f"{FOX_CREDITS}" in text
        assert FOX in text

    async def test_models_tell_prices_and_what_is_taken(self, chat):
        text = await asked(chat, chat.mina, "models", "", "flux-2-pro", "30")
        assert "--ar" in text

    async def test_history_tells_of_ones_own_pictures_and_shows_one_again(self, chat):
        post = await painted(chat, chat.mina, "a fox that is remembered")
        await asked(chat, chat.mina, "history", "", "a fox that is remembered")
        before = chat.files(chat.mina)
        await chat.show_again(chat.mina, post.job)
        await until(lambda: chat.files(chat.mina) > before)

    async def test_defaults_are_kept_told_and_cleared(self, chat):
        text = await asked(chat, chat.tom, "defaults", "--ar 16:9", "16:9")
        assert "aspect" in text
        await asked(chat, chat.tom, "defaults", "", "16:9")
        await asked(chat, chat.tom, "defaults", "clear", "cleared")
        await asked(chat, chat.tom, "defaults", "", "no defaults")

    async def test_a_wrong_default_is_refused_with_what_there_is(self, chat):
        await asked(chat, chat.tom, "defaults", "--model flax-2", "flax-2")

    async def test_help_names_the_flags(self, chat):
        text = await asked(chat, chat.mina, "help", "", "--ar")
        assert "/imagine" in text

    async def test_ones_own_data_are_handed_over_as_a_file(self, chat):
        await painted(chat, chat.mina, "a fox in a file")
        others = len(chat.told(chat.tom))
        await asked(chat, chat.mina, "mydata", "", "everything")
        (data,) = await until(lambda: chat.documents(chat.mina), "the file")
        (here,) = json.loads(data)["communities"]
        assert "a fox in a file" in [job["order"]["subject"] for job in here["jobs"]]
        assert (len(chat.told(chat.tom)), chat.documents(chat.tom)) == (others, [])

    async def test_forgetting_asks_first_and_then_erases(self, chat):
        post = await painted(chat, chat.tom)
        await asked(chat, chat.tom, "forget", "", "for good")
        assert seen(chat, post)
        before = len(chat.told(chat.tom))
        await chat.confirm(chat.tom)
        await answered(chat, chat.tom, before, "erased")
        await until(lambda: seen(chat, post) is None)

    # ── Moderators ───────────────────────────────────────────────────────────────────────────────────

    async def test_a_moderator_changes_a_rule_and_everybody_has_it(self, chat):
        await asked(chat, chat.kim, "admin", "set images_max 1", "images_max", "1")
        before = len(chat.told(chat.mina))
        await chat.imagine(chat.mina, f"{FOX} --n 2")
        await answered(chat, chat.mina, before, "fewer")
        await asked(chat, chat.kim, "admin", "set images_max default", "images_max", "4")

    async def test_who_is_no_moderator_is_told_so(self, chat):
        before = len(chat.told(chat.mina))
        try:
            await chat.ask(chat.mina, "admin", "settings")
        except PermissionError:  # the platform itself doesn't offer it
            pytest.skip("hidden from members here")
        await answered(chat, chat.mina, before, "moderator")
