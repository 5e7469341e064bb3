"""Files and their links: signed, alive for a day, signed anew whenever the API shows them, and served."""

import dataclasses
import hashlib
import hmac
import io
import re
import time
import urllib.parse
from typing import TYPE_CHECKING, Any

from aiohttp import web
from PIL import Image

from .clock import Clock
from .faults import Fault
from .state import Request

if TYPE_CHECKING:
    from .server import DiscordServer

URL_LIFE_S = 24 * 3600.0
# A link that is shown again within the hour is the same link.
SIGNED_ANEW_S = 3600.0
# What is given with a command belongs to no message; the reference says only that it goes "after a set period".
UPLOAD_LIFE_S = 14 * 24 * 3600.0
GONE = "This content is no longer available."
PROXY = "/proxy"
PATH = re.compile(r"(?:/proxy)?(/(?:ephemeral-)?attachments/\d+/(\d+)/[A-Za-z0-9._-]+)")


@dataclasses.dataclass(eq=False)
class File:
    """A file on a person's disk, as it is dragged into a message, an option or a form."""

    filename: str
    data: bytes


@dataclasses.dataclass(eq=False)
class Attachment:
    """A stored file; `size` is (width, height) when the bytes decode as an image."""

    id: int
    filename: str
    data: bytes
    content_type: str
    links: "Links"
    channel_id: int
    created_at: float
    description: str | None = None
    size: tuple[int, int] | None = None
    ephemeral: bool = False
    # A file of a message lives with it; one that was given with a command or a form has an end of its own.
    ends_at: float | None = None

    @property
    def path(self) -> str:
        folder = "ephemeral-attachments" if self.ephemeral else "attachments"
        return f"/{folder}/{self.channel_id}/{self.id}/{urllib.parse.quote(self.filename)}"

    @property
    def url(self) -> str:
        """The link as the API would show it now."""
        return self.links.signed(self.path, self.created_at)

    @property
    def proxy_url(self) -> str:
        return self.links.signed(self.path, self.created_at, host=PROXY)

    def image(self) -> Image.Image:
        picture = Image.open(io.BytesIO(self.data))
        picture.load()
        return picture

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": str(self.id), "filename": self.filename, "size": len(self.data), "url": self.url,
            "proxy_url": self.proxy_url, "content_type": self.content_type,
        }  # fmt: skip
        if self.size:
            body |= {"width": self.size[0], "height": self.size[1]}
        if self.description is not None:
            body["description"] = self.description
        if self.ephemeral:
            body["ephemeral"] = True
        return body


class Links:
    """Signs links and knows them again; `origin` is where they are served."""

    def __init__(self, clock: Clock, secret: bytes = b"of the far side") -> None:
        self._clock = clock
        self._secret = secret
        self.origin = ""

    def signed(self, path: str, since: float, *, host: str = "") -> str:
        """`since`: a file's birth, from which the hours are counted in which its link stays the same."""
        issued = since + (self._clock.now() - since) // SIGNED_ANEW_S * SIGNED_ANEW_S
        shown, until = f"{int(issued):x}", f"{int(issued + URL_LIFE_S):x}"
        return f"{self.origin}{host}{path}?ex={until}&is={shown}&hm={self._mark(path, until, shown)}&"

    def _mark(self, path: str, until: str, shown: str) -> str:
        return hmac.new(self._secret, f"{path} {until} {shown}".encode(), hashlib.sha256).hexdigest()

    def alive(self, path: str, query: Any) -> bool:
        """Whether a link with these parameters still opens."""
        until, shown = query.get("ex", ""), query.get("is", "")
        if not hmac.compare_digest(query.get("hm", ""), self._mark(path, until, shown)):
            return False
        return int(until, 16) >= self._clock.now()

    def place(self, url: str) -> tuple[str, int] | None:
        """The path and the file's id that a link of ours has, whatever has become of it."""
        parts = urllib.parse.urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            return None
        found = PATH.fullmatch(parts.path)
        return (found[1], int(found[2])) if found else None

    def anew(self, url: str, files: dict[int, Attachment]) -> str | None:
        """The same file under a fresh link; None for what is no attachment. Whether it still exists, nobody asks."""
        place = self.place(url)
        if place is None:
            return None
        path, key = place
        since = files[key].created_at if key in files else self._clock.now()
        host = PROXY if urllib.parse.urlsplit(url).path.startswith(PROXY) else ""
        return self.signed(path, since, host=host)


class Cdn:
    """Serves files to whoever has a living link; a bot's token has no business here."""

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self.downloads: list[Request] = []

    def add_to(self, app: web.Application) -> None:
        for host in ("", PROXY):
            for folder in ("attachments", "ephemeral-attachments"):
                app.router.add_get(f"{host}/{folder}/{{channel}}/{{attachment}}/{{name}}", self.serve)

    async def serve(self, http: web.Request) -> web.StreamResponse:
        seen = Request(http.method, http.path, headers=dict(http.headers), at=self._server.clock.now())
        self.downloads.append(seen)
        if "Authorization" in http.headers:
            self._server.records.violate("token shown", f"the CDN was sent a token with {http.path}")
        faults = self._server.faults.striking(http.method, http.path)
        response = await self._answer(http, faults)
        seen.status, seen.ended = response.status, time.monotonic()
        self._server.records.changed()
        return response

    async def _answer(self, http: web.Request, faults: list[Fault]) -> web.StreamResponse:
        for fault in faults:
            await fault.wait()
            if fault.kind == "status":
                return web.Response(status=fault.status, text="<html>upstream error</html>")
        held = self._held(http)
        if held is None:
            return web.Response(status=404, text=GONE)
        if http.path.startswith(PROXY) and not held.size:
            return web.Response(status=415, text="Unsupported Media Type")
        if any(fault.kind.startswith("cut") for fault in faults):
            return await _half(http, held)
        return web.Response(body=held.data, headers={"Content-Type": held.content_type})

    def _held(self, http: web.Request) -> Attachment | None:
        """The file of a living link, as long as something holds it: a message, or its own time."""
        world, path = self._server.world, http.path.removeprefix(PROXY)
        found = world.attachments.get(int(http.match_info["attachment"]))
        if found is None or found.path != path or not world.links.alive(path, http.query):
            return None
        if found.ends_at is not None:
            return found if self._server.clock.now() < found.ends_at else None
        messages = world.channels[found.channel_id].messages.values()
        return found if any(found in one.attachments for one in messages if not one.deleted) else None


async def _half(http: web.Request, file: Attachment) -> web.StreamResponse:
    """The connection breaks in the middle of the bytes."""
    response = web.StreamResponse(
        headers={"Content-Type": file.content_type, "Content-Length": str(len(file.data))}
    )
    await response.prepare(http)
    await response.write(file.data[: len(file.data) // 2])
    if http.transport is not None:
        http.transport.abort()
    return response
