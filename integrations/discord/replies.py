"""How one person is answered: a first response, an edit of it, a follow-up, or a direct message."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

import structlog

from bot.errors import ShowFailure, StoreBusy, SurfaceError
from bot.ports import Card, Place, Requester
from bot.talk.deeds import Origin
from bot.ways import Fault, Step, Way, by_any, troubles
from bot.words.words import Words
from integrations.discord._text import harmless_lines
from integrations.discord._wire import DiscordFault, File, Rest
from integrations.discord.address import FIRST_WITHIN_S, DiscordAddress
from integrations.discord.cards import EPHEMERAL, NOBODY, attachments_of, embed_of, message_of, reply_to
from integrations.discord.direct import Direct
from integrations.discord.failures import ANSWERED, Remedy
from integrations.discord.promises import Promise, Promises

log = structlog.get_logger()

_ANSWER, _DEFER, _DEFER_UPDATE, _CHOICES, _MODAL = 4, 5, 6, 8, 9
_ROWS_MOST, _IN_A_ROW = 5, 5
_PATIENT_S = 90.0
_LATER_S = (2.0, 8.0)  # when who was told to wait is told again what Discord did not take; then directly
_REST_MOST_S = 15.0  # that Discord may ask for meanwhile
_SLOW_S = 1.5  # a private answer that isn't ready by then is announced first


class Response(StrEnum):
    """What an interaction was answered with so far."""

    NONE = "none"
    ANNOUNCED = "announced"  # privately: something will come
    PROMISED = "promised"  # before everybody: a placeholder will come
    UPDATED = "updated"  # what was pressed shows it itself
    GIVEN = "given"


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who did something and where, and how far the answer is."""

    who: Requester
    where: DiscordAddress
    place: Place
    pressed: str = ""  # the message of ours that it was done on
    on_private: bool = False  # which is a private answer
    held: str = ""  # where the message stands whose pictures are to be changed
    hears_nothing: bool = False  # a gesture that is answered by what it does, or not at all
    spoke: bool = False  # to us, and waits for an answer: where there is no private one, directly
    response: Response = Response.NONE
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # an announcement and the answer don't overtake

    @property
    def origin(self) -> Origin:
        """The event's own name is the deed's key."""
        return self.by(f"discord:{self.where.interaction}")

    def by(self, key: str) -> Origin:
        """The beginning of a deed."""
        return Origin(who=self.who, place=self.place, key=key)


