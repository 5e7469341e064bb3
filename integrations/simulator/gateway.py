"""The simulated gateway's own protocol: submit, poll, models, credits, and the CDN with links that expire."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.http.guard import origin_of
from integrations.simulator.catalogue import Problem, SoldModel, Wish, catalogue, invalid, read_wish
from integrations.simulator.fault_effects import Point, Scene, envelope
from integrations.simulator.fault_list import FLAGGED, POLICY
from integrations.simulator.faults import FaultSpot, Switchboard, spoken
from integrations.simulator.given import Reception
from integrations.simulator.kept import KeptOperations
from integrations.simulator.operations import Bill, Clocks, Ending, Operation, Operations, Plan, balance
from integrations.simulator.pictures import OperationPictures

PREFIX = "/v1/gateway"
BODY_BYTES_MAX = 4 * 1024 * 1024
REFUSED_WORDS = re.compile(r"\bforbidden\b", re.IGNORECASE)
TOKENS_AN_IMAGE = 1290  # Gemini's figure for a picture of one megapixel

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How this gateway is set up."""

    api_key: str
    url_life_s: float = 3600.0
    slow_s: float = 10.0


class GatewayApi:
    """Answers the protocol's calls."""

    def __init__(
        self,
        *,
        terms: Terms,
        clocks: Clocks,
        operations: Operations,
        bill: Bill,
        switchboard: Switchboard,
        reception: Reception,
        gallery: OperationPictures,
        kept: KeptOperations | None = None,
    ) -> None:
        self._terms = terms
        self._clocks = clocks
        self._operations = operations
        self._bill = bill
        self._switchboard = switchboard
        self._reception = reception
        self._gallery = gallery
        self._kept = kept
        self._link_key = secrets.token_bytes(16)
        self._turn = 0
        self.closing = asyncio.Event()

    def routes(self) -> list[Route]:
        """Every path ends in a slash, as at the real service; only the CDN's do not."""
        return [
            Route(f"{PREFIX}/images/generate/", self._keyed(self._submit), methods=["POST"]),
            Route(f"{PREFIX}/images/generate/{{operation_id}}/", self._keyed(self._poll), methods=["GET"]),
            Route(f"{PREFIX}/models/", self._keyed(self._models), methods=["GET"]),
            Route(f"{PREFIX}/models/{{model_id:path}}/", self._keyed(self._model), methods=["GET"]),
            Route(f"{PREFIX}/credits/", self._keyed(self._credits), methods=["GET"]),
            Route("/cdn/{operation_id}/{index:int}.png", self._file, methods=["GET"]),
        ]

    def _keyed(self, handler: Handler) -> Handler:
        """Asks for the key before anything else."""

        async def guarded(request: Request) -> Response:
            _check_key(request, self._terms.api_key)
            return await handler(request)

        return guarded

    # ── Submit ───────────────────────────────────────────────────────────────────────────────────────

    async def _submit(self, request: Request) -> Response:
        wish = read_wish(await _json_body(request))
        spoken(
            wish.prompt
        )  # A magic word that does not exist is a typing error, said before anything happens.
        scene = self._scene(request)
        struck = await self._switchboard.strike(FaultSpot.of(Point.BEFORE, wish), scene)
        if struck is not None:
            return struck
        key = request.headers.get("idempotency-key")
        operation = self._operations.known(key, wish) or await self._accept(wish, key, scene)
        if wish.model.way == "sync":
            return await self._answer_inline(request, operation)
        if operation.plan.ending is Ending.REFUSED and wish.model.upstream == "fal":
            return envelope(400, f"invalid_request_error - {POLICY}")
        return await self._answer(request, operation, {"operation_id": operation.id, "status": "processing"})

    async def _accept(self, wish: Wish, key: str | None, scene: Scene) -> Operation:
        wish = await self._reception.take(wish)
        plan = Plan(images=wish.images)
        if REFUSED_WORDS.search(wish.prompt):
            plan.ending = Ending.REFUSED
        scene.plan = plan
        await self._switchboard.strike(FaultSpot.of(Point.ACCEPT, wish), scene)
        operation = self._operations.accept(wish, plan, key=key)
        if self._kept is not None:
            await self._kept.keep(operation, key)
        return operation

    async def _answer_inline(self, request: Request, operation: Operation) -> Response:
        """The synchronous way: the answer comes with the pictures, when they are ready."""
        if operation.plan.ending is Ending.NEVER:
            await self._pause(3600.0)
        await self._pause(operation.ready_at_s - self._clocks.now_s())
        if await request.is_disconnected():
            return Response(status_code=499)
        match operation.plan.ending:
            case Ending.FAILED:
                return envelope(500, f"api_error - {_words(operation.plan.error)}")
            case Ending.REFUSED if operation.wish.model.upstream == "openai":
                return envelope(400, f"moderation_blocked - {POLICY}")
            case Ending.REFUSED:
                return await self._answer(request, operation, _inline(operation, []))
            case Ending.COMPLETED | Ending.NEVER:
                pictures = await self._pictures(request, operation)
                return await self._answer(request, operation, _inline(operation, pictures))
        assert_never(operation.plan.ending)

    async def _pictures(self, request: Request, operation: Operation) -> list[dict[str, str]]:
        entries = []
        for index in range(operation.plan.images):
            data, media_type = await self._picture(request, operation, index)
            encoded = await asyncio.to_thread(base64.b64encode, data)
            entries.append({"url": f"data:{media_type};base64,{encoded.decode('ascii')}"})
        return entries

    async def _answer(self, request: Request, operation: Operation, payload: dict[str, Any]) -> Response:
        scene = self._scene(request, operation, payload=payload)
        struck = await self._switchboard.strike(
            FaultSpot.of(Point.ANSWER, operation.wish, operation.marks), scene
        )
        if struck is not None:
            return struck
        return await asyncio.to_thread(JSONResponse, scene.payload)

    # ── Poll ─────────────────────────────────────────────────────────────────────────────────────────

    async def _poll(self, request: Request) -> Response:
        operation = self._asked_for(request)
        payload = _state(operation, ready=operation.ready(self._clocks.now_s()))
        scene = self._scene(request, operation, payload=payload)
        if payload["status"] == "completed":
            payload["data"] = [
                {"url": self._link(request, operation, index, self._terms.url_life_s)}
                for index in range(operation.plan.images)
            ]
            struck = await self._switchboard.strike(
                FaultSpot.of(Point.RESULT, operation.wish, operation.marks), scene
            )
            if struck is not None:
                return struck
        struck = await self._switchboard.strike(
            FaultSpot.of(Point.POLL, operation.wish, operation.marks), scene
        )
        return struck or JSONResponse(scene.payload)

    def _asked_for(self, request: Request) -> Operation:
        model_id = request.query_params.get("model")
        if not model_id:
            raise Problem(
                status=400, message="invalid_request_error - The query parameter 'model' is required"
            )
        operation = self._operations.find(request.path_params["operation_id"])
        if operation is None or operation.wish.model.way == "sync" or operation.wish.model.id != model_id:
            raise Problem(status=404, message="not_found_error - Operation not found")
        return operation

    # ── The files ────────────────────────────────────────────────────────────────────────────────────

    async def _file(self, request: Request) -> Response:
        operation = self._operations.find(request.path_params["operation_id"])
        index = request.path_params["index"]
        if operation is None or index >= operation.plan.images or not self._signed(request, operation, index):
            return Response("AccessDenied", 403, media_type="text/plain")
        if float(request.query_params["expires"]) < self._clocks.wall_s():
            return Response("AccessDenied: Request has expired", 403, media_type="text/plain")
        scene = self._scene(request, operation)
        struck = await self._switchboard.strike(
            FaultSpot.of(Point.CDN, operation.wish, operation.marks), scene
        )
        if struck is not None:
            return struck
        data, media_type = await self._picture(request, operation, index)
        return Response(data, media_type=media_type)

    async def _picture(self, request: Request, operation: Operation, index: int) -> tuple[bytes, str]:
        scene = self._scene(request, operation)
        scene.picture = await self._gallery.picture(operation, index)
        await self._switchboard.strike(FaultSpot.of(Point.PICTURE, operation.wish, operation.marks), scene)
        return scene.picture, scene.media_type

    def _link(self, request: Request, operation: Operation, index: int, life_s: float) -> str:
        expires = f"{self._clocks.wall_s() + life_s:.3f}"
        mark = self._mark(operation.id, index, expires)
        return f"{origin_of(request.scope)}/cdn/{operation.id}/{index}.png?expires={expires}&mark={mark}"

    def _signed(self, request: Request, operation: Operation, index: int) -> bool:
        expected = self._mark(operation.id, index, request.query_params.get("expires", ""))
        return hmac.compare_digest(expected, request.query_params.get("mark", ""))

    def _mark(self, operation_id: str, index: int, expires: str) -> str:
        text = f"{operation_id} {index} {expires}".encode()
        return hmac.new(self._link_key, text, hashlib.sha256).hexdigest()[:24]

    # ── Models and credits ───────────────────────────────────────────────────────────────────────────

    async def _models(self, request: Request) -> Response:
        struck = await self._switchboard.strike(FaultSpot(point=Point.MODELS), self._scene(request))
        listed = [_listed(model) for model in catalogue().values() if not self._switchboard.hides(model.id)]
        return struck or JSONResponse({"object": "list", "data": listed})

    async def _model(self, request: Request) -> Response:
        model_id = request.path_params["model_id"]
        model = catalogue().get(model_id)
        if model is None or self._switchboard.hides(model_id):
            raise Problem(status=404, message=f"not_found_error - Model '{model_id}' not found")
        struck = await self._switchboard.strike(
            FaultSpot(point=Point.MODELS, model=model_id), self._scene(request)
        )
        return struck or JSONResponse(_listed(model))

    async def _credits(self, request: Request) -> Response:
        struck = await self._switchboard.strike(FaultSpot(point=Point.CREDITS), self._scene(request))
        return struck or JSONResponse(balance(self._bill, renewal=_next_month(self._clocks.wall_s())))

    # ── What faults find ─────────────────────────────────────────────────────────────────────────────

    def _scene(
        self, request: Request, operation: Operation | None = None, *, payload: dict[str, Any] | None = None
    ) -> Scene:
        self._turn += 1
        scene = Scene(
            cut=request.state.transport.abort,
            pause=self._pause,
            slow_s=self._terms.slow_s,
            turn=self._turn,
            payload={} if payload is None else payload,
            url=f"{origin_of(request.scope)}{request.scope['path']}?{request.query_params}",
        )
        if operation is not None:
            scene.link = lambda index, life_s: self._link(request, operation, index, life_s)
        return scene

    async def _pause(self, seconds: float) -> None:
        """Waits, but not past the simulator's own end."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return


def _check_key(request: Request, api_key: str) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    if not given:
        raise Problem(status=401, message="authentication_error - Bearer token is not supplied")
    if not hmac.compare_digest(given.encode(), api_key.encode()):
        raise Problem(status=401, message="authentication_error - Invalid API key")


async def _json_body(request: Request) -> object:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise invalid(
            "body", message="Input should be JSON (content-type: application/json)", kind="json_type"
        )
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise invalid("body", message=f"JSON decode error: {error}", kind="json_invalid") from error


def _inline(operation: Operation, entries: list[dict[str, str]]) -> dict[str, Any]:
    prompt_tokens = max(1, len(operation.wish.prompt) // 4)
    completion_tokens = TOKENS_AN_IMAGE * len(entries)
    return {
        "id": operation.id,
        "created": int(operation.created_s),
        "model": operation.wish.model.id,
        "data": entries,
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    }


def _state(operation: Operation, *, ready: bool) -> dict[str, Any]:
    """What a poll says of the operation, its links apart."""
    if not ready:
        return {"operation_id": operation.id, "status": "processing"}
    if operation.plan.ending is Ending.COMPLETED:
        return {"operation_id": operation.id, "status": "completed", "model": operation.wish.model.id}
    refused = operation.plan.ending is Ending.REFUSED
    return {
        "operation_id": operation.id,
        "status": "failed",
        "error": FLAGGED if refused else operation.plan.error,
    }


def _listed(model: SoldModel) -> dict[str, Any]:
    return {"id": model.id, "object": "model", "created": 1_760_000_000, "owned_by": model.upstream}


def _words(error: object) -> str:
    return str(error.get("message")) if isinstance(error, dict) else str(error)


def _next_month(wall_s: float) -> str:
    now = datetime.fromtimestamp(wall_s, UTC)
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)  # noqa: PLR2004 - December
    return datetime(year, month, 1, tzinfo=UTC).isoformat()
