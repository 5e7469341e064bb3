"""The page's routes: the document, its files, the stream of changes, and the doors for what people do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from pydantic import Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.errors import StoreBusy
from bot.guard import LOCAL, Guard, Names, Unwelcome, is_reading, names_of, problem, read_json
from bot.order.flags import SHAPES
from bot.tools import Tools
from integrations.web.answers import Answers, note, noted
from integrations.web.deeds import Act, Body, Press, React, Say, deed_of
from integrations.web.documents import Documents
from integrations.web.door import COOKIE, REMEMBERED_S, Door, Sessions, Threshold, Tries, too_many_logins
from integrations.web.headers import Strict
from integrations.web.messages import Board
from integrations.web.messages import Page as OpenPage
from integrations.web.people import PEOPLE, Person, person_of

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]

OURS = "x-easel-page"  # a header that another site's page can't send without being asked first
BODY_LIMIT_BYTES = 64 * 1024


class Login(Body):
    """The token, as it was typed."""

    token: str = Field(max_length=1_000)


def pages(tools: Tools, board: Board, door: Door) -> Starlette:
    """The page as an application of its own, behind its guard.

    Without a token the page is for this machine alone, so only a loopback name is answered. With a token the
    name doesn't matter: another site has no cookie.
    """
    sessions = Sessions(door, tools.studio)
    page = Page(tools, board, door, sessions)
    routes = {
        ("GET", "/"): page.document,
        ("GET", "/page/login"): page.login_document,
        ("POST", "/page/login"): page.login,
        ("POST", "/page/logout"): page.logout,
        ("GET", "/page/file/{name}"): page.file,
        ("GET", "/page/events"): page.events,
        ("GET", "/page/hello"): page.hello,
        ("GET", "/page/people"): page.people,
        ("POST", "/page/say"): page.acting(Say),
        ("POST", "/page/press"): page.acting(Press),
        ("POST", "/page/react"): page.acting(React),
    }
    known = names_of(tools.settings.http.host, [tools.settings.http.public_url])
    names = Names(every=True, places=known.places) if door.locked else LOCAL
    app = Starlette(
        routes=[Route(path, _told(end, tools), methods=[verb]) for (verb, path), end in routes.items()],
        exception_handlers={HTTPException: _no_such_route},
        middleware=[
            Middleware(Strict),
            Middleware(Guard, names=names),
            Middleware(Threshold, sessions=sessions),
        ],
    )
    app.router.redirect_slashes = False
    return app


class Page:
    """The routes' endpoints; each only translates."""

    def __init__(self, tools: Tools, board: Board, door: Door, sessions: Sessions) -> None:
        self._talk = tools.talk
        self._studio = tools.studio
        self._words = tools.words
        self._board = board
        self._door = door
        self._sessions = sessions
        self._tries = Tries(tools.studio.now)
        self._answers = Answers(tools.gallery, tools.words)
        self._documents = Documents(tools.words, tools.settings.bot.name, locked=door.locked)

    # ── Documents, and coming in ─────────────────────────────────────────────────────────────────────

    async def document(self, request: Request) -> Response:
        return await self._documents.answer(request, "index.html")

    async def login_document(self, request: Request) -> Response:
        return await self._documents.answer(request, "login.html")

    async def file(self, request: Request) -> Response:
        return await self._documents.file(request, request.path_params["name"])

    async def login(self, request: Request) -> Response:
        """Token -> cookie; wrong ones are counted, so that nobody tries them all."""
        caller = self._sessions.caller(request)
        async with self._tries.turn(caller) as in_time:
            body = await read_json(request, Login, limit_bytes=BODY_LIMIT_BYTES)
            if not self._door.locked or not self._door.fits(body.token):
                raise (
                    Unwelcome(401, "token-wrong", "That is not the page's token.")
                    if in_time
                    else too_many_logins()
                )
        self._tries.forget(caller)
        response = JSONResponse({"ok": True})
        response.set_cookie(
            COOKIE,
            self._door.session(self._studio.now()),
            max_age=REMEMBERED_S,
            httponly=True,
            samesite="strict",
            # A browser says itself how it came, also where the proxy before us isn't trusted.
            secure=request.scope["scheme"] == "https"
            or request.headers.get("origin", "").startswith("https:"),
        )
        return response

    async def logout(self, request: Request) -> Response:
        """Ends the session for every copy of its cookie."""
        await self._sessions.end(request)
        response = JSONResponse({"ok": True})
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def events(self, request: Request) -> Response:
        """The stream of changes. EventSource sends no headers of its own, so the person is in the query."""
        person = person_of(request.query_params.get("as", ""))
        last = request.headers.get("last-event-id") or request.query_params.get("last", "")
        address = request.client.host if request.client else ""
        page = self._board.open_page(person.requester, address)

        async def goes_on() -> bool:
            return await self._sessions.goes_on(request)

        return EventStream(self._board, page, self._board.events(page, last, goes_on))

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
                "prices": [
                    {
                        "when": {name: list(values) for name, values in when.items()},
                        "credits": offer.price(one.credits),
                    }
                    for when, one in offer.model.prices()
                ],
                "good_for": offer.model.good_for,
                "inputs": offer.model.inputs,
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
            deed = deed_of(
                person, await read_json(request, kind, limit_bytes=BODY_LIMIT_BYTES), self._studio.now()
            )
            if deed is None:
                return noted(note("hint", self._words.say("web-commands-only", person.language)))
            return self._answers.response(await self._talk.do(deed), person.requester)

        return act


class EventStream(StreamingResponse):
    """A page's stream; its place is given back however it ends."""

    def __init__(self, board: Board, page: OpenPage, events: AsyncIterator[str]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._board = board
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._board.close_page(self._page)


def _person(request: Request) -> Person:
    return person_of(request.headers.get("x-easel-person", ""))


def _json(content: Any) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


# ── What went wrong, told once ───────────────────────────────────────────────────────────────────────


def _told(endpoint: Endpoint, tools: Tools) -> Endpoint:
    """Every error as one clear answer; what nobody foresaw is logged and told kindly."""

    async def answering(request: Request) -> Response:
        try:
            if not is_reading(request.scope) and OURS not in request.headers:
                raise Unwelcome(403, "other-site", f"Send the header {OURS} from this page itself.")  # noqa: TRY301 - told as all
            return await endpoint(request)
        except Unwelcome as unwelcome:
            return unwelcome.response()
        except (HTTPException, ClientDisconnect):
            raise
        except StoreBusy as error:
            log.warning("the page's request must wait", problem=str(error))
            return problem(503, "busy", tools.words.say("busy"))
        except Exception:  # a bug of ours: the person gets a sentence, the log the rest
            log.exception("the page's request failed", path=request.scope["path"])
            return problem(500, "trouble", tools.words.say("trouble"))

    return answering


async def _no_such_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "no-such-route", error.detail)
