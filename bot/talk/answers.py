"""What a deed is answered with, as a value. Surfaces show answers, each in its own way, to one person alone.

`Placed` is the exception: its message stands in the chat already, and there is nothing more to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.abilities import Named
from bot.errors import Refusal
from bot.job import Asset, Job, Placed
from bot.model import Source
from bot.ports import Card, Do, Gallery
from bot.talk.deeds import ANEW, Begun, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of a table; `text` says all of it where there are no tables."""

    label: str
    value: str = ""
    detail: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A button that asks on with a text: another page, or the same once more and sure (CONFIRMED)."""

    topic: Topic
    label: str
    text: str  # small letters and digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """Where something is paid for: at an address of a shop, or as an article that the platform itself sells."""

    label: str
    address: str = field(default="", repr=False)  # of one person alone
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of what the lines say, which stand beside it for whoever can't see it."""

    name: str
    png: bytes = field(repr=False)
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """An answer of several lines. `pictures` are jobs that can be shown again (Do.SHOW)."""

    topic: Topic
    title: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    rows_title: str = ""
    pictures: tuple[Job, ...] = ()
    confirm: Turn | None = None  # does what can't be undone
    how: str = ""  # how to do it by typing, for surfaces without options
    turns: tuple[Turn, ...] = ()
    pays: tuple[Pay, ...] = ()
    chart: Chart | None = None
    names: Mapping[str, Named] = field(default_factory=dict)  # ids in the lines, which are shown as names

    @property
    def plain(self) -> list[str]:
        """All lines but the title, where there are no tables."""
        table = [row.text for row in self.rows]
        heading = ["", self.rows_title] if table and self.rows_title else []
        return [*self.lines, *heading, *table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A button below a sentence for one person: comes back as Pressed with `about` as its job."""

    do: Do
    about: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence. `refusal` is what could not be had, where that is why.

    `until`: the moment at which it may be had, for platforms that write moments as people there read them.
    `again`: a trouble of ours, so that the same deed may be sent once more, as retold.
    """

    text: str
    refusal: Refusal | None = None
    offers: tuple[Offered, ...] = ()
    until: float | None = None
    again: bool = False
    typed: str = ""  # what was refused, word by word: whoever typed it has it back
    names: Mapping[str, Named] = field(default_factory=dict)  # ids in the text, which are shown as names


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nothing to say: what was done shows by itself, or was done already.

    `text` names it where a surface says it all the same. `orphan`: the message that was pressed is known to
    nobody (a crash took its handle); who was pressed there removes it.
    """

    text: str = ""
    orphan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One untouched picture, with its link where there is a public address."""

    asset: Asset
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Originals:
    """Pictures to be handed to one person. `to_look`: the pictures themselves, also where there are links.

    `direct`: by a direct message, where they stay, with the text.
    """

    job: Job
    pictures: tuple[Original, ...]
    to_look: bool = False
    direct: bool = False
    text: str = ""
    card: Card | None = None  # of the whole job, with its buttons

    @property
    def linked(self) -> bool:
        """Whether each has a link."""
        return bool(self.pictures) and all(one.url for one in self.pictures)

    @property
    def by_link(self) -> bool:
        """Whether links are enough."""
        return self.linked and not self.to_look


def originals_of(
    job: Job, gallery: Gallery, *, index: int = 0, to_look: bool = False, card: Card | None = None
) -> Originals:
    """All pictures of a job, or one of them."""
    private = job.order.private
    pictures = tuple(
        Original(asset=asset, url=gallery.link(asset.key, private=private) or "")
        for asset in job.images
        if index in (0, asset.index)
    )
    return Originals(job=job, pictures=pictures, to_look=to_look, card=card)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that was made for one person and is handed to them alone, with a sentence. Nothing of it is kept."""

    name: str
    media_type: str
    data: bytes = field(repr=False)
    text: str


class FieldKind(StrEnum):
    """How a field of a form is filled in."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    SWITCH = "switch"
    PICTURES = "pictures"  # files to be put in; they come back as sources, not as text


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose; `note` is small print: its price."""

    value: str
    label: str
    note: str = ""

    @property
    def line(self) -> str:
        """Both, where there is one line for it."""
        return f"{self.label} · {self.note}" if self.note else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field by its option's name, with what stands in it.

    A form that can follow its model offers `choices` and leaves out what is not `taken`. One that can't
    offers `any_model`, or a line of text, for fields that follow the model.
    """

    name: str
    label: str
    kind: FieldKind
    value: str = ""
    choices: tuple[Choice, ...] = ()
    any_model: tuple[Choice, ...] = ()
    follows_model: bool = False
    taken: bool = True
    required: bool = False
    most: int = 0  # of PICTURES: how many may be put in

    def offered(self, most: int) -> tuple[Choice, ...]:
        """As many choices as there is room for; what is chosen now is always among them."""
        first = self.choices[:most]
        now = next((one for one in self.choices if one.value == self.value), None)
        return first if now is None or now in first else (now, *first[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form to fill in; the most important fields come first.

    Comes back as Filled with the same `begun` and `pictures`.
    """

    title: str
    fields: tuple[Field, ...]
    model: str  # the name of the model whose choices are shown
    begun: Begun = ANEW
    # Those of a message; the picture of its parent, and what that was given, aren't.
    pictures: tuple[Source, ...] = ()

    def __getitem__(self, name: str) -> Field:
        """One field. Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


Answer = Placed | Lines | Form | Originals | Document | Note | Nothing
