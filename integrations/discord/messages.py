"""Our message about a job: the first response itself, else a post; edits, fall-backs, removal. By REST alone.

An interaction's token edits its own messages for a quarter of an hour, without the limits of a channel;
afterwards the bot edits them through the channel; what the bot can't reach comes as a direct message.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import structlog

from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.ports import Address, Card, Gallery, Handle, Phase
from integrations.discord import _wire
from integrations.discord._wire import FORM_ROOM_BYTES, UPLOAD_MOST_BYTES, DiscordFault, Rest
from integrations.discord.address import FIRST_WITHIN_S, Where
from integrations.discord.cards import EPHEMERAL, Shown, files_of, is_about, message_of
from integrations.discord.handles import counts_down, handle_of, nonce_of, says

log = structlog.get_logger()

_ANSWER = 4
_SETTLED_S = 3.2  # after this the first response was made or never will be
_NONCE_S = 60.0  # Discord remembers a nonce for some minutes; later we look for the message first
_AGAIN_S = 0.2
_FIRST_PAUSES_S = (0.1, 0.3, 0.7)
_READ_FIRST_S = 0.8  # of the 3 s; a slower picture comes by an edit
_FIRST_UPLOAD_BYTES = 3 * 1024 * 1024
_UPLOAD_LEAST_BYTES, _DM_LIMIT_BYTES = 8 * 1024 * 1024, 10 * 1024 * 1024
_PAGES, _PAGE = 3, 100
_EDITS_AT_ONCE = 32
_HURRY_S = 2.0
_EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
_DEAD = frozenset({_wire.DEAD_TOKEN, _wire.UNKNOWN_WEBHOOK})
_NO_WAY = frozenset({_wire.NO_ACCESS, _wire.NO_PERMISSION})
_GONE = frozenset({_wire.UNKNOWN_MESSAGE, _wire.UNKNOWN_CHANNEL, _wire.CLOSED_DMS, 10004, 10013})
_CLOSED = _NO_WAY | {_wire.ARCHIVED}
_NOT_FOUND, _FORBIDDEN, _UNAUTHORIZED, _LARGE, _TOO_MANY = 404, 403, 401, 413, 429
_ENDS = frozenset({Phase.FINISHED, Phase.OVER})

Send = Callable[[dict[str, Any], Sequence[_wire.File]], Awaitable[Any]]


class _Way(NamedTuple):
    """One way to a message."""

    call: Callable[..., Awaitable[Any]]
    path: str


class Hurry:
    """First responses have 3 s, edits have time: while some are under way, edits stand back for a moment."""

    def __init__(self) -> None:
        self._first = 0
        self._calm = asyncio.Event()
        self._calm.set()

    def __enter__(self) -> None:
        self._first += 1
        self._calm.clear()

    def __exit__(self, *_: object) -> None:
        self._first -= 1
        if not self._first:
            self._calm.set()

    async def over(self) -> None:
        """Waits for calm, but not for ever: in a busy server there is always somebody who asks."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HURRY_S):
                await self._calm.wait()


