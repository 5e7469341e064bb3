"""A strict stand-in for Replicate: predictions, its list, its account, its signed calls and its files."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.fakes.services.pictures import png
from tests.fakes.services.posting import post

KEY = "r8_local"
SECRET = "whsec_" + base64.b64encode(b"the local service's secret").decode()
_BODY = {"input", "webhook", "webhook_events_filter", "version", "stream"}
_SHAPES = {"1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9", "9:21"}
# Model -> the names and kinds of its input; the first value of a tuple stands for all.
MODELS: dict[str, dict[str, Any]] = {
    "black-forest-labs/flux-2-pro": {
        "prompt": str, "seed": int, "aspect_ratio": _SHAPES, "resolution": {"0.5 MP", "1 MP", "2 MP", "4 MP"}, "input_images": list,
    },
    "black-forest-labs/flux-1.1-pro-ultra": {"prompt": str, "seed": int, "aspect_ratio": _SHAPES, "image_prompt": str},
    "black-forest-labs/flux-fill-pro": {"prompt": str, "seed": int, "image": str, "mask": str, "steps": int, "guidance": float},
    "recraft-ai/recraft-crisp-upscale": {"image": str},
    "black-forest-labs/flux-schnell": {"prompt": str, "seed": int, "aspect_ratio": _SHAPES, "num_outputs": {1, 2, 3, 4}},
}  # fmt: skip


@dataclass
class Service:
    """What it does with the predictions to come, and what was asked."""

    url: str = ""
    at_once: bool = False  # finished before the submit is answered
    calls: bool = True
    done_after: int | None = None  # so many looks, and it is finished by itself
    clock: Callable[[], float] = time.time  # when it signs its calls
    cuts: int = 0  # so many submits are taken, and their answers lost
    inputs_listed: bool = False
    error: str | None = None  # how predictions fail
    keeps_back: int = 0  # so many pictures of each
    predictions: dict[str, dict[str, Any]] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    called: list[tuple[str, bytes, dict[str, str], int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _ids: Any = field(default_factory=itertools.count)

    @property
    def last(self) -> dict[str, Any]:
        return list(self.predictions.values())[-1]

    # ── Predictions ──────────────────────────────────────────────────────────────────────────────────

    async def create(self, request: web.Request) -> web.StreamResponse:
        model = f"{request.match_info['owner']}/{request.match_info['name']}"
        if model not in MODELS:
            return _problem(404, "The requested resource could not be found.")
        body = await request.json()
        if fault := self._fault(model, body):
            self.faults.append(fault)
            return _problem(422, fault)
        id_ = f"local{next(self._ids):021}"
        one = self.predictions[id_] = {
            "id": id_, "model": model, "version": "hidden", "input": body["input"], "logs": "", "output": None,
            "error": None, "status": "starting", "created_at": _now(), "data_removed": False, "metrics": {},
            "urls": {"get": f"{self.url}/v1/predictions/{id_}", "cancel": f"{self.url}/v1/predictions/{id_}/cancel"},
        }  # fmt: skip
        self.hooks[id_], self.looks[id_] = body.get("webhook", ""), 0
        if self.at_once:
            await self.finish(one)
        if self.cuts:
            self.cuts -= 1
            request.transport.close()  # type: ignore[union-attr]  # it is open
            return web.Response()
        return web.json_response(one | {"status": "starting", "output": None}, status=201)

    def _fault(self, model: str, body: dict[str, Any]) -> str:
        if odd := set(body) - _BODY:
            return f"unknown fields {sorted(odd)}"
        given, takes = body.get("input"), MODELS[model]
        if not isinstance(given, dict) or ("prompt" in takes and not given.get("prompt")):
            return "input: prompt is required"
        for name, value in given.items():
            kind = takes.get(name)
            right = isinstance(value, kind) if isinstance(kind, type) else value in (kind or ())
            if not right:
                return f"input.{name}: {str(value)[:40]} is not taken"
        if not body.get("webhook", "http://127.0.0.1").startswith(("https://", "http://127.0.0.1")):
            return "webhook: must be https"
        return ""

    async def get(self, request: web.Request) -> web.Response:
        one = self.predictions.get(request.match_info["id"])
        if one is None:
            return _problem(404, "The requested resource could not be found.")
        self.looks[one["id"]] += 1
        if (
            self.done_after is not None
            and self.looks[one["id"]] > self.done_after
            and one["status"] == "starting"
        ):
            await self.finish(one)
        return web.json_response(one)

    async def list(self, request: web.Request) -> web.Response:
        after = request.query.get("created_after", "")
        rows = [one for one in reversed(self.predictions.values()) if one["created_at"] >= after]
        if not self.inputs_listed:
            rows = [one | {"input": {}, "output": None} for one in rows]
        return web.json_response({"previous": None, "next": None, "results": rows})

    async def cancel(self, request: web.Request) -> web.Response:
        one = self.predictions.get(request.match_info["id"])
        if one is None:
            return _problem(404, "The requested resource could not be found.")
        if one["status"] in ("starting", "processing"):
            one["status"] = "canceled"
        return web.json_response(one)

    async def finish(self, one: dict[str, Any]) -> None:
        """The prediction is over; whoever asked for a call gets one."""
        count = one["input"].get("num_outputs", 1) - self.keeps_back
        urls = [f"{self.url}/files/{one['id']}/{n}.png" for n in range(count)]
        single = "num_outputs" not in MODELS[one["model"]]
        output = (urls[0] if urls else None) if single else urls
        good = self.error is None
        one |= {
            "status": "succeeded" if good else "failed",
            "error": self.error,
            "output": output if good else None,
        }
        one |= {"metrics": {"predict_time": 1.5}, "completed_at": _now()}
        if self.calls and self.hooks[one["id"]]:
            body, headers = self.signed(one)
            status = await post(self.hooks[one["id"]], body, headers)
            self.called.append((self.hooks[one["id"]], body, headers, status))

    def signed(
        self, one: dict[str, Any], *, at: float | None = None, secret: bytes = b"the local service's secret"
    ) -> tuple[bytes, dict[str, str]]:
        body, stamp = json.dumps(one).encode(), int(self.clock() if at is None else at)
        mac = hmac.digest(secret, f"msg_{one['id']}.{stamp}.".encode() + body, hashlib.sha256)
        return body, {
            "Content-Type": "application/json",
            "webhook-id": f"msg_{one['id']}",
            "webhook-timestamp": str(stamp),
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }

    # ── The rest ─────────────────────────────────────────────────────────────────────────────────────

    async def account(self, request: web.Request) -> web.Response:
        return web.json_response({"type": "user", "username": "local", "name": "Local", "github_url": None})

    async def secret(self, request: web.Request) -> web.Response:
        return web.json_response({"key": SECRET})

    async def file(self, request: web.Request) -> web.Response:
        return web.Response(body=png(int(request.match_info["n"])), content_type="image/png")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _problem(status: int, detail: str) -> web.Response:
    told = {"type": "about:blank", "title": "A problem", "status": status, "detail": detail}
    return web.json_response(told, status=status, content_type="application/problem+json")


@web.middleware
async def _with_key(request: web.Request, handler: Any) -> web.StreamResponse:
    right = request.headers.get("Authorization") == f"Bearer {KEY}"
    if not right and not request.path.startswith("/files/"):
        return _problem(401, "You did not pass a valid authentication token")
    return await handler(request)


@contextlib.asynccontextmanager
async def replicate() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application(middlewares=[_with_key], client_max_size=64 * 1024 * 1024)
    app.router.add_get("/files/{id}/{n:[0-9]+}.png", service.file)
    app.router.add_get("/v1/account", service.account)
    app.router.add_get("/v1/webhooks/default/secret", service.secret)
    app.router.add_get("/v1/predictions", service.list)
    app.router.add_get("/v1/predictions/{id}", service.get)
    app.router.add_post("/v1/predictions/{id}/cancel", service.cancel)
    app.router.add_post("/v1/models/{owner}/{name}/predictions", service.create)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await asyncio.shield(runner.cleanup())
    assert service.faults == []
