"""Answer -> Discord: a first response, an edit of it, or a follow-up, for one person alone."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog

from bot.errors import ShowFailure, SurfaceError
from bot.job import Job, Placed
from bot.order.fitting import tail
from bot.ports import Do, Gallery, Place, Requester
from bot.talk.answers import Answer, Confirm, Form, Lines, Note, Nothing, Originals
from bot.talk.deeds import CONFIRMED, Topic
from bot.words import Words
from integrations.discord import forms
from integrations.discord._text import cut, harmless, harmless_lines, plain
from integrations.discord._wire import ANSWERED, DiscordFault, File, Rest
from integrations.discord.address import FIRST_WITHIN_S, Where
from integrations.discord.cards import EPHEMERAL, NOBODY, custom_id

log = structlog.get_logger()

HISTORY = custom_id(Do.SHOW, Topic.HISTORY)  # the list of pictures that can be shown again
_ANSWER, _DEFER, _DEFER_UPDATE, _MODAL = 4, 5, 6, 9
_SLOW_S = 1.5  # a private answer that isn't ready by then is announced first
_COLOUR, _WARNING = 0x5865F2, 0xD83C3E
_DESCRIPTION_LIMIT, _TITLE_LIMIT, _LABEL_LIMIT = 3_800, 256, 80  # of 4,096 characters; 256; 80
_OPTIONS_MOST, _OPTION_LIMIT = 25, 100
_FILES_MOST, _UPLOAD_MOST_BYTES, _FORM_ROOM_BYTES = 10, 24 * 1024 * 1024, 4_096
_ID = re.compile(r"\b(\d{17,20})\b")
_OF_CHANNELS, _OF_PEOPLE = frozenset({"channels"}), frozenset({"audit", "history", "blocked"})


class Response(StrEnum):
    """What an interaction was answered with so far."""

    NONE = "none"
    ANNOUNCED = "announced"  # privately: something will come
    UPDATED = "updated"  # what was pressed shows it itself
    GIVEN = "given"


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who did something and where, and how far the answer is."""

    who: Requester
    where: Where
    place: Place
    on_private: bool = False  # what was pressed is a private answer of ours
    response: Response = Response.NONE
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # an announcement and the answer don't overtake

    @property
    def key(self) -> str:
        """The event's own name."""
        return f"discord:{self.where.interaction}"


