"""Answer -> Discord: an embed with its controls, a form, files. The message of a picture is shown by its card."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from bot.abilities import Named
from bot.cards.jobs import ending_of
from bot.errors import NotThere
from bot.job import Asset, Job, Message, Placed
from bot.order.fitting import tail
from bot.ports import Card, Do, Gallery, Handle
from bot.talk.answers import Answer, Document, Form, Lines, Note, Nothing, Originals, Pay, Turn
from bot.talk.deeds import Deed, Filled, Pressed, Topic
from integrations.discord import forms
from integrations.discord._text import code_block, cut, harmless, harmless_lines, plain
from integrations.discord._wire import FORM_ROOM_BYTES, UPLOAD_MOST_BYTES, File
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import LABEL_LIMIT, custom_id, embed_of, moment, pressable
from integrations.discord.handles import link_of
from integrations.discord.replies import Caller, Replies

_WARNING = 0xD83C3E
_QUOTED_LIMIT, _ALT_LIMIT = 3_000, 1_000
_FILES_MOST = 10
_DESCRIPTION_MOST = 4_096  # of an embed; all of a message hold 6,000
_EMBEDS_MOST = 5_900  # letters of all embeds of a message together are 6,000
_BUTTON, _LIST = 2, 3
_GREY, _RED, _PREMIUM = 2, 4, 6
_MENTIONED = {Named.ROLE: "@&", Named.CHANNEL: "#", Named.PERSON: "@"}
_OUR_LINK = re.compile(r"https\\://(discord\.com/channels/\d+/\d+/\d+)")  # to a message, of our own making


class Answers:
    """Shows answers, each to the one person who asked."""

    def __init__(self, replies: Replies, *, gallery: Gallery) -> None:
        self._replies = replies
        self._gallery = gallery

    async def give(self, caller: Caller, deed: Deed, answer: Answer) -> None:
        """Shows what a deed was answered with. Raises DiscordFault."""
        match answer:
            case Placed():
                await self._point_to(caller, deed, answer)
            case Nothing(orphan=orphan):
                await self._show_nothing(caller, deed, orphan=orphan)
            case Note():
                await self._tell_note(caller, answer)
            case Lines():
                await self._tell_lines(caller, answer)
            case Form():
                await self._open(caller, answer)
            case Originals():
                await self._hand_over(caller, answer)
            case Document():
                await self._give_document(caller, answer)

    async def _tell_note(self, caller: Caller, note: Note) -> None:
        """A sentence, the moment until which it holds, and what can be pressed below it."""
        text = _with_mentions(note.names, harmless_lines(note.text.split("\n")))
        if note.until is not None:
            text += f"\n{harmless(self._replies.say(caller, 'note-until'))} {moment(note.until)}"
        controls = [pressable(one.do, one.about, one.label) for one in note.offers]
        block, files = code_block(note.typed) if note.typed else "", list[File]()
        if len(block) > min(_DESCRIPTION_MOST, _EMBEDS_MOST - len(text)):  # Discord would take none of it
            file = File(name="prompt.txt", data=note.typed.encode(), media_type="text/plain")
            block, files = "", [file]
        more = [{"description": block}] if block else []
        await self._replies.send(caller, embed_of(text), more=more, controls=controls, files=files)

    async def _open(self, caller: Caller, form: Form) -> None:
        """A form, where one can be opened: not for what was said, nor for a reaction."""
        if not caller.where.token:
            await self._replies.tell(caller, self._replies.say(caller, "discord-no-form"))
            return
        await self._replies.open_form(caller, forms.modal_of(form, caller.held))

    async def _point_to(self, caller: Caller, deed: Deed, placed: Placed) -> None:
        """A new placeholder is the first response itself; what stands already is pointed to."""
        match placed:
            case Placed(fresh=True):
                pass
            case Placed(message=Message(handle=Handle() as handle, address=address)):
                words = harmless(self._replies.say(caller, "discord-stands"))
                await self._replies.send(
                    caller, embed_of(f"{words} {link_of(handle, DiscordAddress.of(address))}")
                )
            case Placed():
                await self._show_nothing(caller, deed)

    async def _show_nothing(self, caller: Caller, deed: Deed, *, orphan: bool = False) -> None:
        """What it did shows by itself; only a message that no card will remove is removed here."""
        if isinstance(deed, Pressed | Filled):
            await self._replies.acknowledge(caller)
        if isinstance(deed, Pressed) and deed.do is Do.DELETE and (orphan or caller.on_private):
            await self._replies.remove_original(caller)

    async def _tell_lines(self, caller: Caller, answer: Lines) -> None:
        lines = harmless_lines(answer.plain)
        text = _with_mentions(answer.names, _OUR_LINK.sub(r"https://\1", lines))
        controls = []
        if answer.confirm:
            controls.append(_turning(answer.confirm, style=_RED))
        controls += [_turning(turn) for turn in answer.turns]
        controls += [_sold_here(one) for one in answer.pays if one.article]
        text += "".join(f"\n{_paid_there(one)}" for one in answer.pays if one.address)
        if answer.pictures:
            controls.append(_picker(answer.pictures, self._replies.say(caller, "discord-show")))
        colour = {"colour": _WARNING} if answer.confirm else {}
        embed, files = embed_of(text, title=answer.title, **colour), []
        if answer.chart is not None:
            chart = answer.chart
            files = [
                File(name=chart.name, data=chart.png, media_type="image/png", alt=chart.alt[:_ALT_LIMIT])
            ]
            embed["image"] = {"url": f"attachment://{chart.name}"}
        await self._replies.send(caller, embed, controls=controls, files=files)

    async def _hand_over(self, caller: Caller, answer: Originals) -> None:
        """Links; or the files themselves where there is no public address, or to look at them again."""
        if answer.direct:
            await self._send_on(caller, answer)
            return
        label = harmless(self._replies.say(caller, "button-original"))
        links = [f"[{label} {one.asset.index}]({one.url})" for one in answer.pictures if one.url]
        quoted = f"> {harmless(answer.job.order.subject)}"[:_QUOTED_LIMIT]
        if answer.by_link:
            await self._replies.send(caller, embed_of("\n".join([quoted, *links])))
            return
        await self._replies.announce(caller)  # Reading and sending them may take its time.
        if answer.card is not None:
            await self._show_card(caller, answer, answer.card)
            return
        sent = False
        async for files, notes in self._parcels(caller, answer):
            embed = embed_of("\n".join([quoted, *links, *notes]))
            if not await self._replies.send(caller, embed, files=files):
                await self._replies.tell(caller, self._replies.say(caller, "discord-not-taken"))
            links, sent = [], True
        if not sent:
            await self._replies.tell(caller, self._replies.say(caller, "not-there"))

    async def _show_card(self, caller: Caller, answer: Originals, card: Card) -> None:
        """The whole card once more, for one person: its picture, its facts and its buttons."""
        shown = False
        async for files, _ in self._parcels(caller, answer):
            shown = await self._replies.show(caller, card, files) or shown
        if not shown:
            await self._replies.show(caller, card, [])

    async def _send_on(self, caller: Caller, answer: Originals) -> None:
        """Into the person's direct messages, where they stay."""
        await self._replies.announce(caller)
        async for files, notes in self._parcels(caller, answer):
            embed = embed_of("\n".join([harmless(answer.text), *notes]))
            if why_not := await self._replies.send_directly(caller, embed, files=files):
                await self._replies.tell(caller, self._replies.say(caller, why_not))
                return
        await self._replies.acknowledge(caller)

    async def _give_document(self, caller: Caller, answer: Document) -> None:
        await self._replies.announce(caller)  # Sending it may take its time.
        file = File(name=answer.name, data=answer.data, media_type=answer.media_type)
        if not await self._replies.send(caller, embed_of(harmless(answer.text)), files=[file]):
            await self._replies.tell(caller, self._replies.say(caller, "mydata-not-sent"))

    async def _parcels(
        self, caller: Caller, answer: Originals
    ) -> AsyncIterator[tuple[list[File], list[str]]]:
        """The untouched files, as many in one message as it takes; of a larger one a smaller copy, which says so."""
        most = min(caller.where.limit_bytes - FORM_ROOM_BYTES, UPLOAD_MOST_BYTES)
        files, notes, room = list[File](), list[str](), UPLOAD_MOST_BYTES
        for asset in (one.asset for one in answer.pictures[:_FILES_MOST]):
            try:
                data, media_type = await self._gallery.fit(asset.key, limit_bytes=most)
            except NotThere:
                continue
            if files and len(data) > room:
                yield files, notes
                files, notes, room = [], [], UPLOAD_MOST_BYTES
            files.append(_file(answer.job, asset, data, media_type))
            room -= len(data)
            if asset.size_bytes > len(data):
                notes.append(self._smaller(caller, asset, linked=answer.linked))
        if files:
            yield files, notes

    def _smaller(self, caller: Caller, asset: Asset, *, linked: bool) -> str:
        sizes = {"size": _megabytes(asset.size_bytes), "limit": _megabytes(caller.where.limit_bytes)}
        way = "linked" if linked else "alone"
        return harmless(self._replies.say(caller, "discord-smaller", number=asset.index, way=way, **sizes))


