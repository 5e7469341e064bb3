"""A strict stand-in for xAI's images: takes only what the real one documents, and says errors in its own way."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from tests.fakes.services import drawing
from tests.fakes.services.drawing import Bad

SHAPES = (
    "auto",
    "1:1",
    "3:4",
    "4:3",
    "9:16",
    "16:9",
    "2:3",
    "3:2",
    "9:19.5",
    "19.5:9",
    "9:20",
    "20:9",
    "1:2",
    "2:1",
)
NEW, OLD = "grok-imagine-image-2.0", "grok-imagine-image"
TICKS = {(NEW, "low", "1k"): 4, (NEW, "low", "2k"): 6, (NEW, "medium", "1k"): 6, (NEW, "medium", "2k"): 8}
CENT = 100_000_000  # ticks


class XAIService(drawing.Service):
    """The service, for one key."""

    async def draw(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if request.content_type != "application/json":
            raise Bad(415, "Unsupported", "Expected request with `Content-Type: application/json`")
        body = await request.json()
        model, edits = str(body.get("model")), request.path.endswith("/edits")
        if model not in (NEW, OLD):
            raise Bad(404, "Some requested entity was not found", f"The model {model} does not exist")
        known: dict[str, Any] = {
            "model": (), "prompt": (), "n": range(1, 11), "resolution": ("1k", "2k"), "response_format": ("url", "b64_json"),
            "aspect_ratio": (*SHAPES, "21:9", "5:2") if model == NEW else SHAPES, "user": (), "quality": ("low", "medium"),
        }  # fmt: skip
        if edits:
            known |= {"image": (), "images": ()}
        drawing.assert_fields(body, known, needed=("model", "prompt"))
        pictures = body.get("images", []) + ([body["image"]] if "image" in body else [])
        if edits and not 1 <= len(pictures) <= (5 if model == NEW else 3):
            raise Bad(400, "Client specified an invalid argument", "one to five images are needed")
        if any(set(one) != {"url", "type"} or one["type"] != "image_url" for one in pictures):
            raise Bad(400, "Client specified an invalid argument", "an image has a url and a type")
        given = [drawing.bytes_of(one["url"]) for one in pictures]
        self.asked.append({**body, "given": given})
        if self.trouble:
            return self.trouble.popleft()
        count = body.get("n", 1)
        self.billed += count
        cents = TICKS.get((model, body.get("quality", "medium"), body.get("resolution", "1k")), 2)
        ticks = cents * CENT * count + CENT * len(given)
        return web.json_response(answer([{"b64_json": drawing.small_picture(kind="JPEG")}] * count, ticks))

    async def key(self, request: web.Request) -> web.Response:
        self.authorize(request)
        flags = {"api_key_blocked": False, "api_key_disabled": False, "team_blocked": False}
        return web.json_response({"redacted_api_key": "xai-...x", "name": "test", "acls": ["*"], **flags})

    async def list_models(self, request: web.Request) -> web.Response:
        self.authorize(request)
        aliases = {NEW: ["grok-imagine-image-2"], OLD: ["grok-imagine-image-2026-03-02"]}
        return web.json_response({"models": [{"id": one, "aliases": aliases[one]} for one in (NEW, OLD)]})


def answer(data: list[dict], ticks: int) -> dict[str, Any]:
    """A good answer."""
    slots = [{"mime_type": "image/jpeg", "respect_moderation": True, **one} for one in data]
    return {"data": slots, "model": NEW, "usage": {"cost_in_usd_ticks": ticks}}


def error(status: int, code: str, message: str, **more: Any) -> web.Response:
    """An error as xAI says it; a wrong key is a 400 here."""
    return web.json_response(
        {"code": code, "error": message, **more}, status=400 if status == 401 else status
    )


@web.middleware
async def _errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)
    except Bad as bad:
        value = bad.code == "invalid_value"
        return error(422 if value else bad.status, "Client specified an invalid argument", bad.message)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[XAIService]:
    """The service; its `url` is the base."""
    service = XAIService()
    app = web.Application(client_max_size=128 * 1024 * 1024, middlewares=[_errors])
    app.router.add_post("/v1/images/generations", service.draw)
    app.router.add_post("/v1/images/edits", service.draw)
    app.router.add_get("/v1/api-key", service.key)
    app.router.add_get("/v1/image-generation-models", service.list_models)
    async with drawing.serving(app) as url:
        service.url = f"{url}/v1"
        yield service
