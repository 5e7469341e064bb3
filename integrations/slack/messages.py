"""Our message about a job: found or posted, edited, fallen back, removed; every trouble as a SurfaceError.

What stands in the way, and what is done about it, is one table: failures.py. Every way that is open is
tried: an edit, a new message in the same place, a direct message.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import structlog

from bot.errors import ShowFailure
from bot.orphans import Orphans, Spot
from bot.ports import AGAIN, Address, Card, Gallery, Handle, Phase
from bot.process.recent import Recent
from bot.ways import Fault, Step, Way, by_any
from bot.words.words import Words
from integrations.slack import failures
from integrations.slack._pictures import Faces, PictureUploads
from integrations.slack._private import Private
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import Face, digest, metadata_of, name_of, named_in
from integrations.slack.failures import NOT_PROCESSED, RATE_LIMITED, Obstacle

log = structlog.get_logger()

_LONG_S = 4.0  # who waits longer for a placeholder is told so
_PUT_IN_AFTER_S = 5.0
_REMEMBERED = 2_000
_COPY = "copy"  # in a handle: a message that was sent while this one could not be edited
_TELLS = "tells"  # the same: it says that somebody is told when it is done
_LIVE = (Phase.WAITING, Phase.PAINTING)
_NO_LOOK = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type"})
_NOT_THERE = frozenset({Obstacle.REMOVED, Obstacle.PLACE, Obstacle.PERSON})  # nothing that we could take away
_PAGES, _PAGE = 3, 100
_CLOCKS_DIFFER_S = 10
_LINK = re.compile(r"slack\.com/archives/(?P<channel>[A-Z0-9]{2,20})/p(?P<seconds>\d{10})(?P<micros>\d{6})")


class _Spot(NamedTuple):
    """Where a message goes: a channel, perhaps a thread of it."""

    channel: str
    thread: str = ""

    @property
    def direct(self) -> bool:
        return self.channel.startswith("D")


class Messages:
    """Shows cards; works from address and handle alone, in any process that has the token."""

    def __init__(
        self, api: Api, *, uploads: PictureUploads, private: Private, gallery: Gallery, words: Words
    ) -> None:
        self._api = api
        self._uploads = uploads
        self._private = private
        self._faces = Faces(uploads=uploads, gallery=gallery, words=words)
        self._words = words
        self._orphans = Orphans(self._read)
        self._kept = Recent[str, Handle](_REMEMBERED)  # posted, and not yet told to anybody
        self._explained = Recent[str, int](_REMEMBERED)  # whose refusal was explained to the person

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says. Raises SurfaceError."""
        handle = handle or self._kept.get(card.name)
        try:
            if card.gone:
                shown = await self._remove(card, address, handle)
            elif handle is not None:
                shown = await self._edit(card, address, handle)
            else:
                shown = await self._post_somewhere(card, address, _of(address), known=None)
        except SlackFault as fault:
            if handle is None and not card.gone:
                await self._tell_why(fault, card, address)
            kind = _kind(fault, card)
            if kind is ShowFailure.FORBIDDEN:
                log.error("Slack doesn't let us", job=card.job, problem=str(fault))  # noqa: TRY400 - its words say all
            raise fault.trouble(kind) from fault
        self._kept.pop(card.name, None)
        return shown

    async def delete(self, channel: str, ts: str) -> None:
        """Takes a message away; one that can't be reached any more is no matter. Raises SlackFault."""
        try:
            await self._api.patiently("chat.delete", channel=channel, ts=ts)
        except SlackFault as fault:
            if failures.of(fault.error) not in _NOT_THERE:
                raise

    # ── Posting ──────────────────────────────────────────────────────────────────────────────────────

    async def _post_somewhere(
        self, card: Card, address: Address, first: _Spot, *, known: Handle | None
    ) -> Handle:
        """In the thread, the channel, or for a picture that is there the direct message. Raises SlackFault."""
        post = partial(self._post, card, address, known=known)
        ways = []
        if first.channel and (first.direct or not card.private):
            ways.append(Way(partial(post, first), first.channel))
            if first.thread:
                ways.append(Way(partial(post, _Spot(first.channel)), first.channel))
        if not ways or (card.pictures and not first.direct and address.data.get("user")):
            ways.append(Way(partial(self._post_directly, card, address, first, known=known)))
        return await by_any(ways, partial(_step_of, card=card))

    async def _post_directly(
        self, card: Card, address: Address, instead_of: _Spot, *, known: Handle | None
    ) -> Handle:
        """To the person alone; who asked elsewhere learns that the picture came so."""
        direct = await self._open_direct(address)
        posted = await self._post(card, address, direct, known=known)
        if direct.channel != instead_of.channel and address.data.get("channel") and not card.private:
            await self._private.tell_by_url(address.data, self._words.say("slack-sent"))
        return posted

    async def _post(self, card: Card, address: Address, spot: _Spot, *, known: Handle | None) -> Handle:
        """`known`: the message that can't be edited; in its own place another tells of itself whose place it has."""
        instead_of = _ts_there(known, spot)
        if ts := await self._find_orphan(card, address, spot, instead_of=instead_of):
            orphan = _handle(card, spot, ts, Face(), said="")
            self._kept[card.name] = orphan
            return await self._edit(card, address, orphan)
        send = partial(
            self._send_new,
            name_of(card.name, instead_of),
            who=card.name,
            channel=spot.channel,
            thread_ts=spot.thread or None,
            metadata=metadata_of(card, instead_of),
            unfurl_links=False,
            unfurl_media=False,
        )
        answer, face, short = await self._faces.send_best(card, send)
        posted = _Spot(str(answer["channel"]), spot.thread)
        handle = _handle(card, posted, str(answer["ts"]), face, said="" if short else None)
        self._kept[card.name] = handle
        if short:
            raise SlackFault(NOT_PROCESSED, retry_after_s=_PUT_IN_AFTER_S)
        return handle

    async def _send_new(self, name: str, **message: Any) -> dict[str, Any]:
        with self._orphans.posting(name):
            return await self._api.once("chat.postMessage", **message)

    # ── Editing ──────────────────────────────────────────────────────────────────────────────────────

    async def _edit(self, card: Card, address: Address, handle: Handle) -> Handle:
        if AGAIN in handle.data:
            handle = await self._move_back(card, address, handle)
        if handle.data.get("said") == digest(card) and not card.forced:
            return handle
        live = card.phase in _LIVE
        is_progress = live and card.tells == (_TELLS in handle.data)  # what somebody has pressed for is none
        if handle.data.get("said") and is_progress and not self._api.is_quiet():
            return handle
        try:
            return await self._update(card, handle)
        except SlackFault as fault:
            if fault.passing:
                raise
            if live:  # the end is told in another way, if this one is closed then too
                log.info("progress can't be shown", job=card.job, error=fault.error)
                return handle
            return await self._show_in_another_way(card, address, handle, fault)

    async def _update(self, card: Card, handle: Handle) -> Handle:
        spot, (channel, ts) = _spot_of(handle), channel_and_ts(handle.key)
        send = partial(self._api.once, "chat.update", who=card.name, channel=channel, ts=ts)
        _, face, short = await self._faces.send_best(card, send)
        if short:
            raise SlackFault(NOT_PROCESSED, retry_after_s=_PUT_IN_AFTER_S)
        shown = _handle(card, spot, ts, face)
        return replace(shown, data={**_others_of(handle), **shown.data})

    async def _move_back(self, card: Card, address: Address, handle: Handle) -> Handle:
        """Where the message should stand may be open again: there it is the message then, and the other a copy."""
        key, thread = handle.data[AGAIN], address.data.get("thread", "")
        channel, _ = channel_and_ts(key)
        there = Handle(key=key, data={"channel": channel, "thread": thread, _COPY: handle.key})
        try:
            return await self._update(card, there)
        except SlackFault as fault:
            if fault.passing:
                raise
            log.info("a message still can't be edited", job=card.job, error=fault.error)
            removed = failures.of(fault.error) is Obstacle.REMOVED
            return replace(handle, data=_without_again(handle)) if removed else handle

    async def _show_in_another_way(
        self, card: Card, address: Address, handle: Handle, fault: SlackFault
    ) -> Handle:
        """The message can't be edited. Raises SlackFault where nothing else is open."""
        spot = _spot_of(handle)
        obstacle = failures.of(fault.error)
        log.warning("a message can't be edited", job=card.job, error=fault.error, obstacle=str(obstacle))
        if obstacle in (Obstacle.FROZEN, Obstacle.UNKNOWN):
            return await self._post_somewhere(card, address, spot, known=handle)
        if _step_of(fault, card=card) is Step.STOP or not card.pictures:
            raise fault
        if obstacle is Obstacle.REMOVED and handle.seen:
            raise fault.trouble(ShowFailure.GONE)
        # Whoever took the message away doesn't want it in the channel again; who asked and never saw it still gets it.
        try:
            posted = await self._post_directly(card, address, spot, known=handle)
        except SlackFault as closed:
            raise closed if closed.passing else _closed_too(fault, closed) from closed
        stands = obstacle is not Obstacle.REMOVED and posted.data["channel"] != spot.channel
        return replace(posted, data={**posted.data, AGAIN: handle.key}) if stands else posted

    # ── Removing, and words ──────────────────────────────────────────────────────────────────────────

    async def _remove(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        handle = handle or await self._find_anywhere(card, address)
        if handle is None:
            return Handle(key="")
        if file := handle.data.get("file"):
            await self._uploads.delete(file)
        for key in (handle.key, *_others_of(handle).values()):
            await self.delete(*channel_and_ts(key))
        return handle

    async def _find_anywhere(self, card: Card, address: Address) -> Handle | None:
        """A first message that was posted and could not be told of, wherever it may have gone. Raises SlackFault."""
        spot = _of(address)
        places = [spot, _Spot(spot.channel)] if spot.channel and (spot.direct or not card.private) else []
        for place in dict.fromkeys(places):  # a closed thread's message stands in the channel
            if ts := await self._find_orphan(card, address, place):
                return _handle(card, place, ts, Face())
        if spot.direct or not address.data.get("user"):
            return None
        try:
            direct = await self._open_direct(address)
        except SlackFault as fault:
            if failures.of(fault.error) not in _NOT_THERE:
                raise
            return None
        ts = await self._find_orphan(card, address, direct)
        return _handle(card, direct, ts, Face()) if ts else None

    async def _open_direct(self, address: Address) -> _Spot:
        return _Spot(await self._private.open(address.data.get("user", "")))

    async def _find_orphan(self, card: Card, address: Address, spot: _Spot, *, instead_of: str = "") -> str:
        """The ts of a message that an earlier try posted and could not tell of. Raises SlackFault."""
        name = name_of(card.name, instead_of)
        if not self._orphans.may_be(name, unless=card.first):
            return ""
        since = float(instead_of or address.data.get("asked") or 0) - _CLOCKS_DIFFER_S
        return await self._orphans.find(name, spot, since=since)

    async def _read(self, spot: Spot, since: float) -> Mapping[str, str] | None:
        """Our messages in a place. Raises SlackFault."""
        channel, thread = spot
        where: dict[str, Any] = {
            "channel": channel, "limit": _PAGE, "include_all_metadata": True, "oldest": str(max(0, int(since))),
        }  # fmt: skip
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            where["ts"] = thread
        found: dict[str, str] = {}
        for _ in range(_PAGES):
            try:
                answer = await self._api.patiently(method, **where)
            except SlackFault as fault:
                if fault.error in _NO_LOOK:
                    return None
                raise
            found |= {named_in(one): str(one["ts"]) for one in answer.get("messages") or []}
            where["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not where["cursor"]:
                break
        return found

    async def _tell_why(self, fault: SlackFault, card: Card, address: Address) -> None:
        """Who asked is told that it takes a while, or why nothing can be posted."""
        if fault.error == RATE_LIMITED:
            if card.first and (fault.retry_after_s or 0.0) > _LONG_S:
                seconds = round(fault.retry_after_s or 0.0)
                await self._private.tell_by_url(
                    address.data, self._words.say("slack-waiting", seconds=seconds)
                )
        elif _kind(fault, card) is not ShowFailure.LATER and not card.pictures:
            if self._explained.count(card.name) > 1:
                return  # The core confirms a refusal by a second try.
            sentence = failures.sentence_of(fault.error)
            await self._private.tell_by_url(address.data, self._words.say(sentence))


def key_of(channel: str, ts: str) -> str:
    """What `talk.find` knows a message by."""
    return f"{channel}:{ts}"


def key_at(link: str) -> str:
    """The key of the message that a link of Slack's leads to; empty for any other address."""
    found = _LINK.search(link)
    return key_of(found["channel"], f"{found['seconds']}.{found['micros']}") if found else ""


def channel_and_ts(key: str) -> tuple[str, str]:
    """The parts of such a key."""
    channel, _, ts = key.partition(":")
    return channel, ts


def _step_of(fault: Fault, *, card: Card) -> Step:
    """Whether another place is tried when one doesn't take a post: what nobody knows is tried once more first."""
    unknown = isinstance(fault, SlackFault) and failures.of(fault.error) is Obstacle.UNKNOWN
    return Step.STOP if card.first and unknown else fault.step


def _kind(fault: SlackFault, card: Card) -> ShowFailure:
    """What delivery shall do about it."""
    obstacle = failures.of(fault.error)
    if obstacle is Obstacle.UNKNOWN and card.first:
        return ShowFailure.LATER
    if obstacle is Obstacle.REMOVED and not (card.pictures or card.first):
        return ShowFailure.GONE
    return failures.RULES[obstacle].kind


def _closed_too(fault: SlackFault, closed: SlackFault) -> SlackFault:
    return SlackFault(fault.error, detail=f"{fault.detail} and by direct message: {closed}".strip())


def _of(address: Address) -> _Spot:
    return _Spot(address.data.get("channel", ""), address.data.get("thread", ""))


def _spot_of(handle: Handle) -> _Spot:
    return _Spot(handle.data["channel"], handle.data.get("thread", ""))


def _ts_there(known: Handle | None, spot: _Spot) -> str:
    """The ts of a message that is known, where it stands in this place."""
    channel, ts = channel_and_ts(known.key) if known is not None else ("", "")
    return ts if channel == spot.channel else ""


def _without_again(handle: Handle) -> dict[str, str]:
    return {name: value for name, value in handle.data.items() if name != AGAIN}


def _others_of(handle: Handle) -> dict[str, str]:
    """The other messages that a handle speaks of, by what they are."""
    return {name: handle.data[name] for name in (AGAIN, _COPY) if name in handle.data}


def _handle(card: Card, spot: _Spot, ts: str, face: Face, said: str | None = None) -> Handle:
    data = {"channel": spot.channel, "ts": ts, "said": digest(card) if said is None else said}
    if face.file:
        data["file"] = face.file
    if spot.thread:
        data["thread"] = spot.thread
    if card.tells:
        data[_TELLS] = "yes"
    return Handle(key=key_of(spot.channel, ts), data=data)
