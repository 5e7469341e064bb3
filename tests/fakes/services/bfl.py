"""A strict local Black Forest Labs: tasks that live on one cluster, polled there, and calls signed over the raw body."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, web
from PIL import Image

from tests.fakes.services.pictures import png
from tests.fakes.services.serving import serving

KEY = "bfl-local-key"
OLDER = {"prompt", "seed", "output_format", "safety_tolerance", "webhook_url", "webhook_secret"}
SIZED = OLDER | {"width", "height"}
INPUTS = {"input_image", *(f"input_image_{n}" for n in range(2, 9))}
FIELDS = {
    "flux-3-image": {"prompt", "images", "aspect_ratio", "resolution", "grounding", "safety_tolerance", "version"},
    "flux-2-max": SIZED | INPUTS | {"disable_pup"},
    "flux-2-pro": SIZED | INPUTS | {"disable_pup"},
    "flux-2-flex": SIZED | INPUTS | {"prompt_upsampling", "steps", "guidance"},
    "flux-2-klein-9b": SIZED | {"input_image", "input_image_2", "input_image_3", "input_image_4"},
    "flux-2-klein-4b": SIZED | {"input_image", "input_image_2", "input_image_3", "input_image_4"},
    "flux-kontext-max": OLDER | {"aspect_ratio", "input_image", "prompt_upsampling"},
    "flux-kontext-pro": OLDER | {"aspect_ratio", "input_image", "prompt_upsampling"},
    "flux-pro-1.1-ultra": OLDER | {"aspect_ratio", "raw", "image_prompt", "image_prompt_strength", "prompt_upsampling"},
    "flux-pro-1.1": SIZED | {"image_prompt", "prompt_upsampling"},
    "flux-pro-1.0-fill": OLDER | {"image", "mask", "steps", "guidance", "prompt_upsampling"},
    "flux-dev": SIZED | {"steps", "guidance", "prompt_upsampling"},
}  # fmt: skip
RESOLUTIONS = {"768sq", "1k", "1.5k", "2k", "4k"}
RATIOS_3 = {
    "auto", "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1", "4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21",
}  # fmt: skip
PIXELS_2, SIDE_11 = 4 * 1024 * 1024, range(256, 1441, 32)


def signed(body: bytes, secret: str) -> str:
    """The header of a genuine call."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class FluxService:
    """Answers like the service. `endings` says how the tasks to come end."""

    def __init__(self) -> None:
        self.submits: list[dict[str, Any]] = []
        self.endings: list[dict[str, Any]] = []
        self.fails: list[int] = []  # statuses of the submits to come
        self.looks: dict[str, int] = {}
        self.ends: dict[str, dict[str, Any]] = {}
        self.delivered_keys: list[str | None] = []
        self.called: set[str] = set()
        self.loses = 0  # so many answers to submits to come get lost
        self.calls = False  # whether it calls by itself, before the submit is answered
        self.pending_looks = 1  # so often a task is still under way
        self.credits = 250.0
        self.cost = 4.0  # credits of a picture
        self.url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/credits", self.account),
            web.get("/v1/get_result", self.base),
            web.get("/cluster/v1/get_result", self.look),
            web.get("/delivery/{id}.png", self.deliver),
            web.post("/v1/{model}", self.submit),
        ]

    def _barred(self, request: web.Request) -> web.Response | None:
        if request.headers.get("x-key") == KEY:
            return None
        return web.json_response({"detail": "Not authenticated"}, status=403)

    async def account(self, request: web.Request) -> web.Response:
        return self._barred(request) or web.json_response({"credits": self.credits})

    async def base(self, request: web.Request) -> web.Response:
        """The base knows a task of which it has called; others may live on another cluster."""
        if (task := request.query.get("id", "")) in self.called:
            return await self.look(request)
        return self._barred(request) or web.json_response({"id": task, "status": "Task not found"})

    async def submit(self, request: web.Request) -> web.Response:
        if barred := self._barred(request):
            return barred
        model, body = request.match_info["model"], await request.json()
        if model not in FIELDS:
            return web.json_response({"detail": "Not Found"}, status=404)
        if wrong := problem(model, body):
            where, why = wrong
            detail = [{"loc": ["body", where], "msg": why, "type": "value_error", "input": body.get(where)}]
            return web.json_response({"detail": detail}, status=422)
        self.submits.append({"model": model, **body})
        if self.fails and (status := self.fails.pop(0)) != 200:
            return web.json_response({"detail": "no"}, status=status)
        task = f"task-{len(self.submits)}"
        self.ends[task] = self.endings.pop(0) if self.endings else {"status": "Ready", "cost": self.cost}
        if self.calls and "webhook_url" in body:
            await self.call(task)
        if self.loses:
            self.loses -= 1
            assert request.transport is not None
            request.transport.close()
        root = self.url.removesuffix("/v1")
        told = {
            "id": task,
            "polling_url": f"{root}/cluster/v1/get_result?id={task}",
            "cost": 4.5,
            "output_mp": None,
        }
        return web.json_response(told)

    async def look(self, request: web.Request) -> web.Response:
        if barred := self._barred(request):
            return barred
        task = request.query.get("id", "")
        if task not in self.ends:
            return web.json_response({"id": task, "status": "Task not found"}, status=404)
        self.looks[task] = self.looks.get(task, 0) + 1
        if self.looks[task] <= self.pending_looks:
            return web.json_response({"id": task, "status": "Pending", "result": None, "progress": 0.5})
        end = self.ends[task]
        root = self.url.removesuffix("/v1")
        result = {"sample": f"{root}/delivery/{task}.png", "seed": 1} if end["status"] == "Ready" else None
        return web.json_response({"id": task, "result": result, "details": None, **end})

    async def call(self, task: str) -> int:
        """Calls whoever ordered a task, and says with which status it was answered."""
        self.called.add(task)
        submit = self.submits[int(task.removeprefix("task-")) - 1]
        body, headers = call_of(task, submit["webhook_secret"])
        async with (
            ClientSession() as client,
            client.post(submit["webhook_url"], data=body, headers=headers) as answer,
        ):
            return answer.status

    async def deliver(self, request: web.Request) -> web.Response:
        self.delivered_keys.append(request.headers.get("x-key"))
        return web.Response(body=png(), content_type="image/png")


