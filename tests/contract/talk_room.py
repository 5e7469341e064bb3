"""What every surface promises of the moderators' room: one message an event, handled by moderators alone.

A driver brings, besides what tests/contract/talk_contract.py names:

    await names_room()            a moderator names the room
    room()                        the messages in it, oldest first: Post
    await takes(person, do)       presses what stands below the last private answer of a person
"""

from tests.contract.talk_steps import FOX, FOX_CREDITS, answered, asked, painted, seen, until, verb

NAKED = "a naked woman, explicit porn"


async def reported(chat, text=FOX):
    """A picture of mina's that tom has reported, and the room's message about it."""
    await verb(chat, "names_room")()
    post = await painted(chat, chat.mina, text)
    before, told = {one.id for one in chat.room()}, len(chat.told(chat.tom))
    for _ in range(2):
        await chat.press(chat.tom, post, "report")
    await answered(chat, chat.tom, told, "moderators")

    def new():
        """What an earlier law's people caused may be told only now."""
        return [one for one in chat.room() if one.id not in before and post.job in one.text]

    (event,) = await until(new, "the room's message")
    return post, event


def now(chat, event):
    return next(one for one in chat.room() if one.id == event.id)


async def handled(chat, event, do, *words):
    """A moderator presses a button, and the room's message says who did what."""
    await chat.press(chat.kim, event, do)
    return await until(
        lambda: next((e for e in chat.room() if e.id == event.id and all(w in e.text for w in words)), None),
        f"{words} in the room",
    )


class RoomLaws:
    """The laws of the room."""

    async def test_a_report_is_one_message_in_the_room_that_moderators_alone_can_handle(self, chat):
        post, event = await reported(chat)
        assert FOX in event.text
        assert event.offers("open", "hide", "refund", "block", "dismiss")
        assert not event.offers("release")
        assert [one.id for one in chat.room()].count(event.id) == 1
        await handled(chat, event, "dismiss", "Dismissed")
        assert not now(chat, event).offers("dismiss")
        assert seen(chat, post)

    async def test_hidden_is_out_of_the_chat_until_it_is_released(self, chat):
        post, event = await reported(chat)
        hidden = await handled(chat, event, "hide", "Hidden by")
        assert hidden.offers("open", "release", "discard", "refund")
        assert not hidden.offers("hide")
        await until(lambda: seen(chat, post).pictures == 0 and not seen(chat, post).offers("reroll"))
        files = chat.files(chat.kim)
        await chat.press(chat.kim, event, "open")
        await until(lambda: chat.files(chat.kim) > files, "the picture, for the moderator")
        await handled(chat, event, "release", "Released")
        await until(lambda: seen(chat, post).pictures == 1 and seen(chat, post).offers("reroll"))

    async def test_a_refund_goes_back_once(self, chat):
        left = await chat.left(chat.mina)
        _, event = await reported(chat)
        assert await chat.left(chat.mina) == left - FOX_CREDITS
        await handled(chat, event, "refund", "Refunded")
        assert await chat.left(chat.mina) == left
        assert not now(chat, event).offers("refund")

    async def test_a_refusal_can_be_appealed_against_once_and_called_wrong(self, chat):
        await verb(chat, "names_room")()
        room, before = {one.id for one in chat.room()}, len(chat.told(chat.tom))
        await chat.imagine(chat.tom, NAKED)
        await answered(chat, chat.tom, before, "If that is a mistake")
        await chat.takes(chat.tom, "appeal")
        await answered(chat, chat.tom, before, "moderators have it")
        (event,) = await until(
            lambda: [e for e in chat.room() if e.id not in room and NAKED in e.text], "the appeal"
        )
        assert NAKED in event.text
        assert event.offers("wrong", "dismiss")
        await handled(chat, event, "wrong", "wrong by")
        await answered(chat, chat.tom, before, "it was wrong")
        assert "sexual" in await asked(chat, chat.kim, "admin", "audit", "verdict refuse")
