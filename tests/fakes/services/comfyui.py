"""A strict local ComfyUI: it validates graphs as the server does, queues them, tells its progress, and draws."""

import asyncio
import contextlib
import io
import json
import re
import struct
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from PIL import Image, PngImagePlugin

KEY = "proxy-key"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FILES = ["sd_xl_base_1.0.safetensors", "sd3.5_large_fp8_scaled.safetensors"]
SAMPLERS, SCHEDULERS = ["euler", "dpmpp_2m"], ["normal", "karras", "sgm_uniform"]
LINK = "a link"
# Class -> input -> a type, or the choices; required ones all.
CLASSES: dict[str, dict[str, Any]] = {
    "CheckpointLoaderSimple": {"ckpt_name": FILES},
    "CLIPTextEncode": {"text": str, "clip": LINK},
    "EmptyLatentImage": {"width": int, "height": int, "batch_size": int},
    "EmptySD3LatentImage": {"width": int, "height": int, "batch_size": int},
    "KSampler": {
        "seed": int, "steps": int, "cfg": float, "sampler_name": SAMPLERS, "scheduler": SCHEDULERS,
        "denoise": float, "model": LINK, "positive": LINK, "negative": LINK, "latent_image": LINK,
    },
    "VAEDecode": {"samples": LINK, "vae": LINK},
    "VAEEncode": {"pixels": LINK, "vae": LINK},
    "LoadImage": {"image": "an upload"},
    "LoadImageMask": {"image": "an upload", "channel": ["alpha", "red", "green", "blue"]},
    "SetLatentNoiseMask": {"samples": LINK, "mask": LINK},
    "SaveImage": {"filename_prefix": str, "images": LINK},
    "PreviewImage": {"images": LINK},
    "PaidImageNode": {"prompt": str},
}  # fmt: skip
ENDS = {"SaveImage": "output", "PreviewImage": "temp"}
NAMES = {str: "STRING", int: "INT", float: "FLOAT"}


def picture(color: Any, size: tuple[int, int], graph: Any = None) -> bytes:
    """A real PNG, with the graph beside its pixels as SaveImage writes it."""
    info = PngImagePlugin.PngInfo()
    if graph is not None:
        info.add_text("prompt", json.dumps(graph))
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG", pnginfo=info)
    return out.getvalue()


class Run:
    """One graph in the queue."""

    def __init__(self, number: int, body: dict[str, Any], run_id: str) -> None:
        self.number, self.id, self.graph = number, run_id, body["prompt"]
        self.client = body.get("client_id", "")
        self.extra = {**body.get("extra_data", {}), "client_id": self.client}

    @property
    def told(self) -> list[Any]:
        return [self.number, self.id, self.graph, self.extra, []]


