"""The web surface: the page on the one listener. `show` only marks; the page follows the store."""

import asyncio

from bot.abilities import Directory, Named, Reaches, Rooms
from bot.board.entrance import Entrance, TokenDoor
from bot.board.streams import OpenStreams
from bot.errors import ConfigError
from bot.http.guard import Proven, is_loopback
from bot.ports import Address, Card, Handle, Requester
from bot.tools import Tools
from integrations.web.admin.place import ADMIN, operators_place
from integrations.web.cards import drawing
from integrations.web.pages import LOGIN, UPLOAD, UPLOAD_LIMIT_BYTES, application
from integrations.web.people import CHANNEL, COMMUNITY, PEOPLE, SURFACE
from integrations.web.settings import WebSettings


class Web(Reaches, Directory, Rooms):
    """Our messages on the page."""

    name = SURFACE

    def __init__(self, readers: OpenStreams) -> None:
        self._readers = readers

    async def run(self) -> None:
        """The listener brings the people; ends the open streams when it is cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._readers.aclose()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Says that there is something new; what it is, the store says."""
        del address
        self._readers.mark()
        return handle or Handle(key=f"{card.job}:{card.role}")

    async def tell(self, address: Address, text: str) -> None:
        """A note on the open pages of that person."""
        await self._readers.tell(address.data.get("user", ""), text)

    def person(self, community: str, user: str) -> Address:
        """Somebody's open pages."""
        del community
        return Address(surface=SURFACE, data={"user": user})

    async def say_in(self, room: Address, user: str, text: str) -> None:
        """The page is a room of its own for everybody."""
        del room
        await self._readers.tell(user, text)

    async def find(self, who: Requester, kind: Named, typed: str) -> str | None:
        """A role or the one channel of the page by its name; None where there is none."""
        del who
        there = {
            Named.ROLE: {person.role for person in PEOPLE.values()} - {""},
            Named.CHANNEL: {CHANNEL},
            Named.PERSON: set(PEOPLE),
        }[kind]
        name = typed.strip().lstrip("@#").casefold()
        return name if name in there else None

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        """The tray that moderators have on the page: it needs no naming."""
        del community, channel
        return Address(surface=SURFACE, data={"at": f"{at:.3f}"})

    async def owner(self, community: str) -> Address | None:
        """Nobody has to be told of a room that is there."""
        del community
        return None

    async def link(self, address: Address, handle: Handle) -> str:
        """Where it stands on the page."""
        del address
        return f"#m-{handle.key}"

    async def aclose(self) -> None:
        await self._readers.aclose()


def open_surface(section: WebSettings, tools: Tools) -> Web:
    """Mounts the page at / and /page/, and with a token the operator's place at /admin. Raises ConfigError where anybody could come in unasked."""
    token = section.admin_token.get_secret_value()
    host = tools.settings.http.host
    if not token and not is_loopback(host):
        raise ConfigError(
            f"[web] admin_token is missing: the page would be open to everyone who reaches {host};"
            ' set a token, or [http] host = "127.0.0.1"'
        )
    readers = OpenStreams(tools.studio, surface=SURFACE, community=COMMUNITY, draw=drawing(tools))
    entrance = Entrance(TokenDoor(token=token), tools.studio)
    page = application(tools, readers, entrance, locked=bool(token))
    tools.mounts += [
        Proven("/", page),
        Proven(UPLOAD, page, limit_bytes=UPLOAD_LIMIT_BYTES),
        Proven("/page/{rest:path}", page),
    ]
    if token:
        place = operators_place(tools, entrance, login=LOGIN)
        tools.mounts += [Proven(ADMIN, place), Proven(f"{ADMIN}/{{rest:path}}", place)]
    return Web(readers)
