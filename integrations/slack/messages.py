"""Our message about a job: found or posted, edited, fallen back, removed; every trouble as a SurfaceError."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.ports import Address, Card, Gallery, Handle, Phase
from bot.words import Words
from integrations.slack._private import Private
from integrations.slack._throttle import Throttle
from integrations.slack._uploads import HOPELESS, Uploads
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import EVENT_TYPE, SHOWABLE, Face, digest, message_of, metadata_of

log = structlog.get_logger()

Send = Callable[..., Awaitable[dict[str, Any]]]

_BLOCKS_REFUSED = frozenset({
    "invalid_blocks", "invalid_blocks_format", "block_mismatch", "invalid_arguments", "msg_blocks_too_long",
    "msg_too_long", "invalid_attachments", "slack_file_not_found",
})  # fmt: skip
_POST_ANEW = frozenset({"edit_window_closed", "cant_update_message", "update_failed"})
_GONE = frozenset({
    "message_not_found", "is_archived", "is_inactive", "channel_not_found", "user_disabled", "cannot_dm_bot",
    "user_not_found", "thread_not_found", "cannot_reply_to_message",
})  # fmt: skip
_FORBIDDEN = frozenset({
    "not_in_channel", "token_revoked", "account_inactive", "invalid_auth", "not_authed", "token_expired",
    "missing_scope", "no_permission", "access_denied", "ekm_access_denied", "team_access_not_granted",
    "org_login_required", "messages_tab_disabled", "not_allowed_token_type",
})  # fmt: skip
_FIRST_FORBIDDEN = _FORBIDDEN | {"channel_not_found", "is_archived"}  # where nothing of ours ever stood
_NO_LOOK = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type"})
_RESTRICTED = "restricted_action"
_PAGES = 3
_PAGE = 100
_BEFORE_S = 10  # clocks differ


class Messages:
    """Shows cards; works from address and handle alone, in any process that has the token."""

    def __init__(
        self, api: Api, *, uploads: Uploads, private: Private, gallery: Gallery, words: Words
    ) -> None:
        self._api = api
        self._uploads = uploads
        self._private = private
        self._gallery = gallery
        self._words = words
        self._throttle = Throttle()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says. Raises SurfaceError."""
        try:
            if card.gone:
                return await self._remove(card, address, handle)
            if handle is not None:
                return await self._edit(card, address, handle)
            return await self._post(card, address)
        except SlackFault as fault:
            is_new = handle is None and not card.gone
            if is_new:
                await self._tell_why(fault, address)
            raise _surface_error(fault, card.job, is_new=is_new) from fault

    async def delete(self, channel: str, ts: str) -> None:
        """Takes a message away; one that is gone already is no matter. Raises SlackFault."""
        try:
            await self._api.patiently("chat.delete", channel=channel, ts=ts)
        except SlackFault as fault:
            if fault.error not in _GONE:
                raise

    # ── Posting ──────────────────────────────────────────────────────────────────────────────────────

    async def _post(self, card: Card, address: Address) -> Handle:
        channel = await self._channel_for(card, address)
        orphan = None if card.first else await self._find_orphan(card, address, channel)
        if orphan is not None:
            return await self._edit(card, address, orphan)
        thread = address.data.get("thread", "") if channel == address.data.get("channel") else ""
        send = partial(
            self._call,
            "chat.postMessage",
            card,
            channel,
            channel=channel,
            thread_ts=thread or None,
            metadata=metadata_of(card),
            unfurl_links=False,
            unfurl_media=False,
        )
        answer, face = await self._send_best(card, send)
        return _handle(card, str(answer["channel"]), str(answer["ts"]), face, thread)

    async def _call(self, method: str, card: Card, place: str, **arguments: Any) -> dict[str, Any]:
        """One call in this message's turn; a rate limit of the place is remembered."""
        await self._throttle.turn(place, f"{card.job}:{card.role}")
        try:
            return await self._api.once(method, **arguments)
        except SlackFault as fault:
            if fault.error == "ratelimited":
                self._throttle.refused(place, fault.retry_after_s or 1.0)
            raise

    async def _channel_for(self, card: Card, address: Address) -> str:
        channel = address.data.get("channel", "")
        if channel and not (card.private and not channel.startswith("D")):
            return channel
        return await self._private.direct(address.data.get("user", ""))

    async def _find_orphan(self, card: Card, address: Address, channel: str) -> Handle | None:
        """A message about this job that an earlier attempt posted and could not tell of."""
        thread = address.data.get("thread", "")
        where: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        where["oldest"] = str(int(float(address.data.get("asked") or 0)) - _BEFORE_S)
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            where["ts"] = thread
        for _ in range(_PAGES):
            try:
                answer = await self._api.patiently(method, **where)
            except SlackFault as fault:
                if fault.error in _NO_LOOK:
                    return None
                raise
            for message in answer.get("messages") or []:
                if _is_about(card, message.get("metadata") or {}):
                    return _handle(card, channel, str(message["ts"]), Face(), thread, said="")
            where["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not where["cursor"]:
                return None
        return None

    # ── Editing ──────────────────────────────────────────────────────────────────────────────────────

    async def _edit(self, card: Card, address: Address, handle: Handle) -> Handle:
        data = handle.data
        if data.get("said") == digest(card) and not card.forced:
            return handle
        if data.get("said") and card.phase in (Phase.WAITING, Phase.PAINTING) and not self._throttle.quiet():
            return handle
        channel, ts = data["channel"], data["ts"]

        async def send(**message: Any) -> dict[str, Any]:
            self._throttle.spent()
            return await self._call("chat.update", card, "chat.update", channel=channel, ts=ts, **message)

        try:
            _, face = await self._send_best(card, send)
        except SlackFault as fault:
            if fault.error not in _POST_ANEW:
                raise
            log.info("a message can't be edited any more: posted anew", job=card.job, why=fault.error)
            # The old one is known: to be found as an orphan, it would be tried for ever.
            return await self._post(replace(card, first=True), address)
        return _handle(card, channel, ts, face, data.get("thread", ""))

    async def _send_best(self, card: Card, send: Send) -> tuple[dict[str, Any], Face]:
        """Tries the best face first, then plainer ones while Slack refuses the blocks."""
        refused = SlackFault("invalid_blocks")
        say, original = self._words.say, self._original_url(card)
        async for face in self._faces(card):
            try:
                return await send(**message_of(card, face, say, original_url=original)), face
            except SlackFault as fault:
                if fault.error not in _BLOCKS_REFUSED:
                    raise
                log.warning("Slack refused the blocks", job=card.job, error=fault.error, detail=fault.detail)
                self._uploads.forget(face.file)
                refused = fault
        raise refused

    async def _faces(self, card: Card) -> AsyncIterator[Face]:
        picture = card.pictures[0] if card.pictures and not card.spoiler else None
        if picture is None:
            yield Face()
            yield Face(bare=True)
            return
        # A private link lives an hour and the message for years: private pictures become Slack's files.
        link = None if card.private else self._gallery.link(picture.key)
        if link and picture.media_type in SHOWABLE:
            yield Face(image_url=link)
        try:
            yield Face(file=await self._uploads.showable(picture))
        except SlackFault as fault:
            if fault.error not in HOPELESS:
                raise
            log.warning("a picture can't be uploaded", job=card.job, error=fault.error, detail=fault.detail)
        except NotThere:
            log.info("a picture is gone already", job=card.job)
        yield Face(note=self._words.say("slack-no-picture"), note_url=link or "")
        yield Face(bare=True, note_url=link or "")

    def _original_url(self, card: Card) -> str:
        one = len(card.originals) == 1 and not card.private
        return (self._gallery.link(card.originals[0].key) or "") if one else ""

    async def _remove(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        if handle is None:
            handle = await self._find_orphan(card, address, await self._channel_for(card, address))
        if handle is None:
            return Handle(key="")
        if file := handle.data.get("file"):
            await self._uploads.delete(file)
        await self.delete(handle.data["channel"], handle.data["ts"])
        return handle

    async def _tell_why(self, fault: SlackFault, address: Address) -> None:
        """Who asked is told how to let us in."""
        if fault.error in ("not_in_channel", "channel_not_found"):
            await self._private.by_url(address.data, self._words.say("invite-me"))
        elif fault.error == "is_archived" or fault.error.startswith(_RESTRICTED):
            await self._private.by_url(address.data, self._words.say("slack-restricted"))


def key_of(channel: str, ts: str) -> str:
    """What `talk.find` knows a message by."""
    return f"{channel}:{ts}"


def channel_and_ts(key: str) -> tuple[str, str]:
    """The parts of such a key."""
    channel, _, ts = key.partition(":")
    return channel, ts


def _surface_error(fault: SlackFault, job: str, *, is_new: bool) -> SurfaceError:
    """What delivery shall do about it."""
    kind = ShowFailure.LATER
    if fault.error.startswith(_RESTRICTED) or fault.error in (_FIRST_FORBIDDEN if is_new else _FORBIDDEN):
        log.error("Slack doesn't let us", job=job, error=fault.error, detail=fault.detail)
        kind = ShowFailure.FORBIDDEN
    elif fault.error in _GONE:
        kind = ShowFailure.GONE
    return SurfaceError(str(fault), kind=kind, retry_after_s=fault.retry_after_s)


def _handle(card: Card, channel: str, ts: str, face: Face, thread: str, said: str | None = None) -> Handle:
    data = {"channel": channel, "ts": ts, "said": digest(card) if said is None else said}
    if face.file:
        data["file"] = face.file
    if thread:
        data["thread"] = thread
    return Handle(key=key_of(channel, ts), data=data)


def _is_about(card: Card, metadata: Mapping[str, Any]) -> bool:
    payload = metadata.get("event_payload") or {}
    told = (metadata.get("event_type"), payload.get("job"), payload.get("role"))
    return told == (EVENT_TYPE, card.job, str(card.role))
