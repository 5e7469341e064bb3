"""The page's routes: the document, its files, the stream of changes, and the doors for what people do."""

import asyncio
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.board.entrance import Entrance, Threshold
from bot.board.streams import EventStream, OpenStreams
from bot.errors import NotAllowed, Refusal
from bot.http.bodies import read_json, read_whole
from bot.http.guard import (
    LOCAL,
    Endpoint,
    Guard,
    HostNames,
    Unwelcome,
    WithHeaders,
    names_of,
    no_such_route,
    told,
)
from bot.order.flags import SHAPES
from bot.ports import MAIN, Place
from bot.talk.suggestions import leading
from bot.tools import Tools
from integrations.web import offers
from integrations.web.answers import Answers, fresh
from integrations.web.cards import view_of
from integrations.web.deeds import TEXT_MAX, DeedBody, PressBody, ReactBody, SayBody, TakeBody, deed_of
from integrations.web.documents import Documents, PageFiles
from integrations.web.people import CHANNEL, PEOPLE, Person, language_of, person_in, person_of
from integrations.web.places import Places

OURS = "x-easel-page"  # a header that another site's page can't send without being asked first
BODY_LIMIT_BYTES = 64 * 1024
UPLOAD_LIMIT_BYTES = 32 * 1024 * 1024  # more than is taken: who gives too much is told so in a sentence
UPLOAD_S = 60.0
UPLOADS_AT_ONCE = 4  # each is in memory, whole
LOGIN = "/page/login"
UPLOAD = "/page/upload"
FILES = "/page/file"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def application(tools: Tools, readers: OpenStreams, entrance: Entrance, *, locked: bool) -> Starlette:
    """The page as an application of its own, behind its guard.

    Without a token the page is for this machine alone, so only a loopback name is answered. With a token the
    name doesn't matter: another site has no cookie.
    """
    page = Page(tools, readers, entrance, locked=locked)
    places = Places(tools)
    busy, trouble = tools.words.say("busy"), tools.words.say("trouble")
    routes = {
        ("GET", "/"): page.document,
        ("GET", LOGIN): page.login_document,
        ("POST", LOGIN): entrance.login,
        ("POST", "/page/logout"): entrance.logout,
        ("GET", "/page/events"): page.events,
        ("GET", "/page/hello"): page.hello,
        ("GET", "/page/people"): page.people,
        ("GET", "/page/room"): page.moderators,
        ("GET", "/page/gallery"): places.gallery,
        ("GET", "/page/models"): places.models,
        ("GET", "/page/credits"): places.credits,
        ("GET", "/page/moderation"): places.moderation,
        ("POST", UPLOAD): page.upload,
        ("POST", "/page/say"): page.acting(SayBody),
        ("POST", "/page/press"): page.acting(PressBody),
        ("POST", "/page/take"): page.acting(TakeBody),
        ("POST", "/page/react"): page.acting(ReactBody),
    }
    known = names_of(tools.settings.http.host, [tools.settings.http.public_url])
    names = HostNames(every=True, places=known.places) if locked else LOCAL
    app = Starlette(
        routes=[
            *(
                Route(path, told(end, busy=busy, trouble=trouble), methods=[verb])
                for (verb, path), end in routes.items()
            ),
            Mount(FILES, PageFiles()),
        ],
        exception_handlers={HTTPException: no_such_route},
        middleware=[
            Middleware(WithHeaders, headers=HEADERS),
            Middleware(Guard, names=names, ours=OURS),
            Middleware(Threshold, sessions=entrance.sessions, login=LOGIN, files=f"{FILES}/"),
        ],
    )
    app.router.redirect_slashes = False
    return app


