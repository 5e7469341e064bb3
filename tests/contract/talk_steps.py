"""Steps that the laws of a conversation are told in, whatever the platform."""

import asyncio
import io
from dataclasses import dataclass

import pytest
from PIL import Image

PATIENCE_S = 30.0  # a guard against hanging, never a measure
FOX = "a red fox in the snow"
FOX_CREDITS = 39  # an image of the model that is used when none is named


@dataclass(frozen=True)
class Post:
    """A message of ours as everybody sees it."""

    id: str
    job: str
    text: str
    pictures: int
    buttons: tuple[str, ...]  # "reroll", "pick:2"

    def offers(self, *buttons):
        return set(buttons) <= set(self.buttons)


async def until(condition, what="what was expected"):
    """Waits for it."""
    for _ in range(int(PATIENCE_S / 0.02)):
        found = condition()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited for {what}")


async def painted(chat, person, text=FOX):
    """A new picture, finished."""
    before = {post.id for post in chat.posts()}
    await chat.imagine(person, text)
    return await appeared(chat, before, "reroll")


async def appeared(chat, before, *buttons):
    """The one message that was not there before, when it offers these buttons."""

    def new():
        return [post for post in chat.posts() if post.id not in before and post.offers(*buttons)]

    found = await until(new, f"a new message with {buttons}")
    assert len(found) == 1
    return found[0]


async def answered(chat, person, before, *words):
    """A private answer after so many, with these words in it."""

    def said():
        return next((t for t in chat.told(person)[before:] if all(word in t for word in words)), None)

    return await until(said, f"{words} among {chat.told(person)[before:]}")


async def asked(chat, person, topic, text="", *words):
    before = len(chat.told(person))
    await chat.ask(person, topic, text)
    return await answered(chat, person, before, *words)


def seen(chat, post):
    return next((one for one in chat.posts() if one.id == post.id), None)


def verb(chat, name):
    """What people can do in a chat, by its driver; where they can't, its `lacks` says why, and the law is skipped so."""
    does = getattr(chat, name, None)
    if does is None:
        pytest.skip(chat.lacks[name])
    return does


def photo(colour="red", size=(48, 32)):
    """A picture of somebody's own, as small as it gets."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()
