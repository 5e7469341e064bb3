"""A local image service whose generations take as long as their prompts say; it notes each look at them.

It speaks as much of Replicate's predictions, of fal's queue and of the gateway's polling as their clients need. A
prompt ends with its seconds: "a fox, 12.5".
"""

import contextlib
import io
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image


@dataclass(slots=True)
class Generation:
    """One that is under way or over."""

    began_at: float
    duration_s: float
    looks: int = 0
    noticed_at: float | None = None

    def look(self) -> bool:
        """Whether it is over; the first to hear so has noticed it."""
        self.looks += 1
        now = time.monotonic()
        over = now >= self.began_at + self.duration_s
        if over and self.noticed_at is None:
            self.noticed_at = now
        return over

    @property
    def lag_s(self) -> float | None:
        return None if self.noticed_at is None else self.noticed_at - self.began_at - self.duration_s


@dataclass(slots=True)
class Service:
    """What was asked, and how it was looked at."""

    url: str = ""
    generations: dict[str, Generation] = field(default_factory=dict)
    _ids: Any = field(default_factory=itertools.count)

    @property
    def is_over(self) -> bool:
        return all(one.noticed_at is not None for one in self.generations.values())

    def _begin(self, prompt: str) -> str:
        id_ = f"local{next(self._ids):021}"
        self.generations[id_] = Generation(time.monotonic(), float(prompt.rpartition(", ")[2]))
        return id_

    async def predict(self, request: web.Request) -> web.Response:
        id_ = self._begin((await request.json())["input"]["prompt"])
        return web.json_response(self._prediction(id_, "starting"), status=201)

    async def prediction(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        over = self.generations[id_].look()
        return web.json_response(self._prediction(id_, "succeeded" if over else "processing"))

    def _prediction(self, id_: str, status: str) -> dict[str, Any]:
        return {
            "id": id_, "model": "local/local", "version": "hidden", "input": {}, "logs": "", "error": None,
            "output": [f"{self.url}/files/{id_}.png"] if status == "succeeded" else None,
            "status": status, "created_at": "2026-01-01T00:00:00.000Z", "metrics": {},
            "urls": {"get": f"{self.url}/v1/predictions/{id_}", "cancel": f"{self.url}/v1/predictions/{id_}/cancel"},
        }  # fmt: skip

    async def queue(self, request: web.Request) -> web.Response:
        id_ = self._begin((await request.json())["prompt"])
        base = f"{self.url}/queue/local/requests/{id_}"
        addresses = {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}
        return web.json_response({"request_id": id_, "status": "IN_QUEUE", "queue_position": 0, **addresses})

    async def status(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        over = self.generations[id_].look()
        told: dict[str, Any] = {
            "request_id": id_,
            "status": "COMPLETED" if over else "IN_PROGRESS",
            "logs": None,
            "metrics": {},
        }
        return web.json_response(told, status=200 if over else 202)

    async def result(self, request: web.Request) -> web.Response:
        return web.json_response({"images": [{"url": f"{self.url}/files/{request.match_info['id']}.png"}]})

    async def generate(self, request: web.Request) -> web.Response:
        id_ = self._begin((await request.json())["prompt"])
        return web.json_response({"operation_id": id_, "status": "processing"})

    async def operation(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        if not self.generations[id_].look():
            return web.json_response({"status": "processing"})
        return web.json_response({"status": "completed", "data": [{"url": f"{self.url}/files/{id_}.png"}]})


@contextlib.asynccontextmanager
async def timed_service() -> AsyncIterator[Service]:
    """Serves on a port of the loopback for as long as the block runs."""
    service, out = Service(), io.BytesIO()
    Image.new("RGB", (32, 32), "tomato").save(out, "PNG")

    async def file(_: web.Request) -> web.Response:
        return web.Response(body=out.getvalue(), content_type="image/png")

    app = web.Application()
    app.add_routes(
        [
            web.get("/files/{id}.png", file),
            web.post("/v1/models/{owner}/{name}/predictions", service.predict),
            web.get("/v1/predictions/{id}", service.prediction),
            web.post("/queue/local", service.queue),
            web.get("/queue/local/requests/{id}/status", service.status),
            web.get("/queue/local/requests/{id}", service.result),
            web.post("/images/generate/", service.generate),
            web.get("/images/generate/{id}/", service.operation),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()
