"""Answer -> Discord: an embed with its controls, a form, files. The message of a picture is shown by its card."""

import re
from collections.abc import Sequence
from typing import Any

from bot.errors import NotThere
from bot.job import Job, Placed
from bot.order.fitting import tail
from bot.ports import Do, Gallery
from bot.talk.answers import Answer, Confirm, Form, Lines, Note, Nothing, Originals
from bot.talk.deeds import CONFIRMED, Deed, Filled, Pressed, Topic
from integrations.discord import forms
from integrations.discord._text import cut, harmless, harmless_lines, plain
from integrations.discord._wire import FORM_ROOM_BYTES, UPLOAD_MOST_BYTES, File
from integrations.discord.cards import LABEL_LIMIT, custom_id, embed_of, ending_of
from integrations.discord.replies import Caller, Replies

_WARNING = 0xD83C3E
_QUOTED_LIMIT, _ALT_LIMIT = 3_000, 1_000
_FILES_MOST = 10
_BUTTON, _LIST, _RED = 2, 3, 4
_ID = re.compile(r"\b(\d{17,20})\b")
_OF_CHANNELS, _OF_PEOPLE = frozenset({"channels"}), frozenset({"audit", "history", "blocked"})


class Answers:
    """Shows answers, each to the one person who asked."""

    def __init__(self, replies: Replies, *, gallery: Gallery) -> None:
        self._replies = replies
        self._gallery = gallery

    async def give(self, caller: Caller, deed: Deed, answer: Answer) -> None:
        """Shows what a deed was answered with. Raises DiscordFault."""
        match answer:
            case Placed(fresh=True):
                pass  # its placeholder is the first response
            case Placed():
                await self._show_nothing(caller, deed)
            case Nothing(orphan=orphan):
                await self._show_nothing(caller, deed, orphan=orphan)
            case Note(text=text):
                await self._replies.tell(caller, text)
            case Lines():
                await self._tell_lines(caller, answer)
            case Form():
                await self._replies.open_form(caller, forms.modal_of(answer))
            case Originals():
                await self._hand_over(caller, answer)

    async def _show_nothing(self, caller: Caller, deed: Deed, *, orphan: bool = False) -> None:
        """What it did shows by itself; only a message that no card will remove is removed here."""
        if isinstance(deed, Pressed | Filled):
            await self._replies.acknowledge(caller)
        if isinstance(deed, Pressed) and deed.do is Do.DELETE and (orphan or caller.on_private):
            await self._replies.remove_original(caller)

    async def _tell_lines(self, caller: Caller, answer: Lines) -> None:
        text = _with_names(answer, harmless_lines(answer.plain))
        controls = []
        if answer.confirm:
            controls.append(_confirming(answer.confirm))
        if answer.pictures:
            controls.append(_picker(answer.pictures, self._replies.say(caller, "discord-show")))
        colour = {"colour": _WARNING} if answer.confirm else {}
        await self._replies.send(caller, embed_of(text, title=answer.title, **colour), controls=controls)

    async def _hand_over(self, caller: Caller, answer: Originals) -> None:
        """Links; or the files themselves where there is no public address, or to look at them again."""
        files = [] if answer.linked and not answer.to_look else await self._files(caller, answer)
        label = harmless(self._replies.say(caller, "button-original"))
        links = [f"[{label} {one.asset.index}]({one.url})" for one in answer.pictures if one.url]
        if not files and not links:
            await self._replies.tell(caller, self._replies.say(caller, "not-there"))
            return
        quoted = f"> {harmless(answer.job.order.subject)}"[:_QUOTED_LIMIT]
        await self._replies.send(caller, embed_of("\n".join([quoted, *links])), files=files)

    async def _files(self, caller: Caller, answer: Originals) -> list[File]:
        """The untouched files that are still there; one that Discord doesn't take comes as a smaller copy."""
        job, pictures = answer.job, answer.pictures[:_FILES_MOST]
        most = min(caller.where.limit_bytes, UPLOAD_MOST_BYTES // len(pictures)) - FORM_ROOM_BYTES
        hidden = "SPOILER_" if job.spoiler or job.order.spoiler else ""
        files = []
        for asset in (one.asset for one in pictures):
            try:
                data, media_type = await self._gallery.fit(asset.key, limit_bytes=most)
            except NotThere:
                continue
            name = f"{hidden}easel-{job.id}-{asset.index}.{ending_of(media_type)}"
            alt = plain(job.order.subject)[:_ALT_LIMIT]
            files.append(File(name=name, data=data, media_type=media_type, alt=alt))
        return files


def _confirming(confirm: Confirm) -> dict[str, Any]:
    label, control = cut(plain(confirm.label), LABEL_LIMIT), custom_id(confirm.topic, CONFIRMED)
    return {"type": _BUTTON, "style": _RED, "label": label, "custom_id": control}


def _picker(jobs: Sequence[Job], placeholder: str) -> dict[str, Any]:
    """A list of pictures that can be shown again."""
    options = [
        forms.option(job.id, job.order.subject, tail(job.order.model)) for job in jobs[: forms.OPTIONS_MOST]
    ]
    control = custom_id(Do.SHOW, Topic.HISTORY)
    return {"type": _LIST, "custom_id": control, "placeholder": placeholder, "options": options}


def _with_names(answer: Lines, text: str) -> str:
    """Ids of channels and people are shown by their names; in a private embed that pings nobody."""
    if answer.verb in _OF_CHANNELS:
        return _ID.sub(r"<#\1>", text)
    return _ID.sub(r"<@\1>", text) if answer.verb in _OF_PEOPLE else text