class Answers:
    """Shows answers."""

    def __init__(self, rest: Rest, *, gallery: Gallery, words: Words) -> None:
        self._rest = rest
        self._gallery = gallery
        self._words = words

    async def give(self, caller: Caller, answer: Answer) -> None:
        """Shows what a deed was answered with. Raises DiscordFault, and NotThere."""
        match answer:
            case Placed(fresh=fresh):
                await self._take_placeholder(caller, fresh=fresh)
            case Lines():
                await self._tell_lines(caller, answer)
            case Note(text=text):
                await self.tell(caller, text)
            case Form():
                await self._open_form(caller, answer)
            case Originals():
                await self._hand_over(caller, answer)
            case Nothing(orphan=orphan):
                await self._end(caller, orphan=orphan)

    def say(self, caller: Caller, message_id: str, /, **facts: object) -> str:
        """One of our texts in the person's language."""
        return self._words.say(message_id, caller.who.language, **facts)

    async def tell(self, caller: Caller, text: str) -> None:
        """Says something to one person alone; what people typed in it is harmless."""
        await self._tell_embed(caller, _embed(harmless_lines(text.split("\n"))))

    async def tell_alone(self, where: Where, text: str) -> None:
        """The same long after the deed, while there is a way: a follow-up, else a direct message. Raises SurfaceError."""
        body = {"embeds": [_embed(harmless_lines(text.split("\n")))], "allowed_mentions": NOBODY}
        try:
            if where.token_lives(time.time()):
                await self._follow_up(where, body, ())
            else:
                await self._send_directly(where.user, body)
        except DiscordFault as fault:
            kind = ShowFailure.LATER if fault.doubtful else ShowFailure.FORBIDDEN
            raise SurfaceError(str(fault), kind=kind, retry_after_s=fault.retry_after_s) from fault

    async def acknowledge(self, caller: Caller) -> None:
        """A press that shows in the message itself: nothing more to see."""
        if caller.response is Response.NONE and caller.where.token:
            caller.response = Response.UPDATED
            with contextlib.suppress(DiscordFault):
                await self._respond(caller, {"type": _DEFER_UPDATE})

    @contextlib.asynccontextmanager
    async def announcing(self, caller: Caller) -> AsyncIterator[None]:
        """An answer that takes its time is announced, so that the person doesn't see a failure."""
        watch = asyncio.create_task(self._announce_late(caller))
        try:
            yield
        finally:
            watch.cancel()

    async def _announce_late(self, caller: Caller) -> None:
        await asyncio.sleep(_SLOW_S)
        async with caller.turn:
            if caller.response is Response.NONE:
                caller.response = Response.ANNOUNCED
                with contextlib.suppress(DiscordFault):
                    await self._respond(caller, {"type": _DEFER, "data": {"flags": EPHEMERAL}})

    # ── What is shown ────────────────────────────────────────────────────────────────────────────────

    async def _take_placeholder(self, caller: Caller, *, fresh: bool) -> None:
        """The placeholder is the first response itself; one that stood before is none."""
        if fresh:
            caller.response = Response.GIVEN
        else:
            await self.acknowledge(caller)

    async def _end(self, caller: Caller, *, orphan: bool) -> None:
        await self.acknowledge(caller)
        if orphan or caller.on_private:
            await self._remove_pressed(caller)

    async def _tell_lines(self, caller: Caller, answer: Lines) -> None:
        text = _with_names(answer, harmless_lines(answer.plain))
        embed = _embed(text, title=answer.title, colour=_WARNING if answer.confirm else _COLOUR)
        rows = []
        if answer.confirm:
            rows.append(_row(_confirming(answer.confirm)))
        if answer.pictures:
            rows.append(_row(_picker(answer.pictures, self.say(caller, "discord-show"))))
        await self._tell_embed(caller, embed, rows=rows)

    async def _open_form(self, caller: Caller, form: Form) -> None:
        caller.response = Response.GIVEN
        await self._respond(caller, {"type": _MODAL, "data": forms.modal_of(form)})

    async def _hand_over(self, caller: Caller, answer: Originals) -> None:
        """Links; or the files themselves where there is no public address, or to look at them again."""
        links = [(one.asset.index, one.url) for one in answer.pictures if one.url]
        files = [] if answer.linked and not answer.to_look else await self._files(caller, answer)
        label = harmless(self.say(caller, "button-original"))
        lines = [f"[{label} {number}]({url})" for number, url in links]
        quoted = f"> {harmless(answer.job.order.subject)}"[:3000]
        await self._tell_embed(caller, _embed("\n".join([quoted, *lines])), files=files)

    async def _files(self, caller: Caller, answer: Originals) -> list[File]:
        """The untouched files; one that Discord doesn't take comes as a smaller copy."""
        job, pictures = answer.job, answer.pictures[:_FILES_MOST]
        most = min(caller.where.limit_bytes, _UPLOAD_MOST_BYTES // len(pictures)) - _FORM_ROOM_BYTES
        hidden = "SPOILER_" if job.spoiler or job.order.spoiler else ""
        files = []
        for asset in (one.asset for one in pictures):
            data, media_type = await self._gallery.fit(asset.key, limit_bytes=most)
            ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
            name = f"{hidden}easel-{job.id}-{asset.index}.{ending}"
            alt = plain(job.order.subject)[:1000]
            files.append(File(name=name, data=data, media_type=media_type, alt=alt))
        return files

    # ── How it gets there ────────────────────────────────────────────────────────────────────────────

    async def _tell_embed(
        self,
        caller: Caller,
        embed: dict[str, Any],
        *,
        rows: Sequence[dict[str, Any]] = (),
        files: Sequence[File] = (),
    ) -> None:
        """Never raises: there is nobody else to tell."""
        attachments = [{"id": n, "filename": f.name, "description": f.alt} for n, f in enumerate(files)]
        body = {
            "content": "",
            "embeds": [embed],
            "components": list(rows),
            "attachments": attachments,
            "allowed_mentions": NOBODY,
        }
        try:
            async with caller.turn:
                await self._send(caller, body, files)
        except DiscordFault as fault:
            log.info("an answer could not be given", problem=str(fault))

    async def _send(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> None:
        where, before = caller.where, caller.response
        caller.response = Response.GIVEN
        if not where.token:
            await self._send_directly(where.user, body)
            return
        match before:
            case Response.ANNOUNCED:
                await self._rest.by_token("PATCH", f"{where.webhook}/messages/@original", body, files=files)
            case Response.UPDATED | Response.GIVEN:
                await self._follow_up(where, body, files)
            case Response.NONE:
                try:
                    data = {**body, "flags": EPHEMERAL}
                    await self._respond(caller, {"type": _ANSWER, "data": data}, files=files)
                except DiscordFault as fault:
                    if fault.code != ANSWERED:
                        raise
                    await self._follow_up(where, body, files)

    async def _follow_up(self, where: Where, body: dict[str, Any], files: Sequence[File]) -> None:
        body = {**body, "flags": EPHEMERAL}
        await self._rest.by_token("POST", where.webhook, body, files=files, repeats=False)

    async def _send_directly(self, user: str, body: dict[str, Any]) -> None:
        """Who reacted can't be answered privately in the channel."""
        channel = await self._rest.bot("POST", "/users/@me/channels", {"recipient_id": user})
        await self._rest.bot("POST", f"/channels/{channel['id']}/messages", body, repeats=False)

    async def _respond(self, caller: Caller, response: dict[str, Any], *, files: Sequence[File] = ()) -> None:
        """A first response. Raises DiscordFault."""
        where = caller.where
        left_s = where.asked_at + FIRST_WITHIN_S - time.time()
        path = f"/interactions/{where.interaction}/{where.token}/callback"
        await self._rest.once(path, response, files=files, within_s=left_s)

    async def _remove_pressed(self, caller: Caller) -> None:
        """A private answer outlives its own token, and one posted just before a crash may be known to nobody."""
        if not caller.where.token:
            return
        try:
            await self._rest.by_token("DELETE", f"{caller.where.webhook}/messages/@original")
        except DiscordFault as fault:
            log.info("a message is gone already", problem=str(fault))


def _embed(text: str, *, title: str = "", colour: int = _COLOUR) -> dict[str, Any]:
    embed = {"color": colour, "description": cut(text, _DESCRIPTION_LIMIT)}
    return embed | ({"title": cut(harmless(title), _TITLE_LIMIT)} if title else {})


def _row(component: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": [component]}


def _confirming(confirm: Confirm) -> dict[str, Any]:
    return {
        "type": 2,
        "style": 4,
        "label": cut(plain(confirm.label), _LABEL_LIMIT),
        "custom_id": custom_id(confirm.topic, CONFIRMED),
    }


def _picker(jobs: Sequence[Job], placeholder: str) -> dict[str, Any]:
    options = [
        {
            "label": cut(plain(job.order.subject), _OPTION_LIMIT) or "·",
            "value": job.id,
            "description": cut(tail(job.order.model), _OPTION_LIMIT),
        }
        for job in jobs[:_OPTIONS_MOST]
    ]
    return {"type": 3, "custom_id": HISTORY, "placeholder": placeholder, "options": options}


def _with_names(answer: Lines, text: str) -> str:
    """Ids of channels and people are shown by their names; in a private embed that pings nobody."""
    if answer.verb in _OF_CHANNELS:
        return _ID.sub(r"<#\1>", text)
    return _ID.sub(r"<@\1>", text) if answer.verb in _OF_PEOPLE else text
