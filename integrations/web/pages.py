"""The page's routes: the document, its files, the stream of changes, and the doors for what people do."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.errors import StoreBusy
from bot.order.flags import SHAPES
from bot.tools import Tools
from integrations.web.answers import Answers, note, noted
from integrations.web.deeds import Act, Body, Press, React, Say, deed_of
from integrations.web.documents import Documents
from integrations.web.guard import COOKIE, SESSION_S, Door, Unwelcome, problem, read
from integrations.web.messages import Board
from integrations.web.people import PEOPLE, Person, person_of

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]

_LOGINS_MAX = 10  # wrong tokens within the window
_LOGINS_WINDOW_S = 60.0


class Login(Body):
    """The token, as it was typed."""

    token: str = Field(max_length=1_000)


def pages(tools: Tools, board: Board, door: Door) -> Starlette:
    """The page as an application of its own; the Guard stands before it."""
    page = Page(tools, board, door)
    routes = {
        ("GET", "/"): page.document,
        ("GET", "/login"): page.login_document,
        ("POST", "/login"): page.login,
        ("GET", "/file/{name}"): page.file,
        ("GET", "/events"): page.events,
        ("GET", "/hello"): page.hello,
        ("GET", "/people"): page.people,
        ("POST", "/say"): page.acting(Say),
        ("POST", "/press"): page.acting(Press),
        ("POST", "/react"): page.acting(React),
    }
    app = Starlette(
        routes=[Route(path, _told(end, tools), methods=[verb]) for (verb, path), end in routes.items()],
        exception_handlers={HTTPException: _no_such_route},
    )
    app.router.redirect_slashes = False
    return app


class Page:
    """The routes' endpoints; each only translates."""

    def __init__(self, tools: Tools, board: Board, door: Door) -> None:
        self._talk = tools.talk
        self._studio = tools.studio
        self._words = tools.words
        self._board = board
        self._door = door
        self._answers = Answers(tools.gallery, tools.words)
        self._documents = Documents(tools.words, tools.settings.bot.name)
        self._wrong_logins: list[float] = []

    # ── Documents, and coming in ─────────────────────────────────────────────────────────────────────

    async def document(self, request: Request) -> Response:
        return await self._documents.answer(request, "index.html")

    async def login_document(self, request: Request) -> Response:
        return await self._documents.answer(request, "login.html")

    async def file(self, request: Request) -> Response:
        return await self._documents.file(request, request.path_params["name"])

    async def login(self, request: Request) -> Response:
        """Token -> cookie; wrong ones are counted, so that nobody tries them all."""
        now = self._studio.now()
        self._wrong_logins = [at for at in self._wrong_logins if now - at < _LOGINS_WINDOW_S]
        if len(self._wrong_logins) >= _LOGINS_MAX:
            raise Unwelcome(429, "too-many-logins", "Too many wrong tokens. Please wait a minute.")
        body = await read(request, Login)
        if not self._door.locked or not self._door.fits(body.token):
            self._wrong_logins.append(now)
            raise Unwelcome(401, "token-wrong", "That is not the page's token.")
        response = JSONResponse({"ok": True})
        response.set_cookie(
            COOKIE,
            self._door.session(now),
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def events(self, request: Request) -> Response:
        """The stream of changes. EventSource sends no headers of its own, so the person is in the query."""
        person = person_of(request.query_params.get("as", ""))
        if self._board.full or self._board.closing:
            raise Unwelcome(503, "too-many-pages", "Too many pages are open just now.")
        last = request.headers.get("last-event-id") or request.query_params.get("last", "")
        return StreamingResponse(
            self._board.events(person.requester, last),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def hello(self, request: Request) -> Response:
        """What the page needs to know once for a person: words, people, models, flags."""
        person = _person(request)
        rules = await self._studio.rules(person.requester)
        models = [
            {
                "name": offer.name,
                "id": offer.model.id,
                "aliases": list(offer.model.aliases),
                "credits": offer.credits,
                "default": offer.is_default,
                "flags": {flag: list(values) for flag, values in offer.takes.items()},
            }
            for offer in self._studio.offers(person.requester, rules)
        ]
        return _json(
            {
                "words": self._documents.words(person.language),
                "language": person.language,
                "models": models,
                "flags": self._documents.flags(person.language),
                "shapes": SHAPES,  # for a model that takes any
                "styles": self._studio.styles(rules),
                "people": await self._people(person),
            }
        )

    async def people(self, request: Request) -> Response:
        return _json(await self._people(_person(request)))

    async def _people(self, me: Person) -> list[dict[str, Any]]:
        """Everybody with what they can spend; the playground shows it so that quotas can be seen at work."""
        purses = [(person, await self._studio.credits(person.requester)) for person in PEOPLE.values()]
        return [
            {
                "id": person.id,
                "name": person.name,
                "role": self._words.say(f"web-role-{person.called}", me.language),
                "available": purse.balance.available,
                "held": purse.balance.held,
            }
            for person, purse in purses
        ]

    # ── Doing ────────────────────────────────────────────────────────────────────────────────────────

    def acting(self, kind: type[Act]) -> Endpoint:
        """The door for one kind of what people do."""

        async def act(request: Request) -> Response:
            person = _person(request)
            deed = deed_of(person, await read(request, kind), self._studio.now())
            if deed is None:
                return noted(note("hint", self._words.say("web-commands-only", person.language)))
            return self._answers.response(await self._talk.do(deed), person.requester)

        return act


def _person(request: Request) -> Person:
    return person_of(request.headers.get("x-easel-person", ""))


def _json(content: Any) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


# ── What went wrong, told once ───────────────────────────────────────────────────────────────────────


def _told(endpoint: Endpoint, tools: Tools) -> Endpoint:
    """Every error as one clear answer; what nobody foresaw is logged and told kindly."""

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Unwelcome as unwelcome:
            return unwelcome.response()
        except StoreBusy as error:
            log.warning("the page's request must wait", problem=str(error))
            return problem(503, "busy", tools.words.say("busy"))
        except Exception:  # a bug of ours: the person gets a sentence, the log the rest
            log.exception("the page's request failed", path=request.url.path)
            return problem(500, "trouble", tools.words.say("trouble"))

    return answering


async def _no_such_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "no-such-route", error.detail)