class Page:
    """The routes' endpoints; each only translates."""

    def __init__(self, tools: Tools, readers: OpenStreams, entrance: Entrance, *, locked: bool) -> None:
        self._talk = tools.talk
        self._studio = tools.studio
        self._words = tools.words
        self._readers = readers
        self._entrance = entrance
        self._answers = Answers(tools.studio, tools.gallery, tools.words)
        self._gallery = tools.gallery
        self._uploading = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._documents = Documents(tools.words, tools.settings.bot.name, locked=locked)

    # ── Documents ───────────────────────────────────────────────────────────────────────────────────

    async def document(self, request: Request) -> Response:
        return await self._documents.answer("index.html", language_of(request, self._words))

    async def login_document(self, request: Request) -> Response:
        return await self._documents.answer("login.html", language_of(request, self._words))

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def events(self, request: Request) -> Response:
        """The stream of changes. EventSource sends no headers of its own, so the person is in the query."""
        person = person_of(request.query_params.get("as", ""), request, self._words)
        last = request.headers.get("last-event-id") or request.query_params.get("last", "")
        address = request.client.host if request.client else ""
        reader = self._readers.admit(person.requester, address)

        async def goes_on() -> bool:
            return await self._entrance.goes_on(request)

        return EventStream(self._readers, reader, self._readers.events(reader, last, goes_on))

    async def hello(self, request: Request) -> Response:
        """What the page needs to know once for a person: words, people, models, flags."""
        person = person_in(request, self._words)
        rules = await self._studio.rules(person.requester, Place(address=None, channel=CHANNEL))
        usual = await self._studio.usual(person.requester, rules)
        offered = self._studio.offers(person.requester, rules)
        return fresh(
            {
                "words": self._documents.words(person.language),
                "language": person.language,
                "models": offers.documents(offered, usual.wishes),
                "usual": {"plain": usual.plain, "masked": usual.masked},  # who draws, where none is typed
                "leading": {why: one.name for why, one in leading(offered).items()},
                "examples": self._documents.examples(person.language),
                "flags": self._documents.flags(person.language),
                "commands": self._documents.commands(person.language),
                "shapes": SHAPES,  # for a model that takes any
                "styles": [
                    self._documents.style(name, person.language, ships=self._studio.ships(name))
                    for name in self._studio.styles(rules)
                ],
                "people": await self._people(person),
            }
        )

    async def people(self, request: Request) -> Response:
        return fresh(await self._people(person_in(request, self._words)))

    async def moderators(self, request: Request) -> Response:
        """What the moderators are told of, newest first: their tray. For others there is none."""
        person = person_in(request, self._words)
        try:
            told = await self._talk.room(person.requester)
        except NotAllowed:
            return fresh({"moderates": False, "messages": []})
        path = partial(self._gallery.path, private=True)
        views = [
            view_of(
                card,
                message=f"{event.id}:{MAIN}",
                author=event.actor or event.user or "easel",
                posted_at=event.at,
                typed="",
                link=path,
            )
            | {"reactions": False}
            for event, card in told
        ]
        return fresh({"moderates": True, "messages": views})

    async def _people(self, me: Person) -> list[dict[str, Any]]:
        """Everybody with what they can spend; the playground shows it so that quotas can be seen at work."""
        purses = [(person, await self._studio.credits(person.requester)) for person in PEOPLE.values()]
        return [
            {
                "id": person.id,
                "name": person.name,
                "role": self._words.say(f"web-role-{person.called}", me.language),
                "why": self._words.say(f"web-why-{person.id}", me.language, credits=purse.balance.available),
                "available": purse.balance.available,
                "held": purse.balance.held,
            }
            for person, purse in purses
        ]

    # ── Doing ────────────────────────────────────────────────────────────────────────────────────────

    async def upload(self, request: Request) -> Response:
        """A picture that is to be given with an order: kept for this person, and named by a mark of ours."""
        person = person_in(request, self._words)
        try:
            async with self._uploading:
                data = await read_whole(request, limit_bytes=UPLOAD_LIMIT_BYTES, within_s=UPLOAD_S)
                kept = await self._studio.keep_upload(person.requester, data)
        except Refusal as refusal:
            return self._answers.refused(refusal, person.requester)
        url = self._gallery.path(kept.key, private=True)
        return fresh({"ref": kept.ref, "url": url, "width": kept.width, "height": kept.height})

    def acting(self, kind: type[DeedBody]) -> Endpoint:
        """The door for one kind of what people do."""

        async def act(request: Request) -> Response:
            person = person_in(request, self._words)
            deed = deed_of(person, await self._body(request, kind, person), self._studio.now())
            return await self._answers.response(await self._talk.do(deed), person.requester)

        return act

    async def _body(self, request: Request, kind: type[DeedBody], person: Person) -> DeedBody:
        """What the page has sent. Raises Unwelcome with a sentence in the person's language."""
        try:
            return await read_json(request, kind, limit_bytes=BODY_LIMIT_BYTES)
        except Unwelcome as unwelcome:
            if unwelcome.code not in ("bad-input", "too-large"):
                raise
            sentence = self._words.say("web-bad-input", person.language, limit=TEXT_MAX)
            raise Unwelcome(
                unwelcome.status, unwelcome.code, sentence, closes=unwelcome.closes
            ) from unwelcome
