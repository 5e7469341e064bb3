"""Where image services call us: `POST /webhooks/PROVIDER`. A call is a hint to look, and never believed for more."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import ProviderError, StoreBusy
from bot.http.bodies import read_whole
from bot.http.guard import Proven
from bot.http.webhooks import as_http
from bot.job import Job
from bot.provider import Call, Heard, Listener, Provider
from bot.store.health import Healths

log = structlog.get_logger()

_PREFIX = "call/"  # what is signed is no picture's name


class Calls:
    """The addresses that services are given, and the door behind them.

    `sign` and `read` make and check a mark of ours: whose submit a call is about stands in the address, which
    no service signs.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        healths: Healths,
        public_url: str,
        sign: Callable[[str], str],
        read: Callable[[str], str | None],
        clock: Callable[[], float],
    ) -> None:
        self._providers = providers
        self._healths = healths
        self._public_url = public_url.rstrip("/")
        self._sign = sign
        self._read = read
        self._clock = clock

    def address(self, job: Job) -> str:
        """Where the service that draws this job may call us; empty where the world can't reach us."""
        if not self._public_url:
            return ""
        about = urlencode({"job": self._sign(_PREFIX + job.key())})
        return f"{self._public_url}/webhooks/{quote(job.order.provider, safe='')}?{about}"

    def routes(self) -> Sequence[BaseRoute]:
        """The door; it asks for the service's own proof."""
        return [Proven("/webhooks/{provider}", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        provider: object = self._providers.get(request.path_params["provider"])
        about = self._read(request.query_params.get("job", "")) or ""
        if not (isinstance(provider, Listener) and provider.listens and about.startswith(_PREFIX)):
            raise HTTPException(404, "Nobody is called here.")
        with as_http():
            body = await read_whole(request)
        heard = await self._heard(provider, request, body)
        if heard is None:
            raise HTTPException(401, "This is not signed by who may send it.")
        try:
            await self._healths.hear(about.removeprefix(_PREFIX), heard.operation, now=self._clock())
        except StoreBusy as error:
            raise HTTPException(503, "Please come again.") from error
        return Response(status_code=204)

    async def _heard(self, provider: Listener, request: Request, body: bytes) -> Heard | None:
        call = Call(
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query_params),
            body=body,
            at=self._clock(),
        )
        try:
            return await provider.hear(call)
        except ProviderError as error:
            log.warning("a webhook can't be verified now", detail=error.detail)
            raise HTTPException(503, "Please come again.") from error
