"""A strict stand-in for OpenAI's POST /v1/moderations: takes only what the real one documents."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

KEY = "sk-test-moderation"
CATEGORIES = (
    "sexual", "sexual/minors", "violence", "violence/graphic", "hate", "hate/threatening", "harassment",
    "harassment/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/intent", "self-harm/instructions",
)  # fmt: skip
MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF", "image/gif": b"GIF8"}


@dataclass
class Service:
    """What the next answers say; what was asked."""

    url: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    raw: bytes | None = None  # an answer byte for byte instead
    status: int = 200
    failures: list[int] = field(default_factory=list)  # the next answers' statuses, before `status`
    retry_after: str = ""
    asked: list[dict] = field(default_factory=list)

    async def moderate(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _error(401, "invalid_api_key")
        body = await request.json()
        if fault := _fault(body):
            return _error(400, fault)
        self.asked.append(body)
        if (status := self.failures.pop(0) if self.failures else self.status) != 200:
            answer = _error(status, "rate_limit_exceeded" if status == 429 else "server_error")
            answer.headers.update({"Retry-After": self.retry_after} if self.retry_after else {})
            return answer
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        return web.json_response(self._answer(body))

    def _answer(self, body: dict) -> dict:
        scores = dict.fromkeys(CATEGORIES, 0.001) | self.scores
        flags = {name: score > 0.5 for name, score in scores.items()}
        result = {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}
        result["category_applied_input_types"] = {name: ["text"] for name in scores}
        return {"id": "modr-1", "model": body["model"], "results": [result]}


def _fault(body: dict) -> str:
    if set(body) - {"model", "input"} or not str(body.get("model", "")).startswith("omni-moderation"):
        return "unknown_parameter"
    given = body.get("input")
    if isinstance(given, str):
        return "" if given else "empty_input"
    if not isinstance(given, list) or len(given) != 1 or given[0].get("type") != "image_url":
        return "bad_input"
    head, _, data = given[0]["image_url"]["url"].partition(";base64,")
    magic = MAGIC.get(head.removeprefix("data:"))
    return "" if magic and base64.b64decode(data, validate=True).startswith(magic) else "bad_image"


def _error(status: int, code: str) -> web.Response:
    error = {"error": {"message": code, "type": "invalid_request_error", "param": None, "code": code}}
    return web.Response(status=status, text=json.dumps(error), content_type="application/json")


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Service]:
    """The service on a free port of this machine."""
    service = Service()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/moderations", service.moderate)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    service.url = f"http://127.0.0.1:{port}/v1/"
    try:
        yield service
    finally:
        await runner.cleanup()
