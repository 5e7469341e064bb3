"""Pictures in Discord's messages: which there are, and where each can be fetched at this moment.

A link to a file lives about a day. It is kept as it was told, and behind a # the message that it stood in: when it
has ended, Discord signs it anew, or shows the message once more.
https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
"""

import asyncio
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog

from bot.abilities import Loan
from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.model import EXTENSIONS, Source, Where
from bot.process.recent import Recent
from bot.ways import troubles
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import SURFACE
from integrations.discord.failures import Remedy
from integrations.discord.settings import API_BASE_URL

log = structlog.get_logger()

PICTURES_MOST = 10  # of one message, as many as it can have files
_TYPED = "typed"  # in place of a message
_SPARE_S = 120.0  # a link that ends sooner is as good as over
_WITHIN_S = 9.0
_REMEMBERED_MOST = 2_000
_ORIGINS = frozenset({"https://cdn.discordapp.com", "https://media.discordapp.net"})
_FILE = re.compile(r"/(?:ephemeral-)?attachments/\d+/(\d+)/[^/]+")
# What a link to another place showed: Discord fetched it, and serves it by itself.
_PROXIED = re.compile(r"https://images-ext-\d+\.discordapp\.net/external/[!-~]+")
_ENDINGS = (*(f".{one}" for one in EXTENSIONS.values()), ".jpeg", ".gif")


