"""A strict local Stability AI: forms and nothing else, its own errors, and a filtered picture that looks like a success."""

import base64
import contextlib
import io
import tomllib
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from aiohttp import BodyPartReader, web
from PIL import Image

from integrations import providers
from tests.fakes.services.pictures import png
from tests.fakes.services.serving import serving

KEY = "sk-local-stability-key"
RATIOS = {"16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"}
FIELDS = {
    "ultra": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset", "image", "strength"},
    "core": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset"},
    "sd3": {
        "prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset", "model", "mode", "cfg_scale",
        "image", "strength",
    },
    "edit/inpaint": {"prompt", "negative_prompt", "seed", "output_format", "style_preset", "image", "mask", "grow_mask"},
    "control/style": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "image", "fidelity"},
    "upscale/fast": {"image", "output_format"},
    "upscale/conservative": {"prompt", "negative_prompt", "seed", "output_format", "image", "creativity"},
}  # fmt: skip
LARGER = "stable-upscale-fast"
FAST_PIXELS = range(1024, 1_048_577)
SD3 = {"sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium"}
PRESETS = {
    "3d-model", "analog-film", "anime", "cinematic", "comic-book", "digital-art", "enhance", "fantasy-art", "isometric",
    "line-art", "low-poly", "modeling-compound", "neon-punk", "origami", "photographic", "pixel-art", "tile-texture",
}  # fmt: skip
NAMES = {
    400: "bad_request",
    401: "unauthorized",
    402: "payment_required",
    404: "not_found",
    429: "rate_limit",
}


def refusal(status: int, *errors: str, name: str = "") -> web.Response:
    """An error as the service writes it."""
    told = {"id": "e1", "name": name or NAMES.get(status, "internal_error"), "errors": list(errors)}
    return web.json_response(told, status=status)


class StableService:
    """Answers like the service; `endings` says why the calls to come end, or with which status."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.endings: list[str | int] = []
        self.credits = 123.5
        self.url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/user/balance", self.account),
            web.post("/v2beta/stable-image/generate/{kind}", self.draw),
            web.post("/v2beta/stable-image/{what:edit|upscale|control}/{kind}", self.draw),
        ]

    def _barred(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return None
        return refusal(401, "authorization: is invalid")

    async def account(self, request: web.Request) -> web.Response:
        return self._barred(request) or web.json_response({"credits": self.credits})

    async def draw(self, request: web.Request) -> web.Response:
        if barred := self._barred(request):
            return barred
        kind = "/".join(filter(None, [request.match_info.get("what"), request.match_info["kind"]]))
        if kind not in FIELDS:
            return refusal(404, "no such path")
        if request.content_type != "multipart/form-data":
            return refusal(400, "content-type: must be multipart/form-data")
        if request.headers.get("Accept") not in ("application/json", "image/*"):
            return refusal(400, "accept: must be image/* or application/json")
        form: dict[str, Any] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None or part.name in form:
                return refusal(400, "a part without a name, or twice the same")
            form[part.name] = await part.read() if part.filename else await part.text()
            if part.filename and not (part.headers.get("Content-Type") or "").startswith("image/"):
                return refusal(400, f"{part.name}: needs a type")
        if wrong := problem(kind, form):
            return refusal(400, wrong)
        self.calls.append({"kind": kind, **form})
        return self._ended(self.endings.pop(0) if self.endings else "SUCCESS", request)

    def _ended(self, ending: str | int, request: web.Request) -> web.Response:
        if ending == 403:
            return refusal(403, "Your request was flagged.", name="content_moderation")
        if isinstance(ending, int):
            return refusal(ending, "no")
        data = png(side=64)
        if request.headers["Accept"] == "image/*":
            return web.Response(
                body=data, content_type="image/png", headers={"finish-reason": ending, "seed": "1"}
            )
        told = {"image": base64.b64encode(data).decode(), "finish_reason": ending, "seed": 1}
        return web.json_response(told)


def problem(kind: str, form: dict[str, Any]) -> str:
    """What is wrong with a form, as the service says it; empty where nothing is."""
    odd = sorted(form.keys() - FIELDS[kind])
    image = form.get("image")
    rules = {
        f"{', '.join(odd)}: unknown": bool(odd),
        "prompt: is required": "prompt" in FIELDS[kind] and not form.get("prompt"),
        "aspect_ratio: must be one of the ratios": form.get("aspect_ratio", "1:1") not in RATIOS,
        "style_preset: must be one of the presets": form.get("style_preset", "anime") not in PRESETS,
        "seed: must be a number to 4294967294": not _is_seed(form.get("seed", "0")),
        "model: must be one of the models": kind == "sd3" and form.get("model", "sd3.5-large") not in SD3,
        "strength: goes with image": "strength" in FIELDS[kind] and ("image" in form) != ("strength" in form),
        "image: is required": "/" in kind and image is None,
        "image: at most 1048576 pixels": kind == "upscale/fast"
        and image is not None
        and not _is_small(image),
        "mask: is not a grey picture": "mask" in form and not _is_grey(form["mask"]),
        "strength: must be 0 to 1": not 0 <= float(form.get("strength", 0)) <= 1,
        "image: is not a picture": image is not None and not _is_picture(image),
    }
    if kind == "sd3":
        edits = form.get("mode") == "image-to-image"
        rules |= {
            "mode: goes with image": edits != ("image" in form),
            "aspect_ratio: only for text-to-image": edits and "aspect_ratio" in form,
            "negative_prompt: not for turbo": form.get("model", "").endswith("turbo")
            and "negative_prompt" in form,
        }
    return next((said for said, broken in rules.items() if broken), "")


def _is_seed(text: str) -> bool:
    return text.isdecimal() and int(text) <= 4_294_967_294


def _is_small(data: bytes) -> bool:
    width, height = Image.open(io.BytesIO(data)).size
    return width * height in FAST_PIXELS


def _is_grey(data: bytes) -> bool:
    opened = Image.open(io.BytesIO(data))
    return (opened.mode, opened.format) == ("L", "PNG")


def _is_picture(data: object) -> bool:
    if not isinstance(data, bytes | bytearray):
        return False
    try:
        width, height = Image.open(io.BytesIO(data)).size
    except OSError:
        return False
    return min(width, height) >= 64 and 4096 <= width * height <= 9_437_184


@contextlib.asynccontextmanager
async def stable() -> AsyncIterator[StableService]:
    """The service on a free port, for the time of one test."""
    service = StableService()
    async with serving(service.routes(), limit_bytes=10 * 1024 * 1024) as url:
        service.url = url
        yield service


@contextlib.asynccontextmanager
async def larger() -> AsyncIterator[dict[str, Any]]:
    """Sections of a configuration with the service for making pictures larger, and for nothing else."""
    offers = tomllib.loads((files(providers) / "stability_models.toml").read_text(encoding="utf-8"))["models"]
    async with stable() as service:
        yield {
            "providers": {"stability": {"api_key": KEY, "base_url": service.url}},
            "models": {one["id"]: {"enabled": False} for one in offers if one["id"] != LARGER},
        }
