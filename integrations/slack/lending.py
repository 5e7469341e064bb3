"""Pictures in Slack's messages and forms: which there are, and where each can be fetched now, with our token.

The token goes to Slack alone: to the host of the Web API, or to one below it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from bot.abilities import Loan
from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.model import Source, Where
from integrations.slack._text import at
from integrations.slack._wire import Api, SlackFault
from integrations.slack.people import SURFACE
from integrations.slack.settings import SlackSettings

log = structlog.get_logger()

RIGHT = "files:read"
_WITHIN_S = 8.0
_LOST = frozenset({"tombstone", "hidden_by_limit"})  # modes of files that nobody can fetch any more
# Slack says so of a file in a conversation that we are not in: what is not at all is `file_deleted`.
_NOT_FOR_US = "file_not_found"

SlackFiles = list[Mapping[str, Any]]


def files_of(payload: Any) -> SlackFiles:
    """The files of an event, a message or a field of a form that can still be had."""
    found = payload.get("files") if isinstance(payload, Mapping) else None
    listed = found if isinstance(found, list) else []
    return [file for file in listed if at(file, "id") and at(file, "mode") not in _LOST]


def sources_of(files: SlackFiles) -> tuple[Source, ...]:
    """What each file is, is found out when it is fetched: its name and kind are only what Slack believes."""
    return tuple(Source(where=Where.ATTACHED, ref=at(file, "id"), surface=SURFACE) for file in files)


def may_be_picture(file: Mapping[str, Any]) -> bool:
    """Whether Slack takes a file for a picture, or tells its kind only when it is asked."""
    return at(file, "mimetype").startswith("image/") or not at(file, "mimetype")


def is_closed(file: Mapping[str, Any]) -> bool:
    """Whether Slack tells no more of a file than that we lack the right to read any."""
    return at(file, "file_access") == "access_denied"


class Lending:
    """Says where a file can be fetched, by its id."""

    def __init__(self, api: Api, settings: SlackSettings) -> None:
        self._api = api
        self._home = urlsplit(settings.api_base_url)
        self._headers = {"Authorization": f"Bearer {settings.bot_token.get_secret_value()}"}

    async def lend(self, ref: str) -> Loan:
        """Raises NotThere for what is gone, SurfaceError where Slack can't tell now or doesn't let us."""
        try:
            answer = await self._api.patiently("files.info", within_s=_WITHIN_S, file=ref)
        except SlackFault as fault:
            raise _no_loan(fault) from fault
        file = answer.get("file") or {}
        url = at(file, "url_private_download") or at(file, "url_private")
        if at(file, "mode") in _LOST or not url:
            raise NotThere
        if not self._is_slacks(url):
            log.info("a file of Slack's lies elsewhere", file=ref, kind=at(file, "external_type"))
            raise NotThere
        return Loan(url=url, headers=self._headers)

    def _is_slacks(self, url: str) -> bool:
        """Whether an address is below the Web API's own host, by the same scheme and port."""
        try:
            there, home = urlsplit(url), self._home
            same = (there.scheme, there.port) == (home.scheme, home.port)
        except ValueError:
            return False
        host, ours = there.hostname or "", home.hostname or ""
        return same and "@" not in there.netloc and (host == ours or host.endswith(f".{ours}"))


def _no_loan(fault: SlackFault) -> NotThere | SurfaceError:
    if fault.error == "file_deleted":
        return NotThere()
    if fault.passing and fault.error != _NOT_FOR_US:
        return SurfaceError(str(fault), kind=ShowFailure.LATER, retry_after_s=fault.retry_after_s)
    log.error("Slack doesn't let us read a file", error=fault.error, detail=fault.detail)
    return SurfaceError(str(fault), kind=ShowFailure.FORBIDDEN)
