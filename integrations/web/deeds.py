"""What people do on the page -> Deed: the bodies of requests, with the right types and nothing else."""

from dataclasses import replace
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.model import Source, Use, Where
from bot.ports import Address, Do, Place, role_of
from bot.talk.deeds import SIGNS, Asked, Begun, Deed, Filled, Pressed, Reacted, Spoken, Topic, Typed, asked
from integrations.web.people import CHANNEL, PEOPLE, SURFACE, Person

TEXT_MAX = 8_000
PICTURES_MAX = 64  # with masks: how many an order takes is the core's to say, and it says it in words

MessageId = Annotated[str, Field(pattern=r"^[0-9a-z]{26}:(main|pick:[1-4])$")]


class Body(BaseModel):
    """What a request may hold."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Once(Body):
    """Something that is done once for its key; `again` marks a request that is sent once more."""

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    again: bool = False


class GivenBody(Body):
    """A picture that was sent up before, by the mark that it was given then."""

    ref: str = Field(min_length=1, max_length=400)
    use: Literal["picture", "mask"] = "picture"

    @property
    def source(self) -> Source:
        return Source(where=Where.UPLOAD, ref=self.ref, use=Use(self.use))


class _Giving(_Once):
    """What pictures can be given with."""

    pictures: tuple[GivenBody, ...] = Field((), max_length=PICTURES_MAX, strict=False)

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(given.source for given in self.pictures)


class SayBody(_Giving):
    """A line that somebody typed."""

    text: str = Field(min_length=1, max_length=TEXT_MAX)


class PressBody(_Giving):
    """A button of a message. `text` is what was written into the form of Remix or Edit; None asks for the form."""

    message: MessageId
    do: Do
    index: int = Field(0, ge=0, le=4)
    text: str | None = Field(None, max_length=TEXT_MAX)

    @field_validator("do")
    @classmethod
    def _is_no_link(cls, do: Do) -> Do:
        if do in (Do.ORIGINAL, Do.SHOW):
            raise ValueError("the untouched pictures are links here")
        return do


class TakeBody(_Once):
    """What stands below a sentence for one person; `about` is what it was given with."""

    do: Literal[Do.APPEAL]
    about: str = Field(pattern=r"^[0-9a-z]{20,40}$")


class ReactBody(_Once):
    """A reaction on a message."""

    message: MessageId
    emoji: str = Field(max_length=8)

    @field_validator("emoji")
    @classmethod
    def _means_something_here(cls, emoji: str) -> str:
        if emoji not in SIGNS:
            raise ValueError("that sign means nothing here")
        return emoji


DeedBody = SayBody | PressBody | TakeBody | ReactBody


def deed_of(person: Person, act: DeedBody, now: float) -> Deed:
    """What was done, as a value."""
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
        case PressBody(do=Do.REMIX | Do.EDIT, text=str(text)):
            job = act.message.partition(":")[0]
            begun = Begun(parent=job, edits=act.do is Do.EDIT, index=act.index)
            return Filled(text=text, begun=begun, pictures=act.sources, **done)
        case PressBody(do=Do.REMIX | Do.EDIT):
            # Looking at a form changes nothing: it may be asked for as often as one likes.
            asking = done | {"retold": True}
            return Pressed(do=act.do, index=act.index, **_message(act.message), **asking)
        case PressBody():
            return Pressed(do=act.do, index=act.index, **_message(act.message), **done)
        case TakeBody():
            return Pressed(do=act.do, job=act.about, message=act.about, **done)
        case ReactBody():
            return Reacted(sign=SIGNS[act.emoji], **_message(act.message), **done)
        case SayBody():
            return _said(act.text.strip(), act.sources, done)
    assert_never(act)


def _message(name: str) -> dict[str, Any]:
    job, _, role = name.partition(":")
    return {"message": name, "job": job, "role": role_of(role)}


def _said(text: str, pictures: tuple[Source, ...], done: dict[str, Any]) -> Typed | Asked | Spoken:
    command, _, rest = text.partition(" ")
    match command.lower():
        case "/imagine":
            return Typed(text=rest, pictures=pictures, **done)
        case "/easel" | "/easel-admin" as word:  # Discord's name for it, which texts tell
            behind = rest if word == "/easel" else f"{Topic.ADMIN} {rest}"
            question = asked(done["who"], done["place"], done["key"], behind, retold=done["retold"])
            known = {word: PEOPLE.get(word.lstrip("@").casefold()) for word in rest.split()}
            return replace(question, people={word: p.requester for word, p in known.items() if p})
        case word if word.startswith("/"):  # a slip; the page has shown no price for it, as for no command
            return asked(done["who"], done["place"], done["key"], "", retold=done["retold"])
        case _:  # what people type without a command
            return Spoken(text=text, pictures=pictures, **done)