class Messages:
    """Shows cards; works from address and handle alone, in any process that has the token."""

    def __init__(self, rest: Rest, *, gallery: Gallery, clock: Callable[[], float] = time.time) -> None:
        self._rest = rest
        self._gallery = gallery
        self._clock = clock
        self._edits = asyncio.Semaphore(_EDITS_AT_ONCE)
        self._hurry = Hurry()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says. Raises SurfaceError."""
        where = Where.of(address)
        try:
            if card.gone:
                return await self._remove(card, where, handle)
            if handle is None:
                return await self._show_first(card, where)
            if counts_down(card, handle):
                return handle
            await self._hurry.over()
            async with self._edits:
                return await self._edit(card, where, handle)
        except DiscordFault as fault:
            raise _trouble(fault, card) from fault

    # ── The first time ───────────────────────────────────────────────────────────────────────────────

    async def _show_first(self, card: Card, where: Where) -> Handle:
        handle = await self._respond(card, where)
        if handle is not None:
            return handle
        async with self._edits:
            if card.private and not where.dm:
                return await self._post_directly(card, where)
            return await self._post(card, where)

    async def _respond(self, card: Card, where: Where) -> Handle | None:
        """The first response to the interaction; one that was made before is found again."""
        if not where.token:
            return None
        if self._clock() < where.asked_at + FIRST_WITHIN_S:
            try:
                with self._hurry:
                    return await self._answer_first(card, where)
            except DiscordFault as fault:
                if fault.code == _wire.ANSWERED:
                    return await self._adopt(card, where)
                if not fault.doubtful:
                    log.warning("the first response was refused", job=card.job, problem=str(fault))
                    return None
        elif card.first:
            return None
        await asyncio.sleep(max(0.0, where.asked_at + _SETTLED_S - self._clock()))
        return await self._adopt(card, where)

    async def _answer_first(self, card: Card, where: Where) -> Handle:
        shown = await self._read_quickly(card, where)
        flags = EPHEMERAL if card.private and not where.dm else 0
        response = {"type": _ANSWER, "data": {**self._body_of(card, shown), "flags": flags}}
        said = await self._respond_in_time(where, response, files_of(card, shown))
        handle = handle_of(where, said["resource"]["message"], via="token", ready_at=self._ready_at(card))
        if len(shown) < len(card.pictures):
            async with self._edits:
                return await self._edit(card, where, handle)
        return handle

    async def _respond_in_time(
        self, where: Where, response: dict[str, Any], files: Sequence[_wire.File]
    ) -> dict[str, Any]:
        """A quick 5xx or a cut line leaves time for other tries, which may be told that we did answer."""
        path, until = f"{where.callback}?with_response=true", where.asked_at + FIRST_WITHIN_S
        for pause_s in _FIRST_PAUSES_S:
            try:
                return await self._rest.once(path, response, files=files, within_s=until - self._clock())
            except DiscordFault as fault:
                again = fault.doubtful or fault.status == _TOO_MANY  # whose rest may be over in time
                if not again or self._clock() + pause_s + _AGAIN_S > until:
                    raise
            await asyncio.sleep(pause_s)
        return await self._rest.once(path, response, files=files, within_s=until - self._clock())

    async def _read_quickly(self, card: Card, where: Where) -> list[Shown]:
        """The pictures, if they can be part of the first response; a large or slow one comes by an edit."""
        if sum(picture.size_bytes for picture in card.pictures) > _FIRST_UPLOAD_BYTES:
            return []
        try:
            async with asyncio.timeout(_READ_FIRST_S):
                return await self._read_pictures(card, where.limit_bytes)
        except TimeoutError:
            return []

    async def _adopt(self, card: Card, where: Where) -> Handle | None:
        """The answer that an earlier try made, brought up to date; None when there is none."""
        if not where.token_lives(self._clock()):
            return None
        try:
            found = await self._rest.by_token("GET", f"{where.webhook}/messages/@original")
        except DiscordFault as fault:
            if fault.status in (_NOT_FOUND, _UNAUTHORIZED):
                return None
            raise
        if not is_about(card, found.get("components") or []):
            return None
        return await self._edit(card, where, handle_of(where, found, via="token"))

    # ── Posting ──────────────────────────────────────────────────────────────────────────────────────

    async def _post(self, card: Card, where: Where) -> Handle:
        """A message of the bot in the channel, or by direct message where it can't."""
        if not where.home:
            return await self._post_directly(card, where)
        if not card.first and self._clock() - where.asked_at > _NONCE_S:
            orphan = await self._find_orphan(card, where)
            if orphan is not None:
                return await self._edit(card, where, orphan)
        try:
            return await self._post_to(card, where, where.channel, via="channel")
        except DiscordFault as fault:
            if fault.code not in _NO_WAY or not where.user:
                raise
            log.warning("Discord doesn't let us post there: a direct message instead", job=card.job)
            return await self._post_directly(card, where)

    async def _post_directly(self, card: Card, where: Where) -> Handle:
        return await self._post_to(card, where, await self._rest.direct(where.user), via="direct")

    async def _post_to(self, card: Card, where: Where, channel: str, *, via: str) -> Handle:
        # Discord answers a repeated nonce with the message that it made the first time.
        more: dict[str, Any] = {"nonce": nonce_of(card), "enforce_nonce": True}
        limit_bytes = where.limit_bytes
        if via == "direct":
            limit_bytes = min(limit_bytes, _DM_LIMIT_BYTES)
        elif where.reply:
            more["message_reference"] = {"message_id": where.reply, "fail_if_not_exists": False}

        async def post(body: dict[str, Any], files: Sequence[_wire.File]) -> Any:
            return await self._rest.bot("POST", f"/channels/{channel}/messages", body | more, files=files)

        made = await self._send(card, post, limit_bytes=limit_bytes)
        handle = handle_of(where, made, via=via, ready_at=self._ready_at(card))
        if says(card, made):
            return handle
        # It is the message of an earlier try, and says what was true then.
        return await self._edit(card, where, handle)

    async def _find_orphan(self, card: Card, where: Where) -> Handle | None:
        """A message about this job that an earlier try posted and could not tell of."""
        after = max(0, int((where.asked_at - 5) * 1000) - _EPOCH_MS) << 22
        for _ in range(_PAGES):
            path = f"/channels/{where.channel}/messages?limit={_PAGE}&after={after}"
            try:
                page = await self._rest.bot("GET", path)
            except DiscordFault as fault:
                if fault.code in _NO_WAY:
                    return None
                raise
            for message in page:
                if is_about(card, message.get("components") or []):
                    return handle_of(where, message, via="channel")
            if len(page) < _PAGE:
                return None
            after = max(int(message["id"]) for message in page)
        return None

    # ── Editing ──────────────────────────────────────────────────────────────────────────────────────

    async def _edit(self, card: Card, where: Where, handle: Handle) -> Handle:
        for way in self._ways_to(handle, where):
            try:
                await self._edit_by(way, card, where)
            except DiscordFault as fault:
                if fault.code in _DEAD:
                    # It may die before its time: https://github.com/discord/discord-api-docs/issues/6851
                    log.info("an interaction's token is dead", job=card.job)
                elif fault.code in _CLOSED and way.call == self._rest.bot and handle.data["via"] != "direct":
                    log.warning("Discord doesn't let us edit there: a direct message instead", job=card.job)
                else:
                    raise
            else:
                return handle
        # A direct message for what can't be edited any more, when there is something to tell.
        return await self._post_directly(card, where) if card.phase in _ENDS else handle

    async def _edit_by(self, way: _Way, card: Card, where: Where) -> None:
        async def edit(body: dict[str, Any], files: Sequence[_wire.File]) -> Any:
            try:
                return await way.call("PATCH", way.path, body, files=files)
            except DiscordFault as fault:
                if fault.code != _wire.ARCHIVED:
                    raise
            # Edits don't open an archived thread, and whoever may speak in it may open it, unless it is locked.
            await self._rest.bot("PATCH", f"/channels/{where.channel}", {"archived": False})
            return await way.call("PATCH", way.path, body, files=files)

        await self._send(card, edit, limit_bytes=where.limit_bytes)

    def _ways_to(self, handle: Handle, where: Where) -> list[_Way]:
        """By its token while that lives, and by the bot where it sees the message."""
        data, ways = handle.data, []
        by_token = data["via"] == "token"
        if by_token and where.token_lives(self._clock()):
            ways.append(_Way(self._rest.by_token, f"{where.webhook}/messages/{data['message']}"))
        if not by_token or (where.home and not data.get("private")):
            ways.append(_Way(self._rest.bot, f"/channels/{data['channel']}/messages/{data['message']}"))
        return ways

    async def _remove(self, card: Card, where: Where, handle: Handle | None) -> Handle:
        if handle is None:
            return Handle(key="")
        for way in self._ways_to(handle, where):
            try:
                await way.call("DELETE", way.path)
            except DiscordFault as fault:
                if fault.code in _DEAD:
                    continue
                if fault.code not in _GONE:
                    raise
            return handle
        log.info("a private answer is too old to be removed by us", job=card.job)
        return handle

    # ── Pictures ─────────────────────────────────────────────────────────────────────────────────────

    async def _send(self, card: Card, send: Send, *, limit_bytes: int) -> Any:
        """Sends the message with its pictures; smaller copies when Discord finds them too large."""
        for limit in dict.fromkeys((limit_bytes, min(limit_bytes, _UPLOAD_LEAST_BYTES), limit_bytes // 4)):
            shown = await self._read_pictures(card, limit)
            try:
                return await send(self._body_of(card, shown), files_of(card, shown))
            except DiscordFault as fault:
                if fault.status != _LARGE and fault.code != _wire.TOO_LARGE:
                    raise
                log.warning("Discord finds a picture too large", job=card.job, limit_bytes=limit)
        return await send(self._body_of(card, []), [])

    async def _read_pictures(self, card: Card, limit_bytes: int) -> list[Shown]:
        shown: list[Shown] = []
        room = min(limit_bytes, UPLOAD_MOST_BYTES) - FORM_ROOM_BYTES
        for picture in card.pictures:
            each = min(room, UPLOAD_MOST_BYTES // len(card.pictures))
            try:
                data, media_type = await self._gallery.fit(picture.key, limit_bytes=each)
            except NotThere:
                log.info("a picture is gone already", job=card.job)
                continue
            shown.append(Shown(picture=picture, data=data, media_type=media_type))
        return shown

    def _body_of(self, card: Card, shown: Sequence[Shown]) -> dict[str, Any]:
        one = len(card.originals) == 1 and not card.private
        url = (self._gallery.link(card.originals[0].key) or "") if one else ""
        return message_of(card, shown, original_url=url, ready_at=self._ready_at(card))

    def _ready_at(self, card: Card) -> float | None:
        """When it will be done; before the service has it, as if it had it now."""
        if card.ready_at is not None or card.usual_s is None:
            return card.ready_at
        return round(self._clock() + card.usual_s)


def _trouble(fault: DiscordFault, card: Card) -> SurfaceError:
    """What delivery shall do about it."""
    detail = str(fault)
    if fault.code in _GONE:
        return SurfaceError(detail, kind=ShowFailure.GONE)
    if fault.status == _UNAUTHORIZED:
        return SurfaceError(detail, kind=ShowFailure.LATER, retry_after_s=60.0)
    if fault.status == _FORBIDDEN or fault.code == _wire.ARCHIVED:
        log.warning("a right is missing in Discord", job=card.job, problem=detail)
        return SurfaceError(detail, kind=ShowFailure.FORBIDDEN)
    if fault.status == _NOT_FOUND:
        return SurfaceError(detail, kind=ShowFailure.GONE)
    return SurfaceError(detail, kind=ShowFailure.LATER, retry_after_s=fault.retry_after_s)
