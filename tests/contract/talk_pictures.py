"""The laws of pictures in a conversation: given, gone on from, kept, and what is said about them.

A part of tests/contract/talk_contract.py, whose docstring says what a driver does.
"""

import asyncio

import pytest

from tests.contract.talk_steps import (
    FOX,
    FOX_CREDITS,
    answered,
    appeared,
    asked,
    painted,
    photo,
    seen,
    until,
    verb,
)
from tests.fakes.books import run
from tests.fakes.patience import PATIENCE_S

NIGHT = "make it night"
PLAIN = "stability-ai/sdxl"  # takes no pictures
TAKES = "gemini-2.5-flash-image"  # takes three
LARGER_CREDITS = 20
ADDRESS = "https://example.com/cat.png"


def ids(chat):
    return {post.id for post in chat.posts()}


async def form_of(chat, person, post, do="edit", index=0):
    """The form that a press opens."""
    await chat.press(person, post, do, index)
    return await until(lambda: chat.form(person), "the form")


async def picked(chat, person, several, index):
    """One picture of several, alone."""
    before = ids(chat)
    await chat.press(person, several, "pick", index)
    return await appeared(chat, before, "original", "delete", "edit")


class PictureLaws:
    """The laws."""

    @pytest.fixture(autouse=True)
    def _in_a_house_that_takes_pictures(self, chat):
        verb(chat, "takes_pictures")

    # ── Given ────────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("number", [1, 3])
    async def test_pictures_that_are_given_are_drawn_from_and_said_so(self, chat, number):
        gives, before = verb(chat, "gives"), ids(chat)
        left = await chat.left(chat.mina)
        await gives(
            chat.mina, "as a woodcut", [photo(colour) for colour in ("red", "green", "blue")[:number]]
        )
        post = await appeared(chat, before, "edit", "vary")
        assert "as a woodcut" in post.text
        assert "Made from" in post.text
        assert ("a picture that was given" if number == 1 else "3 pictures that were given") in post.text
        assert await chat.left(chat.mina) == left - FOX_CREDITS

    async def test_more_pictures_than_a_model_takes_are_refused_with_those_that_take_them(self, chat):
        gives, left = verb(chat, "gives"), await chat.left(chat.mina)
        posts, before = len(chat.posts()), len(chat.told(chat.mina))
        text = f"a long text that nobody wants to type again --model {TAKES}"
        await gives(chat.mina, text, [photo()] * 4)
        said = await answered(chat, chat.mina, before, "3 pictures at most", "flux-2-pro")
        assert "a long text that nobody wants to type again" in said
        assert (len(chat.posts()), await chat.left(chat.mina)) == (posts, left)

    async def test_a_model_that_takes_none_is_refused_with_those_that_do(self, chat):
        gives, left = verb(chat, "gives"), await chat.left(chat.mina)
        posts, before = len(chat.posts()), len(chat.told(chat.mina))
        await gives(chat.mina, f"as a woodcut --model {PLAIN}", [photo()])
        await answered(chat, chat.mina, before, "takes no pictures", TAKES, "as a woodcut")
        assert (len(chat.posts()), await chat.left(chat.mina)) == (posts, left)

    @pytest.mark.parametrize(
        "text",
        [
            f"{ADDRESS} make it blue and very, very calm",
            f"make it blue <{ADDRESS}> and very, very calm",
            "make it blue [cat](http://example.com/cat) and very, very calm",
            "make it blue //example.com/pics/cat.webp and very, very calm",
            f"make it blue and very, very calm --sref {ADDRESS}",
            f"make it blue and very, very calm --no dogs, {ADDRESS}",
        ],
    )
    async def test_an_address_is_no_picture_and_costs_nothing(self, chat, text):
        """The words come back whole: nobody types them twice."""
        posts, left, before = len(chat.posts()), await chat.left(chat.tom), len(chat.told(chat.tom))
        await chat.imagine(chat.tom, text)
        said = await answered(chat, chat.tom, before, "address")
        assert "and very, very calm" in said
        assert (len(chat.posts()), await chat.left(chat.tom)) == (posts, left)

    async def test_an_address_of_ours_is_the_picture_and_leaves_the_words(self, chat):
        address_of, first = verb(chat, "address"), await painted(chat, chat.mina)
        before = ids(chat)
        await chat.imagine(chat.tom, f"{address_of(first)} make it blue")
        post = await appeared(chat, before, "edit")
        assert "make it blue" in post.text
        assert "Made from" in post.text
        assert "/a/" not in post.text

    # ── Gone on from ─────────────────────────────────────────────────────────────────────────────────

    async def test_an_edit_of_an_edit_of_an_edit(self, chat):
        """Each is one new message that is paid by who asks, says from what it came, and offers it all again."""
        post = await painted(chat, chat.mina)
        for words in ("make it night", "add a moon", "without the fox"):
            left, before = await chat.left(chat.tom), ids(chat)
            form = await form_of(chat, chat.tom, post)
            assert form["prompt"] == ""
            await chat.fill(chat.tom, prompt=words)
            edited = await appeared(chat, before, "edit", "vary", "remix", "reroll", "favourite")
            assert words in edited.text
            assert "Made from" in edited.text
            assert await chat.left(chat.tom) == left - FOX_CREDITS
            assert seen(chat, post) == post
            post = edited

    async def test_of_several_pictures_the_form_asks_which(self, chat):
        several = await painted(chat, chat.mina, f"{FOX} --n 4")
        form = await form_of(chat, chat.mina, several)
        assert form["picture"]
        before = ids(chat)
        await chat.fill(chat.mina, prompt=NIGHT, picture="3")
        await appeared(chat, before, "edit")

    async def test_a_pick_is_edited_and_varied_as_it_is(self, chat):
        several = await painted(chat, chat.mina, f"{FOX} --n 2")
        one = await picked(chat, chat.tom, several, 2)
        assert one.offers("edit", "vary", "favourite", "send")
        assert "picture" not in await form_of(chat, chat.tom, one)
        before = ids(chat)
        await chat.fill(chat.tom, prompt=NIGHT)
        await appeared(chat, before, "edit")
        before, left = ids(chat), await chat.left(chat.tom)
        await chat.press(chat.tom, one, "vary")
        varied = await appeared(chat, before, "edit")
        assert FOX in varied.text
        assert "Made from" in varied.text
        assert varied.pictures >= 1
        assert await chat.left(chat.tom) == left - 2 * FOX_CREDITS

    async def test_one_of_several_is_varied_without_being_picked_and_its_style_stands_on_its_card(self, chat):
        several = await painted(chat, chat.mina, f"{FOX} --n 3 --style ink")
        assert "Ink drawing" in several.text
        assert sum(one.startswith("vary") for one in several.buttons) == 3, several.buttons
        before, left = ids(chat), await chat.left(chat.mina)
        await chat.press(chat.mina, several, "vary", 3)
        varied = await appeared(chat, before, "edit")
        assert FOX in varied.text
        assert "Made from" in varied.text
        (source,) = (await chat.house.studio.look(varied.job)).order.sources
        assert source.ref == f"{several.job}/3", "that one, not the first"
        assert await chat.left(chat.mina) < left

    async def test_a_picture_of_a_model_that_takes_none_is_varied_by_one_that_does(self, chat):
        first = await painted(chat, chat.mina, f"{FOX} --model {PLAIN} --no text")
        before = ids(chat)
        await chat.press(chat.mina, first, "vary")
        varied = await appeared(chat, before, "vary")
        assert "sdxl" not in varied.text
        assert FOX in varied.text

    async def test_remix_and_reroll_keep_what_was_given(self, chat):
        first = await painted(chat, chat.mina)
        before = ids(chat)
        await form_of(chat, chat.mina, first)
        await chat.fill(chat.mina, prompt=NIGHT)
        edited = await appeared(chat, before, "edit")
        before = ids(chat)
        await chat.press(chat.tom, edited, "reroll")
        assert "Made from" in (await appeared(chat, before, "edit")).text
        before = ids(chat)
        await form_of(chat, chat.tom, edited, "remix")
        await chat.fill(chat.tom, prompt="make it dawn")
        assert "Made from" in (await appeared(chat, before, "edit")).text

    async def test_anybodys_picture_can_be_held_and_changed(self, chat):
        holds, first = verb(chat, "holds"), await painted(chat, chat.mina)
        await holds(chat.tom, first)
        await until(lambda: chat.form(chat.tom), "the form")
        before = ids(chat)
        await chat.fill(chat.tom, prompt=NIGHT)
        post = await appeared(chat, before, "edit")
        assert NIGHT in post.text
        assert "Made from" in post.text

    async def test_a_form_takes_pictures_too(self, chat):
        verb(chat, "gives")
        first = await painted(chat, chat.mina)
        await form_of(chat, chat.mina, first)
        before = ids(chat)
        await chat.fill(chat.mina, pictures=[photo()], prompt="put this hat on the fox")
        assert "2 pictures" in (await appeared(chat, before, "edit")).text

    async def test_a_private_picture_is_nobody_elses_source(self, chat):
        first = await painted(chat, chat.mina, f"{FOX} --private")
        for someone in (chat.tom, chat.kim):
            posts, left, before = len(chat.posts()), await chat.left(someone), len(chat.told(someone))
            await chat.imagine(someone, f"{NIGHT} --ref {first.job}")
            await answered(chat, someone, before, NIGHT)
            assert (len(chat.posts()), await chat.left(someone)) == (posts, left)
        before = ids(chat)
        await chat.imagine(chat.mina, f"{NIGHT} --ref {first.job} --private")
        assert "Made from" in (await appeared(chat, before, "edit")).text

    async def test_a_picture_is_made_larger_from_a_pick_and_from_one_alone(self, chat):
        """One of four is chosen first; who presses pays, and what came of it may be made larger again."""
        several = await painted(chat, chat.mina, f"{FOX} --n 2")
        assert not several.offers("upscale")
        post = await picked(chat, chat.tom, several, 2)
        for _ in range(2):
            left, before = await chat.left(chat.tom), ids(chat)
            await chat.press(chat.tom, post, "upscale")
            post = await appeared(chat, before, "upscale", "edit")
            assert "stable-upscale-fast" in post.text
            assert "Made from" in post.text
            assert await chat.left(chat.tom) == left - LARGER_CREDITS

    # ── Likeness ─────────────────────────────────────────────────────────────────────────────────────

    async def test_style_and_likeness_come_from_pictures_of_ours(self, chat):
        several = await painted(chat, chat.mina, f"{FOX} --n 2")
        before = ids(chat)
        await chat.imagine(chat.tom, f"a harbour --sref {several.job}/2 --oref {several.job}")
        post = await appeared(chat, before, "edit")
        assert "Style from" in post.text
        assert "With who or what is on" in post.text
        assert "--sref" not in post.text

    async def test_what_nobody_knows_as_a_picture_is_refused_with_what_can_be(self, chat):
        left, before = await chat.left(chat.mina), len(chat.told(chat.mina))
        await chat.imagine(chat.mina, "a harbour --sref my grandmother's scarf")
        await answered(chat, chat.mina, before, "my grandmother's scarf", "favourite", "a harbour")
        assert await chat.left(chat.mina) == left

    async def test_this_one_is_what_came_along_or_nothing(self, chat):
        before = len(chat.told(chat.mina))
        await chat.imagine(chat.mina, "a harbour --sref this one")
        await answered(chat, chat.mina, before, "this one", "a harbour")
        gives, before = verb(chat, "gives"), ids(chat)
        await gives(chat.mina, "a harbour --sref this one", [photo()])
        post = await appeared(chat, before, "edit")
        assert "Style from" in post.text
        assert "Made from" not in post.text

    # ── Said ─────────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("text", ["thanks!", "help", "고마워"])  # all of it: tests/unit/test_chatter.py
    async def test_small_talk_is_answered_in_private_and_draws_nothing(self, chat, text):
        says, left = verb(chat, "says"), await chat.left(chat.tom)
        posts, before, others = len(chat.posts()), len(chat.told(chat.tom)), len(chat.told(chat.mina))
        await says(chat.tom, text)
        await until(lambda: len(chat.told(chat.tom)) > before, "an answer")
        assert len(chat.told(chat.tom)) == before + 1
        assert (len(chat.posts()), len(chat.told(chat.mina)), await chat.left(chat.tom)) == (
            posts,
            others,
            left,
        )

    @pytest.mark.parametrize(
        "text",
        [
            "hi-tech city at night",
            "help poster, 1940s",
        ],
    )
    async def test_words_that_only_begin_like_small_talk_are_a_picture(self, chat, text):
        says, before = verb(chat, "says"), ids(chat)
        await says(chat.tom, text)
        assert text in (await appeared(chat, before, "reroll")).text

    async def test_small_talk_in_answer_to_a_picture_changes_nothing(self, chat):
        answers, first = verb(chat, "answers"), await painted(chat, chat.mina)
        posts, before = len(chat.posts()), len(chat.told(chat.mina))
        await answers(chat.mina, first, "wow, thank you!")
        await until(lambda: len(chat.told(chat.mina)) > before, "an answer")
        assert len(chat.posts()) == posts

    async def test_words_in_answer_to_a_picture_change_it(self, chat):
        answers, first = verb(chat, "answers"), await painted(chat, chat.mina)
        before = ids(chat)
        await answers(chat.tom, first, NIGHT)
        post = await appeared(chat, before, "edit")
        assert NIGHT in post.text
        assert FOX not in post.text
        assert "Made from" in post.text

    async def test_what_is_said_beside_a_picture_counts_only_as_an_edit(self, chat):
        murmurs, first = verb(chat, "murmurs"), await painted(chat, chat.mina)
        before, told = ids(chat), len(chat.told(chat.tom))
        await murmurs(chat.tom, first, "make it to the meeting, please")
        await murmurs(chat.tom, first, "thanks everybody")
        await murmurs(chat.tom, first, NIGHT)
        post = await appeared(chat, before, "edit")
        assert NIGHT in post.text
        assert len(chat.told(chat.tom)) == told

    async def test_an_edit_without_a_picture_named_goes_on_from_ones_last_one(self, chat):
        says, _ = verb(chat, "says"), await painted(chat, chat.mina)
        before = ids(chat)
        await says(chat.mina, NIGHT)
        assert "Made from" in (await appeared(chat, before, "edit")).text

    # ── Kept ─────────────────────────────────────────────────────────────────────────────────────────

    async def test_a_favourite_is_kept_for_oneself_used_by_its_name_and_taken_away(self, chat):
        first = await painted(chat, chat.mina, "a lighthouse in a storm, oil on canvas")
        before = len(chat.told(chat.tom))
        await chat.press(chat.tom, first, "favourite")
        await answered(chat, chat.tom, before, "a lighthouse in a storm")
        await asked(chat, chat.tom, "favourites", "", "a lighthouse in a storm")
        await asked(chat, chat.mina, "favourites", "", "Nothing yet")
        await asked(chat, chat.tom, "favourites", "rename a lighthouse to the old light", "the old light")
        posts = ids(chat)
        await chat.imagine(chat.tom, "a harbour --ref the old light")
        assert "Made from" in (await appeared(chat, posts, "edit")).text
        shown = chat.files(chat.tom)
        await chat.show_again(chat.tom, first.job)
        await until(lambda: chat.files(chat.tom) > shown)
        await asked(chat, chat.tom, "favourites", "remove the old light", "no favourite any more")
        await asked(chat, chat.tom, "favourites", "", "Nothing yet")

    async def test_pressed_again_a_favourite_is_none(self, chat):
        first = await painted(chat, chat.mina)
        await chat.react(chat.mina, first, "favourite")
        await asked(chat, chat.mina, "favourites", "", "a red fox in the snow")
        before = len(chat.told(chat.mina))
        await chat.press(chat.mina, first, "favourite")
        await answered(chat, chat.mina, before, "no favourite any more")
        await asked(chat, chat.mina, "favourites", "", "Nothing yet")

    async def test_a_double_click_keeps_a_favourite(self, chat):
        first = await painted(chat, chat.mina)
        await chat.press_twice(chat.mina, first, "favourite")

        async with asyncio.timeout(PATIENCE_S):  # of two windows either may be the first
            while not await run(chat.house.store, "SELECT job FROM favourites"):
                await asyncio.sleep(0.02)
        await asked(chat, chat.mina, "favourites", "", "a red fox in the snow")

    async def test_a_picture_that_is_deleted_is_nobodys_favourite(self, chat):
        first = await painted(chat, chat.mina)
        before = len(chat.told(chat.tom))
        await chat.press(chat.tom, first, "favourite")
        await answered(chat, chat.tom, before, "Kept")
        await chat.press(chat.mina, first, "delete")
        await until(lambda: seen(chat, first) is None)
        await asked(chat, chat.tom, "favourites", "", "Nothing yet")

    async def test_a_picture_is_sent_to_who_wants_it(self, chat):
        sent, first = verb(chat, "sent"), await painted(chat, chat.mina)
        before, others = sent(chat.tom), sent(chat.mina)
        await chat.press(chat.tom, first, "send")
        await until(lambda: sent(chat.tom) == before + 1, "the picture")
        await asyncio.sleep(0)
        assert sent(chat.mina) == others

    # ── Told ─────────────────────────────────────────────────────────────────────────────────────────

    async def test_models_tell_how_many_pictures_each_takes(self, chat):
        await asked(chat, chat.mina, "models", "", "up to 3 pictures")
