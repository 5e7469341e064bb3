"""The web surface: the page on the one listener. `show` only marks; the page follows the store."""

import asyncio

from bot.errors import ConfigError
from bot.guard import Proven, is_loopback
from bot.ports import Address, Card, Handle
from bot.tools import Tools
from integrations.web.door import Door
from integrations.web.messages import Board
from integrations.web.pages import pages
from integrations.web.people import SURFACE
from integrations.web.settings import WebSettings


class Web:
    """Our messages on the page. Implements the port Surface."""

    name = SURFACE

    def __init__(self, board: Board) -> None:
        self._board = board

    async def run(self) -> None:
        """The listener brings the people; ends the open streams when it is cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._board.aclose()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Says that there is something new; what it is, the store says."""
        del address
        self._board.mark()
        return handle or Handle(key=f"{card.job}:{card.role}")

    async def tell(self, address: Address, text: str) -> None:
        """A note on the open pages of that person."""
        await self._board.tell(address.data.get("user", ""), text)

    async def aclose(self) -> None:
        await self._board.aclose()


def open_surface(section: WebSettings, tools: Tools) -> Web:
    """Mounts the page at / and /page/. Raises ConfigError where anybody could come in unasked."""
    token = section.admin_token.get_secret_value()
    host = tools.settings.http.host
    if not token and not is_loopback(host):
        raise ConfigError(
            f"[web] admin_token is missing: the page would be open to everyone who reaches {host};"
            ' set a token, or [http] host = "127.0.0.1"'
        )
    door, board = Door(token=token), Board(tools.studio, tools.gallery, tools.words)
    page = pages(tools, board, door)
    tools.mounts += [Proven("/", page), Proven("/page/{rest:path}", page)]
    return Web(board)
