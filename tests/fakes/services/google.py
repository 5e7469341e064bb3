"""A strict local Gemini API: what it doesn't know it refuses, in the service's own shape of an error."""

import base64
import binascii
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from tests.fakes.services.pictures import png
from tests.fakes.services.serving import serving

KEY = "AIza-local-key"
MODELS = {  # name -> aspect ratios beyond the ten, sizes, levels of thinking
    "gemini-nano-banana-2.1": (True, {"1K", "2K", "4K"}, {"MINIMAL", "MEDIUM", "HIGH"}),
    "gemini-3-pro-image": (False, {"1K", "2K", "4K"}, set()),
    "gemini-3.1-flash-lite-image": (False, {"1K"}, {"MINIMAL", "HIGH"}),
    "gemini-2.5-flash-image": (False, set(), set()),
}
TEN = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
FOUR = {"1:4", "4:1", "1:8", "8:1"}
MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/webp": b"RIFF"}
KNOWN = {
    "": {"contents", "generationConfig", "safetySettings", "systemInstruction"},
    "content": {"role", "parts"},
    "part": {"text", "inlineData"},
    "inlineData": {"mimeType", "data"},
    "generationConfig": {"responseModalities", "imageConfig", "thinkingConfig", "seed", "temperature"},
    "imageConfig": {"aspectRatio", "imageSize"},
    "thinkingConfig": {"thinkingLevel"},
}
Change = Callable[[dict[str, Any]], dict[str, Any]]


class Wrong(Exception):
    """What the service refuses."""

    def __init__(self, code: int, status: str, message: str, **details: Any) -> None:
        error = {"code": code, "message": message, "status": status}
        if details:
            error["details"] = [details]
        self.code, self.body = code, {"error": error}


class GeminiService:
    """Answers like the service; `next_answers` says what the calls to come meet instead."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.next_answers: list[Wrong | Change] = []
        self.url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1beta/models", self.list),
            web.post("/v1beta/models/{model}:generateContent", self.draw),
        ]

    async def list(self, request: web.Request) -> web.Response:
        return self._answer(lambda: self._listed(request))

    async def draw(self, request: web.Request) -> web.Response:
        body = _camel(await request.json())
        return self._answer(lambda: self._drawn(request, body))

    def _answer(self, answer: Callable[[], dict[str, Any]]) -> web.Response:
        try:
            return web.json_response(answer())
        except Wrong as wrong:
            return web.json_response(wrong.body, status=wrong.code)

    def _check_key(self, request: web.Request) -> None:
        key = request.headers.get("x-goog-api-key")
        if not key or "key" in request.query:
            raise Wrong(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
        if key != KEY:
            raise Wrong(400, "INVALID_ARGUMENT", "API key not valid.", reason="API_KEY_INVALID")

    def _listed(self, request: web.Request) -> dict[str, Any]:
        self._check_key(request)
        names = list(MODELS)
        start = int(request.query.get("pageToken", "0"))
        page = names[start : start + 2]  # small pages, so that they are turned
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(names) else {}
        return {"models": [{"name": f"models/{name}", "version": "1"} for name in page], **more}

    def _drawn(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_key(request)
        model = request.match_info["model"]
        if model not in MODELS:
            raise Wrong(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta.")
        self._check(body, model)
        self.calls.append({"model": model, **body})
        change = self.next_answers.pop(0) if self.next_answers else None
        if isinstance(change, Wrong):
            raise change
        inputs = sum("inlineData" in part for content in body["contents"] for part in content["parts"])
        good = good_answer(len(self.calls), inputs=inputs)
        return change(good) if change else good

    def _check(self, body: dict[str, Any], model: str) -> None:
        _only(body, "")
        if not body.get("contents"):
            raise Wrong(400, "INVALID_ARGUMENT", "contents is not specified")
        for content in body["contents"]:
            _only(content, "content")
            for part in content["parts"]:
                _check_part(part)
        config = body.get("generationConfig", {})
        _only(config, "generationConfig")
        image = config.get("imageConfig", {})
        _only(image, "imageConfig")
        thinking = config.get("thinkingConfig", {})
        _only(thinking, "thinkingConfig")
        more, sizes, levels = MODELS[model]
        _one_of(image.get("aspectRatio"), TEN | FOUR if more else TEN)
        _one_of(image.get("imageSize"), sizes)
        _one_of(thinking.get("thinkingLevel"), levels)
        if "IMAGE" not in config.get("responseModalities", []):
            raise Wrong(
                400, "INVALID_ARGUMENT", "The requested combination of response modalities is not supported"
            )


def _camel(value: Any) -> Any:
    """Names as the service takes them: it reads `mime_type` for `mimeType` too, and the SDK writes both."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): _camel(item) for name, item in value.items()}


def _only(value: dict[str, Any], kind: str) -> None:
    for name in value.keys() - KNOWN[kind]:
        raise Wrong(400, "INVALID_ARGUMENT", f'Invalid JSON payload received. Unknown name "{name}"')


def _one_of(value: str | None, values: set[str]) -> None:
    if value is not None and value not in values:
        raise Wrong(400, "INVALID_ARGUMENT", f"{value} is not supported by this model")


def _check_part(part: dict[str, Any]) -> None:
    _only(part, "part")
    if "text" in part:
        return
    _only(part["inlineData"], "inlineData")
    # The SDK writes the alphabet of addresses; the service reads both.
    part["inlineData"]["data"] = part["inlineData"]["data"].translate({ord("-"): "+", ord("_"): "/"})
    try:
        data = base64.b64decode(part["inlineData"]["data"], validate=True)
    except binascii.Error as error:
        raise Wrong(400, "INVALID_ARGUMENT", "Base64 decoding failed") from error
    if not data.startswith(MAGIC[part["inlineData"]["mimeType"]]):
        raise Wrong(400, "INVALID_ARGUMENT", "Unable to process input image")


def good_answer(number: int = 1, *, inputs: int = 0) -> dict[str, Any]:
    """Words, a draft among the thoughts, and the picture."""
    draft, whole = (base64.b64encode(png(n)).decode() for n in (1, 2))
    parts = [
        {"inlineData": {"mimeType": "image/png", "data": draft}, "thought": True},
        {"text": "Here it is."},
        {"inlineData": {"mimeType": "image/png", "data": whole}, "thoughtSignature": "c2ln"},
    ]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 10 + 258 * inputs,
            "candidatesTokenCount": 1125,
            "thoughtsTokenCount": 200,
            "totalTokenCount": 1335,
            "candidatesTokensDetails": [
                {"modality": "TEXT", "tokenCount": 5},
                {"modality": "IMAGE", "tokenCount": 1120},
            ],
        },
        "modelVersion": "1",
        "responseId": f"r{number}",
    }


@contextlib.asynccontextmanager
async def gemini() -> AsyncIterator[GeminiService]:
    """The service on a free port, for the time of one test."""
    service = GeminiService()
    async with serving(service.routes(), limit_bytes=20 * 1024 * 1024) as url:
        service.url = f"{url}/v1beta"
        yield service
