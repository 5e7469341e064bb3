"""The operator's place at /admin: its routes, and what stands before them. Without a token there is none."""

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from bot.board.entrance import Entrance, Threshold
from bot.http.guard import Endpoint, Guard, HostNames, WithHeaders, names_of
from bot.tools import Tools
from integrations.web.admin.acts import Acts
from integrations.web.admin.pages import Pages
from integrations.web.admin.sheets import Sheets
from integrations.web.pages import HEADERS as OF_THE_PAGE

ADMIN = "/admin"
HEADERS = {
    **OF_THE_PAGE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # A form that is sent tells where from, to us alone: the guard reads it.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def operators_place(tools: Tools, entrance: Entrance, *, login: str) -> Starlette:
    """The place as an application of its own, behind the page's entrance: who has the page's session is in."""
    sheets = Sheets(tools)
    pages = Pages(tools, sheets, entrance.sessions)
    acts = Acts(tools.office, pages, entrance)
    routes: dict[tuple[str, str], Endpoint] = {
        ("GET", ADMIN): pages.now,
        ("GET", f"{ADMIN}/pace"): pages.pace,
        ("GET", f"{ADMIN}/money"): pages.money,
        ("GET", f"{ADMIN}/trouble"): pages.trouble,
        ("GET", f"{ADMIN}/find"): pages.find,
        ("GET", f"{ADMIN}/job/{{job}}"): pages.job,
        ("GET", f"{ADMIN}/person"): pages.person,
        ("POST", f"{ADMIN}/person/grant"): acts.grant,
        ("POST", f"{ADMIN}/person/take"): acts.take,
        ("POST", f"{ADMIN}/job/{{job}}/refund"): acts.refund,
        ("POST", f"{ADMIN}/leave"): partial(acts.leave, login=login),
    }
    known = names_of(tools.settings.http.host, [tools.settings.http.public_url])
    app = Starlette(
        routes=[Route(path, sheets.told(end), methods=[verb]) for (verb, path), end in routes.items()],
        exception_handlers={404: sheets.nowhere, 405: sheets.nowhere},
        middleware=[
            Middleware(WithHeaders, headers=HEADERS),
            Middleware(Guard, names=HostNames(every=True, places=known.places)),
            Middleware(Threshold, sessions=entrance.sessions, login=login, documents=ADMIN),
        ],
    )
    app.router.redirect_slashes = False
    return app
