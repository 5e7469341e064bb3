"""A card's picture in its message: the best face that Slack takes, then plainer ones."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from bot.errors import NotThere
from bot.ports import Card, Gallery
from bot.recent import Recent
from bot.words import Words
from integrations.slack import failures
from integrations.slack._uploads import Uploads
from integrations.slack._wire import SlackFault
from integrations.slack.cards import SHOWABLE, Face, message_of
from integrations.slack.failures import NOT_PROCESSED, Obstacle

log = structlog.get_logger()

Send = Callable[..., Awaitable[dict[str, Any]]]

_REFUSALS_MAX = 5  # so often Slack may refuse a picture's block before that is believed
_REMEMBERED = 2_000


class Faces:
    """Makes messages of cards, and sends each as well as it can be had now."""

    def __init__(self, *, uploads: Uploads, gallery: Gallery, words: Words) -> None:
        self._uploads = uploads
        self._gallery = gallery
        self._words = words
        self._refusals = Recent[str, int](_REMEMBERED)  # picture -> how often its block was refused
        self._delays = Recent[str, int](_REMEMBERED)  # picture -> how often it could not be put in yet

    async def send_best(self, card: Card, send: Send) -> tuple[dict[str, Any], Face, bool]:
        """The best face first, then plainer ones. True: the picture is still to be put in."""
        say, original = self._words.say, self._original_url(card)
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
            yield Face(file=await self._uploads.showable(picture))
        except SlackFault as fault:
            obstacle = failures.of(fault.error)
            log.warning("a picture can't be put in", job=card.job, error=fault.error, obstacle=str(obstacle))
            later = fault.passing
            if later and not self._is_told(picture.key, fault):
                raise
            if obstacle not in (Obstacle.FILES, Obstacle.UNKNOWN, Obstacle.TOKEN, Obstacle.PASSING):
                raise
        except NotThere:
            log.info("a picture is gone already", job=card.job)
        note = self._words.say("slack-picture-later" if later else "slack-no-picture")
        yield Face(note=note, note_url=link or "", later=later)
        yield Face(bare=True, note_url=link or "", later=later)

    def _is_told(self, picture: str, fault: SlackFault) -> bool:
        """Whether people are told now that the picture comes later: once, and not for a moment's trouble."""
        return self._delays.count(picture) == (1 if fault.error == NOT_PROCESSED else 2)

    def _original_url(self, card: Card) -> str:
        one = len(card.originals) == 1 and not card.private
        return (self._gallery.link(card.originals[0].key) or "") if one else ""
