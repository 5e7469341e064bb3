"""What people do on the page -> Deed: the bodies of requests, with the right types and nothing else."""

from dataclasses import replace
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.ports import Address, Do, Place, role_of
from bot.talk.deeds import Asked, Deed, Filled, Pressed, Reacted, Sign, Typed, asked
from integrations.web.people import CHANNEL, PEOPLE, SURFACE, Person

SIGNS = {"🔁": Sign.AGAIN, "❌": Sign.DELETE}
TEXT_MAX = 8_000

MessageId = Annotated[str, Field(pattern=r"^[0-9a-z]{26}:(main|pick:[1-4])$")]


class Body(BaseModel):
    """What a request may hold."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Once(Body):
    """Something that is done once for its key; `again` marks a request that is sent once more."""

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    again: bool = False


class Say(_Once):
    """A line that somebody typed."""

    text: str = Field(min_length=1, max_length=TEXT_MAX)


class Press(_Once):
    """A button of a message. `text` is what was written into the form of Remix."""

    message: MessageId
    do: Do
    index: int = Field(0, ge=0, le=4)
    text: str = Field("", max_length=TEXT_MAX)

    @field_validator("do")
    @classmethod
    def _is_no_link(cls, do: Do) -> Do:
        if do in (Do.ORIGINAL, Do.SHOW):
            raise ValueError("the untouched pictures are links here")
        return do


class React(_Once):
    """A reaction on a message."""

    message: MessageId
    emoji: Literal["🔁", "❌"]


Act = Say | Press | React


def deed_of(person: Person, act: Act, now: float) -> Deed | None:
    """What was done, as a value; None for words that are no command."""
    done: dict[str, Any] = {
        "who": person.requester,
        # The address remembers the moment, which is the message's place on the page.
        "place": Place(
            address=Address(surface=SURFACE, data={"at": f"{now:.3f}", "user": person.id}), channel=CHANNEL
        ),
        "key": f"{SURFACE}:{person.id}:{act.key}",
        "retold": act.again,
    }
    match act:
        case Press(do=Do.REMIX):
            return Filled(text=act.text, parent=act.message.partition(":")[0], **done)
        case Press():
            return Pressed(do=act.do, index=act.index, **_message(act.message), **done)
        case React():
            return Reacted(sign=SIGNS[act.emoji], **_message(act.message), **done)
        case Say():
            return _said(act.text.strip(), done)
    assert_never(act)


def _message(name: str) -> dict[str, Any]:
    job, _, role = name.partition(":")
    return {"message": name, "job": job, "role": role_of(role)}


def _said(text: str, done: dict[str, Any]) -> Typed | Asked | None:
    command, _, rest = text.partition(" ")
    match command.lower():
        case "/imagine":
            return Typed(text=rest, **done)
        case "/easel":
            question = asked(done["who"], done["place"], done["key"], rest, retold=done["retold"])
            known = {word: PEOPLE.get(word.lstrip("@").casefold()) for word in rest.split()}
            return replace(question, people={word: p.requester for word, p in known.items() if p})
        case _:
            return None
