"""Card -> what the page draws, pure: plain values for JSON. The page puts them in as text, never as HTML."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

from bot.board.board import Posted
from bot.board.streams import View, ViewOf
from bot.cards.jobs import Hints, card_of
from bot.job import Job, Message
from bot.ports import Address, Card, Do, Gallery, Phase, Picture
from bot.rights import Rights
from bot.studio.onward import beginnings
from bot.tools import Tools
from bot.words.words import Words

Link = Callable[[str], str]  # for an asset's key


def view_of(card: Card, *, message: str, author: str, posted_at: float, typed: str, link: Link) -> View:
    """One message as the page draws it. `typed` is what Remix starts from."""
    originals = [_picture(picture, link) for picture in card.originals]
    # The untouched files are links, so that the browser opens and saves them as ever.
    urls = [picture["url"] for picture in originals]
    return asdict(card) | {
        "id": message,
        "role": str(card.role),
        "author": author,
        "name": card.requester,
        "at": posted_at,
        "typed": typed,
        "pictures": [_picture(picture, link) for picture in card.pictures],
        "originals": originals,
        "actions": [asdict(a) | ({"urls": urls} if a.do is Do.ORIGINAL else {}) for a in card.actions],
        "reactions": card.phase is Phase.FINISHED,
    }


def view_of_job(card: Card, job: Job, message: Message, gallery: Gallery) -> View:
    """A message of a job. Its place on the page is the command's or the press's moment, where the address has one."""
    view = view_of(
        card,
        message=message.id,
        author=job.requester.user,
        posted_at=float(message.address.data.get("at", job.created_at)),
        typed=job.order.typed,
        link=partial(gallery.path, private=job.order.private),
    )
    return view | {"begins": {do: asdict(beginning) for do, beginning in beginnings(job).items()}}


def out_of_place(job: Job, reader: Rights) -> Message:
    """The message of a job that is looked at where it wasn't posted: in a note, or on a shelf."""
    return Message(job=job.id, address=Address(surface=reader.who.surface))


def _picture(picture: Picture, link: Link) -> View:
    return asdict(picture) | {"url": link(picture.key)}


def card_for(reader: Rights, job: Job, message: Message, words: Words, hints: Hints) -> Card:
    """A message's card in the language of whoever reads it, with what that person may press."""
    read = replace(job, requester=replace(job.requester, language=reader.who.language))
    return for_reader(card_of(read, message, words, hints), reader, job, message)


def for_reader(card: Card, reader: Rights, job: Job, message: Message) -> Card:
    """A card with what this person may press."""
    return replace(card, actions=tuple(a for a in card.actions if reader.may(a.do, job, message)))


def drawing(tools: Tools) -> ViewOf:
    """How what stands on the board is drawn here."""

    def draw(posted: Posted, reader: Rights) -> View:
        job, message = posted.job, posted.message
        hints = replace(tools.studio.hints(job), place=posted.place)
        return view_of_job(card_for(reader, job, message, tools.words, hints), job, message, tools.gallery)

    return draw
