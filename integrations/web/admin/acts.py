"""What the operator does at /admin: grant, take back, refund, leave. Each once, by a form of this session, and audited."""

from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.board.entrance import Entrance
from bot.http.bodies import read_whole
from bot.http.guard import Unwelcome
from bot.ports import Requester
from bot.staff.office import Office
from integrations.web.admin.pages import Pages, address_of

BODY_LIMIT_BYTES = 8 * 1024
DAY_S = 86_400.0
_FIELDS_MOST = 20

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$")]


class AdminForm(BaseModel):
    """What every form carries: the session's mark, and a key by which it is done once."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    mark: str = Field(max_length=200)
    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    memo: str = Field("", max_length=200)


class Whose(AdminForm):
    """Credits of somebody."""

    surface: Id
    community: Id
    user: Id
    amount: int = Field(ge=1, le=10**9)
    days: Annotated[int, Field(ge=0, le=3660)] = 0  # 0: for good

    @property
    def who(self) -> Requester:
        return Requester(surface=self.surface, community=self.community, user=self.user)


F = TypeVar("F", bound=AdminForm)


class Acts:
    """Each only translates; what it means is the office's, and the audit's."""

    def __init__(self, office: Office, pages: Pages, entrance: Entrance) -> None:
        self._office = office
        self._pages = pages
        self._entrance = entrance

    async def grant(self, request: Request) -> Response:
        form = await self._read(request, Whose)
        lasts_s = form.days * DAY_S if form.days else None
        await self._office.grant(form.who, form.amount, memo=form.memo, key=_key(form), lasts_s=lasts_s)
        return _back(address_of(form.who), "granted")

    async def take(self, request: Request) -> Response:
        form = await self._read(request, Whose)
        taken = await self._office.take(form.who, form.amount, memo=form.memo, key=_key(form))
        return _back(address_of(form.who), "taken" if taken.amount else "nothing")

    async def refund(self, request: Request) -> Response:
        form = await self._read(request, AdminForm)
        job = request.path_params["job"]
        given = await self._office.refund(job, memo=form.memo)
        return _back(f"/admin/job/{job}", "refunded" if given else "nothing")

    async def leave(self, request: Request, *, login: str) -> Response:
        """Ends the session, here and on the page."""
        await self._read(request, AdminForm)
        response = RedirectResponse(login, status_code=303)
        await self._entrance.lead_out(request, response)
        return response

    async def _read(self, request: Request, model: type[F]) -> F:
        body = await read_whole(request, limit_bytes=BODY_LIMIT_BYTES)
        try:
            fields = dict(parse_qsl(body.decode(), max_num_fields=_FIELDS_MOST))
        except ValueError:
            raise Unwelcome(400, "bad-form", "This is no form of ours.") from None
        self._entrance.assert_ours(request, fields.get("mark", ""))
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Unwelcome(422, "bad-input", f"{where}: {first['msg']}") from None


def _key(form: AdminForm) -> str:
    return f"admin-{form.key}"


def _back(address: str, done: str) -> Response:
    """To where the result stands, so that a reload does nothing again."""
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}done={done}", status_code=303)
