"""The operator's sheets: templates filled in, and every error told on one of them."""

import asyncio
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from bot.errors import NotThere, Refusal, StoreBusy
from bot.http.guard import Endpoint, Unwelcome
from bot.tools import Tools
from integrations.web.admin.told import Teller
from integrations.web.people import language_of

log = structlog.get_logger()

_SAID = ("bad-input", "no-person")  # what an operator may type, and so reads in their language
WITHIN_S = 15.0  # of one sheet, with all its looks


class Sheets:
    """Makes them, in the language of whoever looks."""

    def __init__(self, tools: Tools) -> None:
        self._words = tools.words
        self._time_zone = tools.office.time_zone
        self._name = tools.settings.bot.name

    def told(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint within its time, each of its errors on a sheet; what nobody foresaw is logged."""

        async def answering(request: Request) -> Response:
            try:
                async with asyncio.timeout(WITHIN_S):
                    return await endpoint(request)
            except Unwelcome as unwelcome:
                ours = unwelcome.code in _SAID
                said = self.teller(request).tell(unwelcome.code) if ours else unwelcome.sentence
                return await self.notice(request, said, status=unwelcome.status)
            except Refusal as refusal:
                status = 404 if isinstance(refusal, NotThere) else 409
                language = self.teller(request).language
                return await self.notice(request, self._words.refusal(refusal, language), status=status)
            except (HTTPException, ClientDisconnect):
                raise
            except (StoreBusy, TimeoutError) as error:
                log.warning("a look of the operator's must wait", problem=str(error))
                return await self.notice(request, self.teller(request).tell("busy"), status=503)
            except Exception:  # a bug of ours: the operator gets a sentence, the log the rest
                log.exception("a request failed", path=request.scope["path"])
                return await self.notice(request, self.teller(request).tell("broke"), status=500)

        return answering

    async def nowhere(self, request: Request, error: Exception) -> Response:
        """The framework's own refusals."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await self.notice(request, self.teller(request).tell("nowhere"), status=status)

    def teller(self, request: Request) -> Teller:
        """In the language of the request's browser, by the operator's clock."""
        language = language_of(request, self._words)
        return Teller(words=self._words, language=language, time_zone=self._time_zone)

    async def notice(self, request: Request, sentence: str, *, status: int) -> Response:
        """A sheet with one sentence."""
        return await self.sheet(request, "notice", status=status, sentence=sentence)

    async def sheet(self, request: Request, name: str, *, status: int = 200, **facts: Any) -> Response:
        """One sheet, made in a thread: its first use reads files."""
        told = self.teller(request)
        whole = {"at": name, "told": told, "say": told.tell, "name": self._name, "language": told.language}
        text = await asyncio.to_thread(self._made, name, whole | facts)
        return HTMLResponse(text, status_code=status)

    def _made(self, name: str, facts: dict[str, Any]) -> str:
        made: str = self._templates.get_template(f"{name}.html").render(**facts)
        return made

    @cached_property
    def _templates(self) -> Any:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - not before a sheet

        folder = Path(__file__).parents[1] / "templates" / "admin"
        return Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