class Replies:
    """Answers callers, each alone."""

    def __init__(self, rest: Rest, *, words: Words, direct: Direct, promises: Promises) -> None:
        self._rest = rest
        self._promises = promises
        self._direct = direct
        self._words = words

    def say(self, caller: Caller, message_id: str, /, **facts: object) -> str:
        """One of our texts in the person's language."""
        return self._words.say(message_id, caller.who.language, **facts)

    async def tell(self, caller: Caller, text: str) -> None:
        """Says something; what people typed in it is harmless. Never raises."""
        await self.send(caller, _embed(text))

    async def tell_alone(self, where: DiscordAddress, text: str) -> None:
        """The same long after the deed, while there is a way: a follow-up, else a direct message. Raises SurfaceError."""
        body = {"embeds": [_embed(text)], "allowed_mentions": NOBODY}
        ways = [Way(partial(self._send_directly, where.user, body, ()))]
        if await self._has_room(where):
            ways.insert(0, Way(partial(self._follow_up, where, body, ())))
        with troubles():
            await by_any(ways, _step_of_words)

    async def take_back(self, where: DiscordAddress, text: str) -> None:
        """A placeholder that was promised won't come, if that is all that stands there. Raises SurfaceError."""
        if not where.token_lives(time.time()):
            return  # Discord itself has said so meanwhile
        body = {"embeds": [_embed(text)], "allowed_mentions": NOBODY}
        with troubles():
            if await self._promises.make_room(where) in (Promise.OPEN, Promise.PRIVATE):
                # What is not said now never is: nothing stands there any more that would ask for it.
                ways = [Way(partial(self._follow_up, where, body, ()))]
                ways.append(Way(partial(self._send_directly, where.user, body, ())))
                await by_any(ways, lambda _: Step.NEXT)

    async def tell_in(self, where: DiscordAddress, user: str, text: str) -> None:
        """In a channel of a server, for everybody to see; the person is pinged, and nobody else. Raises SurfaceError."""
        if where.dm or not where.guild or not where.channel:
            raise SurfaceError("that is no channel of a server", kind=ShowFailure.FORBIDDEN)
        pinged = {"content": f"<@{user}>", "allowed_mentions": {"users": [user]}}
        with troubles():
            await self._post(where.channel, {"embeds": [_embed(text)], **pinged})

    async def send(
        self,
        caller: Caller,
        embed: dict[str, Any],
        *,
        more: Sequence[dict[str, Any]] = (),
        controls: Sequence[dict[str, Any]] = (),
        files: Sequence[File] = (),
    ) -> bool:
        """The same with controls or files. Answers whether it was said; never raises: there is nobody else to tell."""
        body = {
            "content": "",
            "embeds": [embed, *more],
            "components": _rows(controls),
            "attachments": attachments_of(files),
            "allowed_mentions": NOBODY,
        }
        return await self._say_in_turn(caller, body, files)

    async def show(self, caller: Caller, card: Card, files: Sequence[File]) -> bool:
        """A card with its buttons and pictures, for one person alone."""
        body = message_of(card) | {"attachments": attachments_of(files)}
        if files and not card.spoiler:
            body["embeds"][0]["image"] = {"url": f"attachment://{files[0].name}"}
        return await self._say_in_turn(caller, body, files)

    async def send_directly(self, caller: Caller, embed: dict[str, Any], *, files: Sequence[File]) -> str:
        """By a direct message that the person asked for. Answers why not, as a text of ours; never raises.

        Who asked by a gesture can be told nothing else: it comes when there is room again.
        """
        body = {"embeds": [embed], "attachments": attachments_of(files), "allowed_mentions": NOBODY}
        try:
            try:
                await self._send_directly(caller.where.user, body, files)
            except DiscordFault as fault:
                if caller.where.token or fault.sent or (fault.retry_after_s or _PATIENT_S) >= _PATIENT_S:
                    raise
                await asyncio.sleep(fault.retry_after_s or 0)
                await self._send_directly(caller.where.user, body, files)
        except DiscordFault as fault:
            log.info("somebody can't be written to", problem=str(fault))
            return _why_not_directly(fault)
        return ""

    async def open_form(self, caller: Caller, modal: dict[str, Any]) -> None:
        """Only a first response opens a form. Raises DiscordFault."""
        caller.response = Response.GIVEN
        await self._respond(caller, {"type": _MODAL, "data": modal})

    async def offer(self, caller: Caller, choices: Sequence[Mapping[str, str]]) -> None:
        """What an option can be. Who has typed on meanwhile doesn't wait for it any more."""
        with contextlib.suppress(DiscordFault):
            await self._respond(caller, {"type": _CHOICES, "data": {"choices": choices}})

    async def acknowledge(self, caller: Caller) -> None:
        """There is nothing more to see: what was pressed shows it itself."""
        async with caller.turn:
            before = caller.response
            if not caller.where.token or before in (Response.UPDATED, Response.GIVEN):
                return
            with contextlib.suppress(DiscordFault):
                await self._acknowledge(caller, before)

    async def _acknowledge(self, caller: Caller, before: Response) -> None:
        """By what it was answered with so far. Raises DiscordFault."""
        if before is Response.PROMISED:
            if await self._promises.make_room(caller.where) is Promise.PRIVATE:
                await self.remove_original(caller)
            caller.response = Response.UPDATED
            return
        caller.response = Response.UPDATED
        if before is Response.NONE and caller.pressed:
            await self._respond(caller, {"type": _DEFER_UPDATE})
            return
        if before is Response.NONE:
            # A form from a message's menu: Discord wants an answer all the same.
            await self._respond(caller, {"type": _DEFER, "data": {"flags": EPHEMERAL}})
        await self.remove_original(caller)

    async def remove_original(self, caller: Caller) -> None:
        """What was pressed or announced, by the press's own token: a private answer outlives the one it was made with."""
        if not caller.where.token:
            return
        try:
            await self._rest.call("DELETE", f"{caller.where.webhook}/messages/@original")
        except DiscordFault as fault:
            log.info("a message is gone already", problem=str(fault))

    @contextlib.asynccontextmanager
    async def announcing(self, caller: Caller) -> AsyncIterator[None]:
        """An answer that takes its time is announced, so that the person doesn't see a failure."""
        watch = asyncio.create_task(self._announce_late(caller))
        try:
            yield
        finally:
            watch.cancel()

    @contextlib.asynccontextmanager
    async def apologising(self, caller: Caller) -> AsyncIterator[None]:
        """What breaks on the way to the talk or back is logged, and the person told."""
        try:
            yield
        except DiscordFault as fault:
            log.warning("Discord did not take an answer", problem=str(fault))
            return
        except StoreBusy as error:
            log.warning("a request must wait for the store", problem=str(error))
            trouble = "busy"
        except Exception:
            log.exception("a request from Discord failed")
            trouble = "trouble"
        else:
            return
        await self.tell(caller, self.say(caller, trouble))

    async def _announce_late(self, caller: Caller) -> None:
        await asyncio.sleep(_SLOW_S)
        await self.announce(caller)

    async def announce(self, caller: Caller) -> None:
        """Says privately that something will come, unless something came already."""
        async with caller.turn:
            if caller.response is Response.NONE and caller.where.token:
                caller.response = Response.ANNOUNCED
                with contextlib.suppress(DiscordFault):
                    await self._respond(caller, {"type": _DEFER, "data": {"flags": EPHEMERAL}})

    def promising(self, caller: Caller) -> contextlib.AbstractContextManager[None]:
        """While the deed is done, a placeholder may be promised for it."""
        return self._promises.possible(caller.where)

    async def promise(self, caller: Caller, *, private: bool) -> None:
        """Says that a placeholder will come, unless something came already: many have come at once."""
        async with caller.turn:
            if caller.response is Response.NONE and await self._promises.make(caller.where, private=private):
                caller.response = Response.PROMISED

    async def _say_in_turn(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> bool:
        try:
            async with caller.turn:
                await self._send(caller, body, files)
        except DiscordFault as fault:
            log.info("an answer could not be given", problem=str(fault))
            return False
        return True

    async def _send(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> None:
        where, before = caller.where, caller.response
        caller.response = Response.GIVEN
        if not where.token:
            await self._send_unasked(caller, body, files)
            return
        match before:
            case Response.ANNOUNCED:
                await self._rest.call("PATCH", f"{where.webhook}/messages/@original", body, files=files)
            case Response.UPDATED | Response.GIVEN:
                await self._follow_up(where, body, files)
            case Response.NONE | Response.PROMISED:
                caller.response = before  # until it is said: nothing more may stand in a promise's place
                if not await self._is_said_first(caller, body, files):
                    await self._say_beside(where, body, files)
                caller.response = Response.GIVEN

    async def _is_said_first(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> bool:
        """By the first response, unless there is one; where that is in doubt it is tried all the same."""
        doubtful = await self._promises.of(caller.where) is Promise.DOUBTFUL
        if caller.response is Response.PROMISED and not doubtful:
            return False
        try:
            data = {**body, "flags": EPHEMERAL}
            await self._respond(caller, {"type": _ANSWER, "data": data}, files=files)
        except DiscordFault as fault:
            if fault.code != ANSWERED and not doubtful:
                raise
            return False
        return True

    async def _say_beside(self, where: DiscordAddress, body: dict[str, Any], files: Sequence[File]) -> None:
        """Where a promise may stand: nobody is left with that. What Discord doesn't take is said later, at last directly."""
        for pause_s in (*_LATER_S, None):
            try:
                await self._promises.make_room(where)
                await self._follow_up(where, body, files)
            except DiscordFault as fault:
                log.info("who was told to wait can't be told more", problem=str(fault))
                if pause_s is None or fault.remedy is not Remedy.LATER:
                    break
                await asyncio.sleep(min(max(pause_s, fault.retry_after_s or 0), _REST_MOST_S))
            else:
                return
        await self._send_directly(where.user, body, files)

    async def _has_room(self, where: DiscordAddress) -> bool:
        """Whether a follow-up is for one person alone; in a promise that can't be removed everybody would see it."""
        if not where.token_lives(time.time()):
            return False
        try:
            await self._promises.make_room(where)
        except DiscordFault as fault:
            log.info("whether something was promised is not known", problem=str(fault))
            return False
        return True

    async def _send_unasked(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> None:
        """Without an interaction nothing is private but direct messages. A reaction asks for none: silence, or a rare one."""
        where = caller.where
        if caller.spoke and where.dm:
            await self._post(where.channel, body, files, reply=where.reply)
        elif caller.spoke:
            await self._answer_aside(caller, body, files)
        elif not caller.hears_nothing and self._direct.claim_telling(where.user):
            await self._send_directly(where.user, body, files)

    async def _answer_aside(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> None:
        """Who spoke in a channel hears it directly; who takes no direct messages is told there how to ask."""
        try:
            await self._send_directly(caller.where.user, body, files)
        except DiscordFault as fault:
            log.info("somebody can't be answered directly", problem=str(fault))
            how = {**body, "components": [], "attachments": []}
            how["embeds"] = [_embed(self.say(caller, _why_not_directly(fault)))]
            await self._post(caller.where.channel, how, reply=caller.where.reply)

    async def _post(
        self, channel: str, body: dict[str, Any], files: Sequence[File] = (), *, reply: str = ""
    ) -> None:
        """A message, perhaps as the answer to theirs."""
        path, body = f"/channels/{channel}/messages", body | reply_to(reply)
        await self._rest.call("POST", path, body, files=files, repeats=False)

    async def _follow_up(self, where: DiscordAddress, body: dict[str, Any], files: Sequence[File]) -> None:
        body = {**body, "flags": EPHEMERAL}
        await self._rest.call("POST", where.webhook, body, files=files, repeats=False)

    async def _send_directly(self, user: str, body: dict[str, Any], files: Sequence[File]) -> None:
        """Who reacted can't be answered privately in the channel."""
        await self._post(await self._direct.open(user), body, files)

    async def _respond(self, caller: Caller, response: dict[str, Any], *, files: Sequence[File] = ()) -> None:
        """A first response. Raises DiscordFault."""
        where = caller.where
        left_s = where.asked_at + FIRST_WITHIN_S - time.time()
        await self._rest.once(where.callback, response, files=files, within_s=left_s)


def _embed(text: str) -> dict[str, Any]:
    """A text of several lines, harmless."""
    return embed_of(harmless_lines(text.split("\n")))


def _rows(controls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One below the other, and side by side where they are more buttons than a message has rows."""
    wide = _IN_A_ROW if len(controls) > _ROWS_MOST else 1
    rows = [controls[at : at + wide] for at in range(0, len(controls), wide)][:_ROWS_MOST]
    return [{"type": 1, "components": [*row]} for row in rows]


def _step_of_words(fault: Fault) -> Step:
    """What Discord will take later is not said in another way, but where we were not to ask at all."""
    return fault.step if fault.sent else Step.NEXT


def _why_not_directly(fault: DiscordFault) -> str:
    """Closed, or only for the moment: not too many are opened at once."""
    return "discord-not-now" if fault.remedy is Remedy.LATER else "discord-not-directly"
