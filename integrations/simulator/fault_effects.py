"""The makings of faults: the points where one can strike, what it finds there, and the acts it is made of."""

import asyncio
import contextlib
import io
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from PIL import Image
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from integrations.simulator.operations import Ending, Plan

HUGE_BYTES = 200 * 1024 * 1024
PIECE = b"A" * 65536
HANG_S = 600.0
BOMB_EDGE_PX = 40_000


class Point(StrEnum):
    """Where in the protocol a fault can strike."""

    BEFORE = "before"  # a valid submit, nothing accepted or billed yet
    ACCEPT = "accept"  # what will become of the order is being decided
    ANSWER = "answer"  # accepted, perhaps billed; the submit's answer is due
    POLL = "poll"
    RESULT = "result"  # the links of a completed operation
    CDN = "cdn"  # a result's file is asked for
    PICTURE = "picture"  # the bytes of one picture, inline or from the CDN
    CREDITS = "credits"
    MODELS = "models"


@dataclass(slots=True, kw_only=True)
class Scene:
    """What a fault finds and may change; each point fills in what it has."""

    cut: Callable[[], None]  # drops the connection at once
    pause: Callable[[float], Awaitable[None]]  # real seconds, cut short when the simulator closes
    slow_s: float
    turn: int  # which request this is
    plan: Plan | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    link: Callable[[int, float], str] | None = None  # (index, life in seconds) -> URL
    url: str = ""
    picture: bytes = b""
    media_type: str = "image/png"


Effect = Callable[[Scene], Awaitable[Response | None]]


def envelope(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the service wraps it."""
    return JSONResponse({"detail": {"code": status, "message": message}}, status, headers=headers)


# ── Acts that answer ─────────────────────────────────────────────────────────────────────────────────


def says(status: int, message: str, **headers: str) -> Effect:
    """Answers with the service's envelope."""

    async def act(_scene: Scene) -> Response:
        return envelope(status, message, {name.replace("_", "-"): value for name, value in headers.items()})

    return act


def sends(content: str | bytes, *, status: int = 200, media_type: str = "application/json") -> Effect:
    """Answers with this very text."""

    async def act(_scene: Scene) -> Response:
        return Response(content, status, media_type=media_type)

    return act


def in_turn(*effects: Effect) -> Effect:
    """Another act at each request."""

    async def act(scene: Scene) -> Response | None:
        return await effects[scene.turn % len(effects)](scene)

    return act


def when_inline(effect: Effect) -> Effect:
    """Acts only on an answer that carries the pictures itself."""

    async def act(scene: Scene) -> Response | None:
        return await effect(scene) if "data" in scene.payload else None

    return act


def redirects(target: str | None = None) -> Effect:
    """Sends the client elsewhere; without a target, back to where it came from."""

    async def act(scene: Scene) -> Response:
        return RedirectResponse(target or scene.url, 302)

    return act


def html(status: int, title: str) -> Effect:
    """Answers with a proxy's page."""

    async def act(_scene: Scene) -> Response:
        page = (
            f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
        )
        return HTMLResponse(page, status)

    return act


def floods(head: bytes, media_type: str) -> Effect:
    """Streams far more than anybody should read, without saying how much."""

    async def act(_scene: Scene) -> Response:
        return StreamingResponse(_flood(head), media_type=media_type)

    return act


async def _flood(head: bytes) -> AsyncIterator[bytes]:
    yield head
    for _ in range(HUGE_BYTES // len(PIECE)):
        yield PIECE
        await asyncio.sleep(0)


def drips(head: bytes, media_type: str) -> Effect:
    """Sends a few bytes now and then, for ever as far as the client is concerned."""

    async def act(scene: Scene) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield head
            for _ in range(int(HANG_S)):
                await scene.pause(0.2)
                yield b"\0"

        return StreamingResponse(pieces(), media_type=media_type)

    return act


# ── Acts that cut, wait, or hang ─────────────────────────────────────────────────────────────────────


async def cuts(scene: Scene) -> Response:
    """Drops the connection without an answer."""
    scene.cut()
    await asyncio.sleep(0)
    return Response(status_code=204)  # Goes nowhere: the connection is gone.


def cuts_after(head: bytes, media_type: str) -> Effect:
    """Promises a long body, sends its beginning, and drops the connection."""

    async def act(scene: Scene) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield head
            await asyncio.sleep(0.02)  # Lets the beginning leave before the end comes.
            scene.cut()

        return StreamingResponse(
            pieces(), media_type=media_type, headers={"content-length": str(len(head) + 4096)}
        )

    return act


async def hangs(scene: Scene) -> Response:
    """Never answers."""
    await scene.pause(HANG_S)
    return await cuts(scene)


async def dawdles(scene: Scene) -> None:
    """Answers, much later."""
    await scene.pause(scene.slow_s)


# ── Acts that change what is on the table ────────────────────────────────────────────────────────────


def plans(
    *, ending: Ending = Ending.COMPLETED, error: object = None, slowness: float = 1.0, more: int = 0
) -> Effect:
    """Decides what becomes of the order."""

    async def act(scene: Scene) -> None:
        assert scene.plan is not None
        scene.plan.ending = ending
        scene.plan.error = error
        scene.plan.slowness *= slowness
        scene.plan.images = max(0, scene.plan.images + more)

    return act


def rewrites(change: Callable[[dict[str, Any]], object]) -> Effect:
    """Changes the answer's fields."""

    async def act(scene: Scene) -> None:
        change(scene.payload)

    return act


async def expires(scene: Scene) -> None:
    """Hands out links that are over already."""
    assert scene.link is not None
    for index, entry in enumerate(scene.payload["data"]):
        entry["url"] = scene.link(index, -1.0)


def links_to(url: str) -> Effect:
    """Hands out this link for every picture."""

    async def act(scene: Scene) -> None:
        for entry in scene.payload["data"]:
            entry["url"] = url

    return act


def pictures(make: Callable[[bytes], bytes], media_type: str = "image/png") -> Effect:
    """Gives other bytes for the picture, in a thread."""

    async def act(scene: Scene) -> None:
        # Where several faults strike one picture, the first may have left nothing to work on.
        with contextlib.suppress(OSError, SyntaxError, Image.DecompressionBombError):
            scene.picture = await asyncio.to_thread(make, scene.picture)
            scene.media_type = media_type

    return act


# ── Odd pictures ─────────────────────────────────────────────────────────────────────────────────────


def recoded(kind: str) -> Callable[[bytes], bytes]:
    """The same picture in another format."""

    def make(png: bytes) -> bytes:
        out = io.BytesIO()
        with Image.open(io.BytesIO(png)) as image:
            image.convert("RGB").save(out, kind, quality=85)
        return out.getvalue()

    return make


def gif(png: bytes) -> bytes:
    """A good GIF: not one of the three types that may pass."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").resize((64, 64)).quantize(32).save(out, "GIF")
    return out.getvalue()


def black(png: bytes) -> bytes:
    """What some upstreams give in place of a refused picture."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        Image.new("RGB", image.size).save(out, "PNG")
    return out.getvalue()


@cache
def bomb() -> bytes:
    """A valid PNG of 40,000 x 40,000 pixels in about 200 kB: 1.6 gigapixels to whoever decodes it."""
    row = b"\0" * (1 + BOMB_EDGE_PX // 8)
    packer = zlib.compressobj(1)
    packed = b"".join([packer.compress(row * 1000) for _ in range(BOMB_EDGE_PX // 1000)]) + packer.flush()
    header = struct.pack(">IIBBBBB", BOMB_EDGE_PX, BOMB_EDGE_PX, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunks([(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")])


def _chunks(parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