class Pictures:
    """Finds pictures in messages, and lends them to who fetches them."""

    def __init__(self, rest: Rest, *, api_base_url: str, clock: Callable[[], float] = time.time) -> None:
        self._rest = rest
        self._clock = clock
        other = urlsplit(api_base_url)
        # What speaks Discord's language elsewhere serves its files there, too.
        elsewhere = {f"{other.scheme}://{other.netloc}"} if api_base_url != API_BASE_URL else set()
        self._origins = _ORIGINS | elsewhere
        self._remembered = Recent[str, tuple[Source, ...]](_REMEMBERED_MOST)

    # ── Which there are ──────────────────────────────────────────────────────────────────────────────

    def given(self, files: Iterable[Mapping[str, Any]]) -> tuple[Source, ...]:
        """Files that were put into an option, a form or a message to us: whoever gave them meant them."""
        return tuple(_source(str(one["url"])) for one in files)

    def of(self, message: Mapping[str, Any]) -> tuple[Source, ...]:
        """The pictures that a message shows, as Discord tells of it: its files, its embeds', and what it forwards."""
        place = place_of_message(message)
        links = {_name_of(link): link for link in self._links(message)}
        return tuple(_source(link, place) for link in list(links.values())[:PICTURES_MOST])

    def remember(self, place: str, pictures: tuple[Source, ...]) -> None:
        """What a form is about, until it is filled in: Discord's forms have no room for it."""
        self._remembered[place] = pictures

    async def again(self, place: str) -> tuple[Source, ...]:
        """The same, by another process too where we may read the message. Raises NotThere, DiscordFault."""
        if (known := self._remembered.get(place)) is not None:
            return known
        found = self.of(await self._message(place))
        if not found:
            raise NotThere
        return found

    def _links(self, message: Mapping[str, Any]) -> Iterator[str]:
        for file in message.get("attachments") or ():
            if _is_picture(file):
                yield str(file["url"])
        for embed in message.get("embeds") or ():
            if link := self._shown_by(embed):
                yield link
        for snapshot in message.get("message_snapshots") or ():
            yield from self._links(snapshot.get("message") or {})

    def _shown_by(self, embed: Mapping[str, Any]) -> str:
        """The large picture of an embed, where Discord itself serves it."""
        alone = embed.get("thumbnail") if embed.get("type") == "image" else None  # a link to a picture
        picture = embed.get("image") or alone or {}
        links = [str(picture.get(name) or "") for name in ("url", "proxy_url")]
        return next((link for link in links if self._is_served(link)), "")

    # ── Where they are now ───────────────────────────────────────────────────────────────────────────

    def recognise(self, url: str) -> str:
        """A file's address as somebody typed it. One that has ended is none: who sees the picture has a living one.

        What is typed opens nothing by our rights: it isn't signed anew, nor looked for in any message.
        """
        known = "#" not in url and self._is_file(url) and self._ends_at(url) > self._clock()
        return f"{url}#{_TYPED}" if known else ""

    async def lend(self, ref: str) -> Loan:
        """Where it can be fetched. Raises NotThere, SurfaceError."""
        try:
            with troubles():
                async with asyncio.timeout(_WITHIN_S):
                    return Loan(url=await self._living(*ref.partition("#")[::2]))
        except TimeoutError:
            raise SurfaceError("a link took too long", kind=ShowFailure.LATER) from None

    async def _living(self, link: str, place: str) -> str:
        if not self._is_served(link):
            raise NotThere
        typed = place == _TYPED
        spare_s = 0.0 if typed else _SPARE_S
        if self._ends_at(link) > self._clock() + spare_s and await self._rest.stands(link):
            return link
        if typed:
            raise NotThere
        for find in (self._signed_anew, self._shown_again):
            fresh = await find(link, place)
            if fresh and self._is_served(fresh) and await self._rest.stands(fresh):
                return fresh
        raise NotThere

    async def _signed_anew(self, link: str, _: str) -> str:
        """By the route of Discord's own client. It stands in no reference, so it may be refused one day."""
        if not self._is_file(link):
            return ""
        asked = {"attachment_urls": [link.partition("?")[0]]}
        said = await self._ask("POST", "/attachments/refresh-urls", asked)
        fresh = (said or {}).get("refreshed_urls") or [{}]
        return str(fresh[0].get("refreshed") or "")

    async def _shown_again(self, link: str, place: str) -> str:
        """What we may read comes with fresh links."""
        if not place:
            return ""
        message = await self._ask("GET", _path_of(place))
        return next((one for one in self._links(message or {}) if _name_of(one) == _name_of(link)), "")

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """What Discord says; nothing where it refuses. Raises DiscordFault for what passes."""
        try:
            return await self._rest.call(method, path, body)
        except DiscordFault as fault:
            if fault.remedy is Remedy.LATER:
                raise
            log.info("Discord does not show a picture any more", problem=str(fault))
            return None

    async def _message(self, place: str) -> Mapping[str, Any]:
        return dict(await self._ask("GET", _path_of(place)) or {"id": "", "channel_id": ""})

    # ── Links ────────────────────────────────────────────────────────────────────────────────────────

    def _is_served(self, link: str) -> bool:
        return self._is_file(link) or bool(_PROXIED.fullmatch(link))

    def _is_file(self, link: str) -> bool:
        parts = urlsplit(link)
        return f"{parts.scheme}://{parts.netloc}" in self._origins and bool(_FILE.fullmatch(parts.path))

    def _ends_at(self, link: str) -> float:
        """When a link ends. What is proxied has no end; a file's link without a signature never began."""
        if not self._is_file(link):
            return math.inf
        until = parse_qs(urlsplit(link).query).get("ex", [""])[0]
        return int(until, 16) if re.fullmatch(r"[0-9a-f]{1,12}", until) else 0.0


def place_of_message(message: Mapping[str, Any]) -> str:
    """Where a message stands, in few letters: a form's custom_id has room for it."""
    return f"{message['channel_id']}m{message['id']}"


def _path_of(place: str) -> str:
    channel, _, message = place.partition("m")
    return f"/channels/{channel}/messages/{message}"


def _source(link: str, place: str = "") -> Source:
    ref = f"{link}#{place}" if place else link
    return Source(where=Where.ATTACHED, ref=ref, surface=SURFACE)


def _name_of(link: str) -> str:
    """What stays of a link when it is signed anew, whoever serves it."""
    found = _FILE.fullmatch(urlsplit(link).path)
    return found[1] if found else link


def _is_picture(file: Mapping[str, Any]) -> bool:
    kind, name = str(file.get("content_type") or ""), str(file.get("filename") or "")
    return kind.startswith("image/") if kind else name.lower().endswith(_ENDINGS)