def _file(job: Job, asset: Asset, data: bytes, media_type: str) -> File:
    hidden = "SPOILER_" if job.spoiler or job.order.spoiler else ""
    name = f"{hidden}easel-{job.id}-{asset.index}.{ending_of(media_type)}"
    return File(name=name, data=data, media_type=media_type, alt=plain(job.order.subject)[:_ALT_LIMIT])


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1024 / 1024:.1f}"


def _turning(turn: Turn, *, style: int = _GREY) -> dict[str, Any]:
    """A button that asks on."""
    label = cut(plain(turn.label), LABEL_LIMIT)
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": custom_id(turn.topic, turn.text)}


def _sold_here(one: Pay) -> dict[str, Any]:
    """The button of what Discord sells itself, which writes the name and the price on it."""
    return {"type": _BUTTON, "style": _PREMIUM, "sku_id": one.article}


def _paid_there(one: Pay) -> str:
    """A shop's own page. Its address can be longer than a button takes."""
    return f"[{harmless(one.label)}]({one.address.replace(')', '%29')})"


def _picker(jobs: Sequence[Job], placeholder: str) -> dict[str, Any]:
    """A list of pictures that can be shown again."""
    options = [
        forms.option(job.id, job.order.subject, tail(job.order.model)) for job in jobs[: forms.OPTIONS_MOST]
    ]
    control = custom_id(Do.SHOW, Topic.HISTORY)
    return {"type": _LIST, "custom_id": control, "placeholder": placeholder, "options": options}


def _with_mentions(names: Mapping[str, Named], text: str) -> str:
    """What is known by an id is shown by its name; in a private embed that pings nobody."""
    for one, kind in names.items():
        if one.isdecimal():
            text = re.sub(rf"(?<![\d&#@/]){one}(?![\d/])", f"<{_MENTIONED[kind]}{one}>", text)
    return text
