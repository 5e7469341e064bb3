"""Pictures that lie in a chat: where its surface lends them, and how they are fetched through the guarded door."""

import asyncio
from collections.abc import Mapping

from bot.abilities import Lender, Loan
from bot.errors import FetchRefused, ShowFailure, SurfaceError
from bot.job import Asset
from bot.model import Source
from bot.pictures.fetch import Fetch
from bot.pictures.images import INPUT_LIMITS
from bot.ports import Surface

LEND_S = 10.0
FETCH_S = 30.0
_GONE = frozenset({404, 410})
_CLOSED = frozenset({401, 403})
_PAGES = (b"<!doctype html", b"<html")


class Lacking(Exception):
    """A picture can't be had, or is none: the order ends. `number` is its place among those that were given."""

    def __init__(self, reason: str, number: int, detail: str = "") -> None:
        self.reason = reason
        self.number = number
        self.detail = detail
        self.kept: tuple[Asset, ...] = ()  # of the others, for nothing
        super().__init__(reason)


class NotYet(Exception):
    """A trouble that may pass; `lasting` is what the order ends with if it doesn't."""

    def __init__(self, lasting: Lacking, *, retry_after_s: float | None = None, soon: bool = False) -> None:
        self.lasting = lasting
        self.retry_after_s = retry_after_s
        self.soon = soon  # once more is enough to know
        super().__init__(lasting.reason)


class Loans:
    """Asks surfaces for what lies in their chats."""

    def __init__(self, *, surfaces: Mapping[str, Surface], fetch: Fetch) -> None:
        self._surfaces = surfaces
        self._fetch = fetch

    async def lend(self, source: Source, number: int) -> Loan:
        """Where its surface says that it can be fetched now. Raises Lacking, NotYet, NotThere."""
        surface = self._surfaces.get(source.surface)
        if not isinstance(surface, Lender):
            raise NotYet(Lacking("input-gone", number, f"{source.surface!r} is not here, or lends nothing"))
        try:
            async with asyncio.timeout(LEND_S):
                return await surface.lend(source.ref)
        except TimeoutError as error:
            raise NotYet(Lacking("input-gone", number, f"no answer in {LEND_S:g} s")) from error
        except SurfaceError as error:
            told = Lacking(_LENT[error.kind], number, error.detail)
            if error.kind.lasting:
                raise told from error
            raise NotYet(told, retry_after_s=error.retry_after_s) from error

    async def fetch(self, loan: Loan, number: int) -> bytes:
        """Its bytes. Raises Lacking, NotYet."""
        try:
            data = await self._fetch.get(
                loan.url, limit_bytes=INPUT_LIMITS.size_bytes, timeout_s=FETCH_S, headers=loan.headers
            )
        except FetchRefused as error:
            raise _unfetched(error, number) from error
        if data[:64].lstrip().lower().startswith(_PAGES):
            # Who lacks the right is shown a page to log in, as if all were well.
            raise Lacking("input-no-right", number, "a web page came in place of the picture")
        return data


_LENT = {
    ShowFailure.LATER: "input-gone",
    ShowFailure.GONE: "input-gone",
    ShowFailure.FORBIDDEN: "input-no-right",
}
assert set(_LENT) == set(ShowFailure), "a failure that nobody is told of"


def _unfetched(error: FetchRefused, number: int) -> Lacking | NotYet:
    """What became of a link. One that died since it was lent is asked for anew, once."""
    if error.large:
        return Lacking("input-too-large", number, str(error))
    told = Lacking("input-no-right" if error.status in _CLOSED else "input-gone", number, str(error))
    if not error.again:
        return told
    return NotYet(told, soon=error.status in _GONE | _CLOSED)
