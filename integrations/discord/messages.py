"""Our message about a job: the first response itself, else a post; edits, fall-backs, removal. By REST alone.

An interaction's token edits its own messages for a quarter of an hour, without the limits of a channel;
afterwards the bot edits them through the channel; what the bot can't reach comes as a direct message.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from bot.cards.jobs import original_url
from bot.errors import NotThere, ShowFailure
from bot.ports import Address, Card, Gallery, Handle, Phase
from bot.ways import Way, by_any
from integrations.discord import _wire, failures
from integrations.discord._wire import DiscordFault, Rest, by_bot
from integrations.discord.address import FIRST_WITHIN_S, DiscordAddress
from integrations.discord.cards import EPHEMERAL, Shown, can_go_on, files_of, message_of, named_in, reply_to
from integrations.discord.direct import Direct
from integrations.discord.failures import DEAD, REMOVED, Remedy
from integrations.discord.first import say_first
from integrations.discord.handles import counts_down, handle_of, nonce_anew, nonce_of, removed, says
from integrations.discord.lookback import Lookback
from integrations.discord.promises import Promise, Promises, SendFollowUp, promised_in

log = structlog.get_logger()

_ANSWER = 4
_SETTLED_S = 3.2  # after this the first response was made or never will be
_NONCE_S = 60.0  # Discord remembers a nonce for some minutes; later we look for the message first
_TRY_AGAIN_S = 1.5  # after this an interaction that wasn't known may be
_HERE = "here"  # all ways but the direct one lead to where it was asked
_READ_FIRST_S = 0.8  # of the 3 s; a slower picture comes by an edit
_FIRST_UPLOAD_BYTES = 3 * 1024 * 1024
_UPLOAD_LEAST_BYTES, _DM_LIMIT_BYTES = 8 * 1024 * 1024, 10 * 1024 * 1024
_EDITS_AT_ONCE = 32
_NOT_FOUND, _LARGE = 404, 413
_NOTHING_THERE = REMOVED | DEAD | {failures.CLOSED_DMS, failures.UNKNOWN_PERSON}

Go = Callable[[Card], Awaitable[Handle]]


class Messages:
    """Shows cards; works from address and handle alone, in any process that has the token."""

    def __init__(
        self,
        rest: Rest,
        *,
        gallery: Gallery,
        direct: Direct | None = None,
        promises: Promises | None = None,
        clock: Callable[[], float] = time.time,
        hint: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._rest = rest
        self._directs = direct or Direct(rest)
        self._promises = promises or Promises(rest)
        self._lookback = Lookback(rest, self._directs, clock=clock)
        self._gallery = gallery
        self._clock = clock
        self._hint = hint  # in a language: how words go on from a picture
        self._edits = asyncio.Semaphore(_EDITS_AT_ONCE)

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says. Raises SurfaceError."""
        where = DiscordAddress.of(address)
        try:
            if card.gone:
                return await self._remove(card, where, handle)
            if handle is None:
                return await self._show_first(card, where)
            if counts_down(card, handle):
                return handle
            async with self._edits:
                return await self._edit(card, where, handle)
        except DiscordFault as fault:
            kind = fault.kind
            if kind is ShowFailure.GONE and handle is None and card.phase is not Phase.FINISHED:
                kind = ShowFailure.FORBIDDEN  # what can't be shown is not painted
            if kind is ShowFailure.FORBIDDEN:
                log.warning("Discord leaves us no way to show it", job=card.job, problem=str(fault))
            raise fault.trouble(kind) from fault

    # ── The first time ───────────────────────────────────────────────────────────────────────────────

    async def _show_first(self, card: Card, where: DiscordAddress) -> Handle:
        handle = await self._respond(card, where)
        if handle is not None:
            return handle
        async with self._edits:
            ways = []
            if where.home and (where.dm or not card.private):
                ways.append(self._way(card, partial(self._post, where=where)))
            if where.user and not (where.home and where.dm):
                ways.append(self._way(card, partial(self._post_directly, where=where), place=""))
            return await by_any(ways)

    async def _respond(self, card: Card, where: DiscordAddress) -> Handle | None:
        """The first response to the interaction; one that was made before is found again."""
        if not where.token:
            return None
        promise = await self._promises.of(where)
        if promise in (Promise.OPEN, Promise.PRIVATE):
            return await self._take_the_place(promise, card, where)
        left_s = where.asked_at + FIRST_WITHIN_S - self._clock()
        answered = promise is Promise.KEPT
        if 0 < left_s < _SETTLED_S and promise is Promise.NONE:  # more: the clock was set back since
            try:
                return await self._try(card, partial(self._answer_first, where=where))
            except DiscordFault as fault:
                answered = fault.code == failures.ANSWERED
                if not answered and not fault.doubtful:
                    log.warning("the first response was refused", job=card.job, problem=str(fault))
                    return None
        if not answered:
            await asyncio.sleep(min(_SETTLED_S, max(0.0, where.asked_at + _SETTLED_S - self._clock())))
        return await self._adopt(card, where)

    async def _answer_first(self, card: Card, where: DiscordAddress) -> Handle:
        shown = await self._read_quickly(card, where)
        body, files = self._message(card, shown), files_of(card, shown)
        body["flags"] = EPHEMERAL if card.private and not where.dm else 0
        path = f"/interactions/{where.interaction}/{where.token}/callback?with_response=true"
        response = {"type": _ANSWER, "data": body}
        said = await say_first(self._rest, where, path, response, files, clock=self._clock, rests=True)
        handle = handle_of(where, said["resource"]["message"], via="token", ready_at=self._ready_at(card))
        if len(shown) < len(card.pictures):
            async with self._edits:
                return await self._edit(card, where, handle)
        return handle

    async def _read_quickly(self, card: Card, where: DiscordAddress) -> list[Shown]:
        """The pictures, if they can be part of the first response; a large or slow one comes by an edit."""
        if sum(picture.size_bytes for picture in card.pictures) > _FIRST_UPLOAD_BYTES:
            return []
        try:
            async with asyncio.timeout(_READ_FIRST_S):
                return await self._read_pictures(card, where.limit_bytes)
        except TimeoutError:
            return []

    async def _adopt(self, card: Card, where: DiscordAddress) -> Handle | None:
        """The answer that an earlier try made, brought up to date; None when there is none."""
        if (found := await self._lookback.answer(where)) is None:
            return None
        if (promise := promised_in(found)) is not Promise.NONE:
            return await self._take_the_place(promise, card, where)
        if named_in(found) != card.name:
            return None
        return await self._edit(card, where, handle_of(where, found, via="token"))

    async def _take_the_place(self, promise: Promise, card: Card, where: DiscordAddress) -> Handle | None:
        """The message in the place of one that only said that it would come; None where that is gone."""

        async def go(card: Card) -> Handle:
            send = await self._promises.keep(where, promise, alone=card.private and not where.dm)
            made = await self._send_with_pictures(card, send, limit_bytes=where.limit_bytes)
            return handle_of(where, made, via="token", ready_at=self._ready_at(card))

        try:
            return await self._try(card, go)
        except DiscordFault as fault:
            if fault.remedy is Remedy.LATER:
                raise
            log.warning("a promise could not be kept", job=card.job, problem=str(fault))
        with contextlib.suppress(DiscordFault):  # whoever says something there looks once more
            await self._promises.make_room(where)
        return None

    # ── Posting ──────────────────────────────────────────────────────────────────────────────────────

    async def _post(self, card: Card, where: DiscordAddress) -> Handle:
        """A message of the bot in the channel, or by direct message where it can't."""
        if (orphan := await self._find_orphan(card, where, where.channel, via="channel")) is not None:
            return await self._edit(card, where, orphan)
        return await self._reply(card, where, nonce_of(card), where.reply)

    async def _post_anew(self, card: Card, where: DiscordAddress, instead_of: str) -> Handle:
        """A reply to our own message, which can't be edited: once, also where that was done and not told of."""
        if (orphan := await self._lookback.anew(card, where, instead_of)) is not None:
            return await self._edit(card, where, orphan)
        return await self._reply(card, where, nonce_anew(instead_of), instead_of)

    async def _reply(self, card: Card, where: DiscordAddress, nonce: str, reply: str) -> Handle:
        """A post, as a reply where that is allowed."""
        post = partial(self._post_to, card, where, where.channel, via="channel", nonce=nonce)
        try:
            return await post(reply=reply)
        except DiscordFault as fault:
            if fault.remedy is not Remedy.UNTIED or not reply:
                raise
        return await post()

    async def _post_directly(self, card: Card, where: DiscordAddress) -> Handle:
        channel = await self._directs.open(where.user)
        if (orphan := await self._find_orphan(card, where, channel, via="direct")) is not None:
            return await self._edit(card, where, orphan)
        limited = min(where.limit_bytes, _DM_LIMIT_BYTES)
        nonce = nonce_of(card)
        return await self._post_to(card, where, channel, via="direct", nonce=nonce, limit_bytes=limited)

    async def _post_to(
        self,
        card: Card,
        where: DiscordAddress,
        channel: str,
        *,
        via: str,
        nonce: str,
        limit_bytes: int = 0,
        reply: str = "",
    ) -> Handle:
        # Discord answers a repeated nonce with the message that it made the first time.
        more = {"nonce": nonce, "enforce_nonce": True} | reply_to(reply)

        async def send(body: dict[str, Any], files: Sequence[_wire.File]) -> Any:
            path = f"/channels/{channel}/messages"
            return await self._rest.call("POST", path, body | more, files=files)

        made = await self._send_with_pictures(card, send, limit_bytes=limit_bytes or where.limit_bytes)
        handle = handle_of(where, made, via=via, ready_at=self._ready_at(card))
        if says(card, made):
            return handle
        # It is the message of an earlier try, and says what was true then.
        return await self._edit(card, where, handle)

    async def _find_orphan(
        self, card: Card, where: DiscordAddress, channel: str, *, via: str
    ) -> Handle | None:
        """A message about this job that an earlier try posted and could not tell of, where its nonce may be forgotten."""
        if (
            abs(self._clock() - where.asked_at) <= _NONCE_S
        ):  # far before it was asked: the clock was set back since
            return None
        return await self._lookback.first(card, where, channel, via=via)

    # ── Editing ──────────────────────────────────────────────────────────────────────────────────────

    async def _edit(self, card: Card, where: DiscordAddress, handle: Handle) -> Handle:
        """The message itself, else another; an unfinished one may stay as it is, for its end comes by any way."""
        ended = card.phase in (Phase.FINISHED, Phase.OVER)
        if "removed" in handle.data and not ended:
            return handle
        ways = self._ways(card, where, handle)
        if not ways:
            if "removed" in handle.data:
                raise DiscordFault(_NOT_FOUND, failures.UNKNOWN_MESSAGE, "people removed it", sent=False)
            return handle
        try:
            return await by_any(ways)
        except DiscordFault as fault:
            if ended or fault.remedy is Remedy.LATER:
                raise
            log.info("an unfinished message can't be edited", job=card.job, problem=str(fault))
            return removed(handle) if fault.code in REMOVED else handle

    def _ways(self, card: Card, where: DiscordAddress, handle: Handle) -> list[Way[Handle]]:
        data = handle.data
        paths = [] if "removed" in data else self._paths(where, handle)
        # A token may die before its time: https://github.com/discord/discord-api-docs/issues/6851
        ways = [
            self._way(
                card, partial(self._edit_at, path, where=where, handle=handle), by_token=not by_bot(path)
            )
            for path in paths
        ]
        in_channel = bool(paths) and by_bot(paths[-1]) and data["via"] != "direct"
        if in_channel and card.pictures and not (card.private or handle.seen):
            go = partial(self._post_anew, where=where, instead_of=data["message"])
            ways.append(self._way(card, go))
        # What people have removed is told of only to who has paid for it and never saw it.
        wanted = bool(card.pictures) and not handle.seen
        told = card.phase is Phase.FINISHED or (card.phase is Phase.OVER and "removed" not in data)
        if told and data["via"] != "direct" and where.user:
            ways.append(
                self._way(card, partial(self._post_directly, where=where), place="" if wanted else _HERE)
            )
        return ways

    def _paths(self, where: DiscordAddress, handle: Handle) -> list[str]:
        """Where we reach our message: by the token while that lives, then as a message of the channel."""
        data = handle.data
        by_token = data["via"] == "token"
        paths = []
        if by_token and where.token_lives(self._clock()):
            paths.append(f"{where.webhook}/messages/{data['message']}")
        if not by_token or (where.home and not data.get("private")):
            paths.append(f"/channels/{data['channel']}/messages/{data['message']}")
        return paths

    async def _edit_at(self, path: str, card: Card, where: DiscordAddress, handle: Handle) -> Handle:
        async def send(body: dict[str, Any], files: Sequence[_wire.File]) -> Any:
            try:
                return await self._rest.call("PATCH", path, body, files=files)
            except DiscordFault as fault:
                if fault.code != failures.ARCHIVED:
                    raise
            # Edits don't open an archived thread, and whoever may speak in it may open it, unless it is locked.
            await self._rest.call("PATCH", f"/channels/{where.channel}", {"archived": False})
            return await self._rest.call("PATCH", path, body, files=files)

        await self._send_with_pictures(card, send, limit_bytes=where.limit_bytes)
        return handle

    def _way(self, card: Card, go: Go, *, place: str = _HERE, by_token: bool = False) -> Way[Handle]:
        return Way(partial(self._try, card, go, by_token=by_token), place)

    async def _try(self, card: Card, go: Go, *, by_token: bool = False) -> Handle:
        """One way, as often as it is worth it: without what the person typed, to which AutoMod may object; or later."""
        try:
            return await go(card)
        except DiscordFault as fault:
            plain = fault.remedy is Remedy.PLAIN and bool(card.prompt)
            if not plain and not (fault.remedy is Remedy.AGAIN and by_token):
                raise
        if plain:
            pictures = tuple(replace(one, alt="") for one in card.pictures)
            return await go(replace(card, prompt="", pictures=pictures))
        # An interaction may be unknown for a while: https://github.com/discord/discord-api-docs/issues/7220
        await asyncio.sleep(_TRY_AGAIN_S)
        return await go(card)

    # ── Pictures ─────────────────────────────────────────────────────────────────────────────────────

    async def _send_with_pictures(self, card: Card, send: SendFollowUp, *, limit_bytes: int) -> Any:
        """Sends the message with its pictures; smaller copies when Discord finds them too large."""
        for limit in dict.fromkeys((limit_bytes, min(limit_bytes, _UPLOAD_LEAST_BYTES), limit_bytes // 4)):
            shown = await self._read_pictures(card, limit)
            try:
                return await send(self._message(card, shown), files_of(card, shown))
            except DiscordFault as fault:
                if fault.status != _LARGE and fault.code != failures.TOO_LARGE:
                    raise
                log.warning("Discord finds a picture too large", job=card.job, limit_bytes=limit)
        return await send(self._message(card, []), [])

    async def _read_pictures(self, card: Card, limit_bytes: int) -> list[Shown]:
        shown: list[Shown] = []
        room = min(limit_bytes, _wire.UPLOAD_MOST_BYTES) - _wire.FORM_ROOM_BYTES
        for picture in card.pictures:
            each = min(room, _wire.UPLOAD_MOST_BYTES // len(card.pictures))
            try:
                data, media_type = await self._gallery.fit(picture.key, limit_bytes=each)
            except NotThere:
                log.info("a picture is gone already", job=card.job)
                continue
            shown.append(Shown(picture=picture, data=data, media_type=media_type))
        return shown

    def _message(self, card: Card, shown: Sequence[Shown]) -> dict[str, Any]:
        url = original_url(card, self._gallery)
        hint = self._hint(card.language) if can_go_on(card) else ""
        return message_of(card, shown, original_url=url, ready_at=self._ready_at(card), hint=hint)

    def _ready_at(self, card: Card) -> float | None:
        """When it will be done; before the service has it, as if it had it now."""
        if card.ready_at is not None or card.usual_s is None:
            return card.ready_at
        return round(self._clock() + card.usual_s)

    # ── Removing ─────────────────────────────────────────────────────────────────────────────────────

    async def _remove(self, card: Card, where: DiscordAddress, handle: Handle | None) -> Handle:
        """What stands there, also where a try that was cut off has left it untold."""
        handle = handle or await self._lookback.anywhere(card, where)
        if handle is None:
            return Handle(key="")
        paths = self._paths(where, handle)
        if not paths:
            log.info("a private answer is too old to be removed by us", job=card.job)
        for path in paths:
            try:
                await self._rest.call("DELETE", path)
                break
            except DiscordFault as fault:
                if fault.code not in _NOTHING_THERE:
                    raise
                if fault.code not in DEAD:
                    break
        return handle
