"""A strict stand-in for fal: its queue, its files, its keys and signed calls, its platform; as its documents say."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.services.pictures import png
from tests.fakes.services.posting import post

KEY = "fal-id:fal-secret"
_ALL = {"prompt", "num_images", "seed", "output_format", "sync_mode"}
_RATIOS = {"21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"}
_NAMES = {"square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"}
# Endpoint -> what it takes besides, and what it can't do without.
ENDPOINTS: dict[str, tuple[set[str], set[str]]] = {
    "fal-ai/flux-pro/v1.1-ultra": ({"aspect_ratio", "raw", "image_url", "image_prompt_strength", "safety_tolerance"}, set()),
    "fal-ai/flux-pro/v1.1": ({"image_size", "safety_tolerance"}, set()),
    "fal-ai/flux-pro/kontext": ({"aspect_ratio", "image_url"}, {"image_url"}),
    "fal-ai/flux/schnell": ({"image_size"}, set()),
    "fal-ai/flux-pro/v1/fill": ({"image_url", "mask_url", "safety_tolerance"}, {"image_url", "mask_url"}),
    "fal-ai/recraft/upscale/crisp": ({"image_url", "enable_safety_checker"}, {"image_url"}),
    "fal-ai/flux-2-pro": ({"image_size"}, set()),
    "fal-ai/flux-2-pro/edit": ({"image_size", "image_urls"}, {"image_urls"}),
}  # fmt: skip


@dataclass
class Request:
    """One request of the queue."""

    id: str
    endpoint: str
    input: dict[str, Any]
    webhook: str
    status: str = "IN_QUEUE"
    error: tuple[int, str] | None = None
    nsfw: bool = False
    looks: int = 0


@dataclass
class Service:
    """What it does with the requests to come, and what was asked."""

    url: str = ""
    at_once: bool = False  # finished before the submit is answered
    calls: bool = True  # whether webhooks are sent
    done_after: int | None = None  # so many looks, and it is finished by itself
    clock: Callable[[], float] = time.time  # when it signs its calls
    cuts: int = 0  # so many submits are taken, and their answers lost
    error: tuple[int, str] | None = None  # how requests fail
    nsfw: bool = False
    lists: bool = True  # whether past requests can be looked up
    requests: dict[str, Request] = field(default_factory=dict)
    called: list[tuple[str, bytes, dict[str, str], int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _ids: Any = field(default_factory=itertools.count)
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def last(self) -> Request:
        return list(self.requests.values())[-1]

    @property
    def usd_micros(self) -> int:
        """The bill for pictures of Ultra: only successes are on it."""
        done = [one for one in self.requests.values() if one.status == "COMPLETED" and one.error is None]
        return sum(60_000 * one.input.get("num_images", 1) for one in done)

    # ── The queue ────────────────────────────────────────────────────────────────────────────────────

    async def submit(self, request: web.Request) -> web.StreamResponse:
        endpoint = request.match_info["endpoint"]
        if endpoint not in ENDPOINTS:
            return web.json_response({"detail": f"Application {endpoint!r} not found"}, status=404)
        body = await request.json()
        if fault := self._fault(endpoint, body):
            self.faults.append(fault)
            rows = [{"loc": ["body"], "msg": fault, "type": "value_error", "input": body}]
            return web.json_response({"detail": rows}, status=422)
        id_ = f"00000000-0000-4000-8000-{next(self._ids):012}"
        hook = request.query.get("fal_webhook", "")
        one = self.requests[id_] = Request(id_, endpoint, body, hook)
        if self.at_once:
            await self.finish(one)
        if self.cuts:
            self.cuts -= 1
            request.transport.close()  # type: ignore[union-attr]  # it is open
            return web.Response()
        place = f"{self.url}/{'/'.join(endpoint.split('/')[:2])}/requests/{id_}"
        return web.json_response({
            "status": "IN_QUEUE", "request_id": id_, "queue_position": 0, "gateway_request_id": id_,
            "status_url": f"{place}/status", "response_url": place, "cancel_url": f"{place}/cancel",
        })  # fmt: skip

    def _fault(self, endpoint: str, body: dict[str, Any]) -> str:
        takes, needs = ENDPOINTS[endpoint]
        upscales = "upscale" in endpoint
        if odd := set(body) - ({"sync_mode"} if upscales else _ALL) - takes:
            return f"unknown fields {sorted(odd)}"
        if lacking := (needs if upscales else needs | {"prompt"}) - set(body):
            return f"lacks {sorted(lacking)}"
        size = body.get("image_size", "square_hd")
        right = [
            upscales or (isinstance(body["prompt"], str) and body["prompt"]),
            isinstance(body.get("seed", 0), int),
            body.get("num_images", 1) in (1, 2, 3, 4),
            body.get("aspect_ratio", "16:9") in _RATIOS,
            size in _NAMES if isinstance(size, str) else set(size) == {"width", "height"},
            all(str(u).startswith(("https://", "data:image/"))
                for u in [body.get("image_url", "https://"), body.get("mask_url", "https://"), *body.get("image_urls", [])]),
        ]  # fmt: skip
        return "" if all(right) else f"a value of the wrong kind: {body}"

    async def status(self, request: web.Request) -> web.Response:
        one = self.requests.get(request.match_info["id"])
        if one is None:
            return web.json_response({"detail": "Request not found"}, status=404)
        one.looks += 1
        if self.done_after is not None and one.looks > self.done_after and one.status != "COMPLETED":
            await self.finish(one)
        told: dict[str, Any] = {"status": one.status, "request_id": one.id, "logs": None}
        if one.status == "IN_QUEUE":
            told["queue_position"] = 0
        elif request.query.get("logs", "").lower() in ("1", "true"):
            told["logs"] = [
                {"message": f" {n}/28 [00:01<00:01, 13it/s]", "level": "STDERR"} for n in range(0, 15, 7)
            ]
        if one.status == "COMPLETED":
            told["metrics"] = {"inference_time": 1.5}
            if one.error is not None:
                told |= {"error": "it failed", "error_type": one.error[1]}
        return web.json_response(told, status=200 if one.status == "COMPLETED" else 202)

    async def result(self, request: web.Request) -> web.Response:
        one = self.requests.get(request.match_info["id"])
        if one is None:
            return web.json_response({"detail": "Request not found"}, status=404)
        if one.status != "COMPLETED":
            return web.json_response({"detail": "Request is still in progress"}, status=400)
        if one.error is not None:
            status, type_ = one.error
            return web.json_response(
                {"detail": [{"loc": ["body", "prompt"], "msg": "x", "type": type_, "input": one.input}]},
                status=status, headers={"X-Fal-Retryable": "false"},
            )  # fmt: skip
        count = one.input.get("num_images", 1)
        return web.json_response(self._output(one, count), headers={"x-fal-billable-units": str(count)})

    def _output(self, one: Request, count: int) -> dict[str, Any]:
        images = [
            {"url": f"{self.url}/files/{one.id}/{n}.png", "width": 32, "height": 32, "content_type": "image/png"}
            for n in range(count)
        ]  # fmt: skip
        if "upscale" in one.endpoint:
            return {"image": images[0]}
        return {"images": images, "has_nsfw_concepts": [one.nsfw] * count, "seed": 7, "prompt": one.input["prompt"], "timings": {}}  # fmt: skip

    async def cancel(self, request: web.Request) -> web.Response:
        one = self.requests.get(request.match_info["id"])
        if one is None:
            return web.json_response({"status": "NOT_FOUND"}, status=404)
        if one.status == "COMPLETED":
            return web.json_response({"status": "ALREADY_COMPLETED"}, status=400)
        if one.status == "IN_PROGRESS":
            return web.json_response({"status": "CANCELLATION_REQUESTED"}, status=202)
        del self.requests[one.id]
        return web.json_response({"status": "CANCELLED"})

    async def finish(self, one: Request) -> None:
        """The request is over; whoever asked for a call gets one."""
        one.status, one.error, one.nsfw = "COMPLETED", self.error, self.nsfw
        if one.webhook and self.calls:
            await self.call(one)

    # ── Calls ────────────────────────────────────────────────────────────────────────────────────────

    def signed(
        self, one: Request, *, at: float | None = None, signer: Ed25519PrivateKey | None = None
    ) -> tuple[bytes, dict[str, str]]:
        good = one.error is None
        told: dict[str, Any] = {
            "request_id": one.id,
            "gateway_request_id": one.id,
            "status": "OK" if good else "ERROR",
        }
        told |= (
            {"payload": self._output(one, 1)} if good else {"error": "it failed", "payload": {"detail": []}}
        )
        body, stamp = json.dumps(told).encode(), str(int(self.clock() if at is None else at))
        said = "\n".join([one.id, "user", stamp, hashlib.sha256(body).hexdigest()]).encode()
        return body, {
            "Content-Type": "application/json",
            "X-Fal-Webhook-Request-Id": one.id, "X-Fal-Webhook-User-Id": "user", "X-Fal-Webhook-Timestamp": stamp,
            "X-Fal-Webhook-Signature": (signer or self.signer).sign(said).hex(),
        }  # fmt: skip

    async def call(self, one: Request) -> int:
        body, headers = self.signed(one)
        status = await post(one.webhook, body, headers)
        self.called.append((one.webhook, body, headers, status))
        return status

    async def jwks(self, request: web.Request) -> web.Response:
        raw = self.signer.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return web.json_response({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})

    # ── The platform, and files ──────────────────────────────────────────────────────────────────────

    async def past(self, request: web.Request) -> web.Response:
        if not self.lists:
            return web.json_response({"detail": "Not Found"}, status=404)
        wanted = request.query["endpoint_id"]
        whole = request.query.get("expand") == "payloads"
        items = [
            {"request_id": one.id, "endpoint_id": wanted} | ({"json_input": one.input} if whole else {})
            for one in reversed(self.requests.values()) if one.endpoint == wanted
        ]  # fmt: skip
        return web.json_response({"items": items, "has_more": False, "next_cursor": None})

    async def pricing(self, request: web.Request) -> web.Response:
        price = {
            "endpoint_id": request.query["endpoint_id"],
            "unit_price": 0.06,
            "unit": "images",
            "currency": "USD",
        }
        return web.json_response({"prices": [price]})

    async def billing(self, request: web.Request) -> web.Response:
        return web.json_response({"credits": {"current_balance": 12.5, "currency": "USD"}})

    async def file(self, request: web.Request) -> web.Response:
        return web.Response(body=png(int(request.match_info["n"])), content_type="image/png")


@web.middleware
async def _with_key(request: web.Request, handler: Any) -> web.StreamResponse:
    public = request.path.startswith(("/files/", "/.well-known/"))
    if not public and request.headers.get("Authorization") != f"Key {KEY}":
        return web.json_response({"detail": "Authentication is required to access this application."}, status=401)  # fmt: skip
    return await handler(request)


@contextlib.asynccontextmanager
async def fal() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application(middlewares=[_with_key], client_max_size=64 * 1024 * 1024)
    app.router.add_get("/.well-known/jwks.json", service.jwks)
    app.router.add_get("/files/{id}/{n:[0-9]+}.png", service.file)
    app.router.add_get("/v1/models/pricing", service.pricing)
    app.router.add_get("/v1/account/billing", service.billing)
    app.router.add_get("/v1/models/requests/by-endpoint", service.past)
    app.router.add_get("/{owner}/{app}/requests/{id}/status", service.status)
    app.router.add_get("/{owner}/{app}/requests/{id}", service.result)
    app.router.add_put("/{owner}/{app}/requests/{id}/cancel", service.cancel)
    app.router.add_post("/{endpoint:.+}", service.submit)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = urlsplit(site.name).hostname, runner.addresses[0][1]
    service.url = f"http://{host}:{port}"
    try:
        yield service
    finally:
        await asyncio.shield(runner.cleanup())
    assert service.faults == []