class ComfyServer:
    """`go` lets the next run end; `new` says whether it knows jobs and lets the client choose an id."""

    def __init__(self, *, new: bool = True, draws: bool = True) -> None:
        self.new, self.draws = new, draws
        self.url = ""
        self.running: Run | None = None
        self.pending: list[Run] = []
        self.history: dict[str, dict[str, Any]] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}  # type, subfolder, name
        self.uploads: list[str] = []
        self.interrupted: list[str | None] = []
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.submits = 0
        self.lose_answers = 0  # of that many submits, taken and not answered
        self.run_error: tuple[str, str] | None = None
        self.connected = asyncio.Event()
        self._numbers = 0

    # ── The door ─────────────────────────────────────────────────────────────────────────────────────

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=100 * 1024 * 1024)
        routes = [
            web.get("/prompt", self.left), web.post("/prompt", self.submit), web.get("/queue", self.queue),
            web.post("/queue", self.delete), web.get("/history", self.whole_history),
            web.get("/history/{id}", self.one_history), web.get("/view", self.view), web.get("/ws", self.ws),
            web.post("/interrupt", self.interrupt), web.post("/upload/image", self.upload),
            web.get("/system_stats", self.stats), web.get("/object_info/{name}", self.info),
        ]  # fmt: skip
        app.add_routes([*routes, *([web.post("/api/jobs/{id}/cancel", self.cancel_job)] if self.new else [])])
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """The proxy before it, which has the key; and the server's own look at Origin."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.Response(status=401, text="<h1>401 Authorization Required</h1>")
        if "Origin" in request.headers:
            return web.Response(status=403)
        return await handler(request)

    # ── Submitting ───────────────────────────────────────────────────────────────────────────────────

    async def submit(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.submits += 1
        known = {"prompt", "client_id", "prompt_id", "extra_data", "front", "number"}
        assert set(body) <= known, set(body) - known
        assert body.get("client_id"), "nobody would hear of its progress"
        run_id = f"00000000-0000-4000-8000-{self.submits:012d}"
        if self.new and "prompt_id" in body:
            run_id = body["prompt_id"]
            if not UUID.fullmatch(run_id):
                return refusal("invalid_prompt_id", "prompt_id must be a UUID")
        if (wrong := self._validate(body["prompt"])) is not None:
            return wrong
        self._numbers += 1
        run = Run(self._numbers, body, run_id)
        self.pending.append(run)
        await self._next()
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"prompt_id": run_id, "number": run.number, "node_errors": {}})

    def _validate(self, graph: Any) -> web.Response | None:
        assert isinstance(graph, dict)
        for node in graph.values():
            if node["class_type"] not in CLASSES:
                return refusal("missing_node_type", f"Node '{node['class_type']}' not found.")
        errors: dict[str, Any] = {}
        for name, node in graph.items():
            found = [e for given, want in CLASSES[node["class_type"]].items() if (e := self._wrong(graph, node, given, want))]  # fmt: skip
            if found:
                errors[name] = {"errors": found, "dependent_outputs": [], "class_type": node["class_type"]}
        if errors:
            return refusal("prompt_outputs_failed_validation", "Prompt outputs failed validation", errors)
        if not any(node["class_type"] in ENDS for node in graph.values()):
            return refusal("prompt_no_outputs", "Prompt has no outputs")
        return None

    def _wrong(self, graph: Any, node: Any, given: str, want: Any) -> dict[str, Any] | None:
        if given not in node["inputs"]:
            return complaint("required_input_missing", "Required input is missing", given)
        value = node["inputs"][given]
        if isinstance(value, list):
            linked = len(value) == 2 and value[0] in graph and isinstance(value[1], int)
            return None if linked else complaint("bad_linked_input", "Bad linked input", given)
        if want == "an upload":
            folder, _, name = value.rpartition("/")
            there = ("input", folder, name) in self.files
            return None if there else complaint("custom_validation_failed", "Custom validation failed", f"Invalid image file: {value}")  # fmt: skip
        if isinstance(want, list):
            return None if value in want else complaint("value_not_in_list", "Value not in list", f"{given}: '{value}' not in {want}")  # fmt: skip
        good = isinstance(value, (int, float) if want is float else want) and not isinstance(value, bool)
        if want == LINK or not good:
            return complaint("invalid_input_type", "Failed to convert an input value", f"{given}, {value}")
        return None

    # ── Running ──────────────────────────────────────────────────────────────────────────────────────

    async def _next(self) -> None:
        if self.running is None and self.pending:
            self.pending.sort(key=lambda run: run.number)
            self.running = self.pending.pop(0)
            await self.say(self.running, "execution_start")
            if self.draws:
                await self.go()

    async def say(self, run: Run, kind: str, **data: Any) -> None:
        socket = self.sockets.get(run.client)
        if socket is not None and not socket.closed:
            await socket.send_json({"type": kind, "data": {"prompt_id": run.id, **data}})

    async def step(self, step: int, steps: int) -> None:
        """Tells how far the running one is, with a preview that nobody has judged."""
        run = self.running
        assert run is not None
        await self.say(run, "progress", node="5", value=step, max=steps)
        await self.sockets[run.client].send_bytes(struct.pack(">II", 1, 2) + b"\x89PNG preview")

    async def go(self) -> None:
        """The running one ends."""
        run, self.running = self.running, None
        assert run is not None
        if self.run_error is not None:
            kind, message = self.run_error
            error = {"prompt_id": run.id, "node_type": "KSampler", "exception_type": kind, "exception_message": message}  # fmt: skip
            self._ended(run, {}, "error", ["execution_error", error])
        else:
            self._ended(run, self._draw(run), "success", ["execution_success", {"prompt_id": run.id}])
        await self.say(run, "executing", node=None)
        await self._next()

    def _ended(self, run: Run, outputs: Any, status: str, message: list[Any]) -> None:
        start = ["execution_start", {"prompt_id": run.id}]
        told = {"status_str": status, "completed": status == "success", "messages": [start, message]}
        self.history[run.id] = {"prompt": run.told, "outputs": outputs, "status": told, "meta": {}}

    def _draw(self, run: Run) -> dict[str, Any]:
        frame: dict[str, Any] = next(
            (n["inputs"] for n in run.graph.values() if "batch_size" in n["inputs"]), {}
        )
        size = (frame.get("width", 64) // 8, frame.get("height", 64) // 8)
        outputs: dict[str, Any] = {}
        for name, node in run.graph.items():
            if (kind := ENDS.get(node["class_type"])) is None:
                continue
            images = []
            for at in range(frame.get("batch_size", 1)):
                file = f"ComfyUI_{len(self.files):05d}_.png"
                self.files[kind, "easel", file] = picture((run.number * 40 % 256, at * 60, 90), size, run.graph)  # fmt: skip
                images.append({"filename": file, "subfolder": "easel", "type": kind})
            outputs[name] = {"images": images}
        return outputs

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────

    async def left(self, request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": len(self.pending) + bool(self.running)}})

    async def queue(self, request: web.Request) -> web.Response:
        running = [self.running.told] if self.running else []
        # A heap: in no order that would tell anything.
        return web.json_response({"queue_running": running, "queue_pending": [run.told for run in reversed(self.pending)]})  # fmt: skip

    async def whole_history(self, request: web.Request) -> web.Response:
        most = int(request.query.get("max_items", "10000"))
        return web.json_response(dict(list(self.history.items())[-most:]))

    async def one_history(self, request: web.Request) -> web.Response:
        run = request.match_info["id"]
        return web.json_response({run: self.history[run]} if run in self.history else {})

    async def view(self, request: web.Request) -> web.Response:
        place = tuple(request.query.get(name, "") for name in ("type", "subfolder", "filename"))
        data = self.files.get(place)  # type: ignore[arg-type]
        return web.Response(status=404) if data is None else web.Response(body=data, content_type="image/png")

    async def stats(self, request: web.Request) -> web.Response:
        return web.json_response({"system": {"comfyui_version": "0.34.0"}, "devices": [{"vram_free": 1}]})

    async def info(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in CLASSES:
            return web.json_response({})
        required: dict[str, Any] = {}
        for given, want in CLASSES[name].items():
            # Old and new ways to name choices are both about.
            if isinstance(want, list):
                required[given] = ["COMBO", {"options": want}] if given == "scheduler" else [want, {}]
            elif want == "an upload":
                required[given] = [["example.png"], {"image_upload": True}]
            else:
                required[given] = [NAMES.get(want, "MODEL"), {}]
        facts: dict[str, Any] = {"input": {"required": required}, "api_node": name.startswith("Paid")}
        return web.json_response({name: facts})

    async def ws(self, request: web.Request) -> web.WebSocketResponse:
        client = request.query["clientId"]
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets[client] = socket
        await socket.send_json({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client}})  # fmt: skip
        self.connected.set()
        async for _ in socket:
            pass
        return socket

    # ── Giving and stopping ──────────────────────────────────────────────────────────────────────────

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert set(form) <= {"image", "type", "subfolder", "overwrite"}, set(form)
        image = form.get("image")
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        data = image.file.read()
        Image.open(io.BytesIO(data)).verify()
        folder, name = str(form.get("subfolder", "")), f"kept-{image.filename}"
        if ".." in folder:
            return web.Response(status=400)
        self.files["input", folder, name] = data
        self.uploads.append(f"{folder}/{name}")
        return web.json_response({"name": name, "subfolder": folder, "type": str(form.get("type", "input"))})

    async def delete(self, request: web.Request) -> web.Response:
        gone = (await request.json()).get("delete", [])
        self.pending = [run for run in self.pending if run.id not in gone]
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.Response:
        """An old server reads no id: whatever runs is stopped."""
        asked = (await request.json()).get("prompt_id") if request.can_read_body else None
        self.interrupted.append(asked)
        if self.running is not None and (not self.new or asked in (None, self.running.id)):
            await self._stop()
        return web.Response()

    async def cancel_job(self, request: web.Request) -> web.Response:
        run = request.match_info["id"]
        waits = any(one.id == run for one in self.pending)
        self.pending = [one for one in self.pending if one.id != run]
        runs = self.running is not None and self.running.id == run
        if runs:
            await self._stop()
        return web.json_response({"cancelled": waits or runs})

    async def _stop(self) -> None:
        run, self.running = self.running, None
        assert run is not None
        self._ended(run, {}, "error", ["execution_interrupted", {"prompt_id": run.id}])
        await self.say(run, "execution_interrupted")
        await self._next()


def complaint(kind: str, message: str, details: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


def refusal(kind: str, message: str, errors: Any = None) -> web.Response:
    body = {"error": complaint(kind, message, ""), "node_errors": errors or {}}
    return web.json_response(body, status=400)


@contextlib.asynccontextmanager
async def comfyui(**how: bool) -> AsyncIterator[ComfyServer]:
    """The server on a free port, for the time of one test."""
    server = ComfyServer(**how)
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}"
        yield server
    finally:
        for socket in server.sockets.values():
            await socket.close()
        await runner.cleanup()