def problem(model: str, body: dict[str, Any]) -> tuple[str, str] | None:
    """Which field is wrong, and why."""
    for name in body:
        if name not in FIELDS[model]:
            return name, "Extra inputs are not permitted"
    if not isinstance(body.get("prompt"), str):
        return "prompt", "Field required"
    if bool(body.get("webhook_url")) != bool(body.get("webhook_secret")):
        return "webhook_secret", "Both or neither"
    if model.endswith("-fill") and not {"image", "mask"} <= body.keys():
        return "mask", "Field required"
    named = sorted(body.keys() & (INPUTS | {"image_prompt", "image", "mask"}))
    given = body.get("images", []) + [body[n] for n in named]
    for one in given:
        try:
            Image.open(io.BytesIO(base64.b64decode(one, validate=True))).verify()
        except (binascii.Error, OSError):
            return "input_image", "Invalid image"
    if "mask" in body and len({_size_of(body["image"]), _size_of(body["mask"])}) > 1:
        return "mask", "Image and mask must have the same size"
    return _shape_problem(model, body)


def _size_of(picture: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(picture))).size


def _shape_problem(model: str, body: dict[str, Any]) -> tuple[str, str] | None:
    width, height = body.get("width", 1024), body.get("height", 1024)
    if model == "flux-3-image":
        if body.get("resolution", "1k") not in RESOLUTIONS:
            return "resolution", "Input should be one of the resolutions"
        if body.get("aspect_ratio", "auto") not in RATIOS_3:
            return "aspect_ratio", "Input should be one of the ratios"
    elif model.startswith("flux-2"):
        if width % 16 or height % 16 or min(width, height) < 64 or width * height > PIXELS_2:
            return "width", "Sides by 16, together to 4 MP"
    elif width not in SIDE_11 or height not in SIDE_11:
        return "width", "256 to 1440, by 32"
    return None


def call_of(task: str, secret: str) -> tuple[bytes, dict[str, str]]:
    """What the service sends to our webhook when a task is over: body and headers."""
    told = {
        "id": task,
        "status": "SUCCESS",
        "result": {"sample": "https://delivery.example/x"},
        "timestamp": "now",
    }
    body = json.dumps(told).encode()
    return body, {"x-bfl-signature": signed(body, secret), "content-type": "application/json"}


@contextlib.asynccontextmanager
async def flux() -> AsyncIterator[FluxService]:
    """The service on a free port, for the time of one test."""
    service = FluxService()
    async with serving(service.routes(), limit_bytes=64 * 1024 * 1024) as url:
        service.url = f"{url}/v1"
        yield service
