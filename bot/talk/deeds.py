"""What a person did, as a value: who, where, what. Surfaces make deeds of their events, and decide nothing.

Every deed has a `key` of the surface's own making that makes it happen once, also when the platform
tells of it twice. Keys of different surfaces must differ: they begin with the surface's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from bot.model import Source
from bot.ports import MAIN, Do, Place, Requester, Role, Tell, nothing, say_nothing


class Topic(StrEnum):
    """What a person can ask about, by the names of the commands."""

    CREDITS = "credits"
    HISTORY = "history"
    SHOW = "show"  # one picture again, by its number
    FAVOURITES = "favourites"
    MODELS = "models"
    DEFAULTS = "defaults"
    REDEEM = "redeem"  # a code becomes credits
    GIFT = "gift"  # to somebody else
    BUY = "buy"  # credits for money
    MYDATA = "mydata"  # all that is kept of oneself
    FORGET = "forget"
    HELP = "help"
    ADMIN = "admin"
    CREATE = "create"  # the form for a new picture


class Sign(StrEnum):
    """What a reaction on a picture means."""

    AGAIN = "again"
    DELETE = "delete"
    FAVOURITE = "favourite"
    SEND = "send"


# What people put on a picture, in any chat that has emoji.
SIGNS = {
    "🔁": Sign.AGAIN, "🔄": Sign.AGAIN, "🎲": Sign.AGAIN,
    "❌": Sign.DELETE, "🗑️": Sign.DELETE, "🗑": Sign.DELETE,
    "⭐": Sign.FAVOURITE, "🌟": Sign.FAVOURITE,
    "✉️": Sign.SEND, "✉": Sign.SEND, "📩": Sign.SEND,
}  # fmt: skip


class Origin(TypedDict):
    """What every deed has of whoever did it."""

    who: Requester
    place: Place
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What all deeds have."""

    who: Requester
    place: Place
    key: str
    # Called when an order is durable, before its placeholder is posted: a surface may acknowledge it then.
    accepted: Callable[[], None] = field(default=nothing, compare=False, repr=False)
    # Called where that takes a while, because many have come at once: a surface may say that it has heard.
    waits: Tell = field(default=say_nothing, compare=False, repr=False)
    retold: bool = False  # sent once more by the person's own program, whose first answer may have been lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(_Done):
    """Words for a picture; `options` are explicit ones of the platform, and win over flags in the text."""

    text: str
    options: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken(_Done):
    """Words said to Easel where there are no commands: a mention, a reply, a direct message.

    `about` is the job of the picture that they answer, with its message's role. `called`: Easel was meant by
    name, by the place, or by a reply; else they were said in a picture's thread, and count only where they begin
    an edit. `answers`: they reply to that picture itself. Else it is only the last one there (of a thread, of direct
    messages): they go on from it where they begin an edit, and ask for a new one where not.
    """

    text: str
    pictures: tuple[Source, ...] = ()
    about: str = ""
    role: Role = MAIN
    called: bool = True
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(_Done):
    """A message's menu: the pictures in it are to be changed, whoever wrote it. The answer is a form."""

    pictures: tuple[Source, ...]


_EDIT, _DRAFT = "edit", "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a form began with, which comes back as it was when the form is filled in: Create, a Remix, or an edit.

    As text it is what an Asked(CREATE) has the same form by, with other values, so that it follows its model.
    """

    parent: str = ""
    edits: bool = False  # the picture of `parent` is changed, or those of a message; else its words are
    index: int = 0  # which of several, from 1; 0: the first
    draft: str = ""  # what was refused before, of which the other facts are kept

    def __str__(self) -> str:
        if self.draft:
            return f"{_DRAFT} {self.draft}"
        if not self.edits:
            return self.parent
        return f"{_EDIT} {self.parent}/{self.index}" if self.parent else f"{_EDIT} "


ANEW = Begun()


def begun(text: str) -> Begun:
    """The same out of its text."""
    kind, _, rest = text.partition(" ")
    if kind == _DRAFT:
        return Begun(draft=rest)
    if kind != _EDIT:
        return Begun(parent=text)
    parent, _, index = rest.partition("/")
    return Begun(parent=parent, edits=True, index=int(index) if index.isdecimal() else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled(_Done):
    """A form that was filled in. `pictures` are those that it began with, then those that were put into it."""

    text: str
    options: Mapping[str, str] = field(default_factory=dict)
    begun: Begun = ANEW
    pictures: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(_Done):
    """A button or a menu of one of our messages; without `job` it is the message's own, which the talk finds."""

    do: Do
    job: str = ""
    role: Role = MAIN
    index: int = 0  # which picture, from 1; 0: all, or the message's own
    message: str = ""  # the key of the message that it stands on, as its handle has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(_Done):
    """A reaction on one of our messages."""

    sign: Sign
    job: str
    role: Role = MAIN
    message: str  # its key
    emoji: str = ""  # where several mean the same, each counts by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(_Done):
    """A question about one's own things, a moderator's line, or the wish for a form.

    `text` is what was typed behind the command; `values` the same where the platform has options for it.
    `people` are those whom the text names: mention as typed -> who is meant.
    """

    topic: Topic
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Requester] = field(default_factory=dict)


Deed = Typed | Spoken | Held | Filled | Pressed | Reacted | Asked

NAMING = (Topic.ADMIN, Topic.GIFT)  # whose text names people
CONFIRMED = "yes"  # the text with which a question that asks back is sent again


def topic_of(word: str) -> Topic | None:
    """The topic that a typed word names. Not CREATE: `create a fox` is to be drawn."""
    plain = word.casefold()
    return next((topic for topic in Topic if topic == plain and topic is not Topic.CREATE), None)


def asked(who: Requester, place: Place, key: str, text: str, *, retold: bool = False) -> Asked:
    """What stands behind `/easel`; whoever asks for nothing known is helped."""
    first, _, rest = text.strip().partition(" ")
    topic = topic_of(first) or Topic.HELP
    return Asked(who=who, place=place, key=key, topic=topic, text=rest.strip(), retold=retold)
