"""Pictures as Slack's files: asked for, sent, completed, and waited for until Slack can show them."""

import asyncio
import time

from bot.job import Asset
from bot.ports import Gallery, Picture
from bot.recent import Recent
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import SHOWABLE
from integrations.slack.failures import NOT_PROCESSED

IMAGE_LIMIT_BYTES = 20 * 1024 * 1024
_WAIT_S = 20.0
_FIRST_LOOK_S = 0.2
_LONGEST_PAUSE_S = 2.0
_REMEMBERED = 500
_STUCK_S = 600.0  # a file that is not processed by then is sent anew
_NO_SUCH_FILE = frozenset({"file_not_found", "slack_file_not_found", "file_deleted"})
_ALT_LIMIT = 900  # alt_txt takes 1,000


class Uploads:
    """Uploads each picture once in a process, also when its message has to be tried again."""

    def __init__(self, api: Api, gallery: Gallery) -> None:
        self._api = api
        self._gallery = gallery
        self._files = Recent[str, tuple[str, float]](_REMEMBERED)  # picture -> its file, and since when

    async def showable(self, picture: Picture) -> str:
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

    async def send(self, asset: Asset, *, channel: str, name: str, alt: str) -> None:
        """Posts the untouched file itself into a channel. Raises SlackFault, and NotThere."""
        data = await self._gallery.read(asset.key)
        await self._hand_over(data, f"{name}.{_ending(asset.media_type)}", alt, channel=channel)

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
        return await self._hand_over(data, f"easel.{_ending(media_type)}", picture.alt)

    async def _hand_over(self, data: bytes, name: str, alt: str, *, channel: str | None = None) -> str:
        asked = await self._api.patiently(
            "files.getUploadURLExternal", filename=name, length=len(data), alt_txt=alt[:_ALT_LIMIT] or None
        )
        file = str(asked["file_id"])
        await self._api.put(str(asked["upload_url"]), data)
        await self._api.once(
            "files.completeUploadExternal", files=[{"id": file, "title": name}], channel_id=channel
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


def _ending(media_type: str) -> str:
    return media_type.rpartition("/")[2].replace("jpeg", "jpg")
