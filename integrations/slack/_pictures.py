"""A card's picture in its message: as Slack's file or by its link, the best face that Slack takes, then plainer ones."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from bot.cards.jobs import ending_of, original_url
from bot.errors import NotThere
from bot.job import Asset
from bot.ports import Card, Gallery, Picture
from bot.process.recent import Recent
from bot.words.words import Words
from integrations.slack import failures
from integrations.slack._text import escaped
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import SHOWABLE, Face, message_of
from integrations.slack.failures import NOT_PROCESSED, Obstacle

log = structlog.get_logger()

SendBlocks = Callable[..., Awaitable[dict[str, Any]]]

_REFUSALS_MAX = 5  # so often Slack may refuse a picture's block before that is believed
_REMEMBERED, _FILES_REMEMBERED = 2_000, 500
IMAGE_LIMIT_BYTES = 20 * 1024 * 1024
_WAIT_S = 20.0
_FIRST_LOOK_S = 0.2
_LONGEST_PAUSE_S = 2.0
_STUCK_S = 600.0  # a file that is not processed by then is sent anew
_NO_SUCH_FILE = frozenset({"file_not_found", "slack_file_not_found", "file_deleted"})
_ALT_LIMIT = 900  # alt_txt takes 1,000


class PictureUploads:
    """Uploads each picture once in a process, also when its message has to be tried again."""

    def __init__(self, api: Api, gallery: Gallery) -> None:
        self._api = api
        self._gallery = gallery
        self._files = Recent[str, tuple[str, float]](_FILES_REMEMBERED)  # picture -> its file, and since when

    async def make_showable(self, picture: Picture) -> str:
        """The id of a file that a slack_file block may use now. Raises SlackFault."""
        file, since = self._files.get(picture.key, ("", 0.0))
        if not file:
            file, since = await self._upload(picture), time.monotonic()
            self._files[picture.key] = (file, since)
        try:
            await self._wait_until_processed(file)
        except SlackFault as fault:
            if not fault.passing or time.monotonic() - since > _STUCK_S or fault.error in _NO_SUCH_FILE:
                self.forget(file)
            raise
        return file

    async def send(self, asset: Asset, *, channel: str, name: str, alt: str, text: str = "") -> None:
        """Posts the untouched file itself into a channel, under a text. Raises SlackFault, and NotThere."""
        data = await self._gallery.read(asset.key)
        await self._hand_over(data, f"{name}.{ending_of(asset.media_type)}", alt, channel=channel, text=text)

    async def send_document(self, data: bytes, *, channel: str, name: str) -> None:
        """Posts a file that was made for one person into a channel. Raises SlackFault."""
        await self._hand_over(data, name, "", channel=channel)

    def known(self, key: str) -> str:
        """The file of a picture that this process uploaded, or nothing."""
        return self._files.get(key, ("", 0.0))[0]

    def forget(self, file: str) -> None:
        """A file that Slack would not show is uploaded anew the next time."""
        for key in [k for k, (known, _) in self._files.items() if known == file]:
            del self._files[key]

    async def delete(self, file: str) -> None:
        """Takes a file away; one that is gone already is no matter."""
        self.forget(file)
        try:
            await self._api.patiently("files.delete", file=file)
        except SlackFault as fault:
            if fault.passing and fault.error not in _NO_SUCH_FILE:
                raise

    async def _upload(self, picture: Picture) -> str:
        data, media_type = await self._gallery.fit(picture.key, limit_bytes=IMAGE_LIMIT_BYTES)
        if media_type not in SHOWABLE:
            # One byte less than it has makes `fit` draw it anew, as JPEG.
            data, media_type = await self._gallery.fit(picture.key, limit_bytes=len(data) - 1)
        return await self._hand_over(data, f"easel.{ending_of(media_type)}", picture.alt)

    async def _hand_over(
        self, data: bytes, name: str, alt: str, *, channel: str | None = None, text: str = ""
    ) -> str:
        asked = await self._api.patiently(
            "files.getUploadURLExternal", filename=name, length=len(data), alt_txt=alt[:_ALT_LIMIT] or None
        )
        file = str(asked["file_id"])
        await self._api.put(str(asked["upload_url"]), data)
        await self._api.once(
            "files.completeUploadExternal",
            files=[{"id": file, "title": name}],
            channel_id=channel,
            initial_comment=escaped(text) or None,
        )
        return file

    async def _wait_until_processed(self, file: str) -> None:
        """files.info shows a type then: earlier, a block with it is refused."""
        pause_s = _FIRST_LOOK_S
        try:
            async with asyncio.timeout(_WAIT_S):
                while True:
                    answer = await self._api.patiently("files.info", file=file)
                    if (answer.get("file") or {}).get("mimetype"):
                        return
                    await asyncio.sleep(pause_s)
                    pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.6)
        except TimeoutError:
            raise SlackFault(NOT_PROCESSED, detail=file) from None


class Faces:
    """Makes messages of cards, and sends each as well as it can be had now."""

    def __init__(self, *, uploads: PictureUploads, gallery: Gallery, words: Words) -> None:
        self._uploads = uploads
        self._gallery = gallery
        self._words = words
        self._refusals = Recent[str, int](_REMEMBERED)  # picture -> how often its block was refused
        self._delays = Recent[str, int](_REMEMBERED)  # picture -> how often it could not be put in yet

    async def send_best(self, card: Card, send: SendBlocks) -> tuple[dict[str, Any], Face, bool]:
        """The best face first, then plainer ones. True: the picture is still to be put in."""
        say, original = self._words.say, original_url(card, self._gallery)
        refused, short = SlackFault("invalid_blocks"), False
        async for best in self._faces(card):
            short = short or best.later
            waits = short and best.note
            face = replace(best, note=say("slack-picture-later"), later=True) if waits else best
            try:
                message = message_of(card, face, say, original_url=original)
                return await send(**message), face, short and not (face.file or face.image_url)
            except SlackFault as fault:
                stale = face.file and fault.error in ("slack_file_not_found", "file_not_found")
                if failures.of(fault.error) is not Obstacle.BLOCKS and not stale:
                    raise
                log.warning("Slack refused the blocks", job=card.job, error=fault.error, detail=fault.detail)
                self._uploads.forget(face.file)
                refused = fault
                # What is refused again and again is believed.
                again = card.pictures and not card.spoiler
                short = bool(again) and self._refusals.count(card.pictures[0].key) < _REFUSALS_MAX
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
        later = False
        try:
            yield Face(file=await self._uploads.make_showable(picture))
        except SlackFault as fault:
            obstacle = failures.of(fault.error)
            log.warning("a picture can't be put in", job=card.job, error=fault.error, obstacle=str(obstacle))
            later = fault.passing
            if later and not self._note_delay(picture.key, fault):
                raise
            if obstacle not in (Obstacle.FILES, Obstacle.UNKNOWN, Obstacle.TOKEN, Obstacle.PASSING):
                raise
        except NotThere:
            log.info("a picture is gone already", job=card.job)
        note = self._words.say("slack-picture-later" if later else "slack-no-picture")
        yield Face(note=note, note_url=link or "", later=later)
        yield Face(bare=True, note_url=link or "", later=later)

    def _note_delay(self, picture: str, fault: SlackFault) -> bool:
        """Notes one more try in vain; answers whether people are told now that it comes later: once, and not for a moment's trouble."""
        return self._delays.count(picture) == (1 if fault.error == NOT_PROCESSED else 2)
