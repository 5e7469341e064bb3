"""A strict stand-in for OpenRouter's images: takes only what the real one documents, and tells what each host asks."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.services import drawing
from tests.fakes.services.drawing import Bad

RATIOS = (
    "1:1", "1:2", "1:4", "1:8", "2:1", "2:3", "2.35:1", "3:2", "3:4", "4:1", "4:3", "4:5", "5:2", "5:4", "5:7", "7:5",
    "8:1", "9:16", "16:9", "9:19.5", "19.5:9", "9:20", "20:9", "9:21", "21:9", "auto",
)  # fmt: skip
FIELDS: dict[str, Any] = {
    "model": (), "prompt": (), "n": range(1, 11), "aspect_ratio": RATIOS, "size": (), "seed": (), "stream": (False,),
    "resolution": ("512", "768", "1K", "1.5K", "2K", "4K"), "input_references": (), "provider": (),
    "quality": ("auto", "low", "medium", "high", "xhigh", "max"), "background": ("auto", "transparent", "opaque"),
    "output_format": ("png", "jpeg", "webp"), "output_compression": range(101), "user": (), "session_id": (), "trace": (),
}  # fmt: skip
PREFERENCES = {"only", "order", "ignore", "sort", "allow_fallbacks", "options"}
# id -> what a picture costs by its resolution, how many may be given, and what the maker's own list has of values
MODELS: dict[str, dict[str, Any]] = {
    "black-forest-labs/flux.2-pro": {"inputs": 8, "usd": {"": 0.03, "2K": 0.075}},
    "black-forest-labs/flux.2-max": {"inputs": 8, "usd": {"": 0.07, "2K": 0.16}},
    "black-forest-labs/flux-3-image": {
        "inputs": 10,
        "usd": {"768": 0.041, "1K": 0.048, "1.5K": 0.07, "2K": 0.1, "4K": 0.607},
    },
    "openai/gpt-image-2": {"inputs": 16, "usd": {"": 0.05}},
    "openai/gpt-image-2.5-flare": {"inputs": 16, "usd": {"": 0.013}},
    "openai/gpt-image-2.5-sunburst": {"inputs": 16, "usd": {"": 0.013}},
    "google/gemini-nano-banana-2.1": {"inputs": 14, "usd": {"": 0.0336, "2K": 0.0504, "4K": 0.1134}},
    "google/gemini-3.1-flash-lite-image": {"inputs": 14, "usd": {"": 0.0336}},
    "x-ai/grok-imagine-image-2.0": {"inputs": 5, "usd": {"": 0.04, "2K": 0.06}},
    "bytedance-seed/seedream-4.5": {"inputs": 10, "usd": {"": 0.05}},
    "krea/krea-2-large": {"inputs": 0, "usd": {"": 0.04}},
}
SEVERAL = "openai/"  # whose makers draw more than one picture a call


@dataclass
class OpenRouterService(drawing.Service):
    """The router, for one key."""

    cuts: int = 0  # so many pictures are drawn and billed, and their answers lost after the headers
    unknown: int = 0  # so many questions for a generation come before its record exists
    ends: dict[str, str] = field(default_factory=dict)
    dearer: dict[str, float] = field(default_factory=dict)  # a second host's price
    account_shown: bool = True
    costs: dict[str, float] = field(default_factory=dict)  # generation -> what was booked

    async def draw(self, request: web.Request) -> web.StreamResponse:
        self.authorize(request)
        if request.content_type != "application/json":
            raise Bad(400, "invalid_request", "Expected JSON")
        body = await request.json()
        model = body.get("model")
        if model not in MODELS:
            raise Bad(404, "not_found", f"No endpoints found for {model}.")
        drawing.assert_fields(body, FIELDS, needed=("model", "prompt"))
        _assert_sizes(body)
        if body.get("n", 1) > 1 and not model.startswith(SEVERAL):
            raise Bad(400, "invalid_request", "This provider draws one image")
        if not set(body.get("provider", {})) <= PREFERENCES:
            raise Bad(400, "invalid_request", "Unrecognized key in provider")
        if len(body.get("session_id", "")) > 256:
            raise Bad(400, "invalid_request", "session_id is too long")
        given = [_picture_of(one) for one in body.get("input_references", [])]
        if len(given) > MODELS[model]["inputs"]:
            raise Bad(400, "invalid_request", "Too many input references")
        self.asked.append({**body, "given": given})
        generation = f"gen-img-{len(self.asked)}"
        if self.trouble:
            trouble = self.trouble.popleft()
            trouble.headers["X-Generation-Id"] = generation
            return trouble
        return await self._drawn(request, body, generation)

    async def _drawn(self, request: web.Request, body: dict[str, Any], generation: str) -> web.StreamResponse:
        count, prices = body.get("n", 1), MODELS[body["model"]]["usd"]
        cost = prices.get(body.get("resolution", ""), prices.get("", max(prices.values()))) * count
        self.billed += count
        self.costs[generation] = cost
        usage = {
            "prompt_tokens": 9,
            "completion_tokens": 1000,
            "total_tokens": 1009,
            "cost": cost,
            "is_byok": False,
        }
        data = [{"b64_json": drawing.small_picture(), "media_type": "image/png"}] * count
        answer = web.json_response({"created": 1_800_000_000, "data": data, "usage": usage})
        answer.headers["X-Generation-Id"] = generation
        if not self.cuts:
            return answer
        self.cuts -= 1
        cut = web.StreamResponse(headers={"X-Generation-Id": generation, "Content-Length": "5000"})
        await cut.prepare(request)
        await cut.write(b'{"created": ')
        assert request.transport is not None
        request.transport.close()
        return cut

    async def generation(self, request: web.Request) -> web.Response:
        self.authorize(request)
        found = request.query["id"]
        if self.unknown or found not in self.costs:
            self.unknown = max(0, self.unknown - 1)
            raise Bad(404, "not_found", f"Generation {found} not found")
        cost = self.costs[found]
        return web.json_response(
            {"data": {"id": found, "total_cost": cost, "usage": cost, "cancelled": False}}
        )

    async def key(self, request: web.Request) -> web.Response:
        self.authorize(request)
        told = {
            "label": "sk-or-...x",
            "limit": 20,
            "limit_remaining": 12.5,
            "usage": 7.5,
            "is_free_tier": False,
        }
        return web.json_response({"data": {**told, "budgets": [], "effective_budget": None}})

    async def credits(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if not self.account_shown:
            raise Bad(403, "forbidden", "Only management keys can fetch credits")
        return web.json_response({"data": {"total_credits": 30.0, "total_usage": 21.0}})

    async def image_models(self, request: web.Request) -> web.Response:
        self.authorize(request)
        data = [
            {
                "id": one, "name": one, "created": 1, "description": "", "supports_streaming": False,
                "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["image"]},
                "supported_parameters": {"n": {"type": "range", "min": 1, "max": 10}},
                "endpoints": f"/api/v1/images/models/{one}/endpoints",
            }
            for one in MODELS
        ]  # fmt: skip
        return web.json_response({"data": data})

    async def endpoints(self, request: web.Request) -> web.Response:
        self.authorize(request)
        model = f"{request.match_info['author']}/{request.match_info['slug']}"
        if model not in MODELS:
            raise Bad(404, "not_found", "Model not found")
        lines = [
            {
                "billable": "output_image",
                "unit": "image",
                "cost_usd": usd,
                **({"variant": tier} if tier else {}),
            }
            for tier, usd in MODELS[model]["usd"].items()
        ]
        host = {
            "provider_name": "Maker", "provider_slug": "maker", "provider_tag": "maker", "supported_parameters": {},
            "allowed_passthrough_parameters": [], "supports_streaming": False, "pricing": lines,
        }  # fmt: skip
        hosts = [host]
        if model in self.dearer:
            line = {"billable": "output_image", "unit": "image", "cost_usd": self.dearer[model]}
            hosts.append(
                {
                    **host,
                    "provider_name": "Other",
                    "pricing": [{"billable": "new", "unit": "moon", "cost_usd": 9}, line],
                }
            )
        return web.json_response({"id": model, "endpoints": hosts})

    async def models(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if request.query.get("output_modalities") != "image":
            raise Bad(400, "invalid_request", "this would be thousands")
        return web.json_response(
            {"data": [{"id": one, "expiration_date": self.ends.get(one)} for one in MODELS]}
        )


def _assert_sizes(body: dict[str, Any]) -> None:
    if "x" in body.get("size", "") and ("resolution" in body or "aspect_ratio" in body):
        raise Bad(400, "invalid_request", "size does not match resolution or aspect_ratio")


def _picture_of(reference: Any) -> bytes:
    if set(reference) != {"type", "image_url"} or reference["type"] != "image_url":
        raise Bad(400, "invalid_request", "input_references: expected image_url")
    if set(reference["image_url"]) != {"url"}:
        raise Bad(400, "invalid_request", "input_references: expected a url")
    return drawing.bytes_of(reference["image_url"]["url"])


def error(status: int, message: str, **metadata: Any) -> web.Response:
    """An error as OpenRouter says it."""
    told: dict[str, Any] = {"code": status, "message": message}
    if metadata:
        told["metadata"] = metadata
    return web.json_response({"error": told, "user_id": "user_x"}, status=status)


@web.middleware
async def _errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)
    except Bad as bad:
        return error(bad.status, bad.message)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[OpenRouterService]:
    """The service; its `url` is the base."""
    service = OpenRouterService()
    app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[_errors])
    app.router.add_post("/api/v1/images", service.draw)
    app.router.add_get("/api/v1/generation", service.generation)
    app.router.add_get("/api/v1/key", service.key)
    app.router.add_get("/api/v1/credits", service.credits)
    app.router.add_get("/api/v1/images/models", service.image_models)
    app.router.add_get("/api/v1/images/models/{author}/{slug}/endpoints", service.endpoints)
    app.router.add_get("/api/v1/models", service.models)
    async with drawing.serving(app) as url:
        service.url = f"{url}/api/v1"
        yield service
