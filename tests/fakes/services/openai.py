"""A strict stand-in for OpenAI's images and models: takes only what the real one documents."""

import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from PIL import Image

from tests.fakes.services import drawing
from tests.fakes.services.drawing import Bad

SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
QUALITIES = ("auto", "low", "medium", "high")
ANY_SIZE = ("gpt-image-2", "gpt-image-2.5", "gpt-image-2.6")
ALL = ("gpt-image-2.6-sunburst", "gpt-image-2.6-flare", "gpt-image-2.5-sunburst", "gpt-image-2.5-flare",
       "gpt-image-2", "gpt-image-1.5", "gpt-image-1-mini")  # fmt: skip
TOKENS = {"low": 196, "medium": 439, "high": 1756, "xhigh": 3122, "max": 7024, "auto": 1756}
TEXT_TOKENS, IMAGE_TOKENS = 12, 750
COLORS = ("teal", "tomato", "gold", "plum")  # of one order's pictures, so that they can be told apart
ENDS = {"gpt-image-1.5": "2026-12-01", "gpt-image-1-mini": "2026-12-01"}


@dataclass
class OpenAIService(drawing.Service):
    """OpenAI, for one key."""

    models: tuple[str, ...] = ALL
    ends: dict[str, str] = field(default_factory=lambda: dict(ENDS))
    may_list: bool = True

    async def generate(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if request.content_type != "application/json":
            raise Bad(400, "invalid_content_type", "Use application/json")
        body = await request.json()
        if not isinstance(body.get("n", 1), int):
            raise Bad(400, "invalid_type", "Invalid type for 'n'", param="n")
        self._assert_known(body)
        return self._drawn(body, pictures=0)

    async def edit(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if request.content_type != "multipart/form-data":
            raise Bad(400, "invalid_content_type", "Use multipart/form-data")
        fields: dict[str, Any] = {}
        pictures: list[bytes] = []
        mask = b""
        names = set()
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            assert part.name
            if part.name in ("image", "image[]"):
                if not part.filename or not part.headers.get("Content-Type", "").startswith("image/"):
                    raise Bad(400, "invalid_image_file", "unsupported mimetype")
                pictures.append(bytes(await part.read()))
                drawing.assert_picture(pictures[-1])
                names.add(part.name)
            elif part.name == "mask":
                mask = bytes(await part.read())
            else:
                fields[part.name] = await part.text()
        if not pictures or len(pictures) > 16 or (len(pictures) > 1 and names != {"image[]"}):
            raise Bad(
                400, "missing_required_parameter", "Missing required parameter: 'image'.", param="image"
            )
        self._assert_known({**fields, "n": int(fields.get("n", "1"))})
        if mask:
            _assert_mask(mask, pictures[0])
            fields["mask"] = mask
        return self._drawn({**fields, "n": int(fields.get("n", "1")), "images": pictures}, len(pictures))

    def _assert_known(self, body: dict[str, Any]) -> None:
        model = str(body.get("model", ""))
        if model not in self.models:
            raise Bad(404, "model_not_found", f"The model '{model}' does not exist", param="model")
        new = model.startswith(("gpt-image-2.5", "gpt-image-2.6"))
        known: dict[str, Any] = {
            "model": (), "prompt": (), "n": range(1, 11), "size": () if model.startswith(ANY_SIZE) else SIZES,
            "quality": (*QUALITIES, "xhigh", "max") if new else QUALITIES,
            "background": ("auto", "opaque") if model == "gpt-image-2" else ("auto", "opaque", "transparent"),
            "output_format": ("png", "jpeg", "webp"), "moderation": ("auto", "low"), "safety_identifier": (),
        }  # fmt: skip
        if model.startswith("gpt-image-2.6"):
            known["complexity"] = ("low", "medium", "high")
        drawing.assert_fields(body, known, needed=("model", "prompt"))
        size = body.get("size", "auto")
        if size not in SIZES and not _is_size(size):
            raise Bad(400, "invalid_value", f"Invalid size '{size}'.", param="size")
        if len(body["prompt"]) > 32_000:
            raise Bad(400, "string_above_max_length", "The prompt is too long", param="prompt")

    def _drawn(self, body: dict[str, Any], pictures: int) -> web.Response:
        self.asked.append(body)
        if self.trouble:
            return self.trouble.popleft()
        count, quality = body.get("n", 1), body.get("quality", "auto")
        self.billed += count
        out, image_in = TOKENS[quality] * count, IMAGE_TOKENS * pictures
        usage = {
            "input_tokens": TEXT_TOKENS + image_in,
            "input_tokens_details": {"text_tokens": TEXT_TOKENS, "image_tokens": image_in},
            "output_tokens": out, "total_tokens": TEXT_TOKENS + image_in + out,
        }  # fmt: skip
        data = [{"b64_json": drawing.small_picture(COLORS[n % len(COLORS)])} for n in range(count)]
        told = {"background": "opaque", "output_format": "png", "size": "1024x1024", "quality": quality}
        return web.json_response({"created": 1_800_000_000, "data": data, "usage": usage, **told})

    async def list_models(self, request: web.Request) -> web.Response:
        self.authorize(request)
        if not self.may_list:
            raise Bad(
                403, "missing_scope", "You have insufficient permissions. Missing scopes: api.model.read"
            )
        data = [
            {
                "id": one,
                "object": "model",
                "created": 1,
                "owned_by": "system",
                "shutdown_date": self.ends.get(one),
            }
            for one in (*self.models, "gpt-6")
        ]
        return web.json_response({"object": "list", "data": data})


def _is_size(size: str) -> bool:
    width, x, height = size.partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        return False
    w, h = int(width), int(height)
    fits = w % 16 == 0 and h % 16 == 0 and max(w, h) <= 3840 and max(w, h) <= 3 * min(w, h)
    return fits and 655_360 <= w * h <= 8_294_400


def _assert_mask(mask: bytes, picture: bytes) -> None:
    """A PNG with an alpha channel, as large as the first picture."""
    opened = Image.open(io.BytesIO(mask))
    if opened.format != "PNG" or opened.mode not in ("RGBA", "LA") or len(mask) >= 4_000_000:
        raise Bad(400, "invalid_image_file", "Invalid mask image format - mask image missing alpha channel")
    if opened.size != Image.open(io.BytesIO(picture)).size:
        raise Bad(400, "invalid_image_file", "Mask size does not match image size")


def error(status: int, code: str, message: str = "", **more: Any) -> web.Response:
    """An error as OpenAI says it."""
    headers = more.pop("headers", None)
    kind = more.pop("type", "invalid_request_error")
    body = {"message": message or code, "type": kind, "param": None, "code": code, **more}
    return web.json_response({"error": body}, status=status, headers=headers)


@web.middleware
async def _errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)
    except Bad as bad:
        return error(bad.status, bad.code, bad.message, **bad.more)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[OpenAIService]:
    """The service; its `url` is the base."""
    service = OpenAIService()
    app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[_errors])
    app.router.add_post("/v1/images/generations", service.generate)
    app.router.add_post("/v1/images/edits", service.edit)
    app.router.add_get("/v1/models", service.list_models)
    async with drawing.serving(app) as url:
        service.url = f"{url}/v1"
        yield service
