"""Pictures that people hand to us: cleaned at once, kept for some days, and given with an order by a mark of ours.

An upload is its person's alone. What an order was given of it is a copy of the job's own (bot/jobs/inputs.py).
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.community.quotas import person_key
from bot.errors import BadImage, BadInputs, Flaw
from bot.model import Source, Where
from bot.pictures.assets import Assets
from bot.pictures.backends import PICTURES
from bot.pictures.darkroom import Darkroom
from bot.ports import Requester
from bot.store import Store
from bot.store.uploads import Capacity, Upload

DAYS = 2  # after which one that nobody gave with an order is gone
CAPACITY = Capacity(each=64, each_bytes=256 * 1024 * 1024, all=2_000, all_bytes=4 * 1024 * 1024 * 1024)
# What a person is told of a picture that can't be taken, by what is wrong with it.
FLAWED = {
    Flaw.BROKEN: "input-not-a-picture",
    Flaw.ANIMATED: "input-animated",
    Flaw.LARGE: "input-too-large",
}
assert set(FLAWED) == set(Flaw), "a flaw that nobody is told of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What was handed to us, as its person may give it: by `ref`. `key` shows it in the Gallery."""

    ref: str
    key: str
    media_type: str
    width: int
    height: int


class Uploads:
    """Takes, finds and drops what people hand to us."""

    def __init__(
        self,
        *,
        store: Store,
        assets: Assets,
        darkroom: Darkroom,
        room: Capacity = CAPACITY,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._assets = assets
        self._darkroom = darkroom
        self._room = room
        self._entropy = entropy

    async def keep(self, who: Requester, data: bytes) -> Handed:
        """Cleans and keeps a picture for this person, who may give it with orders by what is answered.

        Raises BadInputs for what is no picture that we take, and NotAllowed where there is no room.
        """
        try:
            cleaned = await self._darkroom.clean(data)
        except BadImage as error:
            raise BadInputs(FLAWED[error.flaw], picture=0) from error
        name = f"{PICTURES}/uploads/{self._entropy(16).hex()}"
        kept = await self._assets.keep(name, cleaned.data, cleaned.media_type)
        upload = Upload(
            key=kept.key, media_type=kept.media_type, size_bytes=kept.size_bytes, sha256=kept.sha256
        )
        try:
            # A file without a row is the collector's: should this process end between the two.
            gone = await self._store.uploads.add(who, upload, self._room, now=self._store.now())
        except BaseException:
            await self._assets.delete([kept.key])
            raise
        await self._assets.delete(gone)
        return Handed(
            ref=self._assets.sign(_marked(kept.key, who)),
            key=kept.key,
            media_type=kept.media_type,
            width=cleaned.width,
            height=cleaned.height,
        )

    async def find(self, source: Source, who: Requester) -> Upload | None:
        """What this person handed to us; None for another's, for what is gone, and for a mark that isn't ours."""
        key = self._key(source, who)
        return await self._store.uploads.get(key, who) if key else None

    async def drop(self, sources: Iterable[Source], who: Requester) -> None:
        """Takes away what this person handed to us of these; what is gone already is no error."""
        keys = [key for source in sources if (key := self._key(source, who))]
        if keys:
            await self._assets.delete(await self._store.uploads.drop(keys, who))

    async def expire(self) -> None:
        """Takes away what has waited for too long."""
        before = self._store.now() - DAYS * 86_400.0
        while gone := await self._store.uploads.expire(before=before):
            await self._assets.delete(gone)

    def _key(self, source: Source, who: Requester) -> str:
        """The key that our mark stands on, where it was made for this person."""
        marked = self._assets.read_signed(source.ref) if source.where is Where.UPLOAD else None
        key = (marked or "").partition(" ")[0]
        return key if marked == _marked(key, who) else ""


def _marked(key: str, who: Requester) -> str:
    """What is signed: the link to a picture of a person's is no right to give it with an order."""
    return f"{key} upload {person_key(who)}"
