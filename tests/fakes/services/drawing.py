"""What the strict stand-ins for image services share: real small pictures, scripted trouble, a port, and a house."""

import asyncio
import base64
import contextlib
import io
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from bot.configuration import config
from bot.house.app import open_app
from bot.house.building import App
from bot.job import Job
from bot.ports import Ask, Place, Requester
from tests.fakes.there import there

KEY = "sk-test-drawing-0123456789"


class Bad(Exception):
    """A request that the service doesn't take: the status and the words of its error."""

    def __init__(self, status: int, code: str, message: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.more = status, code, message or code, more


@dataclass
class Service:
    """What was asked, and what goes wrong next."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)  # the fields of each order, pictures as bytes
    billed: int = 0  # pictures
    trouble: deque[web.Response] = field(default_factory=deque)  # what the next orders are answered instead

    def authorize(self, request: web.Request) -> None:
        """Raises Bad for a key that is not ours."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Bad(401, "invalid_api_key", "Incorrect API key provided")


def small_picture(color: str = "teal", kind: str = "PNG") -> str:
    """A real picture in base64."""
    out = io.BytesIO()
    Image.new("RGB", (48, 32), color).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def assert_picture(data: bytes) -> None:
    """Raises Bad for bytes that are no picture."""
    try:
        Image.open(io.BytesIO(data)).load()
    except (UnidentifiedImageError, OSError) as error:
        raise Bad(400, "invalid_image_file", "The image data is not valid") from error


def bytes_of(data_uri: object) -> bytes:
    """The picture in a data URI. Raises Bad for anything else."""
    head, comma, data = str(data_uri).partition(";base64,")
    if not comma or head not in ("data:image/png", "data:image/jpeg", "data:image/webp"):
        raise Bad(400, "invalid_image_url", "The address is no picture")
    try:
        picture = base64.b64decode(data, validate=True)
    except ValueError as error:
        raise Bad(400, "invalid_image_url", "The address is no picture") from error
    assert_picture(picture)
    return picture


def assert_fields(body: Mapping[str, Any], known: Mapping[str, Any], *, needed: tuple[str, ...]) -> None:
    """Raises Bad for a field that is missing or unknown, or a value outside of its list (() is any text)."""
    for name in needed:
        if not body.get(name):
            raise Bad(400, "missing_required_parameter", f"Missing required parameter: '{name}'.", param=name)
    for name, value in body.items():
        if name not in known:
            raise Bad(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name)
        if known[name] and value not in known[name]:
            raise Bad(400, "invalid_value", f"Invalid value: '{value}' for '{name}'.", param=name)


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The application on a free port of this machine."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


# ── The program, with these services alone ───────────────────────────────────────────────────────────


@contextlib.asynccontextmanager
async def drawing_house(
    folder: Path, *, models: Mapping[str, Any] | None = None, **providers: Any
) -> AsyncIterator[App]:
    """The whole program at work, with the sections of these providers and without a gateway."""
    settings = config.load(
        None,
        environ={},
        store={"url": f"sqlite:///{folder}/easel.db"},
        assets={"url": str(folder / "assets")},
        providers=providers,
        models=dict(models or {}),
        quotas={"daily_allowance": 1_000_000},
        limits={"per_requester": 1000, "per_community": 1000},
        worker={"grace_s": 1},
        log={"level": "error"},
    )
    async with open_app(settings) as house:
        working = asyncio.create_task(there(house.worker).run())
        try:
            yield house
        finally:
            await there(house.worker).stop()
            await working


async def end_of(house: App, text: str) -> Job:
    """Orders as a terminal without a message would, and waits for the end."""
    ask = Ask(
        requester=Requester(surface="cli", community="local", user="mina"),
        place=Place(address=None),
        text=text,
        request_key=text,
    )
    job = (await house.studio.imagine(ask)).job
    while not job.state.ended:
        await asyncio.sleep(0.02)
        job = there(await house.store.jobs.get(job.id))
    return job
