"""Buttons, the remix form and reactions -> Studio. Who presses pays; a double click counts once."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import NotThere
from bot.ports import Ask, Role, role_of
from bot.studio import Studio
from bot.words import Words
from integrations.web.commands import ask_of
from integrations.web.notes import Note
from integrations.web.people import Person

DOUBLE_CLICK_S = 3.0
REACTION_S = 60.0

MessageId = Annotated[str, Field(pattern=r"^[0-9a-z]{26}:(main|pick:[1-4])$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Body(BaseModel):
    """What a request may hold, with the right types and nothing else."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Press(Body):
    """A button of a message. `text` is the remix form's; `again` marks a request that is sent once more."""

    message: MessageId
    do: Literal["cancel", "reroll", "remix", "pick", "delete", "report", "retry"]  # of bot.ports.Do
    index: int = Field(0, ge=0, le=4)
    text: str = Field("", max_length=8_000)
    key: Key
    again: bool = False


class React(Body):
    """A reaction on a message."""

    message: MessageId
    emoji: Literal["🔁", "❌"]
    key: Key
    again: bool = False


class Controls:
    """What people press."""

    def __init__(self, studio: Studio, words: Words) -> None:
        self._studio = studio
        self._words = words

    async def pressed(self, person: Person, press: Press) -> Note | None:
        """Does what a button says. Raises a Refusal."""
        event = f"web:press:{press.message}:{person.id}:{press.do}:{press.index}"
        if not press.again and not await self._studio.first_time(event, again_after_s=DOUBLE_CLICK_S):
            return None
        ask = ask_of(person, press.text, press.key, self._studio.store.now())
        job, _, role = press.message.partition(":")
        match press.do:
            case "delete":
                return await self._delete(job, role_of(role), ask, again=press.again)
            case "report":
                await self._studio.report(job, person.requester)
                return Note(text=self._words.say("report-done", person.language))
            case "cancel":
                await self._studio.cancel(job, person.requester)
            case "pick":
                await self._studio.pick(job, press.index, ask)
            case "remix":
                await self._studio.remix(job, ask)
            case _:
                await self._studio.reroll(job, ask)
        return None

    async def reacted(self, person: Person, react: React) -> Note | None:
        """🔁 draws anew, ❌ deletes; adding one again within a minute counts once. Raises a Refusal."""
        event = f"web:react:{react.message}:{person.id}:{react.emoji}"
        if not react.again and not await self._studio.first_time(event, again_after_s=REACTION_S):
            return None
        job, _, role = react.message.partition(":")
        ask = ask_of(person, "", react.key, self._studio.store.now())
        if react.emoji == "🔁":
            await self._studio.reroll(job, ask)
            return None
        return await self._delete(job, role_of(role), ask, again=react.again)

    async def _delete(self, job: str, role: Role, ask: Ask, *, again: bool) -> Note:
        try:
            await self._studio.delete(job, ask.requester, role=role)
        except NotThere:
            # The first sending of this request may have done it, and its answer was lost.
            if not again:
                raise
        return Note(text=self._words.say("delete-done", ask.requester.language))
